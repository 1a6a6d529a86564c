//! A received message, walked from its first octet to its last before anything in it is believed.

use super::lane;
use super::names::{Name, Names};
use super::record::ExpandedNames;
use super::{CLASS_ANY, CLASS_NONE, Cursor, RecordView, Rtype, WireError, WireErrorKind, WireName, rdata};

/// The four sections of a message (RFC 1035 section 4.1) less the question.
///
/// In an UPDATE they are prerequisite, update and additional (RFC 2136 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a message has these sections and no others")]
pub enum Section {
    /// Answer, or prerequisite.
    Answer,
    /// Authority, or update.
    Authority,
    /// Additional.
    Additional,
}

/// The kind of a message (RFC 6895 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Opcode(pub u8);

impl Opcode {
    /// Standard query.
    pub const QUERY: Self = Self(0);
    /// NOTIFY (RFC 1996).
    pub const NOTIFY: Self = Self(4);
    /// UPDATE (RFC 2136).
    pub const UPDATE: Self = Self(5);
}

/// A response code with the upper bits of OPT (RFC 6895 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rcode(pub u16);

impl Rcode {
    /// No error.
    pub const NOERROR: Self = Self(0);
    /// The server could not read the message.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// No such name.
    pub const NXDOMAIN: Self = Self(3);
    /// Not implemented.
    pub const NOTIMP: Self = Self(4);
    /// Refused by policy.
    pub const REFUSED: Self = Self(5);
    /// A name exists that should not (RFC 2136).
    pub const YXDOMAIN: Self = Self(6);
    /// An `RRset` exists that should not (RFC 2136).
    pub const YXRRSET: Self = Self(7);
    /// An `RRset` does not exist that should (RFC 2136).
    pub const NXRRSET: Self = Self(8);
    /// Not authoritative, or not authorised (RFC 2136, RFC 8945).
    pub const NOTAUTH: Self = Self(9);
    /// A name is not in the zone (RFC 2136).
    pub const NOTZONE: Self = Self(10);
    /// EDNS version not known (RFC 6891).
    pub const BADVERS: Self = Self(16);
    /// Bad or missing server cookie (RFC 7873).
    pub const BADCOOKIE: Self = Self(23);

    /// The registry's mnemonic, or `RCODEn`.
    pub fn mnemonic(self) -> std::borrow::Cow<'static, str> {
        let known = match self.0 {
            0 => "NOERROR",
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            6 => "YXDOMAIN",
            7 => "YXRRSET",
            8 => "NXRRSET",
            9 => "NOTAUTH",
            10 => "NOTZONE",
            11 => "DSOTYPENI",
            16 => "BADVERS",
            17 => "BADKEY",
            18 => "BADTIME",
            19 => "BADMODE",
            20 => "BADNAME",
            21 => "BADALG",
            22 => "BADTRUNC",
            23 => "BADCOOKIE",
            other => return format!("RCODE{other}").into(),
        };
        known.into()
    }
}

impl std::fmt::Display for Rcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.mnemonic())
    }
}

/// The twelve octets at the start (RFC 1035 section 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The message ID.
    pub id: u16,
    /// QR, opcode, AA, TC, RD, RA, Z, AD, CD and RCODE.
    pub flags: u16,
    /// QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT.
    pub counts: [u16; 4],
}

impl Header {
    /// The length in octets.
    pub const LENGTH: usize = 12;

    /// Reads the header alone, for those who must look at the ID before the rest is read.
    pub fn read(octets: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::new(octets);
        let short = |_| WireError::new(octets.len(), WireErrorKind::ShortHeader);
        let mut field = || cursor.u16().map_err(short);
        Ok(Self { id: field()?, flags: field()?, counts: [field()?, field()?, field()?, field()?] })
    }

    /// QR: whether this is a response.
    pub const fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// The kind of message.
    pub const fn opcode(self) -> Opcode {
        Opcode(((self.flags >> 11) & 0xF) as u8)
    }

    /// AA: the answer is authoritative.
    pub const fn is_authoritative(self) -> bool {
        self.flags & 0x0400 != 0
    }

    /// TC: the message was truncated.
    pub const fn is_truncated(self) -> bool {
        self.flags & 0x0200 != 0
    }

    /// RD: recursion was desired.
    pub const fn recursion_desired(self) -> bool {
        self.flags & 0x0100 != 0
    }

    /// RA: the server offers recursion.
    pub const fn recursion_available(self) -> bool {
        self.flags & 0x0080 != 0
    }

    /// The four bits of RCODE; see [`Message::rcode`] for the whole code.
    pub const fn rcode_bits(self) -> u8 {
        (self.flags & 0xF) as u8
    }
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// QNAME, case as received.
    pub name: WireName,
    /// QTYPE.
    pub rtype: Rtype,
    /// QCLASS.
    pub class: u16,
}

