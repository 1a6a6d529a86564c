//! The program and the password: asked for on the terminal, shown nowhere, and no riddle where there is no terminal.

use crate::cli::{command, program};
use crate::gss::acceptor::Fault;
use crate::gss::kdc;
use crate::gss::realm::{PASSWORD, Trouble};
use crate::updates::Scene;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// The command line of a check by this account, at a server called `localhost`.
fn line(scene: &Scene, kdc: std::net::SocketAddr) -> Vec<String> {
    let (source, destination) = (scene.front.address.port(), scene.secondary.address());
    let journal = scene.journal.path().display();
    let line = format!(
        "-4 -g --principal admin@CORP.TEST --kdc {kdc} localhost:{source} {destination} corp.test --no-compare \
         --interval 20ms --journal-dir {journal}"
    );
    line.split_whitespace().map(str::to_owned).collect()
}

/// Runs a command at a terminal of its own, types the line once the terminal no longer shows what is typed, and returns all
/// that appeared there, with the exit status.
fn at_a_terminal(line: &str, typed: &str) -> (String, Option<i32>) {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("tty; exec {line}"), "/dev/null"]);
    script.env("SHELL", "/bin/sh").env_remove("DNSCONVERGE_TSIG").env("KRB5_CONFIG", "/dev/null");
    let mut running = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script of util-linux");
    let (mut keyboard, mut screen) = (running.stdin.take().unwrap(), running.stdout.take().unwrap());
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("Password for ") {
        let mut octet = [0];
        assert_eq!(screen.read(&mut octet).unwrap(), 1, "no prompt: {}", String::from_utf8_lossy(&shown));
        shown.push(octet[0]);
    }
    let terminal = String::from_utf8_lossy(&shown).lines().next().unwrap().trim().to_owned();
    let is_shown = || {
        let settings = Command::new("stty").args(["-a", "-F", &terminal]).output().expect("stty").stdout;
        !String::from_utf8_lossy(&settings).contains("-echo ")
    };
    while is_shown() {
        std::thread::yield_now();
    }
    keyboard.write_all(format!("{typed}\n").as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    (String::from_utf8_lossy(&shown).into_owned(), running.wait().unwrap().code())
}

#[tokio::test(flavor = "multi_thread")]
async fn l4_a_password_is_asked_for_on_the_terminal_and_not_shown_there() {
    let scene = Scene::new(Fault::None).await;
    let (kdc, _) = kdc::start(Trouble::None).await;
    let words = [vec![program().display().to_string()], line(&scene, kdc)].concat().join(" ");
    let (shown, status) = tokio::task::spawn_blocking(move || at_a_terminal(&words, PASSWORD)).await.unwrap();
    assert_eq!(status, Some(0), "{shown}");
    assert!(shown.contains("Password for admin@CORP.TEST: ") && shown.contains("converged"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_the_error_says_what_to_give_instead() {
    let scene = Scene::new(Fault::None).await;
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let words = line(&scene, kdc);
    let ran = tokio::task::spawn_blocking(move || {
        // A session of its own has no terminal, whoever runs the tests.
        let mut detached = Command::new("setsid");
        let program = command(&words);
        detached.arg("--wait").arg(program.get_program()).args(program.get_args());
        detached.env_remove("DNSCONVERGE_TSIG").env("KRB5_CONFIG", "/dev/null").stdin(Stdio::null());
        crate::cli::Ran::of(detached.output().expect("setsid of util-linux"))
    });
    let ran = ran.await.unwrap();
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("--password-file"), "{}", ran.err);
    assert_eq!((asked.lock().unwrap().len(), scene.front.contexts()), (0, (0, 0)), "nobody was asked anything");
}
