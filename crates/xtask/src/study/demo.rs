//! `cargo xtask demo`: the main job, from nothing to a signed verdict.

use clap::Args;

use super::{Stage, folder};
use crate::checkout::Profile;
use crate::failure::Outcome;
use crate::process::say;
use crate::setup::Setup;

/// Record, verify and reproduce a study of this checkout
///
/// Installs what is missing, then does what a scientist does, in a fresh repository in cargo's target
/// folder: begins a history, records the measurements, runs the study, verifies it, builds it again
/// in a clean room and compares every byte, and packs the evidence into one file.
#[derive(Args, Clone, Debug)]
pub(crate) struct Demo {
    /// The study, a folder of experiments/
    #[arg(default_value = "co2")]
    study: String,
}

impl Demo {
    pub(crate) fn run(&self) -> Outcome {
        Setup {}.run()?;
        let stage = Stage::set_up("demo", &folder(&self.study)?, Profile::Development)?;
        stage.record_inputs()?;
        stage.gatos(&["run"])?;
        let id = stage.newest()?;
        stage.gatos(&["verify", &id])?;
        stage.gatos(&["reproduce", &id])?;
        stage.gatos(&["evidence", "pack", &id, "-o", "study.car"])?;
        stage.gatos(&["verify", "study.car"])?;
        say(&format!("all of it is in {}", stage.folder().display()));
        Ok(())
    }
}
