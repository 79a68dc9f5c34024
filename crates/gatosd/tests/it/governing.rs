//! Governing through the daemon: statements that others signed, recorded as if they had done it themselves.

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatos::daemon::ClientError;
use gatos::governance::{self, Verdict};
use gatos::rpc::Code;
use gatos::{ErrorKind, Signed};
use gatos_core::governance::{Approval, Grant, Proposal, Revocation};
use gatos_core::id::PolicyRoot;
use gatos_core::policy::{Activation, Bundle};
use serde_json::{Value, json};

use crate::lab::{Lab, about, built, sealed, seeded};

fn refusal(asked: Result<Value, ClientError>) -> (Code, String) {
    match asked {
        Err(ClientError::Refused(refusal)) => (refusal.code, refusal.reason),
        other => panic!("{other:?}"),
    }
}

fn ask(lab: &Lab, method: &str, fields: &Value) -> Result<Value, ClientError> {
    let answer = lab.client().ask(method, fields)?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

/// A command of `gatos` with the founder's key: how it ended, and what it printed.
fn gatos(lab: &Lab, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(built("git-gatos"));
    lab.isolate(&mut command);
    let key = lab.path("key");
    let output = command.args(arguments).arg("--key").arg(key).output();
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Every ref of ours with the tree that it leads to and what its commit says.
fn refs(lab: &Lab) -> String {
    let format = "--format=%(refname) %(tree) %(contents)";
    lab.git(&["for-each-ref", format, "refs/gatos"])
}

#[test]
fn whatever_a_command_does_is_the_same_with_and_without_a_daemon() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    // Proposals have a nonce, and all the rest follows from them.
    let proposal = lab.propose("the plan");
    let rejected = lab.propose("another plan");
    let trust = lab.path("trust.toml");
    let text = governance::write_trust(&lab.open().policy().1.trust);
    let text = text.replace("actors.\"bob\"", "actors.\"robert\"");
    std::fs::write(&trust, text).unwrap();
    let change = ["proposal", "new", "Bob is Robert", "--trust"];
    let told = gatos(
        &lab,
        &[&change[..], &[trust.to_str().unwrap(), "--quiet"]].concat(),
    );
    assert_eq!(told.0, Some(0), "{}", told.2);
    let policy = told.1.trim().to_owned();
    let grant = |lab: &Lab, proposal: &str| {
        let told = gatos(lab, &["grant", "new", proposal, "--quiet"]);
        told.1.trim().to_owned()
    };
    let steps = |lab: &Lab| {
        let mut told = vec![
            gatos(lab, &["approve", &proposal, "--reason", "good", "--json"]),
            gatos(lab, &["approve", &proposal]),
            gatos(lab, &["reject", &proposal]),
            gatos(lab, &["reject", &rejected]),
            gatos(lab, &["grant", "new", &rejected]),
            gatos(lab, &["grant", "new", &proposal, "--json"]),
            gatos(lab, &["grant", "new", &proposal]),
        ];
        let granted = grant(lab, &proposal);
        told.push(gatos(lab, &["revoke", &granted, "--reason", "no"]));
        told.push(gatos(lab, &["revoke", &granted]));
        told.push(gatos(lab, &["approve", &policy]));
        let granted = grant(lab, &policy);
        told.push(gatos(lab, &["policy", "activate", &granted, "--json"]));
        told.push(gatos(lab, &["approve", &proposal]));
        told
    };
    let copy = lab.path("copy");
    let copied = Command::new("cp")
        .arg("-a")
        .args([&lab.work(), &copy])
        .status();
    assert!(copied.unwrap().success());
    let directly = steps(&lab);
    let without = refs(&lab);
    std::fs::remove_dir_all(lab.work()).unwrap();
    std::fs::rename(&copy, lab.work()).unwrap();
    let _daemon = lab.start();
    let through = steps(&lab);
    for (step, (without, with)) in directly.iter().zip(&through).enumerate() {
        assert_eq!(without, with, "step {step}");
    }
    assert_eq!(refs(&lab), without);
    let codes: Vec<_> = directly.iter().map(|told| told.0.unwrap()).collect();
    assert_eq!(codes, [0, 0, 3, 0, 3, 0, 0, 0, 0, 0, 0, 3]);
    assert!(!lab.open().policies().order().is_empty());
    // They did go through it: all that were signed and not refused.
    let statements = || ask(&lab, "status", &json!({})).unwrap()["statements"].clone();
    assert_eq!(statements(), 11);
    let other = ["proposal", "new", "x", "--commit", &"1".repeat(40)];
    assert_eq!(gatos(&lab, &other).0, Some(0));
    assert_eq!(statements(), 12);
    let alone = [&other[..], &["--no-daemon"]].concat();
    assert_eq!(gatos(&lab, &alone).0, Some(0));
    assert_eq!(statements(), 12);
}

/// A repository with Alice, Bob, and a proposal; and what Bob says of it, signed.
fn with_proposal() -> (Lab, String, Signed<Approval>) {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let proposal = lab.propose("the plan");
    let approval = lab.said(&proposal, Verdict::Approve, &seeded(8));
    let bytes = data_encoding::BASE64.decode(approval.as_bytes());
    let signed = Signed::decode(&bytes.unwrap()).unwrap();
    (lab, proposal, signed)
}

/// Ask for what must be refused, for this reason, so that nothing is written.
fn check(lab: &Lab, (method, fields): (&str, &Value), kind: ErrorKind, why: &str) {
    let before = refs(lab);
    let (found, reason) = refusal(ask(lab, method, fields));
    assert_eq!(found, Code::Operation(kind), "{method}: {reason}");
    assert!(reason.contains(why), "{method}: {reason}");
    assert_eq!(refs(lab), before, "{why}: something was written");
}

#[test]
fn what_is_no_approval_of_whom_it_names_is_refused() {
    let (lab, proposal, signed) = with_proposal();
    let _daemon = lab.start();
    let approval = signed.envelope().encode();
    let base64 = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    // No envelope, one of another kind, one bit of it.
    let said = |text: &str, kind, why| {
        let fields = json!({ "approval": text });
        check(&lab, ("approve", &fields), kind, why);
    };
    said("aGVsbG8=", ErrorKind::Usage, "no signed approval");
    let event = lab.signed("m", 1, None);
    said(&event, ErrorKind::Mismatch, "does not verify");
    let mut bytes = approval;
    bytes[100] ^= 1;
    said(&base64(&bytes), ErrorKind::Mismatch, "does not verify");
    // Of a stranger, and in the name of somebody else.
    let stranger = lab.said(&proposal, Verdict::Approve, &seeded(66));
    said(&stranger, ErrorKind::Untrusted, "whose key");
    let stated = signed.statement();
    let in_the_name = sealed(stated.clone(), &*lab.key);
    said(&in_the_name, ErrorKind::Untrusted, "`bob`");
    // Of another repository, under another policy, of a proposal that is not here.
    let other = Approval {
        repo: Lab::new().open().id(),
        ..stated.clone()
    };
    let other = sealed(other, &seeded(8));
    said(&other, ErrorKind::Mismatch, "another repository");
    let other = Approval {
        policy_root: lab.open().policies().order()[0],
        ..stated.clone()
    };
    let other = sealed(other, &seeded(8));
    said(&other, ErrorKind::Refused, "not in force");
    let other = Approval {
        proposal: signed.id(),
        ..stated.clone()
    };
    let other = sealed(other, &seeded(8));
    said(&other, ErrorKind::Usage, "there is no proposal");
}

#[test]
fn a_grant_that_nobody_gave_is_none_and_cannot_be_taken_back() {
    let (lab, _, signed) = with_proposal();
    let _daemon = lab.start();
    let repository = lab.open();
    let mut grant = Grant {
        repo: repository.id(),
        policy_root: repository.policy().0,
        proposal: signed.statement().proposal,
        subject: about_subject("the plan"),
        uses: governance::Use::Single,
        approvals: Vec::new(),
    };
    let granted = |grant: &Grant, seed, kind, why| {
        let fields = json!({"grant": sealed(grant.clone(), &seeded(seed))});
        check(&lab, ("grant", &fields), kind, why);
    };
    granted(&grant, 66, ErrorKind::Untrusted, "the key of nobody");
    granted(&grant, 8, ErrorKind::Refused, "missing");
    grant.approvals = vec![signed.id()];
    granted(&grant, 8, ErrorKind::Mismatch, "other approvals");
    grant.subject = about_subject("something else");
    granted(&grant, 8, ErrorKind::Mismatch, "not for what");
    let revocation = Revocation {
        repo: repository.id(),
        policy_root: repository.policy().0,
        grant: signed.id(),
        actor: "bob".parse().unwrap(),
        reason: String::new(),
    };
    let fields = json!({"revocation": sealed(revocation, &seeded(8))});
    let what = ("revoke", &fields);
    check(&lab, what, ErrorKind::Usage, "there is no grant");
}

fn about_subject(title: &str) -> governance::Subject {
    match about(title).what {
        governance::What::Other(subject) => subject,
        governance::What::Policy(_) => panic!("no policy"),
    }
}

/// The next policy, in which Bob governs.
fn where_bob_governs(root: PolicyRoot, active: &Bundle) -> Bundle {
    let text = governance::write_trust(&active.trust);
    let trust = text.replace("roles = [\"append\"]", "roles = [\"append\", \"govern\"]");
    assert_ne!(trust, text);
    Bundle {
        trust: governance::read_trust(&trust, "trust").unwrap(),
        position: active.position.after(root.cid().into()),
        ..active.clone()
    }
}

#[test]
fn a_proposal_comes_with_what_it_proposes_and_only_those_who_may_put_it_in_force() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let repository = lab.open();
    let (root, active) = repository.policy();
    // Bob's proposal, by hand.
    let bundle = where_bob_governs(root, active);
    let payload = gatos_core::cbor::encode(&gatos_core::statement::Statement::to_value(&bundle));
    let code = gatos::policy::rules_in_force(&repository).unwrap();
    let code = code.to_rgc();
    let next = gatos::Cid::of_dag_cbor(&payload);
    let proposal = Proposal {
        repo: repository.id(),
        policy_root: root,
        actor: "bob".parse().unwrap(),
        nonce: [7; 16],
        title: "Bob governs".to_owned(),
        reason: String::new(),
        subject: governance::Subject::Policy(next.into()),
        uses: governance::Use::Single,
    };
    let base64 = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    let _daemon = lab.start();
    let envelope = sealed(proposal, &seeded(8));
    let alone = ("propose", &json!({ "proposal": envelope }));
    check(&lab, alone, ErrorKind::Usage, "does not come with");
    let mut other = bundle.clone();
    other.trust = active.trust.clone();
    let other = gatos_core::cbor::encode(&gatos_core::statement::Statement::to_value(&other));
    let fields = json!({"proposal": envelope, "bundle": base64(&other), "code": base64(code)});
    check(
        &lab,
        ("propose", &fields),
        ErrorKind::Mismatch,
        "another policy",
    );
    let fields = json!({"proposal": envelope, "bundle": base64(&payload), "code": base64(code)});
    let told = ask(&lab, "propose", &fields).unwrap();
    assert_eq!(told["already"], false);
    // Again: a success that writes nothing.
    let again = ask(&lab, "propose", &fields).unwrap();
    assert_eq!(
        (&again["already"], &again["proposal"]),
        (&json!(true), &told["proposal"])
    );
    // He signs that it is in force, with no word of Alice's.
    let activation = |actor: &str, anchors| Activation {
        repo: repository.id(),
        previous: root,
        policy_root: next.into(),
        anchors,
        grant: None,
        actor: actor.parse().unwrap(),
    };
    let anchors = gatos_core::policy::Anchors::default().tree().root;
    let enacted = |actor: &str, key: &dyn gatos::Signer, anchors| {
        json!({
            "decided": told["proposal"],
            "bundle": sealed(bundle.clone(), key),
            "activation": sealed(activation(actor, anchors), key),
        })
    };
    let by_bob = enacted("bob", &seeded(8), anchors);
    check(&lab, ("activate", &by_bob), ErrorKind::Untrusted, "govern");
    // Alice may, but not where history is not.
    let event = json!({"journal": "m", "events": [lab.signed("m", 1, None)]});
    ask(&lab, "append", &event).unwrap();
    let by_alice = enacted("alice", &*lab.key, anchors);
    let (code, reason) = refusal(ask(&lab, "activate", &by_alice));
    assert_eq!(code, Code::Moved, "{reason}");
    assert_eq!(lab.open().policy().0, root);
    // The command signs where it is.
    let id = told["proposal"].as_str().unwrap();
    assert_eq!(gatos(&lab, &["policy", "activate", id]).0, Some(0));
    assert_eq!(lab.open().policy().0.cid(), next);
}

