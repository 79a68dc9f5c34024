//! How far long work is, on standard error: a bar on a terminal, and lines elsewhere once the work
//! has lasted for a while.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use gatos::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::visible;

/// How long work may last in silence where there is no terminal, and how often it is reported then.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a bar moves by itself.
const TICK: Duration = Duration::from_millis(120);

/// Somebody who watches long work.
pub(crate) struct Watcher(Manner);

enum Manner {
    Silent,
    Bar(ProgressBar),
    Lines(Lines),
}

/// What lines need to know: the step, and when it was last mentioned.
struct Lines {
    what: String,
    total: Option<u64>,
    done: u64,
    mentioned: Instant,
}

impl Watcher {
    /// Nobody watches.
    pub(crate) const fn silent() -> Self {
        Self(Manner::Silent)
    }

    /// Somebody watches standard error.
    pub(crate) fn on_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self(Manner::Bar(ProgressBar::hidden()))
        } else {
            Self(Manner::Lines(Lines {
                what: String::new(),
                total: None,
                done: 0,
                mentioned: Instant::now(),
            }))
        }
    }
}

impl Progress for Watcher {
    fn begin(&mut self, what: &str, total: Option<u64>) {
        let what = visible::line(what).into_owned();
        match &mut self.0 {
            Manner::Silent => {}
            Manner::Bar(bar) => {
                bar.finish_and_clear();
                *bar = new_bar(total).with_message(what);
                bar.enable_steady_tick(TICK);
            }
            Manner::Lines(lines) => {
                *lines = Lines {
                    what,
                    total,
                    done: 0,
                    mentioned: Instant::now(),
                };
            }
        }
    }

    fn advance(&mut self, by: u64) {
        match &mut self.0 {
            Manner::Silent => {}
            Manner::Bar(bar) => bar.inc(by),
            Manner::Lines(lines) => {
                lines.done = lines.done.saturating_add(by);
                if lines.mentioned.elapsed() >= PATIENCE {
                    lines.mentioned = Instant::now();
                    eprintln!("{}", lines.position());
                }
            }
        }
    }

    fn note(&mut self, line: &str) {
        let line = visible::line(line);
        match &mut self.0 {
            Manner::Silent => {}
            Manner::Bar(bar) => bar.println(format!("  {line}")),
            Manner::Lines(lines) => {
                if lines.mentioned.elapsed() >= PATIENCE {
                    eprintln!("{}: {line}", lines.what);
                }
            }
        }
    }

    fn end(&mut self) {
        if let Manner::Bar(bar) = &mut self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.end();
    }
}

impl Lines {
    fn position(&self) -> String {
        match self.total {
            Some(total) => format!("{}: {} of {total}", self.what, self.done),
            None => format!("{}: {}", self.what, self.done),
        }
    }
}

fn new_bar(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{spinner} {msg} {wide_bar} {human_pos}/{human_len} {eta}",
        None => "{spinner} {msg} {elapsed}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| {
        // The templates are constants; without one a plain bar is as good.
        ProgressStyle::default_bar()
    });
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style)
}

#[cfg(test)]
mod tests {
    //! Unit tests of progress.

    use super::{Lines, new_bar};

    #[test]
    fn the_templates_are_valid() {
        for total in [None, Some(7)] {
            assert_eq!(new_bar(total).length(), total);
        }
    }

    #[test]
    fn a_line_says_what_and_how_far() {
        let mut lines = Lines {
            what: "events".into(),
            total: Some(10),
            done: 3,
            mentioned: std::time::Instant::now(),
        };
        assert_eq!(lines.position(), "events: 3 of 10");
        lines.total = None;
        assert_eq!(lines.position(), "events: 3");
    }
}
