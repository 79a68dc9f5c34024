//! Compiled programs: one program has one byte string, and no other byte string is a program.

use std::fmt::Write as _;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::echolua::{ElcError, Limits, Program, Rule};
use gatos_core::json;
use gatos_core::value::Value;

use super::{Random, cases, compile, fold, listing, parse};

/// Programs that use every kind of node.
pub(super) const PROGRAMS: [(&str, &str); 5] = [
    ("smallest", "function fold(state, event) return state end"),
    (
        "constants",
        "local A = { 1, { b = \"é\" }, list(), {}, 0.5, null, true }
         local B = -7
         function fold(state, event) state.x = A state.y = B return state end",
    ),
    (
        "expressions",
        "function fold(state, event)
           local a, b = 1, nil
           state.x = { a + 2 - 3 * 4 / 5 // 6 % 7, -a, not a, #state, a == b, a ~= b, a < 1, a <= 1,
             a > 1, a >= 1, a and b or 0.25, \"x\" .. a .. \"y\", [a] = null, k = true, (fold(1, 2)) }
           return state, string.rep(\"x\", 3), (\"x\"):upper()
         end",
    ),
    (
        "statements",
        "function initial() return {} end
         local function help(x) x.n = 1 end
         function fold(state, event)
           do local a = 1 help(state) end
           while true do break end
           repeat local done = true until done
           if event.a then return state elseif event.b then help(state) else help(event) end
           for i = 1, 3 do state.i = i end
           for i = 3, 1, -1 do state.j = i end
           for k, v in dpairs(event) do state.k = k end
           for i, v in ipairs(event) do state.v = v end
           local x, y = 1
           x, state.y, state[x] = y, 2, help(state)
           return state
         end",
    ),
    (
        "functions",
        "function fold(state, event)
           local n = event.n
           local function down(k) if k == 0 then return n end return down(k - 1) end
           local f = function() return function() return n, down end end
           table.sort(event.list, function(a, b) return a > b end)
           state.f = down(3)
           local g = math.floor
           return state
         end",
    ),
];

/// The bytes of these programs never change: `vectors/echolua/elc.json`.
#[test]
fn golden() {
    let path = crate::manifest().join("vectors/echolua/elc.json");
    let mut out = String::from("[\n");
    for (index, (name, source)) in PROGRAMS.iter().enumerate() {
        let program = compile(source).program;
        let bytes = program.to_elc();
        assert_eq!(Program::from_elc(&bytes).unwrap().to_elc(), bytes);
        let value = cbor::decode_with(&bytes, &deep()).unwrap();
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let text = |text: &str| json::to_string(&Value::text(text));
        let comma = if index + 1 < PROGRAMS.len() { "," } else { "" };
        writeln!(out, "  {{\n    \"name\": {},", text(name)).unwrap();
        writeln!(out, "    \"source\": {},", text(source)).unwrap();
        writeln!(out, "    \"root\": {},", text(&program.root().to_string())).unwrap();
        writeln!(out, "    \"bytes\": {},", text(&hex)).unwrap();
        writeln!(
            out,
            "    \"program\": {}\n  }}{comma}",
            json::to_string(&value)
        )
        .unwrap();
    }
    out.push_str("]\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), out);
}

fn deep() -> cbor::Limits {
    cbor::Limits {
        max_depth: 512,
        ..cbor::Limits::default()
    }
}

/// What is no part of the program is no part of its hash; everything else is.
#[test]
fn roots() {
    let root = |source: &str| compile(source).program.root();
    let source = "local LIMIT = 10
local function add(total, mass) return total + mass end
function fold(state, event)
  local p = event.payload -- the payload
  if p.mass > LIMIT then state.sum = add(state.sum or 0, p.mass) end
  return state
end
";
    let expect = root(source);
    for same in [
        source.replace('\n', "\r\n"),
        source.replace("-- the payload", "--[==[ something\nelse ]==] ; "),
        source.replace("  ", "\t\t"),
        source
            .replace("mass) return total + mass", "m) return total + m")
            .replace("total", "t"),
        source
            .replace("total + mass", "total + (mass)")
            .replace("return total", "return(total)"),
        source
            .replace("LIMIT", "L")
            .replace("local p", "local q")
            .replace("p.mass", "q.mass"),
        source
            .replace("10", "0xA")
            .replace("event.payload", "event[\"payload\"]"),
        source.replace("10", "1e1"),
        source.replace("10", "10.0"),
        source.replace("\"", "'"),
        format!("\n\n{source}\n-- the end"),
        source.replace("return state\n", "return state;\n"),
    ] {
        let program = Program::compile(&same, "somewhere/else.lua");
        let program = program.unwrap_or_else(|e| panic!("{e}")).program;
        assert_eq!(program.root(), expect, "{same}");
    }
    for other in [
        source.replace("10", "11"),
        source.replace(" > ", " >= "),
        source.replace("or 0", "or 1"),
        source.replace("p.mass >", "p.max >"),
        source.replace("state.sum =", "state.total ="),
        source.replace("total + mass", "mass + total"),
        source.replace("return state", "return event"),
        format!("{source}function initial() return {{}} end\n"),
        format!("local UNUSED = 1\n{source}"),
    ] {
        assert_ne!(root(&other), expect, "{other}");
    }
}

/// A program runs from its bytes alone, and its places come from the source alone.
#[test]
fn runs_without_the_source() {
    let source = "function fold(state, event)\n  local x = event.n\n  return state + x.y\nend";
    let compiled = compile(source);
    let read = Program::from_elc(&compiled.program.to_elc()).unwrap();
    let error = fold(&read, Limits::default(), None, &[parse("{\"n\":1}")]).unwrap_err();
    let place = compiled.source_map.place(error.node.unwrap()).unwrap();
    assert_eq!((place.line, place.column), (3, 20));
    let shown = compiled.source_map.diagnose(&error).unwrap();
    assert_eq!(shown.rule.number, error.fault.code());
}

/// Every byte string near a program is refused, or is another program in its one form.
#[test]
fn mutations() {
    let mut refused = 0_u64;
    let mut tried = 0_u64;
    for (name, source) in PROGRAMS {
        let bytes = compile(source).program.to_elc();
        let mut check = |changed: &[u8]| {
            tried += 1;
            match Program::from_elc(changed) {
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
                Ok(program) => {
                    assert_eq!(program.to_elc(), changed, "{name}");
                    listing::check(&program);
                    let limits = Limits {
                        fuel_per_event: 5000,
                        memory_bytes: 1 << 20,
                    };
                    let _ = fold(&program, limits, None, &[Value::Null]);
                }
            }
        };
        for length in 0..bytes.len() {
            check(&bytes[..length]);
        }
        let step = if cases(0, 1) == 0 { 3 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                check(&changed);
            }
            let mut longer = bytes.clone();
            longer.insert(at, 0);
            check(&longer);
            let mut shorter = bytes.clone();
            shorter.remove(at);
            check(&shorter);
        }
    }
    assert!(refused > tried / 3, "{refused} of {tried}");
}

/// Programs that no compiler wrote, each with the error that it must give.
#[test]
fn malformed() {
    let with = |functions: &str| {
        format!(r#"{{"v":"echolua/1","fold":0,"constants":[],"functions":[{functions}]}}"#)
    };
    let body = |body: &str| with(&format!(r#"[2,[],[{body}]]"#));
    let value = |expression: &str| body(&format!(r#"["return",[{expression}]]"#));
    let nested = |open: &str, n: usize, middle: &str, close: &str| {
        value(&format!("{}{middle}{}", open.repeat(n), close.repeat(n)))
    };
    let many = |item: &str, n: usize| vec![item; n].join(",");
    for (text, code) in [
        ("{}".to_owned(), "E0502"),
        ("[]".to_owned(), "E0502"),
        (
            r#"{"v":"echolua/2","fold":0,"constants":[],"functions":[[2,[],[]]]}"#.to_owned(),
            "E0503",
        ),
        (
            r#"{"v":1,"fold":0,"constants":[],"functions":[[2,[],[]]]}"#.to_owned(),
            "E0502",
        ),
        (
            r#"{"v":"echolua/1","fold":0,"constants":[],"functions":[[2,[],[]]],"x":1}"#.to_owned(),
            "E0502",
        ),
        (
            r#"{"v":"echolua/1","fold":1,"constants":[],"functions":[[2,[],[]]]}"#.to_owned(),
            "E0506",
        ),
        (
            r#"{"v":"echolua/1","fold":-1,"constants":[],"functions":[[2,[],[]]]}"#.to_owned(),
            "E0506",
        ),
        (
            r#"{"v":"echolua/1","fold":0,"initial":0,"constants":[],"functions":[[2,[],[]]]}"#
                .to_owned(),
            "E0506",
        ),
        (
            r#"{"v":"echolua/1","fold":0,"initial":"x","constants":[],"functions":[[2,[],[]]]}"#
                .to_owned(),
            "E0506",
        ),
        // A local that is assigned before or after a function took its value, also as itself.
        (
            body(
                r#"["let",1,[["closure",[0,[["local",0]],[["return",[["up",0]]]]]]]],["set",[["local",0]],[1]]"#,
            ),
            "E0509",
        ),
        (
            body(
                r#"["set",[["local",0]],[1]],["return",[["closure",[0,[["local",0]],[["return",[["up",0]]]]]]]]"#,
            ),
            "E0509",
        ),
        (
            body(r#"["def",[0,[],[["return",[["self"]]]]]],["set",[["local",2]],[1]]"#),
            "E0509",
        ),
        (
            body(
                r#"["do",[["let",1,[1]],["set",[["local",2]],[2]],["return",[["closure",[0,[["local",2]],[["return",[["up",0]]]]]]]]]]"#,
            ),
            "E0509",
        ),
        (with("[1,[],[]]"), "E0506"),
        (with("[2,[]]"), "E0505"),
        (with("[2,[],[],[]]"), "E0505"),
        (with("[-1,[],[]]"), "E0507"),
        (with("[201,[],[]]"), "E0507"),
        (with(r#"[2,[["local",0]],[]]"#), "E0506"),
        (with(&many("[2,[],[]]", 4097)), "E0507"),
        (body("1"), "E0505"),
        (body("[]"), "E0505"),
        (body("[1]"), "E0505"),
        (body(r#"["jump",0]"#), "E0504"),
        (body(r#"["break"]"#), "E0504"),
        (body(r#"["let",0,[]]"#), "E0505"),
        (body(r#"["let",1]"#), "E0505"),
        (body(r#"["let",-1,[]]"#), "E0507"),
        (body(r#"["let",199,[]]"#), "E0507"),
        (body(r#"["let",100,[]],["let",99,[]]"#), "E0507"),
        (body(&format!(r#"["let",1,[{}]]"#, many("1", 102))), "E0507"),
        (body(r#"["set",[],[1]]"#), "E0505"),
        (body(r#"["set",[1],[1]]"#), "E0505"),
        (body(r#"["set",[["local",2]],[1]]"#), "E0506"),
        (body(r#"["set",[["const",0]],[1]]"#), "E0506"),
        (body(r#"["set",[["call",["local",0],[]]],[1]]"#), "E0505"),
        (body(r#"["if",[],[]]"#), "E0505"),
        (body(r#"["if",[[1]],[]]"#), "E0505"),
        (body(r#"["for",1,2,[]]"#), "E0505"),
        (body(r#"["return",[]],["return",[]]"#), "E0508"),
        (body(r#"["while",true,[["break"],["break"]]]"#), "E0508"),
        (
            body(r#"["do",[["let",1,[]]]],["return",[["local",2]]]"#),
            "E0506",
        ),
        (
            body(r#"["repeat",[["let",1,[]]],["local",2]],["return",[["local",2]]]"#),
            "E0506",
        ),
        (
            body(r#"["for",1,2,1,[]],["return",[["local",2]]]"#),
            "E0506",
        ),
        (body(r#"["+",1,2]"#), "E0504"),
        (value("{}"), "E0505"),
        (value(r#"["local",2]"#), "E0506"),
        (value(r#"["local",-1]"#), "E0506"),
        (value(r#"["local","a"]"#), "E0506"),
        (value(r#"["local"]"#), "E0505"),
        (value(r#"["up",0]"#), "E0506"),
        (value(r#"["self"]"#), "E0506"),
        (value(r#"["const",0]"#), "E0506"),
        (value(r#"["fn",1]"#), "E0506"),
        (value(r#"["lib","string.dump"]"#), "E0504"),
        (value(r#"["lib","load"]"#), "E0504"),
        (value(r#"["lib",1]"#), "E0505"),
        (value(r#"["nil",1]"#), "E0505"),
        (value(r#"["+",1]"#), "E0505"),
        (value(r#"["^",1,2]"#), "E0504"),
        (value(r#"["and",1]"#), "E0505"),
        (value(r#"["..","a"]"#), "E0505"),
        (value(r#"["one",1]"#), "E0505"),
        (value(r#"["table",1]"#), "E0505"),
        (value(r#"["table",[]]"#), "E0505"),
        (value(r#"["table",[1,2,3]]"#), "E0505"),
        (value(r#"["index",1]"#), "E0505"),
        (value(r#"["call",["local",0]]"#), "E0505"),
        (
            value(&format!(r#"["call",["local",0],[{}]]"#, many("1", 102))),
            "E0507",
        ),
        (value(r#"["closure",[0,[["local",9]],[]]]"#), "E0506"),
        (
            value(r#"["closure",[0,[["local",0],["local",0]],[]]]"#),
            "E0507",
        ),
        (value(r#"["closure",[0,[["lib","type"]],[]]]"#), "E0506"),
        (value(r#"["closure",[0,[1],[]]]"#), "E0506"),
        (
            value(r#"["closure",[0,[],[["return",[["up",0]]]]]]"#),
            "E0506",
        ),
        (
            value(r#"["closure",[0,[],[["return",[["local",0]]]]]]"#),
            "E0506",
        ),
        (nested(r#"["not","#, 200, "1", "]"), "E0501"),
        (nested(r#"["not","#, 100_000, "1", "]"), "E0501"),
    ] {
        let bytes = encode(&text);
        let shown: String = text.chars().take(120).collect();
        match Program::from_elc(&bytes) {
            Ok(_) => panic!("{shown} is a program"),
            Err(error) => assert!(error.to_string().starts_with(code), "{shown}: {error}"),
        }
    }
}

/// No source has byte strings or links, also not inside of other values.
#[test]
fn constants_of_no_source() {
    let program = |constant: Value| {
        let text = r#"{"v":"echolua/1","fold":0,"functions":[[2,[],[]]]}"#;
        let Ok(Value::Map(mut map)) = json::from_str(text) else {
            panic!("not a map");
        };
        map.insert("constants", Value::list([constant]));
        Program::from_elc(&cbor::encode(&Value::Map(map)))
    };
    let inside = |item: Value| Value::list([Value::map([("b", item)])]);
    for wrong in [Value::bytes([1]), Value::Link(Cid::of_dag_cbor(b"x"))] {
        for constant in [wrong.clone(), inside(wrong)] {
            let error = program(constant).unwrap_err();
            assert!(error.to_string().starts_with("E0505"), "{error}");
        }
    }
    assert!(program(inside(Value::text("x"))).is_ok());
}

/// Bytes of a text that looks like JSON; deeper than the reader of JSON goes.
fn encode(text: &str) -> Vec<u8> {
    match json::from_str(text) {
        Ok(value) => cbor::encode(&value),
        // Only the deep ones: lists of one name each, which need no reader.
        Err(_) => {
            let depth = text.matches("[\"not\",").count();
            let mut bytes =
                b"\xa4\x61v\x69echolua/1\x64fold\x00\x69constants\x80\x69functions\x81".to_vec();
            bytes.extend(b"\x83\x02\x80\x81\x82\x66return\x81");
            for _ in 0..depth {
                bytes.extend(b"\x82\x63not");
            }
            bytes.push(1);
            bytes
        }
    }
}

/// Programs of the greatest size that is read use no more than a stack of two mebibytes.
#[test]
fn the_deepest_program_is_read() {
    let run = || {
        for depth in [100, 130, 150, 160, 170] {
            let mut bytes =
                b"\xa4\x61v\x69echolua/1\x64fold\x00\x69constants\x80\x69functions\x81".to_vec();
            bytes.extend(b"\x83\x02\x80\x81\x82\x66return\x81");
            bytes.extend(b"\x82\x63not".repeat(depth));
            bytes.push(1);
            match Program::from_elc(&bytes) {
                Ok(program) => drop(fold(&program, Limits::default(), None, &[Value::Null])),
                Err(error) => assert!(matches!(error, ElcError::Encoding { .. }), "{error}"),
            }
        }
    };
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

/// Functions that need more registers than there are, in source and in bytes.
#[test]
fn too_many_registers() {
    let locals: String = (0..198).map(|i| format!("local a{i} = {i} ")).collect();
    let arguments = vec!["1"; 60].join(", ");
    let source =
        format!("function fold(state, event) {locals} math.max({arguments}) return state end");
    let error = Program::compile(&source, "x").unwrap_err();
    assert_eq!(error.list[0].rule, Rule::CAPACITY);
    let lets = vec![r#"["let",1,[1]]"#; 198].join(",");
    let text = format!(
        r#"{{"v":"echolua/1","fold":0,"constants":[],"functions":[[2,[],[{lets},["call",["lib","math.max"],[{}]]]]]}}"#,
        vec!["1"; 60].join(",")
    );
    let error = Program::from_elc(&encode(&text)).unwrap_err();
    assert!(matches!(error, ElcError::Capacity { .. }), "{error}");
}

/// Values made up at random are programs only in their one form.
#[test]
fn random_values() {
    let atoms = [
        "1",
        "\"x\"",
        "null",
        "true",
        "0.5",
        "[\"nil\"]",
        "[\"local\",0]",
        "[\"local\",1]",
        "[\"lib\",\"type\"]",
        "[\"fn\",0]",
        "[\"table\"]",
        "[\"table\",[1],[\"a\",2]]",
    ];
    let forms = [
        "[\"+\",A,A]",
        "[\"..\",A,A]",
        "[\"and\",A,A,A]",
        "[\"index\",A,A]",
        "[\"call\",A,[A]]",
        "[\"not\",A]",
        "[\"table\",[A],[A,A]]",
        "[\"one\",[\"call\",A,[]]]",
        "[\"closure\",[1,[[\"local\",0]],[[\"return\",[A]]]]]",
        "[\"==\",A,A]",
    ];
    let statements = [
        "[\"return\",[A]]",
        "[\"let\",1,[A]]",
        "[\"set\",[[\"local\",0]],[A]]",
        "[\"set\",[[\"index\",A,A]],[A]]",
        "[\"call\",A,[A]]",
        "[\"do\",[S]]",
        "[\"while\",A,[S]]",
        "[\"if\",[[A,[S]]],[S]]",
        "[\"for\",A,A,1,[S]]",
        "[\"dpairs\",A,[S]]",
        "[\"repeat\",[S],A]",
        "[\"def\",[0,[],[S]]]",
        "[\"while\",A,[[\"break\"]]]",
    ];
    let mut programs = 0;
    let count = cases(2000, 500_000);
    for seed in 0..count {
        let mut random = Random::new(seed + 3);
        let mut text = "S".to_owned();
        for round in 0..30 {
            let Some(at) = text.find(['S', 'A']) else {
                break;
            };
            let statement = text[at..].starts_with('S');
            let piece: &&str = match (statement, round > 12 || random.below(3) == 0) {
                (true, true) => &statements[random.below(5) as usize],
                (true, false) => random.pick(&statements),
                (false, true) => random.pick(&atoms),
                (false, false) => random.pick(&forms),
            };
            text.replace_range(at..=at, piece);
        }
        if text.contains(['S', 'A']) {
            continue;
        }
        let text =
            format!(r#"{{"v":"echolua/1","fold":0,"constants":[],"functions":[[2,[],[{text}]]]}}"#);
        let bytes = encode(&text);
        if let Ok(program) = Program::from_elc(&bytes) {
            programs += 1;
            assert_eq!(program.to_elc(), bytes);
            let limits = Limits {
                fuel_per_event: 20_000,
                memory_bytes: 1 << 20,
            };
            let run = || fold(&program, limits, None, &[Value::Null]);
            assert_eq!(run(), run());
        }
    }
    assert!(programs > count / 10, "{programs}");
}
