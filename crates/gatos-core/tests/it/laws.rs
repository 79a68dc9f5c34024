//! The laws of the fuzz targets over their stored seeds and simple mutants of them, without a fuzzer.
//!
//! `cargo xtask fuzz` mutates for as long as one likes; what it finds becomes a seed, and so a case here.

#[path = "../../fuzz/laws/canon_decode.rs"]
mod canon_decode;
#[path = "../../fuzz/laws/car_read.rs"]
mod car_read;
#[path = "../../fuzz/laws/cid_parse.rs"]
mod cid_parse;
#[path = "../../fuzz/laws/echolua_source.rs"]
mod echolua_source;
#[path = "../../fuzz/laws/event_verify.rs"]
mod event_verify;
#[path = "../../fuzz/laws/key_parse.rs"]
mod key_parse;

use std::panic::{AssertUnwindSafe, catch_unwind};

use gatos_core::car::Archive;
use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::envelope::Envelope;
use gatos_core::keys::{SecretKey, Signer as _};

fn hold(target: &str, law: fn(&[u8])) {
    gatos_testing::hold(crate::manifest(), target, law);
}

#[test]
fn canon_decode_holds() {
    hold("canon_decode", canon_decode::check);
}

#[test]
fn event_verify_holds() {
    hold("event_verify", event_verify::check);
    for at in 0..400_u16 {
        let [high, low] = at.to_be_bytes();
        event_verify::check(&[0xff, 7, high, low, 0x04, 0xa1, 0x61, 0x6e, 0x01]);
    }
}

#[test]
fn cid_parse_holds() {
    hold("cid_parse", cid_parse::check);
}

#[test]
fn key_parse_holds() {
    hold("key_parse", key_parse::check);
}

#[test]
fn car_read_holds() {
    hold("car_read", car_read::check);
}

#[test]
fn echolua_source_holds() {
    hold("echolua_source", echolua_source::check);
}

/// Whether a broken reader breaks a law.
fn breaks(law: impl Fn()) -> bool {
    catch_unwind(AssertUnwindSafe(law)).is_err()
}

#[test]
fn a_broken_reader_breaks_each_law() {
    // A reader that overlooks what follows.
    let lenient = |data: &[u8]| {
        let shorter = data.get(..data.len().saturating_sub(1)).unwrap_or_default();
        cbor::decode(data).or_else(|_| cbor::decode(shorter))
    };
    assert!(breaks(|| canon_decode::law(&[0xf6, 0x00], lenient)));
    assert!(!breaks(|| canon_decode::law(&[0xf6, 0x00], cbor::decode)));

    let id = Cid::of_raw(b"one").to_string();
    let any_case = |text: &str| text.to_ascii_lowercase().parse();
    let upper = id.to_ascii_uppercase();
    assert!(breaks(|| cid_parse::law(upper.as_bytes(), any_case)));
    assert!(!breaks(
        || cid_parse::law(upper.as_bytes(), |text| text.parse())
    ));

    let key = SecretKey::from_seed([7; 32]).public_key();
    let line = key.to_string();
    let constant = |_: &str| Ok(key);
    assert!(breaks(|| key_parse::law(b"anything", constant)));
    assert!(!breaks(
        || key_parse::law(line.as_bytes(), |text| text.parse())
    ));

    let archive = std::fs::read(crate::manifest().join("fuzz/corpus/car_read/one.car")).unwrap();
    let longer = [&archive[..], b"\0"].concat();
    let careless = |data: &[u8]| {
        Archive::read(data.to_vec()).or_else(|_| Archive::read(data[..data.len() - 1].to_vec()))
    };
    assert!(breaks(|| car_read::law(&longer, careless)));
    assert!(!breaks(|| car_read::law(&archive, careless)));
}

/// The oracle of `event_verify` refuses what was not signed.
#[test]
fn the_other_verifier_refuses_a_forged_signature() {
    let folder = crate::manifest().join("vectors/envelope/err");
    let mut refused = 0;
    for name in crate::vectors::names(&folder) {
        let bytes = std::fs::read(folder.join(format!("{name}.cbor"))).unwrap();
        if let Ok(envelope) = Envelope::decode(&bytes) {
            refused += usize::from(!event_verify::theirs(&envelope));
        }
    }
    assert!(refused >= 10, "{refused}");
}
