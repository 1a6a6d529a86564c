//! A realm with fixed keys: its KDC, and the cache that `kinit` would have left. It reads with picky-krb.

use super::der;
use picky_asn1_der::from_bytes;
use picky_krb::crypto::CipherSuite;
use picky_krb::data_types::{Authenticator, EncryptedData, PaEncTsEnc};
use picky_krb::messages::{ApReq, AsReq, KdcReqBody, TgsReq};

/// The realm.
pub const REALM: &str = "CORP.TEST";
/// The account.
pub const CLIENT: &str = "admin";
/// Its password.
pub const PASSWORD: &str = "Corr3ct.horse";
/// What is mixed with it; not what RFC 4120 makes of the name, as after an account was renamed.
pub const SALT: &str = "CORP.TESTformer-name";
/// The DNS server.
pub const HOST: &str = "dc1.corp.test";
/// The key between client and KDC.
pub const GRANTING_KEY: [u8; 32] = [0x17; 32];
/// The key between client and DNS server.
pub const SERVICE_KEY: [u8; 32] = [0x29; 32];

/// What goes wrong at the KDC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Its clock is wrong.
    Skew,
    /// It offers RC4 alone.
    OnlyRc4,
    /// It asks for so few rounds that passwords can be guessed.
    FewRounds,
    /// It sends every question about a service on to another realm.
    Referral,
    /// It does not know the service.
    UnknownService,
    /// It grants a ticket for another service.
    OtherService,
    /// It repeats an older answer.
    Replay,
    /// What it grants ends at that second, and once that is over, not for long.
    ShortLived(u64),
}

/// AES-256 of picky-krb.
fn aes() -> Box<dyn picky_krb::crypto::Cipher> {
    CipherSuite::Aes256CtsHmacSha196.cipher()
}

/// Encrypts for this usage.
pub fn encrypt(key: &[u8], usage: i32, plain: &[u8]) -> Vec<u8> {
    aes().encrypt(key, usage, plain).expect("a key of 32 octets")
}

/// Decrypts for this usage.
pub fn decrypt(key: &[u8], usage: i32, data: &EncryptedData) -> Option<Vec<u8>> {
    aes().decrypt(key, usage, &data.cipher.0.0).ok()
}

/// The keyed checksum of AES-256.
pub fn checksum(key: &[u8], usage: i32, octets: &[u8]) -> Vec<u8> {
    aes().checksum_type().hasher().checksum(key, usage, octets).expect("a key of 32 octets")
}

/// Names as text.
fn strings(part: &picky_krb::data_types::PrincipalName) -> Vec<String> {
    part.name_string.0.0.iter().map(|string| string.to_string()).collect()
}

/// The KDC's answer.
pub fn answer(request: &[u8], trouble: Trouble) -> Vec<u8> {
    if let Ok(request) = from_bytes::<AsReq>(request) {
        return initial(&request, trouble);
    }
    let request: TgsReq = from_bytes(request).expect("AS-REQ or TGS-REQ");
    service(&request, trouble)
}

/// KRB-ERROR.
pub fn error(code: u32, data: Option<Vec<u8>>) -> Vec<u8> {
    let mut parts = vec![
        der::integer(0, 5),
        der::integer(1, 30),
        der::time(4, "20200101000000Z"),
        der::integer(5, 0),
        der::integer(6, code),
        der::string(9, REALM),
        der::name(10, &["krbtgt".to_owned(), REALM.to_owned()]),
        der::string(11, "said by the KDC"),
    ];
    parts.extend(data.map(|data| der::octets(12, &data)));
    der::message(30, &parts)
}

/// AS-REQ: a proof is wanted, then a ticket is granted.
fn initial(request: &AsReq, trouble: Trouble) -> Vec<u8> {
    let client_key = aes().generate_key_from_password(PASSWORD.as_bytes(), SALT.as_bytes()).expect("a key");
    let proof = request.0.padata.0.iter().flat_map(|list| &list.0.0).find(|data| data.padata_type.0.0 == [2]);
    let Some(proof) = proof else {
        let number = if trouble == Trouble::OnlyRc4 { 23 } else { 18 };
        let mut info = vec![der::integer(0, number), der::string(1, SALT)];
        if trouble == Trouble::FewRounds {
            info.push(der::octets(2, &[0, 0, 0, 1]));
        }
        let infos = der::sequence(&[der::sequence(&info)]);
        let data = |kind, octets: &[u8]| der::sequence(&[der::integer(1, kind), der::octets(2, octets)]);
        return error(25, Some(der::sequence(&[data(19, &infos), data(2, &[])])));
    };
    if trouble == Trouble::Skew {
        return error(37, None);
    }
    let data: EncryptedData = from_bytes(&proof.padata_data.0.0).expect("EncryptedData");
    let Some(time) = decrypt(&client_key, 1, &data) else { return error(24, None) };
    let _: PaEncTsEnc = from_bytes(&time).expect("PA-ENC-TS-ENC");
    grant(&request.0.req_body.0, (11, 25, 3), &client_key, &GRANTING_KEY, trouble)
}

