//! From a request to whoever does it.
//!
//= spec/rpc.md#methods

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gatos::governance::{self, Parcel, Submission};
use gatos::journal::{self, Draft, admit};
use gatos::rpc::{Call, Code, FrameError, MAX_LINE_BYTES, Note, PROTOCOL, Refusal};
use gatos::{
    Error, ErrorKind, Event, JournalName, KnownKeys, MAX_BATCH_EVENTS, Repository, Signed, fold,
};
use serde::Serialize;

use super::ticket::{Desk, Ticket};
use crate::house::House;
use crate::queue::NotQueued;
use crate::work::{Append, Fold, Govern, Recording, Watch, follow, watch};

/// What is said of bytes that are no line.
pub(super) fn unframed(error: FrameError) -> Refusal {
    let code = match error {
        FrameError::TooLong => Code::TooLong,
        FrameError::NotUtf8 { .. } | FrameError::Unfinished => Code::Malformed,
    };
    Refusal::new(None, code, error.to_string())
}

/// Do what is asked, or hand it to the thread that does.
pub(super) fn answer(
    house: &Arc<House>,
    (desk, ticket): (&Desk, Ticket),
    call: Call,
    known: &mut KnownKeys,
) {
    if house.is_stopping() {
        return ticket.refused(Code::Stopping, "the daemon is ending");
    }
    match call {
        Call::Ping => ticket.done(&Pong {}),
        Call::Hello { protocol, repo } => hello(house, ticket, (protocol, repo)),
        Call::Append {
            journal,
            events,
            drafts,
        } => append(house, ticket, (journal, events, drafts), known),
        Call::Fold { state, source } => match &house.settings.key {
            None => no_key(ticket),
            Some(_) => {
                let ticket = Some(ticket);
                queue_fold(
                    house,
                    Fold {
                        state,
                        source,
                        ticket,
                    },
                );
            }
        },
        Call::Follow {
            journal,
            since,
            limit,
        } => follow(house, ticket, journal, (since, limit)),
        Call::Cancel { request } => {
            let cancelled = desk.cancel(&request);
            house.growth.tell();
            ticket.done(&Cancelled { cancelled });
        }
        Call::Submit(parcel) => submit(house, ticket, parcel),
        Call::Proposals { proposal: None } => tell_all(house, ticket, governance::proposals),
        Call::Proposals { proposal: Some(id) } => tell(house, ticket, |repository| {
            governance::proposal(repository, &id)
        }),
        Call::Grants { grant: None } => tell_all(house, ticket, governance::grants),
        Call::Grants { grant: Some(id) } => tell(house, ticket, |repository| {
            governance::verify_grant(repository, &id)
        }),
        Call::Watch {
            series,
            since,
            limit,
        } => {
            let wanted = Watch {
                series,
                since,
                limit,
            };
            watch(house, ticket, wanted);
        }
        Call::Status => tell(house, ticket, |repository| Ok(status(house, repository))),
        Call::List => tell(house, ticket, list),
        Call::ShowState { point, path } => tell(house, ticket, |repository| {
            fold::show(repository, &point, &path)
        }),
        Call::ShowEvent { journal, which } => tell(house, ticket, |repository| {
            journal::show(repository, &journal, which)
        }),
    }
}

#[derive(Serialize)]
struct Pong {}

#[derive(Serialize)]
struct Cancelled {
    cancelled: bool,
}

/// Look something up in the repository as it is now.
fn tell<T: Serialize>(
    house: &House,
    ticket: Ticket,
    look: impl FnOnce(&Repository) -> Result<T, Error>,
) {
    match house.repository().and_then(|repository| look(&repository)) {
        Ok(result) => ticket.done(&result),
        Err(error) => ticket.failed(&error),
    }
}

fn no_key(ticket: Ticket) {
    ticket.refused(
        Code::NoKey,
        "the daemon has no key to sign with: start it with --key, or send signed events",
    );
}

