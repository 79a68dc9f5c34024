//! What the rules in force say about what is proposed, as far as that is known before it happens.
//!
//= spec/governance.md#outlook

use gatos_core::governance::{Proposal, Subject};
use gatos_core::statement::Signed;
use gatos_git::ObjectId;
use gatos_policy::Intent;

use crate::error::Error;
use crate::gate::{Candidate, Elsewhere, check_push};
use crate::policy::Law;
use crate::repository::Repository;

/// What the rules say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outlook {
    /// No rule is about such a thing: roles and grants decide
    Ungoverned,
    /// They would allow it now
    Allowed,
    /// They ask for this first
    Missing(String),
    /// They deny it, and no approval helps
    Denied(String),
    /// They are asked when it happens, for this reason
    Later(String),
}

/// Ask the rules in force about the subject of a proposal, as if whoever proposed it did it now.
///
/// # Errors
/// Something that cannot be looked at.
pub(super) fn outlook(
    repository: &Repository,
    proposal: &Signed<Proposal>,
) -> Result<Outlook, Error> {
    let law = match Law::in_force(repository) {
        Ok(law) => law,
        Err(error) => return Ok(Outlook::Later(error.full_message())),
    };
    let governed = |intents: &[Intent]| {
        let about = intents.iter().filter(|intent| law.governs(**intent));
        about.map(|intent| intent.as_str()).collect::<Vec<_>>()
    };
    match &proposal.statement().subject {
        Subject::Update {
            reference,
            old,
            new,
        } if law.governs(Intent::PushRef) => {
            let actor = proposal.statement().actor.as_str();
            update(repository, (reference, old.as_deref(), new), actor)
        }
        Subject::Commit(_) if law.governs(Intent::PushRef) => {
            let intent = Intent::PushRef;
            let why = format!("{intent}: asked when a push brings it to a ref");
            Ok(Outlook::Later(why))
        }
        Subject::Content(_) => {
            let intents = governed(&[
                Intent::EventAppend,
                Intent::StateCheckpoint,
                Intent::ExperimentPublish,
            ]);
            if intents.is_empty() {
                return Ok(Outlook::Ungoverned);
            }
            let intents = intents.join(", ");
            let why = format!(
                "{intents}: asked when it happens, since who does it, and where, is not known before"
            );
            Ok(Outlook::Later(why))
        }
        _ => Ok(Outlook::Ungoverned),
    }
}

/// Ask the gate about one move.
fn update(
    repository: &Repository,
    (reference, old, new): (&str, Option<&str>, &str),
    actor: &str,
) -> Result<Outlook, Error> {
    let git = repository.git();
    let here = |text: &str| -> Option<ObjectId> {
        let id: ObjectId = text.parse().ok()?;
        git.object_header(&id).ok().flatten().map(|_| id)
    };
    let (before, after) = (old.map(here), here(new));
    let (Some(after), false) = (after, before == Some(None)) else {
        let missing = if after.is_none() {
            new
        } else {
            old.unwrap_or(new)
        };
        let why = format!("push.ref: asked when it is pushed, since {missing} is not here");
        return Ok(Outlook::Later(why));
    };
    let Ok(name) = reference.parse() else {
        return Ok(Outlook::Denied(format!("`{reference}` is no ref")));
    };
    let candidate = Candidate {
        name,
        old: before.flatten(),
        new: Some(after),
    };
    let elsewhere = Elsewhere {
        refs: Vec::new(),
        // New branches are compared with what the server has.
        head: old
            .is_none()
            .then(|| gatos_git::resolve(git, "refs/remotes/origin/HEAD").ok())
            .flatten(),
        tips: Vec::new(),
    };
    let report = check_push(
        git.git_dir(),
        &[candidate],
        elsewhere,
        Some(actor.to_owned()),
    )?;
    Ok(match report.refused.into_iter().next() {
        None => Outlook::Allowed,
        Some(refused) => match refused.missing {
            Some(missing) => Outlook::Missing(missing),
            None => Outlook::Denied(format!("{}: {}", refused.rule, refused.message)),
        },
    })
}
