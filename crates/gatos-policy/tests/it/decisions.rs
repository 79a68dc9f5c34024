//! What rules decide together: D-33 and D-42 of the programme.

use gatos_policy::{Basis, Decision, Intent, Limits, Missing, Program, Verdict, decide};

use super::lab::{Rule, input, policy};

fn append(program: &Program, fields: &str) -> Decision {
    decide(
        program,
        &input(Intent::EventAppend, fields),
        Limits::DEFAULT,
    )
}

fn allow(id: &str, condition: &str) -> String {
    Rule::new(id, "event.append").text(&format!("allow if {condition}"))
}

fn deny(id: &str, condition: &str) -> String {
    Rule::new(id, "event.append").text(&format!("deny if {condition}"))
}

fn rules(decision: &Decision) -> Vec<&str> {
    decision
        .reasons
        .iter()
        .map(|reason| reason.rule.as_str())
        .collect()
}

#[test]
fn without_rules_the_roles_decide() {
    let decision = append(&Program::empty(), "{}");
    assert_eq!(
        (decision.verdict, decision.basis),
        (Verdict::Allow, Basis::Roles)
    );
    // Rules about something else say nothing about this.
    let program = policy(&[Rule::new("other", "push.ref").text("allow if input.ref != \"\"")]);
    let decision = append(&program, "{}");
    assert_eq!(
        (decision.verdict, decision.basis),
        (Verdict::Allow, Basis::Roles)
    );
}

#[test]
fn what_no_rule_allows_is_denied() {
    let cases = [
        (vec![deny("never", "1 == 2")], "{}", "gatos-default"),
        (vec![allow("never", "1 == 2")], "{}", "never"),
        (
            vec![allow("needs-field", "input.payload.x == 1")],
            "{}",
            "needs-field",
        ),
        (
            vec![allow("needs-field", "input.payload.x.y.z")],
            r#"{"payload": 3}"#,
            "needs-field",
        ),
        (
            vec![allow("fails", "upper(input.payload) == \"A\"")],
            r#"{"payload": 3}"#,
            "gatos-failure",
        ),
        (
            vec![
                allow("yes", "1 == 1"),
                deny("fails", "upper(input.payload) == \"A\""),
            ],
            r#"{"payload": 3}"#,
            "gatos-failure",
        ),
        (
            vec![allow("a", "1 == 2"), allow("b", "1 == 3")],
            "{}",
            "gatos-default",
        ),
        (
            vec![
                allow("yes", "1 == 1"),
                Rule::new("form", "event.append").text("deny contains {\"nonsense\": 1} if 1 == 1"),
            ],
            "{}",
            "gatos-failure",
        ),
        (
            vec![
                allow("yes", "1 == 1"),
                Rule::new("form", "event.append").text("deny contains 17 if 1 == 1"),
            ],
            "{}",
            "gatos-failure",
        ),
        (
            vec![
                allow("yes", "1 == 1"),
                Rule::new("narrow", "event.append")
                    .scoped("plan/**")
                    .text("allow if 1 == 2"),
            ],
            r#"{"journal": "plan/x"}"#,
            "narrow",
        ),
    ];
    for (parts, fields, rule) in cases {
        let decision = append(&policy(&parts), fields);
        assert_eq!(decision.verdict, Verdict::Deny, "{}", parts.concat());
        assert_eq!(rules(&decision), [rule], "{}", parts.concat());
    }
    // The same with a rule that holds is allowed, so that none of these is denied by accident.
    let decision = append(
        &policy(&[allow("yes", "1 == 1"), deny("never", "1 == 2")]),
        "{}",
    );
    assert_eq!(
        (decision.verdict, decision.basis),
        (Verdict::Allow, Basis::Rules)
    );
}

