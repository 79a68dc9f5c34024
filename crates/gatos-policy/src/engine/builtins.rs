//! The functions of the language, each behind a bound on what it takes and gives.
//!
//! An instruction is the engine's unit of cost, so no function may do much more than one: without the
//! bound, `concat` and `split` would make gigabytes of a megabyte in one step.

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
            before($name, arguments).map_err(|_| FAILED)?;
            let value = if $name == "sprintf" {
                Value::from(sprintf(arguments).ok_or(FAILED)?)
            } else {
                let (function, _) = ENGINE_BUILTINS.get($name).ok_or(FAILED)?;
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

fn before(name: &str, arguments: &[Value]) -> Result<(), TooLarge> {
    // Asking what something is, or how much of it there is, costs nothing.
    if name == "count" || name == "type_name" || name.starts_with("is_") {
        return Ok(());
    }
    if !arguments.iter().all(is_bounded) {
        return Err(TooLarge);
    }
    // These put the texts and collections within their arguments one after the other.
    if !matches!(name, "concat" | "sprintf" | "union" | "intersection") {
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
