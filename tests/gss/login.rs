//! Getting tickets from a KDC: what is proved, what is believed, and what each refusal says.

use crate::gss::realm::{self, CLIENT, GRANTING_KEY, HOST, PASSWORD, REALM, SERVICE_KEY, Trouble};
use dnsconverge::gss::Account;
use dnsconverge::kerberos::{
    Config, Credential, CredentialCache, Etype, InitialExchange, KerberosError, Keytab, Principal, Secret,
    ServiceExchange, Step, UnixTime,
};
use std::time::Duration;

/// The time of every message here.
const NOW: UnixTime = Duration::from_secs(1_700_000_000);

/// The account.
fn client() -> Principal {
    Principal::parse(CLIENT, Some(REALM)).unwrap()
}

/// Asks the KDC until the exchange is over.
fn run(
    first: Step<Credential>,
    trouble: Trouble,
    mut answer: impl FnMut(&[u8]) -> Result<Step<Credential>, KerberosError>,
) -> Result<Credential, KerberosError> {
    let mut step = first;
    for _ in 0..20 {
        step = match step {
            Step::Done(credential) => return Ok(credential),
            Step::Ask { message, .. } => answer(&realm::answer(&message, trouble))?,
        };
    }
    panic!("it has no end");
}

/// Logs in with this secret.
fn log_in(secret: Secret, trouble: Trouble) -> Result<Credential, KerberosError> {
    let mut exchange = InitialExchange::new(client(), secret, &Etype::SOUND)?;
    let first = exchange.begin(NOW, &[3; 64]);
    run(first, trouble, |reply| exchange.answer(reply, NOW, &[4; 64]))
}

/// Logs in with this password.
fn with_password(password: &str, trouble: Trouble) -> Result<Credential, KerberosError> {
    log_in(Secret::Password(password.to_owned().into()), trouble)
}

/// A ticket for the DNS server.
fn ticket(trouble: Trouble) -> Result<Credential, KerberosError> {
    let service = Principal::service("DNS", HOST, REALM).unwrap();
    let granting = with_password(PASSWORD, Trouble::None)?;
    let mut exchange = ServiceExchange::new(granting, service, &Etype::SOUND);
    let first = exchange.begin(NOW, &[5; 64])?;
    run(first, trouble, |reply| exchange.answer(reply, NOW, &[6; 64]))
}

/// A keytab of version 2 with one key of AES-256 and this number.
fn keytab(etype: u16, key: &[u8], realm: &str) -> Vec<u8> {
    let counted = |octets: &[u8]| [&u16::try_from(octets.len()).unwrap().to_be_bytes(), octets].concat();
    let mut entry = vec![0, 1];
    entry.extend(counted(realm.as_bytes()));
    entry.extend(counted(CLIENT.as_bytes()));
    entry.extend([0, 0, 0, 1, 0, 0, 0, 0, 2]);
    entry.extend(etype.to_be_bytes());
    entry.extend(counted(key));
    // A hole first: what a deleted entry leaves.
    let mut file = vec![5, 2];
    file.extend((-4_i32).to_be_bytes());
    file.extend([0; 4]);
    file.extend(u32::try_from(entry.len()).unwrap().to_be_bytes());
    [file, entry].concat()
}

#[test]
fn a_password_with_the_kdc_s_salt_makes_a_ticket() {
    let granting = with_password(PASSWORD, Trouble::None).unwrap();
    assert_eq!((granting.key.reveal(), granting.client), (GRANTING_KEY.as_slice(), client()));
    let service = ticket(Trouble::None).unwrap();
    assert_eq!(
        (service.key.reveal(), service.service.to_string().as_str()),
        (SERVICE_KEY.as_slice(), "DNS/dc1.corp.test@CORP.TEST")
    );
}

#[test]
fn a_keytab_s_key_makes_a_ticket_and_one_of_somebody_else_does_not() {
    let cipher = picky_krb::crypto::CipherSuite::Aes256CtsHmacSha196.cipher();
    let key = cipher.generate_key_from_password(PASSWORD.as_bytes(), realm::SALT.as_bytes()).unwrap();
    let read = |etype, realm| Keytab::read(&keytab(etype, &key, realm)).unwrap();
    assert!(log_in(Secret::Keytab(read(18, REALM)), Trouble::None).is_ok());
    let error = log_in(Secret::Keytab(read(18, "OTHER.TEST")), Trouble::None).unwrap_err();
    assert!(matches!(&error, KerberosError::NotInKeytab { present, .. } if present == "admin@OTHER.TEST"), "{error}");
    let wrong = Keytab::read(&keytab(18, &[1; 32], REALM)).unwrap();
    assert!(matches!(log_in(Secret::Keytab(wrong), Trouble::None), Err(KerberosError::WrongSecret { .. })));
}

