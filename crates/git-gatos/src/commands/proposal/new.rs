//! `gatos proposal new`: say what should be done, exactly.

use std::path::PathBuf;

use clap::Args;
use gatos::daemon;
use gatos::governance::{Draft, PolicyDraft, Subject, Use, What, event_subject, read_trust};

use crate::arguments::{DaemonArguments, KeyArguments};
use crate::commands::policy::program_of;
use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos proposal new 'Carol joins the leads' --trust trust.toml
  gatos proposal new 'Two PIs for the plan' --policy policy
  gatos proposal new 'Larger outputs are kept' --profile profile.toml --reason 'movies'
  gatos proposal new 'The second analysis' --commit 3f1c2d4e5f60718293a4b5c6d7e8f90123456789
  gatos proposal new 'Release 1' --update refs/heads/release --new 3f1c2d4e5f60718293a4b5c6d7e8f90123456789
  gatos proposal new 'Two more samples' --event amendment.json
  gatos proposal new 'This plan' --content bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy";

/// Say what should be done
///
/// A proposal is bound to exact content: the next policy, a commit, one move of a ref, or anything
/// that has a content id. What it takes to grant it is for the policy in force to say.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct New {
    /// What it is, in one line
    title: String,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    what: WhatArguments,
    /// The grant may be used until this time, in milliseconds since 1970; without it, once
    #[arg(long, value_name = "TIME")]
    until: Option<i64>,
    #[command(flatten)]
    daemon: DaemonArguments,
    #[command(flatten)]
    key: KeyArguments,
}

/// What is proposed.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub(crate) struct WhatArguments {
    /// Another trust: a file as `gatos trust show --toml` prints it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["update", "commit", "content"])]
    trust: Option<PathBuf>,
    /// Other rules: a folder of `.rgs` files, a file `.rgc`, or a template
    #[arg(long, value_name = "POLICY", conflicts_with_all = ["update", "commit", "content"])]
    policy: Option<PathBuf>,
    /// Another profile: `default`, `research`, or a file
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["update", "commit", "content"])]
    profile: Option<String>,
    /// Moving this ref, by its full name
    #[arg(long, value_name = "REF", requires = "new", conflicts_with_all = ["commit", "content"])]
    update: Option<String>,
    /// With --update: the object id from which it moves; without it the ref is new
    #[arg(long, value_name = "ID", requires = "update")]
    old: Option<String>,
    /// With --update: the object id to which it moves
    #[arg(long, value_name = "ID", requires = "update")]
    new: Option<String>,
    /// A commit, by its object id
    #[arg(long, value_name = "ID", conflicts_with = "content")]
    commit: Option<String>,
    /// Anything that has a content id
    #[arg(long, value_name = "CID")]
    content: Option<String>,
    /// An event with the payload in this file, as JSON; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["trust", "policy", "profile", "update", "commit", "content"])]
    event: Option<PathBuf>,
}

impl New {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        let repository = context.repository()?;
        let draft = Draft {
            title: self.title.clone(),
            reason: self.reason.clone(),
            what: self.what.read(context)?,
            uses: self.until.map_or(Use::Single, Use::Until),
        };
        let signer = context.signer(&self.key)?;
        let socket = self.daemon.socket(repository);
        let through = (repository, socket.as_deref());
        Ok(Report::new(daemon::propose(through, draft, &*signer)?))
    }
}

impl WhatArguments {
    fn read(&self, context: &Context) -> Result<What, Failure> {
        if let (Some(reference), Some(new)) = (&self.update, &self.new) {
            return Ok(What::Other(Subject::Update {
                reference: reference.clone(),
                old: self.old.clone(),
                new: new.clone(),
            }));
        }
        if let Some(id) = &self.commit {
            return Ok(What::Other(Subject::Commit(id.clone())));
        }
        if let Some(text) = &self.content {
            let cid = text
                .parse()
                .map_err(|error| Failure::usage(format!("`{text}` is no content id: {error}")))?;
            return Ok(What::Other(Subject::Content(cid)));
        }
        if let Some(file) = &self.event {
            return Ok(What::Other(event_subject(&context.read_text(file)?)?));
        }
        let mut draft = PolicyDraft::default();
        if let Some(file) = &self.trust {
            let text = context.read_text(file)?;
            draft.trust = Some(read_trust(&text, &file.display().to_string())?);
        }
        if let Some(policy) = &self.policy {
            let program = program_of(Some(policy), context)?;
            draft.code = Some(program.to_rgc().to_vec());
        }
        if let Some(choice) = &self.profile {
            draft.profile = Some(gatos::profile::load(choice)?);
        }
        Ok(What::Policy(Box::new(draft)))
    }
}
