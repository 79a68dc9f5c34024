//! Statements of every kind: one form each, no field too many or too few, and at home in one place.

use gatos_core::cid::Cid;
use gatos_core::denial::Denial;
use gatos_core::envelope::{Envelope, Kind};
use gatos_core::experiment::{ExperimentProof, Reproduction};
use gatos_core::fold::FoldProof;
use gatos_core::genesis::Genesis;
use gatos_core::governance::{Approval, Grant, Proposal, Revocation};
use gatos_core::job::ExecutionProof;
use gatos_core::journal::Event;
use gatos_core::json;
use gatos_core::keys::Signer;
use gatos_core::policy::{Activation, Bundle};
use gatos_core::statement::{OpenError, Position, Signed};
use gatos_core::value::Value;

use crate::envelopes::key;
use crate::vectors::Folder;

/// Read a signed payload as the statement of its kind.
fn open(kind: Kind, payload: &Value) -> Result<(), OpenError> {
    let envelope = Envelope::sign(kind, payload, &key(1)).unwrap();
    open_envelope(envelope)
}

fn open_envelope(envelope: Envelope) -> Result<(), OpenError> {
    match envelope.kind() {
        Kind::Genesis => Signed::<Genesis>::open(envelope).map(drop),
        Kind::PolicyBundle => Signed::<Bundle>::open(envelope).map(drop),
        Kind::Event => Signed::<Event>::open(envelope).map(drop),
        Kind::ProofOfFold => Signed::<FoldProof>::open(envelope).map(drop),
        Kind::ProofOfExecution => Signed::<ExecutionProof>::open(envelope).map(drop),
        Kind::ProofOfExperiment => Signed::<ExperimentProof>::open(envelope).map(drop),
        Kind::Reproduction => Signed::<Reproduction>::open(envelope).map(drop),
        Kind::Denial => Signed::<Denial>::open(envelope).map(drop),
        Kind::Activation => Signed::<Activation>::open(envelope).map(drop),
        Kind::Proposal => Signed::<Proposal>::open(envelope).map(drop),
        Kind::Approval => Signed::<Approval>::open(envelope).map(drop),
        Kind::Grant => Signed::<Grant>::open(envelope).map(drop),
        Kind::Revocation => Signed::<Revocation>::open(envelope).map(drop),
    }
}

/// A value from JSON in which `cid:NAME` stands for a link and `hex:…` for bytes.
fn value(text: &str) -> Value {
    resolve(json::from_str(text).unwrap())
}

fn resolve(value: Value) -> Value {
    match value {
        Value::Text(text) => match text.split_once(':') {
            Some(("cid", name)) => Value::from(Cid::of_dag_cbor(name.as_bytes())),
            Some(("raw", name)) => Value::from(Cid::of_raw(name.as_bytes())),
            Some(("hex", hex)) => {
                Value::bytes(data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap())
            }
            _ => Value::Text(text),
        },
        Value::List(items) => Value::list(items.into_iter().map(resolve)),
        Value::Map(map) => Value::map(map.into_iter().map(|(k, v)| (k, resolve(v)))),
        other => other,
    }
}

const DIGEST: &str = "hex:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn samples() -> Vec<(Kind, Value)> {
    let key = format!("hex:{}", key(1).public_key().key_id());
    let texts = [
        (Kind::Genesis, GENESIS),
        (Kind::PolicyBundle, BUNDLE),
        (Kind::Event, EVENT),
        (Kind::ProofOfFold, FOLD),
        (Kind::ProofOfExecution, EXECUTION),
        (Kind::ProofOfExperiment, EXPERIMENT),
        (Kind::Reproduction, REPRODUCTION),
        (Kind::Denial, DENIAL),
        (Kind::Activation, ACTIVATION),
        (Kind::Proposal, PROPOSAL),
        (Kind::Approval, APPROVAL),
        (Kind::Grant, GRANT),
        (Kind::Revocation, REVOCATION),
    ];
    texts
        .into_iter()
        .map(|(kind, text)| {
            let text = text.replace("KEY", &key).replace("DIGEST", DIGEST);
            (kind, value(&text))
        })
        .collect()
}

