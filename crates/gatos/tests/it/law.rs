//! The rules in force are asked before anything is signed or let in, with what people agreed on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gatos::governance::{
    Draft, PolicyDraft, Subject, Use, Verdict, What, activate, approve, grant, propose, revoke,
};
use gatos::journal::{Draft as Event, admit, append, sign};
use gatos::policy::{Origin, Program, load_program};
use gatos::verify::{Pins, VerificationVerdict, verify_repository};
use gatos::{Error, ErrorKind, KnownKeys, Unwatched};
use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::keys::{SecretKey, Signer as _};
use gatos_core::policy::{Actor, Role, Trust};
use gatos_core::value::Value;

use crate::fixture::Fixture;

/// Alice founds and governs; Ada, Bea and Cyd are PIs; Dan is a student. Eve belongs to no group, and is not in
/// the laboratory everywhere.
const PEOPLE: [(&str, u8, &str); 6] = [
    ("alice", 7, ""),
    ("ada", 11, "pi"),
    ("bea", 12, "pi"),
    ("cyd", 13, "pi"),
    ("dan", 14, "students"),
    ("eve", 15, ""),
];

fn key(name: &str) -> SecretKey {
    let found = PEOPLE.iter().find(|(person, ..)| *person == name);
    SecretKey::from_seed([found.map_or(99, |(_, seed, _)| *seed); 32])
}

fn trust(names: &[&str]) -> Trust {
    let actors = PEOPLE.iter().filter(|(name, ..)| names.contains(name));
    let actors = actors.map(|(name, _, group)| {
        let roles: BTreeSet<Role> = match *name {
            "alice" => Role::ALL.into(),
            _ => [Role::Append].into(),
        };
        let groups = (!group.is_empty()).then(|| group.parse().unwrap());
        let actor = Actor {
            groups: groups.into_iter().collect(),
            keys: [key(name).public_key()].into(),
            roles,
        };
        (name.parse().unwrap(), actor)
    });
    Trust::new(actors.collect::<BTreeMap<_, _>>()).unwrap()
}

fn template(name: &str) -> Program {
    let none = || unreachable!("a template is named");
    load_program(&Origin::Named(Path::new(name).to_owned()), none).unwrap()
}

const ALL: [&str; 5] = ["alice", "ada", "bea", "cyd", "dan"];

/// The laboratory under the rules of the template `research`.
fn laboratory() -> Fixture {
    let fixture = Fixture::new();
    let policy = PolicyDraft {
        code: Some(template("research").to_rgc().to_vec()),
        trust: Some(trust(&ALL)),
        profile: None,
    };
    let proposal = say(
        &fixture,
        What::Policy(Box::new(policy)),
        Use::Single,
        &["alice"],
    );
    activate(&fixture.open(), &proposal, &key("alice")).unwrap();
    fixture
}

/// Propose something and let people approve it; the proposal's id.
fn say(fixture: &Fixture, what: What, uses: Use, people: &[&str]) -> String {
    let draft = Draft {
        title: "something".to_owned(),
        reason: String::new(),
        what,
        uses,
    };
    let proposal = propose(&fixture.open(), draft, &key("alice"))
        .unwrap()
        .proposal;
    yes(fixture, &proposal, people);
    proposal
}

fn yes(fixture: &Fixture, proposal: &str, people: &[&str]) {
    for name in people {
        approve(
            &fixture.open(),
            proposal,
            (Verdict::Approve, ""),
            &key(name),
        )
        .unwrap();
    }
}

fn payload(n: i64) -> Value {
    Value::map([("step", Value::Integer(n))])
}

fn content(n: i64) -> What {
    What::Other(Subject::Content(Cid::of_dag_cbor(&cbor::encode(&payload(
        n,
    )))))
}

fn event(n: i64) -> Event {
    Event {
        event_type: "amended".to_owned(),
        payload: payload(n),
        ulid: None,
        ts: None,
    }
}

