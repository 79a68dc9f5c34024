//! Evidence from a repository: where each thing that an experiment rests on lies there.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::cid::Cid;
use gatos_core::evidence::{ActivationEvidence, FoldEvidence, Manifest};
use gatos_core::experiment::ExperimentProof;
use gatos_core::fold::FoldProof;
use gatos_core::name::{ItemName, JournalName};
use gatos_core::policy::{ACTIVE_REF, Activation};
use gatos_core::statement::Signed;

use super::{Blocks, Evidence, Located};
use crate::error::{Context, Error, ErrorKind};
use crate::experiment::Found;
use crate::journal::tip;
use crate::repository::Repository;
use crate::repository::ledger::{Folder, commits, ref_name};

/// Gather the evidence of an experiment.
///
/// # Errors
/// Something that the experiment names and the repository does not have.
pub fn gather<'r>(
    repository: &'r Repository,
    found: &Found<ExperimentProof>,
) -> Result<Evidence<'r>, Error> {
    let mut gatherer = Gatherer {
        repository,
        located: BTreeMap::new(),
    };
    let folder = Folder::of_commit(repository.git(), found.commit)?;
    let manifest = gatherer.manifest(&folder)?;
    let located = gatherer.located;
    Ok(Evidence {
        manifest,
        blocks: Blocks::Repository {
            repository,
            located,
        },
    })
}

struct Gatherer<'r> {
    repository: &'r Repository,
    located: BTreeMap<Cid, Located>,
}

/// The chain of policies, as ids of blocks.
struct Policies {
    genesis: Cid,
    bundles: Vec<Cid>,
    activations: Vec<ActivationEvidence>,
    codes: Vec<Cid>,
}

