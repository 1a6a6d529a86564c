//! An account is met at each of its versions, and is none if it makes no sense.

use super::{Account, Telling};
use crate::serial::Serial;
use crate::wire::tests::reply::{Reply, name, record};
use crate::wire::{Message, Rtype, Section};
use crate::xfr::{Delta, Sign};

/// A change in shorthand: `-7` and `+8` are SOA records, `-a` and `+a` an address at `a.example`.
fn tell(telling: &mut Telling, change: &str) {
    let (sign, what) = change.split_at(1);
    let record = match what.parse::<u32>() {
        Ok(serial) => {
            let numbers = [serial, 3600, 600, 86400, 300].into_iter().flat_map(u32::to_be_bytes);
            record(&name("example"), Rtype::SOA, &[0, 0].into_iter().chain(numbers).collect::<Vec<_>>())
        }
        Err(_) => record(&name(&format!("{what}.example")), Rtype::A, &[192, 0, 2, 1]),
    };
    let octets = Reply::to(1, name("example"), Rtype::SOA).and(0, record).octets();
    let message = Message::parse(&octets).expect("well-formed");
    let record = message.section(Section::Answer).next().expect("one");
    telling.note(if sign == "-" { Sign::Removed } else { Sign::Added }, record).expect("it can be written");
}

/// The account of these changes that leads to this version.
fn account(changes: &str, to: u32) -> Option<Account> {
    let mut telling = Telling::new();
    changes.split(' ').for_each(|change| tell(&mut telling, change));
    telling.finish(Serial(to))
}

/// What has changed up to this version, less the SOA, in shorthand.
fn changed(account: &Account, version: u32) -> Option<Vec<String>> {
    let effects = account.effects_to(Serial(version))?;
    let without_soa = effects.net_changes().filter(|(_, record)| record.rtype() != Rtype::SOA);
    let short = |(sign, record): (Sign, crate::canonical::CanonicalRecord<'_>)| {
        let label = record.owner_name().labels().next().map(|label| String::from_utf8_lossy(label).into_owned());
        format!("{}{}", if sign == Sign::Removed { '-' } else { '+' }, label.unwrap_or_default())
    };
    Some(without_soa.map(short).collect())
}

/// I7: each version on the way has the changes of all steps up to it, and no more.
#[test]
fn i7_an_account_can_be_met_at_each_of_its_versions() {
    let account = account("-7 -a +8 +b -8 +9 +a -9 -b +12 +c", 12).expect("it makes sense");
    assert_eq!([7, 8, 9, 10, 12].map(|version| account.passes(Serial(version))), [false, true, true, false, true]);
    assert_eq!(changed(&account, 8), Some(vec!["-a".to_owned(), "+b".to_owned()]));
    assert_eq!(changed(&account, 9), Some(vec!["+b".to_owned()]), "what went and came again has not changed");
    assert_eq!(changed(&account, 12), Some(vec!["+c".to_owned()]));
    assert_eq!((changed(&account, 7), changed(&account, 10)), (None, None));
}

/// I5: an account that contradicts itself anywhere, or leads elsewhere, is none.
#[test]
fn i5_an_account_that_makes_no_sense_is_none() {
    for (changes, to) in [("-7 +8 +b -8 +9 +b", 9), ("-7 -a +8 -8 -a +9", 9), ("-7 +8 +b", 9), ("-7 -a", 8)] {
        assert!(account(changes, to).is_none(), "{changes}");
    }
    assert!(account("-7 +8", 8).is_some());
}

/// I8: an account is kept up to a limit; what is longer costs more than the zone.
#[test]
fn i8_an_account_that_is_too_long_is_none() {
    let mut telling = Telling::new();
    tell(&mut telling, "-7");
    tell(&mut telling, "+8");
    telling.account.log.resize(Delta::OCTETS, 0);
    assert!(!telling.is_too_long, "nothing came since");
    tell(&mut telling, "+a");
    let length = telling.account.log.len();
    tell(&mut telling, "+b");
    assert_eq!((telling.is_too_long, telling.account.log.len()), (true, length), "no more is kept");
    assert!(telling.finish(Serial(8)).is_none());
}
