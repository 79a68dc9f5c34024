//! The negative controls: plain Lua 5.4 fails what the tests of hazards ask for, so they can fail.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use mlua::{HookTriggers, Lua, VmState};

use super::{Random, compile, fold};
use gatos_core::echolua::{Fault, Limits};
use gatos_core::value::Value;

fn text(lua: &Lua, code: &str) -> String {
    lua.load(code).eval().unwrap()
}

/// C-02: the order of keys depends on how they came into the table.
#[test]
fn order_depends_on_history() {
    let mut orders = BTreeSet::new();
    let mut random = Random::new(1);
    let lua = Lua::new();
    for _ in 0..20 {
        let mut keys: Vec<u64> = (0..40).collect();
        for i in (1..keys.len()).rev() {
            keys.swap(i, random.below(i as u64 + 1) as usize);
        }
        let puts: String = keys.iter().map(|k| format!("t['k{k}'] = 1 ")).collect();
        let code = format!(
            "local t = {{}} {puts} local out = {{}} for k in pairs(t) do out[#out + 1] = k end return table.concat(out, ' ')"
        );
        orders.insert(text(&lua, &code));
    }
    assert!(orders.len() > 1);
}

/// C-03: addresses are everywhere.
#[test]
fn addresses_show() {
    let lua = Lua::new();
    for code in [
        "return tostring({})",
        "return tostring(print)",
        "return string.format('%p', {})",
        "return string.format('%s', {})",
    ] {
        assert!(text(&lua, code).contains("0x"), "{code}");
    }
}

/// C-05: sorting is not stable, and a function that contradicts itself may go unnoticed.
#[test]
fn sort_is_not_stable() {
    let lua = Lua::new();
    let code = "
        local t = {}
        for i = 1, 1000 do t[i] = { key = i % 3, at = i } end
        table.sort(t, function(a, b) return a.key < b.key end)
        local out = {}
        for i, item in ipairs(t) do out[i] = item.at end
        return table.concat(out, ' ')";
    let stable: Vec<String> = [0, 1, 2]
        .iter()
        .flat_map(|key| (1..=1000).filter(move |i| i % 3 == *key))
        .map(|i| i.to_string())
        .collect();
    assert_ne!(text(&lua, code), stable.join(" "));
    let silent = "
        local t = { 3, 1, 2 }
        table.sort(t, function(a, b) return true end)
        return 'no error'";
    let shown = lua.load(silent).eval::<String>();
    let source = "function fold(state, event)
        local t = { 3, 1, 2 }
        table.sort(t, function(a, b) return true end)
        return state
    end";
    let ours = fold(
        &compile(source).program,
        Limits::default(),
        None,
        &[Value::Null],
    );
    assert!(matches!(ours.unwrap_err().fault, Fault::Comparator));
    // Either is possible in plain Lua; what matters is that it depends on the items.
    drop(shown);
    let other =
        "local t = { 1, 1 } table.sort(t, function(a, b) return a <= b end) return 'no error'";
    assert_eq!(text(&lua, other), "no error");
}

/// C-08: the length of a table with gaps depends on how it was made.
#[test]
fn length_depends_on_history() {
    let lua = Lua::new();
    let lengths: BTreeSet<String> = [
        "local t = { 1, nil, 3 } return tostring(#t)",
        "local t = {} t[1] = 1 t[3] = 3 return tostring(#t)",
        "local t = { 1, 2, 3 } t[2] = nil return tostring(#t)",
        "local t = {} t[3] = 3 t[1] = 1 return tostring(#t)",
    ]
    .into_iter()
    .map(|code| text(&lua, code))
    .collect();
    assert!(lengths.len() > 1, "{lengths:?}");
}

/// C-10: a program catches the end of its fuel and goes on.
#[test]
fn the_end_of_fuel_is_caught() {
    let lua = Lua::new();
    let ended = Rc::new(Cell::new(0));
    let count = Rc::clone(&ended);
    lua.set_hook(
        HookTriggers::new().every_nth_instruction(1000),
        move |_, _| {
            count.set(count.get() + 1);
            if count.get() % 10 == 0 {
                return Err(mlua::Error::RuntimeError("out of fuel".into()));
            }
            Ok(VmState::Continue)
        },
    )
    .unwrap();
    let caught = "
        local n = 0
        for i = 1, 5 do
          if not pcall(function() while true do end end) then n = n + 1 end
        end
        return tostring(n)";
    assert_eq!(text(&lua, caught), "5");
}

/// C-11: the hook does not follow into a coroutine.
#[test]
fn coroutines_are_not_counted() {
    let lua = Lua::new();
    let ticks = Rc::new(Cell::new(0_u64));
    let count = Rc::clone(&ticks);
    lua.set_hook(HookTriggers::new().every_nth_instruction(1), move |_, _| {
        count.set(count.get() + 1);
        Ok(VmState::Continue)
    })
    .unwrap();
    let work =
        "local function work() local x = 0 for i = 1, 100000 do x = x + i end return 'done' end";
    text(&lua, &format!("{work} return work()"));
    let plain = ticks.replace(0);
    text(&lua, &format!("{work} return coroutine.wrap(work)()"));
    assert!(
        plain > 100_000 && ticks.get() < 1000,
        "{plain} {}",
        ticks.get()
    );
}

/// C-16: bytecode is run as if it were a source.
#[test]
fn bytecode_is_run() {
    let lua = Lua::new();
    let code = "return load(string.dump(function() return 'ran' end))()";
    assert_eq!(text(&lua, code), "ran");
}

/// C-17: what one program does to the library, the next one sees.
#[test]
fn programs_reach_each_other() {
    let lua = Lua::new();
    lua.load("string.upper = function() return 'changed' end")
        .exec()
        .unwrap();
    assert_eq!(text(&lua, "return ('x'):upper()"), "changed");
    lua.load("n = (n or 0) + 1").exec().unwrap();
    lua.load("n = (n or 0) + 1").exec().unwrap();
    assert_eq!(text(&lua, "return tostring(n)"), "2");
}

/// C-09: code runs when the collector finds it right.
#[test]
fn the_collector_runs_code() {
    let lua = Lua::new();
    let code = "
        local ran = 0
        for i = 1, 10000 do setmetatable({}, { __gc = function() ran = ran + 1 end }) end
        collectgarbage()
        return ran > 0 and 'ran' or 'did not run'";
    assert_eq!(text(&lua, code), "ran");
}
