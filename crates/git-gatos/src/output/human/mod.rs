//! What people see of each of the façade's reports.

mod bisect;
mod evidence;
mod experiment;
mod fold;
mod gate;
mod governance;
mod history;
mod journal;
mod moment;
mod policy;
mod repository;
mod reproduction;
mod size;
mod state;
mod status;
mod verification;

use gatos::json;
use serde::Serialize;
use serde_json::value::RawValue;

pub(crate) use self::bisect::Json;
pub(crate) use self::evidence::Contents;
pub(crate) use self::fold::LintReport;
pub(crate) use self::history::History;
pub(crate) use self::moment::utc;
pub(crate) use self::size::bytes;
pub(crate) use self::status::StatusReport;

/// A number of things, in words: `1 event`, `2 events`.
pub(crate) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let plural = match (number, noun.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{number} {noun}{plural}")
}

/// All things of a kind, shown together.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// A JSON text, indented.
pub(crate) fn pretty(text: &RawValue) -> String {
    let parsed = json::from_str(text.get());
    // What the façade hands out is JSON; if it were not, the text itself is still right.
    parsed.map_or_else(
        |_| text.get().to_owned(),
        |value| json::to_string_pretty(&value),
    )
}
