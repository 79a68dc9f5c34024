//! `cargo xtask register`: make `gatos` a name that Nix knows on this machine.

use std::process::Command;

use clap::Args;

use crate::airgap::{self, Parts};
use crate::checkout;
use crate::failure::Outcome;
use crate::nix::Reach;
use crate::process::{capture, run, say};
use crate::setup;

/// Make `gatos` a name that Nix knows on this machine
///
/// Adds this checkout to your flake registry, so that `nix flake init -t gatos#experiment`, `nix run
/// gatos` and the studies' own flakes find it. Where nixpkgs cannot be reached, what is added
/// brings the air-gapped package set with it; register again after changing the checkout.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Register {}

const EXPERIMENTAL: [&str; 2] = ["--extra-experimental-features", "nix-command flakes"];

impl Register {
    pub(crate) fn run(self) -> Outcome {
        setup::ready()?;
        let reference = match Reach::find()? {
            Reach::Online => checkout::flake(),
            Reach::AirGapped => {
                warn_of_the_network();
                airgap::gatos(Some(&airgap::cargo_built(Parts::Programs)?))?
            }
        };
        run(Command::new("nix")
            .args(EXPERIMENTAL)
            .args(["registry", "add", "gatos", &reference]))
    }
}

/// Nix downloads the list of well-known flakes before it looks at its own registry.
fn warn_of_the_network() {
    let asked = ["config", "show", "flake-registry"];
    let registry = capture(Command::new("nix").args(EXPERIMENTAL).args(asked));
    if registry.is_ok_and(|registry| registry.starts_with("http")) {
        say("Nix asks the network for well-known flakes first, and there is none: write a line");
        say("`flake-registry =` into ~/.config/nix/nix.conf or /etc/nix/nix.conf");
    }
}
