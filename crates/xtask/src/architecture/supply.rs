//! What `Cargo.lock` may hold: nothing that `checks/deny.toml` bans, from one registry, once signed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::failure::{Named, Outcome};

/// A signature must mean the same everywhere, so this crate may be there in one version only.
const ONCE: &str = "ed25519-dalek";

/// What is wrong with the lock file, in words.
pub(super) fn differences(root: &Path) -> Outcome<Vec<String>> {
    let read = |name: &str| -> Outcome<Table> {
        let file = root.join(name);
        fs::read_to_string(&file)
            .named(file.display())?
            .parse()
            .named(file.display())
    };
    Ok(judge(&read("Cargo.lock")?, &read("checks/deny.toml")?))
}

fn judge(lock: &Table, rules: &Table) -> Vec<String> {
    let banned: Vec<_> = tables(rules.get("bans").and_then(|bans| bans.get("deny")))
        .filter_map(|rule| Some((rule.get("crate")?.as_str()?, rule.get("reason")?.as_str()?)))
        .collect();
    let mut wrong = Vec::new();
    let (mut sources, mut signers) = (BTreeSet::new(), BTreeSet::new());
    for package in tables(lock.get("package")) {
        let text = |field: &str| package.get(field).and_then(Value::as_str);
        let name = text("name").unwrap_or_default();
        if let Some((_, reason)) = banned.iter().find(|(banned, _)| *banned == name) {
            wrong.push(format!("Cargo.lock: `{name}` is banned: {reason}"));
        }
        if name == ONCE {
            signers.insert(text("version"));
        }
        let Some(source) = text("source") else {
            continue;
        };
        sources.insert(source);
        if !source.starts_with("registry+") || text("checksum").is_none() {
            wrong.push(format!(
                "Cargo.lock: `{name}` comes from {source}, not from the registry"
            ));
        }
    }
    if sources.len() > 1 && wrong.is_empty() {
        wrong.push("Cargo.lock: packages come from more than one registry".to_owned());
    }
    if signers.len() > 1 {
        wrong.push(format!(
            "Cargo.lock: `{ONCE}` is there in {} versions",
            signers.len()
        ));
    }
    wrong
}

fn tables(list: Option<&Value>) -> impl Iterator<Item = &Table> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_table)
}

#[cfg(test)]
mod tests {
    use super::judge;

    const GOOD: &str = "[[package]]\nname = \"own\"\n[[package]]\nname = \"a\"\nversion = \"1\"\n\
        source = \"registry+r\"\nchecksum = \"0\"\n";

    fn check(more: &str, expected: &[&str]) {
        let lock = format!("{GOOD}{more}").parse().expect("a lock file");
        let rules = "[bans]\ndeny = [{ crate = \"rsa\", reason = \"Ed25519\" }]";
        let wrong = judge(&lock, &rules.parse().expect("rules"));
        assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
        for (line, part) in wrong.iter().zip(expected) {
            assert!(line.contains(part), "{line} has no {part}");
        }
    }

    #[test]
    fn every_rule_can_be_broken() {
        let package = |name: &str, version: &str, source: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n\
                 checksum = \"0\"\n"
            )
        };
        check("", &[]);
        check(
            &package("rsa", "1", "registry+r"),
            &["`rsa` is banned: Ed25519"],
        );
        check(
            &package("b", "1", "git+https://b"),
            &["`b` comes from git+https://b"],
        );
        check(
            &package("b", "1", "registry+other"),
            &["more than one registry"],
        );
        let one = package("ed25519-dalek", "2", "registry+r");
        check(&one, &[]);
        let two = one + &package("ed25519-dalek", "3", "registry+r");
        check(&two, &["`ed25519-dalek` is there in 2 versions"]);
    }
}
