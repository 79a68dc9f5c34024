//! Evidence that was changed: every field, every block, by strangers and by people who may sign.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gatos::Unwatched;
use gatos::verify::{Pins, Verification, VerificationVerdict, verify_experiment};
use gatos_core::car::{self, Archive};
use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::envelope::{Envelope, Kind};
use gatos_core::evidence::Manifest;
use gatos_core::keys::SecretKey;
use gatos_core::value::Value;

use crate::study::{HONEST, Study, evidence};

/// The packed evidence of one honest run, made once.
fn honest() -> &'static [u8] {
    static PACKED: OnceLock<Vec<u8>> = OnceLock::new();
    PACKED.get_or_init(|| {
        let study = Study::new(HONEST);
        let run = study.run().unwrap();
        study.packed(&run.id)
    })
}

fn verify(bytes: &[u8]) -> Option<Verification> {
    let evidence = evidence(bytes).ok()?;
    Some(verify_experiment(
        &evidence,
        &Pins::default(),
        &mut Unwatched,
    ))
}

/// Whether changed evidence is refused, and how.
fn verdict(bytes: &[u8]) -> VerificationVerdict {
    verify(bytes).map_or(VerificationVerdict::Mismatch, |report| report.verdict)
}

/// An archive taken apart.
struct Parts {
    manifest: Manifest,
    blocks: BTreeMap<Cid, Vec<u8>>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let archive = Archive::read(bytes.to_vec()).unwrap();
        let root = archive.get(&archive.root()).unwrap();
        let manifest = Manifest::from_value(cbor::decode(root).unwrap()).unwrap();
        let others = archive.ids().filter(|cid| **cid != archive.root());
        let blocks = others
            .map(|cid| (*cid, archive.get(cid).unwrap().to_vec()))
            .collect();
        Self { manifest, blocks }
    }

    fn pack(&self) -> Vec<u8> {
        let manifest = self.manifest.encode();
        let root = Cid::of_dag_cbor(&manifest);
        let mut out = Vec::new();
        let blocks = self
            .blocks
            .iter()
            .map(|(cid, block)| (*cid, block.as_slice()));
        car::write(
            &mut out,
            root,
            [(root, manifest.as_slice())].into_iter().chain(blocks),
        )
        .unwrap();
        out
    }

    fn value(&self, envelope: &Cid) -> Value {
        Envelope::decode(&self.blocks[envelope])
            .unwrap()
            .payload()
            .unwrap()
    }

    /// Put a statement in the place of another.
    fn replace(&mut self, old: Cid, kind: Kind, payload: &Value, key: &SecretKey) -> Cid {
        let envelope = Envelope::sign(kind, payload, key).unwrap().encode();
        let new = Cid::of_dag_cbor(&envelope);
        self.blocks.remove(&old);
        self.blocks.insert(new, envelope);
        new
    }
}

/// Another value of the same kind, as far as there is one.
fn changed(value: &Value) -> Value {
    match value {
        Value::Null => Value::Link(Cid::of_raw(b"something")),
        Value::Bool(b) => Value::Bool(!b),
        Value::Integer(i) => Value::Integer(i ^ 1),
        Value::Text(text) if text.is_empty() => Value::text("x"),
        Value::Text(text) => Value::text(match text.strip_suffix('0') {
            Some(rest) => format!("{rest}1"),
            None => format!("{}0", &text[..text.len() - 1]),
        }),
        Value::Bytes(bytes) => {
            let mut bytes = bytes.clone();
            bytes[0] ^= 1;
            Value::Bytes(bytes)
        }
        Value::List(items) => match items.split_first() {
            None => Value::list([Value::Null]),
            Some((_, rest)) => Value::list(rest.to_vec()),
        },
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.to_owned(), changed(value)));
            Value::map(entries.collect::<Vec<_>>())
        }
        _ => Value::Link(Cid::of_raw(b"something else")),
    }
}

