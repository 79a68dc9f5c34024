//! The chain of policies and what stands under each of them, pushed with plain Git: D-30, D-31 and D-32.

use super::law::{laboratory, sh};
use super::refused;
use crate::lab::Lab;

/// `p1` is in force. `p2` takes Dan out, `p3` brings him back. Each is a clone with its own refs:
/// `../at1`, `../at2`, `../at3`.
const CHAIN: &str = r#"
unset GATOS_PUSHER
journal=refs/gatos/journal/m
active=refs/gatos/policies/active
# A copy of this clone, and a command in it.
clone() { cp -r . ../$1; }
at() { (cd ../$1 && shift && eval "$@"); }
# change TITLE: put ../trust.toml in force, approved by who founded.
change() {
  gatos -q proposal new "$1" --trust ../trust.toml > ../proposal
  for who in ada bea cyd; do gatos -q approve $(cat ../proposal) --key ../$who > /dev/null; done
  gatos -q approve $(cat ../proposal) > /dev/null
  gatos -q grant new $(cat ../proposal) > ../grant && gatos -q policy activate $(cat ../grant) > /dev/null
}
without_dan() { lab ada bea cyd; sed -i '/^\[actors.dan\]/,$d' ../trust.toml; change "without Dan"; }
with_dan() { lab ada bea cyd; change "with Dan"; }
say() { gatos -q event append m --type t '{}' --key "$1" > /dev/null; }
alice=$HOME/.ssh/id_ed25519
# Every ref but those of the kinds $1, as a push wants them.
but() { git for-each-ref --format='%(refname):%(refname)' refs/gatos | grep -vE "^refs/gatos/($1)"; }
# The batches of the commits $2…, each made to follow the one before, the first to follow $1; the same whenever asked.
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
follow() { tip=$1; shift; for c in "$@"; do tip=$(git commit-tree $c^{tree} -p $tip -m x); done; echo $tip; }
# Forge a commit that follows $1: the tree of $2, with the entry $3 of what standard input is.
forge() {
  git commit-tree -p $1 -m x $({ git ls-tree $2 | grep -vP "\t$3\$"; printf '100644 blob %s\t%s\n' $(git hash-object -w --stdin) $3; } | git mktree)
}
without() { git commit-tree -p $1 -m x $(git ls-tree $2 | grep -vP "\t$3\$" | git mktree); }
"#;

fn script(text: &str) -> String {
    sh(&format!("{CHAIN}\n{text}"))
}

/// A server at `p1` with one event, and a clone at each policy, none of which was pushed.
fn chain() -> Lab {
    let lab = laboratory("minimal");
    lab.ok(&script(
        "say $alice; git push -q origin $journal; clone at1; without_dan; clone at2; with_dan; clone at3",
    ));
    lab
}

#[test]
fn the_policy_goes_neither_back_nor_beside_nor_past_one() {
    let lab = chain();
    // The server goes to p2.
    lab.ok(&script(
        "at at2 git push -q origin '\"$refs\"'; clone beside; cd ../beside; git update-ref $active $active~2; lab bea; change beside",
    ));
    let rows = [
        ("back", "git push --force origin $active~2:$active"),
        (
            "away and back",
            "git push origin :$active; git push origin $active~2:$active",
        ),
        (
            "the one before, on top",
            "git push origin $(follow $active~1 $active~2):$active",
        ),
        (
            "the one in force, again",
            "git push origin $(follow $active~1 $active~1):$active",
        ),
        (
            "another with its number, beside",
            "git fetch -q $HOME/beside $active; git push --force origin FETCH_HEAD:$active",
        ),
        (
            "another with its number, on top",
            "git fetch -q $HOME/beside $active; git push origin $(follow $active~1 FETCH_HEAD):$active",
        ),
        (
            "one is left out",
            "git push --force origin $(follow $active~2 $active):$active",
        ),
        (
            "the number is taken twice on the way",
            "git push origin $(follow $active~1 $active~1 $active):$active",
        ),
    ];
    for (what, row) in rows {
        let said = refused(&lab, &script(row), "gate.");
        assert!(!said.contains("panicked"), "{what}: {said}");
    }
    // Negative control.
    lab.ok(&script("git push -q origin \"$refs\""));
}