/// TGS-REQ: the ticket-granting ticket and the checksum of the question must be right.
fn service(request: &TgsReq, trouble: Trouble) -> Vec<u8> {
    let mut data = request.0.padata.0.iter().flat_map(|list| &list.0.0);
    let proof = data.find(|data| data.padata_type.0.0 == [1]).expect("PA-TGS-REQ");
    let proof: ApReq = from_bytes(&proof.padata_data.0.0).expect("AP-REQ");
    // A referral comes with the other key.
    let plain = |key: &[u8; 32]| decrypt(key, 7, &proof.0.authenticator.0).map(|plain| (plain, *key));
    let (plain, session) = plain(&GRANTING_KEY).or_else(|| plain(&SERVICE_KEY)).expect("a key of ours");
    let authenticator: Authenticator = from_bytes(&plain).expect("Authenticator");
    let body = picky_asn1_der::to_vec(&request.0.req_body.0).expect("KDC-REQ-BODY");
    let signed = authenticator.0.cksum.0.as_ref().expect("a checksum");
    assert_eq!(signed.0.checksum.0.0, checksum(&session, 6, &body), "of the body as it was sent");
    if trouble == Trouble::UnknownService {
        return error(7, None);
    }
    grant(&request.0.req_body.0, (13, 26, 8), &session, &SERVICE_KEY, trouble)
}

/// When a ticket ends that is granted now.
fn ends(trouble: Trouble) -> String {
    match trouble {
        Trouble::ShortLived(second) if second > dnsconverge::net::unix_now() => {
            let ends = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second);
            humantime::format_rfc3339_seconds(ends).to_string().replace(['-', ':', 'T'], "")
        }
        _ => "20990101000000Z".to_owned(),
    }
}

/// AS-REP or TGS-REP: message type, tag of the part for the client, usage.
fn grant(
    body: &KdcReqBody,
    (kind, tag, usage): (u8, u8, i32),
    key: &[u8],
    session: &[u8],
    trouble: Trouble,
) -> Vec<u8> {
    let wanted = strings(&body.sname.0.as_ref().expect("a service").0);
    let granted = match (kind, trouble) {
        (13, Trouble::Referral) => vec!["krbtgt".to_owned(), "ELSEWHERE.TEST".to_owned()],
        (13, Trouble::OtherService) => vec!["DNS".to_owned(), "evil.corp.test".to_owned()],
        _ => wanted,
    };
    let mut nonce = body.nonce.0.0.iter().fold(0, |nonce, octet| nonce << 8 | u32::from(*octet));
    if trouble == Trouble::Replay {
        nonce ^= 1;
    }
    let part = der::message(
        tag,
        &[
            der::key(0, session),
            der::field(1, &der::sequence(&[])),
            der::integer(2, nonce),
            der::no_flags(4),
            der::time(5, "20200101000000Z"),
            der::time(7, &ends(trouble)),
            der::string(9, REALM),
            der::name(10, &granted),
        ],
    );
    let parts = [
        der::integer(0, 5),
        der::integer(1, kind.into()),
        der::string(3, REALM),
        der::name(4, &[CLIENT.to_owned()]),
        der::field(5, &der::ticket(REALM, &granted)),
        der::encrypted(6, &encrypt(key, usage, &part)),
    ];
    der::message(kind, &parts)
}

/// A credential cache of version 4 that holds one ticket for `service`, which ends at that second.
pub fn cache(service: &[&str], key: &[u8], ends: u32) -> Vec<u8> {
    let counted = |octets: &[u8]| [&u32::try_from(octets.len()).expect("short").to_be_bytes(), octets].concat();
    let principal = |parts: &[&str]| {
        let count = u32::try_from(parts.len()).expect("few");
        let mut octets = [1_u32.to_be_bytes(), count.to_be_bytes()].concat();
        octets.extend(counted(REALM.as_bytes()));
        octets.extend(parts.iter().flat_map(|part| counted(part.as_bytes())));
        octets
    };
    let names: Vec<String> = service.iter().map(|part| (*part).to_owned()).collect();
    let mut file = vec![5, 4, 0, 0];
    file.extend(principal(&[CLIENT]));
    file.extend(principal(&[CLIENT]));
    file.extend(principal(service));
    file.extend(18_u16.to_be_bytes());
    file.extend(counted(key));
    for time in [0, 0, ends, 0] {
        file.extend(time.to_be_bytes());
    }
    file.extend([0; 5]);
    file.extend([0; 8]);
    file.extend(counted(&der::ticket(REALM, &names)));
    file.extend(counted(&[]));
    file
}
