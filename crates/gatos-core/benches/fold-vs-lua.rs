//! Folding small events, decoded from CBOR, into groups, against plain Lua 5.4 that runs the same
//! reducer on tables which are there already.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes times and prints them"
)]

use std::time::Instant;

use gatos_core::cbor;
use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::value::Value;
use mlua::{Function, Lua, Table};

const EVENTS: usize = 1_000_000;
const ROUNDS: usize = 5;
/// A quarter of the rate.
const WANT: f64 = 0.25;

const REDUCER: &str = r#"
function fold(state, event)
  if event.type ~= "measurement" then return state end
  local p = event.payload
  local g = state[p.species] or { n = 0, sum = 0, max = 0 }
  g.n = g.n + 1
  g.sum = g.sum + p.mass
  if p.mass > g.max then g.max = p.mass end
  state[p.species] = g
  return state
end"#;

const SPECIES: [&str; 5] = ["Adelie", "Chinstrap", "Gentoo", "Emperor", "King"];

fn event(i: usize) -> Value {
    let payload = Value::map([
        ("mass", Value::from((i * 7919 % 5000) as i64)),
        ("species", Value::from(SPECIES[i % SPECIES.len()])),
    ]);
    Value::map([
        ("type", Value::from("measurement")),
        ("ulid", Value::text(format!("01ARZ3NDEKTSV4RRFF{i:08}"))),
        ("actor", Value::from("user:alice")),
        ("index", Value::from(i as i64)),
        ("payload", payload),
    ])
}

fn seconds<T>(act: impl FnOnce() -> T) -> (f64, T) {
    let begin = Instant::now();
    let result = act();
    (begin.elapsed().as_secs_f64(), result)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Events one after the other, as they stand in a pack or a file, and where each ends.
struct Encoded {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Encoded {
    fn of(events: impl Iterator<Item = Value>) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for event in events {
            bytes.extend(cbor::encode(&event));
            ends.push(bytes.len());
        }
        Self { bytes, ends }
    }
}

fn ours(program: &Program, events: &Encoded) -> Value {
    let mut fold = Fold::start(program, Limits::default(), None).unwrap();
    let mut begin = 0;
    for end in &events.ends {
        fold.step_encoded(&events.bytes[begin..*end]).unwrap();
        begin = *end;
    }
    fold.state().unwrap()
}

fn main() {
    let events = Encoded::of((0..EVENTS).map(event));
    let program = Program::compile(REDUCER, "reducer.lua").unwrap().program;
    let lua = Lua::new();
    lua.load(REDUCER).exec().unwrap();
    let rival: Function = lua
        .load(
            "return function(events) local s = {} \
             for i = 1, #events do s = fold(s, events[i]) end return s end",
        )
        .eval()
        .unwrap();
    let tables = lua.create_table().unwrap();
    for i in 0..EVENTS {
        tables.push(table(&lua, &event(i))).unwrap();
    }

    let (mut our_times, mut rival_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (time, state) = seconds(|| ours(&program, &events));
        our_times.push(time);
        let (time, theirs) = seconds(|| rival.call::<Table>(&tables).unwrap());
        rival_times.push(time);
        assert_eq!(state, value(&theirs), "both fold to the same state");
    }
    let (ours, rival) = (median(our_times), median(rival_times));
    println!(
        "{{\"bench\":\"fold-vs-lua\",\"ours\":{ours:.6},\"rival\":{rival:.6},\"unit\":\"s\",\
         \"ratio\":{:.3},\"want\":{WANT}}}",
        rival / ours
    );
}

fn table(lua: &Lua, value: &Value) -> mlua::Value {
    match value {
        Value::Integer(integer) => mlua::Value::Integer(*integer),
        Value::Text(text) => mlua::Value::String(lua.create_string(text).unwrap()),
        Value::Map(map) => {
            let out = lua.create_table().unwrap();
            for (key, value) in map.iter() {
                out.set(key, table(lua, value)).unwrap();
            }
            mlua::Value::Table(out)
        }
        other => panic!("the events have no {}", other.kind()),
    }
}

/// A table with string keys as a map.
fn value(table: &Table) -> Value {
    let entries = table.pairs::<String, mlua::Value>().map(|pair| {
        let (key, found) = pair.unwrap();
        let found = match &found {
            mlua::Value::Integer(integer) => Value::Integer(*integer),
            mlua::Value::Table(table) => value(table),
            other => panic!("the state has no {}", other.type_name()),
        };
        (key, found)
    });
    Value::map(entries)
}
