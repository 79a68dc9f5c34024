//! `cargo xtask fuzz`: the fuzz targets, mutated by libFuzzer under AddressSanitizer on stable Rust.
//!
//! A target is a binary of `crates/<crate>/fuzz`, whose manifest says where its seeds are. What is
//! found on the way stays in the cache; the checkout keeps seeds only.

mod target;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use self::target::Target;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{run, say};

/// Instrumentation as libFuzzer wants it, with overflow of C and of `unsafe` code found by ASan.
const FLAGS: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Zsanitizer=address",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];
/// Longest that one input may take, in seconds, and the most memory, in MiB.
const LIMITS: [&str; 2] = ["-timeout=25", "-rss_limit_mb=2048"];

/// Mutate the inputs of the fuzz targets
///
/// Ends with exit code 1 if a law is broken, and says which input breaks it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Fuzz {
    /// Which targets; all if not given
    target: Vec<String>,
    /// How long each is run
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Print the names only
    #[arg(long)]
    list: bool,
}

impl Fuzz {
    pub(crate) fn run(&self) -> Outcome {
        let all = target::all()?;
        if let Some(unknown) = self
            .target
            .iter()
            .find(|name| all.iter().all(|one| one.name != **name))
        {
            let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
            let hint = format!("the targets are {}", names.join(", "));
            return Err(Failure::new(format!("there is no target `{unknown}`")).hint(hint));
        }
        let chosen = all
            .iter()
            .filter(|one| self.target.is_empty() || self.target.contains(&one.name));
        if self.list {
            chosen.for_each(|one| println!("{}", one.name));
            return Ok(());
        }
        let mut broken = Vec::new();
        for target in chosen {
            let program = build(target)?;
            say(&format!("{}, {} s", target.name, self.seconds));
            if let Err(failure) = mutate(target, &program, self.seconds) {
                eprintln!("{failure}");
                broken.push(target.name.as_str());
            }
        }
        if broken.is_empty() {
            return Ok(());
        }
        Err(
            Failure::new(format!("a law is broken: {}", broken.join(", ")))
                .hint("make the input small with `-minimize_crash=1`, and a seed of it"),
        )
    }
}

/// Builds a target and returns the program.
fn build(target: &Target) -> Outcome<PathBuf> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let products = checkout::target().join("fuzz");
    let mut cargo = checkout::cargo("build");
    cargo
        .args(["--release", "--locked", "--quiet", "--target", &triple])
        .arg("--manifest-path")
        .arg(target.folder.join("Cargo.toml"))
        .args(["--bin", &target.name])
        .env("CARGO_TARGET_DIR", &products)
        .env("RUSTFLAGS", FLAGS.join(" "))
        // The sanitizer's flag is not stable; nothing else is built like this.
        .env("RUSTC_BOOTSTRAP", "1");
    run(&mut cargo)?;
    Ok(products.join(triple).join("release").join(&target.name))
}

fn mutate(target: &Target, program: &Path, seconds: u32) -> Outcome {
    let cache = checkout::cache()?.join("fuzz").join(&target.name);
    let (found, broken) = (cache.join("found"), cache.join("broken"));
    for folder in [&found, &broken] {
        fs::create_dir_all(folder).named(folder.display())?;
    }
    let log = cache.join("log");
    let output = fs::File::create(&log).named(log.display())?;
    let mut fuzzer = Command::new(program);
    fuzzer
        .args(LIMITS)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.max_len))
        .arg(format!("-artifact_prefix={}/", broken.display()))
        .arg("-print_final_stats=1")
        .arg(&found)
        .args(&target.seeds)
        .stderr(output);
    let status = fuzzer.status().named(program.display())?;
    let said = fs::read(&log).named(log.display())?;
    let said = String::from_utf8_lossy(&said);
    if !status.success() {
        let end: Vec<_> = said.lines().rev().take(40).collect();
        end.iter().rev().for_each(|line| eprintln!("{line}"));
        let what = format!("`{}` ended with {status}", target.name);
        return Err(Failure::new(what).hint(format!("the whole log is {}", log.display())));
    }
    println!("{:<16} {}", target.name, summary(&said));
    Ok(())
}

/// How much was tried, from the fuzzer's log.
fn summary(log: &str) -> String {
    let last = |key: &str| {
        let line = log.lines().rfind(|line| line.contains(key))?;
        let (_, rest) = line.split_once(key)?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let number = |key| last(key).unwrap_or_else(|| "?".to_owned());
    format!(
        "{} inputs, {} a second, {} edges covered, {} MiB",
        number("stat::number_of_executed_units:"),
        number("stat::average_exec_per_sec:"),
        number(" cov: "),
        number("stat::peak_rss_mb:"),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_log_says_how_much_was_tried() {
        let log = "#2\tINITED cov: 7 ft: 8\n#9\tNEW    cov: 12 ft: 8 corp: 1/1b\n\
                   stat::number_of_executed_units: 345\nstat::average_exec_per_sec:     17\n\
                   stat::peak_rss_mb:              41\n";
        let said = super::summary(log);
        assert_eq!(said, "345 inputs, 17 a second, 12 edges covered, 41 MiB");
        assert!(super::summary("").starts_with("? inputs"));
    }
}
