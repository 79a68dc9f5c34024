//! The checkpoints that a fold leaves on its way.

use gatos_core::fold::{Consistency, FoldProof};
use gatos_core::id::StatementId;
use gatos_core::journal::Head;
use gatos_core::keys::Signer;
use gatos_core::merkle::{Frontier, TreeHash};
use gatos_core::name::ActorName;
use gatos_core::statement::Signed;
use gatos_core::value::Value;
use gatos_git::{Message, ObjectId};

use super::engine::Stop;
use super::growth::{GrownTree, Growth};
use super::point::open_commit;
use super::show::CONSISTENCY;
use super::start::{Start, Tip};
use super::terms::Terms;
use crate::error::{Context, Error, ErrorKind};
use crate::policy;
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};

/// Writes a checkpoint wherever the fold stops, each after the one before.
pub(super) struct Checkpoints<'a> {
    repository: &'a Repository,
    terms: &'a Terms,
    /// Who folds
    actor: &'a ActorName,
    signer: &'a dyn Signer,
    /// What the ref points to
    tip: Option<(ObjectId, Signed<FoldProof>)>,
    /// Whether the tip is true, if it is of this fold: known only when the fold gets there
    unproved: Option<Tip>,
    /// The right edge of the tip's history, if the tip can be continued
    base: Option<Frontier>,
    /// Where the fold stopped last, if nothing was written there
    unwritten: Option<(Head, GrownTree)>,
    /// The tip's tree, from which the next grows
    growth: Growth,
    /// The state where the fold stopped last
    state: Value,
    found_true: Vec<StatementId>,
    written: u64,
}

/// What a fold ended with.
pub(super) struct Ended {
    /// The newest checkpoint
    pub(super) commit: ObjectId,
    pub(super) proof: Signed<FoldProof>,
    pub(super) state: Value,
    /// Number of checkpoints that were written
    pub(super) written: u64,
}

impl<'a> Checkpoints<'a> {
    pub(super) fn new(
        (repository, terms): (&'a Repository, &'a Terms),
        start: &Start,
        (actor, signer): (&'a ActorName, &'a dyn Signer),
    ) -> Result<Self, Error> {
        let known = start.known.as_ref();
        let tip = start.tip.as_ref();
        let at_tip = known.filter(|known| tip.is_some_and(|tip| tip.commit == known.commit));
        let unproved = tip.filter(|tip| tip.may_continue && at_tip.is_none());
        let opened = tip.map(|tip| open_commit(repository, terms.state.clone(), tip.commit));
        let growth = match (opened.transpose()?, at_tip) {
            (None, _) => Growth::default(),
            (Some(tip), None) => Growth::upon(tip),
            (Some(tip), Some(known)) => Growth::from(tip.into_dag(), &known.state),
        };
        Ok(Self {
            repository,
            terms,
            actor,
            signer,
            tip: tip.map(|tip| (tip.commit, tip.proof.clone())),
            unproved: unproved.cloned(),
            base: at_tip.map(|known| known.tail.from.batch.head.frontier.clone()),
            unwritten: None,
            growth,
            state: Value::Null,
            found_true: Vec::new(),
            written: 0,
        })
    }

    /// The size at which the fold must stop to see whether the tip is true.
    pub(super) fn unproved(&self) -> Option<u64> {
        let tip = self.unproved.as_ref()?;
        Some(tip.proof.statement().history_size)
    }

    /// Write a checkpoint, unless the tip is one of the same.
    pub(super) fn stop(&mut self, stop: Stop) -> Result<(), Error> {
        let (head, leaves) = (stop.head, stop.leaves);
        self.state = stop.state;
        self.unwritten = None;
        // What comes before the tip has its checkpoints.
        let unproved = self.unproved();
        if unproved.is_some_and(|size| head.size() < size) {
            return Ok(());
        }
        let tree = self.growth.next(&self.state)?;
        match unproved {
            Some(size) if head.size() == size => {
                self.judge_tip(&head, &tree);
                self.unwritten = Some((head, tree));
                return Ok(());
            }
            // The journal has no batch that ends where the tip says.
            Some(_) => self.unproved = None,
            None => {}
        }
        self.write((head, tree), &leaves)
    }

