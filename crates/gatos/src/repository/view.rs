//! A repository as people see it: where, whose, under which policy.

use gatos_core::policy::Profile;
use serde::Serialize;

use super::Repository;

/// A repository at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct RepositoryView {
    /// Its id
    pub repo: String,
    /// Where its Git directory is
    pub git_dir: String,
    /// The founder's name
    pub founder: String,
    /// Fingerprint of the founder's key
    pub founder_fingerprint: String,
    /// The policy in force
    pub policy_root: String,
    /// Number of policies before it
    pub policy_seq: u64,
    /// The name of its profile
    pub profile: String,
    /// Number of actors
    pub actors: usize,
}

/// An actor of the policy in force.
#[derive(Clone, Debug, Serialize)]
pub struct ActorView {
    /// Their name
    pub actor: String,
    /// What they may do
    pub roles: Vec<&'static str>,
    /// The groups that they belong to
    pub groups: Vec<String>,
    /// Their keys
    pub keys: Vec<KeyView>,
}

/// A public key.
#[derive(Clone, Debug, Serialize)]
pub struct KeyView {
    /// As `ssh-keygen -l` prints it
    pub fingerprint: String,
    /// As a line of an OpenSSH public key file
    pub openssh: String,
}

/// Every setting of a profile.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileView {
    /// Which profile it began as
    pub name: String,
    /// Most events between two checkpoints of a state; 0 for on demand alone
    pub checkpoint_every: u64,
    /// Study files that Git does not have yet when an experiment runs
    pub clean_tree: &'static str,
    /// When an append counts as done
    pub durability: &'static str,
    /// Most fuel that one event may cost in a fold
    pub fold_fuel_per_event: u64,
    /// Most memory that a fold's values may take, in bytes
    pub fold_memory_bytes: u64,
    /// The sandbox's assertions from inside the build
    pub isolation: &'static str,
    /// Largest input or output of a job that is kept in the ledger, in bytes
    pub keep_bytes: u64,
    /// Largest payload of an event, in bytes
    pub max_event_bytes: u64,
}

impl From<&Profile> for ProfileView {
    fn from(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            checkpoint_every: profile.checkpoint_every,
            clean_tree: profile.clean_tree.as_str(),
            durability: profile.durability.as_str(),
            fold_fuel_per_event: profile.fold_fuel_per_event,
            fold_memory_bytes: profile.fold_memory_bytes,
            isolation: profile.isolation.as_str(),
            keep_bytes: profile.keep_bytes,
            max_event_bytes: profile.max_event_bytes,
        }
    }
}

impl Repository {
    /// The repository at a glance.
    #[must_use]
    pub fn overview(&self) -> RepositoryView {
        let (root, bundle) = self.policy();
        let genesis = self.genesis().statement();
        RepositoryView {
            repo: self.id().to_string(),
            git_dir: self.git().git_dir().display().to_string(),
            founder: genesis.actor.to_string(),
            founder_fingerprint: genesis.key.fingerprint().to_string(),
            policy_root: root.to_string(),
            policy_seq: bundle.position.seq,
            profile: bundle.profile.name.clone(),
            actors: bundle.trust.actors().len(),
        }
    }

    /// The actors of the policy in force.
    #[must_use]
    pub fn actors(&self) -> Vec<ActorView> {
        let actors = self.policy().1.trust.actors().iter();
        let view = actors.map(|(name, actor)| ActorView {
            actor: name.to_string(),
            roles: actor.roles.iter().map(|role| role.as_str()).collect(),
            groups: actor.groups.iter().map(ToString::to_string).collect(),
            keys: actor
                .keys
                .iter()
                .map(|key| KeyView {
                    fingerprint: key.fingerprint().to_string(),
                    openssh: key.to_string(),
                })
                .collect(),
        });
        view.collect()
    }

    /// The profile in force.
    #[must_use]
    pub fn profile(&self) -> ProfileView {
        (&self.policy().1.profile).into()
    }
}
