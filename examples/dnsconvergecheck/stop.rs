//! The wish to stop: Ctrl-C, SIGTERM and SIGHUP, Ctrl-Break and a closed console. It is an input, not an end.
//!
//! The first signal stops the check, which takes its probe back first. The second is answered. The third ends the
//! program; the journal then knows of a probe that may be left.

use crate::terminal::Terminal;
use std::io;
use std::rc::Rc;
use tokio::sync::watch;

/// The exit status of a program that wrote and is ended by the third signal.
pub(crate) const PROBE_MAY_BE_LEFT: i32 = 3;
/// The exit status of a program that did not write and is ended by the third signal.
pub(crate) const NOTHING_WRITTEN: i32 = 2;
/// How many signals end the program.
const LAST: usize = 3;

/// Whether the person wants to stop. Clones see the same wish.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    /// How often it was said.
    count: watch::Receiver<usize>,
}

impl Stop {
    /// Listens from now on; must be called inside a `LocalSet`. The last signal ends the program with this status.
    ///
    /// # Errors
    /// The system takes no more signal handlers.
    pub(crate) fn listen(terminal: &Rc<Terminal>, last_status: i32) -> io::Result<Self> {
        let (said, count) = watch::channel(0);
        let mut signals = Signals::new()?;
        let terminal = Rc::clone(terminal);
        tokio::task::spawn_local(async move {
            loop {
                signals.next().await;
                said.send_modify(|count| *count += 1);
                let times = *said.borrow();
                let wrote = last_status == PROBE_MAY_BE_LEFT;
                terminal.line(match times {
                    1 if !wrote => "stopping",
                    1 => "stopping: whatever was planted is taken back first",
                    LAST.. if wrote => "ended: `sweep` takes back what may be left",
                    LAST.. => "ended",
                    _ if !wrote => "still stopping; once more ends the program",
                    _ => "still taking back what was planted; once more ends the program and may leave it",
                });
                if times >= LAST {
                    std::process::exit(last_status);
                }
            }
        });
        Ok(Self { count })
    }

    /// Whether it was said already.
    pub(crate) fn is_requested(&self) -> bool {
        *self.count.borrow() > 0
    }

    /// Comes when it is said, at once if it was.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn requested(mut self) {
        if self.count.wait_for(|count| *count > 0).await.is_err() {
            // Nobody can say it any more.
            std::future::pending::<()>().await;
        }
    }
}

/// What this system has in the way of signals.
#[cfg(unix)]
struct Signals {
    /// Ctrl-C.
    interrupt: tokio::signal::unix::Signal,
    /// `kill`, a service manager.
    terminate: tokio::signal::unix::Signal,
    /// The terminal is gone.
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes them over from the system, which would end the program.
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// What this system has in the way of signals.
#[cfg(windows)]
struct Signals {
    /// Ctrl-C.
    interrupt: tokio::signal::windows::CtrlC,
    /// Ctrl-Break.
    break_key: tokio::signal::windows::CtrlBreak,
    /// The console is closed.
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    /// Takes them over from the system, which would end the program.
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { interrupt: ctrl_c()?, break_key: ctrl_break()?, close: ctrl_close()? })
    }

    /// The next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.break_key.recv() => {}
            _ = self.close.recv() => {}
        }
    }
}
