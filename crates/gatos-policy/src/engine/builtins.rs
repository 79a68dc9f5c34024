//! The functions of the language, each behind a bound on what it takes and gives.
//!
//! An instruction is the engine's unit of cost, so no function may do much more than one: without the
//! bound, `concat` and `split` would make gigabytes of a megabyte in one step.

use std::sync::OnceLock;

use regorus::unstable::{BUILTINS as ENGINE_BUILTINS, BuiltinFcn};
use regorus::{LimitError, Value};

use super::sprintf::sprintf;
use crate::check::BUILTINS;

/// Longest text that a function takes or gives, in bytes.
const MAX_TEXT_BYTES: usize = 64 << 10;
/// Most items of a collection that a function takes or gives.
const MAX_ITEMS: usize = 64 << 10;

/// A function was given or would give too much.
struct TooLarge;

/// How a function fails. The machine takes every other error for *undefined*, so that a `deny` rule that
/// fails would be one that finds nothing; this one ends the run.
const FAILED: LimitError = LimitError::RegexSizeLimitExceeded { limit: 0 };

/// The implementation of a function of the profile.
pub(super) fn implementation(name: &str) -> Option<BuiltinFcn> {
    if let Some(own) = name.strip_prefix("__builtin_sets.") {
        // What `|` and `&` between sets are compiled to.
        let known = matches!(own, "union" | "intersection");
        return ENGINE_BUILTINS.get(name).copied().filter(|_| known);
    }
    if !BUILTINS.iter().any(|(known, _)| *known == name) {
        return None;
    }
    let arity = ENGINE_BUILTINS.get(name)?.1;
    let bounded = BOUNDED.iter().find(|(known, _)| *known == name);
    bounded.map(|(_, (function, _))| (*function, arity))
}

macro_rules! bounded {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, (|span, expressions, arguments, strict| {
            // Looked up once: a rule calls it for each of many items.
            static OF_ENGINE: OnceLock<Option<BuiltinFcn>> = OnceLock::new();
            const BOUND: Bound = Bound::of($name);
            if let Some(value) = at_once($name, arguments) {
                return Ok(value);
            }
            before(BOUND, arguments).map_err(|_| FAILED)?;
            let value = if let Bound::Sprintf = BOUND {
                Value::from(sprintf(arguments).ok_or(FAILED)?)
            } else {
                let found = OF_ENGINE.get_or_init(|| ENGINE_BUILTINS.get($name).copied());
                let (function, _) = found.as_ref().ok_or(FAILED)?;
                function(span, expressions, arguments, strict).map_err(|_| FAILED)?
            };
            Ok(after(value).map_err(|_| FAILED)?)
        }, 0))),+]
    };
}

/// The arity is the engine's, looked up with the function.
const BOUNDED: &[(&str, BuiltinFcn)] = bounded![
    "abs",
    "array.concat",
    "array.reverse",
    "array.slice",
    "concat",
    "contains",
    "count",
    "endswith",
    "indexof",
    "intersection",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "lower",
    "max",
    "min",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.union",
    "sort",
    "split",
    "sprintf",
    "startswith",
    "substring",
    "sum",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "type_name",
    "union",
    "upper",
];

/// What bounds the arguments of a function.
#[derive(Clone, Copy)]
enum Bound {
    /// Nothing: asking what something is, or how much of it there is, costs nothing
    Free,
    /// Each of them by itself
    Each,
    /// All of them together: the texts and collections within are put one after the other
    Sum,
    /// As [`Sum`](Self::Sum), for the function that is not the engine's
    Sprintf,
}

impl Bound {
    const fn of(name: &str) -> Self {
        match name.as_bytes() {
            b"count" | b"type_name" | [b'i', b's', b'_', ..] => Self::Free,
            b"concat" | b"union" | b"intersection" => Self::Sum,
            b"sprintf" => Self::Sprintf,
            _ => Self::Each,
        }
    }
}

