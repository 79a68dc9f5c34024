//! Programs, events and what must come out.

use super::{Fold, Limits, Program};
use crate::json;

fn run(source: &str, events: &[&str]) -> Result<String, String> {
    let compiled = Program::compile(source, "test.lua").map_err(|error| error.to_string())?;
    let elc = compiled.program.to_elc();
    let program = Program::from_elc(&elc).map_err(|error| error.to_string())?;
    assert_eq!(program.to_elc(), elc);
    assert_eq!(*program.unit, *compiled.program.unit);
    let fold = || {
        let mut fold = Fold::start(&program, Limits::default(), None)?;
        for event in events {
            let event = json::from_str(event).expect("the event is JSON");
            fold.step(&event)?;
        }
        fold.state()
    };
    fold()
        .map(|state| json::to_string(&state))
        .map_err(|error| error.to_string())
}

/// The value of an expression.
fn expression(text: &str) -> Result<String, String> {
    let source = format!("function fold(state, event) state.x = {text} return state end");
    run(&source, &["{}"]).map(|state| {
        state
            .strip_prefix("{\"x\":")
            .and_then(|s| s.strip_suffix('}'))
            .unwrap_or("nil")
            .to_owned()
    })
}

#[test]
fn a_grouping_fold() {
    let source = r#"
        local LIMIT = 10                       -- top-level locals are constants (tables frozen)
        local function mean(sum, n) return sum / n end
        function initial() return { n = 0, groups = {} } end   -- optional; default {}
        function fold(state, event)
          if event.type ~= "measurement" then return state end
          local p = event.payload
          local g = state.groups[p.species] or { n = 0, sum = 0 }
          g.n = g.n + 1; g.sum = g.sum + p.mass; g.mean = mean(g.sum, g.n)
          state.groups[p.species] = g
          return state
        end"#;
    let events = [
        r#"{"type": "measurement", "payload": {"species": "Adelie", "mass": 1.1}}"#,
        r#"{"type": "other", "payload": {"species": "Adelie", "mass": 1.1}}"#,
        r#"{"type": "measurement", "payload": {"species": "Gentoo", "mass": 3}}"#,
        r#"{"type": "measurement", "payload": {"species": "Adelie", "mass": 2.2}}"#,
    ];
    let expect = r#"{"n":0,"groups":{"Adelie":{"n":2,"sum":3.3,"mean":1.65},"Gentoo":{"n":1,"sum":3,"mean":3}}}"#;
    assert_eq!(run(source, &events).as_deref(), Ok(expect));
}

#[test]
fn expressions() {
    for (text, expect) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7 % -3", "-2"),
        ("1 / 4", "0.25"),
        ("6 / 2", "3"),
        ("0.1 + 0.2", "0.3"),
        ("1e3", "1000"),
        ("0xff", "255"),
        (".5", "0.5"),
        ("\"a\" .. 1 .. 0.5", "\"a10.5\""),
        ("#\"abc\"", "3"),
        ("#{1, 2, 3}", "3"),
        ("not nil", "true"),
        ("nil and 1", "nil"),
        ("false or 2", "2"),
        ("1 and 2", "2"),
        ("1 < 2", "true"),
        ("\"a\" < \"b\"", "true"),
        ("2 >= 2", "true"),
        ("1 == 1.0", "true"),
        ("\"1\" == 1", "false"),
        ("null == nil", "false"),
        ("null", "null"),
        ("{}", "{}"),
        ("list()", "[]"),
        ("{1, 2, {3}}", "[1,2,[3]]"),
        ("{a = 1, [\"b\"] = 2}", "{\"a\":1,\"b\":2}"),
        ("(\"x\"):rep(3)", "\"xxx\""),
        ("string.upper(\"abc\")", "\"ABC\""),
        ("(\"hello\"):sub(2, -2)", "\"ell\""),
        ("{(\"hello\"):find(\"l\")}", "[3,3]"),
        ("{(\"hello\"):byte(1, -1)}", "[104,101,108,108,111]"),
        ("string.format(\"%d of %s%%\", 3, \"x\")", "\"3 of x%\""),
        (
            "string.split(\"a,b,,c\", \",\")",
            "[\"a\",\"b\",\"\",\"c\"]",
        ),
        ("table.concat({1, \"b\", 2.5}, \"-\")", "\"1-b-2.5\""),
        ("math.max(1, 2.5, 2)", "2.5"),
        ("math.floor(-2.5)", "-3"),
        ("math.ceil(-2.5)", "-2"),
        ("decimal.round(2.345, 2)", "2.34"),
        ("decimal.sqrt(2)", "1.414213562373095048801688724"),
        ("tonumber(\" 12.5 \")", "12.5"),
        ("tonumber(\"x\")", "nil"),
        ("tostring(1.50)", "\"1.5\""),
        ("type(null)", "\"null\""),
        ("math.mininteger", "-9223372036854775808"),
        ("(function(a, b) return b, a end)(1, 2)", "2"),
        ("{(function(a, b) return b, a end)(1, 2)}", "[2,1]"),
        ("{((function(a, b) return b, a end)(1, 2))}", "[2]"),
        ("{table.unpack({1, 2, 3}, 2)}", "[2,3]"),
    ] {
        assert_eq!(expression(text).as_deref(), Ok(expect), "{text}");
    }
}

#[test]
fn statements() {
    let source = r#"
        function fold(state, event)
          local out = list()
          for i = 3, 1, -1 do table.insert(out, i) end
          for k, v in dpairs({ b = 2, a = 1, [10] = 5, "x" }) do out[#out + 1] = k end
          for i, v in ipairs({ "p", "q" }) do out[#out + 1] = v end
          local n = 0
          while true do n = n + 1 if n > 3 then break end end
          repeat local done = n == 0; n = n - 1 until done
          out[#out + 1] = n
          local function fact(k) if k <= 1 then return 1 end return k * fact(k - 1) end
          out[#out + 1] = fact(10)
          local a, b = 1, 2
          a, b = b, a
          out[#out + 1] = a .. b
          local words = { "b", "a", "c" }
          local order = { a = 3, b = 2, c = 1 }
          table.sort(words, function(x, y) return order[x] < order[y] end)
          out[#out + 1] = table.concat(words)
          do local shadow = out; local out = 5; shadow[#shadow + 1] = out end
          state.out = out
          return state
        end"#;
    let expect = r#"{"out":[3,2,1,1,10,"a","b","p","q",-1,3628800,"21","cba",5]}"#;
    assert_eq!(run(source, &["{}"]).as_deref(), Ok(expect));
}
