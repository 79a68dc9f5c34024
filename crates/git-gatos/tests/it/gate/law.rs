//! The law of a repository at the gate of a server, with plain Git: every refusal beside what satisfies it.

use super::{refs, refused};
use crate::lab::Lab;

/// Alice founds, governs and pushes; Ada (with two keys), Bea and Cyd are the PIs, Dan is a student.
/// The rules are those of the template `research`, or of a folder `policy` that was written before.
pub(super) fn laboratory(rules: &str) -> Lab {
    let lab = Lab::with_repository();
    lab.write("law.sh", LAW);
    lab.ok(&format!("rules={rules}; . ./law.sh; found"));
    lab
}

pub(super) const LAW: &str = r#"
export GATOS_PUSHER=alice
refs='refs/gatos/*:refs/gatos/*'
key() { test -e ../$1 || ssh-keygen -q -t ed25519 -N '' -C $1 -f ../$1; cut -d ' ' -f 1,2 ../$1.pub; }
actor() { # name groups roles keys…
  printf '\n[actors.%s]\ngroups = [%s]\nroles = [%s]\nkeys = [' $1 "$2" "$3"; shift 3
  for k in "$@"; do printf '"%s", ' "$(key $k)"; done; printf ']\n'
}
lab() {
  test -e ../alice.toml || gatos trust show --toml > ../alice.toml
  cp ../alice.toml ../trust.toml
  for pi in "$@"; do actor $pi '"pi"' '"append"' $pi $(test $pi = ada && echo ada2) >> ../trust.toml; done
  actor dan '"students"' '"append"' dan >> ../trust.toml
}
# enact TITLE ARGUMENTS…: propose, have it approved by $yes, put it in force.
enact() {
  gatos -q proposal new "$@" > ../proposal
  for who in $yes; do gatos -q approve $(cat ../proposal) --key ../$who > /dev/null; done
  gatos -q grant new $(cat ../proposal) > ../grant && gatos -q policy activate $(cat ../grant) > /dev/null
}
found() {
  lab ada bea cyd
  gatos -q approve $(gatos -q proposal new 'The laboratory' --trust ../trust.toml --policy $rules | tee ../proposal) > /dev/null
  gatos -q grant new $(cat ../proposal) > ../grant && gatos -q policy activate $(cat ../grant) > /dev/null
  git init -q --bare -b main ../server.git && gatos -q gate install ../server.git > /dev/null
  git remote add origin ../server.git
  git checkout -q -b main 2> /dev/null || true
  echo 1 > data && git add data && git commit -q -m start
  git push -q origin "$refs" main
}
change() { mkdir -p plan && echo "$1" >> plan/main.md && git add plan && git commit -q -m "$1"; }
move() { gatos -q proposal new 'The plan' --update refs/heads/main --old $(git rev-parse origin/main) --new $(git rev-parse main) "$@"; }
yes() { for who in "$@"; do gatos -q approve $(cat ../proposal) --key ../$who > /dev/null; done; }
no() { gatos -q reject $(cat ../proposal) --reason no --key ../$1 > /dev/null; }
"#;

pub(super) fn sh(text: &str) -> String {
    format!(". ./law.sh; {text}")
}

#[test]
fn the_plan_changes_with_two_of_three_pis_and_not_without() {
    let lab = laboratory("research");
    // What is not of the plan goes in.
    lab.ok(&sh(
        "echo 2 >> data && git commit -q -a -m data && git push -q origin main",
    ));
    let rule = "plan-push-quorum";
    let said = refused(&lab, &sh("change first; git push origin main"), rule);
    assert!(said.contains("2 more approvals from group pi"), "{said}");
    assert!(said.contains("docs/adr/0002-analysis-plan.md"), "{said}");
    let lines = said.lines().filter(|line| line.contains("gatos:"));
    assert_eq!(lines.count(), 3, "{said}");

    lab.ok(&sh(
        "move > ../proposal; yes ada dan; git push -q origin \"$refs\"",
    ));
    let said = refused(&lab, &sh("git push origin main"), rule);
    assert!(
        said.contains("one more approval from group pi on proposal bafy"),
        "{said}"
    );
    // Two keys of one person count once.
    lab.ok(&sh("yes ada2; git push -q origin \"$refs\""));
    let said = refused(&lab, &sh("git push origin main"), rule);
    assert!(said.contains("one more approval"), "{said}");
    // Nobody signs for another: what Dan says is not what Bea says.
    let before = lab.ok(&sh(
        "gatos policy check-push origin main --pusher alice || true",
    ));
    assert!(
        before.contains(rule) && before.contains("one more approval"),
        "{before}"
    );
    // The second PI, in the same push.
    lab.ok(&sh(
        "yes bea; gatos policy check-push origin main --pusher alice 2>&1 | grep -q REFUSED",
    ));
    lab.ok(&sh("git push -q origin \"$refs\" main"));
    // A branch that begins where the plan was agreed on changes nothing of it.
    lab.ok(&sh("git push -q origin main:from-here"));

    // The grant was for that very move: another change needs another one.
    let said = refused(&lab, &sh("change second; git push origin main"), rule);
    assert!(said.contains("which there is not yet"), "{said}");
    // A no of a PI is not outvoted by her own yes, and two others do.
    lab.ok(&sh("move > ../proposal; yes ada; no ada2; yes bea"));
    refused(&lab, &sh("git push origin \"$refs\" main"), rule);
    lab.ok(&sh("yes cyd; git push -q origin \"$refs\" main"));
}

