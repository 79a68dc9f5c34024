//! Policies and inputs that want too much are refused or denied, soon.

use gatos_policy::{Basis, Intent, Limits, Verdict, decide};

use super::lab::{Rule, input, policy, refused};

fn allow(rest: &str) -> Vec<String> {
    vec![
        Rule::new("rule", "event.append").text("allow if start"),
        rest.to_owned(),
    ]
}

fn codes(rest: &str) -> Vec<&'static str> {
    let text = format!("package rules\n{}", allow(rest).concat());
    refused(&text).list.iter().map(|d| d.code).collect()
}

#[test]
fn nesting_is_bounded_before_anything_recurses() {
    let deep = [
        format!(
            "\nstart if {}1{} == 1\n",
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!("\nstart if {}1{} == 1\n", "{".repeat(50), "}".repeat(50)),
        format!("\nstart if {}1{} == 1\n", "(".repeat(13), ")".repeat(13)),
        format!(
            "\nstart if 1{} == 1\n",
            "\n + 1".repeat(70_000).replace('\n', " ")
        ),
        format!("\nstart if x := {}1\n", "-(1 - ".repeat(30)),
        format!("\nstart if input{} == 1\n", ".a".repeat(100)),
        format!("\nstart if {} input.x\n", "not ".repeat(5000)),
    ];
    for text in deep {
        let found = codes(&text);
        let known = ["nesting", "syntax", "size"];
        assert!(found.iter().all(|code| known.contains(code)), "{found:?}");
    }
    // As deep as it may be.
    let fine = format!("\nstart if x := {}1{}\n", "[".repeat(10), "]".repeat(10));
    policy(&allow(&fine));
}

#[test]
fn chains_and_recursion_are_refused() {
    let mut chain = String::from("\nstart if r0\n");
    for n in 0..200 {
        chain.push_str(&format!("\nr{n} if r{}\n", n + 1));
    }
    chain.push_str("\nr200 if 1 == 1\n");
    assert!(codes(&chain).iter().all(|code| *code == "chain"));
    assert!(codes("\nstart if again\n\nagain if start\n").contains(&"recursion"));
    assert!(codes("\nstart if f(1) == 1\n\nf(x) := f(x)\n").contains(&"recursion"));
}

#[test]
fn values_that_double_are_refused() {
    let doubling = |step: &dyn Fn(usize) -> String| {
        let mut text = String::from("\nv0 := [1]\n");
        for n in 1..40 {
            text.push_str(&step(n));
        }
        text.push_str("\nstart if v39 == v38\n");
        text
    };
    let rules = doubling(&|n| format!("\nv{n} := [v{}, v{}]\n", n - 1, n - 1));
    assert!(codes(&rules).contains(&"growth"), "rules");
    let numbers = doubling(&|n| {
        format!(
            "\nv{n} := w{n}(v{}, v{})\n\nw{n}(a, b) := a\n",
            n - 1,
            n - 1
        )
    });
    assert!(codes(&numbers).contains(&"growth"), "functions");
    let mut locals = String::from("\nstart if {\n\tv0 := [1]\n");
    for n in 1..40 {
        locals.push_str(&format!("\tv{n} := [v{}, v{}]\n", n - 1, n - 1));
    }
    locals.push_str("\tv39 == v38\n}\n");
    assert!(codes(&locals).contains(&"growth"), "variables");
    let squares = doubling(&|n| {
        format!(
            "\nv{n} := count([v{0}, v{0}]) * count([v{0}, v{0}])\n",
            n - 1
        )
    });
    assert!(codes(&squares).contains(&"growth"), "products");
}

#[test]
fn much_work_ends_in_a_denial_soon() {
    let numbers: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let list = format!(r#"{{"payload": [{}]}}"#, numbers.join(","));
    let text = format!(r#"{{"payload": ["{}"]}}"#, "x".repeat(300_000));
    let cases = [
        (
            "count([1 | some a in input.payload; some b in input.payload; a < b]) > 0",
            &list,
            Basis::Limit,
        ),
        (
            "count({[a, b] | some a in input.payload; some b in input.payload}) > 0",
            &list,
            Basis::Limit,
        ),
        (
            "count(split(input.payload[0], \"\")) > 0",
            &text,
            Basis::Failure,
        ),
        (
            "t := input.payload[0]; count(concat(\"\", [t, t])) > 0",
            &text,
            Basis::Failure,
        ),
        (
            "sprintf(\"%s%s\", [input.payload[0], input.payload[0]]) != \"\"",
            &text,
            Basis::Failure,
        ),
        ("upper(input.payload[0]) != \"\"", &text, Basis::Failure),
    ];
    for (condition, fields, basis) in cases {
        let program = policy(&allow(&format!("\nstart if {{\n\t{condition}\n}}\n")));
        let decision = decide(
            &program,
            &input(Intent::EventAppend, fields),
            Limits::DEFAULT,
        );
        assert_eq!(
            (decision.verdict, decision.basis),
            (Verdict::Deny, basis),
            "{condition}"
        );
    }
}

#[test]
fn a_large_policy_compiles_and_one_too_large_does_not() {
    let rules: Vec<String> = (0..200)
        .map(|n| {
            let id = format!("rule-{n}");
            Rule::new(&id, "event.append").text(&format!("deny if input.type == \"{n}\""))
        })
        .collect();
    let program = policy(&rules);
    let decision = decide(
        &program,
        &input(Intent::EventAppend, r#"{"type": "7"}"#),
        Limits::DEFAULT,
    );
    assert!(
        decision
            .reasons
            .iter()
            .any(|reason| reason.rule == "rule-7")
    );
    let text = format!("package rules\n# {}\n", "x".repeat(300_000));
    assert_eq!(refused(&text).list[0].code, "size");
}
