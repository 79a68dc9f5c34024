//! Values of the data model to values of the machine and back. `docs/spec/echolua.md#conversion`.

use std::rc::Rc;

use super::meter::{ENTRY_BYTES, Meter, TABLE_BYTES, TABLE_FUEL, bytes_fuel, content_bytes};
use super::table::{Fields, Kind, Table};
use super::val::Val;
use crate::cbor::MAX_DEPTH;
use crate::echolua::error::{Fault, StateProblem};
use crate::value::{Map, Value};

/// The machine's form of `value`, charged.
pub(crate) fn charged(value: &Value, meter: &mut Meter) -> Result<Val, Fault> {
    match value {
        Value::List(items) => {
            let count = items.len() as u64;
            meter.burn(TABLE_FUEL + count)?;
            meter.allocate(TABLE_BYTES + count * ENTRY_BYTES)?;
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(charged(item, meter)?);
            }
            Ok(Val::Table(Table::imported(
                Kind::List,
                list,
                Fields::new(),
                meter,
            )))
        }
        Value::Map(map) => {
            let count = map.len() as u64;
            meter.burn(TABLE_FUEL + count)?;
            meter.allocate(TABLE_BYTES + count * ENTRY_BYTES)?;
            let mut fields = Fields::with_capacity(map.len());
            for (key, value) in map.iter() {
                meter.burn(bytes_fuel(key.len()))?;
                meter.allocate(key.len() as u64)?;
                let value = charged(value, meter)?;
                fields.add(key.into(), value);
            }
            Ok(Val::Table(Table::imported(
                Kind::Map,
                Vec::new(),
                fields,
                meter,
            )))
        }
        scalar => {
            let val = self::scalar(scalar);
            meter.allocate(content_bytes(&val))?;
            meter.burn(match scalar {
                Value::Text(text) => bytes_fuel(text.len()),
                Value::Bytes(bytes) => bytes_fuel(bytes.len()),
                _ => 0,
            })?;
            Ok(val)
        }
    }
}

/// Refuse what cannot be part of a state, naming where it stands.
pub(crate) fn check(state: &Val) -> Result<(), Fault> {
    value(state, &mut Path::new("state")).map(|_| ())
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
    if data.is_sparse() {
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
    data.fields
        .iter()
        .try_for_each(|(key, val)| entry(key, val))?;
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
                Step::Key(key) => path.push_str(&named(key)),
            }
        }
        Fault::State { path, problem }
    }
}

/// A step to a key, which is cut where it is long.
fn named(key: &str) -> String {
    let cut: String = key.chars().take(MAX_KEY_CHARS).collect();
    if is_name(&cut) {
        return format!(".{cut}");
    }
    format!("[{}]", crate::json::to_string(&Value::text(cut)))
}

/// Most characters of a key that an error shows.
const MAX_KEY_CHARS: usize = 40;

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
