//! The real lab as the scenarios use it: its servers, our program as a child process, and `dig` as the independent witness.
//!
//! It neither starts nor stops the lab: `scripts/test` does, so that the containers go away even when a test binary is killed.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a helper of the lab answers.
pub type Answer<T> = Result<T, Box<dyn Error>>;

/// How long a scenario waits for a line or an end before it counts as hung; never a measure of success.
const PATIENCE: Duration = Duration::from_secs(90);

/// Scenarios that leave every server alone run side by side; one that disturbs a server runs alone.
static SERVERS: RwLock<()> = RwLock::new(());

/// A name server of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// BIND, the only one that takes updates.
    Primary,
    /// BIND as a secondary.
    Bind,
    /// Knot DNS as a secondary.
    Knot,
    /// NSD as a secondary.
    Nsd,
}

impl Server {
    /// The servers that follow the primary.
    pub const SECONDARIES: [Self; 3] = [Self::Bind, Self::Knot, Self::Nsd];

    /// The name that the lab's script knows it by.
    const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Bind => "bind",
            Self::Knot => "knot",
            Self::Nsd => "nsd",
        }
    }

    /// Its address, without a port: the program's default is what the servers listen on.
    pub fn address(self) -> Answer<String> {
        variable(&format!("LAB_{}", self.name().to_uppercase()))
    }
}

/// The key files of the lab.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// May transfer and query, not update.
    Transfer,
    /// May update the TXT records of probes, nothing else.
    Update,
    /// The transfer key's name with another secret.
    WrongTransfer,
    /// The update key's name with another secret.
    WrongUpdate,
}

impl Key {
    /// The path of its file.
    fn path(self) -> Answer<String> {
        variable(match self {
            Self::Transfer => "LAB_TRANSFER_KEY",
            Self::Update => "LAB_UPDATE_KEY",
            Self::WrongTransfer => "LAB_WRONG_TRANSFER_KEY",
            Self::WrongUpdate => "LAB_WRONG_UPDATE_KEY",
        })
    }
}

/// Which of the scenarios may run at the same time.
enum Turn {
    /// Beside others of its kind.
    Shared { _guard: RwLockReadGuard<'static, ()> },
    /// Alone.
    Alone { _guard: RwLockWriteGuard<'static, ()> },
}

/// The lab, held for one scenario.
pub struct Lab {
    /// Kept until the scenario ends.
    turn: Turn,
    /// Where the runs of this scenario keep their journal.
    journal: tempfile::TempDir,
}

#[allow(clippy::unused_self, reason = "a scenario reaches the servers only through the lab that it holds")]
impl Lab {
    /// The lab for a scenario that disturbs no server.
    pub fn shared() -> Answer<Self> {
        variable("DNSCONVERGE_LAB")?;
        let guard = SERVERS.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Self { turn: Turn::Shared { _guard: guard }, journal: tempfile::tempdir()? })
    }

    /// The lab for a scenario that pauses, cuts off or changes servers; it is healed when the scenario ends, well or not.
    pub fn alone() -> Answer<Self> {
        variable("DNSCONVERGE_LAB")?;
        let guard = SERVERS.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Self { turn: Turn::Alone { _guard: guard }, journal: tempfile::tempdir()? })
    }

