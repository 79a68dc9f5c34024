//! Verifying a journal and folding it in one pass: while some events are folded, the next are verified
//! on the other cores and those behind them are read.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use gatos_core::echolua::{ENGINE, Fault, Fold, FoldError, Limits, Place, Program, SourceMap};
use gatos_core::fold::FoldLimits;
use gatos_core::journal::Head;
use gatos_core::merkle::TreeHash;
use gatos_core::value::Value;

use crate::error::{Context, Error, ErrorKind};
use crate::progress::Progress;
use crate::verify::{CheckedBatch, History, Remembered, StoredBatch};

/// Events that are verified together before they are folded: enough to keep all cores busy.
const CHUNK_EVENTS: usize = 2048;
/// Chunks that wait between two stages.
const WAITING: usize = 2;
/// What is said of a fold whose last value cannot be kept.
pub(super) const NO_STATE: &str = "what the fold left is no state";

/// What to fold with, from where, and where to look at the state.
pub(crate) struct Course<'a> {
    /// The program
    pub(crate) program: &'a Program,
    /// Where its parts stand in the source, if there is one: what an error is located with
    pub(crate) places: Option<&'a SourceMap>,
    /// Within what it runs
    pub(crate) limits: FoldLimits,
    /// The state to go on from; `None` begins at the journal's first event
    pub(crate) from: Option<Value>,
    /// Where to stop for a moment
    pub(crate) stops: Stops,
}

/// The sizes at which a fold is looked at on its way, as far as a batch ends there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    /// These sizes
    pub(crate) at: BTreeSet<u64>,
    /// And whenever so many events were folded since the last stop; 0 for never
    pub(crate) every: u64,
    /// Folding ends after so many events; the rest is not read
    pub(crate) until: Option<u64>,
}

/// A fold where it was looked at.
pub(crate) struct Stop {
    /// Where the journal stands there
    pub(crate) head: Head,
    /// The leaves since the stop before it, or since the beginning
    pub(crate) leaves: Vec<TreeHash>,
    /// The state
    pub(crate) state: Value,
}

/// Verify `batches`, which are those after `history`, and fold their events. Every stop is handed to
/// `each`, the end among them.
pub(crate) fn fold_batches(
    course: Course<'_>,
    (history, memory): (&mut History<'_>, &mut Remembered),
    batches: impl Iterator<Item = Result<StoredBatch, Error>> + Send,
    progress: &mut dyn Progress,
    each: impl FnMut(Stop) -> Result<(), Error>,
) -> Result<(), Error> {
    let limits = Limits {
        fuel_per_event: course.limits.fuel_per_event,
        memory_bytes: course.limits.memory_bytes,
    };
    let fold = Fold::start(course.program, limits, course.from.as_ref())
        .map_err(|error| ended("the fold program cannot begin", course.places, error))?;
    let mut folding = Folding {
        fold,
        places: course.places,
        begun: history.size(),
        head: history.head().clone(),
        leaves: Vec::new(),
        stopped: None,
        stops: course.stops,
        each,
    };
    let (size, until) = (history.size(), folding.stops.until);
    std::thread::scope(|scope| -> Result<(), Error> {
        let (read, unverified) = sync_channel(WAITING);
        let (verified, chunks) = sync_channel(WAITING);
        scope.spawn(move || read_chunks(batches, (size, until), &read));
        scope.spawn(move || verify_chunks(history, memory, &unverified, &verified));
        for chunk in chunks {
            folding.step(chunk?, progress)?;
        }
        Ok(())
    })?;
    folding.end()
}

type Chunk<T> = Result<Vec<T>, Error>;

/// Read batches in chunks, until there are none or nobody wants them.
fn read_chunks(
    batches: impl Iterator<Item = Result<StoredBatch, Error>>,
    (mut size, until): (u64, Option<u64>),
    chunks: &SyncSender<Chunk<StoredBatch>>,
) {
    let mut batches = batches.peekable();
    let wanted = |size| until.is_none_or(|until| size < until);
    while wanted(size) && batches.peek().is_some() {
        let chunk = read_chunk(&mut batches, &mut size, &wanted);
        let failed = chunk.is_err();
        if chunks.send(chunk).is_err() || failed {
            return;
        }
    }
}

fn read_chunk(
    batches: &mut Peekable<impl Iterator<Item = Result<StoredBatch, Error>>>,
    size: &mut u64,
    wanted: &impl Fn(u64) -> bool,
) -> Chunk<StoredBatch> {
    let (mut chunk, mut events) = (Vec::new(), 0);
    while events < CHUNK_EVENTS && wanted(*size) {
        let Some(stored) = batches.next() else { break };
        let stored = stored?;
        events += stored.batch.events.len();
        *size += stored.batch.events.len() as u64;
        chunk.push(stored);
    }
    Ok(chunk)
}

fn verify_chunks(
    history: &mut History<'_>,
    memory: &mut Remembered,
    chunks: &Receiver<Chunk<StoredBatch>>,
    verified: &SyncSender<Chunk<CheckedBatch>>,
) {
    for chunk in chunks {
        let checked = chunk.and_then(|chunk| history.extend_stored(chunk, memory));
        let failed = checked.is_err();
        if verified.send(checked).is_err() || failed {
            return;
        }
    }
}

/// A fold that goes on batch by batch.
struct Folding<'a, F> {
    fold: Fold,
    places: Option<&'a SourceMap>,
    /// The size at which it began
    begun: u64,
    head: Head,
    leaves: Vec<TreeHash>,
    /// The size at which it was looked at last
    stopped: Option<u64>,
    stops: Stops,
    each: F,
}

