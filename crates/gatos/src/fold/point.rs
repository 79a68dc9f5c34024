//! Checkpoints as people name them, opened without reading their states.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use gatos_core::cid::Cid;
use gatos_core::fold::{FoldProof, STATE_REF_PREFIX};
use gatos_core::name::StateName;
use gatos_core::state::{StateError, StatePath, StateTree};
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::{Dag, EntryRef, ObjectId, ReadDagError};

use super::state_ref;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, commits, ref_name};

/// A checkpoint as people name it: `yearly`, `yearly@3`, `yearly@<id>`, or an id alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Point {
    /// The state; every state is looked through if it is not given
    pub state: Option<StateName>,
    /// Which of its checkpoints
    pub at: At,
}

/// Which checkpoint of a state.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum At {
    /// The newest
    #[default]
    Newest,
    /// By its number, from 0
    Number(u64),
    /// By the id of its Proof-of-Fold or by its state root; the newest of several
    Id(Cid),
    /// By its Git commit, written in full, or by a ref that points to it
    Commit(String),
}

/// Why a text names no checkpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{text}` names no checkpoint: write `STATE`, `STATE@NUMBER`, `STATE@ID`, an id, a commit or a ref"
)]
pub struct PointError {
    /// The text
    pub text: String,
}

impl FromStr for At {
    type Err = PointError;

    fn from_str(text: &str) -> Result<Self, PointError> {
        let is_commit =
            || matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if let Ok(cid) = text.parse() {
            Ok(Self::Id(cid))
        } else if is_commit() || text.starts_with("refs/") {
            Ok(Self::Commit(text.to_owned()))
        } else if let Ok(number) = text.parse() {
            Ok(Self::Number(number))
        } else {
            let text = text.to_owned();
            Err(PointError { text })
        }
    }
}

impl FromStr for Point {
    type Err = PointError;

    fn from_str(text: &str) -> Result<Self, PointError> {
        let unknown = || PointError {
            text: text.to_owned(),
        };
        if let Some((state, at)) = text.split_once('@') {
            let state = state.strip_prefix(STATE_REF_PREFIX).unwrap_or(state);
            return Ok(Self {
                state: Some(state.parse().map_err(|_| unknown())?),
                at: at.parse()?,
            });
        }
        let name = text.strip_prefix(STATE_REF_PREFIX).unwrap_or(text);
        match text.parse() {
            Ok(At::Number(_)) | Err(_) => Ok(Self::newest(name.parse().map_err(|_| unknown())?)),
            Ok(At::Commit(_)) if name != text => {
                Ok(Self::newest(name.parse().map_err(|_| unknown())?))
            }
            Ok(at) => Ok(Self { state: None, at }),
        }
    }
}

impl Point {
    /// The newest checkpoint of a state.
    #[must_use]
    pub const fn newest(state: StateName) -> Self {
        Self {
            state: Some(state),
            at: At::Newest,
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.write_str("newest"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Id(cid) => write!(f, "{cid}"),
            Self::Commit(commit) => f.write_str(commit),
        }
    }
}

/// A checkpoint whose state is read block by block, as it is asked for.
#[derive(Debug)]
pub struct OpenState {
    /// The state's name
    pub state: StateName,
    /// The commit
    pub commit: ObjectId,
    /// The proof, its signatures verified
    pub proof: Signed<FoldProof>,
    dag: Dag,
    /// Why a block could not be had
    failure: RefCell<Option<ReadDagError>>,
}

impl OpenState {
    /// The root of the state's tree.
    #[must_use]
    pub fn root(&self) -> Cid {
        self.proof.statement().state_root.cid()
    }

    /// A block of the state.
    #[must_use]
    pub fn block(&self, cid: &Cid) -> Option<Vec<u8>> {
        match self.dag.block(cid) {
            Ok(bytes) => bytes,
            Err(error) => {
                *self.failure.borrow_mut() = Some(error);
                None
            }
        }
    }

    /// What the state holds at a path.
    ///
    /// # Errors
    /// A block on the way that is missing or damaged.
    pub fn get(&self, path: &StatePath) -> Result<Option<Value>, Error> {
        let fetch = |cid: &Cid| self.block(cid);
        self.believe(StateTree::get(self.root(), path, &fetch))
    }

