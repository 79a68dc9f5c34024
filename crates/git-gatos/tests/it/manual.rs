//! The manual and the completion scripts, as Git, man and the shells use them.

use std::fs;

use crate::lab::{Lab, is_inside_a_nix_build};

/// A place whose manual is written.
fn with_manual() -> Lab {
    let lab = Lab::new();
    lab.ok("gatos generate man ~/man/man1");
    lab
}

/// What Git prints for the page, as plain text.
fn page(lab: &Lab, command: &str) -> String {
    lab.ok(&format!(
        "MANPATH=$HOME/man MANWIDTH=100 MANPAGER=cat GIT_PAGER=cat {command} | col -b"
    ))
}

#[test]
fn git_answers_help_as_literally_typed_with_our_page() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = with_manual();
    for typed in [
        "git gatos --help",
        "git help gatos",
        "man gatos",
        "man git-gatos",
    ] {
        let text = page(&lab, typed);
        assert!(text.contains("GIT-GATOS(1)"), "{typed}: {text}");
        assert!(text.contains("git-gatos-reproduce(1)"), "{typed}: {text}");
    }
    // Negative control: without our page there is no answer.
    fs::remove_dir_all(lab.path("home/man")).unwrap();
    let ran = lab.run("MANPATH=$HOME/man git gatos --help");
    assert_ne!(ran.code, 0);
}

#[test]
fn every_command_has_a_page_with_examples_and_exit_codes() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = with_manual();
    let pages = lab.ok("cd ~/man/man1 && ls git-gatos*.1");
    assert!(pages.lines().count() > 30, "{pages}");
    for name in pages.lines() {
        let name = name.trim_end_matches(".1");
        let text = page(&lab, &format!("man {name}"));
        for section in ["SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
            assert!(text.contains(section), "{name} has no {section}: {text}");
        }
        assert!(text.contains("Refused by the policy in force"), "{name}");
        let is_group = text.contains("SUBCOMMANDS");
        assert!(
            is_group || text.contains("EXAMPLES"),
            "{name} has no examples"
        );
    }
}

#[test]
fn no_page_has_what_man_does_not_understand() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = with_manual();
    let warnings = lab.ok("cd ~/man && for page in man1/*.1; do
           MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z \"$page\" 2>&1 >/dev/null
         done");
    assert_eq!(warnings, "");
}

#[test]
fn the_same_program_writes_the_same_manual() {
    let lab = with_manual();
    lab.ok("gatos generate man ~/again && diff -r ~/man/man1 ~/again");
}

/// What bash would offer after `typed`.
fn complete(lab: &Lab, function: &str, typed: &[&str]) -> String {
    let words: Vec<String> = typed.iter().map(|word| format!("'{word}'")).collect();
    lab.ok(&format!(
        "gatos completion bash > ~/completion && source ~/completion
         COMP_WORDS=({}); COMP_CWORD={}; {function} '{}' '{}' '{}'
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        typed.len() - 1,
        typed[0],
        typed[typed.len() - 1],
        typed[typed.len() - 2],
    ))
}

#[test]
fn bash_completes_our_commands_under_every_name() {
    let lab = Lab::new();
    assert_eq!(complete(&lab, "_gatos", &["gatos", "repr"]), "reproduce");
    assert_eq!(
        complete(&lab, "_gatos", &["git-gatos", "event", "imp"]),
        "import"
    );
    assert_eq!(
        complete(&lab, "_git_gatos", &["git", "gatos", "event", "imp"]),
        "import"
    );
    assert_eq!(
        complete(&lab, "_git_gatos", &["git", "-C", "x", "gatos", "repr"]),
        "reproduce"
    );
    assert_eq!(
        complete(&lab, "_gatos", &["gatos", "run", "--allow"]),
        "--allow-dirty"
    );
}

#[test]
fn what_is_hidden_is_not_offered() {
    let lab = Lab::new();
    assert!(!lab.ok("gatos --help").contains("generate"));
    assert!(!complete(&lab, "_gatos", &["gatos", ""]).contains("generate"));
}

#[test]
fn every_shell_has_a_script_that_it_can_read() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = lab.ok(&format!("gatos completion {shell}"));
        assert!(script.contains("reproduce"), "{shell}");
        assert_eq!(
            script,
            lab.ok(&format!("gatos generate completion {shell}"))
        );
        lab.ok(&format!(
            "gatos completion {shell} > ~/script
             if command -v {shell}; then {shell} -n ~/script; fi"
        ));
    }
}
