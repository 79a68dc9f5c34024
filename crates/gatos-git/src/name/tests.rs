//! What is a name and what is none, one line each.

use super::{EntryName, NameError, RefName};

fn refused(text: &str) -> String {
    match text.parse::<RefName>() {
        Ok(name) => panic!("`{text}` was taken as {name}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn names_are_folded_and_kept() {
    for (text, expect) in [
        ("refs/gatos/journal/data", "refs/gatos/journal/data"),
        ("refs/gatos/journal/Data", "refs/gatos/journal/data"),
        (
            "refs/gatos/audit/policy/deny/01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "refs/gatos/audit/policy/deny/01arz3ndektsv4rrffq69g5fav",
        ),
        ("refs/gatos/a.b_c-d", "refs/gatos/a.b_c-d"),
        ("refs/gatos/a/locked", "refs/gatos/a/locked"),
    ] {
        assert_eq!(
            text.parse::<RefName>().map(|n| n.to_string()),
            Ok(expect.to_owned())
        );
    }
}

#[test]
fn what_git_would_refuse_or_misread_is_refused_with_a_reason() {
    for (text, expect) in [
        ("refs/heads/main", "does not begin with `refs/gatos/`"),
        ("refs/gatos", "does not begin with `refs/gatos/`"),
        ("refs/gatos/", "it is empty"),
        ("refs/gatos/a//b", "it is empty"),
        ("refs/gatos/a/", "it is empty"),
        ("refs/gatos/user:alice", "contains `:`"),
        ("refs/gatos/a@{0}", "contains `@`"),
        ("refs/gatos/a b", "contains ` `"),
        ("refs/gatos/a\nb", "contains `\\n`"),
        ("refs/gatos/a\u{1b}[2J", "contains `\\u{1b}`"),
        ("refs/gatos/\u{202e}gpj", "contains `\\u{202e}`"),
        ("refs/gatos/é", "contains `\\u{e9}`"),
        ("refs/gatos/a~1", "contains `~`"),
        ("refs/gatos/a^", "contains `^`"),
        ("refs/gatos/a*", "contains `*`"),
        ("refs/gatos/a\\b", "contains `\\\\`"),
        ("refs/gatos/..", "does not begin with a letter"),
        ("refs/gatos/../heads/main", "does not begin with a letter"),
        ("refs/gatos/a..b", "contains `..`"),
        ("refs/gatos/.git", "does not begin with a letter"),
        ("refs/gatos/-x", "does not begin with a letter"),
        ("refs/gatos/a.", "ends with `.`"),
        ("refs/gatos/a.lock", "ends with `.lock`"),
        ("refs/gatos/a.LOCK", "ends with `.lock`"),
        ("refs/gatos/a.lock/b", "ends with `.lock`"),
    ] {
        let error = refused(text);
        assert!(error.contains(expect), "{text:?}: {error}");
        assert!(!error.contains('\u{1b}') && !error.contains('\n'));
    }
}

#[test]
fn lengths_are_bounded() {
    let level = "a".repeat(64);
    assert!(format!("refs/gatos/{level}").parse::<RefName>().is_ok());
    assert!(refused(&format!("refs/gatos/{level}a")).contains("longer than 64 bytes"));
    let long = format!("refs/gatos/{level}/{level}/{}", "b".repeat(59));
    assert_eq!(long.len(), 200);
    assert!(long.parse::<RefName>().is_ok());
    assert!(matches!(
        format!("{long}b").parse::<RefName>(),
        Err(NameError::TooLong { bytes: 201, .. })
    ));
}

#[test]
fn entry_names_are_one_level() {
    assert!("batch".parse::<EntryName>().is_ok());
    assert!("0000".parse::<EntryName>().is_ok());
    // What a Nix store holds, and what people call their results.
    let derivation = "00bgd045z0d4icpbc2yyz4gx48ak44la-Python-3.12.8_gtk+-env?a=b.tar.xz.drv";
    for text in [derivation, "Figure-1.svg", "a..b", &"a".repeat(255)] {
        assert_eq!(text.parse::<EntryName>().unwrap().as_str(), text);
    }
    assert!("a".repeat(256).parse::<EntryName>().is_err());
    for text in ["", ".git", "a/b", "GIT~1", "a\0", "..", "-"] {
        assert!(text.parse::<EntryName>().is_err(), "{text:?}");
    }
}

#[test]
fn ancestors_are_the_refs_that_would_be_in_the_way() {
    let name: RefName = "refs/gatos/a/b/c".parse().unwrap();
    let ancestors: Vec<_> = name.ancestors().collect();
    assert_eq!(ancestors, ["refs/gatos/a", "refs/gatos/a/b"]);
}
