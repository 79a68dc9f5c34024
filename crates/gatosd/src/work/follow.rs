//! Following a journal: its events as they are recorded, by whoever records them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use gatos::journal::{self, Order, Range};
use gatos::rpc::{Code, Note};
use gatos::{Error, JournalName};
use serde::Serialize;

use crate::connection::Ticket;
use crate::house::House;

/// How often the journal is looked at when this daemon writes nothing: others write, too.
const PACE: Duration = Duration::from_millis(200);
/// How many events are read at once.
const PIECE: u64 = 256;
/// Most streams at once.
pub(super) const MAX_FOLLOWS: u64 = 512;

/// Where a stream is.
#[derive(Serialize)]
struct Cursor<'a> {
    journal: &'a str,
    next: u64,
}

/// Send the events of a journal from `since` on, at most `limit`, from a thread of its own.
pub(crate) fn follow(
    house: &Arc<House>,
    ticket: Ticket,
    journal: JournalName,
    (since, limit): (Option<u64>, Option<u64>),
) {
    if house.counts.follows.fetch_add(1, Ordering::SeqCst) >= MAX_FOLLOWS {
        house.counts.follows.fetch_sub(1, Ordering::SeqCst);
        let reason = format!("{MAX_FOLLOWS} streams are followed already");
        return ticket.refused(Code::Busy, reason);
    }
    let followed = Arc::clone(house);
    let thread = thread::Builder::new().name("follow".to_owned());
    // If there is no thread, the ticket is dropped and says so.
    let spawned = thread.spawn(move || {
        stream(&followed, ticket, &journal, (since, limit));
        followed.counts.follows.fetch_sub(1, Ordering::SeqCst);
    });
    if spawned.is_err() {
        house.counts.follows.fetch_sub(1, Ordering::SeqCst);
    }
}

fn stream(
    house: &House,
    ticket: Ticket,
    journal: &JournalName,
    (since, limit): (Option<u64>, Option<u64>),
) {
    let first = match since {
        Some(index) => Ok(index),
        None => size(house, journal, &mut None),
    };
    let mut next = match first {
        Ok(next) => next,
        Err(error) => return ticket.failed(&error),
    };
    let name = journal.as_str();
    ticket.note(
        Note::Ack,
        &Cursor {
            journal: name,
            next,
        },
    );
    let end = limit.map_or(u64::MAX, |limit| next.saturating_add(limit));
    let (mut seen, mut tip) = (house.growth.now(), None);
    while next < end {
        if house.is_stopping() {
            let reason = format!("the daemon is ending; go on with since={next}");
            return ticket.refused(Code::Stopping, reason);
        }
        if ticket.is_cancelled() {
            let reason = format!("cancelled; go on with since={next}");
            return ticket.refused(Code::Cancelled, reason);
        }
        match size(house, journal, &mut tip) {
            Err(error) => return ticket.failed(&error),
            Ok(size) if size <= next => seen = house.growth.wait(seen, PACE),
            Ok(_) => match send(house, &ticket, journal, (next, (end - next).min(PIECE))) {
                Ok(after) => next = after,
                Err(error) => return ticket.failed(&error),
            },
        }
    }
    ticket.done(&Cursor {
        journal: name,
        next,
    });
}

/// Send some events; the index after the last one.
fn send(
    house: &House,
    ticket: &Ticket,
    journal: &JournalName,
    (since, limit): (u64, u64),
) -> Result<u64, Error> {
    let repository = house.repository()?;
    let range = Range {
        since: Some(since),
        limit: Some(limit),
        order: Order::Oldest,
    };
    let mut next = since;
    journal::list::<Error>(&repository, journal, range, |event| {
        // Whoever has left is noticed by the caller.
        if ticket.note(Note::Item, &event) {
            next = event.index + 1;
        }
        Ok(())
    })?;
    Ok(next)
}

/// Number of events of a journal; looked up only if it has moved from `tip`.
fn size(
    house: &House,
    journal: &JournalName,
    tip: &mut Option<(journal::Tip, u64)>,
) -> Result<u64, Error> {
    let repository = house.repository()?;
    match (journal::at(&repository, journal)?, &tip) {
        (None, _) => Ok(0),
        (Some(now), Some((before, size))) if now == *before => Ok(*size),
        (Some(now), _) => {
            let size = now.size(&repository)?;
            *tip = Some((now, size));
            Ok(size)
        }
    }
}
