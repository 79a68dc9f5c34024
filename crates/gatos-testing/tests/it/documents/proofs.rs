//! The verifier in `docs/spec/history-root.md#verifier`, on proofs of every shape and damaged ones.

use gatos_core::cid::Cid;
use gatos_core::merkle::{Frontier, TreeHash, consistency_path, inclusion_path};
use serde_json::{Value, json};

use super::python;

/// Most events of a journal here: past a power of two, so that every shape of path is there.
const EVENTS: usize = 40;

fn event(index: usize) -> Cid {
    Cid::of_dag_cbor(format!("event {index}").as_bytes())
}

fn leaves() -> Vec<TreeHash> {
    (0..EVENTS)
        .map(|index| TreeHash::leaf(&event(index)))
        .collect()
}

fn root(leaves: &[TreeHash]) -> String {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root().to_string()
}

fn inclusion(leaves: &[TreeHash], index: usize) -> Value {
    let path = inclusion_path(leaves, index).unwrap();
    json!({
        "proof": "inclusion", "journal": "j", "event": event(index).to_string(), "index": index,
        "size": leaves.len(), "root": root(leaves),
        "path": path.iter().map(TreeHash::to_string).collect::<Vec<_>>(),
    })
}

fn consistency(leaves: &[TreeHash], old: usize) -> Value {
    let path = consistency_path(leaves, old).unwrap();
    json!({
        "proof": "consistency", "journal": "j", "old_size": old, "old_root": root(&leaves[..old]),
        "new_size": leaves.len(), "new_root": root(leaves),
        "path": path.iter().map(TreeHash::to_string).collect::<Vec<_>>(),
    })
}

/// The same proof with one thing wrong.
fn damaged(proof: &Value) -> Vec<Value> {
    let other = root(&[TreeHash::leaf(&event(EVENTS))]);
    let with = |field: &str, value: Value| {
        let mut proof = proof.clone();
        proof[field] = value;
        proof
    };
    let path = proof["path"].as_array().unwrap();
    let longer: Vec<_> = path.iter().cloned().chain([json!(other)]).collect();
    let mut all = vec![with("path", json!(longer))];
    for index in 0..path.len() {
        let mut changed = path.clone();
        changed[index] = json!(other);
        all.push(with("path", json!(changed)));
        let mut shorter = path.clone();
        shorter.remove(index);
        all.push(with("path", json!(shorter)));
    }
    for root in ["root", "old_root", "new_root"] {
        if proof.get(root).is_some() {
            all.push(with(root, json!(other)));
        }
    }
    if let Some(index) = proof.get("index").and_then(Value::as_u64) {
        all.push(with("event", json!(event(EVENTS).to_string())));
        all.push(with("index", json!(index ^ 1)));
        all.push(with("index", proof["size"].clone()));
    }
    all
}

fn run(program: &str, proofs: &[Value]) -> Vec<String> {
    let files: Vec<_> = proofs
        .iter()
        .map(|proof| proof.to_string().into_bytes())
        .collect();
    python::run(program, &files)
}

fn verifier() -> String {
    python::program("docs/spec/history-root.md")
}

fn proofs() -> Vec<Value> {
    let leaves = leaves();
    let mut all = Vec::new();
    for size in 1..=EVENTS {
        all.extend((0..size).map(|index| inclusion(&leaves[..size], index)));
        all.extend((1..=size).map(|old| consistency(&leaves[..size], old)));
    }
    all
}

#[test]
fn every_proof_is_proved() {
    let proofs = proofs();
    let ended = run(&verifier(), &proofs);
    assert_eq!(ended.len(), proofs.len());
    for (proof, ended) in proofs.iter().zip(&ended) {
        assert_eq!(ended, "proved", "{proof}");
    }
}

#[test]
fn every_damaged_proof_is_refused() {
    let damaged: Vec<Value> = proofs().iter().step_by(7).flat_map(damaged).collect();
    let ended = run(&verifier(), &damaged);
    assert!(damaged.len() > 1000 && ended.len() == damaged.len());
    for (proof, ended) in damaged.iter().zip(&ended) {
        assert_eq!(ended, "refused", "{proof}");
    }
}

/// A verifier that does not look at the root believes damaged proofs, and the test above would say so.
#[test]
fn a_verifier_that_believes_everything_is_found_out() {
    let gullible = verifier().replace("== [bytes.fromhex(p[\"root\"])]", "!= []");
    assert_ne!(gullible, verifier());
    let damaged = damaged(&inclusion(&leaves(), 3));
    assert!(run(&gullible, &damaged).contains(&"proved".to_owned()));
}

#[test]
fn the_verifier_is_short() {
    let lines = verifier().lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 40, "{lines} lines");
}
