//! Verifying a Proof-of-Experiment from its evidence alone, wherever that is.

mod folds;
mod input;
mod journals;
mod program;
mod statements;

use gatos_core::id::RepoId;
use gatos_core::keys::PublicKey;

use super::policy::PolicyChain;
use super::remembered::Remembered;
use super::report::Verification;
use crate::error::{Error, ErrorKind};
use crate::evidence::Evidence;
use crate::progress::Progress;

pub(crate) use self::input::{Binding, binding};
pub(crate) use self::program::closure;

/// What whoever verifies knows already. Evidence can be made up whole, with a founder of its own;
/// only somebody who knows the repository or its founder can tell.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The repository's id
    pub repo: Option<RepoId>,
    /// The founder's key
    pub founder: Option<PublicKey>,
}

impl Pins {
    /// Check that a repository is the one that is meant.
    ///
    /// # Errors
    /// [`ErrorKind::Untrusted`]: it is another one, or somebody else founded it.
    pub(crate) fn check(&self, policies: &PolicyChain) -> Result<((), String), Error> {
        let (repo, founder) = (policies.repo(), policies.genesis().statement().key);
        if let Some(expected) = self.repo.filter(|expected| *expected != repo) {
            return Err(wrong_pin("repository", expected, repo));
        }
        if let Some(expected) = self.founder.filter(|expected| *expected != founder) {
            return Err(wrong_pin(
                "founder",
                expected.fingerprint(),
                founder.fingerprint(),
            ));
        }
        let detail = match (self.repo, self.founder) {
            (None, None) => "nothing was pinned: whether to trust the founder is for you to say",
            _ => "it is the repository that was asked for",
        };
        Ok(((), detail.to_owned()))
    }
}

/// Verify an experiment: every signature, hash and policy binding, and each fold again; offline.
#[must_use]
pub fn verify_experiment(
    evidence: &Evidence<'_>,
    pins: &Pins,
    progress: &mut dyn Progress,
) -> Verification {
    verify_evidence(evidence, pins, &mut Remembered::of_this_process(), progress)
}

/// As [`verify_experiment`], with what this very process verified.
pub(crate) fn verify_evidence(
    evidence: &Evidence<'_>,
    pins: &Pins,
    memory: &mut Remembered,
    progress: &mut dyn Progress,
) -> Verification {
    let mut report = Verification::new("experiment");
    progress.begin("verify", None);
    let Some(policies) = statements::policies(evidence, &mut report) else {
        progress.end();
        return report;
    };
    report.record(("pins", "repository"), pins.check(&policies));
    report.repo = Some(policies.repo().to_string());
    report.founder = Some(policies.genesis().statement().key.fingerprint().to_string());
    let Some(proofs) = statements::proofs(evidence, &policies, &mut report) else {
        progress.end();
        return report;
    };
    report.subject = format!(
        "experiment {} {}",
        proofs.experiment.statement().ulid,
        proofs.experiment.id()
    );
    if let Some(lists) = statements::lists(evidence, &proofs, &mut report) {
        program::check(evidence, &proofs, &lists, &mut report);
        statements::kept(evidence, &lists, &mut report);
        let histories = journals::check(evidence, (&policies, memory), &mut report);
        folds::check(
            evidence,
            (&policies, memory, &proofs, &lists),
            &mut report,
            progress,
        );
        journals::results(evidence, &proofs, &histories, &mut report);
    }
    progress.end();
    report
}

/// A pin that does not fit.
fn wrong_pin(what: &str, expected: impl std::fmt::Display, found: impl std::fmt::Display) -> Error {
    let message = format!("the {what} is {found}, not {expected}, which was asked for");
    Error::new(ErrorKind::Untrusted, message)
        .with_hint("this evidence is from somewhere else, whatever it says of itself")
}
