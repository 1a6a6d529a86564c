//! Bad input of every kind: exit status 2 and one error that names the thing and says what to do. And help.

mod cli;

use cli::{Ran, command, run, run_with};
use std::path::PathBuf;

/// A secret that must appear nowhere, in base64.
const SECRET: &str = "dmVyeSBzZWNyZXQgaW5kZWVk";

/// Runs a line that is wrong, and gives what it was told; nothing of a result may appear.
#[track_caller]
fn refused(line: &str) -> String {
    refused_run(run(line), line)
}

/// The error of a run that must have been refused.
#[track_caller]
fn refused_run(ran: Ran, line: &str) -> String {
    assert_eq!(ran.status, 2, "{line}: {ran:?}");
    assert_eq!(ran.out, "", "{line}");
    assert_eq!(ran.err.matches("error: ").count(), 1, "one error: {line}: {}", ran.err);
    ran.err
}

/// A file for one test.
fn file(directory: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn what_is_missing_is_named() {
    assert!(refused("").contains("<SOURCE>"));
    assert!(refused("ns1").contains("<DESTINATION>"));
    assert!(refused("ns1 ns2").contains("<ZONE>"));
    assert!(refused("diff ns1 ns2").contains("<ZONE>"));
    assert!(refused("sweep ns1").contains("--all-older-than"));
    assert!(refused("sweep ns1 example.com").contains("--all-older-than"));
    assert!(refused("sweep --all-older-than 1h").contains("<SERVER>"));
    assert!(refused("ns1 ns2 example.com -k").contains("-k"));
}

#[test]
fn who_is_at_a_loss_gets_a_hint() {
    assert!(refused("").contains("dnsconvergecheck demo"));
    for (line, verb) in
        [("chekc a b c", "check"), ("dif ns1 ns2 example.com", "diff"), ("-q swep", "sweep"), ("demoo", "demo")]
    {
        assert!(refused(line).contains(&format!("did you mean `{verb}`?")), "{line}: {}", refused(line));
    }
    for line in ["frobnicate", "compare ns1 ns2 example.com"] {
        assert!(refused(line).contains("verbs are check, diff,"), "{line}: {}", refused(line));
    }
    for line in ["ns1 ns2", "ns1 ns2 example.com more", "ns1 ns2 example.com --zones list"] {
        let told = refused(line);
        assert!(!told.contains("did you mean `") && !told.contains("verbs are"), "{line}: {told}");
    }
}

#[test]
fn help_is_a_word_too() {
    assert_eq!(run("help").out, run("--help").out);
    for verb in ["check", "diff", "fetch", "cutover", "sweep", "demo"] {
        assert_eq!(run(&format!("help {verb}")).out, run(&format!("{verb} --help")).out);
    }
}

#[test]
fn an_address_to_send_from_is_this_machine_s() {
    for line in ["diff ns1 ns2 example.com -b 192.0.2.1", "ns1 ns2 example.com -b 192.0.2.1#5353 --unsigned"] {
        let told = refused(line);
        assert!(told.contains("-b 192.0.2.1") && told.contains("name an address of this machine"), "{line}: {told}");
    }
}

#[test]
fn the_help_of_each_verb_has_its_own_exit_statuses() {
    for (verb, words) in [
        ("check", "A probe may be left behind."),
        ("diff", "nothing is written, so nothing can be left"),
        ("fetch", "The file was written."),
        ("cutover", "OLD can be switched off now."),
        ("sweep", "A probe may be left."),
        ("demo", "The demonstration showed"),
    ] {
        let ran = run(&format!("{verb} --help"));
        assert!(ran.out.contains(words), "{verb}: {}", ran.out);
    }
}

#[test]
fn what_is_too_much_is_named() {
    assert!(refused("ns1 ns2 example.com extra.example").contains("extra.example"));
    assert!(refused("ns1 ns2 example.com --frobnicate").contains("--frobnicate"));
    assert!(refused("ns1 ns2 example.com -Z").contains("-Z"));
    assert!(refused("demo ns1").contains("ns1"));
    assert!(refused("diff ns1 ns2 example.com --dry-run").contains("--dry-run"), "diff never writes");
    assert!(refused("ns1 ns2 example.com -4 -6").contains("cannot be used with"));
    assert!(refused("ns1 ns2 example.com --both-ways --observe www A").contains("cannot be used with"));
    assert!(refused("ns1 ns2 example.com --destination-update-key k").contains("--both-ways"));
    assert!(refused("ns1 ns2 example.com --zones list").contains("cannot be used with"));
    assert!(refused("ns1 ns2 example.com --deadline 1s --deadline 2s").contains("--deadline"));
}

#[test]
fn a_server_that_is_none_says_why() {
    assert!(refused("192.0.2.300 ns2 example.com").contains("192.0.2.300"));
    assert!(refused("ns1:0 ns2 example.com").contains("1 to 65535"));
    assert!(refused("ns1 ns2#99999 example.com").contains("99999"));
    assert!(refused("ns1 [::1 example.com").contains("brackets"));
    assert!(refused("ns1 ns2 example.com --destination ns3:dns").contains("\"dns\" is not a port"));
    assert!(refused_run(run_with(["", "ns2", "example.com"]), "empty server").contains("server is missing"));
    assert!(refused_run(run_with(["n\u{1b}[31m", "ns2", "example.com"]), "escape").contains("host name"));
}

#[test]
fn a_zone_that_is_none_says_why() {
    assert!(refused("ns1 ns2 192.0.2.1").contains("SOURCE DESTINATION ZONE"));
    assert!(refused("ns1 ns2 a..example").contains("an empty label"));
    assert!(refused("ns1 ns2 example.com:53").contains("domain name"));
    assert!(refused(&format!("ns1 ns2 {}.example", "a".repeat(64))).contains("more than 63 octets"));
    assert!(refused_run(run_with(["ns1", "ns2", ""]), "empty zone").contains("\".\""));
}

#[test]
fn v9_a_server_is_not_compared_with_itself() {
    assert!(refused("ns1 ns1 example.com").contains("the source itself"));
    assert!(refused("ns1 NS1:53 example.com").contains("the source itself"));
    assert!(refused("diff 192.0.2.1 192.0.2.1#53 example.com").contains("the source itself"));
    assert!(refused("ns1 ns2 example.com --destination ns2").contains("named twice"));
}

#[test]
fn a_number_that_is_none_says_why() {
    assert!(refused("ns1 ns2 example.com --deadline 30").contains("add one, as in 30s"));
    assert!(refused("ns1 ns2 example.com --interval 0s").contains("longer than zero"));
    assert!(refused("ns1 ns2 example.com --timeout soon").contains("500ms"));
    assert!(refused("ns1 ns2 example.com --deadline 99999999999999999999y").contains("longer than"));
    assert!(refused("ns1 ns2 example.com --cleanup-timeout=-1s").contains("not a duration"));
    assert!(refused("ns1 ns2 example.com --memory 0").contains("too little: at least"));
    assert!(refused("ns1 ns2 example.com --memory 99999999999999G").contains("more than this machine can address"));
    assert!(refused("ns1 ns2 example.com --confirmations 0").contains("1..=100"));
    assert!(refused("ns1 ns2 example.com -p 0").contains("1..=65535"));
    assert!(refused("ns1 ns2 example.com -b eth0").contains("eth0"));
    assert!(refused("ns1 ns2 example.com --format xml").contains("json"));
    assert!(refused("ns1 ns2 example.com --policy lax").contains("multi-primary"));
}

#[test]
fn a_list_of_zones_that_is_none_says_where() {
    let directory = tempfile::tempdir().unwrap();
    let bad = file(&directory, "zones.txt", "good.example\n\na..b  # typo\n192.0.2.1\n");
    let error = refused(&format!("diff ns1 ns2 --zones {}", bad.display()));
    assert!(error.contains("zones.txt:3: \"a..b\"") && error.contains("zones.txt:4: \"192.0.2.1\""), "{error}");
    let empty = file(&directory, "empty.txt", "# nothing\n");
    assert!(refused(&format!("diff ns1 ns2 --zones {}", empty.display())).contains("names no zone"));
    assert!(refused("diff ns1 ns2 --zones -").contains("standard input names no zone"));
    assert!(refused("diff ns1 ns2 --zones /no/such/list").contains("/no/such/list"));
    let binary = directory.path().join("binary");
    std::fs::write(&binary, [0xFF, 0xFE, 0x00]).unwrap();
    assert!(refused(&format!("diff ns1 ns2 --zones {}", binary.display())).contains("UTF-8"));
}

#[test]
fn u22_without_a_key_nothing_is_written_and_three_ways_are_named() {
    let error = refused("ns1.invalid ns2.invalid example.com");
    for way in ["-k", "--unsigned", "diff"] {
        assert!(error.contains(way), "{way}: {error}");
    }
    // A destination's key is none for the source.
    let directory = tempfile::tempdir().unwrap();
    let key = file(&directory, "k", &format!("key k {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};"));
    let error = refused(&format!("ns1.invalid ns2.invalid example.com --destination-key {}", key.display()));
    assert!(error.contains("--unsigned"), "{error}");
}

#[test]
fn a_key_file_that_is_none_says_where() {
    let directory = tempfile::tempdir().unwrap();
    let line = |path: &std::path::Path| format!("diff ns1 ns2 example.com -q -k {}", path.display());
    assert!(refused(&line(&directory.path().join("absent.key"))).contains("absent.key"));
    assert!(refused(&line(directory.path())).contains("cannot be read"));
    assert!(refused(&line(&file(&directory, "text.key", "hello\n"))).contains("text.key"));
    let bad = file(&directory, "bad.key", "key \"k\" {\n  algorithm hmac-sha256;\n  secret \"!!!\";\n};\n");
    assert!(refused(&line(&bad)).contains("bad.key"));
    let two = format!(
        "key a {{ algorithm hmac-sha256; secret {SECRET}; }};\nkey b {{ algorithm hmac-sha256; secret {SECRET}; }};"
    );
    let two = file(&directory, "two.key", &two);
    let error = refused(&line(&two));
    assert!(error.contains("two.key") && error.contains("a., b."), "{error}");
    let error = refused(&format!("{}:other", line(&two)));
    assert!(error.contains("other") && error.contains("a., b."), "{error}");
}

#[test]
fn t13_l4_a_secret_appears_in_no_output() {
    let directory = tempfile::tempdir().unwrap();
    let broken = format!("key \"k\" {{ algorithm hmac-sha256; secret \"{SECRET}!\"; }};");
    let broken = file(&directory, "broken.key", &broken).display().to_string();
    let with_key = |key: &str| format!("diff ns1 ns2 example.com {key}");
    for line in [
        with_key(&format!("-y {SECRET}")),
        with_key(&format!("-y k:{SECRET}!")),
        with_key(&format!("-y hmac-nonsense:k:{SECRET}")),
        with_key(&format!("-y k..k:{SECRET}")),
        with_key(&format!("-y k:{SECRET} -y k:{SECRET}")),
        with_key(&format!("-y k:{SECRET} -k file")),
        with_key(&format!("-k hmac-sha256:k:{SECRET}")),
        with_key(&format!("--source-key k:{SECRET}")),
        with_key(&format!("-k {broken}")),
        with_key(&format!("-y k:{SECRET} --format xml")),
        with_key(&format!("-y k:{SECRET} --help")),
    ] {
        let ran = run(&line);
        assert!(!ran.all().contains(SECRET), "{line}: {ran:?}");
        assert!(ran.status == 2 || line.ends_with("--help"), "{line}: {ran:?}");
    }
}

#[test]
fn l4_a_secret_of_the_environment_appears_in_no_output() {
    for (key, line) in [
        (format!("hmac-sha256:k:{SECRET}"), "--help"),
        (format!("hmac-sha256:k:{SECRET}"), "check --help"),
        (format!("hmac-sha256:k:{SECRET}"), "diff --help"),
        (format!("hmac-sha256:k:{SECRET}!"), "diff ns1 ns2 example.com"),
        (format!("{SECRET} {SECRET}"), "diff ns1 ns2 example.com"),
    ] {
        let ran = Ran::of(command(line.split(' ')).env("DNSCONVERGE_TSIG", key).output().unwrap());
        assert!(!ran.all().contains(SECRET), "{line}: {ran:?}");
        if line.starts_with("diff ns1") {
            assert!(refused_run(ran, line).contains("DNSCONVERGE_TSIG"));
        }
    }
}

#[test]
fn a_key_on_the_command_line_is_warned_about_unless_quiet() {
    let line = format!("diff 127.0.0.1:1 127.0.0.1:2 a..b -y k:{SECRET}");
    assert!(!run(&line).err.contains("process list"), "the zone is wrong: nothing was begun");
    let line = format!("diff ns1 ns2 --zones /no/such/list -y k:{SECRET}");
    let ran = run(&line);
    assert!(!ran.err.contains(SECRET), "{ran:?}");
}

#[test]
fn the_short_help_fits_a_screen_and_the_long_one_says_all() {
    let short = run("-h");
    assert_eq!((short.status, short.err.as_str()), (0, ""));
    assert!(short.out.lines().count() <= 46, "{} lines", short.out.lines().count());
    assert!(short.out.contains("Examples:") && short.out.contains("Exit status:"));
    assert_eq!(short.out.matches("\n  dnsconvergecheck demo\n").count(), 1, "an example that works at once");
    let long = run("--help");
    assert_eq!((long.status, long.err.as_str()), (0, ""));
    for section in ["EXIT STATUS of check", "ENVIRONMENT", "KEY FILES", "SIGNALS", "CHECK", "DIFF", "SWEEP", "DEMO"] {
        assert!(long.out.lines().any(|line| line == section), "{section}");
    }
    for verb in ["check", "diff", "sweep", "demo"] {
        for help in ["-h", "--help"] {
            let ran = run(&format!("{verb} {help}"));
            assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{verb} {help}");
            assert!(ran.out.starts_with("Example"), "{verb} {help}: {}", ran.out);
        }
    }
}

#[test]
fn the_version_is_the_package_s() {
    for line in ["-V", "--version"] {
        let ran = run(line);
        assert_eq!((ran.status, ran.out.as_str()), (0, concat!("dnsconvergecheck ", env!("CARGO_PKG_VERSION"), "\n")));
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_utf_8_is_an_error_and_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let bad = OsStr::from_bytes(b"n\xFFs");
    let words = |last| [OsStr::new("diff"), OsStr::new("ns1"), bad, last];
    refused_run(run_with(words(OsStr::new("example.com"))), "server");
    let key =
        [OsStr::new("diff"), OsStr::new("ns1"), OsStr::new("ns2"), OsStr::new("example.com"), OsStr::new("-k"), bad];
    refused_run(run_with(key), "key");
}
