//! `echolua/`: programs, what they burn, and the states they reach, as bytes.

use std::path::Path;

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::echolua::{Fold, FoldError, Limits, Program};
use gatos_core::json;
use gatos_core::value::Value;

use super::{Report, field, files, rows, text};

/// One case of a file, as `vectors/echolua/README.md` describes it.
#[derive(Default)]
struct Case {
    name: String,
    events: Vec<Value>,
    start: Option<Value>,
    limits: Limits,
    expect: Vec<String>,
    source: String,
}

pub(super) fn run(vectors: &Path, report: &mut Report) {
    for (file, path) in files(&vectors.join("echolua"), ".lua") {
        for case in read(&text(&path)) {
            let (found, state) = outcome(&case);
            let file = format!("echolua/{file}");
            report.expect(&file, &case.name, found.join("\n"), &case.expect.join("\n"));
            report.result(&file, &case.name, state);
        }
    }
    for row in rows(&vectors.join("echolua/elc.json")) {
        let name = field(&row, "name");
        let bytes = data_encoding::HEXLOWER
            .decode(field(&row, "bytes").as_bytes())
            .expect("hex");
        let found = Program::from_elc(&bytes).map_or_else(
            |error| error.to_string(),
            |program| program.root().to_string(),
        );
        report.expect("echolua/elc", name, found, field(&row, "root"));
        let found = Program::compile(field(&row, "source"), name).map_or_else(
            |error| error.to_string(),
            |compiled| data_encoding::HEXLOWER.encode(&compiled.program.to_elc()),
        );
        report.expect("echolua/elc", name, found, field(&row, "bytes"));
    }
}

fn read(text: &str) -> Vec<Case> {
    let parse = |text: &str| json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let name_and_rest = line
            .strip_prefix("--# ")
            .map(|line| line.split_once(' ').unwrap_or((line, "")));
        if let Some(("case", name)) = name_and_rest {
            let name = name.to_owned();
            cases.push(Case {
                name,
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match name_and_rest {
            None => case.source.push_str(&format!("{line}\n")),
            Some(("event", rest)) => case.events.push(parse(rest)),
            Some(("start", rest)) => case.start = Some(parse(rest)),
            Some(("limit-fuel", rest)) => {
                case.limits.fuel_per_event = rest.parse().expect("a limit")
            }
            Some(("limit-memory", rest)) => {
                case.limits.memory_bytes = rest.parse().expect("a limit")
            }
            Some((name, rest)) => case.expect.push(format!("{name} {rest}")),
        }
    }
    for case in &mut cases {
        case.source = case.source.trim_matches('\n').to_owned() + "\n";
    }
    cases
}

/// What a case gives as its file says it, and the state's bytes by their id.
fn outcome(case: &Case) -> (Vec<String>, String) {
    let compiled = match Program::compile(&case.source, &case.name) {
        Ok(compiled) => compiled,
        Err(error) => {
            let line = |d: &gatos_core::echolua::Diagnostic| {
                let (line, column) = (d.place.line, d.place.column);
                format!("error {} {line}:{column} {}", d.rule, d.message)
            };
            return (error.list.iter().map(line).collect(), "-".to_owned());
        }
    };
    match fold(&compiled.program, case) {
        Ok((state, fuel)) => {
            let fuel: Vec<String> = fuel.iter().map(u64::to_string).collect();
            let lines = vec![
                format!("root {}", compiled.program.root()),
                format!("fuel {}", fuel.join(" ")),
                format!("state {}", json::to_string(&state)),
            ];
            (lines, Cid::of_dag_cbor(&cbor::encode(&state)).to_string())
        }
        Err(error) => {
            let place = error.node.and_then(|node| compiled.source_map.place(node));
            let place = place.map_or("-".to_owned(), |p| format!("{}:{}", p.line, p.column));
            let code = error.fault.code();
            let line = format!("error E{code:04} {place} {}", error.fault);
            (vec![line], "-".to_owned())
        }
    }
}

fn fold(program: &Program, case: &Case) -> Result<(Value, Vec<u64>), FoldError> {
    let mut fold = Fold::start(program, case.limits, case.start.as_ref())?;
    let mut fuel = Vec::new();
    for event in &case.events {
        fuel.push(fold.step(event)?.fuel);
    }
    Ok((fold.state()?, fuel))
}
