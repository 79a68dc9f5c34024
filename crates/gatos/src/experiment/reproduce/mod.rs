//! `gatos reproduce`: build the job again in an empty store, compare every bit, sign the verdict.

mod build;
mod compare;
mod record;

use std::path::PathBuf;
use std::thread;

use gatos_core::experiment::{Reproduction, Verdict};
use gatos_core::keys::Signer;
use gatos_core::statement::Signed;
use gatos_nix::Cancel;
use gatos_nix::nix::Nix;
use serde::Serialize;

use self::build::Built;
use crate::error::{Error, ErrorKind};
use crate::evidence::{Evidence, WholeFile};
use crate::progress::Progress;
use crate::repository::Repository;
use crate::verify::{Pins, VerificationVerdict, verify_experiment};

pub use self::compare::{CompareReport, compare};

/// How to reproduce.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the job is built with comes from
    pub dependencies: Dependencies,
    /// Reproduce with the program of this study as it is now, instead of the one recorded
    pub from: Option<(PathBuf, String)>,
    /// Where the clean room is made
    pub scratch: PathBuf,
    /// Whether the clean room is left for somebody to look at
    pub room: Room,
    /// The file that the signed verdict is written to, besides
    pub verdict: Option<PathBuf>,
    /// Raised when somebody wants to stop
    pub cancel: Cancel,
}

/// What the job is built with comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dependencies {
    /// The evidence, this machine's store, or caches; each is listed with who vouched for it
    Anywhere,
    /// Sources alone: everything is built
    Source,
}

/// What becomes of the clean room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Room {
    /// It is removed
    Removed,
    /// It stays
    Kept,
}

/// What a reproduction found.
#[derive(Clone, Debug, Serialize)]
pub struct ReproductionReport {
    /// The reproduction's identifier
    pub ulid: String,
    /// Content id of the signed statement, if somebody signed it
    pub id: Option<String>,
    /// The ref that it was recorded in, if there is a repository
    pub recorded: Option<String>,
    /// The experiment's proof
    pub experiment: String,
    /// The verdict
    pub verdict: String,
    /// The program that was built now
    pub program_id: String,
    /// Every input
    pub inputs: Vec<ComparisonView>,
    /// Every output
    pub outputs: Vec<ComparisonView>,
    /// Everything else that the build used, and who vouched for it
    pub dependencies: Vec<DependencyView>,
    /// Where the outputs first differ
    pub difference: Option<DifferenceView>,
    /// What could not be had
    pub blocked_by: Option<String>,
    /// What speaks against isolation
    pub isolation_violations: Vec<String>,
    /// Where the clean room is, if it was kept
    pub room: Option<String>,
    /// The file that the signed verdict was written to
    pub verdict_file: Option<String>,
}

/// One input or output, as recorded and as found.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonView {
    /// Its name
    pub name: String,
    /// Whether it is identical
    pub identical: bool,
    /// As recorded, as Nix writes it
    pub expected: String,
    /// As found; none if there was nothing to look at
    pub actual: Option<String>,
    /// Length of its NAR as recorded
    pub size: u64,
}

/// A store object that the build used.
#[derive(Clone, Debug, Serialize)]
pub struct DependencyView {
    /// Base name of its store path
    pub path: String,
    /// Its hash, computed here
    pub nar_hash: String,
    /// Who vouched for it
    pub vouched_by: String,
}

/// Where two outputs first differ.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceView {
    /// The output
    pub output: String,
    /// Path inside it
    pub path: String,
    /// What differs
    pub what: String,
    /// Offset of the first differing byte
    pub offset: Option<u64>,
    /// Number of the first differing line
    pub line: Option<u64>,
    /// What was recorded there
    pub expected: String,
    /// What is there now
    pub actual: String,
    /// The likely cause
    pub cause: String,
    /// What to do about it
    pub hint: String,
}

/// What is reproduced, and where the verdict goes.
pub struct Subject<'a> {
    /// The evidence
    pub evidence: &'a Evidence<'a>,
    /// What is known of where it is from
    pub pins: &'a Pins,
    /// The repository that the verdict is recorded in, if there is one
    pub repository: Option<&'a Repository>,
    /// Who signs the verdict
    pub signer: Option<&'a dyn Signer>,
}

