//! A small study in a folder of its own, evaluated with a package set that builds nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a study needs of a package set; the derivation is only ever looked at.
const PACKAGES: &str = r#"{
  bash = "/nix/store/00000000000000000000000000000000-bash";
  coreutils = "/nix/store/00000000000000000000000000000000-coreutils";
  python3 = "/nix/store/00000000000000000000000000000000-python3";
  stdenv.hostPlatform.system = "x86_64-linux";
}"#;

/// A folder with a program, two inputs, two folds and the fields of an experiment.
pub(crate) struct Study {
    folder: TempDir,
    fields: String,
}

impl Study {
    /// A study with an input, parameters, a journal and a fold.
    pub(crate) fn new() -> Self {
        let study = Self {
            folder: TempDir::new().expect("a temporary folder"),
            fields: "name = \"small\"; program = ./analysis.py; inputs.numbers = ./numbers.csv; \
                     parameters.digits = 3; journal = \"results\"; fold = ./fold.lua;"
                .to_owned(),
        };
        for (name, text) in [
            ("analysis.py", "print(1)\n"),
            ("numbers.csv", "1\n2\n"),
            ("fold.lua", "function fold(state, event) return state end\n"),
            ("daily.lua", "function fold(s, e) return s end\n"),
        ] {
            study.write(name, text);
        }
        study
    }

    /// The same with a state as input.
    pub(crate) fn with_state() -> Self {
        let mut study = Self::new();
        study.fields += " states.daily = { journal = \"log\"; fold = ./daily.lua; };";
        study
    }

    /// The same files with other fields.
    pub(crate) fn fields(mut self, fields: &str) -> Self {
        fields.clone_into(&mut self.fields);
        self
    }

    /// The same with one word of its fields replaced.
    pub(crate) fn replace(mut self, from: &str, to: &str) -> Self {
        assert!(self.fields.contains(from), "`{from}` is not in the fields");
        self.fields = self.fields.replace(from, to);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }

    /// Evaluates an expression in which `study` is the experiment.
    pub(crate) fn evaluate(&self, expression: &str) -> Result<String, String> {
        let library = root().join("nix/lib");
        let file = self.path().join("evaluated.nix");
        let text = format!(
            "let study = (import {}).mkExperiment {{ pkgs = {PACKAGES}; {} }}; in {expression}",
            library.display(),
            self.fields
        );
        fs::write(&file, text).expect("a file");
        let output = Command::new("nix-instantiate")
            .args(["--readonly-mode", "--eval", "--strict", "--json"])
            .arg(&file)
            .env("NIX_STATE_DIR", self.path().join("state"))
            .env("NIX_REMOTE", "dummy://")
            .output()
            .expect("`cargo xtask setup` installs Nix");
        fs::remove_file(&file).expect("the file");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }

    /// The path of the job's derivation.
    pub(crate) fn derivation(&self) -> String {
        self.evaluate("study.drvPath").expect("a derivation")
    }
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
