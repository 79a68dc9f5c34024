//! Proofs about a journal that need nothing but themselves: inclusion and consistency of RFC 9162.

use data_encoding::HEXLOWER;
use gatos_core::cid::Cid;
use gatos_core::merkle::{
    TreeHash, consistency_path, inclusion_path, verify_consistency, verify_inclusion,
};
use gatos_core::name::JournalName;
use gatos_core::ulid::Ulid;
use serde::{Deserialize, Serialize};

use super::append::read_event;
use super::read::batches;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;

/// Which event is to be proved.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// By its index
    Index(u64),
    /// By its identifier
    Ulid(Ulid),
}

/// A proof as JSON; all hashes in hex, sizes in events. `docs/spec/history-root.md#proofs`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "proof", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProofDocument {
    /// An event is in a journal
    Inclusion {
        /// The journal
        journal: String,
        /// Content id of the event
        event: String,
        /// Its index
        index: u64,
        /// Number of events of the journal
        size: u64,
        /// The journal's history root
        root: String,
        /// The path from the leaf to the root
        path: Vec<String>,
    },
    /// A journal extends an earlier state of itself
    Consistency {
        /// The journal
        journal: String,
        /// Number of events then
        old_size: u64,
        /// The history root then
        old_root: String,
        /// Number of events now
        new_size: u64,
        /// The history root now
        new_root: String,
        /// The path
        path: Vec<String>,
    },
}

/// What a proof proves.
#[derive(Clone, Debug, Serialize)]
pub struct ProofReport {
    /// In words
    pub proves: String,
}

/// Prove that an event is in a journal.
///
/// # Errors
/// A journal or event that is not there.
pub fn prove(
    repository: &Repository,
    journal: &JournalName,
    which: Which,
) -> Result<ProofDocument, Error> {
    let (mut leaves, mut found) = (Vec::new(), None);
    for batch in batches(repository, journal)? {
        for envelope in batch?.events {
            let (id, index) = (envelope.id(), leaves.len() as u64);
            let hit = match which {
                Which::Index(wanted) => wanted == index,
                Which::Ulid(wanted) => found.is_none() && read_event(&envelope)?.ulid == wanted,
            };
            if hit {
                found = Some((id, index));
            }
            leaves.push(TreeHash::leaf(&id));
        }
    }
    let missing = || Error::new(ErrorKind::Usage, format!("`{journal}` has no such event"));
    let (event, index) = found.ok_or_else(missing)?;
    let position = usize::try_from(index).map_err(|_| missing())?;
    let path = inclusion_path(&leaves, position).ok_or_else(missing)?;
    Ok(ProofDocument::Inclusion {
        journal: journal.to_string(),
        event: event.to_string(),
        index,
        size: leaves.len() as u64,
        root: head(&leaves).to_string(),
        path: path.iter().map(TreeHash::to_string).collect(),
    })
}

/// Prove that a journal extends its first `old_size` events.
///
/// # Errors
/// A journal that is not there, or that never had so many events.
pub fn prove_consistency(
    repository: &Repository,
    journal: &JournalName,
    old_size: u64,
) -> Result<ProofDocument, Error> {
    let mut leaves = Vec::new();
    for batch in batches(repository, journal)? {
        leaves.extend(
            batch?
                .events
                .iter()
                .map(|envelope| TreeHash::leaf(&envelope.id())),
        );
    }
    let size = usize::try_from(old_size).unwrap_or(usize::MAX);
    let path = consistency_path(&leaves, size).ok_or_else(|| {
        let message = format!("`{journal}` has {} events: name 1 to so many", leaves.len());
        Error::new(ErrorKind::Usage, message)
    })?;
    Ok(ProofDocument::Consistency {
        journal: journal.to_string(),
        old_size,
        old_root: head(&leaves[..size]).to_string(),
        new_size: leaves.len() as u64,
        new_root: head(&leaves).to_string(),
        path: path.iter().map(TreeHash::to_string).collect(),
    })
}

/// Check a proof; nothing else is needed.
///
/// # Errors
/// A text that is no proof, or a proof that does not prove what it says.
pub fn check_proof(text: &str) -> Result<ProofReport, Error> {
    let document: ProofDocument =
        serde_json::from_str(text).context(ErrorKind::Usage, || "this is no proof".to_owned())?;
    let unproved = || "the proof does not prove what it says".to_owned();
    let proves = match document {
        ProofDocument::Inclusion {
            journal,
            event,
            index,
            size,
            root,
            path,
        } => {
            let cid: Cid = event
                .parse()
                .or_mismatch(|| format!("`{event}` is no content id"))?;
            let (leaf, path, head) = (TreeHash::leaf(&cid), hashes(&path)?, hash(&root)?);
            verify_inclusion(leaf, (index, size), &path, head).or_mismatch(unproved)?;
            format!("event {index} of `{journal}`, of {size} with history root {root}, is {event}")
        }
        ProofDocument::Consistency {
            journal,
            old_size,
            old_root,
            new_size,
            new_root,
            path,
        } => {
            let (old, new) = ((old_size, hash(&old_root)?), (new_size, hash(&new_root)?));
            verify_consistency(old, new, &hashes(&path)?).or_mismatch(unproved)?;
            format!(
                "`{journal}` of {new_size} events with history root {new_root} extends the one of \
                 {old_size} with {old_root}"
            )
        }
    };
    Ok(ProofReport { proves })
}

fn head(leaves: &[TreeHash]) -> TreeHash {
    let mut frontier = gatos_core::merkle::Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

fn hashes(texts: &[String]) -> Result<Vec<TreeHash>, Error> {
    texts.iter().map(|text| hash(text)).collect()
}

fn hash(text: &str) -> Result<TreeHash, Error> {
    let bytes = HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .and_then(|b| <[u8; 32]>::try_from(b).ok());
    bytes
        .map(TreeHash::from_bytes)
        .ok_or_else(|| Error::new(ErrorKind::Mismatch, format!("`{text}` is no hash in hex")))
}
