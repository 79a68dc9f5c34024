//! The gate's own rules, each asked by a push that breaks it and one that does not.

use super::{refs, refused, with_server};
use crate::lab::Lab;

/// What the tests build commits with.
const TOOLS: &str = r#"
tree=$(git mktree < /dev/null)
commit() { git commit-tree "$@" -m x; }
journal=refs/gatos/journal/m
tip=$(git rev-parse $journal)
"#;

fn script(text: &str) -> String {
    format!("{TOOLS}\n{text}")
}

#[test]
fn an_honest_push_is_accepted_and_is_there() {
    let lab = with_server();
    lab.ok(
        "gatos -q event append m --type t '{\"n\": 2}' && git push -q origin refs/gatos/journal/m",
    );
    lab.ok("git checkout -q -b x && git commit -q --allow-empty -m y && git push -q origin x && \
            git tag v1 && git tag -a -m t v2 && git push -q origin v1 v2 && git push -q origin :x && \
            git commit -q --amend --allow-empty -m z && git push -q --force origin x");
    assert_eq!(
        lab.ok("git rev-parse refs/gatos/journal/m"),
        lab.ok("git -C ../server.git rev-parse refs/gatos/journal/m")
    );
    lab.ok("git -C ../server.git gatos verify --all");
    lab.ok("git -C ../server.git fsck --strict --no-dangling");
    // The same again is no news.
    lab.ok("git push -q origin refs/gatos/journal/m");
}

#[test]
fn refs_of_ours_move_forward_only() {
    let lab = with_server();
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; done; git push -q origin refs/gatos/journal/m");
    let rewinds = [
        "git push --force origin $journal~1:$journal",
        "git push origin +$journal~1:$journal",
        "git push --force-with-lease=$journal:$tip origin $journal~2:$journal",
        "git push --force origin $(commit $tree):$journal",
        "git push --force origin $(commit $tree -p $journal~1):$journal",
        "git push --force origin refs/gatos/policies/active:$journal",
        "git push --force origin HEAD:$journal",
        "git push --force origin $(commit $tree):refs/gatos/policies/active",
        "git push --atomic --force origin $journal~1:$journal",
    ];
    for push in rewinds {
        refused(&lab, &script(push), "gate.forward-only");
    }
    refused(
        &lab,
        &script("git push --force origin $tip^{tree}:$journal"),
        "gate.",
    );
    refused(
        &lab,
        &script("git push --force origin $tip:batch:$journal"),
        "",
    );
}

#[test]
fn refs_of_ours_are_never_deleted() {
    let lab = with_server();
    lab.ok("git -C ../server.git config receive.denyDeletes false");
    let deletes = [
        "git push origin :$journal",
        "git push --delete origin $journal refs/gatos/policies/active",
        "git push --atomic origin :$journal HEAD:refs/heads/other",
    ];
    for push in deletes {
        refused(&lab, &script(push), "gate.delete");
    }
    // The server's refusals come first in this one.
    let prune = "git push --prune origin 'refs/gatos/none/*:refs/gatos/*'";
    refused(&lab, &script(prune), "gate.server");
    let mirror =
        "cd .. && git init -q --bare empty.git && cd empty.git && git push --mirror ../server.git";
    refused(&lab, &script(mirror), "gate.server");
}

#[test]
fn only_commits_of_one_parent_come_into_refs_of_ours() {
    let lab = with_server();
    refused(
        &lab,
        &script("git push origin $(commit $tree -p $tip -p HEAD):$journal"),
        "gate.merge",
    );
    refused(
        &lab,
        &script("git push origin $(commit $tree -p $(commit $tree -p $tip -p HEAD)):$journal"),
        "gate.merge",
    );
    refused(
        &lab,
        &script("git tag -a -m t t $tip && git push origin refs/tags/t:refs/gatos/journal/n"),
        "gate.target",
    );
    for what in ["$tree", "$tip:batch"] {
        let push = format!("git push origin $(git rev-parse {what}):refs/gatos/journal/n");
        refused(&lab, &script(&push), "gate.target");
    }
}

#[test]
fn what_may_be_made_once_is_not_moved() {
    let lab = with_server();
    let push = "bundle=$(git for-each-ref --format='%(refname)' refs/gatos/policies/bundles)
                git push origin $(commit $tree -p $bundle):$bundle";
    refused(&lab, &script(push), "gate.create-only");
}