const DENIAL: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/audit/policy/deny/01arz3ndektsv4rrffq69g5fav", "seq": 0,
  "prev": null, "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "effect": "refused", "judge": "gate",
  "intent": "push.ref", "subject": "refs/gatos/policies/active", "pusher": null,
  "input": "cid:facts", "decision": "cid:decision", "reason": {
    "v": 1, "verdict": "deny", "rule": "gate.forward-only", "adr": "docs/spec/gate.md#rules",
    "message": "it only moves forward", "missing": null, "next": null
  },
  "policy_root": "cid:policy", "policy_code_root": "cid:code", "refs": 2, "count": 1
}"#;

const GENESIS: &str = r#"{
  "actor": "alice", "key": "KEY", "nonce": "hex:000102030405060708090a0b0c0d0e0f"
}"#;

const BUNDLE: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/policies/active", "seq": 0, "prev": null,
  "code": "cid:code",
  "trust": {"alice": {"groups": ["leads"], "keys": ["KEY"], "roles": ["append", "fold", "govern"]}},
  "profile": {
    "name": "research", "clean_tree": "recorded", "durability": "durable",
    "fold_fuel_per_event": 1000000, "fold_memory_bytes": 268435456, "isolation": "required",
    "keep_bytes": 67108864, "max_event_bytes": 1048576
  }
}"#;

const EVENT: &str = r#"{
  "repo": "cid:genesis", "journal": "measurements", "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  "type": "measurement", "actor": "alice", "policy": "cid:policy", "ts": 1795341600000,
  "payload": {"species": "Adélie", "mass": 3.75}
}"#;

const FOLD: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/state/yearly", "seq": 1, "prev": "cid:earlier",
  "journal": "measurements", "history_root": "DIGEST", "history_size": 344,
  "policy_root": "cid:policy", "fold_root": "cid:program", "engine": "echolua-1",
  "limits": {"fuel_per_event": 1000000, "memory_bytes": 268435456},
  "state_root": "cid:state", "base": null
}"#;

const EXECUTION: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/audit/jobs/01arz3ndektsv4rrffq69g5fav", "seq": 0,
  "prev": null, "job": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "claim": null, "inputs_root": "cid:inputs",
  "program": {"id": "nix:00000000000000000000000000000000-co2.drv", "sha256": "DIGEST"},
  "builder_id": "cid:builder", "outputs_root": "cid:outputs", "outcome": "succeeded",
  "log": "raw:log", "policy_root": "cid:policy", "policy_code_root": "cid:code",
  "isolation": {"network": ["lo"], "host_paths": []},
  "environment": {
    "nix": "nix (Nix) 2.26.3", "system": "x86_64-linux", "kernel": "Linux 6.1.0", "cpu": "a processor",
    "cpu_features": ["avx2", "sse2"], "cores": 2, "settings": {"sandbox": "true"}
  },
  "actor": "alice"
}"#;

const EXPERIMENT: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/audit/proofs/experiments/01arz3ndektsv4rrffq69g5fav",
  "seq": 0, "prev": null, "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "name": "co2",
  "inputs_root": "cid:inputs",
  "program": {"id": "nix:00000000000000000000000000000000-co2.drv", "sha256": "DIGEST"},
  "builder_id": "cid:builder", "policy_root": "cid:policy", "policy_code_root": "cid:code",
  "outputs_root": "cid:outputs", "execution": "cid:execution",
  "folds": [{"input": "yearly", "proof": "cid:fold"}, {"input": null, "proof": "cid:results"}],
  "results": {"journal": "results", "first": 0, "count": 7},
  "source": {"revision": "0123456789abcdef0123456789abcdef01234567", "dirty": false},
  "actor": "alice"
}"#;

const ACTIVATION: &str = r#"{
  "repo": "cid:genesis", "previous": "cid:policy", "policy_root": "cid:next", "anchors": "cid:anchors",
  "grant": "cid:grant", "actor": "alice"
}"#;

const PROPOSAL: &str = r#"{
  "repo": "cid:genesis", "policy_root": "cid:policy", "actor": "alice",
  "nonce": "hex:000102030405060708090a0b0c0d0e0f", "title": "A second analysis", "reason": "The first is old.",
  "subject": {"kind": "policy", "root": "cid:next"}, "use": "single"
}"#;

