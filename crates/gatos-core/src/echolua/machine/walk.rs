//! Going through a table in a `for … in`.

use std::cell::Cell;
use std::rc::Rc;

use super::meter::Meter;
use super::table::Table;
use super::val::Val;
use crate::echolua::error::Fault;

/// The state of one loop.
#[derive(Clone, Debug)]
pub(crate) struct Walker(Rc<State>);

#[derive(Debug)]
struct State {
    table: Table,
    /// Keys as they were when the loop began; without them the loop counts from 1
    keys: Option<Vec<Val>>,
    at: Cell<usize>,
}

impl Walker {
    /// `dpairs`: the keys are those of now, in order.
    pub(crate) fn dpairs(table: &Table, meter: &mut Meter) -> Result<Self, Fault> {
        let data = table.borrow();
        let count = data.len() as u64;
        meter.burn(2 * count)?;
        meter.allocate(count * KEY_BYTES)?;
        let before = data.sparse().map(|(key, _)| key).take_while(|key| *key < 1);
        let after = data.sparse().map(|(key, _)| key).skip_while(|key| *key < 1);
        let listed = (1..).take(data.list.len());
        let integers = before.chain(listed).chain(after);
        let texts = data.fields.keys().into_iter().map(Val::Text);
        let keys = integers.map(Val::Int).chain(texts).collect();
        drop(data);
        Ok(Self::new(table, Some(keys)))
    }

    /// `ipairs`: 1, 2, … as long as there is a value.
    pub(crate) fn ipairs(table: &Table) -> Self {
        Self::new(table, None)
    }

    fn new(table: &Table, keys: Option<Vec<Val>>) -> Self {
        Self(Rc::new(State {
            table: table.clone(),
            keys,
            at: Cell::new(0),
        }))
    }

    /// The next key and value; a key that was removed meanwhile is passed over.
    pub(crate) fn next(&self, meter: &mut Meter) -> Result<Option<(Val, Val)>, Fault> {
        let state = &*self.0;
        loop {
            let at = state.at.get();
            state.at.set(at + 1);
            let key = match &state.keys {
                None => Val::Int(at as i64 + 1),
                Some(keys) => match keys.get(at) {
                    Some(key) => key.clone(),
                    None => return Ok(None),
                },
            };
            meter.burn(1)?;
            match state.table.get(&key, meter)? {
                Val::Nil if state.keys.is_none() => return Ok(None),
                Val::Nil => {}
                value => return Ok(Some((key, value))),
            }
        }
    }
}

/// Memory of a key that a loop remembers.
const KEY_BYTES: u64 = 24;
