//! What the profile leaves out is refused where it stands, with what to write instead.

use gatos_policy::{Module, Place, compile};

use super::lab::{Rule, refused};

fn with(rest: &str) -> String {
    let rule = Rule::new("rule", "event.append").text("allow if start");
    format!("package rules\n{rule}\n{rest}\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row for each case")]
fn what_is_not_in_the_profile_is_refused() {
    let cases = [
        (
            "start if time.now_ns() > 1",
            "unknown-function",
            "there is no clock",
        ),
        (
            "start if rand.intn(\"x\", 5) == 1",
            "unknown-function",
            "there is no randomness",
        ),
        (
            "start if uuid.rfc4122(\"x\") == \"\"",
            "unknown-function",
            "there is no randomness",
        ),
        (
            "start if http.send({}).status == 1",
            "unknown-function",
            "there is no network",
        ),
        (
            "start if net.lookup_ip_addr(\"x\") == {}",
            "unknown-function",
            "there is no network",
        ),
        (
            "start if opa.runtime().env.HOME == \"\"",
            "unknown-function",
            "no environment",
        ),
        (
            "start if regex.match(\"a*\", \"a\")",
            "unknown-function",
            "startswith",
        ),
        (
            "start if glob.match(\"a*\", [], \"a\")",
            "unknown-function",
            "startswith",
        ),
        ("start if print(\"x\")", "unknown-function", "found"),
        ("start if trace(\"x\")", "unknown-function", "found"),
        (
            "start if json.unmarshal(\"1.5\") > 1",
            "unknown-function",
            "facts",
        ),
        (
            "start if to_number(\"1.5\") > 1",
            "unknown-function",
            "whole",
        ),
        (
            "start if numbers.range(1, 1000000000)[0] == 1",
            "unknown-function",
            "whole",
        ),
        (
            "start if nothing(1)",
            "unknown-function",
            "docs/spec/policy.md",
        ),
        ("start if round(1) == 1", "unknown-function", "whole"),
        ("start if 1.5 > 1", "number", "smaller unit"),
        ("start if 1e3 > 1", "number", "smaller unit"),
        ("start if 9223372036854775808 > 1", "number", "smaller unit"),
        ("start if 4 / 2 == 2", "division", "multiply"),
        ("start if count([1], 2)", "arguments", ""),
        ("start if count() == 1", "arguments", ""),
        ("start if sprintf(\"%f\", [1]) == \"\"", "sprintf", ""),
        (
            "start if sprintf(\"%99999999d\", [1]) == \"\"",
            "sprintf",
            "",
        ),
        ("start if sprintf(input.x, [1]) == \"\"", "sprintf", ""),
        ("start if sprintf(\"%s\", [1, 2]) == \"\"", "sprintf", ""),
        ("start if input.x with input as {}", "with", ""),
        ("start if data.other.rule", "unknown-name", ""),
        ("start if data[input.x]", "unknown-name", ""),
        ("start if count(data) > 0", "unknown-name", ""),
        ("start if allow", "decision-rule", "another name"),
        ("start if data.rules.allow", "decision-rule", "another name"),
        (
            "start if {\n\tstart := 1\n\tstart == 1\n}",
            "shadowing",
            "another name",
        ),
        ("start if f\n\nf(x) := x", "function", ""),
        ("start if f(1, 2) == 1\n\nf(x) := x", "arguments", ""),
        ("start if g(1)\n\ng := 1", "arguments", ""),
        ("start if data.gatos.missing == 1", "function", ""),
        ("start if data.gatos.missing(1, 2) == 1", "arguments", ""),
        (
            "start if data.gatos.nothing(1) == 1",
            "unknown-function",
            "",
        ),
        (
            "start if 1 == 1\n\ntest_a if 1 == 1",
            "rule-name",
            "_test.rgs",
        ),
        ("start if 1 == 1\n\na.b := 1", "rule-name", ""),
        (
            "start if 1 == 1\n\ndefault allow := false",
            "decision-rule",
            "",
        ),
        (
            "start if v == 1\n\nv := 1 if input.a\n\nv := 2 if input.b",
            "conflict",
            "else",
        ),
        (
            "start if f(1) == 1\n\nf(x) := 1 if x > 0\n\nf(x) := 2 if x < 5",
            "conflict",
            "else",
        ),
        (
            "start if v == {}\n\nv[x] := 1 if some x in input.a",
            "conflict",
            "pairs",
        ),
        (
            "start if {k: v | some k, v in input.a} == {}",
            "conflict",
            "pairs",
        ),
        (
            "start if v == 1\n\nv := x if some x in input.a",
            "conflict",
            "collect",
        ),
        (
            "start if f(1)\n\nf(x) := input.a[_] == x",
            "conflict",
            "collect",
        ),
        (
            "start if v == []\n\ndefault v := [x | some x in input.a]",
            "default",
            "else",
        ),
        ("start if f(1) == 1\n\ndefault f(_) := 1", "default", "else"),
        ("start if {\n\t{\"a\": x} = input\n\tx\n}", "pattern", ":="),
        ("start if x == 1", "engine", ""),
        ("start if {", "syntax", ""),
        ("start if 1 == \u{202e}2", "text", "leave it out"),
        ("start if {{{}", "syntax", ""),
    ];
    for (rest, code, help) in cases {
        let found = refused(&with(rest));
        let first = &found.list[0];
        assert_eq!(first.code, code, "{rest}\n{found}");
        assert!(
            first.help.as_deref().unwrap_or_default().contains(help),
            "{rest}\n{found}"
        );
    }
}

