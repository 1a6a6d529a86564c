//! Many runs of the program against servers that do something wrong at random, left alone, interrupted or killed at random;
//! after each a sweep. Whatever happened: the exit status spoke the truth, no probe is left, no foreign record was touched.
//!
//! A short form is part of the tests. `scripts/soak-lab [RUNS [SEED]]` makes many and prints the figures.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "random moments need a clock, and the number of runs comes from outside")]

mod cli;
mod lab;

use hickory_proto::rr::Record;
use lab::{Fault, Lab, Server, Zone};
use std::collections::BTreeMap;
use std::fmt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Runs where nobody says how many.
const RUNS: u64 = 36;
/// Stages that run side by side: enough that waiting for one is work for the others.
const STAGES: u64 = 6;
/// The zone.
const ZONE: &str = "example.com.";
/// What is not ours, and must stay: also below the name where probes stand.
const FOREIGN: &str = "abcdefghijklmnopqrstuvwxyz._dnsconverge";

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// It is left alone.
    Undisturbed,
    /// SIGINT at some moment.
    Interrupted,
    /// SIGKILL at some moment.
    Killed,
}

/// `SplitMix64`: the same seed gives the same faults and fates.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or(0) % end
    }

    /// One of these.
    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// A fault in words: which requests, what, and how often.
    fn fault(&mut self) -> String {
        let names: Vec<_> = Fault::names().collect();
        let on = self.pick(&["", "", "", "query", "txt", "add", "delete", "transfer", "udp", "tcp"]);
        let often = self.pick(&["", "", "first-1", "first-2", "every-2", "after-2", "after-4"]);
        let number = self.pick(&["", "", "-1", "-2", "-60"]);
        format!("{on} {}{number} {often}", self.pick(&names))
    }
}

/// A source, two destinations and a journal.
struct Stage {
    /// Where the probe is written.
    source: Server,
    /// Where it must appear.
    destinations: [Server; 2],
    /// The journal.
    journal: TempDir,
    /// What the zone holds before and after.
    records: Vec<Record>,
}

impl Stage {
    /// Servers that do nothing wrong yet.
    async fn new() -> Self {
        let zone = Zone::new(ZONE).soa(7).ns("@", "ns1").a("ns1", [192, 0, 2, 1]).hosts(5).txt(FOREIGN, &["not ours"]);
        let source = Lab::primary(zone).start().await.unwrap();
        let records = source.zone().records().cloned().collect();
        let destinations =
            [Lab::secondary_of(&source).start().await.unwrap(), Lab::secondary_of(&source).start().await.unwrap()];
        Self { source, destinations, journal: tempfile::tempdir().unwrap(), records }
    }

