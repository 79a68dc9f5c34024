//! Judging a push: each update by itself, all by the same two views of the repository.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use gatos_core::denial::{Effect, Judge};
use gatos_core::gate::{Facts, Flaw, Reason, judge};
use gatos_core::id::{PolicyCodeRoot, PolicyRoot, RepoId};
use gatos_core::place::Place;
use gatos_core::policy::{ACTIVE_REF, Bundle};
use gatos_core::value::Value;
use gatos_git::{ObjectId, ObjectKind, ReadError, RefName, RefUpdate};

use super::content::examine;
use super::facts::{Found, facts};
use super::rules::{self, Objection, Warned};
use super::signature;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::{Agreements, Ruling};
use crate::repository::Repository;
use crate::repository::ledger::ref_name;

/// What is judged, and with which eyes.
pub(super) struct Push<'p> {
    /// The repository with its refs as they are
    pub(super) before: gatos_git::Repository,
    /// What is asked for
    pub(super) updates: &'p [RefUpdate],
    /// Who pushes, as the server knows them
    pub(super) pusher: Option<String>,
    /// The only repository that may be founded here
    pub(super) pinned: Option<RepoId>,
    /// The commit of the server's `HEAD`, with which new branches are compared
    pub(super) head: Option<ObjectId>,
    /// Where every branch and tag of the server is
    pub(super) tips: &'p dyn Fn() -> Result<Vec<ObjectId>, Error>,
    /// Whether a commit was there before the push
    pub(super) known: &'p dyn Fn(&ObjectId) -> Result<bool, ReadError>,
    /// When the push came, in milliseconds since 1970
    pub(super) now: u64,
}

/// One thing that may not be.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) subject: String,
    pub(super) judge: Judge,
    pub(super) effect: Effect,
    pub(super) intent: &'static str,
    /// What was judged
    pub(super) input: Value,
    /// What was decided
    pub(super) decision: Value,
    pub(super) reason: Reason,
    /// The compiled rules that decided, if it was not the gate
    pub(super) rules: Option<PolicyCodeRoot>,
}

/// What came of a push.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Where the chain of policies was when it was judged
    pub(super) policy: Option<ObjectId>,
    /// What may not be; nothing if it may all be
    pub(super) refusals: Vec<Refusal>,
    /// What rules only warn of
    pub(super) warnings: Vec<Refusal>,
    /// The compiled rules that decided about the first of them
    pub(super) rules: Option<Vec<u8>>,
}

/// What every update of a push is judged with.
pub(super) struct Court<'p> {
    pub(super) push: &'p Push<'p>,
    /// As it would be if everything were accepted
    pub(super) view: gatos_git::Repository,
    /// Its history as it is; none before it was founded
    pub(super) before: Option<Repository>,
    /// Its history as it would be, or why that cannot be believed
    pub(super) after: Result<Repository, Error>,
    /// Every policy of the chain as it would be, by its number
    chain: Vec<PolicyRoot>,
    /// What people agreed on, as it would be
    pub(super) agreements: Agreements,
    /// What rules warned of so far
    pub(super) warned: RefCell<Vec<Warned>>,
    /// The commits of branches and tags that were looked at so far
    pub(super) seen: RefCell<BTreeSet<ObjectId>>,
    /// What kinds of objects the updates name
    kinds: RefCell<BTreeMap<ObjectId, Option<ObjectKind>>>,
}

