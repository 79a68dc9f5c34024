//! Governing: signed statements are recorded in the order in which they came.

use std::sync::atomic::Ordering;

use gatos::governance::{Submission, record};
use gatos::rpc::Code;

use crate::connection::Ticket;
use crate::house::House;

/// A signed statement that somebody waits for.
#[derive(Debug)]
pub(crate) struct Govern {
    pub(crate) submission: Submission,
    pub(crate) ticket: Ticket,
}

/// Record a statement, announce what it comes to, and answer.
pub(super) fn govern(house: &House, govern: Govern) {
    let Govern { submission, ticket } = govern;
    // Another policy may have come into force with the statement before this one.
    let told = house
        .repository()
        .and_then(|repository| record(&repository, &submission));
    match told {
        Ok(Some(report)) => {
            house.counts.statements.fetch_add(1, Ordering::Relaxed);
            // Whoever is answered can rely on it that those who watch are told.
            house.herald.look(house);
            ticket.done(&report);
        }
        Ok(None) => ticket.refused(
            Code::Moved,
            "history has moved on since this was signed; sign it again for where it is now",
        ),
        Err(error) => ticket.failed(&error),
    }
}
