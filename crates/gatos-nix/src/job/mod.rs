//! A derivation that is a job, as its text says. `docs/spec/job.md`.

mod builder_id;
mod error;
mod inputs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatos_core::id::BuilderId;
use gatos_core::job::Program;
use gatos_core::json;
use gatos_core::name::ItemName;
use gatos_core::value::Value;

use crate::derivation::{Addressing, Dependency, DrvClosure, DrvFile};
use crate::store_path::StorePath;

pub use self::error::JobError;
pub use self::inputs::ReadInputsError;

/// The only version of the job attributes.
const JOB_VERSION: &[u8] = b"1";
/// The name of a job's one output.
pub const OUTPUT: &str = "out";
/// Longest time that a job may ask for: a year.
const MAX_TIMEOUT_SECONDS: u64 = 366 * 24 * 3600;

/// What a derivation says about itself as a job. Everything here was read from the .drv text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// What the study calls it (`gatosName`)
    pub name: ItemName,
    /// Where its derivation is
    pub derivation: StorePath,
    /// The program: this very derivation
    pub program: Program,
    /// The program without its data: equal for two derivations that differ only in their inputs
    pub builder: BuilderId,
    /// The block that [`builder`](Self::builder) names, for the curious
    pub builder_block: Vec<u8>,
    /// What it reads: name below `inputs/` and store path
    pub inputs: BTreeMap<ItemName, StorePath>,
    /// Those of its inputs that another derivation makes; the others are sources
    pub made: BTreeSet<ItemName>,
    /// How long it may run (`gatosTimeout`), if it says so
    pub timeout: Option<Duration>,
    /// Where its one output goes
    pub output: StorePath,
}

impl Job {
    /// Read the job that the root of `closure` describes.
    ///
    /// # Errors
    /// A derivation that is no job, or one that could escape what a job promises: a fixed-output
    /// or impure derivation (it has network), one that asks for no sandbox, one with other outputs.
    pub fn of(closure: &DrvClosure) -> Result<Self, JobError> {
        let drv = closure.root();
        let path = || drv.path().clone();
        match drv.variable("gatosJob") {
            Some(JOB_VERSION) => {}
            Some(_) => return Err(JobError::Version { path: path() }),
            None => return Err(JobError::NotAJob { path: path() }),
        }
        if drv.addressing() != Addressing::Input {
            return Err(JobError::NotInputAddressed { path: path() });
        }
        if drv.structured_attributes().is_some() {
            return Err(JobError::StructuredAttributes { path: path() });
        }
        if let Some(name) = opener(drv).or_else(|| set(drv, &DARWIN_OPENERS)) {
            return Err(JobError::Unsandboxed { path: path(), name });
        }
        let mut outputs = drv.outputs();
        let output = match (outputs.remove(OUTPUT), outputs.is_empty()) {
            (Some(Some(output)), true) => output,
            _ => return Err(JobError::Outputs { path: path() }),
        };
        let dependencies = closure.dependencies();
        let inputs = inputs(drv, &dependencies)?;
        let (builder, builder_block) = builder_id::builder_id(drv, &inputs, &dependencies);
        Ok(Self {
            name: item_name(text(drv, "gatosName")?)?,
            derivation: path(),
            program: Program {
                id: format!("nix:{}", drv.path().base_name()),
                sha256: drv.sha256(),
            },
            builder: builder.into(),
            builder_block,
            timeout: timeout(drv)?,
            made: made(&inputs, &dependencies),
            inputs,
            output,
        })
    }
}

/// Variables that open the sandbox wherever they are obeyed.
const OPENERS: [&str; 2] = ["__noChroot", "__impure"];
/// Variables that open the sandbox of macOS, where nixpkgs sets them for nearly everything.
const DARWIN_OPENERS: [&str; 3] = [
    "__impureHostDeps",
    "__sandboxProfile",
    "__darwinAllowLocalNetworking",
];

/// A variable that opens the sandbox, if the derivation of a dependency sets one.
pub(crate) fn opener(drv: &DrvFile) -> Option<&'static str> {
    set(drv, &OPENERS)
}

fn set(drv: &DrvFile, names: &[&'static str]) -> Option<&'static str> {
    let is_set = |name: &&&str| drv.variable(name).is_some_and(|value| !value.is_empty());
    names.iter().find(is_set).copied()
}

fn text<'a>(drv: &'a DrvFile, name: &'static str) -> Result<&'a str, JobError> {
    let wrong = || JobError::Attribute {
        path: drv.path().clone(),
        name,
    };
    let value = drv.variable(name).ok_or_else(wrong)?;
    std::str::from_utf8(value).map_err(|_| wrong())
}

fn inputs(
    drv: &DrvFile,
    dependencies: &BTreeMap<StorePath, Dependency>,
) -> Result<BTreeMap<ItemName, StorePath>, JobError> {
    const NAME: &str = "gatosInputs";
    let wrong = || JobError::Attribute {
        path: drv.path().clone(),
        name: NAME,
    };
    let Ok(Value::Map(entries)) = json::from_str(text(drv, NAME)?) else {
        return Err(wrong());
    };
    let sources = drv.input_sources();
    let given = |path: &StorePath| sources.contains(path) || dependencies.contains_key(path);
    let mut inputs = BTreeMap::new();
    for (name, value) in entries.iter() {
        let Value::Text(path) = value else {
            return Err(wrong());
        };
        let input = path.parse::<StorePath>().ok().filter(given);
        let input = input.ok_or_else(|| JobError::Input {
            path: drv.path().clone(),
            name: name.to_owned(),
            value: path.clone(),
        })?;
        inputs.insert(item_name(name)?, input);
    }
    Ok(inputs)
}

fn made(
    inputs: &BTreeMap<ItemName, StorePath>,
    dependencies: &BTreeMap<StorePath, Dependency>,
) -> BTreeSet<ItemName> {
    let made = inputs
        .iter()
        .filter(|(_, path)| dependencies.contains_key(path));
    made.map(|(name, _)| name.clone()).collect()
}

fn item_name(name: &str) -> Result<ItemName, JobError> {
    name.parse().map_err(|source| JobError::Name {
        name: name.to_owned(),
        source,
    })
}

fn timeout(drv: &DrvFile) -> Result<Option<Duration>, JobError> {
    const NAME: &str = "gatosTimeout";
    if drv.variable(NAME).is_none() {
        return Ok(None);
    }
    match text(drv, NAME)?.parse() {
        Ok(seconds @ 1..=MAX_TIMEOUT_SECONDS) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(JobError::Attribute {
            path: drv.path().clone(),
            name: NAME,
        }),
    }
}
