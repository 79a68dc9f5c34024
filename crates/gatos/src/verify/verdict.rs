//! Verifying the verdict of a reproduction that came as a file, from somebody without the repository.

use std::path::Path;

use gatos_core::cid::Cid;
use gatos_core::experiment::{Comparison, ExperimentProof, REPRODUCTION_REF_PREFIX, Reproduction};
use gatos_core::job::ItemList;
use gatos_core::keys::PublicKey;
use gatos_core::statement::{Position, Signed};

use super::experiment::{Pins, verify_experiment};
use super::report::{Verification, ensure};
use crate::error::{Context, Error, ErrorKind};
use crate::evidence::Evidence;
use crate::progress::Progress;

/// What is known of a verdict before it is looked at.
pub struct Expectation<'a> {
    /// The evidence that it is about
    pub evidence: Option<&'a Evidence<'a>>,
    /// Where that evidence is from
    pub pins: &'a Pins,
    /// Who must have signed it
    pub signer: Option<PublicKey>,
}

/// Verify a verdict that somebody sent: its signature, that it follows from its findings, and with
/// the evidence that it is about just that experiment.
///
/// # Errors
/// A file that cannot be read. What is wrong with its content is a check that failed.
//= spec/pox.md#verdict-file
pub fn verify_verdict(
    path: &Path,
    expected: &Expectation<'_>,
    progress: &mut dyn Progress,
) -> Result<Verification, Error> {
    let shown = path.display();
    let bytes = std::fs::read(path).context(ErrorKind::Usage, || {
        format!("cannot read the verdict `{shown}`")
    })?;
    let mut report = Verification::new(format!("verdict `{shown}`"));
    let Some(signed) = report.record(("signature and findings", "verdict"), open(&bytes)) else {
        return Ok(report);
    };
    let statement = signed.statement();
    report.subject = format!(
        "verdict `{}` on experiment {}",
        statement.verdict.as_str(),
        statement.experiment
    );
    report.repo = Some(statement.repo.to_string());
    report.record(("signer", "verdict"), signer(&signed, expected.signer));
    let about = ("experiment, program, inputs and outputs", "verdict");
    match expected.evidence {
        Some(evidence) => {
            report.absorb(verify_experiment(evidence, expected.pins, progress));
            report.record(about, compare(statement, evidence));
        }
        None => report.skip(about, "no evidence was named to compare with"),
    }
    Ok(report)
}

/// The statement, which cannot be read if its verdict contradicts its findings.
fn open(bytes: &[u8]) -> Result<(Signed<Reproduction>, String), Error> {
    let signed: Signed<Reproduction> =
        Signed::decode(bytes).or_mismatch(|| "it is no signed verdict, or was changed".into())?;
    let statement = signed.statement();
    let place = format!("{REPRODUCTION_REF_PREFIX}{}", statement.ulid.to_lower());
    ensure(statement.position == Position::first(place), || {
        "it was signed for another ref".to_owned()
    })?;
    let detail = format!(
        "`{}`, as {} inputs and {} outputs say, {}",
        statement.verdict.as_str(),
        statement.inputs.len(),
        statement.outputs.len(),
        signed.id()
    );
    Ok((signed, detail))
}

fn signer(
    signed: &Signed<Reproduction>,
    expected: Option<PublicKey>,
) -> Result<((), String), Error> {
    let keys: Vec<String> = signed
        .signers()
        .iter()
        .map(|key| key.fingerprint().to_string())
        .collect();
    let keys = keys.join(", ");
    match expected {
        Some(key) if !signed.signers().contains(&key) => {
            let message = format!("it is signed by {keys}, not by {}", key.fingerprint());
            Err(Error::new(ErrorKind::Untrusted, message)
                .with_hint("whose verdict it is decides what it is worth"))
        }
        Some(_) => Ok(((), format!("{keys}, as was asked for"))),
        None => Ok(((), format!("{keys}: whether to trust it is for you to say"))),
    }
}

/// Whether what the verdict calls recorded is what the evidence records.
fn compare(statement: &Reproduction, evidence: &Evidence<'_>) -> Result<((), String), Error> {
    let manifest = evidence.manifest();
    let experiment: Signed<ExperimentProof> =
        evidence.signed(&manifest.experiment, "proof of experiment")?;
    let proof = experiment.statement();
    ensure(statement.experiment == experiment.id(), || {
        format!("it is about another experiment, {}", statement.experiment)
    })?;
    ensure(statement.repo == proof.repo, || {
        "it names another repository than the experiment".to_owned()
    })?;
    ensure(statement.expected_program == proof.program, || {
        "the program that it calls recorded is another one".to_owned()
    })?;
    for (what, claimed, list) in [
        ("inputs", &statement.inputs, &manifest.inputs),
        ("outputs", &statement.outputs, &manifest.outputs),
    ] {
        ensure(same_items(claimed, &items(evidence, list)?), || {
            format!("the {what} that it calls recorded are others")
        })?;
    }
    Ok(((), format!("those of {}", experiment.id())))
}

fn items(evidence: &Evidence<'_>, list: &Cid) -> Result<ItemList, Error> {
    ItemList::from_value(evidence.value(list)?).or_mismatch(|| "this is no list".to_owned())
}

fn same_items(claimed: &[Comparison], recorded: &ItemList) -> bool {
    let claimed = claimed.iter().map(|item| (&item.name, item.expected));
    let recorded = recorded.items().iter().map(|item| (&item.name, item.nar));
    claimed.eq(recorded)
}
