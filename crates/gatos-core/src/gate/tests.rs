//! Unit tests of the gate's own rules: one line each.

use super::{Change, Facts, Flaw, Reason, Target, judge};
use crate::cbor;

const ULID: &str = "01kaz4yb4r8g2v8w3q6x9n5m7c";

fn facts(name: &str) -> Facts {
    Facts {
        name: name.to_owned(),
        old: Some("1".repeat(40)),
        new: Some("2".repeat(40)),
        founded: true,
        symbolic: None,
        twin: None,
        target: Some(Target::Commit),
        change: Change::Forward,
        merge: false,
        flaw: None,
    }
}

fn rule(facts: &Facts) -> String {
    judge(facts).map_or_else(String::new, |reason| reason.rule)
}

#[test]
fn what_may_be_is_not_hindered() {
    let job = format!("refs/gatos/audit/jobs/{ULID}");
    let rows = [
        ("refs/gatos/policies/active", Change::Forward),
        ("refs/gatos/journal/a", Change::Created),
        ("refs/gatos/state/a", Change::Forward),
        (&job, Change::Created),
        ("refs/heads/main", Change::Created),
        ("refs/heads/main", Change::Rewound),
        ("refs/heads/main", Change::Deleted),
        ("refs/tags/v1", Change::Created),
        ("refs/notes/commits", Change::Created),
    ];
    for (name, change) in rows {
        let target = (change != Change::Deleted).then_some(Target::Commit);
        let facts = Facts {
            change,
            target,
            ..facts(name)
        };
        assert_eq!(judge(&facts), None, "{name} {change:?}");
    }
    let merge = Facts {
        merge: true,
        ..facts("refs/heads/main")
    };
    assert_eq!(judge(&merge), None);
    let tag = Facts {
        target: Some(Target::Tag),
        ..facts("refs/tags/v1")
    };
    assert_eq!(judge(&tag), None);
}

/// Each row is refused by the rule that it names.
fn refused<const N: usize>(rows: [(Facts, &str); N]) {
    for (facts, wanted) in rows {
        assert_eq!(rule(&facts), wanted, "{facts:?}");
    }
}

#[test]
fn moves_that_may_not_be_are_refused() {
    let job = format!("refs/gatos/audit/jobs/{ULID}");
    let moved = |name: &str, change| Facts {
        change,
        target: (change != Change::Deleted).then_some(Target::Commit),
        ..facts(name)
    };
    let journal = "refs/gatos/journal/a";
    let merge = Facts {
        merge: true,
        ..facts(journal)
    };
    refused([
        (moved(journal, Change::Rewound), "gate.forward-only"),
        (moved(journal, Change::Unknown), "gate.forward-only"),
        (moved(journal, Change::Deleted), "gate.delete"),
        (moved(&job, Change::Deleted), "gate.delete"),
        (moved(&job, Change::Forward), "gate.create-only"),
        (moved(&job, Change::Rewound), "gate.create-only"),
        (merge, "gate.merge"),
    ]);
}

#[test]
fn objects_that_may_not_stand_there_are_refused() {
    let to = |name, target| Facts {
        target: Some(target),
        ..facts(name)
    };
    let journal = "refs/gatos/journal/a";
    refused([
        (to(journal, Target::Tag), "gate.target"),
        (to(journal, Target::Blob), "gate.target"),
        (to(journal, Target::Tree), "gate.target"),
        (to(journal, Target::Missing), "gate.target"),
        (to("refs/heads/main", Target::Tag), "gate.target"),
        (to("refs/tags/v1", Target::Blob), "gate.target"),
    ]);
}

#[test]
fn names_and_contents_that_may_not_be_are_refused() {
    let symbolic = Facts {
        symbolic: Some("refs/gatos/policies/active".to_owned()),
        ..facts("refs/heads/x")
    };
    let twin = Facts {
        twin: Some("refs/heads/MAIN".to_owned()),
        ..facts("refs/heads/main")
    };
    let unfounded = Facts {
        founded: false,
        ..facts("refs/heads/main")
    };
    let denial = Facts {
        change: Change::Created,
        ..facts(&format!("refs/gatos/audit/policy/deny/{ULID}"))
    };
    let forged = Facts {
        flaw: Some(Flaw {
            rule: "gate.journal".to_owned(),
            message: "event 3 is forged".to_owned(),
            next: None,
        }),
        ..facts("refs/gatos/journal/a")
    };
    refused([
        (symbolic, "gate.symbolic"),
        (twin, "gate.twin"),
        (unfounded, "gate.founding"),
        (denial, "gate.server"),
        (facts("refs/replace/x"), "gate.name"),
        (facts("refs/gatos/claims/x"), "gate.name"),
        (forged, "gate.journal"),
    ]);
}

#[test]
fn what_is_kept_gives_the_same_decision_again() {
    let facts = Facts {
        change: Change::Rewound,
        symbolic: None,
        flaw: Some(Flaw {
            rule: "gate.state".to_owned(),
            message: "x".to_owned(),
            next: Some("y".to_owned()),
        }),
        ..facts("refs/gatos/state/a")
    };
    let bytes = cbor::encode(&facts.to_value());
    let again = Facts::from_value(cbor::decode(&bytes).unwrap()).unwrap();
    assert_eq!(again, facts);
    let reason = judge(&again).unwrap();
    let bytes = cbor::encode(&reason.to_value());
    let read = Reason::from_value(cbor::decode(&bytes).unwrap()).unwrap();
    assert_eq!(Some(read), judge(&facts));
}
