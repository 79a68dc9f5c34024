//! Secret keys and the seam to whatever signs.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::{Zeroize, Zeroizing};

use super::{KeyId, PublicKey, SecretKeyError, SignError, Signature, openssh};

/// Whatever holds a secret key: a key in memory, an SSH agent.
pub trait Signer {
    /// The key under which the signatures verify.
    fn public_key(&self) -> PublicKey;

    /// Sign `message` as RFC 8032 says (pure Ed25519, no prehash, no context).
    ///
    /// # Errors
    /// [`SignError::Signer`] where no signature could be had.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// A secret key in memory, wiped when dropped.
///
/// Debug output shows the public key only.
pub struct SecretKey {
    signing: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// The key of a seed (the "private key" of RFC 8032).
    #[must_use]
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&seed);
        seed.zeroize();
        let public = PublicKey::enrolled(KeyId::from_bytes(signing.verifying_key().to_bytes()));
        Self { signing, public }
    }

    /// The key in an OpenSSH private key file.
    ///
    /// # Errors
    /// Text that is no such file, a key of another kind, a missing or wrong passphrase, or a file
    /// whose public half does not belong to the secret.
    pub fn from_openssh(text: &str, passphrase: Option<&str>) -> Result<Self, SecretKeyError> {
        let (seed, claimed) = openssh::parse_private(text, passphrase)?;
        let key = Self::from_seed(*seed);
        if *key.public.as_bytes() == claimed {
            Ok(key)
        } else {
            Err(SecretKeyError::Mismatch)
        }
    }

    /// An OpenSSH private key file without encryption, which `ssh-keygen -p` can encrypt.
    #[must_use]
    pub fn to_openssh(&self, comment: &str) -> Zeroizing<String> {
        openssh::private_text(self.signing.as_bytes(), self.public.as_bytes(), comment)
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        Ok(Signature::from_bytes(self.signing.sign(message).to_bytes()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
