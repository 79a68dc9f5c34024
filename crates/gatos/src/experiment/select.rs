//! Finding what an `<id>` means: a ULID, a CID, a unique prefix of either, or a ref.

use gatos_core::experiment::{
    EXPERIMENT_REF_PREFIX, ExperimentProof, REPRODUCTION_REF_PREFIX, Reproduction,
};
use gatos_core::id::StatementId;
use gatos_core::job::{ExecutionProof, JOB_REF_PREFIX};
use gatos_core::statement::{OpenError, Signed, Statement};
use gatos_core::ulid::Ulid;
use gatos_git::ObjectId;

use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;
use crate::repository::ledger::{Folder, ref_name};

/// Fewest characters of a prefix.
const MIN_PREFIX: usize = 4;

/// A statement of the ledger.
#[derive(Debug)]
pub struct Found<T> {
    /// The ref that it stands in
    pub reference: String,
    /// The commit
    pub commit: ObjectId,
    /// Its identifier, from the ref
    pub ulid: Ulid,
    /// The statement, its signatures verified; or why they could not be
    pub signed: Result<Signed<T>, OpenError>,
    /// Its id, whether it verifies or not
    pub id: StatementId,
}

/// A kind of statement that has a ref of its own for each.
pub(crate) trait Listed: Statement {
    /// What stands before the identifier in the ref.
    const PREFIX: &'static str;
    /// What it is called.
    const NOUN: &'static str;
    /// The command that lists all of them.
    const LISTED_BY: &'static str;
}

impl Listed for ExperimentProof {
    const PREFIX: &'static str = EXPERIMENT_REF_PREFIX;
    const NOUN: &'static str = "experiment";
    const LISTED_BY: &'static str = "gatos log";
}

impl Listed for Reproduction {
    const PREFIX: &'static str = REPRODUCTION_REF_PREFIX;
    const NOUN: &'static str = "reproduction";
    const LISTED_BY: &'static str = "gatos log";
}

impl Listed for ExecutionProof {
    const PREFIX: &'static str = JOB_REF_PREFIX;
    const NOUN: &'static str = "job";
    const LISTED_BY: &'static str = "gatos job list";
}

/// The experiment that `text` means.
///
/// # Errors
/// No such experiment, or more than one.
pub fn select(repository: &Repository, text: &str) -> Result<Found<ExperimentProof>, Error> {
    select_listed(repository, text)
}

pub(crate) fn select_listed<T: Listed>(
    repository: &Repository,
    text: &str,
) -> Result<Found<T>, Error> {
    let noun = T::NOUN;
    let mut matching: Vec<Found<T>> = all::<T>(repository)?
        .into_iter()
        .filter(|found| is_meant(found, text))
        .collect();
    let hint = || format!("`{}` shows those there are", T::LISTED_BY);
    match (matching.pop(), matching.len()) {
        (Some(found), 0) => Ok(found),
        (None, _) if is_prefix_too_short(text) => {
            let message = format!("`{text}` is too short for a prefix");
            Err(Error::new(ErrorKind::Usage, message).with_hint("give at least 4 characters"))
        }
        (None, _) => Err(
            Error::new(ErrorKind::Usage, format!("there is no {noun} `{text}`")).with_hint(hint()),
        ),
        (Some(last), _) => {
            let also: Vec<_> = matching
                .iter()
                .map(|found| found.ulid.to_string())
                .collect();
            let message = format!(
                "`{text}` is a prefix of {} and of {}",
                also.join(", "),
                last.ulid
            );
            Err(Error::new(ErrorKind::Usage, message).with_hint("give more characters"))
        }
    }
}

/// Every statement of a kind, oldest identifier first.
pub(crate) fn all<T: Listed>(repository: &Repository) -> Result<Vec<Found<T>>, Error> {
    let git = repository.git();
    let prefix = ref_name(T::PREFIX.trim_end_matches('/'))?;
    let refs = git
        .refs_under(&prefix)
        .or_failed(|| format!("cannot list what is in {prefix}"))?;
    refs.into_iter()
        .map(|(name, commit)| found(repository, name.as_str(), commit))
        .collect()
}

/// The statement of one ref.
pub(crate) fn found<T: Listed>(
    repository: &Repository,
    reference: &str,
    commit: ObjectId,
) -> Result<Found<T>, Error> {
    let text = reference.trim_start_matches(T::PREFIX);
    let ulid = text
        .parse()
        .or_mismatch(|| format!("`{reference}` does not end in a ULID"))?;
    let bytes = Folder::of_commit(repository.git(), commit)?.blob("proof")?;
    let envelope = gatos_core::envelope::Envelope::decode(&bytes)
        .or_mismatch(|| format!("the proof of `{reference}` is no envelope"))?;
    let id = envelope.id().into();
    let signed = Signed::open(envelope);
    Ok(Found {
        reference: reference.to_owned(),
        commit,
        ulid,
        signed,
        id,
    })
}

fn is_meant<T>(found: &Found<T>, text: &str) -> bool {
    if text == found.reference || text == found.id.to_string() {
        return true;
    }
    if is_prefix_too_short(text) {
        return false;
    }
    let upper = text.to_ascii_uppercase();
    found.ulid.to_string().starts_with(&upper) || found.id.to_string().starts_with(text)
}

const fn is_prefix_too_short(text: &str) -> bool {
    text.len() < MIN_PREFIX
}
