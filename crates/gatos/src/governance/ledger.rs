//! How governance lies in Git: a commit for each statement, with what it rests on beside it.
//! `docs/spec/refs.md#commits`.

use gatos_core::cid::Cid;
use gatos_core::governance::{
    APPROVAL_REF_PREFIX, Approval, GRANT_REF_PREFIX, PROPOSAL_REF_PREFIX, Proposal,
    REVOCATION_REF_PREFIX, Revocation, approval_ref,
};
use gatos_core::id::StatementId;
use gatos_core::policy::{Activation, Anchors, Bundle};
use gatos_core::state::StateTree;
use gatos_core::statement::Signed;
use gatos_git::{ObjectId, RefName};

use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::Content;
use crate::verify::{Activated, Consensus, PolicyLink};

/// The policy of a commit of the chain, with what put it in force.
pub(crate) fn read_link(
    git: &gatos_git::Repository,
    folder: &Folder<'_>,
) -> Result<PolicyLink, Error> {
    let bundle = folder.signed::<Bundle>("bundle")?;
    let activated = match folder.find("activation") {
        None => None,
        Some(_) => Some(read_activated(git, folder)?),
    };
    let rules = folder.blob("code")?;
    Ok(PolicyLink {
        bundle,
        rules,
        activated,
    })
}

fn read_activated(git: &gatos_git::Repository, folder: &Folder<'_>) -> Result<Activated, Error> {
    let activation = folder.signed::<Activation>("activation")?;
    let root = activation.statement().anchors;
    let damaged = || format!("the anchors {root} are damaged");
    let blocks = git
        .read_dag(folder.get("anchors")?, root)
        .or_mismatch(damaged)?;
    let value =
        StateTree::load(root, &|cid: &Cid| blocks.get(cid).cloned()).or_mismatch(damaged)?;
    let consensus = match folder.find("consensus") {
        None => None,
        Some(_) => Some(read_consensus(&folder.folder("consensus")?)?),
    };
    Ok(Activated {
        activation,
        anchors: Anchors::from_value(value).or_mismatch(damaged)?,
        consensus,
    })
}

/// The Proof-of-Consensus of a folder.
pub(crate) fn read_consensus(folder: &Folder<'_>) -> Result<Consensus, Error> {
    let approvals = folder.folder("approvals")?;
    let names = approvals.entries().iter().map(|entry| entry.name.as_str());
    Ok(Consensus {
        grant: folder.signed("grant")?,
        proposal: folder.signed("proposal")?,
        approvals: names
            .map(|name| approvals.signed(name))
            .collect::<Result<_, _>>()?,
    })
}

/// The folder of a Proof-of-Consensus.
pub(super) fn consensus_contents(consensus: &Consensus) -> Vec<(&'static str, Content<'static>)> {
    let envelope = |bytes: Vec<u8>| Content::Bytes(bytes);
    let approvals = consensus
        .approvals
        .iter()
        .enumerate()
        .map(|(index, one)| (format!("{index:04}"), envelope(one.envelope().encode())));
    vec![
        ("approvals", Content::Folder(approvals.collect())),
        ("grant", envelope(consensus.grant.envelope().encode())),
        ("proposal", envelope(consensus.proposal.envelope().encode())),
    ]
}

/// The proposal that `text` means: its id, the beginning of it, or its ref.
pub(super) fn find_proposal(
    repository: &Repository,
    text: &str,
) -> Result<Signed<Proposal>, Error> {
    let (name, commit) = find(repository, (PROPOSAL_REF_PREFIX, "proposal"), text)?;
    read_proposal(repository, &name, commit)
}

/// The grant that `text` means, with what it rests on.
pub(super) fn find_grant(repository: &Repository, text: &str) -> Result<Consensus, Error> {
    let (name, commit) = find(repository, (GRANT_REF_PREFIX, "grant"), text)?;
    read_grant(repository, &name, commit)
}

/// What was said of a proposal, by key.
pub(crate) fn approvals(
    repository: &Repository,
    proposal: &StatementId,
) -> Result<Vec<Signed<Approval>>, Error> {
    let prefix = format!("{APPROVAL_REF_PREFIX}{proposal}");
    let found = refs(repository, &prefix)?;
    found
        .into_iter()
        .map(|(name, commit)| read_approval(repository, &name, commit))
        .collect()
}

