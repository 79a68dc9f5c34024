//! Why a study's flake gives no experiment, and what its author can do.

use std::path::PathBuf;

use super::Flake;
use crate::nix::AskNixError;

/// Lines of Nix's explanation that are shown.
const SHOWN_LINES: usize = 30;

/// Why a study cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// No flake in that folder
    #[error("`{}` has no `flake.nix`: begin a study with `gatos new` or `nix flake init -t \
        gatos#experiment`", folder.display())]
    NoFlake {
        /// The folder
        folder: PathBuf,
    },
    /// A folder whose name means something else to Nix
    #[error("`{}` has one of the characters `#`, `?`, `%` in its name, which Nix cannot take: \
        rename the folder", folder.display())]
    FolderName {
        /// The folder
        folder: PathBuf,
    },
    /// Files that Git does not know
    #[error("the flake in `{}` is in a Git repository that does not know all of its files: `git \
        add` them\n{said}", folder.display())]
    NotTracked {
        /// The folder
        folder: PathBuf,
        /// What Nix said
        said: String,
    },
    /// `flake.lock` is missing or does not cover every input
    #[error("`{}` is missing or incomplete, so the study would not be the same tomorrow: run \
        `nix flake lock {}` and commit it", folder.join("flake.lock").display(), folder.display())]
    Unlocked {
        /// The folder of the flake
        folder: PathBuf,
        /// Inputs that are not locked, if Nix names them
        inputs: Vec<String>,
    },
    /// No package of that name
    #[error("`{installable}` does not exist: the flake has no such package\n{said}")]
    NoAttribute {
        /// The package that was asked for
        installable: String,
        /// What Nix said
        said: String,
    },
    /// A package that is not made by `mkExperiment`
    #[error("`{installable}` is no experiment made by `gatos.lib.mkExperiment`: {reason}")]
    NotAnExperiment {
        /// The package
        installable: String,
        /// What is missing
        reason: &'static str,
    },
    /// The evaluation fails
    #[error("`{installable}` does not evaluate:\n{said}")]
    Evaluation {
        /// The package
        installable: String,
        /// What Nix said
        said: String,
    },
    /// Nix could not be asked
    #[error(transparent)]
    Nix(#[from] AskNixError),
}

/// Nix only warns when overrides hide that other inputs are not locked; we refuse.
pub(super) fn refuse_unlocked(flake: &Flake, said: &[String]) -> Result<(), EvaluateError> {
    let overridden = |input: &str, verb: &str| {
        flake.overrides.iter().any(|(name, _)| {
            let below = input.strip_prefix(name.as_str());
            below.is_some_and(|rest| rest.starts_with('/') || (rest.is_empty() && verb != "Added"))
        })
    };
    let changed = said.iter().filter_map(|line| {
        let (verb, rest) = line.trim().strip_prefix("• ")?.split_once(" input '")?;
        let (input, _) = rest.split_once('\'')?;
        (verb != "Removed" && !overridden(input, verb)).then(|| input.to_owned())
    });
    let inputs: Vec<String> = changed.collect();
    if inputs.is_empty() {
        Ok(())
    } else {
        Err(EvaluateError::Unlocked {
            folder: flake.folder.clone(),
            inputs,
        })
    }
}

/// Find the reason in what Nix said.
pub(super) fn explain(flake: &Flake, said: &[String]) -> EvaluateError {
    let tail = said.len().saturating_sub(SHOWN_LINES);
    let text = said.get(tail..).unwrap_or_default().join("\n");
    let says = |needle: &str| said.iter().any(|line| line.contains(needle));
    let folder = flake.folder.clone();
    if says("requires lock file changes") || says("lock file contains unlocked input") {
        EvaluateError::Unlocked {
            folder,
            inputs: Vec::new(),
        }
    } else if says("not tracked by Git") || says("flake.nix' does not exist") {
        EvaluateError::NotTracked { folder, said: text }
    } else if says("does not provide attribute") {
        EvaluateError::NoAttribute {
            installable: flake.installable(),
            said: text,
        }
    } else {
        EvaluateError::Evaluation {
            installable: flake.installable(),
            said: text,
        }
    }
}
