//! The lab of two domain controllers as the scenarios use it. It neither starts nor stops it: `scripts/test` does.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a helper of the lab answers.
pub type Answer<T> = Result<T, Box<dyn Error>>;

/// How long a scenario waits for a line or an end before it counts as hung; never a measure of success.
const PATIENCE: Duration = Duration::from_secs(120);

/// There is one lab: scenarios take turns.
static LAB: Mutex<()> = Mutex::new(());

/// What a controller's DNS server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Samba's own.
    Internal,
    /// BIND with Samba's module.
    Bind,
}

/// The lab, held for one scenario; the path between the controllers is restored when it ends, well or not.
pub struct Directory {
    /// Where its state is.
    state: PathBuf,
    /// What describes it.
    variables: BTreeMap<String, String>,
    /// Where the runs of this scenario keep their journal.
    journal: tempfile::TempDir,
    /// Kept until the scenario ends.
    _turn: MutexGuard<'static, ()>,
}

impl Directory {
    /// The lab that `scripts/test` has started.
    pub fn take() -> Answer<Self> {
        let turn = LAB.lock().unwrap_or_else(PoisonError::into_inner);
        let state = std::env::var("DNSCONVERGE_ADLAB").map_err(|_| "no lab of domain controllers: run scripts/test")?;
        let mut lab =
            Self { state: state.into(), variables: BTreeMap::new(), journal: tempfile::tempdir()?, _turn: turn };
        let text = lab.verb("env", &[])?;
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.replace('\'', "")));
        lab.variables = text.lines().filter_map(pair).collect();
        Ok(lab)
    }

    /// One thing about the lab.
    pub fn get(&self, name: &str) -> Answer<String> {
        let value = self.variables.get(&format!("ADLAB_{name}")).cloned();
        value.ok_or_else(|| format!("the lab does not say {name}").into())
    }

    /// What the DNS server of a controller is.
    pub fn backend(&self, controller: &str) -> Answer<Backend> {
        match self.get(&controller.replace("dc", "DNS"))?.as_str() {
            "internal" => Ok(Backend::Internal),
            "bind" => Ok(Backend::Bind),
            other => Err(format!("{controller} has {other}").into()),
        }
    }

    /// A command of the lab's script, as root.
    fn script(&self, verb: &str, arguments: &[&str]) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adlab/lab");
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| {
            use std::os::unix::fs::MetadataExt;
            process.uid() == 0
        });
        let mut command = if is_root {
            Command::new(script)
        } else {
            let mut command = Command::new("sudo");
            command.arg("--non-interactive").arg(script);
            command
        };
        command.arg(verb).arg(&self.state).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a verb of the script and gives back its output.
    fn verb(&self, verb: &str, arguments: &[&str]) -> Answer<String> {
        let output = self.script(verb, arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        Err(format!("{verb} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }

    /// Cuts the path between the controllers; the client still sees both.
    pub fn cut(&self) -> Answer<()> {
        self.verb("link", &["down"]).map(|_| ())
    }

    /// Restores it.
    pub fn mend(&self) -> Answer<()> {
        self.verb("link", &["up"]).map(|_| ())
    }

    /// The probe nodes that live in either directory; asks until there are none, or patience ends.
    pub fn assert_no_probe(&self) -> Answer<()> {
        let begun = Instant::now();
        loop {
            let left = self.verb("probes", &[])?;
            if left.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("probes are left in the directory:\n{left}").into());
            }
        }
    }

    /// Starts the program in the client's namespace, its journal with this scenario.
    pub fn start(&self, arguments: &[&str]) -> Answer<Running> {
        self.start_configured(&self.get("KRB5_CONFIG")?, arguments)
    }

    /// Starts the program with this `krb5.conf`.
    fn start_configured(&self, krb5_config: &str, arguments: &[&str]) -> Answer<Running> {
        let (program, config) = (program()?.to_string_lossy().into_owned(), format!("KRB5_CONFIG={krb5_config}"));
        let journal = self.journal.path().to_string_lossy().into_owned();
        let writes = !matches!(arguments.first(), Some(&("diff" | "fetch")));
        let journal: &[&str] = if writes { &["--journal-dir", &journal] } else { &[] };
        self.start_other(&[&["env", &config, &program], arguments, journal].concat())
    }

    /// Asks a controller for the address of a name with dig until it has one, and gives back when it first had.
    ///
    /// It looks on its own: none of the program's code has a part in it.
    pub fn first_seen_by_dig(&self, controller: &str, name: &str) -> Answer<Instant> {
        let (server, begun) = (format!("@{}", self.get(&format!("{}_IP", controller.to_uppercase()))?), Instant::now());
        while begun.elapsed() < PATIENCE {
            let dig = ["cl", "dig", "+short", "+tries=1", "+time=1", &server, name, "A"];
            let output = self.script("exec", &dig).output()?;
            if output.status.success() && output.stdout.starts_with(b"127.") {
                return Ok(Instant::now());
            }
        }
        Err(format!("dig never saw {name} at {controller}").into())
    }

    /// Starts another command in the client's namespace.
    pub fn start_other(&self, command: &[&str]) -> Answer<Running> {
        let line = [&["cl"], command].concat();
        let child = self.script("exec", &line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        Running::watch(child)
    }

    /// Runs the program to its end with the lab's `krb5.conf` and this below `[libdefaults]`.
    pub fn run_with_defaults(&self, libdefaults: &str, arguments: &[&str]) -> Answer<Outcome> {
        let config = std::fs::read_to_string(self.get("KRB5_CONFIG")?)?;
        let file = self.journal.path().join("krb5.conf");
        std::fs::write(&file, config.replace("[libdefaults]", &format!("[libdefaults]\n{libdefaults}")))?;
        let outcome = self.start_configured(&file.to_string_lossy(), arguments)?.finish();
        std::fs::remove_file(&file)?;
        outcome
    }

    /// Runs the program to its end with this `krb5.conf`.
    pub fn run_configured(&self, krb5_config: &str, arguments: &[&str]) -> Answer<Outcome> {
        self.start_configured(krb5_config, arguments)?.finish()
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Answer<Outcome> {
        self.start(arguments)?.finish()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Err(error) = self.mend() {
            eprintln!("the path between the controllers was not restored: {error}");
        }
    }
}

/// The program while it runs.
pub struct Running {
    /// It.
    child: Child,
    /// Lines of standard error.
    lines: Receiver<(Instant, String)>,
    /// What was read of them.
    chatter: String,
    /// Reads standard output.
    output: JoinHandle<String>,
}

impl Running {
    /// Reads what it writes.
    fn watch(mut child: Child) -> Answer<Self> {
        let (out, err) = (child.stdout.take().ok_or("no output")?, child.stderr.take().ok_or("no error output")?);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        let output = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = BufReader::new(out).read_to_string(&mut text);
            text
        });
        Ok(Self { child, lines, chatter: String::new(), output })
    }

    /// Waits for a step line that begins so, and gives back when it came and what follows in it.
    pub fn wait_for(&mut self, beginning: &str) -> Answer<(Instant, String)> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let (at, line) = line.map_err(|_| format!("no {beginning:?}:\n{}", self.chatter))?;
            self.chatter.push_str(&line);
            self.chatter.push('\n');
            if let Some(rest) = line.strip_prefix(beginning) {
                return Ok((at, rest.to_owned()));
            }
        }
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) -> Answer<()> {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(format!("kill -s {name}").into()) }
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Answer<Outcome> {
        let begun = Instant::now();
        while let Ok((_, line)) = self.lines.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            self.chatter.push_str(&line);
            self.chatter.push('\n');
        }
        if begun.elapsed() >= PATIENCE {
            let _ = self.child.kill();
            return Err(format!("it does not end:\n{}", self.chatter).into());
        }
        let status = self.child.wait()?.code();
        let output = self.output.join().map_err(|_| "the reader of the output failed")?;
        Ok(Outcome { status, output, chatter: self.chatter })
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status.
    status: Option<i32>,
    /// Standard output.
    output: String,
    /// Standard error.
    chatter: String,
}

