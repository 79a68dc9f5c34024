//! The next policy, as people hand it in: what is not given stays as it is.

use gatos_core::id::PolicyRoot;
use gatos_core::policy::{Bundle, Profile, Trust};
use gatos_core::statement::Statement as _;
use gatos_core::{cbor, cid::Cid};

use crate::error::{Context, Error, ErrorKind};
use crate::policy::read_program;
use crate::repository::Repository;
use crate::repository::ledger::Folder;
use crate::verify::ensure;

/// What is to change of the policy in force.
#[derive(Clone, Debug, Default)]
pub struct PolicyDraft {
    /// The compiled rules
    pub code: Option<Vec<u8>>,
    /// Who may do what
    pub trust: Option<Trust>,
    /// Limits and duties
    pub profile: Option<Profile>,
}

/// The next bundle before anybody signed it: its payload's block, its id, and its compiled rules.
#[derive(Clone, Debug)]
pub(super) struct NextPolicy {
    pub(super) payload: Vec<u8>,
    pub(super) root: PolicyRoot,
    pub(super) code: Vec<u8>,
}

impl NextPolicy {
    /// What somebody handed in as the next policy.
    pub(super) fn of(payload: Vec<u8>, code: Vec<u8>) -> Self {
        let root = Cid::of_dag_cbor(&payload).into();
        Self {
            payload,
            root,
            code,
        }
    }

    /// Check that this is the policy `root`, that it could follow the one in force, and that it changes
    /// something.
    pub(super) fn check(&self, repository: &Repository, root: &PolicyRoot) -> Result<(), Error> {
        let bundle = read_bundle(&self.payload)?;
        ensure(
            self.root == *root && bundle.code.cid().names(&self.code),
            || "another policy lies beside the proposal than it is about".to_owned(),
        )?;
        ensure(bundle.repo == repository.id(), || {
            "the proposed policy is of another repository".to_owned()
        })?;
        read_program(&self.code, || {
            "the proposed rules cannot be used".to_owned()
        })?;
        let (root, active) = repository.policy();
        if bundle.position != active.position.after(root.cid().into()) {
            let message = "the proposed policy follows another one than that in force";
            return Err(Error::new(ErrorKind::Refused, message).with_hint("propose it again"));
        }
        check_changes(active, &bundle)
    }
}

/// Check that a policy is another one than that in force.
fn check_changes(active: &Bundle, next: &Bundle) -> Result<(), Error> {
    let unchanged =
        next.code == active.code && next.trust == active.trust && next.profile == active.profile;
    if !unchanged {
        return Ok(());
    }
    let message = "this is the policy that is in force already";
    Err(Error::new(ErrorKind::Usage, message)
        .with_hint("`gatos trust show --toml` and `gatos profile show` print what to change"))
}

impl PolicyDraft {
    /// The bundle that follows the one in force.
    pub(super) fn next(&self, repository: &Repository) -> Result<NextPolicy, Error> {
        let (root, active) = repository.policy();
        let code = match &self.code {
            Some(code) => {
                let what = || "the proposed rules cannot be used".to_owned();
                read_program(code, what)?;
                code.clone()
            }
            None => active_code(repository)?,
        };
        let bundle = Bundle {
            repo: active.repo,
            position: active.position.after(root.cid().into()),
            code: Cid::of_dag_cbor(&code).into(),
            trust: self.trust.clone().unwrap_or_else(|| active.trust.clone()),
            profile: self
                .profile
                .clone()
                .unwrap_or_else(|| active.profile.clone()),
        };
        check_changes(active, &bundle)?;
        let payload = cbor::encode(&bundle.to_value());
        // What is proposed can be read again: the decoder's rules hold for it, too.
        read_bundle(&payload)?;
        Ok(NextPolicy::of(payload, code))
    }
}

/// A bundle's payload as a bundle.
pub(crate) fn read_bundle(payload: &[u8]) -> Result<Bundle, Error> {
    let wrong = || "the proposed policy is no policy bundle".to_owned();
    let value = cbor::decode(payload).or_mismatch(wrong)?;
    Bundle::from_value(value).or_mismatch(wrong)
}

/// The compiled rules in force.
fn active_code(repository: &Repository) -> Result<Vec<u8>, Error> {
    let name = crate::repository::ledger::ref_name(gatos_core::policy::ACTIVE_REF)?;
    let tip = repository
        .git()
        .find_ref(&name)
        .or_failed(|| format!("cannot read `{name}`"))?
        .ok_or_else(|| Error::new(ErrorKind::Incomplete, "there is no policy"))?;
    Folder::of_commit(repository.git(), tip)?.blob("code")
}
