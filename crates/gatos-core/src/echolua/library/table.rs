//! `table` and `list`.

use super::basic::{append, number_text};
use super::{Arguments, Results};
use crate::echolua::error::Fault;
use crate::echolua::machine::{Kind, Meter, Table, Val};

/// Most values that one call returns.
pub(super) const MAX_RESULTS: usize = 200;

/// `list(…)`: a list, also where it is empty.
pub(super) fn list(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let table = Table::charged(Kind::List, meter)?;
    for value in arguments.values {
        if matches!(value, Val::Nil) {
            return Err(arguments.domain("a list cannot hold nil"));
        }
        table.push(value.clone(), meter)?;
    }
    Ok(Val::Table(table))
}

pub(super) fn insert(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Results, Fault> {
    let table = arguments.table(1)?;
    let length = table.borrow().length()?;
    let (position, value) = match arguments.values {
        [_, value] => (length + 1, value),
        _ => {
            let position = usize::try_from(arguments.integer(2)?).unwrap_or(usize::MAX);
            (position, arguments.get(3))
        }
    };
    if position == 0 || position > length + 1 {
        return Err(arguments.domain("the position is outside of the list"));
    }
    if matches!(value, Val::Nil) {
        return Err(arguments.domain("a list cannot hold nil"));
    }
    meter.burn((length + 1 - position) as u64)?;
    table.insert(position - 1, value.clone(), meter)?;
    Ok(Results::None)
}

pub(super) fn remove(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let table = arguments.table(1)?;
    let length = table.borrow().length()?;
    let last = i64::try_from(length).unwrap_or(i64::MAX);
    let position = arguments.integer_or(2, last)?;
    if position == last + 1 || (length == 0 && position == 0) {
        return Ok(Val::Nil);
    }
    let index = usize::try_from(position)
        .ok()
        .filter(|p| (1..=length).contains(p));
    let index = index.ok_or_else(|| arguments.domain("the position is outside of the list"))?;
    meter.burn((length - index) as u64)?;
    table.remove(index - 1, meter)
}

/// `table.concat(list, separator, from, to)`.
pub(super) fn concat(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let table = arguments.table(1)?;
    let separator = match arguments.get(2) {
        Val::Nil => "",
        _ => arguments.text(2)?,
    };
    let data = table.borrow();
    let length = i64::try_from(data.length()?).unwrap_or(i64::MAX);
    let (from, to) = (
        arguments.integer_or(3, 1)?,
        arguments.integer_or(4, length)?,
    );
    if from > to {
        return Ok(Val::text(""));
    }
    if from < 1 || to > length {
        return Err(arguments.domain("a position is outside of the list"));
    }
    let items = &data.list[from as usize - 1..to as usize];
    meter.burn(items.len() as u64)?;
    let mut total = separator.len() * (items.len() - 1);
    for item in items {
        total += match item {
            Val::Text(text) => text.len(),
            other => match number_text(other) {
                Some(text) => text.len(),
                None => return Err(arguments.domain("an item is neither string nor number")),
            },
        };
    }
    meter.text(total)?;
    let mut out = String::with_capacity(total);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        append(&mut out, item, meter)?;
    }
    Ok(Val::text(&out))
}

/// `table.unpack(list, from, to)`.
pub(super) fn unpack(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Results, Fault> {
    let table = arguments.table(1)?;
    let from = arguments.integer_or(2, 1)?;
    let to = match arguments.get(3) {
        Val::Nil => i64::try_from(table.borrow().length()?).unwrap_or(i64::MAX),
        _ => arguments.integer(3)?,
    };
    if from > to {
        return Ok(Results::None);
    }
    if from.abs_diff(to) >= MAX_RESULTS as u64 {
        return Err(Fault::Values { max: MAX_RESULTS });
    }
    meter.burn(from.abs_diff(to) + 1)?;
    let data = table.borrow();
    Ok(Results::Many((from..=to).map(|key| data.at(key)).collect()))
}
