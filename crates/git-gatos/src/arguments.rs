//! What can be typed: the arguments that every command shares, and how they are read.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser};
use gatos::verify::Pins;
use gatos::{PublicKey, RepoId, Repository, daemon};

use crate::commands::Command;
use crate::failure::{Exit, Failure};
use crate::output::{Ink, Page, Tone, When, failure_as_json};

/// Record, prove and reproduce experiments in a Git repository
///
/// GATOS keeps the history of a study as signed events in Git, computes its state from that history
/// with programs that anybody can run again, runs its jobs with Nix in a sandbox, and proves each
/// step. Anyone who has the repository, or one file of evidence, can verify all of it offline and
/// build it again from nothing.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "gatos",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Shared options")]
pub(crate) struct Shared {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Print JSON: one document, or one a line where there are many
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print answers, ids and errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        help = "When to use colours: auto, always or never"
    )]
    pub(crate) color: When,
}

/// With which key a command signs.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeyArguments {
    /// Sign with this key: a file, `agent`, or `agent:` and a fingerprint or comment
    ///
    /// Without it: the key that the Git setting `gatos.signingKey` names, then ~/.ssh/id_ed25519.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// Whether a command writes through the daemon.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DaemonArguments {
    /// Write to the repository here, even where a daemon serves it
    ///
    /// What is recorded is the same either way. The Git setting `gatos.daemon` does it for good:
    /// `never`, or the path of the socket at which the daemon listens.
    #[arg(long)]
    no_daemon: bool,
}

impl DaemonArguments {
    /// The socket at which a daemon is looked for, if one is.
    pub(crate) fn socket(self, repository: &Repository) -> Option<PathBuf> {
        daemon::socket(repository).filter(|_| !self.no_daemon)
    }
}

/// What whoever looks at evidence knows already of where it is from.
#[derive(Args, Clone, Debug)]
pub(crate) struct PinArguments {
    /// Refuse what is not of this repository
    #[arg(long, value_name = "CID")]
    repo_id: Option<RepoId>,
    /// Refuse what was not founded with this key: an SSH public key, as text or in a file
    #[arg(long, value_name = "KEY", value_parser = gatos::signer::parse_public)]
    founder: Option<PublicKey>,
}

impl PinArguments {
    /// What is known.
    pub(crate) fn pins(&self) -> Pins {
        Pins {
            repo: self.repo_id,
            founder: self.founder,
        }
    }
}

impl Arguments {
    /// Read what was typed.
    ///
    /// # Errors
    /// An answer instead: a help text, the version, or what is wrong.
    pub(crate) fn read(typed: impl Iterator<Item = OsString>) -> Result<Self, Answer> {
        let typed: Vec<OsString> = typed.collect();
        let mut command = Self::command().bin_name(called_as(typed.first()));
        command
            .try_get_matches_from_mut(&typed)
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| Answer {
                error: error.format(&mut command),
                color: asked_color(&typed),
                json: typed.iter().any(|argument| argument == "--json"),
            })
    }
}

/// The name under which the program was started, as people type it.
fn called_as(program: Option<&OsString>) -> &'static str {
    let name = program.map(Path::new).and_then(Path::file_stem);
    if name.is_some_and(|name| name == "gatos") {
        "gatos"
    } else {
        "git gatos"
    }
}

/// What `--color` says, where the arguments as a whole could not be read.
fn asked_color(typed: &[OsString]) -> When {
    let has = |word: &str| typed.iter().any(|argument| argument == word);
    if has("--color=never") {
        When::Never
    } else if has("--color=always") {
        When::Always
    } else {
        When::Auto
    }
}

/// What is printed instead of running a command.
#[derive(Debug)]
pub(crate) struct Answer {
    error: clap::Error,
    color: When,
    json: bool,
}

impl Answer {
    /// Print it: help and version to standard output, everything else is an error.
    pub(crate) fn print(&self) -> ExitCode {
        let text = self.error.render();
        match self.error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let mut out = io::stdout();
                let text = if self.color.applies_to(&out) {
                    text.ansi().to_string()
                } else {
                    text.to_string()
                };
                // Whoever closed the pipe has seen enough.
                let _ = out.write_all(text.as_bytes());
                Exit::Done.into()
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = io::stderr().write_all(text.to_string().as_bytes());
                Exit::Usage.into()
            }
            _ => {
                let text = text.to_string();
                let text = if self.json {
                    let message = text.trim_start_matches("error:").trim();
                    failure_as_json(&Failure::usage(message))
                } else {
                    self.complaint(&text)
                };
                let _ = io::stderr().write_all(text.as_bytes());
                Exit::Usage.into()
            }
        }
    }

    /// What is wrong, with what was typed made safe to look at.
    fn complaint(&self, text: &str) -> String {
        let ink = if self.color.applies_to(&io::stderr()) {
            Ink::Coloured
        } else {
            Ink::Plain
        };
        let mut page = Page::new(ink);
        match text.strip_prefix("error:") {
            Some(rest) => {
                page.put(Tone::Bad, "error:");
                page.block("", rest);
            }
            None => page.block("", text),
        }
        page.into_text()
    }
}
