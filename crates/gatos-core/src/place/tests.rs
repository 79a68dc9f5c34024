//! Unit tests of the table.

use super::{Movement, Place};

const CID: &str = "bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const ULID: &str = "01kaz4yb4r8g2v8w3q6x9n5m7c";

#[test]
fn every_line_of_the_table_is_found() {
    let rows = [
        ("policies/active", "policies", Movement::Forward),
        (&format!("policies/bundles/{CID}"), "bundle", Movement::Once),
        (&format!("proposals/{CID}"), "proposal", Movement::Once),
        (
            &format!("approvals/{CID}/{KEY}"),
            "approval",
            Movement::Once,
        ),
        (&format!("grants/{CID}"), "grant", Movement::Once),
        (&format!("revocations/{CID}"), "revocation", Movement::Once),
        ("journal/a", "journal", Movement::Forward),
        ("journal/user/alice", "journal", Movement::Forward),
        ("state/lab.1", "state", Movement::Forward),
        (&format!("audit/jobs/{ULID}"), "job", Movement::Once),
        (
            &format!("audit/proofs/experiments/{ULID}"),
            "experiment",
            Movement::Once,
        ),
        (
            &format!("audit/proofs/reproductions/{ULID}"),
            "reproduction",
            Movement::Once,
        ),
        (
            &format!("audit/policy/deny/{ULID}"),
            "denial",
            Movement::Server,
        ),
    ];
    for (rest, word, movement) in rows {
        let place = Place::of(&format!("refs/gatos/{rest}"));
        assert_eq!((place.word(), place.movement()), (word, movement), "{rest}");
        assert!(place.is_ours());
    }
}

#[test]
fn no_twin_of_a_name_is_taken_for_it() {
    let upper = ULID.to_ascii_uppercase();
    let long = "a".repeat(65);
    let longer = "a/".repeat(90);
    let names = [
        "refs/gatos",
        "refs/gatos/",
        "refs/gatos/x",
        "refs/gatos/policies",
        "refs/gatos/policies/active/x",
        "refs/gatos/policies/Active",
        "refs/Gatos/policies/active",
        "refs/GATOS/journal/a",
        "refs/gatos/Journal/a",
        "refs/gatos/journal/A",
        "refs/gatos/journal",
        "refs/gatos/journal/-x",
        "refs/gatos/journal/.x",
        "refs/gatos/journal/x.lock",
        "refs/gatos/journal/x.",
        "refs/gatos/journal/x..y",
        "refs/gatos/journal/x//y",
        "refs/gatos/journal/x/",
        "refs/gatos/journal/@{1}",
        "refs/gatos/journal/a:b",
        "refs/gatos/journal/caf\u{e9}",
        "refs/gatos/journal/cafe\u{301}",
        "refs/gatos/journal/a b",
        "refs/gatos/HEAD",
        "refs/gatos/-x",
        "refs/gatos/journalx/a",
        "refs/gatos/jobs/x/claim",
        "refs/gatos/../heads/x",
        "refs/gatos/./journal/a",
        "refs/gatos/policies/bundles/x",
        "refs/gatos/proposals/x",
        &format!("refs/gatos/proposals/{CID}/x"),
        &format!("refs/gatos/approvals/{CID}"),
        &format!("refs/gatos/approvals/{CID}/{}", &KEY[1..]),
        &format!("refs/gatos/approvals/{CID}/{}", KEY.to_ascii_uppercase()),
        "refs/gatos/audit/jobs/x",
        &format!("refs/gatos/audit/jobs/{upper}"),
        &format!("refs/gatos/audit/jobs/{}", &ULID[1..]),
        &format!("refs/gatos/audit/jobs/{}", ULID.replace('0', "o")),
        &format!("refs/gatos/audit/policy/allow/{ULID}"),
        &format!("refs/gatos/policies/bundles/{}", CID.to_ascii_uppercase()),
        &format!("refs/gatos/policies/bundles/{CID}/x"),
        &format!("refs/gatos/journal/{long}"),
        &format!("refs/gatos/journal/{longer}a"),
    ];
    for name in names {
        assert_eq!(Place::of(name), Place::Unlisted, "{name}");
    }
}

#[test]
fn what_is_outside_is_told_apart() {
    let rows = [
        ("refs/heads/main", Place::Branch),
        ("refs/heads/Feature/JIRA-12_x+@y", Place::Branch),
        ("refs/tags/v1.0", Place::Tag),
        ("refs/notes/commits", Place::Foreign),
        ("refs/pull/1/head", Place::Foreign),
        ("refs/remotes/x/main", Place::Foreign),
        ("refs/heads/-x", Place::Harmful),
        ("refs/heads/refs/gatos/policies/active", Place::Harmful),
        ("refs/heads/caf\u{e9}", Place::Harmful),
        ("refs/Heads/main", Place::Harmful),
        ("refs/heads", Place::Harmful),
        ("refs/tags/refs/heads/main", Place::Harmful),
        (
            "refs/replace/1111111111111111111111111111111111111111",
            Place::Harmful,
        ),
        ("refs/REPLACE/x", Place::Harmful),
        (
            "refs/namespaces/x/refs/gatos/policies/active",
            Place::Harmful,
        ),
        ("refs/stash", Place::Harmful),
        ("refs/bisect/bad", Place::Harmful),
        ("refs/original/refs/heads/main", Place::Harmful),
        ("refs/notes/caf\u{e9}", Place::Harmful),
        ("HEAD", Place::Harmful),
        ("", Place::Harmful),
    ];
    for (name, place) in rows {
        assert_eq!(Place::of(name), place, "{name}");
    }
}