    /// Runs a verb of `tests/containers/lab` and gives back its stdout.
    fn verb(arguments: &[&str]) -> Answer<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/containers/lab");
        let output = Command::new(script).args(arguments).stdin(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        Err(format!("lab {}: {}{text}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
    }

    /// Runs a verb that disturbs a server.
    fn disturb(&self, arguments: &[&str]) -> Answer<String> {
        match self.turn {
            Turn::Alone { .. } => Self::verb(arguments),
            Turn::Shared { .. } => {
                Err(format!("{arguments:?}: a scenario that shares the lab may not disturb it").into())
            }
        }
    }

    /// The server falls silent.
    pub fn pause(&self, server: Server) -> Answer<()> {
        self.disturb(&["pause", server.name()]).map(drop)
    }

    /// Takes the server off the network.
    pub fn cut(&self, server: Server) -> Answer<()> {
        self.disturb(&["cut", server.name()]).map(drop)
    }

    /// Kills the server and starts it again; zones and journals are kept.
    pub fn restart(&self, server: Server) -> Answer<()> {
        self.disturb(&["restart", server.name()]).map(drop)
    }

    /// The secondary goes on answering but no longer sees what the primary does. A scenario that must act before a probe has
    /// arrived freezes first: the servers converge in some twenty milliseconds, too fast to be overtaken.
    pub fn freeze(&self, server: Server) -> Answer<()> {
        self.disturb(&["freeze-transfers", server.name()]).map(drop)
    }

    /// Undoes every disturbance and waits until the secondaries follow.
    pub fn heal(&self) -> Answer<()> {
        Self::verb(&["heal"]).map(drop)
    }

    /// Lets a secondary serve an edited copy of a zone; gives the difference against the primary, as `-` and `+` lines.
    pub fn plant_difference(&self, server: Server, zone: &str) -> Answer<BTreeSet<String>> {
        let lines = self.disturb(&["plant-difference", server.name(), zone])?;
        Ok(lines.lines().map(canonical_change).collect())
    }

    /// A zone file as BIND reads it: one absolute record a line.
    pub fn compiled(&self, file: &Path, zone: &str) -> Answer<String> {
        Self::verb(&["compile", &file.display().to_string(), zone])
    }

    /// What `dig AXFR` sees of a zone: one canonical line a record, the SOA once.
    pub fn zone(&self, server: Server, zone: &str) -> Answer<BTreeSet<String>> {
        let text = Self::verb(&["axfr", server.name(), zone])?;
        let records: BTreeSet<String> = text
            .lines()
            .filter(|line| !line.starts_with(';'))
            .map(canonical_record)
            .filter(|line| !line.is_empty())
            .collect();
        if records.iter().any(|line| line.contains(" IN SOA ")) {
            return Ok(records);
        }
        Err(format!("dig AXFR of {zone} from {}: {text}", server.name()).into())
    }

    /// The difference between two servers by `dig AXFR`, as `-` and `+` lines.
    pub fn difference(&self, source: Server, destination: Server, zone: &str) -> Answer<BTreeSet<String>> {
        let (from, to) = (self.zone(source, zone)?, self.zone(destination, zone)?);
        let removed = from.difference(&to).map(|record| format!("-{record}"));
        let added = to.difference(&from).map(|record| format!("+{record}"));
        Ok(removed.chain(added).collect())
    }

    /// The probes that a server holds, by `dig AXFR`.
    pub fn probes(&self, server: Server, zone: &str) -> Answer<Vec<String>> {
        let inside = format!("._dnsconverge.{zone}. ");
        Ok(self.zone(server, zone)?.into_iter().filter(|record| record.contains(&inside)).collect())
    }

    /// Fails if a probe is left on any of the servers, once they are in step.
    pub fn assert_no_probe(&self, servers: &[Server], zone: &str) -> Answer<()> {
        Self::verb(&["settle"])?;
        for server in servers {
            let left = self.probes(*server, zone)?;
            if !left.is_empty() {
                return Err(format!("left on {}: {left:?}", server.name()).into());
            }
        }
        Ok(())
    }

    /// A run of our program: `verb source destinations zone`, with the lab's keys and a journal of this scenario.
    pub fn run(&self, verb: &str, source: Server, destinations: &[Server], zone: &str) -> Answer<Run> {
        let mut run = self.bare_run(verb)?;
        run.command.arg(source.address()?);
        if let Some((first, others)) = destinations.split_first() {
            run.command.arg(first.address()?);
            for other in others {
                run.command.arg("--destination").arg(other.address()?);
            }
        }
        run.command.arg(zone);
        Ok(run.key(Key::Transfer))
    }

    /// A run of our program with nothing but the verb and the journal of this scenario.
    pub fn bare_run(&self, verb: &str) -> Answer<Run> {
        let mut command = Command::new(program()?);
        command.env_remove("DNSCONVERGE_TSIG").arg(verb);
        if verb != "diff" {
            command.arg("--journal-dir").arg(self.journal.path());
        }
        Ok(Run { command, key: None, update_key: None })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Turn::Alone { .. } = self.turn
            && let Err(error) = self.heal()
        {
            eprintln!("the lab could not be healed, later scenarios will fail: {error}");
        }
    }
}

/// A call of our program that is being put together.
pub struct Run {
    /// Program and arguments so far.
    command: Command,
    /// The key for all servers.
    key: Option<Key>,
    /// The key for the update alone.
    update_key: Option<Key>,
}

impl Run {
    /// Adds arguments as they stand.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// The key for queries and transfers on all servers.
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// The key for the update alone.
    pub fn update_key(mut self, key: Key) -> Self {
        self.update_key = Some(key);
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Answer<Running> {
        if let Some(key) = self.key {
            self.command.arg("-k").arg(key.path()?);
        }
        if let Some(key) = self.update_key {
            self.command.arg("--source-update-key").arg(key.path()?);
        }
        let mut child =
            self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(
                |error| {
                    format!("{}: {error}: cargo build --example dnsconvergecheck", self.command.get_program().display())
                },
            )?;
        let (mut stdout, stderr) = (child.stdout.take().ok_or("no stdout")?, child.stderr.take().ok_or("no stderr")?);
        let data = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        });
        let (sender, steps) = channel();
        // A receiver that has gone away means that the scenario is over: the pipe is still emptied, so the program goes on.
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Ok(Running { child, data: Some(data), steps, chatter: String::new() })
    }

    /// Starts it and waits for its end.
    pub fn finish(self) -> Answer<Outcome> {
        self.start()?.finish()
    }
}

/// A call of our program that is under way. Dropping it kills it.
pub struct Running {
    /// The process.
    child: Child,
    /// Gathers stdout.
    data: Option<JoinHandle<std::io::Result<String>>>,
    /// The lines of stderr as they come.
    steps: Receiver<String>,
    /// The lines of stderr that have come.
    chatter: String,
}

impl Running {
    /// Waits for a line of stderr that begins so, and gives what follows.
    pub fn wait_for(&mut self, beginning: &str) -> Answer<String> {
        let until = Instant::now() + PATIENCE;
        while let Ok(line) = self.steps.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.chatter.push_str(&line);
            self.chatter.push('\n');
            if let Some(rest) = line.strip_prefix(beginning) {
                return Ok(rest.to_owned());
            }
        }
        Err(format!("no line began with '{beginning}':\n{}", self.chatter).into())
    }