#[test]
fn a_diagnostic_shows_the_place() {
    let found = refused(&with("start if {\n\ttime.now_ns() < input.time\n}"));
    let first = &found.list[0];
    assert_eq!(
        first.place,
        Place {
            line: 14,
            column: 2
        }
    );
    assert_eq!(
        (first.excerpt.as_str(), first.width),
        ("\ttime.now_ns() < input.time", 11)
    );
    let shown = first.to_string();
    assert!(shown.contains("error[unknown-function]: there is no function `time.now_ns`"));
    assert!(shown.contains("--> rules.rgs:14:2"), "{shown}");
    assert!(shown.contains(" ^^^^^^^^^^^\n"), "{shown}");
}

#[test]
fn every_decision_rule_needs_all_of_its_metadata() {
    let whole = Rule::new("rule", "event.append").text("allow if 1 == 1");
    let whole = format!("package rules\n{whole}");
    compile(&[Module::new("rules.rgs", whole.clone())]).unwrap();
    for key in [
        "# title",
        "#   id",
        "#   adr",
        "#   severity",
        "#   intent",
        "#   message",
    ] {
        let text: Vec<&str> = whole
            .lines()
            .filter(|line| !line.starts_with(key))
            .collect();
        let found = refused(&text.join("\n"));
        assert_eq!(found.list[0].code, "metadata", "{key}\n{found}");
        let name = key.trim_start_matches(['#', ' ']);
        assert!(found.list[0].message.contains(name), "{key}\n{found}");
    }
    let changed = [
        ("# METADATA", "# METADATUM", "no-metadata"),
        ("#   id: rule", "#   id: Rule", "metadata"),
        ("#   id: rule", "#   id: gatos-rule", "metadata"),
        ("#   severity: error", "#   severity: fatal", "metadata"),
        ("#   severity: error", "#   severity: warning", "severity"),
        ("\"event.append\"", "event.eat", "metadata"),
        ("#   adr", "#   ard", "metadata"),
        ("# title", "# titel", "metadata"),
        (
            "#   message: rule speaks\n",
            "#   message: rule speaks\n#   scope: a/*\n",
            "metadata",
        ),
        (
            "#   message: rule speaks\n",
            "#   message: rule speaks\n\n",
            "no-metadata",
        ),
        (
            "#   message: rule speaks\n",
            "#   message: rule speaks\nhelper := 1\n\n",
            "no-metadata",
        ),
        ("#   message", "#   id: other\n#   message", "metadata"),
        ("allow if", "allow := 1 if", "decision-rule"),
        ("allow if", "allow contains 1 if", "decision-rule"),
        (
            "allow if 1 == 1",
            "allow if 1 == 2\nelse if 1 == 1",
            "decision-rule",
        ),
        ("package rules", "package gatos", "package"),
        ("package rules", "package a.b.c.d.e", "package"),
        (
            "package rules",
            "package rules\n\nimport input.actor",
            "import",
        ),
    ];
    for (from, to, code) in changed {
        let text = whole.replacen(from, to, 1);
        assert_ne!(text, whole, "{from}");
        let found = refused(&text);
        assert!(found.list.iter().any(|d| d.code == code), "{to}\n{found}");
    }
    let twice = format!(
        "{whole}\n{}",
        Rule::new("rule", "push.ref").text("allow if 1 == 1")
    );
    assert_eq!(refused(&twice).list[0].code, "duplicate-id");
    let sets = Rule::new("set", "push.ref").text("deny contains true if 1 == 1");
    let booleans = Rule::new("boolean", "push.ref").text("deny if 1 == 1");
    assert_eq!(
        refused(&format!("package rules\n{sets}{booleans}")).list[0].code,
        "decision-rule"
    );
}

#[test]
fn a_policy_of_helpers_alone_is_no_policy() {
    assert_eq!(
        refused("package rules\n\nhelper := 1\n").list[0].code,
        "no-rules"
    );
    assert!(compile(&[]).unwrap().is_empty());
    for name in ["Rules.rgs", "../rules.rgs", "a b.rgs", "rules_test.rgs", ""] {
        let found = compile(&[Module::new(name, "package rules\n")]).unwrap_err();
        assert_eq!(found.list[0].code, "module-name", "{name}");
    }
}