fn hello(house: &House, ticket: Ticket, (protocol, repo): (i64, Option<String>)) {
    #[derive(Serialize)]
    struct Hello {
        protocol: i64,
        version: &'static str,
        repo: String,
        pid: u32,
        key: Option<String>,
        max_line_bytes: usize,
    }
    let ours = house.held().id().to_string();
    if protocol != PROTOCOL {
        let reason = format!("this daemon speaks protocol {PROTOCOL}, not {protocol}");
        return ticket.refused(Code::Protocol, reason);
    }
    if repo.is_some_and(|theirs| theirs != ours) {
        let reason = format!("this daemon serves the repository {ours}");
        return ticket.refused(Code::Protocol, reason);
    }
    ticket.done(&Hello {
        protocol,
        version: env!("CARGO_PKG_VERSION"),
        repo: ours,
        pid: std::process::id(),
        key: key_of(house),
        max_line_bytes: MAX_LINE_BYTES,
    });
}

fn key_of(house: &House) -> Option<String> {
    let key = house.settings.key.as_ref()?;
    Some(key.public_key().fingerprint().to_string())
}

#[derive(Serialize)]
struct Status {
    repo: String,
    git_dir: String,
    policy: String,
    pid: u32,
    version: &'static str,
    key: Option<String>,
    connections: u64,
    follows: u64,
    waiting: usize,
    appends: u64,
    events: u64,
    groups: u64,
    statements: u64,
    folds: u64,
    keeps: Option<Vec<String>>,
}

