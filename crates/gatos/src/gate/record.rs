//! Keeping a refusal: a signed statement, what was judged and what was decided, beside the push and not
//! in it.

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::denial::{DENIAL_REF_PREFIX, Denial, Effect};
use gatos_core::policy::ACTIVE_REF;
use gatos_core::statement::{Position, Signed};
use gatos_core::ulid::Ulid;
use gatos_git::{Durability, Message};

use super::court::Refusal;
use super::tally::{Tally, Turn};
use super::ticket::gate_folder;
use crate::clock::new_ulid;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;
use crate::repository::publication::{Content, Publication};
use crate::signer;

/// How a refusal was kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kept {
    /// As a record of its own
    Recorded(Ulid),
    /// It was counted: there were too many to record each
    Counted(u64),
}

/// What the record says of the push as a whole.
#[derive(Clone, Debug)]
pub(super) struct About<'v> {
    pub(super) refs: u64,
    pub(super) pusher: Option<String>,
    /// The compiled rules that decided, if it was not the gate
    pub(super) rules: Option<&'v [u8]>,
}

/// Keep a refusal. Nothing of the push is written: its objects are named as text.
///
/// # Errors
/// A repository without history, without a key of the gate's, or that cannot be written.
pub(super) fn keep(
    git: &gatos_git::Repository,
    refusal: &Refusal,
    about: &About<'_>,
) -> Result<Kept, Error> {
    let active = ref_name(ACTIVE_REF)?;
    let founded = git
        .find_ref(&active)
        .or_failed(|| format!("cannot read `{active}`"))?;
    if founded.is_none() {
        return Err(Error::new(
            ErrorKind::Failed,
            "there is no history yet that it could be part of",
        ));
    }
    // What is accepted is no flood of refusals.
    if refusal.effect == Effect::Warned {
        return write(git, refusal, about, 1).map(Kept::Recorded);
    }
    let mut tally = Tally::take(git)?;
    match tally.count()? {
        Turn::Count(number) => Ok(Kept::Counted(number)),
        Turn::Record(count) => write(git, refusal, about, count).map(Kept::Recorded),
    }
}

fn write(
    git: &gatos_git::Repository,
    refusal: &Refusal,
    about: &About<'_>,
    count: u64,
) -> Result<Ulid, Error> {
    let repository = Repository::of(git.clone())?;
    let path = gate_folder(git).join("key");
    let signer = signer::open(Some(&path.to_string_lossy()), &|_| None)?;
    let ulid = new_ulid()?;
    let name = format!("{DENIAL_REF_PREFIX}{}", ulid.to_lower());
    let (input, decision) = (
        cbor::encode(&refusal.input),
        cbor::encode(&refusal.decision),
    );
    let (policy_root, bundle) = repository.policy();
    let denial = Denial {
        repo: repository.id(),
        position: Position::first(name.clone()),
        ulid,
        effect: refusal.effect,
        judge: refusal.judge,
        intent: refusal.intent.to_owned(),
        subject: refusal.subject.clone(),
        pusher: about.pusher.clone(),
        input: Cid::of_dag_cbor(&input),
        decision: Cid::of_dag_cbor(&decision),
        reason: refusal.reason.clone(),
        policy_root,
        policy_code_root: refusal.rules.unwrap_or(bundle.code),
        refs: about.refs,
        count,
    };
    let signed =
        Signed::seal(denial, &*signer).or_failed(|| "the gate does not sign".to_owned())?;
    let word = refusal.effect.as_str();
    let message = Message::new(&format!("gate: {word} {}", refusal.subject))
        .with_trailer("Gatos-Rule", &refusal.reason.rule)
        .with_trailer("Gatos-Denial", &signed.id().to_string());
    let mut publication = Publication::with(git, Durability::Durable);
    let mut contents = vec![
        ("decision", Content::Bytes(decision)),
        ("input", Content::Bytes(input)),
        ("proof", Content::Bytes(signed.envelope().encode())),
    ];
    let rules = about
        .rules
        .map(|block| ("code", Content::Bytes(block.to_vec())));
    contents.extend(rules);
    let commit = publication.commit(contents, None, &message)?;
    publication.update(ref_name(&name)?, None, commit);
    publication.publish_or_fail()?;
    Ok(ulid)
}
