//! The three hooks. Whatever goes wrong in one of them refuses the push.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, Read, Write};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};

use gatos_core::place::Place;
use gatos_core::policy::ACTIVE_REF;
use gatos_git::{
    FullName, Incoming, ObjectFormat, ObjectId, ReadError, RefName, RefUpdate, packet, read_updates,
};

use super::court::{Push, Refusal, Verdict, judge_push};
use super::record::{About, Kept, keep};
use super::rules::commit_of;
use super::settings::Settings;
use super::tally::Tally;
use super::ticket::{Ticket, gate_folder, sweep, ticket_path};
use crate::clock::now_ms;
use crate::error::{Context, Error, ErrorKind};
use crate::repository::ledger::ref_name;

/// The variable that tells *reference-transaction* which ticket the transaction is for.
const TICKET: &str = "GATOS_GATE_TICKET";

/// What a hook finds around it.
pub struct Surroundings<'s> {
    /// The repository
    pub repository: PathBuf,
    /// A variable of the environment
    pub variable: &'s dyn Fn(&str) -> Option<OsString>,
}

/// What a hook answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// Whether the push is refused
    pub refused: bool,
    /// What whoever pushes is told, a line each
    pub lines: Vec<String>,
}

/// *pre-receive*: judge a push that Git keeps apart.
///
/// # Errors
/// Something that could not be looked at: the push must be refused.
pub fn pre_receive(around: &Surroundings<'_>, input: &mut impl BufRead) -> Result<Answer, Error> {
    let git = open(&around.repository)?;
    let settings = Settings::of(&git)?;
    let incoming = Incoming::of_environment(around.variable)
        .or_failed(|| "the push cannot be found".to_owned())?;
    let updates = read_updates(input, git.object_format())
        .or_failed(|| "the push cannot be understood".to_owned())?;
    let before = match &incoming {
        Some(incoming) => git
            .with_incoming(incoming)
            .or_failed(|| "the push cannot be read".to_owned())?,
        None => git.clone(),
    };
    let head = head(&git)?;
    let reached = Reached::of(&git, head, &updates);
    let push = Push {
        before,
        updates: &updates,
        pusher: settings.pusher(around.variable)?,
        pinned: settings.repo,
        head,
        tips: &|| tips(&git),
        known: &|id| reached.has(id),
        now: now_ms(),
    };
    let verdict = judge_push(&push)?;
    sweep(&git);
    if verdict.refusals.is_empty() {
        let folders = incoming.as_ref().map(Incoming::folders).transpose();
        let ticket = Ticket {
            policy: verdict.policy,
            folders: folders
                .or_failed(|| "the push cannot be read".to_owned())?
                .unwrap_or_default(),
            updates: updates.iter().cloned().collect(),
        };
        ticket.leave(&ticket_path(&git, parent_id()), git.object_format())?;
        return Ok(warn(&git, &push, &verdict));
    }
    Ok(refuse(&git, &push, &verdict))
}

/// Keep the first refusal and say it in three lines.
fn refuse(git: &gatos_git::Repository, push: &Push<'_>, verdict: &Verdict) -> Answer {
    let Some(first) = verdict.refusals.first() else {
        return Answer {
            refused: true,
            lines: Vec::new(),
        };
    };
    let kept = keep(git, first, &about(push, verdict));
    Answer {
        refused: true,
        lines: lines(first, verdict.refusals.len(), &kept),
    }
}

fn about<'v>(push: &Push<'_>, verdict: &'v Verdict) -> About<'v> {
    About {
        refs: push.updates.len() as u64,
        pusher: push.pusher.clone(),
        rules: verdict.rules.as_deref(),
    }
}

