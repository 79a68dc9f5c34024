//! `start-up`: `gatos --version` and `git --version`.

use std::process::Command;

use super::Measured;
use super::measure::{in_turns, time};
use crate::checkout::Profile;
use crate::failure::Outcome;
use crate::study::gatos;

/// Within three times of Git.
const WANT: f64 = 1.0 / 3.0;
const ROUNDS: usize = 201;

pub(super) fn measure() -> Outcome<Measured> {
    let gatos = gatos(Profile::Release)?;
    let version = |program: &std::path::Path| time(Command::new(program).arg("--version"));
    let (ours, rival) = in_turns(
        ROUNDS,
        |_| version(&gatos),
        |_| version(std::path::Path::new("git")),
    )?;
    Ok(Measured::of_times("start-up", ours, rival, WANT))
}
