//! What a push may touch on the server, and how many refs it may name.

use super::{refs, refused, soaks, with_server};
use crate::lab::Lab;

/// Everything below a folder: what it is, its rights, its size, its content and when it last changed.
/// What is made and gone again shows in its folder.
const LISTING: &str = r#"
listing() {
  ( cd "$1" && find . \( -path ./gatos/gate -o -name stdout \) -prune -o -printf '%p %y %m %s %C@ %l\n' | sort
    find . -path ./gatos/gate -prune -o -type f -print0 | sort -z | xargs -0 sha256sum )
}
"#;

/// Put a listing around the hook *pre-receive*, the objects of the push included: what is different
/// afterwards is in the file `changes`. The ticket is then passed on to the process that it is for.
fn watch(lab: &Lab, meddle: &str) {
    let home = lab.path("home");
    let home = home.display();
    lab.write(
        "../watch.sh",
        format!(
            "#!/bin/bash\n{LISTING}\nlisting . > {home}/first\n\"$@\"; code=$?\n{meddle}\n\
             for ticket in gatos/gate/tickets/$$-*; do test ! -e $ticket || \
             mv $ticket gatos/gate/tickets/$PPID-$(cut -d ' ' -f 22 /proc/$PPID/stat); done\n\
             listing . > {home}/then\ndiff {home}/first {home}/then > {home}/changes\nexit $code\n"
        ),
    );
    lab.ok(
        "chmod +x ../watch.sh && cd ../server.git/hooks && { test -e ../kept || cp pre-receive ../kept; } && \
         sed \"s,^exec ,exec $HOME/watch.sh ,\" ../kept > pre-receive",
    );
}