#[test]
fn names_that_are_not_in_the_table_are_refused() {
    let lab = with_server();
    let names = [
        "refs/gatos/x",
        "refs/gatos/-x",
        "refs/gatos/HEAD",
        "refs/Gatos/journal/m",
        "refs/GATOS/x",
        "refs/gatos/journal/A",
        "refs/gatos/journal/caf\u{e9}",
        "refs/gatos/journal/cafe\u{301}",
        "refs/gatos/policies/active2",
        "refs/gatos/policies/bundles/x",
        "refs/gatos/jobs/x/claim",
        "refs/gatos/audit/policy/deny/x",
        "refs/namespaces/x/refs/gatos/policies/active",
        "refs/heads/refs/gatos/policies/active",
        "refs/replace/1111111111111111111111111111111111111111",
        "refs/stash",
        "refs/original/refs/heads/main",
        "refs/bisect/bad",
        "refs/heads/caf\u{e9}",
    ];
    for name in names {
        refused(
            &lab,
            &script(&format!("git push origin $tip:'{name}'")),
            "gate.name",
        );
    }
    let foreign = [
        "refs/notes/commits",
        "refs/pull/1/head",
        "refs/remotes/x/main",
        "refs/for/main",
    ];
    for name in foreign {
        refused(
            &lab,
            &script(&format!("git push origin HEAD:'{name}'")),
            "gate.foreign",
        );
    }
    let denial = "refs/gatos/audit/policy/deny/01kaz4yb4r8g2v8w3q6x9n5m7c";
    refused(
        &lab,
        &script(&format!("git push origin $tip:{denial}")),
        "gate.server",
    );
    refused(
        &lab,
        &script("git push origin HEAD:refs/heads/Main HEAD:refs/heads/mAin"),
        "gate.twin",
    );
    // What Git itself does not let through.
    for name in [
        "refs/gatos/../x",
        "refs/gatos/a.lock",
        "refs/gatos/a.",
        "refs/gatos/@{x",
        "refs/gatos/m/",
    ] {
        refused(&lab, &script(&format!("git push origin $tip:'{name}'")), "");
    }
    // A ref below another.
    refused(
        &lab,
        &script("git push origin $tip:refs/gatos/journal/m/below"),
        "",
    );
}

#[test]
fn a_symbolic_ref_on_the_server_is_no_way_around() {
    let lab = with_server();
    lab.ok("echo 'ref: refs/gatos/policies/active' > ../server.git/refs/heads/alias");
    lab.ok("git -C ../server.git symbolic-ref refs/heads/other refs/heads/main");
    refused(
        &lab,
        &script("git push --force origin HEAD:refs/heads/alias"),
        "gate.symbolic",
    );
    refused(
        &lab,
        &script("git push --force origin $tip:refs/heads/alias"),
        "gate.symbolic",
    );
    refused(
        &lab,
        &script("git push origin :refs/heads/alias"),
        "gate.symbolic",
    );
    refused(
        &lab,
        &script("git push --force origin $(commit $tree -p HEAD):refs/heads/other"),
        "gate.symbolic",
    );
}

#[test]
fn one_bad_ref_among_many_refuses_them_all() {
    let lab = with_server();
    let good = "for n in $(seq 99); do git update-ref refs/heads/b$n HEAD; done";
    for atomic in ["", "--atomic"] {
        let push = format!("{good}; git push {atomic} origin 'refs/heads/b*' :$journal");
        refused(&lab, &script(&push), "gate.delete");
        let push = format!("{good}; git push {atomic} origin $tip:refs/replace/x 'refs/heads/b*'");
        refused(&lab, &script(&push), "gate.name");
    }
    // Negative control: without the bad one all of them land.
    lab.ok(&script(&format!(
        "{good}; git push -q origin 'refs/heads/b*'"
    )));
    assert_eq!(refs(&lab).matches("refs/heads/b").count(), 99);
}

#[test]
fn a_ref_that_moved_meanwhile_stops_the_whole_push() {
    let lab = with_server();
    lab.ok(
        "cp -r . ../second && cd ../second && gatos -q event append m --type t '{\"n\": 7}' && \
            git push -q origin refs/gatos/journal/m",
    );
    // This clone has not seen that: with or without force, nothing of it lands.
    lab.ok("gatos -q event append m --type t '{\"n\": 8}'");
    refused(
        &lab,
        &script("git push --force origin refs/gatos/journal/m HEAD:refs/heads/new"),
        "gate.forward-only",
    );
}

