//! The same push twice, one that says what is not so, pushers at the same moment, and hooks that are
//! killed at any moment.

use super::{refs, refused, soaks, with_server, with_wire};
use crate::lab::Lab;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// How often something happened to a ref of the server.
fn moves(lab: &Lab, name: &str) -> usize {
    lab.ok(&format!(
        "cat ../server.git/logs/{name} 2>/dev/null || true"
    ))
    .lines()
    .count()
}

#[test]
fn the_second_of_two_identical_pushes_makes_nothing() {
    let lab = with_server();
    with_wire(&lab);
    lab.ok("git branch claim && gatos -q event append k --type t '{}' && cp -r . ../second");
    for name in ["refs/heads/claim", "refs/gatos/journal/k"] {
        let first = lab.ok(&format!("git push --porcelain origin {name}"));
        assert!(first.contains("\n*\t"), "{first}");
        // Git's client sees that it is there and says so; it does not call it new.
        let second = lab.ok(&format!(
            "cd ../second && git push --porcelain origin {name}"
        ));
        assert!(
            second.contains("\n=\t") && !second.contains("\n*\t"),
            "{second}"
        );
        // A client that has not seen it asks to make it, and is told no.
        let push =
            format!("python3 ../wire.py ../server.git {ZERO} $(git rev-parse {name}) {name}");
        let before = refs(&lab);
        let ran = lab.run(&push);
        assert!(
            ran.code != 0 && ran.out.contains(&format!("ng {name}")),
            "{}{}",
            ran.out,
            ran.err
        );
        assert_eq!(refs(&lab), before);
        assert_eq!(moves(&lab, name), 1, "{name}");
    }
    // Negative control: the client's first push of something is accepted, its second is not.
    let push =
        format!("python3 ../wire.py ../server.git {ZERO} $(git rev-parse HEAD) refs/heads/other");
    lab.ok(&push);
    assert_ne!(lab.run(&push).code, 0);
    assert_eq!(moves(&lab, "refs/heads/other"), 1);
}

#[test]
fn a_push_from_where_the_ref_is_not_is_refused() {
    let lab = with_server();
    with_wire(&lab);
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; git commit -q --allow-empty -m $n; done; \
            git push -q origin refs/gatos/journal/m HEAD:refs/heads/main");
    lab.ok("gatos -q event append m --type t '{}'; git commit -q --allow-empty -m 4");
    let lies = [
        // None at all, an older one, another that is there, one that is nowhere, the new one itself.
        (ZERO, "nothing"),
        ("$(git rev-parse $tip~2)", "stale"),
        ("$(git rev-parse refs/gatos/policies/active)", "another"),
        ("1111111111111111111111111111111111111111", "nowhere"),
        ("$(git rev-parse $tip)", "the new one"),
    ];
    for (tip, name) in [
        ("refs/gatos/journal/m", "refs/gatos/journal/m"),
        ("HEAD", "refs/heads/main"),
    ] {
        let told = moves(&lab, name);
        for (old, what) in lies {
            for beside in [
                String::new(),
                format!(" {ZERO} $(git rev-parse HEAD~1) refs/heads/beside"),
            ] {
                let before = refs(&lab);
                let ran = lab.run(&format!(
                    "tip={tip}; python3 ../wire.py ../server.git {old} $(git rev-parse $tip) {name}{beside}"
                ));
                assert_ne!(ran.code, 0, "{name} from {what}: {}{}", ran.out, ran.err);
                assert!(
                    !ran.out.contains("\nok "),
                    "{name} from {what}: {}",
                    ran.out
                );
                assert_eq!(refs(&lab), before, "{name} from {what}");
            }
        }
        assert_eq!(moves(&lab, name), told, "{name}");
        // A ref that is not there, said to be somewhere; and one that is deleted from where it is not.
        for (old, new) in [
            ("$(git rev-parse HEAD~1)", "$(git rev-parse HEAD)"),
            ("$(git rev-parse HEAD~1)", ZERO),
        ] {
            let before = refs(&lab);
            let ran = lab.run(&format!(
                "python3 ../wire.py ../server.git {old} {new} refs/heads/none"
            ));
            assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
            assert_eq!(refs(&lab), before);
        }
        // Negative control: the truth.
        lab.ok(&format!(
            "python3 ../wire.py ../server.git $(git -C ../server.git rev-parse {name}) $(git rev-parse {tip}) {name}"
        ));
        assert_eq!(moves(&lab, name), told + 1, "{name}");
    }
    // What was kept of all this says of nothing that it came about.
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    let denials = lab.ok("gatos policy denials --json");
    assert!(
        !denials.contains("applied") && !denials.contains("accepted"),
        "{denials}"
    );
}

