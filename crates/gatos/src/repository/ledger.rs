//! How statements lie in Git: a ref is a chain of commits, and each commit's tree holds named blobs.
//! `docs/spec/refs.md`.

use gatos_core::statement::{Signed, Statement};
use gatos_git::{EntryRef, ObjectId, RefName, TreeEntry};

use crate::error::{Context, Error, ErrorKind};

/// A ref name, of text that is ours or was checked before.
pub(crate) fn ref_name(text: &str) -> Result<RefName, Error> {
    text.parse()
        .context(ErrorKind::Usage, || format!("`{text}` is no ref of ours"))
}

/// The commits of a ref from its tip to its first, along first parents.
pub(crate) fn commits(git: &gatos_git::Repository, head: ObjectId) -> Result<Vec<ObjectId>, Error> {
    let incomplete = || format!("the history of commit {head} is not all here");
    let ids = git.history(head).map(|step| step.map(|(id, _)| id));
    ids.map(|id| id.context(ErrorKind::Incomplete, incomplete))
        .collect()
}

/// The tree of a commit, or one below it.
pub(crate) struct Folder<'g> {
    git: &'g gatos_git::Repository,
    what: String,
    entries: Vec<TreeEntry>,
}

impl<'g> Folder<'g> {
    /// The tree of a commit.
    pub(crate) fn of_commit(git: &'g gatos_git::Repository, id: ObjectId) -> Result<Self, Error> {
        let what = format!("commit {id}");
        let commit = git
            .read_commit(&id)
            .or_mismatch(|| format!("cannot read {what}"))?;
        Self::of_tree(git, (what, &commit.tree))
    }

    /// A tree, with what errors call it.
    pub(crate) fn of_tree(
        git: &'g gatos_git::Repository,
        (what, tree): (String, &ObjectId),
    ) -> Result<Self, Error> {
        let entries = git
            .read_tree(tree)
            .or_mismatch(|| format!("cannot read {what}"))?;
        Ok(Self { git, what, entries })
    }

    /// The tree of a commit as something that can stand in another tree.
    pub(crate) fn entry_of_commit(
        git: &gatos_git::Repository,
        id: ObjectId,
    ) -> Result<EntryRef, Error> {
        let commit = git
            .read_commit(&id)
            .or_mismatch(|| format!("cannot read commit {id}"))?;
        Ok(EntryRef::Tree(commit.tree))
    }

    /// The entries, by name.
    pub(crate) fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// An entry.
    pub(crate) fn find(&self, name: &str) -> Option<EntryRef> {
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .and_then(TreeEntry::entry)
    }

    /// An entry that must be there.
    pub(crate) fn get(&self, name: &str) -> Result<EntryRef, Error> {
        self.find(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Mismatch,
                format!("{} holds no `{name}`", self.what),
            )
        })
    }

    /// The id of a blob that must be there.
    pub(crate) fn blob_id(&self, name: &str) -> Result<ObjectId, Error> {
        match self.get(name)? {
            EntryRef::Blob(id) => Ok(id),
            EntryRef::Tree(_) => {
                let message = format!("`{name}` of {} is a folder", self.what);
                Err(Error::new(ErrorKind::Mismatch, message))
            }
        }
    }

    /// The bytes of a blob that must be there.
    pub(crate) fn blob(&self, name: &str) -> Result<Vec<u8>, Error> {
        let id = self.blob_id(name)?;
        self.git
            .read_blob(&id)
            .or_mismatch(|| format!("cannot read `{name}` of {}", self.what))
    }

    /// A folder below; one without entries where there is none.
    pub(crate) fn folder(&self, name: &str) -> Result<Self, Error> {
        let what = format!("`{name}` of {}", self.what);
        let entries = match self.find(name) {
            None => Vec::new(),
            Some(EntryRef::Tree(id)) => self
                .git
                .read_tree(&id)
                .or_mismatch(|| format!("cannot read {what}"))?,
            Some(EntryRef::Blob(_)) => {
                return Err(Error::new(ErrorKind::Mismatch, format!("{what} is a file")));
            }
        };
        Ok(Self {
            git: self.git,
            what,
            entries,
        })
    }

    /// A signed statement that must be there, its signatures verified.
    pub(crate) fn signed<T: Statement>(&self, name: &str) -> Result<Signed<T>, Error> {
        let bytes = self.blob(name)?;
        Signed::decode(&bytes).or_mismatch(|| format!("`{name}` of {} does not verify", self.what))
    }
}
