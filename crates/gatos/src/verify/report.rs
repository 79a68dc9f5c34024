//! What was checked, one line each, and what follows from it.

use serde::Serialize;

use crate::error::{Error, ErrorKind};

/// How one check ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// It holds
    Passed,
    /// It does not hold
    Failed,
    /// It could not be made here, and nothing depends on it being made
    Skipped,
}

/// One thing that was checked.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What is claimed, such as `signature` or `history root`
    pub name: String,
    /// Of what, such as `event 17 of measurements`
    pub subject: String,
    /// How it ended
    pub outcome: CheckOutcome,
    /// What was found, or why it failed or was skipped
    pub detail: String,
}

/// What follows from all checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerificationVerdict {
    /// Everything that was checked holds
    Verified,
    /// Something is not what its hash, signature or proof says
    Mismatch,
    /// Somebody signed who may not
    Untrusted,
    /// A part of the history or evidence is not here
    Incomplete,
    /// Something needed for checking could not be had, such as another engine
    Blocked,
}

/// The checks of one thing, in the order in which they were made.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// What was verified
    pub subject: String,
    /// The repository that it is from
    pub repo: Option<String>,
    /// Fingerprint of the key that founded that repository: whoever verifies must know it
    pub founder: Option<String>,
    /// Every check
    pub checks: Vec<Check>,
    /// What follows
    pub verdict: VerificationVerdict,
}

impl Verification {
    pub(crate) fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            repo: None,
            founder: None,
            checks: Vec::new(),
            verdict: VerificationVerdict::Verified,
        }
    }

    /// Number of checks that passed, failed and were skipped.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |o| {
            self.checks
                .iter()
                .filter(|check| check.outcome == o)
                .count()
        };
        (
            count(CheckOutcome::Passed),
            count(CheckOutcome::Failed),
            count(CheckOutcome::Skipped),
        )
    }

    /// The failure that a verdict is; none for [`VerificationVerdict::Verified`].
    #[must_use]
    pub const fn failure(&self) -> Option<ErrorKind> {
        self.verdict.as_error()
    }

    /// Write down how a check ended; the value of one that passed is given back.
    pub(crate) fn record<T>(
        &mut self,
        (name, subject): (&str, &str),
        result: Result<(T, String), Error>,
    ) -> Option<T> {
        let (outcome, detail, value) = match result {
            Ok((value, detail)) => (CheckOutcome::Passed, detail, Some(value)),
            Err(error) => {
                self.worsen(error.kind());
                (CheckOutcome::Failed, error.full_message(), None)
            }
        };
        let (name, subject) = (name.to_owned(), subject.to_owned());
        self.checks.push(Check {
            name,
            subject,
            outcome,
            detail,
        });
        value
    }

    pub(crate) fn skip(&mut self, (name, subject): (&str, &str), why: impl Into<String>) {
        self.checks.push(Check {
            name: name.to_owned(),
            subject: subject.to_owned(),
            outcome: CheckOutcome::Skipped,
            detail: why.into(),
        });
    }

    /// Take over another report's checks.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.checks.extend(other.checks);
        if let Some(kind) = other.verdict.as_error() {
            self.worsen(kind);
        }
    }

    /// A mismatch outweighs everything; the first of other failures stays.
    fn worsen(&mut self, kind: ErrorKind) {
        let verdict = match kind {
            ErrorKind::Untrusted => VerificationVerdict::Untrusted,
            ErrorKind::Incomplete => VerificationVerdict::Incomplete,
            ErrorKind::Blocked => VerificationVerdict::Blocked,
            _ => VerificationVerdict::Mismatch,
        };
        if self.verdict == VerificationVerdict::Verified || verdict == VerificationVerdict::Mismatch
        {
            self.verdict = verdict;
        }
    }
}

impl VerificationVerdict {
    const fn as_error(self) -> Option<ErrorKind> {
        match self {
            Self::Verified => None,
            Self::Mismatch => Some(ErrorKind::Mismatch),
            Self::Untrusted => Some(ErrorKind::Untrusted),
            Self::Incomplete => Some(ErrorKind::Incomplete),
            Self::Blocked => Some(ErrorKind::Blocked),
        }
    }
}

/// A check that found something wrong.
pub(crate) fn mismatch<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Mismatch, message))
}

/// Check a condition.
pub(crate) fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Error> {
    if holds { Ok(()) } else { mismatch(message()) }
}
