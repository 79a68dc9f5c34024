//! `merkle/`: heads of histories and proofs about them.

use std::path::Path;

use gatos_core::cid::Cid;
use gatos_core::merkle::{
    Frontier, TreeHash, consistency_path, inclusion_path, verify_consistency, verify_inclusion,
};
use gatos_core::value::{Map, Value};

use super::{Report, field, integer, rows};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    for row in rows(&vectors.join("merkle/roots.json")) {
        let size = usize::try_from(integer(&row, "size")).expect("a size");
        let leaves = leaves(size);
        let root = root(&leaves);
        let case = format!("size {size}");
        report.expect("merkle/roots", &case, root.to_string(), field(&row, "root"));
        for proof in list(&row, "inclusion") {
            let index = usize::try_from(integer(proof, "index")).expect("an index");
            let path = inclusion_path(&leaves, index).expect("a leaf of the tree");
            let case = format!("{case}, leaf {index}");
            report.expect("merkle/roots", &case, joined(&path), &shown(proof));
            let at = (index as u64, size as u64);
            let holds = verify_inclusion(leaves[index], at, &path, root).is_ok();
            report.expect("merkle/roots", &case, holds.to_string(), "true");
        }
        for proof in list(&row, "consistency") {
            let from = usize::try_from(integer(proof, "from")).expect("a size");
            let path = consistency_path(&leaves, from).expect("a smaller tree");
            let case = format!("{case} extends {from}");
            report.expect("merkle/roots", &case, joined(&path), &shown(proof));
            let old = (from as u64, self::root(&leaves[..from]));
            let holds = verify_consistency(old, (size as u64, root), &path).is_ok();
            report.expect("merkle/roots", &case, holds.to_string(), "true");
        }
    }
}

/// Leaf *i* is the content id of the one raw byte *i*.
fn leaves(count: usize) -> Vec<TreeHash> {
    let byte = |i: usize| u8::try_from(i).expect("a small tree");
    (0..count)
        .map(|i| TreeHash::leaf(&Cid::of_raw(&[byte(i)])))
        .collect()
}

fn root(leaves: &[TreeHash]) -> TreeHash {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

fn list<'m>(row: &'m Map, name: &str) -> impl Iterator<Item = &'m Map> {
    let Some(Value::List(items)) = row.get(name) else {
        panic!("`{name}` is no list")
    };
    items.iter().map(|item| match item {
        Value::Map(map) => map,
        _ => panic!("no map"),
    })
}

fn joined(path: &[TreeHash]) -> String {
    path.iter()
        .map(TreeHash::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn shown(proof: &Map) -> String {
    let Some(Value::List(path)) = proof.get("path") else {
        panic!("`path` is no list")
    };
    let word = |hash: &Value| match hash {
        Value::Text(hash) => hash.clone(),
        _ => panic!("no hash"),
    };
    path.iter().map(word).collect::<Vec<_>>().join(" ")
}