    /// The program with these words and this stage's journal.
    fn program(&self, words: &str) -> tokio::process::Command {
        let mut command = cli::command(words.split_whitespace());
        command.args(["--journal-dir".as_ref(), self.journal.path().as_os_str()]);
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Entries of the journal.
    fn entries(&self) -> usize {
        self.journal.path().read_dir().map_or(0, Iterator::count)
    }

    /// Probes in the zone.
    fn probes(&self) -> usize {
        self.source.zone().below("_dnsconverge").len() - 1
    }

    /// One run, judged, and the sweep after it.
    async fn run(&self, dice: &mut Dice) -> (Fate, Ended, usize) {
        // One server does one thing wrong: a source that lies twice, about what it did and about what it has, fools anybody.
        let mut told = Vec::new();
        for server in [&self.source, &self.destinations[0], &self.destinations[1]] {
            if dice.below(2) == 0 {
                let text = dice.fault();
                server.inject(Fault::named(&text).unwrap_or_else(|| panic!("{text:?}")));
                told.push(text);
            }
        }
        let fate = [Fate::Undisturbed, Fate::Interrupted, Fate::Killed][dice.below(3)];
        let [first, second] = self.destinations.each_ref().map(Server::address);
        let words = format!(
            "check {} {first} example.com --destination {second} --unsigned --interval 20ms --timeout 300ms \
             --deadline 1500ms --cleanup-timeout 1s",
            self.source.address()
        );
        let child = self.program(&words).spawn().unwrap();
        let pid = child.id().expect("it lives");
        // A run without faults takes a tenth of a second, one with faults up to three.
        let within = [80, 200, 1500][dice.below(3)];
        let moment = Duration::from_millis(u64::try_from(dice.below(within)).unwrap());
        let running = child.wait_with_output();
        tokio::pin!(running);
        let output = tokio::select! {
            output = &mut running => output,
            () = tokio::time::sleep(moment), if fate != Fate::Undisturbed => {
                let name = if fate == Fate::Killed { "-KILL" } else { "-INT" };
                // It may have ended in this moment, and then it is not yet reaped: the number is still its own.
                let _ = std::process::Command::new("kill").args([name, &pid.to_string()]).stderr(Stdio::null()).status();
                running.await
            }
        };
        let output = output.unwrap();
        let all = format!("{told:?} {fate:?} {}{}", text(&output.stdout), text(&output.stderr));
        assert!(!all.contains("panicked"), "{all}");
        let ended = self.judge(fate, output.status, &all);
        let stranded = self.probes();
        self.sweep(&all).await;
        (fate, ended, stranded)
    }

    /// Whether the exit status is one of the table, and true.
    fn judge(&self, fate: Fate, status: ExitStatus, all: &str) -> Ended {
        let Some(code) = status.code() else {
            // SIGKILL; or SIGINT before the program had asked for it, and so before anything was sent.
            let early = fate == Fate::Interrupted && self.probes() == 0 && self.entries() == 0;
            assert!(fate == Fate::Killed || early, "{status}: {all}");
            return Ended::BySignal;
        };
        match code {
            0..=2 => assert_eq!((self.probes(), self.entries()), (0, 0), "status {code} means: nothing is left. {all}"),
            3 => assert_eq!(self.entries(), 1, "status 3: the journal knows of it. {all}"),
            _ => panic!("no such exit status: {code}: {all}"),
        }
        if code == 0 {
            let records = |server: &Server| server.zone().records().cloned().collect::<Vec<_>>();
            assert!(self.destinations.iter().all(|server| records(server) == self.records), "0 means equal: {all}");
        }
        Ended::With(code)
    }

    /// All servers are themselves again, and the sweep leaves nothing.
    async fn sweep(&self, all: &str) {
        for server in [&self.source, &self.destinations[0], &self.destinations[1]] {
            server.withdraw_all();
        }
        let output = self.program("sweep --unsigned").output().await.unwrap();
        let swept = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{swept} after {all}");
        assert_eq!((self.probes(), self.entries()), (0, 0), "{swept} after {all}");
        let records: Vec<Record> = self.source.zone().records().cloned().collect();
        assert_eq!(records, self.records, "nothing foreign was touched: {swept} after {all}");
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    /// With this exit status.
    With(i32),
    /// By the signal.
    BySignal,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::With(code) => write!(f, "status {code}"),
            Self::BySignal => f.write_str("by the signal"),
        }
    }
}

/// Output as text.
fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[tokio::test]
async fn v6_u14_random_faults_and_signals_leave_nothing() {
    let runs = number("DNSCONVERGE_SOAK_RUNS").unwrap_or(RUNS);
    let seed = number("DNSCONVERGE_SOAK_SEED").unwrap_or(2026);
    cli::program();
    let mut stages = tokio::task::JoinSet::new();
    for number in 0..STAGES {
        stages.spawn(async move {
            let (stage, mut dice) = (Stage::new().await, Dice(seed.wrapping_add(number << 32)));
            let mut outcomes = Vec::new();
            for _ in 0..runs.div_ceil(STAGES) {
                outcomes.push(stage.run(&mut dice).await);
            }
            outcomes
        });
    }
    let (mut figures, mut stranded, mut all) = (BTreeMap::new(), 0, 0);
    while let Some(outcomes) = stages.join_next().await {
        for (fate, ended, left) in outcomes.unwrap() {
            *figures.entry((fate, ended)).or_insert(0) += 1;
            stranded += left;
            all += 1;
        }
    }
    eprintln!("{all} runs, seed {seed}; {stranded} probes were in the zone before the sweep, 0 after it");
    for ((fate, ended), count) in &figures {
        eprintln!("  {fate:?}: {ended}: {count}");
    }
    assert!(figures.len() > 4, "faults, signals and runs that go well: {figures:?}");
}
