//! OpenSSH's text and binary forms of Ed25519 keys (RFC 4253 section 6.6, RFC 8709, PROTOCOL.key).

use data_encoding::BASE64;
use ssh_key::private::KeypairData;
use ssh_key::{Kdf, PrivateKey};
use zeroize::Zeroizing;

use super::{PUBLIC_KEY_BYTES, PublicKeyError, SecretKeyError};

/// The one kind of SSH key that is accepted.
pub(super) const ALGORITHM: &str = "ssh-ed25519";
/// Most rounds of bcrypt that a key file may ask for; `ssh-keygen` writes 16 or 24.
const MAX_KDF_ROUNDS: u32 = 4096;
/// First line of a private key file.
const PRIVATE_BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
/// What a private key file begins with, inside its base64.
const PRIVATE_MAGIC: &[u8] = b"openssh-key-v1\0";
/// Width of the base64 lines of a private key file.
const LINE_WIDTH: usize = 70;
/// What stands before the key's bytes in the binary form.
const BLOB_PREFIX: &[u8; 19] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";
/// Private key files of other programs, by their first line.
const OTHER_FORMATS: [(&str, &str); 5] = [
    ("-----BEGIN RSA PRIVATE KEY-----", "PEM (RSA)"),
    ("-----BEGIN EC PRIVATE KEY-----", "PEM (EC)"),
    ("-----BEGIN PRIVATE KEY-----", "PKCS #8"),
    ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "encrypted PKCS #8"),
    ("PuTTY-User-Key-File-", "PuTTY"),
];

/// The binary form of a public key, which is what is fingerprinted.
pub(super) fn public_blob(key: &[u8; PUBLIC_KEY_BYTES]) -> Vec<u8> {
    [BLOB_PREFIX.as_slice(), key].concat()
}

/// The key bytes of a `.pub` line; `None` where `text` is no such line of any kind.
pub(super) fn parse_public(text: &str) -> Result<Option<[u8; PUBLIC_KEY_BYTES]>, PublicKeyError> {
    let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    let (Some(algorithm), Some(blob)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    if algorithm != ALGORITHM {
        return Err(if is_algorithm(algorithm) {
            let found = algorithm.to_owned();
            PublicKeyError::Algorithm { found }
        } else {
            PublicKeyError::Text
        });
    }
    if text.contains(['\n', '\r']) {
        return Err(PublicKeyError::Line);
    }
    let blob = BASE64
        .decode(blob.as_bytes())
        .map_err(|_| PublicKeyError::Line)?;
    parse_blob(&blob).map(Some)
}

/// The key bytes of the binary form.
pub(super) fn parse_blob(blob: &[u8]) -> Result<[u8; PUBLIC_KEY_BYTES], PublicKeyError> {
    if let Some(key) = blob.strip_prefix(BLOB_PREFIX) {
        return key.try_into().map_err(|_| PublicKeyError::Line);
    }
    let kind = take(blob).and_then(|(kind, _)| std::str::from_utf8(kind).ok());
    match kind.filter(|kind| is_algorithm(kind) && *kind != ALGORITHM) {
        Some(kind) => Err(PublicKeyError::Algorithm {
            found: kind.to_owned(),
        }),
        None => Err(PublicKeyError::Line),
    }
}

/// Whether a word names a kind of SSH key, so that the refusal can quote it without harm.
fn is_algorithm(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"]
        .iter()
        .any(|p| word.starts_with(p))
        && word.len() <= 64
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.@".contains(&b))
}

/// The seed in an OpenSSH private key file, and the public half that the file gives.
pub(super) fn parse_private(
    text: &str,
    passphrase: Option<&str>,
) -> Result<(Zeroizing<[u8; 32]>, [u8; PUBLIC_KEY_BYTES]), SecretKeyError> {
    if let Some((_, found)) = OTHER_FORMATS.iter().find(|(p, _)| text.starts_with(p)) {
        return Err(SecretKeyError::OtherFormat { found });
    }
    if !text.starts_with(PRIVATE_BEGIN) {
        return Err(SecretKeyError::Format);
    }
    match private_kind(text) {
        Some(found) if found != ALGORITHM => return Err(SecretKeyError::Algorithm { found }),
        Some(_) => {}
        None => return Err(SecretKeyError::Damaged),
    }
    let file = PrivateKey::from_openssh(text).map_err(|_| SecretKeyError::Damaged)?;
    let key = if file.is_encrypted() {
        decrypt(&file, passphrase)?
    } else {
        file
    };
    match key.key_data() {
        KeypairData::Ed25519(pair) => Ok((Zeroizing::new(pair.private.to_bytes()), pair.public.0)),
        _ => Err(SecretKeyError::Damaged),
    }
}

/// The kind of key in a private key file, which stands before anything encrypted.
fn private_kind(text: &str) -> Option<String> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let file = Zeroizing::new(BASE64.decode(Zeroizing::new(body).as_bytes()).ok()?);
    let rest = file.strip_prefix(PRIVATE_MAGIC)?;
    // Cipher, key derivation and its options, then the number of keys.
    let (_, rest) = take(rest)?;
    let (_, rest) = take(rest)?;
    let (_, rest) = take(rest)?;
    let (_, rest) = rest.split_at_checked(4)?;
    let (public, _) = take(rest)?;
    let (kind, _) = take(public)?;
    let kind = std::str::from_utf8(kind).ok()?;
    is_algorithm(kind).then(|| kind.to_owned())
}

