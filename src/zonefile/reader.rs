//! The reader: files within files, one entry after the other.

use super::entry::{Entry, Place, Zone};
use super::error::{Fault, Stop, ZoneFileError, ZoneFileErrorKind, shortened};
use super::generate::Generate;
use super::input::{Input, InputFault};
use super::name::Naming;
use super::rdata::RdataReader;
use super::token::{Escapes, Tokens};
use super::{Dialect, Include, Options};
use crate::canonical::{CanonicalRecord, Form};
use crate::present::escape_text;
use crate::wire::{Rtype, WireName};
use std::fmt;
use std::io::Read;

/// Own limit: how many files may be included in all, since files that include two others each would grow without end.
const INCLUDED_FILES: u32 = 65_536;

/// Reads the records of one zone.
///
/// ```
/// use dnsconverge::wire::WireName;
/// use dnsconverge::zonefile::{NoIncludes, Options, Reader};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = "$TTL 1h\n@ SOA ns1 admin 1 2h 1h 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\n";
/// let zone = WireName::from_octets(b"\x07example\0")?;
/// let mut reader = Reader::new(&zone, "example.zone", text.as_bytes(), NoIncludes, Options::default());
/// let mut records = 0;
/// while let Some(record) = reader.next_record()? {
///     assert_eq!(record.ttl(), 3600);
///     records += 1;
/// }
/// assert_eq!(records, 3);
/// # Ok(())
/// # }
/// ```
pub struct Reader<'i> {
    /// How it is read.
    options: Options,
    /// The files that are open, the outermost first.
    inputs: Vec<Input<'i>>,
    /// Who opens included files.
    include: Box<dyn Include + Send + 'i>,
    /// How many files were included.
    included: u32,
    /// What was read.
    zone: Zone,
    /// The range that is being written out.
    generate: Option<Generate>,
    /// The entry that it wrote.
    generated: Vec<u8>,
    /// How many records all ranges have made or will make.
    generated_records: u64,
    /// The dialect is only known when the first octets are.
    started: bool,
    /// Why nothing more comes.
    failed: Option<ZoneFileError>,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
        f.debug_struct("Reader").field("files", &files).field("failed", &self.failed).finish_non_exhaustive()
    }
}

impl<'i> Reader<'i> {
    /// A reader of the file of that zone, which is also the first origin; `name` is what messages call the file.
    pub fn new(
        zone: &WireName,
        name: impl Into<String>,
        source: impl Read + Send + 'i,
        include: impl Include + Send + 'i,
        options: Options,
    ) -> Self {
        Self {
            options,
            inputs: vec![Input::new(name.into(), Box::new(source), *zone)],
            include: Box::new(include),
            included: 0,
            zone: Zone::new(zone, options.form, options.dialect == Dialect::Windows),
            generate: None,
            generated: Vec::new(),
            generated_records: 0,
            started: false,
            failed: None,
        }
    }

    /// The next record in the order of the file; `None` at its end, when all of it was read and was right.
    ///
    /// # Errors
    /// The first rule that the file breaks; the same again if it is called again. No record that came before may be used
    /// then.
    pub fn next_record(&mut self) -> Result<Option<CanonicalRecord<'_>>, ZoneFileError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.advance() {
            Ok(true) => Ok(Some(self.zone.record())),
            Ok(false) => Ok(None),
            Err(error) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Whether the file is read as one of the Windows DNS server; known once the first record came.
    pub fn is_windows(&self) -> bool {
        self.zone.windows
    }

    /// Reads entries up to the next record; `false` at the end of the last file.
    fn advance(&mut self) -> Result<bool, ZoneFileError> {
        loop {
            if self.generate.is_some() {
                if self.generate_next()? {
                    return Ok(true);
                }
                self.generate = None;
            }
            let Some(input) = self.inputs.last_mut() else { return Ok(false) };
            if input.is_passed() {
                if self.inputs.len() == 1 && !self.zone.has_soa {
                    return Err(self.fault(Fault::of_entry(ZoneFileErrorKind::NoSoa)));
                }
                self.inputs.pop();
                continue;
            }
            let (mut place, octets, last) = input.entry();
            let mut tokens = Tokens::new(octets, last);
            let read = self.zone.entry(&mut tokens, &mut place);
            let passed = tokens.passed();
            match read {
                Ok(Entry::Record) => {
                    input.pass(passed);
                    return Ok(true);
                }
                Ok(Entry::Nothing) => input.pass(passed),
                Ok(Entry::Origin(origin)) => {
                    input.origin = origin;
                    input.pass(passed);
                }
                Ok(Entry::Generate(generate)) => {
                    self.start_generate(generate)?;
                    self.pass(passed);
                }
                Ok(Entry::Include { path, origin, at }) => {
                    let included = self.open(&path, origin.as_ref(), at)?;
                    self.pass(passed);
                    self.inputs.push(included);
                }
                Err(Stop::Incomplete) => self.fill()?,
                Err(Stop::Fault(fault)) => return Err(self.fault(fault)),
            }
        }
    }

    /// Passes an entry of the innermost file.
    fn pass(&mut self, passed: (usize, u64)) {
        if let Some(input) = self.inputs.last_mut() {
            input.pass(passed);
        }
    }

