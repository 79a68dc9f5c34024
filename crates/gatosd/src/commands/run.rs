//! `gatosd run`: serve until a signal.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gatos::signer::{self, OpenSigner};
use gatos::{ErrorKind, StateName};

use super::Place;
use crate::failure::Failure;
use crate::house::{House, Server, Settings};
use crate::log::Log;
use crate::supervisor::Supervisor;

const EXAMPLES: &str = "\
Examples:
  gatosd run
  gatosd run --repository ~/study --key agent
  gatosd run --keep temperature --keep counts
  gatosd run --no-keep --json 2>>gatosd.log";

/// Serve a repository until SIGTERM or ctrl-C
///
/// The daemon stays in the foreground. A first signal makes it finish what it has taken on, answer,
/// and remove its socket; a second one ends it at once, and what was answered stays recorded. There
/// is one daemon for a repository.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Run {
    #[command(flatten)]
    place: Place,
    /// Sign drafts and folds with this key: a file, `agent`, or `agent:` and a fingerprint or comment
    ///
    /// Without it: the key that the Git setting `gatos.signingKey` names, then ~/.ssh/id_ed25519. If
    /// there is none, only events that are signed already are recorded, and nothing is folded.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Fold this state again when its journal grows; every state if not given (can be repeated)
    #[arg(long, value_name = "STATE", conflicts_with = "no_keep")]
    keep: Vec<StateName>,
    /// Fold no state by itself
    #[arg(long)]
    no_keep: bool,
    /// How long a program may leave its answers unread before its connection ends
    #[arg(long, value_name = "MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    patience: u64,
}

impl Run {
    pub(crate) fn run(&self, json: bool) -> Result<(), Failure> {
        let log = Log::new(json);
        let repository = self.place.open()?;
        let server = Server::bind(&repository, self.place.socket.as_deref())?;
        let settings = Settings {
            key: self.signer(&log)?,
            keep: self.keep(),
            patience: Duration::from_millis(self.patience),
        };
        let house = Arc::new(House::new(Arc::new(repository), settings, log));
        server.serve(&house, &Supervisor::of_environment())
    }

    fn keep(&self) -> Option<Vec<StateName>> {
        match (self.no_keep, self.keep.is_empty()) {
            (true, _) => Some(Vec::new()),
            (false, true) => None,
            (false, false) => Some(self.keep.clone()),
        }
    }

    /// The key, if there is one; one that was asked for must be there.
    fn signer(&self, log: &Log) -> Result<Option<OpenSigner>, Failure> {
        // Nobody can be asked for a passphrase: that is what agents are for.
        match signer::open(self.key.as_deref(), &|_| None) {
            Ok(key) => {
                log.info("signing", &[("key", &key.public_key().fingerprint())]);
                Ok(Some(key))
            }
            Err(error) if self.key.is_some() => Err(error.into()),
            Err(error) => {
                log.warning("there is no key", &[("why", &error.full_message())]);
                Ok(None)
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Of sockets, signals and threads, which have no names.
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Failed, format!("the system refuses: {error}"))
    }
}