/// What, the events in order, the policy that comes with them, and whether it may be.
const PLACES: [(&str, &str, u8, bool); 16] = [
    ("Dan, before he goes", "$dan1", 1, true),
    ("Dan, before anybody knows", "$dan1 $late", 1, true),
    ("Dan before he goes, then Alice", "$dan1 $alice2", 2, true),
    ("Dan gone and back", "$dan1 $alice2 $dan3", 3, true),
    ("nothing that was signed after it", "$dan1", 2, true),
    (
        "nothing that was signed between them",
        "$dan1 $alice2",
        3,
        true,
    ),
    ("Dan, late", "$dan1 $late", 2, false),
    ("Dan, late, and then Alice", "$dan1 $late $alice2", 2, false),
    ("Dan, late, after Alice", "$dan1 $alice2 $late", 2, false),
    (
        "Dan, late, when he is back",
        "$dan1 $alice2 $late",
        3,
        false,
    ),
    (
        "Dan, late, last of all",
        "$dan1 $alice2 $dan3 $late",
        3,
        false,
    ),
    ("Dan, after what he came before", "$alice2 $dan1", 2, false),
    ("without what the policy stands on", "$alice2", 2, false),
    ("Dan, back too early", "$dan1 $dan3 $alice2", 3, false),
    (
        "Dan, under a policy that does not come",
        "$dan1 $alice2 $dan3",
        2,
        false,
    ),
    (
        "Alice, under a policy that does not come",
        "$dan1 $alice2",
        1,
        false,
    ),
];

#[test]
fn events_are_judged_by_the_policy_at_their_place_in_one_push() {
    let lab = laboratory("minimal");
    // Dan signs while he may, and once more than the policy without him knows of; every clone has all events.
    lab.ok(&script(
        "say $alice; git push -q origin $journal; say ../dan; clone at1; at at1 say ../dan; \
         without_dan; say $alice; clone at2; with_dan; say ../dan; clone at3; \
         for to in at1 at2 at3; do for from in at1 at2 at3; do at $to git fetch -q $HOME/$from $journal:refs/tips/$from; done; done; \
         cp -a ../server.git ../first.git",
    ));
    let names = "before=refs/tips/at1~2; dan1=refs/tips/at1~1; late=refs/tips/at1; alice2=refs/tips/at2; dan3=refs/tips/at3";
    let push = |policy: u8, events: &str| {
        script(&format!(
            "cd ../at{policy}; {names}; git push origin $(but journal/) $(follow $before {events}):$journal"
        ))
    };
    for (what, events, policy, may) in PLACES {
        lab.ok("rm -rf ../server.git && cp -a ../first.git ../server.git");
        let push = push(policy, events);
        if may {
            let ran = lab.run(&push);
            assert_eq!(ran.code, 0, "{what}: {}{}", ran.out, ran.err);
        } else {
            let said = refused(&lab, &push, "gate.");
            assert!(!said.contains("panicked"), "{what}: {said}");
        }
    }
    // The policy first, and what was signed before it comes too late.
    lab.ok("rm -rf ../server.git && cp -a ../first.git ../server.git");
    lab.ok(&push(2, "$dan1"));
    refused(&lab, &push(2, "$dan1 $late"), "gate.journal");
    lab.ok(&push(2, "$dan1 $alice2"));
}

#[test]
fn every_one_in_between_is_verified() {
    let lab = chain();
    // The middle of three is harmed, and what follows it is as it was.
    let harmed = [
        "$(printf x | forge $active~2 $active~1 code)",
        "$(git cat-file blob $active~1:bundle | tr '\\000' '\\001' | forge $active~2 $active~1 bundle)",
        "$(git cat-file blob $active~1:bundle | python3 -c 'import sys; b = bytearray(sys.stdin.buffer.read()); b[-9] ^= 1; sys.stdout.buffer.write(b)' | forge $active~2 $active~1 bundle)",
        "$(git cat-file blob $active:activation | forge $active~2 $active~1 activation)",
        "$(printf x | forge $active~2 $active~1 more)",
        "$(without $active~2 $active~1 code)",
        "$(without $active~2 $active~1 consensus)",
        "$(without $active~2 $active~1 anchors)",
    ];
    for middle in harmed {
        let push = format!("git push origin $(follow {middle} $active):$active");
        refused(&lab, &script(&push), "gate.");
    }
    // So it is with a journal: the batch in the middle of three.
    lab.ok(&script("for n in 1 2 3; do say $alice; done"));
    for middle in [
        "$(git cat-file blob $journal~1:batch | python3 -c 'import sys; b = bytearray(sys.stdin.buffer.read()); b[-9] ^= 1; sys.stdout.buffer.write(b)' | forge $journal~2 $journal~1 batch)",
        "$(git cat-file blob $journal~2:batch | forge $journal~2 $journal~1 batch)",
        "$(printf x | forge $journal~2 $journal~1 more)",
    ] {
        let push = format!("git push origin $(but journal/) $(follow {middle} $journal):$journal");
        refused(&lab, &script(&push), "gate.journal");
    }
    // Negative control: the same commits, made anew as they were.
    lab.ok(&script(
        "git push -q origin $(but 'journal/|policies/active') \
            $(follow $active~2 $active~1 $active):$active $(follow $journal~3 $journal~2 $journal~1 $journal):$journal",
    ));
}
