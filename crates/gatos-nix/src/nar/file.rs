//! The archive of one file that is in memory.

/// The NAR of a regular file, not executable, with these contents.
///
/// It is what Nix's store has of a file that was added to it.
#[must_use]
pub fn of_file(contents: &[u8]) -> Vec<u8> {
    let mut archive = Vec::with_capacity(contents.len() + 128);
    for word in ["nix-archive-1", "(", "type", "regular", "contents"] {
        put(&mut archive, word.as_bytes());
    }
    put(&mut archive, contents);
    put(&mut archive, b")");
    archive
}

/// A string: its length as 64 bits, its bytes, zeros up to a multiple of eight.
fn put(archive: &mut Vec<u8>, bytes: &[u8]) {
    archive.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests {
    use super::of_file;
    use crate::nar;

    #[test]
    fn it_is_what_is_written_of_the_file_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for contents in [&b""[..], b"1234567", b"12345678", &[9; 70_000]] {
            std::fs::write(&path, contents).unwrap();
            let mut written = Vec::new();
            nar::write(&path, &mut written).unwrap();
            assert!(of_file(contents) == written);
        }
    }
}
