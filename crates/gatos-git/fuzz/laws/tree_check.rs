//! Whatever bytes are read as a tree, nothing panics; what is read is in the one form that Git writes: written down
//! again it is the same bytes, its names ascend as Git orders them, and none is there twice.

use gatos_git::{EntryKind, ObjectFormat, TreeEntry, tree_entries};

pub(crate) fn check(data: &[u8]) {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        if let Some(entries) = tree_entries(data, format) {
            law(&entries, data);
        }
    }
}

fn law(entries: &[TreeEntry], data: &[u8]) {
    // What is not UTF-8 is shown otherwise than it is, and of other modes only that they are others.
    let shown = |entry: &TreeEntry| {
        entry.kind != EntryKind::Foreign && !entry.name.contains(char::REPLACEMENT_CHARACTER)
    };
    if !entries.iter().all(shown) {
        return;
    }
    let mut written = Vec::new();
    for entry in entries {
        let mode = match entry.kind {
            EntryKind::Tree => "40000",
            _ => "100644",
        };
        written.extend(format!("{mode} {}\0", entry.name).into_bytes());
        written.extend(raw(&entry.id.to_string()));
    }
    assert_eq!(written, data);
    for two in entries.windows(2) {
        let [one, next] = two else { continue };
        assert!(key(one) < key(next), "{} before {}", one.name, next.name);
        assert_ne!(one.name, next.name);
    }
}

/// Git compares the names of folders as if they ended with a slash.
fn key(entry: &TreeEntry) -> Vec<u8> {
    let mut key = entry.name.clone().into_bytes();
    if entry.kind == EntryKind::Tree {
        key.push(b'/');
    }
    key
}

fn raw(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    hex.as_bytes()
        .chunks(2)
        .map(|two| digit(two[0]) << 4 | digit(two[1]))
        .collect()
}
