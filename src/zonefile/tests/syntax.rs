//! F1 and F2: lines, tokens and columns.

use super::ZoneFileErrorKind as Kind;
use super::*;

/// F1: owner, TTL, class and type, with what may be left out.
#[test]
fn f1_columns_in_any_order() {
    let same = "www.example. 60 IN A 192.0.2.1";
    for text in [
        "www 60 IN A 192.0.2.1",
        "www IN 60 A 192.0.2.1",
        "www.example. 1m A 192.0.2.1",
        "www\t60\tin\ta\t192.0.2.1",
        "www 60 CLASS1 TYPE1 192.0.2.1\r\n",
        "  \n\t; comment ( \" \\\nwww 60 A 192.0.2.1;comment",
        "www ( 60 IN\n A ; ) \n 192.0.2.1\n ) ; end\n",
        "( www 60 A 192.0.2.1 )",
        "www 60 A (((192.0.2.1)\r\n)) \r\n",
        "w\\119\\w 60 A 192.0.2.1",
    ] {
        assert_eq!(records(text), [same], "{text:?}");
    }
}

/// F1: a blank owner is the last one; so is a blank in the line before parentheses.
#[test]
fn f1_blank_owner_is_the_last_one() {
    let text = "a A 192.0.2.1\n A 192.0.2.2\n$ORIGIN b\n\n ; comment\n\tA 192.0.2.3\n@ A 192.0.2.4\nc A 192.0.2.5";
    let owners: Vec<String> = records(text).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(owners, ["a.example.", "a.example.", "a.example.", "b.example.", "c.b.example."]);
    let (_, error) = drain(reader(b" 60 SOA a b 1 2 3 4 5", Files::default(), Options::default()));
    assert_eq!(error.unwrap().kind, Kind::NoOwner);
}

