//! Appending through the daemon if there is one, and without it if not: the commits are the same.

use std::path::Path;

use data_encoding::BASE64;
use gatos_core::journal::{Event, MAX_BATCH_EVENTS};
use gatos_core::keys::Signer;
use gatos_core::name::JournalName;
use gatos_core::statement::Signed;
use serde::Serialize;

use super::{Client, ClientError, PATIENCE};
use crate::error::Error;
use crate::journal::{self, AppendReport, Draft};
use crate::progress::Progress;
use crate::repository::Repository;

/// Append `drafts` to a journal through the daemon that listens at `socket`.
///
/// The events are signed here. Where nobody listens, where the daemon serves another repository or
/// takes nothing on, where it goes away before it answers, and where the events do not fit into one
/// request, they are appended without it: an event that is there already is not recorded twice.
///
/// # Errors
/// As [`journal::append`].
pub fn append(
    (repository, socket): (&Repository, Option<&Path>),
    journal: &JournalName,
    drafts: Vec<Draft>,
    signer: &(dyn Signer + Sync),
    progress: &mut dyn Progress,
) -> Result<AppendReport, Error> {
    let client = socket
        .filter(|_| drafts.len() <= MAX_BATCH_EVENTS)
        .and_then(|socket| Client::connect(socket, Some(PATIENCE)).ok());
    let Some(mut client) = client else {
        return journal::append(repository, journal, drafts, signer, progress);
    };
    let count = drafts.len() as u64;
    let events = journal::sign(repository, journal, drafts, signer)?;
    progress.begin(&format!("append to {journal}"), Some(count));
    let told = ask(&mut client, repository, journal, &events);
    let report = match told {
        Ok(report) => report,
        Err(error) => match error.as_operation() {
            Some(error) => return Err(error),
            None => journal::append_signed(repository, journal, &events)?,
        },
    };
    progress.advance(count);
    progress.end();
    Ok(report)
}

fn ask(
    client: &mut Client,
    repository: &Repository,
    journal: &JournalName,
    events: &[Signed<Event>],
) -> Result<AppendReport, ClientError> {
    #[derive(Serialize)]
    struct Append<'a> {
        journal: &'a str,
        events: Vec<String>,
    }
    let envelopes = events.iter().map(|event| event.envelope().encode());
    let events: Vec<String> = envelopes.map(|bytes| BASE64.encode(&bytes)).collect();
    let journal = journal.as_str();
    let result = client.ask_about(repository, "append", &Append { journal, events })?;
    serde_json::from_str(result.get()).map_err(|_| ClientError::Answer)
}
