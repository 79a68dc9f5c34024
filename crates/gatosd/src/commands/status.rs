//! `gatosd status`: ask the daemon of a repository how it is.

use std::time::Duration;

use clap::Args;
use gatos::daemon::{Client, SOCKET_FILE};
use gatos::{ErrorKind, Value, json};
use serde::Serialize;

use super::Place;
use crate::failure::{Failure, visible};

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields of the answer, in the order in which people want them.
const ORDER: [&str; 15] = [
    "repo",
    "git_dir",
    "policy",
    "pid",
    "version",
    "key",
    "keeps",
    "connections",
    "follows",
    "waiting",
    "appends",
    "events",
    "groups",
    "statements",
    "folds",
];

/// Ask the daemon of a repository how it is
#[derive(Args, Clone, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    place: Place,
}

impl Status {
    pub(crate) fn run(&self, as_json: bool) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Nothing {}
        let repository = self.place.open()?;
        let socket = match &self.place.socket {
            Some(path) => path.clone(),
            None => repository.git().common_dir().join(SOCKET_FILE),
        };
        let mut client = Client::connect(&socket, Some(PATIENCE)).map_err(|_| {
            let shown = visible(&socket.to_string_lossy());
            Failure::new(
                ErrorKind::Blocked,
                format!("no daemon listens at `{shown}`"),
            )
            .hint("`gatosd run` starts one")
        })?;
        let answer = client.ask("status", &Nothing {})?;
        if as_json {
            print_line(answer.get());
            return Ok(());
        }
        let wrong = |_| Failure::new(ErrorKind::Failed, "the daemon's answer cannot be read");
        if let Value::Map(mut map) = json::from_str(answer.get()).map_err(wrong)? {
            let known = ORDER.map(|name| map.remove(name).map(|value| (name.to_owned(), value)));
            // A newer daemon may say more.
            let others = map
                .iter()
                .map(|(name, value)| (name.to_owned(), value.clone()));
            for (name, value) in known.into_iter().flatten().chain(others) {
                let text = match value {
                    Value::Text(text) => visible(&text),
                    other => json::to_string(&other),
                };
                print_line(&format!("{:<12} {text}", name.replace('_', " ")));
            }
        }
        Ok(())
    }
}

fn print_line(line: &str) {
    use std::io::Write as _;
    // Whoever closed the pipe has seen enough.
    let _ = writeln!(std::io::stdout(), "{line}");
}
