//! The clean room: the job built once more, from what the evidence names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gatos_core::cid::Cid;
use gatos_core::experiment::{Comparison, Dependency, ExperimentProof};
use gatos_core::job::{Environment, ExecutionProof, Isolation, ItemList, NarDigest, Program};
use gatos_core::name::ItemName;
use gatos_core::statement::Signed;
use gatos_nix::StorePath;
use gatos_nix::clean_room::{CleanRoom, CleanRoomError, DependencyPolicy, Supplied};
use gatos_nix::derivation::DrvClosure;
use gatos_nix::environment::environment;
use gatos_nix::evaluate::{self, Flake};
use gatos_nix::job::Job;
use gatos_nix::nar::Archive;
use gatos_nix::nix::{FindNixError, Nix};
use gatos_nix::realise::{self, Outcome};

use super::super::execution::{disk_full, read_nar};
use super::{Dependencies, Options, Room};
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::Evidence;
use crate::progress::Progress;
use crate::verify::{Binding, binding, closure};

/// What the experiment recorded.
pub(super) struct Expected {
    pub(super) experiment: Signed<ExperimentProof>,
    pub(super) execution: Signed<ExecutionProof>,
    pub(super) inputs: ItemList,
    pub(super) outputs: ItemList,
    pub(super) closure: DrvClosure,
}

/// What a clean room gave.
pub(super) struct Built {
    pub(super) program: Program,
    pub(super) inputs: Vec<Comparison>,
    pub(super) outputs: Vec<Comparison>,
    /// The NARs of the outputs that differ or are small enough, for explaining
    pub(super) nars: BTreeMap<ItemName, Vec<u8>>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) difference: Option<gatos_core::experiment::Difference>,
    pub(super) blocked_by: Option<String>,
    pub(super) isolation: Isolation,
    pub(super) environment: Environment,
    pub(super) log: Option<Vec<u8>>,
    pub(super) room: Option<PathBuf>,
}

impl Expected {
    /// Read what verified evidence says.
    pub(super) fn read(evidence: &Evidence<'_>) -> Result<Self, Error> {
        let manifest = evidence.manifest();
        let experiment: Signed<ExperimentProof> =
            evidence.signed(&manifest.experiment, "proof of experiment")?;
        let list = |cid: &Cid| {
            ItemList::from_value(evidence.value(cid)?).or_mismatch(|| "this is no list".to_owned())
        };
        Ok(Self {
            closure: closure(evidence, &experiment.statement().program.id)?,
            execution: evidence.signed(&manifest.execution, "proof of execution")?,
            inputs: list(&manifest.inputs)?,
            outputs: list(&manifest.outputs)?,
            experiment,
        })
    }

    fn compared(
        items: &ItemList,
        find: impl Fn(&ItemName) -> Option<NarDigest>,
    ) -> Vec<Comparison> {
        let compare = |item: &gatos_core::job::Item| Comparison {
            name: item.name.clone(),
            expected: item.nar,
            actual: find(&item.name),
        };
        items.items().iter().map(compare).collect()
    }

    /// A result about which nothing was found out yet.
    pub(super) fn unbuilt(&self) -> Built {
        let recorded = self.execution.statement();
        Built {
            program: self.experiment.statement().program.clone(),
            inputs: Self::compared(&self.inputs, |_| None),
            outputs: Self::compared(&self.outputs, |_| None),
            nars: BTreeMap::new(),
            dependencies: Vec::new(),
            difference: None,
            blocked_by: None,
            isolation: Isolation::default(),
            environment: Environment {
                nix: "none".to_owned(),
                settings: BTreeMap::new(),
                ..recorded.environment.clone()
            },
            log: None,
            room: None,
        }
    }
}

