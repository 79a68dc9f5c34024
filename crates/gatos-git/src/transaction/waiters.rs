//! Threads that wait for the disk: one flush of the device serves all who wait at the same time.
//!
//! They are started when first needed and stay. Whoever has files to wait for does not rely on them:
//! what no thread has taken up it waits for itself, as on a machine whose processors are busy.

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::sync::SyncFailure;

/// Most threads of this process that wait for the disk.
const MAX_THREADS: usize = 7;

/// Files that are to be synchronised, taken by whoever is free.
struct Task {
    files: Mutex<Vec<(File, PathBuf)>>,
    done: Sender<Result<(), SyncFailure>>,
}

/// What the threads look at.
struct Waiters {
    /// One entry for each thread that would help
    wanted: VecDeque<Arc<Task>>,
    threads: usize,
    idle: usize,
}

static WAITERS: Mutex<Waiters> = Mutex::new(Waiters {
    wanted: VecDeque::new(),
    threads: 0,
    idle: 0,
});
static WANTED: Condvar = Condvar::new();

/// Synchronise all of `files`; the first failure, if there are any.
pub(super) fn synchronise(files: Vec<(File, PathBuf)>) -> Result<(), SyncFailure> {
    let count = files.len();
    let (done, results) = channel();
    let task = Arc::new(Task {
        files: Mutex::new(files),
        done,
    });
    if count > 1 {
        ask_for(&task, (count - 1).min(MAX_THREADS));
    }
    task.work();
    collect(&results, count)
}

fn collect(results: &Receiver<Result<(), SyncFailure>>, count: usize) -> Result<(), SyncFailure> {
    // The task lives until all have reported, and with it the sender.
    results.iter().take(count).fold(Ok(()), Result::and)
}

impl Task {
    fn work(&self) {
        loop {
            let next = self
                .files
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            let Some((file, path)) = next else { return };
            let result = file
                .sync_all()
                .map_err(|source| SyncFailure { path, source });
            // Whoever waits may want to unmount the file system next.
            drop(file);
            // Whoever waited has gone: then nobody wants to know.
            let _ = self.done.send(result);
        }
    }
}

/// Let so many threads help, starting them if there are too few.
fn ask_for(task: &Arc<Task>, helping: usize) {
    let mut waiters = lock();
    waiters
        .wanted
        .extend(std::iter::repeat_n(Arc::clone(task), helping));
    while waiters.idle < waiters.wanted.len() && waiters.threads < MAX_THREADS {
        if thread::Builder::new().spawn(wait_for_tasks).is_err() {
            break;
        }
        waiters.threads += 1;
        waiters.idle += 1;
    }
    if waiters.threads == 0 {
        waiters.wanted.clear();
    }
    WANTED.notify_all();
}

/// The life of a thread, which is counted as idle when it begins.
fn wait_for_tasks() {
    let mut waiters = lock();
    loop {
        if let Some(task) = waiters.wanted.pop_front() {
            waiters.idle -= 1;
            drop(waiters);
            task.work();
            waiters = lock();
            waiters.idle += 1;
        } else {
            waiters = WANTED.wait(waiters).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn lock() -> MutexGuard<'static, Waiters> {
    WAITERS.lock().unwrap_or_else(PoisonError::into_inner)
}
