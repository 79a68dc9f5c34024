//! Unit tests of envelopes.

use super::{Envelope, EnvelopeError, Kind, VerifyError};
use crate::cbor;
use crate::keys::{SecretKey, Signer};
use crate::value::Value;

#[test]
fn a_signature_holds_for_one_kind() {
    let key = SecretKey::from_seed([7; 32]);
    let payload = Value::map([("n", Value::from(1))]);
    for kind in Kind::ALL {
        let envelope = Envelope::sign(kind, &payload, &key).unwrap();
        let envelope = Envelope::decode(&envelope.encode()).unwrap();
        for expected in Kind::ALL {
            let verdict = envelope.verify(expected);
            if kind == expected {
                assert_eq!(verdict, Ok(vec![key.public_key()]));
            } else {
                assert_eq!(
                    verdict,
                    Err(VerifyError::Kind {
                        expected,
                        found: kind
                    })
                );
            }
        }
    }
}

/// What [`Envelope::decode`] says where it does not know the most common form.
fn decode_generally(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    let value = cbor::decode(bytes).map_err(|source| EnvelopeError::Encoding { source })?;
    Envelope::from_value(value)
}

#[test]
fn the_bytes_of_an_envelope_are_those_of_its_value() {
    let keys = [7, 8, 9].map(|seed| SecretKey::from_seed([seed; 32]));
    for length in [
        0, 1, 10, 22, 23, 24, 200, 300, 65_531, 65_532, 65_533, 70_000,
    ] {
        let payload = Value::text("x".repeat(length));
        let mut envelope = Envelope::sign(Kind::Event, &payload, &keys[0]).unwrap();
        for (signatures, key) in (1..).zip(&keys) {
            envelope.add_signature(key).unwrap();
            let bytes = envelope.encode();
            assert_eq!(bytes, cbor::encode(&envelope.to_value()));
            let common = signatures == 1 && (24..65_536).contains(&envelope.payload.len());
            let expect = common.then(|| envelope.clone());
            assert_eq!(Envelope::decode_plain(&bytes), expect, "{length}");
            assert_eq!(Envelope::decode(&bytes).as_ref(), Ok(&envelope));
            assert_eq!(decode_generally(&bytes).as_ref(), Ok(&envelope));
        }
    }
}

#[test]
fn the_most_common_envelope_is_read_as_any_other() {
    let key = SecretKey::from_seed([7; 32]);
    for length in [30, 300] {
        let payload = Value::text("x".repeat(length));
        let bytes = Envelope::sign(Kind::Event, &payload, &key)
            .unwrap()
            .encode();
        let check = |bytes: &[u8]| {
            if let Some(envelope) = Envelope::decode_plain(bytes) {
                assert_eq!(decode_generally(bytes), Ok(envelope));
            }
        };
        for at in 0..bytes.len() {
            check(&bytes[..at]);
            for change in 1..=u8::MAX {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                check(&changed);
            }
        }
        check(&[bytes.as_slice(), b"\0"].concat());
    }
}

#[test]
fn a_payload_that_is_too_large_for_its_kind_is_refused_in_every_form() {
    let key = SecretKey::from_seed([7; 32]);
    let payload = Value::text("x".repeat(2 << 20));
    let bytes = Envelope::sign(Kind::Proposal, &payload, &key)
        .unwrap()
        .encode();
    let at = bytes.len() - Kind::Proposal.payload_type().len() - 2;
    let mut other = bytes[..at].to_vec();
    other.push(0x78);
    other.push(u8::try_from(Kind::Event.payload_type().len()).unwrap());
    other.extend(Kind::Event.payload_type().bytes());
    assert!(Envelope::decode(&bytes).is_ok());
    assert!(matches!(
        Envelope::decode(&other),
        Err(EnvelopeError::PayloadSize { .. })
    ));
}
