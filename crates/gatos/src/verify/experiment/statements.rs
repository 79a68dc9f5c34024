//! The signed statements of an experiment, the lists that they name, and what was kept of the bytes.

use gatos_core::evidence::ActivationEvidence;
use gatos_core::experiment::{EXPERIMENT_REF_PREFIX, ExperimentProof};
use gatos_core::genesis::Genesis;
use gatos_core::job::{ExecutionProof, Isolation, ItemList, JOB_REF_PREFIX, Outcome};
use gatos_core::policy::{Activation, Anchors, Bundle, Role};
use gatos_core::state::StateTree;
use gatos_core::statement::{Position, Signed};
use sha2::{Digest as _, Sha256};

use crate::error::{Context, Error};
use crate::evidence::Evidence;
use crate::verify::activation::{Activated, Consensus, PolicyLink};
use crate::verify::policy::{PolicyChain, authorize_actor};
use crate::verify::report::{Verification, ensure};

/// The two proofs of an experiment.
pub(super) struct Proofs {
    pub(super) experiment: Signed<ExperimentProof>,
    pub(super) execution: Signed<ExecutionProof>,
}

/// What went in and what came out.
pub(super) struct Lists {
    pub(super) inputs: ItemList,
    pub(super) outputs: ItemList,
}

pub(super) fn policies(evidence: &Evidence<'_>, report: &mut Verification) -> Option<PolicyChain> {
    let chain = || {
        let manifest = evidence.manifest();
        let genesis: Signed<Genesis> = evidence.signed(&manifest.genesis, "genesis statement")?;
        let founder = genesis.statement().key;
        let mut activations = manifest.activations.iter();
        let mut links = Vec::with_capacity(manifest.policies.len());
        for (seq, cid) in manifest.policies.iter().enumerate() {
            let activated = match seq {
                0 => None,
                _ => activations.next().map(|one| activated(evidence, one)),
            };
            let bundle = evidence.signed::<Bundle>(cid, "policy bundle")?;
            let rules = evidence.block(&bundle.statement().code.cid())?.into_owned();
            links.push(PolicyLink {
                bundle,
                rules,
                activated: activated.transpose()?,
            });
        }
        ensure(activations.next().is_none(), || {
            "the evidence has more activations than policies".to_owned()
        })?;
        let chain = PolicyChain::verify(genesis, links)?;
        let rules = match chain.check_rules()? {
            0 => String::new(),
            count => format!(" with {count} rule(s)"),
        };
        let detail = format!(
            "{} bundle(s){rules} from the genesis of {} on, founded by {}",
            chain.bundles().len(),
            chain.repo(),
            founder.fingerprint()
        );
        Ok((chain, detail))
    };
    report.record(("policy chain", "repository"), chain())
}

fn activated(evidence: &Evidence<'_>, found: &ActivationEvidence) -> Result<Activated, Error> {
    let activation: Signed<Activation> = evidence.signed(&found.activation, "activation")?;
    let root = activation.statement().anchors;
    ensure(found.anchors == root, || {
        "the evidence holds other anchors than the activation names".to_owned()
    })?;
    let blocks = evidence.tree(root)?;
    let damaged = || format!("the anchors {root} cannot be read");
    let value = StateTree::load(root, &|cid| blocks.get(cid).cloned()).or_mismatch(damaged)?;
    let consensus = match &*found.consensus {
        [grant, proposal, approvals @ ..] => Some(Consensus {
            grant: evidence.signed(grant, "grant")?,
            proposal: evidence.signed(proposal, "proposal")?,
            approvals: approvals
                .iter()
                .map(|cid| evidence.signed(cid, "approval"))
                .collect::<Result<_, _>>()?,
        }),
        _ => None,
    };
    Ok(Activated {
        activation,
        anchors: Anchors::from_value(value).or_mismatch(damaged)?,
        consensus,
    })
}

pub(super) fn proofs(
    evidence: &Evidence<'_>,
    policies: &PolicyChain,
    report: &mut Verification,
) -> Option<Proofs> {
    let manifest = evidence.manifest();
    let experiment = report.record(("signature and policy", "proof of experiment"), {
        evidence
            .signed(&manifest.experiment, "proof of experiment")
            .and_then(|signed| experiment(policies, signed))
    })?;
    let execution = report.record(("signature and policy", "proof of execution"), {
        evidence
            .signed(&manifest.execution, "proof of execution")
            .and_then(|signed| execution(policies, signed))
    })?;
    let proofs = Proofs {
        experiment,
        execution,
    };
    let linked = links(&proofs).map(|()| {
        (
            (),
            "inputs, program, outputs and policy are the same".into(),
        )
    });
    report.record(("links", "experiment and execution"), linked)?;
    Some(proofs)
}

fn experiment(
    policies: &PolicyChain,
    signed: Signed<ExperimentProof>,
) -> Result<(Signed<ExperimentProof>, String), Error> {
    let proof = signed.statement();
    ensure(proof.repo == policies.repo(), || {
        "it is of another repository".to_owned()
    })?;
    let place = format!("{EXPERIMENT_REF_PREFIX}{}", proof.ulid.to_lower());
    ensure(proof.position == Position::first(place), || {
        "it was signed for another ref".to_owned()
    })?;
    let cursor = policies.cursor(&proof.position.reference);
    policies.check_in_force(&cursor, proof.policy_root)?;
    let bundle = policies.get(&proof.policy_root)?;
    ensure(bundle.code == proof.policy_code_root, || {
        "its policy_code_root is not that of its policy".to_owned()
    })?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Publish, &proof.actor),
    )?;
    let detail = format!(
        "signed by {} under policy {}",
        proof.actor, proof.policy_root
    );
    Ok((signed, detail))
}

