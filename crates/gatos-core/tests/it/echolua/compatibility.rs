//! The page that compares EchoLua's library with Lua's says what is so.

use gatos_core::echolua::Program;

use super::LIBRARY;

fn page() -> String {
    let path = crate::manifest().join("../../docs/spec/echolua-and-lua.md");
    std::fs::read_to_string(path).unwrap()
}

/// Names and what the page says of them.
fn rows() -> Vec<(String, String)> {
    let page = page();
    let (_, names) = page.split_once("<a id=\"names\"></a>").unwrap();
    let (names, _) = names.split_once("<a id=\"ours\"></a>").unwrap();
    names
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| {
            let mut cells = line.split('|').map(str::trim);
            let name = cells.next().unwrap().trim_end_matches('`').to_owned();
            (name, cells.next().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn every_name_is_as_the_page_says() {
    let rows = rows();
    for (name, said) in &rows {
        let used = match name.as_str() {
            "ipairs" => "for i, v in ipairs(state) do end".to_owned(),
            name => format!("local x = {name}"),
        };
        let source = format!("function fold(state, event) {used} return state end");
        let there = Program::compile(&source, "x").is_ok();
        match said.as_str() {
            "same" | "differs" => assert!(there, "{name} is not there"),
            "absent" => assert!(!there, "{name} is there"),
            other => panic!("{name}: `{other}`"),
        }
    }
    let page = page();
    for name in LIBRARY.split_whitespace().chain(["dpairs"]) {
        assert!(page.contains(&format!("`{name}")), "the page lacks {name}");
    }
}

#[test]
fn no_name_of_lua_is_missing() {
    let rows = rows();
    let named = |name: &str| rows.iter().any(|(row, _)| row == name);
    let lua = mlua::Lua::new();
    for pair in lua.globals().pairs::<String, mlua::Value>() {
        let (name, value) = pair.unwrap();
        match value {
            // Of the libraries that are absent as a whole, the page has one row.
            mlua::Value::Table(table) if !named(&name) => {
                for member in table.pairs::<String, mlua::Value>() {
                    let member = format!("{name}.{}", member.unwrap().0);
                    assert!(compat_of_5_3(&member) || named(&member), "{member}");
                }
            }
            _ => assert!(named(&name), "{name}"),
        }
    }
    assert!(rows.len() > 80, "{}", rows.len());
}

/// Functions that the vendored Lua keeps from version 5.3; the manual of 5.4 has them no more.
fn compat_of_5_3(name: &str) -> bool {
    let gone = [
        "cosh", "sinh", "tanh", "pow", "frexp", "ldexp", "log10", "atan2",
    ];
    name.strip_prefix("math.")
        .is_some_and(|name| gone.contains(&name))
}
