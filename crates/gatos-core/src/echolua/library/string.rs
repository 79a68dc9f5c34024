//! `string`: positions count bytes, as in Lua, and no result ever holds a part of a character.

use super::basic::append;
use super::{Arguments, Results};
use crate::echolua::error::Fault;
use crate::echolua::machine::{Kind, Meter, Table, Val, bytes_fuel};

/// The bytes that Lua's positions `from` and `to` mean in a text of `length` bytes.
fn range(length: usize, from: i64, to: i64) -> (usize, usize) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from = match from {
        0 => 1,
        from if from < 0 => (length + 1).saturating_add(from).max(1),
        from => from,
    };
    let to = match to {
        to if to < 0 => (length + 1).saturating_add(to),
        to => to.min(length),
    };
    if from > to {
        return (0, 0);
    }
    // Both lie between 1 and the length here.
    (from as usize - 1, to as usize)
}

pub(super) fn len(arguments: &Arguments<'_>) -> Result<Val, Fault> {
    Ok(Val::Int(arguments.text(1)?.len() as i64))
}

pub(super) fn sub(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = arguments.text(1)?;
    let (from, to) = range(
        text.len(),
        arguments.integer(2)?,
        arguments.integer_or(3, -1)?,
    );
    meter.text(to - from)?;
    match text.get(from..to) {
        Some(part) => Ok(Val::text(part)),
        None => Err(Fault::SplitsCharacter {
            function: arguments.function,
        }),
    }
}

pub(super) fn rep(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = arguments.text(1)?;
    let count = usize::try_from(arguments.integer(2)?.max(0)).unwrap_or(usize::MAX);
    let separator = match arguments.get(3) {
        Val::Nil => "",
        _ => arguments.text(3)?,
    };
    if count == 0 {
        return Ok(Val::text(""));
    }
    let length = text
        .len()
        .checked_add(separator.len())
        .and_then(|one| one.checked_mul(count))
        .map_or(usize::MAX, |all| all - separator.len());
    meter.text(length)?;
    if length == 0 {
        return Ok(Val::text(""));
    }
    meter.burn(count as u64)?;
    let mut out = String::with_capacity(length);
    for index in 0..count {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(text);
    }
    Ok(Val::text(&out))
}

pub(super) fn upper(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = arguments.text(1)?;
    meter.text(text.len())?;
    Ok(Val::text(&text.to_ascii_uppercase()))
}

pub(super) fn lower(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = arguments.text(1)?;
    meter.text(text.len())?;
    Ok(Val::text(&text.to_ascii_lowercase()))
}

pub(super) fn reverse(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let text = arguments.text(1)?;
    meter.text(text.len())?;
    if !text.is_ascii() {
        return Err(Fault::SplitsCharacter {
            function: arguments.function,
        });
    }
    let reversed: String = text.chars().rev().collect();
    Ok(Val::text(&reversed))
}

/// `string.find(text, part, from, plain)`: the search is always plain.
pub(super) fn find(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Results, Fault> {
    let (text, part) = (arguments.text(1)?, arguments.text(2)?);
    let from = arguments.integer_or(3, 1)?;
    if matches!(arguments.get(4), Val::Bool(false)) {
        return Err(arguments.domain("there are no patterns: the search is plain"));
    }
    meter.burn(bytes_fuel(text.len() + part.len()))?;
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let from = match from {
        from if from < 0 => (length + 1).saturating_add(from).max(1),
        from => from.max(1),
    };
    if from > length + 1 {
        return Ok(Results::One(Val::Nil));
    }
    let from = from as usize - 1;
    Ok(match position(text.as_bytes(), part.as_bytes(), from) {
        Some(at) => Results::Many(vec![
            Val::Int(at as i64 + 1),
            Val::Int((at + part.len()) as i64),
        ]),
        None => Results::One(Val::Nil),
    })
}

/// The first place of `part` at or after `from`; linear, since both are text.
fn position(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let rest = std::str::from_utf8(rest).ok();
    let part_text = std::str::from_utf8(part).ok()?;
    match rest {
        Some(rest) => rest.find(part_text).map(|at| at + from),
        // `from` stands inside a character, where no text can begin: go on behind it.
        None => position(text, part, from + 1),
    }
}

/// `string.format`: `%d`, `%s` and `%%`.
pub(super) fn format(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let format = arguments.text(1)?;
    meter.burn(1 + bytes_fuel(format.len()))?;
    let mut out = String::new();
    let mut position = 2;
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let mut chars = rest[at + 1..].chars();
        match chars.next() {
            Some('%') => out.push('%'),
            Some('d') => {
                arguments.integer(position)?;
                append(&mut out, arguments.get(position), meter)?;
                position += 1;
            }
            Some('s') => {
                let value = arguments.get(position);
                match value {
                    Val::Text(text) => meter.burn(bytes_fuel(text.len()))?,
                    Val::Int(_) | Val::Dec(_) => {}
                    _ => return Err(arguments.wrong(position, "a string or a number")),
                }
                append(&mut out, value, meter)?;
                position += 1;
            }
            _ => return Err(arguments.domain("only %d, %s and %% exist")),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    if position <= arguments.values.len() {
        return Err(arguments.domain("more arguments than the format uses"));
    }
    meter.text(out.len())?;
    Ok(Val::text(&out))
}

/// `string.split(text, separator)`: the parts between the separators, as a list.
pub(super) fn split(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let (text, separator) = (arguments.text(1)?, arguments.text(2)?);
    if separator.is_empty() {
        return Err(arguments.domain("the separator is empty"));
    }
    meter.burn(bytes_fuel(text.len() + separator.len()))?;
    let table = Table::charged(Kind::List, meter)?;
    for part in text.split(separator) {
        meter.text(part.len())?;
        table.push(Val::text(part), meter)?;
    }
    Ok(Val::Table(table))
}

pub(super) fn byte(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Results, Fault> {
    let text = arguments.text(1)?;
    let from = arguments.integer_or(2, 1)?;
    let (from, to) = range(text.len(), from, arguments.integer_or(3, from)?);
    if to - from > super::table::MAX_RESULTS {
        return Err(Fault::Values {
            max: super::table::MAX_RESULTS,
        });
    }
    meter.burn((to - from) as u64)?;
    let bytes = text.as_bytes().get(from..to).unwrap_or(&[]);
    Ok(Results::Many(
        bytes.iter().map(|b| Val::Int((*b).into())).collect(),
    ))
}

pub(super) fn startswith(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let (text, part) = (arguments.text(1)?, arguments.text(2)?);
    meter.burn(bytes_fuel(part.len()))?;
    Ok(Val::Bool(text.starts_with(part)))
}

pub(super) fn endswith(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let (text, part) = (arguments.text(1)?, arguments.text(2)?);
    meter.burn(bytes_fuel(part.len()))?;
    Ok(Val::Bool(text.ends_with(part)))
}
