//! Programs made up by a seed.

use std::fmt::Write as _;

use super::Random;

/// A program that puts tables into each other, takes them out again and changes them.
pub(super) fn aliasing_program(random: &mut Random) -> String {
    let mut body = String::new();
    for _ in 0..3 + random.below(8) {
        let statement = aliasing_statement(random);
        if random.below(3) == 0 {
            let (divisor, rest) = (2 + random.below(3), random.below(2));
            writeln!(
                body,
                "  if event.n % {divisor} == {rest} then {statement} end"
            )
            .unwrap();
        } else {
            writeln!(body, "  {statement}").unwrap();
        }
    }
    format!(
        "local C = {{ v = 1, m = {{}}, l = list() }}
function initial() return {{ a = {{}}, b = {{ m = {{ v = 1 }}, l = list() }}, c = {{}} }} end
function fold(state, event)
  local x, y, z = state.a, state.b, event.payload
{body}  return state
end
"
    )
}

const TABLES: [&str; 8] = ["x", "y", "z", "state.a", "state.b", "state.c", "{}", "C"];
const SLOTS: [&str; 7] = [
    "state.a",
    "state.b",
    "state.c",
    "x.m",
    "y.m",
    "z.m",
    "state.c.m",
];

fn aliasing_statement(random: &mut Random) -> String {
    let (table, slot) = (*random.pick(&TABLES), *random.pick(&SLOTS));
    let variable = *random.pick(&["x", "y", "z"]);
    match random.below(9) {
        0 => format!("{slot} = {table}"),
        1 => format!("{variable} = {table}"),
        2 => format!("{variable} = {{ m = {table}, l = list({table}) }}"),
        3 => format!("{variable}.v = ({variable}.v or 0) + event.n"),
        4 => format!("if {variable}.l then table.insert({variable}.l, {table}) end"),
        5 => format!(
            "if {variable}.l and #{variable}.l > 0 then \
             state.c = table.remove({variable}.l, 1) end"
        ),
        6 => format!("{slot} = {{}}"),
        7 => format!("if {slot} then {variable} = {slot} end"),
        _ => format!("{variable}.m, {slot} = {slot}, {variable}.m or {{}}"),
    }
}
