//! `gatosd`, which is another package's program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Lab;

impl Lab {
    /// Makes `gatosd` known in this place. One that a test leaves behind ends by itself.
    pub(crate) fn with_daemon(&self) {
        let script = format!(
            "#!/bin/sh\nexec timeout --foreground 120 {} \"$@\"\n",
            built("gatosd").display()
        );
        let path = self.path("bin/gatosd");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// A program of this workspace, which cargo builds for the tests of the whole workspace: beside this
/// test, or where the checks of the flake put it.
fn built(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folders = [
        this.ancestors().nth(2).unwrap().to_owned(),
        target.join("debug"),
    ];
    let found = folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|p| p.exists());
    found.unwrap_or_else(|| {
        panic!("run `cargo build --package {name}`, or the tests of the whole workspace")
    })
}