#[test]
fn too_much_work_is_denied() {
    let program = policy(&[
        allow("yes", "1 == 1"),
        deny("busy", "count([x | some x in input.payload]) < 0"),
    ]);
    let numbers: Vec<String> = (0..5000).map(|n| n.to_string()).collect();
    let busy = input(
        Intent::EventAppend,
        &format!(r#"{{"payload": [{}]}}"#, numbers.join(",")),
    );
    let enough = decide(&program, &busy, Limits::DEFAULT);
    assert_eq!(enough.verdict, Verdict::Allow);
    let little = Limits { instructions: 1000 };
    let decision = decide(&program, &busy, little);
    assert_eq!(
        (decision.verdict, decision.basis),
        (Verdict::Deny, Basis::Limit)
    );
    assert_eq!(rules(&decision), ["gatos-limit"]);
}

#[test]
fn a_denial_overrides_every_permission() {
    let program = policy(&[allow("yes", "1 == 1"), deny("no", "input.type == \"bad\"")]);
    assert!(append(&program, r#"{"type": "good"}"#).is_allowed());
    let decision = append(&program, r#"{"type": "bad"}"#);
    assert_eq!(rules(&decision), ["no"]);
    let reason = &decision.reasons[0];
    assert_eq!(reason.adr.as_deref(), Some("docs/adr/no.md"));
    assert_eq!(reason.message, "no speaks");
    assert_eq!(decision.lines(), ["no: no speaks", "see docs/adr/no.md"]);
}

/// Every way in which a wide and a narrow rule can stand to each other.
#[test]
fn wide_and_narrow_take_away_from_each_other() {
    let said = |wide: bool, narrow: bool, wide_intent: &str| {
        let condition = |says: bool| {
            if says {
                "allow if 1 == 1"
            } else {
                "allow if 1 == 2"
            }
        };
        policy(&[
            Rule::new("wide", wide_intent).text(condition(wide)),
            Rule::new("narrow", "event.append")
                .scoped("plan/**")
                .text(condition(narrow)),
            Rule::new("narrower", "event.append")
                .scoped("plan/main")
                .text("allow if 1 == 1"),
        ])
    };
    for wide_intent in ["*", "event.append"] {
        for (wide, narrow) in [(true, true), (true, false), (false, true), (false, false)] {
            let program = said(wide, narrow, wide_intent);
            let inside = append(&program, r#"{"journal": "plan/main"}"#);
            assert_eq!(
                inside.is_allowed(),
                wide && narrow,
                "{wide} {narrow} {wide_intent}"
            );
            let outside = append(&program, r#"{"journal": "notes"}"#);
            assert_eq!(outside.is_allowed(), wide, "{wide} {narrow} {wide_intent}");
        }
    }
    // Rules of one tier are alternatives.
    let program = policy(&[allow("first", "1 == 2"), allow("second", "1 == 1")]);
    assert!(append(&program, "{}").is_allowed());
    // A narrow denial counts below its name only, and a name that only begins alike is not below.
    let narrow = Rule::new("closed", "event.append")
        .scoped("plan/**")
        .text("deny if 1 == 1");
    let program = policy(&[Rule::new("open", "*").text("allow if 1 == 1"), narrow]);
    for (journal, allowed) in [("plan/x", false), ("plan", true), ("planning/x", true)] {
        let decision = append(&program, &format!(r#"{{"journal": "{journal}"}}"#));
        assert_eq!(decision.is_allowed(), allowed, "{journal}");
    }
}

#[test]
fn warnings_are_recorded_and_stop_nothing() {
    let warning = Rule::new("odd", "event.append")
        .warning()
        .text("deny if input.type == \"odd\"");
    let program = policy(&[allow("yes", "1 == 1"), warning]);
    let decision = append(&program, r#"{"type": "odd"}"#);
    assert!(decision.is_allowed());
    assert_eq!(decision.warnings.len(), 1);
    assert_eq!(decision.warnings[0].rule, "odd");
    assert!(append(&program, r#"{"type": "even"}"#).warnings.is_empty());
}

#[test]
fn missing_approvals_are_named_the_smallest_first() {
    let rule = Rule::new("quorum", "event.append").text(
        "deny contains {\"missing\": missing} if {\n\
         \tmissing := data.gatos.missing({\"leads\": 3, \"security\": 1})\n\
         \tcount(missing) > 0\n}",
    );
    let program = policy(&[allow("yes", "1 == 1"), rule]);
    let ask = |approvals: &[(&str, &str, &str)]| {
        let list: Vec<String> = approvals
            .iter()
            .map(|(actor, key, verdict)| {
                format!(r#"{{"actor": "{actor}", "key": "{key}", "verdict": "{verdict}"}}"#)
            })
            .collect();
        let groups = r#"{"leads": ["ann", "bob", "cat"], "security": ["ann", "sue"]}"#;
        let cid = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua";
        append(
            &program,
            &format!(
                r#"{{"groups": {groups}, "proposal": "{cid}", "approvals": [{}]}}"#,
                list.join(",")
            ),
        )
    };
    let decision = ask(&[]);
    let said: Vec<String> = decision.reasons[0]
        .missing
        .iter()
        .map(Missing::to_string)
        .collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("one more approval from group security on proposal bafyrei"));
    assert!(said[1].starts_with("3 more approvals from group leads"));
    assert_eq!(decision.lines()[2], format!("missing: {}", said[0]));
    // Two keys of one person are one person; who rejected does not count; strangers do not.
    let two_keys = [
        ("ann", "1", "approve"),
        ("ann", "2", "approve"),
        ("bob", "3", "approve"),
    ];
    assert!(!ask(&two_keys).is_allowed());
    let three = [
        ("ann", "1", "approve"),
        ("bob", "2", "approve"),
        ("cat", "3", "approve"),
    ];
    assert!(ask(&three).is_allowed());
    let mut taken_back = three.to_vec();
    taken_back.push(("cat", "3", "reject"));
    assert!(!ask(&taken_back).is_allowed());
    let stranger = [
        ("ann", "1", "approve"),
        ("bob", "2", "approve"),
        ("dan", "3", "approve"),
    ];
    assert!(!ask(&stranger).is_allowed());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let parts = [
        allow("yes", "1 == 1"),
        Rule::new("each", "event.append")
            .text("deny contains sprintf(\"no %s\", [word]) if some word in input.payload"),
    ];
    let first = append(&policy(&parts), r#"{"payload": ["c", "a", "b", "a"]}"#);
    let messages: Vec<&str> = first.reasons.iter().map(|r| r.message.as_str()).collect();
    assert_eq!(messages, ["no a", "no b", "no c"]);
    for _ in 0..20 {
        let again = append(&policy(&parts), r#"{"payload": ["c", "a", "b", "a"]}"#);
        assert_eq!(again.to_bytes(), first.to_bytes());
    }
    let program = policy(&parts);
    let read = Program::from_rgc(program.to_rgc()).unwrap();
    let replayed = append(&read, r#"{"payload": ["c", "a", "b", "a"]}"#);
    assert_eq!(replayed.to_bytes(), first.to_bytes());
}

#[test]
fn a_message_commands_no_terminal_and_ends() {
    let echo = Rule::new("echo", "event.append").text("deny contains input.payload if 1 == 1");
    let program = policy(&[allow("yes", "1 == 1"), echo]);
    let decision = append(&program, r#"{"payload": "red \u001b[31m\nline \u202e"}"#);
    assert_eq!(
        decision.reasons[0].message,
        "red \u{fffd}[31m\u{fffd}line \u{fffd}"
    );
    let decision = append(
        &program,
        &format!(r#"{{"payload": "{}"}}"#, "x".repeat(9000)),
    );
    assert_eq!(decision.reasons[0].message.chars().count(), 501);
}
