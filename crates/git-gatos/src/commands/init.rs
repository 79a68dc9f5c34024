//! `gatos init`: begin GATOS history in a Git repository.

use std::path::{Path, PathBuf};

use clap::Args;
use gatos::ActorName;
use gatos::policy::{self, load_program};
use gatos::repository::{Options, can_begin, init, likely_name};
use gatos::signer::{self, OpenSigner, Origin};

use crate::arguments::KeyArguments;
use crate::context::directory;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos init                                 sign with ~/.ssh/id_ed25519
  gatos init --key agent                     sign with the key in ssh-agent
  gatos init --new-key ~/.ssh/gatos          make a key for this
  gatos init --actor alice --profile research
  gatos init --policy policy                 with the rules of a folder";

/// Begin GATOS history in this Git repository
///
/// Writes and signs the genesis statement, whose id is the repository's, and the first policy: the
/// founder may do everything, and the profile sets limits and duties. Nothing in the working tree
/// is touched; the history is in refs/gatos/. A key that was chosen here is the repository's from
/// now on (the Git setting `gatos.signingKey`).
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Init {
    /// The founder's name in this history; your user name if not given
    #[arg(long, value_name = "NAME")]
    actor: Option<ActorName>,
    /// Limits and duties: default, research, or the path of a profile
    #[arg(long, value_name = "PROFILE", default_value = "default")]
    profile: String,
    /// Rules of the first policy: a folder of `.rgs` files, a file `.rgc`, or one of the templates
    /// minimal, research, regulated; none if not given
    #[arg(long, value_name = "POLICY")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArguments,
    /// Make a new key in this file, and sign with it
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    new_key: Option<PathBuf>,
}

impl Init {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let no_repository = || {
            Err(gatos::Error::new(
                gatos::ErrorKind::Usage,
                "there is no policy in force yet",
            ))
        };
        let named = self.policy.clone().map(policy::Origin::Named);
        let rules = named
            .map(|origin| load_program(&origin, no_repository))
            .transpose()?;
        let folder = directory()?;
        // Everything that can be known beforehand, before a key is made that nobody uses.
        can_begin(&folder, &self.profile)?;
        let actor = self.actor(&folder)?;
        let signer = match &self.new_key {
            Some(path) => signer::create(path)?,
            None => context.signer(&self.key)?,
        };
        let options = Options {
            actor,
            profile: &self.profile,
            signer: &*signer,
            rules: rules.as_ref(),
        };
        let mut report = init(&folder, &options)?;
        report.exposed_key = signer::exposed_file(&folder, &signer);
        if self.new_key.is_some() || self.key.key.is_some() {
            signer::remember(&folder, &selector(&signer)?)?;
        }
        Ok(Report::new(report))
    }

    /// The name given, or the one that the system has for whoever typed this.
    fn actor(&self, folder: &Path) -> Result<ActorName, Failure> {
        if let Some(actor) = &self.actor {
            return Ok(actor.clone());
        }
        let user = std::env::var("USER").unwrap_or_default();
        user.to_lowercase().parse().map_err(|_| {
            let likely = likely_name(folder, &user);
            let name = likely.as_ref().map_or("your-name", ActorName::as_str);
            Failure::usage("there is no name for you: say how this history shall call you").hint(
                format!(
                    "`{} --actor {name}`; a name is lower-case letters, digits, `.`, `_`, `-`",
                    self.typed()
                ),
            )
        })
    }

    /// The command with the key that was asked for, to be typed once more.
    fn typed(&self) -> String {
        match (&self.new_key, &self.key.key) {
            (Some(path), _) => format!("gatos init --new-key {}", path.display()),
            (None, Some(key)) => format!("gatos init --key {key}"),
            (None, None) => "gatos init".to_owned(),
        }
    }
}

/// How the key is named from any folder and at any time.
fn selector(signer: &OpenSigner) -> Result<String, Failure> {
    match signer.origin() {
        Origin::File { path } => {
            let cannot = |error| Failure::usage(format!("`{}`: {error}", path.display()));
            let path = path.canonicalize().map_err(cannot)?;
            Ok(path.to_string_lossy().into_owned())
        }
        Origin::Agent { .. } => Ok(format!("agent:{}", signer.public_key().fingerprint())),
    }
}
