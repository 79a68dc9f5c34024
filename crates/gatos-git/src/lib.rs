//! The only crate of GATOS that touches Git: objects, refs and the transactions that change them.
//!
//! Git object ids are locators, never evidence: whatever is read is hashed again, and what is
//! signed names CIDs. What a transaction reports as applied is on the disk.
//!
//! ```
//! use gatos_git::{Durability, EntryRef, Expected, Message, NewCommit, Outcome, Repository};
//!
//! # let directory = tempfile::tempdir()?;
//! let repository = Repository::init(directory.path())?;
//! let mut transaction = repository.transaction(Durability::Durable);
//! let batch = transaction.blob(*b"events")?;
//! let commit = NewCommit {
//!     tree: transaction.tree([("batch", EntryRef::Blob(batch))])?,
//!     parents: Vec::new(),
//!     message: Message::new("append 1 event"),
//!     seconds: 0,
//! };
//! let head = transaction.commit(&commit)?;
//! let name: gatos_git::RefName = "refs/gatos/journal/data".parse()?;
//! transaction.update(name.clone(), Expected::Absent, head);
//! assert_eq!(transaction.apply()?, Outcome::Applied);
//!
//! assert_eq!(repository.find_ref(&name)?, Some(head));
//! assert_eq!(repository.read_blob(&batch)?, b"events");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "adapter: reads and writes the files of a repository"
)]

mod dag;
mod failure;
mod history;
mod maintenance;
mod message;
mod name;
mod object;
mod push;
mod quarantine;
mod refs;
mod repository;
mod setting;
mod transaction;
mod work_tree;

pub use self::dag::{Dag, MAX_DAG_BLOCKS, MAX_DAG_BYTES, ReadDagError, StageDagError};
pub use self::failure::GitFailure;
pub use self::history::{History, HistoryError};
pub use self::maintenance::{
    LeftoverError, Leftovers, Proof, SignalError, StaleLock, TemporaryFile, Turn, TurnError,
    release_locks_on_signals,
};
pub use self::message::Message;
pub use self::name::{
    EntryName, FullName, MAX_ENTRY_BYTES, MAX_FULL_BYTES, MAX_LEVEL_BYTES, MAX_NAME_BYTES,
    NAMESPACE, NameError, RefName,
};
pub use self::object::{
    Commit, EntryKind, EntryRef, MAX_BLOB_BYTES, MAX_COMMIT_BYTES, MAX_TREE_BYTES, ObjectFormat,
    ObjectId, ObjectIdError, ObjectKind, ReadError, SignedCommit, TreeEntry, tree_entries,
};
pub use self::push::{
    ApplyError, GitVersion, MAX_UPDATES, PushError, RefUpdate, RemoteError, Reported,
    apply_updates, checked_out, git_version, packet, read_updates, remote_refs, resolve,
};
pub use self::quarantine::{Incoming, QuarantineError, settle_incoming};
pub use self::refs::FindRefError;
pub use self::repository::{InitError, Layout, OpenError, OpenOptions, Repository};
pub use self::setting::{
    AttributesError, ReadSettingError, SetError, own as own_setting, pack_batches_whole, remotes,
    set as set_setting, setting,
};
pub use self::transaction::{
    Conflict, Durability, Expected, NewCommit, Outcome, RecoverError, Recovery, StageError,
    Transaction, TransactionError,
};
pub use self::work_tree::{changed_files, is_open_to_git};