fn record(fixture: &Fixture, journal: &str, events: Vec<Event>) -> Result<u64, Error> {
    let journal = journal.parse().unwrap();
    let report = append(
        &fixture.open(),
        &journal,
        events,
        &key("dan"),
        &mut Unwatched,
    )?;
    Ok(report.appended)
}

fn denied(result: Result<u64, Error>) -> String {
    let error = result.expect_err("denied");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    format!("{error} | {}", error.hint().unwrap_or_default())
}

#[test]
fn an_event_of_the_plan_takes_two_pis_who_agreed_on_that_very_event() {
    let fixture = laboratory();
    record(&fixture, "results", vec![event(0)]).unwrap();
    let said = denied(record(&fixture, "plan/main", vec![event(1)]));
    assert!(
        said.contains("plan-quorum, docs/adr/0002-analysis-plan.md"),
        "{said}"
    );
    assert!(said.contains("2 more approvals from group pi"), "{said}");
    assert!(
        said.contains("gatos proposal new 'TITLE' --content bafy"),
        "{said}"
    );

    let proposal = say(&fixture, content(1), Use::Single, &["ada", "dan", "alice"]);
    let said = denied(record(&fixture, "plan/main", vec![event(1)]));
    let missing = format!("one more approval from group pi on proposal {proposal}");
    assert!(said.contains(&missing), "{said}");
    assert!(
        said.contains(&format!("gatos approve {proposal}")),
        "{said}"
    );
    yes(&fixture, &proposal, &["bea"]);
    // Other content is something else.
    denied(record(&fixture, "plan/main", vec![event(2)]));
    // Twice at once is not once.
    denied(record(&fixture, "plan/main", vec![event(1), event(1)]));
    let first = Event {
        ulid: Some("01KAZ4YB4R8G2V8W3Q6X9N5M7C".parse().unwrap()),
        ..event(1)
    };
    assert_eq!(
        record(&fixture, "plan/main", vec![first.clone()]).unwrap(),
        1
    );
    // It is used up, there and elsewhere; but the same event once more is no other.
    denied(record(&fixture, "plan/main", vec![event(1)]));
    denied(record(&fixture, "plan/other", vec![event(1)]));
    assert_eq!(record(&fixture, "plan/main", vec![first]).unwrap(), 0);
}

#[test]
fn what_was_agreed_until_a_time_counts_for_what_says_that_it_is_earlier() {
    let fixture = laboratory();
    say(&fixture, content(1), Use::Until(5_000), &["ada", "bea"]);
    let at = |ts| vec![Event { ts, ..event(1) }];
    denied(record(&fixture, "plan/main", at(None)));
    denied(record(&fixture, "plan/main", at(Some(6_000))));
    assert_eq!(record(&fixture, "plan/main", at(Some(5_000))).unwrap(), 1);
    assert_eq!(
        record(&fixture, "plan/main", at(Some(0))).unwrap(),
        1,
        "not only once"
    );
}

#[test]
fn what_was_taken_back_and_what_was_agreed_under_another_policy_counts_no_more() {
    let fixture = laboratory();
    let proposal = say(&fixture, content(1), Use::Single, &["alice", "ada", "bea"]);
    let granted = grant(&fixture.open(), &proposal, &key("dan")).unwrap();
    revoke(&fixture.open(), &granted.grant, "a mistake", &key("ada")).unwrap();
    denied(record(&fixture, "plan/main", vec![event(1)]));
    yes(&fixture, &proposal, &["cyd"]);
    denied(record(&fixture, "plan/main", vec![event(1)]));

    let proposal = say(&fixture, content(1), Use::Single, &["ada", "bea"]);
    let without_cyd = PolicyDraft {
        trust: Some(trust(&["alice", "ada", "bea", "dan"])),
        ..PolicyDraft::default()
    };
    let what = What::Policy(Box::new(without_cyd));
    let change = say(&fixture, what, Use::Single, &["ada", "bea"]);
    let granted = grant(&fixture.open(), &change, &key("alice")).unwrap();
    activate(&fixture.open(), &granted.grant, &key("alice")).unwrap();
    let said = denied(record(&fixture, "plan/main", vec![event(1)]));
    assert!(
        said.contains("2 more approvals") && !said.contains(&proposal),
        "{said}"
    );
    let proposal = say(&fixture, content(1), Use::Single, &["ada", "bea"]);
    assert_eq!(
        record(&fixture, "plan/main", vec![event(1)]).unwrap(),
        1,
        "{proposal}"
    );
}

