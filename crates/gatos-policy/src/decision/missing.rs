//! A fact that would have to be there, in a form that programs can act on.

use std::fmt;

use gatos_core::cid::Cid;
use gatos_core::value::{Map, Value};

use super::decide::clean;

/// A fact that would have to be there.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Missing {
    /// Approvals of people
    Approvals {
        /// How many more
        count: u32,
        /// How many in all
        of: u32,
        /// Of which group
        group: String,
        /// Of which proposal, if there is one
        proposal: Option<Cid>,
    },
    /// Anything else
    Fact {
        /// In words
        text: String,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact { text } => f.write_str(text),
            Self::Approvals {
                count,
                group,
                proposal,
                ..
            } => {
                match count {
                    1 => f.write_str("one more approval")?,
                    count => write!(f, "{count} more approvals")?,
                }
                write!(f, " from group {group}")?;
                match proposal {
                    Some(proposal) => write!(f, " on proposal {proposal}"),
                    None => f.write_str(" on a proposal, which there is not yet"),
                }
            }
        }
    }
}

impl Missing {
    /// What a rule gave; `None` if it is none of the forms.
    pub(super) fn from_finding(value: &Value, proposal: Option<Cid>) -> Option<Self> {
        let Value::Map(map) = value else {
            return None;
        };
        match (text(map, "kind")?, map.keys().len()) {
            ("fact", 2) => Some(Self::Fact {
                text: clean(text(map, "text")?),
            }),
            ("approvals", 4) => Some(Self::Approvals {
                count: number(map, "count")?,
                of: number(map, "of")?,
                group: clean(text(map, "group")?),
                proposal,
            }),
            _ => None,
        }
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Fact { text } => {
                Value::map([("kind", Value::text("fact")), ("text", Value::text(text))])
            }
            Self::Approvals {
                count,
                of,
                group,
                proposal,
            } => Value::map([
                ("kind", Value::text("approvals")),
                ("count", Value::Integer(i64::from(*count))),
                ("of", Value::Integer(i64::from(*of))),
                ("group", Value::text(group)),
                ("proposal", proposal.map_or(Value::Null, Value::Link)),
            ]),
        }
    }
}

fn text<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    match map.get(key) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(map: &Map, key: &str) -> Option<u32> {
    match map.get(key) {
        Some(Value::Integer(number)) => u32::try_from(*number).ok(),
        _ => None,
    }
}
