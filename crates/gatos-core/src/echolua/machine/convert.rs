//! Values of the data model to values of the machine and back. `docs/spec/echolua.md#conversion`.

use std::rc::Rc;

use super::meter::{ENTRY_BYTES, Meter, TABLE_BYTES, TEXT_BYTES, bytes_fuel};
use super::table::{Fields, Kind, Table};
use super::val::Val;
use crate::cbor::MAX_DEPTH;
use crate::echolua::error::{Fault, StateProblem};
use crate::value::{Map, Value};

/// The machine's form of `value`, charged.
pub(crate) fn charged(value: &Value, meter: &mut Meter) -> Result<Val, Fault> {
    match value {
        Value::Text(text) => {
            meter.burn(bytes_fuel(text.len()))?;
            meter.allocate(TEXT_BYTES + text.len() as u64)?;
        }
        Value::Bytes(bytes) => {
            meter.burn(bytes_fuel(bytes.len()))?;
            meter.allocate(TEXT_BYTES + bytes.len() as u64)?;
        }
        Value::List(items) => {
            meter.burn(1 + items.len() as u64)?;
            meter.allocate(TABLE_BYTES + items.len() as u64 * ENTRY_BYTES)?;
            let table = Table::new(Kind::List);
            for item in items {
                let item = charged(item, meter)?;
                table.borrow_mut().list.push(item);
            }
            return Ok(Val::Table(table));
        }
        Value::Map(map) => {
            meter.burn(1 + map.len() as u64)?;
            let table = Table::new(Kind::Map);
            meter.allocate(TABLE_BYTES + map.len() as u64 * ENTRY_BYTES)?;
            for (key, value) in map.iter() {
                meter.allocate(key.len() as u64)?;
                let value = charged(value, meter)?;
                table.borrow_mut().fields.add(key.into(), value);
            }
            return Ok(Val::Table(table));
        }
        _ => {}
    }
    Ok(scalar(value))
}

/// The machine's form of a value that is neither list nor map.
pub(crate) fn scalar(value: &Value) -> Val {
    match value {
        Value::Null | Value::List(_) | Value::Map(_) => Val::Null,
        Value::Bool(boolean) => Val::Bool(*boolean),
        Value::Integer(integer) => Val::Int(*integer),
        Value::Decimal(fraction) => Val::Dec(Rc::new(fraction.decimal())),
        Value::Text(text) => Val::text(text),
        Value::Bytes(bytes) => Val::Bytes(bytes.as_slice().into()),
        Value::Link(cid) => Val::Link(Rc::new(*cid)),
    }
}

/// The value that `val` stands for; `path` names it in errors.
pub(crate) fn value(val: &Val, path: &mut Path) -> Result<Value, Fault> {
    Ok(match val {
        Val::Nil => return Err(path.fault(StateProblem::Nil)),
        Val::Null => Value::Null,
        Val::Bool(boolean) => Value::Bool(*boolean),
        Val::Int(integer) => Value::Integer(*integer),
        Val::Dec(decimal) => Value::number(**decimal),
        Val::Text(text) => Value::text(text.as_str()),
        Val::Bytes(bytes) => Value::bytes(bytes.to_vec()),
        Val::Link(cid) => Value::Link(**cid),
        Val::Table(table) => return table_value(table, path),
        Val::Function(_) | Val::Closure(_) | Val::Library(_) | Val::Walker(_) => {
            return Err(path.fault(StateProblem::Function));
        }
    })
}

fn table_value(table: &Table, path: &mut Path) -> Result<Value, Fault> {
    let data = table.borrow();
    if path.steps.len() >= MAX_STATE_DEPTH {
        return Err(path.fault(StateProblem::Depth));
    }
    if !data.sparse.is_empty() {
        return Err(path.fault(StateProblem::Holes));
    }
    if data.fields.len() == 0 && (data.kind == Kind::List || !data.list.is_empty()) {
        let mut items = Vec::with_capacity(data.list.len());
        for (index, item) in data.list.iter().enumerate() {
            path.steps.push(Step::Index(index + 1));
            items.push(value(item, path)?);
            path.steps.pop();
        }
        return Ok(Value::List(items));
    }
    if !data.list.is_empty() {
        return Err(path.fault(StateProblem::Mixed));
    }
    let mut entries = Vec::with_capacity(data.fields.len());
    let mut entry = |key: &super::text::Text, val: &Val| {
        path.steps.push(Step::Key(key.as_str().to_owned()));
        entries.push((key.as_str().to_owned(), value(val, path)?));
        path.steps.pop();
        Ok::<_, Fault>(())
    };
    match &data.fields {
        Fields::Few(few) => few.iter().try_for_each(|(key, val)| entry(key, val))?,
        Fields::Many(many) => many.iter().try_for_each(|(key, val)| entry(key, val))?,
    }
    Ok(Value::Map(entries.into_iter().collect::<Map>()))
}

/// Deepest nesting of tables in a state.
pub(crate) const MAX_STATE_DEPTH: usize = MAX_DEPTH - 8;

/// Where in a state something is.
#[derive(Debug)]
pub(crate) struct Path {
    root: &'static str,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// The place called `root`.
    pub(crate) const fn new(root: &'static str) -> Self {
        Self {
            root,
            steps: Vec::new(),
        }
    }

    fn fault(&self, problem: StateProblem) -> Fault {
        let mut path = self.root.to_owned();
        for step in &self.steps {
            match step {
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if is_name(key) => path.push_str(&format!(".{key}")),
                Step::Key(key) => path.push_str(&format!("[{key:?}]")),
            }
        }
        Fault::State { path, problem }
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
