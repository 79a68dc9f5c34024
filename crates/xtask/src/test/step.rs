//! One step of the tests: a command, shown while it runs, whose test results are counted.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Named, Outcome};
use crate::process::{self, say};

/// A command with a name for the summary.
pub(super) struct Step {
    name: &'static str,
    command: Command,
    counts: Counts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Nothing,
    Tests,
}

/// How many tests there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Step {
    /// A step that passes when the command succeeds.
    pub(super) fn plain(name: &'static str, command: Command) -> Self {
        Self {
            name,
            command,
            counts: Counts::Nothing,
        }
    }

    /// A step that runs tests, which are counted.
    pub(super) fn counting(name: &'static str, command: Command) -> Self {
        Self {
            name,
            command,
            counts: Counts::Tests,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the command; what it prints is shown as it comes.
    pub(super) fn run(&mut self) -> Outcome<Option<Count>> {
        say(self.name);
        match self.counts {
            Counts::Nothing => process::run(&mut self.command).map(|()| None),
            Counts::Tests => counted(&mut self.command).map(Some),
        }
    }
}

fn counted(command: &mut Command) -> Outcome<Count> {
    let mut child = command.stdout(Stdio::piped()).spawn().named("cargo")?;
    let mut count = Count::default();
    let printed = child
        .stdout
        .take()
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines);
    for line in printed.map_while(Result::ok) {
        count.add(&line);
        eprintln!("{line}");
    }
    let status = child.wait().named("cargo")?;
    if status.success() {
        Ok(count)
    } else {
        Err(Failure::new(format!("{count}")).with_code(status.code()))
    }
}

impl Count {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; …`.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        let results = rest.split_once(". ").map_or(rest, |(_, results)| results);
        for result in results.split("; ") {
            let Some((number, word)) = result.split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tests passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    fn check(lines: &[&str], expected: (u64, u64, u64)) {
        let mut count = Count::default();
        lines.iter().for_each(|line| count.add(line));
        assert_eq!(
            (count.passed, count.failed, count.ignored),
            expected,
            "{lines:?}"
        );
    }

    #[test]
    fn results_of_several_programs_add_up() {
        let ok = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
                  finished in 0.00s";
        let bad = "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        check(&[ok, "running 3 tests", bad], (5, 1, 1));
        check(&["test a ... ok"], (0, 0, 0));
    }
}
