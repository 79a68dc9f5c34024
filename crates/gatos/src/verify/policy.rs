//! Checking the chain of policies from the genesis statement on.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gatos_core::genesis::Genesis;
use gatos_core::id::{PolicyCodeRoot, PolicyRoot, RepoId};
use gatos_core::keys::PublicKey;
use gatos_core::policy::{ACTIVE_REF, Anchor, Anchors, Bundle, Role, Trust, TrustError};
use gatos_core::statement::{Position, Signed};
use gatos_policy::Program;

use super::activation::{self, Activated, Consensus, PolicyCursor, PolicyLink};
use super::report::ensure;
use crate::error::{Context, Error, ErrorKind};
use crate::policy::{ActivationRuling, By, Law, Ruling, judge_activation, read_program};

/// The policies of a repository, each shown to follow from the one before.
#[derive(Clone, Debug)]
pub struct PolicyChain {
    genesis: Signed<Genesis>,
    bundles: BTreeMap<PolicyRoot, Signed<Bundle>>,
    /// The roots, from the first to the one in force
    order: Vec<PolicyRoot>,
    /// What put each but the first in force
    activated: Vec<Activated>,
    rules: BTreeMap<PolicyCodeRoot, Rules>,
}

/// What was found about a policy that took effect.
#[derive(Clone, Debug)]
pub(crate) struct JudgedActivation<'p> {
    /// What the rules of the one before, or everybody, said
    pub(crate) ruling: ActivationRuling,
    /// The consensus on which it rests
    pub(crate) consensus: Option<&'p Consensus>,
}

/// Compiled rules, read when somebody asks.
#[derive(Clone, Debug)]
struct Rules {
    block: Vec<u8>,
    program: OnceLock<Program>,
}

impl PolicyChain {
    /// Check `genesis` and the policies, oldest first.
    ///
    /// That the rules can be read is left to [`program`](Self::program), so that a repository whose rules
    /// are for another engine can still be looked at.
    ///
    /// # Errors
    /// A genesis statement that its founder did not sign; a policy that is of another repository or ref,
    /// does not follow the one before, or that nobody put in force who might; rules that are not there.
    pub fn verify(genesis: Signed<Genesis>, links: Vec<PolicyLink>) -> Result<Self, Error> {
        ensure(genesis.signers() == [genesis.statement().key], || {
            "the genesis statement is not signed by its founder, and by the founder alone"
                .to_owned()
        })?;
        let repo = RepoId::from(genesis.id().cid());
        let mut previous: Option<&PolicyLink> = None;
        for link in &links {
            check_link(&genesis, repo, previous, link)?;
            previous = Some(link);
        }
        if links.is_empty() {
            return Err(Error::new(
                ErrorKind::Incomplete,
                "there is no policy bundle",
            ));
        }
        let mut chain = Self {
            genesis,
            bundles: BTreeMap::new(),
            order: Vec::with_capacity(links.len()),
            activated: Vec::new(),
            rules: BTreeMap::new(),
        };
        for link in links {
            let PolicyLink {
                bundle,
                rules: block,
                activated,
            } = link;
            let root = root_of(&bundle);
            chain.activated.extend(activated);
            let program = OnceLock::new();
            let code = bundle.statement().code;
            chain.rules.entry(code).or_insert(Rules { block, program });
            chain.order.push(root);
            chain.bundles.insert(root, bundle);
        }
        Ok(chain)
    }

    /// The compiled rules of that root.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`] for rules that nobody compiled so, [`ErrorKind::Blocked`] for rules of another
    /// engine.
    pub fn program(&self, root: &PolicyCodeRoot) -> Result<&Program, Error> {
        let rules = self.rules.get(root).ok_or_else(|| {
            let message = format!("{root} are the rules of no policy of this repository");
            Error::new(ErrorKind::Mismatch, message)
        })?;
        if let Some(program) = rules.program.get() {
            return Ok(program);
        }
        let what = || format!("the rules {root} cannot be used");
        let program = read_program(&rules.block, what)?;
        Ok(rules.program.get_or_init(|| program))
    }

    /// Check that the rules of every policy can be read, and that each policy but the first was put in force
    /// as those of the one before ask for; and count the rules that decide.
    ///
    /// # Errors
    /// As [`program`](Self::program), and [`ErrorKind::Untrusted`] for a policy that was put in force against
    /// the rules.
    pub fn check_rules(&self) -> Result<usize, Error> {
        let counts = self.rules.keys().map(|root| {
            let program = self.program(root)?;
            Ok(program.rules().len())
        });
        let count = counts.sum::<Result<usize, Error>>()?;
        for seq in 1..self.order.len() as u64 {
            let judged = self.judge_activation(seq)?;
            if let Some(reason) = judged.ruling.denied().and_then(Ruling::reason) {
                let (rule, why) = (reason.rule, reason.message);
                let message = format!(
                    "policy {seq} was put in force against the rules of the one before: {why} ({rule})"
                );
                return Err(Error::new(ErrorKind::Untrusted, message));
            }
        }
        Ok(count)
    }

