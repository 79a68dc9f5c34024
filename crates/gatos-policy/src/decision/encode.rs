//! The bytes of a decision.
//!
//= spec/policy.md#decision

use gatos_core::value::Value;

use super::{Decision, Reason};
use crate::program::ENGINE;

impl Decision {
    /// The decision as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map([
            ("v", Value::Integer(1)),
            ("engine", Value::text(ENGINE)),
            ("intent", Value::text(self.intent.as_str())),
            ("input", Value::Link(self.input)),
            ("code", self.code.into()),
            ("limit", Value::Integer(i64::from(self.limit))),
            ("verdict", Value::text(self.verdict.as_str())),
            ("basis", Value::text(self.basis.as_str())),
            ("reasons", Value::list(self.reasons.iter().map(reason))),
            ("warnings", Value::list(self.warnings.iter().map(reason))),
        ])
    }
}

fn reason(reason: &Reason) -> Value {
    let adr = reason.adr.as_ref();
    Value::map([
        ("rule", Value::text(&reason.rule)),
        ("title", Value::text(&reason.title)),
        ("adr", adr.map_or(Value::Null, Value::text)),
        ("message", Value::text(&reason.message)),
        ("severity", Value::text(reason.severity.as_str())),
        (
            "missing",
            Value::list(reason.missing.iter().map(super::Missing::to_value)),
        ),
    ])
}