/// Keep the first thing that a rule warns of, and say it; nothing is stopped by that.
fn warn(git: &gatos_git::Repository, push: &Push<'_>, verdict: &Verdict) -> Answer {
    let Some(first) = verdict.warnings.first() else {
        return Answer::default();
    };
    let kept = keep(git, first, &about(push, verdict));
    let mut lines = lines(first, verdict.warnings.len(), &kept);
    if let Some(line) = lines.first_mut() {
        *line = line.replacen("gatos: refused:", "gatos: warning:", 1);
    }
    Answer {
        refused: false,
        lines,
    }
}

/// The commit of the server's `HEAD`.
fn head(git: &gatos_git::Repository) -> Result<Option<gatos_git::ObjectId>, Error> {
    git.head_commit()
        .or_failed(|| "cannot read `HEAD`".to_owned())
}

/// Where every branch and tag of the server is.
fn tips(git: &gatos_git::Repository) -> Result<Vec<gatos_git::ObjectId>, Error> {
    git.branches_and_tags()
        .or_failed(|| "cannot list the branches".to_owned())
}

/// The commits that refs of the server lead to.
///
/// That an object is there says nothing: a push may bring along what no ref leads to, and be accepted.
struct Reached<'g> {
    git: &'g gatos_git::Repository,
    /// Where the server's `HEAD` is
    head: Option<ObjectId>,
    /// The ref that stands at a commit, if whoever pushes knows
    said: BTreeMap<ObjectId, &'g FullName>,
    /// All of them, once somebody asks for another
    all: OnceCell<BTreeSet<ObjectId>>,
}

impl<'g> Reached<'g> {
    fn of(
        git: &'g gatos_git::Repository,
        head: Option<ObjectId>,
        updates: &'g [RefUpdate],
    ) -> Self {
        let said = updates
            .iter()
            .filter_map(|update| Some((update.old?, &update.name)));
        Self {
            git,
            head,
            said: said.collect(),
            all: OnceCell::new(),
        }
    }

    fn has(&self, id: &ObjectId) -> Result<bool, ReadError> {
        if self.head == Some(*id) || self.is_as_said(id) {
            return Ok(true);
        }
        Ok(self.git.object_header(id)?.is_some() && self.all().contains(id))
    }

    /// Whether a ref of the push is there now: most pushes go on from where their refs are.
    fn is_as_said(&self, id: &ObjectId) -> bool {
        let name = self.said.get(id);
        name.is_some_and(|name| self.git.find_any_ref(name).ok().flatten() == Some(*id))
    }

    /// What cannot be followed counts as not reached, and is looked at.
    fn all(&self) -> &BTreeSet<ObjectId> {
        self.all.get_or_init(|| {
            let tips = self.git.branches_and_tags().unwrap_or_default();
            // Many refs stand at few commits.
            let tips: BTreeSet<_> = tips.into_iter().collect();
            let commits = tips
                .into_iter()
                .filter_map(|tip| commit_of(self.git, tip).ok().flatten());
            self.git.ancestors(commits).unwrap_or_default()
        })
    }
}

