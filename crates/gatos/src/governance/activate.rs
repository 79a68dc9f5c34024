//! `gatos policy activate`: put a policy in force, at this place in history.
//!
//= spec/policy-bundle.md#activation

use std::collections::BTreeMap;

use gatos_core::cid::Cid;
use gatos_core::envelope::Envelope;
use gatos_core::governance::{PROPOSAL_REF_PREFIX, Proposal, Subject};
use gatos_core::id::StatementId;
use gatos_core::keys::Signer;
use gatos_core::name::ActorName;
use gatos_core::policy::{ACTIVE_REF, Activation, Anchor, Anchors, Bundle, Role};
use gatos_core::statement::Signed;
use gatos_git::{Message, ObjectId, RefName};

use super::admit;
use super::draft::read_bundle;
use super::grant::usable;
use super::ledger::{consensus_contents, find_grant, find_proposal, read_link};
use super::quorum;
use crate::error::{Context, Error, ErrorKind};
use crate::fold::Growth;
use crate::journal::{JOURNAL_REF_PREFIX, acting, read_batch};
use crate::policy::By;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication, Published, conflict};
use crate::repository::turn::Turn;
use crate::verify::{Consensus, authorize_actor, ensure};

/// How often a race that was lost is run again.
const MAX_ROUNDS: usize = 5;
/// The refs whose place counts: what a policy may have signed before another took its place.
const ANCHORED: [&str; 3] = [JOURNAL_REF_PREFIX, "refs/gatos/state/", "refs/gatos/audit/"];

/// What was put in force.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct ActivationReport {
    /// The policy that is in force now
    pub policy_root: String,
    /// Its number
    pub policy_seq: u64,
    /// The policy that was in force before
    pub previous: String,
    /// Who put it in force
    pub actor: String,
    /// The grant on which this rests, if one was needed
    pub grant: Option<String>,
    /// Number of refs whose place in history was recorded
    pub anchors: usize,
    /// Whether it is against the rules of the policy before, and everybody agreed
    pub way_back: bool,
    /// Whether this very activation was recorded before, so that nothing was written
    pub already: bool,
}

/// Put a proposed policy in force.
///
/// `id` is a grant, or a proposal where the rules in force ask for no consensus.
///
/// # Errors
/// A signer who may not govern, something that is no policy, a grant that does not count, or rules that want
/// a consensus.
pub fn activate(
    repository: &Repository,
    id: &str,
    signer: &dyn Signer,
) -> Result<ActivationReport, Error> {
    let next = Next::sign(repository, id, signer)?;
    let _turn = Turn::take(repository);
    for _ in 0..MAX_ROUNDS {
        if let Some(report) = record(repository, &next.place(repository, signer)?)? {
            return Ok(report);
        }
    }
    Err(moved().with_hint("nothing was written: run the command again"))
}

/// The error of a history that does not stand still.
pub(crate) fn moved() -> Error {
    let message = "the history moved on while the policy was to take effect";
    Error::new(ErrorKind::Failed, message)
}

/// The proposal that `id` means, and the consensus if it is a grant.
fn decided(
    repository: &Repository,
    id: &str,
) -> Result<(Signed<Proposal>, Option<Consensus>), Error> {
    match find_grant(repository, id) {
        Ok(consensus) => {
            usable(repository, &consensus)?;
            Ok((consensus.proposal.clone(), Some(consensus)))
        }
        Err(error) if error.kind() == ErrorKind::Usage => {
            Ok((find_proposal(repository, id)?, None))
        }
        Err(error) => Err(error),
    }
}

/// The payload and the compiled rules of the policy that a proposal is about.
pub(super) fn proposed(
    repository: &Repository,
    proposal: &Signed<Proposal>,
) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let Subject::Policy(root) = &proposal.statement().subject else {
        let message = format!("this proposal is about {}", proposal.statement().subject);
        return Err(Error::new(ErrorKind::Usage, message)
            .with_hint("only a proposal of a policy can be put in force"));
    };
    let name = ref_name(&format!("{PROPOSAL_REF_PREFIX}{}", proposal.id()))?;
    let commit = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?
        .ok_or_else(|| {
            Error::new(ErrorKind::Incomplete, format!("`{name}` is not here"))
                .with_hint("fetch all of refs/gatos/*")
        })?;
    let folder = Folder::of_commit(repository.git(), commit)?;
    let payload = folder.blob("bundle")?;
    let code = folder.blob("code")?;
    let bundle = read_bundle(&payload)?;
    if root.cid().names(&payload) && bundle.code.cid().names(&code) {
        Ok((payload, code))
    } else {
        crate::verify::mismatch(format!("`{name}` holds another policy than it proposes"))
    }
}

/// A policy that is to take effect, signed, but not at a place yet.
pub(crate) struct Next {
    decided: String,
    bundle: Signed<Bundle>,
    grant: Option<StatementId>,
    actor: ActorName,
}

