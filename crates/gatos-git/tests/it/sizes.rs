//! Objects that are many, large, or would become enormous.

use std::io::Write as _;

use gatos_git::{Durability, EntryRef, Expected, Message, NewCommit, ObjectId, Outcome, ReadError};

use super::fixture::{Fixture, git_in, journal, must_append, times};

/// Write the file of a loose object by hand.
fn plant(fixture: &Fixture, id: &ObjectId, stream: &[u8]) {
    let path = fixture.object_path(id);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, stream).unwrap();
}

/// A zlib stream of `header` and so many zeros.
fn zlib(header: &[u8], zeros: usize) -> Vec<u8> {
    let mut out =
        gix::zlib::stream::deflate::Write::new(Vec::new(), gix::zlib::Compression::BEST_SPEED);
    out.write_all(header).unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..zeros >> 20 {
        out.write_all(&block).unwrap();
    }
    out.flush().unwrap();
    out.into_inner()
}

#[test]
fn a31_what_grows_without_bounds_is_not_inflated() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let id: ObjectId = "1".repeat(40).parse().unwrap();
    let size = 1usize << 30;
    // It says how large it is.
    plant(
        &fixture,
        &id,
        &zlib(format!("blob {size}\0").as_bytes(), size),
    );
    let before = resident_bytes();
    match repository.read_blob(&id) {
        Err(ReadError::TooLarge { size: found, .. }) => assert_eq!(found, size as u64),
        other => panic!("{other:?}"),
    }
    // It lies about how large it is.
    plant(&fixture, &id, &zlib(b"blob 10\0", size));
    assert!(repository.read_blob(&id).is_err());
    plant(
        &fixture,
        &id,
        &zlib(format!("commit {size}\0").as_bytes(), 1 << 20),
    );
    assert!(matches!(
        repository.read_commit(&id),
        Err(ReadError::TooLarge { .. })
    ));
    let header = format!("blob {}\0", u64::MAX);
    plant(&fixture, &id, &zlib(header.as_bytes(), 1 << 20));
    assert!(repository.read_blob(&id).is_err());
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 256 << 20, "{grown} bytes");
}

/// The largest memory that this process has used.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes << 10
}

#[test]
fn a31_a_merge_with_many_parents_is_refused_quickly() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let tree = repository.read_commit(&head).unwrap().tree;
    let mut text = format!("tree {tree}\n");
    for _ in 0..20_000 {
        text.push_str(&format!("parent {head}\n"));
    }
    text.push_str("author a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nm\n");
    let path = fixture.join("merge");
    std::fs::write(&path, text).unwrap();
    let arguments = ["hash-object", "-t", "commit", "-w", "--literally", "merge"];
    let merge: ObjectId = fixture.git(&arguments).parse().unwrap();
    let step = repository.history(merge).next().unwrap();
    assert!(matches!(
        step,
        Err(gatos_git::HistoryError::Merge {
            parents: 20_000,
            ..
        })
    ));
}

