//! What the gate says of policies and events that nobody could make with the command line.

use std::collections::{BTreeMap, BTreeSet};

use gatos::gate::{Candidate, Elsewhere, check_push};
use gatos_core::cid::Cid;
use gatos_core::id::{PolicyCodeRoot, PolicyRoot, RepoId, StatementId};
use gatos_core::journal::{Batch, Event, Head};
use gatos_core::keys::{SecretKey, Signer};
use gatos_core::merkle::TreeHash;
use gatos_core::policy::{
    ACTIVE_REF, Activation, Actor, Anchor, Anchors, Bundle, Role, Trust, empty_code,
};
use gatos_core::statement::{Position, Signed};
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;
use gatos_git::{Durability, EntryRef, Message, NewCommit, ObjectId, Transaction};

use crate::fixture::Fixture;

const JOURNAL: &str = "refs/gatos/journal/m";

/// A repository, and the objects of pushes to it.
struct Field {
    fixture: Fixture,
    repo: RepoId,
    first: PolicyRoot,
}

impl Field {
    fn new() -> Self {
        Self::of(Fixture::new())
    }

    fn of(fixture: Fixture) -> Self {
        let repository = fixture.open();
        Self {
            repo: repository.id(),
            first: repository.policy().0,
            fixture,
        }
    }

    fn tip(&self, name: &str) -> Option<ObjectId> {
        let git = gatos_git::Repository::open(self.fixture.folder.path()).unwrap();
        git.find_ref(&name.parse().unwrap()).unwrap()
    }

    /// A commit of blobs, written without a ref.
    fn commit(&self, blobs: &[(&str, Vec<u8>)], parent: Option<ObjectId>) -> ObjectId {
        let git = gatos_git::Repository::open(self.fixture.folder.path()).unwrap();
        let mut transaction: Transaction = git.transaction(Durability::Relaxed);
        let entries: Vec<_> = blobs
            .iter()
            .map(|(name, bytes)| {
                (
                    *name,
                    EntryRef::Blob(transaction.blob(bytes.clone()).unwrap()),
                )
            })
            .collect();
        let tree = transaction.tree(entries).unwrap();
        let commit = NewCommit {
            tree,
            parents: parent.into_iter().collect(),
            message: Message::new("x"),
            seconds: 0,
        };
        let id = transaction.commit(&commit).unwrap();
        transaction.apply().unwrap();
        id
    }

    /// A policy at a position, and the commit that holds it.
    fn policy(&self, draft: &Draft<'_>) -> (PolicyRoot, ObjectId) {
        let bundle = Bundle {
            repo: self.repo,
            position: Position {
                reference: ACTIVE_REF.to_owned(),
                seq: draft.seq,
                prev: Some(StatementId::from(draft.prev.cid())),
            },
            code: draft.code().1,
            trust: trust(draft.actors),
            profile: self.fixture.open().policy().1.profile.clone(),
        };
        let signed = Signed::seal(bundle, draft.key).unwrap();
        let root: PolicyRoot = signed.id().cid().into();
        let place = draft
            .after
            .map(|(size, root)| Anchor::Journal { size, root });
        let anchors = Anchors(
            place
                .map(|place| (JOURNAL.to_owned(), place))
                .into_iter()
                .collect(),
        );
        let tree = anchors.tree();
        let activation = Activation {
            repo: self.repo,
            previous: draft.prev,
            policy_root: root,
            anchors: tree.root,
            grant: None,
            actor: "alice".parse().unwrap(),
        };
        let activation = Signed::seal(activation, draft.key).unwrap();
        let blobs = [
            ("activation", activation.envelope().encode()),
            ("anchors", tree.blocks[&tree.root].clone()),
            ("bundle", signed.envelope().encode()),
            ("code", draft.code().0),
        ];
        let parent = draft.parent.or_else(|| self.tip(ACTIVE_REF));
        (root, self.commit(&blobs, parent))
    }

