//! Experiments and reproductions as people see them.

use gatos_core::experiment::{ExperimentProof, FoldRole, Reproduction, Tree};
use gatos_core::job::ItemList;
use gatos_core::statement::Signed;
use serde::Serialize;

use super::select::{Found, all};
use crate::error::{Context, Error};
use crate::repository::Repository;
use crate::repository::ledger::Folder;

/// An experiment at a glance; its signature was verified, nothing else.
#[derive(Clone, Debug, Serialize)]
pub struct ExperimentView {
    /// Its identifier
    pub ulid: String,
    /// Content id of its proof
    pub id: String,
    /// Its name
    pub name: String,
    /// When it was recorded, in milliseconds since 1970, as its identifier says
    pub recorded_ms: u64,
    /// Who published it
    pub actor: String,
    /// Its program
    pub program_id: String,
    /// Its program without its data
    pub builder_id: String,
    /// The policy in force then
    pub policy_root: String,
    /// The Git commit of its files
    pub revision: Option<String>,
    /// Whether its files were not as that commit has them
    pub dirty: bool,
    /// What went in
    pub inputs: Vec<ItemView>,
    /// What came out
    pub outputs: Vec<ItemView>,
    /// The folds that it rests on and gave
    pub folds: Vec<FoldUseView>,
    /// Journal, first index and number of the events that its output became
    pub results: Option<ResultsView>,
}

/// An input or output.
#[derive(Clone, Debug, Serialize)]
pub struct ItemView {
    /// Its name
    pub name: String,
    /// Its hash as Nix writes it
    pub nar_hash: String,
    /// Length of its NAR in bytes
    pub nar_size: u64,
}

/// A fold of an experiment.
#[derive(Clone, Debug, Serialize)]
pub struct FoldUseView {
    /// The input that its state is; none for the fold of the results
    pub input: Option<String>,
    /// Content id of the Proof-of-Fold
    pub proof: String,
}

/// The events that an output became.
#[derive(Clone, Debug, Serialize)]
pub struct ResultsView {
    /// The journal
    pub journal: String,
    /// Index of the first
    pub first: u64,
    /// Their number
    pub count: u64,
}

/// A reproduction at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct ReproductionView {
    /// Its identifier
    pub ulid: String,
    /// Content id of its statement
    pub id: String,
    /// When it was recorded, in milliseconds since 1970, as its identifier says
    pub recorded_ms: u64,
    /// The experiment's proof
    pub experiment: String,
    /// The verdict
    pub verdict: String,
    /// Who reproduced
    pub actor: String,
    /// What could not be had, if the verdict is `blocked`
    pub blocked_by: Option<String>,
    /// On what it was built
    pub system: String,
}

/// All experiments, oldest first.
///
/// # Errors
/// An experiment that cannot be read or does not verify.
pub fn experiments(repository: &Repository) -> Result<Vec<ExperimentView>, Error> {
    all(repository)?
        .into_iter()
        .map(|found| view(repository, found))
        .collect()
}

/// One experiment.
///
/// # Errors
/// As [`experiments`].
pub fn show(repository: &Repository, id: &str) -> Result<ExperimentView, Error> {
    view(repository, super::select(repository, id)?)
}

/// All reproductions, oldest first.
///
/// # Errors
/// A reproduction that cannot be read or does not verify.
pub fn reproductions(repository: &Repository) -> Result<Vec<ReproductionView>, Error> {
    let view = |found: Found<Reproduction>| {
        let signed = verified(&found.reference, found.signed)?;
        let statement = signed.statement();
        Ok(ReproductionView {
            ulid: statement.ulid.to_string(),
            id: signed.id().to_string(),
            recorded_ms: statement.ulid.milliseconds(),
            experiment: statement.experiment.to_string(),
            verdict: statement.verdict.as_str().to_owned(),
            actor: statement.actor.to_string(),
            blocked_by: statement.blocked_by.clone(),
            system: statement.environment.system.clone(),
        })
    };
    all(repository)?.into_iter().map(view).collect()
}

fn verified<T>(
    reference: &str,
    signed: Result<Signed<T>, gatos_core::statement::OpenError>,
) -> Result<Signed<T>, Error> {
    signed.or_mismatch(|| format!("`{reference}` does not verify"))
}

fn view(repository: &Repository, found: Found<ExperimentProof>) -> Result<ExperimentView, Error> {
    let signed = verified(&found.reference, found.signed)?;
    let proof = signed.statement();
    let execution = Folder::of_commit(repository.git(), found.commit)?.folder("execution")?;
    let folds = proof.folds.iter().map(|used| FoldUseView {
        input: match &used.role {
            FoldRole::Input(name) => Some(name.to_string()),
            FoldRole::Results => None,
        },
        proof: used.proof.to_string(),
    });
    Ok(ExperimentView {
        ulid: proof.ulid.to_string(),
        id: signed.id().to_string(),
        name: proof.name.to_string(),
        recorded_ms: proof.ulid.milliseconds(),
        actor: proof.actor.to_string(),
        program_id: proof.program.id.clone(),
        builder_id: proof.builder_id.to_string(),
        policy_root: proof.policy_root.to_string(),
        revision: proof.source.revision.clone(),
        dirty: proof.source.tree == Tree::Dirty,
        inputs: items(&execution, "inputs")?,
        outputs: items(&execution, "outputs")?,
        folds: folds.collect(),
        results: proof.results.as_ref().map(|results| ResultsView {
            journal: results.journal.to_string(),
            first: results.first,
            count: results.count,
        }),
    })
}

fn items(folder: &Folder<'_>, name: &str) -> Result<Vec<ItemView>, Error> {
    let cannot = || format!("the list of {name} cannot be read");
    let value = gatos_core::cbor::decode(&folder.blob(name)?).or_mismatch(cannot)?;
    let list = ItemList::from_value(value).or_mismatch(cannot)?;
    let views = list.items().iter().map(|item| ItemView {
        name: item.name.to_string(),
        nar_hash: item.nar.to_sri(),
        nar_size: item.nar.size,
    });
    Ok(views.collect())
}
