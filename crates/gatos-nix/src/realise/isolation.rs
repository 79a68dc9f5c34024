//! What a build asserts about its isolation from inside. `docs/spec/job.md#isolation`.

use gatos_core::json;
use gatos_core::value::{Map, Value};

use super::log::Log;

/// What the line in the log begins with.
pub const PREFIX: &str = "gatos-isolation ";

/// What the wrapper of a job printed before it started the user's command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Isolation {
    entries: Map,
}

impl Isolation {
    /// The assertion in a log: the first line of that form, since the wrapper speaks before the job.
    #[must_use]
    pub fn find(log: &Log) -> Option<Self> {
        let line = log
            .text()
            .lines()
            .find_map(|line| line.strip_prefix(PREFIX))?;
        match json::from_str(line) {
            Ok(Value::Map(entries)) => Some(Self { entries }),
            _ => None,
        }
    }

    /// All that is asserted, as it goes into a proof.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Map(self.entries.clone())
    }

    /// One assertion.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.get(name)
    }
}
