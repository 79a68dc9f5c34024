//! Evidence from the one file that it travels in.

use std::collections::BTreeSet;
use std::path::Path;

use gatos_core::car::Archive;
use gatos_core::evidence::Manifest;

use super::{Blocks, Evidence};
use crate::error::{Context, Error, ErrorKind};

/// Read an archive of evidence and check each block.
///
/// # Errors
/// A file that cannot be read, is truncated or damaged, whose root is no manifest, that lacks a block
/// which the manifest names, or holds one that nothing names.
pub fn read_archive(path: &Path) -> Result<Evidence<'static>, Error> {
    let shown = path.display();
    let bytes = std::fs::read(path).context(ErrorKind::Usage, || {
        format!("cannot read the evidence `{shown}`")
    })?;
    let archive = Archive::read(bytes)
        .or_mismatch(|| format!("`{shown}` is not the evidence that was packed"))
        .map_err(|e| e.with_hint("ask for the file again: it was cut short or changed"))?;
    let root = archive.root();
    let evidence = Evidence {
        manifest: Manifest::from_value(read_root(&archive, &shown.to_string())?)
            .or_mismatch(|| format!("the root {root} of `{shown}` is no table of contents"))?,
        blocks: Blocks::Archive(Box::new(archive)),
    };
    check_complete(&evidence, root)?;
    Ok(evidence)
}

fn read_root(archive: &Archive, shown: &str) -> Result<gatos_core::value::Value, Error> {
    let bytes = archive.get(&archive.root()).unwrap_or_default();
    gatos_core::cbor::decode(bytes)
        .or_mismatch(|| format!("the root of `{shown}` is not strict DAG-CBOR"))
}

/// Nothing missing, nothing extra: an archive is exactly what its manifest says.
fn check_complete(evidence: &Evidence<'_>, root: gatos_core::cid::Cid) -> Result<(), Error> {
    let Blocks::Archive(archive) = &evidence.blocks else {
        return Ok(());
    };
    let mut named: BTreeSet<_> = [root].into();
    for cid in evidence.manifest.blocks() {
        evidence.block(&cid)?;
        named.insert(cid);
    }
    for tree in evidence.manifest.trees() {
        named.extend(evidence.tree(tree)?.into_keys());
    }
    match archive.ids().find(|cid| !named.contains(cid)) {
        None => Ok(()),
        Some(cid) => {
            let message = format!("the archive holds the block {cid}, which nothing names");
            Err(Error::new(ErrorKind::Mismatch, message))
        }
    }
}
