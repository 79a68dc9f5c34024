//! Public keys: enrolment checks, text forms, fingerprints.
//!
//= spec/envelope.md#keys

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::{PUBLIC_KEY_BYTES, PublicKeyError, Signature, SignatureError, openssh, signature};

/// Thirty-two bytes that claim to be a public key, as they stand in an envelope.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId([u8; PUBLIC_KEY_BYTES]);

impl KeyId {
    /// An id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; PUBLIC_KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An Ed25519 public key that passed every enrolment check.
///
/// Equal and ordered by its 32 bytes. The text form is the OpenSSH line without a comment.
///
/// ```
/// use gatos_core::keys::{PublicKey, SecretKey, Signer};
///
/// let key = SecretKey::from_seed([7; 32]).public_key();
/// let line = format!("{key} alice@example.org");
/// assert_eq!(line.parse::<PublicKey>()?, key);
/// assert_eq!(key.key_id().to_string().parse::<PublicKey>()?, key);
/// # Ok::<(), gatos_core::keys::PublicKeyError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicKey(KeyId);

impl PublicKey {
    /// The key that these bytes are.
    ///
    /// # Errors
    /// Bytes that are no point, a second encoding of one, or a point outside the prime-order group.
    pub fn from_bytes(bytes: [u8; PUBLIC_KEY_BYTES]) -> Result<Self, PublicKeyError> {
        enrol(KeyId(bytes)).map(|(key, _)| key)
    }

    /// The key that this slice is.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), and a slice of another length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        let bytes = bytes
            .try_into()
            .map_err(|_| PublicKeyError::Length { found: bytes.len() })?;
        Self::from_bytes(bytes)
    }

    /// A key whose checks were done before, or that was derived from a secret.
    pub(super) const fn enrolled(id: KeyId) -> Self {
        Self(id)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        self.0.as_bytes()
    }

    /// The bytes as they stand in an envelope.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.0
    }

    /// The key that is in OpenSSH's binary form (RFC 8709), as SSH agents list keys.
    ///
    /// # Errors
    /// A key of another kind, other bytes, or a key that is not enrolled.
    pub fn from_ssh_blob(blob: &[u8]) -> Result<Self, PublicKeyError> {
        Self::from_bytes(openssh::parse_blob(blob)?)
    }

    /// OpenSSH's binary form, as SSH agents take it.
    #[must_use]
    pub fn to_ssh_blob(&self) -> Vec<u8> {
        openssh::public_blob(self.as_bytes())
    }

    /// What `ssh-keygen -l` prints for this key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.to_ssh_blob()).into())
    }

    /// Whether `signature` is one of `message` by this key.
    ///
    /// Where many messages are verified, [`KnownKeys`](super::KnownKeys) is twice as fast.
    ///
    /// # Errors
    /// A signature that does not verify strictly.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let (key, point) = decompress(self.0).map_err(|source| SignatureError::Key { source })?;
        signature::verify(key, &point, message, signature)
    }
}

/// The key with all checks of enrolment, and its point.
pub(super) fn enrol(id: KeyId) -> Result<(PublicKey, VerifyingKey), PublicKeyError> {
    let (key, point) = decompress(id)?;
    let edwards = point.to_edwards();
    if edwards.is_small_order() {
        return Err(PublicKeyError::SmallOrder { key: id });
    }
    if edwards.compress().as_bytes() != id.as_bytes() {
        return Err(PublicKeyError::NotCanonical { key: id });
    }
    if !edwards.is_torsion_free() {
        return Err(PublicKeyError::Torsion { key: id });
    }
    Ok((key, point))
}

fn decompress(id: KeyId) -> Result<(PublicKey, VerifyingKey), PublicKeyError> {
    let point = VerifyingKey::from_bytes(id.as_bytes())
        .map_err(|_| PublicKeyError::OffCurve { key: id })?;
    Ok((PublicKey(id), point))
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    /// Read 64 hexadecimal digits, base64 of 32 bytes, or an OpenSSH line with or without a comment.
    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if let Some(bytes) = openssh::parse_public(text)? {
            return Self::from_bytes(bytes);
        }
        let decoded = match text.len() {
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            44 => BASE64.decode(text.as_bytes()),
            43 => BASE64_NOPAD.decode(text.as_bytes()),
            _ => return Err(PublicKeyError::Text),
        };
        Self::from_slice(&decoded.map_err(|_| PublicKeyError::Text)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = BASE64.encode(&self.to_ssh_blob());
        write!(f, "{} {blob}", openssh::ALGORITHM)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The SHA-256 of a key as OpenSSH writes it: `SHA256:` and base64 without padding.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", BASE64_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        text.strip_prefix("SHA256:")
            .and_then(|body| BASE64_NOPAD.decode(body.as_bytes()).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(PublicKeyError::Text)
    }
}
