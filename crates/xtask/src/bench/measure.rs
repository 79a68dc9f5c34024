//! Taking times of whole commands, ours and the rival's in turns.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::{Failure, Named, Outcome};
use crate::process::quiet;

/// The median of a few times, in seconds.
pub(super) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Have written what a build left to write: it would be written while something is measured.
pub(super) fn settle_disk() -> Outcome {
    quiet(&mut Command::new("sync"))
}

/// How long a command takes, in seconds. What it prints is dropped; it must succeed.
pub(super) fn time(command: &mut Command) -> Outcome<f64> {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let beginning = Instant::now();
    let output = command.output().named("a measured command")?;
    let seconds = beginning.elapsed().as_secs_f64();
    if output.status.success() {
        return Ok(seconds);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!(
        "{command:?} failed while it was measured:\n{said}"
    )))
}

/// The medians of `rounds` times of both, taken in turns so that a slow minute hits both.
pub(super) fn in_turns(
    rounds: usize,
    mut ours: impl FnMut(usize) -> Outcome<f64>,
    mut rival: impl FnMut(usize) -> Outcome<f64>,
) -> Outcome<(f64, f64)> {
    let (mut our_times, mut rival_times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        our_times.push(ours(round)?);
        rival_times.push(rival(round)?);
    }
    Ok((median(our_times), median(rival_times)))
}
