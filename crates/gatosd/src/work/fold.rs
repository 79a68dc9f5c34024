//! Folding: what programs ask for, and states whose journals have grown.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use gatos::fold::{self, FoldReport, ProgramSource, Request};
use gatos::journal::{self, Tip};
use gatos::rpc::{Code, Note};
use gatos::{Error, JournalName, Progress, StateName};
use serde::Serialize;

use crate::connection::{Ticket, queue_fold};
use crate::house::House;

/// How long growth is left alone, so that many appends are folded once.
const PAUSE: Duration = Duration::from_secs(1);
/// How often progress is told.
const PACE: Duration = Duration::from_millis(200);

/// A fold that is to be done.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) state: StateName,
    /// Those of the last checkpoint if not given
    pub(crate) source: Option<(JournalName, ProgramSource)>,
    /// Who asked; nobody if the journal grew
    pub(crate) ticket: Option<Ticket>,
}

/// Fold whatever waits, until nothing more comes.
pub(crate) fn fold_all(house: &House) {
    while let Some(waiting) = house.folds.take_all() {
        for fold in waiting {
            let (state, ticket) = (fold.state.clone(), fold.ticket);
            if house.is_stopping() {
                if let Some(ticket) = ticket {
                    ticket.refused(Code::Stopping, "the daemon is ending");
                }
                continue;
            }
            let told = run(house, &state, fold.source, ticket.as_ref());
            report(house, &state, &told);
            match (ticket, told) {
                (Some(ticket), Ok(report)) => ticket.done(&report),
                (Some(ticket), Err(error)) => ticket.failed(&error),
                (None, _) => {}
            }
        }
    }
}

fn run(
    house: &House,
    state: &StateName,
    source: Option<(JournalName, ProgramSource)>,
    ticket: Option<&Ticket>,
) -> Result<FoldReport, Error> {
    let repository = house.repository()?;
    let Some(key) = &house.settings.key else {
        return Err(Error::new(gatos::ErrorKind::Refused, "there is no key"));
    };
    let request = match source {
        None => fold::request_of(&repository, state)?,
        Some((journal, program)) => Request {
            state: state.clone(),
            journal,
            program,
            every: None,
        },
    };
    fold::run(&repository, &request, &**key, &mut Watcher::new(ticket))
}

fn report(house: &House, state: &StateName, told: &Result<FoldReport, Error>) {
    match told {
        Ok(report) if report.unchanged => {}
        Ok(report) => {
            house.counts.folds.fetch_add(1, Ordering::Relaxed);
            let about: [(&str, &dyn std::fmt::Display); 3] = [
                ("state", state),
                ("events", &report.history_size),
                ("state_root", &report.state_root),
            ];
            house.log.info("folded", &about);
        }
        Err(error) => {
            let why = error.full_message();
            let about: [(&str, &dyn std::fmt::Display); 2] = [("state", state), ("why", &why)];
            house.log.error("cannot fold", &about);
        }
    }
}

/// Queue a fold of every kept state whose journal has grown, until we end.
pub(crate) fn keep(house: &House) {
    if house.settings.key.is_none() {
        return;
    }
    let mut folded: BTreeMap<StateName, Tip> = BTreeMap::new();
    let mut seen = house.growth.now();
    while !house.is_stopping() {
        if let Err(error) = queue_grown(house, &mut folded) {
            house
                .log
                .error("cannot look at states", &[("why", &error.full_message())]);
        }
        let paused = Instant::now();
        while paused.elapsed() < PAUSE && !house.is_stopping() {
            seen = house
                .growth
                .wait(seen, PAUSE.saturating_sub(paused.elapsed()));
        }
    }
}

fn queue_grown(house: &House, folded: &mut BTreeMap<StateName, Tip>) -> Result<(), Error> {
    let repository = house.repository()?;
    for view in fold::states(&repository)? {
        let (Ok(state), Ok(journal)) = (view.state.parse(), view.journal.parse()) else {
            continue;
        };
        let kept = house.settings.keep.as_ref();
        if kept.is_some_and(|kept| !kept.contains(&state)) {
            continue;
        }
        let Some(tip) = journal::at(&repository, &journal)? else {
            continue;
        };
        // What failed is tried again when there is something new, and not before.
        if folded.get(&state) == Some(&tip) {
            continue;
        }
        if tip.size(&repository)? > view.history_size {
            let fold = Fold {
                state: state.clone(),
                source: None,
                ticket: None,
            };
            queue_fold(house, fold);
        }
        folded.insert(state, tip);
    }
    Ok(())
}

/// Tells whoever asked how far it is.
struct Watcher<'t> {
    ticket: Option<&'t Ticket>,
    step: Step,
    told: Instant,
}

#[derive(Serialize)]
struct Step {
    step: String,
    done: u64,
    total: Option<u64>,
}

impl<'t> Watcher<'t> {
    fn new(ticket: Option<&'t Ticket>) -> Self {
        let step = Step {
            step: String::new(),
            done: 0,
            total: None,
        };
        let told = Instant::now();
        Self { ticket, step, told }
    }

    fn tell(&mut self) {
        if let Some(ticket) = self.ticket {
            ticket.note(Note::Progress, &self.step);
        }
        self.told = Instant::now();
    }
}

impl Progress for Watcher<'_> {
    fn begin(&mut self, what: &str, total: Option<u64>) {
        self.step = Step {
            step: what.to_owned(),
            done: 0,
            total,
        };
        self.tell();
    }

    fn advance(&mut self, by: u64) {
        self.step.done += by;
        if self.told.elapsed() >= PACE {
            self.tell();
        }
    }

    fn note(&mut self, _: &str) {}

    fn end(&mut self) {
        self.tell();
    }
}
