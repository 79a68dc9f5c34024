//! Chains of checkpoints that somebody forged who may sign: links that lead nowhere, and states that
//! are not what the events give.

use gatos::fold::{Checkpoint, read_checkpoint};
use gatos::gate::{Candidate, check_push};
use gatos::verify::{VerificationVerdict, verify_state, verify_state_link};
use gatos::{Repository, Unwatched};
use gatos_core::cid::Cid;
use gatos_core::fold::{Consistency, FoldProof};
use gatos_core::keys::SecretKey;
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::ObjectId;

use crate::fixture::{Content, Fixture, GROUP};
use crate::repository::git;

use VerificationVerdict::{Blocked, Incomplete, Mismatch, Untrusted, Verified};

const STATE: &str = "refs/gatos/state/state";

/// A state with two checkpoints, of three events and of five; others stand beside it.
struct Chain {
    fixture: Fixture,
    first: ObjectId,
    second: ObjectId,
}

/// What a forger puts into a checkpoint.
struct Forgery {
    proof: FoldProof,
    consistency: Option<Consistency>,
    tree: StateTree,
    program: Vec<u8>,
    key: SecretKey,
}

impl Chain {
    fn new() -> Self {
        let fixture = Fixture::new();
        for number in 0..3 {
            fixture.append("numbers", number);
        }
        fixture.fold("state", GROUP);
        fixture.fold("other", GROUP);
        for number in 3..5 {
            fixture.append("numbers", number);
        }
        fixture.fold("state", GROUP);
        let commit = |name: &str| git(fixture.folder.path(), &["rev-parse", name]);
        let parse = |id: String| id.parse().unwrap();
        let (first, second) = (commit(&format!("{STATE}^")), commit(STATE));
        Self {
            first: parse(first),
            second: parse(second),
            fixture,
        }
    }

    fn repository(&self) -> Repository {
        self.fixture.open()
    }

    fn checkpoint(&self, commit: ObjectId) -> Checkpoint {
        read_checkpoint(&self.repository(), commit).unwrap()
    }

    /// The honest content of a checkpoint, ready to be changed.
    fn honest(&self, commit: ObjectId) -> Forgery {
        let checkpoint = self.checkpoint(commit);
        Forgery {
            proof: checkpoint.proof.statement().clone(),
            consistency: checkpoint.consistency,
            tree: StateTree {
                root: checkpoint.proof.statement().state_root.cid(),
                blocks: checkpoint.blocks,
            },
            program: checkpoint.program,
            key: SecretKey::from_seed([7; 32]),
        }
    }

    /// Put a checkpoint after `parent`, as the state's newest.
    fn put(&self, parent: Option<ObjectId>, forgery: &Forgery) -> ObjectId {
        let signed = Signed::seal(forgery.proof.clone(), &forgery.key).unwrap();
        let mut contents = vec![
            ("program", Content::Bytes(forgery.program.clone())),
            ("proof", Content::Bytes(signed.envelope().encode())),
            ("state", Content::State(&forgery.tree)),
        ];
        if let Some(consistency) = &forgery.consistency {
            contents.push(("consistency", Content::Bytes(consistency.encode())));
        }
        self.fixture.commit(STATE, parent, &contents)
    }

    /// The verdicts on the newest link, and on the whole chain.
    fn verdicts(&self) -> (VerificationVerdict, VerificationVerdict) {
        let (repository, state) = (self.repository(), "state".parse().unwrap());
        (
            verify_state_link(&repository, &state, &mut Unwatched).verdict,
            verify_state(&repository, &state, &mut Unwatched).verdict,
        )
    }

    /// Why the gate of a server whose state is at `old` refuses to move it to `new`, if it does.
    fn gate(&self, old: Option<ObjectId>, new: ObjectId) -> Option<String> {
        let folder = self.fixture.folder.path();
        match old {
            Some(old) => git(folder, &["update-ref", STATE, &old.to_string()]),
            None => git(folder, &["update-ref", "-d", STATE]),
        };
        let candidate = Candidate {
            name: STATE.parse().unwrap(),
            old,
            new: Some(new),
        };
        let report = check_push(
            folder,
            &[candidate],
            gatos::gate::Elsewhere::default(),
            None,
        )
        .unwrap();
        let refused = report.refused.into_iter().next()?;
        assert_eq!(refused.rule, "gate.state", "{}", refused.message);
        Some(refused.message)
    }