/// Build the job in a clean room and hash what it leaves.
pub(super) fn build(
    (evidence, nix): (&Evidence<'_>, Result<Nix, FindNixError>),
    expected: &Expected,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Built, Error> {
    let mut built = expected.unbuilt();
    let nix = match nix {
        Ok(nix) => nix.cancelled_by(&options.cancel),
        Err(error) => return Ok(blocked(built, error.to_string())),
    };
    let own;
    let closure = match &options.from {
        None => &expected.closure,
        Some((folder, attribute)) => {
            own = current(&nix, evidence, &Flake::new(folder, attribute))?;
            &own
        }
    };
    let job = Job::of(closure).or_mismatch(|| "the derivation is no job".to_owned())?;
    built.program = job.program.clone();
    built.inputs = inputs(&nix, evidence, expected, (closure, &job))?;
    if let Some(extra) = extra_input(expected, &job) {
        return Ok(blocked(
            built,
            format!("the study has the input `{extra}`, which was not recorded"),
        ));
    }
    if !built.inputs.iter().all(Comparison::is_identical) {
        return Ok(built);
    }
    run(
        &nix,
        evidence,
        (expected, closure, &job),
        options,
        (built, progress),
    )
}

/// An input of the study as it is now that the experiment did not have.
fn extra_input<'j>(expected: &Expected, job: &'j Job) -> Option<&'j ItemName> {
    job.inputs
        .keys()
        .find(|name| expected.inputs.get(name.as_str()).is_none())
}

fn blocked(mut built: Built, why: String) -> Built {
    built.blocked_by = Some(why);
    built
}

/// The program of a study as it is now, with the states that were recorded.
fn current(nix: &Nix, evidence: &Evidence<'_>, flake: &Flake) -> Result<DrvClosure, Error> {
    let cannot = || "this study cannot be evaluated".to_owned();
    let study = evaluate::evaluate(nix, flake).context(ErrorKind::Usage, cannot)?;
    let mut states = BTreeMap::new();
    for (name, bytes) in crate::evidence::state_files(evidence)? {
        let folder = tempfile::tempdir().or_failed(cannot)?;
        let path = folder.path().join(format!("{name}.json"));
        std::fs::write(&path, bytes).or_failed(cannot)?;
        states.insert(name.to_string(), nix.add_to_store(&path).or_failed(cannot)?);
    }
    let drv = match study.derivation {
        Some(drv) => drv,
        None => evaluate::instantiate(nix, flake, &states).context(ErrorKind::Usage, cannot)?,
    };
    DrvClosure::from_store(&drv, nix.store_root()).or_failed(cannot)
}

/// What each input of the program is, as far as can be said before anything is built.
fn inputs(
    nix: &Nix,
    evidence: &Evidence<'_>,
    expected: &Expected,
    (closure, job): (&DrvClosure, &Job),
) -> Result<Vec<Comparison>, Error> {
    let mut found = BTreeMap::new();
    for item in expected.inputs.items() {
        let Some(path) = job.inputs.get(&item.name) else {
            continue;
        };
        let kept = evidence.manifest().input_nars.get(&item.name);
        let nar = kept.map(|cid| evidence.block(cid)).transpose()?;
        let on_disk = path.below(nix.store_root());
        let digest = match binding(closure, path, item, nar.as_deref()) {
            Binding::Content | Binding::Built => item.nar,
            Binding::Broken if on_disk.exists() => read_nar(&on_disk, 0)?.0,
            Binding::Broken => continue,
        };
        found.insert(item.name.clone(), digest);
    }
    let compared = Expected::compared(&expected.inputs, |name| found.get(name).copied());
    Ok(compared)
}

/// What each input of the program is, as it was hashed in the clean room.
fn inputs_in_room(expected: &Expected, job: &Job, dependencies: &[Dependency]) -> Vec<Comparison> {
    Expected::compared(&expected.inputs, |name| {
        let base_name = job.inputs.get(name)?.base_name();
        dependencies
            .iter()
            .find(|dependency| dependency.path == base_name)
            .map(|d| d.nar)
    })
}

