//! The suite that other machines can run, run here: every vector gives what it says.

#[path = "../../conformance/src/suite/mod.rs"]
mod suite;

use std::path::Path;

#[test]
fn every_vector_gives_what_it_says() {
    let report = suite::run(&crate::manifest().join("vectors"));
    assert_eq!(report.wrong, Vec::<String>::new());
    assert!(report.count() > 3000, "{}", report.count());
    assert!(report.lines().len() >= 15, "{:#?}", report.lines());
}

/// One result that differs changes its file's line and the last one, and is named.
#[test]
fn a_vector_that_was_changed_is_named() {
    let copy = std::env::temp_dir().join(format!("gatos-conformance-{}", std::process::id()));
    copy_folder(&crate::manifest().join("vectors"), &copy);
    let before = suite::run(&copy);
    let file = copy.join("echolua/language.lua");
    let text = std::fs::read_to_string(&file).unwrap();
    let at = text.find("--# fuel ").unwrap() + "--# fuel ".len();
    let changed = format!("{}9{}", &text[..at], &text[at..]);
    std::fs::write(&file, changed).unwrap();
    std::fs::write(copy.join("encoding/ok/null.cbor"), [0xf5]).unwrap();
    let after = suite::run(&copy);
    std::fs::remove_dir_all(&copy).unwrap();
    assert_eq!(
        after.wrong.len(),
        before.wrong.len() + 2,
        "{:#?}",
        after.wrong
    );
    // What a machine computed of the same inputs stays the same.
    let differ = |name: &str| {
        let line = |lines: Vec<String>| lines.into_iter().find(|line| line.starts_with(name));
        line(before.lines()) != line(after.lines())
    };
    assert!(differ("encoding/ok.cbor ") && differ("all ") && !differ("echolua/language "));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
