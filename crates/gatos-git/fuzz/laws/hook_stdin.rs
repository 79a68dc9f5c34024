//! Whatever a hook is told, nothing panics; what is understood is understood whole, and in one way: written down again
//! it is what was told, to the byte, and without its end it is refused.

use std::collections::BTreeSet;

use gatos_git::{ObjectFormat, RefUpdate, read_updates};

pub(crate) fn check(data: &[u8]) {
    let formats = [ObjectFormat::Sha1, ObjectFormat::Sha256];
    let understood = formats.map(|format| read(data, format).is_some());
    assert_ne!(understood, [true, true], "one text, two formats");
}

fn read(data: &[u8], format: ObjectFormat) -> Option<()> {
    let updates = read_updates(&mut &*data, format).ok()?;
    let zero = "0".repeat(format.hex_len());
    let written: String = updates.iter().map(|update| line(update, &zero)).collect();
    assert_eq!(written.as_bytes(), data);
    let names: BTreeSet<&str> = updates.iter().map(|update| update.name.as_str()).collect();
    assert_eq!(names.len(), updates.len(), "a ref is named twice");
    for name in names {
        assert!(is_name(name), "{name}");
    }
    let cut = data.split_last().map(|(_, rest)| rest).unwrap_or_default();
    assert!(read_updates(&mut &*cut, format).is_err(), "cut short");
    Some(())
}

fn line(update: &RefUpdate, zero: &str) -> String {
    assert!(update.old.is_some() || update.new.is_some());
    let side =
        |id: Option<gatos_git::ObjectId>| id.map_or_else(|| zero.to_owned(), |id| id.to_string());
    format!(
        "{} {} {}\n",
        side(update.old),
        side(update.new),
        update.name
    )
}

/// What `git check-ref-format` says of a name, from its manual.
fn is_name(name: &str) -> bool {
    let forbidden = |byte: u8| byte < 0x20 || byte == 0x7f || b" ~^:?*[\\".contains(&byte);
    let level =
        |level: &str| !level.is_empty() && !level.starts_with('.') && !level.ends_with(".lock");
    name.starts_with("refs/")
        && name.split('/').all(level)
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.bytes().any(forbidden)
}
