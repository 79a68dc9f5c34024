//! Comparing outputs bit for bit, and saying where they first differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gatos_core::experiment::{Comparison, Difference, Verdict};
use gatos_core::job::NarDigest;
use gatos_core::name::ItemName;
use gatos_nix::StorePath;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::difference::first_difference_of_archives;
use gatos_nix::job::Job;
use gatos_nix::nar::Archive;
use serde::Serialize;

use super::super::execution::read_nar;
use super::build::{Built, Expected};
use super::{ComparisonView, DifferenceView};
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::Evidence;
use crate::verify::{Binding, binding};

/// Largest output whose bytes are read for explaining a difference.
const MAX_EXPLAINED_BYTES: u64 = 1 << 30;

/// Compare what lies at `paths` with what was recorded.
pub(super) fn outputs(
    evidence: &Evidence<'_>,
    expected: &Expected,
    paths: &BTreeMap<ItemName, PathBuf>,
    built: &mut Built,
) -> Result<(), Error> {
    let mut found = BTreeMap::new();
    for (name, path) in paths {
        let (digest, nar) = read_nar(path, MAX_EXPLAINED_BYTES)?;
        found.insert(name.clone(), digest);
        built.nars.extend(nar.map(|nar| (name.clone(), nar)));
    }
    let compare = |item: &gatos_core::job::Item| Comparison {
        name: item.name.clone(),
        expected: item.nar,
        actual: found.get(&item.name).copied(),
    };
    built.outputs = expected.outputs.items().iter().map(compare).collect();
    let differing = built
        .outputs
        .iter()
        .find(|comparison| !comparison.is_identical());
    if let Some(comparison) = differing {
        let nar = built.nars.get(&comparison.name);
        built.difference = Some(explain(evidence, comparison, nar.map(Vec::as_slice))?);
    }
    Ok(())
}

/// A job that failed where it had succeeded: it diverged before it left anything.
pub(super) fn failed(expected: &Expected, log: &str, built: &mut Built) {
    let last = log
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let output = expected
        .outputs
        .items()
        .first()
        .map(|item| item.name.to_string());
    built.difference = Some(Difference {
        output: output.unwrap_or_default(),
        path: String::new(),
        what: "missing".to_owned(),
        offset: None,
        line: None,
        expected: "the output that was recorded".to_owned(),
        actual: format!("the job failed: {last}"),
        cause: "the job does not succeed in a clean room".to_owned(),
        hint: "read the log: something that it needs is not among its inputs".to_owned(),
    });
}

fn explain(
    evidence: &Evidence<'_>,
    comparison: &Comparison,
    actual: Option<&[u8]>,
) -> Result<Difference, Error> {
    let kept = evidence.manifest().output_nars.get(&comparison.name);
    let (Some(cid), Some(actual)) = (kept, actual) else {
        let hint =
            "the recorded bytes were too large to be kept: raise `keep_bytes` in the profile";
        return Ok(Difference {
            output: comparison.name.to_string(),
            path: String::new(),
            what: "digest".to_owned(),
            offset: None,
            line: None,
            expected: comparison.expected.to_sri(),
            actual: comparison
                .actual
                .map_or_else(|| "nothing".to_owned(), |d| d.to_sri()),
            cause: "unknown, for the recorded bytes are not here".to_owned(),
            hint: hint.to_owned(),
        });
    };
    let expected = evidence.block(cid)?;
    let cannot = || format!("output `{}` cannot be compared", comparison.name);
    let (expected, actual) = (Archive::Bytes(&expected), Archive::Bytes(actual));
    match first_difference_of_archives(expected, actual).or_failed(cannot)? {
        Some(difference) => Ok(difference.to_statement(comparison.name.as_str())),
        None => Err(Error::new(ErrorKind::Failed, cannot())),
    }
}

/// How outputs that somebody else built compare with the evidence.
#[derive(Clone, Debug, Serialize)]
pub struct CompareReport {
    /// The experiment's proof
    pub experiment: String,
    /// `identical`, `identical-from-another-program`, `diverged` or `inputs-differ`
    pub verdict: String,
    /// The program that was recorded
    pub expected_program: String,
    /// The program that built the outputs, if its derivation was given
    pub program: Option<String>,
    /// Every input, if the derivation was given
    pub inputs: Vec<ComparisonView>,
    /// Every output
    pub outputs: Vec<ComparisonView>,
    /// Where the outputs first differ
    pub difference: Option<DifferenceView>,
}

