//! Signatures and enrolment through the public interface: RFC 8032, Wycheproof, and forged keys.

use data_encoding::HEXLOWER;
use gatos_core::keys::{KeyId, KnownKeys, PublicKey, PublicKeyError, SecretKey, Signature, Signer};

pub(crate) fn array<const N: usize>(hex: &str) -> [u8; N] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

/// RFC 8032 section 7.1: secret, public, message, signature.
const RFC_8032: &[[&str; 4]] = &[
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
];

#[test]
fn signatures_are_those_of_rfc_8032() {
    for [secret, public, message, signature] in RFC_8032 {
        let key = SecretKey::from_seed(array(secret));
        let message = HEXLOWER.decode(message.as_bytes()).unwrap();
        assert_eq!(key.public_key().key_id().to_string(), *public);
        let made = key.sign(&message).unwrap();
        assert_eq!(HEXLOWER.encode(made.as_bytes()), *signature);
        assert_eq!(key.public_key().verify(&message, &made), Ok(()));
    }
}

#[test]
fn wycheproof_agrees() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    let mut known = KnownKeys::new();
    for group in set.test_groups {
        let key = PublicKey::from_slice(&group.key.pk).unwrap();
        for test in group.tests {
            // A signature of another length is refused where envelopes are read.
            let verdict = <[u8; 64]>::try_from(&test.sig[..]).is_ok_and(|bytes| {
                let signature = Signature::from_bytes(bytes);
                let single = key.verify(&test.msg, &signature).is_ok();
                let remembered = known.verify(key.key_id(), &test.msg, &signature).is_ok();
                assert_eq!(single, remembered);
                single
            });
            let expected = test.result == wycheproof::TestResult::Valid;
            assert_eq!(verdict, expected, "test {}: {}", test.tc_id, test.comment);
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

/// All points whose order divides 8, canonically encoded.
const SMALL_ORDER: &[&str] = &[
    "0100000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    // With a sign where there is none
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// Sums of a point of the prime-order group and one of small order.
const MIXED_ORDER: &[&str] = &[
    "98519eadf35b995233b51b5cd23e9cc5a28b639b5a4af0ec903cb960d81b7819",
    "9bad33f580df7ecc49df5342bac8145d5bedc40f573d1b067f3c4ce449689a15",
    "9599999999999999999999999999999999999999999999999999999999999999",
    "cdbc161be64c4302f56443ff29ccf36a2075be1a1fa67ff126b56315f5681c38",
    "9599999999999999999999999999999999999999999999999999999999999919",
    "dc65d614534db65161a40a5a72624912ef67a1ec060814fba5ba15f72a38a626",
    "3f12fe941e3e54c6d22f9e76eba32041dd6d3714e7dfea58dd53841e80833836",
    "d7467e2f477320c5460578e6f7dd01b6fa4b8a1025c51383cb54056d3e6cdf0b",
    "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
];

const OFF_CURVE: &[&str] = &[
    "0200000000000000000000000000000000000000000000000000000000000000",
    "0700000000000000000000000000000000000000000000000000000000000000",
    "0800000000000000000000000000000000000000000000000000000000000000",
    "0b00000000000000000000000000000000000000000000000000000000000000",
    "0c00000000000000000000000000000000000000000000000000000000000000",
];

fn refusal(bytes: [u8; 32]) -> &'static str {
    let id = KeyId::from_bytes(bytes);
    let error = PublicKey::from_bytes(bytes).unwrap_err();
    assert_eq!(KnownKeys::new().enrol(id), Err(error.clone()));
    assert_eq!(id.to_string().parse::<PublicKey>(), Err(error.clone()));
    match error {
        PublicKeyError::OffCurve { key } if key == id => "off curve",
        PublicKeyError::NotCanonical { key } if key == id => "not canonical",
        PublicKeyError::SmallOrder { key } if key == id => "small order",
        PublicKeyError::Torsion { key } if key == id => "torsion",
        other => panic!("{other}"),
    }
}

#[test]
fn weak_keys_are_not_enrolled() {
    for (keys, reason) in [
        (SMALL_ORDER, "small order"),
        (MIXED_ORDER, "torsion"),
        (OFF_CURVE, "off curve"),
    ] {
        for key in keys {
            assert_eq!(refusal(array(key)), reason, "{key}");
        }
    }
    // Every encoding whose number is not below the field's prime: 19 numbers, both signs.
    let mut reasons = std::collections::BTreeMap::<_, usize>::new();
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            *reasons.entry(refusal(bytes)).or_default() += 1;
        }
    }
    println!("{reasons:?}");
    assert_eq!(reasons.values().sum::<usize>(), 38);
    assert!(reasons["not canonical"] + reasons["small order"] >= 14);
    for length in [0, 31, 33, 64] {
        let error = PublicKey::from_slice(&vec![1; length]).unwrap_err();
        assert_eq!(error, PublicKeyError::Length { found: length });
    }
}

/// The order of the prime-order group, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// `S + L`: the other number that a lax verifier takes for `S`.
pub(crate) fn plus_order(signature: &Signature) -> Signature {
    let order: [u8; 32] = array(ORDER);
    let mut bytes = *signature.as_bytes();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    Signature::from_bytes(bytes)
}

#[test]
fn a_signature_has_one_form() {
    let mut refused = 0;
    for n in 0..50_u8 {
        let key = SecretKey::from_seed([n; 32]);
        let message = [n; 10];
        let good = key.sign(&message).unwrap();
        let public = key.public_key();
        assert_eq!(public.verify(&message, &good), Ok(()));
        let mut others = vec![plus_order(&good)];
        for bit in [0x20, 0x40, 0x80] {
            let mut bytes = *good.as_bytes();
            bytes[63] |= bit;
            others.push(Signature::from_bytes(bytes));
        }
        for other in others {
            assert!(public.verify(&message, &other).is_err());
            refused += 1;
        }
    }
    assert_eq!(refused, 200);
}

#[test]
fn every_bit_of_a_signature_counts() {
    let key = SecretKey::from_seed([1; 32]);
    let good = key.sign(b"message").unwrap();
    for bit in 0..512 {
        let mut bytes = *good.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verdict = key
            .public_key()
            .verify(b"message", &Signature::from_bytes(bytes));
        assert!(verdict.is_err(), "bit {bit}");
    }
}