#[test]
fn whoever_signs_for_the_daemon_is_asked_and_so_is_whoever_lets_events_in() {
    let fixture = laboratory();
    let journal = "plan/main".parse().unwrap();
    let signed = sign(&fixture.open(), &journal, vec![event(1)], &key("dan"));
    assert_eq!(signed.err().map(|e| e.kind()), Some(ErrorKind::Refused));
    // Signed without asking, by a program of one's own.
    let bytes = sealed(&fixture, 1);
    let let_in = || admit(&fixture.open(), &journal, &bytes, &mut KnownKeys::default());
    assert_eq!(let_in().err().map(|e| e.kind()), Some(ErrorKind::Refused));
    say(&fixture, content(1), Use::Single, &["ada", "bea"]);
    let_in().unwrap();
}

fn sealed(fixture: &Fixture, n: i64) -> Vec<u8> {
    let repository = fixture.open();
    let event = gatos::Event {
        repo: repository.id(),
        journal: "plan/main".parse().unwrap(),
        ulid: "01KAZ4YB4R8G2V8W3Q6X9N5M7C".parse().unwrap(),
        event_type: "amended".to_owned(),
        actor: "dan".parse().unwrap(),
        payload: payload(n),
        ts: None,
        policy: repository.policy().0,
    };
    let signed = gatos::Signed::seal(event, &key("dan")).unwrap();
    signed.envelope().encode()
}

#[test]
fn a_state_keeps_its_program_unless_a_pi_agrees() {
    let fixture = laboratory();
    record(&fixture, "numbers", vec![event(1)]).unwrap();
    let program = |n: i64| format!("function fold(s, e) s.n = (s.n or 0) + {n} return s end");
    let fold = |n: i64| fixture.fold_every("sum", &program(n), None);
    fold(1).unwrap();
    let refused = fold(2).expect_err("another program");
    assert_eq!(refused.kind(), ErrorKind::Refused);
    let hint = refused.hint().unwrap_or_default();
    let (_, cid) = hint.split_once("--content ").expect("the program is named");
    let program = What::Other(Subject::Content(cid.parse().unwrap()));
    say(&fixture, program, Use::Single, &["ada"]);
    fold(2).unwrap();
    // It goes on, and there is no way back.
    record(&fixture, "numbers", vec![event(2)]).unwrap();
    fold(2).unwrap();
    assert_eq!(fold(1).err().map(|e| e.kind()), Some(ErrorKind::Refused));
}

