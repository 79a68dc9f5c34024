//! C-06 and C-07: what expressions are, beside what they are in plain Lua, where coercion, floats and
//! wrap-around make something of everything.

use gatos_core::echolua::{Limits, Program};
use gatos_core::json;
use gatos_core::value::Value;

use super::fold;

/// The state `x` as JSON, or the code of the error.
fn ours(expression: &str) -> String {
    let source = format!(
        "function fold(state, event) local x = {expression} if x == nil then x = \"nil\" end state.x = x return state end"
    );
    match Program::compile(&source, "x") {
        Err(error) => format!("E{:04}", error.list[0].rule.number),
        Ok(compiled) => match fold(&compiled.program, Limits::default(), None, &[Value::Null]) {
            Ok((Value::Map(state), _)) => json::to_string(state.get("x").unwrap()),
            Ok((other, _)) => panic!("{other:?}"),
            Err(error) => format!("E{:04}", error.fault.code()),
        },
    }
}

/// The text of what plain Lua makes of it, or `error`.
fn plain(expression: &str) -> String {
    let lua = mlua::Lua::new();
    let found: mlua::Result<String> = lua
        .load(format!("local x = {expression} return tostring(x)"))
        .eval();
    found.unwrap_or_else(|_| "error".to_owned())
}

/// The expression, what it is here, and what it is in plain Lua where that is something else.
const TABLE: &[(&str, &str, &str)] = &[
    // Strings are no numbers.
    (r#""10" + 1"#, "E0203", "11"),
    (r#""10" * "2""#, "E0203", "20"),
    (r#""0x10" + 0"#, "E0203", "16"),
    (r#"-"2""#, "E0203", "-2"),
    (r#""10" // 3"#, "E0203", "3"),
    (r#""7" % 4"#, "E0203", "3"),
    (r#""1e1" / 1"#, "E0203", "10.0"),
    (r#"10 .. """#, r#""10""#, "10"),
    (r#"1.0 .. """#, r#""1""#, "1.0"),
    (r#"1 .. 2"#, r#""12""#, "12"),
    (r#""10" == 10"#, "false", "false"),
    (r#""a" < 1"#, "E0206", "error"),
    (r#""10" < "9""#, "true", "true"),
    (r#"1 < "2""#, "E0206", "error"),
    (r#"tonumber("10") + 1"#, "11", "11"),
    (r#"tonumber("0x10")"#, r#""nil""#, "16"),
    (r#"tonumber("1e1")"#, "10", "10.0"),
    (r#"tonumber(" 5 ")"#, "5", "5"),
    (r#"tonumber("5x")"#, r#""nil""#, "nil"),
    (r#"tonumber("")"#, r#""nil""#, "nil"),
    (r#"tonumber("inf")"#, r#""nil""#, "nil"),
    (r#"tonumber("nan")"#, r#""nil""#, "nil"),
    (r#"math.floor("3.7")"#, "E0215", "3"),
    (r#"math.max("10", 9)"#, "E0215", "error"),
    (r#"string.rep("x", "3")"#, "E0215", "xxx"),
    (r#"string.len(12)"#, "E0215", "2"),
    (r#"string.upper(12)"#, "E0215", "12"),
    (r#"string.sub("abc", 2.0)"#, r#""bc""#, "bc"),
    (r#"string.sub("abc", 1.5)"#, "E0215", "error"),
    (r#"("x"):rep(2.0)"#, r#""xx""#, "xx"),
    // No floats.
    ("7 / 2", "3.5", "3.5"),
    ("6 / 2", "3", "3.0"),
    (
        "1 / 3",
        "0.3333333333333333333333333333",
        "0.33333333333333",
    ),
    ("0.1 + 0.2", "0.3", "0.3"),
    ("0.1 + 0.2 == 0.3", "true", "false"),
    ("1e3", "1000", "1000.0"),
    ("1e15 + 0.5", "1000000000000000.5", "1e+15"),
    ("2^53", "E0117", "9.007199254741e+15"),
    ("0x.8p1", "E0123", "1.0"),
    ("1e308 * 10", "E0123", "inf"),
    ("1e27 * 10", "E0205", "1e+28"),
    ("0 / 0", "E0205", "-nan"),
    ("1 / 0", "E0205", "inf"),
    ("1 // 0", "E0205", "error"),
    ("1 % 0", "E0205", "error"),
    ("1.0 // 0", "E0205", "inf"),
    ("math.huge", "E0111", "inf"),
    ("math.pi", "E0111", "3.1415926535898"),
    ("-0.0", "0", "-0.0"),
    ("1 == 1.0", "true", "true"),
    ("math.type(1)", "E0111", "integer"),
    ("3 | 4", "E0117", "7"),
    ("~0", "E0117", "-1"),
    ("1 << 63", "E0117", "-9223372036854775808"),
    ("7 // 2.0", "3", "3.0"),
    ("-7 // 2", "-4", "-4"),
    ("-7 % 2.5", "0.5", "0.5"),
    ("5.3 % -2", "-0.7", "-0.7"),
    // No wrap-around.
    ("math.maxinteger + 1", "E0204", "-9223372036854775808"),
    ("math.mininteger - 1", "E0204", "9223372036854775807"),
    ("math.maxinteger * 2", "E0204", "-2"),
    ("-math.mininteger", "E0204", "-9223372036854775808"),
    ("math.abs(math.mininteger)", "E0204", "-9223372036854775808"),
    ("math.mininteger // -1", "E0204", "-9223372036854775808"),
    ("math.mininteger % -1", "0", "0"),
    (
        "9223372036854775808",
        "9223372036854775808",
        "9.2233720368548e+18",
    ),
    (
        "9223372036854775807 + 0.5",
        "9223372036854775807.5",
        "9.2233720368548e+18",
    ),
    ("math.tointeger(3.0)", "3", "3"),
    (r#"math.tointeger("8")"#, "E0215", "8"),
    ("math.tointeger(2.5)", r#""nil""#, "nil"),
    // Conditions and lengths.
    ("not null", "true", "true"),
    ("not 0", "false", "false"),
    (r#"not """#, "false", "false"),
    ("#{ 1, 2 }", "2", "2"),
    (r#"#"é""#, "2", "2"),
    ("nil == false", "false", "false"),
    ("{} == {}", "false", "false"),
    ("nil .. \"x\"", "E0207", "error"),
    ("true .. \"x\"", "E0207", "error"),
    ("1 + nil", "E0203", "error"),
    ("1 + true", "E0203", "error"),
    ("({})[1.5]", "E0209", "nil"),
    ("({ 7 })[1.0]", "7", "7"),
    ("({})[true]", "E0209", "nil"),
    ("({})[nil]", "E0209", "nil"),
];

#[test]
fn every_expression_is_what_the_table_says() {
    assert!(TABLE.len() >= 60);
    let mut wrong = Vec::new();
    let mut other = 0;
    for (expression, here, there) in TABLE {
        let (found, lua) = (ours(expression), plain(expression));
        // What NaN is called depends on the machine, which is the point.
        let lua_agrees = lua == *there || (there.ends_with("nan") && lua.ends_with("nan"));
        if found != *here || !lua_agrees {
            wrong.push(format!("{expression}: {found} here, {lua} in plain Lua"));
        }
        if there.trim_matches('"') != here.trim_matches('"') && !here.starts_with('E') {
            other += 1;
        }
        if here.starts_with('E') && *there != "error" {
            other += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        other > 35,
        "only {other} show that plain Lua is another language"
    );
}