/// Eight pushers, each with a ref that all of them want and one of their own in the same push. None of them asks
/// before all have seen that nobody has it: a client does not ask for what it knows to be taken.
#[test]
fn of_eight_pushers_one_gets_what_all_want_and_the_others_nothing() {
    let rounds = if soaks() { 50 } else { 2 };
    let lab = with_server();
    let script = format!(
        "for who in $(seq 8); do git clone -q . ../p$who && (cd ../p$who && \
         git remote set-url origin \"file://$(cd ../server.git && pwd)\" && git commit -q --allow-empty -m $who && \
         printf '#!/bin/sh\nhas() {{ test \"$(ls ../*/seen-$ROUND 2>/dev/null | wc -l)\" = 8; }}\n: > seen-$ROUND; until has; do sleep 0.02; done\n' \
             > .git/hooks/pre-push && chmod +x .git/hooks/pre-push); done
for round in $(seq {rounds}); do
  for who in $(seq 8); do ( cd ../p$who
    ROUND=$round git push --porcelain origin HEAD:refs/heads/claim-$round HEAD:refs/heads/own-$round-$who > push-$round 2>&1
    echo $? > code-$round ) & done; wait
done"
    );
    lab.ok(&script);
    for round in 1..=rounds {
        let codes = lab.ok(&format!("cat ../p?/code-{round}"));
        let won = codes.lines().filter(|code| *code == "0").count();
        assert_eq!(
            won,
            1,
            "round {round}: {codes}\n{}",
            lab.ok(&format!("cat ../p?/push-{round}"))
        );
        // The winner's two refs are there, and nothing of anybody else.
        let winner = lab.ok(&format!(
            "grep -lx 0 ../p?/code-{round} | sed 's/[^0-9]*p\\([0-9]\\).*/\\1/'"
        ));
        let there = lab.ok(&format!(
            "git -C ../server.git for-each-ref --format='%(refname) %(contents:subject)' 'refs/heads/own-{round}-*' refs/heads/claim-{round}"
        ));
        assert_eq!(
            there,
            format!("refs/heads/claim-{round} {winner}\nrefs/heads/own-{round}-{winner} {winner}")
        );
    }
    lab.ok("test -z \"$(find ../server.git -name '*.lock')\" && git -C ../server.git fsck --strict --no-dangling");
}