const APPROVAL: &str = r#"{
  "repo": "cid:genesis", "policy_root": "cid:policy", "proposal": "cid:proposal", "actor": "alice",
  "verdict": "approve", "reason": ""
}"#;

const GRANT: &str = r#"{
  "repo": "cid:genesis", "policy_root": "cid:policy", "proposal": "cid:proposal",
  "subject": {"kind": "update", "ref": "refs/heads/main", "old": null,
    "new": "0123456789abcdef0123456789abcdef01234567"},
  "use": 1795341600000, "approvals": []
}"#;

const REVOCATION: &str = r#"{
  "repo": "cid:genesis", "policy_root": "cid:policy", "grant": "cid:grant", "actor": "alice",
  "reason": "granted by mistake"
}"#;

const REPRODUCTION: &str = r#"{
  "repo": "cid:genesis", "ref": "refs/gatos/audit/proofs/reproductions/01arz3ndektsv4rrffq69g5fav",
  "seq": 0, "prev": null, "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "experiment": "cid:experiment",
  "verdict": "identical",
  "program": {"id": "nix:00000000000000000000000000000000-co2.drv", "sha256": "DIGEST"},
  "expected_program": {"id": "nix:00000000000000000000000000000000-co2.drv", "sha256": "DIGEST"},
  "inputs": [{"name": "co2", "expected": {"nar_sha256": "DIGEST", "nar_size": 120},
    "actual": {"nar_sha256": "DIGEST", "nar_size": 120}}],
  "outputs": [{"name": "out", "expected": {"nar_sha256": "DIGEST", "nar_size": 240},
    "actual": {"nar_sha256": "DIGEST", "nar_size": 240}}],
  "dependencies": [{"path": "00000000000000000000000000000000-bash",
    "nar": {"nar_sha256": "DIGEST", "nar_size": 360}, "vouched_by": "built"}],
  "difference": null, "blocked_by": null, "isolation": {"network": ["lo"], "host_paths": []},
  "environment": {
    "nix": "nix (Nix) 2.26.3", "system": "x86_64-linux", "kernel": "Linux 6.1.0", "cpu": "a processor",
    "cpu_features": [], "cores": 2, "settings": {}
  },
  "log": "raw:log", "policy_root": "cid:policy", "actor": "bob"
}"#;

/// One step into a value.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Field(String),
    Item(usize),
}

/// Every place in a value that is a map or list, the value itself among them.
fn places(value: &Value) -> Vec<Vec<Step>> {
    let inner: Vec<(Step, &Value)> = match value {
        Value::Map(map) => map
            .iter()
            .map(|(k, v)| (Step::Field(k.to_owned()), v))
            .collect(),
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (Step::Item(i), v))
            .collect(),
        _ => return Vec::new(),
    };
    let mut found = vec![Vec::new()];
    for (step, value) in inner {
        for path in places(value) {
            found.push([vec![step.clone()], path].concat());
        }
    }
    found
}

/// The value with what stands at `path` changed.
fn changed(value: &Value, path: &[Step], change: &dyn Fn(&Value) -> Value) -> Value {
    match (path.split_first(), value) {
        (None, value) => change(value),
        (Some((Step::Field(field), rest)), Value::Map(map)) => {
            let mut map = map.clone();
            let inner = changed(map.get(field).unwrap(), rest, change);
            map.insert(field.clone(), inner);
            Value::Map(map)
        }
        (Some((Step::Item(index), rest)), Value::List(items)) => {
            let mut items = items.clone();
            items[*index] = changed(&items[*index], rest, change);
            Value::List(items)
        }
        _ => panic!("no such place"),
    }
}

/// Whether what stands there is the user's or the builder's to fill.
fn is_free(path: &[Step]) -> bool {
    let free = ["payload", "isolation", "settings", "cpu_features"];
    path.iter()
        .any(|step| matches!(step, Step::Field(f) if free.contains(&f.as_str())))
}

