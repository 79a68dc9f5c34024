//! People who press ctrl-C, and streams that are followed while they grow.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::lab::{Lab, is_inside_a_nix_build};

/// Send a signal as the terminal would.
fn signal(lab: &Lab, name: &str, child: &Child) {
    lab.ok(&format!("kill -{name} {}", child.id()));
}

/// The exit code of a program that was asked to end; one that does not is ended for good.
fn ended(lab: &Lab, child: &mut Child) -> Option<i32> {
    for _ in 0..400 {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        lab.ok("sleep 0.05");
    }
    child.kill().unwrap();
    None
}

#[test]
fn a_journal_is_followed_as_it_grows_until_somebody_has_seen_enough() {
    let lab = Lab::with_repository();
    lab.ok("gatos -q event append m --type t '{\"n\": 0}'");
    let mut shell = lab.shell("exec gatos event follow m --json", &lab.work());
    let mut child = shell.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Until it says the first, nobody knows from which event on it looks.
    lab.ok(
        "for n in 1 2 3; do gatos -q event append m --type t \"{\\\"n\\\": $n}\"; sleep 0.3; done",
    );
    let line = lines.next().unwrap().unwrap();
    let first: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut next = first["index"].as_u64().unwrap();
    assert!((1..=3).contains(&next), "{line}");
    lab.ok("gatos -q event append m --type t '{\"n\": 4}'");
    while next < 4 {
        let line = lines.next().unwrap().unwrap();
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        next += 1;
        assert_eq!(event["index"], next);
        assert_eq!(event["payload"]["n"], next);
    }
    signal(&lab, "INT", &child);
    assert_eq!(ended(&lab, &mut child), Some(0));
}

/// A run of a job that sleeps for so many seconds, begun.
fn endless_run(lab: &Lab, seconds: u32) -> Child {
    lab.with_packages();
    // A number of its own makes the job another one each time, and its process known.
    lab.ok(&format!(
        "gatos -q new s && cd s && echo 'sleep {seconds}' > analysis.sh
cat > experiment.nix <<END
{{ gatos, pkgs }}: gatos.lib.mkExperiment {{
  inherit pkgs; name = \"endless\"; program = ./analysis.sh;
}}
END
git add --all && nix flake lock 2>/dev/null && git add --all && git commit -qm s && gatos -q init"
    ));
    let mut shell = lab.shell("exec gatos run 2>&1", &lab.work().join("s"));
    let child = shell.stdout(Stdio::piped()).spawn().unwrap();
    // The brackets keep the pattern from being what it looks for.
    lab.ok(&format!(
        "until pgrep -f '^[s]leep {seconds}$' > /dev/null; do sleep 0.05; done"
    ));
    child
}

#[test]
fn a_run_that_is_stopped_leaves_a_record_and_nothing_half_done() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    let seconds = 600_000 + std::process::id();
    let mut child = endless_run(&lab, seconds);
    signal(&lab, "INT", &child);
    let code = ended(&lab, &mut child);
    let said = std::io::read_to_string(child.stdout.take().unwrap()).unwrap();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error: "), "{said}");
    let refs = lab.ok("git -C s for-each-ref --format='%(refname)' refs/gatos");
    assert!(refs.contains("refs/gatos/audit/jobs/"), "{said}{refs}");
    assert!(!refs.contains("refs/gatos/audit/proofs/"), "{refs}");
    lab.ok(&format!("! pgrep -f '^[s]leep {seconds}$'"));
    lab.ok(
        "cd s && gatos verify --all && git fsck --strict && ! find .git -name '*.lock' | grep .",
    );
}

#[test]
fn a_run_that_is_killed_takes_its_build_with_it() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    let seconds = 700_000 + std::process::id();
    let mut child = endless_run(&lab, seconds);
    child.kill().unwrap();
    child.wait().unwrap();
    // Nix is asked to stop by a shell that outlives the program, and may take a moment.
    lab.ok(&format!(
        "for n in $(seq 200); do pgrep -f '^[s]leep {seconds}$' > /dev/null || exit 0; sleep 0.05; \
         done; exit 1"
    ));
    lab.ok("cd s && gatos verify --all && git fsck --strict");
}
