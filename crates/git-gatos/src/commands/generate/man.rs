//! `gatos generate man`: the manual, one page for each command.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Exit;
use crate::manual::pages;
use crate::{Failure, Report};

/// Write the manual, one page for each command, into a folder
#[derive(Args, Clone, Debug)]
pub(crate) struct Man {
    /// The folder, such as `share/man/man1`; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self) -> Result<Report<'static>, Failure> {
        let named = |error: std::io::Error| {
            let shown = self.folder.display();
            Failure::new(
                Exit::Failed,
                format!("cannot write into `{shown}`: {error}"),
            )
        };
        std::fs::create_dir_all(&self.folder).map_err(named)?;
        for (name, page) in pages()? {
            std::fs::write(self.folder.join(name), page).map_err(named)?;
        }
        Ok(Report::nothing())
    }
}
