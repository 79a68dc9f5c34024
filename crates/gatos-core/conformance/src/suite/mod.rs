//! Every vector read, computed again and compared with what stands beside it.

mod bytes;
mod decimal;
mod echolua;
mod keys;
mod merkle;
mod signed;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gatos_core::cid::Cid;
use gatos_core::json;
use gatos_core::value::{Map, Value};
use sha2::{Digest as _, Sha256};

/// What came out of all vectors.
#[derive(Default)]
pub(crate) struct Report {
    /// The results of each file, in the order of its cases
    files: BTreeMap<String, Vec<String>>,
    /// Results that are not the recorded ones
    pub(crate) wrong: Vec<String>,
}

impl Report {
    /// One line a file: its name, how many results, and a digest of them; then the digest of all.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut all = Sha256::new();
        let mut lines = Vec::new();
        let mut count = 0;
        for (file, results) in &self.files {
            let digest = Sha256::digest(results.join("\n").as_bytes());
            let digest = data_encoding::HEXLOWER.encode(&digest);
            let line = format!("{file} {} {digest}", results.len());
            all.update(format!("{line}\n").as_bytes());
            lines.push(line);
            count += results.len();
        }
        let digest = data_encoding::HEXLOWER.encode(&all.finalize());
        lines.push(format!("all {count} {digest}"));
        lines
    }

    /// How many results there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }

    /// A result that must be `expect`.
    fn expect(&mut self, file: &str, case: &str, found: String, expect: &str) {
        if found != expect {
            self.wrong.push(format!(
                "{file}, {case}: expected `{expect}`, found `{found}`"
            ));
        }
        self.result(file, case, found);
    }

    /// A result that stands nowhere: other machines are to agree on it.
    fn result(&mut self, file: &str, case: &str, found: String) {
        let results = self.files.entry(file.to_owned()).or_default();
        results.push(format!("{case}: {found}"));
    }
}

/// Run every suite over a folder of vectors.
pub(crate) fn run(vectors: &Path) -> Report {
    let mut report = Report::default();
    bytes::run(vectors, &mut report);
    decimal::run(vectors, &mut report);
    signed::run(vectors, &mut report);
    keys::run(vectors, &mut report);
    state::run(vectors, &mut report);
    merkle::run(vectors, &mut report);
    echolua::run(vectors, &mut report);
    report
}

/// The files of a folder that end so, sorted, with their names without that ending.
fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder that can be read").path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        if let Some(stem) = name.as_deref().and_then(|name| name.strip_suffix(ending)) {
            found.push((stem.to_owned(), path.clone()));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no `{ending}` in {}", folder.display());
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a file that is a list of maps.
fn rows(path: &Path) -> Vec<Map> {
    let value =
        json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let Value::List(rows) = value else {
        panic!("{} is no list", path.display())
    };
    let row = |row| match row {
        Value::Map(row) => row,
        _ => panic!("a row of {} is no map", path.display()),
    };
    rows.into_iter().map(row).collect()
}

fn field<'m>(row: &'m Map, name: &str) -> &'m str {
    match row.get(name) {
        Some(Value::Text(text)) => text,
        other => panic!("`{name}` is {other:?}"),
    }
}

fn integer(row: &Map, name: &str) -> i64 {
    match row.get(name) {
        Some(Value::Integer(number)) => *number,
        other => panic!("`{name}` is {other:?}"),
    }
}

/// Bytes and links out of the form that the projection gives them.
fn unprojected(value: Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.into_iter().map(unprojected)),
        Value::Map(map) => {
            let only = match map.iter().collect::<Vec<_>>()[..] {
                [("/", inner)] => Some(inner.clone()),
                _ => None,
            };
            match only {
                Some(Value::Text(cid)) => Value::Link(cid.parse::<Cid>().expect("a content id")),
                Some(Value::Map(inner)) => {
                    let text = field(&inner, "bytes").as_bytes();
                    Value::Bytes(data_encoding::BASE64_NOPAD.decode(text).expect("base64"))
                }
                _ => Value::map(
                    map.iter()
                        .map(|(key, value)| (key.to_owned(), unprojected(value.clone()))),
                ),
            }
        }
        other => other,
    }
}
