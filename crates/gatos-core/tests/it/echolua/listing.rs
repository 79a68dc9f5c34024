//! The listing of a program, which is a program.

use std::fmt::Write as _;

use gatos_core::echolua::{Program, Rule};

use super::{Random, cases, compile, elc, generator, vectors};

/// The listing compiles, and to the same bytes.
pub(super) fn check(program: &Program) {
    let listing = program.listing();
    let again = match Program::compile(&listing, "listing.lua") {
        Ok(again) => again,
        // What reads a source is bounded in other ways than what reads a program.
        Err(error) if matches!(error.list[0].rule, Rule::NESTING | Rule::CAPACITY) => return,
        Err(error) => panic!("{error}\n{listing}"),
    };
    assert_eq!(again.program.to_elc(), program.to_elc(), "{listing}");
    assert_eq!(again.program.listing(), listing);
}

#[test]
fn golden() {
    let mut out = String::new();
    for (name, source) in elc::PROGRAMS {
        let program = compile(source).program;
        check(&program);
        writeln!(out, "==== {name}\n{}", program.listing()).unwrap();
    }
    let path = crate::manifest().join("vectors/echolua/listing.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), out);
}

#[test]
fn of_every_vector() {
    let mut count = 0;
    for source in vectors::sources() {
        if let Ok(compiled) = Program::compile(&source, "vector.lua") {
            check(&compiled.program);
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn of_made_up_programs() {
    for seed in 0..cases(200, 20_000) {
        let mut random = Random::new(seed + 3);
        check(&compile(&generator::program(&mut random)).program);
        check(&compile(&generator::aliasing_program(&mut random)).program);
    }
}

/// What is easily written wrongly.
#[test]
fn of_awkward_expressions() {
    for expression in [
        "-(-5)",
        "- -state.n",
        "-(2)",
        "1 - (2 - 3)",
        "(1 - 2) - 3",
        "1 - -3",
        "-9223372036854775808",
        "-(-9223372036854775807 - 1)",
        "(1 .. 2) .. 3",
        "1 .. (2 .. 3)",
        "1 .. 2 .. 3",
        "(state.a or state.b) and state.c",
        "state.a or state.b and state.c",
        "(state.a and state.b) and state.c",
        "state.a and (state.b and state.c)",
        "not (state.a == state.b)",
        "not state.a == state.b",
        "(1 < 2) == true",
        "1 < 2 == true",
        "#(state.a .. state.b)",
        "-#state.l",
        "({ 1, 2 })[1]",
        "(\"x\"):upper()",
        "(function() return 1 end)()",
        "(fold(state, event))",
        "{ fold(state, event) }",
        "{ (fold(state, event)) }",
        "{ [1] = 2, [\"a b\"] = 3, [\"end\"] = 4, e = 5, null, nil }",
        "state[\"end\"][\"a\"][\"1a\"][\"é\"]",
        "\"\\0\\a\\n\\t\\r\\\"\\\\é\\u{202e}\\127\"",
        "0.1 + 1e27 - 12345678901234567890",
        "1e27 * 0",
        "list()",
        "{}",
        "function(a, b) return function() return a, b, state end end",
    ] {
        let source = format!(
            "function fold(state, event) local v = {expression} state.v = v return state end"
        );
        check(&compile(&source).program);
    }
    for source in [
        "function fold(state, event) local f = fold;(f or fold)(state, event) return state end",
        "function fold(state, event) do end;({ 1 })[1] = 2 return state end",
        "local A = { a = list(), b = {}, [\"x y\"] = { 1, null, true, -1, 0.5, \"\\n\" } }
         local B = -A.b.n
         function fold(state, event) return A end",
        "local C = { 1, { 2, { [\"é\"] = 3 } } }
         function initial() end
         local function up(n) if n > 0 then return up(n - 1) end end
         function fold(state, event)
           local function down(n) if n > 0 then return down(n - 1) end return n end
           local function outer() local function inner() return outer, inner, down, C end return inner end
           repeat local a = 1 local b = a until a == b
           while true do if state then break else break end end
           for i = 1, 2 do for k, v in dpairs(state) do for j, w in ipairs(v) do local x = i end end end
           local p, q
           p, q, state.x, state[p] = q, p
           return down(1), up, outer()
         end",
    ] {
        if let Ok(compiled) = Program::compile(source, "x") {
            check(&compiled.program);
        }
    }
}
