//! Why keys are refused and why signing fails.

use super::{Fingerprint, KeyId, PublicKey};
use crate::cbor::DecodeError;

/// Why bytes or text are not a [`PublicKey`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not 32 bytes
    #[error("an Ed25519 public key has 32 bytes, not {found}")]
    Length {
        /// Bytes found
        found: usize,
    },
    /// Bytes that are no point of the curve
    #[error("key {key} is not a point of the curve")]
    OffCurve {
        /// The bytes
        key: KeyId,
    },
    /// A second encoding of a point that has a canonical one
    #[error("key {key} is not the canonical encoding of its point")]
    NotCanonical {
        /// The bytes
        key: KeyId,
    },
    /// A point of small order, under which almost anything verifies
    #[error("key {key} has small order")]
    SmallOrder {
        /// The bytes
        key: KeyId,
    },
    /// A point outside the prime-order group
    #[error("key {key} is outside the prime-order group")]
    Torsion {
        /// The bytes
        key: KeyId,
    },
    /// An SSH key of another kind
    #[error("`{found}` keys are not supported: use an `ssh-ed25519` key")]
    Algorithm {
        /// The kind found
        found: String,
    },
    /// A damaged `ssh-ed25519` key, in text or in binary form
    #[error("the `ssh-ed25519` key is damaged")]
    Line,
    /// Text in none of the accepted forms
    #[error("a public key is 64 hexadecimal digits, base64 of 32 bytes, or an `ssh-ed25519` line")]
    Text,
}

/// Why text is not a [`SecretKey`](super::SecretKey).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SecretKeyError {
    /// Not an OpenSSH private key at all
    #[error("not an OpenSSH private key (`-----BEGIN OPENSSH PRIVATE KEY-----`)")]
    Format,
    /// A private key in a format of another program
    #[error("a private key in {found} format: convert it with `ssh-keygen -p -f FILE`")]
    OtherFormat {
        /// The format
        found: &'static str,
    },
    /// A key file that is damaged
    #[error("the OpenSSH private key is damaged")]
    Damaged,
    /// A key of another kind
    #[error("`{found}` keys are not supported: use an `ssh-ed25519` key")]
    Algorithm {
        /// The kind found
        found: String,
    },
    /// An encrypted key and no passphrase
    #[error("the private key is encrypted: a passphrase is needed")]
    PassphraseNeeded,
    /// An encrypted key and a wrong passphrase
    #[error("the passphrase does not open the private key")]
    PassphraseWrong,
    /// An encrypted key whose opening would take unreasonably long
    #[error("the private key asks for {found} key-derivation rounds, more than {max}")]
    Rounds {
        /// Rounds found
        found: u32,
        /// The limit
        max: u32,
    },
    /// The file's public half belongs to another secret
    #[error("the public half of the private key belongs to another key")]
    Mismatch,
}

/// Why a signature does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// A key that would not be enrolled
    #[error("the signing key is refused")]
    Key {
        /// Why
        source: PublicKeyError,
    },
    /// A signature that is not one of this message by this key
    #[error("the signature by {key} does not verify", key = .key.fingerprint())]
    Invalid {
        /// The key
        key: PublicKey,
    },
}

/// Why something was not signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The signer gave no signature
    #[error("key {key} did not sign: {failure}")]
    Signer {
        /// The key that was to sign
        key: Fingerprint,
        /// What happened
        failure: SignerFailure,
    },
    /// What was to be signed is no value of the format
    #[error("what was to be signed is not a value of the format")]
    Payload {
        /// What is wrong with it
        source: DecodeError,
    },
    /// A map made in memory whose bytes are those of a decimal
    #[error("a map to be signed has the key `$dec`, which is reserved")]
    Ambiguous,
    /// More signatures than an envelope may carry
    #[error("an envelope carries at most {max} signatures")]
    TooManySignatures {
        /// The limit
        max: usize,
    },
}

/// What went wrong inside a signer, such as an SSH agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignerFailure {
    /// The signer could not be reached
    #[error("the signer cannot be reached")]
    Unreachable,
    /// The signer went away before it answered
    #[error("the signer went away before it answered")]
    Disconnected,
    /// The signer did not answer in time
    #[error("the signer did not answer in time")]
    TimedOut,
    /// The signer no longer holds the key, or its user declined
    #[error("the signer refused")]
    Refused,
    /// The signer's answer is not what the protocol allows
    #[error("the signer's answer is not understood")]
    Protocol,
    /// The signer answered with a signature that does not verify under the key
    #[error("the signer's signature does not verify under this key")]
    WrongSignature,
}