fn run(
    nix: &Nix,
    evidence: &Evidence<'_>,
    (expected, closure, job): (&Expected, &DrvClosure, &Job),
    options: &Options,
    (mut built, progress): (Built, &mut dyn Progress),
) -> Result<Built, Error> {
    let nars = read_nars(evidence)?;
    let supplied = supplied(evidence, job, &nars)?;
    if options.room == Room::Kept {
        std::fs::create_dir_all(&options.scratch)
            .or_failed(|| format!("cannot make the folder `{}`", options.scratch.display()))?;
    }
    let room = match CleanRoom::new(nix, &options.scratch) {
        Ok(room) => room,
        Err(error) => return blocked_or_fail(built, error),
    };
    built.environment = environment(nix, room.settings());
    progress.begin("build again in a clean room", None);
    let policy = match options.dependencies {
        Dependencies::Anywhere => DependencyPolicy::StoresAndCaches,
        Dependencies::Source => DependencyPolicy::FromSource,
    };
    let execution = {
        let mut nix_options = realise::Options {
            timeout: job.timeout,
            cancel: options.cancel.clone(),
            cores: None,
            progress: &mut |line| progress.note(line),
        };
        match room.prepare(closure, &supplied, policy, &mut nix_options) {
            Ok(dependencies) => built.dependencies = dependencies,
            Err(error) => return blocked_or_fail(built, error),
        }
        built.inputs = inputs_in_room(expected, job, &built.dependencies);
        if !built.inputs.iter().all(Comparison::is_identical) {
            return Ok(built);
        }
        match room.realise(closure, &mut nix_options) {
            Ok(execution) => execution,
            Err(error) => return blocked_or_fail(built, error),
        }
    };
    progress.end();
    built.isolation = Isolation::from_log(execution.log.text());
    built.log = Some(execution.log.text().as_bytes().to_vec());
    match &execution.outcome {
        Outcome::Succeeded { outputs } => {
            let paths = outputs.iter().map(|(name, output)| {
                let name: ItemName = name.parse().or_failed(|| format!("output `{name}`"))?;
                Ok((name, room.on_disk(&output.path)))
            });
            super::compare::outputs(
                evidence,
                expected,
                &paths.collect::<Result<_, Error>>()?,
                &mut built,
            )?;
        }
        Outcome::Cancelled => built.blocked_by = Some("the reproduction was cancelled".to_owned()),
        Outcome::DiskFull => built.blocked_by = Some(disk_full()),
        Outcome::TimedOut => {
            built.blocked_by = Some("the job took longer than its `timeout`".to_owned());
        }
        _ => super::compare::failed(expected, execution.log.text(), &mut built),
    }
    if built.blocked_by.is_none() && !built.isolation.holds() {
        let why = built.isolation.violations().join("; ");
        built.blocked_by = Some(format!("the build was not shown to be isolated: {why}"));
    }
    if options.room == Room::Kept {
        built.room = Some(room.keep());
    }
    Ok(built)
}

/// What stands in the way is a verdict; anything else says nothing about the experiment.
fn blocked_or_fail(built: Built, error: CleanRoomError) -> Result<Built, Error> {
    match error {
        CleanRoomError::Blocked(why) => Ok(blocked(built, why.to_string())),
        error => Err(error).or_failed(|| "the clean room failed".to_owned()),
    }
}

/// NARs that the evidence holds, by id.
type Nars<'e> = BTreeMap<Cid, Cow<'e, [u8]>>;

/// Read what the evidence holds of the things that the build needs: its inputs, and a packed closure.
fn read_nars<'e>(evidence: &'e Evidence<'_>) -> Result<Nars<'e>, Error> {
    let manifest = evidence.manifest();
    let closure = manifest.closure.values().map(|object| object.nar);
    let ids = manifest.input_nars.values().copied().chain(closure);
    ids.map(|cid| Ok((cid, evidence.block(&cid)?))).collect()
}

/// The same by store path, with what each refers to.
fn supplied<'n>(
    evidence: &Evidence<'_>,
    job: &Job,
    nars: &'n Nars<'_>,
) -> Result<BTreeMap<StorePath, Supplied<'n>>, Error> {
    let supply = |cid, references| Supplied {
        references,
        nar: Archive::Bytes(&nars[cid]),
    };
    let mut supplied = BTreeMap::new();
    let manifest = evidence.manifest();
    // What a derivation makes is a dependency like any other: its bytes are not for the evidence to say.
    let sources = job
        .inputs
        .iter()
        .filter(|(name, _)| !job.made.contains(*name));
    for (name, path) in sources {
        if let Some(cid) = manifest.input_nars.get(name) {
            supplied.insert(path.clone(), supply(cid, BTreeSet::new()));
        }
    }
    for (name, object) in &manifest.closure {
        let parse = |name: &str| {
            StorePath::from_base_name(name).or_mismatch(|| format!("`{name}` is no store path"))
        };
        let references = object.references.iter().map(|name| parse(name));
        let references = references.collect::<Result<_, Error>>()?;
        supplied.insert(parse(name)?, supply(&object.nar, references));
    }
    Ok(supplied)
}