#[test]
fn statements_have_the_recorded_bytes() {
    let mut folder = Folder::open("statement/ok");
    for (kind, payload) in samples() {
        let envelope = Envelope::sign(kind, &payload, &key(1)).unwrap();
        let projection = json::to_string_pretty(&payload);
        folder.expect(&format!("{kind}.cbor"), envelope.encode());
        folder.expect(&format!("{kind}.json"), format!("{projection}\n"));
        folder.expect(&format!("{kind}.cid"), format!("{}\n", envelope.id()));
        assert_eq!(open_envelope(envelope), Ok(()), "{kind}");
    }
    for (name, (kind, payload)) in [
        (
            "policy-bundle-checkpoints",
            checkpoints(Value::from(100_000)),
        ),
        ("proof-of-fold-continued", continued()),
    ] {
        let envelope = Envelope::sign(kind, &payload, &key(1)).unwrap();
        let projection = json::to_string_pretty(&payload);
        folder.expect(&format!("{name}.cbor"), envelope.encode());
        folder.expect(&format!("{name}.json"), format!("{projection}\n"));
        folder.expect(&format!("{name}.cid"), format!("{}\n", envelope.id()));
        assert_eq!(open_envelope(envelope), Ok(()), "{name}");
    }
    folder.finish();
}

/// The bundle of the samples with a number of events a checkpoint.
fn checkpoints(every: Value) -> (Kind, Value) {
    let (kind, bundle) = samples().swap_remove(1);
    let profile = [Step::Field("profile".to_owned())];
    let bundle = changed(&bundle, &profile, &|profile| {
        edit(profile, "checkpoint_every", Some(every.clone()))
    });
    (kind, bundle)
}

/// The Proof-of-Fold of the samples, which continues the one before it.
fn continued() -> (Kind, Value) {
    let (kind, fold) = samples().swap_remove(3);
    let prev = Value::from(Cid::of_dag_cbor(b"earlier"));
    (kind, edit(&fold, "base", Some(prev)))
}

/// A key that came later is left out at the value that changes nothing, so older bundles keep their
/// bytes and there is one form of each.
#[test]
fn a_later_key_of_the_profile_is_absent_or_says_something() {
    for (every, opens) in [
        (Value::from(1), true),
        (Value::from(i64::MAX), true),
        (Value::from(0), false),
        (Value::from(-1), false),
        (Value::Null, false),
        (Value::from("often"), false),
    ] {
        let (kind, bundle) = checkpoints(every.clone());
        assert_eq!(open(kind, &bundle).is_ok(), opens, "{every:?}");
    }
}

