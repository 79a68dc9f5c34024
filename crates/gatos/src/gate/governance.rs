//! What people agree on, as a push would keep it: each statement verifies, and stands where it belongs.

use gatos_core::cid::Cid;
use gatos_core::governance::{
    Approval, GRANT_REF_PREFIX, Proposal, Revocation, Subject, approval_ref,
};
use gatos_core::id::{PolicyRoot, RepoId};
use gatos_core::keys::PublicKey;
use gatos_core::name::ActorName;
use gatos_core::policy::{Anchor, Bundle};
use gatos_core::statement::Signed;
use gatos_git::ObjectId;

use super::content::{exactly, only};
use super::court::Court;
use super::rules::Objection;
use crate::error::{Context, Error, ErrorKind};
use crate::governance::{
    is_granted, left_out, may_revoke, no_is_missing, read_bundle, read_consensus,
    standing_revocation,
};
use crate::journal::{JOURNAL_REF_PREFIX, read_batch};
use crate::repository::ledger::{Folder, ref_name};
use crate::verify::{Consensus, ensure};

/// A proposal, under its own id; of a policy also what is proposed.
pub(super) fn proposal(court: &Court<'_>, tip: ObjectId, id: &Cid) -> Result<(), Error> {
    let folder = only(&court.view, tip, &["proposal", "bundle", "code"])?;
    let signed: Signed<Proposal> = folder.signed("proposal")?;
    let stated = signed.statement();
    named(
        court,
        (stated.repo, stated.policy_root),
        &signed,
        &stated.actor,
    )?;
    ensure(signed.id().cid() == *id, || {
        "another proposal stands there".to_owned()
    })?;
    let Subject::Policy(root) = &stated.subject else {
        return exactly(&court.view, tip, &["proposal"]).map(drop);
    };
    let payload = folder.blob("bundle")?;
    let bundle = read_bundle(&payload)?;
    let code = Cid::of_dag_cbor(&folder.blob("code")?);
    ensure(
        root.cid().names(&payload) && bundle.code.cid() == code,
        || "another policy lies beside the proposal than it is about".to_owned(),
    )
}

/// What one key says of a proposal, in the place of that key.
pub(super) fn approval(court: &Court<'_>, name: &str, tip: ObjectId) -> Result<(), Error> {
    let folder = exactly(&court.view, tip, &["approval"])?;
    let signed: Signed<Approval> = folder.signed("approval")?;
    let stated = signed.statement();
    named(
        court,
        (stated.repo, stated.policy_root),
        &signed,
        &stated.actor,
    )?;
    let place = signed
        .signers()
        .first()
        .map(|key| approval_ref(&stated.proposal, key));
    ensure(place.as_deref() == Some(name), || {
        "the approval is of another key, or of another proposal".to_owned()
    })
}

/// A grant, under its own id, with everything that shows that it was given.
pub(super) fn grant(court: &Court<'_>, tip: ObjectId, id: &Cid) -> Result<(), Error> {
    let folder = exactly(&court.view, tip, &["approvals", "grant", "proposal"])?;
    let consensus = read_consensus(&folder)?;
    let stated = consensus.grant.statement();
    ensure(consensus.grant.id().cid() == *id, || {
        "another grant stands there".to_owned()
    })?;
    let bundle = policy(court, stated.repo, stated.policy_root)?;
    consensus.check((stated.policy_root, bundle), &stated.subject)?;
    let granted = is_granted(court.believed()?, &consensus)?;
    ensure(granted, || {
        let proposal = consensus.proposal.id();
        format!("it is not approved as the policy asks for: gatos proposal show {proposal}")
    })
}

/// A policy that takes effect: by the rules of the one before, or because everybody agreed; and not on a
/// grant that the server knows to be taken back.
pub(super) fn activation(court: &Court<'_>, name: &str, seq: u64) -> Result<(), Objection> {
    let after = court.believed()?;
    let judged = after.policies().judge_activation(seq)?;
    if let Some(consensus) = judged.consensus {
        if let Some(before) = &court.before {
            let revoked = standing_revocation(before, consensus)?.is_some();
            ensure(!revoked, || {
                let grant = consensus.grant.id();
                format!("policy {seq} rests on the grant {grant}, which was taken back")
            })?;
        }
        if let Some(actor) = left_out(after, consensus)? {
            return Err(no_is_missing(&actor).into());
        }
    }
    if judged.ruling.is_way_back() {
        return Ok(());
    }
    for ruling in judged.ruling.rulings {
        court.accept(name, ruling)?;
    }
    Ok(())
}

