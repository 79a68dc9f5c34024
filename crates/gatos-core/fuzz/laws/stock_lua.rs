//! One program in EchoLua and in plain Lua 5.4: what both can run must come out alike.

use gatos_core::echolua::{Fault, Fold, Limits, Program};
use gatos_core::value::Value;
use mlua::Lua;

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

/// The text that plain Lua returns, or what it says.
pub(crate) fn plain(source: &str) -> Result<String, String> {
    let lua = Lua::new();
    lua.load(PRELUDE).exec().unwrap();
    let run = || {
        lua.load(source).exec()?;
        lua.load("return fold({}, {})").eval::<String>()
    };
    run().map_err(|error| error.to_string())
}

/// The text that the program returns; nothing where it leaves the common subset.
pub(crate) fn ours(source: &str) -> Option<Result<String, String>> {
    let compiled = Program::compile(source, "generated.lua").unwrap_or_else(|error| {
        panic!("{error}\n{source}");
    });
    let limits = Limits {
        fuel_per_event: 2_000_000,
        memory_bytes: 64 << 20,
    };
    let event = Value::map::<String>([]);
    let run = || {
        let mut fold = Fold::start(&compiled.program, limits, None)?;
        fold.step(&event)?;
        fold.state()
    };
    match run() {
        Ok(Value::Text(text)) => Some(Ok(text)),
        Ok(other) => panic!("{other:?}"),
        Err(error) => match error.fault {
            // Plain Lua wraps, goes on, or counts otherwise.
            Fault::Overflow { .. } | Fault::Fuel { .. } | Fault::Memory { .. } => None,
            Fault::TextLength { .. } | Fault::Depth { .. } | Fault::Length { .. } => None,
            fault => Some(Err(fault.to_string())),
        },
    }
}

/// Compare both: whether both returned something, and not both an error; nothing where the program leaves the
/// common subset.
///
/// # Panics
/// They differ.
pub(crate) fn compare(source: &str) -> Option<bool> {
    let ours = ours(source)?;
    let plain = plain(source);
    match (&ours, &plain) {
        (Ok(a), Ok(b)) => assert_eq!(a, b, "{source}"),
        (Err(_), Err(_)) => return Some(false),
        _ => panic!("ours  {ours:?}\nplain {plain:?}\n{source}"),
    }
    Some(true)
}
