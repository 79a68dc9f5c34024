//! Refusals: kept, explained, decided again, and few however many there are.

use super::{refused, with_server};

const REFUSED: &str = "git push origin :refs/gatos/journal/m";

#[test]
fn a_refusal_is_three_short_lines_and_a_record_that_is_there_afterwards() {
    let lab = with_server();
    let said = refused(&lab, REFUSED, "gate.delete");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("gatos:"))
        .collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(
        !said.contains('\x1b') && lines.iter().all(|line| line.len() < 300),
        "{said}"
    );
    assert!(lines[1].contains("docs/spec/gate.md"), "{said}");
    let ulid = lines[2].split_whitespace().last().unwrap().to_owned();
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    let listed = lab.ok("gatos policy denials");
    assert!(
        listed.contains(&ulid) && listed.contains("gate.delete"),
        "{listed}"
    );
    let explained = lab.ok(&format!("gatos policy explain {ulid}"));
    for part in [
        "refused refs/gatos/journal/m",
        "gate.delete",
        "the same, byte for byte",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&lab.ok(&format!("gatos policy explain {ulid} --json"))).unwrap();
    assert_eq!(json["same"], true);
    assert_eq!(json["facts"]["change"], "deleted");
    lab.ok("git -C ../server.git fsck --strict --no-dangling && git -C ../server.git gatos verify --all");
}

#[test]
fn a_record_that_was_changed_is_not_believed() {
    let lab = with_server();
    refused(&lab, REFUSED, "gate.delete");
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    lab.ok(r#"
name=$(git for-each-ref --format='%(refname)' refs/gatos/audit/policy/deny)
blob=$(git cat-file blob $name:input | sed 's/deleted/forward/' | git hash-object -w --stdin)
tree=$(git ls-tree $name | sed "s/\(blob \)[0-9a-f]*\(\tinput\)/\1$blob\2/" | git mktree)
git update-ref $name $(git commit-tree $tree -m x)"#);
    let said = lab.fails(4, "gatos policy explain $(gatos policy denials --json | sed 's/.*\"ulid\":\"\\([^\"]*\\).*/\\1/')");
    assert!(said.contains("not what was judged"), "{said}");
}

#[test]
fn a_flood_of_refusals_stays_small() {
    let lab = with_server();
    // As many refusals as are recorded one by one, as far as the gate can tell.
    refused(&lab, REFUSED, "gate.delete");
    lab.ok("echo 100 > ../server.git/gatos/gate/tally");
    let count = "git -C ../server.git for-each-ref refs/gatos/audit/policy/deny | wc -l";
    assert_eq!(lab.ok(count).trim(), "1");
    for _ in 0..9 {
        refused(&lab, REFUSED, "gate.delete");
    }
    // Numbers 1, 2, 4 and 8 beyond.
    assert_eq!(lab.ok(count).trim(), "5");
    let said = refused(&lab, REFUSED, "gate.delete");
    assert!(said.contains("refusal 110 in a row"), "{said}");
    // A push that is accepted begins anew.
    lab.ok("git push -q origin HEAD:refs/heads/again");
    refused(&lab, REFUSED, "gate.delete");
    assert_eq!(lab.ok(count).trim(), "6");
}

#[test]
fn a_refused_push_leaves_none_of_its_objects() {
    let lab = with_server();
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; done");
    let said = refused(
        &lab,
        "git push origin refs/gatos/journal/m :refs/gatos/policies/active",
        "gate.delete",
    );
    assert!(said.contains("gatos policy explain"), "{said}");
    lab.fails(
        1,
        "git -C ../server.git cat-file -e $(git rev-parse refs/gatos/journal/m) 2>/dev/null; \
                  test $? = 0 || exit 1",
    );
    lab.ok(
        "test -z \"$(find ../server.git/objects -name 'tmp_*' -o -name 'incoming-*')\" && \
            test -z \"$(ls ../server.git/gatos/gate/tickets 2>/dev/null)\"",
    );
}

#[test]
fn what_would_be_refused_is_known_before() {
    let lab = with_server();
    assert!(
        lab.ok("gatos policy check-push")
            .contains("would be accepted")
    );
    lab.ok("gatos -q event append m --type t '{}'");
    assert!(
        lab.ok("gatos policy check-push")
            .contains("would be accepted: 1 ref")
    );
    let ran = lab.run("gatos policy check-push origin :refs/gatos/journal/m");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("gate.delete"), "{}", ran.out);
    let ran = lab.run("gatos policy check-push origin HEAD:refs/replace/x --json");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    // In CI, of a range, with the same words.
    let zero = "0".repeat(40);
    lab.ok("gatos gate check-range refs/gatos/journal/m~1 refs/gatos/journal/m --ref refs/gatos/journal/m");
    let range =
        format!("gatos gate check-range refs/gatos/journal/m {zero} --ref refs/gatos/journal/m");
    let ran = lab.run(&range);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let ran = lab.run("gatos gate check-range refs/gatos/journal/m refs/gatos/journal/m~1 --ref refs/gatos/journal/m");
    assert!(
        ran.code == 3 && ran.out.contains("gate.forward-only"),
        "{}{}",
        ran.out,
        ran.err
    );
    lab.fails(2, "gatos gate check-range nonsense HEAD");
}
