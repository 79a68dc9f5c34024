//! What belongs together counts, and whatever was moved, swapped or added does not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Approval, Grant, GrantRefusal, Proposal, Subject, Use, Verdict, approval_ref};
use crate::cid::Cid;
use crate::id::{PolicyRoot, RepoId};
use crate::keys::{SecretKey, Signer as _};
use crate::name::ActorName;
use crate::policy::{Actor, Trust};
use crate::statement::{Signed, Statement as _};

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed([n; 32])
}

fn name(text: &str) -> ActorName {
    text.parse().unwrap()
}

fn repo(text: &str) -> RepoId {
    Cid::of_dag_cbor(text.as_bytes()).into()
}

fn policy(text: &str) -> PolicyRoot {
    Cid::of_dag_cbor(text.as_bytes()).into()
}

/// Alice has keys 1 and 2, Bob 3, Carol 4.
fn trust() -> Trust {
    let people = [("alice", vec![1, 2]), ("bob", vec![3]), ("carol", vec![4])];
    let actors = people.into_iter().map(|(who, keys)| {
        let actor = Actor {
            groups: [("leads").parse().unwrap()].into(),
            keys: keys.into_iter().map(|n| key(n).public_key()).collect(),
            roles: BTreeSet::new(),
        };
        (name(who), actor)
    });
    Trust::new(actors.collect::<BTreeMap<_, _>>()).unwrap()
}

fn proposal() -> Proposal {
    Proposal {
        repo: repo("here"),
        policy_root: policy("now"),
        actor: name("alice"),
        nonce: [7; 16],
        title: "A second analysis".to_owned(),
        reason: String::new(),
        subject: Subject::Content(Cid::of_raw(b"plan")),
        uses: Use::Single,
    }
}

fn signed(proposal: Proposal) -> Signed<Proposal> {
    Signed::seal(proposal, &key(1)).unwrap()
}

fn approval(of: &Signed<Proposal>, who: &str, n: u8, verdict: Verdict) -> Signed<Approval> {
    approval_with(of, (who, n), |approval| approval.verdict = verdict)
}

fn approval_with(
    of: &Signed<Proposal>,
    (who, n): (&str, u8),
    change: impl Fn(&mut Approval),
) -> Signed<Approval> {
    let mut approval = Approval {
        repo: repo("here"),
        policy_root: policy("now"),
        proposal: of.id(),
        actor: name(who),
        verdict: Verdict::Approve,
        reason: String::new(),
    };
    change(&mut approval);
    Signed::seal(approval, &key(n)).unwrap()
}

type Said = BTreeMap<ActorName, Verdict>;

fn consensus(
    grant: &Grant,
    proposal: &Signed<Proposal>,
    approvals: &[Signed<Approval>],
) -> Result<Said, GrantRefusal> {
    let trust = trust();
    let said = grant.consensus(proposal, approvals, (policy("now"), &trust))?;
    Ok(said.into_iter().map(|(who, (_, v))| (who, v)).collect())
}

#[test]
fn approvals_in_any_order_make_the_same_grant() {
    let proposal = signed(proposal());
    let mut approvals = vec![
        approval(&proposal, "alice", 1, Verdict::Approve),
        approval(&proposal, "bob", 3, Verdict::Approve),
        approval(&proposal, "carol", 4, Verdict::Reject),
    ];
    let first = Grant::of(&proposal, &approvals);
    for _ in 0..3 {
        approvals.rotate_left(1);
        assert_eq!(Grant::of(&proposal, &approvals), first);
        assert!(consensus(&first, &proposal, &approvals).is_ok());
    }
    let value = first.to_value();
    assert_eq!(Grant::from_value(value), Ok(first));
}

#[test]
fn two_keys_of_one_person_are_one_voice_and_a_no_stays() {
    let proposal = signed(proposal());
    let approvals = [
        approval(&proposal, "alice", 1, Verdict::Approve),
        approval(&proposal, "alice", 2, Verdict::Reject),
        approval(&proposal, "bob", 3, Verdict::Approve),
    ];
    let grant = Grant::of(&proposal, &approvals);
    let said = consensus(&grant, &proposal, &approvals).unwrap();
    let expected = [
        (name("alice"), Verdict::Reject),
        (name("bob"), Verdict::Approve),
    ];
    assert_eq!(said, BTreeMap::from(expected));
}

