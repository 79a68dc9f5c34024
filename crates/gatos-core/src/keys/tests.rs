//! Unit tests of keys.

use super::{PublicKey, SecretKey, Signer};

#[test]
fn a_key_has_one_identity_in_three_forms() {
    let key = SecretKey::from_seed([7; 32]).public_key();
    let hex = key.key_id().to_string();
    let base64 = data_encoding::BASE64.encode(key.as_bytes());
    for text in [
        hex.clone(),
        hex.to_uppercase(),
        base64.clone(),
        base64.trim_end_matches('=').to_owned(),
        key.to_string(),
        format!("{key} alice@example.org with a comment\n"),
    ] {
        assert_eq!(text.parse::<PublicKey>(), Ok(key), "{text}");
    }
}

#[test]
fn a_private_key_file_round_trips() {
    let key = SecretKey::from_seed([9; 32]);
    let text = key.to_openssh("bob");
    let again = SecretKey::from_openssh(&text, None).map(|key| key.public_key());
    assert_eq!(again, Ok(key.public_key()));
}
