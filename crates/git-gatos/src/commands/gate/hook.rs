//! `gatos gate hook`: what Git starts on the server.

use std::io::{self, BufReader, Write as _};

use clap::{Args, ValueEnum};
use gatos::gate::{Answer, Surroundings, pre_receive, proc_receive, reference_transaction};

use crate::context::directory;
use crate::failure::Exit;
use crate::output::visible_line;
use crate::{Failure, Report};

/// Longest line that whoever pushes is told, in characters.
const MAX_LINE_CHARS: usize = 300;

const EXAMPLES: &str = "\
Examples:
  exec gatos gate hook pre-receive           in a hook of a forge";

/// Answer one of Git's hooks, in the repository that one is in
///
/// `gatos gate install` writes the hooks that call this. It reads what Git says to a hook on standard input;
/// whatever goes wrong refuses the push.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Hook {
    /// The hook
    #[arg(value_enum)]
    name: Name,
}

/// A hook.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Name {
    PreReceive,
    ProcReceive,
    ReferenceTransaction,
}

impl Hook {
    pub(crate) fn run<'c>(&'c self) -> Result<Report<'c>, Failure> {
        let repository = directory()?;
        let variable = |name: &str| std::env::var_os(name);
        let around = Surroundings {
            repository,
            variable: &variable,
        };
        let mut input = BufReader::new(io::stdin().lock());
        let answered = match self.name {
            Name::PreReceive => pre_receive(&around, &mut input),
            Name::ProcReceive => proc_receive(&around, &mut input, &mut io::stdout().lock()),
            Name::ReferenceTransaction => reference_transaction(&around, &mut input),
        };
        let answer = answered.unwrap_or_else(|error| Answer {
            refused: true,
            lines: vec![format!("gatos: refused: {}", error.full_message())],
        });
        for line in &answer.lines {
            let line: String = visible_line(line).chars().take(MAX_LINE_CHARS).collect();
            // Whoever pushes may be gone.
            let _ = writeln!(io::stderr(), "{line}");
        }
        Ok(Report::silent(if answer.refused {
            Exit::Failed
        } else {
            Exit::Done
        }))
    }
}
