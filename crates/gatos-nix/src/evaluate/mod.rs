//! From a study's flake to its metadata and its derivation.

mod error;
mod meta;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gatos_core::experiment::Tree;
use serde_json::Value;

use crate::nix::{AskNixError, Nix, plain};
use crate::store_path::StorePath;

pub use self::error::EvaluateError;
pub use self::meta::{ExperimentMeta, StateMeta};

/// Where a study is defined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flake {
    /// The folder that holds `flake.nix`
    pub folder: PathBuf,
    /// Which of its packages is the study; `default` if it has one only
    pub attribute: String,
    /// Inputs to replace, as `--override-input` does: name and flake reference
    pub overrides: Vec<(String, String)>,
    /// Further options of `nix eval`, for instance `--offline`
    pub options: Vec<OsString>,
}

/// What a study's flake says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evaluation {
    /// The metadata of the experiment
    pub meta: ExperimentMeta,
    /// The derivation, if the experiment needs no states; else see [`instantiate`]
    pub derivation: Option<StorePath>,
    /// Whether all that was evaluated is committed
    pub tree: Tree,
}

/// Read the metadata of a study and, if it needs no states, write its derivation to the store.
///
/// # Errors
/// No flake there, a lock file that is missing or incomplete, an evaluation that fails, or a
/// package that is no experiment.
pub fn evaluate(nix: &Nix, flake: &Flake) -> Result<Evaluation, EvaluateError> {
    const LOOK: &str = "e: if e ? gatos then { inherit (e) gatos; \
        derivation = if e.gatos.states or {} == {} then e.drvPath else null; } else null";
    let answer = run(nix, flake, &["--json", "--apply", LOOK])?;
    let not_an_experiment = |reason| EvaluateError::NotAnExperiment {
        installable: flake.installable(),
        reason,
    };
    let value: Value =
        serde_json::from_slice(&answer.stdout).map_err(|_| not_an_experiment("it is no set"))?;
    let Some(gatos) = value.get("gatos") else {
        return Err(not_an_experiment("it has no attribute `gatos`"));
    };
    let derivation = match value.get("derivation") {
        Some(Value::String(path)) => {
            let path = path
                .parse()
                .map_err(|_| not_an_experiment("its `drvPath` is no store path"))?;
            Some(path)
        }
        _ => None,
    };
    Ok(Evaluation {
        meta: ExperimentMeta::parse(gatos).map_err(not_an_experiment)?,
        derivation,
        tree: answer.tree,
    })
}

/// Write the derivation of a study to the store, with these states as inputs.
///
/// The states are in the store already, see [`Nix::add_to_store`].
///
/// # Errors
/// As [`evaluate`].
pub fn instantiate(
    nix: &Nix,
    flake: &Flake,
    states: &BTreeMap<String, StorePath>,
) -> Result<StorePath, EvaluateError> {
    let apply = format!("e: (e.withStates {}).drvPath", nix_states(states));
    let answer = run(nix, flake, &["--raw", "--apply", &apply])?;
    let path = String::from_utf8_lossy(&answer.stdout);
    path.trim()
        .parse()
        .map_err(|_| EvaluateError::NotAnExperiment {
            installable: flake.installable(),
            reason: "`withStates` gives no derivation",
        })
}

impl Flake {
    /// The package `attribute` of the flake in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, attribute: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            attribute: attribute.into(),
            overrides: Vec::new(),
            options: Vec::new(),
        }
    }

    fn installable(&self) -> String {
        format!("{}#{}", self.folder.display(), self.attribute)
    }
}

/// States as a Nix set of strings with context.
///
/// `builtins.storePath` is refused in pure evaluation; `appendContext` says the same purely. The
/// names are quoted and the paths contain no character that means anything in a Nix string.
fn nix_states(states: &BTreeMap<String, StorePath>) -> String {
    let mut text = String::from("{ ");
    for (name, path) in states {
        let name: String = name
            .chars()
            .flat_map(|c| match c {
                '"' | '\\' | '$' => vec!['\\', c],
                c => vec![c],
            })
            .collect();
        text.push_str(&format!(
            "\"{name}\" = builtins.appendContext \"{path}\" {{ \"{path}\" = {{ path = true; }}; \
                }}; "
        ));
    }
    text.push('}');
    text
}

struct Answer {
    stdout: Vec<u8>,
    tree: Tree,
}

fn run(nix: &Nix, flake: &Flake, options: &[&str]) -> Result<Answer, EvaluateError> {
    let folder = flake_folder(flake)?;
    let mut installable = OsString::from(folder);
    installable.push("#");
    installable.push(&flake.attribute);
    let mut arguments: Vec<OsString> = vec!["eval".into(), installable];
    arguments.extend(Nix::experimental());
    arguments.extend(options.iter().map(OsString::from));
    // Nothing of this machine may enter: no registry of the user's, no impure builtins.
    arguments.extend(["--no-update-lock-file", "--no-write-lock-file"].map(OsString::from));
    arguments.extend(["--option", "pure-eval", "true"].map(OsString::from));
    arguments.extend(["--option", "use-registries", "false"].map(OsString::from));
    // Whether the tree is dirty is read from Nix's warning, which people can turn off.
    arguments.extend(["--option", "warn-dirty", "true"].map(OsString::from));
    arguments.extend(flake.options.iter().cloned());
    for (input, reference) in &flake.overrides {
        arguments.extend(["--override-input".into(), input.into(), reference.into()]);
    }
    let mut said = Vec::new();
    let mut command = nix.command("nix", &arguments);
    let finished = crate::process::run(&mut command, &nix.leash(), None, &mut |line| {
        said.push(plain(&String::from_utf8_lossy(line)));
    })
    .map_err(|source| AskNixError::Start {
        command: "nix eval".to_owned(),
        source,
    })?;
    let crate::process::Ended::Exited(status) = finished.ended else {
        return Err(AskNixError::Cancelled.into());
    };
    error::refuse_unlocked(flake, &said)?;
    if !status.success() {
        return Err(error::explain(flake, &said));
    }
    let dirty = said
        .iter()
        .any(|line| line.contains("Git tree") && line.contains("is dirty"));
    Ok(Answer {
        stdout: finished.stdout,
        tree: if dirty { Tree::Dirty } else { Tree::Clean },
    })
}

/// The absolute folder, shown to hold a flake: Nix itself would look in the folders above as well.
fn flake_folder(flake: &Flake) -> Result<PathBuf, EvaluateError> {
    let no_flake = || EvaluateError::NoFlake {
        folder: flake.folder.clone(),
    };
    let folder = flake.folder.canonicalize().map_err(|_| no_flake())?;
    if !folder.join("flake.nix").is_file() {
        return Err(no_flake());
    }
    let strange = |path: &Path| {
        path.to_str()
            .is_none_or(|text| text.contains(['#', '?', '%']))
    };
    if strange(&folder) {
        return Err(EvaluateError::FolderName { folder });
    }
    Ok(folder)
}
