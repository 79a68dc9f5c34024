//! Differences that were planted, and what is said about them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Cause, What, first_difference};
use crate::nar::{self, Archive};

/// Archive `old`, and compare it with `new`.
fn differ(old: &Path, new: &Path) -> Option<super::Difference> {
    let mut archive = Vec::new();
    nar::write(old, &mut archive).unwrap();
    first_difference(Archive::Bytes(&archive), new).unwrap()
}

fn differing_files(name: &str, old: &[u8], new: &[u8]) -> super::Difference {
    let folder = TempDir::new().unwrap();
    for (side, bytes) in [("old", old), ("new", new)] {
        fs::create_dir(folder.path().join(side)).unwrap();
        fs::write(folder.path().join(side).join(name), bytes).unwrap();
    }
    differ(&folder.path().join("old"), &folder.path().join("new")).unwrap()
}

#[test]
fn text_causes() {
    let cases: &[(&str, &str, Cause)] = &[
        ("made 2026-11-22\n", "made 2026-11-23\n", Cause::Time),
        ("at 12:34:56\n", "at 12:34:57\n", Cause::Time),
        ("t=1795348785\n", "t=1795348799\n", Cause::Time),
        ("t=1795348785.123\n", "t=1795348785.456\n", Cause::Time),
        ("Sun Nov 22 2026\n", "Mon Nov 23 2026\n", Cause::Time),
        (
            "/build/a.c:1\n",
            "/tmp/nix-build-x/a.c:1\n",
            Cause::BuildPath,
        ),
        (
            "#!/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-sh\n",
            "#!/nix/store/10bgd045z0d4icpbc2yyz4gx48ak44la-sh\n",
            Cause::StorePath,
        ),
        (
            "<A at 0x7f00deadbeef>\n",
            "<A at 0x7f00deadbee0>\n",
            Cause::Address,
        ),
        ("a\nb\nc\n", "c\na\nb\n", Cause::Order),
        (
            "{\"a\": 1, \"b\": 2}\n",
            "{\"b\": 2, \"a\": 1}\n",
            Cause::Order,
        ),
        (
            "id 123e4567-e89b-12d3-a456-426614174000\n",
            "id 00000000-e89b-12d3-a456-426614174fff\n",
            Cause::RandomId,
        ),
        (
            "mean 1.2345678901234567\n",
            "mean 1.2345678901234563\n",
            Cause::FloatNoise,
        ),
        (
            "x,1.00000000001,2\n",
            "x,1.00000000002,2\n",
            Cause::FloatNoise,
        ),
        ("31337\n", "4711\n", Cause::Random),
        ("2008024127\n", "1420000001\n", Cause::Random),
        ("3276732767\n", "1665526984\n", Cause::Random),
        ("0.123\n0.5\n", "0.789\n0.6\n", Cause::Random),
        ("cores: 2\n", "cores: 8\n", Cause::Machine),
        ("a\n", "a\nb\n", Cause::Length),
        ("hello\n", "world\n", Cause::Unknown),
    ];
    for (old, new, expect) in cases {
        let found = differing_files("f", old.as_bytes(), new.as_bytes());
        assert_eq!(found.cause, *expect, "{old:?} {new:?}");
    }
}

/// Kinds that do not vary between two builds on one machine, and so cannot be built twice here. (J-02)
#[test]
fn j02_causes_that_take_another_machine_or_another_boot() {
    let cases: &[(&str, &str, Cause)] = &[
        ("pid 31337\n", "pid 4711\n", Cause::Random),
        (
            "started as process 31337\n",
            "started as process 4711\n",
            Cause::Random,
        ),
        (
            "boot_id c2f5d6a0-4f4a-4d2f-8a51-6d2f3d0a9c11\n",
            "boot_id 0b0f3d52-97c3-4d1e-b7a2-1f60e5a7c9ee\n",
            Cause::RandomId,
        ),
        ("0x55d0c8a012a0\n", "0x563b8cbe52a0\n", Cause::Address),
        (
            "id 139872345678912\n",
            "id 140212345678976\n",
            Cause::Address,
        ),
        (
            "model name\t: AMD EPYC 7B13\n",
            "model name\t: Intel(R) Xeon(R) Platinum 8481C\n",
            Cause::Machine,
        ),
        (
            "on AMD EPYC 7B13\n",
            "on Intel Xeon 8481C\n",
            Cause::Machine,
        ),
        (
            "Linux 6.1.0-13-amd64\n",
            "Linux 6.12.41-cloud\n",
            Cause::Machine,
        ),
        ("6.1.0-13-amd64\n", "6.12.41+deb13-amd64\n", Cause::Machine),
    ];
    for (old, new, expect) in cases {
        let found = differing_files("f", old.as_bytes(), new.as_bytes());
        assert_eq!(found.cause, *expect, "{old:?} {new:?}");
    }
    // The control: a number that no address can be is none, and neither is one that is not aligned.
    let found = differing_files("f", b"n 139872345678913\n", b"n 140212345678975\n");
    assert_eq!(found.cause, Cause::Random);
}

