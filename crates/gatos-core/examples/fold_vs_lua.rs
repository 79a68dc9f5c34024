//! The rate of a grouping fold, events decoded from CBOR, against plain Lua 5.4 on ready-made
//! tables: `cargo run --release -p gatos-core --example fold_vs_lua [events]`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads its arguments and the clock, and prints"
)]

use std::time::{Duration, Instant};

use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::{cbor, json, value::Value};
use mlua::{Function, Lua, Table};

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

fn best(mut run: impl FnMut() -> Duration) -> Duration {
    (0..5).map(|_| run()).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = std::env::args().nth(1).map_or(Ok(300_000), |n| n.parse())?;
    let events: Vec<Value> = (0..count).map(event).collect();
    let blocks: Vec<Vec<u8>> = events.iter().map(cbor::encode).collect();
    let program = Program::compile(REDUCER, "reducer.lua")?.program;
    let rate = |time: Duration| count as f64 / time.as_secs_f64() / 1e6;

    let mut state = Value::Null;
    let mut fuel = 0;
    let whole = best(|| {
        let begin = Instant::now();
        let mut fold = Fold::start(&program, Limits::default(), None).expect("the fold starts");
        for block in &blocks {
            let event = cbor::decode(block).expect("the event is CBOR");
            fuel = fold.step(&event).expect("the event folds").fuel;
        }
        state = fold.state().expect("there is a state");
        begin.elapsed()
    });
    let steps = best(|| {
        let begin = Instant::now();
        let mut fold = Fold::start(&program, Limits::default(), None).expect("the fold starts");
        for event in &events {
            fold.step(event).expect("the event folds");
        }
        begin.elapsed()
    });
    let decoding = best(|| {
        let begin = Instant::now();
        for block in &blocks {
            std::hint::black_box(cbor::decode(block).expect("the event is CBOR"));
        }
        begin.elapsed()
    });

    let lua = Lua::new();
    lua.load(REDUCER).exec()?;
    let run: Function = lua
        .load("return function(events) local s = {} for i = 1, #events do s = fold(s, events[i]) end return s end")
        .eval()?;
    let tables = lua.create_table()?;
    for event in &events {
        tables.push(table(&lua, event)?)?;
    }
    let rival = best(|| {
        let begin = Instant::now();
        run.call::<Table>(&tables).expect("Lua folds");
        begin.elapsed()
    });

    println!("state {}", json::to_string(&state));
    println!("fuel of the last event {fuel}");
    println!("whole    {:8.3} M events/s", rate(whole));
    println!("steps    {:8.3} M events/s", rate(steps));
    println!("decoding {:8.3} M events/s", rate(decoding));
    println!("plain Lua{:8.3} M events/s", rate(rival));
    println!(
        "ratio {:.3} (steps alone {:.3})",
        rate(whole) / rate(rival),
        rate(steps) / rate(rival)
    );
    Ok(())
}

fn table(lua: &Lua, value: &Value) -> mlua::Result<mlua::Value> {
    Ok(match value {
        Value::Integer(integer) => mlua::Value::Integer(*integer),
        Value::Text(text) => mlua::Value::String(lua.create_string(text)?),
        Value::Map(map) => {
            let out = lua.create_table()?;
            for (key, value) in map.iter() {
                out.set(key, table(lua, value)?)?;
            }
            mlua::Value::Table(out)
        }
        _ => mlua::Value::Nil,
    })
}
