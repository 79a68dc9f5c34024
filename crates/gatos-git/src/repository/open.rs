//! Opening a repository so that neither the environment nor its own files change what is read.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gix::discover;

use super::alternates::check_alternates;
use super::{OpenError, Repository, Shared};
use crate::failure::GitFailure;
use crate::object::ObjectFormat;

/// Bounds what a few bytes in a pack can be made to grow to.
pub(super) const ALLOC_LIMIT_BYTES: usize = 256 << 20;

/// Extensions of Git's repository format that are understood, or do not concern what we do.
const EXTENSIONS: [&str; 8] = [
    "noop",
    "noop-v1",
    "objectformat",
    "partialclone",
    "preciousobjects",
    "refstorage",
    "relativeworktrees",
    "worktreeconfig",
];

/// What a repository may do when it is opened; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Object directories that it may borrow objects from, as absolute paths
    pub alternates: Vec<PathBuf>,
}

impl Repository {
    /// Open the repository in `path`: a work tree, its `.git`, or a bare repository.
    ///
    /// `GIT_*` variables and the configuration of user and machine have no effect.
    ///
    /// # Errors
    /// [`OpenError`]: there is none, or it is of a kind that cannot be trusted or understood.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, &OpenOptions::default())
    }

    /// As [`Repository::open`], with what is allowed stated.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn open_with(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let dot_git = path.join(".git");
        let (candidate, kind) = match discover::is_git(&dot_git) {
            Ok(kind) => (dot_git, kind),
            Err(_) => match discover::is_git(path) {
                Ok(kind) => (path.to_owned(), kind),
                Err(_) => {
                    return Err(OpenError::NotARepository {
                        path: path.to_owned(),
                    });
                }
            },
        };
        let cwd = current_dir()?;
        let found = discover::repository::Path::from_dot_git_dir(candidate, kind, &cwd)
            .ok_or_else(|| OpenError::NotARepository {
                path: path.to_owned(),
            })?;
        open_found(found, &cwd, options)
    }

    /// Open the repository that `path` is in, looking upwards.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn discover(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let cwd = current_dir()?;
        let options = discover::upwards::Options {
            trust: discover::upwards::TrustPolicy::Assume(gix::sec::Trust::Full),
            ..Default::default()
        };
        let (found, _) =
            discover::upwards_opts(path, options).map_err(|_| OpenError::NotInARepository {
                path: cwd.join(path),
            })?;
        open_found(found, &cwd, &OpenOptions::default())
    }
}

fn current_dir() -> Result<PathBuf, OpenError> {
    std::env::current_dir().map_err(|source| OpenError::Io {
        path: PathBuf::from("."),
        source,
    })
}

fn open_found(
    found: discover::repository::Path,
    cwd: &Path,
    options: &OpenOptions,
) -> Result<Repository, OpenError> {
    let (git_dir, _) = found.into_repository_and_work_tree_directories();
    let git_dir = cwd.join(git_dir);
    let common_dir = common_dir(&git_dir)?;
    refuse_grafts(&common_dir)?;
    check_alternates(&common_dir.join("objects"), &options.alternates)?;
    let opened = gix::open::Options::isolated()
        .with(gix::sec::Trust::Full)
        .open_path_as_is(true)
        .strict_config(true)
        .config_overrides([
            "core.useReplaceRefs=false",
            // Bounds what a few bytes in a pack can be made to grow to.
            "gitoxide.objects.allocLimit=268435456",
        ])
        .open(&git_dir)
        .map_err(|error| explain(&common_dir, &git_dir, error))?;
    let local = opened.to_thread_local();
    check_extensions(&local.config_snapshot(), &git_dir)?;
    let format = match local.object_hash() {
        gix::hash::Kind::Sha256 => ObjectFormat::Sha256,
        _ => ObjectFormat::Sha1,
    };
    Ok(Repository {
        shared: Arc::new(Shared {
            work_tree: opened.work_tree.as_deref().map(|path| cwd.join(path)),
            objects: opened.objects.clone(),
            handles: Mutex::default(),
            sound_packed: Mutex::default(),
            intents: Mutex::default(),
            replaced: Mutex::default(),
            deflater: Mutex::default(),
            settled: Mutex::default(),
            pretended: BTreeMap::new(),
            stand: None,
            git_dir,
            common_dir,
            format,
        }),
    })
}

/// Refuse what Git would refuse: extensions that change what files mean and are not known here.
fn check_extensions(config: &gix::config::Snapshot<'_>, path: &Path) -> Result<(), OpenError> {
    let refuse = |extension: &str| {
        Err(OpenError::Extension {
            path: path.to_owned(),
            extension: extension.to_owned(),
        })
    };
    let version = config.integer("core.repositoryFormatVersion").unwrap_or(0);
    if !(0..=1).contains(&version) {
        return refuse(&format!("repositoryFormatVersion = {version}"));
    }
    if let Some(storage) = config.string("extensions.refStorage")
        && storage != "files"
    {
        return Err(OpenError::RefStorage {
            path: path.to_owned(),
            storage: storage.to_string(),
        });
    }
    let sections = config.plumbing().sections_by_name("extensions");
    for section in sections.into_iter().flatten() {
        for name in section.value_names() {
            let name = name.to_string().to_ascii_lowercase();
            if version == 1 && !EXTENSIONS.contains(&name.as_str()) {
                return refuse(&name);
            }
        }
    }
    Ok(())
}

/// The directory with objects and refs: another one in a linked work tree.
fn common_dir(git_dir: &Path) -> Result<PathBuf, OpenError> {
    match read_optional(&git_dir.join("commondir"))? {
        Some(text) => Ok(git_dir.join(text.trim_end_matches(['\n', '\r']))),
        None => Ok(git_dir.to_owned()),
    }
}

fn refuse_grafts(common_dir: &Path) -> Result<(), OpenError> {
    let path = common_dir.join("info/grafts");
    match fs::metadata(&path) {
        Ok(file) if file.len() > 0 => Err(OpenError::Grafts { path }),
        _ => Ok(()),
    }
}

/// Name the ref storage if that is why the library refused the repository.
fn explain(common_dir: &Path, git_dir: &Path, error: gix::Error) -> OpenError {
    if common_dir.join("reftable").is_dir() {
        return OpenError::RefStorage {
            path: git_dir.to_owned(),
            storage: "reftable".to_owned(),
        };
    }
    OpenError::Git {
        path: git_dir.to_owned(),
        source: GitFailure::new(error),
    }
}

/// The text of a small file, if it is there.
pub(super) fn read_optional(path: &Path) -> Result<Option<String>, OpenError> {
    use io::Read as _;
    /// Far above what any such file holds, far below what would hurt.
    const MAX_BYTES: u64 = 64 << 10;
    let fail = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut text = String::new();
    let read = file
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(fail)?;
    if read as u64 > MAX_BYTES {
        return Err(fail(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(Some(text))
}
