//! C-12 and C-13: fuel grows as the work does, and memory is what it is said to be.

use gatos_core::echolua::{Fault, Fold, Limits};
use gatos_core::value::Value;

use super::{cases, compile, fold, parse};

/// Statements whose work is about in proportion to `N`, with `S` a text of `N` bytes and `T` a list
/// of `N` numbers that were there before.
const RECIPES: &[&str] = &[
    "local x = string.rep(\"x\", N)",
    "local x = string.rep(\"ab\", N // 4, \",\")",
    "local x = S .. \"y\"",
    "local x = S:upper()",
    "local x = S:lower()",
    "local x = S:reverse()",
    "local x = S:sub(2)",
    "local x = S:sub(-N)",
    "local x = S:find(\"b\")",
    "local x = S:find(S .. \"b\")",
    "local x = S:find(string.rep(\"a\", N // 2) .. \"b\")",
    "local x = S:find(\"a\", N, true)",
    "local x = S == S .. \"\"",
    "local x = S < S .. \"b\"",
    "local x = S <= S .. \"b\"",
    "local x = S:startswith(S)",
    "local x = S:endswith(S)",
    "local x = string.format(\"%s\", S)",
    "local x = string.format(S)",
    "local x = tonumber(S)",
    "local x = S:split(\"a\")",
    "local x = S:split(\"b\")",
    "local x = S:split(\"aa\")",
    "local x = tostring(S) .. S",
    "local x = { k = S .. 1 } x[S .. 2] = 1",
    "state.s = S .. \"z\"",
    "table.insert(T, 1, 0)",
    "table.remove(T, 1)",
    "table.insert(T, 1, 0) table.remove(T)",
    "local x = table.concat(T)",
    "local x = table.concat(T, \", \")",
    "local x = table.concat(T, \"\", 1, N)",
    "table.sort(T)",
    "table.sort(T, function(a, b) return a > b end)",
    "for k, v in dpairs(T) do break end",
    "for k, v in dpairs(T) do end",
    "for i, v in ipairs(T) do end",
    "for i = 1, N do end",
    "T[1] = nil",
    "T[1] = nil T[1] = 1",
    "local x = { C } for i = 1, N // 100 do x[i] = C end",
    "local x = list() for i = 1, N do x[i] = i end",
    "local x = {} for i = 1, N do x[\"k\" .. i] = i end",
    "local x = {} for i = 1, N do x[-i] = i end",
    "local x = {} for i = 1, N do x[i * 2] = i end for i = 1, N do x[i * 2 - 1] = i end",
    "state.t = T state.u = T",
    "local x = 0 while x < N do x = x + 1 end",
    "local x = 0 repeat x = x + 1 until x >= N",
    "local function f(n) if n > 0 then return f(n - 1) end end for i = 1, N // 100 do f(50) end",
    "for i = 1, N // 10 do local x = { table.unpack(T, 1, 20) } end",
    "for i = 1, N // 10 do local x = { S:byte(1, 20) } end",
    "for i = 1, N // 10 do local x = math.max(1, 2, 3, i) end",
    "for i = 1, N // 10 do local x, y = decimal.sqrt(i), 1 / 3 end",
    "for i = 1, N // 10 do local x = decimal.round(i / 7, 3) end",
];

fn fuel(recipe: &str, n: i64) -> u64 {
    let source = format!(
        "local C = {{ 1, {{ 2 }} }}
         function initial() return {{ t = list() }} end
         function fold(state, event)
           local S, T, N = event.s, event.t, event.n
           {recipe}
           return state
         end"
    );
    let program = compile(&source).program;
    let event = |s: String, t: Vec<Value>| {
        Value::map([
            ("s", Value::text(s)),
            ("t", Value::List(t)),
            ("n", Value::from(n)),
        ])
    };
    let numbers = (0..n).map(|i| Value::from(i * 7919 % 1009)).collect();
    let events = [event("a".repeat(n as usize), numbers)];
    let limits = Limits {
        fuel_per_event: 1 << 40,
        memory_bytes: 1 << 30,
    };
    let (_, with) =
        fold(&program, limits, None, &events).unwrap_or_else(|error| panic!("{recipe}: {error}"));
    // Less what reading the event burns.
    let nothing = compile(
        "function initial() return { t = list() } end
         function fold(state, event) return state end",
    );
    let (_, without) = fold(&nothing.program, limits, None, &events).unwrap();
    with[0] - without[0]
}

