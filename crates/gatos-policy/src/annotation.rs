//! The metadata of a rule: a block of comments before it. `docs/spec/policy.md#metadata`.

use std::collections::BTreeSet;
use std::fmt;

use gatos_core::value::is_unsafe_to_show;

use crate::diagnostic::{At, Diagnostics};
use crate::format::Comment;
use crate::intent::Intents;

/// Longest id, in characters.
const MAX_ID_CHARS: usize = 64;
/// Longest text of another key, in characters.
const MAX_TEXT_CHARS: usize = 400;
const BEGIN: &str = "# METADATA";

/// What follows when a rule finds something against an intent.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The intent is denied
    Error,
    /// The decision says so, and stays as it is
    Warning,
}

impl Severity {
    /// The severity as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Error, Self::Warning]
            .into_iter()
            .find(|severity| severity.as_str() == text)
    }
}

/// The subjects that a rule is about: all, one, or all below a name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Everything; written by leaving it out
    Everything,
    /// All that begins with this, which ends in `/`; written `name/**`
    Below(String),
    /// Exactly this
    Exactly(String),
}

impl Scope {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let name = text.strip_suffix("**").unwrap_or(text);
        let below = name.len() < text.len();
        let whole = !name.is_empty() && !name.contains('*') && name.ends_with('/') == below;
        match (whole, below) {
            (false, _) => None,
            (true, true) => Some(Self::Below(name.to_owned())),
            (true, false) => Some(Self::Exactly(name.to_owned())),
        }
    }

    /// Whether `subject` is in it.
    #[must_use]
    pub fn has(&self, subject: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Below(prefix) => subject.starts_with(prefix.as_str()),
            Self::Exactly(name) => subject == name,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Below(prefix) => write!(f, "{prefix}**"),
            Self::Exactly(name) => f.write_str(name),
        }
    }
}

/// The metadata of one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Annotation {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) adr: String,
    pub(crate) message: String,
    pub(crate) severity: Severity,
    pub(crate) intents: Intents,
    pub(crate) scope: Scope,
}

/// A block of metadata in a module: where it begins, and the line that the rule must stand on.
#[derive(Clone, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) start: usize,
    pub(crate) rule_line: u32,
    lines: Vec<Comment<'a>>,
}

/// The blocks of metadata among `comments`.
pub(crate) fn blocks<'a>(comments: &[Comment<'a>]) -> Vec<Block<'a>> {
    let mut found: Vec<Block<'a>> = Vec::new();
    let mut open = false;
    for comment in comments {
        if comment.text == BEGIN {
            found.push(Block {
                start: comment.start,
                rule_line: comment.line.saturating_add(1),
                lines: Vec::new(),
            });
            open = true;
            continue;
        }
        match found.last_mut() {
            Some(block) if open && comment.line == block.rule_line => {
                block.rule_line = comment.line.saturating_add(1);
                block.lines.push(*comment);
            }
            _ => open = false,
        }
    }
    found
}

impl Block<'_> {
    /// Where the block begins, for messages.
    pub(crate) fn at<'a>(&self, module: &'a str, text: &'a str) -> At<'a> {
        at(module, text, self.start, BEGIN.len())
    }

    /// Read the block; what is wrong with it goes to `diagnostics`.
    pub(crate) fn read(
        &self,
        module: &str,
        text: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Annotation> {
        let mut reader = Reader {
            keys: Vec::new(),
            module,
            text,
            diagnostics,
            failed: false,
        };
        reader.lines(&self.lines);
        let annotation = reader.annotation(self.start);
        annotation.filter(|_| !reader.failed)
    }
}

const KEYS: [&str; 7] = [
    "title", "id", "adr", "message", "severity", "intent", "scope",
];

