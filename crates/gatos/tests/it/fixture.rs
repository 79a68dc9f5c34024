//! A repository of its own for each test.

use gatos::governance::{Draft, PolicyDraft, Use, What, activate, propose};
use gatos::policy::Program;
use gatos::repository::{Options, init};
use gatos::{Repository, Unwatched};
use gatos_core::cid::Cid;
use gatos_core::keys::SecretKey;
use gatos_core::policy::Profile;
use gatos_core::state::StateTree;
use gatos_core::value::Value;
use gatos_git::{Durability, EntryRef, Expected, Message, NewCommit, ObjectId, Outcome, RefName};
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

    /// A repository that begins with rules.
    pub(crate) fn with_rules(rules: &Program) -> Self {
        Self::founded("sha1", Some(rules))
    }

    /// A repository whose object ids are of this hash function.
    pub(crate) fn in_format(format: &str) -> Self {
        Self::founded(format, None)
    }

    fn founded(format: &str, rules: Option<&Program>) -> Self {
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
            rules,
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

/// A program that groups, lists and counts, so that its state changes in many places.
pub(crate) const GROUP: &str = r#"
function initial() return { n = 0, groups = {}, last = list() } end
function fold(state, event)
  local n = event.payload.n
  local key = "g" .. tostring(n % 7)
  local group = state.groups[key] or { n = 0, sum = 0, at = list() }
  group.n = group.n + 1
  group.sum = group.sum + n / 4
  group.at[#group.at + 1] = event.index
  state.groups[key] = group
  state.n = state.n + 1
  state.last[#state.last + 1] = event.ulid
  if #state.last > 5 then table.remove(state.last, 1) end
  return state
end"#;

impl Fixture {
    /// Fold the journal `numbers` into a state.
    pub(crate) fn fold(&self, state: &str, program: &str) -> gatos::fold::FoldReport {
        self.fold_every(state, program, None).unwrap()
    }

    /// As [`fold`](Self::fold), with a number of events a checkpoint.
    pub(crate) fn fold_every(
        &self,
        state: &str,
        program: &str,
        every: Option<u64>,
    ) -> Result<gatos::fold::FoldReport, gatos::Error> {
        let request = gatos::fold::Request {
            state: state.parse().unwrap(),
            journal: "numbers".parse().unwrap(),
            program: gatos::fold::ProgramSource::Source(program.to_owned(), "test.lua".to_owned()),
            every,
        };
        gatos::fold::run(&self.open(), &request, &self.key, &mut Unwatched)
    }

    /// Commit blobs and folders to a ref, whatever they say, after `parent`.
    pub(crate) fn commit(
        &self,
        name: &str,
        parent: Option<ObjectId>,
        contents: &[(&str, Content<'_>)],
    ) -> ObjectId {
        let repository = self.open();
        let git = repository.git();
        let name: RefName = name.parse().unwrap();
        let old = git.find_ref(&name).unwrap();
        let mut transaction = git.transaction(Durability::Relaxed);
        let mut entries = Vec::new();
        for (name, content) in contents {
            let entry = match content {
                Content::Bytes(bytes) => EntryRef::Blob(transaction.blob(bytes.clone()).unwrap()),
                Content::State(tree) => {
                    let fetch = |cid: &Cid| tree.blocks.get(cid).cloned();
                    transaction.dag(&tree.root, &fetch).unwrap()
                }
            };
            entries.push((*name, entry));
        }
        let commit = NewCommit {
            tree: transaction.tree(entries).unwrap(),
            parents: parent.into_iter().collect(),
            message: Message::new("test"),
            seconds: 0,
        };
        let commit = transaction.commit(&commit).unwrap();
        let expected = old.map_or(Expected::Absent, Expected::At);
        transaction.update(name, expected, commit);
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        commit
    }

    /// Put a policy in force that differs from the last one in its profile.
    pub(crate) fn change_profile(&self, change: impl FnOnce(&mut Profile)) {
        let mut profile = self.open().policy().1.profile.clone();
        change(&mut profile);
        let policy = PolicyDraft {
            profile: Some(profile),
            ..PolicyDraft::default()
        };
        let draft = Draft {
            title: "another profile".to_owned(),
            reason: String::new(),
            what: What::Policy(Box::new(policy)),
            uses: Use::Single,
        };
        let proposed = propose(&self.open(), draft, &self.key).unwrap();
        activate(&self.open(), &proposed.proposal, &self.key).unwrap();
    }
}

/// What stands in a commit under a name.
pub(crate) enum Content<'a> {
    /// A blob
    Bytes(Vec<u8>),
    /// The blocks of a state
    State(&'a StateTree),
}
