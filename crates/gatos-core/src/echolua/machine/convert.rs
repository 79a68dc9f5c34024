//! Values of the machine to values of the data model. `docs/spec/echolua.md#conversion`.

use super::table::{Kind, Table};
use super::val::Val;
use crate::cbor::MAX_DEPTH;
use crate::echolua::error::{Fault, StateProblem};
use crate::value::{Map, Value};

/// Refuse what cannot be part of a state, naming where it stands.
pub(crate) fn check(state: &Val) -> Result<(), Fault> {
    value(state, &mut Path::new("state")).map(|_| ())
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
