//! Every construct and function that the profile claims, case by case: what Rego says, with rules and
//! values of our own. A case is named after the group of OPA's cases that is about the same.

mod functions;
mod language;
mod refusals;

use gatos_core::json;
use gatos_core::value::Value;
use gatos_policy::{Input, Intent, Limits, RuleOutcome, compile, trace};

use super::lab::{Rule, module};

/// What a rule with the case's body does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    /// It holds
    Holds,
    /// It is undefined or false
    Silent,
    /// The decision fails
    Fails,
    /// The policy is refused with this diagnostic
    Refused(&'static str),
}

/// Group and feature, other rules, the body of the rule, what it does.
pub(super) type Case = (&'static str, &'static str, &'static str, Want);

/// What all cases see as `input.payload`.
const PAYLOAD: &str = r#"{
    "people": [
        {"name": "ada", "age": 36, "roles": ["lead", "author"]},
        {"name": "bo", "age": 41, "roles": []},
        {"name": "cy", "age": 29, "roles": ["author"]}
    ],
    "limits": {"cpu": 4, "disk": 0, "gpu": null},
    "off": false,
    "word": "größe",
    "keys": {"if": 1, "package": {"in": 2}},
    "largest": 9223372036854775807,
    "smallest": -9223372036854775808
}"#;

#[test]
fn every_construct_and_function_does_what_rego_says() {
    let all = [
        language::RULES,
        language::LOOPS,
        language::VALUES,
        functions::NUMBERS,
        functions::TEXTS,
        functions::COLLECTIONS,
        refusals::CASES,
    ];
    let cases: Vec<&Case> = all.into_iter().flatten().collect();
    let wrong: Vec<String> = cases.iter().filter_map(|case| complaint(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 200, "{}", cases.len());
}

fn complaint((name, helpers, body, want): &Case) -> Option<String> {
    let payload = json::from_str(PAYLOAD).unwrap();
    let found = outcome(helpers, body, payload);
    let found = match &found {
        Ok(outcome) => outcome.clone(),
        Err(code) => format!("refused: {code}"),
    };
    let wanted = match want {
        Want::Holds => "holds".to_owned(),
        Want::Silent => "silent".to_owned(),
        Want::Fails => "fails".to_owned(),
        Want::Refused(code) => format!("refused: {code}"),
    };
    (found != wanted).then(|| format!("{name}: {found}, not {wanted}\n\t{body}"))
}

fn outcome(helpers: &str, body: &str, payload: Value) -> Result<String, String> {
    let rule = Rule::new("case", "event.append").text(&format!("allow if {{\n\t{body}\n}}\n"));
    let program = compile(&[module(&[rule, format!("\n{helpers}")])])
        .map_err(|found| found.list[0].code.to_owned())?;
    let input = Input::with_defaults(Intent::EventAppend, [("payload", payload)]).unwrap();
    Ok(match &trace(&program, &input, Limits::DEFAULT)[0].outcome {
        RuleOutcome::Holds => "holds".to_owned(),
        RuleOutcome::DoesNotHold => "silent".to_owned(),
        RuleOutcome::Failed => "fails".to_owned(),
        other => format!("{other:?}"),
    })
}
