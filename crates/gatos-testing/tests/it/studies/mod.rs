//! The studies' numbers, computed again by methods and arithmetic that the programs do not use.

mod co2;
mod determinism;
mod folds;
mod penguins;
mod refusals;
mod regression;

use std::fs;
use std::path::{Path, PathBuf};

use gatos_testing::{Job, Outputs};
use serde_json::Value;

const CO2_PARAMETERS: &str = r#"{"harmonics": 2, "trend_degree": 3}"#;
const PENGUINS_PARAMETERS: &str = r#"{"permutations": 9999, "seed": 20071112}"#;

/// A file of a study.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../experiments")
        .join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The CO2 study on this file and this state.
fn co2_job(csv: &str, state: &str) -> Job {
    Job::new(&path("co2/analysis"))
        .and_then(|job| job.input("co2", csv.as_bytes()))
        .and_then(|job| job.input("yearly.json", state.as_bytes()))
        .and_then(|job| job.parameters(CO2_PARAMETERS))
        .unwrap()
}

/// The penguin study on this file.
fn penguins_job(csv: &str) -> Job {
    Job::new(&path("penguins/analysis.py"))
        .and_then(|job| job.input("penguins", csv.as_bytes()))
        .and_then(|job| job.parameters(PENGUINS_PARAMETERS))
        .unwrap()
}

fn json(outputs: &Outputs, name: &str) -> Value {
    serde_json::from_slice(&outputs[name]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("`{value}` is no number"))
}

/// Whether a result rounded to `places` decimals can be `expected`, computed with floats.
fn assert_rounded(what: &str, result: &Value, expected: f64, places: i32) {
    let tolerance = 0.5 * 10_f64.powi(-places) + 1e-8;
    assert!(
        (number(result) - expected).abs() <= tolerance,
        "{what}: the study says {result}, this test {expected}"
    );
}

/// Every number of a result that a person would quote must be quoted right in the README.
fn assert_quoted(readme: &str, results: &str, keys: &[&str]) {
    for key in keys {
        let after = results
            .split_once(&format!("\"{key}\": "))
            .unwrap_or_else(|| panic!("{key}"))
            .1;
        let digits: String = after
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        assert!(!digits.is_empty(), "{key} is no positive number");
        assert!(
            readme.contains(&digits),
            "the README does not quote {key}, {digits}"
        );
    }
}
