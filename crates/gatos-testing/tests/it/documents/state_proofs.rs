//! The verifier in `docs/spec/state-proof.md#verifier`, on proofs of every shape and damaged ones.

use gatos_core::cid::Cid;
use gatos_core::envelope::{Envelope, Kind};
use gatos_core::keys::SecretKey;
use gatos_core::state::{StatePath, StateProof, StateTree};
use gatos_core::value::Value;

use super::python::{program, run};

fn verifier() -> String {
    program("docs/spec/state-proof.md")
}

/// A state with something of every form: split and plain, inline and in blocks of its own.
fn state() -> Value {
    let entry = |i: i64| (format!("k{i}"), Value::map([("n", Value::from(i))]));
    Value::map([
        ("groups", Value::map((0..3000).map(entry))),
        ("long", Value::text("x".repeat(3000))),
        ("list", Value::list((0..5000).map(Value::from))),
        (
            "wide",
            Value::list((0..40).map(|_| Value::text("y".repeat(2000)))),
        ),
        ("none", Value::Null),
        ("no", Value::from(-70_000)),
        ("odd key", Value::list([Value::map::<&str>([])])),
    ])
}

fn prove(path: &str) -> (StateProof, Vec<u8>) {
    let tree = StateTree::build(&state());
    let path: StatePath = path.parse().unwrap();
    let proof = StateProof::new(tree.root, path, &|cid| tree.blocks.get(cid).cloned()).unwrap();
    let file = proof.encode();
    (proof, file)
}

#[test]
fn every_proof_is_proved() {
    let mut paths: Vec<String> = ["long", "none", "no", "[\"odd key\"][1]", "list", "wide", ""]
        .map(str::to_owned)
        .to_vec();
    paths.extend((0..3000).step_by(211).map(|i| format!("groups.k{i}.n")));
    paths.extend((1..5000).step_by(397).map(|i| format!("list[{i}]")));
    paths.extend((1..=40).map(|i| format!("wide[{i}]")));
    let nothing = [
        "nobody",
        "groups.k3000",
        "groups.k17.m",
        "list[5001]",
        "list.n",
        "groups[1]",
        "long.deeper",
        "[\"$node\"]",
        "groups[\"$map\"]",
        "wide[41]",
    ];
    paths.extend(nothing.map(str::to_owned));
    let proofs: Vec<_> = paths.iter().map(|path| prove(path)).collect();
    let files: Vec<_> = proofs.iter().map(|(_, file)| file.clone()).collect();
    let said = run(&verifier(), &files);
    assert_eq!(said.len(), paths.len());
    for ((path, (proof, _)), said) in paths.iter().zip(&proofs).zip(&said) {
        let (root, value) = said.split_once(' ').unwrap();
        assert_eq!(root, proof.root.to_string());
        let expect = proof.value().map(gatos_core::json::to_string);
        let value = (value != "nothing")
            .then(|| gatos_core::json::from_str(value).unwrap())
            .map(|value| gatos_core::json::to_string(&value));
        assert_eq!(value, expect, "{path}");
        assert_eq!(proof.value().is_none(), nothing.contains(&path.as_str()));
    }
}

/// The same proofs with one byte of a block changed, cut off, or without a block.
fn damaged(file: &[u8]) -> Vec<Vec<u8>> {
    let flipped = (60..file.len()).step_by(13).map(|at| {
        let mut flipped = file.to_vec();
        flipped[at] ^= 4;
        flipped
    });
    let cut = (60..file.len()).step_by(29).map(|at| file[..at].to_vec());
    flipped.chain(cut).collect()
}

#[test]
fn every_damaged_proof_is_refused() {
    let paths = ["groups.k17.n", "groups.k3000", "list[4000]", "no"];
    let files: Vec<_> = paths
        .iter()
        .flat_map(|path| damaged(&prove(path).1))
        .collect();
    let said = run(&verifier(), &files);
    assert!(files.len() > 1000 && said.len() == files.len());
    for (index, said) in said.iter().enumerate() {
        assert_eq!(said, "refused", "damaged proof {index}");
    }
}

/// A verifier that does not hash believes damaged proofs, and the test above would say so.
#[test]
fn a_verifier_that_believes_everything_is_found_out() {
    let gullible = verifier().replace("== s[4:36], \"a block", "!= b\"\", \"a block");
    assert_ne!(gullible, verifier());
    let said = run(&gullible, &damaged(&prove("groups.k17.n").1));
    assert!(said.iter().any(|said| said != "refused"));
}

#[test]
fn a_proof_with_the_fold_of_another_state_is_refused() {
    let alice = SecretKey::from_seed([7; 32]);
    let fold = |root: Cid| {
        let claim = Value::map([("state_root", Value::Link(root))]);
        let envelope = Envelope::sign(Kind::ProofOfFold, &claim, &alice).unwrap();
        let (proof, _) = prove("no");
        proof.with_envelope(envelope.encode()).encode()
    };
    let (proof, _) = prove("no");
    let said = run(
        &verifier(),
        &[fold(proof.root), fold(Cid::of_dag_cbor(b"other"))],
    );
    assert_eq!(
        said,
        [format!("{} -70000", proof.root), "refused".to_owned()]
    );
}

#[test]
fn the_verifier_is_short() {
    let lines = verifier().lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 72, "{lines} lines");
}
