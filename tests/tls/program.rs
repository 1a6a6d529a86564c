//! The program over TLS: its options, and what it says.

use super::{Front, PIN, lab, zone};
use crate::cli::{Ran, command};
use lab::Lab;

/// The path of a file of certificates.
fn file(name: &str) -> String {
    format!("{}/tests/tls/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program.
async fn run(line: String) -> Ran {
    let mut command = tokio::process::Command::from(command(line.split_whitespace()));
    Ran::of(command.kill_on_drop(true).output().await.unwrap())
}

#[tokio::test]
async fn x3_x4_the_program_compares_over_tls_as_it_is_told() {
    let (one, other) = (Lab::primary(zone()).start().await.unwrap(), Lab::primary(zone()).start().await.unwrap());
    let (strict, asking) =
        (Front::before(one.address()).start().await, Front::before(other.address()).asks_who().start().await);
    let (a, b, zone) = (strict.address(), asking.address(), "example.test --format json");
    let client = format!("--tls-certfile {} --tls-keyfile {}", file("client.pem"), file("client.key"));
    let authority = format!("--tls-ca={}", file("authority.pem"));
    let ran = run(format!("diff {a} {b} {zone} --tls {authority} {client}")).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains(r#""transport":"tls""#) && ran.out.contains("TLS name 127.0.0.1"), "{}", ran.out);
    // One side by its pin, the other in the clear; then a name that it does not have.
    let (plain, pin) = (other.address(), PIN.trim());
    let ran = run(format!("diff {a}?tls-pin={pin} {plain} {zone}")).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains("pinned TLS key"), "{}", ran.out);
    let ran = run(format!("diff {a}?tls-hostname=ns9.example.test {plain} {zone} {authority}")).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("not for ns9.example.test, but for"), "{}", ran.err);
    let ran = run(format!("diff {a} {b} {zone} --tls {authority}")).await;
    assert!(ran.status == 2 && ran.err.contains("only clients with a certificate"), "{ran:?}");
    assert_eq!((strict.plain(), asking.plain()), (0, 0));
}

#[tokio::test]
async fn x3_what_is_said_about_tls_must_make_sense() {
    let refused = async |line: &str| {
        let ran = run(line.to_owned()).await;
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{line}: {ran:?}");
        ran.err
    };
    let some = "diff 127.0.0.1:1 127.0.0.1:2 example.test";
    assert!(refused(&format!("{some} --tls-ca")).await.contains("no server is reached by TLS"));
    assert!(refused(&format!("{some} --tls --tls-pin short")).await.contains("44 characters"));
    assert!(refused(&format!("{some} --tls --tls-ca={}", file("server.key"))).await.contains("no certificate in it"));
    assert!(refused(&format!("{some} --tls --tls-certfile {}", file("client.pem"))).await.contains("--tls-keyfile"));
    assert!(refused("diff 127.0.0.1?tsl 127.0.0.2 example.test").await.contains("tls-hostname=NAME"));
}
