//! Zone files as sides: against servers, against each other, and what is no zone file.

use super::lab::{Request, Zone};
use super::{changes, error_of, name, serve, transfers};
use dnsconverge::compare::{Compare, CompareError, Compared, Side};
use dnsconverge::diff::{ChangeKind, SideVerdict};
use dnsconverge::fs::ZoneFile;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::ComparisonVerdict::{Different, Equal, Moving, NotCompared};
use dnsconverge::report::EventKind;
use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::SOA;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// The zone of these scenarios as a server has it.
fn zone() -> Zone {
    let at = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let soa = SOA::new(at("ns"), at("root"), 7, 2, 3, 4, 5);
    Zone::new("example.test.").soa_data(soa).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1])
}

/// The same as a file has it; with the lab's TTL.
const TEXT: &str = "$TTL 3600\n@ SOA ns root 7 2 3 4 5\n@ NS ns\nwww A 192.0.2.1\nns A 192.0.2.53\n";

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// A comparison of these sides.
fn sides(sides: impl IntoIterator<Item = Side>) -> Compare {
    Compare::new(&name(), sides).every(std::time::Duration::from_millis(10))
}

/// Compares two files.
async fn compare(one: PathBuf, other: PathBuf) -> Compared {
    let compare = sides([ZoneFile::at(one).into(), ZoneFile::at(other).into()]);
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

#[tokio::test]
async fn f5_a_file_equals_the_server_that_holds_it() {
    let (files, server) = (directory(&[("zone.db", TEXT)]), serve(zone()).await);
    let path = files.path().join("zone.db");
    let (file, peer) = (|| Side::from(ZoneFile::at(&path)), || Side::from(Peer::at(server.address())));
    for both in [[file(), peer()], [peer(), file()]] {
        let compared = sides(both).run_until(std::future::pending(), |_| ()).await.unwrap();
        assert_eq!((compared.verdict(), changes(&compared).len()), (Equal, 0), "{:?}", compared.comparison());
        let row = compared.comparison().sides.iter().find(|row| row.address.is_none()).unwrap();
        assert_eq!((row.side.as_str(), row.serial, row.records), (path.to_str().unwrap(), Some(7), Some(4)));
        assert_eq!((row.transport.as_deref(), row.authenticated_by.as_deref()), (Some("file"), None));
    }
}

#[tokio::test]
async fn a_difference_of_a_file_is_exact_and_read_twice() {
    let files = directory(&[("a", TEXT), ("b", &TEXT.replace("192.0.2.1\n", "192.0.2.2\n"))]);
    let compare = sides(["a", "b"].map(|name| ZoneFile::at(files.path().join(name)).into()));
    let mut read = 0;
    let compared = compare.run_until(std::future::pending(), |event| {
        read += usize::from(matches!(event.kind, EventKind::ReadDone { .. }));
    });
    let compared = compared.await.unwrap();
    let found: Vec<_> = changes(&compared).iter().map(|change| (change.kind, change.to_string())).collect();
    let lines = "-www.example.test.\t3600\tIN\tA\t192.0.2.1\n+www.example.test.\t3600\tIN\tA\t192.0.2.2";
    assert_eq!((compared.verdict(), read), (Different, 4));
    assert_eq!(found, [(ChangeKind::Rdata, lines.to_owned())]);
}

#[tokio::test]
async fn f2_a_wrong_file_is_not_compared_and_its_error_has_the_place() {
    let files = directory(&[("good", TEXT), ("bad", &TEXT.replace("192.0.2.53", "192.0.2.530"))]);
    let compared = compare(files.path().join("good"), files.path().join("bad")).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (NotCompared, 0));
    let error = error_of(&compared, 1);
    assert!(error.starts_with(&format!("{}:5:6: ", files.path().join("bad").display())), "{error}");
}

