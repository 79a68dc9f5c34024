//! Unit tests of what is remembered: nothing wrong comes out of a damaged file, and it mends itself.

use std::fs;
use std::path::Path;

use gatos_core::cid::Cid;

use super::Remembered;
use super::file::File;

fn memory(folder: &Path) -> Remembered {
    let file = File::of(folder);
    Remembered {
        known: file.read(),
        file: Some(file),
        fresh: Vec::new(),
    }
}

fn id(number: usize) -> Cid {
    Cid::of_raw(&number.to_be_bytes())
}

fn learn(folder: &Path, numbers: impl IntoIterator<Item = usize>) {
    let mut memory = memory(folder);
    numbers
        .into_iter()
        .for_each(|number| memory.batch_verified(&id(number)));
    memory.keep();
}

#[test]
fn what_was_kept_is_known_later_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    learn(folder.path(), 0..10);
    learn(folder.path(), 5..20);
    let memory = memory(folder.path());
    assert!((0..20).all(|number| memory.knows_batch(&id(number))));
    assert!(!memory.knows_batch(&id(20)));
    assert!(!memory.knows_fold(id(3).into()), "a batch is no fold");
    let length = fs::metadata(folder.path().join("gatos/verified"));
    assert_eq!(length.unwrap().len(), 21 * 40, "each once");
}

#[test]
fn a_damaged_file_is_ignored_whole_and_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gatos/verified");
    learn(folder.path(), 0..4);
    let sound = fs::read(&path).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..sound.len())
        .map(|at| {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            bytes
        })
        .collect();
    damaged.extend(
        (0..sound.len())
            .filter(|l| l % 40 != 0)
            .map(|l| sound[..l].to_vec()),
    );
    damaged.push([sound.clone(), vec![0; 40]].concat());
    damaged.push(Vec::new());
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        assert!(memory(folder.path()).known.is_empty());
        learn(folder.path(), [7]);
        let after = memory(folder.path());
        assert!(after.knows_batch(&id(7)) && !after.knows_batch(&id(0)));
        assert_eq!(fs::metadata(&path).unwrap().len(), 80);
    }
}

#[test]
fn those_who_append_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let folder = folder.path();
            scope.spawn(move || {
                (0..20).for_each(|round| learn(folder, [writer * 20 + round]));
            });
        }
    });
    let memory = memory(folder.path());
    assert!((0..160).all(|number| memory.knows_batch(&id(number))));
}

#[test]
fn a_file_that_cannot_be_written_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gatos"), "in the way").unwrap();
    learn(folder.path(), [1]);
    assert!(memory(folder.path()).known.is_empty());
}
