//! `cargo xtask test`: everything that must hold before a change lands, and a summary.

mod step;

use std::fs;
use std::time::{Duration, Instant};

use clap::Args;

use self::step::{Count, Step};
use crate::architecture::Architecture;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::nix;
use crate::process::{capture, find, run, say};
use crate::setup::Setup;
use crate::study;

/// Format, lint, build, tests and the flake's checks, with a summary
///
/// Installs what is missing first. Goes on after a failure, so that one run shows them all.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Test {}

impl Test {
    pub(crate) fn run(self) -> Outcome {
        Setup {}.run()?;
        let mut summary = Summary::default();
        for mut step in steps() {
            summary.record(step.name(), || step.run());
        }
        summary.record("architecture", || {
            Architecture::default().run().map(|()| None)
        });
        // Last, because it takes what cargo built.
        summary.record("flake", || {
            let arguments = ["flake", "check", "--print-build-logs"];
            run(&mut nix::command(&checkout::root(), &arguments)?).map(|()| None)
        });
        summary.record("studies", || verdicts().map(|()| None));
        summary.finish()
    }
}

/// The heavier form of the tests
///
/// The same tests with `GATOS_SOAK=1`, which makes those that take a number of rounds take many.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Soak {}

impl Soak {
    pub(crate) fn run(self) -> Outcome {
        Setup {}.run()?;
        let mut command = checkout::cargo("test");
        command
            .args(["--workspace", "--locked", "--no-fail-fast"])
            .env("GATOS_SOAK", "1");
        let mut step = Step::counting("soak", command);
        let mut summary = Summary::default();
        summary.record(step.name(), || step.run());
        summary.finish()
    }
}

/// Shows what the flake's checks said of each study: Nix shows it only when it builds them.
fn verdicts() -> Outcome {
    for study in study::names()? {
        let check = format!(
            ".#checks.{}-linux.reproduce-{study}",
            std::env::consts::ARCH
        );
        let build = ["build", "--no-link", "--print-out-paths", &check];
        let path = capture(&mut nix::command(&checkout::root(), &build)?)?;
        let said = fs::read_to_string(&path).named(&path)?;
        eprintln!("{study}\n{}", said.trim_end());
    }
    Ok(())
}

fn steps() -> Vec<Step> {
    let mut fmt = checkout::cargo("fmt");
    fmt.args(["--all", "--check"]);
    let mut clippy = checkout::cargo("clippy");
    clippy.args([
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]);
    let mut build = checkout::cargo("build");
    build.args(["--workspace", "--all-targets", "--locked", "--quiet"]);
    let mut tests = checkout::cargo("test");
    tests.args(["--workspace", "--locked", "--quiet", "--no-fail-fast"]);
    // The gate's tests once more, with each server behind an SSH server of its own.
    let mut over_ssh = checkout::cargo("test");
    over_ssh
        .args(["--workspace", "--locked", "--quiet", "--no-fail-fast"])
        .args(["--test", "it", "--", "gate::"])
        .env("GATOS_TEST_SSH", "1");
    let mut steps = vec![
        Step::plain("format", fmt),
        Step::plain("lint", clippy),
        Step::plain("build", build),
        Step::counting("tests", tests),
        Step::counting("over ssh", over_ssh),
    ];
    steps.extend(deny());
    steps
}

/// Supply-chain rules, where `cargo deny` is installed. Its advisories need a network: left out.
fn deny() -> Option<Step> {
    if find("cargo-deny").is_none() {
        say("cargo-deny is not installed: bans, licences and sources are not checked");
        return None;
    }
    let mut deny = checkout::cargo("deny");
    deny.args([
        "--offline",
        "--all-features",
        "check",
        "--config",
        "checks/deny.toml",
    ]);
    deny.args(["bans", "licenses", "sources"]);
    Some(Step::plain("supply chain", deny))
}

#[derive(Default)]
struct Summary {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    time: Duration,
    outcome: Outcome<Option<Count>>,
}

impl Summary {
    fn record(&mut self, name: &'static str, step: impl FnOnce() -> Outcome<Option<Count>>) {
        let beginning = Instant::now();
        let outcome = step();
        if let Err(failure) = &outcome {
            eprintln!("{failure}");
        }
        self.rows.push(Row {
            name,
            time: beginning.elapsed(),
            outcome,
        });
    }

    fn finish(self) -> Outcome {
        eprintln!();
        for Row {
            name,
            time,
            outcome,
        } in &self.rows
        {
            let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
            let count = outcome.as_ref().ok().copied().flatten();
            let count = count.map(|count| format!("  {count}")).unwrap_or_default();
            eprintln!("{verdict}  {name:<14} {:>7.1} s{count}", time.as_secs_f64());
        }
        let failed = self.rows.iter().filter(|row| row.outcome.is_err()).count();
        eprintln!("{} passed, {failed} failed", self.rows.len() - failed);
        if failed == 0 {
            Ok(())
        } else {
            Err(Failure::new(format!("{failed} of the steps failed")))
        }
    }
}