#[test]
fn events_are_verified_one_by_one() {
    let lab = with_server();
    lab.ok("gatos -q event append m --type t '{\"n\": 22222}'");
    lab.write(
        "flip.py",
        "import sys
data = bytearray(open('batch', 'rb').read())
at = data.find(sys.argv[1].encode()) if len(sys.argv) > 1 else len(data) - int(sys.argv[2])
data[at] ^= 1
open('batch', 'wb').write(data)
",
    );
    let forge = |edit: &str| {
        script(&format!(
            "git cat-file blob $tip:batch > batch; {edit}
         blob=$(git hash-object -w batch)
         new=$(printf '100644 blob %s\\tbatch\\n' $blob | git mktree)
         git push origin $(commit $new -p $tip~1):$journal"
        ))
    };
    refused(&lab, &forge("python3 flip.py max_ulid"), "gate.journal");
    refused(&lab, &forge("python3 flip.py sig"), "gate.journal");
    refused(&lab, &forge("printf x >> batch"), "gate.journal");
    refused(&lab, &forge(": > batch"), "gate.journal");
    let said = refused(
        &lab,
        &forge(
            "python3 -c \"
data = bytearray(open('batch', 'rb').read())
at = data.find(b'keyid') - 20
data[at] ^= 1
open('batch', 'wb').write(data)\"",
        ),
        "gate.journal",
    );
    assert!(
        said.contains("event 1 of `m`") || said.contains("batch"),
        "{said}"
    );
    // Something more in the tree, and the same batch once more.
    let more = "new=$( (git ls-tree $tip; printf '100644 blob %s\\tmore\\n' $(git rev-parse $tip:batch)) | git mktree)
                git push origin $(commit $new -p $tip~1):$journal";
    refused(&lab, &script(more), "gate.journal");
    let twice = "git push origin $(commit $tip^{tree} -p $tip):$journal";
    refused(&lab, &script(twice), "gate.journal");
    let elsewhere = "git push origin $tip:refs/gatos/journal/elsewhere";
    refused(&lab, &script(elsewhere), "gate.journal");
    let empty = "git push origin $(commit $tree -p $tip):$journal";
    refused(&lab, &script(empty), "gate.journal");
    // Negative control: what was not touched is accepted.
    lab.ok("git push -q origin refs/gatos/journal/m");
}

#[test]
fn states_are_folded_again() {
    let lab = with_server();
    lab.write(
        "sum.lua",
        "function fold(s, e) s.n = (s.n or 0) + 1 return s end",
    );
    lab.ok("gatos -q fold run n --journal m --program sum.lua");
    let forged = "git -c core.abbrev=40 ls-tree refs/gatos/state/n > entries
        blob=$(printf x | git hash-object -w --stdin)
        new=$(sed \"s/.*state$/100644 blob $blob\\tstate/\" entries | git mktree)
        git push origin $(commit $new):refs/gatos/state/n";
    refused(&lab, &script(forged), "gate.state");
    refused(
        &lab,
        &script("git push origin $(commit refs/gatos/state/n^{tree}):refs/gatos/state/other"),
        "gate.state",
    );
    // A journal that the server does not have.
    lab.ok("gatos -q event append k --type t '{}' && gatos -q fold run k --journal k --program sum.lua");
    refused(
        &lab,
        &script("git push origin refs/gatos/state/k"),
        "gate.state",
    );
    lab.ok("git push -q origin refs/gatos/state/n && git push -q origin refs/gatos/state/k refs/gatos/journal/k");
}

#[test]
fn the_first_push_founds_and_the_pin_says_what() {
    let lab = Lab::with_repository();
    lab.ok("git commit -q --allow-empty -m start && git init -q --bare ../server.git && \
            gatos -q gate install ../server.git --repo-id $(gatos status -q) && git remote add origin ../server.git");
    refused(
        &lab,
        "git push origin HEAD:refs/heads/main",
        "gate.founding",
    );
    lab.ok(
        "git clone -q . ../other && cd ../other && rm -rf .git && git init -q . && \
            gatos -q init --actor alice",
    );
    let before = refs(&lab);
    let ran = lab.run("git -C ../other push ../server.git 'refs/gatos/*:refs/gatos/*'");
    assert_ne!(ran.code, 0);
    assert!(
        ran.err.contains("this server is for the repository"),
        "{}",
        ran.err
    );
    assert_eq!(refs(&lab), before);
    lab.ok(
        "git push -q origin 'refs/gatos/*:refs/gatos/*' && git push -q origin HEAD:refs/heads/main",
    );
    // Another history in its place.
    let ran = lab.run("git -C ../other push --force ../server.git 'refs/gatos/*:refs/gatos/*'");
    assert!(ran.code != 0 && ran.err.contains("gate."), "{}", ran.err);
}