/// F1: strings, quoted or not, with escapes.
#[test]
fn f1_strings() {
    let text =
        |data: &str| records(&format!("t TXT {data}"))[0].strip_prefix("t.example. 3600 IN TXT ").unwrap().to_owned();
    assert_eq!(text(r#"plain "two words" "" "a;b(c)" d\;e"#), r#""plain" "two words" "" "a;b(c)" "d;e""#);
    assert_eq!(text(r#""\"\\\065\000\255" a\ b"#), r#""\"\\A\000\255" "a b""#);
    assert_eq!(text("\"tab\there\" \"a\"\"b\" c\"d\""), r#""tab\009here" "a" "b" "c" "d""#);
    assert_eq!(text("( \"one\" ; comment \"\n\"two\" )"), r#""one" "two""#);
    assert_eq!(text("\"b\u{fc}cher\""), "\"b\\195\\188cher\"");
}

/// F6: the last TTL, or that of `$TTL`, or an error; never a guess.
#[test]
fn f6_missing_ttl() {
    let lifetimes = |text: &str| {
        let (lines, error) = drain(reader(text.as_bytes(), Files::default(), Options::default()));
        let lifetimes: Vec<String> = lines.iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
        (lifetimes.join(" "), error.map(|error| error.kind))
    };
    let soa = "SOA a b 1 2 3 4 99\n";
    assert_eq!(lifetimes(&format!("@ {soa}")), (String::new(), Some(Kind::NoTtl)));
    assert_eq!(lifetimes(&format!("@ 7 {soa}@ NS a\n@ 8 NS b\n@ NS c")), ("7 7 8 8".to_owned(), None));
    assert_eq!(lifetimes(&format!("$TTL 9\n@ 7 {soa}@ NS a\n@ 8 NS b\n@ NS c")), ("7 9 8 9".to_owned(), None));
    assert_eq!(lifetimes(&format!("@ 7 {soa}@ NS a\n$TTL 0\n@ NS b\n$TTL 1\n@ NS c")), ("7 7 0 1".to_owned(), None));
}

/// F1: units of a TTL, and its bounds.
#[test]
fn f1_ttl_units() {
    let ttl = |text: &str| records(&format!("a {text} A 192.0.2.1"))[0].split(' ').nth(1).unwrap().to_owned();
    assert_eq!((ttl("1h30m"), ttl("1W2D3h4M5s"), ttl("30m1h")), ("5400".into(), "788645".into(), "5400".into()));
    assert_eq!((ttl("0"), ttl("2147483647")), ("0".into(), "2147483647".into()));
    for bad in ["2147483648", "4294967296", "1x", "1h30", "1hh", "99999999w", "1-", "0x10"] {
        assert_eq!(refused(&format!("a {bad} A 192.0.2.1")), (1, 3, Kind::Ttl), "{bad}");
    }
    assert_eq!(refused("a 1 2 A 192.0.2.1"), (1, 5, Kind::SecondTtl));
}

/// F2: every error has its line and column.
#[test]
fn f2_errors_say_where() {
    let whole = "a A 192.0.2.1\n\n; comment\nb A (\n 192.0.2.2 )\n";
    for (text, at) in [
        ("c A 192.0.2.256", (6, 5, Kind::Ipv4)),
        ("c A ( ; \n\n   192.0.2.256 )", (8, 4, Kind::Ipv4)),
        ("c A\nd A 192.0.2.3", (6, 4, Kind::MissingData)),
        ("c A", (6, 4, Kind::MissingData)),
        ("c A\r\n", (6, 5, Kind::MissingData)),
        ("c", (6, 2, Kind::NoType)),
        ("c 60 IN", (6, 8, Kind::NoType)),
        ("c NOPE x", (6, 3, Kind::UnknownType)),
        ("c IN IN A 192.0.2.1", (6, 6, Kind::UnknownType)),
        ("c \"A\" 192.0.2.1", (6, 3, Kind::UnknownType)),
        (" $ORIGIN d", (6, 2, Kind::UnknownType)),
        ("c A 192.0.2.1 )", (6, 15, Kind::UnopenedParenthesis)),
        ("c A ( 192.0.2.1", (6, 5, Kind::OpenParenthesis)),
        ("c TXT \"open\nd A 192.0.2.1\"", (6, 7, Kind::OpenQuote)),
        ("c TXT \"open", (6, 7, Kind::OpenQuote)),
        ("c TXT \"open\\\n", (6, 12, Kind::Escape)),
        ("c TXT a\\", (6, 8, Kind::Escape)),
        ("c TXT \"a\\9\"", (6, 9, Kind::Escape)),
        ("c TXT a\rb", (6, 8, Kind::CarriageReturn)),
        ("c TXT a\r", (6, 8, Kind::CarriageReturn)),
        ("c TXT \u{1}", (6, 7, Kind::Control)),
        ("c TXT \"\u{7f}\"", (6, 8, Kind::Control)),
        ("\0", (6, 1, Kind::Control)),
        ("c OPT x", (6, 3, Kind::MetaType)),
        ("c TSIG x", (6, 3, Kind::MetaType)),
        ("c NXNAME", (6, 3, Kind::MetaType)),
        ("c TYPE0 \\# 0", (6, 3, Kind::MetaType)),
        ("c AXFR", (6, 3, Kind::MetaType)),
        ("c\\300 A 192.0.2.1", (6, 2, Kind::Escape)),
    ] {
        assert_eq!(refused(&format!("{whole}{text}")), at, "{text:?}");
    }
}

/// F2: the message names file, place, rule and thing, and what to do; octets of the file are escaped in it.
#[test]
fn f2_messages_name_the_thing() {
    let message = |text: &str| {
        let whole = format!("{START}{text}");
        drain(reader(whole.as_bytes(), Files::default(), Options::default())).1.unwrap().to_string()
    };
    assert_eq!(message("c A 192.0.2.256"), "db:3:5: not an IPv4 address (at: 192.0.2.256)");
    let unknown = "db:3:3: not a record type; write TYPEn for one without a name (directives begin in the first column) (at: NOPE)";
    assert_eq!(message("c NOPE x"), unknown);
    assert!(message("c TXT \"\u{1b}[2J\"").ends_with("write it as \\DDD (at: \\027)"));
    assert!(message(&format!("c {}", "N\u{fc}".repeat(500))).len() < 500);
}

/// F1: a byte order mark, and text of two octets a character.
#[test]
fn f1_byte_order_mark_is_an_error() {
    for mark in [&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"] {
        let text = [mark, START.as_bytes()].concat();
        let error = drain(reader(&text, Files::default(), Options::default())).1.unwrap();
        assert_eq!((error.line, error.column, error.kind), (1, 1, Kind::ByteOrderMark));
    }
    let files = || Files::of(&[("x", "\u{feff}a A 192.0.2.1\n")]);
    assert_eq!(refused_with("$INCLUDE x", files(), Options::default()), (1, 1, Kind::ByteOrderMark));
}
