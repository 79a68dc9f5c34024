//! `gatos gate shell`: what SSH starts for a key, so that the server knows who pushes.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use clap::Args;
use gatos::ActorName;

use crate::failure::Exit;
use crate::{Failure, Report};

const EXAMPLES: &str = "\
Examples:
  In ~git/.ssh/authorized_keys, one line for each key:
  restrict,command=\"gatos gate shell alice\" ssh-ed25519 AAAA… alice";

/// Serve Git to somebody whom SSH knows by their key
///
/// Starts git-shell with what was asked for, and tells the gate who asks, in the variable GATOS_PUSHER.
/// Nothing but Git's own commands can be asked for.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Shell {
    /// Whose key it is, as the policy names them
    actor: ActorName,
}

impl Shell {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let asked = std::env::var("SSH_ORIGINAL_COMMAND").map_err(|_| {
            Failure::usage("nothing was asked for: this is for Git")
                .hint("git clone ssh://…, git push")
        })?;
        let mut command = Command::new("git-shell");
        for (name, _) in std::env::vars_os() {
            let name_bytes = name.as_encoded_bytes();
            // Git says itself which protocol it speaks.
            if name_bytes.starts_with(b"GIT_") && name_bytes != b"GIT_PROTOCOL" {
                command.env_remove(name);
            }
        }
        let error = command
            .args(["-c", &asked])
            .env("GATOS_PUSHER", self.actor.as_str())
            .exec();
        Err(Failure::new(
            Exit::Failed,
            format!("cannot start git-shell: {error}"),
        ))
    }
}
