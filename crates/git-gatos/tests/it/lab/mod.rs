//! A place of its own for each test: home, path, keys, nothing of the machine's settings.

mod daemon;
mod packages;
mod python;
mod sshd;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use self::sshd::Sshd;
pub(crate) use self::sshd::is_over_ssh;

/// The key of Alice, who exists in tests only.
const ALICE: &str = include_str!("alice");

/// A home folder, a working folder below it, and the programs that can be started.
pub(crate) struct Lab {
    // Ended before the folder is removed.
    sshd: Sshd,
    folder: TempDir,
}

impl Lab {
    /// A new place, with the program under both its names and Alice's key.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("gatos-cli-")
            .tempdir()
            .unwrap();
        let lab = Self {
            sshd: Sshd::default(),
            folder,
        };
        for sub in ["bin", "home/.ssh", "home/work", "tmp"] {
            fs::create_dir_all(lab.path(sub)).unwrap();
        }
        let program = env!("CARGO_BIN_EXE_git-gatos");
        for name in ["git-gatos", "gatos"] {
            symlink(program, lab.path("bin").join(name)).unwrap();
        }
        let key = lab.path("home/.ssh/id_ed25519");
        fs::write(&key, ALICE).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        if is_over_ssh() && lab.can_serve_ssh() {
            lab.reach_servers_over_ssh();
        }
        lab
    }

    /// A place with a Git repository in its working folder, in which GATOS history has begun.
    pub(crate) fn with_repository() -> Self {
        let lab = Self::new();
        lab.ok("git init --quiet . && gatos --quiet init --actor alice");
        lab
    }

    /// A path below the place.
    pub(crate) fn path(&self, sub: &str) -> PathBuf {
        self.folder.path().join(sub)
    }

    /// The folder in which commands run.
    pub(crate) fn work(&self) -> PathBuf {
        self.path("home/work")
    }

    /// Write a file into the working folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.work().join(name), content).unwrap();
    }

    /// A shell that runs `script` in `folder`, hermetically.
    pub(crate) fn shell(&self, script: &str, folder: &Path) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.path("bin").display());
        // The only locale of a build's sandbox; elsewhere `man` needs one that knows Unicode.
        let locale = if is_inside_a_nix_build() {
            "C"
        } else {
            "C.UTF-8"
        };
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-c", script])
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path("home"))
            .env("USER", "alice")
            .env("TMPDIR", self.path("tmp"))
            .env("LC_ALL", locale)
            .env("TZ", "UTC")
            .env("COLUMNS", "100")
            .env("TERM", "xterm")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Alice")
            .env("GIT_AUTHOR_EMAIL", "alice@example.org")
            .env("GIT_COMMITTER_NAME", "Alice")
            .env("GIT_COMMITTER_EMAIL", "alice@example.org")
            .stdin(Stdio::null());
        command
    }

    /// Run a script in the working folder.
    pub(crate) fn run(&self, script: &str) -> Ran {
        Ran::of(self.shell(script, &self.work()).output().unwrap())
    }

    /// Run a script that succeeds; what it printed to standard output, without the last line break.
    pub(crate) fn ok(&self, script: &str) -> String {
        let ran = self.run(script);
        assert_eq!(ran.code, 0, "{script}\n{}{}", ran.out, ran.err);
        ran.out.trim_end_matches('\n').to_owned()
    }

    /// Run a script that ends with `code`; what it printed to standard error.
    pub(crate) fn fails(&self, code: i32, script: &str) -> String {
        let ran = self.run(script);
        assert_eq!(ran.code, code, "{script}\n{}{}", ran.out, ran.err);
        ran.err
    }
}

/// What a script did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code; 128 and more for a signal
    pub(crate) code: i32,
    /// Standard output
    pub(crate) out: String,
    /// Standard error
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Whether this is a build by Nix, in whose sandbox there is neither Nix nor a manual.
pub(crate) fn is_inside_a_nix_build() -> bool {
    std::env::var_os("NIX_BUILD_TOP").is_some()
}
