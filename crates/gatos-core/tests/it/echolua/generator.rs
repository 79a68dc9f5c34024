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

/// A program in what EchoLua and plain Lua 5.4 have in common; it returns a text.
pub(super) fn program(random: &mut Random) -> String {
    let mut writer = Writer {
        random,
        out: String::new(),
        numbers: Vec::new(),
        texts: Vec::new(),
        lists: Vec::new(),
        next: 0,
        depth: 0,
    };
    writer.line("local function twice(x) return x + x, x end");
    writer.line(
        "local function pick(a, b, ...) return b or a end"
            .replace(", ...", "")
            .as_str(),
    );
    writer.line("local LIMIT, WORDS = 7, { \"b\", \"a\", \"c\" }");
    writer.line("function fold(state, event)");
    writer.line("local out = {}");
    writer.line("local n0, s0, l0 = 3, \"seed\", { 5, 3, 8 }");
    writer.numbers.push("n0".into());
    writer.texts.push("s0".into());
    writer.lists.push("l0".into());
    writer.block(8);
    writer.line("return table.concat(out, \"|\")");
    writer.line("end");
    writer.out
}

struct Writer<'a> {
    random: &'a mut Random,
    out: String,
    numbers: Vec<String>,
    texts: Vec<String>,
    lists: Vec<String>,
    next: usize,
    depth: usize,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn name(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{}", self.next)
    }

    fn block(&mut self, statements: u64) {
        let (numbers, texts, lists) = (self.numbers.len(), self.texts.len(), self.lists.len());
        self.depth += 1;
        for _ in 0..1 + self.random.below(statements) {
            self.statement();
        }
        self.depth -= 1;
        self.numbers.truncate(numbers.max(1));
        self.texts.truncate(texts.max(1));
        self.lists.truncate(lists.max(1));
    }

    fn statement(&mut self) {
        let kinds = if self.depth > 3 { 8 } else { 17 };
        match self.random.below(kinds) {
            0 => {
                let (name, value) = (self.name("n"), self.number(3));
                self.line(&format!("local {name} = {value}"));
                self.numbers.push(name);
            }
            1 => {
                let (name, value) = (self.name("s"), self.text(3));
                self.line(&format!("local {name} = {value}"));
                self.texts.push(name);
            }
            2 => {
                let (name, value) = (self.name("l"), self.list(2));
                self.line(&format!("local {name} = {value}"));
                self.lists.push(name);
            }
            3 => {
                let value = self.number(3);
                self.line(&format!("out[#out + 1] = tostring({value})"));
            }
            4 => {
                let value = self.text(3);
                self.line(&format!("out[#out + 1] = {value}"));
            }
            5 => {
                let (value, list) = (self.number(2), self.a_list());
                match self.random.below(4) {
                    0 => self.line(&format!("table.insert({list}, {value})")),
                    1 => self.line(&format!("table.insert({list}, 1, {value})")),
                    2 => self.line(&format!("{list}[#{list} + 1] = {value}")),
                    _ => self.line(&format!("table.remove({list})")),
                }
            }
            6 => {
                let list = self.a_list();
                let comparator = *self.random.pick(&[
                    "",
                    ", function(a, b) return a > b end",
                    ", function(a, b) return a % 100 * 1000 + a < b % 100 * 1000 + b end",
                ]);
                self.line(&format!("table.sort({list}{comparator})"));
            }
            7 => {
                let (a, b) = (self.a_number(), self.a_number());
                self.line(&format!("{a}, {b} = {b}, {a}"));
            }
            8 => {
                let condition = self.condition(2);
                self.line(&format!("if {condition} then"));
                self.block(3);
                if self.random.below(2) == 0 {
                    let condition = self.condition(2);
                    self.line(&format!("elseif {condition} then"));
                    self.block(3);
                }
                if self.random.below(2) == 0 {
                    self.line("else");
                    self.block(3);
                }
                self.line("end");
            }
            9 => {
                let name = self.name("i");
                let (from, to) = (self.random.below(5), self.random.below(6));
                let step = *self.random.pick(&["", ", 2", ", -1", ", 1"]);
                self.line(&format!("for {name} = {from}, {to}{step} do"));
                self.numbers.push(format!("({name})"));
                self.block(3);
                self.numbers.pop();
                self.line("end");
            }
            10 => {
                let (counter, condition) = (self.name("w"), self.condition(2));
                self.line(&format!("local {counter} = 0 while {condition} do"));
                self.line(&format!(
                    "{counter} = {counter} + 1 if {counter} > 4 then break end"
                ));
                self.block(3);
                self.line("end");
            }
            11 => {
                let (counter, condition) = (self.name("r"), self.condition(1));
                self.line(&format!(
                    "local {counter} = 0 repeat {counter} = {counter} + 1"
                ));
                self.block(2);
                self.line(&format!("until {counter} > 3 or {condition}"));
            }
            12 => {
                let (key, value, list) = (self.name("k"), self.name("v"), self.a_list());
                let walk = *self.random.pick(&["dpairs", "ipairs"]);
                self.line(&format!("for {key}, {value} in {walk}({list}) do"));
                self.line(&format!("out[#out + 1] = {key} .. \"=\" .. {value}"));
                self.line("end");
            }
            13 => {
                let name = self.name("f");
                let (captured, body) = (self.a_number(), self.number(2));
                let copy = self.name("c");
                self.line(&format!("local {copy} = {captured}"));
                self.line(&format!(
                    "local {name} = function(a) return a + {copy} * 2, a end out[#out + 1] = \
                     tostring(({name}({body})))"
                ));
            }
            14 => {
                let name = self.name("g");
                let argument = self.random.below(6);
                self.line(&format!(
                    "local function {name}(k) if k <= 0 then return 1 end return k + {name}(k - 1) end"
                ));
                self.line(&format!("out[#out + 1] = {name}({argument}) .. \"\""));
            }
            15 => {
                let (map, key) = (self.name("m"), self.text(1));
                let (a, b) = (self.number(1), self.number(1));
                self.line(&format!(
                    "local {map} = {{ x = {a}, [{key}] = {b}, [-3] = 1, \"p\" }}"
                ));
                self.line(&format!("{map}.y = {map}.x {map}.x = nil"));
                self.line(&format!(
                    "for k, v in dpairs({map}) do out[#out + 1] = k .. \":\" .. v end"
                ));
            }
            _ => {
                let (a, b) = (self.name("n"), self.name("n"));
                let value = self.number(1);
                self.line(&format!("local {a}, {b} = twice({value})"));
                self.numbers.extend([a, b]);
            }
        }
    }

    fn a_number(&mut self) -> String {
        let plain: Vec<&String> = self
            .numbers
            .iter()
            .filter(|n| !n.starts_with('('))
            .collect();
        (**self.random.pick(&plain)).clone()
    }

    fn a_list(&mut self) -> String {
        self.random.pick(&self.lists).clone()
    }

    fn number(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(4) {
                0 => self.random.below(20).to_string(),
                1 => format!("(-{})", self.random.below(9)),
                2 => "LIMIT".to_owned(),
                _ => self.random.pick(&self.numbers).clone(),
            };
        }
        let next = depth - 1;
        match self.random.below(16) {
            0 => format!("({} + {})", self.number(next), self.number(next)),
            1 => format!("({} - {})", self.number(next), self.number(next)),
            2 => format!("({} * {})", self.number(next), self.number(next)),
            3 => format!("{} // {}", self.number(next), self.number(0)),
            4 => format!("{} % {}", self.number(next), self.number(0)),
            5 => format!("-({})", self.number(next)),
            6 => format!("#{}", self.text(next)),
            7 => format!("#{}", self.a_list()),
            8 => format!(
                "({} and {} or {})",
                self.condition(next),
                self.number(next),
                self.number(0)
            ),
            9 => format!("math.max({}, {})", self.number(next), self.number(next)),
            10 => format!("math.min({}, {})", self.number(next), self.number(next)),
            11 => format!("math.abs({})", self.number(next)),
            12 => format!("({}[{}] or 0)", self.a_list(), self.random.below(5)),
            13 => format!(
                "(({}):byte({}) or 0)",
                self.text(next),
                self.random.below(4)
            ),
            14 => format!("(({}):find({}) or 0)", self.text(next), self.text(0)),
            _ => self.number(0),
        }
    }

    fn text(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(3) {
                0 => format!(
                    "\"{}\"",
                    self.random.pick(&["", "a", "Bc", "x,y,z", "10", "%d"])
                ),
                1 => format!("WORDS[{}]", 1 + self.random.below(3)),
                _ => self.random.pick(&self.texts).clone(),
            };
        }
        let next = depth - 1;
        match self.random.below(14) {
            0 => format!("({} .. {})", self.text(next), self.text(next)),
            1 => format!("({} .. {})", self.text(next), self.number(next)),
            2 => format!(
                "({}):sub({}, {})",
                self.text(next),
                self.number(0),
                self.number(0)
            ),
            3 => format!("({}):upper()", self.text(next)),
            4 => format!("string.lower({})", self.text(next)),
            5 => format!("({}):rep({})", self.text(next), self.random.below(4)),
            6 => format!("({}):reverse()", self.text(next)),
            7 => format!("tostring({})", self.number(next)),
            8 => format!("tostring({})", self.condition(next)),
            9 => format!(
                "string.format(\"%d:%s\", {}, {})",
                self.number(next),
                self.text(next)
            ),
            10 => format!("table.concat({}, \",\")", self.a_list()),
            11 => format!(
                "({} and {} or {})",
                self.condition(next),
                self.text(next),
                self.text(0)
            ),
            12 => format!(
                "table.concat(string.split({}, \",\"), \";\")",
                self.text(next)
            ),
            _ => format!("pick({}, {})", self.text(next), self.text(next)),
        }
    }

    fn list(&mut self, depth: u64) -> String {
        match self.random.below(4) {
            0 => "{}".to_owned(),
            1 => format!("{{ {}, twice({}) }}", self.number(depth), self.number(0)),
            2 => format!("{{ table.unpack({}) }}", self.a_list()),
            _ => format!("{{ {}, {} }}", self.number(depth), self.number(depth)),
        }
    }

    fn condition(&mut self, depth: u64) -> String {
        if depth == 0 {
            return (*self.random.pick(&["true", "false", "nil"])).to_owned();
        }
        let next = depth - 1;
        let comparison = *self.random.pick(&["<", "<=", ">", ">=", "==", "~="]);
        match self.random.below(7) {
            0 => format!("({} {comparison} {})", self.number(next), self.number(next)),
            1 => format!("({} {comparison} {})", self.text(next), self.text(next)),
            2 => format!("not {}", self.condition(next)),
            3 => format!("({} and {})", self.condition(next), self.condition(next)),
            4 => format!("({} or {})", self.condition(next), self.condition(next)),
            5 => format!("({} == {})", self.number(next), self.text(next)),
            _ => format!("({}):startswith({})", self.text(next), self.text(0)),
        }
    }
}
