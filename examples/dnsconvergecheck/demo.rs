//! `demo`: the whole job on name servers inside this program, on ports that the system chooses. Nothing leaves it.

#[path = "../../tests/lab/mod.rs"]
mod lab;

use crate::args::DemoArguments;
use crate::diff_text;
use crate::live::Progress;
use crate::terminal::{Output, Terminal};
use dnsconverge::check::Check;
use dnsconverge::compare::Compare;
use dnsconverge::converge::Schedule;
use dnsconverge::net::Server;
use dnsconverge::report::{ComparisonVerdict, Event, EventKind, Outcome};
use dnsconverge::tsig::TsigKey;
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Access, Algorithm, Key, Lab, Zone};
use std::rc::Rc;
use std::time::Duration;

/// The zone of the demonstration.
const ZONE: &str = "demo.example.";
/// How long the quick secondary takes: a NOTIFY and a transfer on a good day.
const QUICK: Duration = Duration::from_millis(150);
/// How long the slow one takes; enough to be seen, and short for a demonstration.
const SLOW: Duration = Duration::from_millis(1500);
/// Far more than [`SLOW`].
const DEADLINE: Duration = Duration::from_secs(8);

/// `demo`.
///
/// # Errors
/// The servers cannot be started, or did not show what they should.
pub(crate) async fn demo(_arguments: DemoArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let mut output = Output::default();
    let name = Name::from_ascii(ZONE)?;
    let key = Key::new("demo-key.", Algorithm::Sha256, &rand::random::<[u8; 32]>());
    let ours = TsigKey::parse(&key.argument())?;
    let journal = tempfile::tempdir()?;

    let primary = Lab::primary(zone()).key(&key).update_by(Access::AnyKey).start().await?;
    let quick = Lab::secondary_of(&primary).key(&key).delay(QUICK).start().await?;
    let slow = Lab::secondary_of(&primary).key(&key).delay(SLOW).start().await?;
    let odd = Lab::secondary_of(&primary).key(&key).differing(seed_a_difference).start().await?;
    output.write(&format!(
        "Four name servers run inside this program, on 127.0.0.1 and nowhere else. They hold {ZONE}\n  \
         {}  the primary: takes signed updates\n  {}  a secondary that follows within {} ms\n  \
         {}  a secondary that lags by {} ms\n  {}  a secondary that holds something else\n",
        primary.address(),
        quick.address(),
        QUICK.as_millis(),
        slow.address(),
        SLOW.as_millis(),
        odd.address(),
    ));

    let (source, first, second) = (primary.address(), quick.address(), slow.address());
    output.write(
        "\n1. Does a change arrive? And do the servers hold the same? On your own servers you would type:\n  \
         dnsconvergecheck ns1.example.com ns2.example.com example.com --destination ns3.example.com -k update.key\n\n",
    );
    let server = |address| Server::at(address).key(ours.clone());
    let check = Check::new(&name, server(source), server(first))
        .destination(server(second))
        .schedule(Schedule::every(Duration::from_millis(100)).for_at_most(DEADLINE).confirmations(2))
        .journal(journal.path())
        .before_comparison();
    let progress = Progress::new(terminal, String::new());
    let mut report = check.run_until(std::future::pending(), |event| progress.event(event)).await?;
    let compare = Compare::new(&name, [server(source), server(first), server(second)]).for_at_most(DEADLINE);
    let compared = compare.run_until(std::future::pending(), |event| progress.event(event)).await?;
    let comparison = EventKind::Compared(Box::new(compared.comparison().clone()));
    report.apply(&Event::new(Duration::from_millis(report.lasted_ms()), comparison));
    drop(progress);
    output.write(&report.to_string());
    anyhow::ensure!(report.outcome() == Outcome::Ok, "the demonstration went wrong: {:?}", report.outcome());

    output.write(
        "\n2. What does the odd one hold? On your own servers you would type:\n  \
         dnsconvergecheck diff ns1.example.com ns4.example.com example.com\n\n",
    );
    let progress = Progress::new(terminal, String::new());
    let compare = Compare::new(&name, [server(source), server(odd.address())]).for_at_most(DEADLINE);
    let compared = compare.run_until(std::future::pending(), |event| progress.event(event)).await?;
    drop(progress);
    diff_text::unified(&compared, |text| output.write(text))?;
    anyhow::ensure!(compared.verdict() == ComparisonVerdict::Different, "the demonstration found no difference");
    output.write("\nThe probe was taken back, and nothing was changed elsewhere. Next: dnsconvergecheck -h\n");
    Ok(0)
}

/// A small zone as everybody has one.
fn zone() -> Zone {
    Zone::new(ZONE)
        .soa(2026)
        .ns("@", "ns1")
        .a("ns1", [192, 0, 2, 1])
        .a("www", [192, 0, 2, 80])
        .mx("@", 10, "mail")
        .a("mail", [192, 0, 2, 25])
        .txt("@", &["v=spf1 mx -all"])
}

/// What somebody changed by hand on the wrong server.
fn seed_a_difference(zone: &mut Zone) {
    zone.remove("www", RecordType::A);
    zone.add("www", RData::A(A::new(192, 0, 2, 81)));
    zone.add_txt("forgotten", &["added here alone"]);
}
