//! What the Windows DNS server writes.

use super::ZoneFileErrorKind as Kind;
use super::*;

/// A file as the server writes it, shortened.
const EXPORT: &str = ";\r\n;  Database file example.dns for Default zone scope in zone example.\r\n;      Zone version:  7\r\n;\r\n\r\n\
    @                       IN  SOA dc1.example. hostmaster.example. (\r\n\
    \t\t\t\t7            ; serial number\r\n\t\t\t\t900          ; refresh\r\n\t\t\t\t600          ; retry\r\n\
    \t\t\t\t86400        ; expire\r\n\t\t\t\t3600       ) ; default TTL\r\n\r\n;\r\n;  Zone NS records\r\n;\r\n\r\n\
    @                       NS\tdc1.example.\r\n\
    @                       0\tWINS\tL2 C900 ( 10.0.0.1 10.0.0.2 )\r\n\
    @                       WINSR\tLOCAL L2 C900 example.\r\n\
    a\\040b                  [AGE:3733240]\t1200\tA\t192.0.2.1\r\n\
    \x20                       AAAA\t2001:db8::1\r\n\
    text                    TXT\t( \"\\134\\101\" )\r\n";

/// The dialect is known by its first comment; its escapes are octal, its records may have an age and no TTL.
#[test]
fn f1_windows_file_is_read() {
    let mut reader = reader(EXPORT.as_bytes(), Files::default(), Options::default());
    reader.next_record().unwrap();
    assert!(reader.is_windows());
    let expected = [
        "example. 3600 IN NS dc1.example.",
        "example. 0 IN WINS L2 C900 ( 10.0.0.1 10.0.0.2 )",
        "example. 3600 IN WINS-R LOCAL L2 C900 example.",
        "a\\032b.example. 1200 IN A 192.0.2.1",
        "a\\032b.example. 3600 IN AAAA 2001:db8::1",
        "text.example. 3600 IN TXT \"\\\\A\"",
    ];
    assert_eq!(drain(reader), (expected.map(str::to_owned).to_vec(), None));
}

/// The dialect may be chosen, and what belongs to it is an error elsewhere.
#[test]
fn f1_windows_dialect_is_chosen() {
    let windows = Options::default().dialect(Dialect::Windows);
    let lines = records_with("a\\101 [AGE:1] 5 A 192.0.2.1", Files::default(), windows);
    assert_eq!(lines, ["aA.example. 5 IN A 192.0.2.1"]);
    assert_eq!(refused("a [AGE:1] 5 A 192.0.2.1"), (1, 3, Kind::WindowsOnly));
    for (text, at) in [
        ("a\\189 A 192.0.2.1", (1, 2, Kind::Escape)),
        ("a\\400 A 192.0.2.1", (1, 2, Kind::Escape)),
        ("a [AGE:x] 5 A 192.0.2.1", (1, 3, Kind::Age)),
        ("a [AGE:1 5 A 192.0.2.1", (1, 3, Kind::Age)),
        ("@ WINS L2 ( 10.0.0.1 )", (1, 13, Kind::Number)),
        ("@ WINS L2 C900 ( 10.0.0 )", (1, 18, Kind::Ipv4)),
    ] {
        assert_eq!(refused_with(text, Files::default(), windows), at, "{text}");
    }
    let standard = Options::default().dialect(Dialect::Standard);
    assert_eq!(drain(reader(EXPORT.as_bytes(), Files::default(), standard)).1.unwrap().kind, Kind::NoTtl);
}
