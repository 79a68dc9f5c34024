//! The same programs in plain Lua 5.4: what both can run must come out alike.

use gatos_core::echolua::{Fault, Limits, Program};
use gatos_core::value::Value;
use mlua::Lua;

use super::{Random, cases, fold, generator};

/// What our library has and plain Lua has not.
const PRELUDE: &str = r#"
null = setmetatable({}, { __tostring = function() return "null" end })
function list(...) return { ... } end
function dpairs(t)
  local integers, strings = {}, {}
  for k in pairs(t) do
    if type(k) == "string" then strings[#strings + 1] = k else integers[#integers + 1] = k end
  end
  table.sort(integers) table.sort(strings)
  for _, k in ipairs(strings) do integers[#integers + 1] = k end
  local i = 0
  return function()
    repeat i = i + 1 until integers[i] == nil or t[integers[i]] ~= nil
    if integers[i] ~= nil then return integers[i], t[integers[i]] end
  end
end
function string.startswith(s, p) return s:sub(1, #p) == p end
function string.endswith(s, p) return p == "" or s:sub(-#p) == p end
function string.split(s, p)
  local out, from = {}, 1
  while true do
    local a, b = s:find(p, from, true)
    if not a then out[#out + 1] = s:sub(from) return out end
    out[#out + 1] = s:sub(from, a - 1)
    from = b + 1
  end
end
local find = string.find
function string.find(s, p, i) return find(s, p, i, true) end
"#;

fn plain(source: &str) -> Result<String, String> {
    let lua = Lua::new();
    lua.load(PRELUDE).exec().unwrap();
    let run = || {
        lua.load(source).exec()?;
        lua.load("return fold({}, {})").eval::<String>()
    };
    run().map_err(|error| error.to_string())
}

/// The text that the program returns; nothing where it leaves the common subset.
fn ours(source: &str) -> Option<Result<String, String>> {
    let compiled = Program::compile(source, "generated.lua").unwrap_or_else(|error| {
        panic!("{error}\n{source}");
    });
    let limits = Limits {
        fuel_per_event: 2_000_000,
        memory_bytes: 64 << 20,
    };
    let event = Value::map::<String>([]);
    match fold(&compiled.program, limits, None, &[event]) {
        Ok((Value::Text(text), _)) => Some(Ok(text)),
        Ok((other, _)) => panic!("{other:?}"),
        Err(error) => match error.fault {
            // Plain Lua wraps, goes on, or counts otherwise.
            Fault::Overflow { .. } | Fault::Fuel { .. } | Fault::Memory { .. } => None,
            Fault::TextLength { .. } | Fault::Depth { .. } | Fault::Length { .. } => None,
            fault => Some(Err(fault.to_string())),
        },
    }
}

#[test]
fn generated_programs_come_out_alike() {
    let (mut compared, mut failed) = (0_u64, 0_u64);
    let count = cases(300, 100_000);
    for seed in 0..count {
        let source = generator::program(&mut Random::new(seed + 11));
        let Some(ours) = ours(&source) else {
            continue;
        };
        let plain = plain(&source);
        match (&ours, &plain) {
            (Ok(a), Ok(b)) => assert_eq!(a, b, "seed {seed}\n{source}"),
            (Err(_), Err(_)) => failed += 1,
            _ => panic!("seed {seed}\nours  {ours:?}\nplain {plain:?}\n{source}"),
        }
        compared += 1;
    }
    assert!(
        compared > count / 2,
        "only {compared} of {count} programs stayed in the subset"
    );
    assert!(
        failed < compared / 2,
        "{failed} of {compared} programs failed"
    );
}

/// The comparison sees a difference.
#[test]
fn a_difference_is_seen() {
    let source =
        "function fold(state, event) return \"x\" .. 7 / 2 .. (2 ^ 53 == 1 and 1 or 2) end";
    assert!(Program::compile(source, "x").is_err());
    let source = "function fold(state, event) return \"\" .. 6 / 2 end";
    assert_eq!(ours(source), Some(Ok("3".to_owned())));
    assert_eq!(plain(source), Ok("3.0".to_owned()));
}
