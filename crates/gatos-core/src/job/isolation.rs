//! How a build was isolated: what it saw from inside, and what of that it should not have seen.

use crate::cbor::FieldError;
use crate::value::{Map, Value};

/// What stands before the report in a build's log.
pub const REPORT_PREFIX: &str = "gatos-isolation ";

/// The report that a job's wrapper printed before its program began; none if it printed none.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Isolation {
    report: Option<Map>,
}

impl Isolation {
    /// The report of a build, from its whole log: the first line that is one.
    #[must_use]
    pub fn from_log(log: &str) -> Self {
        let line = log
            .lines()
            .find_map(|line| line.strip_prefix(REPORT_PREFIX));
        let report = line.and_then(|text| match crate::json::from_str(text) {
            Ok(Value::Map(map)) => Some(map),
            _ => None,
        });
        Self { report }
    }

    /// What the build saw, by name.
    #[must_use]
    pub const fn report(&self) -> Option<&Map> {
        self.report.as_ref()
    }

    /// What speaks against isolation, in words; nothing for a build that was isolated.
    ///
    /// A build without a report was perhaps isolated, but nobody inside it said so.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let Some(report) = &self.report else {
            return vec!["the build printed no report from inside".to_owned()];
        };
        let mut violations = Vec::new();
        if report.get("network") != Some(&Value::list([Value::text("lo")])) {
            violations.push(format!(
                "network interfaces: {}",
                shown(report.get("network"))
            ));
        }
        if report.get("host_paths") != Some(&Value::list([])) {
            violations.push(format!(
                "host paths visible: {}",
                shown(report.get("host_paths"))
            ));
        }
        violations
    }

    /// Whether nothing speaks against isolation.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations().is_empty()
    }

    /// The value that stands in a proof.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.report.clone().map_or(Value::Null, Value::Map)
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A value that is neither a map nor null.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        match value {
            Value::Null => Ok(Self { report: None }),
            Value::Map(map) => Ok(Self { report: Some(map) }),
            other => Err(FieldError::Kind {
                what: "proof",
                field: "isolation",
                found: other.kind(),
                want: "a map or null",
            }),
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "not said".to_owned(), crate::json::to_string)
}
