//! Searches for the event that made a state bad.

use std::cell::Cell;

use gatos::bisect::{
    BisectReport, End, Judgement, Outcome, Predicate, Request, Session, advance, bisect, reset,
    resume, run, show, start, status,
};
use gatos::journal::{ProofDocument, check_proof};
use gatos::{Error, ErrorKind, StatePath, Unwatched};

use crate::fixture::{Fixture, draft};
use crate::state::fold;

/// The sum of all numbers, and whether there was a 13.
const PROGRAM: &str = "\
function fold(state, event)
  state.sum = (state.sum or 0) + event.payload.n
  state.count = (state.count or 0) + 1
  if event.payload.n == 13 then state.unlucky = true end
  return state
end";

/// A journal of `count` events in batches of 1 to 4, of which number `culprit` is a 13, with checkpoints after
/// every few batches.
fn history(count: u64, culprit: u64) -> Fixture {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let numbers: Vec<i64> = (0..count)
        .map(|i| if i == culprit { 13 } else { 1 })
        .collect();
    let mut rest = numbers.as_slice();
    let mut round = 0;
    while !rest.is_empty() {
        let (batch, behind) = rest.split_at(rest.len().min(round % 4 + 1));
        rest = behind;
        let drafts = batch.iter().map(|n| draft(*n)).collect();
        let journal = "j".parse().unwrap();
        gatos::journal::append(&repository, &journal, drafts, &fixture.key, &mut Unwatched)
            .unwrap();
        if round % 5 == 3 {
            fold(&fixture, PROGRAM);
        }
        round += 1;
    }
    fold(&fixture, PROGRAM);
    fixture
}

fn request(good: &str, bad: &str) -> Request {
    Request {
        state: "s".parse().unwrap(),
        good: good.parse().unwrap(),
        bad: bad.parse().unwrap(),
    }
}

fn ask(fixture: &Fixture, ends: (&str, &str), predicate: Predicate) -> Result<BisectReport, Error> {
    bisect(
        &fixture.open(),
        &request(ends.0, ends.1),
        &predicate,
        &mut Unwatched,
    )
}

fn expression(text: &str) -> Predicate {
    Predicate::Expression(text.to_owned())
}

fn command(text: &str) -> Predicate {
    Predicate::Command(text.to_owned())
}

fn culprit(report: &BisectReport) -> u64 {
    match &report.outcome {
        Outcome::Found(culprit) => culprit.event.event.index,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_culprit_is_found() {
    for index in [0, 1, 2, 7, 20, 37, 38, 39] {
        let fixture = history(40, index);
        let report = ask(
            &fixture,
            ("0", "40"),
            expression("not state.unlucky -- so far"),
        )
        .unwrap();
        assert_eq!(culprit(&report), index);
        assert!(report.evaluations <= 6, "{report:?}");
        let Outcome::Found(found) = &report.outcome else {
            unreachable!("it was found");
        };
        assert_eq!(
            (found.event.event.actor.as_str(), found.event.valid),
            ("alice", true)
        );
        assert!(matches!(&found.proof, ProofDocument::Inclusion { index: i, .. } if *i == index));
        check_proof(&serde_json::to_string(&found.proof).unwrap()).unwrap();
    }
}

#[test]
fn ends_are_numbers_of_events_or_checkpoints() {
    let fixture = history(40, 17);
    let good = expression("not state.unlucky");
    let report = ask(&fixture, ("@0", "refs/gatos/state/s"), good.clone()).unwrap();
    assert_eq!(culprit(&report), 17);
    // One event between: nothing has to be looked at.
    let report = ask(&fixture, ("17", "18"), good.clone()).unwrap();
    assert_eq!((culprit(&report), report.evaluations), (17, 0));
    for ends in [("18", "18"), ("20", "3"), ("0", "41"), ("@99", "40")] {
        let refused = ask(&fixture, ends, good.clone()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Usage, "{ends:?}");
    }
    assert!("x".parse::<End>().is_err());
}

/// A command is asked as often as is said, and gets the state in both ways.
#[test]
fn a_command_gets_the_state() {
    let fixture = history(40, 21);
    let log = fixture.folder.path().join("asked");
    let script = format!(
        "echo $GATOS_STATE_EVENTS $GATOS_STATE_NAME >> '{}'; cmp - \"$GATOS_STATE\" && ! grep -q unlucky \"$GATOS_STATE\"",
        log.display()
    );
    let report = ask(&fixture, ("0", "40"), command(&script)).unwrap();
    assert_eq!(culprit(&report), 21);
    let asked = std::fs::read_to_string(log).unwrap();
    let judged: String = report
        .judged
        .iter()
        .map(|j| format!("{} s\n", j.size))
        .collect();
    assert_eq!(asked, judged);
    assert!(report.evaluations <= 6);
}

#[test]
fn exit_codes_are_those_of_git_bisect() {
    let fixture = history(40, 21);
    let bad_is = |code: u8| command(&format!("grep -q unlucky && exit {code} || exit 0"));
    for code in [1, 2, 124, 126, 127] {
        let report = ask(&fixture, ("0", "40"), bad_is(code)).unwrap();
        assert_eq!(
            (culprit(&report), report.evaluations <= 6),
            (21, true),
            "{code}"
        );
    }
    for code in [128, 129, 255] {
        let ended = ask(&fixture, ("0", "40"), bad_is(code)).unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::Failed);
        assert!(
            ended.to_string().contains(&format!("exit code {code}")),
            "{ended}"
        );
    }
    let killed = ask(&fixture, ("0", "40"), command("kill -9 $$")).unwrap_err();
    assert!(killed.to_string().contains("signal 9"), "{killed}");
    let nothing = ask(&fixture, ("0", "40"), command("no-such-command")).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Usage);
    assert!(nothing.to_string().contains("not found"), "{nothing}");
    let directory = ask(&fixture, ("0", "40"), command("/")).unwrap_err();
    assert!(
        directory.to_string().contains("cannot be run"),
        "{directory}"
    );
}

