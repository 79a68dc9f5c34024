//! The definition file for editors names exactly the library.

use std::collections::BTreeSet;

use gatos_core::echolua::DEFINITIONS;

use super::LIBRARY;

/// What the file defines: functions, values, and fields of the tables.
fn defined() -> BTreeSet<String> {
    let (mut names, mut fields) = (BTreeSet::new(), Vec::new());
    for line in DEFINITIONS.lines() {
        if let Some(field) = line.strip_prefix("---@field ") {
            fields.push(field.split(' ').next().unwrap().to_owned());
        } else if let Some(rest) = line.strip_prefix("function ") {
            names.insert(rest.split('(').next().unwrap().to_owned());
        } else if let Some((name, _)) = line.split_once(" = {}") {
            if name == "null" {
                names.insert(name.to_owned());
            }
            names.extend(fields.drain(..).map(|field| format!("{name}.{field}")));
        } else if line.is_empty() {
            fields.clear();
        }
    }
    names
}

#[test]
fn names_the_library_and_nothing_else() {
    let mut expected: BTreeSet<String> = LIBRARY.split_whitespace().map(str::to_owned).collect();
    // Words of the language that look like functions.
    expected.extend(["dpairs", "ipairs"].map(str::to_owned));
    assert_eq!(defined(), expected);
}

/// Lua reads the file, so a language server does.
#[test]
fn is_lua() {
    let lua = mlua::Lua::new();
    lua.load(DEFINITIONS)
        .set_name("definitions")
        .exec()
        .unwrap();
}