#[tokio::test]
async fn what_is_no_zone_file_is_one_clear_error() {
    let files = directory(&[("good", TEXT), ("empty", ""), ("binary", "\u{fffd}\0\u{1}"), ("none", "; nothing\n")]);
    let good = || files.path().join("good");
    for (name, wanted) in [
        ("", "is a directory"),
        ("missing", "cannot be read"),
        ("empty", "is empty"),
        ("binary", "binary:1:4: "),
        ("none", "none:2:1: "),
    ] {
        let compared = compare(good(), files.path().join(name)).await;
        assert_eq!(compared.verdict(), NotCompared);
        assert!(error_of(&compared, 1).contains(wanted), "{name}: {}", error_of(&compared, 1));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_device_and_what_may_not_be_read_are_clear_errors_too() {
    let files = directory(&[("good", TEXT)]);
    let compared = compare(files.path().join("good"), PathBuf::from("/dev/null")).await;
    assert!(error_of(&compared, 1).contains("not a regular file: write -"), "{}", error_of(&compared, 1));
}

#[tokio::test]
async fn v9_a_file_is_not_compared_with_itself_under_any_name() {
    let files = directory(&[("zone.db", TEXT), ("sub/x", "")]);
    for other in ["zone.db", "./zone.db", "sub/../zone.db"] {
        let both = ["zone.db", other].map(|name| Side::from(ZoneFile::at(files.path().join(name))));
        let error = sides(both).run_until(std::future::pending(), |_| ()).await.unwrap_err();
        assert!(matches!(error, CompareError::Twice { .. }), "{error}");
    }
    let both = [ZoneFile::standard_input().into(), ZoneFile::standard_input().into()];
    let error = sides(both).run_until(std::future::pending(), |_| ()).await.unwrap_err();
    assert!(matches!(error, CompareError::Twice { .. }), "{error}");
}

#[tokio::test]
async fn f1_included_files_lie_below_the_directory_of_the_file_or_one_that_is_named() {
    let (head, tail) = TEXT.split_at(TEXT.find("www").unwrap());
    let including = |what: &str| format!("{head}$INCLUDE {what}\n");
    let files = directory(&[("plain", TEXT), ("in/hosts.db", tail), ("zones/in/hosts.db", tail)]);
    let put = |name: &str, text: String| fs::write(files.path().join(name), text).unwrap();
    put("below", including("in/hosts.db"));
    put("zones/beside", including("../in/hosts.db"));
    put("zones/absolute", including(files.path().join("in/hosts.db").to_str().unwrap()));
    put("loop", including("loop"));
    put("directory", including("in"));
    let against = async |file: ZoneFile| {
        let plain = ZoneFile::at(files.path().join("plain"));
        sides([plain.into(), file.into()]).run_until(std::future::pending(), |_| ()).await.unwrap()
    };
    let at = |name: &str| ZoneFile::at(files.path().join(name));
    assert_eq!(against(at("below")).await.verdict(), Equal);
    assert_eq!(against(at("below").include_directory(files.path().join("zones"))).await.verdict(), Equal);
    for name in ["zones/absolute"] {
        assert_eq!(against(at(name).include_directory(files.path())).await.verdict(), Equal);
    }
    for (name, wanted) in [
        ("zones/beside", "not below"),
        ("zones/absolute", "not below"),
        ("loop", "loop"),
        ("directory", "not a regular file"),
    ] {
        let compared = against(at(name)).await;
        assert_eq!(compared.verdict(), NotCompared);
        assert!(error_of(&compared, 1).contains(wanted), "{name}: {}", error_of(&compared, 1));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn f1_a_link_out_of_the_directory_is_not_followed() {
    let (head, tail) = TEXT.split_at(TEXT.find("www").unwrap());
    let outside = directory(&[("hosts.db", tail)]);
    let files = directory(&[("plain", TEXT), ("zone.db", &format!("{head}$INCLUDE link\n"))]);
    std::os::unix::fs::symlink(outside.path().join("hosts.db"), files.path().join("link")).unwrap();
    let compared = compare(files.path().join("plain"), files.path().join("zone.db")).await;
    assert!(error_of(&compared, 1).contains("not below"), "{}", error_of(&compared, 1));
}

#[tokio::test]
async fn s7_a_file_that_changes_while_it_is_read_is_read_again_and_at_last_called_moving() {
    // So long that it is told halfway, when the rest was not read yet.
    let long = format!("{TEXT}$GENERATE 1-120000 host-$ A 192.0.2.7\n");
    for times in [1, 9] {
        let files = directory(&[("still", &long), ("moving", &long)]);
        let moving = files.path().join("moving");
        let compare = sides([files.path().join("still"), moving.clone()].map(|path| ZoneFile::at(path).into()));
        let mut changes = 0;
        let compared = compare.run_until(std::future::pending(), |event| {
            let halfway = matches!(&event.kind, EventKind::ReadProgress { side, .. } if side.ends_with("moving"));
            if halfway && changes < times {
                changes += 1;
                fs::write(&moving, format!("{long}; {changes}\n")).unwrap();
            }
        });
        let compared = compared.await.unwrap();
        let wanted = if times == 1 { (Equal, 1) } else { (Moving, 3) };
        assert_eq!((compared.verdict(), changes), wanted, "{}", error_of(&compared, 1));
        assert_eq!(error_of(&compared, 1).contains("changed each of the 3 times"), times > 1);
    }
}

#[tokio::test]
async fn a_server_that_is_behind_a_file_is_waited_for_and_a_file_is_not() {
    let (newer, files) = (TEXT.replace(" 7 ", " 8 "), tempfile::tempdir().unwrap());
    let path = files.path().join("zone.db");
    fs::write(&path, &newer).unwrap();
    let server = serve(zone()).await;
    let waiting = sides([ZoneFile::at(&path).into(), Peer::at(server.address()).into()]);
    let catch_up = async {
        server.wait_for(Request::is_transfer).await;
        server.publish(|_| ());
    };
    let (compared, ()) = tokio::join!(waiting.run_until(std::future::pending(), |_| ()), catch_up);
    assert_eq!((compared.unwrap().verdict(), transfers(&server)), (Equal, 2));
}

#[tokio::test]
async fn l6_a_file_that_is_wrong_holds_up_no_server() {
    let (files, base, other) = (directory(&[("bad", "nonsense")]), serve(zone()).await, serve(zone()).await);
    let bad = ZoneFile::at(files.path().join("bad"));
    let three = [Peer::at(base.address()).into(), bad.into(), Peer::at(other.address()).into()];
    let compared = sides(three).run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!(compared.verdict(), NotCompared);
    assert_eq!(compared.diff().unwrap().verdict(2), SideVerdict::Equal);
}