#[test]
fn what_cannot_be_told_is_skipped() {
    let fixture = history(40, 21);
    let script = "case $GATOS_STATE_EVENTS in *5|20) exit 125;; esac; ! grep -q unlucky";
    let report = ask(&fixture, ("0", "40"), command(script)).unwrap();
    assert_eq!(culprit(&report), 21);
    // The states on both sides of the change cannot be told.
    let script = "case $GATOS_STATE_EVENTS in 21|22|23) exit 125;; esac; ! grep -q unlucky";
    let report = ask(&fixture, ("0", "40"), command(script)).unwrap();
    assert!(
        matches!(
            report.outcome,
            Outcome::Undecided {
                first: 20,
                last: 23
            }
        ),
        "{report:?}"
    );
    let report = ask(&fixture, ("0", "5"), command("exit 125")).unwrap();
    assert!(matches!(
        report.outcome,
        Outcome::Undecided { first: 0, last: 4 }
    ));
    assert_eq!(report.evaluations, 4);
}

#[test]
fn where_it_changes_back_and_forth_a_change_is_found() {
    let fixture = history(40, 21);
    let odd = expression("state.count == 0 or state.count % 2 == 0");
    let report = ask(&fixture, ("2", "39"), odd).unwrap();
    // After it, the number of events is odd; before it, even.
    assert_eq!(culprit(&report) % 2, 0);
    assert!(report.evaluations <= 6);
}

#[test]
fn expressions_that_are_none_are_refused() {
    let fixture = history(8, 3);
    for (text, kind) in [
        ("state.", ErrorKind::Usage),
        ("os.time()", ErrorKind::Usage),
        ("state.nobody.n > 1", ErrorKind::Failed),
        ("error('no')", ErrorKind::Failed),
    ] {
        let refused = ask(&fixture, ("0", "8"), expression(text)).unwrap_err();
        assert_eq!(refused.kind(), kind, "{text}: {refused}");
    }
}

#[test]
fn a_checkpoint_of_another_program_is_no_end() {
    let fixture = Fixture::new();
    fixture.append("j", 1);
    fold(&fixture, PROGRAM);
    fixture.append("j", 13);
    fold(&fixture, &PROGRAM.replace("== 13", "== 14"));
    let refused = ask(&fixture, ("@0", "@1"), expression("true")).unwrap_err();
    assert!(refused.to_string().contains("another program"), "{refused}");
    let report = ask(&fixture, ("1", "@1"), expression("true")).unwrap();
    assert_eq!(culprit(&report), 1);
}

#[test]
fn a_search_goes_on_step_by_step() {
    let fixture = history(40, 21);
    let repository = fixture.open();
    assert_eq!(resume(&repository).unwrap_err().kind(), ErrorKind::Usage);
    start(&repository, &request("0", "40")).unwrap();
    let again = start(&repository, &request("0", "40")).unwrap_err();
    assert!(again.to_string().contains("under way"), "{again}");
    let looks = Cell::new(0);
    let step = |session: &mut Session| {
        let at: StatePath = "unlucky".parse().unwrap();
        let judgement = match show(&repository, session, &at) {
            Ok(_) => Judgement::Bad,
            Err(_) => Judgement::Good,
        };
        looks.set(looks.get() + 1);
        advance(&repository, session, (judgement, None)).unwrap();
    };
    loop {
        // Each time from the file.
        let mut session = resume(&repository).unwrap();
        match status(&repository, &session).unwrap().outcome {
            Outcome::Open { .. } => step(&mut session),
            Outcome::Found(culprit) => break assert_eq!(culprit.event.event.index, 21),
            Outcome::Undecided { .. } => panic!("nothing was skipped"),
        }
    }
    assert!(looks.get() <= 6);
    let mut session = resume(&repository).unwrap();
    assert!(advance(&repository, &mut session, (Judgement::Good, None)).is_err());
    assert!(advance(&repository, &mut session, (Judgement::Good, Some(39))).is_err());
    reset(&repository).unwrap();
    reset(&repository).unwrap();
    // A predicate goes on where a person stopped.
    let mut session = start(&repository, &request("0", "40")).unwrap();
    advance(&repository, &mut session, (Judgement::Skip, Some(5))).unwrap();
    advance(&repository, &mut session, (Judgement::Bad, Some(30))).unwrap();
    let mut session = resume(&repository).unwrap();
    let report = run(
        &repository,
        &mut session,
        &expression("not state.unlucky"),
        &mut Unwatched,
    )
    .unwrap();
    assert_eq!(culprit(&report), 21);
    assert_eq!(
        culprit(&status(&repository, &resume(&repository).unwrap()).unwrap()),
        21
    );
}
