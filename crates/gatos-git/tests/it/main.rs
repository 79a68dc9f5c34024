//! What a repository of GATOS survives, tested with the real `git`, with processes that are killed,
//! with disks that fail and with other writers in the way.
//!
//! The names `a01` to `a31` are those of the storage plane of the test programme. Tests that need
//! root, `strace` or a loop device say so and pass where these are missing, or where
//! `GATOS_SKIP_PRIVILEGED` is set; `GATOS_SOAK=1` runs the long versions.

#![expect(
    clippy::disallowed_methods,
    reason = "tests: they start processes and look at files"
)]

mod changes;
mod disk;
mod driver;
mod environment;
mod faults;
mod fixture;
mod laws;
mod locks;
mod lost;
mod maintenance;
mod messages;
mod model;
mod names;
mod objects;
mod order;
mod power;
mod races;
mod refs;
mod sizes;
mod soak;
mod strace;
mod work_tree;

#[test]
fn driver() {
    driver::run_if_asked();
}

/// A module that is not listed above would never run.
#[test]
fn no_test_file_is_forgotten() {
    let listed = include_str!("main.rs");
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    for entry in std::fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(
            module == "main" || listed.contains(&format!("mod {module};")),
            "{name} is not listed in main.rs"
        );
    }
}
