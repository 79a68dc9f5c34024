//! Every error has an explanation, whose example has that error.

use gatos_core::cbor;
use gatos_core::echolua::{Explanation, Fold, Limits, Program, Rule, explanation, explanations};

use super::parse;

/// The numbers of the errors that are no rules of the source.
fn numbers() -> Vec<u16> {
    let rules = Rule::ALL.iter().map(|rule| rule.number);
    rules
        .chain(201..=220)
        .chain(301..=305)
        .chain(401..=403)
        .chain(501..=510)
        .collect()
}

/// The example and what it is written in.
fn example(explanation: &Explanation) -> (&'static str, &'static str) {
    let (_, block) = explanation.text.split_once("```").expect("an example");
    let (block, after) = block.split_once("```").expect("the example ends");
    assert_eq!(after, "", "{}: the example is last", explanation.code);
    block.split_once('\n').expect("an example has lines")
}

/// The errors that an example of EchoLua has.
fn errors_of_source(example: &str) -> Vec<String> {
    let (mut source, mut events, mut limits) = (String::new(), Vec::new(), Limits::default());
    for line in example.lines() {
        let Some(field) = line.strip_prefix("--# ") else {
            source.push_str(line);
            source.push('\n');
            continue;
        };
        match field.split_once(' ').expect("a field has a value") {
            ("event", json) => events.push(cbor::encode(&parse(json))),
            ("bytes", hex) => events.push(hex_bytes(hex)),
            ("limit-memory", bytes) => limits.memory_bytes = bytes.parse().unwrap(),
            ("repeat", what) => {
                let (times, line) = what.split_once(' ').unwrap();
                source.push_str(&format!("{line}\n").repeat(times.parse().unwrap()));
            }
            (name, _) => panic!("unknown field `{name}`"),
        }
    }
    let program = match Program::compile(&source, "example.lua") {
        Err(error) => return error.list.iter().map(|d| code(d.rule.number)).collect(),
        Ok(compiled) => compiled.program,
    };
    let mut fold = Fold::start(&program, limits, None).unwrap();
    let ended = events
        .iter()
        .filter_map(|event| fold.step_encoded(event).err());
    ended.map(|error| code(error.fault.code())).collect()
}

fn code(number: u16) -> String {
    format!("E{number:04}")
}

fn hex_bytes(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn every_error_is_explained_and_shown() {
    let found: Vec<&str> = explanations().map(|one| one.code).collect();
    let wanted: Vec<String> = numbers().into_iter().map(code).collect();
    assert_eq!(found, wanted, "one section for each error, in order");
    for explanation in explanations() {
        let (language, example) = example(&explanation);
        let errors = match language {
            "lua" => errors_of_source(example),
            "json" => {
                let error = Program::from_elc(&cbor::encode(&parse(example))).unwrap_err();
                vec![error.to_string()]
            }
            _ => vec![
                Program::from_elc(&hex_bytes(example))
                    .unwrap_err()
                    .to_string(),
            ],
        };
        let named = errors
            .iter()
            .any(|error| error.starts_with(explanation.code));
        assert!(named, "{}: its example has {errors:?}", explanation.code);
        let sentences = explanation.text.split("```").next().unwrap();
        assert!(sentences.len() > 60, "{}: says little", explanation.code);
        let rule = Rule::ALL
            .iter()
            .find(|rule| code(rule.number) == explanation.code);
        assert!(rule.is_none_or(|rule| rule.name == explanation.name));
    }
}

#[test]
fn an_error_can_be_named_in_several_ways() {
    for name in ["E0111", "e0111", "0111", "111", "E111"] {
        assert_eq!(explanation(name).unwrap().name, "absent-name");
    }
    for name in ["", "E", "E9999", "pairs", "-1", "E00000111111"] {
        assert_eq!(explanation(name), None, "{name}");
    }
}
