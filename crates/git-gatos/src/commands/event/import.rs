//! `gatos event import`: record every row of a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatos::JournalName;
use gatos::journal::{ImportFormat, import};

use crate::arguments::KeyArguments;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos event import data/co2.csv
  gatos event import data/co2.csv --journal measurements --type measurement
  gatos event import log.jsonl --journal instrument";

/// The type of events that come from rows, which cannot say it themselves.
const ROW: &str = "row";

/// Record every row of a CSV, or every line of JSON, as an event
///
/// A CSV has a header line; cells that are numbers become exact numbers, empty ones and `NA` become
/// null, everything else text. A line of JSON is an object with `type`, `payload`, and `ulid` and
/// `ts` if wanted. Identifiers follow from the file's content: importing it again adds nothing.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Import {
    /// The file
    file: PathBuf,
    /// The journal; the file's name without its ending if not given
    #[arg(long)]
    journal: Option<JournalName>,
    /// What kind of thing a row is [default: row]
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// What the file holds, if its ending does not say: csv or jsonl
    #[arg(long, value_enum, hide_possible_values = true)]
    format: Option<Format>,
    #[command(flatten)]
    key: KeyArguments,
}

/// What a file holds
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// Comma-separated values with a header line
    Csv,
    /// One JSON object a line
    Jsonl,
}

impl Import {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let (journal, format) = (self.journal()?, self.format()?);
        let event_type = self.event_type.as_deref();
        let event_type = event_type.or((format == ImportFormat::Csv).then_some(ROW));
        let signer = context.signer(&self.key)?;
        let progress = &mut context.progress();
        let file = (self.file.as_path(), format);
        let report = import(repository, &journal, file, event_type, (&*signer, progress))?;
        Ok(Report::new(report))
    }

    fn journal(&self) -> Result<JournalName, Failure> {
        if let Some(journal) = &self.journal {
            return Ok(journal.clone());
        }
        let stem = self.file.file_stem().map(|stem| stem.to_string_lossy());
        let stem = stem.unwrap_or_default();
        stem.parse().map_err(|error| {
            Failure::usage(format!("`{stem}` cannot be the name of a journal: {error}"))
                .hint("name one with --journal")
        })
    }

    fn format(&self) -> Result<ImportFormat, Failure> {
        match self.format {
            Some(Format::Csv) => Ok(ImportFormat::Csv),
            Some(Format::Jsonl) => Ok(ImportFormat::JsonLines),
            None => ImportFormat::of(&self.file).ok_or_else(|| {
                let shown = self.file.display();
                Failure::usage(format!("the name of `{shown}` does not say what it holds"))
                    .hint("give --format csv or --format jsonl")
            }),
        }
    }
}
