//! Governing through the daemon: statements that others signed, recorded as if they had done it themselves.

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatos::ErrorKind;
use gatos::daemon::ClientError;
use gatos::governance::{self, Verdict};
use gatos::rpc::Code;
use gatos_core::governance::{Grant, Proposal, Revocation};
use gatos_core::policy::Activation;
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

#[test]
fn what_may_not_be_recorded_is_refused_with_its_reason() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let proposal = lab.propose("the plan");
    let _daemon = lab.start();
    let before = refs(&lab);
    let kind = |kind| Code::Operation(kind);
    let check = |method: &str, fields: Value, code: Code, why: &str| {
        let (found, reason) = refusal(ask(&lab, method, &fields));
        assert_eq!(found, code, "{method}: {reason}");
        assert!(reason.contains(why), "{method}: {reason}");
    };
    let approval = lab.said(&proposal, Verdict::Approve, &seeded(8));
    // No envelope, one of another kind, one bit of it, and of a stranger.
    let said = |text: &str| json!({ "approval": text });
    check(
        "approve",
        said("aGVsbG8="),
        kind(ErrorKind::Usage),
        "no signed approval",
    );
    let event = lab.signed("m", 1, None);
    check(
        "approve",
        said(&event),
        kind(ErrorKind::Mismatch),
        "does not verify",
    );
    let mut bytes = data_encoding::BASE64.decode(approval.as_bytes()).unwrap();
    bytes[100] ^= 1;
    let broken = data_encoding::BASE64.encode(&bytes);
    check(
        "approve",
        said(&broken),
        kind(ErrorKind::Mismatch),
        "does not verify",
    );
    let stranger = lab.said(&proposal, Verdict::Approve, &seeded(66));
    check(
        "approve",
        said(&stranger),
        kind(ErrorKind::Untrusted),
        "whose key",
    );
    // In the name of somebody else.
    let repository = lab.open();
    let (root, _) = repository.policy();
    let signed: gatos::Signed<gatos_core::governance::Approval> =
        gatos::Signed::decode(&data_encoding::BASE64.decode(approval.as_bytes()).unwrap()).unwrap();
    let in_the_name = sealed(signed.statement().clone(), &*lab.key);
    check(
        "approve",
        said(&in_the_name),
        kind(ErrorKind::Untrusted),
        "`bob`",
    );
    // Of another repository, under another policy, of a proposal that is not here.
    let mut other = signed.statement().clone();
    other.repo = Lab::new().open().id();
    check(
        "approve",
        said(&sealed(other, &seeded(8))),
        kind(ErrorKind::Mismatch),
        "another repository",
    );
    let mut other = signed.statement().clone();
    other.policy_root = repository.policies().order()[0];
    check(
        "approve",
        said(&sealed(other, &seeded(8))),
        kind(ErrorKind::Refused),
        "not in force",
    );
    let mut other = signed.statement().clone();
    other.proposal = signed.id();
    check(
        "approve",
        said(&sealed(other, &seeded(8))),
        kind(ErrorKind::Usage),
        "there is no proposal",
    );
    // A grant that nobody gave, of strangers, and of approvals that are not here.
    let stated = governance::proposal(&repository, &proposal).unwrap();
    assert_eq!(stated.actor, "alice");
    let mut grant = Grant {
        repo: repository.id(),
        policy_root: root,
        proposal: signed.statement().proposal,
        subject: about_subject("the plan"),
        uses: governance::Use::Single,
        approvals: Vec::new(),
    };
    let granted =
        |grant: &Grant, key: &dyn gatos::Signer| json!({"grant": sealed(grant.clone(), key)});
    check(
        "grant",
        granted(&grant, &seeded(66)),
        kind(ErrorKind::Untrusted),
        "the key of nobody",
    );
    check(
        "grant",
        granted(&grant, &seeded(8)),
        kind(ErrorKind::Refused),
        "missing",
    );
    grant.approvals = vec![signed.id()];
    check(
        "grant",
        granted(&grant, &seeded(8)),
        kind(ErrorKind::Mismatch),
        "other approvals",
    );
    grant.subject = about_subject("something else");
    check(
        "grant",
        granted(&grant, &seeded(8)),
        kind(ErrorKind::Mismatch),
        "not for what",
    );
    let revocation = Revocation {
        repo: repository.id(),
        policy_root: root,
        grant: signed.id(),
        actor: "bob".parse().unwrap(),
        reason: String::new(),
    };
    let revocation = json!({"revocation": sealed(revocation, &seeded(8))});
    check(
        "revoke",
        revocation,
        kind(ErrorKind::Usage),
        "there is no grant",
    );
    assert_eq!(refs(&lab), before, "nothing was written");
}

fn about_subject(title: &str) -> governance::Subject {
    match about(title).what {
        governance::What::Other(subject) => subject,
        governance::What::Policy(_) => panic!("no policy"),
    }
}

#[test]
fn a_proposal_comes_with_what_it_proposes_and_only_those_who_may_put_it_in_force() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let repository = lab.open();
    let (root, active) = repository.policy();
    // Bob's proposal of a policy in which he governs, by hand.
    let text = governance::write_trust(&active.trust);
    let trust = text.replace("roles = [\"append\"]", "roles = [\"append\", \"govern\"]");
    assert_ne!(trust, text);
    let mut bundle = active.clone();
    bundle.trust = governance::read_trust(&trust, "trust").unwrap();
    bundle.position = active.position.after(root.cid().into());
    let payload = gatos_core::cbor::encode(&gatos_core::statement::Statement::to_value(&bundle));
    let code = {
        let program = gatos::policy::rules_in_force(&repository).unwrap();
        program.to_rgc().to_vec()
    };
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
    let alone = json!({ "proposal": envelope });
    let (code_, reason) = refusal(ask(&lab, "propose", &alone));
    assert_eq!(code_, Code::Operation(ErrorKind::Usage), "{reason}");
    let mut other = bundle.clone();
    other.trust = active.trust.clone();
    let other = gatos_core::cbor::encode(&gatos_core::statement::Statement::to_value(&other));
    let fields = json!({"proposal": envelope, "bundle": base64(&other), "code": base64(&code)});
    let (code_, reason) = refusal(ask(&lab, "propose", &fields));
    assert_eq!(code_, Code::Operation(ErrorKind::Mismatch), "{reason}");
    let fields = json!({"proposal": envelope, "bundle": base64(&payload), "code": base64(&code)});
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
    let (code_, reason) = refusal(ask(&lab, "activate", &enacted("bob", &seeded(8), anchors)));
    assert_eq!(code_, Code::Operation(ErrorKind::Untrusted), "{reason}");
    // Alice may, but not where history is not.
    lab.signed("m", 1, None);
    let event = json!({"journal": "m", "events": [lab.signed("m", 1, None)]});
    ask(&lab, "append", &event).unwrap();
    let (code_, reason) = refusal(ask(&lab, "activate", &enacted("alice", &*lab.key, anchors)));
    assert_eq!(code_, Code::Moved, "{reason}");
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