    /// See whether the tip claims what the fold gave.
    fn judge_tip(&mut self, head: &Head, tree: &GrownTree) {
        let Some(tip) = self.unproved.take() else {
            return;
        };
        let claim = tip.proof.statement();
        if claim.history_root == head.history_root() && claim.state_root.cid() == tree.root() {
            self.found_true.push(tip.proof.id());
            self.base = Some(head.frontier.clone());
        }
    }

    fn write(&mut self, (head, tree): (Head, GrownTree), leaves: &[TreeHash]) -> Result<(), Error> {
        let previous = self.tip.as_ref().map(|(_, proof)| proof);
        let base = previous.zip(self.base.as_ref());
        if let Some((previous, _)) = base {
            let claim = previous.statement();
            if claim.history_size == head.size() && claim.policy_root == self.terms.policy_root {
                return Ok(());
            }
        }
        let root = tree.root().into();
        let proof = self.terms.proof(
            previous,
            (&head, root),
            base.map(|(previous, _)| previous.id()),
        );
        let before = previous.map(|previous| previous.statement().fold_root);
        let who = (self.actor, self.signer.public_key());
        policy::checkpoint(self.repository, who, &proof, before)?;
        let consistency = base.map(|(_, frontier)| Consistency {
            path: frontier.consistency_path(leaves),
        });
        let signed =
            Signed::seal(proof, self.signer).or_failed(|| "the key does not sign".to_owned())?;
        let commit = self.store(&signed, consistency.as_ref(), &tree)?;
        let opened = open_commit(self.repository, self.terms.state.clone(), commit)?;
        self.growth.stored(opened.into_dag(), &self.state);
        self.found_true.push(signed.id());
        self.tip = Some((commit, signed));
        self.base = Some(head.frontier);
        self.written += 1;
        Ok(())
    }

    fn store(
        &self,
        signed: &Signed<FoldProof>,
        consistency: Option<&Consistency>,
        tree: &GrownTree,
    ) -> Result<ObjectId, Error> {
        let proof = signed.statement();
        let tip = self.tip.as_ref().map(|(commit, _)| *commit);
        let message = Message::new(&format!(
            "fold: {} events of {}",
            proof.history_size, proof.journal
        ))
        .with_trailer("Gatos-Proof-Of-Fold", &signed.id().to_string())
        .with_trailer("Gatos-State-Root", &proof.state_root.to_string())
        .with_trailer("Gatos-Fold-Root", &proof.fold_root.to_string());
        let mut contents = vec![
            ("program", Content::Bytes(self.terms.program.to_elc())),
            ("proof", Content::Bytes(signed.envelope().encode())),
            ("state", Content::Tree(&self.growth, tree)),
        ];
        contents.extend(consistency.map(|c| (CONSISTENCY, Content::Bytes(c.encode()))));
        let mut publication = Publication::new(self.repository);
        let commit = publication.commit(contents, tip, &message)?;
        publication.update(ref_name(&proof.position.reference)?, tip, commit);
        publication.publish_or_fail()?;
        Ok(commit)
    }

    /// The end: write what is unwritten, and say which proofs were found true, whatever failed.
    pub(super) fn finish(
        mut self,
        folded: &Result<(), Error>,
    ) -> (Vec<StatementId>, Result<Ended, Error>) {
        let last = match self.unwritten.take() {
            Some(unwritten) if folded.is_ok() => self.write(unwritten, &[]),
            _ => Ok(()),
        };
        let found_true = std::mem::take(&mut self.found_true);
        let ended = last.and_then(|()| {
            let none = || Error::new(ErrorKind::Failed, "the fold has no end");
            let (commit, proof) = self.tip.ok_or_else(none)?;
            Ok(Ended {
                commit,
                proof,
                state: self.state,
                written: self.written,
            })
        });
        (found_true, ended)
    }
}
