//! Names of refs that look like another's, are none, or mean another: by plain Git, and by a client that
//! does not look at names itself.

use super::{refs, refused, with_server, with_wire};
use crate::lab::Lab;

/// Say to the server that a ref of this name is made, which must be refused and make nothing.
fn refused_by_wire(lab: &Lab, name: &str, rule: &str) {
    let before = refs(lab);
    let ran = lab.run(&format!(
        "python3 ../wire.py ../server.git {} $(git rev-parse HEAD) $'{name}'",
        "0".repeat(40)
    ));
    let said = format!("{}{}", ran.out, ran.err);
    assert_ne!(ran.code, 0, "{name:?} was accepted\n{said}");
    assert!(
        said.contains(rule),
        "{name:?} was not refused by {rule}: {said}"
    );
    assert_eq!(refs(lab), before, "{name:?} made something");
}

#[test]
fn names_that_a_client_does_not_look_at_are_looked_at_here() {
    let lab = with_server();
    with_wire(&lab);
    // What Git's own rules say no to, before or in the hook.
    let malformed = [
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/a.",
        "refs/heads/.a",
        "refs/heads/a..b",
        "refs/heads/@{x",
        "refs/heads/a~1",
        "refs/heads/a b",
        "refs/heads/a:b",
        "refs/heads/a\\\\b",
        "refs/heads/a\\x01b",
        "refs/heads/a\\rb",
        "refs/heads/a\\nb",
        "refs/heads//a",
        "refs/heads/a/",
        "refs/heads/../gatos/journal/m",
        "refs/gatos/./journal/m",
        "refs/gatos/../heads/x",
        "refs/../HEAD",
        "refs/gatos/journal/m.lock",
        "refs/gatos/journal/m.",
        "refs/gatos/journal/@{1}",
        "HEAD",
        "config",
        "@",
    ];
    for name in malformed {
        refused_by_wire(&lab, name, "");
    }
    // What Git takes for a name and the gate does not.
    let rows = [
        ("refs/heads/-x", "gate.name"),
        ("refs/tags/-d", "gate.name"),
        ("refs/heads/a/-b", "gate.name"),
        ("refs/Heads/main", "gate.name"),
        ("refs/TAGS/v1", "gate.name"),
        ("refs/Gatos/policies/active", "gate.name"),
        ("refs/gatos/policies/Active", "gate.name"),
        ("refs/gatos/journal/M", "gate.name"),
        ("refs/heads/cafe\\u0301", "gate.name"),
        ("refs/heads/caf\\u00e9", "gate.name"),
        ("refs/heads/a\\u200cb", "gate.name"),
        ("refs/tags/caf\\u00e9", "gate.name"),
        ("refs/gatos/journal/\\u217f", "gate.name"),
        ("refs/namespaces/x/refs/gatos/policies/active", "gate.name"),
        ("refs/namespaces/x/refs/heads/main", "gate.name"),
        ("refs/heads/refs/gatos/policies/active", "gate.name"),
        ("refs/heads/refs/heads/main", "gate.name"),
        ("refs/tags/refs/gatos/journal/m", "gate.name"),
        ("refs/worktree/x", "gate.name"),
        ("refs/rewritten/x", "gate.name"),
        ("refs/remotes/origin/main", "gate.foreign"),
        ("refs/heads/\\xff", ""),
    ];
    for (name, rule) in rows {
        refused_by_wire(&lab, name, rule);
    }
    // Negative control: the same client with a name that is one.
    lab.ok(&format!(
        "python3 ../wire.py ../server.git {} $(git rev-parse HEAD) refs/heads/fine",
        "0".repeat(40)
    ));
    assert!(refs(&lab).contains("refs/heads/fine"));
}