/// Every proposal, by id.
pub(crate) fn all_proposals(repository: &Repository) -> Result<Vec<Signed<Proposal>>, Error> {
    let found = refs(repository, PROPOSAL_REF_PREFIX.trim_end_matches('/'))?;
    found
        .into_iter()
        .map(|(name, commit)| read_proposal(repository, &name, commit))
        .collect()
}

/// Every grant, by id.
pub(crate) fn all_grants(repository: &Repository) -> Result<Vec<Consensus>, Error> {
    let found = refs(repository, GRANT_REF_PREFIX.trim_end_matches('/'))?;
    found
        .into_iter()
        .map(|(name, commit)| read_grant(repository, &name, commit))
        .collect()
}

/// The proposal of a ref, which must be its own.
pub(super) fn read_proposal(
    repository: &Repository,
    name: &RefName,
    commit: ObjectId,
) -> Result<Signed<Proposal>, Error> {
    let signed = repository.proposal_at(commit)?;
    check_place(name, PROPOSAL_REF_PREFIX, signed.id())?;
    Ok(signed)
}

/// The approval of a ref, which must be that of its proposal and key.
pub(super) fn read_approval(
    repository: &Repository,
    name: &RefName,
    commit: ObjectId,
) -> Result<Signed<Approval>, Error> {
    let folder = Folder::of_commit(repository.git(), commit)?;
    let signed = folder.signed::<Approval>("approval")?;
    let key = signed.signers().first();
    let place = key.map(|key| approval_ref(&signed.statement().proposal, key));
    if place.as_deref() == Some(name.as_str()) {
        Ok(signed)
    } else {
        crate::verify::mismatch(format!(
            "`{name}` holds the approval of another key, or of another proposal"
        ))
    }
}

/// The grant of a ref, which must be its own, with what it rests on.
pub(super) fn read_grant(
    repository: &Repository,
    name: &RefName,
    commit: ObjectId,
) -> Result<Consensus, Error> {
    let consensus = read_consensus(&Folder::of_commit(repository.git(), commit)?)?;
    check_place(name, GRANT_REF_PREFIX, consensus.grant.id())?;
    Ok(consensus)
}

/// What takes a grant back, if anything does.
pub(super) fn revocation(
    repository: &Repository,
    grant: &StatementId,
) -> Result<Option<Signed<Revocation>>, Error> {
    let name = ref_name(&format!("{REVOCATION_REF_PREFIX}{grant}"))?;
    let commit = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    commit
        .map(|commit| Folder::of_commit(repository.git(), commit)?.signed("revocation"))
        .transpose()
}

/// The refs under a prefix of ours.
pub(super) fn refs(
    repository: &Repository,
    prefix: &str,
) -> Result<Vec<(RefName, ObjectId)>, Error> {
    let name = ref_name(prefix)?;
    repository
        .git()
        .refs_under(&name)
        .or_failed(|| format!("cannot list what is in {prefix}"))
}

fn find(
    repository: &Repository,
    (prefix, noun): (&str, &str),
    text: &str,
) -> Result<(RefName, ObjectId), Error> {
    /// Fewest characters of a prefix.
    const MIN_PREFIX: usize = 4;
    let id = text.strip_prefix(prefix).unwrap_or(text);
    let exact = |name: &RefName| name.as_str().strip_prefix(prefix) == Some(id);
    let meant = |name: &RefName| {
        id.len() >= MIN_PREFIX
            && name
                .as_str()
                .strip_prefix(prefix)
                .is_some_and(|found| found.starts_with(id))
    };
    let all = refs(repository, prefix.trim_end_matches('/'))?;
    if let Some(found) = all.iter().find(|(name, _)| exact(name)) {
        return Ok(found.clone());
    }
    let mut matching = all.into_iter().filter(|(name, _)| meant(name));
    match (matching.next(), matching.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => Err(
            Error::new(ErrorKind::Usage, format!("there is no {noun} `{text}`"))
                .with_hint("`gatos proposal list` shows those there are; an id needs 4 characters"),
        ),
        (Some(_), Some(_)) => Err(Error::new(
            ErrorKind::Usage,
            format!("more than one {noun} begins with `{text}`"),
        )
        .with_hint("give more characters")),
    }
}

fn check_place(name: &RefName, prefix: &str, id: StatementId) -> Result<(), Error> {
    if name.as_str().strip_prefix(prefix) == Some(id.to_string().as_str()) {
        Ok(())
    } else {
        crate::verify::mismatch(format!("`{name}` holds another statement"))
    }
}
