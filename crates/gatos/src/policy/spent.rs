//! Whether what was agreed on once has happened: decided from the ledger alone.
//!
//= spec/governance.md#spent

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::experiment::ExperimentProof;
use gatos_core::fold::STATE_REF_PREFIX;
use gatos_core::governance::Subject;
use gatos_core::id::PolicyRoot;
use gatos_core::name::JournalName;
use gatos_core::ulid::Ulid;

use super::deed::{Deed, DeedPlace};
use crate::error::{Context, Error, ErrorKind};
use crate::experiment::all;
use crate::fold::read_proof;
use crate::journal::{JOURNAL_REF_PREFIX, read_event, walk_back};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;

/// Whether the subject of a deed, on which people agreed under the policy `root`, stands in the ledger
/// already, elsewhere than the deed would stand.
pub(super) fn is_spent(
    repository: &Repository,
    root: PolicyRoot,
    (deed, subject): (&Deed, &Subject),
) -> Result<bool, Error> {
    match (&deed.place, subject) {
        (DeedPlace::Event(journal, ulid), Subject::Content(cid)) => {
            event(repository, root, (journal, *ulid), *cid)
        }
        (DeedPlace::Checkpoint(reference), Subject::Content(cid)) => {
            checkpoint(repository, root, reference, *cid)
        }
        (DeedPlace::Experiment(ulid), Subject::Content(cid)) => {
            experiment(repository, root, *ulid, *cid)
        }
        (DeedPlace::Ref(landed), Subject::Commit(_)) => Ok(*landed),
        // A policy has one place in the chain, and a move one value that it moves from.
        _ => Ok(false),
    }
}

/// Whether another event has this payload.
fn event(
    repository: &Repository,
    root: PolicyRoot,
    own: (&JournalName, Option<Ulid>),
    wanted: Cid,
) -> Result<bool, Error> {
    for (name, tip) in refs(repository, JOURNAL_REF_PREFIX)? {
        let own_journal = name.strip_prefix(JOURNAL_REF_PREFIX) == Some(own.0.as_str());
        let mut found = false;
        walk_back(repository, tip, |_, batch| {
            let mut under = true;
            for envelope in &batch.events {
                let event = read_event(envelope)?;
                under &= event.policy == root;
                let itself = own_journal && own.1 == Some(event.ulid);
                let content = || Cid::of_dag_cbor(&cbor::encode(&event.payload));
                found |= event.policy == root && !itself && content() == wanted;
            }
            // Before the first event of another policy there is none of this one.
            Ok(under && !found)
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether another state was folded by this program, or this one before it was folded by another.
fn checkpoint(
    repository: &Repository,
    root: PolicyRoot,
    own: &str,
    wanted: Cid,
) -> Result<bool, Error> {
    for (name, tip) in refs(repository, STATE_REF_PREFIX)? {
        // As long as the program stays, its state goes on with what it was agreed on for.
        let mut goes_on = name == own;
        for step in repository.git().history(tip) {
            let (commit, _) = step.context(ErrorKind::Incomplete, || {
                format!("`{name}` is not all here")
            })?;
            let (proof, _) = read_proof(repository, commit)?;
            let proof = proof.statement();
            if proof.policy_root != root {
                break;
            }
            let same = proof.fold_root.cid() == wanted;
            goes_on &= same;
            if same && !goes_on {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether another experiment has these outputs.
fn experiment(
    repository: &Repository,
    root: PolicyRoot,
    own: Ulid,
    wanted: Cid,
) -> Result<bool, Error> {
    let all = all::<ExperimentProof>(repository)?;
    let mut others = all.iter().filter(|found| found.ulid != own);
    Ok(others.any(|found| {
        found.signed.as_ref().is_ok_and(|signed| {
            let proof = signed.statement();
            proof.policy_root == root && proof.outputs_root.cid() == wanted
        })
    }))
}

fn refs(
    repository: &Repository,
    prefix: &str,
) -> Result<Vec<(String, gatos_git::ObjectId)>, Error> {
    let name = ref_name(prefix.trim_end_matches('/'))?;
    let refs = repository
        .git()
        .refs_under(&name)
        .or_failed(|| format!("cannot list what is in {prefix}"))?;
    let text = |(name, id): (gatos_git::RefName, _)| (name.as_str().to_owned(), id);
    Ok(refs.into_iter().map(text).collect())
}
