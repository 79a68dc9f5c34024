//! Unit tests of names.

use super::{JournalName, NameError};

fn parse(text: &str) -> Result<String, NameError> {
    text.parse::<JournalName>().map(|name| name.to_string())
}

#[test]
fn good_names_stay_as_they_are() {
    for name in [
        "a",
        "measurements",
        "user/alice",
        "lab-1/2026.07_raw",
        "0",
        &"a".repeat(64),
    ] {
        assert_eq!(parse(name).as_deref(), Ok(name));
    }
}

#[test]
fn bad_names_are_refused_with_a_reason() {
    let character = |found| Err(NameError::Character { found });
    assert_eq!(parse(""), Err(NameError::Empty));
    assert_eq!(parse("user:alice"), character(':'));
    assert_eq!(parse("Alice"), character('A'));
    assert_eq!(parse("-x"), character('-'));
    assert_eq!(parse(".x"), character('.'));
    assert_eq!(parse("a b"), character(' '));
    assert_eq!(parse("a\n"), character('\n'));
    assert_eq!(parse("a\x1b[31m"), character('\x1b'));
    assert_eq!(parse("a@{1}"), character('@'));
    assert_eq!(parse("é"), character('é'));
    assert_eq!(parse("a//b"), Err(NameError::EmptyLevel));
    assert_eq!(parse("/a"), Err(NameError::EmptyLevel));
    assert_eq!(parse("a/"), Err(NameError::EmptyLevel));
    assert_eq!(parse("../a"), character('.'));
    assert_eq!(parse("a..b"), Err(NameError::Dots));
    assert_eq!(parse("a."), Err(NameError::Dots));
    assert_eq!(parse("a.lock"), Err(NameError::Lock));
    assert_eq!(parse("a.lock/b"), Err(NameError::Lock));
    assert_eq!(
        parse(&"a".repeat(65)),
        Err(NameError::Length { found: 65, max: 64 })
    );
    assert_eq!(
        parse(&"a/".repeat(100)),
        Err(NameError::Length {
            found: 200,
            max: 120
        })
    );
}
