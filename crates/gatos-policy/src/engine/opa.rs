//! OPA's own cases, run on this engine: for those who have them. None of them is part of the project.
//!
//! The environment variable `GATOS_OPA_CASES` names a folder of files `*.json`, each `{"cases": […]}` with
//! OPA's fields (`note`, `query`, `modules`, `data`, `input`, `want_result`, `want_error`, …). Without it
//! there is nothing to run. What the profile refuses is outside of its claim and counted by diagnostic;
//! every other case must give what OPA says.
//!
//! The profile has no `data` and no calls with an output argument, so what a case says with them is said as
//! the profile has it: `data.a` is read as `input.data.a`, `input` as `input.input`, and a line
//! `count(a, n)` as `n = count(a)`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that reads a folder that somebody names"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regorus::Value as Theirs;

use super::{Failure, Limits, Machine, Source};
use crate::check::{BUILTINS, Parsed, check, head_name};
use crate::module::Module;

/// Cases of `data` itself: in it, and not in values, a number finds the key that is its text.
const OF_DATA: &[&str] = &["data/nested integer"];

/// What became of a case.
#[derive(Debug)]
enum Fate {
    /// The profile refuses it: the diagnostic, or what the case has that rules cannot be asked
    Outside(String),
    /// As OPA says
    Passed,
    /// OPA says that it is undefined, or an element less, and here the decision fails
    Fails,
    /// OPA says that it is an error if it is to be strict, and here it is undefined
    Lenient,
    /// Otherwise
    Differs(String),
}

#[test]
fn opas_own_cases_of_the_profile_give_what_opa_says() {
    let Some(folder) = std::env::var_os("GATOS_OPA_CASES") else {
        return;
    };
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    let (mut passed, mut fails, mut differs) = (0, Vec::new(), Vec::new());
    let mut lenient = Vec::new();
    let mut outside: BTreeMap<String, u32> = BTreeMap::new();
    let mut groups: BTreeMap<String, u32> = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let Ok(content) = Theirs::from_json_str(&text) else {
            *outside.entry("not read".to_owned()).or_default() += 1;
            continue;
        };
        let Ok(cases) = content["cases"].as_array() else {
            continue;
        };
        for case in cases.iter() {
            let note = text_of(case, "note");
            match fate(case) {
                Fate::Passed => {
                    passed += 1;
                    let group = note.split('/').next().unwrap_or_default();
                    *groups.entry(group.to_owned()).or_default() += 1;
                }
                Fate::Outside(why) => *outside.entry(why).or_default() += 1,
                Fate::Fails => fails.push(note),
                Fate::Lenient => lenient.push(note),
                Fate::Differs(how) => differs.push(format!("{note}: {how}")),
            }
        }
    }
    println!("passed {passed}: {groups:?}");
    println!("outside {}: {outside:?}", outside.values().sum::<u32>());
    println!("fail here, undefined in OPA {}: {fails:#?}", fails.len());
    println!(
        "undefined here, an error of operators in strict OPA {}: {lenient:#?}",
        lenient.len()
    );
    assert!(passed > 0, "{} holds no cases", files.len());
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
}