impl Outcome {
    /// It ended with this exit status.
    pub fn exits(self, status: i32) -> Answer<Self> {
        if self.status == Some(status) {
            Ok(self)
        } else {
            Err(format!("wanted exit status {status}: {self:#?}").into())
        }
    }

    /// It said this, on standard error or in its result.
    pub fn says(self, words: &str) -> Answer<Self> {
        if self.mentions(words) { Ok(self) } else { Err(format!("wanted {words:?}: {self:#?}").into()) }
    }

    /// Whether it said this.
    pub fn mentions(&self, words: &str) -> bool {
        self.chatter.contains(words) || self.output.contains(words)
    }

    /// The report.
    pub fn report(&self) -> Answer<serde_json::Value> {
        Ok(serde_json::from_str(self.output.trim())?)
    }

    /// The reports, one a line.
    pub fn reports(&self) -> Answer<Vec<serde_json::Value>> {
        self.output.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

/// Our program: DNSCONVERGECHECK, or the example of the profile that this test was built in.
fn program() -> Answer<PathBuf> {
    if let Some(path) = std::env::var_os("DNSCONVERGECHECK") {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let profile = test.parent().and_then(Path::parent).ok_or("the test binary is not in a target directory")?;
    Ok(profile.join("examples").join("dnsconvergecheck"))
}
