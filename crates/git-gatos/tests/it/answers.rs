//! What every command shares: exit codes, streams, colours, JSON, and text that a terminal can
//! show.

use crate::lab::{Lab, is_inside_a_nix_build};

#[test]
fn both_names_are_one_program_and_each_calls_itself_as_it_was_called() {
    let lab = Lab::new();
    for name in ["gatos", "git-gatos", "git gatos"] {
        assert!(
            lab.ok(&format!("{name} --version")).starts_with("gatos "),
            "{name}"
        );
    }
    assert!(
        lab.ok("gatos -h")
            .contains("Usage: gatos [OPTIONS] <COMMAND>")
    );
    assert!(
        lab.ok("git gatos -h")
            .contains("Usage: git gatos [OPTIONS] <COMMAND>")
    );
}

#[test]
fn what_makes_no_sense_ends_with_2_and_says_so_on_standard_error() {
    let lab = Lab::new();
    for typed in [
        "gatos",
        "gatos nonsense",
        "gatos verify",
        "gatos event append ../x --type t '{}'",
        "gatos event append x.lock --type t '{}'",
        "gatos event append x '{}'",
        "gatos --color sometimes status",
        "gatos -C /nowhere status",
        "gatos status",
        "gatos lint /nowhere.lua",
    ] {
        let ran = lab.run(typed);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{typed}: {}",
            ran.err
        );
        assert!(!ran.err.is_empty(), "{typed}");
    }
}

#[test]
fn a_failure_names_the_thing_and_what_helps() {
    let lab = Lab::new();
    let said = lab.fails(2, "git init -q . && gatos status");
    assert!(
        said.starts_with("error: ") && said.contains("  hint: "),
        "{said}"
    );
    let said = lab.fails(2, "gatos --json status");
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["error"]["kind"], "usage");
    assert_eq!(json["error"]["exit"], 2);
    assert!(json["error"]["hint"].is_string(), "{said}");
    let said = lab.fails(2, "gatos --json nonsense");
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["error"]["exit"], 2);
}

#[test]
fn whoever_closes_the_pipe_has_seen_enough() {
    let lab = Lab::with_repository();
    lab.write(
        "rows.csv",
        (0..5000).fold("n\n".to_owned(), |text, n| format!("{text}{n}\n")),
    );
    lab.ok("gatos event import rows.csv");
    assert_eq!(
        lab.ok("gatos event list rows | head -1 | wc -l").trim(),
        "1"
    );
    let ran = lab.run(
        "set -o pipefail; gatos event list rows 2>&1 | head -1 >/dev/null; echo ${PIPESTATUS[0]}",
    );
    assert_eq!(ran.out.trim(), "0");
    // Negative control: an output that fails in another way is a failure.
    let said = lab.fails(1, "gatos event list rows > /dev/full");
    assert!(said.contains("standard output"), "{said}");
}

