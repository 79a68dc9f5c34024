//! `gatos evidence verdict`: a verdict that somebody sent.

use std::path::PathBuf;

use clap::Args;
use gatos::PublicKey;
use gatos::evidence::read_archive;
use gatos::verify::{Expectation, verify_verdict};

use crate::arguments::PinArguments;
use crate::commands::verify;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos evidence verdict verdict.cbor
  gatos evidence verdict verdict.cbor --evidence study.car --signed-by bob.pub";

/// Check a signed verdict that `gatos reproduce --output` wrote on another machine
///
/// Its signature must be valid, and the verdict the one that its findings give. With the evidence,
/// it must be about that experiment, and call recorded what that records. Ends with 0 if the
/// verdict is what it says, whatever it says.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Verdict {
    /// The file of the verdict
    file: PathBuf,
    /// The file of the evidence that was reproduced
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Refuse what was not signed with this key: an SSH public key, as text or in a file
    #[arg(long, value_name = "KEY", value_parser = gatos::signer::parse_public)]
    signed_by: Option<PublicKey>,
    #[command(flatten)]
    pins: PinArguments,
}

impl Verdict {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let evidence = self.evidence.as_deref().map(read_archive).transpose()?;
        let expected = Expectation {
            evidence: evidence.as_ref(),
            pins: &self.pins.pins(),
            signer: self.signed_by,
        };
        let verification = verify_verdict(&self.file, &expected, &mut context.progress())?;
        Ok(verify::report(verification))
    }
}
