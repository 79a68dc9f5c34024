//! A throw-away store and toy derivations in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_nix::Cancel;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::nix::{FindNixError, Nix};
use gatos_nix::realise::{Execution, Options, RealiseError, realise};
use tempfile::TempDir;

/// The static busybox on `PATH`; on Debian it comes in `busybox-static`.
fn busybox() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("busybox"));
    let busybox = found.into_iter().find(|file| file.is_file());
    busybox.expect("no busybox on PATH: run `cargo xtask setup`")
}

/// A store of its own, in which a test may do anything.
pub(crate) struct Stage {
    pub(crate) nix: Nix,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let nix = Nix::find().unwrap_or_else(|error| panic!("{error}\nrun `cargo xtask setup`"));
        let nix = nix.with_store_below(&folder.path().join("store"));
        let applets = folder.path().join("applets");
        std::fs::create_dir(&applets).unwrap();
        std::fs::copy(busybox(), applets.join("busybox")).unwrap();
        for applet in [
            "sh", "cat", "mkdir", "ls", "date", "sleep", "head", "od", "chmod", "ln", "sort",
            "mknod",
        ] {
            std::os::unix::fs::symlink("busybox", applets.join(applet)).unwrap();
        }
        Self { nix, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A Nix that first does what this shell script says; the real programs are in `$REAL`.
    ///
    /// The script's `exit` and `exec` end it; `set --` changes the arguments.
    pub(crate) fn altered(&self, script: &str) -> Result<Nix, FindNixError> {
        let folder = TempDir::new_in(self.folder.path()).unwrap().keep();
        let search = std::env::var_os("PATH").unwrap();
        let real = std::env::split_paths(&search).find(|f| f.join("nix-store").exists());
        let environment = format!("REAL={}\n{script}\n", real.unwrap().display());
        std::fs::write(folder.join("environment"), environment).unwrap();
        let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fake/nix.sh");
        for program in ["nix", "nix-store"] {
            std::os::unix::fs::symlink(&fake, folder.join(program)).unwrap();
        }
        let nix = Nix::find_in(folder.as_os_str())?;
        Ok(nix.with_store_below(self.nix.store_root()))
    }

    /// Instantiate a Nix expression in which `toy name script attributes` makes a job.
    pub(crate) fn instantiate(&self, expression: &str) -> DrvClosure {
        let text = format!(
            r#"let
  tools = builtins.path {{ name = "tools"; path = {tools}; }};
  toy = name: script: more: derivation ({{
    inherit name; system = builtins.currentSystem; builder = "${{tools}}/sh";
    args = [ "-euc" script ]; PATH = "${{tools}}";
    gatosJob = "1"; gatosName = name; gatosInputs = "{{}}"; gatosTimeout = "60";
  }} // more);
in {expression}"#,
            tools = self.path("applets").display()
        );
        let output = Command::new("nix-instantiate")
            .arg("--store")
            .arg(format!("local?root={}", self.nix.store_root().display()))
            .args(["--expr", &text])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        // Nix writes `<derivation>!<output>` if the first output is not `out`.
        let text = String::from_utf8(output.stdout).unwrap();
        let path = text.trim().split('!').next().unwrap().parse().unwrap();
        DrvClosure::from_store(&path, self.nix.store_root()).unwrap()
    }

    /// A job that runs this script.
    pub(crate) fn toy(&self, script: &str) -> DrvClosure {
        self.instantiate(&format!("toy \"toy\" ''{script}'' {{}}"))
    }

    pub(crate) fn realise(&self, closure: &DrvClosure) -> Result<Execution, RealiseError> {
        let mut options = Options {
            timeout: None,
            cancel: Cancel::new(),
            cores: None,
            progress: &mut |_| {},
        };
        realise(&self.nix, closure, &mut options)
    }
}

/// Options without limits, silent.
pub(crate) fn quiet() -> Options<'static> {
    Options {
        timeout: None,
        cancel: Cancel::new(),
        cores: None,
        progress: Box::leak(Box::new(|_: &str| {})),
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Store paths are read-only, and a folder must be writable to be emptied.
        make_writable(self.folder.path());
    }
}

pub(crate) fn make_writable(path: &Path) {
    let Ok(metadata) = path.symlink_metadata() else {
        return;
    };
    if metadata.is_dir() {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755));
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            make_writable(&entry.path());
        }
    }
}
