//! An experiment is published when the rules in force allow it: here where it is signed, and at a gate.

use gatos::gate::{Candidate, Elsewhere, RangeReport, check_push};
use gatos::governance::{
    Draft, PolicyDraft, Subject, Use, Verdict, What, activate, approve, propose, read_trust,
    write_trust,
};
use gatos::verify::{Pins, VerificationVerdict, verify_repository};
use gatos::{ErrorKind, Unwatched};
use gatos_core::keys::{SecretKey, Signer as _};

use crate::study::{HONEST, Study};

/// What is published was agreed on by somebody of the group `quality`.
const RULES: &str = "package rules

import data.gatos

# METADATA
# title: Members do everything
# custom:
#   id: all
#   adr: docs/adr/0001.md
#   severity: error
#   intent: \"*\"
#   message: nobody else
allow if true

# METADATA
# title: Publishing takes quality
# custom:
#   id: publish-quality
#   adr: docs/adr/0002.md
#   severity: error
#   intent: experiment.publish
#   message: publishing takes an approval of the group quality
deny contains {\"missing\": missing} if {
	missing := gatos.missing({\"quality\": 1})
	count(missing) > 0
}
";

fn quinn() -> SecretKey {
    SecretKey::from_seed([21; 32])
}

/// A study whose outputs are for Quinn to agree with.
fn guarded() -> Study {
    let study = Study::new(HONEST);
    let fixture = &study.fixture;
    let rules = [gatos_policy::Module::new("rules.rgs", RULES)];
    let text = format!(
        "{}\n[actors.quinn]\ngroups = [\"quality\"]\nroles = [\"append\"]\nkeys = [\"{}\"]\n",
        write_trust(&fixture.open().policy().1.trust),
        quinn().public_key()
    );
    let policy = PolicyDraft {
        code: Some(gatos_policy::compile(&rules).unwrap().to_rgc().to_vec()),
        trust: Some(read_trust(&text, "trust").unwrap()),
        profile: None,
    };
    let what = What::Policy(Box::new(policy));
    let proposal = draft(what);
    let proposed = propose(&fixture.open(), proposal, &fixture.key).unwrap();
    activate(&fixture.open(), &proposed.proposal, &fixture.key).unwrap();
    study
}

fn draft(what: What) -> Draft {
    Draft {
        title: "something".to_owned(),
        reason: String::new(),
        what,
        uses: Use::Single,
    }
}

/// What a gate says to the experiments that are here, if it does not have the refs under `absent`.
fn gate(study: &Study, absent: &str) -> RangeReport {
    let repository = study.fixture.open();
    let git = repository.git();
    let refs = git.gatos_refs().unwrap();
    let under = |prefix: &str| {
        let found = refs
            .iter()
            .filter(|(name, _)| name.as_str().starts_with(prefix));
        found.cloned().collect::<Vec<_>>()
    };
    let experiments = under("refs/gatos/audit/proofs/experiments/");
    let candidates: Vec<_> = experiments
        .iter()
        .map(|(name, id)| Candidate {
            name: name.into(),
            old: None,
            new: Some(*id),
        })
        .collect();
    assert!(!candidates.is_empty());
    let elsewhere = Elsewhere {
        refs: under(absent)
            .iter()
            .map(|(name, _)| (name.into(), None))
            .collect(),
        ..Elsewhere::default()
    };
    check_push(git.git_dir(), &candidates, elsewhere, None).unwrap()
}

#[test]
fn an_experiment_is_published_when_quality_agreed_on_its_very_outputs() {
    let study = guarded();
    let refused = study.run().expect_err("nobody agreed");
    assert_eq!(refused.kind(), ErrorKind::Refused, "{refused}");
    assert!(
        refused
            .to_string()
            .contains("publish-quality, docs/adr/0002.md"),
        "{refused}"
    );
    let experiments = || {
        let refs = study.fixture.open().git().gatos_refs().unwrap();
        let mut refs = refs.into_iter().map(|(name, _)| name.to_string());
        refs.any(|name| name.starts_with("refs/gatos/audit/proofs/experiments/"))
    };
    assert!(!experiments(), "nothing is published");
    // The refusal names what to agree on: the outputs of the job, which ran.
    let hint = refused.nearest_hint().unwrap_or_default().to_owned();
    assert!(
        hint.contains("one more approval from group quality"),
        "{hint}"
    );
    let (_, outputs) = hint
        .split_once("--content ")
        .expect("the outputs are named");
    let about = |cid: &str| What::Other(Subject::Content(cid.parse().unwrap()));
    let key = &study.fixture.key;
    let agree = |cid: &str, by: &SecretKey| {
        let open = || study.fixture.open();
        let proposed = propose(&open(), draft(about(cid)), key).unwrap();
        let yes = (Verdict::Approve, "");
        approve(&open(), &proposed.proposal, yes, by).unwrap();
    };
    // Not by whoever publishes, and not about something else.
    agree(outputs, key);
    let something = gatos::Cid::of_raw(b"something else").to_string();
    agree(&something, &quinn());
    assert_eq!(
        study.run().expect_err("not this").kind(),
        ErrorKind::Refused
    );
    assert!(!experiments());
    agree(outputs, &quinn());
    study.run().unwrap();
    assert!(experiments());
    let verified = verify_repository(&study.fixture.open(), &Pins::default(), &mut Unwatched);
    assert_eq!(
        verified.verdict,
        VerificationVerdict::Verified,
        "{verified:?}"
    );
    // A gate says the same: with what was agreed on, and without.
    let report = gate(&study, "refs/gatos/none/");
    assert!(report.accepted, "{report:?}");
    let report = gate(&study, "refs/gatos/approvals/");
    assert!(!report.accepted);
    assert_eq!(report.refused[0].rule, "publish-quality", "{report:?}");
    // Used up: the same outputs once more are another experiment.
    assert_eq!(study.run().expect_err("once").kind(), ErrorKind::Refused);
}
