//! The rules of a policy, asked about what a push would do.
//!
//= spec/gate.md#policy

use gatos_core::gate::{Change, Facts};
use gatos_core::governance::Subject;
use gatos_core::id::PolicyRoot;
use gatos_core::name::ActorName;
use gatos_git::{ObjectId, ObjectKind, RefUpdate};
use gatos_policy::Intent;

use super::court::Court;
use super::signature::signers;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::{Deed, Law, PushFacts, Ruling};

/// Most paths that one update of a branch or tag may change where rules are about pushes.
const MAX_PATHS: usize = 20_000;
/// Most commits that are walked to find where two histories meet.
pub(crate) const MAX_WALK: usize = 200_000;
/// Most tags that point to each other.
const MAX_TAGS: usize = 8;

/// What is in the way of an update.
#[derive(Debug)]
pub(super) enum Objection {
    /// Something is wrong with what a ref would hold
    Flaw(Error),
    /// The rules of the policy say no
    Denied(Box<Ruling>),
}

impl From<Error> for Objection {
    fn from(error: Error) -> Self {
        Self::Flaw(error)
    }
}

/// What a rule only warns of.
#[derive(Clone, Debug)]
pub(super) struct Warned {
    /// The ref that it is about
    pub(super) subject: String,
    pub(super) ruling: Ruling,
}

impl Court<'_> {
    /// Ask the rules of the policy `root`, if one is about the intent.
    ///
    /// # Errors
    /// What they say no to, or rules that cannot be asked.
    pub(super) fn ask(
        &self,
        subject: &str,
        (root, intent): (PolicyRoot, Intent),
        deed: impl FnOnce() -> Result<Deed, Error>,
    ) -> Result<(), Objection> {
        let after = self.believed()?;
        let law = Law::of(after.policies(), root)?;
        if !law.governs(intent) {
            return Ok(());
        }
        let deed = deed()?;
        let about = self.agreements.about((after, &law), &deed)?;
        self.accept(subject, law.ask(&deed, &about)?)
    }

    /// Take what rules said: a warning is noted, and a no is one.
    ///
    /// # Errors
    /// The no.
    pub(super) fn accept(&self, subject: &str, ruling: Ruling) -> Result<(), Objection> {
        if !ruling.is_allowed() {
            return Err(Objection::Denied(Box::new(ruling)));
        }
        if !ruling.decision.warnings.is_empty() {
            let subject = subject.to_owned();
            self.warned.borrow_mut().push(Warned { subject, ruling });
        }
        Ok(())
    }

    /// Whether a rule of the policy in force is about moving refs that are not of ours.
    ///
    /// # Errors
    /// Rules that cannot be read.
    pub(super) fn governs_refs(&self) -> Result<bool, Error> {
        let law = Law::of(self.believed()?.policies(), self.in_force_before()?)?;
        Ok(law.governs(Intent::PushRef))
    }

    /// The policy in force before the push; the one that it brings where there was none.
    fn in_force_before(&self) -> Result<PolicyRoot, Error> {
        match &self.before {
            Some(before) => Ok(before.policy().0),
            None => Ok(self.believed()?.policy().0),
        }
    }

    /// Who pushes, if the transport says so and the policy knows them.
    fn pusher(&self, root: PolicyRoot) -> Result<Option<ActorName>, Error> {
        let trust = &self.believed()?.policies().get(&root)?.trust;
        let name = self.push.pusher.as_deref();
        let name = name.and_then(|name| name.parse::<ActorName>().ok());
        Ok(name.filter(|name| trust.actors().contains_key(name)))
    }
}

/// Ask the rules about a ref that is not of ours.
///
/// # Errors
/// What they say no to.
pub(super) fn push(court: &Court<'_>, update: &RefUpdate, facts: &Facts) -> Result<(), Objection> {
    let root = court.in_force_before()?;
    court.ask(update.name.as_str(), (root, Intent::PushRef), || {
        let pusher = court.pusher(root)?;
        let push = PushFacts {
            reference: facts.name.clone(),
            old: facts.old.clone(),
            new: facts.new.clone(),
            fast_forward: facts.change == Change::Forward,
            paths: paths(court, update)?,
            signers: signers(court, root, update.new)?,
            landed: landed(court, root, update.new)?,
            time: i64::try_from(court.push.now).unwrap_or(i64::MAX),
        };
        Ok(Deed::push(pusher.as_ref(), push))
    })
}

/// Whether a commit that people agreed on has come to a branch or tag before.
fn landed(court: &Court<'_>, root: PolicyRoot, new: Option<ObjectId>) -> Result<bool, Error> {
    let Some(new) = new else { return Ok(false) };
    let subject = Subject::Commit(new.to_string());
    if !court
        .agreements
        .mention(court.believed()?, root, &subject)?
    {
        return Ok(false);
    }
    for tip in (court.push.tips)()? {
        // What cannot be followed far enough counts as a history that has it.
        let Some(tip) = commit_of(&court.view, tip)? else {
            continue;
        };
        let has = court.view.descends(tip, new, MAX_WALK);
        if has.or_failed(|| format!("cannot follow the history of {tip}"))? != Some(false) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The paths that an update changes: from what the ref holds to what it would hold. A new ref is compared
/// with where its history meets the server's `HEAD`; where it does not, with nothing.
fn paths(court: &Court<'_>, update: &RefUpdate) -> Result<Vec<String>, Error> {
    let Some(new) = update.new else {
        return Ok(Vec::new());
    };
    let Some(new) = commit_of(&court.view, new)? else {
        return Ok(Vec::new());
    };
    let before = match update.old {
        Some(old) => commit_of(&court.view, old)?,
        None => match court.push.head {
            Some(head) => court
                .view
                .meeting(new, head, MAX_WALK)
                .or_failed(|| format!("cannot follow the history of {new}"))?,
            None => None,
        },
    };
    let tree = |commit: ObjectId| {
        let read = court.view.read_commit(&commit);
        let read = read.or_failed(|| format!("cannot read commit {commit}"))?;
        Ok::<_, Error>(read.tree)
    };
    let (before, after) = (before.map(tree).transpose()?, tree(new)?);
    let changed = court
        .view
        .changed_paths(before, Some(after), MAX_PATHS)
        .or_failed(|| format!("cannot read the files of {new}"))?;
    changed.ok_or_else(|| {
        let message = format!("more than {MAX_PATHS} files change at once");
        Error::new(ErrorKind::Refused, message).with_hint("push them in parts")
    })
}

/// The commit that an object is or, as a tag, points to; `None` for anything else.
pub(crate) fn commit_of(
    git: &gatos_git::Repository,
    id: ObjectId,
) -> Result<Option<ObjectId>, Error> {
    let (id, kind) = peeled(git, id)?;
    Ok((kind == Some(ObjectKind::Commit)).then_some(id))
}

/// What an object is or, as a tag, points to, and its kind: still a tag where too many point to each other, and
/// none where it is not there.
pub(super) fn peeled(
    git: &gatos_git::Repository,
    id: ObjectId,
) -> Result<(ObjectId, Option<ObjectKind>), Error> {
    let mut id = id;
    for left in (0..MAX_TAGS).rev() {
        let header = git.object_header(&id);
        let kind = header
            .or_failed(|| format!("cannot read object {id}"))?
            .map(|(kind, _)| kind);
        if kind != Some(ObjectKind::Tag) || left == 0 {
            return Ok((id, kind));
        }
        let target = git.tag_target(&id);
        id = target.or_failed(|| format!("cannot read tag {id}"))?;
    }
    Ok((id, None))
}