/// What the functions give that rules call most, for the arguments that they mostly have; the engine
/// checks and copies both texts first.
#[inline]
fn at_once(name: &str, arguments: &[Value]) -> Option<Value> {
    let compare = match name {
        "startswith" => |text: &str, part: &str| text.starts_with(part),
        "endswith" => |text: &str, part: &str| text.ends_with(part),
        _ => return None,
    };
    match arguments {
        [Value::String(text), Value::String(part)]
            if text.len() <= MAX_TEXT_BYTES && part.len() <= MAX_TEXT_BYTES =>
        {
            Some(Value::Bool(compare(text, part)))
        }
        _ => None,
    }
}

fn before(bound: Bound, arguments: &[Value]) -> Result<(), TooLarge> {
    if let Bound::Free = bound {
        return Ok(());
    }
    if !arguments.iter().all(is_bounded) {
        return Err(TooLarge);
    }
    if let Bound::Each = bound {
        return Ok(());
    }
    let mut size = 0_usize;
    for argument in arguments {
        size = size.saturating_add(total(argument, 0));
        if size > MAX_TEXT_BYTES {
            return Err(TooLarge);
        }
    }
    Ok(())
}

fn after(value: Value) -> Result<Value, TooLarge> {
    if is_bounded(&value) {
        Ok(value)
    } else {
        Err(TooLarge)
    }
}

fn is_bounded(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= MAX_TEXT_BYTES,
        Value::Array(items) => items.len() <= MAX_ITEMS,
        Value::Set(items) => items.len() <= MAX_ITEMS,
        Value::Object(entries) => entries.len() <= MAX_ITEMS,
        _ => true,
    }
}

/// How much text a value would be, as far as the bound goes.
fn total(value: &Value, already: usize) -> usize {
    if already > MAX_TEXT_BYTES {
        return already;
    }
    let add = |sum: usize, item: &Value| total(item, sum.saturating_add(1));
    match value {
        Value::String(text) => already.saturating_add(text.len()),
        Value::Array(items) => items.iter().fold(already, add),
        Value::Set(items) => items.iter().fold(already, add),
        Value::Object(entries) => entries
            .iter()
            .fold(already, |sum, (key, value)| add(add(sum, key), value)),
        _ => already.saturating_add(20),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use regorus::Value;

    use super::MAX_TEXT_BYTES;
    use crate::engine::{Failure, Limits, Machine, Source};

    /// What a function gives for two arguments.
    fn call(name: &str, first: Value, second: Value) -> Result<Value, Failure> {
        let source = Source {
            name: "test.rego".to_owned(),
            text: format!("package test\nfound := {name}(input.first, input.second)\n"),
        };
        let entry = "data.test.found".to_owned();
        let machine = Machine::compile(&[source], std::slice::from_ref(&entry)).unwrap();
        let input = BTreeMap::from([
            (Value::from("first"), first),
            (Value::from("second"), second),
        ]);
        machine.run(&entry, Value::from(input), Limits::DEFAULT)
    }

    #[test]
    fn what_is_given_at_once_is_what_the_language_says() {
        let most = "a".repeat(MAX_TEXT_BYTES);
        let texts = ["", "a", "ab", "ba", "ä", "äb", "b\u{308}", "abab", &most];
        for (text, part) in texts.iter().flat_map(|a| texts.map(|b| (*a, b))) {
            let cases = [
                ("startswith", text.as_bytes().starts_with(part.as_bytes())),
                ("endswith", text.as_bytes().ends_with(part.as_bytes())),
            ];
            for (name, wanted) in cases {
                let found = call(name, Value::from(text), Value::from(part));
                assert_eq!(found, Ok(Value::Bool(wanted)), "{name}({text:?}, {part:?})");
            }
        }
    }

    #[test]
    fn what_is_no_text_or_too_long_fails() {
        let long = "a".repeat(MAX_TEXT_BYTES + 1);
        let others = [
            Value::from(long.as_str()),
            Value::Null,
            Value::from(1_i64),
            Value::from(vec![Value::from("a")]),
        ];
        for name in ["startswith", "endswith"] {
            for other in &others {
                let found = call(name, other.clone(), Value::from("a"));
                assert_eq!(found, Err(Failure::Error), "{name}({other}, _)");
                let found = call(name, Value::from("a"), other.clone());
                assert_eq!(found, Err(Failure::Error), "{name}(_, {other})");
            }
        }
    }
}
