//! A search that somebody goes on with, kept in a file beside Git's own.

use std::path::PathBuf;

use gatos_core::cid::Cid;
use gatos_core::name::StateName;
use serde::{Deserialize, Serialize};

use super::search::{Judgement, Search};
use super::timeline::{End, Timeline};
use super::{Judged, Request, begin};
use crate::error::{Context, Error, ErrorKind};
use crate::fold::{At, Point, open};
use crate::repository::Repository;

/// The file, in the Git directory of the work tree.
const FILE: &str = "gatos/bisect.json";

/// A search: between which ends, and what was judged so far.
#[derive(Clone, Debug)]
pub struct Session {
    state: StateName,
    /// The proof whose program is run
    newest: Cid,
    ends: (u64, u64),
    judged: Vec<Judged>,
    search: Search,
    /// Where it is kept, if it is
    file: Option<PathBuf>,
}

/// A session as it stands in its file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    state: String,
    proof: String,
    good: u64,
    bad: u64,
    judged: Vec<Judged>,
}

impl Session {
    /// A search that is kept nowhere.
    pub(super) fn begin(repository: &Repository, request: &Request) -> Result<Self, Error> {
        let (_, search, newest) = begin(repository, request)?;
        Ok(Self {
            state: request.state.clone(),
            newest,
            ends: (search.good(), search.bad()),
            judged: Vec::new(),
            search,
            file: None,
        })
    }

    /// The state that is searched.
    #[must_use]
    pub const fn state(&self) -> &StateName {
        &self.state
    }

    /// How far the search is.
    #[must_use]
    pub const fn search(&self) -> &Search {
        &self.search
    }

    /// What was judged, in order.
    #[must_use]
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    pub(super) fn timeline<'r>(&self, repository: &'r Repository) -> Result<Timeline<'r>, Error> {
        let point = Point {
            state: Some(self.state.clone()),
            at: At::Id(self.newest),
        };
        Timeline::of(repository, &open(repository, &point)?)
    }

    /// Take note of a judgement.
    pub(super) fn judge(&mut self, size: u64, judgement: Judgement) -> Result<(), Error> {
        if !self.search.judge(size, judgement) {
            let (good, bad) = (self.search.good(), self.search.bad());
            let message = format!(
                "the state after {size} events is not in question: it is good after {good} and bad after \
                 {bad}"
            );
            return Err(Error::new(ErrorKind::Usage, message)
                .with_hint("to take a judgement back: `gatos bisect reset`, and begin again"));
        }
        self.judged.push(Judged { size, judgement });
        self.save()
    }

    fn save(&self) -> Result<(), Error> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let failed = || format!("cannot write `{}`", path.display());
        let document = Document {
            state: self.state.to_string(),
            proof: self.newest.to_string(),
            good: self.ends.0,
            bad: self.ends.1,
            judged: self.judged.clone(),
        };
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder).or_failed(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).or_failed(failed)?;
        serde_json::to_writer_pretty(&mut file, &document).or_failed(failed)?;
        file.persist(path).map_err(|e| e.error).or_failed(failed)?;
        Ok(())
    }
}

fn file(repository: &Repository) -> PathBuf {
    repository.git().git_dir().join(FILE)
}

/// Begin a search that is kept until it is [`reset`].
///
/// # Errors
/// As [`bisect`](super::bisect), and a search that is under way.
pub fn start(repository: &Repository, request: &Request) -> Result<Session, Error> {
    let path = file(repository);
    if path.exists() {
        return Err(
            Error::new(ErrorKind::Usage, "a search is under way already")
                .with_hint("`gatos bisect log` shows it, `gatos bisect reset` ends it"),
        );
    }
    let mut session = Session::begin(repository, request)?;
    session.file = Some(path);
    session.save()?;
    Ok(session)
}

/// The search that is under way.
///
/// # Errors
/// None is, or its file cannot be read.
pub fn resume(repository: &Repository) -> Result<Session, Error> {
    let path = file(repository);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::new(ErrorKind::Usage, "no search is under way")
                .with_hint("`gatos bisect start --state STATE --good … --bad …` begins one"));
        }
        text => text.or_failed(|| format!("cannot read `{}`", path.display()))?,
    };
    let damaged = || {
        let message = format!("`{}` holds no search", path.display());
        Error::new(ErrorKind::Failed, message).with_hint("`gatos bisect reset` removes it")
    };
    let document: Document = serde_json::from_str(&text).map_err(|_| damaged())?;
    let state = document.state.parse().map_err(|_| damaged())?;
    let newest = document.proof.parse().map_err(|_| damaged())?;
    let mut search = Search::new(document.good, document.bad).ok_or_else(damaged)?;
    for Judged { size, judgement } in &document.judged {
        if !search.judge(*size, *judgement) {
            return Err(damaged());
        }
    }
    Ok(Session {
        state,
        newest,
        ends: (document.good, document.bad),
        judged: document.judged,
        search,
        file: Some(path),
    })
}

/// Take note of how the state is that waits to be judged, or the one after `size` events.
///
/// # Errors
/// A state that is not in question, or a search that has ended.
pub fn advance(
    repository: &Repository,
    session: &mut Session,
    (judgement, size): (Judgement, Option<u64>),
) -> Result<(), Error> {
    let size = match size {
        Some(size) => size,
        None => match session.search.next(session.timeline(repository)?.kept()) {
            super::Next::Judge(size) => size,
            _ => {
                return Err(Error::new(ErrorKind::Usage, "the search has ended")
                    .with_hint("`gatos bisect log` shows what came of it"));
            }
        },
    };
    session.judge(size, judgement)
}

/// End the search that is under way, if one is.
///
/// # Errors
/// A file that cannot be removed.
pub fn reset(repository: &Repository) -> Result<(), Error> {
    let path = file(repository);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).or_failed(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// The ends of a search as one would type them.
impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Events(size) => write!(f, "{size}"),
            Self::Checkpoint(at) => write!(f, "@{at}"),
        }
    }
}
