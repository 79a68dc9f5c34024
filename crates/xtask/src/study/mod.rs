//! A study of this checkout, recorded in a fresh repository of its own.

mod demo;
mod evidence;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use self::demo::Demo;
pub(crate) use self::evidence::Evidence;

use serde_json::Value;

use crate::checkout::{self, Profile};
use crate::failure::{Failure, Named, Outcome};
use crate::nix;
use crate::process::{capture, quiet, say};

/// What is recorded before the first run: study, and the arguments of `gatos`.
const BEFORE: [(&str, &[&str]); 1] = [(
    "co2",
    &[
        "event",
        "import",
        "data/co2.csv",
        "--journal",
        "measurements",
        "--type",
        "measurement",
    ],
)];

/// A repository that holds one study and nothing else.
pub(crate) struct Stage {
    folder: PathBuf,
    gatos: PathBuf,
}

impl Stage {
    /// Copies a study without its evidence, locks its flake, commits it and begins its history.
    ///
    /// The folder is `<target>/<purpose>/<name of the study>`; what was there is deleted.
    pub(crate) fn set_up(purpose: &str, study: &Path, profile: Profile) -> Outcome<Self> {
        let name = study.file_name().unwrap_or_default();
        let base = checkout::target().join(purpose);
        let folder = base.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).named(folder.display())?;
        }
        say(&format!(
            "a repository for `{}`: {}",
            name.display(),
            folder.display()
        ));
        copy(study, &folder)?;
        let stage = Self {
            folder,
            gatos: gatos(profile)?,
        };
        stage.commit()?;
        stage.begin(&base.join(format!("{}-key", name.display())))?;
        Ok(stage)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs `gatos` there, shown as it would be typed.
    pub(crate) fn gatos(&self, arguments: &[&str]) -> Outcome {
        eprintln!("\n  $ gatos {}", arguments.join(" "));
        let status = self.command(arguments).status().named("gatos")?;
        if status.success() {
            return Ok(());
        }
        let what = format!("`gatos {}` failed with {status}", arguments.join(" "));
        Err(Failure::new(what).with_code(status.code()))
    }

    /// Runs `gatos` there and returns what it printed.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Outcome<String> {
        capture(&mut self.command(arguments))
    }

    /// Records what the study needs before its first run.
    pub(crate) fn record_inputs(&self) -> Outcome {
        let name = self.folder.file_name().unwrap_or_default();
        let mut before = BEFORE.iter().filter(|(study, _)| name == *study);
        before.try_for_each(|(_, arguments)| self.gatos(arguments))
    }

    /// The id of the experiment that was recorded last.
    pub(crate) fn newest(&self) -> Outcome<String> {
        let printed = self.ask(&["experiment", "list", "--json"])?;
        let list: Value = serde_json::from_str(&printed).named("gatos experiment list --json")?;
        let newest = list
            .as_array()
            .and_then(|list| list.last()?.get("ulid")?.as_str());
        newest
            .map(str::to_owned)
            .ok_or_else(|| Failure::new("no experiment is recorded"))
    }

    /// Runs the study, without a word.
    pub(crate) fn record_run(&self) -> Outcome<Recorded> {
        let printed = self.ask(&["run", "--json"])?;
        let report: Value = serde_json::from_str(&printed).named("gatos run --json")?;
        let text = |field: &str| {
            let text = report.get(field).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| Failure::new(format!("`gatos run --json` has no `{field}`")))
        };
        Ok(Recorded {
            id: text("ulid")?,
            output: text("output")?,
        })
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.gatos);
        command.args(arguments).current_dir(&self.folder);
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Outcome {
        let mut git = Command::new("git");
        git.args(["-c", "commit.gpgSign=false"])
            .args(arguments)
            .current_dir(&self.folder);
        capture(&mut git).map(drop)
    }

    fn commit(&self) -> Outcome {
        self.git(&["init", "--quiet", "--initial-branch=main"])?;
        self.git(&["config", "user.name", "Demo"])?;
        self.git(&["config", "user.email", "demo@example.org"])?;
        self.git(&["add", "--all"])?;
        let mut lock = nix::command(&self.folder, &["flake", "lock"])?;
        quiet(&mut lock)?;
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", "The study"])
    }

    fn begin(&self, key: &Path) -> Outcome {
        let shown = key
            .to_str()
            .ok_or_else(|| Failure::new("the path of the key is not UTF-8"))?;
        for old in [key.to_owned(), key.with_extension("pub")] {
            if old.exists() {
                fs::remove_file(&old).named(old.display())?;
            }
        }
        self.gatos(&["init", "--actor", "founder", "--new-key", shown])?;
        self.git(&["config", "gatos.signingKey", shown])
    }
}

/// What a run left.
pub(crate) struct Recorded {
    /// The id of the experiment.
    pub(crate) id: String,
    /// The store path of the job's output.
    pub(crate) output: String,
}

/// The folder of a study of this checkout.
pub(crate) fn folder(name: &str) -> Outcome<PathBuf> {
    let folder = checkout::root().join("experiments").join(name);
    if folder.join("experiment.nix").exists() {
        return Ok(folder);
    }
    Err(Failure::new(format!(
        "there is no study `{name}` in experiments/"
    )))
}

/// The studies of this checkout, in alphabetical order.
pub(crate) fn names() -> Outcome<Vec<String>> {
    let experiments = checkout::root().join("experiments");
    let entries = fs::read_dir(&experiments).named(experiments.display())?;
    let names = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        entry.path().join("experiment.nix").exists().then_some(name)
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}

/// The command line, built by cargo, under the name that people type.
pub(crate) fn gatos(profile: Profile) -> Outcome<PathBuf> {
    let link = checkout::build(&["git-gatos"], profile)?.join("gatos");
    if !link.exists() {
        symlink("git-gatos", &link).named(link.display())?;
    }
    Ok(link)
}

/// Copies a study, but no evidence.
fn copy(study: &Path, target: &Path) -> Outcome {
    for file in files(study)? {
        let Ok(inside) = file.strip_prefix(study) else {
            continue;
        };
        if inside.starts_with("evidence") {
            continue;
        }
        let to = target.join(inside);
        let parent = to.parent().unwrap_or(target);
        fs::create_dir_all(parent).named(parent.display())?;
        fs::copy(&file, &to).named(file.display())?;
    }
    Ok(())
}

/// The files of a study: those that Git knows if it is one of this checkout, else all.
fn files(study: &Path) -> Outcome<Vec<PathBuf>> {
    let root = checkout::root();
    if study.starts_with(root.join("experiments")) {
        return Ok(checkout::files()?
            .into_iter()
            .map(|file| root.join(file))
            .collect());
    }
    let entries = fs::read_dir(study).named(study.display())?;
    entries
        .map(|entry| Ok(entry.named(study.display())?.path()))
        .collect()
}
