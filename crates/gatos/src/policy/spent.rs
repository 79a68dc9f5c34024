//! Whether what was agreed on once has happened: decided from the ledger alone.
//!
//= spec/governance.md#spent

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::experiment::{EXPERIMENT_REF_PREFIX, ExperimentProof};
use gatos_core::fold::STATE_REF_PREFIX;
use gatos_core::governance::Subject;
use gatos_core::id::PolicyRoot;
use gatos_core::name::JournalName;
use gatos_core::ulid::Ulid;
use gatos_git::{FullName, ObjectId};

use super::deed::{Deed, DeedPlace};
use crate::error::{Context, Error, ErrorKind};
use crate::experiment::{all, found as experiment_at};
use crate::fold::read_proof;
use crate::gate::{MAX_WALK, commit_of};
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

/// Which of `wanted` stand in the ledger under the policy `root`: as an event, as the program of a checkpoint, or as
/// the outputs of an experiment. What stood there in `known` is not looked at again, and `known` is brought up to date.
///
/// # Errors
/// A ledger that cannot be read.
pub(crate) fn recorded(
    repository: &Repository,
    root: PolicyRoot,
    wanted: &BTreeSet<Cid>,
    known: &mut BTreeMap<String, ObjectId>,
) -> Result<BTreeSet<Cid>, Error> {
    let mut found = BTreeSet::new();
    let mut now = BTreeMap::new();
    for (name, tip) in refs(repository, JOURNAL_REF_PREFIX)? {
        let before = known.get(&name).copied();
        now.insert(name, tip);
        if before == Some(tip) {
            continue;
        }
        walk_back(repository, tip, |commit, batch| {
            let mut under = before != Some(commit);
            let fresh = under;
            for envelope in batch.events.iter().filter(|_| fresh) {
                let event = read_event(envelope)?;
                under &= event.policy == root;
                if event.policy == root {
                    found.insert(Cid::of_dag_cbor(&cbor::encode(&event.payload)));
                }
            }
            found.retain(|cid| wanted.contains(cid));
            Ok(under)
        })?;
    }
    for (name, tip) in refs(repository, STATE_REF_PREFIX)? {
        let before = known.get(&name).copied();
        for step in repository.git().history(tip) {
            let (commit, _) = step.context(ErrorKind::Incomplete, || {
                format!("`{name}` is not all here")
            })?;
            if before == Some(commit) {
                break;
            }
            let (proof, _) = read_proof(repository, commit)?;
            if proof.statement().policy_root != root {
                break;
            }
            found.insert(proof.statement().fold_root.cid());
        }
        now.insert(name, tip);
    }
    for (name, tip) in refs(repository, EXPERIMENT_REF_PREFIX)? {
        if known.get(&name) != Some(&tip)
            && let Ok(signed) = experiment_at::<ExperimentProof>(repository, &name, tip)?.signed
            && signed.statement().policy_root == root
        {
            found.insert(signed.statement().outputs_root.cid());
        }
        now.insert(name, tip);
    }
    found.retain(|cid| wanted.contains(cid));
    *known = now;
    Ok(found)
}

/// Whether a branch or tag of a server is where people agreed that it may be. Elsewhere branches are what their
/// owner makes of them, and say nothing.
///
/// # Errors
/// Refs or histories that cannot be read.
pub(crate) fn moved_to(repository: &Repository, subject: &Subject) -> Result<bool, Error> {
    let git = repository.git();
    if git.work_tree().is_some() {
        return Ok(false);
    }
    match subject {
        Subject::Update { reference, new, .. } => {
            let Ok(name) = reference.parse::<FullName>() else {
                return Ok(false);
            };
            let there = git.find_any_ref(&name);
            let there = there.or_failed(|| format!("cannot read `{name}`"))?;
            Ok(there.is_some_and(|id| id.to_string() == *new))
        }
        Subject::Commit(id) => {
            let Ok(wanted) = id.parse::<ObjectId>() else {
                return Ok(false);
            };
            let tips = git.branches_and_tags();
            let tips = tips.or_failed(|| "cannot list the branches and tags".to_owned())?;
            for tip in tips {
                let Some(tip) = commit_of(git, tip)? else {
                    continue;
                };
                let has = git.descends(tip, wanted, MAX_WALK);
                if has.or_failed(|| format!("cannot follow the history of {tip}"))? == Some(true) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Subject::Policy(_) | Subject::Content(_) => Ok(false),
    }
}

fn refs(repository: &Repository, prefix: &str) -> Result<Vec<(String, ObjectId)>, Error> {
    let name = ref_name(prefix.trim_end_matches('/'))?;
    let refs = repository
        .git()
        .refs_under(&name)
        .or_failed(|| format!("cannot list what is in {prefix}"))?;
    let text = |(name, id): (gatos_git::RefName, _)| (name.as_str().to_owned(), id);
    Ok(refs.into_iter().map(text).collect())
}
