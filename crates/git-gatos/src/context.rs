//! What a command finds around it: the repository, the key, its input, and who watches.

use std::cell::OnceCell;
use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gatos::signer::OpenSigner;
use gatos::{Cancel, Repository};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::arguments::{KeyArguments, Shared};
use crate::failure::{Exit, Failure};
use crate::output::{Output, Watcher, visible_line};

/// Largest text that is read from a file or from standard input in one piece.
const MAX_INPUT_BYTES: u64 = 64 << 20;

/// What a command finds around it. Nothing is looked for before it is asked for.
pub(crate) struct Context {
    output: Output,
    repository: OnceCell<Repository>,
}

impl Context {
    /// The surroundings that the shared arguments ask for.
    ///
    /// # Errors
    /// A directory that one cannot be in.
    pub(crate) fn new(shared: &Shared, output: &Output) -> Result<Self, Failure> {
        if let Some(directory) = &shared.directory {
            std::env::set_current_dir(directory).map_err(|error| {
                let shown = directory.display();
                Failure::usage(format!("cannot change to the directory `{shown}`: {error}"))
            })?;
        }
        Ok(Self {
            output: *output,
            repository: OnceCell::new(),
        })
    }

    /// The repository that the working directory is in.
    ///
    /// # Errors
    /// None, or one that cannot be used.
    pub(crate) fn repository(&self) -> Result<&Repository, Failure> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let repository = Repository::discover(&directory()?)?;
        Ok(self.repository.get_or_init(|| repository))
    }

    /// The key to sign with; its passphrase is asked for if it has one.
    ///
    /// # Errors
    /// No such key, or one that does not open.
    pub(crate) fn signer(&self, arguments: &KeyArguments) -> Result<OpenSigner, Failure> {
        Ok(gatos::signer::open(arguments.key.as_deref(), &passphrase)?)
    }

    /// What is raised when the person at the keyboard wants to stop; asking again ends the program.
    ///
    /// # Errors
    /// A system that lets nobody listen.
    pub(crate) fn cancel(&self) -> Result<Cancel, Failure> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down and raises it, the second ends
            // us.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&flag))
                .and_then(|_| flag::register(signal, Arc::clone(&flag)))
                .map_err(|error| {
                    Failure::new(Exit::Failed, format!("cannot listen for signals: {error}"))
                })?;
        }
        Ok(Cancel::on(flag))
    }

    /// Whether somebody types standard input, rather than a file or another program giving it.
    pub(crate) fn input_is_typed(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    /// Who is told how far long work is.
    pub(crate) fn progress(&self) -> Watcher {
        self.output.progress()
    }

    /// The content of a file; of standard input for `-`.
    ///
    /// # Errors
    /// A file that cannot be read or is too large.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        let shown = path.display();
        let refuse = |error| {
            Failure::usage(format!("cannot read `{shown}`: {error}"))
                .hint("give the path of a file, or `-` for standard input")
        };
        let mut bytes = Vec::new();
        let limit = MAX_INPUT_BYTES + 1;
        let read = if path == Path::new("-") {
            std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        };
        read.map_err(refuse)?;
        if bytes.len() as u64 > MAX_INPUT_BYTES {
            let message = format!("`{shown}` has more than {MAX_INPUT_BYTES} bytes");
            return Err(Failure::new(Exit::Failed, message));
        }
        Ok(bytes)
    }

    /// The text in a file; of standard input for `-`.
    ///
    /// # Errors
    /// As [`read`](Self::read), and what is not UTF-8.
    pub(crate) fn read_text(&self, path: &Path) -> Result<String, Failure> {
        String::from_utf8(self.read(path)?).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let shown = path.display();
            Failure::usage(format!("`{shown}` is not UTF-8 text: byte {at} is not"))
        })
    }
}

/// Where the command runs, as an absolute path, so that messages name folders as people know them.
///
/// # Errors
/// A directory that was removed.
pub(crate) fn directory() -> Result<PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|error| Failure::usage(format!("cannot be in this directory: {error}")))
}

/// Ask for the passphrase of a key, on the terminal; none where there is no terminal or nothing is
/// typed.
fn passphrase(key: &Path) -> Option<String> {
    let shown = visible_line(&key.to_string_lossy()).into_owned();
    let typed = rpassword::prompt_password(format!("Passphrase for {shown}: ")).ok()?;
    (!typed.is_empty()).then_some(typed)
}
