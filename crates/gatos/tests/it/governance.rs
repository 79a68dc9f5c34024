//! People change the policy by the policy, and what does not count does not.

use std::collections::BTreeMap;

use gatos::fold::{ProgramSource, Request};
use gatos::governance::{
    Draft, PolicyDraft, Subject, Use, Verdict, What, activate, approve, grant, propose, read_trust,
    revoke, verify_grant, write_trust,
};
use gatos::verify::{Pins, VerificationVerdict, verify_journal, verify_repository};
use gatos::{Error, ErrorKind, Repository, Unwatched};
use gatos_core::keys::{SecretKey, Signer};
use gatos_core::policy::{Actor, Role, Trust};

use crate::fixture::{Fixture, draft};

const COUNT: &str = "function fold(state, event) state.n = (state.n or 0) + 1 return state end";

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

/// Actors by name, key seeds and whether they govern.
fn trust(people: &[(&str, &[u8], bool)]) -> Trust {
    let actors = people.iter().map(|(name, seeds, governs)| {
        let roles = Role::ALL
            .into_iter()
            .filter(|role| *governs || *role != Role::Govern);
        let actor = Actor {
            groups: ["leads".parse().unwrap()].into(),
            keys: seeds.iter().map(|seed| key(*seed).public_key()).collect(),
            roles: roles.collect(),
        };
        (name.parse().unwrap(), actor)
    });
    Trust::new(actors.collect::<BTreeMap<_, _>>()).unwrap()
}

fn policy(title: &str, trust: Trust) -> Draft {
    Draft {
        title: title.to_owned(),
        reason: String::new(),
        what: What::Policy(Box::new(PolicyDraft {
            trust: Some(trust),
            ..PolicyDraft::default()
        })),
        uses: Use::Single,
    }
}

/// Propose, approve, grant and activate, all by one key.
fn change(fixture: &Fixture, trust: Trust, by: &SecretKey) -> Result<(), Error> {
    let proposed = propose(&fixture.open(), policy("another trust", trust), by)?;
    approve(
        &fixture.open(),
        &proposed.proposal,
        (Verdict::Approve, ""),
        by,
    )?;
    let granted = grant(&fixture.open(), &proposed.proposal, by)?;
    activate(&fixture.open(), &granted.grant, by).map(drop)
}

fn append_as(repository: &Repository, number: i64, by: &SecretKey) -> Result<(), Error> {
    let journal = "numbers".parse().unwrap();
    gatos::journal::append(
        repository,
        &journal,
        vec![draft(number)],
        by,
        &mut Unwatched,
    )
    .map(drop)
}

fn fold(fixture: &Fixture, by: &SecretKey) {
    let request = Request {
        state: "count".parse().unwrap(),
        journal: "numbers".parse().unwrap(),
        program: ProgramSource::Source(COUNT.to_owned(), "count.lua".to_owned()),
        every: None,
    };
    gatos::fold::run(&fixture.open(), &request, by, &mut Unwatched).unwrap();
}

fn verdict(fixture: &Fixture) -> (VerificationVerdict, String) {
    let report = verify_repository(&fixture.open(), &Pins::default(), &mut Unwatched);
    (report.verdict, format!("{report:?}"))
}

fn refusal(result: Result<impl Sized, Error>) -> (ErrorKind, String) {
    let error = result.err().expect("refused");
    (error.kind(), error.full_message())
}

#[test]
fn a_policy_changes_at_a_place_in_history_and_everything_verifies_across_it() {
    let fixture = Fixture::new();
    let (alice, bob) = (key(7), key(8));
    for number in 0..3 {
        fixture.append("numbers", number);
    }
    fold(&fixture, &alice);
    let both = trust(&[("alice", &[7], true), ("bob", &[8], false)]);
    change(&fixture, both, &alice).unwrap();
    append_as(&fixture.open(), 3, &bob).unwrap();
    fold(&fixture, &bob);
    // A journal and a state that did not exist before.
    fixture.append("later", 1);

    // Bob takes over, Alice loses her key.
    let only_bob = trust(&[("bob", &[8], true)]);
    change(&fixture, only_bob, &alice).unwrap();
    assert_eq!(fixture.open().policy().1.position.seq, 2);
    append_as(&fixture.open(), 4, &bob).unwrap();
    fold(&fixture, &bob);
    let (kind, _) = refusal(append_as(&fixture.open(), 5, &alice));
    assert_eq!(kind, ErrorKind::Refused);
    let (passed, report) = verdict(&fixture);
    assert_eq!(passed, VerificationVerdict::Verified, "{report}");
}