#[test]
fn the_law_changes_by_the_law_or_because_everybody_agrees() {
    let fixture = laboratory();
    let alice = key("alice");
    let policy = |code: &Program| {
        What::Policy(Box::new(PolicyDraft {
            code: Some(code.to_rgc().to_vec()),
            ..PolicyDraft::default()
        }))
    };
    let minimal = template("minimal");
    // One PI and the governor are not two PIs; without a grant nothing is put in force at all.
    let proposal = say(&fixture, policy(&minimal), Use::Single, &["alice", "ada"]);
    let refused = grant(&fixture.open(), &proposal, &alice).err().unwrap();
    assert!(
        refused
            .to_string()
            .contains("one more approval from group pi"),
        "{refused}"
    );
    assert!(activate(&fixture.open(), &proposal, &alice).is_err());
    yes(&fixture, &proposal, &["bea"]);
    let granted = grant(&fixture.open(), &proposal, &alice).unwrap();
    // A no that came after the grant was written is not left out.
    let no = (Verdict::Reject, "");
    approve(&fixture.open(), &proposal, no, &key("cyd")).unwrap();
    let refused = activate(&fixture.open(), &granted.grant, &alice).unwrap_err();
    assert!(
        refused.to_string().contains("`cyd` rejected it"),
        "{refused}"
    );
    let granted = grant(&fixture.open(), &proposal, &alice).unwrap();
    let report = activate(&fixture.open(), &granted.grant, &alice).unwrap();
    assert!(!report.way_back);

    // Rules that deny everything.
    let nothing = nothing();
    let proposal = say(&fixture, policy(&nothing), Use::Single, &["alice"]);
    let granted = grant(&fixture.open(), &proposal, &alice).unwrap();
    activate(&fixture.open(), &granted.grant, &alice).unwrap();
    denied(record(&fixture, "results", vec![event(1)]));

    let most = say(
        &fixture,
        policy(&minimal),
        Use::Single,
        &["alice", "ada", "bea", "cyd"],
    );
    let refused = grant(&fixture.open(), &most, &alice)
        .and_then(|granted| activate(&fixture.open(), &granted.grant, &alice));
    assert_eq!(
        refused.err().map(|e| e.kind()),
        Some(ErrorKind::Refused),
        "all but one"
    );
    yes(&fixture, &most, &["dan"]);
    let granted = grant(&fixture.open(), &most, &alice).unwrap();
    let report = activate(&fixture.open(), &granted.grant, &alice).unwrap();
    assert!(report.way_back);
    record(&fixture, "results", vec![event(1)]).unwrap();
    let verified = verify_repository(&fixture.open(), &Pins::default(), &mut Unwatched);
    assert_eq!(
        verified.verdict,
        VerificationVerdict::Verified,
        "{verified:?}"
    );
}

/// Rules that deny everything.
fn nothing() -> Program {
    let text = "package rules\n\n# METADATA\n# title: Nothing\n# custom:\n#   id: nothing\n\
        #   adr: docs/adr/0009.md\n#   severity: error\n#   intent: \"*\"\n\
        #   message: nothing is allowed\ndeny if true\n";
    gatos_policy::compile(&[gatos_policy::Module::new("rules.rgs", text)]).unwrap()
}

#[test]
fn a_no_of_somebody_without_a_group_is_in_the_way_of_everybody() {
    let fixture = Fixture::new();
    let alice = key("alice");
    let policy = |code: Program, people: &[&str]| {
        What::Policy(Box::new(PolicyDraft {
            code: Some(code.to_rgc().to_vec()),
            trust: Some(trust(people)),
            profile: None,
        }))
    };
    let with_eve = ["alice", "ada", "bea", "cyd", "dan", "eve"];
    let founding = say(
        &fixture,
        policy(nothing(), &with_eve),
        Use::Single,
        &["alice"],
    );
    activate(&fixture.open(), &founding, &alice).unwrap();
    let back = |people: &[&str], no: &[&str]| {
        let next = policy(template("minimal"), &with_eve);
        let proposal = say(&fixture, next, Use::Single, people);
        for name in no {
            let said = (Verdict::Reject, "no");
            approve(&fixture.open(), &proposal, said, &key(name)).unwrap();
        }
        let granted = grant(&fixture.open(), &proposal, &alice)?;
        activate(&fixture.open(), &granted.grant, &alice)
    };
    // All who count agree, and Eve, who does not have to be asked, says no: not everybody agrees.
    let refused = back(&ALL, &["eve"]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused, "{refused}");
    assert!(
        refused.to_string().contains("nothing is allowed"),
        "{refused}"
    );
    // Without her no there is the way back, and her yes is not needed.
    let report = back(&ALL, &[]).unwrap();
    assert!(report.way_back);
}
