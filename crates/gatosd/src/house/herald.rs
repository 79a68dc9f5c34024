//! Announcing what happens when people agree, whoever writes it: to the log, and to everybody who watches.
//!
//= spec/rpc.md#watch

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatos::governance::{Look, Observer, Transition};
use gatos::{Error, new_ulid};

use super::{Growth, House};

/// Most announcements that are kept for those who come late.
const KEPT: usize = 65_536;

/// What was announced since the daemon began, by number.
///
/// Refs have no order, so numbers are this daemon's own: they belong to a *series*, which has a name. What was there
/// when the daemon began comes first.
#[derive(Debug)]
pub(crate) struct Herald {
    content: Mutex<Content>,
    /// Goes up with each announcement
    pub(crate) growth: Growth,
}

#[derive(Debug)]
struct Content {
    /// The name of the series; none before the first look
    series: Option<String>,
    observer: Observer,
    /// Number of the first that is kept
    first: u64,
    kept: VecDeque<Transition>,
    /// What the last look failed with
    failed: Option<String>,
}

/// Where the series is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) series: String,
    /// Number of the first that is kept
    pub(crate) first: u64,
    /// Number of the next
    pub(crate) next: u64,
}

impl Herald {
    pub(crate) fn new() -> Self {
        Self {
            content: Mutex::new(Content {
                series: None,
                observer: Observer::new(),
                first: 0,
                kept: VecDeque::new(),
                failed: None,
            }),
            growth: Growth::new(),
        }
    }

    /// Look at the repository and announce what is new.
    pub(crate) fn look(&self, house: &House) {
        let mut content = self.lock();
        match content.look(house) {
            Ok(()) => content.failed = None,
            Err(error) => {
                let why = error.full_message();
                if content.failed.as_ref() != Some(&why) {
                    house
                        .log
                        .error("cannot look at what people agree on", &[("why", &why)]);
                }
                content.failed = Some(why);
            }
        }
        drop(content);
        self.growth.tell();
    }

    /// Where the series is; `None` before the first look.
    pub(crate) fn place(&self) -> Option<Place> {
        let content = self.lock();
        Some(Place {
            series: content.series.clone()?,
            first: content.first,
            next: content.first + content.kept.len() as u64,
        })
    }

    /// The announcements from number `since` on, at most `most`, with the number of the first of them.
    pub(crate) fn since(&self, since: u64, most: usize) -> (u64, Vec<Transition>) {
        let content = self.lock();
        let from = since.max(content.first);
        let skip = usize::try_from(from - content.first).unwrap_or(usize::MAX);
        let some = content.kept.iter().skip(skip).take(most).cloned().collect();
        (from, some)
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn look(&mut self, house: &House) -> Result<(), Error> {
        let repository = house.repository()?;
        let Look {
            transitions,
            troubles,
        } = self.observer.look(&repository)?;
        for trouble in troubles {
            house
                .log
                .warning("something does not count", &[("why", &trouble)]);
        }
        // What was there before is told to those who ask for it, and is no news.
        let news = self.series.is_some();
        if self.series.is_none() {
            self.series = Some(new_ulid()?.to_string());
        }
        for transition in transitions {
            if news {
                log(house, &transition);
            }
            self.kept.push_back(transition);
        }
        while self.kept.len() > KEPT {
            self.kept.pop_front();
            self.first += 1;
        }
        Ok(())
    }
}

fn log(house: &House, transition: &Transition) {
    let fields = [
        ("title", &transition.title),
        ("by", &transition.actor),
        ("proposal", &transition.proposal),
        ("grant", &transition.grant),
        ("missing", &transition.missing),
    ];
    let mut about: Vec<(&str, &dyn Display)> = Vec::new();
    for (name, value) in &fields {
        if let Some(value) = value {
            about.push((name, value));
        }
    }
    about.push(("policy", &transition.policy_root));
    house.log.info(transition.step.describe(), &about);
}
