//! What can be typed.

use clap::Parser;

use crate::commands::Command;

/// Serve a GATOS repository to the programs of one user
///
/// The daemon listens on a Unix socket that only its user can open. Programs send requests, one JSON
/// object a line, and are answered in lines; docs/spec/rpc.md says how. Events that many record at
/// the same time become one commit, each caller is answered when theirs are on the disk, and states
/// are folded again when their journals grow. `gatos event append` finds the daemon by itself, and
/// does the same without it.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "gatosd",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// Print JSON: log lines, the status and errors
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}
