//! Why a study's flake gives no experiment, and what its author can do.

use std::path::{Path, PathBuf};

use super::Flake;
use crate::nix::AskNixError;

/// Lines of Nix's explanation that are shown.
const SHOWN_LINES: usize = 30;
/// Lines of the way to the error that are shown below it, the nearest ones.
const TRACE_LINES: usize = 12;

/// The functions of `nix/lib` whose messages name the field and the fix.
const OURS: [&str; 2] = ["mkExperiment", "mkJob"];

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
        `{}`, and commit it", folder.join("flake.lock").display(), lock_command(folder))]
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
    let text = essence(said);
    let says = |needle: &str| said.iter().any(|line| line.contains(needle));
    let folder = flake.folder.clone();
    // The name that a registry would resolve is one that `flake.lock` does not have.
    let unresolved = says("is an indirect flake reference") && says("lookups are not allowed");
    if unresolved || says("requires lock file changes") || says("lock file contains unlocked input")
    {
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

/// What makes the lock file and lets Git, and so Nix, see it.
fn lock_command(folder: &Path) -> String {
    if folder == Path::new(".") || folder.as_os_str().is_empty() {
        return "nix flake lock && git add flake.lock".to_owned();
    }
    let shown = folder.display();
    format!("nix flake lock {shown} && git -C {shown} add flake.lock")
}

/// The last error of what Nix said, and below it the end of the way there: Nix says it the other way
/// round, and people read the beginning.
fn essence(said: &[String]) -> String {
    let is_error = |line: &String| {
        let message = line.trim_start().strip_prefix("error:");
        message.is_some_and(|message| !message.trim().is_empty())
    };
    let all: Vec<&str> = said.iter().map(String::as_str).collect();
    let Some(at) = said.iter().rposition(is_error) else {
        return last(&all, SHOWN_LINES).join("\n");
    };
    let (before, error) = all.split_at(at);
    let margin = |line: &str| line.len() - line.trim_start().len();
    let indent = error.first().map_or(0, |line| margin(line));
    let error = error.iter().take(SHOWN_LINES);
    let mut lines: Vec<&str> = error
        .map(|line| line.get(indent.min(margin(line))..).unwrap_or(line))
        .collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let way: Vec<&str> = before
        .iter()
        .copied()
        .filter(|line| {
            let line = line.trim();
            !line.is_empty() && line != "error:" && !line.starts_with("warning: Git tree")
        })
        .collect();
    // The half of a step says nothing; what our own library says names the place already.
    let is_step = |line: &&&str| line.trim_start().starts_with('…');
    let shown = last(&way, TRACE_LINES);
    let from = shown.iter().position(|line| is_step(&line)).unwrap_or(0);
    let is_ours = lines.first().is_some_and(|line| {
        OURS.iter()
            .any(|function| line.starts_with(&format!("error: {function} \"")))
    });
    if !shown.is_empty() && !is_ours {
        lines.push("before that, Nix said:");
        lines.extend(shown.iter().skip(from));
    }
    lines.join("\n")
}

fn last<'l, 't>(lines: &'l [&'t str], count: usize) -> &'l [&'t str] {
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{essence, lock_command};

    fn of(text: &str) -> String {
        essence(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_last_error_stands_first() {
        let said = "warning: Git tree '/s' is dirty\nerror:\n       … while evaluating x\n\
                    \u{20}        at /f.nix:1:2:\n\n       error: attribute 'y' missing\n       at /f.nix:3:4:\n";
        assert_eq!(
            of(said),
            "error: attribute 'y' missing\nat /f.nix:3:4:\nbefore that, Nix said:\n\
             \u{20}      … while evaluating x\n         at /f.nix:1:2:"
        );
        assert_eq!(of("error: no\n\n"), "error: no");
        let ours = "… while x\nerror: mkJob \"a\": `name` must be a string";
        assert_eq!(of(ours), "error: mkJob \"a\": `name` must be a string");
        // Half of a step is left out, as what is too far away is.
        let far: String = (0..6).map(|n| format!("… {n}\n at\n  code\n")).collect();
        let text = of(&format!("{far} error: no"));
        assert_eq!(text.lines().nth(2), Some("… 2"), "{text}");
        let far: String = (0..6).map(|n| format!("… {n}\n at\n")).collect();
        let text = of(&format!("x\n{far}y\nerror: no"));
        assert_eq!(text.lines().nth(2), Some("… 1"), "{text}");
        // Without an error that says something, its end.
        assert_eq!(of("a\nerror:\nb"), "a\nerror:\nb");
        assert_eq!(of(""), "");
        let long: String = (0..100).map(|n| format!("… {n}\n")).collect();
        let text = of(&format!("{long}error: no"));
        assert!(
            text.starts_with("error: no\n") && text.ends_with("… 99"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 14, "{text}");
    }

    #[test]
    fn the_lock_command_can_be_typed_where_one_is() {
        let here = "nix flake lock && git add flake.lock";
        assert_eq!(lock_command(Path::new(".")), here);
        let there = "nix flake lock s && git -C s add flake.lock";
        assert_eq!(lock_command(Path::new("s")), there);
    }
}
