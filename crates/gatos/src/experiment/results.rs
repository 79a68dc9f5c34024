//! Files between states, jobs and events: a state as a job's input, a job's output as events.

use std::path::Path;

use gatos_core::json;
use gatos_core::value::Value;
use gatos_nix::nar::{self, Node};

use crate::error::{Context, Error, ErrorKind};
use crate::journal::{Draft, draft_of_line};

/// The file of a job's output whose lines become events.
const EVENTS_FILE: &str = "events.jsonl";

/// The file that a state becomes: its JSON, indented, keys in canonical order, and a line feed.
pub(crate) fn state_file(state: &Value) -> Vec<u8> {
    let mut text = json::to_string_pretty(state);
    text.push('\n');
    text.into_bytes()
}

/// The NAR of [`state_file`], which is what the store has of it.
pub(crate) fn state_file_nar(state: &Value) -> Vec<u8> {
    nar::of_file(&state_file(state))
}

/// The events that an output asks for: the lines of its `events.jsonl`, if it has one.
pub(crate) fn result_drafts(output: &[u8]) -> Result<Vec<Draft>, Error> {
    let entries = nar::list(&mut &*output).or_mismatch(|| "the output is no NAR".to_owned())?;
    let events = entries
        .iter()
        .find(|entry| entry.path.as_os_str() == EVENTS_FILE);
    let Some(Node::Regular { offset, size, .. }) = events.map(|entry| &entry.node) else {
        return Ok(Vec::new());
    };
    let position = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (begin, end) = (position(*offset), position(offset.saturating_add(*size)));
    drafts_of(output.get(begin..end).unwrap_or_default())
}

/// As [`result_drafts`], of an output that is too large to be kept.
pub(crate) fn result_drafts_on_disk(output: &Path) -> Result<Vec<Draft>, Error> {
    let path = output.join(EVENTS_FILE);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let bytes = std::fs::read(&path).or_failed(|| format!("cannot read `{}`", path.display()))?;
    drafts_of(&bytes)
}

fn drafts_of(bytes: &[u8]) -> Result<Vec<Draft>, Error> {
    let text = std::str::from_utf8(bytes).context(ErrorKind::Failed, || {
        format!("`{EVENTS_FILE}` of the output is not UTF-8")
    })?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let drafts = lines.map(|(index, line)| {
        let draft = draft_of_line(line, None)
            .or_failed(|| format!("line {} of `{EVENTS_FILE}` of the output", index + 1))?;
        if draft.ulid.is_some() || draft.ts.is_some() {
            let message = format!(
                "line {} of `{EVENTS_FILE}` says an identifier or a time",
                index + 1
            );
            return Err(Error::new(ErrorKind::Failed, message)
                .with_hint("a reproducible result has neither: leave `ulid` and `ts` out"));
        }
        Ok(draft)
    });
    drafts.collect()
}