#[test]
fn a_key_that_was_taken_out_cannot_sign_into_the_past() {
    let fixture = Fixture::new();
    let alice = key(7);
    fixture.append("numbers", 0);
    // Alice keeps an open repository of before, and with it the policy that still knows her.
    let before = fixture.open();
    let other = trust(&[("bob", &[8], true)]);
    change(&fixture, other, &alice).unwrap();

    // The transaction sees that another policy is in force, and writes nothing.
    let (kind, message) = refusal(append_as(&before, 1, &alice));
    assert_eq!(kind, ErrorKind::Failed, "{message}");
    assert!(message.contains("another policy"), "{message}");

    // Whoever goes around it, with tools of their own, is found by everybody who verifies.
    let forged = Fixture::new();
    forged.append("numbers", 0);
    let stale = forged.open();
    append_as(&stale, 1, &alice).unwrap();
    let moved = tip(&forged, "refs/gatos/journal/numbers");
    set(&forged, "refs/gatos/journal/numbers", &format!("{moved}^"));
    let other = trust(&[("bob", &[8], true)]);
    change(&forged, other, &alice).unwrap();
    set(&forged, "refs/gatos/journal/numbers", &moved);
    let journal = "numbers".parse().unwrap();
    let report = verify_journal(&forged.open(), &journal, &mut Unwatched);
    assert_eq!(report.verdict, VerificationVerdict::Mismatch);
    let said = format!("{report:?}");
    assert!(said.contains("policy 1 is in force"), "{said}");
}

#[test]
fn history_that_was_there_when_a_policy_took_effect_cannot_be_swapped() {
    let fixture = Fixture::new();
    let alice = key(7);
    fixture.append("numbers", 0);
    let first = tip(&fixture, "refs/gatos/journal/numbers");
    fixture.append("numbers", 1);
    let other = trust(&[("bob", &[8], true)]);
    change(&fixture, other, &alice).unwrap();
    // Its end is taken away, and what Bob appends now stands where the old policy was in force.
    set(&fixture, "refs/gatos/journal/numbers", &first);
    append_as(&fixture.open(), 2, &key(8)).unwrap();
    let journal = "numbers".parse().unwrap();
    let report = verify_journal(&fixture.open(), &journal, &mut Unwatched);
    assert_eq!(report.verdict, VerificationVerdict::Mismatch);
}

#[test]
fn quorum_is_for_the_policy_to_say_and_a_grant_is_for_one_thing() {
    let fixture = Fixture::new();
    let (alice, bob) = (key(7), key(8));
    let both = trust(&[("alice", &[7, 9], true), ("bob", &[8], false)]);
    change(&fixture, both, &alice).unwrap();

    // Bob may propose and approve, and his word alone does not do.
    let three = trust(&[("alice", &[7, 9], true), ("bob", &[8], true)]);
    let proposed = propose(&fixture.open(), policy("Bob governs", three), &bob).unwrap();
    let id = &proposed.proposal;
    approve(&fixture.open(), id, (Verdict::Approve, "me!"), &bob).unwrap();
    let (kind, message) = refusal(grant(&fixture.open(), id, &bob));
    assert_eq!(kind, ErrorKind::Refused);
    assert!(message.contains("one approval is missing"), "{message}");
    // Nor may he put it in force himself.
    let (kind, _) = refusal(activate(&fixture.open(), id, &bob));
    assert_eq!(kind, ErrorKind::Refused);

    // What a key said stays.
    let again = approve(&fixture.open(), id, (Verdict::Approve, ""), &bob).unwrap();
    assert!(again.already);
    let (kind, _) = refusal(approve(&fixture.open(), id, (Verdict::Reject, ""), &bob));
    assert_eq!(kind, ErrorKind::Refused);

    // The grant has the same id, whoever writes it.
    approve(&fixture.open(), id, (Verdict::Approve, ""), &alice).unwrap();
    let by_alice = grant(&fixture.open(), id, &alice).unwrap();
    let by_bob = grant(&fixture.open(), id, &bob).unwrap();
    assert_eq!(by_alice.grant, by_bob.grant);
    assert!(by_bob.already);
    assert_eq!(by_alice.approved_by, ["alice", "bob"]);
    verify_grant(&fixture.open(), &by_alice.grant).unwrap();

    // Something else cannot be done with it: a grant of a commit is no grant of a policy.
    let draft = Draft {
        title: "a commit".to_owned(),
        reason: String::new(),
        what: What::Other(Subject::Commit("1".repeat(40))),
        uses: Use::Single,
    };
    let other = propose(&fixture.open(), draft, &alice).unwrap();
    approve(
        &fixture.open(),
        &other.proposal,
        (Verdict::Approve, ""),
        &alice,
    )
    .unwrap();
    let other = grant(&fixture.open(), &other.proposal, &alice).unwrap();
    let (kind, _) = refusal(activate(&fixture.open(), &other.grant, &alice));
    assert_eq!(kind, ErrorKind::Usage);

    // Taken back, it is of no use; and nobody is asked twice.
    revoke(&fixture.open(), &by_alice.grant, "a mistake", &bob).unwrap();
    let (kind, message) = refusal(activate(&fixture.open(), &by_alice.grant, &alice));
    assert_eq!(kind, ErrorKind::Refused);
    assert!(message.contains("taken back by `bob`"), "{message}");
    assert!(
        revoke(&fixture.open(), &by_alice.grant, "", &alice)
            .unwrap()
            .already
    );
}

