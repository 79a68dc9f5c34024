//! Packing evidence into one file.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use gatos_core::car;
use gatos_core::cid::Cid;

use super::Evidence;
use crate::error::{Context, Error, ErrorKind};

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
    for fold in &evidence.manifest().folds {
        ids.extend(
            evidence
                .tree(fold.state)?
                .into_keys()
                .filter(|cid| seen.insert(*cid)),
        );
    }
    let write = || format!("cannot write `{shown}`");
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // A file for others to read, as far as the user's mask lets them.
    let file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .context(ErrorKind::Usage, write)
        .map_err(|e| e.with_hint(format!("create the folder `{}` first", folder.display())))?;
    let mut out = BufWriter::new(file);
    car::write(&mut out, root, [(root, manifest.as_slice())]).or_failed(write)?;
    for cid in &ids {
        car::write_block(&mut out, *cid, &evidence.block(cid)?).or_failed(write)?;
    }
    out.flush().or_failed(write)?;
    let file = out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .or_failed(write)?;
    file.as_file().sync_all().or_failed(write)?;
    let bytes = file.as_file().metadata().or_failed(write)?.len();
    file.persist(path).map_err(|e| e.error).or_failed(write)?;
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
