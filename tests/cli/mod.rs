//! The program under test, as a person runs it: built once, started as a process, its output and status read.

#![allow(dead_code, reason = "each test binary includes all of it and uses a part")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The program, built by the cargo that runs the tests; where it lies is cargo's own word.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["build", "--quiet", "--example", "dnsconvergecheck", "--message-format=json-render-diagnostics"]);
        if cfg!(feature = "tls") {
            cargo.args(["--features", "tls"]);
        }
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let built = cargo.stderr(Stdio::inherit()).output().expect("cargo starts");
        assert!(built.status.success(), "the program does not build");
        let messages = String::from_utf8(built.stdout).expect("cargo writes UTF-8");
        messages
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["name"] == "dnsconvergecheck")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable")
    })
}

/// The program with these arguments, in an environment without a key and with a state directory of its own.
pub(crate) fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null());
    command.env_remove("DNSCONVERGE_TSIG").env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.env("LOCALAPPDATA", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Reads what a process left; a process that a signal ended, or that panicked, is a failure of its own.
    #[track_caller]
    pub(crate) fn of(output: Output) -> Self {
        let text = |octets| String::from_utf8(octets).expect("the program writes UTF-8");
        let (out, err) = (text(output.stdout), text(output.stderr));
        let status = output.status.code().unwrap_or_else(|| panic!("{}: {out}{err}", output.status));
        assert!(!err.contains("panicked"), "{err}");
        assert!(!(out.clone() + &err).contains('\u{1b}'), "no escape sequence goes into a pipe: {out}{err}");
        Self { status, out, err }
    }

    /// Both outputs.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// Runs the program to its end with the words of this line.
#[track_caller]
pub(crate) fn run(line: &str) -> Ran {
    run_with(line.split_whitespace())
}

/// Runs the program to its end with these arguments.
#[track_caller]
pub(crate) fn run_with<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    Ran::of(command(arguments).output().expect("the program starts"))
}