#[test]
fn a_denial_of_the_law_is_kept_and_decided_again_offline() {
    let lab = laboratory("research");
    let said = refused(
        &lab,
        &sh("change first; git push origin main"),
        "plan-push-quorum",
    );
    let ulid = said.split_whitespace().last().unwrap_or_default();
    let ulid = said
        .lines()
        .find_map(|line| line.split("gatos policy explain ").nth(1))
        .unwrap_or(ulid)
        .trim()
        .to_owned();
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    // Another policy is in force by then, and the server is gone.
    lab.ok(&sh(
        "mv ../server.git ../gone.git; yes='ada bea cyd' enact 'No rules' --policy minimal",
    ));
    let explained = lab.ok(&format!("gatos policy explain {ulid}"));
    for part in [
        "plan-push-quorum (by the policy)",
        "docs/adr/0002-analysis-plan.md",
        "2 more approvals from group pi",
        "gatos proposal new",
        "\"plan/main.md\"",
        "the same, byte for byte",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    // What was kept and changed afterwards is not believed.
    for entry in ["code", "input", "decision"] {
        lab.ok(&format!(
            r#"
name=$(git for-each-ref --format='%(refname)' refs/gatos/audit/policy/deny | head -1)
test -e ../kept || git rev-parse $name > ../kept
blob=$( (git cat-file blob $(cat ../kept):{entry}; printf x) | git hash-object -w --stdin)
tree=$(git ls-tree $(cat ../kept) | sed "s/\(blob \)[0-9a-f]*\(\t{entry}\)/\1$blob\2/" | git mktree)
git update-ref $name $(git commit-tree $tree -m x)"#
        ));
        let ran = lab.run(&format!("gatos policy explain {ulid}"));
        assert_eq!(ran.code, 4, "{entry}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn grants_are_for_one_thing_under_one_policy_and_can_be_taken_back() {
    let lab = laboratory("research");
    let rule = "plan-push-quorum";
    // A commit may come to any branch, and to one only if it may come once.
    lab.ok(&sh("git push -q origin main:other main:third; change commit
        gatos -q proposal new 'This commit' --commit $(git rev-parse main) > ../proposal; yes ada bea; git push -q origin \"$refs\" main"));
    refused(&lab, &sh("git push origin main:other"), rule);
    lab.ok(&sh("gatos -q proposal new 'Anywhere' --until 99999999999999 --commit $(git rev-parse main) > ../proposal; yes ada bea; git push -q origin \"$refs\" main:other"));
    lab.ok(&sh("git push -q origin main:third"));
    // One that is past.
    refused(
        &lab,
        &sh(
            "change late; gatos -q proposal new 'Late' --until 1000 --commit $(git rev-parse main) > ../proposal; yes ada bea; git push origin \"$refs\" main",
        ),
        rule,
    );
    lab.ok("git reset -q --hard HEAD~1");
    lab.ok(&sh("change first; move > ../proposal; yes ada bea"));
    // Taken back, it is of no use, whatever else is written from the same proposal.
    lab.ok(&sh("gatos -q approve $(cat ../proposal) > /dev/null; gatos -q grant new $(cat ../proposal) > ../grant && gatos -q revoke $(cat ../grant) --reason mistake --key ../bea > /dev/null"));
    refused(&lab, &sh("git push origin \"$refs\" main"), rule);
    lab.ok(&sh("yes cyd"));
    refused(&lab, &sh("git push origin \"$refs\" main"), rule);
    // Proposed again and approved, but the policy changes: agreed under another law.
    lab.ok(&sh("move > ../proposal; yes ada bea; cp ../proposal ../plan; lab ada cyd; yes='bea cyd' enact 'Bea leaves' --trust ../trust.toml"));
    lab.ok(&sh("git push -q origin \"$refs\""));
    let said = refused(&lab, &sh("git push origin main"), rule);
    assert!(said.contains("which there is not yet"), "{said}");
    // Somebody who is no member any more has no word.
    lab.ok(&sh(
        "move > ../proposal; ! gatos -q approve $(cat ../proposal) --key ../bea",
    ));
    lab.ok(&sh("yes ada"));
    refused(&lab, &sh("git push origin \"$refs\" main"), rule);
    // An approval in her old name, laid there by hand, is none.
    lab.ok(&sh("for from in $(git for-each-ref --format='%(refname)' refs/gatos/approvals/$(cat ../plan)); do
        to=$(echo $from | sed s/$(cat ../plan)/$(cat ../proposal)/)
        git rev-parse -q --verify $to > /dev/null || { git update-ref $to $from; echo $to > ../laid; }; done"));
    refused(&lab, &sh("git push origin \"$refs\""), "gate.approval");
    lab.ok(&sh("git update-ref -d $(cat ../laid); move > ../proposal; yes ada cyd; git push -q origin \"$refs\" main"));
}

#[test]
fn history_is_not_rewritten_and_strangers_do_not_push() {
    let lab = laboratory("research");
    lab.ok(&sh(
        "echo 2 >> data && git commit -q -a -m data && git push -q origin main",
    ));
    refused(&lab, &sh("git push --force origin main~1:main"), "no-force");
    refused(&lab, &sh("git push origin :main"), "no-rewriting");
    refused(
        &lab,
        &sh("GATOS_PUSHER=mallory git push origin main:other"),
        "push-members",
    );
    refused(
        &lab,
        &sh("GATOS_PUSHER= git push origin main:other"),
        "push-members",
    );
    // The chain of policies is not for rules to rewrite.
    refused(
        &lab,
        &sh("git push --force origin refs/gatos/policies/active~1:refs/gatos/policies/active"),
        "gate.forward-only",
    );
    refused(
        &lab,
        &sh("git push origin :refs/gatos/policies/active"),
        "gate.delete",
    );
    lab.ok(&sh("git push -q origin main:other"));
    // A plan that comes with a new branch is a change of the plan.
    refused(
        &lab,
        &sh("change first; git push origin main:third"),
        "plan-push-quorum",
    );
    // A foreign ref goes where a rule lets it: here every member pushes.
    lab.ok(&sh("git push -q origin main~1:refs/notes/x"));
}

#[test]
fn the_law_changes_by_the_law_or_by_everybody() {
    let lab = laboratory("research");
    // Without the PIs nothing of the law changes, neither here nor, around the program, on the server.
    let said = lab.fails(3, &sh("gatos -q proposal new 'No rules' --policy minimal > ../proposal; gatos -q approve $(cat ../proposal) >/dev/null; yes ada; gatos grant new $(cat ../proposal)"));
    assert!(said.contains("one more approval from group pi"), "{said}");
    let said = lab.fails(3, &sh("gatos policy activate $(cat ../proposal)"));
    assert!(said.contains("law-quorum"), "{said}");
    // A no that the server knows is not left out, wherever the policy was put in force.
    lab.ok(&sh(
        "yes bea; git push -q origin \"$refs\"; cp -r . ../second; cp -r . ../third; \
         (cd ../second; no cyd; git push -q origin \"$refs\")",
    ));
    let enact = "gatos -q grant new $(cat ../proposal) > ../grant; gatos -q policy activate $(cat ../grant) > /dev/null; git push";
    let said = refused(
        &lab,
        &sh(&format!("cd ../third; {enact} origin \"$refs\"")),
        "gate.policies",
    );
    assert!(said.contains("`cyd` rejected it"), "{said}");
    lab.ok(&sh(&format!(
        "git fetch -q origin \"$refs\"; {enact} -q origin \"$refs\""
    )));

    // A policy that denies everything, its rules failing included.
    lab.ok("mkdir deny && cat > deny/rules.rgs <<'EOF'
package rules

# METADATA
# title: Nothing
# custom:
#   id: nothing
#   adr: docs/adr/0009-nothing.md
#   severity: error
#   intent: \"*\"
#   message: nothing is allowed
deny if true
EOF");
    lab.ok(&sh("gatos -q approve $(gatos -q proposal new 'Nothing' --policy deny | tee ../proposal) >/dev/null; gatos -q grant new $(cat ../proposal) > ../grant; gatos -q policy activate $(cat ../grant) > /dev/null; git push -q origin \"$refs\""));
    lab.fails(3, &sh("gatos event append m --type t '{}'"));
    refused(&lab, &sh("git push origin main:other"), "nothing");
    // One is not everybody; all but one are not; a no is a no.
    lab.ok(&sh(
        "gatos -q proposal new 'Back' --policy research > ../proposal; yes ada bea cyd dan",
    ));
    let enact =
        "gatos -q grant new $(cat ../proposal) > ../grant; gatos policy activate $(cat ../grant)";
    lab.fails(3, &sh(enact));
    lab.ok(&sh(
        "gatos -q approve $(cat ../proposal) > /dev/null; no ada2",
    ));
    lab.fails(3, &sh(enact));
    lab.ok(&sh("gatos -q proposal new 'Back' --policy research > ../proposal; yes ada bea cyd dan; gatos -q approve $(cat ../proposal) >/dev/null; gatos -q grant new $(cat ../proposal) > ../grant"));
    let said = lab.ok(&sh("gatos policy activate $(cat ../grant)"));
    assert!(said.contains("everybody agreed"), "{said}");
    lab.ok(&sh("git push -q origin \"$refs\" && git push -q origin main:other && gatos verify --all && git -C ../server.git gatos verify --all"));
}

/// A rule that fails on what it is asked, and one that takes too much.
#[test]
fn a_rule_that_fails_or_takes_too_much_denies() {
    let lab = Lab::with_repository();
    lab.write("law.sh", LAW);
    lab.ok("mkdir policy && cat > policy/rules.rgs <<'EOF'
package rules

# METADATA
# title: Everybody
# custom:
#   id: all
#   adr: docs/adr/1.md
#   severity: error
#   intent: [push.ref, event.append]
#   message: no
allow if true

# METADATA
# title: Names
# custom:
#   id: fails
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/fails/**
#   message: no
deny if lower(input.old) == \"x\"

# METADATA
# title: Work
# custom:
#   id: slow
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/slow/**
#   message: no
deny if {
	some a in numbers
	some b in numbers
	some c in numbers
	some d in numbers
	some e in numbers
	some f in numbers
	a + b + c + d + e + f > 1000
}

numbers := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

# METADATA
# title: Warned
# custom:
#   id: warned
#   adr: docs/adr/2.md
#   severity: warning
#   intent: push.ref
#   scope: refs/heads/warned/**
#   message: think twice
deny if true
EOF");
    lab.ok("rules=policy; . ./law.sh; found");
    refused(
        &lab,
        &sh("git push origin main:refs/heads/fails/a"),
        "gatos-failure",
    );
    refused(
        &lab,
        &sh("git push origin main:refs/heads/slow/a"),
        "gatos-limit",
    );
    // A warning is said and kept, and stops nothing.
    let ran = lab.run(&sh("git push origin main:refs/heads/warned/a"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("gatos: warning: think twice (warned)"),
        "{}",
        ran.err
    );
    assert!(refs(&lab).contains("refs/heads/warned/a"));
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    let listed = lab.ok("gatos policy denials --json");
    assert!(listed.contains("\"effect\":\"warned\""), "{listed}");
    lab.ok("for id in $(gatos policy denials --json | tr ',' '\\n' | sed -n 's/.*\"ulid\":\"\\([^\"]*\\).*/\\1/p'); do gatos policy explain $id || exit 1; done");
    let said = lab.ok(&sh(
        "gatos policy check-push origin main:refs/heads/warned/b",
    ));
    assert!(
        said.contains("warned") && said.contains("would be accepted"),
        "{said}"
    );
    lab.ok(&sh("git push -q origin main:refs/heads/fine"));
}

#[test]
fn events_and_states_are_judged_by_what_the_server_knows_that_people_agreed_on() {
    let lab = laboratory("research");
    for n in [1, 2] {
        let text = format!("function fold(s, e) s.n = (s.n or 0) + {n} return s end");
        lab.write(&format!("{n}.lua"), text);
    }
    // Agreed on here, and the server has not heard of it.
    lab.ok(&sh(
        "echo '{\"n\": 1}' > e.json; gatos -q proposal new 'E' --event e.json > ../proposal; \
         yes ada bea; gatos -q event append plan/main --type t '{\"n\": 1}' > /dev/null",
    ));
    refused(
        &lab,
        &sh("git push origin refs/gatos/journal/plan/main"),
        "plan-quorum",
    );
    lab.ok(&sh("git push -q origin \"$refs\""));
    let fold = "gatos -q fold run s --journal plan/main --program";
    lab.ok(&sh(&format!(
        "{fold} 1.lua > /dev/null; git push -q origin refs/gatos/state/s"
    )));
    lab.ok(&sh(&format!(
        "{fold} 2.lua 2>&1 | sed -n 's/.*--content //p' > ../content; \
         gatos -q proposal new 'P' --content $(cat ../content) > ../proposal; yes ada; \
         {fold} 2.lua > /dev/null"
    )));
    refused(
        &lab,
        &sh("git push origin refs/gatos/state/s"),
        "fold-change",
    );
    lab.ok(&sh("git push -q origin \"$refs\""));
    lab.ok("git -C ../server.git gatos verify --all");
}
