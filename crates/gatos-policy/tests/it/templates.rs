//! The policies that come with the program hold what their tests say, and their roots never change
//! unnoticed.

use gatos_core::json;
use gatos_core::value::Value;
use gatos_policy::{Module, Outcome, TEMPLATES, compile, formatted, run_suite};

fn modules(files: &[(&str, &str)], tests: bool) -> Vec<Module> {
    let wanted = files
        .iter()
        .filter(|(name, _)| name.ends_with("_test.rgs") == tests);
    wanted
        .map(|(name, text)| Module::new(*name, *text))
        .collect()
}

#[test]
fn templates_pass_their_tests_and_every_rule_speaks() {
    for template in TEMPLATES {
        let (rules, tests) = (
            modules(template.files, false),
            modules(template.files, true),
        );
        let report = run_suite(&rules, &tests).unwrap_or_else(|d| panic!("{}\n{d}", template.name));
        let bad: Vec<_> = report
            .cases
            .iter()
            .filter(|c| c.outcome != Outcome::Passed)
            .collect();
        assert!(report.is_passed(), "{}: {bad:#?}", template.name);
        let silent: Vec<_> = report
            .spoke
            .iter()
            .filter(|(_, times)| **times == 0)
            .collect();
        assert!(silent.is_empty(), "{}: {silent:?}", template.name);
        for coverage in &report.coverage {
            assert!(
                coverage.missed.is_empty(),
                "{}: {coverage:?}",
                template.name
            );
        }
    }
}

#[test]
fn templates_are_laid_out_as_they_should() {
    for template in TEMPLATES {
        for (name, text) in template.files {
            let wanted = formatted(&Module::new(*name, *text)).unwrap();
            assert_eq!(wanted, *text, "{}/{name}", template.name);
        }
    }
}

#[test]
fn a_test_that_does_not_hold_fails() {
    let rules = modules(TEMPLATES[0].files, false);
    let tests = "package rules_test\n\ntest_wrong if decide({\"intent\": \"event.append\"}).allow\n\n\
                 test_broken if decide({\"intent\": \"nothing\"}).allow\n\n\
                 test_right if not decide({\"intent\": \"event.append\"}).allow\n\n\
                 test_with if data.rules.allow with input as {\"actor\": {\"roles\": [\"append\"]}}\n";
    let report = run_suite(&rules, &[Module::new("a_test.rgs", tests)]).unwrap();
    let outcomes: Vec<_> = report
        .cases
        .iter()
        .map(|case| (&*case.name, &case.outcome))
        .collect();
    assert_eq!(outcomes[0], ("test_wrong", &Outcome::Failed));
    assert!(
        matches!(outcomes[1], ("test_broken", Outcome::Broken(_))),
        "{outcomes:?}"
    );
    assert_eq!(outcomes[2], ("test_right", &Outcome::Passed));
    assert_eq!(outcomes[3], ("test_with", &Outcome::Passed));
    assert!(!report.is_passed());
    let none = run_suite(&rules, &[]).unwrap();
    assert!(!none.is_passed());
}

/// What [`roots_are_those_of_the_vectors`] compares with.
const ROOTS: &str = include_str!("../../vectors/roots.json");

#[test]
fn roots_are_those_of_the_vectors() {
    let roots = TEMPLATES.iter().map(|template| {
        let program = compile(&modules(template.files, false)).unwrap();
        (template.name, Value::text(program.root().to_string()))
    });
    let found = json::to_string_pretty(&Value::map(roots));
    assert_eq!(ROOTS.trim(), found);
}
