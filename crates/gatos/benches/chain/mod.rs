//! A chain of checkpoints of a state with a million entries, as a fold that goes on would make them.

use gatos::fold::Growth;
use gatos::journal::append;
use gatos::{Unwatched, Value};
use gatos_core::echolua::{ENGINE, Program};
use gatos_core::fold::{FoldLimits, FoldProof};
use gatos_core::merkle::Frontier;
use gatos_core::statement::{Position, Signed};
use gatos_git::{Durability, Expected, Message, NewCommit, ObjectId, Outcome};

use crate::ground::{Ground, draft};

const ENTRIES: usize = 1_000_000;
/// Entries that change from one checkpoint to the next.
pub(crate) const CHANGED: usize = 10;

/// A state that changes, and its checkpoints.
pub(crate) struct Chain {
    pub(crate) ground: Ground,
    pub(crate) state: Value,
    growth: Growth,
    program: Program,
    newest: Option<(ObjectId, Signed<FoldProof>)>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let source = "function fold(state, event) return state end";
        let entry = |number: usize| (format!("key-{number:07}"), value(number, 0));
        let ground = Ground::new();
        // The journal of which the states are said to be.
        let (journal, drafts) = ("bench".parse().unwrap(), vec![draft(0, 100)]);
        append(
            &ground.open(),
            &journal,
            drafts,
            &ground.key,
            &mut Unwatched,
        )
        .unwrap();
        Self {
            ground,
            state: Value::map((0..ENTRIES).map(entry)),
            growth: Growth::default(),
            program: Program::compile(source, "bench").unwrap().program,
            newest: None,
        }
    }

    /// Change some entries, spread over all of them.
    pub(crate) fn change(&mut self, round: usize) {
        let Value::Map(map) = &mut self.state else {
            unreachable!("a map was made");
        };
        for index in 0..CHANGED {
            let number = (round * 7919 + index * 99_991) % ENTRIES;
            map.insert(format!("key-{number:07}"), value(number, round + 1));
        }
    }

    /// Make a checkpoint of the state as it is, on the disk when this returns.
    pub(crate) fn checkpoint(&mut self) {
        let repository = self.ground.open();
        let git = repository.git();
        let tree = self.growth.next(&self.state).unwrap();
        let signed = Signed::seal(self.proof(tree.root()), &self.ground.key).unwrap();
        let mut transaction = git.transaction(Durability::Durable);
        let state = self.growth.stage(&tree, &mut transaction).unwrap();
        let proof = transaction.blob(signed.envelope().encode()).unwrap();
        let program = transaction.blob(self.program.to_elc()).unwrap();
        let parent = self.newest.as_ref().map(|(commit, _)| *commit);
        let entries = [
            ("proof", gatos_git::EntryRef::Blob(proof)),
            ("program", gatos_git::EntryRef::Blob(program)),
            ("state", state),
        ];
        let commit = NewCommit {
            tree: transaction.tree(entries).unwrap(),
            parents: parent.into_iter().collect(),
            message: Message::new("checkpoint"),
            seconds: 0,
        };
        let commit = transaction.commit(&commit).unwrap();
        let expected = parent.map_or(Expected::Absent, Expected::At);
        transaction.update("refs/gatos/state/bench".parse().unwrap(), expected, commit);
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        self.growth.stored(git.dag(state, tree.root()), &self.state);
        self.newest = Some((commit, signed));
    }

    fn proof(&self, root: gatos::Cid) -> FoldProof {
        let repository = self.ground.open();
        let position = match &self.newest {
            None => Position::first("refs/gatos/state/bench".to_owned()),
            Some((_, before)) => before.statement().position.after(before.id()),
        };
        FoldProof {
            repo: repository.id(),
            position,
            journal: "bench".parse().unwrap(),
            history_root: Frontier::new().root(),
            history_size: 0,
            policy_root: repository.policy().0,
            fold_root: self.program.root().into(),
            engine: ENGINE.to_owned(),
            limits: FoldLimits {
                fuel_per_event: 1,
                memory_bytes: 1,
            },
            state_root: root.into(),
            base: None,
        }
    }
}

fn value(number: usize, round: usize) -> Value {
    let field = |name: &str, number: usize| (name.to_owned(), Value::from(number as i64));
    Value::map([field("n", number % 1000), field("sum", number + round)])
}