#[test]
fn ten_who_approve_at_once_count_once_each_and_keys_of_one_person_as_one() {
    let lab = Lab::new();
    // Nine people, and one with three keys.
    let names: Vec<String> = (0..9).map(|n| format!("person-{n}")).collect();
    let seeds: Vec<[u8; 1]> = (10..19).map(|seed| [seed]).collect();
    let mut people: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&seeds)
        .map(|(name, seeds)| (name.as_str(), &seeds[..]))
        .collect();
    people.push(("carol", &[30, 31, 32]));
    lab.admit(&people);
    let proposal = lab.propose("the plan");
    let _daemon = lab.start();
    let keys: Vec<u8> = (10..19).chain([30, 31, 32]).collect();
    let barrier = Barrier::new(keys.len());
    std::thread::scope(|scope| {
        for key in &keys {
            let (lab, proposal, barrier) = (&lab, &proposal, &barrier);
            scope.spawn(move || {
                let approval = lab.said(proposal, Verdict::Approve, &seeded(*key));
                let fields = json!({ "approval": approval });
                let mut client = lab.client();
                barrier.wait();
                // Everybody is impatient and says it three times.
                let ids = [(); 3].map(|()| client.send("approve", &fields).unwrap());
                let mut fresh = 0;
                for id in ids {
                    let told = client.answer(&id).unwrap();
                    let told: Value = serde_json::from_str(told.get()).unwrap();
                    fresh += i32::from(told["already"] == false);
                }
                assert_eq!(fresh, 1, "key {key}");
            });
        }
    });
    let shown = ask(&lab, "proposals", &json!({ "proposal": proposal })).unwrap();
    let approvals = shown["approvals"].as_array().unwrap();
    assert_eq!(approvals.len(), keys.len());
    let carols = approvals.iter().filter(|said| said["actor"] == "carol");
    assert_eq!(carols.count(), 3);
    let approval = lab.said(&proposal, Verdict::Approve, &seeded(66));
    refusal(ask(&lab, "approve", &json!({ "approval": approval })));
    // One who governs, and ten people are counted, not twelve keys.
    governance::approve(&lab.open(), &proposal, (Verdict::Approve, ""), &*lab.key).unwrap();
    let granted = governance::grant(&lab.open(), &proposal, &*lab.key).unwrap();
    assert_eq!(granted.approved_by.len(), 11);
    let shown = ask(&lab, "grants", &json!({ "grant": granted.grant })).unwrap();
    assert_eq!(shown["status"], "usable");
    // A no of one of her keys outweighs her yes of another: it is a new key that says it.
    let again = governance::approve(&lab.open(), &proposal, (Verdict::Reject, ""), &seeded(30));
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn what_was_answered_is_there_after_a_kill_and_sending_it_again_adds_nothing() {
    for answers in [0, 1, 3, 7] {
        let lab = Lab::new();
        let names: Vec<String> = (0..10).map(|n| format!("person-{n}")).collect();
        let seeds: Vec<[u8; 1]> = (10..20).map(|seed| [seed]).collect();
        let people: Vec<(&str, &[u8])> = names
            .iter()
            .zip(&seeds)
            .map(|(name, seeds)| (name.as_str(), &seeds[..]))
            .collect();
        lab.admit(&people);
        let proposal = lab.propose("the plan");
        let said: Vec<String> = (10..20)
            .map(|seed| lab.said(&proposal, Verdict::Approve, &seeded(seed)))
            .collect();
        let daemon = lab.start();
        let count = AtomicUsize::new(0);
        let answered = AtomicUsize::new(0);
        let clients: Vec<_> = said.iter().map(|_| lab.client()).collect();
        std::thread::scope(|scope| {
            for (said, mut client) in said.iter().zip(clients) {
                let (count, answered, daemon) = (&count, &answered, &daemon);
                scope.spawn(move || {
                    let asked = client.ask("approve", &json!({ "approval": said }));
                    if asked.is_ok() {
                        answered.fetch_add(1, Ordering::SeqCst);
                        if count.fetch_add(1, Ordering::SeqCst) == answers {
                            daemon.signal("KILL");
                        }
                    }
                });
            }
        });
        let (code, _) = daemon.end();
        assert_eq!(code, None, "killed");
        let there = governance::proposal(&lab.open(), &proposal).unwrap();
        let answered = answered.into_inner();
        assert!(answered > answers && there.approvals.len() >= answered);
        let _daemon = lab.start();
        for said in &said {
            let fields = json!({ "approval": said });
            if let Err(refused) = lab.client().ask("approve", &fields) {
                // Whose lock it is nobody can know, and the message says what to do.
                let text = format!("{refused:?}");
                assert!(text.contains("remove that file"), "{text}");
                remove_locks(&lab.work().join(".git/refs/gatos"));
                lab.client().ask("approve", &fields).unwrap();
            }
        }
        let there = governance::proposal(&lab.open(), &proposal).unwrap();
        assert_eq!(there.approvals.len(), 10);
    }
}

fn remove_locks(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_locks(&path);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "lock")
        {
            std::fs::remove_file(path).unwrap();
        }
    }
}
