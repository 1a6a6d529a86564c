//! Whole checks with updates under a context: odd signatures, forgotten contexts, and what goes over the wire.

use crate::gss::acceptor::{self, Fault};
use crate::gss::front::Front;
use crate::gss::kdc;
use crate::gss::realm::{CLIENT, GRANTING_KEY, HOST, PASSWORD, REALM, SERVICE_KEY, Trouble, cache};
use crate::lab::{Lab, Server, Zone};
use dnsconverge::check::{Check, CheckError};
use dnsconverge::converge::Schedule;
use dnsconverge::gss::Account;
use dnsconverge::kerberos::{Config, CredentialCache, Principal};
use dnsconverge::net::{KerberosLogin, Server as Peer, ServerAddress};
use dnsconverge::probe::ProbeType;
use dnsconverge::report::{Cleanup, Event, EventKind, Propagation, Report};
use dnsconverge::wire::{Message, Opcode};
use hickory_proto::rr::Name;
use std::net::SocketAddr;
use std::time::Duration;

/// A directory of two servers: Kerberos before the first.
pub(crate) struct Scene {
    /// The server that is written to.
    pub(crate) primary: Server,
    /// The one that follows.
    pub(crate) secondary: Server,
    /// What stands before the first.
    pub(crate) front: Front,
    /// Where the journal is.
    pub(crate) journal: tempfile::TempDir,
}