#[test]
fn binary_causes() {
    let gzip = |time: u8| [&[0x1f, 0x8b, 8, 0, time, 1, 2, 3, 0, 3][..], &[7; 40]].concat();
    let tar = |time: &[u8]| {
        let mut block = vec![0; 1024];
        block[..4].copy_from_slice(b"file");
        block[136..147].copy_from_slice(time);
        block[257..262].copy_from_slice(b"ustar");
        block
    };
    let zip = |time: u8| [b"PK\x03\x04\x14\0\0\0\0\0", &[time, 1, 2, 3][..], &[0; 60]].concat();
    let pyc = |time: u8| {
        [
            &[0xcb, 0x0d, 0x0d, 0x0a, 0, 0, 0, 0, time, 1, 2, 3][..],
            &[0; 30],
        ]
        .concat()
    };
    let floats = |low: u8| {
        let mut bytes = vec![0; 8];
        bytes.extend_from_slice(&(1.5_f64.to_bits() | u64::from(low)).to_le_bytes());
        bytes
    };
    let pdf = |day: u8| {
        [
            b"\0\0/CreationDate (D:2026-11-2",
            &[b'0' + day][..],
            b" 10:00:00)\0",
        ]
        .concat()
    };
    let noise = |seed: u8| {
        [
            vec![0],
            (0..200_u8).map(|i| i.wrapping_mul(seed) ^ seed).collect(),
        ]
        .concat()
    };
    let cases: &[(&str, Vec<u8>, Vec<u8>, Cause)] = &[
        ("a.gz", gzip(1), gzip(2), Cause::ArchiveTime),
        (
            "a.tar",
            tar(b"14660000000"),
            tar(b"14660000001"),
            Cause::ArchiveTime,
        ),
        ("a.zip", zip(1), zip(2), Cause::ArchiveTime),
        ("a.pyc", pyc(1), pyc(2), Cause::ArchiveTime),
        ("a.f64", floats(1), floats(2), Cause::FloatNoise),
        ("a.pdf", pdf(1), pdf(2), Cause::Time),
        ("a.bin", noise(3), noise(7), Cause::Random),
        ("a.cut", vec![0; 10], vec![0; 11], Cause::Length),
    ];
    for (name, old, new, expect) in cases {
        assert_eq!(differing_files(name, old, new).cause, *expect, "{name}");
    }
}

#[test]
fn the_first_difference_is_named() {
    let found = differing_files("data.csv", b"a,b\n1,2\n3,4\n", b"a,b\n1,2\n3,5\n");
    let statement = found.to_statement("out");
    assert_eq!(statement.path, "data.csv");
    assert_eq!((statement.offset, statement.line), (Some(10), Some(3)));
    assert_eq!(
        (statement.expected.as_str(), statement.actual.as_str()),
        ("3,4", "3,5")
    );
    let What::Content(content) = found.what else {
        panic!("not content");
    };
    assert_ne!(content.digests.0, content.digests.1);
}

#[test]
fn structure() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = TempDir::new().unwrap();
    let fresh = |name: &str| {
        let side = folder.path().join(name);
        fs::create_dir_all(side.join("b")).unwrap();
        fs::write(side.join("a"), "1").unwrap();
        fs::write(side.join("b/c"), "2").unwrap();
        side
    };
    let old = fresh("old");
    assert_eq!(differ(&old, &fresh("same")), None);

    let missing = fresh("missing");
    fs::remove_file(missing.join("b/c")).unwrap();
    let found = differ(&old, &missing).unwrap();
    assert_eq!(
        (found.path.as_path(), found.what.word()),
        (Path::new("b/c"), "missing")
    );

    let extra = fresh("extra");
    // Sorts after the folder `b` and all that is in it, and before `b/c` only bytewise.
    fs::write(extra.join("b-"), "").unwrap();
    let found = differ(&old, &extra).unwrap();
    assert_eq!(
        (found.path.as_path(), found.what.word()),
        (Path::new("b-"), "extra")
    );

    let executable = fresh("executable");
    fs::set_permissions(executable.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        differ(&old, &executable).unwrap().what,
        What::Executable(false, true)
    );

    let kind = fresh("kind");
    fs::remove_file(kind.join("a")).unwrap();
    symlink("b", kind.join("a")).unwrap();
    assert_eq!(
        differ(&old, &kind).unwrap().what,
        What::Type("file", "symbolic link")
    );

    let elsewhere = fresh("elsewhere");
    fs::remove_file(elsewhere.join("a")).unwrap();
    symlink("c", elsewhere.join("a")).unwrap();
    assert_eq!(differ(&kind, &elsewhere).unwrap().what.word(), "content");

    let renamed = fresh("renamed");
    fs::rename(renamed.join("a"), renamed.join("a-2026-11-22")).unwrap();
    let again = fresh("again");
    fs::rename(again.join("a"), again.join("a-2026-11-23")).unwrap();
    assert_eq!(differ(&renamed, &again).unwrap().cause, Cause::Time);
}

#[test]
fn a_difference_far_into_a_large_file_is_found() {
    let mut old = b"line\n".repeat(9 << 20);
    let mut new = old.clone();
    old.extend_from_slice(b"value 1\n");
    new.extend_from_slice(b"value 2\n");
    let found = differing_files("large", &old, &new);
    let statement = found.to_statement("out");
    assert_eq!(statement.line, Some((9 << 20) + 1));
    assert_eq!(statement.expected, "value 1");
    assert_eq!(found.cause, Cause::Random);
}

#[test]
fn escapes_never_reach_a_terminal() {
    let found = differing_files("f", b"\x1b[31mred 1\n", b"\x1b[31mred 2\n");
    assert_eq!(found.to_statement("out").expected, "red 1");
}