impl CompareReport {
    /// Whether the outputs are identical and another program made them.
    #[must_use]
    pub fn is_from_another_program(&self) -> bool {
        self.verdict == Verdict::IdenticalFromAnotherProgram.as_str()
    }

    /// The kind of failure that the verdict is; none for identical outputs.
    #[must_use]
    pub fn failure(&self) -> Option<ErrorKind> {
        match self.verdict.as_str() {
            "diverged" => Some(ErrorKind::Mismatch),
            "inputs-differ" => Some(ErrorKind::InputsDiffer),
            _ => None,
        }
    }
}

/// Compare outputs that were built elsewhere, for instance by `nix flake check`, with evidence.
///
/// The evidence's statements are not verified here: `verify` does that.
///
/// # Errors
/// Evidence or outputs that cannot be read, or an output that was not given.
pub fn compare(
    evidence: &Evidence<'_>,
    derivation: Option<&Path>,
    paths: &BTreeMap<ItemName, PathBuf>,
) -> Result<CompareReport, Error> {
    let expected = Expected::read(evidence)?;
    if let Some(missing) = expected
        .outputs
        .items()
        .iter()
        .find(|i| !paths.contains_key(&i.name))
    {
        let message = format!("the output `{}` was not given", missing.name);
        let hint = format!("give it as --output {}=PATH", missing.name);
        return Err(Error::new(ErrorKind::Usage, message).with_hint(hint));
    }
    let mut built = expected.unbuilt();
    let mut inputs = Vec::new();
    let mut program_now = None;
    if let Some(path) = derivation {
        let (closure, job) = read_job(path)?;
        program_now = Some(job.program.clone());
        inputs = compare_inputs(evidence, &expected, (&closure, &job))?;
    }
    outputs(evidence, &expected, paths, &mut built)?;
    let recorded = &expected.experiment.statement().program;
    let verdict = if !inputs.iter().all(Comparison::is_identical) {
        Verdict::InputsDiffer
    } else if !built.outputs.iter().all(Comparison::is_identical) {
        Verdict::Diverged
    } else if program_now
        .as_ref()
        .is_some_and(|program| program != recorded)
    {
        Verdict::IdenticalFromAnotherProgram
    } else {
        Verdict::Identical
    };
    Ok(CompareReport {
        experiment: expected.experiment.id().to_string(),
        verdict: verdict.as_str().to_owned(),
        expected_program: recorded.id.clone(),
        program: program_now.map(|program| program.id),
        inputs: inputs.iter().map(ComparisonView::of).collect(),
        outputs: built.outputs.iter().map(ComparisonView::of).collect(),
        difference: built.difference.as_ref().map(DifferenceView::of),
    })
}

/// The job of a .drv file, which is in this machine's store with all that it reaches.
fn read_job(path: &Path) -> Result<(DrvClosure, Job), Error> {
    let shown = path.display();
    let cannot = || format!("`{shown}` is no derivation of a job");
    let store_path: StorePath = path
        .to_string_lossy()
        .parse()
        .context(ErrorKind::Usage, cannot)?;
    let closure =
        DrvClosure::from_store(&store_path, Path::new("/")).context(ErrorKind::Usage, cannot)?;
    let job = Job::of(&closure).context(ErrorKind::Usage, cannot)?;
    Ok((closure, job))
}

/// Inputs by the hashes that their store paths are, or by what lies there.
fn compare_inputs(
    evidence: &Evidence<'_>,
    expected: &Expected,
    (closure, job): (&DrvClosure, &Job),
) -> Result<Vec<Comparison>, Error> {
    let compare = |item: &gatos_core::job::Item| {
        let kept = evidence.manifest().input_nars.get(&item.name);
        let nar = kept.map(|cid| evidence.block(cid)).transpose()?;
        let actual = match job.inputs.get(&item.name) {
            None => None,
            Some(path) => match binding(closure, path, item, nar.as_deref()) {
                Binding::Content => Some(item.nar),
                Binding::Built | Binding::Broken => on_disk(&path.below(Path::new("/")))?,
            },
        };
        Ok(Comparison {
            name: item.name.clone(),
            expected: item.nar,
            actual,
        })
    };
    expected.inputs.items().iter().map(compare).collect()
}

fn on_disk(path: &Path) -> Result<Option<NarDigest>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(read_nar(path, 0)?.0))
}
