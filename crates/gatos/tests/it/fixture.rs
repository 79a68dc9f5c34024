//! A repository of its own for each test.

use gatos::repository::{Options, init};
use gatos::{Repository, Unwatched};
use gatos_core::keys::SecretKey;
use gatos_core::value::Value;
use tempfile::TempDir;

/// A repository with a founder.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) key: SecretKey,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::in_format("sha1")
    }

    /// A repository whose object ids are of this hash function.
    pub(crate) fn in_format(format: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git")
            .args(["init", "--quiet", "--object-format", format])
            .arg(folder.path())
            .status()
            .unwrap();
        assert!(made.success());
        let key = SecretKey::from_seed([7; 32]);
        let options = Options {
            actor: "alice".parse().unwrap(),
            profile: "default",
            signer: &key,
        };
        init(folder.path(), &options).unwrap();
        Self { folder, key }
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(self.folder.path()).unwrap()
    }

    /// Append one event with a number as its payload.
    pub(crate) fn append(&self, journal: &str, number: i64) -> gatos::journal::AppendReport {
        let drafts = vec![draft(number)];
        let journal = journal.parse().unwrap();
        gatos::journal::append(&self.open(), &journal, drafts, &self.key, &mut Unwatched).unwrap()
    }
}

/// An event with a number as its payload.
pub(crate) fn draft(number: i64) -> gatos::journal::Draft {
    gatos::journal::Draft {
        event_type: "number".to_owned(),
        payload: Value::map([("n", Value::Integer(number))]),
        ulid: None,
        ts: None,
    }
}
