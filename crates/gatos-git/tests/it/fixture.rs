//! Repositories made by `git` itself, and the few things every test does with them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gatos_git::{
    Durability, EntryRef, Expected, Message, NewCommit, ObjectId, Outcome, RefName, Repository,
    TransactionError,
};
use tempfile::TempDir;

/// A repository that goes away with the value.
pub(crate) struct Fixture {
    _directory: Option<TempDir>,
    path: PathBuf,
}

impl Fixture {
    /// A bare SHA-1 repository.
    pub(crate) fn new() -> Self {
        Self::with(&["--bare"])
    }

    /// What `git init` makes with these arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let directory = scratch();
        let path = directory.path().join("repo");
        let mut fixture = Self::at(&path, arguments);
        fixture._directory = Some(directory);
        fixture
    }

    /// The same at a path that somebody else removes.
    pub(crate) fn at(path: &Path, arguments: &[&str]) -> Self {
        let mut command = git_in(path.parent().unwrap());
        let output = command.arg("init").args(arguments).arg(path).output();
        check(&output.unwrap());
        Self {
            _directory: None,
            path: path.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.path).unwrap()
    }

    /// The output of a `git` command that must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        check(&output);
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    pub(crate) fn try_git(&self, arguments: &[&str]) -> Output {
        git_in(&self.path).args(arguments).output().unwrap()
    }

    /// `git fsck` finds nothing, and every ref and object can be read.
    pub(crate) fn assert_sound(&self) {
        let output = self.try_git(&["fsck", "--full", "--strict", "--no-dangling"]);
        check(&output);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("error"), "{text}");
    }

    /// Where a loose object lies.
    pub(crate) fn object_path(&self, id: &ObjectId) -> PathBuf {
        let hex = id.to_string();
        self.path.join("objects").join(&hex[..2]).join(&hex[2..])
    }

    /// Every file below the repository.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut pending = vec![self.path.clone()];
        while let Some(path) = pending.pop() {
            for entry in std::fs::read_dir(path).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    pending.push(entry.path());
                } else {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files
    }

    /// The lock files in the repository.
    pub(crate) fn locks(&self) -> Vec<PathBuf> {
        let is_lock = |path: &PathBuf| path.extension().is_some_and(|e| e == "lock");
        self.files().into_iter().filter(is_lock).collect()
    }
}

/// A directory in memory, where there is one: nothing that is tested there asks a disk.
fn scratch() -> TempDir {
    TempDir::new_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .unwrap()
}

/// A `git` that knows nothing of the machine's and the user's settings.
pub(crate) fn git_in(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Test")
        .env("GIT_AUTHOR_EMAIL", "test@localhost")
        .env("GIT_COMMITTER_NAME", "Test")
        .env("GIT_COMMITTER_EMAIL", "test@localhost");
    command
}

pub(crate) fn check(output: &Output) {
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

pub(crate) fn name(text: &str) -> RefName {
    text.parse().unwrap()
}

/// The ref that most tests use.
pub(crate) fn journal() -> RefName {
    name("refs/gatos/journal/data")
}

/// Stage a commit with one blob.
pub(crate) fn stage(
    transaction: &mut gatos_git::Transaction,
    parent: Option<ObjectId>,
    payload: &str,
) -> ObjectId {
    let blob = transaction.blob(payload.as_bytes()).unwrap();
    let tree = transaction.tree([("batch", EntryRef::Blob(blob))]).unwrap();
    let commit = NewCommit {
        tree,
        parents: parent.into_iter().collect(),
        message: Message::new("append 1 event"),
        seconds: 0,
    };
    transaction.commit(&commit).unwrap()
}

/// Move a ref from `old` to a new commit upon it that holds `payload`.
pub(crate) fn append_upon(
    repository: &Repository,
    name: &RefName,
    old: Option<ObjectId>,
    payload: &str,
    durability: Durability,
) -> Result<Outcome, TransactionError> {
    let mut transaction = repository.transaction(durability);
    let commit = stage(&mut transaction, old, payload);
    let expected = old.map_or(Expected::Absent, Expected::At);
    transaction.update(name.clone(), expected, commit);
    transaction.apply()
}

/// Append to whatever the ref holds now.
pub(crate) fn append(
    repository: &Repository,
    name: &RefName,
    payload: &str,
) -> Result<Outcome, TransactionError> {
    let old = repository.find_ref(name).unwrap();
    append_upon(repository, name, old, payload, Durability::Durable)
}

/// Append and succeed.
pub(crate) fn must_append(repository: &Repository, name: &RefName, payload: &str) -> ObjectId {
    assert_eq!(append(repository, name, payload).unwrap(), Outcome::Applied);
    repository.find_ref(name).unwrap().unwrap()
}

/// What was appended, oldest first.
pub(crate) fn payloads(repository: &Repository, name: &RefName) -> Vec<String> {
    let Some(head) = repository.find_ref(name).unwrap() else {
        return Vec::new();
    };
    let ids = repository.history_since(None, head).unwrap();
    ids.iter().map(|id| payload(repository, id)).collect()
}

/// What was appended up to `head`, or what is wrong.
pub(crate) fn read_all(repository: &Repository, head: ObjectId) -> Result<Vec<String>, String> {
    let text = |error: &dyn std::error::Error| super::driver::explain(error);
    let ids = repository
        .history_since(None, head)
        .map_err(|error| text(&error))?;
    ids.iter()
        .map(|id| {
            let commit = repository.read_commit(id).map_err(|error| text(&error))?;
            let tree = repository
                .read_tree(&commit.tree)
                .map_err(|error| text(&error))?;
            let blob = repository
                .read_blob(&tree[0].id)
                .map_err(|error| text(&error))?;
            Ok(String::from_utf8(blob).unwrap())
        })
        .collect()
}

pub(crate) fn payload(repository: &Repository, commit: &ObjectId) -> String {
    let tree = repository.read_commit(commit).unwrap().tree;
    let blob = repository.read_tree(&tree).unwrap()[0].id;
    String::from_utf8(repository.read_blob(&blob).unwrap()).unwrap()
}

/// Whether a test with these needs can run here; says so if not.
pub(crate) fn can(test: &str, needs: &[Need]) -> bool {
    use std::io::Write as _;
    let missing = needs.iter().find(|need| !need.is_met());
    if let Some(need) = missing {
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: {test} needs {need:?}");
    }
    missing.is_none()
}

/// What a test may need beyond `git`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    Root,
    Strace,
}

impl Need {
    fn is_met(self) -> bool {
        let skipped = std::env::var_os("GATOS_SKIP_PRIVILEGED").is_some();
        match self {
            Self::Root => gatos_testing::can_mount(),
            Self::Strace => !skipped && Command::new("strace").arg("-V").output().is_ok(),
        }
    }
}

/// Whether the long versions are asked for.
pub(crate) fn soak() -> bool {
    std::env::var_os("GATOS_SOAK").is_some_and(|value| value == "1")
}

/// `short`, or `long` in a soak.
pub(crate) fn times(short: usize, long: usize) -> usize {
    if soak() { long } else { short }
}
