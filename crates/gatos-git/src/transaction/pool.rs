//! Threads that help where a call into the file system takes long: several calls at the same time take
//! little longer than one, and one flush of the device serves all who wait for it.
//!
//! They are started when first needed and stay. Whoever has something to do does not rely on them: what
//! no thread has taken up it does itself, as on a machine whose processors are busy.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Most threads of this process that help.
const MAX_THREADS: usize = 7;

/// Things of one kind that are to be done, each by whoever is free.
pub(super) struct Help<I, O> {
    task: Arc<Task<I, O>>,
    results: Receiver<O>,
    /// Number of results that are still to come
    missing: usize,
}

struct Task<I, O> {
    items: Mutex<Vec<I>>,
    act: fn(I) -> O,
    done: Sender<O>,
}

/// A task, whatever it is about.
trait Work: Send + Sync {
    /// Do what is left to do.
    fn work(&self);
}

/// What the threads look at.
struct Helpers {
    /// One entry for each thread that would help
    wanted: VecDeque<Arc<dyn Work>>,
    threads: usize,
    idle: usize,
}

static HELPERS: Mutex<Helpers> = Mutex::new(Helpers {
    wanted: VecDeque::new(),
    threads: 0,
    idle: 0,
});
static WANTED: Condvar = Condvar::new();

impl<I: Send + 'static, O: Send + 'static> Help<I, O> {
    /// Have `act` done with each of `items`; at most `helping` threads begin with it at once.
    pub(super) fn ask(items: Vec<I>, act: fn(I) -> O, helping: usize) -> Self {
        let missing = items.len();
        let (done, results) = channel();
        let items = Mutex::new(items);
        let task = Arc::new(Task { items, act, done });
        let helping = helping.min(missing).min(MAX_THREADS);
        if helping > 0 {
            let task: Arc<dyn Work> = Arc::<Task<I, O>>::clone(&task);
            ask_for(&task, helping);
        }
        Self {
            task,
            results,
            missing,
        }
    }

    /// Have `act` done with each of `items` by one thread, if there is one, and wait for nothing.
    pub(super) fn leave(items: Vec<I>, act: fn(I) -> O) {
        if items.is_empty() {
            return;
        }
        let (done, _) = channel();
        let items = Mutex::new(items);
        let task: Arc<dyn Work> = Arc::new(Task { items, act, done });
        ask_for(&task, 1);
    }

    /// Help as well, and wait for all of it. The results come in any order.
    pub(super) fn finish(mut self) -> Vec<O> {
        self.task.work();
        // The task lives until all have reported, and with it the sender.
        let results = self.results.iter().take(self.missing).collect();
        self.missing = 0;
        results
    }
}

impl<I, O> Drop for Help<I, O> {
    /// What nobody has begun is not done; what somebody has is waited for, so that it leaves nothing.
    fn drop(&mut self) {
        let left = std::mem::take(&mut *lock(&self.task.items)).len();
        let begun = self.missing.saturating_sub(left);
        self.results.iter().take(begun).for_each(drop);
    }
}

impl<I: Send, O: Send> Work for Task<I, O> {
    fn work(&self) {
        loop {
            let next = lock(&self.items).pop();
            let Some(item) = next else { return };
            // Whoever waited has gone: then nobody wants to know.
            let _ = self.done.send((self.act)(item));
        }
    }
}

/// Let so many threads help, starting them if there are too few.
fn ask_for(task: &Arc<dyn Work>, helping: usize) {
    let mut helpers = lock(&HELPERS);
    helpers
        .wanted
        .extend(std::iter::repeat_n(Arc::clone(task), helping));
    while helpers.idle < helpers.wanted.len() && helpers.threads < MAX_THREADS {
        if thread::Builder::new().spawn(wait_for_tasks).is_err() {
            break;
        }
        helpers.threads += 1;
        helpers.idle += 1;
    }
    if helpers.threads == 0 {
        helpers.wanted.clear();
    }
    // Who wakes must not find the door locked.
    drop(helpers);
    // Each that wakes costs those who work: no more than can help.
    for _ in 0..helping {
        WANTED.notify_one();
    }
}

/// The life of a thread, which is counted as idle when it begins.
fn wait_for_tasks() {
    let mut helpers = lock(&HELPERS);
    loop {
        if let Some(task) = helpers.wanted.pop_front() {
            helpers.idle -= 1;
            drop(helpers);
            task.work();
            drop(task);
            helpers = lock(&HELPERS);
            helpers.idle += 1;
        } else {
            helpers = WANTED.wait(helpers).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
