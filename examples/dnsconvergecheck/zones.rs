//! The list of zones of `--zones`: one a line, `#` begins a comment. Every fault of a list is reported with its line.

use crate::list;
use crate::name::ZoneName;
use std::collections::HashMap;
use std::path::Path;

/// Reads a list; `-` is standard input.
///
/// # Errors
/// The file cannot be read, names no zone, or has lines that are not zones: all of them, each as `file:line`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<ZoneName>> {
    let (text, source) = list::read(path, "zones")?;
    parse(&text, &source).map_err(anyhow::Error::msg)
}

/// Reads the lines; an error names every line at fault.
fn parse(text: &str, source: &str) -> Result<Vec<ZoneName>, String> {
    let (mut zones, mut faults, mut first_seen) = (Vec::new(), Vec::new(), HashMap::new());
    for (number, written) in list::lines(text) {
        match written.parse::<ZoneName>() {
            Ok(zone) => match first_seen.insert(zone.to_string().to_lowercase(), number) {
                Some(first) => faults.push(format!("{source}:{number}: {zone} stands in line {first} already")),
                None => zones.push(zone),
            },
            Err(error) => faults.push(format!("{source}:{number}: \"{}\": {error}", written.escape_debug())),
        }
    }
    match faults.is_empty() {
        false => Err(faults.join("\n")),
        true if zones.is_empty() => Err(format!("the list of zones {source} names no zone: write one a line")),
        true => Ok(zones),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn one_zone_a_line_with_comments() {
        let zones =
            parse("# all of them\nexample.com\r\n\n  _msdcs.example.com.  # the other partition\n", "list").unwrap();
        assert_eq!(zones.iter().map(ToString::to_string).collect::<Vec<_>>(), ["example.com.", "_msdcs.example.com."]);
    }

    #[test]
    fn every_fault_has_its_file_and_line() {
        let error = parse("good.example\na..b\n192.0.2.1\nGOOD.example.\n", "list").unwrap_err();
        let lines: Vec<_> = error.lines().collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert!(lines[0].starts_with("list:2: \"a..b\""), "{error}");
        assert!(lines[1].starts_with("list:3: \"192.0.2.1\""), "{error}");
        assert_eq!(lines[2], "list:4: GOOD.example. stands in line 1 already");
    }

    #[test]
    fn a_list_without_zones_is_an_error() {
        assert!(parse("# nothing\n\n", "list").unwrap_err().contains("names no zone"));
    }

    #[test]
    fn l2_escapes_of_a_list_do_not_reach_the_terminal() {
        assert!(!parse("a\u{1b}]0;title\u{7}.example\n", "list").unwrap_err().contains('\u{1b}'));
    }
}