/// Judge a push.
///
/// # Errors
/// Something that could not be looked at; then nothing may be.
pub(super) fn judge_push(push: &Push<'_>) -> Result<Verdict, Error> {
    let active = ref_name(ACTIVE_REF)?;
    let policy = push
        .before
        .find_ref(&active)
        .or_failed(|| format!("cannot read `{active}`"))?;
    // Whatever moves meanwhile, all of the push is judged by this one.
    let court = Court::open(push, push.before.as_if([(active, policy)]))?;
    let mut refusals = Vec::new();
    let mut looked_at = Vec::new();
    let mut twins = BTreeMap::new();
    for update in push.updates {
        let lower = update.name.as_str().to_ascii_lowercase();
        let place = Place::of(update.name.as_str());
        let mut found = facts(&court, update, &place)?;
        found.facts.twin = twins.insert(lower, update.name.to_string());
        match judge(&found.facts) {
            Some(reason) => refusals.push(Refusal::by_gate(&found.facts, reason)),
            None => looked_at.push((update, place, found)),
        }
    }
    // Where something cannot be accepted whatever it holds, nothing need be verified.
    if refusals.is_empty() {
        for (update, place, found) in looked_at {
            refusals.extend(court.judge(update, &place, found)?);
        }
    }
    let warnings = court.warned.take();
    let warnings: Vec<_> = warnings
        .iter()
        .filter_map(|warned| Refusal::by_policy(&warned.subject, &warned.ruling, Effect::Warned))
        .collect();
    let first = refusals.first().or(warnings.first());
    let rules = first.and_then(|first| first.rules);
    let rules = rules
        .map(|root| {
            Ok::<_, Error>(
                court
                    .believed()?
                    .policies()
                    .program(&root)?
                    .to_rgc()
                    .to_vec(),
            )
        })
        .transpose()?;
    Ok(Verdict {
        policy,
        refusals,
        warnings,
        rules,
    })
}

impl<'p> Court<'p> {
    fn open(push: &'p Push<'p>, git: gatos_git::Repository) -> Result<Self, Error> {
        let active = ref_name(ACTIVE_REF)?;
        let founded = git
            .find_ref(&active)
            .or_failed(|| format!("cannot read `{active}`"))?
            .is_some();
        let before = founded.then(|| Repository::of(git.clone())).transpose()?;
        let view = git.as_if(push.updates.iter().filter_map(pretended));
        let after = Repository::of(view.clone()).and_then(|after| match push.pinned {
            Some(pinned) if after.id() != pinned => Err(Error::new(
                ErrorKind::Mismatch,
                format!(
                    "this server is for the repository {pinned}, not {}",
                    after.id()
                ),
            )),
            _ => Ok(after),
        });
        let mut chain: Vec<_> = after.as_ref().map_or_else(
            |_| Vec::new(),
            |after| {
                let bundles = after.policies().bundles().iter();
                bundles
                    .map(|(root, bundle)| (bundle.statement().position.seq, *root))
                    .collect()
            },
        );
        chain.sort_by_key(|(seq, _)| *seq);
        Ok(Self {
            push,
            view,
            before,
            after,
            chain: chain.into_iter().map(|(_, root)| root).collect(),
            agreements: Agreements::default(),
            warned: RefCell::default(),
            seen: RefCell::default(),
            kinds: RefCell::default(),
        })
    }

    /// The kind of an object that an update names; none if it is not there.
    ///
    /// # Errors
    /// One that cannot be read.
    pub(super) fn kind(&self, id: &ObjectId) -> Result<Option<ObjectKind>, Error> {
        if let Some(kind) = self.kinds.borrow().get(id) {
            return Ok(*kind);
        }
        let header = self.view.object_header(id);
        let kind = header
            .or_failed(|| format!("cannot read object {id}"))?
            .map(|(kind, _)| kind);
        self.kinds.borrow_mut().insert(*id, kind);
        Ok(kind)
    }

    /// Judge an update by what the ref would hold, and by the rules of the policy.
    fn judge(
        &self,
        update: &RefUpdate,
        place: &Place,
        found: Found,
    ) -> Result<Option<Refusal>, Error> {
        let Found { mut facts, commits } = found;
        let objection = if place.is_ours() {
            examine(self, update, place, &commits)
        } else {
            self.permitted(place, &facts)
                .and_then(|()| Ok(signature::at_most_one(self, update)?))
                .and_then(|()| rules::push(self, update, &facts))
        };
        match objection {
            Ok(()) => {}
            Err(Objection::Flaw(error)) => {
                facts.flaw = Some(Flaw {
                    rule: format!("gate.{}", place.word()),
                    message: error.full_message(),
                    next: error.hint().map(str::to_owned),
                });
            }
            Err(Objection::Denied(ruling)) => {
                return Ok(Refusal::by_policy(&facts.name, &ruling, Effect::Refused));
            }
        }
        Ok(judge(&facts).map(|reason| Refusal::by_gate(&facts, reason)))
    }

