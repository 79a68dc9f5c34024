//! What the daemon tells whoever runs it: one line on standard error for each thing.

use std::fmt::Display;

use gatos::{Value, json, now_ms};

/// How much a line matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    Info,
    Warning,
    Error,
}

/// Where lines go, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    json: bool,
}

impl Log {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn info(&self, what: &str, about: &[(&str, &dyn Display)]) {
        self.line(Level::Info, what, about);
    }

    pub(crate) fn warning(&self, what: &str, about: &[(&str, &dyn Display)]) {
        self.line(Level::Warning, what, about);
    }

    pub(crate) fn error(&self, what: &str, about: &[(&str, &dyn Display)]) {
        self.line(Level::Error, what, about);
    }

    fn line(&self, level: Level, what: &str, about: &[(&str, &dyn Display)]) {
        let word = match level {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        // Written by hand so that fields stay in order; texts are escaped as JSON in both forms.
        let text = |value: &dyn Display| json::to_string(&Value::text(value.to_string()));
        let mut line = if self.json {
            format!(
                "{{\"time_ms\":{},\"level\":\"{word}\",\"event\":{}",
                now_ms(),
                text(&what)
            )
        } else {
            format!("gatosd: {word}: {what}")
        };
        for (name, value) in about {
            line.push_str(&if self.json {
                format!(",\"{name}\":{}", text(value))
            } else {
                format!(" {name}={}", text(value))
            });
        }
        if self.json {
            line.push('}');
        }
        eprintln!("{line}");
    }
}
