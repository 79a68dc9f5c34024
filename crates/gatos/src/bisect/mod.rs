//! `gatos bisect`: which event made a state what it should not be.

mod predicate;
mod search;
mod session;
mod timeline;

use gatos_core::name::StateName;
use gatos_core::state::StatePath;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind};
use crate::fold::{At, Point, open};
use crate::journal::{EventDetail, ProofDocument, Which, prove, raw_json, show as show_event};
use crate::progress::Progress;
use crate::repository::Repository;

use self::predicate::Asked;
pub use self::predicate::Predicate;
use self::search::Next;
pub use self::search::{Judgement, Search};
pub use self::session::{Session, advance, reset, resume, start};
pub use self::timeline::End;
use self::timeline::Timeline;

/// What to search.
#[derive(Clone, Debug)]
pub struct Request {
    /// The state
    pub state: StateName,
    /// An end at which it is as it should be
    pub good: End,
    /// An end after that, at which it is not
    pub bad: End,
}

/// A search, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct BisectReport {
    /// The state
    pub state: String,
    /// The journal that was folded
    pub journal: String,
    /// The most events after which the state is known to be good
    pub good: u64,
    /// The fewest events after which it is known to be bad
    pub bad: u64,
    /// Every judgement, in order
    pub judged: Vec<Judged>,
    /// Number of states that were judged
    pub evaluations: usize,
    /// How the search stands
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A state that was judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Number of its events
    pub size: u64,
    /// How it was judged
    pub judgement: Judgement,
}

/// How a search stands.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// The culprit was found
    Found(Box<Culprit>),
    /// The states that are left cannot be judged; the culprit is one of these events
    Undecided {
        /// Index of the first
        first: u64,
        /// Index of the last
        last: u64,
    },
    /// A state waits to be judged
    Open {
        /// Number of its events
        size: u64,
        /// Whether a checkpoint holds it
        kept: bool,
        /// Most looks that are still needed
        looks_left: u32,
    },
}

/// The event after which the state is bad.
#[derive(Clone, Debug, Serialize)]
pub struct Culprit {
    /// The event, with who signed it
    pub event: EventDetail,
    /// That it is in the journal
    pub proof: ProofDocument,
}

/// Search with a predicate until the culprit is found.
///
/// # Errors
/// Ends between which there is nothing to search, a fold that fails, or a predicate that ends the search.
pub fn bisect(
    repository: &Repository,
    request: &Request,
    predicate: &Predicate,
    progress: &mut dyn Progress,
) -> Result<BisectReport, Error> {
    let mut session = Session::begin(repository, request)?;
    run(repository, &mut session, predicate, progress)
}

/// Go on with a search until the culprit is found.
///
/// # Errors
/// As [`bisect`].
pub fn run(
    repository: &Repository,
    session: &mut Session,
    predicate: &Predicate,
    progress: &mut dyn Progress,
) -> Result<BisectReport, Error> {
    let asked = predicate.ready(session.state())?;
    let mut timeline = session.timeline(repository)?;
    progress.begin(&format!("bisect {}", session.state()), None);
    let mut trusted = false;
    while let Next::Judge(size) = session.search().next(timeline.kept()) {
        let state = timeline.state_at(size)?;
        let answer = asked.judge(&state, size)?;
        if let (Some(code), false) = (answer.not_run, trusted) {
            ensure_runs(&asked, &mut timeline, (session.search().good(), code))?;
            trusted = true;
        }
        let word = match answer.judgement {
            Judgement::Good => "good",
            Judgement::Bad => "bad",
            Judgement::Skip => "skipped",
        };
        progress.note(&format!("after {size} events: {word}"));
        session.judge(size, answer.judgement)?;
    }
    progress.end();
    report(repository, session, &timeline)
}

/// A command that is not found fails everywhere: where the state is good, it must not.
fn ensure_runs(
    asked: &Asked,
    timeline: &mut Timeline<'_>,
    (good, code): (u64, i32),
) -> Result<(), Error> {
    let state = timeline.state_at(good)?;
    if asked.judge(&state, good)?.not_run != Some(code) {
        return Ok(());
    }
    let what = if code == 127 {
        "is not found"
    } else {
        "cannot be run"
    };
    let message =
        format!("the predicate {what}: it ends with exit code {code} for a good state, too");
    Err(Error::new(ErrorKind::Usage, message)
        .with_hint("the command is run by `sh -c` in this directory: give its path"))
}

/// How a search stands.
///
/// # Errors
/// A culprit that cannot be read.
pub fn status(repository: &Repository, session: &Session) -> Result<BisectReport, Error> {
    report(repository, session, &session.timeline(repository)?)
}

/// What the state that waits to be judged holds at a path, as JSON.
///
/// # Errors
/// A search that has ended, a fold that fails, or a path that leads nowhere.
pub fn show(
    repository: &Repository,
    session: &Session,
    path: &StatePath,
) -> Result<Box<RawValue>, Error> {
    let mut timeline = session.timeline(repository)?;
    let Next::Judge(size) = session.search().next(timeline.kept()) else {
        return Err(Error::new(
            ErrorKind::Usage,
            "the search has ended: no state waits to be judged",
        )
        .with_hint("`gatos bisect log` shows what came of it"));
    };
    let state = timeline.state_at(size)?;
    let found = path.find(&state).ok_or_else(|| {
        let message = format!("the state after {size} events holds nothing at `{path}`");
        Error::new(ErrorKind::Usage, message)
    })?;
    raw_json(found)
}

fn report(
    repository: &Repository,
    session: &Session,
    timeline: &Timeline<'_>,
) -> Result<BisectReport, Error> {
    let search = session.search();
    let journal = timeline.journal();
    let outcome = match search.next(timeline.kept()) {
        Next::Judge(size) => Outcome::Open {
            size,
            kept: timeline.kept().contains_key(&size),
            looks_left: search.looks_left(),
        },
        Next::Undecided(first, last) => Outcome::Undecided {
            first: first - 1,
            last: last - 1,
        },
        Next::Found(size) => {
            let which = Which::Index(size - 1);
            Outcome::Found(Box::new(Culprit {
                event: show_event(repository, journal, which)?,
                proof: prove(repository, journal, which)?,
            }))
        }
    };
    Ok(BisectReport {
        state: session.state().to_string(),
        journal: journal.to_string(),
        good: search.good(),
        bad: search.bad(),
        judged: session.judged().to_vec(),
        evaluations: session.judged().len(),
        outcome,
    })
}

/// The newest checkpoint of what is searched: the bad end if that names a checkpoint, else the newest.
fn newest(request: &Request) -> Point {
    let at = match &request.bad {
        End::Checkpoint(at) => at.clone(),
        End::Events(_) => At::Newest,
    };
    Point {
        state: Some(request.state.clone()),
        at,
    }
}

/// The timeline and the search that a request means.
fn begin<'r>(
    repository: &'r Repository,
    request: &Request,
) -> Result<(Timeline<'r>, Search, gatos_core::cid::Cid), Error> {
    let newest = open(repository, &newest(request))?;
    let timeline = Timeline::of(repository, &newest)?;
    let (good, bad) = (
        timeline.size_of(&request.good)?,
        timeline.size_of(&request.bad)?,
    );
    let search = Search::new(good, bad).ok_or_else(|| {
        let message = format!("there is no event between {good} events (good) and {bad} (bad)");
        Error::new(ErrorKind::Usage, message)
            .with_hint("the good end comes before the bad one; a state changes with its events")
    })?;
    Ok((timeline, search, newest.proof.id().cid()))
}