    /// Refs that are neither branch nor tag need a rule that lets them be.
    fn permitted(&self, place: &Place, facts: &Facts) -> Result<(), Objection> {
        if *place != Place::Foreign || self.governs_refs()? {
            return Ok(());
        }
        let name = &facts.name;
        let message =
            format!("`{name}` is neither a branch nor a tag, and no rule lets it be pushed");
        Err(Error::new(ErrorKind::Refused, message).into())
    }

    /// Whether there is a policy, before the push or with it.
    pub(super) fn is_founded(&self) -> bool {
        let brings = |update: &RefUpdate| update.name.as_str() == ACTIVE_REF;
        self.before.is_some() || self.push.updates.iter().any(brings)
    }

    /// The later of two policies: the one that a statement names, and the one that was in force when
    /// it was received (or that a statement before it named).
    ///
    /// # Errors
    /// A policy that is not of the chain.
    pub(super) fn in_force(&self, named: &PolicyRoot, floor: u64) -> Result<(u64, &Bundle), Error> {
        let after = self.believed()?;
        let seq = after.policies().get(named)?.position.seq.max(floor);
        let root = usize::try_from(seq)
            .ok()
            .and_then(|seq| self.chain.get(seq));
        let root = root.ok_or_else(|| {
            Error::new(
                ErrorKind::Mismatch,
                format!("there is no policy number {seq}"),
            )
        })?;
        Ok((seq, after.policies().get(root)?))
    }

    /// The number of the policy that was in force before the push.
    pub(super) fn floor(&self) -> u64 {
        self.before
            .as_ref()
            .map_or(0, |before| before.policy().1.position.seq)
    }

    /// The history as it would be.
    ///
    /// # Errors
    /// One that cannot be believed.
    pub(super) fn believed(&self) -> Result<&Repository, Error> {
        self.after.as_ref().map_err(|error| {
            let hint = "the policies come first: without them nothing else is judged";
            Error::new(error.kind(), error.full_message()).with_hint(hint)
        })
    }
}

impl Refusal {
    fn by_gate(facts: &Facts, reason: Reason) -> Self {
        let mut facts = facts.clone();
        if judge(&facts).is_none() {
            facts.flaw = Some(Flaw {
                rule: reason.rule.clone(),
                message: reason.message.clone(),
                next: reason.next.clone(),
            });
        }
        Self {
            subject: facts.name.clone(),
            judge: Judge::Gate,
            effect: Effect::Refused,
            intent: "push.ref",
            input: facts.to_value(),
            decision: reason.to_value(),
            reason,
            rules: None,
        }
    }

    /// What rules said, of its first reason.
    fn by_policy(subject: &str, ruling: &Ruling, effect: Effect) -> Option<Self> {
        let reason = match effect {
            Effect::Refused => ruling.reason(),
            Effect::Warned => ruling.warning(),
        };
        Some(Self {
            subject: subject.to_owned(),
            judge: Judge::Policy,
            effect,
            intent: ruling.input.intent().as_str(),
            input: ruling.input.value().clone(),
            decision: ruling.decision.to_value(),
            reason: reason?,
            rules: Some(ruling.code()),
        })
    }
}

/// A ref of ours as it would be.
fn pretended(update: &RefUpdate) -> Option<(RefName, Option<ObjectId>)> {
    if !Place::of(update.name.as_str()).is_ours() {
        return None;
    }
    let name = update.name.as_str().parse().ok()?;
    Some((name, update.new))
}