    /// Events of these actors, each under a policy, after a commit.
    fn events(&self, parent: Option<(ObjectId, Head)>, list: &[Said<'_>]) -> (ObjectId, Head) {
        let (parent, mut head) =
            parent.map_or((None, Head::empty()), |(id, head)| (Some(id), head));
        let mut envelopes = Vec::new();
        for said in list {
            let event = Event {
                repo: self.repo,
                journal: "m".parse().unwrap(),
                ulid: Ulid::from_parts(said.ulid, 1),
                event_type: "t".to_owned(),
                actor: said.actor.parse().unwrap(),
                payload: Value::Null,
                ts: None,
                policy: said.policy,
            };
            let signed = Signed::seal(event, said.key).unwrap();
            head.push(TreeHash::leaf(&signed.id().cid()), signed.statement().ulid);
            envelopes.push(signed.envelope().clone());
        }
        let batch = Batch {
            journal: "m".parse().unwrap(),
            head: head.clone(),
            events: envelopes,
        };
        (self.commit(&[("batch", batch.encode())], parent), head)
    }

    /// The rules that refuse a push, in order; with what each says.
    fn push(
        &self,
        moves: &[(&str, Option<ObjectId>, ObjectId)],
        pusher: Option<&str>,
    ) -> Vec<String> {
        let candidates: Vec<_> = moves
            .iter()
            .map(|(name, old, new)| Candidate {
                name: name.parse().unwrap(),
                old: *old,
                new: Some(*new),
            })
            .collect();
        let pusher = pusher.map(str::to_owned);
        let folder = self.fixture.folder.path();
        let report = check_push(folder, &candidates, Elsewhere::default(), pusher).unwrap();
        let refused = report.refused.into_iter();
        refused
            .map(|r| format!("{}: {}", r.rule, r.message))
            .collect()
    }

    /// Whether a move of the policies is refused for its content.
    fn refuses_policy(&self, tip: ObjectId) -> bool {
        let said = self.push(&[(ACTIVE_REF, self.tip(ACTIVE_REF), tip)], None);
        assert!(
            said.iter().all(|line| line.starts_with("gate.policies")),
            "{said:?}"
        );
        !said.is_empty()
    }
}

impl Draft<'_> {
    /// The block of its rules, and its id.
    fn code(&self) -> (Vec<u8>, PolicyCodeRoot) {
        match &self.rules {
            None => empty_code(),
            Some(block) => (block.clone(), Cid::of_dag_cbor(block).into()),
        }
    }
}

#[derive(Clone)]
struct Draft<'d> {
    seq: u64,
    prev: PolicyRoot,
    actors: &'d [(&'static str, &'d SecretKey, &'d [Role])],
    key: &'d SecretKey,
    parent: Option<ObjectId>,
    /// Where the journal stands when the policy takes effect, if it is there
    after: Option<(u64, TreeHash)>,
    /// Compiled rules
    rules: Option<Vec<u8>>,
}

#[derive(Clone, Copy)]
struct Said<'s> {
    actor: &'static str,
    key: &'s SecretKey,
    policy: PolicyRoot,
    ulid: u64,
}