/// Eight pushers whose pushes overlap in journals that all of them append to: what is told to be accepted
/// is there, each move begins where the one before ended, and nothing is lost.
#[test]
fn eight_pushers_of_overlapping_journals_lose_nothing() {
    let rounds = if soaks() { 50 } else { 1 };
    let lab = with_server();
    let script = format!(
        "gatos -q event append k --type t '{{}}' && git push -q origin refs/gatos/journal/k
for who in $(seq 8); do cp -r . ../w$who; done
for who in $(seq 8); do ( cd ../w$who
  test $((who % 2)) = 0 && other=k || other=o$who
  git remote set-url origin \"file://$(cd ../server.git && pwd)\"
  for n in $(seq {rounds}); do
    until gatos -q event append m --type t \"{{\\\"who\\\": $who, \\\"n\\\": $n}}\" &&
          gatos -q event append $other --type t \"{{\\\"who\\\": $who, \\\"n\\\": $n}}\" &&
          git push -q --atomic origin refs/gatos/journal/m refs/gatos/journal/$other; do
      git fetch -q origin +refs/gatos/journal/m:refs/gatos/journal/m
      git fetch -q origin +refs/gatos/journal/$other:refs/gatos/journal/$other || git update-ref -d refs/gatos/journal/$other
    done
    git rev-parse refs/gatos/journal/m >> ../told
  done ) > ../log$who 2>&1 & done; wait
git fetch -q origin '+refs/gatos/journal/*:refs/gatos/journal/*'"
    );
    lab.ok(&script);
    for (journal, pushers) in [("m", 1..=8), ("k", 2..=8)] {
        let all = lab.ok(&format!("gatos event list {journal} --json"));
        for who in pushers.filter(|who| journal == "m" || who % 2 == 0) {
            for n in 1..=rounds {
                let event = format!("{{\"n\":{n},\"who\":{who}}}");
                assert_eq!(all.matches(&event).count(), 1, "{journal} {who} {n}: {all}");
            }
        }
    }
    // The log of the ref is a chain, and has just the pushes that were told to be accepted.
    let log = lab.ok("cut -d ' ' -f 1,2 ../server.git/logs/refs/gatos/journal/m");
    let log: Vec<_> = log
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    assert!(log.windows(2).all(|two| two[0].1 == two[1].0), "{log:?}");
    let mut told: Vec<_> = lab.ok("cat ../told").lines().map(str::to_owned).collect();
    let mut moved: Vec<_> = log[1..].iter().map(|(_, new)| (*new).to_owned()).collect();
    told.sort();
    moved.sort();
    assert_eq!(told, moved);
    lab.ok("git -C ../server.git gatos verify --all");
}

/// Have a hook of the server killed after some milliseconds, or do something before it begins.
fn harm(lab: &Lab, hook: &str, before: &str, kill_after_ms: Option<u32>) {
    // The gate takes the place of the shell, so that Git has started it and it is what is killed.
    let killer = kill_after_ms.map_or_else(String::new, |ms| match ms {
        0 => String::from("kill -9 $$\n"),
        ms => format!(
            "(sleep {}; kill -9 $$) > /dev/null 2>&1 < /dev/null &\n",
            f64::from(ms) / 1000.0
        ),
    });
    let run = format!("{killer}exec \"$@\"");
    lab.write("../harm.sh", format!("#!/bin/sh\n{before}\n{run}\n"));
    lab.ok(&format!(
        "chmod +x ../harm.sh && cd ../server.git/hooks && {{ test -e {hook}.kept || cp {hook} {hook}.kept; }} && \
         sed \"s,^exec ,exec $HOME/harm.sh ,\" {hook}.kept > {hook}"
    ));
}

fn mend(lab: &Lab, hook: &str) {
    lab.ok(&format!("cd ../server.git/hooks && mv {hook}.kept {hook}"));
}

/// One push of a branch and a journal with a hook harmed: all of it is there or nothing, and it is there
/// if the client was told so.
///
/// # Errors
/// Nothing of it is there: what the client was told.
fn all_or_nothing(lab: &Lab, round: &str) -> Result<(), String> {
    lab.ok("gatos -q event append m --type t '{}'");
    let before = refs(lab);
    let ran = lab.run(&format!(
        "git push origin HEAD:refs/heads/{round} refs/gatos/journal/m"
    ));
    let after = refs(lab);
    let made = after
        .lines()
        .any(|line| line.ends_with(&format!("\trefs/heads/{round}")));
    let moved = lab.ok("git -C ../server.git rev-parse refs/gatos/journal/m")
        == lab.ok("git rev-parse refs/gatos/journal/m");
    assert_eq!(made, moved, "{round}: a part of it: {after}");
    assert!(made || after == before, "{round}: {after}");
    assert!(made || ran.code != 0, "{round}: {}{}", ran.out, ran.err);
    match made {
        true => Ok(()),
        false => Err(format!("{round}: {}{}", ran.out, ran.err)),
    }
}