#[test]
fn what_does_not_belong_together_is_refused_each_for_its_reason() {
    let ours = signed(proposal());
    let other = signed(Proposal {
        nonce: [8; 16],
        ..proposal()
    });
    let yes = approval(&ours, "bob", 3, Verdict::Approve);
    let grant = Grant::of(&ours, std::slice::from_ref(&yes));
    let check = |grant: &Grant, proposal: &Signed<Proposal>, approvals: &[Signed<Approval>]| {
        consensus(grant, proposal, approvals)
            .map(drop)
            .expect_err("refused")
    };
    let approvals = std::slice::from_ref(&yes);

    // Approve A, do B.
    let moved = Grant {
        subject: Subject::Content(Cid::of_raw(b"another plan")),
        ..grant.clone()
    };
    assert_eq!(check(&moved, &ours, approvals), GrantRefusal::OtherSubject);
    let longer = Grant {
        uses: Use::Until(i64::MAX),
        ..grant.clone()
    };
    assert_eq!(check(&longer, &ours, approvals), GrantRefusal::OtherSubject);
    assert_eq!(check(&grant, &other, approvals), GrantRefusal::OtherSubject);

    // Fewer, more, or others than it names.
    assert_eq!(check(&grant, &ours, &[]), GrantRefusal::OtherApprovals);
    let more = [yes.clone(), approval(&ours, "carol", 4, Verdict::Approve)];
    assert_eq!(check(&grant, &ours, &more), GrantRefusal::OtherApprovals);

    // An approval of something else, of elsewhere, from another time, by somebody else.
    let stray = [approval(&other, "bob", 3, Verdict::Approve)];
    let with_stray = Grant::of(&ours, &stray);
    let refusal = GrantRefusal::OtherProposal { actor: name("bob") };
    assert_eq!(check(&with_stray, &ours, &stray), refusal);
    let foreign = [approval_with(&ours, ("bob", 3), |a| a.repo = repo("there"))];
    let refusal = GrantRefusal::Repository {
        what: "an approval",
    };
    assert_eq!(check(&Grant::of(&ours, &foreign), &ours, &foreign), refusal);
    let old = [approval_with(&ours, ("bob", 3), |a| {
        a.policy_root = policy("before");
    })];
    let refusal = check(&Grant::of(&ours, &old), &ours, &old);
    assert!(matches!(refusal, GrantRefusal::OtherPolicy { .. }));
    let forged = [approval(&ours, "carol", 3, Verdict::Approve)];
    let refusal = GrantRefusal::Signer {
        what: "the approval",
        actor: name("carol"),
    };
    assert_eq!(check(&Grant::of(&ours, &forged), &ours, &forged), refusal);
    let stranger = [approval(&ours, "mallory", 9, Verdict::Approve)];
    let refusal = check(&Grant::of(&ours, &stranger), &ours, &stranger);
    assert!(matches!(refusal, GrantRefusal::Signer { .. }));

    // A grant of before the policy changed.
    let trust = trust();
    let refusal = grant.consensus(&ours, approvals, (policy("next"), &trust));
    assert!(matches!(refusal, Err(GrantRefusal::OtherPolicy { .. })));
}

#[test]
fn the_ref_of_an_approval_fits_git_and_differs_by_key() {
    let proposal = signed(proposal());
    let one = approval_ref(&proposal.id(), &key(1).public_key());
    let other = approval_ref(&proposal.id(), &key(2).public_key());
    assert_ne!(one, other);
    assert!(one.len() <= 200 && one.split('/').all(|level| level.len() <= 64));
}

#[test]
fn ids_and_names_of_a_subject_are_checked() {
    let update = |new: &str, reference: &str| Subject::Update {
        reference: reference.to_owned(),
        old: None,
        new: new.to_owned(),
    };
    let good = "0123456789abcdef0123456789abcdef01234567";
    let read = |subject: Subject| Subject::from_value(subject.to_value());
    assert!(read(update(good, "refs/heads/main")).is_ok());
    for bad in ["", "0123", &good.to_uppercase(), &"0".repeat(40), "HEAD"] {
        assert!(read(update(bad, "refs/heads/main")).is_err(), "{bad}");
        assert!(read(Subject::Commit(bad.to_owned())).is_err(), "{bad}");
    }
    for bad in ["main", "refs/heads/a b", "refs/heads/a\n", "HEAD"] {
        assert!(read(update(good, bad)).is_err(), "{bad}");
    }
}