struct Reader<'a, 'd> {
    keys: Vec<(&'static str, String, usize, usize)>,
    module: &'a str,
    text: &'a str,
    diagnostics: &'d mut Diagnostics,
    failed: bool,
}

impl Reader<'_, '_> {
    fn lines(&mut self, lines: &[Comment<'_>]) {
        let mut custom = false;
        for line in lines {
            let content = line.text.strip_prefix('#').unwrap_or_default();
            let content = content.strip_prefix(' ').unwrap_or(content);
            let inner = content.starts_with("  ");
            let Some((key, value)) = content.trim().split_once(':') else {
                self.wrong(
                    line.start,
                    line.text.len(),
                    "a line of metadata is `key: value`",
                );
                continue;
            };
            let value = unquoted(value.trim());
            match (inner, key) {
                (false, "description") => custom = false,
                (false, "custom") if value.is_empty() => custom = true,
                (false, "title") => {
                    custom = false;
                    self.key("title", value, line);
                }
                (true, _) if custom => match KEYS.iter().skip(1).find(|known| **known == key) {
                    Some(known) => self.key(known, value, line),
                    None => self.unknown(line, key),
                },
                _ => self.unknown(line, key),
            }
        }
    }

    fn key(&mut self, key: &'static str, value: &str, line: &Comment<'_>) {
        let twice = self.keys.iter().any(|(known, ..)| *known == key);
        let long = value.chars().count() > MAX_TEXT_CHARS;
        if twice {
            self.wrong(line.start, line.text.len(), "this key is given twice");
        } else if value.is_empty() || long || value.chars().any(is_unsafe_to_show) {
            let message = format!("`{key}` has 1 to {MAX_TEXT_CHARS} characters, all visible");
            self.wrong(line.start, line.text.len(), &message);
        } else {
            let entry = (key, value.to_owned(), line.start, line.text.len());
            self.keys.push(entry);
        }
    }

    fn unknown(&mut self, line: &Comment<'_>, key: &str) {
        let at = at(self.module, self.text, line.start, line.text.len());
        let message = format!("metadata has no key `{key}` here");
        let help = "`title`, `description` and `custom:`; indented below `custom:` `id`, `adr`, \
                    `message`, `severity`, `intent` and, if wanted, `scope`";
        self.diagnostics
            .add_with_help(at, "metadata", (message, help));
        self.failed = true;
    }

    fn wrong(&mut self, start: usize, length: usize, message: &str) {
        let at = at(self.module, self.text, start, length);
        self.diagnostics.add(at, "metadata", message);
        self.failed = true;
    }

    fn take(&mut self, key: &'static str, start: usize) -> Option<(String, usize, usize)> {
        let found = self.keys.iter().find(|(known, ..)| *known == key);
        if let Some((_, value, at, length)) = found {
            return Some((value.clone(), *at, *length));
        }
        let message = format!("the metadata of this rule lacks `{key}`");
        self.wrong(start, BEGIN.len(), &message);
        None
    }

    fn annotation(&mut self, start: usize) -> Option<Annotation> {
        let title = self.take("title", start);
        let id = self.take("id", start);
        let adr = self.take("adr", start);
        let message = self.take("message", start);
        let severity = self.take("severity", start);
        let intents = self.take("intent", start);
        let (id, id_at, id_length) = id?;
        if !is_id(&id) {
            let message = "an id is made of `a-z`, `0-9` and `-`, and begins with a letter";
            self.wrong(id_at, id_length, message);
        }
        let (severity, severity_at, severity_length) = severity?;
        let severity = Severity::parse(&severity);
        if severity.is_none() {
            let message = "a severity is `error` or `warning`";
            self.wrong(severity_at, severity_length, message);
        }
        let (intents, intents_at, intents_length) = intents?;
        let intents = parse_intents(&intents);
        if intents.is_none() {
            let message = "`intent` is `*`, one of the intents, or a list of them: `[a, b]`";
            self.wrong(intents_at, intents_length, message);
        }
        let scope = match self.keys.iter().find(|(key, ..)| *key == "scope").cloned() {
            None => Some(Scope::Everything),
            Some((_, text, at, length)) => {
                let scope = Scope::parse(&text);
                if scope.is_none() {
                    let message = "a scope is a whole name, or a name followed by `/**`";
                    self.wrong(at, length, message);
                }
                scope
            }
        };
        Some(Annotation {
            id,
            title: title?.0,
            adr: adr?.0,
            message: message?.0,
            severity: severity?,
            intents: intents?,
            scope: scope?,
        })
    }
}

/// Whether `text` may be the id of a rule. Ids that begin with `gatos-` are the engine's own.
pub(crate) fn is_id(text: &str) -> bool {
    let tail = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.len() <= MAX_ID_CHARS
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(tail)
        && !text.starts_with("gatos-")
}

/// Whether `text` may be a title, message or link of a rule.
pub(crate) fn is_text(text: &str) -> bool {
    (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && !text.chars().any(is_unsafe_to_show)
}

pub(crate) fn parse_intents(text: &str) -> Option<Intents> {
    if text == "*" {
        return Some(Intents::Every);
    }
    let list = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let set: Option<BTreeSet<_>> = list.split(',').map(|t| t.trim().parse().ok()).collect();
    set.map(Intents::These)
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

fn at<'a>(module: &'a str, text: &'a str, start: usize, length: usize) -> At<'a> {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    At {
        module,
        text,
        start: offset(start),
        end: offset(start.saturating_add(length)),
    }
}
