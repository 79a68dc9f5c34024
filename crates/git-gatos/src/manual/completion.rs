//! Completion scripts: what the command tree gives, and what makes `git gatos` complete as `gatos`
//! does.

use clap::{Command, CommandFactory as _, ValueEnum};
use clap_complete::generate;

use crate::arguments::Arguments;

/// A shell that can complete
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Shell {
    /// GNU bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Git's own completion calls `_git_gatos`, with `git` in front of the words.
const BASH: &str = r#"
complete -F _gatos -o nosort -o bashdefault -o default git-gatos
_git_gatos() {
    local i cur="${COMP_WORDS[COMP_CWORD]}"
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == gatos ]]; then
            local COMP_WORDS=("${COMP_WORDS[@]:i}") COMP_CWORD=$((COMP_CWORD - i))
            _gatos gatos "$cur" "${COMP_WORDS[COMP_CWORD - 1]}"
            return
        fi
    done
}
"#;

/// Git's own completion looks for a function of the external command.
const ZSH: &str = r#"
_git-gatos() { _gatos "$@"; }
compdef _gatos git-gatos
"#;

/// Git's own completion asks for the completions of `git-gatos`.
const FISH: &str = "\ncomplete -c git-gatos -w gatos\n";

/// The script for a shell.
pub(crate) fn script(shell: Shell) -> String {
    let mut command = visible(Arguments::command());
    let mut script = Vec::new();
    let (kind, rest) = match shell {
        Shell::Bash => (clap_complete::Shell::Bash, BASH),
        Shell::Zsh => (clap_complete::Shell::Zsh, ZSH),
        Shell::Fish => (clap_complete::Shell::Fish, FISH),
    };
    generate(kind, &mut command, "gatos", &mut script);
    let script = String::from_utf8_lossy(&script);
    // The line by which zsh finds a function before it has read it.
    script.replacen("#compdef gatos\n", "#compdef gatos git-gatos\n", 1) + rest
}

/// The tree without the commands that are hidden, which some generators offer all the same.
fn visible(command: Command) -> Command {
    let shown = command
        .get_subcommands()
        .filter(|child| !child.is_hide_set());
    let shown: Vec<Command> = shown.cloned().collect();
    Command::new("gatos")
        .version(env!("CARGO_PKG_VERSION"))
        .about(command.get_about().cloned().unwrap_or_default())
        .disable_help_subcommand(true)
        .args(command.get_arguments().cloned().collect::<Vec<_>>())
        .subcommands(shown)
}
