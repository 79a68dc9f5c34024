//! Compiled rules that nobody compiled are refused: D-40 of the programme.

use gatos_core::cbor;
use gatos_core::value::{Map, Value};
use gatos_policy::{Module, Program, RgcError, TEMPLATES, compile};

use super::lab::Dice;

fn research() -> Program {
    let template = TEMPLATES.iter().find(|t| t.name == "research").unwrap();
    let modules: Vec<Module> = template
        .files
        .iter()
        .filter(|(name, _)| !name.ends_with("_test.rgs"))
        .map(|(name, text)| Module::new(*name, *text))
        .collect();
    compile(&modules).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn what_was_compiled_is_read_back() {
    let program = research();
    let read = Program::from_rgc(program.to_rgc()).unwrap();
    assert_eq!(read.root(), program.root());
    assert_eq!(read.rules(), program.rules());
    let empty = Program::from_rgc(Program::empty().to_rgc()).unwrap();
    assert!(empty.is_empty());
}

#[test]
fn the_form_from_before_there_were_rules_has_none_and_keeps_its_root() {
    let old = Value::map([("modules", Value::list([])), ("v", Value::Integer(1))]);
    let bytes = cbor::encode(&old);
    let program = Program::from_rgc(&bytes).unwrap();
    assert!(program.is_empty());
    assert_eq!(program.to_rgc(), bytes);
    assert_ne!(program.root(), Program::empty().root());
}

#[test]
fn every_truncation_and_every_changed_bit_is_refused() {
    let bytes = research().to_rgc().to_vec();
    let mut cases = 0;
    let mut dice = Dice::Seed(0x9e37_79b9_7f4a_7c15);
    for _ in 0..60 {
        let length = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
        assert!(Program::from_rgc(&bytes[..length]).is_err(), "{length}");
        cases += 1;
    }
    for _ in 0..140 {
        let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
        let mut changed = bytes.clone();
        changed[at] ^= 1 << dice.below(8);
        // A changed letter within a text or name gives other rules, which may be fine: but never these.
        if let Ok(program) = Program::from_rgc(&changed) {
            assert_eq!(program.to_rgc(), changed);
            assert_ne!(program.root(), research().root());
        }
        cases += 1;
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Program::from_rgc(&longer).is_err());
    assert!(cases >= 200);
}

/// The value with what `change` does to the map.
fn changed(value: &Value, change: &dyn Fn(&mut Map)) -> Vec<u8> {
    let Value::Map(mut map) = value.clone() else {
        panic!("a map")
    };
    change(&mut map);
    cbor::encode(&Value::Map(map))
}

/// The value with what `change` does to the first item of a list in it.
fn first(map: &mut Map, list: &str, change: &dyn Fn(&mut Map)) {
    let Some(Value::List(mut items)) = map.remove(list) else {
        panic!("a list")
    };
    let Value::Map(item) = &mut items[0] else {
        panic!("a map")
    };
    change(item);
    map.insert(list, Value::List(items));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row for each case")]
fn confused_types_and_incoherent_parts_are_refused() {
    let value = cbor::decode(research().to_rgc()).unwrap();
    let confused = [
        Value::Null,
        Value::Bool(true),
        Value::Integer(-1),
        Value::text("x"),
        Value::bytes([1, 2]),
        Value::list([]),
        Value::list([Value::Null]),
        Value::map::<String>([]),
    ];
    let mut cases = 0;
    for field in ["v", "engine", "modules", "rules"] {
        for wrong in &confused {
            let bytes = changed(&value, &|map| _ = map.insert(field, wrong.clone()));
            assert!(Program::from_rgc(&bytes).is_err(), "{field} {wrong:?}");
            cases += 1;
        }
        let bytes = changed(&value, &|map| _ = map.remove(field));
        assert!(Program::from_rgc(&bytes).is_err(), "without {field}");
    }
    let rule = [
        "id", "adr", "title", "message", "severity", "effect", "intents", "scope", "module",
    ];
    let module = ["name", "text"];
    let inner = rule.map(|field| ("rules", field)).into_iter();
    for (list, field) in inner.chain(module.map(|field| ("modules", field))) {
        for wrong in &confused {
            let bytes = changed(&value, &|map| {
                first(map, list, &|item| _ = item.insert(field, wrong.clone()));
            });
            let fits = matches!(
                (field, wrong),
                ("adr" | "title" | "message" | "id", Value::Text(_)) | ("scope", Value::Null)
            );
            let scope_of_everything = field == "scope" && *wrong == Value::text("x");
            if fits || scope_of_everything {
                continue;
            }
            assert!(
                Program::from_rgc(&bytes).is_err(),
                "{list} {field} {wrong:?}"
            );
            cases += 1;
        }
    }
    let incoherent: [&dyn Fn(&mut Map); 6] = [
        &|map| {
            first(map, "rules", &|rule| {
                _ = rule.insert("effect", Value::text("deny"))
            })
        },
        &|map| {
            first(map, "rules", &|rule| {
                _ = rule.insert("module", Value::text("other.rgs"))
            })
        },
        &|map| {
            first(map, "rules", &|rule| {
                _ = rule.insert("severity", Value::text("warning"))
            })
        },
        &|map| first(map, "rules", &|rule| _ = rule.insert("extra", Value::Null)),
        &|map| {
            let Some(Value::List(mut rules)) = map.remove("rules") else {
                panic!()
            };
            rules.swap(0, 1);
            map.insert("rules", Value::List(rules));
        },
        &|map| {
            first(map, "modules", &|module| {
                let Some(Value::Text(text)) = module.remove("text") else {
                    panic!()
                };
                module.insert("text", Value::text(format!("# a comment\n{text}")));
            });
        },
    ];
    for change in incoherent {
        assert!(Program::from_rgc(&changed(&value, change)).is_err());
        cases += 1;
    }
    assert!(cases > 100, "{cases}");
}

#[test]
fn another_engine_is_told_apart_from_damage() {
    let value = cbor::decode(research().to_rgc()).unwrap();
    let other = changed(&value, &|map| {
        _ = map.insert("engine", Value::text("rgs/2+own"))
    });
    let error = Program::from_rgc(&other).unwrap_err();
    assert!(error.is_other_engine(), "{error}");
    let later = changed(&value, &|map| _ = map.insert("v", Value::Integer(2)));
    assert!(Program::from_rgc(&later).unwrap_err().is_other_engine());
    let damaged = Program::from_rgc(b"no rules").unwrap_err();
    assert!(matches!(damaged, RgcError::Encoding(_)));
    assert!(!damaged.is_other_engine());
}

#[test]
fn a_text_that_reaches_out_of_the_profile_is_refused_in_compiled_rules_too() {
    let value = cbor::decode(research().to_rgc()).unwrap();
    let bytes = changed(&value, &|map| {
        first(map, "modules", &|module| {
            let Some(Value::Text(text)) = module.remove("text") else {
                panic!()
            };
            let text = format!("{text}late if time.now_ns() > 0\n");
            module.insert("text", Value::text(text));
        });
    });
    let error = Program::from_rgc(&bytes).unwrap_err();
    assert!(matches!(error, RgcError::Profile(_)), "{error}");
}
