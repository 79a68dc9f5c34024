//! States in a repository: what is read, what is shared, what is proved.

use std::path::Path;
use std::process::Command;

use gatos::fold::{At, Growth, Point, ProgramSource, Request, check_proof, diff, prove, run, show};
use gatos::{ErrorKind, StatePath, Unwatched, Value};
use gatos_core::state::StateTree;
use gatos_git::{Durability, EntryRef, Expected, Message, NewCommit, ObjectId, Outcome};

use crate::fixture::Fixture;

/// Keeps each number under its name, with many others that never change.
const PROGRAM: &str = "\
function initial()
  local others = {}
  for i = 1, 600 do others['other-' .. i] = { text = 'never changes', i = i } end
  return { numbers = {}, others = others }
end
function fold(state, event)
  state.numbers['n' .. event.payload.n] = event.payload.n
  state.last = event.payload.n
  return state
end";

pub(crate) fn fold(fixture: &Fixture, program: &str) -> gatos::fold::FoldReport {
    let request = Request {
        state: "s".parse().unwrap(),
        journal: "j".parse().unwrap(),
        program: ProgramSource::Source(program.to_owned(), "program".to_owned()),
        every: None,
    };
    run(&fixture.open(), &request, &fixture.key, &mut Unwatched).unwrap()
}

fn point(text: &str) -> Point {
    text.parse().unwrap()
}

fn path(text: &str) -> StatePath {
    text.parse().unwrap()
}

fn shown(fixture: &Fixture, at: &str, at_path: &str) -> Result<String, gatos::Error> {
    let view = show(&fixture.open(), &point(at), &path(at_path))?;
    Ok(view.value.unwrap().get().to_owned())
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn checkpoints_have_many_names() {
    let fixture = Fixture::new();
    fixture.append("j", 1);
    let first = fold(&fixture, PROGRAM);
    fixture.append("j", 2);
    fold(&fixture, PROGRAM);
    let commit = git(
        fixture.folder.path(),
        &["rev-parse", "refs/gatos/state/s~1"],
    );
    for at in [
        "s@0",
        &format!("s@{}", first.proof),
        &format!("s@{}", first.state_root),
        &format!("s@{commit}"),
        &first.proof,
        &first.state_root,
        &commit,
        "refs/gatos/state/s@0",
    ] {
        assert_eq!(shown(&fixture, at, "last").unwrap(), "1", "{at}");
    }
    for at in ["s", "refs/gatos/state/s", "s@1", "s@refs/gatos/state/s"] {
        assert_eq!(shown(&fixture, at, "last").unwrap(), "2", "{at}");
    }
    for at in [
        "s@2",
        "nobody",
        "s@bafyreiezvaanyrty7hgqsv3yglwoqs5rhafnnyuffoaehbrxng7mspysne",
    ] {
        let refused = shown(&fixture, at, "last").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Usage, "{at}");
    }
    for text in ["", "s@", "s@x", "@1", "S", "s@-1", "s@1@2"] {
        assert!(text.parse::<Point>().is_err(), "{text}");
    }
    assert_eq!("3".parse(), Ok(At::Number(3)));
}

/// The object of a block of the state's tree that holds `text` (keys stand behind their length), and is not on the way to anything else.
fn blob_with(folder: &Path, text: &str) -> String {
    let listed = git(folder, &["ls-tree", "-r", "refs/gatos/state/s:state"]);
    let mut ids = listed
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2));
    let holds = |id: &&str| {
        let blob = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["cat-file", "blob", id])
            .output();
        let blob = blob.unwrap().stdout;
        blob.windows(text.len()).any(|part| part == text.as_bytes())
    };
    ids.rfind(holds).unwrap().to_owned()
}

fn remove(folder: &Path, id: &str) {
    let place = folder.join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(place).unwrap();
}

