//! F1: `$ORIGIN`, `$TTL`, `$INCLUDE` and `$GENERATE`.

use super::ZoneFileErrorKind as Kind;
use super::*;

/// F1: origins, relative to one another.
#[test]
fn f1_origin() {
    let text = "$ORIGIN a\nx A 192.0.2.1\n$origin b\nx A 192.0.2.2\n$ORIGIN example.\nx A 192.0.2.3\n$ORIGIN .\nx.example A 192.0.2.4";
    let owners: Vec<String> = records(text).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(owners, ["x.a.example.", "x.b.a.example.", "x.example.", "x.example."]);
}

/// F2: a directive that is not known, or has other parts than it should.
#[test]
fn f2_bad_directives_are_errors() {
    for (text, at) in [
        ("$NOPE x", (1, 1, Kind::UnknownDirective)),
        ("$DATE 20240101000000", (1, 1, Kind::UnknownDirective)),
        ("$ORIGIN", (1, 8, Kind::Directive)),
        ("$ORIGIN a b", (1, 11, Kind::Directive)),
        ("$ORIGIN a..b", (1, 11, Kind::EmptyLabel)),
        ("$TTL", (1, 5, Kind::Directive)),
        ("$TTL 1 2", (1, 8, Kind::Directive)),
        ("$TTL x", (1, 6, Kind::Ttl)),
        ("$TTL 2147483648", (1, 6, Kind::Ttl)),
        ("$INCLUDE", (1, 9, Kind::Directive)),
        ("$INCLUDE a b c", (1, 14, Kind::Directive)),
    ] {
        assert_eq!(refused(text), at, "{text}");
    }
}

/// F1: an included file has the origin that is stated, or that of the file around it, whose own stays.
#[test]
fn f1_include() {
    let files = || {
        Files::of(&[
            ("one", "x A 192.0.2.1\n$ORIGIN deep\ny A 192.0.2.2\n$INCLUDE \"t w o\" sub\n"),
            ("t w o", " A 192.0.2.3\nz A 192.0.2.4"),
        ])
    };
    let text = "$INCLUDE one\na A 192.0.2.5\n$INCLUDE one other.example. ; again\n A 192.0.2.6\n";
    let lines = records_with(text, files(), Options::default());
    let owners: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let expected = "x.example. y.deep.example. y.deep.example. z.sub.deep.example. a.example. \
                    x.other.example. y.deep.other.example. y.deep.other.example. z.sub.deep.other.example. a.example.";
    assert_eq!(owners.join(" "), expected);
}

/// F1: who opens files decides; by [`NoIncludes`] none is.
#[test]
fn f1_include_is_the_callers_to_allow() {
    let text = format!("{START}$INCLUDE /etc/shadow\n");
    let mut reader = Reader::new(&named("example"), "db", text.as_bytes(), NoIncludes, Options::default());
    assert!(reader.next_record().is_ok());
    let error = reader.next_record().unwrap_err();
    assert_eq!(error.to_string(), "db:3:10: it cannot be read (at: /etc/shadow: $INCLUDE is not allowed here)");
    assert_eq!(refused("$INCLUDE nowhere").2, Kind::Unreadable);
}

/// F2: an error in an included file names that file.
#[test]
fn f2_errors_name_the_included_file() {
    let text = format!("{START}$INCLUDE one\n");
    let files = Files::of(&[("one", "\n\nx A nope\n")]);
    let error = drain(reader(text.as_bytes(), files, Options::default())).1.unwrap();
    assert_eq!((error.file.as_str(), error.line, error.column), ("one", 3, 5));
}

/// F7: files that include one another, and too many levels of them.
#[test]
fn f7_include_loops_are_errors() {
    let looped = || Files::of(&[("a", "$INCLUDE b"), ("b", "\n$INCLUDE a")]);
    assert_eq!(refused_with("$INCLUDE a", looped(), Options::default()).2, Kind::IncludeLimit);
    let deep = || Files::of(&[("1", "$INCLUDE 2"), ("2", "$INCLUDE 3"), ("3", "x A 192.0.2.1")]);
    assert_eq!(refused_with("$INCLUDE 1", deep(), Options::default().include_depth(2)).2, Kind::IncludeLimit);
    assert_eq!(records_with("$INCLUDE 1", deep(), Options::default().include_depth(3)).len(), 1);
}