    /// What the rules of the policy before number `seq`, or everybody, say to its taking effect.
    ///
    /// # Errors
    /// Rules that cannot be read, unless everybody agreed, or no such policy.
    pub(crate) fn judge_activation(&self, seq: u64) -> Result<JudgedActivation<'_>, Error> {
        let numbers = usize::try_from(seq).ok().and_then(|seq| {
            let before = seq.checked_sub(1)?;
            Some((
                self.order.get(before)?,
                self.order.get(seq)?,
                self.activated.get(before)?,
            ))
        });
        let (before_root, root, activated) = numbers.ok_or_else(|| {
            Error::new(
                ErrorKind::Mismatch,
                format!("nothing put policy {seq} in force"),
            )
        })?;
        let (before, bundle) = (self.get(before_root)?, self.get(root)?);
        let consensus = activated.consensus.as_ref();
        let agreement = consensus
            .map(|consensus| consensus.agreement((*before_root, &before.trust)))
            .transpose()?;
        let by = By {
            actor: Some(activated.activation.statement().actor.clone()),
            keys: activated.activation.signers().to_vec(),
        };
        let law = Law::of(self, *before_root);
        let ruling = judge_activation((before, law), (*root, bundle), &by, agreement.as_ref())?;
        Ok(JudgedActivation { ruling, consensus })
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
        let root = self.order[self.order.len() - 1];
        (root, self.bundles[&root].statement())
    }

    /// The roots of all policies, from the first to the one in force.
    #[must_use]
    pub fn order(&self) -> &[PolicyRoot] {
        &self.order
    }

    /// Where history stood when each of the policies after number `seq` took effect.
    pub(crate) fn anchors_after(&self, seq: u64) -> impl Iterator<Item = &Anchors> {
        // The first policy has none.
        let skipped = usize::try_from(seq).unwrap_or(usize::MAX);
        let activated = self.activated.iter().skip(skipped);
        activated.map(|activated| &activated.anchors)
    }

    /// Knows which policy is in force at each place of a ref.
    #[must_use]
    pub fn cursor(&self, reference: &str) -> PolicyCursor {
        PolicyCursor::new(reference, self.anchors_after(0))
    }

    /// Check that a statement names the policy that was in force where it stands.
    ///
    /// # Errors
    /// A policy of another time: one of this repository all the same.
    pub fn check_in_force(&self, cursor: &PolicyCursor, named: PolicyRoot) -> Result<(), Error> {
        let in_force = self.order[cursor.seq()];
        if in_force == named {
            return Ok(());
        }
        // A root of no policy at all is said as such.
        let found = self.get(&named)?.position.seq;
        let wanted = cursor.seq();
        super::mismatch(format!(
            "signed under policy {found}, but at this place policy {wanted} is in force"
        ))
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
    previous: Option<&PolicyLink>,
    link: &PolicyLink,
) -> Result<(), Error> {
    let bundle = &link.bundle;
    let statement = bundle.statement();
    let seq = statement.position.seq;
    ensure(statement.repo == repo, || {
        format!("policy {seq} is of another repository")
    })?;
    let position = previous.map(|p| (&p.bundle.statement().position, p.bundle.id()));
    let first = Position::first(ACTIVE_REF.to_owned());
    let follows =
        statement.position.follows(position) && statement.position.reference == first.reference;
    ensure(follows, || {
        format!("policy {seq} does not follow the one before it")
    })?;
    ensure(statement.code.cid().names(&link.rules), || {
        format!(
            "the compiled rules of policy {seq} are not {}",
            statement.code
        )
    })?;
    let Some(previous) = previous else {
        ensure(link.activated.is_none(), || {
            "the first policy is in force from the beginning and not by an activation".to_owned()
        })?;
        return ensure(bundle.signers() == [genesis.statement().key], || {
            "the first policy is not signed by the founder".to_owned()
        });
    };
    let before = previous.bundle.statement();
    authorize(&before.trust, bundle.signers(), Role::Govern)
        .map_err(|e| e.with_hint("a policy is changed by those whom the one before lets govern"))?;
    let before = (root_of(&previous.bundle), before);
    activation::check(before, bundle, link.activated.as_ref())?;
    check_forward(previous, link)
}

/// No journal is shorter when a policy takes effect than it was when the one before did.
fn check_forward(previous: &PolicyLink, link: &PolicyLink) -> Result<(), Error> {
    let (Some(before), Some(now)) = (&previous.activated, &link.activated) else {
        return Ok(());
    };
    let shorter = before.anchors.0.iter().find(|(name, anchor)| {
        matches!(anchor, Anchor::Journal { size, .. } if now.anchors.size(name) < *size)
    });
    match shorter {
        None => Ok(()),
        Some((name, _)) => super::mismatch(format!(
            "`{name}` was longer when the policy before took effect"
        )),
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
