//! An archive that is read holds blocks that are what their ids say, and nothing else.

use gatos_core::car::{self, Archive, CarError};

pub(crate) fn check(data: &[u8]) {
    law(data, |bytes| Archive::read(bytes.to_vec()));
}

/// The law for any reader, so that a broken one can be shown to break it.
pub(crate) fn law(data: &[u8], read: impl Fn(&[u8]) -> Result<Archive, CarError>) {
    let Ok(archive) = read(data) else { return };
    let blocks: Vec<_> = archive
        .ids()
        .map(|cid| (*cid, archive.get(cid).expect("a block that is listed")))
        .collect();
    assert!(
        blocks.iter().all(|(cid, block)| cid.names(block)),
        "a block is another"
    );
    assert!(archive.get(&archive.root()).is_some(), "there is no root");
    let mut written = Vec::new();
    car::write(&mut written, archive.root(), blocks.iter().copied()).expect("written to memory");
    assert_eq!(written.len(), data.len(), "something else is in it");
    let again = read(&written).expect("what was written is not read");
    assert_eq!(again.root(), archive.root());
    assert!(again.ids().eq(archive.ids()));
}
