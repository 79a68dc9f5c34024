//! The rule that a verdict follows from its findings: no receipt says passed with a failed check inside.

use super::{Comparison, Reproduction, Verdict};

/// A verdict that its findings contradict.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the verdict `{verdict}` contradicts its findings: {why}")]
pub struct IncoherentError {
    /// The verdict
    pub verdict: &'static str,
    /// Which finding contradicts it
    pub why: &'static str,
}

impl Reproduction {
    /// Check that the verdict is the one that the findings give.
    ///
    /// # Errors
    /// The first finding that contradicts it.
    pub fn check_coherence(&self) -> Result<(), IncoherentError> {
        let same_inputs = self.inputs.iter().all(Comparison::is_identical);
        let same_outputs =
            !self.outputs.is_empty() && self.outputs.iter().all(Comparison::is_identical);
        let same_program = self.program == self.expected_program;
        let rules: &[(bool, &'static str)] = match self.verdict {
            Verdict::Identical | Verdict::IdenticalFromAnotherProgram => &[
                (same_inputs, "an input differs"),
                (same_outputs, "an output differs or was not compared"),
                (self.isolation.holds(), "the build was not isolated"),
                (self.log.is_some(), "nothing was built"),
                (self.difference.is_none(), "a difference is named"),
                (self.blocked_by.is_none(), "something could not be had"),
                (
                    same_program == (self.verdict == Verdict::Identical),
                    "the programs are not as it says",
                ),
            ],
            Verdict::Diverged => &[
                (same_inputs, "an input differs"),
                (!same_outputs, "every output is identical"),
                (self.blocked_by.is_none(), "something could not be had"),
            ],
            Verdict::Blocked => &[(
                self.blocked_by.is_some(),
                "nothing is named that was missing",
            )],
            Verdict::InputsDiffer => &[(!same_inputs, "every input is identical")],
        };
        match rules.iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, why)) => Err(IncoherentError {
                verdict: self.verdict.as_str(),
                why,
            }),
        }
    }
}
