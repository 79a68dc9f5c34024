//! Programs that are right by construction: they compile, keep the law of
//! [`echolua_source`](super::echolua_source), and a fold from any checkpoint is the fold from the beginning.

use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::value::Value;

use super::choices::Random;
use super::echolua_source;

#[path = "../../tests/it/echolua/generator.rs"]
mod generator;

pub(crate) fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let mut random = Random::of(rest);
    let source = if kind % 2 == 0 {
        generator::program(&mut random)
    } else {
        generator::aliasing_program(&mut random)
    };
    let program = Program::compile(&source, "fuzz.lua")
        .unwrap_or_else(|error| panic!("{error}\n{source}"))
        .program;
    let events: Vec<Value> = (0..6).map(event).collect();
    echolua_source::law(&program, &events);
    checkpoints(&program, &events, &source);
}

fn event(n: i64) -> Value {
    let part = |n: i64| Value::map([("v", n.into()), ("m", Value::map::<String>([]))]);
    let list = Value::list([part(n), part(n + 1)]);
    let payload = Value::map([("m", part(n)), ("l", list), ("v", n.into())]);
    Value::map([("n", n.into()), ("payload", payload)])
}

fn checkpoints(program: &Program, events: &[Value], source: &str) {
    let limits = Limits {
        fuel_per_event: 20_000,
        memory_bytes: 1 << 20,
    };
    let Ok(mut whole) = Fold::start(program, limits, None) else {
        return;
    };
    let Ok(mut state) = whole.state() else { return };
    for event in events {
        let from_here = Fold::start(program, limits, Some(&state))
            .and_then(|mut fold| Ok((fold.step(event)?.fuel, fold.state()?)));
        let on = whole
            .step(event)
            .and_then(|step| Ok((step.fuel, whole.state()?)));
        match (from_here, on) {
            (Ok(here), Ok(there)) => {
                assert_eq!(here, there, "{source}");
                state = here.1;
            }
            (Err(here), Err(there)) => {
                assert_eq!(here, there, "{source}");
                return;
            }
            (here, there) => panic!("{here:?}\n{there:?}\n{source}"),
        }
    }
}
