//! A content id has one binary form and one text, and is one for another implementation too.

use gatos_core::cid::{Cid, CidError};

pub(crate) fn check(data: &[u8]) {
    law(data, |text| text.parse());
}

/// The law for any parser of the text, so that a broken one can be shown to break it.
pub(crate) fn law(data: &[u8], parse: impl Fn(&str) -> Result<Cid, CidError>) {
    let theirs = ipld_core::cid::Cid::try_from(data);
    match Cid::from_bytes(data) {
        Ok(cid) => {
            assert_eq!(cid.to_bytes()[..], *data, "other bytes for one id");
            assert_eq!(parse(&cid.to_string()), Ok(cid));
            let theirs = theirs.expect("the oracle refuses it");
            assert_eq!(theirs.to_string(), cid.to_string());
        }
        // The oracle reads more codecs and hashes, and drops what follows an id.
        Err(error) => assert!(
            !theirs.is_ok_and(|cid| is_ours(&cid) && cid.to_bytes() == data),
            "{error}"
        ),
    }
    if let Ok(text) = str::from_utf8(data)
        && let Ok(cid) = parse(text)
    {
        assert_eq!(cid.to_string(), text, "two texts for one id");
        let theirs: ipld_core::cid::Cid = text.parse().expect("the oracle refuses it");
        assert_eq!(theirs.to_bytes(), cid.to_bytes());
    }
}

fn is_ours(cid: &ipld_core::cid::Cid) -> bool {
    cid.version() == ipld_core::cid::Version::V1
        && [0x55, 0x71].contains(&cid.codec())
        && (cid.hash().code(), cid.hash().size()) == (0x12, 32)
}