/// A byte string with its length before it, and what follows.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn decrypt(file: &PrivateKey, passphrase: Option<&str>) -> Result<PrivateKey, SecretKeyError> {
    if let Kdf::Bcrypt { rounds, .. } = file.kdf()
        && *rounds > MAX_KDF_ROUNDS
    {
        return Err(SecretKeyError::Rounds {
            found: *rounds,
            max: MAX_KDF_ROUNDS,
        });
    }
    let passphrase = passphrase.ok_or(SecretKeyError::PassphraseNeeded)?;
    file.decrypt(passphrase)
        .map_err(|_| SecretKeyError::PassphraseWrong)
}

/// An OpenSSH private key file without encryption.
pub(super) fn private_text(
    seed: &[u8; 32],
    public: &[u8; PUBLIC_KEY_BYTES],
    comment: &str,
) -> Zeroizing<String> {
    // Large enough from the start, so that no copy of the secret is left behind by growing.
    let mut secret = Zeroizing::new(Vec::with_capacity(comment.len().saturating_add(256)));
    // Two equal numbers, by which a reader sees that decryption worked; nothing is encrypted here.
    secret.extend_from_slice(&[0; 8]);
    secret.extend_from_slice(&public_blob(public));
    put_head(&mut secret, 64);
    secret.extend_from_slice(seed);
    secret.extend_from_slice(public);
    put(&mut secret, comment.as_bytes());
    let padded = secret.len().next_multiple_of(8);
    let padding = padded.saturating_sub(secret.len());
    secret.extend((1..=7).take(padding));

    let mut file = Zeroizing::new(Vec::with_capacity(secret.len().saturating_add(256)));
    file.extend_from_slice(PRIVATE_MAGIC);
    put(&mut file, b"none");
    put(&mut file, b"none");
    put(&mut file, b"");
    file.extend_from_slice(&1_u32.to_be_bytes());
    put(&mut file, &public_blob(public));
    put(&mut file, &secret);

    let body = Zeroizing::new(BASE64.encode(&file));
    let mut text = Zeroizing::new(String::with_capacity(
        body.len().saturating_mul(2).saturating_add(128),
    ));
    text.push_str(PRIVATE_BEGIN);
    for (index, c) in body.chars().enumerate() {
        if index % LINE_WIDTH == 0 {
            text.push('\n');
        }
        text.push(c);
    }
    text.push_str("\n-----END OPENSSH PRIVATE KEY-----\n");
    text
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_head(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_head(out: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
}
