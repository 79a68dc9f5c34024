//! The hazards of running Lua, each with the test that it cannot happen here; numbers as in the
//! hazard table of `docs/spec/echolua.md#hazards`.

use std::time::{Duration, Instant};

use gatos_core::cid::Cid;
use gatos_core::echolua::{Fault, Fold, Limits, MAX_SOURCE_BYTES, Program, Rule};
use gatos_core::json;
use gatos_core::value::Value;

use super::{LIBRARY, Random, cases, compile, fold, parse};

fn limits(fuel_per_event: u64, memory_bytes: u64) -> Limits {
    Limits {
        fuel_per_event,
        memory_bytes,
    }
}

/// State after one event.
fn after(source: &str, event: &Value) -> Result<Value, Fault> {
    let program = compile(source).program;
    fold(
        &program,
        Limits::default(),
        None,
        std::slice::from_ref(event),
    )
    .map(|(state, _)| state)
    .map_err(|error| error.fault)
}

/// C-02: keys put in any order come out in one order, and give one state.
#[test]
fn iteration_order() {
    let source = "
        function fold(state, event)
          local t = {}
          for i, key in ipairs(event.keys) do t[key] = i end
          for i, key in ipairs(event.keys) do t[key] = 0 end
          local order = list()
          for key in dpairs(t) do order[#order + 1] = key end
          state.order = order
          return state
        end";
    for count in [1, 2, 12, 13, 14, 100, 1000] {
        let mut random = Random::new(count);
        let mut keys: Vec<Value> = (0..count)
            .map(|i| match i % 3 {
                0 => Value::from(i as i64 * 7 - 50),
                1 => Value::text(format!("key-{i}-é")),
                _ => Value::text(format!("{}{i}", "long ".repeat(10))),
            })
            .collect();
        let mut first = None;
        for _ in 0..20 {
            for i in (1..keys.len()).rev() {
                keys.swap(i, random.below(i as u64 + 1) as usize);
            }
            let event = Value::map([("keys", Value::List(keys.clone()))]);
            let state = after(source, &event).unwrap();
            assert_eq!(*first.get_or_insert_with(|| state.clone()), state);
        }
    }
}

/// C-02: what has no order of its own is no key.
#[test]
fn keys_of_other_kinds() {
    for key in [
        "1.5",
        "1e27",
        "true",
        "null",
        "nil",
        "{}",
        "list()",
        "state",
        "fold",
        "math.abs",
        "function() end",
        "event.bytes",
        "event.link",
    ] {
        for used in [
            "state[K] = 1",
            "local x = state[K]",
            "local t = { [K] = 1 }",
        ] {
            let source = format!(
                "function fold(state, event) {} return state end",
                used.replace('K', key)
            );
            let event = Value::map([
                ("bytes", Value::bytes(vec![1])),
                ("link", Value::Link(Cid::of_raw(b""))),
            ]);
            let fault = after(&source, &event);
            assert!(matches!(fault, Err(Fault::Key { .. })), "{key}: {fault:?}");
        }
    }
}

/// C-03: no address in any text or error, whatever the kind of value.
#[test]
fn no_addresses() {
    let values = [
        "nil",
        "null",
        "true",
        "1",
        "1.5",
        "\"x\"",
        "{}",
        "list()",
        "fold",
        "math.abs",
        "function() end",
        "event.bytes",
        "event.link",
    ];
    let uses = [
        "tostring(V)",
        "V .. \"\"",
        "#V",
        "-V",
        "V + 1",
        "V < V",
        "V.x",
        "V()",
        "string.format(\"%s\", V)",
        "error(V)",
        "assert(false, V)",
        "({})[V]",
        "{ V }",
        "tonumber(V)",
        "table.concat({ V })",
        "string.upper(V)",
        "table.sort({ V, V })",
    ];
    let event = Value::map([
        ("bytes", Value::bytes(vec![1, 2, 3])),
        ("link", Value::Link(Cid::of_raw(b""))),
    ]);
    for value in values {
        for used in uses {
            let expression = used.replace('V', &format!("({value})"));
            let source =
                format!("function fold(state, event) state.x = {expression} return state end");
            let shown = match Program::compile(&source, "x") {
                Err(error) => error.to_string(),
                Ok(compiled) => {
                    let mut fold = Fold::start(&compiled.program, Limits::default(), None).unwrap();
                    match fold.step(&event) {
                        Ok(_) => json::to_string(&fold.state().unwrap()),
                        Err(error) => error.to_string(),
                    }
                }
            };
            assert!(!shown.contains("0x"), "{expression}: {shown}");
        }
    }
}

/// C-04: what a program can name is this and nothing else.
#[test]
fn the_names_that_exist() {
    let names = format!("{LIBRARY} fold initial");
    let lua = mlua::Lua::new();
    let globals: Vec<String> = lua
        .globals()
        .pairs::<String, mlua::Value>()
        .flat_map(|pair| {
            let (name, value) = pair.unwrap();
            let members: Vec<String> = match &value {
                mlua::Value::Table(table) => table
                    .pairs::<String, mlua::Value>()
                    .map(|member| format!("{name}.{}", member.unwrap().0))
                    .collect(),
                _ => Vec::new(),
            };
            std::iter::once(name).chain(members).collect::<Vec<_>>()
        })
        .collect();
    assert!(globals.len() > 100, "Lua has names");
    let ours: Vec<&str> = names.split_whitespace().collect();
    let candidates = globals
        .iter()
        .map(String::as_str)
        .chain(ours.iter().copied());
    for name in candidates {
        let source = format!(
            "function initial() return 0 end
             function fold(state, event) local x = {name} return state end"
        );
        let compiles = Program::compile(&source, "x").is_ok();
        assert_eq!(compiles, ours.contains(&name), "{name}");
    }
}

/// C-05: sorting is stable and costs the same whatever the machine.
#[test]
fn sort_contract() {
    let source = "
        function fold(state, event)
          local t = list()
          for i, key in ipairs(event.keys) do t[i] = { key = key, at = i } end
          table.sort(t, function(a, b) return a.key < b.key end)
          local order = list()
          for i, item in ipairs(t) do order[i] = item.at end
          return order
        end";
    let program = compile(source).program;
    for count in [0, 1, 2, 3, 16, 17, 1000, 5000_u64] {
        for shape in 0..4 {
            let keys: Vec<u64> = (0..count)
                .map(|i| match shape {
                    0 => 0,
                    1 => i.min(count - i),
                    2 => count - i,
                    _ => i * 7919 % 31,
                })
                .collect();
            let list = keys.iter().map(|key| Value::from(*key as i64));
            let event = Value::map([("keys", Value::list(list))]);
            let events = std::slice::from_ref(&event);
            let limits = limits(100_000_000, 256 << 20);
            let first = fold(&program, limits, None, events).unwrap();
            let mut expect: Vec<usize> = (0..keys.len()).collect();
            expect.sort_by_key(|i| keys[*i]);
            let expect = Value::list(expect.into_iter().map(|i| Value::from(i as i64 + 1)));
            assert_eq!(first.0, expect);
            assert_eq!(first, fold(&program, limits, None, events).unwrap());
        }
    }
}

/// C-08: a table with a gap has no length, in whatever way the gap came about.
#[test]
fn holes() {
    for make in [
        "local t = { 1, nil, 3 }",
        "local t = { nil, 2 }",
        "local t = { [2] = 2 }",
        "local t = { 1, 2, 3 } t[1] = nil",
        "local t = { 1, 2, 3 } t[2] = nil",
        "local t = {} t[1] = 1 t[3] = 3",
        "local t = {} t[-1] = 1",
        "local t = {} t[0] = 1",
        "local t = { table.unpack({ 1, 2 }, 0, 2) }",
        "local t = list(1, 2, 3) t[10] = 1",
        "local t = { 1 } t[math.maxinteger] = 1",
        "local t = { 1 } t[math.mininteger] = 1",
    ] {
        for read in [
            "#t",
            "table.insert(t, 1)",
            "table.concat(t)",
            "table.sort(t)",
            "table.remove(t)",
            "table.unpack(t)",
        ] {
            let source =
                format!("function fold(state, event) {make} local n = {read} return state end");
            let fault = after(&source, &Value::Null);
            assert!(
                matches!(fault, Err(Fault::Length { .. })),
                "{make}; {read}: {fault:?}"
            );
        }
        let source = format!("function fold(state, event) {make} state.t = t return state end");
        let fault = after(&source, &Value::Null);
        assert!(
            matches!(fault, Err(Fault::State { .. })),
            "{make}: {fault:?}"
        );
    }
}

/// C-10 and C-12: whatever runs long ends within its fuel, at the same place every time, and
/// nothing afterwards goes on.
#[test]
fn fuel_is_final() {
    for body in [
        "while true do end",
        "repeat until false",
        "for i = 1, math.maxinteger do end",
        "local function f() return f() end f()",
        "local t = {} while true do t[#t + 1] = 1 table.remove(t) end",
        "local s = string.rep(\"x\", 1000) while true do local x = s:upper() end",
        "local s = string.rep(\"x\", 100000) while true do local x = s .. 1 end",
        "local s = string.rep(\"a\", 100000) while true do local x = s:find(\"b\") end",
        "local s = string.rep(\"a\", 60000) while true do local x = s:find(string.rep(\"a\", 30000) .. \"b\") end",
        "local s = string.rep(\"a,\", 1000) while true do local x = s:split(\",\") end",
        "local s = string.rep(\"a\", 100000) while true do local x = s:reverse() end",
        "local s = string.rep(\"a\", 100000) while true do local x = s:byte(1, 200) end",
        "local s = string.rep(\"a\", 100000) while true do local x = s:sub(2) end",
        "local s = string.rep(\"a\", 100000) while true do local x = s == s .. \"\" end",
        "local s = string.rep(\"a\", 100000) local r = s .. \"\" while true do local x = s < r end",
        "local s = string.rep(\"a\", 100000) local r = s .. \"\" while true do local x = s == r end",
        "local s = string.rep(\"a\", 100000) local r = s .. \"\" while true do local x = s:startswith(r) end",
        "local s = string.rep(\"1\", 100000) while true do local x = tonumber(s .. \"x\") end",
        "local s = string.rep(\"%%\", 10000) while true do local x = string.format(s) end",
        "local s = string.rep(\"x\", 100000) while true do local x = string.format(\"%s\", s) end",
        "while true do local x = string.rep(\"\", math.maxinteger) end",
        "while true do local x = string.rep(\"x\", 100000) end",
        "local t = {} for i = 1, 2000 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end",
        "local t = {} for i = 1, 2000 do t[i] = 2000 - i end while true do table.sort(t) end",
        "local t = {} for i = 1, 2000 do t[i] = i end while true do local x = table.concat(t) end",
        "local t = {} for i = 1, 100 do t[i] = i end while true do local x = { table.unpack(t) } end",
        "local t = {} for i = 1, 2000 do t[\"k\" .. i] = i end while true do for k in dpairs(t) do break end end",
        "local t = {} for i = 1, 2000 do t[i] = i end while true do t[1] = nil t[1] = 1 end",
        "local t = {} for i = 1, 2000 do t[i] = i end while true do local x = { a = C } end",
        "while true do local x = decimal.sqrt(2) end",
        "while true do local x = 1 / 3 end",
        "while true do local x = 1e27 * 0.0000000000000000001 end",
        "while true do local x = decimal.round(1.23456, 2) end",
        "while true do local x = math.max(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) end",
        "local x = 0.1 while true do local y = x < 0.10001 end",
        "table.sort({ 1, 2, 3 }, function() while true do end end)",
        "local f = function() end while true do f() end",
        "while true do local f = function() return state end end",
        "local t = {} while true do t = { t } end",
        "local t = {} local u = t for i = 1, 500 do u.a = {} u = u.a end while true do local x = {} u.x = { x } u.x = nil end",
        "while true do local a, b, c, d, e, f, g, h = 1, 2, 3, 4, 5, 6, 7, 8 end",
        "while true do local x = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } end",
        "while true do local x = (1 + 2) * 3 - 4 + 5 end",
        "while true do if state and event then elseif not state then end end",
    ] {
        let source = format!(
            "local C = {{ 1, 2, {{ 3 }} }}
             function fold(state, event) {body} return state end"
        );
        let program = compile(&source).program;
        let begin = Instant::now();
        let mut nodes = Vec::new();
        for _ in 0..2 {
            let mut fold = Fold::start(&program, limits(300_000, 1 << 30), None).unwrap();
            let error = fold.step(&Value::Null).unwrap_err();
            let expected = matches!(error.fault, Fault::Fuel { .. } | Fault::Depth { .. });
            assert!(expected, "{body}: {error}");
            nodes.push(error.node);
            let again = fold.step(&Value::Null).unwrap_err();
            assert_eq!(again.fault, Fault::Ended, "{body}");
            assert_eq!(fold.state().unwrap_err().fault, Fault::Ended, "{body}");
        }
        assert_eq!(nodes[0], nodes[1], "{body}");
        // The slowest build on a busy machine; a hang would be minutes.
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{body}: {:?}",
            begin.elapsed()
        );
    }
}