/// What changed while the hook ran, without times.
fn changes(lab: &Lab) -> Vec<String> {
    let text = lab.ok("cat ../changes");
    let lines = text.lines().filter(|line| line.starts_with(['<', '>']));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_hook_writes_nothing_but_its_ticket_or_its_refusal() {
    let lab = with_server();
    lab.ok("gatos -q event append m --type t '{}'");
    watch(&lab, "");
    // Accepted: nothing at all beside the gate's own folder, neither in the repository nor in the push.
    lab.ok("git push -q origin refs/gatos/journal/m HEAD:refs/heads/new");
    assert_eq!(changes(&lab), Vec::<String>::new());
    // Refused, and counted only: the same.
    lab.ok("echo 104 > ../server.git/gatos/gate/tally; gatos -q event append m --type t '{}'");
    let said = refused(
        &lab,
        "git push origin refs/gatos/journal/m HEAD:refs/replace/x",
        "gate.name",
    );
    assert!(said.contains("in a row"), "{said}");
    assert_eq!(changes(&lab), Vec::<String>::new());
    let said = refused(
        &lab,
        "git push origin $(git rev-parse HEAD^{tree}):refs/gatos/journal/z",
        "gate.target",
    );
    assert!(said.contains("in a row"), "{said}");
    assert_eq!(changes(&lab), Vec::<String>::new());
    // Negative controls: what somebody leaves there, or takes away again, is found.
    for meddle in [
        "echo x >> description",
        "touch description",
        "echo x > objects/x; rm objects/x",
        "chmod a+x config",
        "touch $GIT_QUARANTINE_PATH",
        "ln -s x refs/heads/link; rm refs/heads/link",
    ] {
        watch(&lab, meddle);
        lab.run("git push origin refs/gatos/journal/m HEAD:refs/replace/x");
        assert_ne!(changes(&lab), Vec::<String>::new(), "{meddle}");
    }
}

#[test]
fn a_refusal_writes_its_record_and_nothing_else() {
    let lab = with_server();
    let listing = format!("{LISTING} listing ../server.git | grep -v '^\\./[^ ]* d '");
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; done");
    let first = lab.ok(&format!("{listing} > ../first; git -C ../server.git cat-file --batch-all-objects --batch-check | sort"));
    for push in [
        "git push origin refs/gatos/journal/m :refs/gatos/policies/active",
        "git push origin HEAD:refs/heads/new HEAD:refs/replace/x",
        "git push --force origin HEAD:refs/gatos/journal/m",
    ] {
        refused(&lab, push, "gate.");
    }
    let then = lab.ok("git -C ../server.git cat-file --batch-all-objects --batch-check | sort");
    // The new objects are those of the records, every one.
    let records = lab.ok(
        "cd ../server.git && git rev-list --objects $(git for-each-ref --format='%(objectname)' refs/gatos/audit/policy/deny) | \
         cut -d ' ' -f 1 | git cat-file --batch-check | sort -u",
    );
    let new: Vec<_> = then
        .lines()
        .filter(|line| !first.lines().any(|old| old == *line))
        .collect();
    assert!(!new.is_empty());
    for object in new {
        assert!(records.lines().any(|record| record == object), "{object}");
    }
    assert!(
        first
            .lines()
            .all(|old| then.lines().any(|line| line == old))
    );
    // The new files are these objects, and the refs of the records; none of the others changed.
    let changed = lab.ok(&format!(
        "{listing} | diff ../first - | grep '^[<>]' || true"
    ));
    assert_eq!(
        changed.matches("refs/gatos/audit/policy/deny/").count(),
        6,
        "{changed}"
    );
    for line in changed.lines() {
        let record =
            line.contains("./refs/gatos/audit/policy/deny/") || line.contains("./objects/");
        assert!(line.starts_with('>') && record, "{changed}");
    }
    // Negative control: another push leaves something else.
    lab.ok("git push -q origin HEAD:refs/heads/new");
    let changed = lab.ok(&format!("{listing} | diff ../first -; true"));
    assert!(changed.contains("./refs/heads/new"), "{changed}");
}

/// Make this many branches here.
fn branches(lab: &Lab, count: u32) {
    lab.ok(&format!(
        "seq {count} | sed \"s,.*,create refs/many/& $(git rev-parse HEAD),\" | git update-ref --stdin"
    ));
}

#[test]
fn many_refs_are_all_there_or_none_of_them() {
    let lab = with_server();
    branches(&lab, 5000);
    // One of them is bad: none is there, whatever it takes.
    refused(
        &lab,
        "timeout 60 git push -q origin 'refs/many/*:refs/heads/many/*' :refs/gatos/journal/m",
        "gate.delete",
    );
    // Many are bad: the first is said, the others counted.
    let said = refused(
        &lab,
        "timeout 60 git push -q origin 'refs/many/*:refs/gatos/many/*'",
        "gate.name",
    );
    assert!(said.contains("4999 more"), "{said}");
    let kept = lab.ok("git -C ../server.git for-each-ref refs/gatos/audit | wc -l");
    assert_eq!(kept.trim(), "2");
    // Negative control: without these all are there. Each is brought to the disk, which takes its time.
    let (count, names) = if soaks() { (5000, "*") } else { (111, "10*") };
    lab.ok(&format!(
        "timeout 600 git push -q origin 'refs/many/{names}:refs/heads/many/{names}'"
    ));
    assert_eq!(refs(&lab).matches("refs/heads/many/").count(), count);
}

#[test]
fn more_refs_than_a_push_may_name_are_refused() {
    let lab = with_server();
    let zero = "0".repeat(40);
    let lines = |count: u32| {
        format!(
            "cd ../server.git && seq {count} | sed \"s,.*,{zero} $(git rev-parse refs/heads/main) refs/heads/many/&,\" | \
             timeout 60 hooks/pre-receive"
        )
    };
    let said = lab.fails(1, &lines(20_001));
    assert!(said.contains("20000"), "{said}");
    if soaks() {
        branches(&lab, 50_000);
        refused(
            &lab,
            "timeout 600 git push -q origin 'refs/many/*:refs/heads/many/*'",
            "20000",
        );
    }
    // Negative control: some fewer.
    lab.ok(&lines(2_000));
}
