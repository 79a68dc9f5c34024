//! Keys whose checks were done once, for verifying many signatures.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use super::{KeyId, PublicKey, PublicKeyError, Signature, SignatureError, public, signature};

/// Most keys that are remembered; further ones are checked each time.
const MAX_REMEMBERED: usize = 4096;

/// Keys that passed enrolment, remembered with their points.
///
/// The answers are those of [`PublicKey::from_bytes`] and [`PublicKey::verify`]; only the work of
/// checking a key again is saved.
#[derive(Debug, Default)]
pub struct KnownKeys {
    points: BTreeMap<KeyId, VerifyingKey>,
}

impl KnownKeys {
    /// No keys yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            points: BTreeMap::new(),
        }
    }

    /// The key that `id` is.
    ///
    /// # Errors
    /// As [`PublicKey::from_bytes`].
    pub fn enrol(&mut self, id: KeyId) -> Result<PublicKey, PublicKeyError> {
        self.point(id).map(|(key, _)| key)
    }

    /// Whether `signature` is one of `message` by the key that `id` is.
    ///
    /// # Errors
    /// A key that would not be enrolled, or a signature that does not verify strictly.
    pub fn verify(
        &mut self,
        id: KeyId,
        message: &[u8],
        signature: &Signature,
    ) -> Result<PublicKey, SignatureError> {
        let (key, point) = self
            .point(id)
            .map_err(|source| SignatureError::Key { source })?;
        signature::verify(key, &point, message, signature)?;
        Ok(key)
    }

    fn point(&mut self, id: KeyId) -> Result<(PublicKey, VerifyingKey), PublicKeyError> {
        if let Some(point) = self.points.get(&id) {
            return Ok((PublicKey::enrolled(id), *point));
        }
        let (key, point) = public::enrol(id)?;
        if self.points.len() < MAX_REMEMBERED {
            self.points.insert(id, point);
        }
        Ok((key, point))
    }
}