/// Reproduce an experiment.
///
/// # Errors
/// Evidence that does not verify, a signer who may not, or a machine that fails in a way that says
/// nothing about the experiment. Every verdict, `diverged` and `blocked` too, is a result.
pub fn reproduce(
    subject: &Subject<'_>,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<ReproductionReport, Error> {
    // Nix takes its time to say which one it is, and so does verifying.
    let (verification, nix) = thread::scope(|scope| {
        let nix = scope.spawn(Nix::find);
        let verification = verify_experiment(subject.evidence, subject.pins, progress);
        (verification, nix.join())
    });
    let nix = nix.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    if verification.verdict != VerificationVerdict::Verified {
        let kind = verification.failure().unwrap_or(ErrorKind::Mismatch);
        let failed = verification
            .checks
            .iter()
            .find(|check| check.outcome == crate::verify::CheckOutcome::Failed);
        let why = failed.map_or_else(String::new, |check| {
            format!(": {} of {}: {}", check.name, check.subject, check.detail)
        });
        return Err(
            Error::new(kind, format!("the evidence does not verify{why}"))
                .with_hint("`gatos verify` lists every check"),
        );
    }
    if let Some(path) = &options.verdict {
        // A build may take hours; that its verdict cannot be written is to be heard before it.
        WholeFile::beside(path)?;
    }
    let expected = build::Expected::read(subject.evidence)?;
    let built = build::build((subject.evidence, nix), &expected, options, progress)?;
    let reproduction = record::statement(subject, &expected, &built)?;
    let signed = subject
        .signer
        .map(|signer| record::sign(reproduction.clone(), signer))
        .transpose()?;
    let recorded = match (subject.repository, &signed) {
        (Some(repository), Some(signed)) => {
            record::store(repository, signed, &built)?;
            Some(signed.statement().position.reference.clone())
        }
        _ => None,
    };
    let mut report = report(&reproduction, signed.as_ref(), recorded, &built);
    if let (Some(path), Some(signed)) = (&options.verdict, &signed) {
        record::write(signed, path)?;
        report.verdict_file = Some(path.display().to_string());
    }
    Ok(report)
}

impl ReproductionReport {
    /// The kind of failure that the verdict is; none for identical outputs.
    #[must_use]
    pub fn failure(&self) -> Option<ErrorKind> {
        match self.verdict.as_str() {
            "diverged" => Some(ErrorKind::Mismatch),
            "blocked" => Some(ErrorKind::Blocked),
            "inputs-differ" => Some(ErrorKind::InputsDiffer),
            _ => None,
        }
    }

    /// Whether the outputs are identical and another program made them.
    #[must_use]
    pub fn is_from_another_program(&self) -> bool {
        self.verdict == Verdict::IdenticalFromAnotherProgram.as_str()
    }
}

fn report(
    reproduction: &Reproduction,
    signed: Option<&Signed<Reproduction>>,
    recorded: Option<String>,
    built: &Built,
) -> ReproductionReport {
    ReproductionReport {
        ulid: reproduction.ulid.to_string(),
        id: signed.map(|signed| signed.id().to_string()),
        recorded,
        experiment: reproduction.experiment.to_string(),
        verdict: reproduction.verdict.as_str().to_owned(),
        program_id: reproduction.program.id.clone(),
        inputs: reproduction.inputs.iter().map(ComparisonView::of).collect(),
        outputs: reproduction
            .outputs
            .iter()
            .map(ComparisonView::of)
            .collect(),
        dependencies: reproduction
            .dependencies
            .iter()
            .map(DependencyView::of)
            .collect(),
        difference: reproduction.difference.as_ref().map(DifferenceView::of),
        blocked_by: reproduction.blocked_by.clone(),
        isolation_violations: match reproduction.log {
            Some(_) => reproduction.isolation.violations(),
            None => Vec::new(),
        },
        room: built.room.as_ref().map(|path| path.display().to_string()),
        verdict_file: None,
    }
}

impl ComparisonView {
    pub(crate) fn of(comparison: &gatos_core::experiment::Comparison) -> Self {
        Self {
            name: comparison.name.to_string(),
            identical: comparison.is_identical(),
            expected: comparison.expected.to_sri(),
            actual: comparison.actual.map(|digest| digest.to_sri()),
            size: comparison.expected.size,
        }
    }
}

impl DependencyView {
    fn of(dependency: &gatos_core::experiment::Dependency) -> Self {
        Self {
            path: dependency.path.clone(),
            nar_hash: dependency.nar.to_sri(),
            vouched_by: dependency.vouched_by.clone(),
        }
    }
}

impl DifferenceView {
    pub(crate) fn of(difference: &gatos_core::experiment::Difference) -> Self {
        Self {
            output: difference.output.clone(),
            path: difference.path.clone(),
            what: difference.what.clone(),
            offset: difference.offset,
            line: difference.line,
            expected: difference.expected.clone(),
            actual: difference.actual.clone(),
            cause: difference.cause.clone(),
            hint: difference.hint.clone(),
        }
    }
}
