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
