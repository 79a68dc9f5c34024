//! A study's program, run in a folder laid out as the sandbox of its job: `inputs/<name>`,
//! `parameters.json`, and `$out` to make.

mod error;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

pub use self::error::JobError;

/// The files that a program wrote into `$out`, by name.
pub type Outputs = BTreeMap<String, Vec<u8>>;

/// Debian's Python, which needs nothing of the environment; elsewhere the one on the path.
const SYSTEM_PYTHON: &str = "/usr/bin/python3";

/// A Python program about to be run as a job, in an empty folder and an empty environment.
#[derive(Debug)]
pub struct Job {
    folder: TempDir,
    program: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Job {
    /// A job of `program`, a Python file or a folder with `__main__.py`, without inputs.
    ///
    /// # Errors
    /// [`JobError::Prepare`] if no folder can be made for it.
    pub fn new(program: &Path) -> Result<Self, JobError> {
        let prepare = |source| JobError::Prepare { source };
        let folder = TempDir::new().map_err(prepare)?;
        fs::create_dir(folder.path().join("inputs")).map_err(prepare)?;
        Ok(Self {
            folder,
            program: program.to_owned(),
            variables: BTreeMap::new(),
        })
    }

    /// Give it the input `inputs/<name>`.
    ///
    /// # Errors
    /// [`JobError::Prepare`] if the file cannot be written.
    pub fn input(self, name: &str, bytes: &[u8]) -> Result<Self, JobError> {
        self.file(&Path::new("inputs").join(name), bytes)
    }

    /// Give it `parameters.json`.
    ///
    /// # Errors
    /// [`JobError::Prepare`] if the file cannot be written.
    pub fn parameters(self, json: &str) -> Result<Self, JobError> {
        self.file(Path::new("parameters.json"), json.as_bytes())
    }

    /// Set an environment variable; without any the program sees little but `out`.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Run the program and take what it wrote.
    ///
    /// # Errors
    /// [`JobError::Refused`] with what the program said if it did not end with success, which it
    /// must do without having made `$out`; the other variants if it could not be run at all.
    pub fn run(self) -> Result<Outputs, JobError> {
        let out = self.folder.path().join("out");
        let python = Some(Path::new(SYSTEM_PYTHON)).filter(|path| path.exists());
        let python = python.unwrap_or(Path::new("python3"));
        let finished = Command::new(python)
            .arg(&self.program)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("out", &out)
            // As in the Nix store, nothing is written beside the program.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(&self.variables)
            .output()
            .map_err(|source| JobError::Start {
                python: python.to_owned(),
                source,
            })?;
        if !finished.status.success() {
            return Err(JobError::Refused {
                message: String::from_utf8_lossy(&finished.stderr).trim().to_owned(),
                wrote: out.exists(),
            });
        }
        collect(&out).map_err(|source| JobError::Collect { source })
    }

    fn file(self, name: &Path, bytes: &[u8]) -> Result<Self, JobError> {
        fs::write(self.folder.path().join(name), bytes)
            .map_err(|source| JobError::Prepare { source })?;
        Ok(self)
    }
}

fn collect(folder: &Path) -> std::io::Result<Outputs> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, fs::read(entry.path())?))
        })
        .collect()
}
