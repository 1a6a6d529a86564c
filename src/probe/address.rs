//! The probe that is an A record: who made it, when, and what makes it unique all stand in the owner.

use super::{PROBE_LABEL, RunId, token};
use crate::wire::WireName;
use data_encoding::BASE32_NOPAD;

/// Letters for the run: 8 octets.
const RUN_LETTERS: usize = 13;
/// Letters for the time: 5 octets of seconds since 1970.
const TIME_LETTERS: usize = 8;

/// The owner of a probe with these random octets; `None` if it would be too long.
pub(super) fn owner(random: &[u8], run: RunId, started_unix: u64, zone: &WireName) -> Option<WireName> {
    let [_, _, _, time @ ..] = started_unix.to_be_bytes();
    let label = [token::letters(random), BASE32_NOPAD.encode(&run.0), BASE32_NOPAD.encode(&time)].concat();
    let label = label.to_ascii_lowercase();
    WireName::from_labels([label.as_bytes(), PROBE_LABEL.as_bytes()].into_iter().chain(zone.labels()))
}

/// A random address that no host has: the loopback addresses in use begin at 127.0.
pub(super) fn rdata(random: &[u8]) -> Vec<u8> {
    let mut address = vec![127];
    address.extend(random.iter().take(3));
    if let Some(second) = address.get_mut(1) {
        *second |= 0x80;
    }
    address
}

/// Run and time of a probe with this owner and RDATA, of whatever run; `None` for anything else.
pub(super) fn read(owner: &WireName, rdata: &[u8], zone: &WireName) -> Option<(RunId, u64)> {
    let label = owner.labels().next()?.to_ascii_uppercase();
    let (random, rest) = label.split_at_checked(token::OWNER_LETTERS)?;
    let (run, time) = rest.split_at_checked(RUN_LETTERS)?;
    let run = RunId(BASE32_NOPAD.decode(run).ok()?.try_into().ok()?);
    let time = BASE32_NOPAD.decode(time).ok().filter(|_| time.len() == TIME_LETTERS)?;
    let started = time.iter().fold(0, |time, octet| time << 8 | u64::from(*octet));
    let is_ours =
        matches!(rdata, [127, 0x80..=0xFF, _, _]) && token::is_random(random) && token::is_in_place(owner, zone);
    is_ours.then_some((run, started))
}
