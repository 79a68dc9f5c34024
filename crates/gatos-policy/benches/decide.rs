//! One decision of a policy of fifty rules, against the time that it may take.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark takes times and prints them"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use gatos_core::value::Value;
use gatos_policy::{Input, Intent, Limits, Module, Verdict, compile, decide};

const RULES: usize = 50;
const ROUNDS: usize = 2_001;
/// What a decision may take, in seconds.
const BUDGET: f64 = 200e-6;

fn main() {
    let program = compile(&[Module::new("rules.rgs", rules())]).unwrap();
    assert_eq!(program.rules().len(), RULES);
    let paths = (0..10).map(|number| Value::text(format!("src/part-{number}/main.rs")));
    let fields = [
        ("ref", Value::text("refs/heads/main")),
        ("operation", Value::text("update")),
        ("pusher", Value::text("alice")),
        ("paths", Value::list(paths)),
    ];
    let input = Input::with_defaults(Intent::PushRef, fields).unwrap();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            let decision = black_box(decide(&program, black_box(&input), Limits::DEFAULT));
            let seconds = begin.elapsed().as_secs_f64();
            assert_eq!(decision.verdict, Verdict::Allow);
            seconds
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let ours = times[ROUNDS / 2];
    println!(
        "{{\"bench\":\"decide\",\"ours\":{ours:.9},\"rival\":{BUDGET},\"unit\":\"s\",\"ratio\":{:.3},\"want\":1}}",
        BUDGET / ours
    );
}

/// One rule that allows, and others that each look at the paths of a push, or at who pushes.
fn rules() -> String {
    let mut text = String::from("package rules\n");
    rule(&mut text, "members", "allow if input.pusher != null");
    for number in 1..RULES {
        let body = if number % 2 == 0 {
            format!(
                "deny contains true if {{\n\tsome path in input.paths\n\tstartswith(path, \"guarded-{number}/\")\n\tinput.pusher != \"owner-{number}\"\n}}"
            )
        } else {
            format!(
                "deny contains {{\"message\": \"not so\"}} if {{\n\tinput.operation == \"delete\"\n\tinput.ref == \"refs/heads/release-{number}\"\n}}"
            )
        };
        rule(&mut text, &format!("rule-{number}"), &body);
    }
    text
}

fn rule(text: &mut String, id: &str, body: &str) {
    write!(
        text,
        "\n# METADATA\n# title: Rule {id}\n# custom:\n#   id: {id}\n#   adr: docs/adr/0001.md\n#   severity: error\n\
         #   intent: push.ref\n#   message: this may not be\n{body}\n"
    )
    .unwrap();
}
