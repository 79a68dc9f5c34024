//! The normal form: what does not matter is not in the `fold_root`, and what matters is.

use gatos_core::echolua::{Limits, Program};
use gatos_core::value::Value;

use super::{compile, fold, parse};

const SOURCE: &str = r#"
local LIMIT = 10
local GREETING = "a\tb"
local function mean(sum, n) return sum / n end
function initial() return { n = 0, groups = {} } end
function fold(state, event)
  local p = event.payload
  local g = state.groups[p.species] or { n = 0, sum = 0 }
  if g.n < LIMIT and p.mass ~= null then
    g.n = g.n + 1
    g.sum = g.sum + p.mass
  end
  for i = 1, 3 do g.last = i end
  g.mean = mean(g.sum, 1 + g.n)
  local function note(text) g.text = text .. GREETING end
  note("x")
  state.groups[p.species] = g
  return state
end
"#;

/// Only how it is written changes.
const SPELLING: &[(&str, &str)] = &[
    ("\n", "\r\n"),
    ("\n", "\n\n"),
    ("\n", " -- a comment\n"),
    ("\n", " --[[ a long\n comment ]]\n"),
    ("  ", "\t"),
    ("  ", ""),
    (" = ", "="),
    ("10", "0xA"),
    ("10", "1e1"),
    ("10", "10.0"),
    ("10", "010"),
    (r#""a\tb""#, r#"'a\tb'"#),
    (r#""a\tb""#, "[[a\tb]]"),
    (r#""a\tb""#, r#""\97\x09\u{62}""#),
    ("LIMIT", "MOST"),
    ("mean(", "average("),
    ("sum, n", "a, b"),
    ("sum / n", "a / b"),
    ("local p", "local q"),
    ("note", "remark"),
    ("text)", "words)"),
    ("g.n < LIMIT", "(g.n) < (LIMIT)"),
    (
        "g.n < LIMIT and p.mass ~= null",
        "((g.n < LIMIT) and (p.mass ~= null))",
    ),
    ("event.payload", "event[\"payload\"]"),
    ("event.payload", "event['payload']"),
    ("{ n = 0, sum = 0 }", "{ [\"n\"] = 0; sum = 0, }"),
    ("return state\n", "return state;\n"),
    ("note(\"x\")", "note \"x\""),
    ("1 + g.n", "(1) + (g.n)"),
    ("= 1, 3 do", "= 1, 3, 1 do"),
];

/// What is computed changes, or in which order.
const MEANING: &[(&str, &str)] = &[
    ("10", "11"),
    ("10", "10.5"),
    (r#""a\tb""#, r#""a b""#),
    (r#""a\tb""#, r#""a\\tb""#),
    ("sum / n", "sum // n"),
    ("sum / n", "n / sum"),
    ("g.n < LIMIT", "g.n <= LIMIT"),
    ("g.n < LIMIT", "LIMIT > g.n"),
    (
        "g.n < LIMIT and p.mass ~= null",
        "p.mass ~= null and g.n < LIMIT",
    ),
    (" and ", " or "),
    ("~= null", "== null"),
    ("~= null", "~= nil"),
    ("{ n = 0, sum = 0 }", "{ sum = 0, n = 0 }"),
    ("{ n = 0, sum = 0 }", "{ n = 0, sum = 0, x = 0 }"),
    ("groups = {}", "groups = list()"),
    ("event.payload", "event.Payload"),
    ("1 + g.n", "g.n + 1"),
    ("1 + g.n", "2 + g.n"),
    (
        "g.n = g.n + 1\n    g.sum = g.sum + p.mass",
        "g.sum = g.sum + p.mass\n    g.n = g.n + 1",
    ),
    ("= 1, 3 do", "= 1, 4 do"),
    ("= 1, 3 do", "= 3, 1, -1 do"),
    (
        "local p = event.payload",
        "local p = event.payload local unused",
    ),
    ("local p = event.payload", "local p = event.payload do end"),
    ("local LIMIT = 10\n", "local LIMIT = 10\nlocal UNUSED = 1\n"),
    (
        "function initial()",
        "local function unused() end\nfunction initial()",
    ),
    ("return { n = 0, groups", "return { n = 1, groups"),
    ("text .. GREETING", "GREETING .. text"),
    ("note(\"x\")", "note(\"y\")"),
    ("note(\"x\")", ""),
    ("  return state\nend\n", "  return state, 1\nend\n"),
];

fn root(from: &str, to: &str) -> String {
    assert!(SOURCE.contains(from), "`{from}` is in the program");
    let changed = SOURCE.replace(from, to);
    // Names are changed wherever they stand.
    let changed = match (from, to) {
        ("sum, n", _) => changed.replace("sum / n", "a / b"),
        ("sum / n", "a / b") => changed.replace("sum, n", "a, b"),
        ("local p", _) if to == "local q" => changed.replace("p.", "q."),
        ("text)", _) => changed.replace("text ..", "words .."),
        _ => changed,
    };
    assert_ne!(changed, SOURCE);
    let compiled = Program::compile(&changed, "changed.lua");
    compiled
        .unwrap_or_else(|error| panic!("`{from}` to `{to}`: {error}"))
        .program
        .root()
        .to_string()
}

#[test]
fn spelling_is_not_in_the_root() {
    let expect = compile(SOURCE).program.root().to_string();
    for (from, to) in SPELLING {
        assert_eq!(root(from, to), expect, "`{from}` to `{to}`");
    }
    let renamed = Program::compile(SOURCE, "another/name.lua")
        .unwrap()
        .program;
    assert_eq!(renamed.root().to_string(), expect);
}

#[test]
fn meaning_is_in_the_root() {
    let mut seen = vec![compile(SOURCE).program.root().to_string()];
    for (from, to) in MEANING {
        let root = root(from, to);
        assert!(!seen.contains(&root), "`{from}` to `{to}`");
        seen.push(root);
    }
}

/// The program does what it looks like, so that the matrix is about a program that runs.
#[test]
fn the_program_runs() {
    let event: Value = parse(r#"{"payload":{"species":"Adelie","mass":3750}}"#);
    let (state, _) = fold(&compile(SOURCE).program, Limits::default(), None, &[event]).unwrap();
    let expect =
        r#"{"n":0,"groups":{"Adelie":{"n":1,"sum":3750,"last":3,"mean":1875,"text":"xa\tb"}}}"#;
    assert_eq!(state, parse(expect));
}
