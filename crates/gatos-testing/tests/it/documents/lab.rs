//! A home of its own in which commands are typed, with the programs of this checkout.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A home folder, and the programs by the names that people type.
pub(super) struct Lab {
    folder: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Lab {
    pub(super) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("gatos-docs-")
            .tempdir()
            .unwrap();
        let lab = Self { folder };
        for sub in ["bin", "home"] {
            fs::create_dir_all(lab.path(sub)).unwrap();
        }
        for name in ["gatos", "git-gatos"] {
            symlink(built("git-gatos"), lab.path("bin").join(name)).unwrap();
        }
        lab
    }

    pub(super) fn home(&self) -> PathBuf {
        self.path("home")
    }

    fn path(&self, sub: &str) -> PathBuf {
        self.folder.path().join(sub)
    }

    /// Run a script of bash in `folder`.
    pub(super) fn run(&self, folder: &Path, script: &str) -> Ran {
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-euo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        Ran::of(command.output().unwrap())
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
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
