//! Unit tests of archives: every damage is found and named.

use super::{Archive, CarError, write};
use crate::cid::Cid;

fn archive(root: Cid, blocks: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, root, blocks.iter().map(|b| (Cid::of_raw(b), *b))).unwrap();
    out
}

#[test]
fn what_is_written_is_read() {
    let root = Cid::of_raw(b"one");
    let read = Archive::read(archive(root, &[b"one", b"", &[7; 300]])).unwrap();
    assert_eq!(read.root(), root);
    assert_eq!(read.get(&root), Some(&b"one"[..]));
    assert_eq!(read.get(&Cid::of_raw(&[7; 300])), Some(&[7; 300][..]));
    assert_eq!(read.get(&Cid::of_raw(b"two")), None);
    assert_eq!(read.ids().count(), 3);
}

#[test]
fn damage_anywhere_is_found() {
    let bytes = archive(Cid::of_raw(b"one"), &[b"one", b"two"]);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            assert!(Archive::read(damaged).is_err(), "byte {at}");
        }
        // Cut between two blocks, an archive is a whole one again; the manifest notices that.
        let whole = archive(Cid::of_raw(b"one"), &[b"one"]);
        if bytes[..at] != whole {
            assert!(Archive::read(bytes[..at].to_vec()).is_err(), "cut at {at}");
        }
    }
}

#[test]
fn a_root_must_be_there_and_a_block_once() {
    let root = Cid::of_raw(b"one");
    assert_eq!(
        Archive::read(archive(root, &[b"two"])).unwrap_err(),
        CarError::NoRoot { root }
    );
    let twice = Archive::read(archive(root, &[b"one", b"one"]));
    assert!(matches!(twice, Err(CarError::Duplicate { cid, .. }) if cid == root));
    assert!(matches!(
        Archive::read(Vec::new()),
        Err(CarError::Truncated { offset: 0 })
    ));
}
