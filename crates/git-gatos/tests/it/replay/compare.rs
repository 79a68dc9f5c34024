//! Whether what was printed is what is shown, where identifiers and times differ.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

/// What varies from run to run. A group's name is its class: one never stands for another.
static VARIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?<cid>\bbaf[a-z2-7]{56}\b)
        | (?<ulid>\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b | \b[0-7][0-9a-hjkmnp-tv-z]{25}\b)
        | (?<hash>\b[0-9a-f]{64}\b)
        | (?<git>\b[0-9a-f]{40}\b)
        | (?<store>\b[0-9a-df-np-sv-z]{32}\b)
        | (?<digest>\bsha256-[A-Za-z0-9+/]{43}=)
        | (?<key>\bSHA256:[A-Za-z0-9+/]{43} | \bssh-ed25519\ [A-Za-z0-9+/]{68})
        | (?<time>\b20[0-9]{2}-[0-9]{2}-[0-9]{2}[\ T][0-9]{2}:[0-9]{2}:[0-9]{2})",
    )
    .unwrap()
});

/// The beginning of an identifier, as one types it.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\bbaf[a-z2-7]{6,55}\b|\b[0-7][0-9A-HJKMNP-TV-Z]{11,24}\b").unwrap()
});

/// Which identifier of the document stands for which one of this run.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    happened: BTreeMap<String, String>,
    shown: BTreeMap<String, String>,
}

impl Bindings {
    /// Compare what is shown with what was printed, and learn which identifier stands for which.
    pub(crate) fn compare(&mut self, shown: &[String], printed: &[String]) -> Result<(), String> {
        let trim = |line: &String| line.trim_end().to_owned();
        let (shown, printed) = (
            shown.iter().map(trim).collect::<Vec<_>>(),
            printed.iter().map(trim).collect::<Vec<_>>(),
        );
        if self.lines_match(&shown, &printed) {
            return Ok(());
        }
        let list = |mark: &str, lines: &[String]| {
            lines
                .iter()
                .map(|line| format!("  {mark} {line}\n"))
                .collect::<String>()
        };
        Err(list("-", &shown) + &list("+", &self.as_shown(&printed)))
    }

    fn lines_match(&mut self, shown: &[String], printed: &[String]) -> bool {
        match shown.split_first() {
            None => printed.is_empty(),
            Some((line, rest)) if line == "..." => {
                (0..=printed.len()).any(|skipped| self.lines_match(rest, &printed[skipped..]))
            }
            Some((line, rest)) => printed.split_first().is_some_and(|(first, others)| {
                self.line_matches(line, first) && self.lines_match(rest, others)
            }),
        }
    }

    /// Whether a line is as shown. What is learnt from a line that is not, is forgotten.
    fn line_matches(&mut self, shown: &str, printed: &str) -> bool {
        let Some((pattern, names)) = pattern_of(shown) else {
            return false;
        };
        let Some(found) = pattern.captures(printed) else {
            return false;
        };
        let mut learnt = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let value = found.get(index + 1).map_or("", |found| found.as_str());
            if class(name) != class(value) {
                return false;
            }
            let (name, value) = (canonical(name), canonical(value));
            let old = (self.happened.get(&name), self.shown.get(&value));
            match old {
                (None, None) => learnt.push((name, value)),
                (Some(old), _) if *old == value => {}
                // A time can be the same by chance.
                _ if name.starts_with("20") && name.contains(':') => {}
                _ => return false,
            }
        }
        for (name, value) in learnt {
            self.shown.insert(value.clone(), name.clone());
            self.happened.insert(name, value);
        }
        true
    }

    /// A command with the identifiers of this run, whole ones and beginnings.
    pub(crate) fn as_happened(&self, typed: &str) -> String {
        let whole = translate(typed, &VARIES, |text| look_up(&self.happened, text));
        translate(&whole, &PREFIX, |text| {
            let begin = canonical_prefix(text);
            let mut found = self
                .happened
                .iter()
                .filter(|(name, _)| name.starts_with(&begin));
            let value = found.next()?.1.get(..text.len())?;
            found.next().is_none().then(|| in_case_of(text, value))
        })
    }

    /// What was printed, with the identifiers of the document where they are known.
    pub(crate) fn as_shown(&self, printed: &[String]) -> Vec<String> {
        let lines = printed.iter();
        lines
            .map(|line| translate(line, &VARIES, |text| look_up(&self.shown, text)))
            .collect()
    }
}

