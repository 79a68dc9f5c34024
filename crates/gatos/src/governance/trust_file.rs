//! Trust as a file that people edit. `docs/spec/governance.md#trust-file`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use gatos_core::keys::PublicKey;
use gatos_core::name::ActorName;
use gatos_core::policy::{Actor, Trust};
use serde::Deserialize;

use crate::error::{Context, Error, ErrorKind};

/// The file: a table for each actor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    actors: BTreeMap<String, Entry>,
}

/// One actor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    groups: Vec<String>,
    keys: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// Trust from the text of a file; `origin` is what it is called in messages.
///
/// # Errors
/// A text that is not TOML, or an actor, key, group or role that may not stand there; the message names it.
pub fn read_trust(text: &str, origin: &str) -> Result<Trust, Error> {
    let file: File = toml::from_str(text).context(ErrorKind::Usage, || {
        format!("the trust file `{origin}` is not one")
    })?;
    let mut actors = BTreeMap::new();
    for (name, entry) in file.actors {
        let actor: ActorName = parsed(&name, origin, "an actor's name")?;
        actors.insert(actor, entry.read(origin)?);
    }
    Trust::new(actors).ok_or_else(|| {
        let message = format!("in `{origin}` two actors have the same key");
        Error::new(ErrorKind::Usage, message).with_hint("a key belongs to one actor")
    })
}

impl Entry {
    fn read(&self, origin: &str) -> Result<Actor, Error> {
        let mut keys = BTreeSet::new();
        for text in &self.keys {
            let key: PublicKey = text
                .parse()
                .context(ErrorKind::Usage, || {
                    format!("in `{origin}`, `{text}` is no key")
                })
                .map_err(|e| e.with_hint("an OpenSSH line (`ssh-ed25519 …`), hex or base64"))?;
            keys.insert(key);
        }
        Ok(Actor {
            groups: set(&self.groups, origin, "a group's name")?,
            keys,
            roles: set(&self.roles, origin, "a role")?,
        })
    }
}

fn set<T: Ord + std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    texts: &[String],
    origin: &str,
    what: &str,
) -> Result<BTreeSet<T>, Error> {
    texts
        .iter()
        .map(|text| parsed(text, origin, what))
        .collect()
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
    origin: &str,
    what: &str,
) -> Result<T, Error> {
    text.parse().context(ErrorKind::Usage, || {
        format!("in `{origin}`, `{text}` is not {what}")
    })
}

/// The file that [`read_trust`] reads as `trust`.
#[must_use]
pub fn write_trust(trust: &Trust) -> String {
    let mut text = String::new();
    for (name, actor) in trust.actors() {
        let groups: Vec<_> = actor.groups.iter().map(|g| format!("\"{g}\"")).collect();
        let roles: Vec<_> = actor.roles.iter().map(|r| format!("\"{r}\"")).collect();
        let keys: Vec<_> = actor.keys.iter().map(|k| format!("  \"{k}\",\n")).collect();
        // Names, groups and roles hold nothing that TOML would have to escape, and keys neither.
        let _ = write!(
            text,
            "[actors.\"{name}\"]\ngroups = [{}]\nroles = [{}]\nkeys = [\n{}]\n\n",
            groups.join(", "),
            roles.join(", "),
            keys.concat()
        );
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
