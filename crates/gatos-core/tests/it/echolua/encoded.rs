//! Events as bytes: they give what the same events as values give, to the unit of fuel, whatever
//! events came before them.

use gatos_core::cbor;
use gatos_core::echolua::{Fault, Fold, FoldError, Limits, Program};
use gatos_core::value::{Shape, Value, values};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{cases, compile, parse};

/// Keeps parts of events, changes events, and puts parts of the state into them.
const KEEPER: &str = "
    function initial() return { kept = {}, last = {}, n = 0 } end
    local function note(state, event)
      if type(event) ~= 'table' then return end
      local first
      for key, value in dpairs(event) do
        if type(value) == 'table' then first = first or value end
      end
      if state.n % 4 == 0 then state.last = event end
      if state.n % 4 == 1 and first then state.kept = first end
      if state.n % 4 == 2 then event.extra = state.kept state.both = state.kept end
      if state.n % 4 == 3 and first then first.more = { n = state.n } event.again = first end
      if state.n % 9 == 8 then state.kept, state.last, state.both = {}, {}, null end
    end
    function fold(state, event)
      state.n = state.n + 1
      if type(event) == 'table' and event.mixed == nil then note(state, event) end
      return state
    end";

fn made_up(count: usize) -> Vec<Value> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = values(Shape::default());
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Events of one shape, among them some of another.
fn measured(count: i64) -> Vec<Value> {
    (0..count)
        .map(|n| match n % 11 {
            10 => parse(r#"{"payload":[{"a":1},[2],{"b":{"c":0.5}}]}"#),
            9 => parse(&format!(r#"{{"index":{n},"other":true}}"#)),
            _ => parse(&format!(
                r#"{{"type":"row","ulid":"01ARZ3NDEKTSV4RRFF{n:08}","index":{n},
                    "payload":{{"mass":{n}.5,"tags":[1,{{"x":"{n}"}}],"place":{{"at":"here","n":{n}}}}}}}"#
            )),
        })
        .collect()
}

fn outcomes(
    program: &Program,
    events: &[Value],
    step: impl Fn(&mut Fold, &Value) -> Result<u64, FoldError>,
) -> Vec<Result<(u64, Value), FoldError>> {
    let mut fold = Fold::start(program, Limits::default(), None).unwrap();
    events
        .iter()
        .map(|event| {
            let outcome = step(&mut fold, event).and_then(|fuel| Ok((fuel, fold.state()?)));
            if outcome.is_err() {
                fold = Fold::start(program, Limits::default(), None).unwrap();
            }
            outcome
        })
        .collect()
}

#[test]
fn bytes_are_as_good_as_values() {
    let program = compile(KEEPER).program;
    let count = cases(300, 20_000) as usize;
    for events in [made_up(count), measured(count as i64)] {
        let by_value = outcomes(&program, &events, |fold, event| Ok(fold.step(event)?.fuel));
        let by_bytes = outcomes(&program, &events, |fold, event| {
            Ok(fold.step_encoded(&cbor::encode(event))?.fuel)
        });
        assert_eq!(by_value, by_bytes);
        let worked = by_value.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(worked > events.len() / 2, "{worked} of {}", events.len());
        // A fold that begins with the state, and so has no tables of earlier events to fill again.
        let mut state = None;
        for (event, outcome) in events.iter().zip(&by_bytes) {
            let mut fresh = Fold::start(&program, Limits::default(), state.as_ref()).unwrap();
            let found = fresh.step(event);
            assert_eq!(
                found.map(|step| step.fuel),
                outcome.clone().map(|(fuel, _)| fuel)
            );
            state = outcome.as_ref().ok().map(|(_, state)| state.clone());
        }
    }
}

/// What is no value is said to be that, at whatever fuel and memory there is.
#[test]
fn bytes_that_are_no_value() {
    let program = compile("function fold(state, event) return state end").program;
    let bytes = cbor::encode(&measured(1)[0]);
    for fuel_per_event in [0, 4, 10, 20, 1000] {
        for end in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[end] ^= 0x1f;
            for wrong in [&bytes[..end], &flipped] {
                let limits = Limits {
                    fuel_per_event,
                    memory_bytes: 1 << 20,
                };
                let mut fold = Fold::start(
                    &program,
                    Limits {
                        fuel_per_event: 1000,
                        ..limits
                    },
                    None,
                )
                .and_then(|fold| Fold::start(&program, limits, Some(&fold.state()?)));
                let Ok(fold) = &mut fold else {
                    continue;
                };
                let found = fold.step_encoded(wrong).map_err(|error| error.fault);
                match (cbor::decode(wrong), found) {
                    (Err(error), Err(Fault::Encoding { source })) => assert_eq!(*source, error),
                    (Ok(_), Ok(_) | Err(Fault::Fuel { .. })) => {}
                    (decoded, found) => panic!("{decoded:?} {found:?}"),
                }
            }
        }
    }
}

/// An event's table is filled again, and its order is believed where it is the order that was read: not
/// after a program has changed it.
#[test]
fn keys_out_of_order_are_refused_whatever_the_table_before_had() {
    let program = compile("function fold(state, event) event.a = nil return state end").program;
    let mut fold = Fold::start(&program, Limits::default(), None).unwrap();
    let integers = |keys: &[&str]| Value::map(keys.iter().map(|key| (*key, Value::from(1))));
    fold.step_encoded(&cbor::encode(&integers(&["a", "b", "c"])))
        .unwrap();
    // {"c": 1, "b": 1}, as the fields stand now that the first is gone
    let error = fold.step_encoded(b"\xa2\x61c\x01\x61b\x01").unwrap_err();
    assert!(
        matches!(error.fault, Fault::Encoding { .. }),
        "{:?}",
        error.fault
    );
}

/// The end of fuel and of memory comes at the same place, wherever that is in the event.
#[test]
fn limits_are_met_at_the_same_place() {
    let program = compile("function fold(state, event) state.e = event return state end").program;
    let event = &measured(1)[0];
    let (mut ended, mut folded) = (0, 0);
    for limit in 0..2500 {
        for limits in [
            Limits {
                fuel_per_event: limit,
                memory_bytes: 1 << 20,
            },
            Limits {
                fuel_per_event: 1 << 20,
                memory_bytes: limit,
            },
        ] {
            let start = || Fold::start(&program, limits, None);
            let (Ok(mut a), Ok(mut b)) = (start(), start()) else {
                continue;
            };
            let by_value = a.step(event);
            assert_eq!(by_value, b.step_encoded(&cbor::encode(event)));
            match by_value {
                Ok(_) => folded += 1,
                Err(_) => ended += 1,
            }
        }
    }
    assert!(ended > 100 && folded > 100, "{ended} {folded}");
}
