//! What to write instead of the names that Lua has and this language has not.

/// The help for a global of Lua that does not exist here, if `name` is one.
pub(super) fn absent(name: &str) -> Option<&'static str> {
    Some(match name {
        "pairs" | "next" => "write `for key, value in dpairs(t) do`: its order is fixed",
        "pcall" | "xpcall" => "an error ends the fold and cannot be caught: test the value first",
        "load" | "loadstring" | "loadfile" | "dofile" | "require" => {
            "a program is one file: write the function in it"
        }
        "setmetatable" | "getmetatable" => "write a function that takes the table as an argument",
        "rawget" | "rawset" | "rawequal" | "rawlen" => {
            "there are no metatables: `t[k]`, `t[k] = v`, `==` and `#` are already raw"
        }
        "coroutine" => "write a loop or a function: there are no coroutines",
        "_G" | "_ENV" => "there is no table of globals: write the name itself",
        "print" | "io" | "warn" => "put what you want to see into the state, or `error(text)`",
        "os" => "a fold has no clock: the time of an event is in `event.ts` or its payload",
        "debug" | "collectgarbage" | "package" | "arg" => "a fold cannot see how it is run",
        "select" => "name the parameters: there are no variable arguments",
        "unpack" => "write `table.unpack`",
        "utf8" => "use the functions of `string`: they never split a character",
        "bit32" => "there are no bit operations",
        _ => return None,
    })
}

/// The help for a function that a library table of Lua has and ours has not.
pub(super) fn absent_member(table: &str, name: &str) -> Option<&'static str> {
    Some(match (table, name) {
        ("string", "gmatch" | "match" | "gsub") => {
            "there are no patterns: use `string.find` (plain text), `string.split` or `string.sub`"
        }
        ("string", "char") => "write the text itself",
        ("string", "dump" | "pack" | "unpack" | "packsize") => "a text holds Unicode, not bytes",
        ("table", "pack") => "write `list(…)`",
        ("table", "move") => "copy the items in a loop",
        ("math", "random" | "randomseed") => {
            "a fold has no randomness: put the number into the event"
        }
        ("math", "huge") => "numbers are exact and finite: use `math.maxinteger` or nil",
        ("math", "sqrt") => "write `decimal.sqrt`",
        ("math", "pi") => "write the digits that you need: numbers are exact decimals",
        ("math", "type") => "write `math.tointeger(x) == x` to ask whether x is an integer",
        ("math", "fmod") => "write `a % b`",
        ("math", "pow") => "multiply: `x * x`",
        ("math", "exp" | "log" | "sin" | "cos" | "tan" | "asin" | "acos" | "atan") => {
            "it has no exact result: compute it in the experiment and record it in an event"
        }
        _ => return None,
    })
}

/// The one of `known` that is most like `name`, if one is close.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + name.len() / 4;
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Fewest insertions, removals and replacements that make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(MAX_COMPARED).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(MAX_COMPARED).enumerate() {
        let mut next = vec![i + 1];
        for ((y, above), pair) in b.iter().zip(row.iter().skip(1)).zip(row.iter()) {
            let left = next.last().copied().unwrap_or(0);
            next.push((pair + usize::from(x != *y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

const MAX_COMPARED: usize = 40;