impl<F: FnMut(Stop) -> Result<(), Error>> Folding<'_, F> {
    fn step(&mut self, chunk: Vec<CheckedBatch>, progress: &mut dyn Progress) -> Result<(), Error> {
        for batch in chunk {
            let count = batch.events.len() as u64;
            let first = self.head.size();
            for (index, event) in (first..).zip(batch.events) {
                let input = event.into_statement().into_fold_input(index);
                self.fold.step(&input).map_err(|error| {
                    ended(
                        &format!("the fold ended at event {index}"),
                        self.places,
                        error,
                    )
                })?;
            }
            self.head = batch.head;
            self.leaves.extend(batch.leaves);
            progress.advance(count);
            if self.is_stop() {
                self.stop()?;
            }
        }
        Ok(())
    }

    fn is_stop(&self) -> bool {
        let (size, every) = (self.head.size(), self.stops.every);
        let since = size - self.stopped.unwrap_or(self.begun);
        self.stops.at.contains(&size) || (every > 0 && since >= every)
    }

    fn stop(&mut self) -> Result<(), Error> {
        let state = self
            .fold
            .state()
            .map_err(|error| ended(NO_STATE, self.places, error))?;
        self.stopped = Some(self.head.size());
        (self.each)(Stop {
            head: self.head.clone(),
            leaves: std::mem::take(&mut self.leaves),
            state,
        })
    }

    fn end(mut self) -> Result<(), Error> {
        if self.stopped == Some(self.head.size()) {
            return Ok(());
        }
        self.stop()
    }
}

/// A fold that ended with an error, with the place in its source, if that is known.
pub(super) fn ended(what: &str, places: Option<&SourceMap>, error: FoldError) -> Error {
    let place = places.and_then(|map| Some((map.name(), map.place(error.node?)?)));
    let message = match place {
        Some((name, Place { line, column })) => format!("{what}, at {name}:{line}:{column}"),
        None => what.to_owned(),
    };
    let hint = match &error.fault {
        Fault::State { .. } => "`fold` returns the state: all of it, and nothing but it".to_owned(),
        fault => format!("gatos foldc --explain E{:04} says more", fault.code()),
    };
    Error::new(ErrorKind::Failed, message)
        .with_hint(hint)
        .with_source(error)
}

/// Read a compiled program of this engine.
pub(crate) fn read_program(bytes: &[u8], engine: &str) -> Result<Program, Error> {
    if engine != ENGINE {
        let message = format!("the fold needs the engine `{engine}`; this program has `{ENGINE}`");
        return Err(Error::new(ErrorKind::Blocked, message)
            .with_hint("check it with the version of gatos that made it"));
    }
    Program::from_elc(bytes).or_mismatch(|| "the compiled fold program is malformed".to_owned())
}
