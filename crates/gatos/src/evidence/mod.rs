//! The evidence of an experiment: a manifest, and the blocks that it names, wherever they are.

mod archive;
mod closure;
mod gather;
mod pack;
mod whole_file;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use gatos_core::car::Archive;
use gatos_core::cbor::{self, Keys, Limits};
use gatos_core::cid::Cid;
use gatos_core::envelope::Envelope;

use gatos_core::experiment::{ExperimentProof, FoldRole};
use gatos_core::id::StatementId;
use gatos_core::name::ItemName;
use gatos_core::state::StateTree;
use gatos_core::statement::{Signed, Statement};
use gatos_core::value::Value;
use gatos_git::ObjectId;

use crate::error::{Context, Error, ErrorKind};
use crate::experiment::state_file;
use crate::repository::Repository;

pub use self::archive::read_archive;
pub use self::gather::gather;
pub use self::pack::{PackReport, pack};
pub(crate) use self::whole_file::WholeFile;
pub use gatos_core::evidence::Manifest;

/// Everything that one experiment rests on.
pub struct Evidence<'r> {
    manifest: Manifest,
    blocks: Blocks<'r>,
}

/// Where the blocks are.
enum Blocks<'r> {
    /// In an archive, whose reader checked each
    Archive(Box<Archive>),
    /// In a repository's objects, or in memory where they were made just now
    Repository {
        repository: &'r Repository,
        located: BTreeMap<Cid, Located>,
    },
}

/// Where one block of a repository is.
enum Located {
    Object(ObjectId),
    Memory(Vec<u8>),
    /// The NAR of a store path, which is made when it is asked for
    StorePath(PathBuf),
}

impl Evidence<'_> {
    /// What there is.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of a block, which are what its id says.
    ///
    /// # Errors
    /// A block that is missing or damaged.
    pub fn block(&self, cid: &Cid) -> Result<Cow<'_, [u8]>, Error> {
        self.find(cid)?.ok_or_else(|| {
            let message = format!("the evidence lacks the block {cid}");
            Error::new(ErrorKind::Incomplete, message)
                .with_hint("fetch all of refs/gatos/*, or ask for the evidence again")
        })
    }

    /// As [`block`](Self::block); `None` for one that is missing.
    ///
    /// # Errors
    /// A block that is damaged.
    pub fn find(&self, cid: &Cid) -> Result<Option<Cow<'_, [u8]>>, Error> {
        let bytes = match &self.blocks {
            Blocks::Archive(archive) => return Ok(archive.get(cid).map(Cow::Borrowed)),
            Blocks::Repository {
                repository,
                located,
            } => match located.get(cid) {
                None => return Ok(None),
                Some(Located::Memory(bytes)) => return Ok(Some(Cow::Borrowed(bytes))),
                Some(Located::StorePath(path)) => {
                    let mut bytes = Vec::new();
                    gatos_nix::nar::write(path, &mut bytes)
                        .or_failed(|| format!("cannot read `{}`", path.display()))?;
                    bytes
                }
                Some(Located::Object(id)) => repository
                    .git()
                    .read_blob(id)
                    .or_mismatch(|| format!("cannot read the block {cid} (Git object {id})"))?,
            },
        };
        if !cid.names(&bytes) {
            let message = format!("block {cid} was damaged: its bytes are not what its id says");
            return Err(Error::new(ErrorKind::Mismatch, message));
        }
        Ok(Some(Cow::Owned(bytes)))
    }

    /// A DAG-CBOR block.
    ///
    /// # Errors
    /// A block that is missing, damaged or not strict DAG-CBOR.
    pub fn value(&self, cid: &Cid) -> Result<Value, Error> {
        cbor::decode(&self.block(cid)?)
            .or_mismatch(|| format!("block {cid} is not strict DAG-CBOR"))
    }

    /// A signed statement, whose signatures are verified here.
    ///
    /// # Errors
    /// A block that is missing or damaged, or does not hold such a statement with valid signatures.
    pub fn signed<T: Statement>(&self, cid: &Cid, what: &str) -> Result<Signed<T>, Error> {
        let envelope = Envelope::decode(&self.block(cid)?)
            .or_mismatch(|| format!("the {what} is no envelope"))?;
        Signed::open(envelope).or_mismatch(|| format!("the {what} does not verify"))
    }

    /// The id of the statement in a block, by which everything else calls it; whether it is signed
    /// well is for verification to say.
    ///
    /// # Errors
    /// A block that is missing or damaged, or no envelope.
    pub fn statement_id(&self, cid: &Cid) -> Result<StatementId, Error> {
        let envelope = Envelope::decode(&self.block(cid)?)
            .or_mismatch(|| format!("block {cid} is no envelope"))?;
        Ok(envelope.id().into())
    }

    /// Every block of the tree of blocks below `root`, itself included, as far as they are here.
    ///
    /// # Errors
    /// A block that is damaged.
    pub fn tree(&self, root: Cid) -> Result<BTreeMap<Cid, Vec<u8>>, Error> {
        let mut found = BTreeMap::new();
        let mut pending = vec![root];
        while let Some(cid) = pending.pop() {
            if found.contains_key(&cid) {
                continue;
            }
            let Some(bytes) = self.find(&cid)? else {
                continue;
            };
            pending.extend(links(&bytes));
            found.insert(cid, bytes.into_owned());
        }
        Ok(found)
    }
}

/// The links that stand in a DAG-CBOR block, in order; none in anything else.
fn links(bytes: &[u8]) -> Vec<Cid> {
    fn collect(value: Value, out: &mut Vec<Cid>) {
        match value {
            Value::Link(cid) => out.push(cid),
            Value::List(items) => items.into_iter().for_each(|item| collect(item, out)),
            Value::Map(map) => map.into_iter().for_each(|(_, item)| collect(item, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    let limits = Limits {
        keys: Keys::Reserved,
        ..Limits::default()
    };
    if let Ok(value) = cbor::decode_with(bytes, &limits) {
        collect(value, &mut out);
    }
    out
}

/// The files that the states of an experiment became, by input name without `.json`.
///
/// # Errors
/// A state whose blocks are missing or damaged.
pub fn state_files(evidence: &Evidence<'_>) -> Result<BTreeMap<ItemName, Vec<u8>>, Error> {
    let manifest = evidence.manifest();
    let proof: Signed<ExperimentProof> =
        evidence.signed(&manifest.experiment, "proof of experiment")?;
    let mut files = BTreeMap::new();
    for (used, fold) in proof.statement().folds.iter().zip(&manifest.folds) {
        if let FoldRole::Input(name) = &used.role {
            let blocks = evidence.tree(fold.state)?;
            let state = StateTree::load(fold.state, &|cid| blocks.get(cid).cloned())
                .or_mismatch(|| format!("the state of input `{name}` cannot be read"))?;
            files.insert(name.clone(), state_file(&state));
        }
    }
    Ok(files)
}