fn fate(case: &Theirs) -> Fate {
    let outside = |why: &str| Fate::Outside(why.to_owned());
    if OF_DATA.contains(&text_of(case, "note").as_str()) {
        return outside("data");
    }
    let query = text_of(case, "query");
    let Some((path, variable)) = query.split_once(" = ") else {
        return outside("query");
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !path.starts_with("data.")
        || !path.chars().all(|c| word(c) || c == '.')
        || !variable.chars().all(word)
    {
        return outside("query");
    }
    let Some(given) = given(case) else {
        return outside("input");
    };
    if !is_whole(&given) || !is_whole(&case["want_result"]) {
        return outside("fractions");
    }
    let (parsed, sources) = match prepared(case) {
        Ok(prepared) => prepared,
        Err(code) => return Fate::Outside(code),
    };
    let rules = parsed.iter().flat_map(|module| {
        let heads = module.ast.policy.iter().filter_map(|rule| head_name(rule));
        heads.map(|(name, _)| format!("data.{}.{name}", module.package))
    });
    if !rules.into_iter().any(|rule| rule == path) {
        return outside("query");
    }
    let machine = match Machine::compile(&sources, &[path.to_owned()]) {
        Ok(machine) => machine,
        Err(error) => {
            return Fate::Outside(format!("engine: {}", super::located(&error).2));
        }
    };
    judge(case, variable, machine.run(path, given, Limits::DEFAULT))
}

fn judge(case: &Theirs, variable: &str, found: Result<Theirs, Failure>) -> Fate {
    let is_error =
        !text_of(case, "want_error").is_empty() || !text_of(case, "want_error_code").is_empty();
    let wanted = match case["want_result"].as_array() {
        Ok(results) if !results.is_empty() => results[0][variable].clone(),
        _ => Theirs::Undefined,
    };
    let found = match found {
        Err(Failure::Error) if is_error => return Fate::Passed,
        Err(Failure::Error) => return Fate::Fails,
        Err(Failure::Limit) => return Fate::Differs("takes more than the limit".to_owned()),
        Ok(Theirs::Undefined) if case["strict_error"] == Theirs::Bool(true) => {
            return Fate::Lenient;
        }
        Ok(found) if is_error => return Fate::Differs(format!("{found}, not an error")),
        Ok(Theirs::Undefined) => Theirs::Undefined,
        // As JSON has it: sets are arrays.
        Ok(found) => Theirs::from_json_str(&found.to_json_str().unwrap()).unwrap(),
    };
    let is_sorted = case["sort_bindings"] == Theirs::Bool(true);
    let sort = |value: &Theirs| match value.as_array() {
        Ok(items) if is_sorted => {
            let mut items = items.to_vec();
            items.sort();
            Theirs::from(items)
        }
        _ => value.clone(),
    };
    if sort(&found) == sort(&wanted) {
        Fate::Passed
    } else {
        Fate::Differs(format!("{found}, not {wanted}"))
    }
}

/// What the rules of a case get as `input`.
fn given(case: &Theirs) -> Option<Theirs> {
    let mut fields = BTreeMap::new();
    let term = text_of(case, "input_term");
    if !term.is_empty() {
        fields.insert(Theirs::from("input"), Theirs::from_json_str(&term).ok()?);
    } else if case["input"] != Theirs::Undefined {
        fields.insert(Theirs::from("input"), case["input"].clone());
    }
    if case["data"] != Theirs::Undefined {
        fields.insert(Theirs::from("data"), case["data"].clone());
    }
    Some(Theirs::from(fields))
}

/// Whether all numbers are as inputs have them.
fn is_whole(value: &Theirs) -> bool {
    match value {
        Theirs::Number(number) => number.is_integer() && number.as_i64().is_some(),
        Theirs::Array(items) => items.iter().all(is_whole),
        Theirs::Object(entries) => entries.values().all(is_whole),
        _ => true,
    }
}

/// The modules as the profile reads them; else the diagnostic.
fn prepared(case: &Theirs) -> Result<(Vec<Parsed>, Vec<Source>), String> {
    let texts: Vec<String> = match case["modules"].as_array() {
        Ok(texts) => texts
            .iter()
            .map(|text| text.as_string().unwrap().to_string())
            .collect(),
        Err(_) => return Err("no module".to_owned()),
    };
    let roots: Vec<&str> = texts
        .iter()
        .filter_map(|text| {
            text.lines()
                .find_map(|line| line.trim().strip_prefix("package "))
        })
        .filter_map(|package| package.trim().split('.').next())
        .collect();
    let is_data = |key: &str| !key.is_empty() && !roots.contains(&key);
    let functions: Vec<(&str, usize)> = texts.iter().flat_map(|text| defined(text)).collect();
    let modules: Vec<Module> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            Module::new(
                format!("m{number}.rgs"),
                rewritten(text, &functions, is_data),
            )
        })
        .collect();
    let checked = check(&modules).map_err(|found| {
        let first = &found.list[0];
        let why = first.message.split('`').nth(1).unwrap_or_default();
        match first.code {
            "unknown-function" => format!("unknown-function {why}"),
            code => code.to_owned(),
        }
    })?;
    let sources = checked.modules.iter().map(|module| Source {
        name: module.name.clone(),
        text: module.text.clone(),
    });
    let sources = sources.collect();
    Ok((checked.modules, sources))
}

