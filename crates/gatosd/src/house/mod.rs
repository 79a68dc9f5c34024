//! What all threads share: the repository, the key, the queues, and whether we are ending.

mod growth;
mod herald;
mod server;
mod socket;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use gatos::signer::OpenSigner;
use gatos::{Error, Repository, StateName};

use crate::log::Log;
use crate::queue::Queue;
use crate::work::{Fold, Recording};

pub(crate) use self::growth::Growth;
pub(crate) use self::herald::Herald;
pub(crate) use self::server::Server;

/// Most appends and statements that wait, and most bytes of them.
const RECORDINGS: (usize, usize) = (4096, 64 << 20);
/// Most folds that wait.
const FOLDS: usize = 64;

/// What the daemon was started with.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The key that drafts and folds are signed with
    pub(crate) key: Option<OpenSigner>,
    /// The states that are folded again when their journals grow; all of them if not said
    pub(crate) keep: Option<Vec<StateName>>,
    /// How long answers may stay unread
    pub(crate) patience: Duration,
}

/// What all threads share.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) settings: Settings,
    pub(crate) log: Log,
    pub(crate) recordings: Queue<Recording>,
    pub(crate) folds: Queue<Fold>,
    pub(crate) growth: Growth,
    pub(crate) herald: Herald,
    pub(crate) counts: Counts,
    repository: RwLock<Arc<Repository>>,
    stopping: AtomicBool,
}

/// What was done since the start.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Connections that are open
    pub(crate) connections: AtomicU64,
    /// Streams that are followed
    pub(crate) follows: AtomicU64,
    /// Appends that were answered
    pub(crate) appends: AtomicU64,
    /// Events that were written
    pub(crate) events: AtomicU64,
    /// Groups in which they were written
    pub(crate) groups: AtomicU64,
    /// Statements of governance that were recorded, or were there
    pub(crate) statements: AtomicU64,
    /// Folds that were done
    pub(crate) folds: AtomicU64,
}

impl House {
    pub(crate) fn new(repository: Arc<Repository>, settings: Settings, log: Log) -> Self {
        Self {
            settings,
            log,
            recordings: Queue::new(RECORDINGS.0, RECORDINGS.1),
            folds: Queue::new(FOLDS, usize::MAX),
            growth: Growth::new(),
            herald: Herald::new(),
            counts: Counts::new(),
            repository: RwLock::new(repository),
            stopping: AtomicBool::new(false),
        }
    }

    /// The repository under the policy that was in force when somebody looked last.
    pub(crate) fn held(&self) -> Arc<Repository> {
        Arc::clone(
            &self
                .repository
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The repository under the policy that is in force now.
    pub(crate) fn repository(&self) -> Result<Arc<Repository>, Error> {
        let held = self.held();
        let Some(renewed) = held.renewed()? else {
            return Ok(held);
        };
        let root = renewed.policy().0;
        self.log
            .info("another policy is in force", &[("policy", &root)]);
        let renewed = Arc::new(renewed);
        *self
            .repository
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        Ok(renewed)
    }

    /// Whether nothing more is taken on.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// From now on, take nothing more on.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.growth.tell();
        self.herald.growth.tell();
    }
}

impl Counts {
    const fn new() -> Self {
        Self {
            connections: AtomicU64::new(0),
            follows: AtomicU64::new(0),
            appends: AtomicU64::new(0),
            events: AtomicU64::new(0),
            groups: AtomicU64::new(0),
            statements: AtomicU64::new(0),
            folds: AtomicU64::new(0),
        }
    }
}
