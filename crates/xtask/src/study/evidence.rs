//! `cargo xtask evidence`: run a study anew and put its evidence beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Args;
use serde_json::Value;

use super::{Recorded, Stage, folder};
use crate::checkout::Profile;
use crate::failure::{Named, Outcome};
use crate::process::{capture, say};
use crate::setup;

/// Run a study of this checkout anew and put its evidence beside it
///
/// Writes `evidence/study.car`, and the states that the job took as `evidence/states/<name>.json`,
/// for you to look at and commit. `nix flake check` compares what is built with them.
#[derive(Args, Clone, Debug)]
pub(crate) struct Evidence {
    /// The study, a folder of experiments/
    study: String,
}

impl Evidence {
    pub(crate) fn run(&self) -> Outcome {
        setup::ready()?;
        let study = folder(&self.study)?;
        let stage = Stage::set_up("evidence", &study, Profile::Development)?;
        stage.record_inputs()?;
        say("gatos run");
        let Recorded { id, output } = stage.record_run()?;
        stage.gatos(&["verify", &id])?;
        stage.gatos(&["reproduce", &id])?;
        stage.gatos(&["evidence", "pack", &id, "-o", "study.car"])?;
        let evidence = study.join("evidence");
        let archive = evidence.join("study.car");
        fs::create_dir_all(&evidence).named(evidence.display())?;
        fs::copy(stage.folder().join("study.car"), &archive).named(archive.display())?;
        states(&output, &evidence.join("states"))?;
        say(&format!("look at {} and commit it", evidence.display()));
        Ok(())
    }
}

/// Copies the states that the job took, byte for byte, from where its derivation says they are.
fn states(output: &str, to: &Path) -> Outcome {
    let ask = |question: &[&str], path: &str| {
        capture(
            Command::new("nix-store")
                .arg("--query")
                .args(question)
                .arg(path),
        )
    };
    let derivation = ask(&["--deriver"], output)?;
    let inputs = ask(&["--binding", "gatosInputs"], &derivation)?;
    let inputs: Value = serde_json::from_str(&inputs).named("gatosInputs")?;
    for (name, path) in inputs.as_object().into_iter().flatten() {
        if let (true, Some(path)) = (name.ends_with(".json"), path.as_str()) {
            fs::create_dir_all(to).named(to.display())?;
            let file = to.join(name);
            // Not a copy: what is in the store is read-only, and this is to be committed.
            let bytes = fs::read(path).named(path)?;
            fs::write(&file, bytes).named(file.display())?;
        }
    }
    Ok(())
}
