//! An envelope has one form, and is valid only if another verifier says so of every signature; what
//! was signed verifies, and nothing that differs from it does.

use ed25519_dalek::VerifyingKey;
use gatos_core::cbor;
use gatos_core::envelope::{Envelope, Kind};
use gatos_core::keys::{KnownKeys, SecretKey};

pub(crate) fn check(data: &[u8]) {
    as_it_came(data);
    // A flag, a key, a place and a change come before what is to be signed.
    if let [0xff, seed, high, low, change, payload @ ..] = data {
        let at = usize::from(u16::from_be_bytes([*high, *low]));
        signed(*seed, at, *change, payload);
    }
}

fn as_it_came(data: &[u8]) {
    let Ok(envelope) = Envelope::decode(data) else {
        return;
    };
    assert_eq!(envelope.encode(), data, "other bytes for one envelope");
    let kind = envelope.kind();
    if envelope.open(kind, &mut KnownKeys::new()).is_ok() {
        assert!(theirs(&envelope), "the oracle refuses a signature");
        let signers = envelope.verify(kind).expect("opened, but not verified");
        assert_eq!(signers.len(), envelope.signatures().len());
        let other = if kind == Kind::Event {
            Kind::Genesis
        } else {
            Kind::Event
        };
        assert!(envelope.verify(other).is_err(), "valid as another kind");
    }
}

/// Sign what the input holds, if it can be a payload; then change one byte.
fn signed(seed: u8, at: usize, change: u8, payload: &[u8]) {
    let Ok(value) = cbor::decode(payload) else {
        return;
    };
    let key = SecretKey::from_seed([seed; 32]);
    let Ok(envelope) = Envelope::sign(Kind::Event, &value, &key) else {
        return;
    };
    let mut bytes = envelope.encode();
    assert_eq!(Envelope::decode(&bytes).as_ref(), Ok(&envelope));
    assert!(envelope.verify(Kind::Event).is_ok() && theirs(&envelope));
    let at = at % bytes.len();
    let Some(byte) = bytes.get_mut(at).filter(|_| change != 0) else {
        return;
    };
    *byte ^= change;
    let valid = Envelope::decode(&bytes).is_ok_and(|other| other.verify(other.kind()).is_ok());
    assert!(!valid, "byte {at} changes nothing");
}

/// Every signature is valid for another program's reading of DSSE and Ed25519.
pub(crate) fn theirs(envelope: &Envelope) -> bool {
    let kind = format!("application/vnd.gatos.{}.v1+dag-cbor", envelope.kind());
    let payload = envelope.payload_bytes();
    let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    envelope.signatures().iter().all(|one| {
        let signature = ed25519_dalek::Signature::from_bytes(one.signature.as_bytes());
        VerifyingKey::from_bytes(one.key_id.as_bytes())
            .is_ok_and(|key| key.verify_strict(&message, &signature).is_ok())
    })
}
