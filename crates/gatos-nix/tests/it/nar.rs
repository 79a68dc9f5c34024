//! NAR hashing, listing and unpacking, against Nix's own and against what must be refused.

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use gatos_nix::nar::{self, Node, ReadNarError, RestoreLimits, RestoreNarError, WriteNarError};
use tempfile::TempDir;

const LIMITS: RestoreLimits = RestoreLimits {
    max_bytes: 64 << 20,
};

/// A generator that gives the same trees on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn bytes(&mut self, length: u64) -> Vec<u8> {
        (0..length).map(|_| self.roll(256) as u8).collect()
    }

    /// Odd names: spaces, control characters, bytes that are no UTF-8, leading dots and hyphens.
    fn name(&mut self) -> std::ffi::OsString {
        let length = 1 + self.roll(12);
        let mut name = self.bytes(length);
        for byte in &mut name {
            if matches!(*byte, 0 | b'/') {
                *byte = b'-';
            }
        }
        if name == b"." || name == b".." {
            name = b"...".to_vec();
        }
        std::ffi::OsString::from_vec(name)
    }

    fn tree(&mut self, path: &Path, depth: u64) {
        match self.roll(10) {
            0 => symlink(self.name(), path).unwrap(),
            1..=4 if depth < 4 => {
                fs::create_dir(path).unwrap();
                for _ in 0..self.roll(7) {
                    let child = path.join(self.name());
                    if child.symlink_metadata().is_err() {
                        self.tree(&child, depth + 1);
                    }
                }
            }
            _ => {
                // Lengths around the padding and around the buffers of the pipeline.
                let length = [0, 1, 7, 8, 9, 100, 524_287, 524_288, 524_289][self.roll(9) as usize];
                fs::write(
                    path,
                    self.bytes(length.min(9)).repeat(length as usize / 9 + 1),
                )
                .unwrap();
                let mode = [0o644, 0o755, 0o600, 0o444, 0o711, 0o641][self.roll(6) as usize];
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
}

#[test]
fn j17_nar_hash_agrees() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<_> = (0..200_u64)
        .map(|seed| {
            let path = folder.path().join(format!("tree-{seed}"));
            Dice(seed).tree(&path, 0);
            path
        })
        .collect();
    let output = Command::new("nix-hash")
        .args(["--type", "sha256", "--base32"])
        .args(&paths)
        .output()
        .expect("run `cargo xtask setup`");
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        theirs.lines().count(),
        200,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for (path, theirs) in paths.iter().zip(theirs.lines()) {
        let ours = nar::hash(path).unwrap();
        assert_eq!(
            nix_derivation::nixbase32::encode(&ours.sha256),
            theirs,
            "{}",
            path.display()
        );
        round_trip(path, folder.path());
    }
}

fn round_trip(path: &Path, folder: &Path) {
    let mut archive = Vec::new();
    let written = nar::write(path, &mut archive).unwrap();
    assert_eq!(written, nar::digest(&archive));
    let copy = folder.join("copy");
    assert_eq!(
        nar::restore(&mut &archive[..], &copy, LIMITS).unwrap(),
        written
    );
    assert_eq!(nar::hash(&copy).unwrap(), written);
    for entry in nar::list(&mut &archive[..]).unwrap() {
        let there = match entry.path.as_os_str().is_empty() {
            true => path.to_path_buf(),
            false => path.join(&entry.path),
        };
        match entry.node {
            Node::Directory => assert!(there.is_dir()),
            Node::Symlink { target } => assert_eq!(fs::read_link(there).unwrap(), target),
            Node::Regular { offset, size, .. } => {
                let contents = &archive[offset as usize..(offset + size) as usize];
                assert_eq!(fs::read(there).unwrap(), contents);
            }
        }
    }
    if copy.is_dir() && !copy.is_symlink() {
        fs::remove_dir_all(&copy).unwrap();
    } else {
        fs::remove_file(&copy).unwrap();
    }
}

#[test]
fn refuses_what_cannot_be_recorded_and_names_it() {
    let folder = TempDir::new().unwrap();
    let make = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path.join("culprit")
    };
    let pipe = make("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let socket = make("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let set_uid = make("set-uid");
    fs::write(&set_uid, "x").unwrap();
    fs::set_permissions(&set_uid, fs::Permissions::from_mode(0o4755)).unwrap();
    let set_gid = make("set-gid");
    fs::write(&set_gid, "x").unwrap();
    fs::set_permissions(&set_gid, fs::Permissions::from_mode(0o2755)).unwrap();

    for (path, expect) in [
        (pipe, "pipe"),
        (socket, "socket"),
        (set_uid, "set-uid"),
        (set_gid, "set-uid"),
    ] {
        let error = nar::hash(path.parent().unwrap()).unwrap_err().to_string();
        assert!(
            error.contains(expect) && error.contains("culprit"),
            "{error}"
        );
    }
    // A device is refused where it is met; nothing is read from it.
    let error = nar::hash(Path::new("/dev/null")).unwrap_err();
    assert!(
        matches!(error, WriteNarError::UnsupportedFile { kind: "device", .. }),
        "{error}"
    );
    let error = nar::hash(Path::new("/nowhere")).unwrap_err().to_string();
    assert!(error.contains("/nowhere"), "{error}");
}

#[test]
fn a_sink_that_refuses_is_an_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = TempDir::new().unwrap();
    // More than all buffers together hold, so the reader has to notice as well.
    fs::write(folder.path().join("big"), vec![0; 8 << 20]).unwrap();
    let error = nar::write(folder.path(), &mut Full).unwrap_err();
    assert!(matches!(error, WriteNarError::Write { .. }), "{error}");
}

