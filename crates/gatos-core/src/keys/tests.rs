//! Unit tests of keys: the wrapper alone, without enrolment, against vectors that others wrote.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the vectors that others wrote, where they are"
)]

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;

use super::{KeyId, KnownKeys, PublicKey, SecretKey, Signature, Signer, signature};

/// One case of a vector file: key, signature and message in hexadecimal or text.
struct Case {
    key: [u8; 32],
    signature: Signature,
    message: Vec<u8>,
}

impl Case {
    /// Whether the one wrapper accepts, whoever has the key.
    fn is_accepted(&self) -> bool {
        let key = PublicKey::enrolled(KeyId::from_bytes(self.key));
        VerifyingKey::from_bytes(&self.key).is_ok_and(|point| {
            signature::verify(key, &point, &self.message, &self.signature).is_ok()
        })
    }

    /// Whether it counts in an envelope, where the key must be one that is enrolled.
    fn counts(&self) -> bool {
        let id = KeyId::from_bytes(self.key);
        KnownKeys::new()
            .verify(id, &self.message, &self.signature)
            .is_ok()
    }
}

fn bytes<const N: usize>(hex: &serde_json::Value) -> [u8; N] {
    let hex = hex.as_str().unwrap();
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

/// The cases of a file beside the checkout; none, and a word about it, where it is absent.
fn foreign(file: &str) -> Option<Vec<serde_json::Value>> {
    let crate_folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("GATOS_SHARED_VECTORS").map(PathBuf::from);
    let beside = ["../../../shared/vectors", "../../../../shared/vectors"];
    let folders = named
        .into_iter()
        .chain(beside.map(|f| crate_folder.join(f)));
    let text = folders
        .map(|folder| folder.join("ed25519").join(file))
        .find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        eprintln!("NOT RUN: no `ed25519/{file}` (set GATOS_SHARED_VECTORS to the vectors' folder)");
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn cctv_strict_verification_accepts_exactly_43_of_914() {
    let Some(cases) = foreign("cctv.json") else {
        return;
    };
    let (mut accepted, mut counting) = (0, 0);
    for case in &cases {
        let case = Case {
            key: bytes(&case["key"]),
            signature: Signature::from_bytes(bytes(&case["sig"])),
            message: case["msg"].as_str().unwrap().as_bytes().to_vec(),
        };
        accepted += usize::from(case.is_accepted());
        counting += usize::from(case.counts());
        assert!(case.is_accepted() || !case.counts());
    }
    assert_eq!((accepted, cases.len()), (43, 914));
    // Enrolment refuses the keys outside the prime-order group that strict verification lets pass.
    assert!(counting <= accepted);
}

#[test]
fn speccheck_strict_verification_accepts_case_3_only() {
    let Some(cases) = foreign("speccheck.json") else {
        return;
    };
    let accepted: Vec<usize> = (0..cases.len())
        .filter(|&index| {
            let case = &cases[index];
            let message = case["message"].as_str().unwrap();
            Case {
                key: bytes(&case["pub_key"]),
                signature: Signature::from_bytes(bytes(&case["signature"])),
                message: HEXLOWER.decode(message.as_bytes()).unwrap(),
            }
            .is_accepted()
        })
        .collect();
    assert_eq!(accepted, [3]);
}

#[test]
fn keys_are_remembered_up_to_a_limit_and_the_answers_stay() {
    let mut known = KnownKeys::new();
    for n in 0..4100_u32 {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&n.to_le_bytes());
        let id = SecretKey::from_seed(seed).public_key().key_id();
        assert_eq!(known.enrol(id).map(|key| key.key_id()), Ok(id));
        assert_eq!(known.enrol(id).map(|key| key.key_id()), Ok(id));
    }
    let weak = KeyId::from_bytes([0; 32]);
    assert_eq!(known.enrol(weak), known.enrol(weak));
    assert!(known.enrol(weak).is_err());
}

#[test]
fn a_private_key_file_round_trips() {
    for length in 0..40 {
        let key = SecretKey::from_seed([9; 32]);
        let text = key.to_openssh(&"c".repeat(length));
        let again = SecretKey::from_openssh(&text, None).map(|key| key.public_key());
        assert_eq!(again, Ok(key.public_key()));
        assert!(text.lines().all(|line| line.len() <= 70));
    }
}
