//! A proof of what a state holds at a path, or that it holds nothing there: the blocks on the way.
//!
//= spec/state-proof.md#file

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{Fetch, StateError, StatePath, StateTree, Step};
use crate::car::{self, Archive, CarError};
use crate::cbor::{self, DecodeError, FieldError, Fields};
use crate::cid::{Cid, Codec};
use crate::value::Value;

/// The version of the format.
const VERSION: i64 = 1;
/// What the first block is called in errors.
const WHAT: &str = "state proof";

/// What a state holds at a path, with all that is needed to check it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateProof {
    /// The root of the state's tree
    pub root: Cid,
    /// The path
    pub path: StatePath,
    /// The envelope of a Proof-of-Fold that names the root; what it says is not looked at here
    pub envelope: Option<Vec<u8>>,
    /// The blocks on the way and those of the value, in the order in which they are read
    blocks: Vec<(Cid, Vec<u8>)>,
    value: Option<Value>,
}

/// Why a file proves nothing about a state.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StateProofError {
    /// The file is no archive, or a block in it is damaged
    #[error("the proof is damaged")]
    Archive {
        /// What is wrong
        #[source]
        source: CarError,
    },
    /// The first block is not strict DAG-CBOR
    #[error("the first block of the proof is not strict DAG-CBOR")]
    Decode {
        /// What is wrong
        #[source]
        source: DecodeError,
    },
    /// The first block says something else
    #[error("the archive is no proof of a state")]
    Field {
        /// What is wrong
        #[source]
        source: FieldError,
    },
    /// The blocks do not lead to where the path does
    #[error("the blocks of the proof do not lead along its path")]
    State {
        /// What is wrong
        #[source]
        source: StateError,
    },
    /// A block that proves nothing
    #[error("block `{cid}` of the proof is not on its path")]
    Superfluous {
        /// Its id
        cid: Cid,
    },
}

impl StateProof {
    /// Prove what the state below `root` holds at `path`.
    ///
    /// # Errors
    /// A block on the way that is missing or damaged.
    pub fn new(root: Cid, path: StatePath, fetch: &Fetch<'_>) -> Result<Self, StateError> {
        let read = RefCell::new((BTreeSet::new(), Vec::new()));
        let value = StateTree::get(root, &path, &|cid| {
            let bytes = fetch(cid)?;
            let (seen, blocks) = &mut *read.borrow_mut();
            if seen.insert(*cid) {
                blocks.push((*cid, bytes.clone()));
            }
            Some(bytes)
        })?;
        Ok(Self {
            root,
            path,
            envelope: None,
            blocks: read.into_inner().1,
            value,
        })
    }

    /// The same proof, with a Proof-of-Fold that names the root.
    #[must_use]
    pub fn with_envelope(mut self, envelope: Vec<u8>) -> Self {
        self.envelope = Some(envelope);
        self
    }

    /// What the state holds at the path, if it holds anything there.
    #[must_use]
    pub const fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Number of blocks of the state that are in the proof.
    #[must_use]
    pub const fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The proof's one file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let envelope = self.envelope.as_ref();
        let envelope = envelope.map(|bytes| (Cid::of_dag_cbor(bytes), bytes.as_slice()));
        let steps = self.path.steps().iter().map(|step| match step {
            Step::Key(key) => Value::text(key),
            Step::Index(index) => Value::count(*index),
        });
        let first = cbor::encode(&Value::map([
            ("v", Value::from(VERSION)),
            ("path", Value::list(steps)),
            ("state", Value::Link(self.root)),
            (
                "proof",
                envelope.map_or(Value::Null, |(cid, _)| Value::Link(cid)),
            ),
        ]));
        let root = Cid::of_dag_cbor(&first);
        let blocks = self
            .blocks
            .iter()
            .map(|(cid, bytes)| (*cid, bytes.as_slice()));
        let all = [(root, first.as_slice())]
            .into_iter()
            .chain(envelope)
            .chain(blocks);
        let mut file = Vec::new();
        // Writing to memory does not fail.
        let _ = car::write(&mut file, root, all);
        file
    }

    /// Read a proof and follow its path.
    ///
    /// # Errors
    /// Bytes that are no proof, whose blocks do not lead along the path, or with more blocks.
    pub fn decode(file: Vec<u8>) -> Result<Self, StateProofError> {
        let archive = Archive::read(file).map_err(|source| StateProofError::Archive { source })?;
        let first = archive.get(&archive.root()).unwrap_or(&[]);
        let first = cbor::decode(first).map_err(|source| StateProofError::Decode { source })?;
        let (root, path, envelope) =
            read_first(first).map_err(|source| StateProofError::Field { source })?;
        let bytes = envelope.map(|cid| {
            let missing = || StateProofError::State {
                source: StateError::Missing { cid },
            };
            archive.get(&cid).map(<[u8]>::to_vec).ok_or_else(missing)
        });
        let mut proof = Self::new(root, path, &|cid| archive.get(cid).map(<[u8]>::to_vec))
            .map_err(|source| StateProofError::State { source })?;
        proof.envelope = bytes.transpose()?;
        let used: BTreeSet<Cid> = proof.blocks.iter().map(|(cid, _)| *cid).collect();
        let named =
            |cid: &&Cid| **cid == archive.root() || Some(**cid) == envelope || used.contains(*cid);
        match archive.ids().find(|cid| !named(cid)) {
            Some(cid) => Err(StateProofError::Superfluous { cid: *cid }),
            None => Ok(proof),
        }
    }
}

/// State root, path and Proof-of-Fold that the first block names.
fn read_first(first: Value) -> Result<(Cid, StatePath, Option<Cid>), FieldError> {
    let mut fields = Fields::of(WHAT, first)?;
    let content = |field, want| FieldError::Content {
        what: WHAT,
        field,
        want,
    };
    if fields.integer("v")? != VERSION {
        return Err(content("v", "1"));
    }
    let Value::List(steps) = fields.value("path")? else {
        return Err(content("path", "a list of texts and places"));
    };
    let step = |step| match step {
        Value::Text(key) => Ok(Step::Key(key)),
        Value::Integer(place) => match u64::try_from(place) {
            Ok(place) if place > 0 => Ok(Step::Index(place)),
            _ => Err(content("path", "a list of texts and places")),
        },
        _ => Err(content("path", "a list of texts and places")),
    };
    let path: Result<StatePath, FieldError> = steps.into_iter().map(step).collect();
    let link = |field, value| match value {
        Value::Link(cid) if cid.codec() == Codec::DagCbor => Ok(cid),
        _ => Err(content(field, "a link to a DAG-CBOR block")),
    };
    let state = link("state", fields.value("state")?)?;
    let envelope = match fields.value("proof")? {
        Value::Null => None,
        value => Some(link("proof", value)?),
    };
    fields.finish()?;
    Ok((state, path?, envelope))
}