    /// Whether the gate refuses another second checkpoint, alone and with the first.
    fn refuses_second(&self, change: impl FnOnce(&mut Forgery)) -> bool {
        let mut forgery = self.honest(self.second);
        change(&mut forgery);
        let second = self.put(Some(self.first), &forgery);
        let refused = self.gate(None, second).is_some();
        assert_eq!(self.gate(Some(self.first), second).is_some(), refused);
        refused
    }

    /// The verdicts if the second checkpoint is another.
    fn second(
        &self,
        change: impl FnOnce(&mut Forgery),
    ) -> (VerificationVerdict, VerificationVerdict) {
        let mut forgery = self.honest(self.second);
        change(&mut forgery);
        self.put(Some(self.first), &forgery);
        self.verdicts()
    }
}

fn forged_state() -> StateTree {
    StateTree::build(&Value::map([("n", Value::Integer(1_000_000))]))
}

#[test]
fn the_honest_chain_verifies_and_so_does_its_copy() {
    let chain = Chain::new();
    assert_eq!(chain.verdicts(), (Verified, Verified));
    assert_eq!(
        chain.second(|_| ()),
        (Verified, Verified),
        "the forger's own control"
    );
}

#[test]
fn a_forged_state_is_found_by_folding_the_link_alone() {
    let chain = Chain::new();
    let verdicts = chain.second(|forgery| {
        forgery.tree = forged_state();
        forgery.proof.state_root = forgery.tree.root.into();
    });
    assert_eq!(verdicts, (Mismatch, Mismatch));
}

