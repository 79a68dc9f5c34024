//! Running jobs.

use gatos_nix::realise::{Failure, Outcome};

use crate::stage::Stage;

#[test]
fn a_job_succeeds_and_is_hashed_by_us() {
    let stage = Stage::new();
    let closure = stage.toy("echo working; mkdir $out; echo 1 > $out/result");
    let execution = stage.realise(&closure).unwrap();
    let Outcome::Succeeded { outputs } = execution.outcome else {
        panic!("{:?}", execution);
    };
    assert_eq!(outputs["out"].nar, outputs["out"].registered);
    assert_eq!(execution.log.text(), "working\n");
    // Once more: it is executed again beside the output that is there.
    let execution = stage.realise(&closure).unwrap();
    assert!(matches!(execution.outcome, Outcome::Succeeded { .. }));
    assert_eq!(execution.log.text(), "working\n");
}

#[test]
fn a_job_fails() {
    let stage = Stage::new();
    let closure = stage.toy("echo no; exit 3");
    let execution = stage.realise(&closure).unwrap();
    assert!(
        matches!(
            execution.outcome,
            Outcome::Failed {
                failure: Failure::Exited { code: 3 }
            }
        ),
        "{execution:?}"
    );
    assert_eq!(execution.log.text(), "no\n");
}
