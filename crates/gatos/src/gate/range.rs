//! The gate's judgement without a server: of a range of commits, and of what a push would do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gatos_core::denial::DENIAL_REF_PREFIX;
use gatos_core::place::{Movement, Place};
use gatos_core::policy::ACTIVE_REF;
use gatos_git::{FullName, ObjectId, RefUpdate};
use serde::Serialize;

use super::court::{Push, Refusal, judge_push};
use super::rules::commit_of;
use crate::clock::now_ms;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::open_git;

/// One ref that would move.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The ref
    pub name: FullName,
    /// Where it is; none if it would be made
    pub old: Option<ObjectId>,
    /// Where it would be; none if it would be deleted
    pub new: Option<ObjectId>,
}

/// Why one ref may not move.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// The ref
    #[serde(rename = "ref")]
    pub reference: String,
    /// The rule
    pub rule: String,
    /// Where it is written down why there is such a rule
    pub adr: Option<String>,
    /// What is wrong
    pub message: String,
    /// The least that would have to be otherwise
    pub missing: Option<String>,
    /// What to do next
    pub next: Option<String>,
}

/// What the gate would say.
#[derive(Clone, Debug, Serialize)]
pub struct RangeReport {
    /// Whether everything may be
    pub accepted: bool,
    /// Number of refs that were judged
    pub refs: usize,
    /// What may not be
    pub refused: Vec<Refused>,
    /// What rules only warn of
    pub warnings: Vec<Refused>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            reference: refusal.subject,
            rule: refusal.reason.rule,
            adr: refusal.reason.adr,
            message: refusal.reason.message,
            missing: refusal.reason.missing,
            next: refusal.reason.next,
        }
    }
}

/// A server as it is, as far as it is not as here.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// Its refs
    pub refs: Vec<(FullName, Option<ObjectId>)>,
    /// The commit of its `HEAD`, with which new branches are compared
    pub head: Option<ObjectId>,
    /// Where its branches and tags are
    pub tips: Vec<ObjectId>,
}

/// What the gate would say if `candidates` were pushed to a server whose other refs are as here, except
/// for those in `elsewhere`.
///
/// # Errors
/// No repository, or something that could not be looked at.
pub fn check_push(
    path: &Path,
    candidates: &[Candidate],
    elsewhere: Elsewhere,
    pusher: Option<String>,
) -> Result<RangeReport, Error> {
    let git = open_git(path)?;
    let there = candidates
        .iter()
        .map(|candidate| (candidate.name.clone(), candidate.old))
        .chain(elsewhere.refs);
    let pretended = there.filter_map(|(name, id)| Some((name.as_str().parse().ok()?, id)));
    let updates: Vec<RefUpdate> = candidates
        .iter()
        .map(|candidate| RefUpdate {
            name: candidate.name.clone(),
            old: candidate.old,
            new: candidate.new,
        })
        .collect();
    let olds = candidates.iter().filter_map(|candidate| candidate.old);
    let there = known(&git, olds.chain(elsewhere.tips.iter().copied()))?;
    let push = Push {
        before: git.as_if(pretended),
        updates: &updates,
        pusher,
        pinned: None,
        head: elsewhere.head,
        tips: &|| Ok(elsewhere.tips.clone()),
        // What is missing in a shallow clone was cut off from what is there.
        known: &|id| Ok(there.contains(id) || git.is_shallow() && git.object_header(id)?.is_none()),
        now: now_ms(),
    };
    let verdict = judge_push(&push)?;
    let told = |refusals: Vec<Refusal>| refusals.into_iter().map(Refused::from).collect();
    Ok(RangeReport {
        accepted: verdict.refusals.is_empty(),
        refs: updates.len(),
        refused: told(verdict.refusals),
        warnings: told(verdict.warnings),
    })
}

/// The commits in the histories of what is somewhere already, as far as they are here.
fn known(
    git: &gatos_git::Repository,
    there: impl Iterator<Item = ObjectId>,
) -> Result<BTreeSet<ObjectId>, Error> {
    let mut heads = Vec::new();
    for id in there {
        heads.extend(commit_of(git, id)?);
    }
    git.ancestors(heads)
        .or_failed(|| "cannot follow the history of what is there".to_owned())
}

