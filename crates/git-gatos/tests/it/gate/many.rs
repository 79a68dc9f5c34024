//! Many events in one push: judged on all cores, and what is said is of the first.

use super::law::LAW;
use super::{refs, refused};
use crate::lab::Lab;

/// An event that is marked needs somebody's yes.
const RULES: &str = r#"mkdir policy && cat > policy/rules.rgs <<'EOF'
package rules

# METADATA
# title: Everybody
# custom:
#   id: all
#   adr: docs/adr/1.md
#   severity: error
#   intent: event.append
#   message: no
allow if true

# METADATA
# title: Marked events
# custom:
#   id: marked
#   adr: docs/adr/2.md
#   severity: error
#   intent: event.append
#   message: no
deny contains {"message": sprintf("event %d is marked", [input.position])} if {
	input.payload.marked
	count(input.approvals) == 0
}
EOF
"#;

/// Where the marked events are: within a part that is asked about together, at its end, and beyond it.
const MARKED: [usize; 4] = [200, 1023, 1024, 1290];

/// A laboratory with these rules, and a file of events of which some are marked.
fn with_events(marked: &[usize]) -> Lab {
    let lab = Lab::with_repository();
    lab.write("law.sh", LAW);
    lab.ok(RULES);
    lab.ok("rules=policy; . ./law.sh; found");
    let row = |n| {
        let marked = marked.contains(&n);
        format!("{{\"type\": \"t\", \"payload\": {{\"n\": {n}, \"marked\": {marked}}}}}\n")
    };
    lab.write("rows.jsonl", (0..1300).map(row).collect::<String>());
    lab
}

#[test]
fn the_first_event_that_may_not_be_is_named_however_many_are_judged_at_once() {
    let lab = with_events(&MARKED);
    // Here, people agreed on each; the server has not heard of it.
    for n in MARKED {
        lab.ok(&format!(
            ". ./law.sh; echo '{{\"n\": {n}, \"marked\": true}}' > e.json; \
             gatos -q proposal new 'E {n}' --event e.json > ../proposal; yes ada; \
             cp ../proposal ../proposal-{n}"
        ));
    }
    lab.ok("gatos -q event import rows.jsonl --journal rows");
    let push = "GATOS_PUSHER=alice git push -q origin";
    let refs_of_ours = "'refs/gatos/*:refs/gatos/*'";
    let mut records = Vec::new();
    for threads in [1, 2, 8] {
        let said = refused(
            &lab,
            &format!("RAYON_NUM_THREADS={threads} {push} refs/gatos/journal/rows"),
            "event 200 is marked (marked)",
        );
        let ulid = said.split("gatos policy explain ").nth(1);
        let ulid = ulid.and_then(|rest| rest.split_whitespace().next());
        let ulid = ulid.unwrap_or_else(|| panic!("{said}")).to_lowercase();
        // What is kept depends on nothing but the push.
        let folder = format!(
            "git -C ../server.git ls-tree refs/gatos/audit/policy/deny/{ulid} input decision code"
        );
        records.push(lab.ok(&folder));
    }
    assert!(records[0].contains("decision"), "{records:?}");
    assert!(records.iter().all(|one| *one == records[0]), "{records:?}");
    // One after the other is agreed on: then the next is the first.
    for (known, next) in MARKED.iter().zip(&MARKED[1..]) {
        lab.ok(&format!(
            "p=$(cat ../proposal-{known}); {push} refs/gatos/proposals/$p \
             $(git for-each-ref --format='%(refname)' refs/gatos/approvals/$p)"
        ));
        let rule = format!("event {next} is marked (marked)");
        refused(&lab, &format!("{push} refs/gatos/journal/rows"), &rule);
    }
    lab.ok(&format!("{push} {refs_of_ours}"));
    assert!(refs(&lab).contains("refs/gatos/journal/rows"));
}

#[test]
fn of_many_events_that_are_appended_the_first_that_may_not_be_is_named() {
    let lab = with_events(&MARKED);
    for threads in [1, 8] {
        let ran = lab.run(&format!(
            "RAYON_NUM_THREADS={threads} gatos event import rows.jsonl --journal rows"
        ));
        assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("event 200 is marked"), "{}", ran.err);
    }
    // Nothing was appended, and what is not marked may be.
    lab.ok("test -z \"$(git for-each-ref refs/gatos/journal/rows)\"");
    lab.ok("grep -v true rows.jsonl > fine.jsonl; gatos -q event import fine.jsonl --journal rows");
    // What one event uses up is of no use to the next, also if they are judged at once.
    lab.write(
        "twice.jsonl",
        "{\"type\": \"t\", \"payload\": {\"marked\": true}}\n".repeat(2),
    );
    lab.ok(". ./law.sh; echo '{\"marked\": true}' > e.json; \
            gatos -q proposal new 'Once' --event e.json > ../proposal; yes ada");
    let ran = lab.run("gatos event import twice.jsonl --journal rows");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("event 1297 is marked"), "{}", ran.err);
    lab.ok("head -n 1 twice.jsonl > once.jsonl; gatos -q event import once.jsonl --journal rows");
}
