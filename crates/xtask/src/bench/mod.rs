//! `cargo xtask bench`: us and a rival, measured in the same run.
//!
//! A benchmark of a library is a target `[[bench]] harness = false` of the crate it measures; it
//! prints one line as [`Result`] reads it. Those of whole commands are here.

mod folder;
mod gate;
mod measure;
mod run;
mod start_up;

use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, quiet, say};
use crate::setup;

/// Measure us and a named rival, and print the ratios
///
/// A ratio above 1 is good for us. Ends with exit code 1 if one is below what is wanted.
#[derive(Args, Clone, Debug)]
pub(crate) struct Bench {
    /// What to measure; everything if not given
    name: Vec<String>,
    /// Print one line of JSON for each
    #[arg(long)]
    json: bool,
    /// Print the names only
    #[arg(long)]
    list: bool,
}

/// One measurement.
#[derive(Clone, Debug)]
struct Measured {
    bench: String,
    ours: f64,
    rival: f64,
    unit: String,
    ratio: f64,
    want: f64,
}

/// A benchmark, and how it is run.
enum Benchmark {
    Here(&'static str, fn() -> Outcome<Measured>),
    Cargo { package: String, name: String },
}

impl Bench {
    pub(crate) fn run(&self) -> Outcome {
        let all = benchmarks()?;
        if let Some(unknown) = self
            .name
            .iter()
            .find(|name| all.iter().all(|one| one.name() != *name))
        {
            let names: Vec<_> = all.iter().map(Benchmark::name).collect();
            let hint = format!("the names are {}", names.join(", "));
            return Err(Failure::new(format!("there is no benchmark `{unknown}`")).hint(hint));
        }
        let chosen = all
            .iter()
            .filter(|one| self.name.is_empty() || self.name.iter().any(|name| name == one.name()));
        if self.list {
            chosen.for_each(|one| println!("{}", one.name()));
            return Ok(());
        }
        setup::ready()?;
        require_rivals(chosen.clone())?;
        let mut short = Vec::new();
        for benchmark in chosen {
            say(benchmark.name());
            let measured = benchmark.measure(self.json)?;
            println!(
                "{}",
                if self.json {
                    measured.json()
                } else {
                    measured.line()
                }
            );
            if measured.ratio < measured.want {
                short.push(measured.bench);
            }
        }
        if short.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "below what is wanted: {}",
            short.join(", ")
        )))
    }
}

/// Installs the rivals that nothing else needs.
fn require_rivals<'b>(mut chosen: impl Iterator<Item = &'b Benchmark>) -> Outcome {
    if chosen.any(|benchmark| benchmark.name() == "group-commit-redis") {
        // The server, under the name that comes without a service that starts by itself.
        setup::require(&["redis-check-rdb"])?;
    }
    Ok(())
}

impl Benchmark {
    fn name(&self) -> &str {
        match self {
            Self::Here(name, _) => name,
            Self::Cargo { name, .. } => name,
        }
    }

    /// Measure, and print what a benchmark says before its result: lines of JSON if `json`, else those
    /// for people.
    fn measure(&self, json: bool) -> Outcome<Measured> {
        match self {
            Self::Here(_, measure) => measure(),
            Self::Cargo { package, name } => {
                let cargo = || {
                    let mut cargo = checkout::cargo("bench");
                    cargo.args(["--quiet", "--locked", "--workspace", "--bench", name]);
                    cargo
                };
                quiet(cargo().arg("--no-run"))?;
                measure::settle_disk()?;
                let printed = capture(&mut cargo())?;
                let mut lines: Vec<&str> = printed.lines().collect();
                let line = lines.iter().rposition(|line| line.starts_with('{'));
                let line = line.map(|at| lines.remove(at));
                for line in lines.iter().filter(|line| line.starts_with('{') == json) {
                    println!("{line}");
                }
                line.and_then(Measured::read).ok_or_else(|| {
                    Failure::new(format!(
                        "benchmark `{name}` of `{package}` printed no result"
                    ))
                })
            }
        }
    }
}

