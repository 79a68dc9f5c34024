//! `cargo xtask setup`: install what this machine lacks, and nothing else.

mod debian;
mod release;

use clap::Args;

use crate::failure::Outcome;
use crate::process::say;

pub(crate) use debian::require;
pub(crate) use release::Release;

/// Install what is missing: Nix 2.18 or newer, and the programs the tests start
///
/// A Nix that is already there is used as it is. On Debian with root, what is missing is
/// installed with `apt-get`, and Nix goes to `/opt/gatos/nix` with links in `/usr/local/bin`.
/// Elsewhere a message says what to install. Running it again changes nothing.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Setup {}

impl Setup {
    pub(crate) fn run(self) -> Outcome {
        require(&debian::TEST_PROGRAMS)?;
        let release = ready()?;
        // Each time: an installation whose sandbox did not work is there the next time, and no better.
        debian::prove_sandbox()?;
        say(&format!("ready: {release}"));
        Ok(())
    }
}

/// The Nix on this machine, installed if there was none.
pub(crate) fn ready() -> Outcome<Release> {
    match release::on_path() {
        Some(release) if release.is_supported() => Ok(release),
        found => debian::install_nix(found.as_ref()),
    }
}