impl Scene {
    /// With this fault of the server with Kerberos.
    pub(crate) async fn new(fault: Fault) -> Self {
        let zone = Zone::new("corp.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53]);
        let primary = Lab::primary(zone).start().await.unwrap();
        let secondary = Lab::secondary_of(&primary).start().await.unwrap();
        let front = Front::before(primary.address(), fault).await;
        Self { primary, secondary, front, journal: tempfile::tempdir().unwrap() }
    }

    /// A check by this account.
    pub(crate) fn check(&self, account: impl Into<KerberosLogin>) -> Check {
        self.check_of(self.source().account(account))
    }

    /// The server with Kerberos, without an account.
    pub(crate) fn source(&self) -> Peer {
        let source = format!("dc1:{}", self.front.address.port()).parse::<ServerAddress>().unwrap();
        Peer::at(source).pinned(self.front.address)
    }

    /// A check of this source.
    pub(crate) fn check_of(&self, source: Peer) -> Check {
        let schedule = Schedule::every(Duration::from_millis(20)).for_at_most(Duration::from_secs(20));
        Check::new(&Name::from_ascii("corp.test.").unwrap(), source, Peer::at(self.secondary.address()))
            .schedule(schedule.timeout(Duration::from_secs(5)))
            .probe_type(ProbeType::Address)
            .journal(self.journal.path())
    }

    /// Runs it.
    async fn run(&self, account: impl Into<KerberosLogin>) -> Result<(Report, Vec<Event>), CheckError> {
        let mut events = Vec::new();
        let report = self.check(account).run_until(std::future::pending(), |event| events.push(event.clone())).await?;
        Ok((report, events))
    }

    /// It converged, and nothing is left.
    pub(crate) fn assert_proven(&self, report: &Report) {
        assert_eq!((report.propagation(), report.cleanup()), (Propagation::Converged, Cleanup::Removed), "{report}");
        assert!(self.primary.zone().below("_dnsconverge").is_empty(), "no probe is left");
        assert_eq!(std::fs::read_dir(self.journal.path()).unwrap().count(), 0, "the journal is empty");
    }

    /// The updates that came over TCP, and whether each was signed.
    pub(crate) fn updates(&self) -> Vec<bool> {
        let is_signed = |octets: &Vec<u8>| {
            let message = Message::parse(octets).unwrap();
            (message.header().opcode() == Opcode::UPDATE).then(|| message.tsig().is_some())
        };
        self.front.seen().iter().filter_map(is_signed).collect()
    }
}

/// With the ticket for the server in a cache.
pub(crate) fn with_cache(ends: u32) -> Account {
    Account::with_cache(CredentialCache::read(&cache(&["DNS", HOST], &SERVICE_KEY, ends)).unwrap())
}

/// With a password, at this KDC.
pub(crate) fn with_password(password: &str, kdc: SocketAddr) -> Account {
    let mut config = Config::new();
    config.add_kdc(REALM, &kdc.to_string());
    let principal = Principal::parse(CLIENT, Some(REALM)).unwrap();
    Account::with_password(principal, password.to_owned().into()).config(config)
}

/// The notes about servers.
pub(crate) fn notes(events: &[Event]) -> Vec<&str> {
    let note = |event| match event {
        &Event { kind: EventKind::Note { address: Some(_), ref text }, .. } => Some(text.as_str()),
        _ => None,
    };
    events.iter().filter_map(note).collect()
}

#[tokio::test]
async fn g6_a_check_negotiates_once_signs_both_updates_and_deletes_the_context() {
    let scene = Scene::new(Fault::None).await;
    let (report, events) = scene.run(with_cache(u32::MAX)).await.unwrap();
    scene.assert_proven(&report);
    assert_eq!(scene.front.contexts(), (1, 1), "negotiated, deleted");
    assert_eq!(scene.updates(), [true, true]);
    assert!(notes(&events).iter().all(|note| !note.contains("signed")), "nothing odd: {events:?}");
}

#[tokio::test]
async fn g5_samba_s_signature_is_recognised_noted_once_and_taken() {
    let scene = Scene::new(Fault::WithoutLength).await;
    let (report, events) = scene.run(with_cache(u32::MAX)).await.unwrap();
    scene.assert_proven(&report);
    let told = notes(&events).iter().filter(|note| note.contains("as Samba does it")).count();
    assert_eq!(told, 1, "{events:?}");
    assert!(!events.iter().any(|event| matches!(event.kind, EventKind::PlantUnknown { .. })));
    assert_eq!(scene.updates(), [true, true], "nothing is repeated");
}

#[tokio::test]
async fn g5_a_reply_that_proves_nothing_leads_to_reading_the_zone_and_to_no_second_add() {
    for (fault, words) in
        [(Fault::Echo, "our own signature"), (Fault::Unverifiable, "not that of the security context")]
    {
        let scene = Scene::new(fault).await;
        let (report, events) = scene.run(with_cache(u32::MAX)).await.unwrap();
        scene.assert_proven(&report);
        let unknown = events.iter().find_map(|event| match &event.kind {
            EventKind::PlantUnknown { error } => Some(error.clone()),
            _ => None,
        });
        assert!(unknown.as_ref().is_some_and(|error| error.contains(words)), "{fault:?}: {unknown:?}");
        let adds = scene.front.seen().iter().filter(|octets| is_add(octets)).count();
        assert_eq!(adds, 1, "{fault:?}");
        assert!(scene.updates().iter().all(|signed| *signed), "never unsigned");
    }
}

/// Whether it is the update that adds: it alone has a prerequisite.
fn is_add(octets: &[u8]) -> bool {
    let message = Message::parse(octets).unwrap();
    message.header().opcode() == Opcode::UPDATE && message.header().counts[1] == 1
}

#[tokio::test]
async fn g6_a_context_that_the_server_has_forgotten_is_negotiated_again_once() {
    let scene = Scene::new(Fault::None).await;
    scene.front.forget_after(1);
    let (report, _) = scene.run(with_cache(u32::MAX)).await.unwrap();
    scene.assert_proven(&report);
    assert_eq!(scene.front.contexts(), (2, 1));
    assert!(scene.updates().iter().all(|signed| *signed), "never unsigned");
}

#[tokio::test]
async fn g3_an_unsigned_end_of_the_negotiation_leaves_the_zone_alone() {
    let scene = Scene::new(Fault::UnsignedLast).await;
    let error = scene.run(with_cache(u32::MAX)).await.unwrap_err().to_string();
    assert!(error.contains("last word in the negotiation"), "{error}");
    assert_eq!(scene.updates(), [] as [bool; 0], "nothing was sent in its place");
}

#[tokio::test]
async fn g1_a_server_given_by_its_address_is_refused_before_anything_is_sent() {
    let scene = Scene::new(Fault::None).await;
    let source = Peer::at(scene.front.address).account(with_cache(u32::MAX));
    let zone = Name::from_ascii("corp.test.").unwrap();
    let check = Check::new(&zone, source, Peer::at(scene.secondary.address())).journal(scene.journal.path());
    let error = check.run_until(std::future::pending(), |_| ()).await.unwrap_err().to_string();
    assert!(error.contains("needs the server's name"), "{error}");
    assert_eq!(scene.front.contexts(), (0, 0));
}

#[tokio::test]
async fn l4_a_password_goes_over_no_wire_and_no_key_does() {
    let scene = Scene::new(Fault::None).await;
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let (report, events) = scene.run(with_password(PASSWORD, kdc)).await.unwrap();
    scene.assert_proven(&report);
    let mut wire = scene.front.seen();
    wire.extend(asked.lock().unwrap().clone());
    wire.push(format!("{report}{events:?}{}", report.to_json()).into_bytes());
    for secret in [PASSWORD.as_bytes(), &GRANTING_KEY, &SERVICE_KEY] {
        assert!(!wire.iter().any(|octets| octets.windows(secret.len()).any(|window| window == secret)));
    }
    assert!(scene.updates().iter().all(|signed| *signed), "never unsigned");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_since_directories_lock_accounts() {
    let scene = Scene::new(Fault::None).await;
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let error = scene.run(with_password("wrong", kdc)).await.unwrap_err().to_string();
    assert!(error.contains("does not accept the password"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 2, "a question, and one proof");
    assert_eq!(scene.updates(), [] as [bool; 0]);
}

#[tokio::test]
async fn a_refused_login_is_not_tried_again_for_the_next_zone() {
    let (scene, (kdc, asked)) = (Scene::new(Fault::None).await, kdc::start(Trouble::None).await);
    let login = KerberosLogin::from(with_password("wrong", kdc));
    for _ in 0..3 {
        let error = scene.run(login.clone()).await.unwrap_err().to_string();
        assert!(error.contains("does not accept the password"), "{error}");
    }
    assert_eq!(asked.lock().unwrap().len(), 2, "a question, and one proof, for all three");
}

#[tokio::test]
async fn one_login_serves_all_that_share_it() {
    let (scene, (kdc, asked)) = (Scene::new(Fault::None).await, kdc::start(Trouble::None).await);
    let login = KerberosLogin::from(with_password(PASSWORD, kdc));
    for _ in 0..2 {
        scene.assert_proven(&scene.run(login.clone()).await.unwrap().0);
    }
    assert_eq!(asked.lock().unwrap().len(), 4, "two to log in, and a ticket for each");
}

#[tokio::test]
async fn a_kdc_whose_datagrams_are_too_small_is_asked_by_tcp() {
    let (scene, (kdc, by_tcp, by_udp)) = (Scene::new(Fault::None).await, kdc::start_with_udp().await);
    let mut config = Config::new();
    config.read("[libdefaults]\nudp_preference_limit = 1465\n");
    config.add_kdc(REALM, &kdc.to_string());
    let principal = Principal::parse(CLIENT, Some(REALM)).unwrap();
    let account = Account::with_password(principal, PASSWORD.to_owned().into()).config(config);
    scene.assert_proven(&scene.run(account).await.unwrap().0);
    assert_eq!((by_udp.lock().unwrap().len(), by_tcp.lock().unwrap().len()), (3, 3));
}

#[tokio::test]
async fn a_ticket_that_is_over_says_so_before_anything_is_written() {
    let scene = Scene::new(Fault::None).await;
    let error = scene.run(with_cache(1000)).await.unwrap_err().to_string();
    assert!(error.contains("kinit"), "{error}");
    assert_eq!(acceptor_rounds(&scene), 0);
}

/// How many messages with a TKEY record came.
fn acceptor_rounds(scene: &Scene) -> usize {
    let is_tkey = |octets: &&Vec<u8>| acceptor::tkey(&Message::parse(octets).unwrap()).is_some();
    scene.front.seen().iter().filter(is_tkey).count()
}
