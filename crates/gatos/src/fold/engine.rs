//! Verifying a journal and folding it in one pass.

use gatos_core::echolua::{ENGINE, Fold, Limits, Program};
use gatos_core::fold::FoldLimits;
use gatos_core::journal::Batch;
use gatos_core::value::Value;

use crate::error::{Context, Error, ErrorKind};
use crate::progress::Progress;
use crate::verify::History;

/// Events that are verified together before they are folded: enough to keep all cores busy.
const CHUNK_EVENTS: usize = 4096;

/// What a fold gave.
pub(crate) struct Folded {
    /// Number of events that were folded
    pub(crate) size: u64,
    /// The state
    pub(crate) state: Value,
}

/// Verify the events of `batches`, from the journal's first on, and fold them.
///
/// Folding ends after `until` events, where that is given; the rest is not read.
pub(crate) fn fold_batches(
    (program, limits): (&Program, FoldLimits),
    history: &mut History<'_>,
    batches: impl Iterator<Item = Result<Batch, Error>>,
    until: Option<u64>,
    progress: &mut dyn Progress,
) -> Result<Folded, Error> {
    let limits = Limits {
        fuel_per_event: limits.fuel_per_event,
        memory_bytes: limits.memory_bytes,
    };
    let begin = || "the fold program cannot begin".to_owned();
    let mut fold = Fold::start(program, limits, None).or_failed(begin)?;
    let mut index = 0;
    let mut batches = batches.peekable();
    while batches.peek().is_some() && until.is_none_or(|until| index < until) {
        let mut chunk: Vec<Batch> = Vec::new();
        let mut events = 0;
        while events < CHUNK_EVENTS && until.is_none_or(|u| index + (events as u64) < u) {
            let Some(batch) = batches.next() else { break };
            let batch = batch?;
            events += batch.events.len();
            chunk.push(batch);
        }
        for event in history.extend(chunk)? {
            let input = event.statement().to_fold_input(index);
            fold.step(&input)
                .or_failed(|| format!("the fold ended at event {index}"))?;
            index += 1;
        }
        progress.advance(events as u64);
    }
    let state = fold
        .state()
        .or_failed(|| "what the fold left is no state".to_owned())?;
    Ok(Folded { size: index, state })
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