fn lines(refusal: &Refusal, count: usize, kept: &Result<Kept, Error>) -> Vec<String> {
    let reason = &refusal.reason;
    let also = match count {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let adr = reason.adr.as_deref().unwrap_or("its policy");
    let missing = reason.missing.as_deref().or(reason.next.as_deref());
    let missing = missing.unwrap_or("what the rule asks for");
    let kept = match kept {
        Ok(Kept::Recorded(ulid)) => format!("gatos: more: gatos policy explain {ulid}"),
        Ok(Kept::Counted(number)) => format!(
            "gatos: this is refusal {number} in a row; so many are counted, not recorded each"
        ),
        Err(error) => format!("gatos: not recorded: {}", error.full_message()),
    };
    vec![
        format!("gatos: refused: {} ({}{also})", reason.message, reason.rule),
        format!("gatos: missing: {missing} (why: {adr})"),
        kept,
    ]
}

/// *proc-receive*: apply a push that was judged, all of it or nothing, and say so to Git.
///
/// # Errors
/// Git does not speak as it should: then nothing was applied.
pub fn proc_receive(
    around: &Surroundings<'_>,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<Answer, Error> {
    let git = open(&around.repository)?;
    let talk = || "Git does not speak as it should".to_owned();
    let hello = packet::read(input).or_failed(talk)?.unwrap_or_default();
    while packet::read(input).or_failed(talk)?.is_some() {}
    if !hello.starts_with(b"version=1") {
        return Err(Error::new(ErrorKind::Failed, talk()));
    }
    packet::write(output, Some(b"version=1\n")).or_failed(talk)?;
    packet::write(output, None).or_failed(talk)?;
    let mut lines = Vec::new();
    while let Some(line) = packet::read(input).or_failed(talk)? {
        lines.extend(line);
        lines.push(b'\n');
    }
    let updates = read_updates(&mut lines.as_slice(), git.object_format())
        .or_failed(|| "the push cannot be understood".to_owned())?;
    let applied = apply(&git, &updates);
    for update in &updates {
        let line = match &applied {
            Ok(()) => format!("ok {}\n", update.name),
            Err(error) => {
                let why: String = error
                    .full_message()
                    .chars()
                    .filter(|c| c.is_ascii_graphic() || *c == ' ')
                    .take(200)
                    .collect();
                format!("ng {} {why}\n", update.name)
            }
        };
        packet::write(output, Some(line.as_bytes())).or_failed(talk)?;
    }
    packet::write(output, None).or_failed(talk)?;
    Ok(Answer::default())
}

/// Take the ticket, and move every ref while the policy is locked where it was.
fn apply(git: &gatos_git::Repository, updates: &[RefUpdate]) -> Result<(), Error> {
    let path = ticket_path(git, parent_id());
    let ticket = Ticket::read(&path, git.object_format())?;
    let taken = Taken(&path);
    let ticket = ticket.ok_or_else(|| {
        Error::new(ErrorKind::Refused, "the gate has not judged this push")
            .with_hint("on the server: gatos gate check")
    })?;
    let asked: BTreeSet<_> = updates.iter().cloned().collect();
    if asked != ticket.updates {
        let message = "the gate has judged another push";
        return Err(Error::new(ErrorKind::Refused, message));
    }
    let active = ref_name(ACTIVE_REF)?;
    let moves_policy = updates.iter().any(|u| u.name.as_str() == ACTIVE_REF);
    let unmoved: Vec<(RefName, _)> = (!moves_policy)
        .then_some((active, ticket.policy))
        .into_iter()
        .collect();
    let variable = taken.0.to_string_lossy();
    gatos_git::settle_incoming(git, ticket.folders.iter().map(String::as_str))
        .or_failed(|| "the push is not on the disk".to_owned())?;
    gatos_git::apply_updates(git, updates, &unmoved, (TICKET, &variable))
        .context(ErrorKind::Refused, || "nothing was applied".to_owned())?;
    // The push is accepted; a tally that stays is a record less later on.
    let _ = Tally::take(git).and_then(|mut tally| tally.clear());
    Ok(())
}

/// A ticket that is gone when this is.
struct Taken<'t>(&'t Path);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0);
    }
}

