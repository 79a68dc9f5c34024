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

use super::draft::read_bundle;
use super::grant::usable;
use super::ledger::{consensus_contents, find_grant, find_proposal};
use super::quorum;
use crate::error::{Context, Error, ErrorKind};
use crate::fold::Growth;
use crate::journal::{JOURNAL_REF_PREFIX, acting, read_batch};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};
use crate::repository::publication::{Content, Publication, Published, conflict};
use crate::repository::turn::Turn;
use crate::verify::Consensus;

/// How often a race that was lost is run again.
const MAX_ROUNDS: usize = 5;
/// The refs whose place counts: what a policy may have signed before another took its place.
const ANCHORED: [&str; 3] = [JOURNAL_REF_PREFIX, "refs/gatos/state/", "refs/gatos/audit/"];

/// What was put in force.
#[derive(Clone, Debug, serde::Serialize)]
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
    let actor = acting(repository, signer, Role::Govern)?;
    let (proposal, consensus) = decided(repository, id)?;
    let (payload, code) = proposed(repository, &proposal)?;
    let bundle = read_bundle(&payload)?;
    let (previous, before) = repository.policy();
    if bundle.position != before.position.after(previous.cid().into()) {
        let message = "the proposed policy follows another one than that in force";
        return Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"));
    }
    let root = Cid::of_dag_cbor(&payload).into();
    let who = (&actor, signer);
    let ruling = quorum::ensure_may_activate(repository, (root, &bundle), consensus.as_ref(), who)?;
    let signed = Signed::seal(bundle, signer).or_failed(|| "the key does not sign".to_owned())?;
    let next = Next {
        signed,
        code,
        way_back: ruling.is_way_back(),
        actor,
        consensus,
    };
    let _turn = Turn::take(repository);
    for _ in 0..MAX_ROUNDS {
        if let Some(report) = next.publish(repository, signer)? {
            // What was written is what will be read.
            Repository::discover(repository.git().git_dir())?;
            return Ok(report);
        }
    }
    Err(Error::new(
        ErrorKind::Failed,
        "the history moved on again and again while the policy was to take effect",
    )
    .with_hint("nothing was written: run the command again"))
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

/// A policy that is to take effect.
struct Next {
    signed: Signed<Bundle>,
    code: Vec<u8>,
    actor: ActorName,
    consensus: Option<Consensus>,
    way_back: bool,
}

impl Next {
    /// One try; `None` if a ref moved meanwhile.
    fn publish(
        &self,
        repository: &Repository,
        signer: &dyn Signer,
    ) -> Result<Option<ActivationReport>, Error> {
        let (previous, _) = repository.policy();
        let (anchors, heads) = anchors(repository)?;
        let mut growth = Growth::default();
        let tree = growth.next(&anchors.to_value())?;
        let activation = Activation {
            repo: repository.id(),
            previous,
            policy_root: self.signed.id().cid().into(),
            anchors: tree.root(),
            grant: self.consensus.as_ref().map(|c| c.grant.id()),
            actor: self.actor.clone(),
        };
        let activation =
            Signed::seal(activation, signer).or_failed(|| "the key does not sign".to_owned())?;
        let message = Message::new("policy: put another policy in force")
            .with_trailer("Gatos-Policy", &self.signed.id().to_string())
            .with_trailer("Gatos-Activation", &activation.id().to_string());
        let mut contents = vec![
            ("activation", Content::Bytes(activation.envelope().encode())),
            ("anchors", Content::Tree(&growth, &tree)),
            ("bundle", Content::Bytes(self.signed.envelope().encode())),
            ("code", Content::Bytes(self.code.clone())),
        ];
        if let Some(consensus) = &self.consensus {
            let folder = consensus_contents(consensus).into_iter();
            let folder = folder.map(|(name, content)| (name.to_owned(), content));
            contents.push(("consensus", Content::Folder(folder.collect())));
        }
        let active = ref_name(ACTIVE_REF)?;
        let tip = Some(repository.active_commit());
        let mut publication = Publication::new(repository);
        let commit = publication.commit(contents, tip, &message)?;
        let by_id = format!("refs/gatos/policies/bundles/{}", self.signed.id());
        publication.update(active, tip, commit);
        publication.update(ref_name(&by_id)?, None, commit);
        for (name, head) in heads {
            publication.guard(name, Some(head));
        }
        match publication.publish()? {
            Published::Lost(name) if name.as_str() == ACTIVE_REF => Err(conflict(&name)),
            Published::Lost(_) => Ok(None),
            Published::Done => Ok(Some(ActivationReport {
                policy_root: self.signed.id().to_string(),
                policy_seq: self.signed.statement().position.seq,
                previous: previous.to_string(),
                actor: self.actor.to_string(),
                grant: self.consensus.as_ref().map(|c| c.grant.id().to_string()),
                anchors: anchors.0.len(),
                way_back: self.way_back,
            })),
        }
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