/// A policy that is to take effect at a place in history, all of it signed.
#[derive(Clone, Debug)]
pub(crate) struct Enactment {
    /// What it rests on: a grant, or a proposal where no consensus is asked for
    pub(super) decided: String,
    pub(super) bundle: Signed<Bundle>,
    pub(super) activation: Signed<Activation>,
}

impl Next {
    /// Sign the policy that was decided.
    pub(crate) fn sign(
        repository: &Repository,
        id: &str,
        signer: &dyn Signer,
    ) -> Result<Self, Error> {
        let actor = acting(repository, signer, Role::Govern)?;
        let (proposal, consensus) = decided(repository, id)?;
        let (payload, _) = proposed(repository, &proposal)?;
        let bundle = read_bundle(&payload)?;
        check_follows(repository, &bundle)?;
        let root = Cid::of_dag_cbor(&payload).into();
        let by = By::key(&actor, signer.public_key());
        // Nobody signs a policy that the rules do not let them put in force.
        quorum::ensure_may_activate(repository, (root, &bundle), consensus.as_ref(), &by)?;
        let bundle =
            Signed::seal(bundle, signer).or_failed(|| "the key does not sign".to_owned())?;
        let grant = consensus.map(|consensus| consensus.grant.id());
        let decided = grant.unwrap_or_else(|| proposal.id()).to_string();
        Ok(Self {
            decided,
            bundle,
            grant,
            actor,
        })
    }

    /// Sign that it takes effect where history stands now.
    pub(crate) fn place(
        &self,
        repository: &Repository,
        signer: &dyn Signer,
    ) -> Result<Enactment, Error> {
        let (anchors, _) = anchors(repository)?;
        let activation = Activation {
            repo: repository.id(),
            previous: repository.policy().0,
            policy_root: self.bundle.id().cid().into(),
            anchors: Growth::default().next(&anchors.to_value())?.root(),
            grant: self.grant,
            actor: self.actor.clone(),
        };
        let activation =
            Signed::seal(activation, signer).or_failed(|| "the key does not sign".to_owned())?;
        Ok(Enactment {
            decided: self.decided.clone(),
            bundle: self.bundle.clone(),
            activation,
        })
    }
}

/// Put a policy in force that somebody signed; `None` if history has moved on since.
///
/// # Errors
/// An activation of another repository or after another policy, of somebody who may not govern, of another policy
/// than was decided on, or one that the rules in force deny.
pub(crate) fn record(
    repository: &Repository,
    enactment: &Enactment,
) -> Result<Option<ActivationReport>, Error> {
    let Enactment {
        decided: id,
        bundle: signed,
        activation,
    } = enactment;
    let stated = activation.statement();
    if let Some(report) = recorded(repository, enactment)? {
        return Ok(Some(report));
    }
    admit::check(
        repository,
        activation,
        (stated.repo, stated.previous, &stated.actor),
    )?;
    let trust = &repository.policy().1.trust;
    for signers in [activation.signers(), signed.signers()] {
        authorize_actor(trust, signers, (Role::Govern, &stated.actor))?;
    }
    let (proposal, consensus) = decided(repository, id)?;
    let (payload, code) = proposed(repository, &proposal)?;
    let grant = consensus.as_ref().map(|consensus| consensus.grant.id());
    ensure(
        signed.envelope().payload_bytes() == payload
            && stated.policy_root.cid().names(&payload)
            && stated.grant == grant,
        || "another policy was signed than was decided on".to_owned(),
    )?;
    check_follows(repository, signed.statement())?;
    let by = By {
        actor: Some(stated.actor.clone()),
        keys: activation.signers().to_vec(),
    };
    let next = (stated.policy_root, signed.statement());
    let ruling = quorum::ensure_may_activate(repository, next, consensus.as_ref(), &by)?;
    let (anchors, heads) = anchors(repository)?;
    let mut growth = Growth::default();
    let tree = growth.next(&anchors.to_value())?;
    if tree.root() != stated.anchors {
        return Ok(None);
    }
    let mut contents = vec![
        ("activation", Content::Bytes(activation.envelope().encode())),
        ("anchors", Content::Tree(&growth, &tree)),
        ("bundle", Content::Bytes(signed.envelope().encode())),
        ("code", Content::Bytes(code)),
    ];
    if let Some(consensus) = &consensus {
        let folder = consensus_contents(consensus).into_iter();
        let folder = folder.map(|(name, content)| (name.to_owned(), content));
        contents.push(("consensus", Content::Folder(folder.collect())));
    }
    if !publish(repository, enactment, contents, heads)? {
        return Ok(None);
    }
    // What was written is what will be read.
    Repository::discover(repository.git().git_dir())?;
    let found = (anchors.0.len(), ruling.is_way_back());
    Ok(Some(report(enactment, found)))
}

