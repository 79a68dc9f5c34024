//! The studies' folds, run by the engine on the studies' events.

use gatos_core::echolua::{Fold, Limits, Program};
use gatos_core::json;
use gatos_core::value::Value;
use gatos_testing::Outputs;

use super::{co2, co2_job, penguins, read};

/// The state after these events, from `state` or else from the beginning.
fn fold(program: &str, state: Option<&Value>, events: &[Value]) -> Value {
    let program = Program::compile(&read(program), program).unwrap().program;
    let mut fold = Fold::start(&program, Limits::default(), state).unwrap();
    for event in events {
        fold.step(event).unwrap();
    }
    fold.state().unwrap()
}

fn value(text: &str) -> Value {
    json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn get<'a>(value: &'a Value, key: &str) -> &'a Value {
    match value {
        Value::Map(map) => map
            .get(key)
            .unwrap_or_else(|| panic!("no `{key}` in {value:?}")),
        _ => panic!("{value:?} is no map"),
    }
}

/// The events that `gatos event import` makes of the file, one a row.
fn measurements() -> Vec<Value> {
    let data = read("co2/data/co2.csv");
    let event = |line: &str| {
        let (date, ppm) = line.split_once(',').unwrap();
        let ppm = if ppm.is_empty() { "null" } else { ppm };
        measurement(&format!(r#"{{"date": {date}, "co2": {ppm}}}"#))
    };
    data.lines().skip(1).map(event).collect()
}

fn measurement(payload: &str) -> Value {
    value(&format!(
        r#"{{"type": "measurement", "payload": {payload}}}"#
    ))
}

/// The events that a job's `events.jsonl` adds to the journal.
fn results(outputs: &Outputs) -> Vec<Value> {
    let lines = str::from_utf8(&outputs["events.jsonl"]).unwrap();
    lines.lines().map(value).collect()
}

#[test]
fn yearly_means_are_exact() {
    let state = fold("co2/yearly.lua", None, &measurements());
    assert_eq!(state, value(&co2::state(&co2::weeks())));
}

#[test]
fn the_job_takes_the_state_as_the_fold_leaves_it() {
    let state = fold("co2/yearly.lua", None, &measurements());
    for text in [json::to_string(&state), json::to_string_pretty(&state)] {
        let outputs = co2_job(&read("co2/data/co2.csv"), &text).run().unwrap();
        assert!(outputs == *co2::OUTPUTS);
    }
}

#[test]
fn yearly_means_can_be_folded_from_any_checkpoint() {
    let events = measurements();
    let whole = fold("co2/yearly.lua", None, &events);
    for k in [0, 1, 39, 40, 1000, events.len()] {
        let checkpoint = fold("co2/yearly.lua", None, &events[..k]);
        let rest = fold("co2/yearly.lua", Some(&checkpoint), &events[k..]);
        assert_eq!(rest, whole, "from event {k}");
    }
}

#[test]
fn yearly_means_count_what_they_cannot_use() {
    let events = measurements();
    let once = fold("co2/yearly.lua", None, &events);
    let unusable = [
        "null",
        r#""19580329,316.1""#,
        "{}",
        r#"{"co2": 316.1}"#,
        r#"{"date": "20020105", "co2": 316.1}"#,
        r#"{"date": 20020105, "co2": "316.1"}"#,
        r#"{"date": 20011229, "co2": 371.5}"#,
    ]
    .map(measurement);
    let other = value(r#"{"type": "note", "payload": {"date": 20020105, "co2": 1}}"#);
    let all = [&events[..], &events, &unusable, &[other]].concat();
    let twice = fold("co2/yearly.lua", None, &all);
    let skipped = i64::try_from(events.len() + unusable.len()).unwrap();
    assert_eq!(get(&twice, "skipped"), &Value::Integer(skipped));
    for key in ["n", "missing", "first", "last", "years"] {
        assert_eq!(get(&twice, key), get(&once, key), "{key}");
    }
}

#[test]
fn the_trend_holds_the_headline_numbers_of_the_latest_run() {
    let latest = results(&co2::OUTPUTS);
    let earlier = latest.iter().map(|event| {
        let text = json::to_string(event).replace("\"mean_rate\":1.2775", "\"mean_rate\":1.3");
        value(&text)
    });
    let events: Vec<Value> = earlier.chain(latest.iter().cloned()).collect();
    let state = fold("co2/trend.lua", None, &events);
    assert_eq!(get(&state, "runs"), &Value::Integer(2));
    assert_eq!(get(get(&state, "trend"), "mean_rate"), &value("1.2775"));
    assert_eq!(get(get(&state, "season"), "peak_to_peak"), &value("6.2246"));
    for (section, event) in ["trend", "season", "years"].iter().zip(&latest) {
        assert_eq!(get(&state, section), get(event, "payload"));
    }
}

#[test]
fn the_groups_are_those_of_the_latest_run() {
    let summary = value(str::from_utf8(&penguins::OUTPUTS["summary.json"]).unwrap());
    let latest = results(&penguins::OUTPUTS);
    let mut earlier = latest.clone();
    earlier.push(value(
        r#"{"type": "permutation-test", "payload": {"name": "of an earlier program"}}"#,
    ));
    let events = [earlier, latest].concat();
    let state = fold("penguins/groups.lua", None, &events);
    assert_eq!(get(&state, "runs"), &Value::Integer(2));
    for key in ["birds", "missing"] {
        assert_eq!(get(&state, key), get(&summary, key));
    }
    let (Value::List(groups), Value::List(tests)) =
        (get(&summary, "groups"), get(&summary, "tests"))
    else {
        panic!("no lists in the summary");
    };
    let text = |value: &Value, key: &str| match get(value, key) {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    for group in groups {
        let name = format!("{}/{}", text(group, "species"), text(group, "sex"));
        let held = get(get(&state, "groups"), &name);
        assert_eq!(get(held, "measures"), get(group, "measures"), "{name}");
        assert_eq!(get(held, "birds"), get(group, "birds"), "{name}");
    }
    for test in tests {
        assert_eq!(get(get(&state, "tests"), &text(test, "name")), test);
    }
    match get(&state, "tests") {
        Value::Map(held) => assert_eq!(held.iter().len(), tests.len()),
        other => panic!("{other:?} is no map"),
    }
}