/// The OPT pseudo record (RFC 6891 section 6.1).
#[derive(Debug, Clone, Copy)]
pub struct Opt<'m> {
    /// The sender's UDP payload size.
    pub payload: u16,
    /// The upper eight bits of the RCODE.
    pub extended_rcode: u8,
    /// The EDNS version.
    pub version: u8,
    /// The options as sent.
    options: &'m [u8],
}

impl<'m> Opt<'m> {
    /// The options as (code, octets) in their order.
    pub fn options(&self) -> impl Iterator<Item = (u16, &'m [u8])> + use<'m> {
        let mut cursor = Cursor::new(self.options);
        std::iter::from_fn(move || {
            let code = cursor.u16().ok()?;
            let length = cursor.u16().ok()?;
            Some((code, cursor.take(usize::from(length)).ok()?))
        })
    }
}

/// A message that is whole: every count met, every name and RDATA well-formed, nothing left over.
///
/// It does not say that the message is an answer to anything: ID, question and signature are for the caller.
#[derive(Debug, Clone)]
pub struct Message<'m> {
    /// All octets of it.
    octets: &'m [u8],
    /// The header.
    header: Header,
    /// The first question.
    question: Option<Question>,
    /// The records of all three sections, OPT and TSIG taken out.
    records: Vec<RecordView<'m>>,
    /// The EDNS record.
    opt: Option<Opt<'m>>,
    /// The TSIG record.
    tsig: Option<RecordView<'m>>,
}

/// How far a walk has come.
struct Walk<'n> {
    /// The next octet.
    at: usize,
    /// How many pointers may still be followed.
    hops: usize,
    /// The names of the message.
    names: &'n mut Names,
}

impl Walk<'_> {
    /// Reads a record up to its RDATA, which is there.
    #[expect(clippy::inline_always, reason = "a record that is returned is copied; it costs a tenth of a walk")]
    #[inline(always)]
    fn head<'m>(&mut self, octets: &'m [u8], section: Section) -> Result<(RecordView<'m>, Name), WireError> {
        let short = || WireError::new(octets.len(), WireErrorKind::UnexpectedEnd);
        let at = self.at;
        let owner = self.names.read(octets, at, octets.len(), &mut self.hops)?;
        let rest = octets.get(owner.next..).and_then(<[u8]>::split_first_chunk);
        let ([t1, t2, c1, c2, l1, l2, l3, l4, r1, r2], rest) = rest.ok_or_else(short)?;
        let rdata_len = u16::from_be_bytes([*r1, *r2]);
        self.at = owner.next + 10;
        if rest.len() < usize::from(rdata_len) {
            return Err(short());
        }
        let record = RecordView {
            message: octets,
            section,
            at,
            owner_at: owner.start,
            rtype: Rtype(u16::from_be_bytes([*t1, *t2])),
            class: u16::from_be_bytes([*c1, *c2]),
            ttl: u32::from_be_bytes([*l1, *l2, *l3, *l4]),
            rdata_at: self.at,
            rdata_len,
            names: ExpandedNames::default(),
        };
        Ok((record, owner))
    }

    /// Goes on behind the RDATA if it is surely that of its type; gives the name with which it ends, if there is one.
    #[inline]
    fn lane(&mut self, record: &RecordView<'_>) -> Option<Name> {
        let end = self.at + usize::from(record.rdata_len);
        let last = lane::read(record.rtype, self.at, end, record.message, self.names, &mut self.hops)?;
        self.at = end;
        Some(last)
    }

    /// A cursor from here to this offset.
    fn cursor<'m>(&self, octets: &'m [u8], end: usize) -> Cursor<'m> {
        Cursor::with_hops(octets, self.at, end, self.hops)
    }

    /// Goes on where a cursor has come to.
    fn go_on_behind(&mut self, cursor: &mut Cursor<'_>) {
        (self.at, self.hops) = (cursor.position(), *cursor.hops());
    }
}

