//! Whatever text is compiled, nothing panics; and what compiles is one program, whichever way it is read,
//! that runs alike in two machines and within its limits.

use gatos_core::cbor;
use gatos_core::echolua::{Fold, FoldError, Limits, Program};
use gatos_core::value::Value;

const LIMITS: Limits = Limits {
    fuel_per_event: 20_000,
    memory_bytes: 1 << 20,
};

pub(crate) fn check(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    match Program::compile(&source, "fuzz.lua") {
        Ok(compiled) => law(&compiled.program, &events()),
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
}

/// The law for a program, so that other ways of making programs can use it.
pub(crate) fn law(program: &Program, events: &[Value]) {
    let read = Program::from_elc(&program.to_elc()).expect("what was written is not read");
    assert_eq!(read.root(), program.root());
    let listing = program.listing();
    // A constant can be larger than a source.
    if let Ok(again) = Program::compile(&listing, "listing.lua") {
        assert_eq!(again.program.to_elc(), program.to_elc(), "{listing}");
    }
    let by_value = outcome(program, events, |fold, event| Ok(fold.step(event)?.fuel));
    let by_bytes = outcome(&read, events, |fold, event| {
        Ok(fold.step_encoded(&cbor::encode(event))?.fuel)
    });
    assert_eq!(by_value, by_bytes, "{listing}");
    if let Ok((_, fuel)) = by_value {
        assert!(fuel.iter().all(|fuel| *fuel <= LIMITS.fuel_per_event));
    }
}

type Outcome = Result<(Value, Vec<u64>), FoldError>;

fn outcome(
    program: &Program,
    events: &[Value],
    step: impl Fn(&mut Fold, &Value) -> Result<u64, FoldError>,
) -> Outcome {
    let mut fold = Fold::start(program, LIMITS, None)?;
    let fuel: Result<Vec<u64>, FoldError> =
        events.iter().map(|event| step(&mut fold, event)).collect();
    Ok((fold.state()?, fuel?))
}

fn events() -> Vec<Value> {
    let payload = |n: i64| {
        let list = Value::list([3, 1, n].map(Value::from));
        Value::map([("n", n.into()), ("text", "é".into()), ("list", list)])
    };
    (0..3)
        .map(|n| Value::map([("n", n.into()), ("payload", payload(n))]))
        .collect()
}
