//! What looks like a secret in what a run records, since evidence is made to be given away.

use std::fmt;

use gatos_nix::derivation::DrvFile;
use gatos_nix::nar::{self, Entry, Node};
use serde::Serialize;

/// Something that looks like a secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SecretView {
    /// Where it is, such as `the log, line 3`
    pub place: String,
    /// What it looks like
    pub what: &'static str,
}

impl fmt::Display for SecretView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, what } = self;
        write!(
            f,
            "{place} seems to hold {what}: think before you push refs/gatos/* or pack evidence"
        )
    }
}

/// How secrets begin, how many letters, digits, `_` and `-` follow at least, and what they are.
const MARKS: [(&str, usize, &str); 18] = [
    ("-----BEGIN PRIVATE KEY", 0, "a private key"),
    ("-----BEGIN RSA PRIVATE KEY", 0, "a private key"),
    ("-----BEGIN EC PRIVATE KEY", 0, "a private key"),
    ("-----BEGIN DSA PRIVATE KEY", 0, "a private key"),
    ("-----BEGIN ENCRYPTED PRIVATE KEY", 0, "a private key"),
    ("-----BEGIN OPENSSH PRIVATE KEY", 0, "a private SSH key"),
    ("-----BEGIN PGP PRIVATE KEY", 0, "a private OpenPGP key"),
    ("AGE-SECRET-KEY-1", 20, "a private age key"),
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("AIza", 35, "a key of Google's interfaces"),
    ("ghp_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 22, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("hf_", 34, "a token of Hugging Face"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
];

/// Words in the name of a variable whose value is probably secret.
const SECRET_NAMES: [&str; 6] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "PRIVATE_KEY",
];

/// Look through the environment and the arguments of a derivation.
pub(super) fn in_derivation(drv: &DrvFile) -> Vec<SecretView> {
    let mut found = Vec::new();
    for (name, value) in drv.environment() {
        let upper = name.to_ascii_uppercase();
        let named = SECRET_NAMES.iter().any(|word| upper.contains(word)) && !value.is_empty();
        let what = first(value).map(|(_, what)| what);
        if let Some(what) = what.or(named.then_some("a secret, by its name")) {
            let place = format!("the derivation, variable `{name}`");
            found.push(SecretView { place, what });
        }
    }
    let arguments = drv.arguments().iter().enumerate();
    found.extend(arguments.filter_map(|(index, argument)| {
        let (_, what) = first(argument.as_bytes())?;
        let place = format!("the derivation, argument {}", index + 1);
        Some(SecretView { place, what })
    }));
    found
}

/// Look through something that was printed or written.
pub(super) fn in_bytes(name: &str, bytes: &[u8]) -> Option<SecretView> {
    let (at, what) = first(bytes)?;
    let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    let place = format!("{name}, line {line}");
    Some(SecretView { place, what })
}

/// Look through the files of an archive, the first of each.
pub(super) fn in_archive(name: &str, archive: &[u8]) -> Vec<SecretView> {
    let position = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let file = |entry: &Entry| {
        let Node::Regular { offset, size, .. } = entry.node else {
            return None;
        };
        let (begin, end) = (position(offset), position(offset.saturating_add(size)));
        let place = match entry.path.as_os_str().is_empty() {
            true => name.to_owned(),
            false => format!("{name}, file {}", entry.path.display()),
        };
        in_bytes(&place, archive.get(begin..end)?)
    };
    let entries = nar::list(&mut &*archive).unwrap_or_default();
    entries.iter().filter_map(file).collect()
}

/// The first thing that looks like a secret, and where it begins.
fn first(bytes: &[u8]) -> Option<(usize, &'static str)> {
    (0..bytes.len()).find_map(|at| Some((at, mark_at(bytes, at)?)))
}

fn mark_at(bytes: &[u8], at: usize) -> Option<&'static str> {
    if !matches!(bytes[at], b'-' | b'A' | b'g' | b'h' | b'x') {
        return None;
    }
    // In the middle of a longer word it is a coincidence, as in text that is encoded.
    if at > 0 && bytes[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let rest = &bytes[at..];
    let matching = |(prefix, tail, what): &(&str, usize, &'static str)| {
        let after = rest.strip_prefix(prefix.as_bytes())?;
        let follows = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (after.iter().take(*tail).filter(follows).count() == *tail).then_some(*what)
    };
    MARKS.iter().find_map(matching)
}

#[cfg(test)]
mod tests {
    use super::in_bytes;

    #[test]
    fn j14_what_looks_like_a_secret_is_found_and_what_does_not_is_not() {
        let canary = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";
        let cases = [
            ("-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned(), true),
            (format!("a\nb\ntoken: ghp_{canary}\n"), true),
            (format!("key=AKIA{}", "ABCDEFGHIJKLMNOP"), true),
            (format!("glpat-{canary}"), true),
            (format!("\"AGE-SECRET-KEY-1{canary}\""), true),
            // The controls.
            ("-----BEGIN PUBLIC KEY-----\n".to_owned(), false),
            ("ghp_short".to_owned(), false),
            (format!("xghp_{canary}"), false),
            ("AKIA and so on".to_owned(), false),
            (String::new(), false),
        ];
        for (text, expect) in cases {
            let found = in_bytes("x", text.as_bytes());
            assert_eq!(found.is_some(), expect, "{text}");
        }
        let found = in_bytes("the log", format!("a\nb\nghp_{canary}").as_bytes());
        assert_eq!(found.unwrap().place, "the log, line 3");
    }
}
