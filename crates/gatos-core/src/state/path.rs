//! A way from a state's root to a value in it.

use std::fmt;
use std::str::FromStr;

use super::PathError;
use crate::value::Value;

/// A way into a state, as `groups.Adelie`, `samples[3].when` or `["any key"]`; empty for all of it.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct StatePath {
    steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// To the value of a key of a map
    Key(String),
    /// To an item of a list, counted from 1
    Index(u64),
}

impl StatePath {
    /// The steps from the root on.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What stands at the path in a value that is there as a whole.
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps
            .iter()
            .try_fold(value, |at, step| match (at, step) {
                (Value::Map(map), Step::Key(key)) => map.get(key),
                (Value::List(items), Step::Index(place)) => {
                    items.get(usize::try_from(*place).ok()?.checked_sub(1)?)
                }
                _ => None,
            })
    }
}

impl FromIterator<Step> for StatePath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }
}

impl FromStr for StatePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, behind) = step(rest, steps.is_empty()).ok_or_else(|| PathError {
                path: text.to_owned(),
            })?;
            steps.push(step);
            rest = behind;
        }
        Ok(Self { steps })
    }
}

/// The first step of a text, and what is behind it.
fn step(text: &str, first: bool) -> Option<(Step, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        if inside.starts_with('"') {
            return quoted(inside);
        }
        let (digits, rest) = inside.split_once(']')?;
        let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        let index = plain.then(|| digits.parse().ok()).flatten()?;
        return Some((Step::Index(index), rest));
    }
    let name = if first { text } else { text.strip_prefix('.')? };
    let end = name.find(['.', '[', ']', '"']).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    (!name.is_empty()).then(|| (Step::Key(name.to_owned()), rest))
}

/// A key as a JSON string, up to and with the bracket that closes it.
fn quoted(text: &str) -> Option<(Step, &str)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    let (end, _) = end?;
    let (literal, rest) = text.split_at_checked(end.checked_add(1)?)?;
    let key = serde_json::from_str(literal).ok()?;
    Some((Step::Key(key), rest.strip_prefix(']')?))
}

impl fmt::Display for StatePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Index(at) => write!(f, "[{at}]")?,
                Step::Key(key) if !is_name(key) => {
                    let literal = crate::json::to_string(&Value::text(key));
                    write!(f, "[{literal}]")?;
                }
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// Whether a key can stand in a path as it is.
fn is_name(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !key.is_empty() && key.chars().all(plain)
}
