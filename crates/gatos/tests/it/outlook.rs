//! Where a proposal stands, by the rules in force, as far as that is known before it happens.

use gatos::governance::{
    Draft, PolicyDraft, ProposalView, Subject, Use, Verdict, What, activate, approve,
    event_subject, proposal, propose, read_trust, write_trust,
};
use gatos_core::keys::{SecretKey, Signer as _};

use crate::fixture::Fixture;
use crate::repository::git;

/// Branches move forward with one of the group `pi`, and tags of releases not at all.
const RULES: &str = "package rules

import data.gatos

# METADATA
# title: Members do everything
# custom:
#   id: all
#   adr: docs/adr/0001.md
#   severity: error
#   intent: \"*\"
#   message: nobody else
allow if input.actor.name != null

# METADATA
# title: The main branch takes a PI
# custom:
#   id: main-pi
#   adr: docs/adr/0002.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/main
#   message: the main branch takes a PI
deny contains {\"missing\": missing} if {
	missing := gatos.missing({\"pi\": 1})
	count(missing) > 0
}

# METADATA
# title: Releases stay
# custom:
#   id: releases-stay
#   adr: docs/adr/0003.md
#   severity: error
#   intent: push.ref
#   scope: refs/tags/**
#   message: releases are not made here
deny contains true if input.operation != \"none\"
";

fn ada() -> SecretKey {
    SecretKey::from_seed([11; 32])
}

/// A repository in which Alice governs and Ada is a PI, with two commits.
fn laboratory() -> (Fixture, [String; 2]) {
    let fixture = Fixture::new();
    let rules = [gatos_policy::Module::new("rules.rgs", RULES)];
    let text = format!(
        "{}\n[actors.ada]\ngroups = [\"pi\"]\nroles = [\"append\"]\nkeys = [\"{}\"]\n",
        write_trust(&fixture.open().policy().1.trust),
        ada().public_key()
    );
    let policy = PolicyDraft {
        code: Some(gatos_policy::compile(&rules).unwrap().to_rgc().to_vec()),
        trust: Some(read_trust(&text, "trust").unwrap()),
        profile: None,
    };
    let proposed = say(&fixture, What::Policy(Box::new(policy)));
    activate(&fixture.open(), &proposed, &fixture.key).unwrap();
    let commits = ["one", "two"].map(|message| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let commit = [
            "commit",
            "--quiet",
            "--allow-empty",
            "--no-gpg-sign",
            "-m",
            message,
        ];
        git(fixture.folder.path(), &[&who[..], &commit].concat());
        git(fixture.folder.path(), &["rev-parse", "HEAD"])
    });
    (fixture, commits)
}

fn say(fixture: &Fixture, what: What) -> String {
    let draft = Draft {
        title: "something".to_owned(),
        reason: String::new(),
        what,
        uses: Use::Single,
    };
    propose(&fixture.open(), draft, &fixture.key)
        .unwrap()
        .proposal
}

fn update(fixture: &Fixture, reference: &str, old: &str, new: &str) -> String {
    let subject = Subject::Update {
        reference: reference.to_owned(),
        old: Some(old.to_owned()),
        new: new.to_owned(),
    };
    say(fixture, What::Other(subject))
}

fn yes(fixture: &Fixture, id: &str, by: &SecretKey) {
    approve(&fixture.open(), id, (Verdict::Approve, ""), by).unwrap();
}

fn view(fixture: &Fixture, id: &str) -> ProposalView {
    proposal(&fixture.open(), id).unwrap()
}

#[test]
fn a_move_stands_where_the_rules_say() {
    let (fixture, [one, two]) = laboratory();
    let id = update(&fixture, "refs/heads/main", &one, &two);
    let before = view(&fixture, &id);
    assert_eq!(before.status, "open");
    let missing = before.missing.unwrap();
    assert!(
        missing.contains("one more approval from group pi"),
        "{missing}"
    );
    // Whoever governs is not who the rules ask for.
    yes(&fixture, &id, &fixture.key);
    assert_eq!(view(&fixture, &id).status, "open");
    yes(&fixture, &id, &ada());
    let after = view(&fixture, &id);
    assert_eq!((after.status, after.missing), ("approved", None));
    assert!(after.rules.unwrap().contains("allow it"));

    // With Ada alone the rules are satisfied, and only a grant would ask for more.
    let id = update(&fixture, "refs/heads/main", &two, &one);
    yes(&fixture, &id, &ada());
    let after = view(&fixture, &id);
    assert_eq!((after.status, &after.missing), ("approved", &None));
    assert!(after.grant.unwrap().contains("govern"));

    // Nothing helps.
    let id = update(&fixture, "refs/tags/v1", &one, &two);
    yes(&fixture, &id, &ada());
    let denied = view(&fixture, &id);
    assert_eq!((denied.status, &denied.missing), ("denied", &None));
    assert!(denied.rules.unwrap().contains("releases are not made here"));
}

#[test]
fn what_cannot_be_known_before_it_happens_is_said_to_be_so() {
    let (fixture, [one, _]) = laboratory();
    let unknown = "1".repeat(40);
    let rows = [
        (
            say(&fixture, What::Other(event_subject("{\"n\":1}").unwrap())),
            "event.append, state.checkpoint, experiment.publish",
        ),
        (
            say(&fixture, What::Other(Subject::Commit(one.clone()))),
            "push.ref: asked when a push brings it to a ref",
        ),
        (
            update(&fixture, "refs/heads/main", &one, &unknown),
            "1111 is not here",
        ),
    ];
    for (id, why) in rows {
        let found = view(&fixture, &id);
        assert_eq!(
            (found.status, &found.missing),
            ("undecided", &None),
            "{why}"
        );
        let rules = found.rules.unwrap();
        assert!(rules.contains(why), "{rules}");
        assert!(found.grant.unwrap().contains("govern"), "{why}");
        yes(&fixture, &id, &fixture.key);
        let found = view(&fixture, &id);
        assert_eq!((found.status, found.grant), ("undecided", None), "{why}");
    }
}

#[test]
fn what_no_rule_is_about_takes_one_who_governs() {
    let fixture = Fixture::new();
    let id = say(&fixture, What::Other(Subject::Commit("1".repeat(40))));
    let found = view(&fixture, &id);
    assert_eq!(
        (found.status, found.rules, found.grant),
        ("open", None, None)
    );
    assert!(found.missing.unwrap().contains("govern"));
    yes(&fixture, &id, &fixture.key);
    assert_eq!(view(&fixture, &id).status, "approved");
}
