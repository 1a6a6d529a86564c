//! Real servers whose zone moves while it is sent, and one that nobody reads for ten seconds if we do not.

use super::Scenario;
use super::lab::{Answer, Lab, Server, variable};
use super::relay::{Manner, relay};
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The zone that BIND's primary and Knot hold on their own and let us update, each with a journal.
const ZONE: &str = "algorithms.test";
/// Its key.
const KEY: &str = "hmac-sha256.key";

/// What has become of a server that moves.
#[derive(Default)]
struct Moves {
    /// How often it was asked for its SOA, and how often its zone has changed.
    seen: Mutex<Seen>,
    /// Told of each time.
    told: Condvar,
}

/// Two counts.
#[derive(Default)]
struct Seen {
    /// How often it was asked for its SOA: before each transfer, and after it.
    asked: usize,
    /// How often its zone has changed: in each transfer.
    moved: usize,
}

impl Moves {
    /// How often its zone has changed.
    fn count(&self) -> usize {
        self.seen.lock().unwrap().moved
    }
}

/// Changes the zone of a server each time that it begins to send it: what it sends is old before it has arrived.
struct Moving {
    /// Where the server is.
    server: String,
    /// The key's file.
    key: String,
    /// How often that was done.
    moves: Arc<Moves>,
}

impl Moving {
    /// Sends an update of these lines.
    fn update(&self, lines: &str) -> Answer<()> {
        let mut nsupdate = Command::new("nsupdate");
        let mut child = nsupdate.args(["-k", &self.key]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let script = format!("server {}\nzone {ZONE}\n{lines}send\n", self.server);
        child.stdin.take().ok_or("no stdin")?.write_all(script.as_bytes())?;
        let output = child.wait_with_output()?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
    }

    /// The name that the update of this number adds.
    fn name(number: usize) -> String {
        format!("moved-{number}._dnsconverge.{ZONE}")
    }
}

impl Manner for Moving {
    fn datagram(&self) {
        self.moves.seen.lock().unwrap().asked += 1;
        self.moves.told.notify_all();
    }

    fn begins(&self) {
        let name = Self::name(self.moves.count());
        // Without it the scenario does not end well, and its first line says why.
        self.update(&format!("update add {name} 60 TXT \"a change\"\n")).unwrap();
        self.moves.seen.lock().unwrap().moved += 1;
        self.moves.told.notify_all();
    }
}

/// The same server as one that stands where the other arrives: it is asked only when the other has moved under the transfer
/// that is on its way.
struct Following(Arc<Moves>);

impl Manner for Following {
    fn datagram(&self) {
        let Moves { seen, told } = &*self.0;
        // Both are asked at the same time: the other may be about to be asked, or done.
        let (soon, in_time) = (Duration::from_millis(500), Duration::from_secs(4));
        let (seen, _) = told.wait_timeout_while(seen.lock().unwrap(), soon, |seen| seen.asked % 2 == 0).unwrap();
        let is_under_way = |seen: &mut Seen| seen.asked % 2 == 1 && seen.moved < seen.asked.div_ceil(2);
        drop(told.wait_timeout_while(seen, in_time, is_under_way).unwrap());
    }
}

/// A server twice, as one that moves under each transfer, and as one that stands where the first arrives.
fn restless(server: Server) -> Answer<(Arc<Moving>, [SocketAddr; 2])> {
    let (address, moves) = (server.address()?, Arc::new(Moves::default()));
    let key = format!("{}/{KEY}", variable("LAB_KEYS")?);
    let moving = Arc::new(Moving { server: address.clone(), key, moves: Arc::clone(&moves) });
    let following = Arc::new(Following(moves));
    let sides = [relay(&address, Arc::clone(&moving) as Arc<dyn Manner>)?, relay(&address, following)?];
    Ok((moving, sides))
}

/// What a comparison of both says.
fn compared(lab: &Lab, sides: [SocketAddr; 2], arguments: &[&str], code: i32) -> Answer<serde_json::Value> {
    let (sides, key) = (sides.map(|side| side.to_string()), format!("{}/{KEY}", variable("LAB_KEYS")?));
    let run = lab.bare_run("diff")?.with(&[&sides[0], &sides[1], ZONE, "-k", &key, "--format", "json"]);
    run.with(arguments).finish()?.exits(code)?.report()
}

/// Takes back what was changed.
fn undo(moving: &Moving) -> Scenario {
    let lines: Vec<String> =
        (0..moving.moves.count()).map(|number| format!("update delete {}\n", Moving::name(number))).collect();
    moving.update(&lines.concat())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn i9_bind_and_knot_that_move_under_each_transfer_are_met_by_their_journals() -> Scenario {
    let lab = Lab::alone()?;
    for server in [Server::Primary, Server::Knot] {
        let (moving, sides) = restless(server)?;
        let report = compared(&lab, sides, &[], 0)?;
        undo(&moving)?;
        assert_eq!(report["comparison"]["verdict"], "equal", "{server:?}: {report:#}");
        assert_eq!(report["comparison"]["basis"], "axfr+ixfr", "{server:?}: {report:#}");
        assert_eq!(moving.moves.count(), 6, "{server:?}: three transfers in each of two rounds");
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn i9_whoever_insists_on_axfr_is_told_that_the_server_moves() -> Scenario {
    let lab = Lab::alone()?;
    for server in [Server::Primary, Server::Knot] {
        let (moving, sides) = restless(server)?;
        let report = compared(&lab, sides, &["--basis", "axfr", "--deadline", "10s"], 2)?;
        undo(&moving)?;
        assert_eq!(report["comparison"]["verdict"], "moving", "{server:?}: {report:#}");
    }
    Ok(())
}

/// Says nothing for ten seconds once a megabyte was sent on, and has read the server to its end by then.
struct Stalling(AtomicBool);

impl Manner for Stalling {
    fn sent(&self, octets: usize) {
        if octets > 1 << 20 && !self.0.swap(true, Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(10));
        }
    }
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn l6_knot_is_not_kept_waiting_while_another_side_says_nothing_for_ten_seconds() -> Scenario {
    let lab = Lab::shared()?;
    let knot = Server::Knot.address()?;
    let stalled = Arc::new(Stalling(AtomicBool::new(false)));
    let other = relay(&knot, Arc::clone(&stalled) as Arc<dyn Manner>)?.to_string();
    let run = lab.bare_run("diff")?.with(&[&knot, &other, "large.test", "--memory", "16M", "--format", "json"]);
    let report = run.finish()?.exits(0)?.report()?;
    assert!(stalled.0.load(Ordering::SeqCst));
    assert_eq!(report["comparison"]["verdict"], "equal", "{report:#}");
    Ok(())
}
