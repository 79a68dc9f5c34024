//! Functions without a table, `#` and `..`.

use std::fmt::Write;

use super::Arguments;
use crate::decimal::{Decimal, DecimalError};
use crate::echolua::error::Fault;
use crate::echolua::machine::{Meter, Val, bytes_fuel};

/// `#`.
pub(crate) fn length(value: &Val) -> Result<usize, Fault> {
    match value {
        Val::Text(text) => Ok(text.len()),
        Val::Table(table) => table.borrow().length(),
        other => Err(Fault::Length { kind: other.kind() }),
    }
}

/// `..`.
pub(crate) fn concat(parts: &[Val], meter: &mut Meter) -> Result<Val, Fault> {
    let mut length = 0_usize;
    for part in parts {
        length += match part {
            Val::Text(text) => text.len(),
            // Long enough for every number; the true length is charged below.
            Val::Int(_) | Val::Dec(_) => 0,
            other => return Err(Fault::Concat { kind: other.kind() }),
        };
    }
    let numbers = parts.iter().filter(|part| !matches!(part, Val::Text(_)));
    let numbers: String = numbers
        .map(|part| number_text(part).unwrap_or_default())
        .collect();
    meter.text(length + numbers.len())?;
    let mut text = String::with_capacity(length + numbers.len());
    for part in parts {
        match part {
            Val::Text(part) => text.push_str(part.as_str()),
            part => text.push_str(&number_text(part).unwrap_or_default()),
        }
    }
    Ok(Val::text(&text))
}

/// Append a text, or the text of a number.
pub(super) fn append(out: &mut String, value: &Val, meter: &mut Meter) -> Result<(), Fault> {
    match value {
        Val::Text(text) => out.push_str(text.as_str()),
        number => {
            meter.burn(NUMBER_TEXT_FUEL)?;
            out.push_str(&number_text(number).unwrap_or_default());
        }
    }
    Ok(())
}

/// Fuel for writing a number as text.
const NUMBER_TEXT_FUEL: u64 = 4;

/// The one text of a number.
pub(super) fn number_text(value: &Val) -> Option<String> {
    let mut text = String::new();
    match value {
        Val::Int(integer) => write!(text, "{integer}").ok()?,
        Val::Dec(decimal) => write!(text, "{decimal}").ok()?,
        _ => return None,
    }
    Some(text)
}

pub(super) fn kind(arguments: &Arguments<'_>) -> Result<Val, Fault> {
    Ok(Val::text(arguments.get(1).kind()))
}

pub(super) fn tostring(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = match arguments.get(1) {
        Val::Text(text) => return Ok(Val::Text(text.clone())),
        Val::Nil => "nil".to_owned(),
        Val::Null => "null".to_owned(),
        Val::Bool(boolean) => boolean.to_string(),
        Val::Link(cid) => cid.to_string(),
        number => match number_text(number) {
            Some(text) => {
                meter.burn(NUMBER_TEXT_FUEL)?;
                text
            }
            None => return Err(arguments.wrong(1, "a value that has a text")),
        },
    };
    meter.text(text.len())?;
    Ok(Val::text(&text))
}

pub(super) fn tonumber(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = match arguments.get(1) {
        Val::Text(text) => text.as_str(),
        number @ (Val::Int(_) | Val::Dec(_)) => return Ok(number.clone()),
        _ => return Ok(Val::Nil),
    };
    meter.burn(1 + bytes_fuel(text.len()))?;
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    match Decimal::parse_lenient(trimmed) {
        Ok(number) => Ok(Val::number(number)),
        Err(DecimalError::Syntax) => Ok(Val::Nil),
        Err(source) => Err(Fault::Decimal {
            operator: "tonumber",
            source,
        }),
    }
}

pub(super) fn error(arguments: &Arguments<'_>) -> Fault {
    match arguments.get(1) {
        Val::Text(text) => raised(text.as_str()),
        other => number_text(other).map_or_else(
            || arguments.wrong(1, "a string"),
            |message| Fault::Raised { message },
        ),
    }
}

pub(super) fn assert(arguments: &Arguments<'_>) -> Result<Val, Fault> {
    let value = arguments.get(1);
    if value.is_true() {
        return Ok(value.clone());
    }
    Err(match arguments.get(2) {
        Val::Text(text) => raised(text.as_str()),
        _ => raised("assertion failed"),
    })
}

/// An error of the program, its text bounded.
fn raised(text: &str) -> Fault {
    Fault::Raised {
        message: text.chars().take(MAX_MESSAGE_CHARS).collect(),
    }
}

/// Longest message of `error` that is kept.
const MAX_MESSAGE_CHARS: usize = 1000;