#[test]
fn twins_in_one_push_are_refused_and_one_of_them_is_not() {
    let lab = with_server();
    for (one, other) in [
        ("refs/heads/Plan", "refs/heads/plan"),
        ("refs/tags/V1", "refs/tags/v1"),
        ("refs/heads/a/Plan", "refs/heads/A/plan"),
    ] {
        let push = format!("git push origin HEAD:{one} HEAD:{other}");
        refused(&lab, &push, "gate.twin");
        let push = format!("git push --atomic origin HEAD:{other} HEAD:{one}");
        refused(&lab, &push, "gate.twin");
    }
    // The two ways to write an accent are two names to Git and one to some systems of files.
    refused(
        &lab,
        "git push origin HEAD:$'refs/heads/caf\\u00e9' HEAD:$'refs/heads/cafe\\u0301'",
        "gate.name",
    );
    // A file and a folder of one name.
    for push in [
        "git push origin HEAD:refs/heads/a HEAD:refs/heads/a/b",
        "git push origin HEAD:refs/heads/a/b HEAD:refs/heads/a",
        "git push origin HEAD:refs/heads/other HEAD:refs/heads/main/b",
    ] {
        refused(&lab, push, "rejected");
    }
    // Negative controls: one of each.
    lab.ok("git push -q origin HEAD:refs/heads/Plan HEAD:refs/tags/V1 HEAD:refs/heads/a/Plan");
    lab.ok("git push -q origin HEAD:refs/heads/b/c HEAD:refs/heads/b/d HEAD:refs/heads/other");
}

#[test]
fn a_journal_is_never_below_another() {
    let lab = with_server();
    // Two clones of the study, each with a journal of its own that the other one's name hides.
    lab.ok(
        "cp -r . ../second && gatos -q event append plan --type t '{}' && \
            cd ../second && gatos -q event append plan/a --type t '{}' && \
            git push -q ../work refs/gatos/journal/plan/a:refs/heads/beside",
    );
    refused(
        &lab,
        "git push origin refs/gatos/journal/plan refs/heads/beside:refs/gatos/journal/plan/a",
        "rejected",
    );
    lab.ok("git push -q origin refs/gatos/journal/plan");
    refused(
        &lab,
        "git push origin refs/heads/beside:refs/gatos/journal/plan/a",
        "",
    );
    // Negative control: where the other is not, it is accepted.
    let lab = with_server();
    lab.ok("gatos -q event append plan/a --type t '{}' && git push -q origin refs/gatos/journal/plan/a");
}

#[test]
fn a_level_has_the_length_that_the_table_allows() {
    let lab = with_server();
    for length in [65, 127, 180] {
        let name = "a".repeat(length);
        refused(
            &lab,
            &format!("git push origin refs/gatos/journal/m:refs/gatos/journal/{name}"),
            "gate.name",
        );
    }
    // Of a name so long the refusal shows the beginning only.
    let name = "a".repeat(255);
    refused(
        &lab,
        &format!("git push origin refs/gatos/journal/m:refs/gatos/journal/{name}"),
        "a name of the table in docs/spec/refs.md",
    );
    // A branch of that length has no room for its lock: all of the push is refused.
    refused(
        &lab,
        &format!("git push origin HEAD:refs/heads/beside HEAD:refs/heads/{name}"),
        "rejected",
    );
    // Negative controls: the longest that fit.
    let (journal, branch) = ("a".repeat(64), "b".repeat(250));
    lab.ok(&format!(
        "gatos -q event append {journal} --type t '{{}}' && \
         git push -q origin refs/gatos/journal/{journal} HEAD:refs/heads/{branch}"
    ));
}

/// A namespace of Git's turns names of refs into others, for the server's side too.
#[test]
fn a_namespace_is_no_way_around() {
    let lab = with_server();
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; done && git push -q origin refs/gatos/journal/m");
    for push in [
        "git push --force origin refs/gatos/journal/m~1:refs/gatos/journal/m",
        "git push --force origin refs/gatos/journal/m~2:refs/gatos/journal/m",
        "git push --force origin refs/gatos/policies/active:refs/gatos/policies/active",
        "git push origin :refs/gatos/journal/m",
        "git push --force origin HEAD:refs/heads/main",
    ] {
        for name in ["x", "refs", "../..", "gatos"] {
            let before = refs(&lab);
            let ran = lab.run(&format!("GIT_NAMESPACE={name} {push}"));
            assert_ne!(ran.code, 0, "{name}: {push}: {}{}", ran.out, ran.err);
            assert_eq!(refs(&lab), before, "{name}: {push}");
        }
    }
    // Negative control: a push forward, without a namespace.
    lab.ok("gatos -q event append m --type t '{}' && git push -q origin refs/gatos/journal/m");
}
