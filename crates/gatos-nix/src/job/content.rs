//! What a job read and what it made, as one content id. `docs/spec/job.md#inputs_root`.

use std::collections::BTreeSet;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::value::Value;

use crate::nar::NarHash;
use crate::store_path::StorePath;

/// One input or output: its name and its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Content {
    /// The input's name, or the output's
    pub name: String,
    /// Hash and length of its NAR, computed by us
    pub nar: NarHash,
    /// The store paths that it refers to
    pub references: BTreeSet<StorePath>,
}

/// The content id of these inputs or outputs, and the block that it names.
///
/// The block is the DAG-CBOR list, sorted bytewise by name, of maps
/// `{name, nar_sha256: bytes, nar_size, references: [<hash>-<name>, …] sorted}`.
#[must_use]
pub fn content_root(contents: &[Content]) -> (Cid, Vec<u8>) {
    let mut sorted: Vec<&Content> = contents.iter().collect();
    sorted.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    let block = cbor::encode(&Value::list(sorted.into_iter().map(|content| {
        let references = content.references.iter();
        Value::map([
            ("name", Value::text(&content.name)),
            ("nar_sha256", Value::bytes(content.nar.sha256)),
            // A NAR of 2^63 bytes cannot exist: files are smaller.
            (
                "nar_size",
                Value::from(i64::try_from(content.nar.size).unwrap_or(i64::MAX)),
            ),
            (
                "references",
                Value::list(references.map(|r| Value::text(r.base_name()))),
            ),
        ])
    })));
    (Cid::of_dag_cbor(&block), block)
}
