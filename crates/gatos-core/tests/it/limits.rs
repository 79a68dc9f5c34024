//! Bytes that claim too much: refused in little memory, whatever they claim.

use allocation_counter::measure;
use gatos_core::cbor::{self, DecodeErrorKind, Limits, MAX_BLOCK_BYTES, MAX_ITEMS};
use gatos_core::envelope::Envelope;
use gatos_core::json;

use crate::negatives::bytes;

/// Most bytes that a refusal may allocate.
const BUDGET: u64 = 256 << 10;

#[test]
fn length_bombs_cost_no_memory() {
    for head in [
        "5a ff ff ff ff",
        "5b 7f ff ff ff ff ff ff ff",
        "5b ff ff ff ff ff ff ff ff",
        "7a ff ff ff ff",
        "7b ff ff ff ff ff ff ff ff",
        "9a ff ff ff ff",
        "9b 00 00 01 00 00 00 00 00",
        "9b ff ff ff ff ff ff ff ff",
        "ba ff ff ff ff",
        "bb 7f ff ff ff ff ff ff ff",
        "bb 80 00 00 00 00 00 00 00",
        "bb ff ff ff ff ff ff ff ff",
        "d8 2a 5b ff ff ff ff ff ff ff ff",
        "a1 7b ff ff ff ff ff ff ff ff",
        "a1 61 61 9b ff ff ff ff ff ff ff ff",
    ] {
        refused_in_budget(&bytes(head), "truncated");
        refused_in_budget(&[bytes(head), vec![0; 100]].concat(), "truncated");
    }
    // Each of 64 levels claims as much as the bytes that are there would hold.
    let nested = [0x9a_u8, 0x00, 0x01, 0x00, 0x00].repeat(64);
    refused_in_budget(&[nested, vec![0x80; 65_536]].concat(), "depth");
}

#[test]
fn depth_bombs_end_at_the_limit() {
    for byte in [0x81, 0x9f] {
        for depth in [65, 127, 128, 100_000, 1_000_000] {
            let class = if byte == 0x81 { "depth" } else { "indefinite" };
            refused_in_budget(&vec![byte; depth], class);
        }
    }
    for tags in [100_000, 1_000_000] {
        refused_in_budget(&vec![0xc6; tags], "tag");
    }
    let maps = b"\xa1\x61a".repeat(1_000_000);
    refused_in_budget(&maps, "depth");
    let text = "[".repeat(1_000_000);
    assert!(json::from_str(&text).is_err());
    let text = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert!(json::from_str(&text).is_err());
    assert!(json::from_str(&text[1..130 - 1]).is_ok());
}

#[test]
fn the_deepest_number_is_a_decimal_whose_bytes_can_be_read() {
    for (depth, accepted) in [(63, true), (64, false)] {
        let text = format!("{}0.1{}", "[".repeat(depth), "]".repeat(depth));
        match json::from_str(&text) {
            Ok(value) => {
                assert!(accepted);
                assert_eq!(cbor::decode(&cbor::encode(&value)), Ok(value));
            }
            Err(_) => assert!(!accepted),
        }
    }
}

#[test]
fn a_small_block_cannot_ask_for_gigabytes() {
    let list = |count: usize| {
        let count = u32::try_from(count).unwrap();
        [
            &[0x9a],
            &count.to_be_bytes()[..],
            &vec![0xf6; count as usize],
        ]
        .concat()
    };
    assert!(cbor::decode(&list(MAX_ITEMS - 1)).is_ok());
    let kind = DecodeErrorKind::Items { max: MAX_ITEMS };
    assert_eq!(cbor::decode(&list(MAX_ITEMS)).unwrap_err().kind, kind);
    let used = measure(|| assert!(cbor::decode(&list(8 * MAX_ITEMS)).is_err()));
    let block = u64::try_from(8 * MAX_ITEMS).unwrap();
    assert!(used.bytes_max < block + (256 << 20), "{}", used.bytes_max);
}

#[test]
fn sizes_at_the_limit() {
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::BLOCK
    };
    let block = |size: usize| {
        let length = u32::try_from(size - 5).unwrap();
        [&[0x5a], &length.to_be_bytes()[..], &vec![0; size - 5]].concat()
    };
    assert!(cbor::decode_with(&block((1 << 20) - 1), &limits).is_ok());
    assert!(cbor::decode_with(&block(1 << 20), &limits).is_ok());
    let error = cbor::decode_with(&block((1 << 20) + 1), &limits).unwrap_err();
    assert_eq!(error.kind.class(), "size");
    assert!(cbor::decode(&vec![0xf6; MAX_BLOCK_BYTES + 1]).is_err());
}

#[test]
fn an_object_with_many_keys_is_read_in_reasonable_time() {
    // Inserting each key at the front would move half of 10^10 entries.
    let entries: Vec<String> = (0..100_000)
        .rev()
        .map(|i| format!("\"{i:06}\":0"))
        .collect();
    let value = json::from_str(&format!("{{{}}}", entries.join(","))).unwrap();
    assert_eq!(cbor::decode(&cbor::encode(&value)), Ok(value));
}

#[test]
fn numbers_of_a_million_digits_are_refused_quickly() {
    let digits = "7".repeat(1_000_000);
    for text in [
        digits.clone(),
        format!("0.{digits}"),
        format!("1e{digits}"),
        format!("1e-{digits}"),
        format!("{digits}e-999999"),
        format!("-{digits}.{digits}e{digits}"),
    ] {
        let error = json::from_str(&text).unwrap_err().to_string();
        assert!(error.len() < 300, "{}", error.len());
    }
    let zeros = "0".repeat(1_000_000);
    for text in [
        format!("0.{zeros}"),
        format!("0e{digits}"),
        format!("1{zeros}e-1000000"),
    ] {
        assert!(json::from_str(&text).is_ok());
    }
}

fn refused_in_budget(bytes: &[u8], class: &str) {
    let used = measure(|| {
        let error = cbor::decode(bytes).unwrap_err();
        assert_eq!(
            error.kind.class(),
            class,
            "{:02x?}",
            &bytes[..bytes.len().min(20)]
        );
        assert!(Envelope::decode(bytes).is_err());
    });
    assert!(
        used.bytes_max < BUDGET,
        "{} bytes for {class}",
        used.bytes_max
    );
}

#[test]
fn the_measure_sees_what_is_allocated() {
    let used = measure(|| drop(std::hint::black_box(vec![1_u8; 1 << 20])));
    assert!(used.bytes_max >= 1 << 20);
}