#[test]
fn every_refusal_has_its_own_words() {
    let refusals = [
        with_password("wrong", Trouble::None).unwrap_err(),
        with_password(PASSWORD, Trouble::Skew).unwrap_err(),
        with_password(PASSWORD, Trouble::OnlyRc4).unwrap_err(),
        with_password(PASSWORD, Trouble::FewRounds).unwrap_err(),
        ticket(Trouble::UnknownService).unwrap_err(),
        ticket(Trouble::OtherService).unwrap_err(),
        ticket(Trouble::Replay).unwrap_err(),
    ];
    let words = [
        "does not accept the password of admin@CORP.TEST",
        "2020-01-01",
        "RC4 must be allowed first",
        "fewer rounds",
        "DNS/dc1.corp.test@CORP.TEST",
        "service differs",
        "nonce differs",
    ];
    for (refusal, word) in refusals.iter().zip(words) {
        let text = refusal.to_string();
        assert!(text.contains(word) && !text.contains("wrong\"") && !text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn referrals_are_followed_and_have_an_end() {
    // Every realm sends us to the same one: the second time it is a circle.
    assert!(matches!(ticket(Trouble::Referral), Err(KerberosError::Referrals { .. })));
}

#[test]
fn a_cache_gives_what_it_holds_and_nothing_that_is_over() {
    let read = |service: &[&str], ends| CredentialCache::read(&realm::cache(service, &GRANTING_KEY, ends)).unwrap();
    let cache = read(&["krbtgt", REALM], u32::MAX);
    assert_eq!((cache.client(), cache.granting(NOW).unwrap().key.reveal()), (&client(), GRANTING_KEY.as_slice()));
    assert!(matches!(read(&["krbtgt", REALM], 1000).granting(NOW), Err(KerberosError::Expired { ended: 1000, .. })));
    assert!(matches!(read(&["DNS", HOST], u32::MAX).granting(NOW), Err(KerberosError::EmptyCache { .. })));
    let service = Principal::service("DNS", "DC1.corp.test.", REALM).unwrap();
    assert!(read(&["DNS", HOST], u32::MAX).service(&service, NOW).is_some());
    assert!(read(&["DNS", HOST], 1000).service(&service, NOW).is_none());
}

#[test]
fn files_and_answers_that_are_cut_or_altered_are_errors_and_never_a_panic() {
    let cache = realm::cache(&["krbtgt", REALM], &GRANTING_KEY, u32::MAX);
    let keytab = keytab(18, &[1; 32], REALM);
    for at in 0..cache.len() {
        let _ = CredentialCache::read(&cache[..at]);
        let mut altered = cache.clone();
        altered[at] ^= 0xFF;
        let _ = CredentialCache::read(&altered);
    }
    for at in 0..keytab.len() {
        let _ = Keytab::read(&keytab[..at]);
        let mut altered = keytab.clone();
        altered[at] ^= 0xFF;
        let _ = Keytab::read(&altered);
    }
    let mut exchange =
        InitialExchange::new(client(), Secret::Password(PASSWORD.to_owned().into()), &Etype::SOUND).unwrap();
    let Step::Ask { message, .. } = exchange.begin(NOW, &[3; 64]) else { panic!("a question first") };
    let wants_proof = realm::answer(&message, Trouble::None);
    for at in 0..wants_proof.len() {
        let mut exchange =
            InitialExchange::new(client(), Secret::Password(PASSWORD.to_owned().into()), &Etype::SOUND).unwrap();
        exchange.begin(NOW, &[3; 64]);
        assert!(exchange.answer(&wants_proof[..at], NOW, &[4; 64]).is_err(), "cut at {at}");
        let mut altered = wants_proof.clone();
        altered[at] ^= 0x81;
        let _ = exchange.answer(&altered, NOW, &[4; 64]);
    }
}

/// An account whose `krb5.conf` says this under `[libdefaults]`.
fn configured(libdefaults: &str) -> Account {
    let mut config = Config::new();
    config.read(&format!("[libdefaults]\n{libdefaults}\n"));
    Account::with_password(client(), PASSWORD.to_owned().into()).config(config)
}

#[test]
fn krb5_conf_says_which_ciphers_are_asked_for_and_in_which_order() {
    use Etype::{Aes128Sha1, Aes128Sha2, Aes256Sha1, Aes256Sha2, Rc4};
    let of = |text: &str| {
        let account = configured(text).allow_rc4();
        (account.login_etypes().unwrap(), account.service_etypes().unwrap())
    };
    let all = vec![Aes256Sha2, Aes256Sha1, Aes128Sha2, Aes128Sha1, Rc4];
    assert_eq!(of(""), (all.clone(), all));
    let both = vec![Aes128Sha1, Aes256Sha1];
    assert_eq!(of("permitted_enctypes = aes128-cts, des3-cbc-sha1 AES256-CTS-HMAC-SHA1-96"), (both.clone(), both));
    let (login, service) = of("default_tkt_enctypes = rc4-hmac aes256-sha2\ndefault_tgs_enctypes = aes128-sha2");
    assert_eq!((login, service), (vec![Rc4, Aes256Sha2], vec![Aes128Sha2]));
    let (login, _) =
        of("default_tkt_enctypes = DEFAULT -aes256-sha1 +rc4\npermitted_enctypes = aes256-cts aes128-cts rc4");
    assert_eq!(login, [Aes128Sha1, Rc4], "only what is permitted as well");
}

#[test]
fn krb5_conf_permits_no_rc4_by_itself() {
    let error = configured("permitted_enctypes = rc4-hmac").login_etypes().unwrap_err().to_string();
    assert!(error.contains("default_tkt_enctypes") && error.contains("permitted_enctypes"), "{error}");
    let error = configured("default_tgs_enctypes = des-cbc-md5").service_etypes().unwrap_err().to_string();
    assert!(error.contains("default_tgs_enctypes"), "{error}");
}
