//! Who may say where the KDC is: the configuration, the system's resolvers, and for a login by a secret nobody else.

use crate::gss::acceptor::Fault;
use crate::gss::front::Front;
use crate::gss::kdc;
use crate::gss::realm::{CLIENT, GRANTING_KEY, PASSWORD, REALM, Trouble, cache};
use crate::lab::{Lab, Server, Zone};
use crate::updates::Scene;
use dnsconverge::gss::Account;
use dnsconverge::kerberos::{Config, CredentialCache, Principal};
use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::SocketAddr;

/// The realm's zone, which says that its KDC is there.
fn zone(kdc: SocketAddr) -> Zone {
    let zone = Zone::new("corp.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53]);
    let srv = |port, target| RData::SRV(SRV::new(0, 0, port, Name::from_ascii(target).unwrap()));
    zone.data("_kerberos._tcp", srv(kdc.port(), "localhost.")).data("_kerberos._tcp", srv(88, "."))
}

/// A directory whose DNS server names this KDC.
async fn naming(kdc: SocketAddr) -> Scene {
    let scene = Scene::new(Fault::None).await;
    let primary = Lab::primary(zone(kdc)).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    let front = Front::before(primary.address(), Fault::None).await;
    Scene { primary, secondary, front, ..scene }
}

/// By this password, with these resolvers.
fn account(resolvers: &[&Server]) -> Account {
    let mut config = Config::new();
    config.resolvers = resolvers.iter().map(|server| server.address()).collect();
    let principal = Principal::parse(CLIENT, Some(REALM)).unwrap();
    Account::with_password(principal, PASSWORD.to_owned().into()).config(config)
}

#[tokio::test]
async fn l4_a_server_to_be_updated_does_not_say_who_gets_what_is_made_of_the_password() {
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let scene = naming(kdc).await;
    let resolver = Lab::primary(Zone::new("corp.test.").soa(1).ns("@", "ns")).start().await.unwrap();
    let check = scene.check(account(&[&resolver]));
    let error = check.run_until(std::future::pending(), |_| ()).await.unwrap_err().to_string();
    assert!(error.contains("no KDC of realm CORP.TEST is known") && error.contains("has none"), "{error}");
    assert_eq!((asked.lock().unwrap().len(), scene.updates().len()), (0, 0));
}

#[tokio::test]
async fn the_resolvers_of_the_system_say_where_the_kdc_is() {
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let scene = Scene::new(Fault::None).await;
    let empty = Lab::primary(Zone::new("corp.test.").soa(1).ns("@", "ns")).start().await.unwrap();
    let resolver = Lab::primary(zone(kdc)).start().await.unwrap();
    let check = scene.check(account(&[&empty, &resolver]));
    scene.assert_proven(&check.run_until(std::future::pending(), |_| ()).await.unwrap());
    assert_eq!(asked.lock().unwrap().len(), 3, "two to log in, and a ticket");
    let is_for_srv = |request: &crate::lab::Request| request.record_type() == RecordType::SRV;
    assert!(resolver.count(is_for_srv) > 0);
    assert_eq!(resolver.count(|request| is_for_srv(request) && !request.recursion_desired()), 0, "it is a resolver");
}

#[tokio::test]
async fn by_the_tickets_of_kinit_the_server_to_be_updated_may_say_it() {
    let (kdc, asked) = kdc::start(Trouble::None).await;
    let scene = naming(kdc).await;
    let cache = CredentialCache::read(&cache(&["krbtgt", REALM], &GRANTING_KEY, u32::MAX)).unwrap();
    let check = scene.check(Account::with_cache(cache));
    scene.assert_proven(&check.run_until(std::future::pending(), |_| ()).await.unwrap());
    assert_eq!(asked.lock().unwrap().len(), 1, "a ticket");
}