/// Four times the work burns about four times the fuel, whatever part of the library does it.
#[test]
fn fuel_grows_as_the_work_does() {
    assert!(RECIPES.len() >= 52);
    let mut wrong = Vec::new();
    for recipe in RECIPES {
        let (small, large) = (fuel(recipe, 2_000), fuel(recipe, 8_000));
        let ratio = large as f64 / small as f64;
        if small < 100 || !(2.0..6.0).contains(&ratio) {
            wrong.push(format!("{recipe}: {small}, then {large}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The hook of plain Lua counts instructions: it does not see what the library does.
#[test]
fn plain_lua_does_not_count_its_library() {
    let ticks = |code: &str, n: i64| {
        let lua = mlua::Lua::new();
        let count = std::rc::Rc::new(std::cell::Cell::new(0_u64));
        let counter = std::rc::Rc::clone(&count);
        lua.globals().set("N", n).unwrap();
        lua.load("S = string.rep('a', N) T = {} for i = 1, N do T[i] = i * 7919 % 1009 end")
            .exec()
            .unwrap();
        let triggers = mlua::HookTriggers::new().every_nth_instruction(1);
        lua.set_hook(triggers, move |_, _| {
            counter.set(counter.get() + 1);
            Ok(mlua::VmState::Continue)
        })
        .unwrap();
        lua.load(code).exec().unwrap();
        count.get()
    };
    for code in [
        "local x = string.rep('x', N)",
        "local x = S:upper()",
        "local x = S:reverse()",
        "local x = S:find('b')",
        "local x = table.concat(T)",
        "table.sort(T)",
        "table.insert(T, 1, 0)",
    ] {
        let (small, large) = (ticks(code, 2_000), ticks(code, 200_000));
        assert_eq!(small, large, "{code}");
    }
}

/// Memory of the process while bombs go off stays near what the limit says.
#[test]
fn memory_is_real() {
    let bombs = [
        "local s = \"x\" local t = list() while true do s = s .. \"y\" t[#t + 1] = s end",
        "local t = list() while true do t[#t + 1] = 1 end",
        "local t = list() while true do t[#t + 1] = {} end",
        "local t = list() while true do t[#t + 1] = { a = 1, b = 2, c = 3, d = 4 } end",
        "local t = {} local i = 0 while true do i = i + 1 t[\"key\" .. i] = i end",
        "local t = {} local i = 0 while true do i = i + 2 t[i] = i end",
        "local t = {} while true do t = { t, t } end",
        "local t = list() while true do t[#t + 1] = 1 / 3 end",
        "local t = list() while true do t[#t + 1] = string.rep(\"x\", 100) end",
        "local t = list() while true do t[#t + 1] = function() return t end end",
        "while true do local x = string.split(string.rep(\"a,\", 1000), \",\") end",
        "local f = 1 while true do local g = f f = function() return g end end",
    ];
    let sizes: &[u64] = if cases(0, 1) == 1 {
        &[1, 16, 64]
    } else {
        &[1, 8]
    };
    for body in bombs {
        for megabytes in sizes {
            let limit = megabytes << 20;
            let source = format!("function fold(state, event) {body} return state end");
            let program = compile(&source).program;
            let limits = Limits {
                fuel_per_event: 1 << 40,
                memory_bytes: limit,
            };
            let mut fault = None;
            let used = allocation_counter::measure(|| {
                let mut fold = Fold::start(&program, limits, None).unwrap();
                fault = fold.step(&Value::Null).err().map(|error| error.fault);
            });
            let expected = matches!(fault, Some(Fault::Memory { .. } | Fault::StoredFunction));
            assert!(expected, "{body}: {fault:?}");
            let most = 4 * limit + (1 << 20);
            assert!(
                used.bytes_max <= most,
                "{body}: {} bytes at a limit of {limit}",
                used.bytes_max
            );
        }
    }
}

/// C-24: keys that are alike for a long way, or that a hash table would put into one place, cost
/// what their length and number say.
#[test]
fn flooding() {
    let program = compile(
        "function fold(state, event)
           for i = event.from, event.from + 999 do state[event.prefix .. i] = i end
           return state
         end",
    )
    .program;
    let rounds = cases(10, 200) as i64;
    let burnt = |prefix: String| {
        let mut fold = Fold::start(&program, Limits::default(), None).unwrap();
        let mut most = 0;
        for round in 0..rounds {
            let event = format!(
                r#"{{"from":{},"prefix":"{prefix}"}}"#,
                1_000_000 + round * 1000
            );
            most = most.max(fold.step(&parse(&event)).unwrap().fuel);
        }
        most
    };
    let (short, long) = (burnt("k".to_owned()), burnt("k".repeat(100)));
    assert!(short < 60_000, "{short}");
    assert!(
        long < 8 * short,
        "{long} for keys of 107 bytes, {short} for 8"
    );
}
