//! What the program prints: every report and every failure, in one place.

pub(crate) mod human;
mod json;
mod page;
mod progress;
mod style;
mod visible;

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::arguments::Shared;
use crate::failure::{Exit, Failure};

pub(crate) use self::json::failure as failure_as_json;
pub(crate) use self::page::{Ink, Mark, Page};
pub(crate) use self::progress::Watcher;
pub(crate) use self::style::{Tone, When};
pub(crate) use self::visible::line as visible_line;

/// What a person sees of a report.
pub(crate) trait Human {
    /// Write all of it.
    fn show(&self, page: &mut Page);

    /// Write what is still wanted under `--quiet`: of an answer everything, of an action its ids.
    fn show_quiet(&self, page: &mut Page) {
        self.show(page);
    }
}

/// A report that can be shown to a person and to a program.
pub(crate) trait View: Human {
    /// The JSON document, on one line.
    ///
    /// # Errors
    /// What JSON cannot hold.
    fn to_json(&self) -> Result<String, serde_json::Error>;
}

impl<T: Human + Serialize> View for T {
    fn to_json(&self) -> Result<String, serde_json::Error> {
        json::document(self)
    }
}

/// Where a stream puts each item as soon as it is found.
pub(crate) type Sink<'s> = dyn FnMut(&dyn View) -> Result<(), Failure> + 's;

/// What finds the items of a stream.
type Stream<'c> = Box<dyn FnOnce(&mut Sink<'_>) -> Result<(), Failure> + 'c>;

/// What a command has to say, and how it ended.
pub(crate) struct Report<'c> {
    body: Body<'c>,
    exit: Exit,
}

enum Body<'c> {
    Document(Box<dyn View + 'c>),
    Stream(Stream<'c>, Pace),
    Bytes(Vec<u8>),
    Nothing,
}

/// When somebody gets to see an item of a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pace {
    /// When the buffer is full, or at the end
    Buffered,
    /// At once
    Live,
}

impl<'c> Report<'c> {
    /// A report of a command that did what it was asked to.
    pub(crate) fn new(view: impl View + 'c) -> Self {
        Self::ending(Exit::Done, view)
    }

    /// A report that itself says how the command ended.
    pub(crate) fn ending(exit: Exit, view: impl View + 'c) -> Self {
        Self {
            body: Body::Document(Box::new(view)),
            exit,
        }
    }

    /// Items, one after the other.
    pub(crate) fn stream(find: impl FnOnce(&mut Sink<'_>) -> Result<(), Failure> + 'c) -> Self {
        Self {
            body: Body::Stream(Box::new(find), Pace::Buffered),
            exit: Exit::Done,
        }
    }

    /// Items, each printed as soon as it is there.
    pub(crate) fn live(find: impl FnOnce(&mut Sink<'_>) -> Result<(), Failure> + 'c) -> Self {
        Self {
            body: Body::Stream(Box::new(find), Pace::Live),
            exit: Exit::Done,
        }
    }

    /// Bytes that are printed as they are: a file's content.
    pub(crate) const fn bytes(bytes: Vec<u8>) -> Self {
        Self {
            body: Body::Bytes(bytes),
            exit: Exit::Done,
        }
    }

    /// Nothing to say.
    pub(crate) const fn nothing() -> Self {
        Self::silent(Exit::Done)
    }

    /// Nothing to say but how the command ended.
    pub(crate) const fn silent(exit: Exit) -> Self {
        Self {
            body: Body::Nothing,
            exit,
        }
    }
}

/// For whom the output is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Format {
    Human,
    Quiet,
    Json,
}

/// Where and how output is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    out: Ink,
    err: Ink,
}

impl Output {
    /// As the shared arguments ask.
    pub(crate) fn new(shared: &Shared) -> Self {
        let ink = |colours| if colours { Ink::Coloured } else { Ink::Plain };
        Self {
            format: match (shared.json, shared.quiet) {
                (true, _) => Format::Json,
                (false, true) => Format::Quiet,
                (false, false) => Format::Human,
            },
            quiet: shared.quiet,
            out: ink(shared.color.applies_to(&io::stdout())),
            err: ink(shared.color.applies_to(&io::stderr())),
        }
    }

    /// Who tells how far long work is.
    pub(crate) fn progress(&self) -> Watcher {
        if self.quiet {
            Watcher::silent()
        } else {
            Watcher::on_stderr()
        }
    }

    /// Print a report; the exit code is the report's, whether or not anybody read it to its end.
    pub(crate) fn show(&self, report: Report<'_>) -> ExitCode {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = match report.body {
            Body::Document(view) => self.write_view(&mut out, &*view),
            Body::Stream(find, pace) => find(&mut |view| {
                self.write_view(&mut out, view)?;
                match pace {
                    Pace::Buffered => Ok(()),
                    Pace::Live => Ok(out.flush()?),
                }
            }),
            Body::Bytes(bytes) => write_bytes(&mut out, &bytes).map_err(Failure::from),
            Body::Nothing => Ok(()),
        };
        match written.and_then(|()| out.flush().map_err(Failure::from)) {
            Ok(()) => report.exit.into(),
            Err(failure) if failure.is_broken_pipe() => report.exit.into(),
            Err(failure) => {
                // What was found before is still worth reading.
                let _ = out.flush();
                self.fail(&failure)
            }
        }
    }

    /// Print a failure.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        let text = match self.format {
            Format::Json => json::failure(failure),
            Format::Human | Format::Quiet => {
                let mut page = Page::new(self.err);
                failure.show(&mut page);
                page.into_text()
            }
        };
        // Nobody is left to tell that standard error is closed.
        let _ = io::stderr().write_all(text.as_bytes());
        failure.exit().into()
    }

    fn write_view(&self, out: &mut impl Write, view: &dyn View) -> Result<(), Failure> {
        let mut page = Page::new(self.out);
        let text = match self.format {
            Format::Json => view.to_json().map_err(Failure::from)?,
            Format::Human => {
                view.show(&mut page);
                page.into_text()
            }
            Format::Quiet => {
                view.show_quiet(&mut page);
                page.into_text()
            }
        };
        out.write_all(text.as_bytes())?;
        Ok(())
    }
}

/// Bytes as they are; on a terminal, made safe to look at.
fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if io::stdout().is_terminal() {
        let text = String::from_utf8_lossy(bytes);
        out.write_all(visible::block(&text).as_bytes())
    } else {
        out.write_all(bytes)
    }
}
