//! Rights that differ from ref to ref, that are wide and narrow, and people with several keys.

use super::law::{LAW, laboratory, sh};
use super::{refs, refused};
use crate::lab::Lab;

/// Rules whose findings say by their ids which of them spoke.
const RULES: &str = r#"package rules

import data.gatos

# METADATA
# title: Everybody
# custom:
#   id: wide
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   message: only members push
allow if input.pusher != null

# METADATA
# title: Everything
# custom:
#   id: everything
#   adr: docs/adr/1.md
#   severity: error
#   intent: "*"
#   message: not this one
allow if object.get(input, "ref", "") != "refs/heads/open/starred"

# METADATA
# title: For Alice
# custom:
#   id: for-alice
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/a/**
#   message: Alice's
allow if input.pusher == "alice"

# METADATA
# title: For Dan
# custom:
#   id: for-dan
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/d/**
#   message: Dan's
allow if input.pusher == "dan"

# METADATA
# title: Open
# custom:
#   id: open
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/open/**
#   message: never said
allow if true

# METADATA
# title: Closed
# custom:
#   id: closed
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/open/closed
#   message: this one is closed
deny contains true if true

# METADATA
# title: Forward
# custom:
#   id: forward
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/forward/**
#   message: only forward
deny contains true if {
	input.operation == "update"
	not input.fast_forward
}

# METADATA
# title: Two PIs
# custom:
#   id: two-pis
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/two/**
#   message: two of the PIs
deny contains {"missing": missing} if {
	missing := gatos.missing({"pi": 2})
	count(missing) > 0
}

# METADATA
# title: One student
# custom:
#   id: one-student
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/two/study
#   message: and a student
deny contains {"missing": missing} if {
	missing := gatos.missing({"students": 1})
	count(missing) > 0
}

# METADATA
# title: One PI
# custom:
#   id: one-pi
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/one/**
#   message: one of the PIs
deny contains {"missing": missing} if {
	missing := gatos.missing({"pi": 1})
	count(missing) > 0
}

# METADATA
# title: Three PIs
# custom:
#   id: three-pis
#   adr: docs/adr/1.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/one/plan
#   message: three of the PIs
deny contains {"missing": missing} if {
	missing := gatos.missing({"pi": 3})
	count(missing) > 0
}
"#;

fn ruled() -> Lab {
    let lab = Lab::with_repository();
    lab.write("law.sh", LAW);
    std::fs::create_dir(lab.work().join("policy")).unwrap();
    lab.write("policy/rules.rgs", RULES);
    lab.ok("rules=policy; . ./law.sh; found");
    lab
}

#[test]
fn what_is_decided_of_one_ref_is_not_used_for_another() {
    let lab = ruled();
    // Who may do what to which ref, whichever comes first.
    for (pusher, denied, other) in [("alice", "d", "a"), ("dan", "a", "d")] {
        let rule = if denied == "d" {
            "for-dan"
        } else {
            "for-alice"
        };
        for refspecs in [
            format!("main:refs/heads/{denied}/x main:refs/heads/{other}/x"),
            format!("main:refs/heads/{other}/x main:refs/heads/{denied}/x"),
            format!(
                "main:refs/heads/{other}/x main:refs/heads/{denied}/x main:refs/heads/{other}/y"
            ),
        ] {
            let push = format!("GATOS_PUSHER={pusher} git push origin {refspecs}");
            let said = refused(&lab, &sh(&push), &format!("({rule})"));
            // The other one was not refused with it.
            assert!(!said.contains("more)"), "{said}");
        }
        let push = format!(
            "GATOS_PUSHER={pusher} git push origin main:refs/heads/{denied}/x main:refs/heads/{other}/x main:refs/heads/{denied}/y"
        );
        refused(&lab, &sh(&push), &format!("({rule}, and 1 more)"));
        // Negative control: each by whom it may be.
        lab.ok(&sh(&format!(
            "GATOS_PUSHER={pusher} git push -q origin main:refs/heads/{other}/{pusher} main:refs/heads/{other}/b"
        )));
    }
    // The same two commits forward in one ref and back in another.
    lab.ok(&sh(
        "echo 2 >> data && git commit -q -a -m 2 && git push -q origin main main~1:refs/heads/forward/a main:refs/heads/forward/b \
         main~1:refs/heads/free/a main:refs/heads/free/b",
    ));
    let forward = "main:refs/heads/forward/a";
    let back = "+main~1:refs/heads/forward/b";
    for both in [format!("{forward} {back}"), format!("{back} {forward}")] {
        let said = refused(&lab, &sh(&format!("git push origin {both}")), "(forward)");
        assert!(!said.contains("more)"), "{said}");
    }
    // Negative control: where no rule forbids it, and forward.
    lab.ok(&sh(&format!(
        "git push -q origin {forward} main:refs/heads/free/a +main~1:refs/heads/free/b"
    )));
}

#[test]
fn files_of_one_ref_are_not_those_of_another() {
    let lab = laboratory("research");
    lab.ok(&sh("git push -q origin main:one main:two; git checkout -q -b data; echo 2 >> data; git commit -q -a -m data; \
                git checkout -q main; change plan"));
    for (first, second) in [("one", "two"), ("two", "one")] {
        for refspecs in [
            format!("data:refs/heads/{first} main:refs/heads/{second}"),
            format!("main:refs/heads/{second} data:refs/heads/{first}"),
        ] {
            let said = refused(
                &lab,
                &sh(&format!("git push origin {refspecs}")),
                "(plan-push-quorum)",
            );
            assert!(!said.contains("more)"), "{said}");
        }
    }
    lab.ok(&sh("git push -q origin data:one data:two"));
}

#[test]
fn a_wide_permission_never_stands_in_for_a_narrow_one() {
    let lab = ruled();
    let push = |name: &str| sh(&format!("git push origin main:refs/heads/{name}"));
    let stranger = |name: &str| {
        sh(&format!(
            "GATOS_PUSHER=mallory git push origin main:refs/heads/{name}"
        ))
    };
    // Wide yes, narrow no.
    refused(&lab, &push("d/x"), "(for-dan)");
    // Narrow yes, wide no.
    refused(&lab, &stranger("open/x"), "(wide)");
    refused(&lab, &stranger("a/x"), "(wide");
    // Every named one yes, the one for everything no.
    refused(&lab, &push("open/starred"), "(everything)");
    // Every permission there is, and one denial.
    refused(&lab, &push("open/closed"), "(closed)");
    // Negative controls: beside each of them.
    lab.ok(&push("a/x"));
    lab.ok(&push("open/x"));
    lab.ok(&push("open/closed2"));
    lab.ok(&push("elsewhere"));

    // Thresholds: a wide one of two and a narrow one of somebody else; a wide one of one and a narrow of three.
    let agree = |who: &str| {
        lab.ok(&sh(&format!(
            "git commit -q --allow-empty -m next; gatos -q proposal new 'Next' --until 99999999999999 --commit $(git rev-parse main) > ../proposal; \
             yes {who}; git push -q origin \"$refs\""
        )));
    };
    agree("dan");
    refused(&lab, &push("two/study"), "(two-pis)");
    agree("ada bea");
    refused(&lab, &push("two/study"), "(one-student)");
    lab.ok(&push("two/other"));
    agree("ada bea dan");
    lab.ok(&push("two/study"));
    agree("dan");
    refused(&lab, &push("one/plan"), "(one-pi)");
    agree("ada");
    refused(&lab, &push("one/plan"), "(three-pis)");
    lab.ok(&push("one/other"));
    agree("ada bea");
    refused(&lab, &push("one/plan"), "(three-pis)");
    agree("ada bea cyd");
    lab.ok(&push("one/plan"));
    assert!(refs(&lab).contains("refs/heads/one/plan"));
}

#[test]
fn thresholds_count_people_and_not_keys() {
    let lab = laboratory("research");
    let rule = "plan-push-quorum";
    let push = sh("git push origin \"$refs\" main");
    // Two keys of Ada are Ada, in whichever order.
    for keys in ["ada ada2", "ada2 ada"] {
        lab.ok(&sh(&format!("change x; move > ../proposal; yes {keys}")));
        let said = refused(&lab, &push, rule);
        assert!(said.contains("one more approval from group pi"), "{said}");
    }
    // A key of somebody else does not become hers by standing under her name.
    lab.ok(&sh("move > ../proposal; yes ada; ! gatos -q approve $(cat ../proposal) --key ../dan --actor ada 2> /dev/null; yes dan"));
    refused(&lab, &push, rule);
    // Somebody's key cannot be two people's.
    let two = "cp ../alice.toml ../trust.toml; actor ada '\"pi\"' '\"append\"' ada >> ../trust.toml; actor bea '\"pi\"' '\"append\"' ada >> ../trust.toml; \
               gatos -q proposal new 'Two in one' --trust ../trust.toml";
    let ran = lab.run(&sh(two));
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    // Negative control: a second person.
    lab.ok(&sh("yes bea; git push -q origin \"$refs\" main"));
}

#[test]
fn a_key_that_was_taken_out_has_no_word() {
    let lab = laboratory("research");
    let rule = "plan-push-quorum";
    lab.ok(&sh(
        "change first; move > ../proposal; yes ada2; cp ../proposal ../old; cp -r . ../before",
    ));
    // Ada stays, her second key goes.
    lab.ok(&sh("sed -i 's/test $pi = ada/test $pi = nobody/' law.sh; . ./law.sh; lab ada bea cyd; yes='bea cyd' enact 'A key less' --trust ../trust.toml; \
                git push -q origin \"$refs\""));
    lab.ok(&sh("move > ../proposal; ! gatos -q approve $(cat ../proposal) --key ../ada2 2> /dev/null; yes bea"));
    refused(&lab, &sh("git push origin \"$refs\" main"), rule);
    // What the key said before is about the proposal of before, and laid elsewhere it does not count.
    let laid = "from=$(git for-each-ref --format='%(refname)' refs/gatos/approvals/$(cat ../old)); \
                to=$(echo $from | sed s/$(cat ../old)/$(cat ../proposal)/)";
    lab.ok(&sh(&format!("{laid}; git update-ref $to $from")));
    refused(&lab, &sh("git push origin \"$refs\""), "gate.approval");
    lab.ok(&sh(&format!("{laid}; git update-ref -d $to")));
    // Whoever has not heard of the change signs with it, and the server has.
    lab.ok(&sh("cd ../before && gatos -q approve $(gatos -q proposal new 'Late' --commit $(git rev-parse main)) --key ../ada2 > /dev/null"));
    let ran = lab.run(&sh(
        "cd ../before && . ./law.sh && git push origin 'refs/gatos/proposals/*:refs/gatos/proposals/*' 'refs/gatos/approvals/*:refs/gatos/approvals/*'",
    ));
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    // Negative control: the key that she still has.
    lab.ok(&sh("yes ada; git push -q origin \"$refs\" main"));
}

#[test]
fn somebody_of_two_groups_counts_in_both_and_once_in_each() {
    let lab = Lab::with_repository();
    lab.write(
        "law.sh",
        LAW.replace(
            "actor dan '\"students\"'",
            "actor dan '\"pi\", \"students\"'",
        ),
    );
    std::fs::create_dir(lab.work().join("policy")).unwrap();
    lab.write("policy/rules.rgs", RULES);
    lab.ok("rules=policy; . ./law.sh; found");
    let push = sh("git push origin \"$refs\" main:refs/heads/two/study");
    let propose = "git commit -q --allow-empty -m next; gatos -q proposal new 'Next' --until 99999999999999 --commit $(git rev-parse main) > ../proposal";
    lab.ok(&sh(&format!("{propose}; yes dan")));
    refused(&lab, &push, "(two-pis)");
    lab.ok(&sh("yes bea"));
    lab.ok(&push);
}
