//! Whether nixpkgs and its binary cache can be reached from here.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::say;

/// How long an answer is believed.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// How long we wait for the network, in all.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where nixpkgs comes from on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// From the network, as `flake.lock` says.
    Online,
    /// Nowhere: the air-gapped package set takes its place.
    AirGapped,
}

impl Reach {
    /// What `GATOS_NIXPKGS` says, what was found within the last hour, or what is found now.
    pub(crate) fn find() -> Outcome<Self> {
        let set = std::env::var("GATOS_NIXPKGS").unwrap_or_default();
        if !set.is_empty() {
            return Self::parse(&set).ok_or_else(|| {
                Failure::new(format!("GATOS_NIXPKGS is `{set}`"))
                    .hint("set it to `airgap` or to `online`, or not at all")
            });
        }
        let file = checkout::cache()?.join("nixpkgs");
        let age = fs::metadata(&file).and_then(|data| data.modified()).ok();
        if age
            .and_then(|time| time.elapsed().ok())
            .is_some_and(|age| age < REMEMBERED)
            && let Ok(text) = fs::read_to_string(&file)
            && let Some(known) = Self::parse(&text)
        {
            return Ok(known);
        }
        let found = Self::look();
        fs::create_dir_all(checkout::cache()?).named("the cache")?;
        fs::write(&file, found.word()).named(file.display())?;
        Ok(found)
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Online, Self::AirGapped]
            .into_iter()
            .find(|reach| reach.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::AirGapped => "airgap",
        }
    }

    /// Asks for two small files through Nix itself, so that proxies and certificates count.
    fn look() -> Self {
        say("looking for nixpkgs on the network (GATOS_NIXPKGS=airgap|online decides instead)");
        let asked = [
            "https://cache.nixos.org/nix-cache-info",
            "https://github.com/robots.txt",
        ];
        let deadline = Instant::now() + PATIENCE;
        let children: Vec<_> = asked.iter().map(|url| prefetch(url)).collect();
        let online = children
            .into_iter()
            .all(|child| child.is_ok_and(|it| ends_well(it, deadline)));
        let found = if online {
            Self::Online
        } else {
            Self::AirGapped
        };
        say(match found {
            Self::Online => "nixpkgs can be reached",
            Self::AirGapped => "nixpkgs cannot be reached: using the air-gapped package set",
        });
        found
    }
}

fn prefetch(url: &str) -> std::io::Result<Child> {
    let mut command = Command::new("nix");
    command.args(["--extra-experimental-features", "nix-command flakes"]);
    command.args(["store", "prefetch-file", "--option", "connect-timeout", "4"]);
    command.args(["--option", "download-attempts", "1", "--refresh", url]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn ends_well(mut child: Child, deadline: Instant) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
            // The child is ours, and whether it dies in time no longer matters.
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}