    /// The result of reading blocks; that one could not be had is the cause of whatever else failed.
    pub(crate) fn believe<T>(&self, result: Result<T, StateError>) -> Result<T, Error> {
        self.ensure_read()?;
        result.or_mismatch(|| self.damaged())
    }

    /// Fail if a block could not be had.
    pub(crate) fn ensure_read(&self) -> Result<(), Error> {
        let failure = self.failure.take().map_or(Ok(()), Err);
        failure.or_mismatch(|| self.damaged())
    }

    fn damaged(&self) -> String {
        format!("the state of commit {} is damaged", self.commit)
    }

    /// The state as it lies in Git, as far as it was read.
    pub(crate) fn into_dag(self) -> Dag {
        self.dag
    }
}

/// Open the checkpoint that `point` names.
///
/// # Errors
/// A checkpoint that is not there, or whose proof does not verify.
pub fn open(repository: &Repository, point: &Point) -> Result<OpenState, Error> {
    let Some(state) = &point.state else {
        return open_by_id(repository, &point.at);
    };
    let tip = tip(repository, state)?;
    let found = match &point.at {
        At::Newest => Some(tip),
        at => find(repository, tip, at)?,
    };
    let commit = found.ok_or_else(|| {
        let message = format!("`{state}` has no checkpoint `{}`", point.at);
        Error::new(ErrorKind::Usage, message).with_hint(format!(
            "`gatos state list` shows the states; `{state}@0` is its first checkpoint"
        ))
    })?;
    open_commit(repository, state.clone(), commit)
}

fn open_by_id(repository: &Repository, at: &At) -> Result<OpenState, Error> {
    let prefix = ref_name(STATE_REF_PREFIX.trim_end_matches('/'))?;
    let refs = repository
        .git()
        .refs_under(&prefix)
        .or_failed(|| "cannot list the states".to_owned())?;
    for (name, tip) in refs {
        if let Some(commit) = find(repository, tip, at)? {
            let name = name.as_str().trim_start_matches(STATE_REF_PREFIX);
            let state = name
                .parse()
                .or_mismatch(|| format!("`{name}` is no name of a state"))?;
            return open_commit(repository, state, commit);
        }
    }
    let message = format!("no state has a checkpoint `{at}`");
    Err(Error::new(ErrorKind::Usage, message).with_hint("`gatos state list` shows the states"))
}

/// The commit below `tip` that `at` names.
fn find(repository: &Repository, tip: ObjectId, at: &At) -> Result<Option<ObjectId>, Error> {
    let git = repository.git();
    let all = commits(git, tip)?;
    match at {
        At::Newest => Ok(Some(tip)),
        At::Number(number) => {
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            Ok(all.iter().rev().nth(number).copied())
        }
        At::Commit(text) => {
            let id = match text.strip_prefix("refs/") {
                None => text.to_ascii_lowercase(),
                Some(_) => {
                    let name = ref_name(text)?;
                    let id = git.find_ref(&name);
                    match id.or_failed(|| format!("cannot read `{name}`"))? {
                        Some(id) => id.to_string(),
                        None => return Ok(None),
                    }
                }
            };
            Ok(all.into_iter().find(|commit| commit.to_string() == id))
        }
        At::Id(cid) => {
            for commit in all {
                let proof: Signed<FoldProof> = Folder::of_commit(git, commit)?.signed("proof")?;
                if proof.id().cid() == *cid || proof.statement().state_root.cid() == *cid {
                    return Ok(Some(commit));
                }
            }
            Ok(None)
        }
    }
}

/// The newest checkpoint of a state.
pub(crate) fn tip(repository: &Repository, state: &StateName) -> Result<ObjectId, Error> {
    let name = state_ref(state)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    tip.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("there is no state `{state}`"))
            .with_hint("`gatos state list` shows those there are; `gatos fold run` makes one")
    })
}

/// Open the checkpoint of a commit.
pub(crate) fn open_commit(
    repository: &Repository,
    state: StateName,
    commit: ObjectId,
) -> Result<OpenState, Error> {
    let git = repository.git();
    let folder = Folder::of_commit(git, commit)?;
    let proof: Signed<FoldProof> = folder.signed("proof")?;
    let entry: EntryRef = folder.get("state")?;
    Ok(OpenState {
        dag: git.dag(entry, proof.statement().state_root.cid()),
        state,
        commit,
        proof,
        failure: RefCell::new(None),
    })
}
