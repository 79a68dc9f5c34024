//! Unit tests of content identifiers.

use super::{Cid, CidError};

#[test]
fn text_and_bytes_round_trip() {
    let raw = Cid::of_raw(b"hello");
    assert_eq!(
        raw.to_string(),
        "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
    );
    let cbor = Cid::of_dag_cbor(&[0xa0]);
    assert_eq!(
        cbor.to_string(),
        "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
    );
    for cid in [raw, cbor] {
        assert_eq!(cid.to_string().parse(), Ok(cid));
        assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
    }
}

#[test]
fn everything_outside_the_profile_is_refused() {
    let good = Cid::of_raw(b"x").to_bytes();
    let with = |at: usize, byte: u8| {
        let mut bytes = good;
        bytes[at] = byte;
        Cid::from_bytes(&bytes)
    };
    assert_eq!(with(0, 0), Err(CidError::Version { found: 0 }));
    assert_eq!(with(0, 2), Err(CidError::Version { found: 2 }));
    assert_eq!(with(1, 0x70), Err(CidError::Codec { found: 0x70 }));
    assert_eq!(with(1, 0x78), Err(CidError::Codec { found: 0x78 }));
    assert_eq!(with(2, 0x00), Err(CidError::Hash { found: 0x00 }));
    assert_eq!(with(2, 0x11), Err(CidError::Hash { found: 0x11 }));
    assert_eq!(with(3, 0x14), Err(CidError::Hash { found: 0x12 }));
    assert_eq!(
        Cid::from_bytes(&good[..35]),
        Err(CidError::Length { found: 35 })
    );
    let mut long = good.to_vec();
    long.push(0);
    assert_eq!(Cid::from_bytes(&long), Err(CidError::Length { found: 37 }));
    assert_eq!(Cid::from_bytes(&[]), Err(CidError::Length { found: 0 }));
    assert_eq!(
        Cid::from_bytes(b"\x12\x20"),
        Err(CidError::Length { found: 2 })
    );
}

#[test]
fn one_id_has_one_text() {
    let text = Cid::of_raw(b"x").to_string();
    for bad in [
        text.to_uppercase(),
        text.replacen('b', "z", 1),
        text.replacen('b', "B", 1),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}a"),
        text[..58].to_owned(),
        String::new(),
        "QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY".to_owned(),
    ] {
        assert!(bad.parse::<Cid>().is_err(), "{bad}");
    }
}
