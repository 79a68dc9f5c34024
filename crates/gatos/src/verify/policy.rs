//! Checking the chain of policies from the genesis statement on.

use std::collections::BTreeMap;

use gatos_core::genesis::Genesis;
use gatos_core::id::{PolicyRoot, RepoId};
use gatos_core::keys::PublicKey;
use gatos_core::policy::{ACTIVE_REF, Bundle, Role, Trust, TrustError};
use gatos_core::statement::{Position, Signed};

use super::report::ensure;
use crate::error::{Context, Error, ErrorKind};

/// The policies of a repository, each shown to follow from the one before.
#[derive(Clone, Debug)]
pub struct PolicyChain {
    genesis: Signed<Genesis>,
    bundles: BTreeMap<PolicyRoot, Signed<Bundle>>,
    active: PolicyRoot,
}

impl PolicyChain {
    /// Check `genesis` and `bundles`, oldest first.
    ///
    /// # Errors
    /// A genesis statement that its founder did not sign; a bundle that is of another repository or ref,
    /// does not follow the one before, or that nobody signed who might.
    pub fn verify(genesis: Signed<Genesis>, bundles: Vec<Signed<Bundle>>) -> Result<Self, Error> {
        ensure(genesis.signers() == [genesis.statement().key], || {
            "the genesis statement is not signed by its founder, and by the founder alone"
                .to_owned()
        })?;
        let repo = RepoId::from(genesis.id().cid());
        let mut previous: Option<&Signed<Bundle>> = None;
        for bundle in &bundles {
            check_link(&genesis, repo, previous, bundle)?;
            previous = Some(bundle);
        }
        let Some(active) = previous.map(root_of) else {
            return Err(Error::new(
                ErrorKind::Incomplete,
                "there is no policy bundle",
            ));
        };
        let bundles = bundles
            .into_iter()
            .map(|bundle| (root_of(&bundle), bundle))
            .collect();
        Ok(Self {
            genesis,
            bundles,
            active,
        })
    }

    /// The repository.
    #[must_use]
    pub fn repo(&self) -> RepoId {
        self.genesis.id().cid().into()
    }

    /// The first statement.
    #[must_use]
    pub const fn genesis(&self) -> &Signed<Genesis> {
        &self.genesis
    }

    /// The policy in force.
    #[must_use]
    pub fn active(&self) -> (PolicyRoot, &Bundle) {
        (self.active, self.bundles[&self.active].statement())
    }

    /// All policies, by root.
    #[must_use]
    pub const fn bundles(&self) -> &BTreeMap<PolicyRoot, Signed<Bundle>> {
        &self.bundles
    }

    /// The policy of that root.
    ///
    /// # Errors
    /// A root that no policy of this repository has.
    pub fn get(&self, root: &PolicyRoot) -> Result<&Bundle, Error> {
        self.bundles
            .get(root)
            .map(Signed::statement)
            .ok_or_else(|| {
                let message = format!("{root} is no policy of this repository");
                Error::new(ErrorKind::Mismatch, message)
            })
    }
}

fn root_of(bundle: &Signed<Bundle>) -> PolicyRoot {
    bundle.id().cid().into()
}

fn check_link(
    genesis: &Signed<Genesis>,
    repo: RepoId,
    previous: Option<&Signed<Bundle>>,
    bundle: &Signed<Bundle>,
) -> Result<(), Error> {
    let statement = bundle.statement();
    let seq = statement.position.seq;
    ensure(statement.repo == repo, || {
        format!("policy {seq} is of another repository")
    })?;
    let position = previous.map(|p| (&p.statement().position, p.id()));
    let first = Position::first(ACTIVE_REF.to_owned());
    let follows =
        statement.position.follows(position) && statement.position.reference == first.reference;
    ensure(follows, || {
        format!("policy {seq} does not follow the one before it")
    })?;
    match previous {
        None => ensure(bundle.signers() == [genesis.statement().key], || {
            "the first policy is not signed by the founder".to_owned()
        }),
        Some(previous) => authorize(&previous.statement().trust, bundle.signers(), Role::Govern)
            .map_err(|e| {
                e.with_hint("a policy is changed by those whom the one before lets govern")
            }),
    }
}

/// Check that whoever signed may do this.
///
/// # Errors
/// [`ErrorKind::Untrusted`] with the key or actor.
pub fn authorize(trust: &Trust, signers: &[PublicKey], role: Role) -> Result<(), Error> {
    trust
        .authorize(signers, role)
        .map(|_| ())
        .context(ErrorKind::Untrusted, || {
            format!("not signed by somebody who may {role}")
        })
}

/// Check that whoever signed is `actor` and may do this.
///
/// # Errors
/// [`ErrorKind::Untrusted`], or [`ErrorKind::Mismatch`] where another actor signed.
pub fn authorize_actor(
    trust: &Trust,
    signers: &[PublicKey],
    (role, actor): (Role, &gatos_core::name::ActorName),
) -> Result<(), Error> {
    let found: Result<_, TrustError> = trust.authorize(signers, role);
    let found = found.context(ErrorKind::Untrusted, || {
        format!("not signed by somebody who may {role}")
    })?;
    ensure(found == actor, || {
        format!("it says `{actor}` and was signed by `{found}`")
    })
}
