//! A key has one name in each form, all forms name the same key, and no secret is shown.

use gatos_core::keys::{PublicKey, PublicKeyError, SecretKey, Signer as _};

pub(crate) fn check(data: &[u8]) {
    law(data, |text| text.parse());
    if let Ok(key) = PublicKey::from_ssh_blob(data) {
        assert_eq!(key.to_ssh_blob(), data, "two blobs for one key");
    }
    if let Ok(text) = str::from_utf8(data)
        && let Ok(secret) = SecretKey::from_openssh(text, None)
    {
        secret_key(&secret, data);
    }
    if let Some(seed) = data.first_chunk() {
        let secret = SecretKey::from_seed(*seed);
        assert!(!format!("{secret:?}").contains(&data_encoding::HEXLOWER.encode(seed)));
        secret_key(&secret, data);
    }
}

fn secret_key(secret: &SecretKey, message: &[u8]) {
    let again = SecretKey::from_openssh(&secret.to_openssh(""), None).expect("not read again");
    assert_eq!(again.public_key(), secret.public_key());
    let signature = secret.sign(message).expect("a key in memory signs");
    assert!(again.public_key().verify(message, &signature).is_ok());
}

/// The law for any parser of public keys, so that a broken one can be shown to break it.
pub(crate) fn law(data: &[u8], parse: impl Fn(&str) -> Result<PublicKey, PublicKeyError>) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(key) = parse(text) else { return };
    assert_eq!(
        PublicKey::from_bytes(*key.as_bytes()),
        Ok(key),
        "not enrolled"
    );
    let blob = data_encoding::BASE64.encode(&key.to_ssh_blob());
    let hex = key.key_id().to_string();
    for form in [
        key.to_string(),
        format!("ssh-ed25519 {blob} a comment"),
        hex,
    ] {
        assert_eq!(parse(&form), Ok(key), "`{form}` is another key");
    }
    // Whatever else the text said, it said this key's bytes.
    let bytes = key.as_bytes();
    let says = [
        data_encoding::HEXLOWER.encode(bytes),
        data_encoding::BASE64_NOPAD.encode(bytes),
        data_encoding::BASE64_NOPAD.encode(&key.to_ssh_blob()),
    ];
    let lower = text.to_ascii_lowercase();
    assert!(
        lower.contains(&says[0]) || says.iter().any(|form| text.contains(form)),
        "`{text}` does not hold the key"
    );
}
