//! Any octets as an entry of the journal. What is believed speaks of a probe below `_dnsconverge` of its zone and of
//! nothing else, so that `sweep` can delete nothing but a probe on its word; and it is written again as the same probe.
#![no_main]

use dnsconverge::probe::JournalEntry;
use dnsconverge::update;
use dnsconverge::wire::Transport;
use hickory_proto::rr::{DNSClass, RecordType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(entry) = serde_json::from_slice::<JournalEntry>(octets) else { return };
    let probe = match entry.probe() {
        Ok(probe) => probe,
        Err(error) => return assert!(!error.to_string().chars().any(char::is_control)),
    };
    let labels: Vec<&[u8]> = probe.owner().labels().collect();
    assert_eq!((labels[0].len(), labels[1].to_ascii_lowercase().as_slice()), (26, b"_dnsconverge".as_slice()));
    assert!(probe.owner().is_at_or_below(probe.zone()) && probe.owner() != probe.zone());
    let removal = update::remove(1, &probe);
    assert!(removal.answers.is_empty());
    let [deleted] = removal.authorities.as_slice() else { panic!("one record is deleted: {removal:?}") };
    assert_eq!((deleted.dns_class, deleted.ttl), (DNSClass::NONE, 0));
    assert!(matches!(deleted.record_type(), RecordType::A | RecordType::TXT));
    assert_eq!(deleted.name, probe.owner().to_name());
    let script = update::nsupdate_script(entry.server, Transport::Tcp, &probe);
    assert!(!script.replace('\n', "").chars().any(char::is_control));
    let again = JournalEntry::new(&probe, entry.server, &entry.server_as_given, entry.key_name.as_deref());
    let again = serde_json::to_vec(&again).expect("an entry is JSON");
    let again: JournalEntry = serde_json::from_slice(&again).expect("what was written is read");
    assert_eq!(again.probe().expect("a probe"), probe);
});