/// Each blob is a delta of the one before, as deep as Git writes them.
#[test]
fn a31_a_long_chain_of_deltas_is_read_in_bounded_memory() {
    let fixture = Fixture::new();
    let count = times(800, 4000);
    let mut stream = String::new();
    let line = |number: usize| format!("{number:>200}\n");
    let mut content: String = (0..40).map(line).collect();
    for number in 0..count {
        content.replace_range(..201, &line(number * 7));
        stream.push_str(&format!(
            "blob\nmark :{}\ndata {}\n",
            number + 1,
            content.len()
        ));
        stream.push_str(&content);
        stream.push('\n');
    }
    let mut import = git_in(fixture.path())
        .args([
            "fast-import",
            "--quiet",
            "--depth=4095",
            "--export-marks=marks",
        ])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = import.stdin.take().unwrap();
    stdin.write_all(stream.as_bytes()).unwrap();
    drop(stdin);
    assert!(import.wait().unwrap().success());
    let index = fixture
        .files()
        .into_iter()
        .find(|file| file.extension().is_some_and(|e| e == "idx"));
    let listed = fixture.git(&["verify-pack", "-v", index.unwrap().to_str().unwrap()]);
    let deepest = format!("chain length = {}", count / 2);
    assert!(
        listed.contains(&deepest),
        "the chain is too short to mean anything"
    );
    let before = resident_bytes();
    let begun = std::time::Instant::now();
    let repository = fixture.open();
    let marks = std::fs::read_to_string(fixture.join("marks")).unwrap();
    let row = marks
        .lines()
        .find_map(|row| row.strip_prefix(&format!(":{count} ")));
    let id: ObjectId = row.unwrap().parse().unwrap();
    assert_eq!(repository.read_blob(&id).unwrap(), content.as_bytes());
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes");
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn a31_very_many_refs_slow_nobody_down() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let count = times(100_000, 1_000_000);
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for number in 0..count {
        packed.push_str(&format!("{head} refs/gatos/many/{number:07}\n"));
    }
    std::fs::write(fixture.join("packed-refs"), packed).unwrap();
    let before = resident_bytes();
    let begun = std::time::Instant::now();
    let last = super::fixture::name(&format!("refs/gatos/many/{:07}", count - 1));
    assert_eq!(repository.find_ref(&last).unwrap(), Some(head));
    let absent = super::fixture::name("refs/gatos/many/none");
    assert_eq!(repository.find_ref(&absent).unwrap(), None);
    must_append(&repository, &journal(), "two");
    must_append(&repository, &last, "moved");
    must_append(&repository, &absent, "made");
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 256 << 20, "{grown} bytes");
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn many_objects_go_into_a_pack_that_git_accepts() {
    for arguments in [&["--bare"][..], &["--bare", "--object-format=sha256"]] {
        let fixture = Fixture::with(arguments);
        let repository = fixture.open();
        let mut transaction = repository.transaction(Durability::Durable);
        let mut blobs = Vec::new();
        for number in 0..300_usize {
            // Lengths around the borders of the pack's variable-length form.
            let length = [number, 15, 16, 2047, 2048, 70_000][number % 6];
            let bytes: Vec<u8> = (0..length).map(|i| (i * number % 251) as u8).collect();
            blobs.push((transaction.blob(bytes.clone()).unwrap(), bytes));
        }
        let names: Vec<String> = (0..blobs.len())
            .map(|number| format!("{number:04}"))
            .collect();
        let entries = names.iter().zip(&blobs);
        let entries = entries.map(|(name, (id, _))| (name.as_str(), EntryRef::Blob(*id)));
        let tree = transaction.tree(entries).unwrap();
        let commit = NewCommit {
            tree,
            parents: Vec::new(),
            message: Message::new("many"),
            seconds: 0,
        };
        let head = transaction.commit(&commit).unwrap();
        transaction.update(journal(), Expected::Absent, head);
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        let counted = fixture.git(&["count-objects", "-v"]);
        assert!(
            counted.contains("count: 0\n") && counted.contains("packs: 1\n"),
            "{counted}"
        );
        for index in fixture
            .files()
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "idx"))
        {
            fixture.git(&["verify-pack", index.to_str().unwrap()]);
        }
        fixture.assert_sound();
        for (id, bytes) in &blobs {
            assert_eq!(&repository.read_blob(id).unwrap(), bytes);
            assert_eq!(&fixture.open().read_blob(id).unwrap(), bytes);
        }
        // The same again writes nothing.
        let mut transaction = repository.transaction(Durability::Durable);
        for (_, bytes) in blobs {
            transaction.blob(bytes).unwrap();
        }
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        assert_eq!(fixture.git(&["count-objects", "-v"]), counted);
    }
}

#[test]
fn a_large_blob_is_written_and_read() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let bytes: Vec<u8> = (0..5_000_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut transaction = repository.transaction(Durability::Durable);
    let id = transaction.blob(bytes.clone()).unwrap();
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    assert_eq!(repository.read_blob(&id).unwrap(), bytes);
    let output = git_in(fixture.path())
        .args(["cat-file", "blob", &id.to_string()])
        .output()
        .unwrap();
    assert_eq!(output.stdout, bytes);
}
