//! Profiles as files: the two that come with the program, and those that people write.
//! `docs/spec/profile.md`.

use std::path::Path;

use gatos_core::policy::Profile;
use gatos_core::value::Value;

use crate::error::{Context, Error, ErrorKind};

/// The file of the profile `default`.
pub const DEFAULT: &str = include_str!("../../profiles/default.toml");
/// The file of the profile `research`.
pub const RESEARCH: &str = include_str!("../../profiles/research.toml");

/// The profile called `default` or `research`, or the one in the file of that path.
///
/// # Errors
/// A file that cannot be read, or a profile with a key that is missing, unknown or ill-valued.
pub fn load(choice: &str) -> Result<Profile, Error> {
    match choice {
        "default" => parse(DEFAULT, choice),
        "research" => parse(RESEARCH, choice),
        path => {
            let text = std::fs::read_to_string(Path::new(path))
                .context(ErrorKind::Usage, || {
                    format!("cannot read the profile `{path}`")
                })
                .map_err(|e| e.with_hint("give `default`, `research`, or a profile's path"))?;
            parse(&text, path)
        }
    }
}

fn parse(text: &str, origin: &str) -> Result<Profile, Error> {
    let wrong = || format!("the profile `{origin}` is not one");
    let table: toml::Table = text.parse().context(ErrorKind::Usage, wrong)?;
    let entries = table
        .into_iter()
        .map(|(key, item)| Ok((key, to_value(item)?)));
    let value = Value::map(entries.collect::<Result<Vec<_>, Error>>()?);
    Profile::from_value(value)
        .context(ErrorKind::Usage, wrong)
        .map_err(|e| e.with_hint("docs/spec/profile.md lists every key and what may stand there"))
}

fn to_value(item: toml::Value) -> Result<Value, Error> {
    match item {
        toml::Value::String(text) => Ok(Value::Text(text)),
        toml::Value::Integer(integer) => Ok(Value::Integer(integer)),
        toml::Value::Boolean(boolean) => Ok(Value::Bool(boolean)),
        other => {
            let kind = other.type_str();
            Err(Error::new(
                ErrorKind::Usage,
                format!("a profile cannot hold a {kind}"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of profiles.

    use super::{DEFAULT, RESEARCH, load, parse};

    #[test]
    fn the_two_profiles_are_complete() {
        assert_eq!(load("default").unwrap().name, "default");
        assert_eq!(load("research").unwrap().name, "research");
    }

    #[test]
    fn a_profile_from_before_the_later_key_reads_as_zero() {
        let before = DEFAULT.replace("checkpoint_every = 0", "");
        assert_eq!(parse(&before, "test").unwrap(), load("default").unwrap());
        let some = DEFAULT.replace("checkpoint_every = 0", "checkpoint_every = 1000");
        assert_eq!(parse(&some, "test").unwrap().checkpoint_every, 1000);
    }

    #[test]
    fn unknown_missing_and_ill_valued_keys_are_refused() {
        for (bad, why) in [
            (format!("{DEFAULT}\nfoo = 1\n"), "unknown field `foo`"),
            (
                DEFAULT.replace("keep_bytes = 16777216", ""),
                "lacks the field `keep_bytes`",
            ),
            (DEFAULT.replace("\"durable\"", "\"fast\""), "`durability`"),
            (RESEARCH.replace("16777216", "-1"), "`keep_bytes`"),
            (RESEARCH.replace("16777216", "1.5"), "float"),
            (
                DEFAULT.replace("checkpoint_every = 0", "checkpoint_every = -5"),
                "`checkpoint_every`",
            ),
            (
                DEFAULT.replace("checkpoint_every = 0", "checkpoint_every = \"often\""),
                "`checkpoint_every`",
            ),
        ] {
            let message = parse(&bad, "test").unwrap_err().full_message();
            assert!(message.contains(why), "{message}");
        }
    }
}
