//! A request that was taken on and is not answered yet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatos::rpc::{Answer, Code, Id, Note, Refusal};
use gatos::{Error, ErrorKind};
use serde::Serialize;

use super::outbox::Outbox;

/// Most requests of one connection that are not answered yet; those that follow are not read.
pub(super) const MAX_IN_FLIGHT: usize = 1024;

/// The requests of a connection that are not answered yet.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) outbox: Outbox,
    open: Mutex<Open>,
    settled: Condvar,
}

#[derive(Debug)]
struct Open {
    requests: BTreeMap<Id, Arc<AtomicBool>>,
    /// How many wait until there are fewer: telling nobody costs a system call all the same
    waiting: usize,
}

impl Desk {
    pub(super) const fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            open: Mutex::new(Open {
                requests: BTreeMap::new(),
                waiting: 0,
            }),
            settled: Condvar::new(),
        }
    }

    /// Take a request on.
    ///
    /// # Errors
    /// An id that is in use.
    pub(super) fn open(desk: &Arc<Self>, id: Id) -> Result<Ticket, Refusal> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let mut open = desk.lock();
        if open.requests.contains_key(&id) {
            let reason = "a request with this id is not answered yet".to_owned();
            return Err(Refusal::new(Some(id), Code::IdInUse, reason));
        }
        open.requests.insert(id.clone(), Arc::clone(&cancelled));
        drop(open);
        Ok(Ticket {
            desk: Arc::clone(desk),
            id,
            cancelled,
            answered: false,
        })
    }

    /// Ask a request to end. Whether it was still open.
    pub(super) fn cancel(&self, id: &Id) -> bool {
        self.lock()
            .requests
            .get(id)
            .map(|flag| flag.store(true, Ordering::SeqCst))
            .is_some()
    }

    /// Wait until fewer than `most` requests are open, or nobody is there to be answered.
    pub(super) fn wait_for_fewer_than(&self, most: usize) {
        let busy = |open: &mut Open| open.requests.len() >= most && self.outbox.is_open();
        let wait = Duration::from_millis(500);
        let mut open = self.lock();
        // Whether somebody is there is looked at now and then.
        while busy(&mut open) {
            open.waiting += 1;
            let waited = self.settled.wait_timeout(open, wait);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
            open.waiting -= 1;
        }
    }

    /// Wait until every request is answered, but not longer than `longest`. Whether it is so.
    pub(super) fn wait_until_idle(&self, longest: Duration) -> bool {
        let mut open = self.lock();
        open.waiting += 1;
        let waited = self
            .settled
            .wait_timeout_while(open, longest, |open| !open.requests.is_empty());
        let mut open = waited.unwrap_or_else(PoisonError::into_inner).0;
        open.waiting -= 1;
        open.requests.is_empty()
    }

    /// Ask every open request to end.
    pub(super) fn cancel_all(&self) {
        for flag in self.lock().requests.values() {
            flag.store(true, Ordering::SeqCst);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that was taken on: it gets one answer, whatever happens.
#[derive(Debug)]
pub(crate) struct Ticket {
    desk: Arc<Desk>,
    id: Id,
    cancelled: Arc<AtomicBool>,
    answered: bool,
}

impl Ticket {
    /// It was done.
    pub(crate) fn done(mut self, result: &impl Serialize) {
        self.answer(Answer::done(&self.id, result));
    }

    /// Its operation failed.
    pub(crate) fn failed(mut self, error: &Error) {
        self.answer(Answer::failed(&self.id, error));
    }

    /// It was refused.
    pub(crate) fn refused(mut self, code: Code, reason: impl Into<String>) {
        let refusal = Refusal::new(Some(self.id.clone()), code, reason.into());
        self.answer(Answer::refused(&refusal));
    }

    /// Say something before the answer, as soon as there is room. Whether somebody is there.
    pub(crate) fn note(&self, note: Note, content: &impl Serialize) -> bool {
        if !self.desk.outbox.wait_for_room() {
            return false;
        }
        self.desk.outbox.send(Answer::note(&self.id, note, content));
        true
    }

    /// Whether it was asked to end, or nobody is there to be answered.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst) || !self.desk.outbox.is_open()
    }

    fn answer(&mut self, answer: Answer) {
        self.answered = true;
        // The id is free again when the answer is on its way, and not before it is in the box.
        let mut open = self.desk.lock();
        open.requests.remove(&self.id);
        self.desk.outbox.send(answer);
        let awaited = open.waiting > 0;
        drop(open);
        if awaited {
            self.desk.settled.notify_all();
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.answered {
            let error = Error::new(ErrorKind::Failed, "the daemon did not finish this request");
            self.answer(Answer::failed(&self.id, &error));
        }
    }
}
