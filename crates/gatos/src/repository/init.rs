//! `gatos init`: the genesis statement and the first policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gatos_core::genesis::Genesis;
use gatos_core::id::RepoId;
use gatos_core::keys::Signer;
use gatos_core::name::ActorName;
use gatos_core::policy::{ACTIVE_REF, Actor, Bundle, Profile, Role, Trust, empty_code};
use gatos_core::statement::{Position, Signed};
use gatos_git::Message;
use gatos_policy::Program;

use super::ledger::ref_name;
use super::publication::{Content, Publication};
use super::{Repository, open_git};
use crate::clock::random;
use crate::error::{Context, Error, ErrorKind};
use crate::profile;

/// What a repository begins with.
pub struct Options<'a> {
    /// The founder's name
    pub actor: ActorName,
    /// `default`, `research`, or the path of a profile
    pub profile: &'a str,
    /// The founder's key
    pub signer: &'a dyn Signer,
    /// The rules of the first policy; none if not given
    pub rules: Option<&'a Program>,
}

/// What `init` made.
#[derive(Clone, Debug, serde::Serialize)]
pub struct InitReport {
    /// The repository's id
    pub repo: String,
    /// The founder's name
    pub actor: String,
    /// Fingerprint of the founder's key, as `ssh-keygen -l` prints it
    pub fingerprint: String,
    /// The first policy
    pub policy_root: String,
    /// The name of its profile
    pub profile: String,
    /// Number of rules that decide
    pub rules: usize,
    /// The file of the key, if Git has it or would take it; for whoever knows where the key is to say
    pub exposed_key: Option<PathBuf>,
}

/// Whether [`init`] would get as far as signing, so that no key is made for a history that cannot
/// begin. Nothing is written.
///
/// # Errors
/// No Git repository, one that has GATOS history already, or a bad profile.
pub fn can_begin(path: &Path, profile: &str) -> Result<(), Error> {
    prepare(path, profile).map(drop)
}

/// Begin GATOS history in the Git repository that `path` is in.
///
/// # Errors
/// No Git repository, one that has GATOS history already, a bad profile, or a signer that fails.
pub fn init(path: &Path, options: &Options<'_>) -> Result<InitReport, Error> {
    let (git, profile) = prepare(path, options.profile)?;
    let active = ref_name(ACTIVE_REF)?;
    let key = options.signer.public_key();
    let cannot_sign = || "the key does not sign".to_owned();
    let genesis = Genesis {
        actor: options.actor.clone(),
        key,
        nonce: random()?,
    };
    let genesis = Signed::seal(genesis, options.signer).or_failed(cannot_sign)?;
    // Without rules there is nothing that an engine would have to know.
    let (code_block, code) = options
        .rules
        .map_or_else(empty_code, |rules| (rules.to_rgc().to_vec(), rules.root()));
    let founder = Actor {
        groups: BTreeSet::new(),
        keys: [key].into(),
        roles: Role::ALL.into(),
    };
    let trust = Trust::new(BTreeMap::from([(options.actor.clone(), founder)]))
        .ok_or_else(|| Error::new(ErrorKind::Failed, "one actor cannot share a key"))?;
    let profile_name = profile.name.clone();
    let bundle = Bundle {
        repo: RepoId::from(genesis.id().cid()),
        position: Position::first(ACTIVE_REF.to_owned()),
        code,
        trust,
        profile,
    };
    let bundle = Signed::seal(bundle, options.signer).or_failed(cannot_sign)?;
    let message = Message::new("policy: begin the history of this repository")
        .with_trailer("Gatos-Repo", &genesis.id().to_string())
        .with_trailer("Gatos-Policy", &bundle.id().to_string());
    let durability = gatos_git::Durability::Durable;
    let mut publication = Publication::with(&git, durability);
    let contents = vec![
        ("bundle", Content::Bytes(bundle.envelope().encode())),
        ("code", Content::Bytes(code_block)),
        ("genesis", Content::Bytes(genesis.envelope().encode())),
    ];
    let commit = publication.commit(contents, None, &message)?;
    let by_id = ref_name(&format!("refs/gatos/policies/bundles/{}", bundle.id()))?;
    publication.update(active, None, commit);
    publication.update(by_id, None, commit);
    publication.publish_or_fail()?;
    // Where it cannot be said, pushing takes longer, and that is all.
    let _ = gatos_git::pack_batches_whole(&git);
    // What was written is what will be read.
    let repository = Repository::discover(path)?;
    Ok(InitReport {
        repo: repository.id().to_string(),
        actor: options.actor.to_string(),
        fingerprint: key.fingerprint().to_string(),
        policy_root: repository.policy().0.to_string(),
        profile: profile_name,
        rules: options.rules.map_or(0, |rules| rules.rules().len()),
        exposed_key: None,
    })
}

/// The Git repository, which has no GATOS history yet, and the profile.
fn prepare(path: &Path, profile: &str) -> Result<(gatos_git::Repository, Profile), Error> {
    let git = open_git(path)?;
    let active = ref_name(ACTIVE_REF)?;
    let found = git.find_ref(&active);
    if found
        .or_failed(|| format!("cannot read `{active}`"))?
        .is_some()
    {
        let shown = git.git_dir().display();
        return Err(Error::new(
            ErrorKind::Usage,
            format!("`{shown}` has GATOS history already"),
        )
        .with_hint("`gatos status` shows it"));
    }
    Ok((git, profile::load(profile)?))
}
