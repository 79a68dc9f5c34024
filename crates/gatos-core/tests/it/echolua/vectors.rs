//! The vectors: programs with events and what must come out, as other implementations can read
//! them. `vectors/echolua/README.md` says how they are written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gatos_core::echolua::{Limits, Program};
use gatos_core::json;
use gatos_core::value::Value;

use super::{fold, parse};

/// One case of a file.
#[derive(Default)]
struct Case {
    name: String,
    events: Vec<String>,
    start: Option<String>,
    fuel_limit: Option<u64>,
    memory_limit: Option<u64>,
    /// `state …`, `fuel …`, `root …` or `error …`, as found in the file
    expect: Vec<String>,
    source: String,
}

fn read(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let Some(field) = line.strip_prefix("--# ") else {
            if let Some(case) = cases.last_mut() {
                case.source.push_str(line);
                case.source.push('\n');
            }
            continue;
        };
        let (name, rest) = field.split_once(' ').unwrap_or((field, ""));
        if name == "case" {
            cases.push(Case {
                name: rest.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let case = cases.last_mut().expect("a field stands in a case");
        match name {
            "event" => case.events.push(rest.to_owned()),
            "start" => case.start = Some(rest.to_owned()),
            "limit-fuel" => case.fuel_limit = Some(rest.parse().unwrap()),
            "limit-memory" => case.memory_limit = Some(rest.parse().unwrap()),
            "state" | "fuel" | "root" | "error" => case.expect.push(field.to_owned()),
            other => panic!("{}: unknown field `{other}`", path.display()),
        }
    }
    for case in &mut cases {
        case.source = case.source.trim_matches('\n').to_owned() + "\n";
    }
    cases
}

fn write(cases: &[Case]) -> String {
    let mut out = String::new();
    for case in cases {
        writeln!(out, "--# case {}", case.name).unwrap();
        if let Some(start) = &case.start {
            writeln!(out, "--# start {start}").unwrap();
        }
        for event in &case.events {
            writeln!(out, "--# event {event}").unwrap();
        }
        if let Some(limit) = case.fuel_limit {
            writeln!(out, "--# limit-fuel {limit}").unwrap();
        }
        if let Some(limit) = case.memory_limit {
            writeln!(out, "--# limit-memory {limit}").unwrap();
        }
        for expect in &case.expect {
            writeln!(out, "--# {expect}").unwrap();
        }
        writeln!(out, "{}", case.source).unwrap();
    }
    out.trim_end().to_owned() + "\n"
}

/// What comes out of a case.
fn outcome(case: &Case) -> Vec<String> {
    let compiled = match Program::compile(&case.source, &case.name) {
        Ok(compiled) => compiled,
        Err(error) => {
            let lines = error.list.iter().map(|d| {
                format!(
                    "error {} {}:{} {}",
                    d.rule, d.place.line, d.place.column, d.message
                )
            });
            return lines.collect();
        }
    };
    let program = Program::from_elc(&compiled.program.to_elc()).expect("the program is read back");
    assert_eq!(program.root(), compiled.program.root());
    let default = Limits::default();
    let limits = Limits {
        fuel_per_event: case.fuel_limit.unwrap_or(default.fuel_per_event),
        memory_bytes: case.memory_limit.unwrap_or(default.memory_bytes),
    };
    let start = case.start.as_deref().map(parse);
    let events: Vec<Value> = case.events.iter().map(|event| parse(event)).collect();
    let run = || fold(&program, limits, start.as_ref(), &events);
    let result = run();
    assert_eq!(result, run(), "{}: two runs differ", case.name);
    assert_eq!(
        result,
        fold(&compiled.program, limits, start.as_ref(), &events)
    );
    match result {
        Ok((state, fuel)) => {
            let fuel: Vec<String> = fuel.iter().map(u64::to_string).collect();
            vec![
                format!("root {}", program.root()),
                format!("fuel {}", fuel.join(" ")),
                format!("state {}", json::to_string(&state)),
            ]
        }
        Err(error) => {
            let place = error.node.and_then(|node| compiled.source_map.place(node));
            let place = place.map_or("-".to_owned(), |p| format!("{}:{}", p.line, p.column));
            let code = error.fault.code();
            vec![format!("error E{code:04} {place} {}", error.fault)]
        }
    }
}

fn files() -> Vec<PathBuf> {
    let folder = crate::manifest().join("vectors/echolua");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "lua"));
    files.sort();
    files
}

/// The sources of all cases.
pub(super) fn sources() -> Vec<String> {
    let cases = files().into_iter().flat_map(|path| read(&path));
    cases.map(|case| case.source).collect()
}

#[test]
fn every_case_gives_what_it_says() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    for path in files() {
        let mut cases = read(&path);
        for case in &mut cases {
            count += 1;
            let found = outcome(case);
            if found != case.expect {
                writeln!(wrong, "{} · {}", path.display(), case.name).unwrap();
                writeln!(
                    wrong,
                    "  expected {:#?}\n  found    {found:#?}",
                    case.expect
                )
                .unwrap();
                case.expect = found;
            }
        }
        if update {
            std::fs::write(&path, write(&cases)).unwrap();
        }
    }
    assert!(count > 100, "only {count} cases were found");
    assert!(
        update || wrong.is_empty(),
        "{wrong}(UPDATE_EXPECT=1 writes what is found)"
    );
}