    /// Reads more of the innermost file, and decides on the dialect at the beginning of the outermost.
    fn fill(&mut self) -> Result<(), ZoneFileError> {
        let most = self.options.entry_octets;
        let Some(input) = self.inputs.last_mut() else { return Ok(()) };
        match input.fill(most) {
            Ok(()) => {}
            Err(InputFault::Rule(kind)) => return Err(self.fault(Fault::of_entry(kind))),
            Err(InputFault::Source(error)) => {
                let fault = self.fault(Fault::of_entry(ZoneFileErrorKind::Unreadable));
                return Err(ZoneFileError { detail: escape_text(error.to_string().as_bytes()).to_string(), ..fault });
            }
        }
        if !self.started {
            self.started = true;
            self.zone.windows |= self.options.dialect == Dialect::Automatic && input.begins_as_windows();
        }
        Ok(())
    }

    /// # `$INCLUDE`
    ///
    /// Opens a file, unless there are too many or it is open already. RFC 1035 section 5.1: its origin is the one that
    /// is stated, or that of the including file, whose own does not change.
    fn open(&mut self, path: &[u8], origin: Option<&WireName>, at: usize) -> Result<Input<'i>, ZoneFileError> {
        let place = |kind| Fault { at, length: path.len(), kind };
        let Some(from) = self.inputs.last() else { return Err(self.fault(place(ZoneFileErrorKind::IncludeLimit))) };
        if self.inputs.len() > self.options.include_depth || self.included >= INCLUDED_FILES {
            return Err(self.fault(place(ZoneFileErrorKind::IncludeLimit)));
        }
        match self.include.open(path, &from.name) {
            Ok(opened) if self.inputs.iter().any(|input| input.name == opened.name) => {
                Err(self.fault(place(ZoneFileErrorKind::IncludeLimit)))
            }
            Ok(opened) => {
                self.included = self.included.saturating_add(1);
                let mut input = Input::new(opened.name, opened.source, *origin.unwrap_or(&from.origin));
                // The last owner holds within the included file, as in BIND.
                input.owner.clone_from(&from.owner);
                Ok(input)
            }
            Err(why) => {
                let fault = self.fault(place(ZoneFileErrorKind::Unreadable));
                Err(ZoneFileError { detail: escape_text(why.as_bytes()).to_string(), ..fault })
            }
        }
    }

    /// # `$GENERATE`
    ///
    /// Begins a range, if the limit allows all of it.
    fn start_generate(&mut self, generate: Generate) -> Result<(), ZoneFileError> {
        self.generated_records = self.generated_records.saturating_add(generate.remaining());
        if self.generated_records > self.options.generated_records {
            return Err(self.fault(Fault::of_entry(ZoneFileErrorKind::GenerateLimit)));
        }
        self.generate = Some(generate);
        Ok(())
    }

    /// Reads the next record of the range; `false` behind its last.
    fn generate_next(&mut self) -> Result<bool, ZoneFileError> {
        let (Some(generate), Some(input)) = (&mut self.generate, self.inputs.last_mut()) else { return Ok(false) };
        let line = generate.line;
        let stopped = match generate.write_next(&mut self.generated) {
            Some(false) => return Ok(false),
            Some(true) => {
                let mut place = Place { generated: true, ..input.entry().0 };
                match self.zone.entry(&mut Tokens::new(&self.generated, true), &mut place) {
                    Ok(Entry::Record) => return Ok(true),
                    Err(Stop::Fault(fault)) => fault.kind,
                    // What was written is one record and whole.
                    _ => ZoneFileErrorKind::Generate,
                }
            }
            None => ZoneFileErrorKind::Generate,
        };
        let detail = shortened(&self.generated);
        Err(ZoneFileError { file: input.name.clone(), line, column: 1, kind: stopped, detail })
    }

    /// The error for a fault in the entry that is being read.
    fn fault(&self, fault: Fault) -> ZoneFileError {
        match self.inputs.last() {
            Some(input) => ZoneFileError::new(&input.name, input.line, input.rest().0, fault),
            None => ZoneFileError::new("", 0, &[], fault),
        }
    }
}

/// The octets of RDATA as a zone file writes it behind the type, in one line or several in parentheses; names are relative
/// to `origin`.
///
/// Records that cannot be data of a zone (meta types) are read as well.
///
/// # Errors
/// The first rule that the text breaks, and where.
pub fn rdata_from_text(rtype: Rtype, text: &[u8], origin: &WireName, form: Form) -> Result<Vec<u8>, ZoneFileError> {
    let (mut out, mut scratch) = (Vec::new(), Vec::new());
    let naming = Naming { origin: origin.as_octets(), escapes: Escapes::Decimal };
    let mut tokens = Tokens::new(text, true);
    let read = RdataReader { tokens: &mut tokens, naming, form, out: &mut out, scratch: &mut scratch }.read(rtype);
    let fault = match read {
        Ok(()) if tokens.passed().0 == text.len() => return Ok(out),
        Ok(()) => Fault { at: tokens.passed().0, length: 0, kind: ZoneFileErrorKind::TooMuchData },
        Err(Stop::Fault(fault)) => fault,
        // Nothing follows the text.
        Err(Stop::Incomplete) => Fault { at: text.len(), length: 0, kind: ZoneFileErrorKind::MissingData },
    };
    Err(ZoneFileError::new("RDATA", 1, text, fault))
}