impl Gatherer<'_> {
    fn manifest(&mut self, folder: &Folder<'_>) -> Result<Manifest, Error> {
        let policies = self.policies()?;
        let execution = folder.folder("execution")?;
        let mut folds = Vec::new();
        let mut sizes: BTreeMap<JournalName, u64> = BTreeMap::new();
        let checkpoints = folder.folder("folds")?;
        for entry in checkpoints.entries() {
            let checkpoint = checkpoints.folder(&entry.name)?;
            let proof: Signed<FoldProof> = checkpoint.signed("proof")?;
            let journal = sizes.entry(proof.statement().journal.clone()).or_default();
            *journal = (*journal).max(proof.statement().history_size);
            folds.push(self.fold(&checkpoint, &proof)?);
        }
        let experiment: Signed<ExperimentProof> = folder.signed("proof")?;
        if let Some(results) = &experiment.statement().results {
            let journal = sizes.entry(results.journal.clone()).or_default();
            *journal = (*journal).max(results.first + results.count);
        }
        let mut journals = BTreeMap::new();
        for (name, size) in sizes {
            let batches = self.journal(&name, size)?;
            journals.insert(name, batches);
        }
        Ok(Manifest {
            genesis: policies.genesis,
            policies: policies.bundles,
            activations: policies.activations,
            codes: policies.codes,
            experiment: self.block(folder, "proof", Cid::of_dag_cbor)?,
            execution: self.block(&execution, "proof", Cid::of_dag_cbor)?,
            folds,
            journals,
            inputs: self.block(&execution, "inputs", Cid::of_dag_cbor)?,
            outputs: self.block(&execution, "outputs", Cid::of_dag_cbor)?,
            input_nars: self.nars(&execution.folder("input-nars")?)?,
            output_nars: self.nars(&execution.folder("output-nars")?)?,
            log: self.block(&execution, "log", Cid::of_raw)?,
            derivations: self.raw_blocks(&execution.folder("derivations")?)?,
            closure: BTreeMap::new(),
        })
    }

    fn policies(&mut self) -> Result<Policies, Error> {
        let git = self.repository.git();
        let name = ref_name(ACTIVE_REF)?;
        let head = git
            .find_ref(&name)
            .or_failed(|| format!("cannot read `{name}`"))?;
        let head = head.ok_or_else(|| Error::new(ErrorKind::Incomplete, "there is no policy"))?;
        let mut all = commits(git, head)?;
        all.reverse();
        let (mut genesis, mut bundles, mut codes) = (None, Vec::new(), Vec::new());
        let mut activations = Vec::new();
        for commit in all {
            let folder = Folder::of_commit(git, commit)?;
            if genesis.is_none() {
                genesis = Some(self.block(&folder, "genesis", Cid::of_dag_cbor)?);
            } else {
                activations.push(self.activation(&folder)?);
            }
            bundles.push(self.block(&folder, "bundle", Cid::of_dag_cbor)?);
            codes.push(self.block(&folder, "code", Cid::of_dag_cbor)?);
        }
        let mut seen = BTreeSet::new();
        codes.retain(|code| seen.insert(*code));
        let genesis =
            genesis.ok_or_else(|| Error::new(ErrorKind::Incomplete, "there is no genesis"))?;
        Ok(Policies {
            genesis,
            bundles,
            activations,
            codes,
        })
    }

    fn activation(&mut self, folder: &Folder<'_>) -> Result<ActivationEvidence, Error> {
        let signed = folder.signed::<Activation>("activation")?;
        let anchors = signed.statement().anchors;
        self.tree(folder, "anchors", anchors)?;
        let mut consensus = Vec::new();
        if folder.find("consensus").is_some() {
            let folder = folder.folder("consensus")?;
            consensus.push(self.block(&folder, "grant", Cid::of_dag_cbor)?);
            consensus.push(self.block(&folder, "proposal", Cid::of_dag_cbor)?);
            let approvals = folder.folder("approvals")?;
            for entry in approvals.entries() {
                consensus.push(self.block(&approvals, &entry.name, Cid::of_dag_cbor)?);
            }
        }
        Ok(ActivationEvidence {
            activation: self.block(folder, "activation", Cid::of_dag_cbor)?,
            anchors,
            consensus,
        })
    }

    /// The blocks of the tree that stands in a folder under a name.
    fn tree(&mut self, folder: &Folder<'_>, name: &str, root: Cid) -> Result<(), Error> {
        let blocks = self
            .repository
            .git()
            .read_dag(folder.get(name)?, root)
            .or_mismatch(|| format!("the tree {root} in `{name}` is damaged"))?;
        let blocks = blocks
            .into_iter()
            .map(|(cid, bytes)| (cid, Located::Memory(bytes)));
        self.located.extend(blocks);
        Ok(())
    }

    fn fold(
        &mut self,
        checkpoint: &Folder<'_>,
        proof: &Signed<FoldProof>,
    ) -> Result<FoldEvidence, Error> {
        let state = proof.statement().state_root.cid();
        self.tree(checkpoint, "state", state)?;
        Ok(FoldEvidence {
            proof: self.block(checkpoint, "proof", Cid::of_dag_cbor)?,
            program: self.block(checkpoint, "program", Cid::of_dag_cbor)?,
            state,
        })
    }

    /// The batches of a journal up to the one after which it has at least `size` events.
    fn journal(&mut self, name: &JournalName, size: u64) -> Result<Vec<Cid>, Error> {
        let git = self.repository.git();
        let mut batches = Vec::new();
        let mut events = 0;
        for commit in commits(git, tip(self.repository, name)?)?.into_iter().rev() {
            if events >= size {
                break;
            }
            let folder = Folder::of_commit(git, commit)?;
            batches.push(self.block(&folder, "batch", Cid::of_dag_cbor)?);
            events = crate::journal::read_batch(self.repository, commit)?
                .head
                .size();
        }
        if events < size {
            let message = format!("journal `{name}` has {events} of {size} events");
            return Err(
                Error::new(ErrorKind::Incomplete, message).with_hint("fetch all of refs/gatos/*")
            );
        }
        Ok(batches)
    }

    fn block(
        &mut self,
        folder: &Folder<'_>,
        name: &str,
        id: fn(&[u8]) -> Cid,
    ) -> Result<Cid, Error> {
        let object = folder.blob_id(name)?;
        let cid = id(&folder.blob(name)?);
        self.located.insert(cid, Located::Object(object));
        Ok(cid)
    }

    fn raw_blocks(&mut self, folder: &Folder<'_>) -> Result<BTreeMap<String, Cid>, Error> {
        let entries = folder.entries().iter();
        entries
            .map(|e| Ok((e.name.clone(), self.block(folder, &e.name, Cid::of_raw)?)))
            .collect()
    }

    fn nars(&mut self, folder: &Folder<'_>) -> Result<BTreeMap<ItemName, Cid>, Error> {
        let parse = |(name, cid): (String, Cid)| {
            let parsed = name
                .parse()
                .or_mismatch(|| format!("`{name}` is no name"))?;
            Ok((parsed, cid))
        };
        self.raw_blocks(folder)?.into_iter().map(parse).collect()
    }
}
