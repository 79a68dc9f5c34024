//! What a hostile client or a hostile moment does to the gate.

use super::{refs, refused, with_server};

#[test]
fn pushes_are_read_however_git_keeps_them_apart() {
    let lab = with_server();
    // Loose objects, a pack, a thin pack on what is there, a pack kept whole.
    lab.ok("gatos -q event append m --type t '{}' && git push -q origin refs/gatos/journal/m");
    lab.ok("git -C ../server.git config receive.unpackLimit 1 && \
            gatos -q event append m --type t '{}' && git push -q origin refs/gatos/journal/m && \
            gatos -q event append m --type t '{}' && git push -q --thin origin refs/gatos/journal/m && \
            ls ../server.git/objects/pack/*.pack");
    lab.write(
        "rows.csv",
        (0..3000).fold("n\n".to_owned(), |text, n| format!("{text}{n}\n")),
    );
    lab.ok("gatos -q event import rows.csv && git push -q origin refs/gatos/journal/rows");
    lab.ok("git -C ../server.git gatos verify --all");
    refused(
        &lab,
        "git push origin :refs/gatos/journal/rows",
        "gate.delete",
    );
}

#[test]
fn shallow_and_partial_pushes_are_refused() {
    let lab = with_server();
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; done && git push -q origin refs/gatos/journal/m");
    lab.ok(
        "from=\"file://$PWD\"; git init -q ../part && cd ../part && \
            git fetch -q --depth 1 \"$from\" '+refs/gatos/journal/*:refs/gatos/journal/*'",
    );
    let before = refs(&lab);
    let ran =
        lab.run("git -C ../part push ../server.git refs/gatos/journal/m:refs/gatos/journal/n");
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(refs(&lab), before);
}

#[test]
fn push_options_and_the_environment_change_nothing() {
    let lab = with_server();
    lab.ok("git -C ../server.git config receive.advertisePushOptions true");
    let long = "x".repeat(10_000);
    for option in ["gatos.allow=true", "a;b", "$(touch /tmp/x)", &long] {
        let push = format!("git push -o '{option}' origin :refs/gatos/journal/m");
        refused(&lab, &push, "gate.delete");
    }
    for variable in [
        "GIT_QUARANTINE_PATH=/tmp",
        "GATOS_GATE_TICKET=/tmp/x",
        "GIT_REPLACE_REF_BASE=refs/x/",
        "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=receive.procReceiveRefs GIT_CONFIG_VALUE_0=refs/none",
    ] {
        let push = format!("{variable} git push origin :refs/gatos/journal/m");
        let before = refs(&lab);
        let ran = lab.run(&push);
        assert_ne!(ran.code, 0, "{variable}");
        assert_eq!(refs(&lab), before, "{variable}");
    }
}

#[test]
fn a_hook_that_is_told_nonsense_refuses() {
    let lab = with_server();
    let zero = "0".repeat(40);
    let id = lab.ok("git rev-parse HEAD");
    for input in [
        "".to_owned(),
        "x".to_owned(),
        format!("{zero} {id} refs/heads/new"),
        format!("{zero} {id} refs/heads/new\\r\\n"),
        format!("{zero} {id} refs/heads/new\\nx\\n"),
        format!("{zero} {id} refs/heads/a\\n{zero} {id} refs/heads/a\\n"),
        format!("{zero} {zero} refs/heads/a\\n"),
        format!("{zero} {id} \\n"),
        "\\0".repeat(1000),
    ] {
        let run = format!("cd ../server.git && printf '{input}' | hooks/pre-receive");
        assert_eq!(lab.run(&run).code, 1, "{input}");
    }
    let ran = lab.run("cd ../server.git && hooks/pre-receive <&-");
    assert_eq!(ran.code, 1);
    let ran = lab.run("cd ../server.git && printf 0003 | hooks/proc-receive");
    assert_eq!(ran.code, 1);
    // Negative control: a line as Git writes it.
    lab.ok(&format!(
        "cd ../server.git && printf '{zero} {id} refs/heads/new\\n' | hooks/pre-receive"
    ));
}

#[test]
fn two_pushers_at_a_time_lose_nothing() {
    let lab = with_server();
    lab.ok("for who in 1 2 3 4; do cp -r . ../w$who; done
for who in 1 2 3 4; do (
  cd ../w$who
  for n in 1 2 3; do
    until gatos -q event append m --type t \"{\\\"who\\\": $who, \\\"n\\\": $n}\" && git push -q origin refs/gatos/journal/m; do
      git fetch -q origin +refs/gatos/journal/m:refs/gatos/journal/m
    done
  done ) > ../log$who 2>&1 & done; wait");
    lab.ok("git fetch -q origin +refs/gatos/journal/m:refs/gatos/journal/m");
    let all = lab.ok("gatos event list m --json");
    for who in 1..=4 {
        for n in 1..=3 {
            assert!(
                all.contains(&format!("{{\"n\":{n},\"who\":{who}}}")),
                "{who} {n}: {all}"
            );
        }
    }
    lab.ok("git -C ../server.git gatos verify --all");
}
