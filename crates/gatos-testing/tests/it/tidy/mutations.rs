//! For every rule a tree in which just that rule is broken: a rule that cannot fail is none.

use super::tree::Tree;
use super::{Rule, anchors, markdown, nouns, sources};

// Spelled so that this file does not cite documents that are not there.
const SPEC: &str = concat!("docs", "/spec/a.md");
const BESIDE: &str = concat!("docs", "/spec/b.md");

#[track_caller]
fn broken(rule: Rule, files: &[(&str, &str)], expected: &str) {
    let findings = rule(&Tree::of(files));
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains(expected), "{findings:?}");
}

#[track_caller]
fn sound(rule: Rule, files: &[(&str, &str)]) {
    assert_eq!(rule(&Tree::of(files)), [""; 0]);
}

#[test]
fn sources_are_looked_at() {
    let a = "crates/a/src/a.rs";
    broken(sources::first_lines, &[(a, "// no\n")], "first line");
    broken(sources::first_lines, &[(a, "use a;\n//! late\n")], a);
    broken(
        sources::names,
        &[("crates/a/src/utils/b.rs", "")],
        "`utils`",
    );
    broken(sources::names, &[("nix/common.nix", "")], "`common`");
    let two = [("crates/a/src/b.rs", ""), ("crates/a/src/b2.rs", "")];
    broken(sources::names, &two, "a second version");
    sound(sources::names, &[("crates/gatos-core/src/co2.rs", "")]);
}

#[test]
fn forgotten_files_are_found() {
    let root = ("crates/a/tests/it/main.rs", "mod b;\nmod c;\n");
    let (b, c) = ("crates/a/tests/it/b.rs", "crates/a/tests/it/c/mod.rs");
    sound(sources::forgotten, &[root, (b, ""), (c, "")]);
    broken(
        sources::forgotten,
        &[root, ("crates/a/tests/it/d.rs", "")],
        "mod d;",
    );
    broken(
        sources::forgotten,
        &[root, ("crates/a/tests/it/c/e.rs", "")],
        "mod e;",
    );
}

#[test]
fn leftovers_are_found() {
    let a = "crates/a/src/a.rs";
    let mark = |rest: &str| format!("// {}{}: {rest}\n", "TO", "DO");
    broken(sources::unfinished, &[(a, &mark("later"))], "a.rs:1");
    sound(
        sources::unfinished,
        &[(a, &mark(&format!("see docs/{}.md#x", "shortcomings")))],
    );
    sound(
        sources::unfinished,
        &[("crates/a/vectors/a", &mark("other people's"))],
    );
    for path in ["home/bob/x", "work/dev/x", "root/xy", "Users/bob"] {
        broken(
            sources::machine_paths,
            &[(a, &format!("\"/{path}\""))],
            "a.rs:1",
        );
    }
    for path in [
        "/home/me/x",
        "$HOME/work/x",
        "/root",
        "[\"/home\"]",
        "{tmp}/home/bob/x",
    ] {
        sound(sources::machine_paths, &[(a, path)]);
    }
}

#[test]
fn crates_are_looked_at() {
    let manifest = ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n");
    let root = ("crates/a/src/lib.rs", "clippy::disallowed_methods");
    let tests = ("crates/a/src/b.rs", "#[test]");
    sound(sources::crates, &[manifest, root, tests]);
    broken(
        sources::crates,
        &[(manifest.0, ""), root, tests],
        "workspace = true",
    );
    broken(sources::crates, &[manifest, root], "with its tests");
    broken(sources::crates, &[manifest, tests], "neither");
}

#[test]
fn references_are_followed() {
    let spec = (SPEC, "# A\n<a id=\"one\"></a>\n## 1. Two words\n");
    let cite = |text: &str| text.replace("DOCS", "docs").replace("//-", "//=");
    for good in [
        "//- spec/a.md#one",
        "see `DOCS/spec/a.md#1-two-words`.",
        "DOCS/spec/a.md.",
    ] {
        sound(anchors::mentions, &[spec, ("crates/a.rs", &cite(good))]);
    }
    for bad in [
        "//- spec/a.md#two",
        "DOCS/spec/b.md",
        "//- spec/b.md",
        "DOCS/a.md#one",
    ] {
        let code = cite(bad);
        broken(anchors::mentions, &[spec, ("crates/a.rs", &code)], "a.rs:1");
    }
    for good in [
        "[x](a.md#one)",
        "[x](../spec/a.md)",
        "[x](../)",
        "[x](https://a/b.md)",
    ] {
        sound(anchors::links, &[spec, (BESIDE, good)]);
    }
    for bad in ["[x](#one)", "[x](spec/a.md)", "[x](a.md#three)"] {
        broken(anchors::links, &[spec, (BESIDE, bad)], "b.md:1");
    }
    sound(anchors::links, &[(BESIDE, "```\n[x](nowhere)\n```\n")]);
}

#[test]
fn documents_are_looked_at() {
    sound(markdown::titles, &[("a.md", "# A\n```\n# B\n```\n## C\n")]);
    broken(markdown::titles, &[("a.md", "# A\n# B\n")], "2 titles");
    broken(markdown::titles, &[("a.md", "A\n")], "0 titles");
    broken(
        markdown::lengths,
        &[("README.md", &"x\n".repeat(101))],
        "101 lines",
    );
}

#[test]
fn nouns_are_looked_up() {
    let glossary = (
        "docs/glossary.md",
        "`a` `gatos event check-proof` `Event` `FoldRoot` `refs/gatos/x/<y>` `gatos event`",
    );
    let code = (
        "crates/a/src/lib.rs",
        "impl Statement for Event {}\n\nid! {\n    /// A.\n    FoldRoot;\n}\nf(\"refs/gatos/x/\")\n",
    );
    let manifest = ("crates/a/Cargo.toml", "");
    let group = ("crates/git-gatos/src/commands/event/mod.rs", "");
    let command = ("crates/git-gatos/src/commands/event/check_proof.rs", "");
    let all = [glossary, code, manifest, group, command];
    sound(nouns::glossary, &all);
    for word in [
        "`a`",
        "`gatos event`",
        "`Event`",
        "`FoldRoot`",
        "refs/gatos/x",
    ] {
        let text = glossary.1.replace(word, "-");
        let mut changed = all;
        changed[0].1 = &text;
        broken(nouns::glossary, &changed, word.trim_matches('`'));
    }
    let code = ("crates/a/src/lib.rs", "pub trait Seam: Sized {\n");
    sound(nouns::traits, &[code, ("docs/architecture.md", "`Seam`")]);
    broken(
        nouns::traits,
        &[code, ("docs/architecture.md", "Seam")],
        "`Seam`",
    );
    let profile = ("crates/a/profiles/p.toml", "# why = 1\nkey = 1\n");
    sound(
        nouns::profile_keys,
        &[profile, ("docs/spec/profile.md", "`key`")],
    );
    broken(nouns::profile_keys, &[profile], "`key`");
}
