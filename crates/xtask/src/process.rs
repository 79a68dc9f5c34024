//! Starting other programs: shown before they run, and named when they fail.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Named, Outcome};

/// Prints one line about what is being done.
pub(crate) fn say(line: &str) {
    eprintln!("==> {line}");
}

/// Prints the command as it could be typed, runs it, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Outcome {
    eprintln!("  $ {}", shown(command));
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed with {status}", shown(command))).with_code(status.code()))
}

/// Runs the command silently and returns what it printed, without the line end.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        let what = format!("`{}` failed with {}", shown(command), output.status);
        return Err(Failure::new(what).with_code(output.status.code()));
    }
    let text = String::from_utf8(output.stdout).named(shown(command))?;
    Ok(text.trim_end().to_owned())
}

/// Runs the command and shows what it printed only if it fails.
pub(crate) fn quiet(command: &mut Command) -> Outcome {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(Failure::new(format!(
        "`{}` failed with {}",
        shown(command),
        output.status
    ))
    .with_code(output.status.code()))
}

/// Whether the command starts and succeeds; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// The first program of that name on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// The command as it could be typed.
fn shown(command: &Command) -> String {
    let mut words = vec![quoted(command.get_program())];
    words.extend(command.get_args().map(quoted));
    words.join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%#^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "cannot start `{}`: {error}",
        command.get_program().to_string_lossy()
    ))
    .hint("`cargo xtask setup` installs what is missing")
}