fn status(house: &House, repository: &Repository) -> Status {
    let counts = &house.counts;
    let keep = house.settings.keep.as_ref();
    Status {
        repo: repository.id().to_string(),
        git_dir: repository.git().git_dir().display().to_string(),
        policy: repository.policy().0.to_string(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
        key: key_of(house),
        connections: counts.connections.load(Ordering::SeqCst),
        follows: counts.follows.load(Ordering::SeqCst),
        waiting: house.recordings.len() + house.folds.len(),
        appends: counts.appends.load(Ordering::Relaxed),
        events: counts.events.load(Ordering::Relaxed),
        groups: counts.groups.load(Ordering::Relaxed),
        statements: counts.statements.load(Ordering::Relaxed),
        folds: counts.folds.load(Ordering::Relaxed),
        keeps: keep.map(|states| states.iter().map(ToString::to_string).collect()),
    }
}

#[derive(Serialize)]
struct List {
    journals: Vec<journal::JournalView>,
    states: Vec<fold::StateView>,
}

fn list(repository: &Repository) -> Result<List, Error> {
    Ok(List {
        journals: journal::journals(repository)?,
        states: fold::states(repository)?,
    })
}

/// Verify and sign what is to be appended, and queue it.
fn append(
    house: &House,
    ticket: Ticket,
    (journal, events, drafts): (JournalName, Vec<Vec<u8>>, Vec<Draft>),
    known: &mut KnownKeys,
) {
    if events.len() + drafts.len() > MAX_BATCH_EVENTS {
        let reason = format!("a request has at most {MAX_BATCH_EVENTS} events");
        return ticket.refused(Code::Invalid, reason);
    }
    if house.settings.key.is_none() && !drafts.is_empty() {
        return no_key(ticket);
    }
    let received = events.len();
    let signed = admit_all(house, &journal, &events, known).and_then(|mut signed| {
        signed.extend(sign_all(house, &journal, drafts)?);
        Ok(signed)
    });
    let events = match signed {
        Ok(events) => events,
        Err(error) => return ticket.failed(&error),
    };
    let bytes = |event: &Signed<Event>| event.envelope().payload_bytes().len() + 1024;
    let weight = events.iter().map(bytes).sum();
    let append = Append {
        journal,
        events,
        received,
        ticket,
    };
    queue(house, Recording::Append(append), weight);
}

/// Verify the signatures of a statement of governance, and queue it.
fn submit(house: &House, ticket: Ticket, parcel: Parcel) {
    match Submission::open(parcel) {
        Ok(submission) => {
            let weight = submission.len() + 1024;
            let statement = Box::new(Govern { submission, ticket });
            queue(house, Recording::Govern(statement), weight);
        }
        Err(error) => ticket.failed(&error),
    }
}

fn queue(house: &House, recording: Recording, weight: usize) {
    if let Err((recording, why)) = house.recordings.push(recording, weight) {
        match recording {
            Recording::Append(append) => turn_away(append.ticket, why),
            Recording::Govern(statement) => turn_away(statement.ticket, why),
        }
    }
}

/// Tell all of a list one by one: together they may be more than a line holds.
fn tell_all<T: Serialize>(
    house: &House,
    ticket: Ticket,
    look: impl FnOnce(&Repository) -> Result<Vec<T>, Error>,
) {
    #[derive(Serialize)]
    struct Count {
        count: usize,
    }
    match house.repository().and_then(|repository| look(&repository)) {
        Ok(items) => {
            for item in &items {
                ticket.note(Note::Item, item);
            }
            let count = items.len();
            ticket.done(&Count { count });
        }
        Err(error) => ticket.failed(&error),
    }
}

/// Open every envelope; the error names the one that is wrong, where there are several.
///
/// The policy in force is looked up only where an event cannot be admitted under the one held:
/// whoever appends looks again.
fn admit_all(
    house: &House,
    journal: &JournalName,
    events: &[Vec<u8>],
    known: &mut KnownKeys,
) -> Result<Vec<Signed<Event>>, Error> {
    let held = house.held();
    let admitted = events.iter().enumerate().map(|(index, bytes)| {
        admit(&held, journal, bytes, known)
            .or_else(|error| match house.repository()? {
                now if now.policy().0 == held.policy().0 => Err(error),
                now => admit(&now, journal, bytes, known),
            })
            .map_err(|error| {
                if events.len() == 1 {
                    return error;
                }
                let what = format!("event {index} of the request");
                Error::new(error.kind(), what).with_source(error)
            })
    });
    admitted.collect()
}

/// Sign drafts under the policy held, or under the one in force if that one does not let us.
///
/// Whoever appends looks at the policy again, and signs again where it has to be.
fn sign_all(
    house: &House,
    journal: &JournalName,
    drafts: Vec<Draft>,
) -> Result<Vec<Signed<Event>>, Error> {
    let Some(key) = house.settings.key.as_ref().filter(|_| !drafts.is_empty()) else {
        return Ok(Vec::new());
    };
    let held = house.held();
    let signed = journal::sign(&held, journal, drafts.clone(), &**key);
    signed.or_else(|error| match house.repository()? {
        now if now.policy().0 == held.policy().0 => Err(error),
        now => journal::sign(&now, journal, drafts, &**key),
    })
}

/// Queue a fold, or say why not.
pub(crate) fn queue_fold(house: &House, fold: Fold) {
    if let Some(ticket) = &fold.ticket {
        #[derive(Serialize)]
        struct Taken<'a> {
            state: &'a str,
        }
        let state = fold.state.as_str();
        if !ticket.note(Note::Ack, &Taken { state }) {
            return;
        }
    }
    if let Err((fold, why)) = house.folds.push(fold, 0)
        && let Some(ticket) = fold.ticket
    {
        turn_away(ticket, why);
    }
}

fn turn_away(ticket: Ticket, why: NotQueued) {
    match why {
        NotQueued::Full => ticket.refused(
            Code::Busy,
            "as much waits as the daemon takes on; the same request may pass later",
        ),
        NotQueued::Closed => ticket.refused(Code::Stopping, "the daemon is ending"),
    }
}

/// The error of an event that was signed under a policy that is no longer in force.
pub(crate) fn outdated() -> Error {
    Error::new(
        ErrorKind::Refused,
        "another policy came into force while the event waited",
    )
    .with_hint("sign it again; an identifier that is there already is not recorded twice")
}
