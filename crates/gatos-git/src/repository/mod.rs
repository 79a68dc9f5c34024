//! A repository: where its objects and refs are, and how it was opened.

mod alternates;
mod error;
mod init;
mod open;
mod pretence;
mod settled;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::error::{InitError, OpenError};
pub use self::init::Layout;
pub use self::open::OpenOptions;
pub(crate) use self::settled::DirectoryIdentity;
use self::settled::Settled;
use crate::name::RefName;
use crate::object::{ObjectFormat, ObjectId};
use crate::refs::PackedVersion;
use crate::transaction::{Deflater, IntentFile};

/// An open repository.
///
/// Nothing is cached that another process could change behind it: refs are read from disk every
/// time. It is cheap to clone, and clones may be used by several threads.
#[derive(Clone)]
pub struct Repository {
    shared: Arc<Shared>,
}

/// A handle of an object database, for one thread.
pub(crate) type Objects = gix::odb::store::Handle<Arc<gix::odb::Store>>;

struct Shared {
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    format: ObjectFormat,
    objects: Arc<gix::odb::Store>,
    /// Handles that are not in use; each has its own inflate buffers.
    handles: Mutex<Vec<Objects>>,
    /// The `packed-refs` that was checked last.
    sound_packed: Mutex<Option<PackedVersion>>,
    /// Files for intents that are not in use.
    intents: Mutex<Vec<IntentFile>>,
    /// The file of a ref that was replaced. Its blocks are given back when nobody has it open any more,
    /// which takes longer than all else about it: once the transaction is done, by a thread that nobody waits for.
    replaced: Mutex<Option<File>>,
    /// A compressor that is not in use: its tables are large, and a small transaction is done before they
    /// are made.
    deflater: Mutex<Option<Deflater>>,
    /// Directories whose names this process has put on the disk.
    settled: Mutex<Settled>,
    /// Refs that are taken to be elsewhere than they are.
    pretended: BTreeMap<RefName, Option<ObjectId>>,
    /// What a view of the repository stands on, removed with it.
    stand: Option<Arc<tempfile::TempDir>>,
}

impl Repository {
    /// The repository's own directory (`.git`, or that of a linked work tree).
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.shared.git_dir
    }

    /// The directory that holds objects and refs.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.shared.common_dir
    }

    /// The checked-out files, unless the repository is bare.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.shared.work_tree.as_deref()
    }

    /// The hash function of its object ids.
    #[must_use]
    pub fn object_format(&self) -> ObjectFormat {
        self.shared.format
    }

    /// Whether its history may have been cut (`git clone --depth`), as of now.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        std::fs::metadata(self.common_dir().join("shallow")).is_ok_and(|file| file.len() > 0)
    }

    /// Whether this very `packed-refs` was checked before.
    pub(crate) fn was_sound(&self, version: &PackedVersion) -> bool {
        let checked = self.shared.sound_packed.lock();
        checked.unwrap_or_else(PoisonError::into_inner).as_ref() == Some(version)
    }

    pub(crate) fn remember_sound(&self, version: PackedVersion) {
        let mut checked = self
            .shared
            .sound_packed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *checked = Some(version);
    }

    /// A file for an intent, if one of this process is not in use and still there.
    pub(crate) fn idle_intent(&self) -> Option<IntentFile> {
        self.intents().pop().filter(IntentFile::is_linked)
    }

    pub(crate) fn keep_intent(&self, file: IntentFile) {
        self.intents().push(file);
    }

    /// The file at `path` is about to be replaced or removed: keep it a little longer.
    pub(crate) fn outlive(&self, path: &Path) {
        *self.replaced() = File::open(path).ok();
    }

    /// The file that was kept, to be closed.
    pub(crate) fn outlived(&self) -> Option<File> {
        self.replaced().take()
    }

    /// A compressor, the one of an earlier transaction if it is not in use.
    pub(crate) fn take_deflater(&self) -> Deflater {
        self.deflater().take().unwrap_or_else(Deflater::new)
    }

    /// The compressor is not in use any more.
    pub(crate) fn keep_deflater(&self, deflater: Deflater) {
        *self.deflater() = Some(deflater);
    }

    fn deflater(&self) -> MutexGuard<'_, Option<Deflater>> {
        let deflater = self.shared.deflater.lock();
        deflater.unwrap_or_else(PoisonError::into_inner)
    }

    fn replaced(&self) -> MutexGuard<'_, Option<File>> {
        let replaced = self.shared.replaced.lock();
        replaced.unwrap_or_else(PoisonError::into_inner)
    }

    fn intents(&self) -> MutexGuard<'_, Vec<IntentFile>> {
        let intents = self.shared.intents.lock();
        intents.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hash_kind(&self) -> gix::hash::Kind {
        self.shared.format.to_gix()
    }

    pub(crate) fn objects_dir(&self) -> PathBuf {
        self.common_dir().join("objects")
    }

    /// Lend an object database handle to `read` that looks for new packs when it finds nothing.
    pub(crate) fn with_objects<T>(&self, read: impl FnOnce(&Objects) -> T) -> T {
        let pool = || {
            self.shared
                .handles
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let idle = pool().pop();
        let handle = idle.unwrap_or_else(|| self.shared.objects.to_handle_arc());
        let result = read(&handle);
        pool().push(handle);
        result
    }
}

impl Repository {
    /// A handle that does not look for new packs when it finds nothing.
    pub(crate) fn settled_objects(&self) -> Objects {
        let mut handle = self.shared.objects.to_handle_arc();
        handle.refresh_never();
        handle
    }
}

/// The object database as it is on disk now, whatever was read before.
pub(crate) struct ObjectsOnDisk(Objects);

impl ObjectsOnDisk {
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        use gix::objs::Exists as _;
        self.0.exists(id.oid())
    }
}

impl Repository {
    pub(crate) fn objects_on_disk(&self) -> io::Result<ObjectsOnDisk> {
        let store = gix::odb::Store::at_opts(
            self.objects_dir(),
            self.hash_kind(),
            &mut std::iter::empty(),
            gix::odb::store::init::Options::default(),
        )?;
        Ok(ObjectsOnDisk(Arc::new(store).to_handle_arc()))
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("git_dir", &self.git_dir())
            .field("format", &self.object_format())
            .finish_non_exhaustive()
    }
}