#[test]
fn nothing_that_users_wrote_commands_the_terminal() {
    let lab = Lab::with_repository();
    let hostile = r#"{"note": "\u001b[2J\u009b2J\u202e\u0007\u0000", "\u001bkey": "x\r\n"}"#;
    lab.write("payload.json", hostile);
    lab.ok(r#"gatos event append notes --type $'\x1b[31mred\u009b\u202e' --file payload.json"#);
    let mut seen = String::new();
    for typed in [
        "gatos event list notes",
        "gatos event show notes 0",
        "gatos event list notes --json",
        "gatos event prove notes 0",
        "gatos status",
        r#"gatos event show notes $'\x1b[2J' || true"#,
        r#"gatos verify $'\x1b[2J\u202e' || true"#,
        r#"gatos lint $'\x1b[2J.lua' || true"#,
        r#"gatos -C $'\x1b[2J' status || true"#,
        r#"gatos $'\x1b[2Jcommand' || true"#,
        r#"gatos event append notes --type t $'{"a": \x1b[2J}' || true"#,
    ] {
        seen += &lab.ok(&format!("{{ {typed} ; }} 2>&1"));
        seen.push('\n');
    }
    let unsafe_character =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
    assert!(!seen.contains(unsafe_character), "{seen:?}");
    // Negative control: the hostile text did get there.
    assert!(
        seen.contains(r"\x1b[31mred") && seen.contains(r"\u202e"),
        "{seen}"
    );
    let coloured = lab.ok("gatos --color always event list notes");
    assert!(
        coloured.contains("\x1b[32m\\x1b[31mred\\u{9b}\\u{202e}\x1b[0m"),
        "{coloured:?}"
    );
}

#[test]
fn colours_are_where_they_were_asked_for() {
    let lab = Lab::with_repository();
    let has_colour = |typed: &str| lab.ok(&format!("{{ {typed}; }} 2>&1")).contains("\x1b[");
    assert!(!has_colour("gatos status"));
    assert!(has_colour("gatos --color always status"));
    assert!(!has_colour("gatos --color never status"));
    assert!(has_colour("gatos --color=always nonsense || true"));
    if is_inside_a_nix_build() {
        return;
    }
    let on_terminal = |typed: &str| has_colour(&format!("script -qec '{typed}' /dev/null"));
    assert!(on_terminal("gatos status"));
    assert!(!on_terminal("NO_COLOR=1 gatos status"));
    assert!(!on_terminal("TERM=dumb gatos status"));
    assert!(!on_terminal("gatos --color never status"));
}

#[test]
fn json_is_one_document_on_one_line_or_one_a_line() {
    let lab = Lab::with_repository();
    for number in ["0.1", "12345678901234567.5"] {
        lab.ok(&format!(
            "gatos event append m --type t '{{\"x\": {number}}}'"
        ));
    }
    for typed in [
        "status",
        "journal list",
        "state list",
        "experiment list",
        "trust show",
        "profile show",
        "key show",
    ] {
        let text = lab.ok(&format!("gatos {typed} --json"));
        assert_eq!(text.lines().count(), 1, "{typed}: {text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
    let text = lab.ok("gatos --json event list m");
    let payloads: Vec<_> = text
        .lines()
        .map(|line| line.split("\"payload\":").nth(1).unwrap())
        .collect();
    assert_eq!(payloads, ["{\"x\":0.1}}", "{\"x\":12345678901234567.5}}"]);
}

#[test]
fn quiet_says_ids_and_answers_only() {
    let lab = Lab::new();
    let repo = lab.ok("git init -q . && gatos init --quiet --actor alice");
    assert!(repo.starts_with("baf") && repo.len() == 59, "{repo}");
    assert_eq!(lab.ok("gatos status -q"), repo);
    let ulid = lab.ok("gatos -q event append m --type t '{}'");
    assert_eq!(ulid.len(), 26, "{ulid}");
}

#[test]
fn nothing_is_done_before_the_arguments_are_read() {
    let lab = Lab::new();
    // No home, no path, no Git: help and version need nothing of it.
    let program = env!("CARGO_BIN_EXE_git-gatos");
    for typed in [
        "--version",
        "--help",
        "event append --help",
        "completion bash",
    ] {
        lab.ok(&format!("env -i {program} {typed}"));
    }
    let trace = lab.run(&format!(
        "strace -f -e trace=openat {program} --version 2>&1"
    ));
    if trace.code == 0 {
        let opened = trace
            .out
            .lines()
            .filter(|line| !line.contains("/lib") && !line.contains("/etc/ld"));
        let files: Vec<_> = opened.filter(|line| line.starts_with("openat")).collect();
        assert!(
            files
                .iter()
                .all(|line| line.contains("/proc/self") || line.contains("/sys/fs/cgroup")),
            "{files:?}"
        );
    }
}

#[test]
fn a_history_that_is_not_all_here_is_told_from_a_wrong_one() {
    let lab = Lab::with_repository();
    lab.write(
        "sum.lua",
        "function fold(s, e) s.n = (s.n or 0) + 1 return s end",
    );
    lab.ok("for n in 1 2 3; do gatos -q event append m --type t '{}'; done");
    lab.ok("gatos -q fold run n --journal m --program sum.lua");
    lab.ok("git clone -q --mirror . ../whole && git -C ../whole gatos fold verify n");
    lab.ok(
        "from=\"file://$PWD\"; git init -q --bare ../part && cd ../part && \
         git fetch -q --depth 1 \"$from\" '+refs/gatos/*:refs/gatos/*'",
    );
    for typed in ["fold verify n", "event verify m", "verify --all"] {
        let ran = lab.run(&format!("git -C ../part gatos {typed}"));
        assert_eq!(ran.code, 9, "{typed}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn without_nix_a_run_is_blocked_and_says_what_is_missing() {
    let lab = Lab::with_repository();
    lab.ok("mkdir ../tools && ln -s \"$(command -v git)\" ../tools/git");
    lab.ok("echo '{ outputs = _: { }; }' > flake.nix && git add .");
    let said = lab.fails(5, "PATH=$HOME/../bin:$HOME/tools gatos run");
    assert!(said.contains("install Nix"), "{said}");
}
