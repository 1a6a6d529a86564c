//! Which verb a line has, and what a bad line is told.

use super::{Arguments, Unread, Verb, with_verb};
use clap::CommandFactory;
use std::ffi::OsString;

/// A line as the shell hands it over.
fn line(text: &str) -> Vec<OsString> {
    std::iter::once("dnsconvergecheck").chain(text.split_whitespace()).map(OsString::from).collect()
}

/// The arguments of a good line.
fn read(text: &str) -> Arguments {
    Arguments::read(line(text)).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// What a bad line is told.
fn error(text: &str) -> String {
    match Arguments::read(line(text)).unwrap_err() {
        Unread::Parser(error) => error.to_string(),
        Unread::Help(help) => panic!("help: {help}"),
    }
}

#[test]
fn the_definition_holds_together() {
    Arguments::command().debug_assert();
}

#[test]
fn check_is_the_verb_where_none_is_named() {
    assert!(matches!(read("a b example.com").verb, Verb::Check(_)));
    assert!(matches!(read("check a b example.com").verb, Verb::Check(_)));
    assert!(matches!(read("-k diff a b example.com").verb, Verb::Check(_)), "a value is no verb");
    assert!(matches!(read("-qk diff a b example.com").verb, Verb::Check(_)), "a value is no verb");
    assert!(matches!(read("--deadline 3s diff a b example.com").verb, Verb::Diff(_)));
    assert!(matches!(read("-q demo").verb, Verb::Demo(_)));
    assert!(matches!(read("@diff b example.com").verb, Verb::Check(_)), "@ makes it a server");
    assert_eq!(with_verb(line("-h")), line("-h"));
    assert_eq!(with_verb(line("-q -V")), line("-V"));
    assert_eq!(with_verb(line("")), line("check"));
}

#[test]
fn a_zone_or_a_list_but_not_both() {
    assert!(matches!(read("a b --zones list").verb, Verb::Check(check) if check.subject.zone.is_none()));
    assert!(error("a b").contains("ZONE"));
    assert!(error("a b example.com --zones list").contains("cannot be used with"));
}

#[test]
fn v9_a_destination_is_another_server() {
    assert!(error("a a example.com").contains("the source itself"));
    assert!(error("a A:53 example.com").contains("the source itself"));
    assert!(error("diff 192.0.2.1 192.0.2.1#53 example.com").contains("the source itself"));
    assert!(error("a b example.com --destination b:53").contains("named twice"));
    assert!(error("a b example.com --destination a").contains("the source itself"));
    assert!(matches!(read("a a:5353 example.com").verb, Verb::Check(_)));
}

#[test]
fn a_server_that_goes_is_not_one_that_stays() {
    assert!(error("cutover a A:53 example.com").contains("is OLD itself"));
    assert!(error("cutover a b example.com --destination a").contains("is OLD itself"));
    assert!(error("cutover a b example.com --destination b:53").contains("named twice"));
    assert!(matches!(read("cutover a a:5353 example.com").verb, Verb::Cutover(_)));
}

#[test]
fn a_side_of_diff_is_a_server_a_file_or_standard_input() {
    let side = |text: &str| super::side::side(std::ffi::OsStr::new(text));
    let chosen = |text: &str| format!("{:?}", side(text).unwrap().chosen());
    for text in ["192.0.2.1", "ns1.example", "ns1#53", "[2001:db8::1]:53", "@ns1", "@Cargo.toml", "2001:db8::1"] {
        assert!(chosen(text).starts_with("Server"), "{text}: {}", chosen(text));
    }
    // Tests run in the root of the repository, where there is such a file.
    for text in ["./ns1", "zones/x.db", "/x", r"C:\dns\x.dns", "file:ns1", "Cargo.toml"] {
        assert!(chosen(text).starts_with("File"), "{text}: {}", chosen(text));
    }
    assert_eq!(chosen("-"), "StandardInput");
    assert!(side("Cargo.toml").unwrap().ambiguity().unwrap().contains("write @Cargo.toml"));
    assert_eq!([side("./Cargo.toml"), side("@Cargo.toml")].map(|side| side.unwrap().ambiguity()), [None, None]);
    assert!(side("a b").unwrap_err().contains("./a b") && side("file:").is_err());
    assert!(error("diff ./a ./a example.com").contains("the source itself"));
    assert!(error("diff - - example.com").contains("the source itself"));
    assert!(error("diff ns1 ./a --zones list").contains("in place of --zones"));
}

#[test]
fn both_ways_makes_every_server_the_source_in_turn() {
    let Verb::Check(check) = read("a b example.com --destination c --both-ways").verb else { panic!() };
    let names = |subject: super::SubjectArguments| subject.all().map(ToString::to_string).collect::<String>();
    let turns: Vec<_> = check.subject.in_turn().into_iter().map(names).collect();
    assert!(check.is_both_ways());
    assert_eq!(turns, ["abc", "bac", "cab"]);
    let Verb::Check(check) = read("a b example.com --ad --source-key k").verb else { panic!() };
    assert!(check.is_both_ways());
    let Verb::Check(check) = read("a b example.com --ad --observe www A").verb else { panic!() };
    assert!(!check.is_both_ways());
}

#[test]
fn the_port_of_p_is_for_servers_without_one() {
    let Verb::Check(check) = read("a b#54 example.com -p 5353").verb else { panic!() };
    assert_eq!(check.network.with_port(&check.subject.source).to_string(), "a:5353");
    assert_eq!(check.network.with_port(&check.subject.destination).to_string(), "b:54");
}

#[test]
fn t14_a_server_may_have_what_is_for_it_alone() {
    let target = |text: &str| super::target::target(text);
    let ns2 = target("@ns2.example#54?key=keys/ns2.key:probe&tls=no").unwrap();
    assert_eq!((ns2.to_string().as_str(), ns2.tls), ("ns2.example:54", Some(false)));
    assert_eq!(ns2.key.as_deref(), Some(std::ffi::OsStr::new("keys/ns2.key:probe")));
    assert_eq!(target("ns2?update-key=k:b").unwrap().update_key.as_deref(), Some(std::ffi::OsStr::new("k:b")));
    let pinned = target("192.0.2.1?tls-pin=one=&tls-pin=two=&tls-hostname=ns1.example").unwrap();
    assert_eq!((pinned.tls_pins.len(), pinned.tls_hostname.as_deref()), (2, Some("ns1.example")));
    for wrong in ["ns1?", "ns1?key", "ns1?key=", "ns1?kay=bm90LWEtc2VjcmV0", "ns1?tls=perhaps"] {
        let error = target(wrong).unwrap_err();
        assert!(error.contains("key=FILE[:NAME]") && !error.contains("bm90"), "{wrong}: {error}");
    }
    let in_place = super::side::side(std::ffi::OsStr::new("ns2?key=./ns2.key")).unwrap();
    assert!(matches!(in_place, super::side::SideArgument::Server(_)), "{in_place:?}");
}

#[test]
#[cfg(not(feature = "tls"))]
fn x3_without_the_feature_an_option_of_tls_names_it() {
    for line in ["a b example.com --tls", "diff a b?tls example.com", "sweep --tls"] {
        assert!(error(line).contains("--features tls"), "{line}");
    }
}

#[test]
#[cfg(feature = "tls")]
fn x4_the_port_by_tls_is_853() {
    let Verb::Check(check) = read("a b#54 example.com --tls --destination c?tls=no").verb else { panic!() };
    let ports: Vec<_> = check.subject.all().map(|target| check.network.with_port(target).to_string()).collect();
    assert_eq!(ports, ["a:853", "b:54", "c:53"]);
    let Verb::Check(check) = read("a?tls b example.com -p 8853").verb else { panic!() };
    assert_eq!(check.network.with_port(&check.subject.source).to_string(), "a:8853");
}

#[test]
fn an_own_address_may_have_a_port() {
    for (text, shown) in [
        ("192.0.2.1", "192.0.2.1:0"),
        ("192.0.2.1#5353", "192.0.2.1:5353"),
        ("2001:db8::1", "[2001:db8::1]:0"),
        ("2001:db8::1#53", "[2001:db8::1]:53"),
        ("[2001:db8::1]:53", "[2001:db8::1]:53"),
    ] {
        assert_eq!(super::network::own_address(text).unwrap().to_string(), shown);
    }
    assert!(super::network::own_address("eth0").is_err());
    assert!(super::network::own_address("192.0.2.1#").is_err());
}

#[test]
fn t13_a_secret_is_in_no_debug_output_and_no_error() {
    let arguments = read("a b example.com -y hmac-sha256:k:bm90LWEtc2VjcmV0");
    assert!(!format!("{arguments:?}").contains("bm90"), "{arguments:?}");
    assert!(!error("a b example.com -y k:bm90LWEtc2VjcmV0 -k file").contains("bm90"));
    assert!(!error("a b example.com -y k:bm90LWEtc2VjcmV0 -y k:bm90LWEtc2VjcmV0").contains("bm90"));
}

#[test]
fn every_option_is_in_the_long_help_and_the_short_one_fits_a_screen() {
    let (short, long) = (crate::help::short(), crate::help::long());
    assert!(short.lines().count() <= 46, "{} lines", short.lines().count());
    assert!(short.lines().all(|line| line.chars().count() <= 80), "{short}");
    let command = Arguments::command();
    for arg in command.get_subcommands().flat_map(clap::Command::get_arguments) {
        let option = match (arg.get_long(), arg.get_short()) {
            (Some(long), _) => format!("--{long}"),
            (None, Some(short)) => format!("-{short}"),
            (None, None) => continue,
        };
        assert!(long.contains(&option), "--help lacks {option}");
        assert!(short.contains(&option), "-h lacks {option}");
    }
}

#[test]
fn the_sections_of_each_verb_are_shown_as_they_are_written_on_a_screen_of_80_columns() {
    let mut command = Arguments::command();
    command.build();
    for verb in command.get_subcommands_mut() {
        let (name, sections) = (verb.get_name().to_owned(), crate::help::sections(Some(verb.get_name())));
        let shown = verb.clone().term_width(80).render_long_help().to_string();
        assert!(shown.contains(&sections), "{name}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{name}: {shown}");
        assert_eq!(shown.matches("EXIT STATUS\n").count(), 1, "{name}: its own");
    }
    assert!(crate::help::sections(None).contains(crate::keys::ENVIRONMENT_KEY));
}

#[test]
fn n1_notify_is_listened_for_at_the_port_of_dns_and_for_one_zone() {
    for (text, address) in [("127.0.0.1", "127.0.0.1:53"), ("::1", "[::1]:53"), ("192.0.2.1#5353", "192.0.2.1:5353")] {
        let Verb::Check(check) = read(&format!("a b example.com --listen {text}")).verb else { panic!("check") };
        assert_eq!(check.listen, Some(address.parse().unwrap()));
    }
    assert!(error("a b --zones - --listen 127.0.0.1").contains("cannot be used with"));
    assert!(error("a b example.com --listen here").contains("not an address of this machine"));
}
