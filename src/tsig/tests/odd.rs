//! Replies of servers that sign otherwise than RFC 8945 says.

use super::super::{MacContext, MacError, OddSignature};
use super::*;

/// A security context, as far as a key can play one.
#[derive(Debug)]
struct Context(TsigKey, WireName);

impl Signer for Context {
    fn key_name(&self) -> &WireName {
        self.0.key_name()
    }

    fn algorithm_name(&self) -> &WireName {
        &self.1
    }

    fn begin(&self) -> Box<dyn MacContext> {
        self.0.begin()
    }

    fn accept_length(&self, _: usize) -> Result<(), MacError> {
        Ok(())
    }
}

/// A context of that name.
fn context() -> Arc<dyn Signer> {
    Arc::new(Context(key(Algorithm::HMAC_SHA256), WireName::from_labels([b"gss-tsig".as_slice()]).unwrap()))
}

/// What is said of a reply with the MAC that `mac` makes of the one of the request, the reply and the variables.
fn said(signer: &Arc<dyn Signer>, mac: impl Fn(&[u8], &[u8], &[u8]) -> Vec<u8>) -> Option<OddSignature> {
    let request_mac = sign_request(signer, &mut query(), NOW).unwrap();
    let mut reply = response(1);
    let (key_name, algorithm) = (*signer.key_name(), *signer.algorithm_name());
    let original_id = u16::from_be_bytes([reply[0], reply[1]]);
    let unsigned =
        TsigRecord { key_name, algorithm, time_signed: NOW, fudge: 300, mac: &[], original_id, error: 0, other: &[] };
    let mac = mac(request_mac.as_octets(), &reply, &unsigned.variables());
    TsigRecord { mac: &mac, ..unsigned }.append_to(&mut reply).unwrap();
    let transaction = Transaction::new(Arc::clone(signer), request_mac);
    assert!(verdict(&transaction, &reply).is_err());
    transaction.odd_signature(&Message::parse(&reply).unwrap(), NOW)
}

#[test]
fn t1_a_reply_signed_without_the_length_is_the_servers() {
    let signer = context();
    let odd = said(&signer, |request, reply, variables| signer.sign(&[request, reply, variables]).unwrap());
    assert_eq!(odd, Some(OddSignature::WithoutLength));
    assert!(OddSignature::WithoutLength.is_authenticated());
}

#[test]
fn t1_what_anybody_can_send_proves_nothing() {
    let signer = context();
    let (echo, other) = (said(&signer, |request, _, _| request.to_vec()), said(&signer, |_, _, _| vec![7; 32]));
    assert_eq!((echo, other), (Some(OddSignature::Echo), Some(OddSignature::Unverifiable)));
    assert!(!OddSignature::Echo.is_authenticated() && !OddSignature::Unverifiable.is_authenticated());
}

#[test]
fn t1_a_key_is_held_to_the_rules() {
    let signer: Arc<dyn Signer> = Arc::new(key(Algorithm::HMAC_SHA256));
    assert_eq!(said(&signer, |request, reply, rest| signer.sign(&[request, reply, rest]).unwrap()), None);
    assert_eq!(said(&signer, |request, _, _| request.to_vec()), None);
}
