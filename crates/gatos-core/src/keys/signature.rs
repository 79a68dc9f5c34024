//! Ed25519 signatures, and the only place where one is verified.
//!
//= spec/envelope.md#validity

use std::fmt;

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;

use super::{PublicKey, SIGNATURE_BYTES, SignatureError};

/// An Ed25519 signature as RFC 8032 writes it: `R`, then `S`.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Signature([u8; SIGNATURE_BYTES]);

impl Signature {
    /// A signature of these bytes; whether it is valid only verifying can tell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; SIGNATURE_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Whether `signature` is one of `message` by `key`, whose point is `point`.
///
/// Strict: `S` is canonical, `R` is compared as bytes, neither `R` nor the key has small order.
/// Every verification of the project ends here; batches, which may disagree, are never used.
pub(super) fn verify(
    key: PublicKey,
    point: &VerifyingKey,
    message: &[u8],
    signature: &Signature,
) -> Result<(), SignatureError> {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    point
        .verify_strict(message, &signature)
        .map_err(|_| SignatureError::Invalid { key })
}
