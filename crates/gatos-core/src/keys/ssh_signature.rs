//! Signatures as `ssh-keygen -Y sign` writes them and Git puts into commits: the format SSHSIG, read strictly.
//!
//= spec/policy.md#signers

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256, Sha512};

use super::{PublicKey, SIGNATURE_BYTES, Signature};

/// Longest text of a signature, in bytes. One of an Ed25519 key has about 300.
const MAX_TEXT_BYTES: usize = 4096;
/// What the bytes begin with, and what is signed.
const MAGIC: &[u8] = b"SSHSIG";
/// The one kind of key and of signature.
const ED25519: &[u8] = b"ssh-ed25519";

/// A signature of an Ed25519 key in the format SSHSIG.
#[derive(Clone, Debug)]
pub struct SshSignature {
    key: PublicKey,
    namespace: Vec<u8>,
    hash: Hash,
    signature: Signature,
}

/// How a message is shortened before it is signed.
#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha256,
    Sha512,
}

/// Why a text is no signature of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SshSignatureError {
    /// Not the text that `ssh-keygen -Y sign` writes
    #[error("the signature is not in the form that ssh-keygen writes")]
    Armor,
    /// Bytes that are not laid out as a signature
    #[error("the signature's bytes are not those of a signature")]
    Layout,
    /// A key or a hash function of another kind
    #[error("the signature is not of an Ed25519 key")]
    Algorithm,
    /// Made for something else
    #[error("the signature was made for something else")]
    Namespace,
    /// It does not verify strictly
    #[error("the signature does not verify")]
    Invalid,
}