/// Change each field of a statement in turn and sign it again.
fn every_field(
    envelope: impl Fn(&Manifest) -> Cid,
    place: impl Fn(&mut Manifest, Cid),
    (kind, key): (Kind, &SecretKey),
    mut check: impl FnMut(&str, VerificationVerdict),
) {
    let original = Parts::of(honest());
    let old = envelope(&original.manifest);
    let Value::Map(fields) = original.value(&old) else {
        unreachable!("statements are maps")
    };
    assert!(fields.len() > 2);
    for (field, value) in fields.iter() {
        let mut parts = Parts::of(honest());
        let mut forged = fields.clone();
        forged.insert(field, changed(value));
        let new = parts.replace(old, kind, &Value::Map(forged), key);
        place(&mut parts.manifest, new);
        check(field, verdict(&parts.pack()));
    }
}

fn founder() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

fn stranger() -> SecretKey {
    SecretKey::from_seed([66; 32])
}

#[test]
fn the_honest_evidence_verifies() {
    assert_eq!(verdict(honest()), VerificationVerdict::Verified);
    assert_eq!(
        verdict(&Parts::of(honest()).pack()),
        VerificationVerdict::Verified
    );
}

#[test]
fn a_stranger_cannot_sign_anything_again() {
    let original = Parts::of(honest());
    type Place = fn(&mut Manifest, Cid);
    let statements: [(Kind, Cid, Place); 5] = [
        (
            Kind::ProofOfExperiment,
            original.manifest.experiment,
            |m, cid| m.experiment = cid,
        ),
        (
            Kind::ProofOfExecution,
            original.manifest.execution,
            |m, cid| m.execution = cid,
        ),
        (
            Kind::ProofOfFold,
            original.manifest.folds[0].proof,
            |m, cid| m.folds[0].proof = cid,
        ),
        (
            Kind::PolicyBundle,
            original.manifest.policies[0],
            |m, cid| m.policies[0] = cid,
        ),
        (Kind::Genesis, original.manifest.genesis, |m, cid| {
            m.genesis = cid
        }),
    ];
    for (kind, old, place) in statements {
        let mut parts = Parts::of(honest());
        let payload = parts.value(&old);
        let new = parts.replace(old, kind, &payload, &stranger());
        place(&mut parts.manifest, new);
        assert_ne!(
            verdict(&parts.pack()),
            VerificationVerdict::Verified,
            "{kind:?}"
        );
    }
}

#[test]
fn no_field_of_the_experiment_can_change_even_if_the_founder_signs() {
    let with = (Kind::ProofOfExperiment, &founder());
    every_field(
        |m| m.experiment,
        |m, cid| m.experiment = cid,
        with,
        |field, verdict| {
            // Where the files came from is for the signer to say: nothing else depends on it.
            let free = field == "source";
            assert_eq!(verdict == VerificationVerdict::Verified, free, "{field}");
        },
    );
}

#[test]
fn no_field_of_the_execution_can_change_even_if_the_founder_signs() {
    let with = (Kind::ProofOfExecution, &founder());
    every_field(
        |m| m.execution,
        |m, cid| m.execution = cid,
        with,
        |field, verdict| {
            assert_ne!(verdict, VerificationVerdict::Verified, "{field}");
        },
    );
}

#[test]
fn no_field_of_a_fold_can_change_even_if_the_founder_signs() {
    for index in 0..2 {
        let with = (Kind::ProofOfFold, &founder());
        let get = move |m: &Manifest| m.folds[index].proof;
        every_field(
            get,
            move |m, cid| m.folds[index].proof = cid,
            with,
            |field, verdict| {
                assert_ne!(verdict, VerificationVerdict::Verified, "{field}");
            },
        );
    }
}

#[test]
fn no_field_of_the_policy_can_change_even_if_the_founder_signs() {
    let with = (Kind::PolicyBundle, &founder());
    every_field(
        |m| m.policies[0],
        |m, cid| m.policies[0] = cid,
        with,
        |field, verdict| {
            assert_ne!(verdict, VerificationVerdict::Verified, "{field}");
        },
    );
}