#[test]
fn one_value_is_read_without_the_others() {
    let fixture = Fixture::new();
    for n in 0..5 {
        fixture.append("j", n);
    }
    fold(&fixture, PROGRAM);
    let folder = fixture.folder.path();
    let packs = folder.join(".git/objects/pack");
    // Every object a file of its own, so that one can be taken away.
    for entry in std::fs::read_dir(&packs).unwrap() {
        let pack = entry.unwrap().path();
        if pack
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let moved = folder.join("moved.pack");
            std::fs::rename(&pack, &moved).unwrap();
            std::fs::remove_file(pack.with_extension("idx")).unwrap();
            let input = std::fs::File::open(&moved).unwrap();
            let unpack = Command::new("git")
                .arg("-C")
                .arg(folder)
                .args(["unpack-objects", "-q"])
                .stdin(input)
                .status();
            assert!(unpack.unwrap().success());
        }
    }
    remove(folder, &blob_with(folder, "hother-17"));
    for (at_path, value) in [("last", "4"), ("numbers.n3", "3"), ("numbers", "")] {
        let found = shown(&fixture, "s", at_path).unwrap();
        assert!(value.is_empty() || found == value, "{at_path}: {found}");
    }
    let missing = shown(&fixture, "s", "numbers.n9").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Usage);
    for at_path in ["others", "", "others.other-17"] {
        let damaged = shown(&fixture, "s", at_path).unwrap_err();
        assert_eq!(damaged.kind(), ErrorKind::Mismatch, "{at_path}");
        assert!(
            damaged.full_message().contains("cannot be read"),
            "{}",
            damaged.full_message()
        );
    }
    // A proof of the one does not need the other either.
    let proof = prove(&fixture.open(), &point("s"), path("numbers.n3")).unwrap();
    assert!(check_proof(proof.file, None).unwrap().found);
    assert!(prove(&fixture.open(), &point("s"), path("others.other-17")).is_err());
}

#[test]
fn a_diff_reads_what_differs_in_git() {
    let fixture = Fixture::new();
    fixture.append("j", 1);
    fold(&fixture, PROGRAM);
    fixture.append("j", 2);
    fold(&fixture, PROGRAM);
    let found = diff(&fixture.open(), (&point("s@0"), &point("s@1")), 100).unwrap();
    let paths: Vec<_> = found
        .differences
        .iter()
        .map(|d| (d.path.as_str(), d.change))
        .collect();
    assert_eq!(paths, [("last", "changed"), ("numbers.n2", "added")]);
    let back = diff(&fixture.open(), (&point("s@1"), &point("s@0")), 1).unwrap();
    assert_eq!((back.count, back.differences.len()), (2, 1));
    let same = diff(&fixture.open(), (&point("s@1"), &point("s")), 100).unwrap();
    assert_eq!((same.count, same.differences.len()), (0, 0));
}

#[test]
fn a_state_proof_is_bound_to_its_fold() {
    let fixture = Fixture::new();
    fixture.append("j", 1);
    let first = fold(&fixture, PROGRAM);
    fixture.append("j", 2);
    let second = fold(&fixture, PROGRAM);
    let proof = prove(&fixture.open(), &point("s@0"), path("last")).unwrap();
    let checked = check_proof(proof.file.clone(), None).unwrap();
    assert_eq!(checked.value.unwrap().get(), "1");
    let claim = checked.fold.unwrap();
    assert_eq!(
        (claim.proof.as_str(), claim.history_size),
        (first.proof.as_str(), 1)
    );
    assert!(check_proof(proof.file.clone(), Some(first.state_root.parse().unwrap())).is_ok());
    let other = check_proof(proof.file.clone(), Some(second.state_root.parse().unwrap()));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Mismatch);
    // The same blocks with the proof of another state.
    let inner = gatos_core::state::StateProof::decode(proof.file).unwrap();
    let stolen = prove(&fixture.open(), &point("s@1"), path("last"))
        .unwrap()
        .file;
    let stolen = gatos_core::state::StateProof::decode(stolen).unwrap();
    let forged = inner.with_envelope(stolen.envelope.unwrap()).encode();
    let refused = check_proof(forged, None).unwrap_err();
    assert!(
        refused.full_message().contains("another state"),
        "{}",
        refused.full_message()
    );
}

/// Checkpoints of a state of many entries of which few change, staged as they grow.
struct Chain {
    fixture: Fixture,
    entries: Value,
    growth: Growth,
    head: Option<ObjectId>,
}

impl Chain {
    fn new(count: i64) -> Self {
        let entry = |i: i64| (format!("key-{i}"), Value::map([("n", Value::from(i))]));
        Self {
            fixture: Fixture::new(),
            entries: Value::map((0..count).map(entry)),
            growth: Growth::default(),
            head: None,
        }
    }