fn rewritten(text: &str, functions: &[(&str, usize)], is_data: impl Fn(&str) -> bool) -> String {
    let line = |line: &str| with_output(line, functions).unwrap_or_else(|| line.to_owned());
    let lines = text.lines().map(line);
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut made, mut quote, mut last) = (String::new(), None, ' ');
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match quote {
            Some('"') if c == '\\' => taken += rest[1..].chars().next().map_or(0, char::len_utf8),
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`') => quote = Some(c),
            None if word(c) => {
                let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
                taken = end;
                let name = rest[end..].strip_prefix('.').unwrap_or_default();
                let name = &name[..name.find(|c| !word(c)).unwrap_or(name.len())];
                match &rest[..end] {
                    "data" if last != '.' && is_data(name) => made.push_str("input."),
                    "input" if last != '.' => made.push_str("input."),
                    _ => {}
                }
            }
            None => {}
        }
        made.push_str(&rest[..taken]);
        last = c;
        rest = &rest[taken..];
    }
    made
}

/// The functions that a module defines, with how many arguments they take.
fn defined(text: &str) -> Vec<(&str, usize)> {
    let heads = text.lines().filter_map(|line| {
        let (name, rest) = line.split_once('(')?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let arguments = split(&rest[..closing(rest)?]);
        name.chars().all(word).then_some((name, arguments.len()))
    });
    heads.collect()
}

/// `count(a, n)` as `n = count(a)`, and `not count(a, n)` as `not count(a) == n`.
fn with_output(line: &str, functions: &[(&str, usize)]) -> Option<String> {
    if !line.starts_with(char::is_whitespace) {
        return None;
    }
    let line = line.trim();
    let (negated, line) = line
        .strip_prefix("not ")
        .map_or((false, line), |line| (true, line));
    let (path, rest) = line.split_once('(')?;
    let (name, known) = match path.strip_prefix("data.") {
        Some(path) => (path.rsplit('.').next()?, functions),
        None if functions.iter().any(|(own, _)| *own == path) => (path, functions),
        None => (path, BUILTINS),
    };
    let (_, arity) = known.iter().find(|(known, _)| *known == name)?;
    let inner = rest.strip_suffix(')')?;
    let arguments = split(inner);
    if closing(rest)? != inner.len() || arguments.len() != arity + 1 {
        return None;
    }
    let (output, arguments) = arguments.split_last()?;
    let (output, arguments) = (output.trim(), arguments.join(","));
    Some(if negated {
        format!("not {path}({arguments}) == {output}")
    } else {
        format!("{output} = {path}({arguments})")
    })
}

/// Where the bracket closes that was open before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut found = None;
    outermost(text, &mut |at, c| {
        if c == ')' && found.is_none() {
            found = Some(at);
        }
    });
    found
}

/// What stands between the commas that are in no bracket.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    outermost(text, &mut |at, c| {
        if c == ',' {
            parts.push(&text[from..at]);
            from = at + 1;
        }
    });
    parts.push(&text[from..]);
    parts
}

/// The characters in no bracket and no quotes, and brackets that close what was open before.
fn outermost(text: &str, each: &mut dyn FnMut(usize, char)) {
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            _ if depth == 0 => each(at, c),
            _ => {}
        }
    }
}

fn text_of(case: &Theirs, key: &str) -> String {
    let text = case[key].as_string().map(|text| text.to_string());
    text.unwrap_or_default()
}
