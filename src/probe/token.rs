//! What makes a probe unique: random labels and a random token, in one exact format that can be read back.

use super::PROBE_LABEL;
use crate::wire::WireName;
use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use std::fmt;

/// Random octets behind a label: 17 have 136 bits, of which 26 letters show 130.
pub const OWNER_RANDOM_OCTETS: usize = 17;
/// Random octets behind the token: 128 bits.
pub const TOKEN_OCTETS: usize = 16;
/// Random octets that [`Probe::new`](super::Probe::new) takes: owner, token, sibling.
pub const RANDOM_OCTETS: usize = 2 * OWNER_RANDOM_OCTETS + TOKEN_OCTETS;
/// Letters of the random label: 5 bits each.
pub(super) const OWNER_LETTERS: usize = 26;
/// The first character string: what this is, and the version of the format.
const FORMAT: &str = "dnsconverge=1";

/// Names one run of the program in its probes, its journal and its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(pub [u8; 8]);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// The owner of a probe with these random octets; `None` if it would be too long.
pub(super) fn owner(random: &[u8], zone: &WireName) -> Option<WireName> {
    let label = letters(random).to_ascii_lowercase();
    WireName::from_labels([label.as_bytes(), PROBE_LABEL.as_bytes()].into_iter().chain(zone.labels()))
}

/// Random octets as letters (RFC 4648 section 6), which survive every server's handling of case.
pub(super) fn letters(random: &[u8]) -> String {
    let mut letters = BASE32_NOPAD.encode(random);
    letters.truncate(OWNER_LETTERS);
    letters
}

/// Whether these can be the letters of random octets.
pub(super) fn is_random(letters: &[u8]) -> bool {
    letters.len() == OWNER_LETTERS
        && letters.iter().all(|letter| matches!(letter.to_ascii_lowercase(), b'a'..=b'z' | b'2'..=b'7'))
}

/// Whether the name stands where probes of this zone stand.
pub(super) fn is_in_place(name: &WireName, zone: &WireName) -> bool {
    name.labels().nth(1).is_some_and(|label| label.eq_ignore_ascii_case(PROBE_LABEL.as_bytes()))
        && name.parent().and_then(|parent| parent.parent()).is_some_and(|rest| rest == *zone)
}

/// Whether this is the owner of a TXT probe in this zone, of whatever run.
pub(super) fn is_owner(name: &WireName, zone: &WireName) -> bool {
    is_random(name.labels().next().unwrap_or_default()) && is_in_place(name, zone)
}

/// Whether the second label of an uncompressed name may be [`PROBE_LABEL`]: a glance at one octet for each record.
pub(super) fn may_be_owner(name: &[u8]) -> bool {
    let second = name.first().and_then(|length| name.get(usize::from(*length) + 1));
    second.copied().map(usize::from) == Some(PROBE_LABEL.len())
}

/// The RDATA of a TXT probe (RFC 1035 section 3.3.14): character strings, each with its length.
pub(super) fn rdata(run: RunId, token: &[u8], started_unix: u64) -> Vec<u8> {
    let strings = [
        FORMAT.to_owned(),
        format!("run={run}"),
        format!("token={}", HEXLOWER.encode(token)),
        format!("time={started_unix}"),
    ];
    strings.iter().fold(Vec::new(), |mut octets, string| {
        // None of the four exceeds 38 octets.
        octets.push(u8::try_from(string.len()).unwrap_or(u8::MAX));
        octets.extend_from_slice(string.as_bytes());
        octets
    })
}

/// Run and time of RDATA that is exactly what [`rdata`] writes; `None` for anything else.
pub(super) fn read_rdata(octets: &[u8]) -> Option<(RunId, u64)> {
    let mut strings = strings(octets)?.into_iter();
    let mut field = |prefix: &str| strings.next()?.strip_prefix(prefix).map(str::to_owned);
    field(FORMAT).filter(String::is_empty)?;
    let run = RunId(HEXLOWER_PERMISSIVE.decode(field("run=")?.as_bytes()).ok()?.try_into().ok()?);
    let token = HEXLOWER_PERMISSIVE.decode(field("token=")?.as_bytes()).ok()?;
    let started = field("time=")?.parse().ok()?;
    // Written again and compared, so that every deviation (case, zeros, a fifth string) is somebody else's record.
    (token.len() == TOKEN_OCTETS && rdata(run, &token, started) == octets).then_some((run, started))
}

/// The character strings of TXT RDATA, if all of them are text.
fn strings(mut octets: &[u8]) -> Option<Vec<&str>> {
    let mut strings = Vec::new();
    while let Some((&length, rest)) = octets.split_first() {
        let (string, rest) = rest.split_at_checked(usize::from(length))?;
        strings.push(std::str::from_utf8(string).ok()?);
        octets = rest;
    }
    Some(strings)
}