#[test]
fn another_state_log_program_or_output_is_refused() {
    let swap = |change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(honest());
        change(&mut parts);
        verdict(&parts.pack())
    };
    let put = |parts: &mut Parts, old: Cid, bytes: &[u8], raw: bool| {
        let new = if raw {
            Cid::of_raw(bytes)
        } else {
            Cid::of_dag_cbor(bytes)
        };
        parts.blocks.remove(&old);
        parts.blocks.insert(new, bytes.to_vec());
        new
    };
    let refused = [
        swap(&|p| p.manifest.log = put(p, p.manifest.log, b"another log", true)),
        swap(&|p| {
            let name = p.manifest.output_nars.keys().next().unwrap().clone();
            let new = put(p, p.manifest.output_nars[&name], b"another output", true);
            p.manifest.output_nars.insert(name, new);
        }),
        swap(&|p| {
            let name = p.manifest.input_nars.keys().next().unwrap().clone();
            let new = put(p, p.manifest.input_nars[&name], b"another input", true);
            p.manifest.input_nars.insert(name, new);
        }),
        swap(&|p| {
            let name = p.manifest.derivations.keys().next().unwrap().clone();
            let new = put(p, p.manifest.derivations[&name], b"Derive()", true);
            p.manifest.derivations.insert(name, new);
        }),
        swap(&|p| {
            let elc = gatos::fold::compile("function fold(s, e) return {} end", "x")
                .unwrap()
                .elc;
            let new = put(p, p.manifest.folds[0].program, &elc, false);
            p.manifest
                .folds
                .iter_mut()
                .for_each(|fold| fold.program = new);
        }),
        swap(&|p| {
            let state =
                gatos_core::state::StateTree::build(&Value::map([("n", Value::Integer(9))]));
            let new = put(
                p,
                p.manifest.folds[0].state,
                &state.blocks[&state.root],
                false,
            );
            p.manifest.folds[0].state = new;
        }),
        swap(&|p| {
            let journal = p.manifest.journals.values_mut().next().unwrap();
            let last = journal.pop().unwrap();
            p.blocks.remove(&last);
        }),
        swap(&|p| p.manifest.folds.swap(0, 1)),
    ];
    for (index, verdict) in refused.into_iter().enumerate() {
        assert_ne!(verdict, VerificationVerdict::Verified, "{index}");
    }
}

#[test]
fn one_flipped_byte_anywhere_is_found() {
    let packed = honest();
    let step = (packed.len() / 400).max(1);
    for at in (0..packed.len()).step_by(step) {
        let mut damaged = packed.to_vec();
        damaged[at] ^= 0x20;
        assert!(evidence(&damaged).is_err(), "byte {at}");
    }
    for length in [0, 1, 58, packed.len() / 2, packed.len() - 1] {
        assert!(evidence(&packed[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn a_block_too_many_or_too_few_is_found() {
    let mut parts = Parts::of(honest());
    parts
        .blocks
        .insert(Cid::of_raw(b"extra"), b"extra".to_vec());
    assert!(evidence(&parts.pack()).is_err());
    for missing in Parts::of(honest()).blocks.keys() {
        let mut parts = Parts::of(honest());
        parts.blocks.remove(missing);
        let bytes = parts.pack();
        assert_ne!(verdict(&bytes), VerificationVerdict::Verified, "{missing}");
    }
}

#[test]
fn a_pin_tells_a_repository_from_one_that_looks_like_it() {
    let evidence = evidence(honest()).unwrap();
    let with = |pins: Pins| verify_experiment(&evidence, &pins, &mut Unwatched).verdict;
    use gatos_core::keys::Signer as _;
    let founder = Some(founder().public_key());
    let right = Pins {
        founder,
        ..Pins::default()
    };
    assert_eq!(with(right), VerificationVerdict::Verified);
    let wrong = Pins {
        founder: Some(stranger().public_key()),
        ..Pins::default()
    };
    assert_eq!(with(wrong), VerificationVerdict::Untrusted);
    let wrong = Pins {
        repo: Some(Cid::of_raw(b"x").into()),
        ..Pins::default()
    };
    assert_eq!(with(wrong), VerificationVerdict::Untrusted);
}
