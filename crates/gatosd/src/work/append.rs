//! Group commit: what waits is appended together, and each caller is answered when theirs is durable.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use gatos::journal::{self, Appender, Draft};
use gatos::{Event, JournalName, Repository, Signed};

use super::govern::{Govern, govern};
use crate::connection::{Ticket, outdated};
use crate::house::House;

/// Events that somebody waits for.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) journal: JournalName,
    pub(crate) events: Vec<Signed<Event>>,
    /// How many of them, from the first on, came signed; the others were drafts
    pub(crate) received: usize,
    pub(crate) ticket: Ticket,
}

/// What is to be recorded.
#[derive(Debug)]
pub(crate) enum Recording {
    /// Events
    Append(Append),
    /// A statement of governance
    Govern(Box<Govern>),
}

/// Record whatever waits, until nothing more comes.
///
/// While one group is written the next one gathers: the more callers there are, the larger the
/// groups, and a lone caller waits for nobody.
pub(crate) fn record_all(house: &House) {
    let mut appenders = BTreeMap::new();
    while let Some(waiting) = house.recordings.take_all() {
        let mut groups: BTreeMap<JournalName, Vec<Append>> = BTreeMap::new();
        let mut statements = Vec::new();
        for recording in waiting {
            match recording {
                Recording::Append(append) => groups
                    .entry(append.journal.clone())
                    .or_default()
                    .push(append),
                Recording::Govern(statement) => statements.push(statement),
            }
        }
        append_groups(house, &mut appenders, groups);
        // Events first: a policy that takes effect would turn all of them away.
        for statement in statements {
            govern(house, *statement);
        }
    }
}

fn append_groups(
    house: &House,
    appenders: &mut BTreeMap<JournalName, Appender>,
    groups: BTreeMap<JournalName, Vec<Append>>,
) {
    if groups.is_empty() {
        return;
    }
    match house.repository() {
        Ok(repository) => {
            for (journal, group) in groups {
                let appender = appenders
                    .entry(journal.clone())
                    .or_insert_with(|| Appender::lasting(journal));
                append_group(house, &repository, appender, group);
            }
        }
        Err(error) => {
            for append in groups.into_values().flatten() {
                append.ticket.failed(&error);
            }
        }
    }
}

fn append_group(
    house: &House,
    repository: &Repository,
    appender: &mut Appender,
    group: Vec<Append>,
) {
    // In the order in which they came.
    let group: Vec<Append> = group
        .into_iter()
        .filter_map(|append| renewed(house, repository, append))
        .collect();
    let callers: Vec<&[Signed<Event>]> = group.iter().map(|append| &*append.events).collect();
    let told = appender.append(repository, &callers);
    let mut events = 0;
    for (append, told) in group.into_iter().zip(told) {
        match told {
            Ok(report) => {
                events += report.appended;
                append.ticket.done(&report);
            }
            Err(error) => append.ticket.failed(&error),
        }
        house.counts.appends.fetch_add(1, Ordering::Relaxed);
    }
    if events > 0 {
        house.counts.events.fetch_add(events, Ordering::Relaxed);
        house.counts.groups.fetch_add(1, Ordering::Relaxed);
        house.growth.tell();
    }
}

/// Whether the events are signed under the policy in force.
fn are_under(repository: &Repository, events: &[Signed<Event>]) -> bool {
    let policy = repository.policy().0;
    events
        .iter()
        .all(|event| event.statement().policy == policy)
}

/// What waited while another policy came into force: drafts are signed again, and whoever signed
/// theirs is told.
fn renewed(house: &House, repository: &Repository, mut append: Append) -> Option<Append> {
    if are_under(repository, &append.events) {
        return Some(append);
    }
    let drafts = append.events.split_off(append.received);
    let drafts = drafts.iter().map(|event| Draft::of(event.statement()));
    let signed = match &house.settings.key {
        Some(key) if are_under(repository, &append.events) => {
            journal::sign(repository, &append.journal, drafts.collect(), &**key)
        }
        _ => Err(outdated()),
    };
    match signed {
        Ok(signed) => {
            append.events.extend(signed);
            Some(append)
        }
        Err(error) => {
            append.ticket.failed(&error);
            None
        }
    }
}
