//! What Nix's exit code and messages mean.

/// How a job failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The job ended with this code, which is not zero
    Exited {
        /// The code
        code: i32,
    },
    /// A signal ended the job
    Killed {
        /// Its number
        signal: i32,
    },
    /// The job ended well, but did not create its output
    NoOutput,
    /// The job ended well, but left something that no store path may hold
    BadOutput,
}

/// What Nix's exit code says (`nix-store --realise`); the codes are ORed if several things failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Success,
    /// A builder failed
    BuildFailure,
    /// A builder took too long
    TimedOut,
    /// A fixed output has another hash
    HashMismatch,
    /// A check made something else
    NotDeterministic,
    /// Anything else
    Other,
}

impl Verdict {
    /// Read an exit code. Of ORed codes the one that needs most attention counts.
    pub(crate) const fn of(code: i32) -> Self {
        match code {
            0 => Self::Success,
            100..=111 => match code - 100 {
                bits if bits & 8 != 0 => Self::NotDeterministic,
                bits if bits & 4 != 0 => Self::NotDeterministic,
                bits if bits & 2 != 0 => Self::HashMismatch,
                bits if bits & 1 != 0 => Self::TimedOut,
                _ => Self::BuildFailure,
            },
            _ => Self::Other,
        }
    }
}

/// Find how the builder of the job failed in what Nix said.
pub(crate) fn failure(said: &str) -> Option<Failure> {
    let number = |after: &str| {
        let (_, rest) = said.split_once(after)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    if let Some(code) = number("failed with exit code ") {
        return Some(Failure::Exited { code });
    }
    if let Some(signal) = number("failed due to signal ") {
        return Some(Failure::Killed { signal });
    }
    if said.contains("failed to produce output path") {
        return Some(Failure::NoOutput);
    }
    [
        "unsupported type",
        "suspicious ownership or permission",
        "invalid file name",
    ]
    .iter()
    .any(|words| said.contains(words))
    .then_some(Failure::BadOutput)
}

#[cfg(test)]
mod tests {
    use super::{Failure, Verdict, failure};

    #[test]
    fn exit_codes() {
        // 100 failure, 101 timeout, 102 hash mismatch, 104 not deterministic; ORed in 101..=111.
        let cases = [
            (0, Verdict::Success),
            (1, Verdict::Other),
            (2, Verdict::Other),
            (99, Verdict::Other),
            (100, Verdict::BuildFailure),
            (101, Verdict::TimedOut),
            (102, Verdict::HashMismatch),
            (103, Verdict::HashMismatch),
            (104, Verdict::NotDeterministic),
            (105, Verdict::NotDeterministic),
            (107, Verdict::NotDeterministic),
            (112, Verdict::Other),
            (137, Verdict::Other),
            (255, Verdict::Other),
        ];
        for (code, expect) in cases {
            assert_eq!(Verdict::of(code), expect, "{code}");
        }
    }

    #[test]
    fn failures() {
        let cases = [
            (
                "error: builder for '/nix/store/x.drv' failed with exit code 3;",
                Some(Failure::Exited { code: 3 }),
            ),
            (
                "error: Cannot build '/nix/store/x.drv'.\nReason: builder failed with exit code \
                    127.",
                Some(Failure::Exited { code: 127 }),
            ),
            (
                "error: builder for 'x' failed due to signal 9 (Killed)",
                Some(Failure::Killed { signal: 9 }),
            ),
            (
                "error: builder for 'x' failed to produce output path for output 'out' at 'y'",
                Some(Failure::NoOutput),
            ),
            (
                "error: file '/nix/store/x/fifo' has an unsupported type",
                Some(Failure::BadOutput),
            ),
            ("error: out of disk", None),
        ];
        for (said, expect) in cases {
            assert_eq!(failure(said), expect, "{said}");
        }
    }
}
