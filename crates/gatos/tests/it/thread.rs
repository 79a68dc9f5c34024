//! The thread end to end: a study is run, verified and reproduced.

use gatos::Unwatched;
use gatos::verify::{CheckOutcome, Pins, Verification, VerificationVerdict, verify_experiment};

use crate::study::{HONEST, Study, evidence, options};

fn verify(bytes: &[u8]) -> Verification {
    verify_experiment(&evidence(bytes).unwrap(), &Pins::default(), &mut Unwatched)
}

fn failures(report: &Verification) -> String {
    let failed = report
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Failed);
    failed
        .map(|c| format!("{} of {}: {}\n", c.name, c.subject, c.detail))
        .collect()
}

#[test]
fn a_study_is_run_verified_and_reproduced() {
    let study = Study::new(HONEST);
    let run = study.run().unwrap();
    assert_eq!((run.events, run.folds.len(), run.dirty), (1, 2, false));

    let report = study.with_evidence(&run.ulid, |evidence| {
        verify_experiment(evidence, &Pins::default(), &mut Unwatched)
    });
    assert_eq!(
        report.verdict,
        VerificationVerdict::Verified,
        "{}",
        failures(&report)
    );
    assert!(report.checks.len() > 12, "{report:?}");

    let reproduced = study.reproduce(&run.id);
    assert_eq!(reproduced.verdict, "identical", "{reproduced:?}");
    assert!(reproduced.recorded.is_some());

    let packed = study.packed(&run.ulid[..10]);
    let report = verify(&packed);
    assert_eq!(
        report.verdict,
        VerificationVerdict::Verified,
        "{}",
        failures(&report)
    );

    let repository = study.fixture.open();
    let report = gatos::verify::verify_repository(&repository, &Pins::default(), &mut Unwatched);
    assert_eq!(
        report.verdict,
        VerificationVerdict::Verified,
        "{}",
        failures(&report)
    );
}

/// The refs of the study's repository below a name.
fn refs(study: &Study, below: &str) -> usize {
    let git = gatos_git::Repository::open(study.folder()).unwrap();
    let refs = git.gatos_refs().unwrap();
    refs.iter()
        .filter(|(name, _)| name.as_str().starts_with(below))
        .count()
}

#[test]
fn results_that_the_fold_cannot_take_are_not_recorded() {
    let study =
        Study::new("mkdir $out; echo '{\"type\":\"total\",\"payload\":{}}' > $out/events.jsonl");
    let error = study.run().unwrap_err();
    let said = error.full_message();
    for part in [
        "cannot be folded, so none was recorded",
        "the fold ends at result event 1, at sum.lua:4:",
        "E0203",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(
        error.nearest_hint(),
        Some("gatos foldc --explain E0203 says more")
    );
    assert_eq!(refs(&study, "refs/gatos/journal/results"), 0);
    assert_eq!(refs(&study, "refs/gatos/audit/proofs/experiments/"), 0);
    // Mended, and the journal has what was recorded once.
    study.script(HONEST);
    study.commit();
    assert_eq!(study.run().unwrap().events, 1);
    let list = gatos::journal::journals(&study.fixture.open()).unwrap();
    let results = list.iter().find(|journal| journal.journal == "results");
    assert_eq!(results.unwrap().size, 1);
}

#[test]
fn a_fold_that_is_no_program_is_found_before_the_job_is_run() {
    let study = Study::new(HONEST);
    std::fs::write(
        study.folder().join("sum.lua"),
        "function fold(state, event) return end end",
    )
    .unwrap();
    study.commit();
    let error = study.run().unwrap_err();
    assert!(
        error.full_message().contains("`sum.lua` is not EchoLua"),
        "{error}"
    );
    assert_eq!(refs(&study, "refs/gatos/audit/jobs/"), 0);
    assert_eq!(refs(&study, "refs/gatos/state/"), 0);
}

#[test]
fn a_study_that_reads_a_random_source_diverges() {
    // Another name each time, so that no earlier output of it is in the store.
    let nonce = gatos::new_ulid().unwrap();
    let script = "mkdir $out; echo fine > $out/a; od -An -tx8 -N8 /dev/urandom > $out/b";
    let study = Study::new(&format!("{script}\n# {nonce}"));
    let run = study.run().unwrap();
    let reproduced = study.reproduce(&run.id);
    assert_eq!(reproduced.verdict, "diverged");
    let difference = reproduced.difference.unwrap();
    assert_eq!((difference.path.as_str(), difference.line), ("b", Some(1)));
    assert!(
        reproduced.recorded.is_some(),
        "a failure is recorded as well"
    );
}

#[test]
fn another_input_is_told_from_another_output() {
    let study = Study::new(HONEST);
    let run = study.run().unwrap();
    std::fs::write(study.folder().join("raw.txt"), "other data\n").unwrap();
    study.commit();
    let repository = study.fixture.open();
    let found = gatos::experiment::select(&repository, &run.ulid).unwrap();
    let evidence = gatos::evidence::gather(&repository, &found).unwrap();
    let subject = gatos::experiment::Subject {
        evidence: &evidence,
        pins: &Pins::default(),
        repository: Some(&repository),
        signer: Some(&study.fixture.key),
    };
    let mut options = options();
    options.from = Some((study.folder().to_path_buf(), "default".to_owned()));
    let report = gatos::experiment::reproduce(&subject, &options, &mut Unwatched).unwrap();
    assert_eq!(report.verdict, "inputs-differ", "{report:?}");
    assert_eq!(
        study.reproduce(&run.id).verdict,
        "identical",
        "what was recorded still is"
    );

    std::fs::write(study.folder().join("raw.txt"), "raw data\n").unwrap();
    study.script(&format!("{HONEST}\n# a comment"));
    study.commit();
    let report = gatos::experiment::reproduce(&subject, &options, &mut Unwatched).unwrap();
    assert_eq!(
        report.verdict, "identical-from-another-program",
        "{report:?}"
    );
}
