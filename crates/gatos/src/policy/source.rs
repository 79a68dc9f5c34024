//! Where rules come from: a folder of sources, a template of the program, a file of compiled rules.

use std::path::{Path, PathBuf};

use gatos_policy::{Module, Program, TEMPLATES};

use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;

/// Most files that a folder of sources may have.
const MAX_FILES: usize = 200;
/// Largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// The sources of a policy.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The rules
    pub modules: Vec<Module>,
    /// Their tests
    pub tests: Vec<Module>,
}

/// What somebody named as a policy.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A template, a folder of sources or a file of compiled rules
    Named(PathBuf),
    /// The policy in force
    InForce,
}

/// The sources in a folder, a single `.rgs` file, or a template.
///
/// # Errors
/// Neither, one without any source, or files that cannot be read.
pub fn load(choice: &Path) -> Result<Sources, Error> {
    let template = TEMPLATES
        .iter()
        .find(|template| Path::new(template.name) == choice && !choice.exists());
    let mut all = Vec::new();
    match template {
        Some(template) => {
            let files = template.files.iter();
            all.extend(files.map(|(name, text)| Module::new(*name, *text)));
        }
        None if choice.is_dir() => read_folder(choice, "", &mut all)?,
        None => {
            let name = choice.file_name().unwrap_or_default().to_string_lossy();
            all.push(Module::new(name, read_text(choice)?));
        }
    }
    if all.is_empty() {
        let message = format!("`{}` has no `.rgs` file", choice.display());
        return Err(Error::new(ErrorKind::Usage, message).with_hint(hint()));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let (tests, modules) = all
        .into_iter()
        .partition(|module| module.name.ends_with("_test.rgs"));
    Ok(Sources { modules, tests })
}

/// The program of what somebody named.
///
/// # Errors
/// As [`load`], rules that do not compile, compiled rules that are damaged or of another engine, and for
/// the policy in force no repository.
pub fn load_program(
    origin: &Origin,
    repository: impl FnOnce() -> Result<Program, Error>,
) -> Result<Program, Error> {
    match origin {
        Origin::InForce => repository(),
        Origin::Named(path) if is_compiled(path) => {
            let shown = path.display();
            read_program(&read_bytes(path)?, || {
                format!("`{shown}` is no compiled policy")
            })
        }
        Origin::Named(path) => {
            let sources = load(path)?;
            gatos_policy::compile(&sources.modules).context(ErrorKind::Failed, || {
                format!("`{}` does not compile", path.display())
            })
        }
    }
}

/// The rules of the policy in force.
pub(crate) fn in_force(repository: &Repository) -> Result<&Program, Error> {
    let code = repository.policy().1.code;
    repository.policies().program(&code)
}

/// Compiled rules from bytes: damage is a mismatch, another engine blocks.
pub(crate) fn read_program(bytes: &[u8], what: impl FnOnce() -> String) -> Result<Program, Error> {
    Program::from_rgc(bytes).map_err(|error| {
        let (kind, hint) = if error.is_other_engine() {
            let hint = "use a program that has this engine, or the sources";
            (ErrorKind::Blocked, hint)
        } else {
            (
                ErrorKind::Mismatch,
                "compile the sources again, or fetch the file again",
            )
        };
        Error::new(kind, what()).with_source(error).with_hint(hint)
    })
}

fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rgc")
}

fn hint() -> String {
    let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
    format!(
        "give a folder with `.rgs` files, or one of {}",
        names.join(", ")
    )
}

fn read_folder(folder: &Path, prefix: &str, all: &mut Vec<Module>) -> Result<(), Error> {
    let cannot = || format!("cannot read the folder `{}`", folder.display());
    let entries = std::fs::read_dir(folder).context(ErrorKind::Usage, cannot)?;
    let mut entries: Vec<_> = entries
        .collect::<Result<_, _>>()
        .context(ErrorKind::Usage, cannot)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().context(ErrorKind::Usage, cannot)?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{prefix}{name}/"), all)?;
        } else if name.ends_with(".rgs") {
            let text = read_text(&entry.path())?;
            all.push(Module::new(format!("{prefix}{name}"), text));
        }
        if all.len() > MAX_FILES {
            let message = format!("`{}` has more than {MAX_FILES} sources", folder.display());
            return Err(Error::new(ErrorKind::Usage, message));
        }
    }
    Ok(())
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    use std::io::Read as _;
    let cannot = || format!("cannot read `{}`", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .context(ErrorKind::Usage, cannot)
        .map_err(|error| error.with_hint(hint()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let message = format!("`{}` is too large for a policy", path.display());
        return Err(Error::new(ErrorKind::Usage, message));
    }
    Ok(bytes)
}

fn read_text(path: &Path) -> Result<String, Error> {
    String::from_utf8(read_bytes(path)?).context(ErrorKind::Usage, || {
        format!("`{}` is not UTF-8 text", path.display())
    })
}
