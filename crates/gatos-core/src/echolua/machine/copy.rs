//! Deep copies of tables, charged for each entry.

use super::meter::{ENTRY_BYTES, Meter};
use super::table::{Fields, Table};
use super::val::Val;
use crate::echolua::error::Fault;

/// A copy of `table` that shares nothing with it and is not frozen.
pub(crate) fn copy(table: &Table, meter: &mut Meter) -> Result<Table, Fault> {
    let kind = table.borrow().kind;
    let root = Table::charged(kind, meter)?;
    let mut pending = vec![(table.clone(), root.clone())];
    while let Some((from, to)) = pending.pop() {
        let source = from.borrow();
        let entries = source.list.len() + source.sparse.len() + source.fields.len();
        meter.burn(entries as u64)?;
        meter.allocate(entries as u64 * ENTRY_BYTES)?;
        let mut target = to.borrow_mut();
        let mut child = |value: &Val| match value {
            Val::Table(table) => {
                let kind = table.borrow().kind;
                let made = Table::charged(kind, meter)?;
                pending.push((table.clone(), made.clone()));
                Ok(Val::Table(made))
            }
            other => Ok::<_, Fault>(other.clone()),
        };
        for value in &source.list {
            let value = child(value)?;
            target.list.push(value);
        }
        for (key, value) in &source.sparse {
            let value = child(value)?;
            target.sparse.insert(*key, value);
        }
        match &source.fields {
            Fields::Few(entries) => {
                for (key, value) in entries {
                    let value = child(value)?;
                    target.fields.add(key.clone(), value);
                }
            }
            Fields::Many(entries) => {
                for (key, value) in entries {
                    let value = child(value)?;
                    target.fields.add(key.clone(), value);
                }
            }
        }
    }
    Ok(root)
}
