//! The vectors of history roots: heads and proofs of small trees.

use std::fmt::Write as _;

use gatos_core::cid::Cid;
use gatos_core::merkle::{Frontier, TreeHash, consistency_path, inclusion_path};

use crate::vectors::Folder;

/// Every shape of a tree up to here, and two larger ones.
const SIZES: [usize; 20] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 33, 200,
];

#[test]
fn heads_and_proofs_are_the_recorded_ones() {
    let mut rows = Vec::new();
    for size in SIZES {
        let leaves: Vec<_> = (0..size)
            .map(|i| TreeHash::leaf(&Cid::of_raw(&[i as u8])))
            .collect();
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        let step = (size / 7).max(1);
        let inclusion: Vec<_> = (0..size)
            .step_by(step)
            .map(|index| line("index", index, &inclusion_path(&leaves, index).unwrap()))
            .collect();
        let consistency: Vec<_> = (1..=size)
            .step_by(step)
            .map(|from| line("from", from, &consistency_path(&leaves, from).unwrap()))
            .collect();
        rows.push(format!(
            "  {{\n    \"size\": {size},\n    \"root\": \"{}\",\n    \"inclusion\": [{}],\n    \
             \"consistency\": [{}]\n  }}",
            frontier.root(),
            inclusion.join(","),
            consistency.join(","),
        ));
    }
    let mut folder = Folder::open("merkle");
    folder.expect("roots.json", format!("[\n{}\n]\n", rows.join(",\n")));
    folder.finish();
}

fn line(name: &str, number: usize, path: &[TreeHash]) -> String {
    let mut out = format!("\n      {{\"{name}\": {number}, \"path\": [");
    for (at, hash) in path.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(out, "{comma}\"{hash}\"").unwrap();
    }
    out + "]}"
}
