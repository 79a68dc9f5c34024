//! Colours: which there are, and when they are used.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

/// When output is coloured
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl When {
    /// Whether what goes to `stream` is coloured.
    pub(crate) fn applies_to(self, stream: &impl IsTerminal) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                stream.is_terminal() && !is_set("NO_COLOR") && !dumb
            }
        }
    }
}

/// What a piece of text means, and so how it looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Tone {
    /// Nothing special
    #[default]
    Plain,
    /// A heading
    Strong,
    /// Present, but not what one looks for
    Faint,
    /// As it should be
    Good,
    /// To be noticed
    Warning,
    /// Not as it should be
    Bad,
}

impl Tone {
    /// The escape sequences around text of this tone.
    pub(crate) fn style(self) -> Style {
        let color = |color: AnsiColor| color.on_default();
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Good => color(AnsiColor::Green),
            Self::Warning => color(AnsiColor::Yellow),
            Self::Bad => color(AnsiColor::Red).bold(),
        }
    }
}