/// What takes a grant back, in the place of the grant.
pub(super) fn revocation(court: &Court<'_>, tip: ObjectId, grant: &Cid) -> Result<(), Error> {
    let folder = exactly(&court.view, tip, &["revocation"])?;
    let signed: Signed<Revocation> = folder.signed("revocation")?;
    let stated = signed.statement();
    named(
        court,
        (stated.repo, stated.policy_root),
        &signed,
        &stated.actor,
    )?;
    ensure(stated.grant.cid() == *grant, || {
        "it takes another grant back".to_owned()
    })?;
    let consensus = granted(court, grant)?;
    let bundle = policy(court, stated.repo, stated.policy_root)?;
    ensure(may_revoke(&bundle.trust, &consensus, &stated.actor), || {
        let actor = &stated.actor;
        format!("`{actor}` neither governs nor took part in this grant")
    })
}

/// The grant of an id, which must be there.
fn granted(court: &Court<'_>, id: &Cid) -> Result<Consensus, Error> {
    let name = ref_name(&format!("{GRANT_REF_PREFIX}{id}"))?;
    let found = court.view.find_ref(&name);
    let found = found.or_failed(|| format!("cannot read `{name}`"))?;
    let commit = found.ok_or_else(|| {
        let message = format!("the grant {id} that it takes back is not here");
        Error::new(ErrorKind::Incomplete, message).with_hint(format!("push {name} with it"))
    })?;
    read_consensus(&Folder::of_commit(&court.view, commit)?)
}

/// A policy that takes effect leaves nothing behind that is here already.
pub(super) fn anchors(court: &Court<'_>) -> Result<(), Error> {
    let (Some(before), after) = (&court.before, court.believed()?) else {
        return Ok(());
    };
    let git = before.git();
    let refs = crate::governance::anchored(git)?;
    for (name, commit) in refs {
        let moved = court
            .push
            .updates
            .iter()
            .any(|update| update.name.as_str() == name.as_str());
        for anchors in after
            .policies()
            .anchors_after(before.policy().1.position.seq)
        {
            let anchor = anchors.0.get(name.as_str());
            let kept = match anchor {
                None => false,
                Some(Anchor::Journal { size, .. }) => {
                    *size >= read_batch(before, commit)?.head.size()
                }
                Some(Anchor::Statement(id)) => {
                    moved || *id == crate::governance::statement_at(git, commit)?
                }
            };
            ensure(kept, || {
                let name = name.as_str().trim_start_matches(JOURNAL_REF_PREFIX);
                format!("`{name}` has moved on since the policy was put in force")
            })
            .map_err(|e| e.with_hint("fetch, and put it in force again: gatos policy activate"))?;
        }
    }
    Ok(())
}

/// Check that a statement is of this repository, names the policy in force, and is signed by who it says.
fn named<T: gatos_core::statement::Statement>(
    court: &Court<'_>,
    (repo, root): (RepoId, PolicyRoot),
    signed: &Signed<T>,
    actor: &ActorName,
) -> Result<(), Error> {
    let bundle = policy(court, repo, root)?;
    let theirs = |key: &PublicKey| {
        let found = bundle.trust.actor_of(key);
        found.is_some_and(|(name, _)| name == actor)
    };
    ensure(signed.signers().iter().all(theirs), || {
        format!("it says `{actor}` and is signed by somebody else")
    })
}

/// The policy that a statement of governance names: one that was in force when the push came, or is then.
fn policy<'c>(court: &'c Court<'_>, repo: RepoId, root: PolicyRoot) -> Result<&'c Bundle, Error> {
    let after = court.believed()?;
    ensure(repo == after.id(), || {
        "it is of another repository".to_owned()
    })?;
    let bundle = after.policies().get(&root)?;
    ensure(bundle.position.seq >= court.floor(), || {
        "it was made under a policy that is no longer in force".to_owned()
    })?;
    Ok(bundle)
}
