//! Ed25519 keys and signatures under one strict validity rule. `docs/spec/envelope.md#keys`.
//!
//! A key is 32 bytes wherever it is stored or compared. Its text forms (hexadecimal, base64, OpenSSH)
//! name the same key, and [`PublicKey`] exists only for bytes that passed every check.

mod error;
mod known;
mod openssh;
mod public;
mod secret;
mod signature;
mod ssh_signature;
#[cfg(test)]
mod tests;

pub use self::error::{PublicKeyError, SecretKeyError, SignError, SignatureError, SignerFailure};
pub use self::known::KnownKeys;
pub use self::public::{Fingerprint, KeyId, PublicKey};
pub use self::secret::{SecretKey, Signer};
pub use self::signature::Signature;
pub use self::ssh_signature::{SshSignature, SshSignatureError};

/// Length of a public key in bytes.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Length of a signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;