    /// SIGKILL: no clean-up is possible. Returns once the process is gone.
    pub fn kill(mut self) -> Answer<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends the process a signal by name, such as `INT`.
    pub fn signal(&self, name: &str) -> Answer<()> {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status()?;
        if status.success() { Ok(()) } else { Err(format!("kill -{name}: {status}").into()) }
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Answer<Outcome> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.steps.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.chatter.push_str(&line);
                    self.chatter.push('\n');
                }
                // Stderr is closed: the process has ended or is about to.
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    return Err(format!("the program hangs:\n{}", self.chatter).into());
                }
            }
        }
        let status = self.child.wait()?;
        let data = self.data.take().ok_or("stdout was taken")?.join().map_err(|_| "stdout could not be read")??;
        Ok(Outcome { status, data, chatter: std::mem::take(&mut self.chatter) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// How a call of our program ended.
pub struct Outcome {
    /// Its exit status.
    status: ExitStatus,
    /// Its stdout.
    data: String,
    /// Its stderr.
    chatter: String,
}

impl Outcome {
    /// Fails unless it exited so; a complaint about the command line is never what a scenario means by 2.
    pub fn exits(self, code: i32) -> Answer<Self> {
        if self.status.code() == Some(code) && !self.chatter.contains("Usage:") {
            return Ok(self);
        }
        Err(format!("expected exit {code}, was {}\n{}", self.status, self.everything()).into())
    }

    /// Fails unless it said this word, in any case, on stdout or stderr: 2 has many reasons, and one is meant.
    pub fn says(self, word: &str) -> Answer<Self> {
        if self.everything().to_lowercase().contains(&word.to_lowercase()) {
            return Ok(self);
        }
        Err(format!("it did not say '{word}'\n{}", self.everything()).into())
    }

    /// All that the program printed.
    fn everything(&self) -> String {
        format!("--- stdout\n{}\n--- stderr\n{}", self.data, self.chatter)
    }

    /// Its exit code; none when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Its stdout.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Its stderr.
    pub fn chatter(&self) -> &str {
        &self.chatter
    }

    /// The report on its stdout.
    pub fn report(&self) -> Answer<serde_json::Value> {
        serde_json::from_str(&self.data).map_err(|error| format!("{error} in {}\n{}", self.data, self.chatter).into())
    }

    /// The lines of a text difference, canonical, without the two header lines.
    pub fn changes(&self) -> BTreeSet<String> {
        let header = |line: &&str| line.starts_with("--- ") || line.starts_with("+++ ");
        self.data.lines().filter(|line| !header(line)).map(canonical_change).collect()
    }
}

/// A variable that `lab up` printed and `scripts/test` has passed on.
pub fn variable(name: &str) -> Answer<String> {
    std::env::var(name).map_err(|_| {
        format!("{name} is not set: these tests need the real name servers, which scripts/test starts (or `eval \"$(tests/containers/lab up | sed 's/^/export /')\"`)").into()
    })
}

/// Our program: DNSCONVERGECHECK, or the example of the profile that this test was built in.
fn program() -> Answer<PathBuf> {
    if let Some(path) = std::env::var_os("DNSCONVERGECHECK") {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let profile = test.parent().and_then(Path::parent).ok_or("the test binary is not in a target directory")?;
    Ok(profile.join("examples").join(format!("dnsconvergecheck{}", std::env::consts::EXE_SUFFIX)))
}

/// A `-` or `+` line with its record in canonical form.
fn canonical_change(line: &str) -> String {
    match line.split_at_checked(1) {
        Some((sign @ ("-" | "+"), record)) => format!("{sign}{}", canonical_record(record)),
        _ => line.to_owned(),
    }
}

/// A record of `dig` or of our program with single spaces, a small owner, and small names in RDATA where case is no difference
/// (RFC 4034 section 6.2). The transfer's own TSIG record gives an empty line.
fn canonical_record(line: &str) -> String {
    let mut fields = line.split_ascii_whitespace();
    let (Some(owner), Some(ttl), Some(class), Some(kind)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return String::new();
    };
    if kind == "TSIG" {
        return String::new();
    }
    // White space in a quoted string is data, but the lab's zones have none longer than one space.
    let data = fields.collect::<Vec<_>>().join(" ");
    let names = ["NS", "SOA", "CNAME", "DNAME", "PTR", "MX", "SRV", "RP", "AFSDB", "KX", "NAPTR"].contains(&kind);
    let data = if names { data.to_ascii_lowercase() } else { data };
    format!("{} {ttl} {class} {kind} {data}", owner.to_ascii_lowercase())
}
