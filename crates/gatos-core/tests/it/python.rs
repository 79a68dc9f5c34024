//! The checker in Python, which shares no code with this crate, agrees with every vector.

use std::io::Write as _;
use std::process::{Command, Stdio};

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::json;
use gatos_core::value::{Shape, Value, values};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

/// Run the checker; `None`, and a word about it, where there is no Python.
fn check(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let script = crate::manifest().join("vectors/check.py");
    let child = Command::new("python3")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("NOT RUN: no python3 on this machine");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // A checker that ends early closes its input, which is for its exit code to say.
    let _ = writer.join().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

#[test]
fn python_agrees_with_every_vector() {
    let Some((agrees, report)) = check(&["folders"], "") else {
        return;
    };
    println!("{report}");
    assert!(agrees, "{report}");
}

/// Text that the projection writes for bytes and links, which Python reads as such.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.get("/").is_none() && map.iter().all(|(_, v)| is_plain(v)),
        Value::List(items) => items.iter().all(is_plain),
        _ => true,
    }
}

fn line(value: &Value, bytes: &[u8]) -> String {
    let hex = data_encoding::HEXLOWER.encode(bytes);
    let cid = Cid::of_dag_cbor(bytes);
    format!("{hex} {cid} {}\n", json::to_string(value))
}

#[test]
fn python_writes_the_same_bytes() {
    let mut runner = TestRunner::deterministic();
    let strategy = values(Shape::Any).prop_filter("ambiguous in JSON", is_plain);
    let mut lines = String::new();
    for _ in 0..300 {
        let value = strategy.new_tree(&mut runner).unwrap().current();
        lines.push_str(&line(&value, &cbor::encode(&value)));
    }
    let Some((agrees, report)) = check(&["lines"], &lines) else {
        return;
    };
    assert!(agrees, "{report}");
    // The harness itself can fail: bytes of another value are noticed.
    let wrong = line(&Value::from(1), &cbor::encode(&Value::from(2)));
    let (agrees, report) = check(&["lines"], &wrong).unwrap();
    assert!(!agrees, "{report}");
}
