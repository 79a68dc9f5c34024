//! What Rego says of the part that the profile claims, case by case: `vectors/semantics.json`.

use gatos_core::json;
use gatos_core::value::{Map, Value};
use gatos_policy::{Input, Intent, Limits, RuleOutcome, compile, trace};

use super::lab::{Rule, module};

fn text<'a>(case: &'a Map, key: &str) -> &'a str {
    match case.get(key) {
        Some(Value::Text(text)) => text,
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn rules_mean_what_rego_says() {
    let cases = include_str!("../../vectors/semantics.json");
    let Ok(Value::List(cases)) = json::from_str(cases) else {
        panic!("the vectors are a list");
    };
    let mut wrong = Vec::new();
    for case in &cases {
        let Value::Map(case) = case else {
            panic!("a case is a map")
        };
        let body = format!("allow if {{\n\t{}\n}}\n", text(case, "body"));
        let rule = Rule::new("case", "event.append").text(&body);
        let module = module(&[rule, format!("\n{}", text(case, "helpers"))]);
        let program = match compile(&[module]) {
            Ok(program) => program,
            Err(diagnostics) => {
                wrong.push(format!("{}: {diagnostics}", text(case, "note")));
                continue;
            }
        };
        let payload = case.get("payload").cloned().unwrap_or(Value::Null);
        let input = Input::with_defaults(Intent::EventAppend, [("payload", payload)]).unwrap();
        let found = match &trace(&program, &input, Limits::DEFAULT)[0].outcome {
            RuleOutcome::Holds => "holds",
            RuleOutcome::DoesNotHold => "silent",
            RuleOutcome::Failed => "failed",
            other => panic!("{other:?}"),
        };
        let (note, want) = (text(case, "note"), text(case, "want"));
        if found != want {
            wrong.push(format!("{note}: {found}, not {want}"));
        }
    }
    assert!(cases.len() > 70, "{}", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
