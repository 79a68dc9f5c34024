//! A GATOS repository: a Git repository with a genesis statement and a policy in force.

mod founder;
mod init;
pub(crate) mod ledger;
pub(crate) mod publication;
pub(crate) mod turn;
mod view;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gatos_core::genesis::Genesis;
use gatos_core::governance::Proposal;
use gatos_core::id::{PolicyRoot, RepoId};
use gatos_core::journal::Head;
use gatos_core::name::JournalName;
use gatos_core::policy::{ACTIVE_REF, Bundle, Durability};
use gatos_core::statement::Signed;
use gatos_git::ObjectId;

use crate::error::{Context, Error, ErrorKind};
use crate::verify::PolicyChain;

pub use self::founder::likely_name;
pub use self::init::{InitReport, Options, can_begin, init};
pub use self::view::{ActorView, KeyView, ProfileView, RepositoryView};

/// An open repository whose policies were checked.
#[derive(Debug)]
pub struct Repository {
    git: gatos_git::Repository,
    /// The commit of the policy in force
    head: ObjectId,
    policies: PolicyChain,
    /// Proposals that were read, by commit: what a commit holds never changes
    proposals: Mutex<BTreeMap<ObjectId, Signed<Proposal>>>,
    /// Where each journal stood after the last commit of ours
    heads: Mutex<BTreeMap<JournalName, (ObjectId, Head)>>,
}

impl Repository {
    /// Open the repository that `path` is in.
    ///
    /// # Errors
    /// No Git repository, one that GATOS does not work in, one without GATOS history, or policies that
    /// do not follow from its genesis.
    pub fn discover(path: &Path) -> Result<Self, Error> {
        Self::of(open_git(path)?)
    }

    /// The GATOS history of a Git repository, or of a view of one.
    pub(crate) fn of(git: gatos_git::Repository) -> Result<Self, Error> {
        let (head, policies) = load_policies(&git)?;
        Ok(Self {
            git,
            head,
            policies,
            proposals: Mutex::default(),
            heads: Mutex::default(),
        })
    }

    /// The repository opened anew if another policy has come into force, else `None`.
    ///
    /// # Errors
    /// As [`discover`](Self::discover).
    pub fn renewed(&self) -> Result<Option<Self>, Error> {
        let name = ledger::ref_name(ACTIVE_REF)?;
        let tip = self.git.find_ref(&name);
        if tip.or_failed(|| format!("cannot read `{name}`"))? == Some(self.head) {
            return Ok(None);
        }
        Self::of(self.git.clone()).map(Some)
    }

    /// The id: that of the genesis statement.
    #[must_use]
    pub fn id(&self) -> RepoId {
        self.policies.repo()
    }

    /// The proposal that a commit holds, read once.
    pub(crate) fn proposal_at(&self, commit: ObjectId) -> Result<Signed<Proposal>, Error> {
        let known = || {
            self.proposals
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(proposal) = known().get(&commit) {
            return Ok(proposal.clone());
        }
        let read = ledger::Folder::of_commit(&self.git, commit)?;
        let proposal: Signed<Proposal> = read.signed("proposal")?;
        known().insert(commit, proposal.clone());
        Ok(proposal)
    }

    /// Where a journal stands at `tip`, if that is a commit of ours: then it need not be read.
    pub(crate) fn known_head(&self, journal: &JournalName, tip: ObjectId) -> Option<Head> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let (commit, head) = heads.get(journal)?;
        (*commit == tip).then(|| head.clone())
    }

    /// Note where a journal stands at a commit that was written just now.
    pub(crate) fn note_head(&self, journal: &JournalName, commit: ObjectId, head: Head) {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.insert(journal.clone(), (commit, head));
    }

    /// The policy in force, and its root.
    #[must_use]
    pub fn policy(&self) -> (PolicyRoot, &Bundle) {
        self.policies.active()
    }

    /// The commit of the policy in force.
    pub(crate) const fn active_commit(&self) -> ObjectId {
        self.head
    }

    /// All policies from the first on.
    #[must_use]
    pub const fn policies(&self) -> &PolicyChain {
        &self.policies
    }

    /// The first statement.
    #[must_use]
    pub const fn genesis(&self) -> &Signed<Genesis> {
        self.policies.genesis()
    }

    /// The Git repository below.
    #[must_use]
    pub const fn git(&self) -> &gatos_git::Repository {
        &self.git
    }

    pub(crate) fn durability(&self) -> gatos_git::Durability {
        match self.policy().1.profile.durability {
            Durability::Durable => gatos_git::Durability::Durable,
            Durability::Relaxed => gatos_git::Durability::Relaxed,
        }
    }
}

pub(crate) fn open_git(path: &Path) -> Result<gatos_git::Repository, Error> {
    gatos_git::Repository::discover(path).context(ErrorKind::Usage, || {
        format!("`{}` is in no usable Git repository", path.display())
    })
}

/// How a repository gets GATOS history: a clone most likely from where it was cloned.
fn first_step(git: &gatos_git::Repository) -> String {
    match gatos_git::remotes(git.git_dir()).first() {
        Some(remote) => format!(
            "`git fetch {remote} 'refs/gatos/*:refs/gatos/*'` brings it here if it is there; \
             `gatos init` begins a new one"
        ),
        None => "run `gatos init`, or fetch refs/gatos/* if somebody else has".to_owned(),
    }
}

/// The policies of a repository, checked from the first to the one in force.
fn load_policies(git: &gatos_git::Repository) -> Result<(ObjectId, PolicyChain), Error> {
    let name = ledger::ref_name(ACTIVE_REF)?;
    let head = git
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?;
    let head = head.ok_or_else(|| {
        let shown = git.git_dir().display();
        Error::new(
            ErrorKind::Usage,
            format!("the Git repository `{shown}` has no GATOS history"),
        )
        .with_hint(first_step(git))
    })?;
    let mut commits = ledger::commits(git, head)?;
    commits.reverse();
    let mut links = Vec::with_capacity(commits.len());
    let mut genesis = None;
    for commit in commits {
        let folder = ledger::Folder::of_commit(git, commit)?;
        if genesis.is_none() {
            genesis = Some(folder.signed::<Genesis>("genesis")?);
        }
        links.push(crate::governance::read_link(git, &folder)?);
    }
    let genesis = genesis
        .ok_or_else(|| Error::new(ErrorKind::Incomplete, "there is no genesis statement"))?;
    let chain = PolicyChain::verify(genesis, links).map_err(|e| {
        let kind = e.kind();
        Error::new(kind, "the policies of this repository cannot be believed").with_source(e)
    })?;
    Ok((head, chain))
}