/// As [`record`], after somebody else may have recorded the same.
pub(crate) fn record_again(
    repository: &Repository,
    enactment: &Enactment,
) -> Result<Option<ActivationReport>, Error> {
    let renewed = repository.renewed()?;
    record(renewed.as_ref().unwrap_or(repository), enactment)
}

/// What came of this very activation, if it is what put the policy in force.
fn recorded(
    repository: &Repository,
    enactment: &Enactment,
) -> Result<Option<ActivationReport>, Error> {
    let stated = enactment.activation.statement();
    if repository.policy().0 != stated.policy_root {
        return Ok(None);
    }
    let git = repository.git();
    let link = read_link(git, &Folder::of_commit(git, repository.active_commit())?)?;
    let Some(activated) = link.activated else {
        return Ok(None);
    };
    if activated.activation.id() != enactment.activation.id() {
        return Ok(None);
    }
    let seq = enactment.bundle.statement().position.seq;
    let judged = repository.policies().judge_activation(seq)?;
    let found = (activated.anchors.0.len(), judged.ruling.is_way_back());
    Ok(Some(ActivationReport {
        already: true,
        ..report(enactment, found)
    }))
}

/// Write it; `false` if a ref moved meanwhile.
fn publish(
    repository: &Repository,
    enactment: &Enactment,
    contents: Vec<(&str, Content<'_>)>,
    heads: Vec<(RefName, ObjectId)>,
) -> Result<bool, Error> {
    let bundle = enactment.bundle.id();
    let message = Message::new("policy: put another policy in force")
        .with_trailer("Gatos-Policy", &bundle.to_string())
        .with_trailer("Gatos-Activation", &enactment.activation.id().to_string());
    let active = ref_name(ACTIVE_REF)?;
    let tip = Some(repository.active_commit());
    let mut publication = Publication::new(repository);
    let commit = publication.commit(contents, tip, &message)?;
    publication.update(active, tip, commit);
    let by_id = format!("refs/gatos/policies/bundles/{bundle}");
    publication.update(ref_name(&by_id)?, None, commit);
    for (name, head) in heads {
        publication.guard(name, Some(head));
    }
    match publication.publish()? {
        Published::Lost(name) if name.as_str() == ACTIVE_REF => Err(conflict(&name)),
        Published::Lost(_) => Ok(false),
        Published::Done => Ok(true),
    }
}

fn check_follows(repository: &Repository, bundle: &Bundle) -> Result<(), Error> {
    let (root, before) = repository.policy();
    if bundle.position == before.position.after(root.cid().into()) {
        return Ok(());
    }
    let message = "the proposed policy follows another one than that in force";
    Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"))
}

fn report(enactment: &Enactment, (anchors, way_back): (usize, bool)) -> ActivationReport {
    let stated = enactment.activation.statement();
    ActivationReport {
        policy_root: stated.policy_root.to_string(),
        policy_seq: enactment.bundle.statement().position.seq,
        previous: stated.previous.to_string(),
        actor: stated.actor.to_string(),
        grant: stated.grant.map(|grant| grant.to_string()),
        anchors,
        way_back,
        already: false,
    }
}

/// The refs whose place counts when a policy takes effect, and where they are.
pub(crate) fn anchored(git: &gatos_git::Repository) -> Result<Vec<(RefName, ObjectId)>, Error> {
    let mut refs = git
        .gatos_refs()
        .or_failed(|| "cannot list the refs".to_owned())?;
    refs.retain(|(name, _)| {
        let text = name.as_str();
        let anchored = ANCHORED.iter().any(|prefix| text.starts_with(prefix));
        anchored && !text.starts_with("refs/gatos/audit/policy/")
    });
    Ok(refs)
}

/// Where every ref with statements stands now.
fn anchors(repository: &Repository) -> Result<(Anchors, Vec<(RefName, ObjectId)>), Error> {
    let git = repository.git();
    let mut anchors = BTreeMap::new();
    let mut heads = Vec::new();
    for (name, commit) in anchored(git)? {
        let text = name.as_str();
        let anchor = if text.starts_with(JOURNAL_REF_PREFIX) {
            let head = read_batch(repository, commit)?.head;
            Anchor::Journal {
                size: head.size(),
                root: head.history_root(),
            }
        } else {
            Anchor::Statement(statement_at(git, commit)?)
        };
        anchors.insert(text.to_owned(), anchor);
        heads.push((name, commit));
    }
    Ok((Anchors(anchors), heads))
}

/// The statement that a commit outside of journals holds.
pub(crate) fn statement_at(
    git: &gatos_git::Repository,
    commit: ObjectId,
) -> Result<StatementId, Error> {
    let bytes = Folder::of_commit(git, commit)?.blob("proof")?;
    let envelope = Envelope::decode(&bytes)
        .or_mismatch(|| format!("the proof of commit {commit} is no envelope"))?;
    Ok(envelope.id().into())
}
