//! Writing statements: commits of named blobs and folders, and the refs that move to them, all or none.

use gatos_core::policy::ACTIVE_REF;
use gatos_git::{EntryRef, Expected, Message, NewCommit, ObjectId, Outcome, RefName, Transaction};

use crate::clock::now_ms;
use crate::error::{Context, Error, ErrorKind};
use crate::fold::{GrownTree, Growth};
use crate::repository::Repository;

/// What stands in a folder under a name.
pub(crate) enum Content<'a> {
    /// A blob of these bytes
    Bytes(Vec<u8>),
    /// Something that lies in the repository already
    Entry(EntryRef),
    /// A folder
    Folder(Vec<(String, Self)>),
    /// A state's tree, and what it grew from: blocks that both have are shared
    Tree(&'a Growth, &'a GrownTree),
}

/// How a publication ended.
#[derive(Debug)]
pub(crate) enum Published {
    /// Everything is there
    Done,
    /// Somebody else moved this ref first; nothing was written to any ref
    Lost(RefName),
}

/// Objects and ref updates that become visible together.
pub(crate) struct Publication {
    transaction: Transaction,
}

impl Publication {
    /// Begin, with the durability that the policy in force asks for. Nothing becomes visible if another
    /// policy is in force by then: what was signed names the one that this repository was opened under.
    pub(crate) fn new(repository: &Repository) -> Self {
        let mut publication = Self::with(repository.git(), repository.durability());
        let active = Expected::At(repository.active_commit());
        publication.transaction.guard(active_ref(), active);
        publication
    }

    pub(crate) fn with(git: &gatos_git::Repository, durability: gatos_git::Durability) -> Self {
        Self {
            transaction: git.transaction(durability),
        }
    }

    /// A commit that holds `contents`, after `parent`.
    pub(crate) fn commit(
        &mut self,
        contents: Vec<(&str, Content<'_>)>,
        parent: Option<ObjectId>,
        message: &Message,
    ) -> Result<ObjectId, Error> {
        let contents = contents
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content));
        let tree = self.folder(contents.collect())?;
        let commit = NewCommit {
            tree,
            parents: parent.into_iter().collect(),
            message: message.clone(),
            seconds: now_ms() / 1000,
        };
        self.transaction
            .commit(&commit)
            .or_failed(|| "cannot write a commit".to_owned())
    }

    /// Move `name` from what it is expected to be to `new`.
    pub(crate) fn update(&mut self, name: RefName, expected: Option<ObjectId>, new: ObjectId) {
        let expected = expected.map_or(Expected::Absent, Expected::At);
        self.transaction.update(name, expected, new);
    }

    /// Move nothing unless `name` is what it is expected to be.
    pub(crate) fn guard(&mut self, name: RefName, expected: Option<ObjectId>) {
        let expected = expected.map_or(Expected::Absent, Expected::At);
        self.transaction.guard(name, expected);
    }

    /// Make it all visible, or nothing.
    pub(crate) fn publish(self) -> Result<Published, Error> {
        let outcome = self
            .transaction
            .apply()
            .or_failed(|| "nothing was written".to_owned())?;
        Ok(match outcome {
            Outcome::Applied => Published::Done,
            Outcome::Conflict(conflict) => Published::Lost(conflict.name),
        })
    }

    /// As [`publish`](Self::publish), where losing is a failure.
    pub(crate) fn publish_or_fail(self) -> Result<(), Error> {
        match self.publish()? {
            Published::Done => Ok(()),
            Published::Lost(name) => Err(conflict(&name)),
        }
    }

    fn folder(&mut self, contents: Vec<(String, Content<'_>)>) -> Result<ObjectId, Error> {
        let mut entries = Vec::with_capacity(contents.len());
        for (name, content) in contents {
            entries.push((name, self.entry(content)?));
        }
        let entries = entries.iter().map(|(name, entry)| (name.as_str(), *entry));
        self.transaction
            .tree(entries)
            .or_failed(|| "cannot write a tree".to_owned())
    }

    fn entry(&mut self, content: Content<'_>) -> Result<EntryRef, Error> {
        match content {
            Content::Bytes(bytes) => self
                .transaction
                .blob(bytes)
                .map(EntryRef::Blob)
                .or_failed(|| "cannot write a blob".to_owned()),
            Content::Entry(entry) => Ok(entry),
            Content::Folder(contents) => self.folder(contents).map(EntryRef::Tree),
            Content::Tree(growth, tree) => growth
                .stage(tree, &mut self.transaction)
                .or_failed(|| "cannot write a state".to_owned()),
        }
    }
}

fn active_ref() -> RefName {
    ACTIVE_REF
        .parse()
        .unwrap_or_else(|_| unreachable!("the name is a constant"))
}

/// The error of a race that was lost for good.
pub(crate) fn conflict(name: &RefName) -> Error {
    if name.as_str() == ACTIVE_REF {
        return Error::new(
            ErrorKind::Failed,
            "another policy was put in force at the same time",
        )
        .with_hint("nothing was written: run the command again, under the new policy");
    }
    Error::new(
        ErrorKind::Failed,
        format!("somebody else moved `{name}` at the same time"),
    )
    .with_hint("nothing was lost and nothing was written: run the command again")
}