#[test]
fn a_field_too_many_is_refused_wherever_it_stands() {
    let mut refused = 0;
    for (kind, payload) in samples() {
        for path in places(&payload) {
            let more = changed(&payload, &path, &|at| match at {
                Value::Map(map) => {
                    let mut map = map.clone();
                    map.insert("zz-unknown", Value::map([("approve", Value::Bool(true))]));
                    Value::Map(map)
                }
                other => other.clone(),
            });
            if more != payload && !is_free(&path) {
                assert!(open(kind, &more).is_err(), "{kind} {path:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn a_field_too_few_or_null_is_refused_unless_its_specification_says_so() {
    let absent = ["groups", "ts"];
    let null = [
        "prev",
        "base",
        "claim",
        "input",
        "results",
        "revision",
        "isolation",
        "payload",
        // Of a refusal: what the server or the rule may not know.
        "adr",
        "missing",
        "next",
        "pusher",
        "grant",
        "old",
    ];
    let mut refused = 0;
    for (kind, payload) in samples() {
        for path in places(&payload).into_iter().filter(|path| !is_free(path)) {
            for field in fields_at(&payload, &path) {
                let without = changed(&payload, &path, &|at| edit(at, &field, None));
                let nulled = changed(&payload, &path, &|at| edit(at, &field, Some(Value::Null)));
                let actors =
                    kind == Kind::PolicyBundle && path == [Step::Field("trust".to_owned())];
                let verdict = open(kind, &without);
                assert_eq!(
                    verdict.is_ok(),
                    absent.contains(&field.as_str()) || actors,
                    "{kind} {path:?} {field}"
                );
                if nulled != payload {
                    let verdict = open(kind, &nulled);
                    let may = null.contains(&field.as_str());
                    assert!(may || verdict.is_err(), "{kind} {path:?} {field} null");
                }
                refused += 1;
            }
        }
    }
    assert!(refused > 80, "{refused}");
}

fn fields_at(value: &Value, path: &[Step]) -> Vec<String> {
    let found = std::cell::RefCell::new(Vec::new());
    changed(value, path, &|at| {
        if let Value::Map(map) = at {
            found.borrow_mut().extend(map.keys().map(str::to_owned));
        }
        at.clone()
    });
    found.into_inner()
}

fn edit(value: &Value, field: &str, new: Option<Value>) -> Value {
    let Value::Map(map) = value else {
        return value.clone();
    };
    let mut map = map.clone();
    match new {
        Some(new) => drop(map.insert(field, new)),
        None => drop(map.remove(field)),
    }
    Value::Map(map)
}

#[test]
fn a_statement_has_one_form() {
    for (kind, payload) in samples() {
        for path in places(&payload).into_iter().filter(|path| !is_free(path)) {
            // A text in another case, and a list in another order, each where it means the same.
            for field in fields_at(&payload, &path) {
                let lower = changed(&payload, &path, &|at| match at {
                    Value::Map(map) => match map.get(&field) {
                        Some(Value::Text(text)) if field == "ulid" || field == "job" => {
                            edit(at, &field, Some(Value::text(text.to_lowercase())))
                        }
                        _ => at.clone(),
                    },
                    other => other.clone(),
                });
                assert_eq!(
                    open(kind, &lower).is_ok(),
                    lower == payload,
                    "{kind} {field}"
                );
            }
            let twice = changed(&payload, &path, &|at| match at {
                Value::List(items) if matches!(path.last(), Some(Step::Field(f)) if f == "roles" || f == "keys" || f == "groups") => {
                    Value::list(items.iter().rev().chain(items).cloned())
                }
                other => other.clone(),
            });
            assert_eq!(
                open(kind, &twice).is_ok(),
                twice == payload,
                "{kind} {path:?}"
            );
        }
    }
}

#[test]
fn a_statement_changed_to_fit_elsewhere_does_not_verify() {
    let mut cases = 0;
    for (kind, payload) in samples() {
        let good = Envelope::sign(kind, &payload, &key(1)).unwrap();
        let elsewhere = [
            ("repo", Value::from(Cid::of_dag_cbor(b"another"))),
            ("ref", Value::from("refs/gatos/state/another")),
            ("seq", Value::from(2)),
            ("prev", Value::from(Cid::of_dag_cbor(b"another"))),
            ("journal", Value::from("another")),
            ("policy", Value::from(Cid::of_dag_cbor(b"another"))),
            ("policy_root", Value::from(Cid::of_dag_cbor(b"another"))),
        ];
        for (field, new) in elsewhere {
            if !fields_at(&payload, &[]).contains(&field.to_owned()) {
                continue;
            }
            let moved = edit(&payload, field, Some(new));
            let forged = edit(
                &good.to_value(),
                "payload",
                Some(Value::bytes(gatos_core::cbor::encode(&moved))),
            );
            let forged = Envelope::from_value(forged).unwrap();
            assert_ne!(forged.id(), good.id());
            assert!(
                matches!(open_envelope(forged), Err(OpenError::Verify(_))),
                "{kind} {field}"
            );
            cases += 1;
        }
    }
    assert!(cases >= 16, "{cases}");
}

#[test]
fn a_statement_unchanged_does_not_fit_elsewhere() {
    let id = |name: &str| Cid::of_dag_cbor(name.as_bytes()).into();
    let first = Position::first("refs/gatos/state/a".to_owned());
    let second = first.after(id("first"));
    let third = second.after(id("second"));
    assert!(first.follows(None) && second.follows(Some((&first, id("first")))));
    assert!(third.follows(Some((&second, id("second")))));
    // Another ref, an older position, a gap, another predecessor.
    let other = Position::first("refs/gatos/state/b".to_owned());
    assert!(!second.follows(Some((&other, id("first")))));
    assert!(!first.follows(Some((&first, id("first")))));
    assert!(!second.follows(Some((&second, id("second")))));
    assert!(!third.follows(Some((&first, id("first")))));
    assert!(!second.follows(Some((&first, id("forged")))));
    assert!(!second.follows(None));
}
