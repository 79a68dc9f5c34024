//! The closed table of refs: what a name is for, and how a ref of that name may move.
//!
//= spec/refs.md#table

#[cfg(test)]
mod tests;

use crate::cid::{Cid, Codec};
use crate::name::{JournalName, StateName};
use crate::ulid::Ulid;

/// Everything of GATOS lies below this.
const NAMESPACE: &str = "refs/gatos/";
/// Longest name of a ref of GATOS, in bytes.
const MAX_REF_BYTES: usize = 200;

/// What a ref is for. Whatever has no line in the table is [`Unlisted`](Self::Unlisted) below
/// `refs/gatos/` and [`Foreign`](Self::Foreign) elsewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// The chain of policies
    Policies,
    /// One policy bundle under its id
    Bundle(Cid),
    /// A proposal
    Proposal(Cid),
    /// What one key, in hex, says of a proposal
    Approval(Cid, String),
    /// A grant
    Grant(Cid),
    /// What takes the grant of this id back
    Revocation(Cid),
    /// A journal
    Journal(JournalName),
    /// The checkpoints of a state
    State(StateName),
    /// A job that ran
    Job(Ulid),
    /// An experiment
    Experiment(Ulid),
    /// A reproduction
    Reproduction(Ulid),
    /// A push that was refused
    Denial(Ulid),
    /// A name below `refs/gatos/` that the table does not have, or a twin of one
    Unlisted,
    /// A branch
    Branch,
    /// A tag
    Tag,
    /// Anything that changes what other refs and objects mean
    Harmful,
    /// Any other ref
    Foreign,
}

/// How a ref may move.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Movement {
    /// The new commit has the old one in its linear history
    Forward,
    /// It is made, and never moves again
    Once,
    /// The server writes it, and nobody pushes it
    Server,
    /// As whoever hosts the repository and its rules allow
    Free,
    /// As the rules allow, and not without one
    Permitted,
    /// Not at all
    Never,
}

impl Place {
    /// What the ref of this full name is for.
    #[must_use]
    pub fn of(name: &str) -> Self {
        if let Some(rest) = name.strip_prefix(NAMESPACE) {
            return listed(name, rest).unwrap_or(Self::Unlisted);
        }
        let lower = name.to_ascii_lowercase();
        let has = |prefix: &str| lower.starts_with(prefix);
        if has("refs/gatos/") || lower == "refs/gatos" {
            return Self::Unlisted;
        }
        let levels = |rest: &str| rest.split('/').all(is_plain) && !rest.starts_with("refs/");
        if let Some(rest) = name.strip_prefix("refs/heads/") {
            return if levels(rest) {
                Self::Branch
            } else {
                Self::Harmful
            };
        }
        if let Some(rest) = name.strip_prefix("refs/tags/") {
            return if levels(rest) {
                Self::Tag
            } else {
                Self::Harmful
            };
        }
        const HARMFUL: [&str; 9] = [
            "refs/heads",
            "refs/tags",
            "refs/replace",
            "refs/namespaces",
            "refs/bisect",
            "refs/original",
            "refs/stash",
            "refs/rewritten",
            "refs/worktree",
        ];
        let harmful = |level: &&str| lower == *level || has(&format!("{level}/"));
        let plain = name.strip_prefix("refs/").is_some_and(levels);
        if !plain || HARMFUL.iter().any(harmful) {
            return Self::Harmful;
        }
        Self::Foreign
    }

    /// How it may move.
    #[must_use]
    pub const fn movement(&self) -> Movement {
        match self {
            Self::Policies | Self::Journal(_) | Self::State(_) => Movement::Forward,
            Self::Bundle(_)
            | Self::Proposal(_)
            | Self::Approval(..)
            | Self::Grant(_)
            | Self::Revocation(_)
            | Self::Job(_)
            | Self::Experiment(_)
            | Self::Reproduction(_) => Movement::Once,
            Self::Denial(_) => Movement::Server,
            Self::Branch | Self::Tag => Movement::Free,
            Self::Foreign => Movement::Permitted,
            Self::Unlisted | Self::Harmful => Movement::Never,
        }
    }

    /// Whether it is a ref of GATOS.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(
            self.movement(),
            Movement::Forward | Movement::Once | Movement::Server
        )
    }

    /// One word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Bundle(_) => "bundle",
            Self::Proposal(_) => "proposal",
            Self::Approval(..) => "approval",
            Self::Grant(_) => "grant",
            Self::Revocation(_) => "revocation",
            Self::Journal(_) => "journal",
            Self::State(_) => "state",
            Self::Job(_) => "job",
            Self::Experiment(_) => "experiment",
            Self::Reproduction(_) => "reproduction",
            Self::Denial(_) => "denial",
            Self::Unlisted => "unlisted",
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::Harmful => "harmful",
            Self::Foreign => "foreign",
        }
    }
}

/// The line of the table that `rest`, the name without its namespace, fits.
fn listed(name: &str, rest: &str) -> Option<Place> {
    if name.len() > MAX_REF_BYTES {
        return None;
    }
    if rest == "policies/active" {
        return Some(Place::Policies);
    }
    if let Some(text) = rest.strip_prefix("policies/bundles/") {
        return cid(text).map(Place::Bundle);
    }
    if let Some(text) = rest.strip_prefix("proposals/") {
        return cid(text).map(Place::Proposal);
    }
    if let Some(text) = rest.strip_prefix("grants/") {
        return cid(text).map(Place::Grant);
    }
    if let Some(text) = rest.strip_prefix("revocations/") {
        return cid(text).map(Place::Revocation);
    }
    if let Some(text) = rest.strip_prefix("approvals/") {
        let (proposal, key) = text.split_once('/')?;
        let digits = key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let key = (digits && key.len() == 64).then(|| key.to_owned())?;
        return Some(Place::Approval(cid(proposal)?, key));
    }
    if let Some(text) = rest.strip_prefix("journal/") {
        return text.parse().ok().map(Place::Journal);
    }
    if let Some(text) = rest.strip_prefix("state/") {
        return text.parse().ok().map(Place::State);
    }
    let (folder, last) = rest.rsplit_once('/')?;
    let ulid = ulid(last)?;
    match folder {
        "audit/jobs" => Some(Place::Job(ulid)),
        "audit/proofs/experiments" => Some(Place::Experiment(ulid)),
        "audit/proofs/reproductions" => Some(Place::Reproduction(ulid)),
        "audit/policy/deny" => Some(Place::Denial(ulid)),
        _ => None,
    }
}

/// The id of a block that is a statement, in its one spelling.
fn cid(text: &str) -> Option<Cid> {
    let cid: Cid = text.parse().ok()?;
    (cid.codec() == Codec::DagCbor && cid.to_string() == text).then_some(cid)
}

/// A ULID as ref names have it.
fn ulid(text: &str) -> Option<Ulid> {
    let ulid: Ulid = text.parse().ok()?;
    (ulid.to_lower() == text).then_some(ulid)
}

/// A level that looks the same to everybody: printable ASCII that is no option of a command.
fn is_plain(level: &str) -> bool {
    !level.starts_with('-') && level.bytes().all(|byte| byte.is_ascii_graphic())
}
