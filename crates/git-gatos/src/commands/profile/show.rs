//! `gatos profile show`: limits and duties.

use clap::Args;
use gatos::profile::load;
use gatos::repository::ProfileView;

use crate::{Context, Failure, Report};

const EXAMPLES: &str = "\
Examples:
  gatos profile show                         the one in force here
  gatos profile show research                the one that comes with the program";

/// Show every setting of the profile in force, or of another
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// Another profile: default, research, or the path of one
    profile: Option<String>,
}

impl Show {
    pub(crate) fn run<'c>(&'c self, context: &'c Context) -> Result<Report<'c>, Failure> {
        Ok(Report::new(match &self.profile {
            Some(profile) => ProfileView::from(&load(profile)?),
            None => context.repository()?.profile(),
        }))
    }
}
