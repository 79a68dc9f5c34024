//! Watching people agree: announcements as they are made, whoever does what they are about.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use gatos::governance::Transition;
use gatos::rpc::{Code, Note};
use serde::Serialize;

use super::follow::MAX_FOLLOWS;
use crate::connection::Ticket;
use crate::house::House;

/// How often the refs are looked at when this daemon records nothing: others write, too.
const PACE: Duration = Duration::from_millis(500);
/// How often a stream looks whether anybody is still there.
const GLANCE: Duration = Duration::from_millis(200);
/// How many announcements are sent at once.
const PIECE: usize = 256;

/// From where on somebody watches, and how much.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) series: Option<String>,
    pub(crate) since: Option<u64>,
    pub(crate) limit: Option<u64>,
}

/// Where a stream is.
#[derive(Serialize)]
struct Cursor<'a> {
    series: &'a str,
    next: u64,
}

/// One announcement.
#[derive(Serialize)]
struct Item<'a> {
    series: &'a str,
    index: u64,
    #[serde(flatten)]
    transition: &'a Transition,
}

/// Look for what is new until the daemon ends.
pub(crate) fn announce(house: &House) {
    let mut seen = house.growth.now();
    while !house.is_stopping() {
        house.herald.look(house);
        let waited = std::time::Instant::now();
        // Events may use a grant up, but thousands of them a second are looked at twice.
        while waited.elapsed() < PACE && !house.is_stopping() {
            seen = house
                .growth
                .wait(seen, PACE.saturating_sub(waited.elapsed()));
        }
    }
    // Those who watch are told that the end has come.
    house.herald.growth.tell();
}

/// Send announcements from a thread of its own.
pub(crate) fn watch(house: &Arc<House>, ticket: Ticket, wanted: Watch) {
    if house.counts.follows.fetch_add(1, Ordering::SeqCst) >= MAX_FOLLOWS {
        house.counts.follows.fetch_sub(1, Ordering::SeqCst);
        let reason = format!("{MAX_FOLLOWS} streams are followed already");
        return ticket.refused(Code::Busy, reason);
    }
    let watched = Arc::clone(house);
    let thread = thread::Builder::new().name("watch".to_owned());
    // If there is no thread, the ticket is dropped and says so.
    let spawned = thread.spawn(move || {
        stream(&watched, ticket, &wanted);
        watched.counts.follows.fetch_sub(1, Ordering::SeqCst);
    });
    if spawned.is_err() {
        house.counts.follows.fetch_sub(1, Ordering::SeqCst);
    }
}

fn stream(house: &House, ticket: Ticket, wanted: &Watch) {
    let (mut seen, herald) = (house.herald.growth.now(), &house.herald);
    let place = loop {
        match herald.place() {
            Some(place) => break place,
            None if house.is_stopping() || ticket.is_cancelled() => {
                return ticket.refused(Code::Stopping, "the daemon is ending");
            }
            None => seen = herald.growth.wait(seen, GLANCE),
        }
    };
    let series = place.series.as_str();
    let mut next = match (&wanted.series, wanted.since) {
        // Of another series, numbers mean nothing: all of this one is sent.
        (Some(other), _) if other != series => place.first,
        (_, Some(since)) => since.max(place.first),
        (_, None) => place.next,
    };
    ticket.note(Note::Ack, &Cursor { series, next });
    let end = wanted
        .limit
        .map_or(u64::MAX, |limit| next.saturating_add(limit));
    while next < end {
        if house.is_stopping() {
            let reason = format!("the daemon is ending; go on with series={series} since={next}");
            return ticket.refused(Code::Stopping, reason);
        }
        if ticket.is_cancelled() {
            let reason = format!("cancelled; go on with series={series} since={next}");
            return ticket.refused(Code::Cancelled, reason);
        }
        let most = usize::try_from(end - next).unwrap_or(PIECE).min(PIECE);
        let (first, announcements) = herald.since(next, most);
        if announcements.is_empty() {
            seen = herald.growth.wait(seen, GLANCE);
            continue;
        }
        for (index, transition) in (first..).zip(&announcements) {
            let item = Item {
                series,
                index,
                transition,
            };
            // Whoever has left is noticed above.
            if !ticket.note(Note::Item, &item) {
                break;
            }
            next = index + 1;
        }
    }
    ticket.done(&Cursor { series, next });
}
