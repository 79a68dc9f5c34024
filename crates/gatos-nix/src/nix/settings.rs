//! Nix's settings: those we ask for, and those in force.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde_json::Value;

/// One setting for one command, which overrides every configuration file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    name: &'static str,
    value: String,
}

impl Setting {
    /// The setting `name` with this value.
    pub(crate) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// The options that make a command use `settings`.
pub(crate) fn arguments(settings: &[Setting]) -> Vec<OsString> {
    settings
        .iter()
        .flat_map(|s| ["--option".into(), s.name.into(), OsString::from(&s.value)])
        .collect()
}

/// The settings in force, as Nix itself tells them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    values: BTreeMap<String, String>,
}

impl Settings {
    /// Read what `nix config show --json` prints.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        let Value::Object(all) = serde_json::from_slice(json).ok()? else {
            return None;
        };
        let values = all
            .into_iter()
            .filter_map(|(name, setting)| Some((name, text(setting.get("value")?))))
            .collect();
        Some(Self { values })
    }

    /// One setting as text; lists are separated by spaces. `None` if this Nix has no such setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether no other machine builds: no builders are named, or only in files that name none.
    pub(crate) fn has_no_builders(&self) -> bool {
        let builders = self.get("builders").unwrap_or_default();
        let names_none = |word: &str| {
            word.strip_prefix('@').is_some_and(|file| {
                std::fs::read_to_string(file).map_or_else(
                    |error| error.kind() == std::io::ErrorKind::NotFound,
                    |text| text.trim().is_empty(),
                )
            })
        };
        builders.split_whitespace().all(names_none)
    }

    /// Change a setting, to see what a check says to it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn builders_are_found_wherever_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            format!("@{}", folder.path().join(name).display())
        };
        let nowhere = format!("@{}", folder.path().join("nowhere").display());
        let (empty, one) = (file("empty", "\n"), file("one", "ssh://other\n"));
        let folder = format!("@{}", folder.path().display());
        let cases = [
            ("", true),
            (nowhere.as_str(), true),
            (empty.as_str(), true),
            (one.as_str(), false),
            // What cannot be read may name some.
            (folder.as_str(), false),
            ("ssh://other x86_64-linux", false),
        ];
        for (builders, expect) in cases {
            let settings = Settings::parse(b"{}").unwrap().with("builders", builders);
            assert_eq!(settings.has_no_builders(), expect, "{builders}");
        }
    }
}