impl Measured {
    /// From the times that both need for the same, in seconds.
    fn of_times(bench: &str, ours: f64, rival: f64, want: f64) -> Self {
        let unit = "s".to_owned();
        Self {
            bench: bench.to_owned(),
            ours,
            rival,
            unit,
            ratio: rival / ours,
            want,
        }
    }

    fn read(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let number = |field: &str| value.get(field)?.as_f64();
        let text = |field: &str| value.get(field)?.as_str().map(str::to_owned);
        Some(Self {
            bench: text("bench")?,
            ours: number("ours")?,
            rival: number("rival")?,
            unit: text("unit")?,
            ratio: number("ratio")?,
            want: number("want")?,
        })
    }

    fn json(&self) -> String {
        json!({
            "bench": self.bench, "ours": rounded(self.ours), "rival": rounded(self.rival),
            "unit": self.unit, "ratio": rounded(self.ratio), "want": rounded(self.want),
        })
        .to_string()
    }

    fn line(&self) -> String {
        let Self {
            bench,
            ours,
            rival,
            unit,
            ratio,
            want,
        } = self;
        let verdict = if ratio < want { "TOO LOW" } else { "ok" };
        let (ours, rival) = (figure(*ours, unit), figure(*rival, unit));
        format!(
            "{bench:<18} {ours:>12} to {rival:>12}   ratio {ratio:>7.2}, wanted {want:.2}: {verdict}"
        )
    }
}

/// A figure as people read it: times in a unit that leaves some digits before the point.
fn figure(number: f64, unit: &str) -> String {
    match unit {
        "s" if number < 1e-3 => format!("{:.1} us", number * 1e6),
        "s" if number < 1.0 => format!("{:.2} ms", number * 1e3),
        _ => format!("{number:.4} {unit}"),
    }
}

/// Four significant digits are more than a noisy machine can tell.
fn rounded(number: f64) -> f64 {
    format!("{number:.3e}").parse().unwrap_or(number)
}

/// Those of whole commands, and every benchmark that a crate of the workspace declares.
fn benchmarks() -> Outcome<Vec<Benchmark>> {
    let mut metadata = Command::new("cargo");
    metadata.args([
        "metadata",
        "--no-deps",
        "--format-version=1",
        "--offline",
        "--locked",
    ]);
    let text = capture(metadata.current_dir(checkout::root()))?;
    let metadata: Value = serde_json::from_str(&text).named("cargo metadata")?;
    let mut found = vec![
        Benchmark::Here("start-up", start_up::measure),
        Benchmark::Here("run", run::measure_run),
        Benchmark::Here("reproduce", run::measure_reproduce),
        Benchmark::Here("gate-100", gate::measure_hundred),
        Benchmark::Here("gate-1000", gate::measure_thousand),
        Benchmark::Here("gate-events", gate::measure_events),
    ];
    for package in list(&metadata, "packages") {
        for target in list(package, "targets") {
            let text = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
            let is_bench = list(target, "kind").iter().any(|kind| kind == "bench");
            if let (true, Some(package), Some(name)) = (is_bench, text(package), text(target)) {
                found.push(Benchmark::Cargo { package, name });
            }
        }
    }
    Ok(found)
}

fn list<'value>(value: &'value Value, field: &str) -> &'value [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{Measured, figure};

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let line = r#"{"bench":"x","ours":2.0,"rival":4.0,"unit":"s","ratio":2.0,"want":0.5}"#;
        let measured = Measured::read(line).expect("a result");
        assert_eq!(
            Measured::read(&measured.json()).expect("a result").json(),
            measured.json()
        );
        assert_eq!(
            Measured::of_times("x", 2.0, 4.0, 0.5).json(),
            measured.json()
        );
        assert!(Measured::read("{}").is_none());
        assert!(
            Measured::of_times("x", 2.0, 0.5, 0.5)
                .line()
                .ends_with("TOO LOW")
        );
    }

    #[test]
    fn a_figure_has_digits_that_say_something() {
        assert_eq!(figure(0.000_028_34, "s"), "28.3 us");
        assert_eq!(figure(0.001_23, "s"), "1.23 ms");
        assert_eq!(figure(12.5, "s"), "12.5000 s");
        assert_eq!(figure(0.5, "MB"), "0.5000 MB");
    }
}