fn execution(
    policies: &PolicyChain,
    signed: Signed<ExecutionProof>,
) -> Result<(Signed<ExecutionProof>, String), Error> {
    let proof = signed.statement();
    ensure(proof.repo == policies.repo(), || {
        "it is of another repository".to_owned()
    })?;
    let place = format!("{JOB_REF_PREFIX}{}", proof.job.to_lower());
    ensure(proof.position == Position::first(place), || {
        "it was signed for another ref".to_owned()
    })?;
    let cursor = policies.cursor(&proof.position.reference);
    policies.check_in_force(&cursor, proof.policy_root)?;
    let bundle = policies.get(&proof.policy_root)?;
    ensure(bundle.code == proof.policy_code_root, || {
        "its policy_code_root is not that of its policy".to_owned()
    })?;
    authorize_actor(
        &bundle.trust,
        signed.signers(),
        (Role::Execute, &proof.actor),
    )?;
    ensure(proof.outcome == Outcome::Succeeded, || {
        format!("the job did not succeed: it {}", proof.outcome.as_str())
    })?;
    let detail = format!("signed by {} on {}", proof.actor, proof.environment.system);
    Ok((signed, detail))
}

fn links(proofs: &Proofs) -> Result<(), Error> {
    let (experiment, execution) = (proofs.experiment.statement(), proofs.execution.statement());
    let differs = |what: &str| format!("the two proofs have another {what}");
    ensure(experiment.execution == proofs.execution.id(), || {
        "the experiment names another proof of execution".to_owned()
    })?;
    ensure(experiment.inputs_root == execution.inputs_root, || {
        differs("inputs_root")
    })?;
    ensure(experiment.program == execution.program, || {
        differs("program")
    })?;
    ensure(experiment.builder_id == execution.builder_id, || {
        differs("builder_id")
    })?;
    ensure(experiment.policy_root == execution.policy_root, || {
        differs("policy_root")
    })?;
    ensure(
        Some(experiment.outputs_root) == execution.outputs_root,
        || differs("outputs_root"),
    )
}

pub(super) fn lists(
    evidence: &Evidence<'_>,
    proofs: &Proofs,
    report: &mut Verification,
) -> Option<Lists> {
    let manifest = evidence.manifest();
    let experiment = proofs.experiment.statement();
    let read = |cid, expected, what: &str| {
        ensure(cid == expected, || {
            format!("the evidence holds another list of {what}")
        })?;
        let list = ItemList::from_value(evidence.value(&cid)?)
            .or_mismatch(|| format!("this is no list of {what}"))?;
        let count = list.items().len();
        Ok((list, format!("{count} {what}, {cid}")))
    };
    let inputs = read(manifest.inputs, experiment.inputs_root.cid(), "inputs");
    let inputs = report.record(("hash", "list of inputs"), inputs)?;
    let outputs = read(manifest.outputs, experiment.outputs_root.cid(), "outputs");
    let outputs = report.record(("hash", "list of outputs"), outputs)?;
    Some(Lists { inputs, outputs })
}

/// The bytes that were kept: they are those that the lists name.
pub(super) fn kept(evidence: &Evidence<'_>, lists: &Lists, report: &mut Verification) {
    let manifest = evidence.manifest();
    for (kind, list, nars) in [
        ("input", &lists.inputs, &manifest.input_nars),
        ("output", &lists.outputs, &manifest.output_nars),
    ] {
        for item in list.items() {
            let subject = format!("{kind} {}", item.name);
            let what = ("bytes", subject.as_str());
            let Some(cid) = nars.get(&item.name) else {
                report.skip(
                    what,
                    format!("{} bytes: only the hash is kept", item.nar.size),
                );
                continue;
            };
            let check = || {
                let nar = evidence.block(cid)?;
                let digest: [u8; 32] = Sha256::digest(&nar).into();
                ensure(
                    digest == item.nar.sha256 && nar.len() as u64 == item.nar.size,
                    || "the bytes kept are not those that the proof names".to_owned(),
                )?;
                Ok((
                    (),
                    format!("{} bytes, {}", item.nar.size, item.nar.to_sri()),
                ))
            };
            report.record(what, check());
        }
        let unknown = nars.keys().find(|name| list.get(name.as_str()).is_none());
        if let Some(name) = unknown {
            let problem = crate::verify::mismatch(format!("`{name}` is no {kind} of the job"));
            report.record::<()>(("bytes", kind), problem);
        }
    }
}

/// The log, and what the build says in it of its isolation.
pub(super) fn log(evidence: &Evidence<'_>, proofs: &Proofs, report: &mut Verification) {
    let execution = proofs.execution.statement();
    let check = || {
        ensure(evidence.manifest().log == execution.log, || {
            "another log is kept".to_owned()
        })?;
        let bytes = evidence.block(&execution.log)?;
        let told = Isolation::from_log(&String::from_utf8_lossy(&bytes));
        ensure(told == execution.isolation, || {
            "the proof says of the isolation what the log does not".to_owned()
        })?;
        let detail = if told.holds() {
            "isolated, as the build itself reported".to_owned()
        } else {
            format!("not shown to be isolated: {}", told.violations().join("; "))
        };
        Ok(((), detail))
    };
    report.record(("log and isolation", "proof of execution"), check());
}
