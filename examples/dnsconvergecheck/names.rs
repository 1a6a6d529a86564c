//! The list of names of `--names`: what is asked for beyond what a side names, one name a line, its types behind it. Every
//! fault of a list is reported with its line.

use crate::list;
use crate::name::ZoneName;
use dnsconverge::compare::Asking;
use dnsconverge::present::rtype_from_text;
use hickory_proto::rr::{Name, RecordType};
use std::path::Path;

/// The names and their types as they were written; a name without types is asked for under common ones.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<(String, Vec<RecordType>)>);

impl Names {
    /// Reads a list, if there is one; `-` is standard input.
    ///
    /// # Errors
    /// The file cannot be read, or has lines that name nothing in any of the zones: all of them, each as `file:line`.
    pub(crate) fn read(path: Option<&Path>, zones: &[ZoneName]) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let (text, source) = list::read(path, "names")?;
        Self::parse(&text, &source, zones).map_err(anyhow::Error::msg)
    }

    /// Reads the lines; an error names every line at fault.
    fn parse(text: &str, source: &str, zones: &[ZoneName]) -> Result<Self, String> {
        let (mut names, mut faults) = (Vec::new(), Vec::new());
        for (number, line) in list::lines(text) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            let mut fault = |what: String| faults.push(format!("{source}:{number}: {what}"));
            let types = words.map(|word| rtype_from_text(word).map(|rtype| rtype.0.into()).ok_or(word));
            match types.collect::<Result<Vec<_>, _>>() {
                Err(word) => fault(format!("\"{}\" is no type of records", word.escape_debug())),
                Ok(_) if !zones.iter().any(|zone| within(name, zone).is_some()) => {
                    fault(format!("\"{}\" is no name in the zone", name.escape_debug()));
                }
                Ok(types) => names.push((name.to_owned(), types)),
            }
        }
        match faults.is_empty() {
            false => Err(faults.join("\n")),
            true if names.is_empty() => Err(format!("the list of names {source} names nothing: write one a line")),
            true => Ok(Self(names)),
        }
    }

    /// The same way of asking, for those of the names that are in this zone too.
    pub(crate) fn asked_in(&self, zone: &ZoneName, asking: Asking) -> Asking {
        let names = self.0.iter().filter_map(|(name, types)| Some((within(name, zone)?, types)));
        names.fold(asking, |asking, (name, types)| asking.name(&name, types))
    }
}

/// The name as it is in this zone, if it can be. With a final dot, or with the zone's name at its end, it is absolute.
fn within(name: &str, zone: &ZoneName) -> Option<Name> {
    let absolute = || name.parse::<ZoneName>().ok().map(|name| name.0).filter(|name| zone.0.zone_of(name));
    let is_absolute = name.ends_with('.') && !name.ends_with("\\.");
    if name == "@" {
        return Some(zone.0.clone());
    }
    let relative = || format!("{name}.{}", zone.to_string().trim_start_matches('.')).parse::<ZoneName>().ok();
    absolute()
        .filter(|_| is_absolute || zone.0.num_labels() > 0)
        .or_else(|| Some(relative().filter(|_| !is_absolute)?.0))
}

#[cfg(test)]
mod tests {
    use super::{Names, within};
    use crate::name::ZoneName;

    #[test]
    fn names_are_those_of_the_zone_however_they_are_written() {
        let zone: ZoneName = "example.test".parse().unwrap();
        let shown = |name: &str| within(name, &zone).map(|name| name.to_ascii());
        for name in ["www", "www.example.test", "www.EXAMPLE.test."] {
            assert_eq!(shown(name).unwrap().to_lowercase(), "www.example.test.", "{name}");
        }
        assert_eq!(shown("@").unwrap(), "example.test.");
        assert_eq!(shown("*.a").unwrap(), "*.a.example.test.");
        assert_eq!((shown("www.example.org."), shown("a..b")), (None, None));
        assert_eq!(within("org", &".".parse().unwrap()).unwrap().to_ascii(), "org.");
    }

    #[test]
    fn every_fault_has_its_file_and_line() {
        let zones = ["example.test".parse().unwrap(), "other.test".parse().unwrap()];
        assert_eq!(Names::parse("www A mx # both\n\nx.other.test.\n", "list", &zones).unwrap().0.len(), 2);
        let error = Names::parse("www\nwww B\nx.example.org.\n", "list", &zones).unwrap_err();
        assert_eq!(error, "list:2: \"B\" is no type of records\nlist:3: \"x.example.org.\" is no name in the zone");
        assert!(Names::parse("# nothing\n", "list", &zones).unwrap_err().contains("names nothing"));
    }
}