fn trust(actors: &[(&'static str, &SecretKey, &[Role])]) -> Trust {
    let actors: BTreeMap<_, _> = actors
        .iter()
        .map(|(name, key, roles)| {
            let actor = Actor {
                groups: BTreeSet::new(),
                keys: [key.public_key()].into(),
                roles: roles.iter().copied().collect(),
            };
            (name.parse().unwrap(), actor)
        })
        .collect();
    Trust::new(actors).unwrap()
}

fn bob() -> SecretKey {
    SecretKey::from_seed([9; 32])
}

#[test]
fn policies_follow_each_other_or_are_refused() {
    let field = Field::new();
    let (alice, bob) = (SecretKey::from_seed([7; 32]), bob());
    let both: &[(&str, &SecretKey, &[Role])] = &[
        ("alice", &alice, &Role::ALL),
        ("bob", &bob, &[Role::Append]),
    ];
    let draft = |seq, key| Draft {
        seq,
        prev: field.first,
        actors: both,
        key,
        parent: None,
        after: None,
        rules: None,
    };
    let (second, honest) = field.policy(&draft(1, &alice));
    assert!(!field.refuses_policy(honest));
    // Signed by a stranger; at a number that is taken, or too high; after another than the last.
    assert!(field.refuses_policy(field.policy(&draft(1, &bob)).1));
    assert!(field.refuses_policy(field.policy(&draft(2, &alice)).1));
    let prev = PolicyRoot::from(gatos_core::cid::Cid::of_dag_cbor(b"\xa0"));
    assert!(
        field.refuses_policy(
            field
                .policy(&Draft {
                    prev,
                    ..draft(1, &alice)
                })
                .1
        )
    );
    // Back to what was in force before, on top of the second.
    let back = Draft {
        parent: Some(honest),
        ..draft(1, &alice)
    };
    assert!(field.refuses_policy(field.policy(&back).1));
    // Somebody who may not govern, and then somebody who may: every one in between counts.
    let third = Draft {
        seq: 2,
        prev: second,
        actors: both,
        key: &bob,
        parent: Some(honest),
        after: None,
        rules: None,
    };
    let (root, bad) = field.policy(&third);
    let fourth = Draft {
        seq: 3,
        prev: root,
        actors: both,
        key: &alice,
        parent: Some(bad),
        after: None,
        rules: None,
    };
    assert!(field.refuses_policy(field.policy(&fourth).1));
    // Negative control: the same with the one in between signed by who may.
    let (root, good) = field.policy(&Draft {
        key: &alice,
        ..third
    });
    let fourth = Draft {
        prev: root,
        parent: Some(good),
        ..fourth
    };
    assert!(!field.refuses_policy(field.policy(&fourth).1));
}

#[test]
fn rules_that_were_swapped_are_refused() {
    let field = Field::new();
    let alice = SecretKey::from_seed([7; 32]);
    let actors: &[(&str, &SecretKey, &[Role])] = &[("alice", &alice, &Role::ALL)];
    let draft = Draft {
        seq: 1,
        prev: field.first,
        actors,
        key: &alice,
        parent: None,
        after: None,
        rules: None,
    };
    let (_, honest) = field.policy(&draft);
    let git = gatos_git::Repository::open(field.fixture.folder.path()).unwrap();
    let commit = git.read_commit(&honest).unwrap();
    let entries = git.read_tree(&commit.tree).unwrap();
    let blob = |name: &str| {
        let entry = entries.iter().find(|entry| entry.name == name).unwrap();
        git.read_blob(&entry.id).unwrap()
    };
    let rest = [
        ("activation", blob("activation")),
        ("anchors", blob("anchors")),
        ("bundle", blob("bundle")),
    ];
    let parent = field.tip(ACTIVE_REF);
    let code = empty_code().0;
    let with = |more: &[(&'static str, Vec<u8>)]| field.commit(&[&rest[..], more].concat(), parent);
    assert!(field.refuses_policy(with(&[("code", vec![0xa0])])));
    assert!(field.refuses_policy(with(&[])));
    assert!(field.refuses_policy(with(&[("code", code.clone()), ("more", vec![])])));
    assert!(
        field.refuses_policy(field.commit(&rest[2..], parent)),
        "nobody put it in force"
    );
    assert!(!field.refuses_policy(with(&[("code", code)])));
}

#[test]
fn each_event_is_judged_by_the_policy_where_it_stands() {
    let field = Field::new();
    let (alice, bob) = (SecretKey::from_seed([7; 32]), bob());
    let both: &[(&str, &SecretKey, &[Role])] = &[
        ("alice", &alice, &Role::ALL),
        ("bob", &bob, &[Role::Append]),
    ];
    let alone: &[(&str, &SecretKey, &[Role])] = &[("alice", &alice, &Role::ALL)];
    let active = field.tip(ACTIVE_REF);
    let says = |actor, policy| Said {
        actor,
        key: if actor == "bob" { &bob } else { &alice },
        policy,
        ulid: 0,
    };
    // Bob comes with the second policy, after `second` events, and goes with the third. The events name the
    // policies by number.
    let judged = |at: &[u64], list: &[(&'static str, usize)]| {
        let mut roots = vec![field.first];
        let mut parent = None;
        let said = |roots: &[PolicyRoot]| -> Vec<Said<'_>> {
            let known = list
                .iter()
                .filter_map(|(actor, n)| Some((actor, *roots.get(*n)?)));
            let numbered = (1..).zip(known);
            numbered
                .map(|(ulid, (actor, policy))| Said {
                    ulid,
                    ..says(actor, policy)
                })
                .collect()
        };
        for (number, size) in at.iter().enumerate() {
            let until = usize::try_from(*size).unwrap();
            let (_, head) = field.events(None, &said(&roots)[..until]);
            let (root, commit) = field.policy(&Draft {
                seq: number as u64 + 1,
                prev: roots[number],
                actors: if number == 0 { both } else { alone },
                key: &alice,
                parent,
                after: (*size > 0).then(|| (*size, head.history_root())),
                rules: None,
            });
            roots.push(root);
            parent = Some(commit);
        }
        let (tip, _) = field.events(None, &said(&roots));
        let mut moves = vec![(JOURNAL, None, tip)];
        moves.extend(parent.map(|to| (ACTIVE_REF, active, to)));
        field.push(&moves, None).is_empty()
    };
    assert!(judged(&[], &[("alice", 0)]));
    assert!(!judged(&[], &[("bob", 0)]));
    assert!(judged(&[1], &[("alice", 0), ("bob", 1)]));
    assert!(judged(&[0], &[("bob", 1)]));
    assert!(!judged(&[0], &[("bob", 0)]), "a policy of before");
    assert!(
        !judged(&[1], &[("alice", 0), ("alice", 0)]),
        "a policy of before"
    );
    // All three policies at once: bob speaks while he may.
    assert!(judged(&[0, 1], &[("bob", 1), ("alice", 2)]));
    assert!(!judged(&[0, 1], &[("bob", 1), ("bob", 2)]));
    assert!(!judged(&[0, 0], &[("bob", 1)]), "he went before he spoke");
}

#[test]
fn a_policy_takes_effect_after_all_that_is_there() {
    let field = Field::new();
    let alice = SecretKey::from_seed([7; 32]);
    let alone: &[(&str, &SecretKey, &[Role])] = &[("alice", &alice, &Role::ALL)];
    let says = |ulid| Said {
        actor: "alice",
        key: &alice,
        policy: field.first,
        ulid,
    };
    let (first, head) = field.events(None, &[says(1)]);
    let (tip, after) = field.events(Some((first, head.clone())), &[says(2)]);
    let git = gatos_git::Repository::open(field.fixture.folder.path()).unwrap();
    let mut transaction = git.transaction(Durability::Relaxed);
    transaction.update(JOURNAL.parse().unwrap(), gatos_git::Expected::Absent, tip);
    transaction.apply().unwrap();
    let refuses = |place: Option<(u64, TreeHash)>| {
        let draft = Draft {
            seq: 1,
            prev: field.first,
            actors: alone,
            key: &alice,
            parent: None,
            after: place,
            rules: None,
        };
        field.refuses_policy(field.policy(&draft).1)
    };
    assert!(refuses(None), "a journal is left out");
    assert!(
        refuses(Some((1, head.history_root()))),
        "an event is left out"
    );
    assert!(!refuses(Some((2, after.history_root()))));
}

#[test]
fn an_event_is_signed_by_whom_it_names() {
    let field = Field::new();
    let (alice, bob) = (SecretKey::from_seed([7; 32]), bob());
    let both: &[(&str, &SecretKey, &[Role])] = &[
        ("alice", &alice, &Role::ALL),
        ("bob", &bob, &[Role::Append]),
    ];
    let (with_bob, second) = field.policy(&Draft {
        seq: 1,
        prev: field.first,
        actors: both,
        key: &alice,
        parent: None,
        after: None,
        rules: None,
    });
    let active = field.tip(ACTIVE_REF);
    let refused = |key: &SecretKey| {
        let said = Said {
            actor: "alice",
            key,
            policy: with_bob,
            ulid: 1,
        };
        let (tip, _) = field.events(None, &[said]);
        let moves = [(JOURNAL, None, tip), (ACTIVE_REF, active, second)];
        !field.push(&moves, None).is_empty()
    };
    assert!(refused(&bob), "a key of another in somebody's name");
    assert!(refused(&SecretKey::from_seed([3; 32])), "a key of nobody");
    assert!(!refused(&alice));
}

#[test]
fn whoever_pushes_speaks_for_themselves() {
    let field = Field::new();
    let alice = SecretKey::from_seed([7; 32]);
    let said = Said {
        actor: "alice",
        key: &alice,
        policy: field.first,
        ulid: 1,
    };
    let (tip, _) = field.events(None, &[said]);
    let moves = [(JOURNAL, None, tip)];
    assert!(field.push(&moves, Some("alice")).is_empty());
    assert!(field.push(&moves, None).is_empty());
    let said = field.push(&moves, Some("bob"));
    assert!(
        said[0].contains("`bob` pushes what `alice` signed"),
        "{said:?}"
    );
}

#[test]
fn an_identifier_is_there_once() {
    let field = Field::new();
    let alice = SecretKey::from_seed([7; 32]);
    let says = |ulid| Said {
        actor: "alice",
        key: &alice,
        policy: field.first,
        ulid,
    };
    let (old, head) = field.events(None, &[says(5), says(9)]);
    let git = gatos_git::Repository::open(field.fixture.folder.path()).unwrap();
    let mut transaction = git.transaction(Durability::Relaxed);
    transaction.update(JOURNAL.parse().unwrap(), gatos_git::Expected::Absent, old);
    transaction.apply().unwrap();
    let refused = |list: &[Said<'_>]| {
        let (tip, _) = field.events(Some((old, head.clone())), list);
        !field.push(&[(JOURNAL, Some(old), tip)], None).is_empty()
    };
    assert!(refused(&[says(5)]) && refused(&[says(9)]) && refused(&[says(7), says(7)]));
    assert!(refused(&[says(10), says(10)]));
    assert!(!refused(&[says(7)]) && !refused(&[says(10), says(11), says(1)]));
    // A head that does not follow.
    let (tip, _) = field.events(Some((old, Head::empty())), &[says(20)]);
    assert!(!field.push(&[(JOURNAL, Some(old), tip)], None).is_empty());
}

/// Compiled rules of one module.
fn compiled(text: &str) -> gatos_policy::Program {
    gatos_policy::compile(&[gatos_policy::Module::new("rules.rgs", text)]).unwrap()
}

/// Nobody changes the policy without one of the group pi.
const QUORUM: &str = r#"package rules

import data.gatos

# METADATA
# title: The law changes with a PI
# custom:
#   id: law-quorum
#   adr: docs/adr/0006.md
#   severity: error
#   intent: policy.activate
#   message: a change of the policy needs one of the group pi
deny contains {"missing": missing} if {
	missing := gatos.missing({"pi": 1})
	count(missing) > 0
}

# METADATA
# title: Who may govern
# custom:
#   id: law-govern
#   adr: docs/adr/0006.md
#   severity: error
#   intent: policy.activate
#   message: the actor does not have the role govern
allow if "govern" in input.actor.roles
"#;

#[test]
fn a_policy_that_the_rules_of_the_one_before_deny_is_refused_and_found_by_verifiers() {
    let alice = SecretKey::from_seed([7; 32]);
    let actors: &[(&str, &SecretKey, &[Role])] = &[("alice", &alice, &Role::ALL)];
    let next = |field: &Field| {
        let draft = Draft {
            seq: 1,
            prev: field.first,
            actors,
            key: &alice,
            parent: None,
            after: None,
            rules: None,
        };
        field.policy(&draft).1
    };
    let field = Field::of(Fixture::with_rules(&compiled(QUORUM)));
    let commit = next(&field);
    let said = field.push(
        &[(ACTIVE_REF, field.tip(ACTIVE_REF), commit)],
        Some("alice"),
    );
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("law-quorum: a change of the policy"),
        "{said:?}"
    );
    // Somebody with tools of their own puts it there: whoever verifies finds it.
    let verdict = |field: &Field| {
        let repository = field.fixture.open();
        gatos::verify::verify_repository(&repository, &Default::default(), &mut gatos::Unwatched)
    };
    let name = ACTIVE_REF;
    let put = |field: &Field, commit: ObjectId| {
        crate::repository::git(
            field.fixture.folder.path(),
            &["update-ref", name, &commit.to_string()],
        );
    };
    put(&field, commit);
    let report = verdict(&field);
    assert_eq!(
        report.verdict,
        gatos::verify::VerificationVerdict::Untrusted,
        "{report:?}"
    );
    assert!(format!("{report:?}").contains("law-quorum"), "{report:?}");
    // Negative control: the same where no rule is about it.
    let field = Field::new();
    let commit = next(&field);
    assert!(!field.refuses_policy(commit));
    put(&field, commit);
    assert_eq!(
        verdict(&field).verdict,
        gatos::verify::VerificationVerdict::Verified
    );
}

#[test]
fn rules_that_are_truncated_forged_or_of_another_engine_never_take_effect() {
    let alice = SecretKey::from_seed([7; 32]);
    let actors: &[(&str, &SecretKey, &[Role])] = &[("alice", &alice, &Role::ALL)];
    let field = Field::new();
    let good = compiled(QUORUM).to_rgc().to_vec();
    let draft = |rules: Vec<u8>| Draft {
        seq: 1,
        prev: field.first,
        actors,
        key: &alice,
        parent: None,
        after: None,
        rules: Some(rules),
    };
    let refuses = |rules: Vec<u8>| field.refuses_policy(field.policy(&draft(rules)).1);
    let swap = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = good
            .windows(from.len())
            .position(|part| part == from.as_bytes())
            .unwrap();
        let mut block = good.clone();
        block[at..at + to.len()].copy_from_slice(to.as_bytes());
        block
    };
    assert!(refuses(good[..good.len() - 1].to_vec()), "truncated");
    assert!(
        refuses(swap("regorus.0.14", "regorus.9.14")),
        "another engine"
    );
    assert!(
        refuses(swap("gatos.missing", "gatos.unknown")),
        "a function that there is not"
    );
    assert!(refuses(vec![0xa0]), "no rules at all");
    assert!(!refuses(good.clone()));
}