/// C-14: one unit less than a fold burns is too little, and what it burns is enough.
#[test]
fn fuel_exact() {
    let source = include_str!("../../../vectors/echolua/language.lua");
    let mut tried = 0;
    for case in source.split("--# case ").skip(1) {
        let events: Vec<Value> = case
            .lines()
            .filter_map(|line| line.strip_prefix("--# event "))
            .map(parse)
            .collect();
        let start = case
            .lines()
            .find_map(|line| line.strip_prefix("--# start "))
            .map(parse);
        let source: String = case
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with("--# "))
            .flat_map(|line| [line, "\n"])
            .collect();
        let Ok(compiled) = Program::compile(&source, "x") else {
            continue;
        };
        let run = |fuel| {
            fold(
                &compiled.program,
                limits(fuel, 1 << 28),
                start.as_ref(),
                &events,
            )
        };
        let Ok((state, fuel)) = run(1 << 30) else {
            continue;
        };
        let Some(most) = fuel.iter().copied().max() else {
            continue;
        };
        // `initial()` has the same limit; it is cheap in these programs.
        assert_eq!(run(most.max(100)).map(|(state, _)| state), Ok(state));
        if most > 100 {
            assert!(
                matches!(run(most - 1).unwrap_err().fault, Fault::Fuel { .. }),
                "{source}"
            );
        }
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

/// C-13: bombs end at the memory limit, with the same fuel every time.
#[test]
fn memory() {
    for body in [
        "local s = \"x\" while true do s = s .. s end",
        "local t = list() while true do t[#t + 1] = \"x\" end",
        "local t = {} local i = 0 while true do i = i + 1 t[\"key\" .. i] = i end",
        "local t = {} while true do t = { t, t } end",
        "local t = list() while true do t[#t + 1] = string.rep(\"x\", 1000) end",
        "local t = {} while true do t.a = { t = {} } end",
        "local f = 1 while true do local g = f f = wrap(g) end",
        "while true do local t = string.split(string.rep(\"a,\", 1000), \",\") end",
        "local t = {} for i = 1, 100 do t[i] = i end while true do local u = { table.unpack(t) } end",
        "while true do for k in dpairs({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }) do break end end",
    ] {
        for megabytes in [1, 4] {
            let source = format!(
                "local function wrap(f) return function() return f end end
                 function fold(state, event) {body} return state end"
            );
            let program = compile(&source).program;
            let run = || {
                let mut fold =
                    Fold::start(&program, limits(1 << 40, megabytes << 20), None).unwrap();
                fold.step(&Value::Null).unwrap_err()
            };
            let error = run();
            let expected = matches!(error.fault, Fault::Memory { .. } | Fault::TextLength { .. });
            assert!(expected, "{body}: {error}");
            assert_eq!(error, run());
        }
    }
}

/// The state's memory is the same whether it was built or read.
#[test]
fn memory_of_a_state_does_not_depend_on_its_history() {
    let program = compile(
        "function initial() return { l = list(), m = {} } end
         function fold(state, event)
           local n = event.n
           state.l[#state.l + 1] = string.rep(\"x\", n)
           state.m[\"k\" .. n % 50] = { n, n + 0.5, tostring(n) }
           if n % 10 == 0 then state.l = list() end
           if n % 3 == 0 then state.m[\"k\" .. n % 7] = nil end
           state.copy = state.m
           return state
         end",
    )
    .program;
    let events: Vec<Value> = (1..120).map(|n| parse(&format!("{{\"n\":{n}}}"))).collect();
    let most = |start: Option<&Value>, events: &[Value]| {
        let fits = |bytes| fold(&program, limits(1 << 30, bytes), start, events).is_ok();
        let (mut low, mut high) = (0_u64, 1 << 24);
        while low < high {
            let middle = (low + high) / 2;
            if fits(middle) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        low
    };
    let (state, _) = fold(&program, Limits::default(), None, &events[..100]).unwrap();
    let built = {
        let mut needed = 0;
        for k in [100, 105, events.len() - 1] {
            needed = needed.max(most(Some(&state), &events[100..=k]));
        }
        needed
    };
    assert_eq!(most(None, &events).max(built), most(None, &events));
    assert_eq!(built, most(Some(&state), &events[100..]));
}

/// C-15: nothing that a source can nest ends the process, on a stack of one mebibyte.
#[test]
fn stack() {
    let run = || {
        let deep = 100_000;
        let fold = |body: &str| format!("function fold(state, event) {body} return state end");
        let wide = |open: &str, middle: &str, close: &str| {
            let levels = (MAX_SOURCE_BYTES - 200) / (open.len() + close.len()).max(1);
            let levels = levels.min(deep);
            fold(&format!(
                "{}{middle}{}",
                open.repeat(levels),
                close.repeat(levels)
            ))
        };
        let sources = [
            wide("x(", "1", ")"),
            wide("do ", "", " end"),
            wide("if x then ", "", " end"),
            wide("while x do ", "", " end"),
            wide("for i = 1, 2 do ", "", " end"),
            wide("repeat ", "", " until x"),
            wide("local x = function() ", "", " end "),
            fold(&format!(
                "local x = {}1{}",
                "(".repeat(deep),
                ")".repeat(deep)
            )),
            fold(&format!(
                "local x = {}{}",
                "{".repeat(deep),
                "}".repeat(deep)
            )),
            fold(&format!(
                "local x = {}1{}",
                "state[".repeat(20_000),
                "]".repeat(20_000)
            )),
            fold(&format!(
                "local x = {}1",
                "-".to_owned() + &" - ".repeat(50_000)
            )),
            fold(&format!("local x = {}1", "not ".repeat(50_000))),
            fold(&format!("local x = {}1", "# ".repeat(50_000))),
            fold(&format!("local x = {}1", "~ ".repeat(50_000))),
            fold(&format!("local x = 1{}", " + 1".repeat(50_000))),
            fold(&format!("local x = 1{}", " .. 1".repeat(40_000))),
            fold(&format!("local x = 1{}", " ^ 1".repeat(50_000))),
            fold(&format!("local x = 1{}", " and 1".repeat(30_000))),
            fold(&format!("local x = 1{}", " == 1".repeat(30_000))),
            fold(&format!("local x = 1{}", "<1".repeat(50_000))),
            fold(&format!("local x = state{}", ".a".repeat(100_000))),
            fold(&format!("local x = state{}", "()".repeat(100_000))),
            fold(&format!("local x = state{}", "[1]".repeat(60_000))),
            fold(&format!("local x = state{}", ":len()".repeat(40_000))),
            fold(&format!("local x = state{}", " \"\"".repeat(40_000))),
            fold(&format!("local x = state{}", "{}".repeat(40_000))),
            fold(&format!(
                "if x then {} end",
                "elseif x then ".repeat(15_000)
            )),
            fold(&format!("local x = 1{}", ", 1".repeat(80_000))),
            fold(&format!("local {}x", "a, ".repeat(80_000))),
            fold(
                &(0..300)
                    .map(|i| format!("local a{i} = {i} "))
                    .collect::<String>(),
            ),
            fold(&format!("x{} = 1", ", x".repeat(80_000))),
            fold(&format!("local x = \"{}\"", "\\z ".repeat(60_000))),
            fold(&format!("--[{}[ ", "=".repeat(100_000))),
            fold(&"::a::".repeat(40_000)),
            fold(&"goto a ".repeat(30_000)),
            fold(&";".repeat(200_000)),
            "{)".repeat(100_000),
            "( end ".repeat(40_000),
            "function f() ) ".repeat(15_000),
            "x = { end ".repeat(20_000),
            "if x then ) ".repeat(20_000),
            "\r(".repeat(80_000),
            "(".repeat(250_000),
            "function ".repeat(25_000),
            "a.".repeat(100_000),
            "x".repeat(MAX_SOURCE_BYTES),
            " ".repeat(MAX_SOURCE_BYTES + 1),
        ];
        for source in sources {
            let begin = Instant::now();
            let outcome = Program::compile(&source, "deep");
            let start: String = source.chars().take(60).collect();
            if let Ok(compiled) = outcome {
                Program::from_elc(&compiled.program.to_elc()).unwrap();
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "{start}");
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap();
    thread.join().unwrap();
}

/// What just fits is compiled, encoded, decoded and run on a stack of one mebibyte.
#[test]
fn the_deepest_that_is_allowed() {
    let run = || {
        let levels = |open: &str, middle: &str, close: &str| {
            let mut deepest = None;
            for n in 1..200 {
                let source = format!(
                    "function fold(state, event) {}{middle}{} return state end",
                    open.repeat(n),
                    close.repeat(n)
                );
                match Program::compile(&source, "deep") {
                    Ok(compiled) => deepest = Some((n, compiled.program)),
                    Err(error) => {
                        let rule = error.list[0].rule;
                        assert!(matches!(rule, Rule::NESTING | Rule::CAPACITY), "{error}");
                        break;
                    }
                }
            }
            let (n, program) = deepest.unwrap();
            let program = Program::from_elc(&program.to_elc()).unwrap();
            let _ = fold(&program, Limits::default(), None, &[Value::Null]);
            n
        };
        for (open, middle, close) in [
            ("do ", "", " end"),
            ("if true then ", "", " end"),
            ("for i = 1, 1 do ", "", " end"),
            ("(function() return ", "1", " end)()"),
            ("local f = function() ", "", " end"),
            ("state.x = {", "", "}"),
            ("state.x = (1 + (", "2", "))"),
            ("state.x = math.abs(", "2", ")"),
        ] {
            if open.starts_with("state") {
                let inner = open.trim_start_matches("state.x = ");
                let source = |n: usize| {
                    format!(
                        "function fold(state, event) state.x = {}{middle}{} return state end",
                        inner.repeat(n),
                        close.repeat(n)
                    )
                };
                let n = (1..200)
                    .take_while(|n| Program::compile(&source(*n), "x").is_ok())
                    .count();
                assert!(n >= 15, "{open}: {n}");
                let program = compile(&source(n)).program;
                let program = Program::from_elc(&program.to_elc()).unwrap();
                let _ = fold(&program, Limits::default(), None, &[Value::Null]);
            } else {
                let n = levels(open, middle, close);
                assert!(n >= 15, "{open}: {n}");
            }
        }
        // Two hundred calls, eight of them through a comparison function.
        let source = "
            local function deep(n)
              if n % 24 == 0 then
                local t = { 1, 2 }
                table.sort(t, function(a, b) if n < 180 then deep(n + 1) end return a < b end)
                return 0
              end
              if n < 180 then return 1 + deep(n + 1) end
              return 0
            end
            function fold(state, event) state.n = deep(1) return state end";
        let program = compile(source).program;
        fold(&program, Limits::default(), None, &[Value::Null]).unwrap();
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap();
    thread.join().unwrap();
}

/// Values as deep as a block can be, and tables as deep as memory allows, are taken apart without
/// recursion.
#[test]
fn deep_tables_are_dropped() {
    let run = || {
        let program = compile(
            "local function wrap(f) return function() return f end end
             function fold(state, event)
               local t, f = {}, 1
               for i = 1, 100000 do t = { t } end
               for i = 1, 100000 do f = wrap(f) end
               state.t = t
               return state
             end",
        )
        .program;
        let mut fold = Fold::start(&program, Limits::default(), None).unwrap();
        let fault = fold.step(&Value::Null).unwrap_err().fault;
        assert!(matches!(fault, Fault::State { .. }), "{fault}");
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap();
    thread.join().unwrap();
}

/// C-16: only text is a program.
#[test]
fn no_bytecode() {
    let lua = mlua::Lua::new();
    let function = lua.load("return 1").into_function().unwrap();
    let dumped = String::from_utf8_lossy(&function.dump(false)).into_owned();
    for source in [
        "\u{1b}Lua",
        &dumped,
        "\u{feff}function fold(state, event) return state end",
        "#!/bin/lua\nfunction fold(state, event) return state end",
        "function fold(state, event) return state end\0",
        "function fold(state, event) return \u{202e}state end",
        &"x".repeat(16 << 20),
        "",
    ] {
        assert!(Program::compile(source, "x").is_err());
    }
}

/// C-17: nothing that one fold does is seen by another, nor by the next event.
#[test]
fn isolation() {
    let tamper = compile(
        "local C = { n = 1, l = { 1 } }
         function fold(state, event)
           local c = { C = C }
           c.C.n = 99
           c.C.l[1] = 99
           state.seen = C.n + C.l[1]
           return state
         end",
    )
    .program;
    let victim = compile(
        "local C = { n = 1, l = { 1 } }
         function fold(state, event) state.seen = C.n + C.l[1] return state end",
    )
    .program;
    let events = vec![Value::Null; 3];
    let expect = fold(&victim, Limits::default(), None, &events).unwrap();
    let (state, fuel) = fold(&tamper, Limits::default(), None, &events).unwrap();
    assert_eq!(state, parse(r#"{"seen":2}"#));
    // The first event adds a field.
    assert_eq!(fuel, [fuel[0], fuel[0] - 1, fuel[0] - 1]);
    assert_eq!(
        fold(&victim, Limits::default(), None, &events).unwrap(),
        expect
    );
}

/// C-17: all that a program can reach and try to change, and the same fold before and after.
#[test]
fn tampering() {
    let victim = compile(
        "local C = { n = 1, l = list(1, 2) }
         function initial() return { s = \"x\" } end
         function fold(state, event)
           state.n = (state.n or 0) + C.n + #C.l
           state.s = state.s:upper() .. tostring(1 / 3)
           for k in dpairs(event) do state[k] = true end
           return state
         end",
    )
    .program;
    let events = vec![parse(r#"{"b":1,"a":[1,{"c":2}]}"#); 3];
    let expect = fold(&victim, Limits::default(), None, &events).unwrap();
    for tamper in [
        "string.upper = nil",
        "string.upper = function() end",
        "string = nil",
        "math.maxinteger = 1",
        "tostring = nil",
        "null = 1",
        "fold = nil",
        "initial = nil",
        "list = nil",
        "C.n = 5",
        "C = nil",
        "C.l[1] = 5",
        "table.insert(C.l, 1)",
        "table.remove(C.l)",
        "table.sort(C.l)",
        "event.a[2].c = state event.b = C",
        "event.a = nil event.b = event event.x = 1",
        "state.s = nil state.event = event",
        "state.c = C state.c.n = 99",
        "(\"\").upper = nil",
        "_G.string = nil",
        "_ENV = {}",
        "setmetatable(event, {})",
        "getmetatable(\"\").__index = nil",
        "debug.setmetatable(1, {})",
        "error(\"out\")",
        "while true do end",
    ] {
        let source = format!(
            "local C = {{ n = 1, l = list(1, 2) }}
             function fold(state, event) {tamper} return state end"
        );
        if let Ok(compiled) = Program::compile(&source, "tamper") {
            let small = limits(10_000, 1 << 20);
            let _ = fold(&compiled.program, small, None, &events);
        }
        let again = fold(&victim, Limits::default(), None, &events).unwrap();
        assert_eq!(again, expect, "{tamper}");
    }
}

/// Bytes and links come in and go out, and nothing can be done with them but to keep and compare.
#[test]
fn bytes_and_links() {
    let event = Value::map([
        ("bytes", Value::bytes(vec![0xff, 0])),
        ("link", Value::Link(Cid::of_raw(b"x"))),
    ]);
    let source = "
        function fold(state, event)
          state.event = event
          state.kinds = { type(event.bytes), type(event.link) }
          state.same = { event.bytes == state.event.bytes, event.link == event.bytes }
          state.text = tostring(event.link)
          return state
        end";
    let expect = Value::map([
        ("event", event.clone()),
        ("kinds", Value::list(["bytes".into(), "link".into()])),
        ("same", Value::list([true.into(), false.into()])),
        ("text", Value::text(Cid::of_raw(b"x").to_string())),
    ]);
    assert_eq!(after(source, &event), Ok(expect));
}

/// C-30 in small: texts made from pieces of programs neither crash nor hang, and what compiles is
/// read back from its bytes.
#[test]
fn pieces_of_programs() {
    let pieces = [
        "function fold(state, event)",
        "return state",
        "end",
        "local",
        "x",
        "=",
        "1",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "..",
        ".",
        ":",
        ",",
        ";",
        "if",
        "then",
        "else",
        "elseif",
        "while",
        "do",
        "for",
        "in",
        "repeat",
        "until",
        "break",
        "goto",
        "::",
        "not",
        "and",
        "or",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "^",
        "#",
        "&",
        "|",
        "~",
        "<<",
        ">>",
        "==",
        "~=",
        "<",
        "<=",
        "\"s\"",
        "'",
        "[[",
        "]]",
        "--",
        "--[[",
        "\n",
        "0x",
        "1e",
        "...",
        "nil",
        "true",
        "é",
        "\\",
        "function",
        "\"\\",
        "0.5",
        "state.x",
        "f()",
        "dpairs(state)",
        "<const>",
        "\r",
        "1..2",
        "=[",
    ];
    for seed in 0..cases(400, 200_000) {
        let mut random = Random::new(seed + 7);
        let mut source = String::new();
        for _ in 0..random.below(40) {
            let piece: &&str = random.pick(&pieces);
            source.push_str(piece);
            if random.below(4) > 0 {
                source.push(' ');
            }
        }
        if random.below(2) == 0 {
            source = format!("function fold(state, event) {source} return state end");
        }
        match Program::compile(&source, "pieces") {
            Ok(compiled) => {
                let program = Program::from_elc(&compiled.program.to_elc()).unwrap();
                assert_eq!(program.root(), compiled.program.root());
                let run = || fold(&program, limits(10_000, 1 << 20), None, &[Value::Null]);
                assert_eq!(run(), run(), "{source}");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