#[test]
fn a_link_is_no_better_than_the_state_it_begins_with_and_the_whole_chain_is() {
    let chain = Chain::new();
    // The first checkpoint is forged, and the second continues it honestly.
    let forged = forged_state();
    let mut first = chain.honest(chain.first);
    first.proof.state_root = forged.root.into();
    first.tree = forged;
    // A state from which the program can go on.
    let value = gatos_core::json::from_str(r#"{"n":40,"groups":{},"last":[]}"#).unwrap();
    first.tree = StateTree::build(&value);
    first.proof.state_root = first.tree.root.into();
    let commit = chain.put(None, &first);
    let base = chain.checkpoint(commit).proof;
    let mut second = chain.honest(chain.second);
    second.proof.position.prev = Some(base.id());
    second.proof.base = Some(base.id());
    second.tree = continued(&chain, &value);
    second.proof.state_root = second.tree.root.into();
    chain.put(Some(commit), &second);
    assert_eq!(chain.verdicts(), (Verified, Mismatch));
    // Who folds does not vouch for it: the next checkpoint continues none.
    let report = chain.fixture.fold("state", GROUP);
    assert_eq!((report.folded, report.base), (5, None));
    assert_eq!(chain.verdicts().0, Verified);
}

/// The state after the last two events, from another one on.
fn continued(chain: &Chain, from: &Value) -> StateTree {
    use gatos_core::echolua::{Fold, Limits, Program};
    let program = Program::from_elc(&chain.honest(chain.first).program).unwrap();
    let mut fold = Fold::start(&program, Limits::default(), Some(from)).unwrap();
    let journal = "numbers".parse().unwrap();
    let mut index = 0;
    for batch in gatos::journal::batches(&chain.repository(), &journal).unwrap() {
        for envelope in batch.unwrap().events {
            let event = Signed::<gatos_core::journal::Event>::open(envelope).unwrap();
            if index >= 3 {
                fold.step(&event.statement().to_fold_input(index)).unwrap();
            }
            index += 1;
        }
    }
    StateTree::build(&fold.state().unwrap())
}

#[test]
fn a_base_is_the_checkpoint_before_and_no_other() {
    let chain = Chain::new();
    let other = git(
        chain.fixture.folder.path(),
        &["rev-parse", "refs/gatos/state/other"],
    );
    let other = chain.checkpoint(other.parse().unwrap()).proof.id();
    let verdicts = chain.second(|forgery| forgery.proof.base = Some(other));
    assert_eq!(
        verdicts,
        (Mismatch, Mismatch),
        "the base is of another state"
    );
    let itself = chain.checkpoint(chain.second).proof.id();
    let verdicts = chain.second(|forgery| forgery.proof.base = Some(itself));
    assert_eq!(verdicts, (Mismatch, Mismatch), "the base is no ancestor");
    let verdicts = chain.second(|forgery| {
        forgery.proof.position.prev = Some(other);
        forgery.proof.base = Some(other);
    });
    assert_eq!(
        verdicts,
        (Mismatch, Mismatch),
        "base and predecessor are of another state"
    );

    // The base stands in another state's ref, and its commit is the parent.
    let honest = chain.honest(chain.second);
    let mut first = chain.honest(chain.first);
    first.proof.position.reference = "refs/gatos/state/other".to_owned();
    let commit = chain.put(None, &first);
    let mut second = honest;
    let base = chain.checkpoint(commit).proof.id();
    second.proof.position.prev = Some(base);
    second.proof.base = Some(base);
    chain.put(Some(commit), &second);
    assert_eq!(
        chain.verdicts(),
        (Mismatch, Mismatch),
        "the base is signed for another ref"
    );
}

#[test]
fn a_base_is_of_the_same_fold() {
    type Change = fn(&mut FoldProof);
    let changes: [(&str, Change); 5] = [
        ("journal", |p| p.journal = "another".parse().unwrap()),
        ("program", |p| {
            p.fold_root = Cid::of_dag_cbor(b"other").into()
        }),
        ("engine", |p| p.engine = "echolua/0".to_owned()),
        ("limits", |p| p.limits.fuel_per_event += 1),
        ("repository", |p| p.repo = Cid::of_dag_cbor(b"other").into()),
    ];
    for (what, change) in changes {
        let chain = Chain::new();
        let honest = chain.honest(chain.second);
        let mut first = chain.honest(chain.first);
        change(&mut first.proof);
        let commit = chain.put(None, &first);
        let base = chain.checkpoint(commit).proof.id();
        let mut second = honest;
        second.proof.position.prev = Some(base);
        second.proof.base = Some(base);
        chain.put(Some(commit), &second);
        assert_eq!(chain.verdicts(), (Mismatch, Mismatch), "{what}");
    }
}

#[test]
fn the_history_must_be_shown_to_extend_the_one_before() {
    let chain = Chain::new();
    let verdicts = chain.second(|forgery| forgery.consistency = None);
    assert_eq!(verdicts, (Mismatch, Mismatch), "no proof of it");
    let path = chain.honest(chain.second).consistency.unwrap().path;
    for index in 0..path.len() {
        let mut wrong = path.clone();
        wrong.swap(index, (index + 1) % path.len());
        let verdicts = chain.second(|f| f.consistency = Some(Consistency { path: wrong }));
        assert_eq!(verdicts, (Mismatch, Mismatch), "hash {index}");
    }
    let verdicts = chain.second(|f| f.consistency = Some(Consistency { path: Vec::new() }));
    assert_eq!(verdicts, (Mismatch, Mismatch), "an empty one");
    let verdicts = chain.second(|forgery| forgery.proof.base = None);
    assert_eq!(verdicts, (Mismatch, Mismatch), "one that nothing asks for");
}

#[test]
fn the_history_never_goes_back() {
    let chain = Chain::new();
    // Three events after five, honest otherwise, and in the right place.
    for base in [true, false] {
        let chain_end = chain.checkpoint(chain.second).proof;
        let mut third = chain.honest(chain.first);
        third.proof.position = chain_end.statement().position.after(chain_end.id());
        if base {
            third.proof.base = Some(chain_end.id());
            third.consistency = Some(Consistency { path: Vec::new() });
        }
        chain.put(Some(chain.second), &third);
        let (link, whole) = chain.verdicts();
        assert_eq!(whole, Mismatch, "base: {base}");
        // On its own a proof without a base is what the fold gives.
        assert_eq!(link, if base { Mismatch } else { Verified });
    }
    // A base of no events at all.
    let mut first = chain.honest(chain.first);
    first.proof.history_size = 0;
    let commit = chain.put(None, &first);
    let base = chain.checkpoint(commit).proof.id();
    let mut second = chain.honest(chain.second);
    second.proof.position.prev = Some(base);
    second.proof.base = Some(base);
    chain.put(Some(commit), &second);
    assert_eq!(chain.verdicts(), (Mismatch, Mismatch));
}

#[test]
fn who_may_not_fold_is_told_from_what_is_not_so() {
    let stranger = || SecretKey::from_seed([66; 32]);
    let chain = Chain::new();
    let verdicts = chain.second(|forgery| forgery.key = stranger());
    assert_eq!(verdicts, (Untrusted, Untrusted));
    // The base is a stranger's, and somebody continued it.
    let mut first = chain.honest(chain.first);
    first.key = stranger();
    let commit = chain.put(None, &first);
    chain.put(Some(commit), &chain.honest(chain.second));
    assert_eq!(chain.verdicts(), (Untrusted, Untrusted));
    let report = chain.fixture.fold("state", GROUP);
    assert!(report.unchanged, "the state is true: {report:?}");
}

#[test]
fn another_engine_is_told_from_another_state() {
    let chain = Chain::new();
    let mut first = chain.honest(chain.first);
    first.proof.engine = "echolua/2".to_owned();
    chain.put(None, &first);
    assert_eq!(chain.verdicts(), (Blocked, Blocked));
}

#[test]
fn a_link_verifies_in_a_clone_that_has_only_the_link() {
    let chain = Chain::new();
    let folder = chain.fixture.folder.path();
    let elsewhere = tempfile::tempdir().unwrap();
    let verdicts = |depth: &str| {
        let shallow = elsewhere.path().join(depth);
        let path = shallow.to_str().unwrap();
        git(elsewhere.path(), &["init", "--quiet", "--bare", path]);
        let url = format!("file://{}", folder.display());
        let spec = "+refs/gatos/*:refs/gatos/*";
        git(
            &shallow,
            &["fetch", "--quiet", "--depth", depth, &url, spec],
        );
        let repository = Repository::discover(&shallow).unwrap();
        let state = "state".parse().unwrap();
        (
            verify_state_link(&repository, &state, &mut Unwatched).verdict,
            verify_state(&repository, &state, &mut Unwatched).verdict,
        )
    };
    assert_eq!(verdicts("1"), (Incomplete, Incomplete), "no base");
    assert_eq!(
        verdicts("2"),
        (Incomplete, Incomplete),
        "the base, but not where its history ends"
    );
    assert_eq!(verdicts("3"), (Verified, Incomplete), "all of the link");
    // A journal that is not there, or is too short.
    let name = "refs/gatos/journal/numbers";
    git(folder, &["update-ref", name, &format!("{name}~1")]);
    assert_eq!(chain.verdicts(), (Incomplete, Incomplete), "too short");
    git(folder, &["update-ref", name, &format!("{name}~2")]);
    assert_eq!(
        chain.verdicts(),
        (Incomplete, Incomplete),
        "shorter than the base"
    );
    git(folder, &["update-ref", "-d", name]);
    assert_eq!(chain.verdicts(), (Incomplete, Incomplete), "no journal");
}

#[test]
fn the_gate_accepts_links_that_lead_from_the_checkpoint_before_alone() {
    let chain = Chain::new();
    assert!(!chain.refuses_second(|_| ()), "the forger's own control");
    assert!(chain.refuses_second(|forgery| forgery.consistency = None));
    assert!(chain.refuses_second(|f| f.consistency = Some(Consistency { path: Vec::new() })));
    assert!(chain.refuses_second(|forgery| forgery.proof.base = None));
    assert!(chain.refuses_second(|forgery| forgery.key = SecretKey::from_seed([66; 32])));
    assert!(chain.refuses_second(|forgery| {
        forgery.tree = forged_state();
        forgery.proof.state_root = forgery.tree.root.into();
    }));
    assert!(chain.refuses_second(|forgery| forgery.tree = forged_state()));
    // It continues none, and says so: that is as good.
    assert!(!chain.refuses_second(|forgery| {
        forgery.proof.base = None;
        forgery.consistency = None;
    }));
    // Three events after five, honest otherwise, and in the right place.
    let end = chain.checkpoint(chain.second).proof;
    let mut third = chain.honest(chain.first);
    third.proof.position = end.statement().position.after(end.id());
    let third = chain.put(Some(chain.second), &third);
    assert!(chain.gate(Some(chain.second), third).is_some());
}

#[test]
fn the_gate_folds_from_the_first_event_whatever_a_checkpoint_continues() {
    let chain = Chain::new();
    // The server holds a forged checkpoint from a time without a gate, and what comes is a true link.
    let value = gatos_core::json::from_str(r#"{"n":40,"groups":{},"last":[]}"#).unwrap();
    let mut first = chain.honest(chain.first);
    first.tree = StateTree::build(&value);
    first.proof.state_root = first.tree.root.into();
    let forged = chain.put(None, &first);
    let base = chain.checkpoint(forged).proof.id();
    let link = |tree: StateTree| {
        let mut second = chain.honest(chain.second);
        second.proof.position.prev = Some(base);
        second.proof.base = Some(base);
        second.proof.state_root = tree.root.into();
        second.tree = tree;
        chain.put(Some(forged), &second)
    };
    let honest = chain.honest(chain.second).tree;
    let second = link(continued(&chain, &value));
    let said = chain.gate(Some(forged), second).unwrap();
    assert!(said.contains("checkpoint 1: folding gives"), "{said}");
    // The state that the events give is accepted after it.
    assert_eq!(chain.gate(Some(forged), link(honest)), None);
}