#[test]
fn a_no_of_those_who_govern_and_a_policy_that_changed_end_a_proposal() {
    let fixture = Fixture::new();
    let alice = key(7);
    let both = trust(&[("alice", &[7, 9], true), ("bob", &[8], false)]);
    let outdated = propose(&fixture.open(), policy("first", both.clone()), &alice).unwrap();
    approve(
        &fixture.open(),
        &outdated.proposal,
        (Verdict::Approve, ""),
        &alice,
    )
    .unwrap();
    let old = grant(&fixture.open(), &outdated.proposal, &alice).unwrap();
    change(&fixture, both, &alice).unwrap();

    // A grant of before the policy changed.
    let (kind, message) = refusal(activate(&fixture.open(), &old.grant, &alice));
    assert_eq!(kind, ErrorKind::Refused);
    assert!(message.contains("policy 1 is in force since"), "{message}");
    let late = approve(
        &fixture.open(),
        &outdated.proposal,
        (Verdict::Approve, ""),
        &key(9),
    );
    assert_eq!(refusal(late).0, ErrorKind::Refused);

    // Two keys of one person: the no of one outweighs the yes of the other.
    let again = trust(&[("alice", &[7, 9], true)]);
    let proposed = propose(&fixture.open(), policy("Bob leaves", again), &alice).unwrap();
    let id = &proposed.proposal;
    approve(&fixture.open(), id, (Verdict::Approve, ""), &alice).unwrap();
    approve(
        &fixture.open(),
        id,
        (Verdict::Reject, "second thoughts"),
        &key(9),
    )
    .unwrap();
    let (kind, message) = refusal(grant(&fixture.open(), id, &alice));
    assert_eq!(kind, ErrorKind::Refused);
    assert!(message.contains("rejected"), "{message}");

    // Strangers take no part.
    let stranger = approve(&fixture.open(), id, (Verdict::Approve, ""), &key(66));
    assert_eq!(refusal(stranger).0, ErrorKind::Refused);
}

#[test]
fn a_statement_of_governance_in_another_place_is_found() {
    let fixture = Fixture::new();
    let alice = key(7);
    let both = trust(&[("alice", &[7], true), ("bob", &[8], true)]);
    let one = propose(&fixture.open(), policy("one", both.clone()), &alice).unwrap();
    let two = propose(&fixture.open(), policy("two", both), &alice).unwrap();
    approve(
        &fixture.open(),
        &one.proposal,
        (Verdict::Approve, ""),
        &alice,
    )
    .unwrap();
    // The approval of one proposal is laid where one of another would be.
    let from = format!("refs/gatos/approvals/{}", one.proposal);
    let name = git(&fixture, &["for-each-ref", "--format=%(refname)", &from]);
    let to = name.replace(&one.proposal, &two.proposal);
    set(&fixture, &to, &name);
    let (kind, _) = refusal(grant(&fixture.open(), &two.proposal, &alice));
    assert_eq!(kind, ErrorKind::Mismatch);
    // A proposal under the id of another.
    let place = |id: &str| format!("refs/gatos/proposals/{id}");
    set(&fixture, &place(&two.proposal), &place(&one.proposal));
    let (kind, _) = refusal(gatos::governance::proposal(&fixture.open(), &two.proposal));
    assert_eq!(kind, ErrorKind::Mismatch);
}

#[test]
fn trust_survives_its_file_and_what_may_not_stand_there_is_named() {
    let before = trust(&[("alice", &[7, 9], true), ("user/bob", &[8], false)]);
    let text = write_trust(&before);
    assert_eq!(read_trust(&text, "trust.toml").unwrap(), before);
    for (bad, why) in [
        (text.replace("append", "reign"), "`reign` is not a role"),
        (
            text.replace("leads", "The Leads"),
            "`The Leads` is not a group",
        ),
        (
            text.replace("user/bob", "user:bob"),
            "`user:bob` is not an actor",
        ),
        (text.replace("ssh-ed25519", "ssh-rsa"), "is no key"),
        (text.replace("roles =", "rules ="), "rules"),
        ("[actors".to_owned(), "is not one"),
    ] {
        let (kind, message) = refusal(read_trust(&bad, "trust.toml"));
        assert_eq!(kind, ErrorKind::Usage);
        assert!(message.contains(why), "{message}");
    }
}

fn git(fixture: &Fixture, arguments: &[&str]) -> String {
    crate::repository::git(fixture.folder.path(), arguments)
}

fn tip(fixture: &Fixture, name: &str) -> String {
    git(fixture, &["rev-parse", name])
}

fn set(fixture: &Fixture, name: &str, value: &str) {
    git(fixture, &["update-ref", name, value]);
}
