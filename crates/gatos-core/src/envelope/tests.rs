//! Unit tests of envelopes.

use super::{Envelope, Kind, VerifyError};
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