/// What the gate of a server would say if `refs` were pushed to it from here: names of refs, or
/// `<source>:<ref>`; without any, every ref of GATOS that the server does not have as it is here.
///
/// # Errors
/// A server that cannot be reached, what it has and was not fetched, or names that mean nothing here.
pub fn planned_push(
    path: &Path,
    remote: &str,
    refs: &[String],
    pusher: Option<String>,
) -> Result<RangeReport, Error> {
    let git = open_git(path)?;
    let (there, head) = gatos_git::remote_refs(&git, remote)
        .context(ErrorKind::Blocked, || format!("`{remote}` does not answer"))?;
    let mut candidates = Vec::new();
    if refs.is_empty() {
        let ours = git
            .gatos_refs()
            .or_failed(|| "cannot list the refs".to_owned())?;
        for (name, id) in ours {
            let name = FullName::from(&name);
            let old = there.get(&name).copied();
            if old != Some(id) && Place::of(name.as_str()).movement() != Movement::Server {
                candidates.push(Candidate {
                    name,
                    old,
                    new: Some(id),
                });
            }
        }
    }
    for text in refs {
        candidates.push(candidate(&git, &there, text.trim_start_matches('+'))?);
    }
    for (name, id) in &there {
        let wanted = Place::of(name.as_str()).is_ours()
            || candidates.iter().any(|candidate| candidate.name == *name);
        let known = git
            .object_header(id)
            .or_failed(|| format!("cannot read object {id}"))?;
        if wanted && known.is_none() && !name.as_str().starts_with(DENIAL_REF_PREFIX) {
            let message = format!("what `{remote}` has in `{name}` is not here");
            return Err(Error::new(ErrorKind::Blocked, message)
                .with_hint(format!("git fetch {remote} {name}")));
        }
    }
    know_head(&git, remote, (head, &candidates))?;
    if candidates.is_empty() {
        return Ok(RangeReport {
            accepted: true,
            refs: 0,
            refused: Vec::new(),
            warnings: Vec::new(),
        });
    }
    let ours = git
        .gatos_refs()
        .or_failed(|| "cannot list the refs".to_owned())?;
    let absent = ours
        .iter()
        .map(|(name, _)| FullName::from(name))
        .filter(|name| !there.contains_key(name))
        .map(|name| (name, None));
    let elsewhere = there.iter().map(|(name, id)| (name.clone(), Some(*id)));
    let tips = there.iter().filter(|(name, _)| {
        let place = Place::of(name.as_str());
        matches!(place, Place::Branch | Place::Tag)
    });
    let elsewhere = Elsewhere {
        refs: absent.chain(elsewhere).collect(),
        head,
        tips: tips.map(|(_, id)| *id).collect(),
    };
    check_push(path, &candidates, elsewhere, pusher)
}

/// New branches are compared with the server's `HEAD`, which must be here for that.
fn know_head(
    git: &gatos_git::Repository,
    remote: &str,
    (head, candidates): (Option<ObjectId>, &[Candidate]),
) -> Result<(), Error> {
    let makes_branch = |candidate: &Candidate| {
        candidate.old.is_none() && !Place::of(candidate.name.as_str()).is_ours()
    };
    let Some(head) = head.filter(|_| candidates.iter().any(makes_branch)) else {
        return Ok(());
    };
    let known = git.object_header(&head);
    if known
        .or_failed(|| format!("cannot read object {head}"))?
        .is_some()
    {
        return Ok(());
    }
    let message = format!("what `{remote}` has in `HEAD` is not here");
    Err(Error::new(ErrorKind::Blocked, message).with_hint(format!("git fetch {remote} HEAD")))
}

/// What one argument means.
fn candidate(
    git: &gatos_git::Repository,
    there: &BTreeMap<FullName, ObjectId>,
    text: &str,
) -> Result<Candidate, Error> {
    let (source, name) = text.split_once(':').unwrap_or((text, text));
    let name = if name.starts_with("refs/") {
        name.to_owned()
    } else {
        format!("refs/heads/{name}")
    };
    let name: FullName = name
        .parse()
        .context(ErrorKind::Usage, || format!("`{name}` is no ref"))?;
    let new = match source {
        "" => None,
        source => Some(
            gatos_git::resolve(git, source)
                .context(ErrorKind::Usage, || format!("`{source}` is nothing here"))?,
        ),
    };
    let old = there.get(&name).copied();
    Ok(Candidate { name, old, new })
}

/// What the gate would say if one ref moved from `old` to `new`, which are what Git calls them.
///
/// # Errors
/// Names that mean nothing here, or something that could not be looked at.
pub fn check_range(
    path: &Path,
    name: Option<&str>,
    (old, new): (&str, &str),
) -> Result<RangeReport, Error> {
    let git = open_git(path)?;
    let meant = |text: &str| -> Result<Option<ObjectId>, Error> {
        if !text.is_empty() && text.bytes().all(|byte| byte == b'0') {
            return Ok(None);
        }
        let found = gatos_git::resolve(&git, text);
        found
            .map(Some)
            .context(ErrorKind::Usage, || format!("`{text}` is nothing here"))
    };
    let name = match name {
        Some(name) => name.to_owned(),
        None => gatos_git::checked_out(&git).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "no branch is checked out")
                .with_hint(format!("say which ref it is: --ref {ACTIVE_REF}"))
        })?,
    };
    let candidate = Candidate {
        name: name
            .parse()
            .context(ErrorKind::Usage, || format!("`{name}` is no ref"))?,
        old: meant(old)?,
        new: meant(new)?,
    };
    if candidate.old.is_none() && candidate.new.is_none() {
        return Err(Error::new(ErrorKind::Usage, "nothing would move"));
    }
    let elsewhere = Elsewhere {
        refs: Vec::new(),
        head: gatos_git::resolve(&git, "refs/remotes/origin/HEAD").ok(),
        tips: Vec::new(),
    };
    check_push(path, &[candidate], elsewhere, None)
}