fn token(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u64).to_le_bytes().to_vec();
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(8), 0);
    out
}

fn tokens(texts: &[&str]) -> Vec<u8> {
    texts
        .iter()
        .flat_map(|text| token(text.as_bytes()))
        .collect()
}

fn folder_of(names: &[&str]) -> Vec<u8> {
    let mut out = tokens(&["nix-archive-1", "(", "type", "directory"]);
    for name in names {
        out.extend(tokens(&["entry", "(", "name", name, "node"]));
        out.extend(tokens(&["(", "type", "regular", "contents", "x", ")", ")"]));
    }
    out.extend(tokens(&[")"]));
    out
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile_archives_are_refused_and_leave_nothing() {
    let mut trailing = folder_of(&["a"]);
    trailing.push(0);
    let mut dirty_padding = folder_of(&["a"]);
    let last = dirty_padding.len() - 1;
    dirty_padding[last] = 1;
    let mut deep = tokens(&["nix-archive-1"]);
    for _ in 0..100_000 {
        deep.extend(tokens(&[
            "(",
            "type",
            "directory",
            "entry",
            "(",
            "name",
            "a",
            "node",
        ]));
    }
    let mut huge = tokens(&["nix-archive-1", "(", "type", "regular", "contents"]);
    huge.extend_from_slice(&u64::MAX.to_le_bytes());
    let mut long_name = tokens(&[
        "nix-archive-1",
        "(",
        "type",
        "directory",
        "entry",
        "(",
        "name",
    ]);
    long_name.extend_from_slice(&(1_u64 << 40).to_le_bytes());
    let link_then_through = {
        let mut out = tokens(&[
            "nix-archive-1",
            "(",
            "type",
            "directory",
            "entry",
            "(",
            "name",
            "a",
        ]);
        out.extend(tokens(&[
            "node", "(", "type", "symlink", "target", "/tmp", ")", ")",
        ]));
        out.extend(tokens(&["entry", "(", "name", "a/evil", "node"]));
        out.extend(tokens(&[
            "(", "type", "regular", "contents", "x", ")", ")", ")",
        ]));
        out
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        (
            "magic",
            tokens(&["nix-archive-2", "(", "type", "regular", "contents", "", ")"]),
        ),
        ("dot dot", folder_of(&[".."])),
        ("dot", folder_of(&["."])),
        ("no name", folder_of(&[""])),
        ("slash", folder_of(&["a/b"])),
        ("nul", folder_of(&["a\0b"])),
        ("unsorted", folder_of(&["b", "a"])),
        ("twice", folder_of(&["a", "a"])),
        ("trailing", trailing),
        ("padding", dirty_padding),
        ("deep", deep),
        ("huge", huge),
        ("long name", long_name),
        ("through a link", link_then_through),
        ("truncated", folder_of(&["a"])[..60].to_vec()),
    ];
    let folder = TempDir::new().unwrap();
    for (name, archive) in cases {
        let listed = nar::list(&mut &archive[..]);
        assert!(
            matches!(listed, Err(ReadNarError::Malformed { .. })),
            "{name}: {listed:?}"
        );
        let target = folder.path().join("target");
        let restored = nar::restore(&mut &archive[..], &target, LIMITS);
        assert!(
            matches!(restored, Err(RestoreNarError::Unpack { .. })),
            "{name}: {restored:?}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn names_that_differ_in_case_are_two_files() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target");
    nar::restore(&mut &folder_of(&["A", "a"])[..], &target, LIMITS).unwrap();
    assert_eq!(fs::read_dir(&target).unwrap().count(), 2);
}

#[test]
fn unpacking_has_a_limit_and_never_overwrites() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target");
    let archive = folder_of(&["a", "b", "c"]);
    let tight = RestoreLimits {
        max_bytes: archive.len() as u64 - 1,
    };
    let error = nar::restore(&mut &archive[..], &target, tight).unwrap_err();
    assert!(matches!(error, RestoreNarError::TooLarge { .. }), "{error}");
    assert!(!target.exists());
    let exact = RestoreLimits {
        max_bytes: archive.len() as u64,
    };
    nar::restore(&mut &archive[..], &target, exact).unwrap();
    let error = nar::restore(&mut &archive[..], &target, LIMITS).unwrap_err();
    assert!(matches!(error, RestoreNarError::Exists { .. }), "{error}");
}

/// An archive of one file that never ends.
struct Endless {
    begin: Vec<u8>,
    read: u64,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let at = self.read as usize;
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = self.begin.get(at + index).copied().unwrap_or(0);
        }
        self.read += buffer.len() as u64;
        Ok(buffer.len())
    }
}

#[test]
fn an_endless_archive_is_not_read_far_beyond_the_limit() {
    let folder = TempDir::new().unwrap();
    let mut begin = tokens(&["nix-archive-1", "(", "type", "regular", "contents"]);
    begin.extend_from_slice(&(1_u64 << 32).to_le_bytes());
    let mut archive = Endless { begin, read: 0 };
    let tight = RestoreLimits { max_bytes: 1 << 20 };
    let error = nar::restore(&mut archive, &folder.path().join("target"), tight).unwrap_err();
    assert!(matches!(error, RestoreNarError::TooLarge { .. }), "{error}");
    assert!(archive.read < 3 << 20, "{}", archive.read);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
