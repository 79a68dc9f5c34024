//! Deep copies of tables, charged for each entry.

use super::Table;
use crate::echolua::error::Fault;
use crate::echolua::machine::meter::Meter;
use crate::echolua::machine::val::Val;

/// A copy of `table` that shares nothing with it and is not frozen.
pub(crate) fn copy(table: &Table, meter: &mut Meter) -> Result<Table, Fault> {
    let root = Table::charged(table.borrow().kind, meter)?;
    let mut pending = vec![(table.clone(), root.clone())];
    while let Some((from, to)) = pending.pop() {
        let source = from.borrow();
        let mut entry = |key: Val, value: &Val| {
            meter.burn(1)?;
            let value = match value {
                Val::Table(child) => {
                    let made = Table::charged(child.borrow().kind, meter)?;
                    pending.push((child.clone(), made.clone()));
                    Val::Table(made)
                }
                other => other.clone(),
            };
            to.set(&key, value, meter)
        };
        for (value, key) in source.list.iter().zip(1..) {
            entry(Val::Int(key), value)?;
        }
        for (key, value) in source.sparse() {
            entry(Val::Int(key), value)?;
        }
        for (key, value) in source.fields.iter() {
            entry(Val::Text(key.clone()), value)?;
        }
    }
    Ok(root)
}
