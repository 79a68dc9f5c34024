//! `state/`: the blocks of states.

use std::path::Path;

use gatos_core::state::StateTree;

use super::{Report, field, integer, rows, unprojected};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    for row in rows(&vectors.join("state/roots.json")) {
        let value = unprojected(row.get("value").expect("a value").clone());
        let tree = StateTree::build(&value);
        let bytes: usize = tree.blocks.values().map(Vec::len).sum();
        let found = format!("{} {} {bytes}", tree.root, tree.blocks.len());
        let (blocks, bytes) = (integer(&row, "blocks"), integer(&row, "bytes"));
        let expect = format!("{} {blocks} {bytes}", field(&row, "root"));
        report.expect("state/roots", field(&row, "name"), found, &expect);
        let fetch = |cid: &_| tree.blocks.get(cid).cloned();
        let again = StateTree::load(tree.root, &fetch);
        let same = again.is_ok_and(|again| again == value);
        report.expect("state/roots", "read back", same.to_string(), "true");
    }
}