#[test]
fn a_hook_that_is_killed_at_any_moment_leaves_all_or_nothing() {
    let lab = with_server();
    let moments: Vec<u32> = match soaks() {
        true => (0..200).map(|n| 2 * n).collect(),
        false => vec![0, 15, 60],
    };
    for hook in ["pre-receive", "reference-transaction", "proc-receive"] {
        for ms in &moments {
            harm(&lab, hook, "", Some(*ms));
            let round = format!("{hook}-{ms}");
            let there = all_or_nothing(&lab, &round);
            // The first is before any hook could have said yes.
            assert!(*ms > 0 || there.is_err(), "{round} was applied");
            mend(&lab, hook);
            // Nothing is in the way afterwards, and what was not applied comes along.
            all_or_nothing(&lab, &format!("{round}-mended")).unwrap();
        }
    }
    lab.ok("test -z \"$(find ../server.git -name '*.lock')\" && git -C ../server.git gatos verify --all");
}

#[test]
fn a_hook_without_memory_or_room_refuses() {
    let lab = with_server();
    let harms = [
        // Too little memory to begin with, and too little to judge with.
        "ulimit -v 4000",
        "ulimit -v 20000",
        // No more files, and none that may be written.
        "ulimit -n 3",
        "ulimit -f 0",
        // No time.
        "ulimit -t 0",
        "kill -SEGV $$",
        "kill -ABRT $$",
        "exit 3",
        // Without what it reads, and with what it says going nowhere.
        "exec < /dev/null",
        "exec <&-",
    ];
    for (n, before) in harms.into_iter().enumerate() {
        for hook in ["pre-receive", "proc-receive"] {
            harm(&lab, hook, before, None);
            let round = format!("harmed-{hook}-{n}");
            let there = all_or_nothing(&lab, &round);
            mend(&lab, hook);
            match (hook, before) {
                // The kernel may end the Git that moves the refs, at any moment. Git leaves its locks
                // behind then, and whoever hosts it takes them away.
                ("proc-receive", "ulimit -f 0" | "ulimit -t 0") => {
                    lab.ok("find ../server.git -name '*.lock' -delete");
                }
                _ => assert!(there.is_err(), "{hook}: {before}"),
            }
        }
    }
    // Negative control: in the same place, something that does no harm; late is not refused.
    harm(&lab, "pre-receive", "sleep 1", None);
    all_or_nothing(&lab, "late").unwrap();
}

#[test]
fn a_push_whose_client_is_gone_is_there_as_a_whole_or_not_at_all() {
    let lab = with_server();
    harm(&lab, "pre-receive", "sleep 0.5", None);
    lab.ok("gatos -q event append m --type t '{}'");
    let before = refs(&lab);
    lab.run("timeout -s KILL 0.25 git push origin HEAD:refs/heads/gone refs/gatos/journal/m");
    lab.ok("sleep 2");
    let after = refs(&lab);
    let made = after
        .lines()
        .any(|line| line.ends_with("\trefs/heads/gone"));
    let moved = lab.ok("git -C ../server.git rev-parse refs/gatos/journal/m")
        == lab.ok("git rev-parse refs/gatos/journal/m");
    assert_eq!(made, moved, "{after}");
    assert!(made || after == before, "{after}");
    // The same push again is in nobody's way.
    mend(&lab, "pre-receive");
    lab.ok("git push -q origin HEAD:refs/heads/gone refs/gatos/journal/m");
    refused(&lab, "git push origin :refs/gatos/journal/m", "gate.delete");
}