fn look_up(map: &BTreeMap<String, String>, text: &str) -> Option<String> {
    map.get(&canonical(text))
        .map(|found| in_case_of(text, found))
}

/// ULIDs are the same in either case; everything else is as it is written.
fn canonical(text: &str) -> String {
    match class(text) {
        Some("ulid") => text.to_ascii_uppercase(),
        _ => text.to_owned(),
    }
}

/// As [`canonical`], of the beginning of an identifier: a CID's is in lower case anyway.
fn canonical_prefix(text: &str) -> String {
    if text.starts_with("baf") {
        text.to_owned()
    } else {
        text.to_ascii_uppercase()
    }
}

fn in_case_of(model: &str, text: &str) -> String {
    match class(text) {
        Some("ulid") if model.contains(|c: char| c.is_ascii_lowercase()) => {
            text.to_ascii_lowercase()
        }
        _ => text.to_owned(),
    }
}

fn translate(text: &str, what: &Regex, with: impl Fn(&str) -> Option<String>) -> String {
    let replace =
        |found: &regex::Captures<'_>| with(&found[0]).unwrap_or_else(|| found[0].to_owned());
    what.replace_all(text, replace).into_owned()
}

fn class(text: &str) -> Option<&'static str> {
    let found = VARIES.captures(text)?;
    [
        "cid", "ulid", "hash", "git", "store", "digest", "key", "time",
    ]
    .into_iter()
    .find(|name| found.name(name).is_some_and(|found| found.as_str() == text))
}

/// The pattern of a shown line, and the identifiers in it.
fn pattern_of(shown: &str) -> Option<(Regex, Vec<String>)> {
    let (mut pattern, mut names, mut end) = ("^".to_owned(), Vec::new(), 0);
    let literal = |text: &str| regex::escape(text).replace(r"\[\.\.\]", ".*?");
    for found in VARIES.find_iter(shown) {
        pattern.push_str(&literal(&shown[end..found.start()]));
        pattern.push_str("(.*?)");
        names.push(found.as_str().to_owned());
        end = found.end();
    }
    pattern.push_str(&literal(&shown[end..]));
    pattern.push('$');
    Some((Regex::new(&pattern).ok()?, names))
}

#[cfg(test)]
mod tests {
    //! Unit tests of comparing, and its negative controls.

    use super::Bindings;

    const A: &str = "bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bafyreibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn same(bindings: &mut Bindings, shown: &str, printed: &str) -> bool {
        bindings.compare(&lines(shown), &lines(printed)).is_ok()
    }

    #[test]
    fn an_identifier_stands_for_one_other_everywhere() {
        let mut bindings = Bindings::default();
        assert!(same(&mut bindings, &format!("a {A}."), &format!("a {B}.")));
        assert!(same(&mut bindings, &format!("b {A}"), &format!("b {B}")));
        assert!(!same(&mut bindings, &format!("b {A}"), &format!("b {A}")));
        assert!(!same(&mut bindings, &format!("b {B}"), &format!("b {B}")));
        assert!(!same(
            &mut bindings,
            &format!("b {A}"),
            "b 01ARZ3NDEKTSV4RRFFQ69G5FAV"
        ));
        assert_eq!(bindings.as_happened(&format!("x {A}")), format!("x {B}"));
        assert_eq!(bindings.as_happened("x bafyreiaaaa"), "x bafyreibbbb");
        assert_eq!(bindings.as_shown(&[format!("x {B}")]), [format!("x {A}")]);
    }

    #[test]
    fn what_differs_is_seen() {
        let check = |shown, printed| same(&mut Bindings::default(), shown, printed);
        assert!(check("a\nb", "a\nb"));
        assert!(!check("a\nb", "a\nc"));
        assert!(!check("a", "a\nb"));
        assert!(!check("a\nb", "a"));
        assert!(check("a\n...\nd", "a\nb\nc\nd"));
        assert!(!check("a\n...\nd", "a\nb\nc"));
        assert!(check("took [..] s", "took 1.5 s"));
        assert!(!check("took [..] s", "took 1.5 min"));
        assert!(!check("a.c", "abc"));
    }
}