/// F1: `$GENERATE`, as `named-compilezone` of BIND 9.18.49 writes the same file out.
#[test]
fn f1_generate() {
    let text = "$GENERATE 1-3 a$ A 192.0.2.$\n$GENERATE 0-10/5 b${1,3,d} 300 IN CNAME c${0,4,x}.example.net.\n\
                $GENERATE 8-10/2 ${0,0,o}.o TXT \"$$ $ \\$ text\"\n$GENERATE 300-300 ${0,0,n}.n PTR x${0,5,N}y\n\
                $GENERATE 300-300 ${0,7,n}w7 PTR x\n$GENERATE 300-300 ${0,8,n}w8 PTR x\n$GENERATE 300-300 ${0,4,N}w4 PTR x\n\
                $GENERATE 300-300 ${-5,5,X}w4 PTR x\n$GENERATE 5-5 m$ MX \"10 mail$\"\n";
    let expected = [
        "a1.example. 3600 IN A 192.0.2.1",
        "a2.example. 3600 IN A 192.0.2.2",
        "a3.example. 3600 IN A 192.0.2.3",
        "b001.example. 300 IN CNAME c0000.example.net.",
        "b006.example. 300 IN CNAME c0005.example.net.",
        "b011.example. 300 IN CNAME c000a.example.net.",
        "10.o.example. 3600 IN TXT \"$\" \"8\" \"$\" \"text\"",
        "12.o.example. 3600 IN TXT \"$\" \"10\" \"$\" \"text\"",
        "c.2.1.n.example. 3600 IN PTR xC.2.1y.example.",
        "c.2.1.0w7.example. 3600 IN PTR x.example.",
        "c.2.1.0.w8.example. 3600 IN PTR x.example.",
        "C.2.1w4.example. 3600 IN PTR x.example.",
        "00127w4.example. 3600 IN PTR x.example.",
        "m5.example. 3600 IN MX 10 mail5.example.",
    ];
    assert_eq!(records(text), expected);
    let after = records("a A 192.0.2.1\n$GENERATE 1-1 g$ A 192.0.2.$\n A 192.0.2.2");
    assert!(after[2].starts_with("a.example."), "what is generated is not the owner of what follows");
}

/// F2: what is wrong in a `$GENERATE`, and in what it makes.
#[test]
fn f2_bad_generate_is_an_error() {
    for (text, at) in [
        ("$GENERATE", (1, 10, Kind::Generate)),
        ("$GENERATE 3-1 a$ A 192.0.2.$", (1, 11, Kind::Generate)),
        ("$GENERATE 1-3/0 a$ A 192.0.2.$", (1, 11, Kind::Generate)),
        ("$GENERATE 1 a$ A 192.0.2.$", (1, 11, Kind::Generate)),
        ("$GENERATE 1-4294967296 a$ A 192.0.2.$", (1, 11, Kind::Generate)),
        ("$GENERATE 1-3 a$ A", (1, 1, Kind::Generate)),
        ("$GENERATE 1-3 a$ 1 IN A x y", (1, 1, Kind::Generate)),
        ("$GENERATE 1-3 a${ A 192.0.2.$", (1, 15, Kind::Generate)),
        ("$GENERATE 1-3 a${0,999} A 192.0.2.$", (1, 15, Kind::Generate)),
        ("$GENERATE 1-3 a${0,1,q} A 192.0.2.$", (1, 15, Kind::Generate)),
        ("$GENERATE 1-3 a${-2} A 192.0.2.$", (1, 15, Kind::Generate)),
        ("\n$GENERATE 250-260 a$ A 192.0.2.$", (2, 1, Kind::Ipv4)),
        ("$GENERATE 1-3 $ORIGIN a", (1, 1, Kind::Generate)),
        ("$GENERATE 1-3 a$ NOPE $", (1, 1, Kind::UnknownType)),
    ] {
        assert_eq!(refused(text), at, "{text}");
    }
}

/// F7: ranges are bounded before the first record of one too many is made.
#[test]
fn f7_generate_is_bounded() {
    let options = Options::default().generated_records(10);
    assert_eq!(records_with("$GENERATE 1-10 a$ A 192.0.2.$", Files::default(), options).len(), 10);
    assert_eq!(refused_with("$GENERATE 1-11 a$ A 192.0.2.$", Files::default(), options).2, Kind::GenerateLimit);
    let twice = "$GENERATE 1-6 a$ A 192.0.2.$\n$GENERATE 1-5 a$ A 192.0.2.$";
    assert_eq!(refused_with(twice, Files::default(), options), (2, 1, Kind::GenerateLimit));
    let all = "$GENERATE 0-4294967295 a$ A 192.0.2.1";
    assert_eq!(refused(all), (1, 1, Kind::GenerateLimit));
}