    fn change(&mut self, round: i64, count: i64) {
        let Value::Map(map) = &mut self.entries else {
            unreachable!("a map was made");
        };
        let len = map.len() as i64;
        for i in 0..count {
            let key = format!("key-{}", (round * 7919 + i * 104_729) % len);
            map.insert(key, Value::map([("n", Value::from(-round - i))]));
        }
    }

    /// Make a checkpoint; gives the state's tree in Git.
    fn checkpoint(&mut self) -> EntryRef {
        let repository = self.fixture.open();
        let git = repository.git();
        let tree = self.growth.next(&self.entries).unwrap();
        let mut transaction = git.transaction(Durability::Relaxed);
        let state = self.growth.stage(&tree, &mut transaction).unwrap();
        let commit = NewCommit {
            tree: transaction.tree([("state", state)]).unwrap(),
            parents: self.head.into_iter().collect(),
            message: Message::new("checkpoint"),
            seconds: 0,
        };
        let commit = transaction.commit(&commit).unwrap();
        let expected = self.head.map_or(Expected::Absent, Expected::At);
        transaction.update("refs/gatos/test/chain".parse().unwrap(), expected, commit);
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        self.head = Some(commit);
        self.growth
            .stored(git.dag(state, tree.root()), &self.entries);
        state
    }
}

/// Bytes of the packs of a clone.
fn clone_size(folder: &Path) -> u64 {
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", folder.display());
    let into = clone.path().join("clone");
    git(
        folder,
        &[
            "clone",
            "--quiet",
            "--mirror",
            &from,
            into.to_str().unwrap(),
        ],
    );
    git(&into, &["fsck", "--strict"]);
    let packs = std::fs::read_dir(into.join("objects/pack")).unwrap();
    packs
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

#[test]
fn a_clone_of_many_checkpoints_is_little_more_than_one() {
    let mut chain = Chain::new(20_000);
    chain.checkpoint();
    let one = clone_size(chain.fixture.folder.path());
    for round in 1..50 {
        chain.change(round, 10);
        chain.checkpoint();
    }
    let fifty = clone_size(chain.fixture.folder.path());
    assert!(
        fifty < 2 * one,
        "{one} bytes with one checkpoint, {fifty} with fifty"
    );
}

#[test]
fn what_grows_in_git_is_what_is_written_anew() {
    let mut chain = Chain::new(3000);
    chain.checkpoint();
    for round in 1..8 {
        chain.change(round, 5);
        if round == 5 {
            // Entries go away and others come, so that parts become whole again.
            chain.entries = match chain.entries {
                Value::Map(map) => {
                    let kept = map.into_iter().filter(|(key, _)| !key.ends_with("00"));
                    let more = (0..40).map(|i| (format!("more-{i}"), Value::text("x".repeat(300))));
                    Value::map(kept.chain(more))
                }
                other => other,
            };
        }
        let grown = chain.checkpoint();
        let repository = chain.fixture.open();
        let tree = StateTree::build(&chain.entries);
        let mut transaction = repository.git().transaction(Durability::Relaxed);
        let anew = transaction
            .dag(&tree.root, &|cid| tree.blocks.get(cid).cloned())
            .unwrap();
        assert_eq!(grown, anew, "round {round}");
        assert_eq!(
            repository.git().read_dag(grown, tree.root).unwrap(),
            tree.blocks
        );
    }
}

/// As deep as a state can be, in the middle of a map that is split.
#[test]
fn the_deepest_states_are_kept() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let deep = (0..62).fold(Value::from(1), |inner, _| Value::list([inner]));
    let entries = (0..500).map(|i| (format!("key-{i}"), deep.clone()));
    let state = Value::map(entries);
    let tree = StateTree::build(&state);
    let mut transaction = repository.git().transaction(Durability::Relaxed);
    let staged = transaction.dag(&tree.root, &|cid| tree.blocks.get(cid).cloned());
    assert!(staged.is_ok(), "{staged:?}");
    assert_eq!(
        StateTree::load(tree.root, &|cid| tree.blocks.get(cid).cloned()),
        Ok(state)
    );
}