impl<'m> Message<'m> {
    /// Walks the whole message.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(octets: &'m [u8]) -> Result<Self, WireError> {
        let mut answers = Vec::new();
        let mut keep = |record: &RecordView<'_>| answers.push(record.without_names(octets));
        let mut message = Self::walk(octets, &mut Names::default(), &mut keep)?;
        answers.append(&mut message.records);
        Ok(Self { records: answers, ..message })
    }

    /// Walks the whole message and gives away the records of its answer section, each as soon as it was walked, with its
    /// names; [`records`](Self::records) are the others. `names` is what another message has left, or new.
    ///
    /// What was given away is worth nothing if there is an error.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub(crate) fn walk(
        octets: &'m [u8],
        names: &mut Names,
        answer: &mut impl FnMut(&RecordView<'_>),
    ) -> Result<Self, WireError> {
        let header = Header::read(octets)?;
        let mut message = Self { octets, header, question: None, records: Vec::new(), opt: None, tsig: None };
        names.begin(octets);
        let mut walk = Walk { at: Header::LENGTH, hops: octets.len().saturating_mul(4), names };
        let [questions, counts @ ..] = header.counts;
        for _ in 0..questions {
            walk.names.read(octets, walk.at, octets.len(), &mut usize::from(u16::MAX))?;
            let mut cursor = walk.cursor(octets, octets.len());
            let question = Question { name: cursor.name()?, rtype: Rtype(cursor.u16()?), class: cursor.u16()? };
            walk.go_on_behind(&mut cursor);
            message.question.get_or_insert(question);
        }
        for (section, count) in [Section::Answer, Section::Authority, Section::Additional].into_iter().zip(counts) {
            for _ in 0..count {
                let (record, owner) = walk.head(octets, section)?;
                let last = if section == Section::Answer { walk.lane(&record) } else { None };
                if last.is_none() && !message.is_data(&record, &mut walk)? {
                    continue;
                }
                if section == Section::Answer {
                    let (owner, last) = (walk.names.text(owner), walk.names.text(last.unwrap_or(Name::NONE)));
                    answer(&RecordView { names: ExpandedNames { owner, last }, ..record });
                } else {
                    message.records.push(record);
                }
            }
        }
        if walk.at < octets.len() {
            return Err(WireError::new(walk.at, WireErrorKind::TrailingOctets));
        }
        Ok(message)
    }

    /// Walks the RDATA of a record by the table; `false` if it is a pseudo record, which is put where it belongs.
    fn is_data(&mut self, view: &RecordView<'m>, walk: &mut Walk<'_>) -> Result<bool, WireError> {
        let fail = |kind| Err(WireError::new(view.at, kind));
        let RecordView { section, rtype, class, ttl, rdata_len, .. } = *view;
        let mut window = walk.cursor(self.octets, walk.at + usize::from(rdata_len));
        if self.tsig.is_some() {
            // RFC 8945 section 5.1: the TSIG record "MUST be the last RR in the additional section".
            return fail(WireErrorKind::MisplacedTsig);
        }
        let additional = section == Section::Additional;
        let is_data = match rtype {
            Rtype::OPT if !additional || self.opt.is_some() || view.owner()? != WireName::ROOT => {
                return fail(WireErrorKind::MisplacedOpt);
            }
            Rtype::OPT => {
                let [extended_rcode, version, ..] = ttl.to_be_bytes();
                self.opt = Some(Opt { payload: class, extended_rcode, version, options: view.rdata_octets() });
                while window.remaining() > 0 {
                    window.u16()?;
                    let length = window.u16()?;
                    window.take(usize::from(length))?;
                }
                false
            }
            Rtype::TSIG if !additional => return fail(WireErrorKind::MisplacedTsig),
            Rtype::TSIG => {
                self.tsig = Some(*view);
                window.take_rest();
                false
            }
            _ if self.is_update_form(section, rtype, class, rdata_len) => true,
            // RFC 2930 section 4: a TKEY record answers a question for TKEY, or stands in the additional section.
            Rtype::TKEY if additional || self.question.is_some_and(|asked| asked.rtype == Rtype::TKEY) => {
                rdata::check_received(rtype, &mut window)?;
                true
            }
            _ if rtype.is_meta() => return fail(WireErrorKind::MetaType),
            _ => {
                rdata::check_received(rtype, &mut window)?;
                true
            }
        };
        walk.go_on_behind(&mut window);
        Ok(is_data)
    }

    /// Whether the record is a prerequisite or deletion that names an owner or an `RRset` and no data.
    ///
    /// RFC 2136 sections 2.4 and 2.5: class ANY or NONE, no RDATA, and type ANY where all types are meant; servers echo
    /// them. No other meta type is allowed there (section 3.4.1.2).
    fn is_update_form(&self, section: Section, rtype: Rtype, class: u16, rdata_len: u16) -> bool {
        self.header.opcode() == Opcode::UPDATE
            && section != Section::Additional
            && matches!(class, CLASS_ANY | CLASS_NONE)
            && rdata_len == 0
            && (rtype == Rtype::ANY || !rtype.is_meta())
    }

    /// The header.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The first question, if there is one; the header says how many there were.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// The whole response code: header and OPT (RFC 6891 section 6.1.3).
    pub fn rcode(&self) -> Rcode {
        let upper = self.opt.map_or(0, |opt| u16::from(opt.extended_rcode));
        Rcode(upper << 4 | u16::from(self.header.rcode_bits()))
    }

    /// The records of all sections in their order, OPT and TSIG taken out.
    pub fn records(&self) -> &[RecordView<'m>] {
        &self.records
    }

    /// The records of one section, OPT and TSIG taken out.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &RecordView<'m>> {
        self.records.iter().filter(move |record| record.section == section)
    }

    /// The EDNS record.
    pub fn opt(&self) -> Option<&Opt<'m>> {
        self.opt.as_ref()
    }

    /// The TSIG record; it was the last of the message.
    pub fn tsig(&self) -> Option<&RecordView<'m>> {
        self.tsig.as_ref()
    }

    /// All octets as received.
    pub fn octets(&self) -> &'m [u8] {
        self.octets
    }
}
