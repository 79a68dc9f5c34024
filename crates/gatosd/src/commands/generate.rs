//! `gatosd generate`: what a package ships beside the program. Hidden: packagers call it.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{CommandFactory as _, Subcommand};
use clap_complete::Shell;
use clap_mangen::Man;
use gatos::ErrorKind;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// Generate what a package ships beside the program
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Generate {
    /// Write the manual, one page for each command, into a folder
    Man {
        /// The folder, such as `share/man/man8`; made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Print the completion script of a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

impl Generate {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Man { folder } => {
                let shown = folder.display();
                write_manual(folder).map_err(|error| {
                    let message = format!("cannot write into `{shown}`: {error}");
                    Failure::new(ErrorKind::Failed, message)
                })
            }
            Self::Completion { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(*shell, &mut visible(), "gatosd", &mut script);
                // Whoever closed the pipe has seen enough.
                let _ = std::io::stdout().write_all(&script);
                Ok(())
            }
        }
    }
}

/// The tree without the commands that are hidden.
fn visible() -> clap::Command {
    let command = Arguments::command();
    let shown: Vec<_> = command
        .get_subcommands()
        .filter(|child| !child.is_hide_set())
        .cloned()
        .collect();
    clap::Command::new("gatosd")
        .version(env!("CARGO_PKG_VERSION"))
        .about(command.get_about().cloned().unwrap_or_default())
        .long_about(command.get_long_about().cloned().unwrap_or_default())
        .disable_help_subcommand(true)
        .args(command.get_arguments().cloned().collect::<Vec<_>>())
        .subcommands(shown)
}

/// One page for the program and one for each command; without a date, so that the same program
/// always has the same manual.
fn write_manual(folder: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut root = visible();
    root.build();
    let pages = std::iter::once(root.clone()).chain(root.get_subcommands().cloned());
    for command in pages {
        let name = command.get_bin_name().unwrap_or("gatosd").replace(' ', "-");
        let man = Man::new(command.display_name(&name))
            .section("8")
            // An empty date would move every field after it.
            .date(concat!("gatos ", env!("CARGO_PKG_VERSION")))
            .source(concat!("gatos ", env!("CARGO_PKG_VERSION")))
            .manual("GATOS Manual");
        let mut page = Vec::new();
        man.render(&mut page)?;
        std::fs::write(folder.join(format!("{name}.8")), page)?;
    }
    Ok(())
}
