//! Packing evidence into one file.

use std::collections::BTreeSet;
use std::path::Path;

use gatos_core::car;
use gatos_core::cid::Cid;

use super::{Evidence, WholeFile};
use crate::error::{Context, Error};

/// What was packed.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PackReport {
    /// The file
    pub path: String,
    /// Its root: the id of the manifest
    pub root: String,
    /// Number of blocks
    pub blocks: usize,
    /// Size of the file in bytes
    pub bytes: u64,
    /// Number of store objects that the build needs, if they were packed
    pub closure: usize,
}

/// Write `evidence` to `path`, whole or not at all.
///
/// # Errors
/// A block that is missing or damaged, or a file that cannot be written.
pub fn pack(evidence: &Evidence<'_>, path: &Path) -> Result<PackReport, Error> {
    let shown = path.display().to_string();
    let manifest = evidence.manifest().encode();
    let root = Cid::of_dag_cbor(&manifest);
    let mut ids: Vec<Cid> = evidence.manifest().blocks();
    let mut seen: BTreeSet<Cid> = ids.iter().copied().chain([root]).collect();
    for tree in evidence.manifest().trees() {
        let blocks = evidence.tree(tree)?.into_keys();
        ids.extend(blocks.filter(|cid| seen.insert(*cid)));
    }
    let write = || format!("cannot write `{shown}`");
    let mut out = WholeFile::beside(path)?;
    car::write(&mut out, root, [(root, manifest.as_slice())]).or_failed(write)?;
    for cid in &ids {
        car::write_block(&mut out, *cid, &evidence.block(cid)?).or_failed(write)?;
    }
    let bytes = out.put_in_place()?;
    let closure = evidence.manifest().closure.len();
    let root = root.to_string();
    Ok(PackReport {
        path: shown,
        root,
        blocks: ids.len() + 1,
        bytes,
        closure,
    })
}
