//! The end of an event: the state becomes what its encoding would be read back as.
//! `docs/spec/echolua.md#boundary`.

use std::rc::Weak;

use super::copy::copy;
use super::{Cell, Table};
use crate::echolua::error::Fault;
use crate::echolua::machine::convert::{MAX_STATE_DEPTH, check};
use crate::echolua::machine::meter::Meter;
use crate::echolua::machine::val::Val;

/// Make `state` a tree of which every part can be encoded; nothing else refers to its tables.
pub(crate) fn settle(state: Val, meter: &mut Meter) -> Result<Val, Fault> {
    let log = std::mem::take(&mut meter.log);
    let Val::Table(root) = &state else {
        check(&state)?;
        return Ok(state);
    };
    if root.borrow().is_frozen() {
        let copied = copy(root, meter)?;
        meter.log = Default::default();
        return Ok(Val::Table(copied));
    }
    for (parent, key, child) in log.shared {
        if let (Some(parent), Some(child)) = (Table::noted(&parent), Table::noted(&child)) {
            separate(&parent, &key, &child, meter)?;
        }
    }
    // Found only by looking at all of the state, but only where something is wrong with it.
    let irregular = log.irregular.iter().filter_map(Table::noted);
    if irregular
        .into_iter()
        .any(|table| !table.borrow().is_regular())
    {
        check(&state)?;
    }
    let separated = std::mem::take(&mut meter.log).attached;
    if too_deep(root, log.attached.iter().chain(&separated), meter)? {
        check(&state)?;
    }
    Ok(state)
}

/// Where `child` still stands in more than one place, put a copy at `key` of `parent`.
fn separate(parent: &Table, key: &Val, child: &Table, meter: &mut Meter) -> Result<(), Fault> {
    if child.borrow().parents.len() < 2 {
        return Ok(());
    }
    let Some(key) = parent.place_of(key, child, meter)? else {
        return Ok(());
    };
    let copied = copy(child, meter)?;
    parent.set(&key, Val::Table(copied), meter)
}

/// Whether a table that was put somewhere is now, or contains one that is, too deep in the state.
fn too_deep<'a>(
    root: &Table,
    attached: impl Iterator<Item = &'a Weak<Cell>>,
    meter: &mut Meter,
) -> Result<bool, Fault> {
    let mark = meter.next_mark();
    for table in attached.filter_map(Table::noted) {
        if table.0.mark.get() == mark {
            continue;
        }
        let Some(depth) = depth(&table, root, meter)? else {
            continue;
        };
        let mut pending = vec![(table, depth)];
        while let Some((table, depth)) = pending.pop() {
            if depth >= MAX_STATE_DEPTH {
                return Ok(true);
            }
            if table.0.mark.replace(mark) == mark {
                continue;
            }
            meter.burn(1)?;
            table
                .borrow()
                .each_table(|child| pending.push((child.clone(), depth + 1)));
        }
    }
    Ok(false)
}

/// Steps from the root to a table; none where the table is not in the state.
fn depth(table: &Table, root: &Table, meter: &mut Meter) -> Result<Option<usize>, Fault> {
    let mut at = table.clone();
    let mut steps = 0;
    while !at.is(root) {
        meter.burn(1)?;
        let parent = at.borrow().parents.iter().next();
        match parent {
            Some(parent) => at = parent,
            None => return Ok(None),
        }
        steps += 1;
    }
    Ok(Some(steps))
}
