//! `gatos event append` with and without a daemon: the same commits.

use std::process::Command;

use crate::lab::{Lab, built};

/// A command of `gatos` in the repository, signed with the founder's key.
fn gatos(lab: &Lab, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(built("git-gatos"));
    lab.isolate(&mut command);
    let output = command
        .args(arguments)
        .arg("--key")
        .arg(lab.path("key"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Everything about the commits of a journal but their times.
fn commits(lab: &Lab) -> String {
    let format = "--format=%T %P|%an|%ae|%cn|%ce|%B";
    let log = lab.git(&["log", format, "refs/gatos/journal/m"]);
    // A parent's id depends on its time.
    let lines = log.lines().map(|line| match line.split_once('|') {
        Some((ids, rest)) if ids.len() > 80 => format!("{}|{rest}", &ids[..40]),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

const STEPS: [&[&str]; 5] = [
    &[
        "event",
        "append",
        "m",
        "--type",
        "t",
        "--ulid",
        "01JD9GZ3PQ8YB2V4XK5M6N7R8S",
        "{\"x\":0.10}",
    ],
    &[
        "event",
        "append",
        "m",
        "--type",
        "t",
        "--ulid",
        "01JD9GZ3PQ8YB2V4XK5M6N7R8T",
        "--ts",
        "5",
        "[]",
    ],
    &[
        "event",
        "append",
        "m",
        "--type",
        "t",
        "--ulid",
        "01JD9GZ3PQ8YB2V4XK5M6N7R8S",
        "{\"x\":0.1}",
    ],
    &[
        "event",
        "append",
        "m",
        "--type",
        "t",
        "--ulid",
        "01JD9GZ3PQ8YB2V4XK5M6N7R8S",
        "{\"x\":1}",
    ],
    &["event", "append", "m", "--batch", "../batch"],
];

#[test]
fn the_commits_are_the_same_with_and_without_a_daemon() {
    // One repository, copied: genesis has a nonce.
    let lab = Lab::new();
    let numbers = 10..40;
    let batch: String = numbers
        .map(|n| {
            format!("{{\"type\":\"t\",\"payload\":{n},\"ulid\":\"01JD9GZ3PQ8YB2V4XK5M6N8{n}0\"}}\n")
        })
        .collect();
    std::fs::write(lab.path("batch"), batch).unwrap();
    let copy = lab.path("copy");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(lab.work())
        .arg(&copy)
        .status();
    assert!(copied.unwrap().success());
    let directly: Vec<_> = STEPS.iter().map(|step| gatos(&lab, step)).collect();
    let without = commits(&lab);
    let journal_without = lab.git(&["rev-parse", "refs/gatos/journal/m^{tree}"]);
    std::fs::remove_dir_all(lab.work()).unwrap();
    std::fs::rename(&copy, lab.work()).unwrap();
    let daemon = lab.start();
    let through: Vec<_> = STEPS.iter().map(|step| gatos(&lab, step)).collect();
    assert_eq!(directly, through);
    assert_eq!(commits(&lab), without);
    assert_eq!(
        lab.git(&["rev-parse", "refs/gatos/journal/m^{tree}"]),
        journal_without
    );
    assert_eq!(
        directly
            .iter()
            .map(|ran| ran.0.unwrap())
            .collect::<Vec<_>>(),
        [0, 0, 0, 1, 0]
    );
    // They did go through the daemon, and this one does not.
    let status = || {
        let answer = lab.client().ask("status", &serde_json::json!({})).unwrap();
        let status: serde_json::Value = serde_json::from_str(answer.get()).unwrap();
        status["appends"].as_u64().unwrap()
    };
    assert_eq!(status(), 5);
    let step = ["event", "append", "m", "--type", "t", "--no-daemon", "{}"];
    assert_eq!(gatos(&lab, &step).0, Some(0));
    lab.git(&["config", "gatos.daemon", "never"]);
    assert_eq!(
        gatos(&lab, &["event", "append", "m", "--type", "t", "{}"]).0,
        Some(0)
    );
    assert_eq!(status(), 5);
    lab.git(&["config", "gatos.daemon", "auto"]);
    // A daemon that has gone is done without.
    daemon.signal("KILL");
    daemon.end();
    assert!(lab.socket().exists());
    assert_eq!(
        gatos(&lab, &["event", "append", "m", "--type", "t", "{}"]).0,
        Some(0)
    );
    assert_eq!(lab.events("m").len(), 35);
    lab.verify("m");
}