/// *reference-transaction*, before anything moves: what was judged is what is about to happen, and the
/// policy is still the one that it was judged by; anything else is judged now.
///
/// # Errors
/// Something that could not be looked at: the transaction must be refused.
pub fn reference_transaction(
    around: &Surroundings<'_>,
    input: &mut impl BufRead,
) -> Result<Answer, Error> {
    let git = open(&around.repository)?;
    let updates = guarded(&git, input)?;
    let folder = gate_folder(&git).join("tickets");
    let path = match (around.variable)(TICKET) {
        Some(path) if Path::new(&path).parent() == Some(&*folder) => PathBuf::from(path),
        _ => ticket_path(&git, parent_id()),
    };
    let ticket = Ticket::read(&path, git.object_format())?;
    if let Some(ticket) = ticket {
        return with_ticket(&git, &ticket, &updates);
    }
    if updates.is_empty() {
        return Ok(Answer::default());
    }
    let settings = Settings::of(&git)?;
    let head = head(&git)?;
    let reached = Reached::of(&git, head, &updates);
    let push = Push {
        before: git.clone(),
        updates: &updates,
        pusher: None,
        pinned: settings.repo,
        head,
        tips: &|| tips(&git),
        known: &|id| reached.has(id),
        now: now_ms(),
    };
    let verdict = judge_push(&push)?;
    if verdict.refusals.is_empty() {
        return Ok(Answer::default());
    }
    Ok(refuse(&git, &push, &verdict))
}

fn with_ticket(
    git: &gatos_git::Repository,
    ticket: &Ticket,
    updates: &[RefUpdate],
) -> Result<Answer, Error> {
    let refused = |line: &str| {
        Ok(Answer {
            refused: true,
            lines: vec![format!("gatos: refused: {line}")],
        })
    };
    // A ref that is only locked where it is looks to a hook like one that is deleted.
    let locked = |update: &RefUpdate| {
        update.name.as_str() == ACTIVE_REF && update.new.is_none() && update.old == ticket.policy
    };
    let judged = |update: &RefUpdate| locked(update) || ticket.updates.contains(update);
    if !updates.iter().all(judged) {
        return refused("this is not what the gate has judged");
    }
    let active = ref_name(ACTIVE_REF)?;
    let now = git
        .find_ref(&active)
        .or_failed(|| format!("cannot read `{active}`"))?;
    if now != ticket.policy {
        return refused("the policy has changed since the push was judged: push again");
    }
    Ok(Answer::default())
}

/// The updates of a transaction that concern the gate, with the values that the refs have now.
fn guarded(git: &gatos_git::Repository, input: &mut impl BufRead) -> Result<Vec<RefUpdate>, Error> {
    let cannot = || "the transaction cannot be understood".to_owned();
    let mut updates = Vec::new();
    for line in input.lines() {
        let line = line.or_failed(cannot)?;
        let mut parts = line.splitn(3, ' ');
        let (Some(_), Some(new), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::new(ErrorKind::Failed, cannot()));
        };
        if let Some(target) = new.strip_prefix("ref:")
            && !matches!(
                Place::of(target),
                Place::Branch | Place::Foreign | Place::Tag
            )
        {
            let message = format!("`{name}` must not stand for `{target}`");
            return Err(Error::new(ErrorKind::Refused, message));
        }
        let place = Place::of(name);
        let lower = name.to_ascii_lowercase();
        let ours =
            place.is_ours() || place == Place::Unlisted || lower.starts_with("refs/replace/");
        if !ours {
            continue;
        }
        let name: FullName = name.parse().or_failed(cannot)?;
        let old = git
            .find_any_ref(&name)
            .or_failed(|| format!("cannot read `{name}`"))?;
        let new = target(new, git.object_format())
            .ok_or_else(|| Error::new(ErrorKind::Refused, format!("`{name}` is never symbolic")))?;
        // A ref that is there already, or whose file goes because it was packed.
        let stays = match (old, new) {
            (Some(id), None) => git
                .stays_packed(&name, &id)
                .or_failed(|| format!("cannot read `{name}`"))?,
            _ => old == new,
        };
        if !stays {
            updates.push(RefUpdate { name, old, new });
        }
    }
    Ok(updates)
}

fn target(text: &str, format: ObjectFormat) -> Option<Option<gatos_git::ObjectId>> {
    if text.len() == format.hex_len() && text.bytes().all(|byte| byte == b'0') {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

fn open(path: &Path) -> Result<gatos_git::Repository, Error> {
    gatos_git::Repository::open(path).or_failed(|| "the repository cannot be opened".to_owned())
}
