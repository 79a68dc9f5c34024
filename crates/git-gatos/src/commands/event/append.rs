//! `gatos event append`: record events in a journal.

use std::path::{Path, PathBuf};

use clap::Args;
use gatos::journal::{Draft, drafts};
use gatos::{JournalName, Ulid, daemon, json};

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event append measurements --type weighed '{\"mass\": 3750.5}'
  gatos event append measurements --type weighed --file payload.json
  produce | gatos event append measurements --type weighed
  gatos event append measurements --batch events.jsonl
  gatos event append measurements --type weighed --ulid 01JD9GZ3PQ8YB2V4XK5M6N7R8S '{}'";

/// Record events in a journal
///
/// The payload is JSON, and numbers in it are exact: 0.1 is one tenth. An event with an identifier
/// that the journal has already, and with the same content, is a success that writes nothing; with
/// other content it is an error. The command returns when the event is on the disk. Where a daemon
/// (`gatosd`) serves the repository, the event is recorded through it.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Append {
    /// The journal; the first event makes it
    journal: JournalName,
    /// What happened, as JSON; read from standard input if not given
    #[arg(conflicts_with_all = ["file", "batch"])]
    payload: Option<String>,
    /// What kind of thing happened
    #[arg(long = "type", value_name = "TYPE", required_unless_present = "batch")]
    event_type: Option<String>,
    /// Read the payload from this file; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    file: Option<PathBuf>,
    /// Record every line of this file: objects with `type`, `payload`, and `ulid` and `ts` if
    /// wanted
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ulid", "ts"])]
    batch: Option<PathBuf>,
    /// Its identifier; a new one if not given
    #[arg(long)]
    ulid: Option<Ulid>,
    /// When it happened, in milliseconds since 1970, or `now`
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    ts: Option<i64>,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

impl Append {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let drafts = self.drafts(context)?;
        let signer = context.signer(&self.key)?;
        let progress = &mut context.progress();
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        let report = daemon::append(through, &self.journal, drafts, &*signer, progress)?;
        Ok(Report::new(report))
    }

    fn drafts(&self, context: &Context) -> Result<Vec<Draft>, Failure> {
        if let Some(batch) = &self.batch {
            let name = batch.display().to_string();
            return Ok(drafts(
                &context.read_text(batch)?,
                &name,
                self.event_type.as_deref(),
            )?);
        }
        let text = match (&self.payload, &self.file) {
            (Some(text), _) => text.clone(),
            (None, Some(file)) => context.read_text(file)?,
            (None, None) if context.input_is_typed() => {
                return Err(Failure::usage("there is no payload")
                    .hint("give it as an argument, with --file, or through standard input"));
            }
            (None, None) => context.read_text(Path::new("-"))?,
        };
        let payload = json::from_str(&text)
            .map_err(|error| Failure::usage(format!("the payload cannot be recorded: {error}")))?;
        Ok(vec![Draft {
            event_type: self.event_type.clone().unwrap_or_default(),
            payload,
            ulid: self.ulid,
            ts: self.ts,
        }])
    }
}

fn time(text: &str) -> Result<i64, String> {
    if text == "now" {
        return i64::try_from(gatos::now_ms()).map_err(|error| error.to_string());
    }
    text.parse()
        .map_err(|_| "neither milliseconds since 1970 nor `now`".to_owned())
}