impl SshSignature {
    /// The signature in its text form.
    ///
    /// # Errors
    /// A text or bytes of another form, or of a key that is not Ed25519 or not enrolled.
    pub fn from_armor(text: &str) -> Result<Self, SshSignatureError> {
        let armor = |text: &str| -> Option<Vec<u8>> {
            let text = text.trim_end_matches('\n');
            let text = text.strip_prefix("-----BEGIN SSH SIGNATURE-----\n")?;
            let text = text.strip_suffix("\n-----END SSH SIGNATURE-----")?;
            BASE64.decode(text.replace('\n', "").as_bytes()).ok()
        };
        if text.len() > MAX_TEXT_BYTES {
            return Err(SshSignatureError::Armor);
        }
        Self::from_bytes(&armor(text).ok_or(SshSignatureError::Armor)?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SshSignatureError> {
        let mut rest = Rest(bytes);
        let layout = SshSignatureError::Layout;
        if rest.take(MAGIC.len()).ok_or(layout)? != MAGIC || rest.number().ok_or(layout)? != 1 {
            return Err(layout);
        }
        let key = rest.text().ok_or(layout)?;
        let namespace = rest.text().ok_or(layout)?.to_vec();
        let reserved = rest.text().ok_or(layout)?;
        let hash = rest.text().ok_or(layout)?;
        let mut signature = Rest(rest.text().ok_or(layout)?);
        if !rest.0.is_empty() || !reserved.is_empty() {
            return Err(layout);
        }
        if signature.text().ok_or(layout)? != ED25519 {
            return Err(SshSignatureError::Algorithm);
        }
        let bytes: [u8; SIGNATURE_BYTES] = signature
            .text()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(layout)?;
        if !signature.0.is_empty() {
            return Err(layout);
        }
        Ok(Self {
            key: PublicKey::from_ssh_blob(key).map_err(|_| SshSignatureError::Algorithm)?,
            namespace,
            hash: match hash {
                b"sha256" => Hash::Sha256,
                b"sha512" => Hash::Sha512,
                _ => return Err(SshSignatureError::Algorithm),
            },
            signature: Signature::from_bytes(bytes),
        })
    }

    /// The key, if this is its signature of `message`, made for `namespace`.
    ///
    /// # Errors
    /// A signature that was made for something else, or does not verify strictly.
    pub fn verify(&self, namespace: &str, message: &[u8]) -> Result<PublicKey, SshSignatureError> {
        if self.namespace != namespace.as_bytes() {
            return Err(SshSignatureError::Namespace);
        }
        let (name, digest): (&[u8], Vec<u8>) = match self.hash {
            Hash::Sha256 => (b"sha256", Sha256::digest(message).to_vec()),
            Hash::Sha512 => (b"sha512", Sha512::digest(message).to_vec()),
        };
        let mut signed = MAGIC.to_vec();
        for field in [&self.namespace, b"".as_slice(), name, &digest] {
            let length = u32::try_from(field.len()).map_err(|_| SshSignatureError::Layout)?;
            signed.extend(length.to_be_bytes());
            signed.extend(field);
        }
        match self.key.verify(&signed, &self.signature) {
            Ok(()) => Ok(self.key),
            Err(_) => Err(SshSignatureError::Invalid),
        }
    }
}

/// Bytes that are not read yet.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.take(4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    /// A text with its length before it.
    fn text(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    //! Signatures that are none; those of `ssh-keygen` are tested through the gate.

    use super::{MAGIC, SshSignature, SshSignatureError};
    use crate::keys::{SecretKey, Signer as _};
    use sha2::{Digest as _, Sha512};

    fn field(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length, bytes].concat()
    }

    fn armored(bytes: &[u8]) -> String {
        let text = data_encoding::BASE64.encode(bytes);
        format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n")
    }

    fn bytes(namespace: &[u8], message: &[u8], hash: &[u8], kind: &[u8]) -> Vec<u8> {
        let key = SecretKey::from_seed([5; 32]);
        let digest = Sha512::digest(message);
        let signed = [
            MAGIC.to_vec(),
            field(namespace),
            field(b""),
            field(b"sha512"),
            field(&digest),
        ];
        let signature = key.sign(&signed.concat()).unwrap();
        let signature = [field(kind), field(signature.as_bytes())].concat();
        [
            MAGIC.to_vec(),
            vec![0, 0, 0, 1],
            field(&key.public_key().to_ssh_blob()),
            field(namespace),
            field(b""),
            field(hash),
            field(&signature),
        ]
        .concat()
    }

    #[test]
    fn only_the_whole_form_of_a_valid_signature_is_one() {
        let good = bytes(b"git", b"message", b"sha512", b"ssh-ed25519");
        let read = |bytes: &[u8]| SshSignature::from_armor(&armored(bytes));
        let signature = read(&good).unwrap();
        let key = SecretKey::from_seed([5; 32]).public_key();
        assert_eq!(signature.verify("git", b"message"), Ok(key));
        assert_eq!(
            signature.verify("git", b"massage"),
            Err(SshSignatureError::Invalid)
        );
        assert_eq!(
            signature.verify("file", b"message"),
            Err(SshSignatureError::Namespace)
        );
        for length in 0..good.len() {
            assert!(read(&good[..length]).is_err(), "{length} bytes of it");
        }
        assert!(read(&[&good[..], b"x"].concat()).is_err());
        for (at, _) in good.iter().enumerate() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            let verified = read(&bad).and_then(|signature| signature.verify("git", b"message"));
            assert!(verified.is_err(), "byte {at}");
        }
        for (hash, kind) in [("sha1", "ssh-ed25519"), ("sha512", "ssh-rsa")] {
            let bad = bytes(b"git", b"message", hash.as_bytes(), kind.as_bytes());
            assert_eq!(read(&bad).err(), Some(SshSignatureError::Algorithm));
        }
        let text = armored(&good);
        for bad in [
            text.replace("SSH", "PGP"),
            text.replace('\n', "\r\n"),
            format!("x{text}"),
            text.repeat(20),
            String::new(),
        ] {
            assert_eq!(
                SshSignature::from_armor(&bad).err(),
                Some(SshSignatureError::Armor)
            );
        }
    }
}
