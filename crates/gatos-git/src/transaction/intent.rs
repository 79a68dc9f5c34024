//! Intents: what a transaction is about to do, written down so that another process can finish or
//! undo it, and can tell a lock that was left behind from one that is held.
//!
//! An intent is a file in `gatos/intents/` that its writer keeps locked (`flock`) for as long as
//! it lives; the kernel drops that lock when the process dies, however it dies. A process uses its
//! files again: to make one and to remove it costs more than all else about an intent.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use rustix::fs::{FlockOperation, flock};

use super::Edit;
use super::lock::{Lock, lock_path};
use crate::name::RefName;
use crate::object::ObjectId;
use crate::repository::Repository;

/// First line of the file.
const HEADER: &str = "gatos-intent 1";
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// What a file that is used again holds, in bytes: the intent of one edit, and zeros.
const PAGE_BYTES: usize = 2048;

/// The intent of a transaction of this process.
#[derive(Debug)]
pub(super) struct Intent {
    repository: Repository,
    /// Absent once it was abandoned
    file: Option<IntentFile>,
    /// How much was written
    length: usize,
    /// Whether the file is for one transaction alone
    single: bool,
}

/// A file for intents that this process keeps locked; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct IntentFile {
    file: File,
    path: PathBuf,
    /// Whether its name is on the disk
    settled: bool,
}

/// An intent whose writer has died; it stays locked while this exists.
#[derive(Debug)]
pub(crate) struct DeadIntent {
    _file: File,
    path: PathBuf,
    pub(crate) edits: Vec<IntendedEdit>,
    /// Objects whose names may have been lost while that of a ref was kept
    pub(crate) objects: Vec<ObjectId>,
    locks: Vec<(RefName, FileIdentity)>,
}

/// One edit as an intent describes it.
#[derive(Clone, Debug)]
pub(crate) struct IntendedEdit {
    pub(crate) name: RefName,
    pub(crate) old: Option<ObjectId>,
    pub(crate) new: Option<ObjectId>,
}

/// What tells a file from one that was later made at the same place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct FileIdentity {
    inode: u64,
    /// Nanoseconds since 1970, or 0 where the file system does not say.
    born: u128,
}

impl FileIdentity {
    fn of(file: &fs::Metadata) -> Self {
        let born = file.created().ok();
        Self {
            inode: file.ino(),
            born: born
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(0, |age| age.as_nanos()),
        }
    }
}

impl Intent {
    /// Write down `edits`, each with the value that its ref is expected to have, and the `objects`
    /// without which they are to be undone.
    ///
    /// Several edits get a file of their own, which must not come back.
    pub(super) fn begin<'a>(
        repository: &Repository,
        edits: impl ExactSizeIterator<Item = (&'a RefName, &'a Edit)>,
        objects: impl Iterator<Item = ObjectId>,
    ) -> io::Result<Self> {
        let single = edits.len() > 1;
        let mut text = format!("{HEADER}\n");
        for (name, edit) in edits {
            let (old, new) = (or_dash(edit.old()), or_dash(edit.new));
            text.push_str(&format!("edit {old} {new} {name}\n"));
        }
        for id in objects {
            text.push_str(&format!("object {id}\n"));
        }
        let idle = (!single).then(|| repository.idle_intent()).flatten();
        let file = idle.map_or_else(|| IntentFile::create(&directory(repository)), Ok)?;
        let length = text.len();
        if !single {
            // Nothing that stood there before may be read with it.
            text.extend(std::iter::repeat_n('\0', PAGE_BYTES.saturating_sub(length)));
        }
        file.file.write_all_at(text.as_bytes(), 0)?;
        Ok(Self {
            repository: repository.clone(),
            file: Some(file),
            length,
            single,
        })
    }

    /// Write down that a lock was taken.
    pub(super) fn took(&mut self, name: &RefName, lock: &Lock) -> io::Result<()> {
        let FileIdentity { inode, born } = FileIdentity::of(&lock.file().metadata()?);
        let line = format!("lock {inode} {born} {name}\n");
        if let Some(file) = &self.file {
            file.file
                .write_all_at(line.as_bytes(), self.length as u64)?;
        }
        self.length += line.len();
        Ok(())
    }

    /// The open file and where it lies.
    pub(super) fn file(&self) -> Option<(&File, &Path)> {
        let file = self.file.as_ref()?;
        Some((&file.file, &file.path))
    }

    /// The directory in which its name is not known to be on the disk.
    pub(super) fn unsettled(&self) -> Option<&Path> {
        let file = self.file.as_ref().filter(|file| !file.settled)?;
        file.path.parent()
    }

    /// Note that the disk has its name.
    pub(super) fn settle(&mut self) {
        if let Some(file) = &mut self.file {
            file.settled = true;
        }
    }

    /// Leave the intent to be recovered, because the transaction is neither done nor undone.
    pub(super) fn abandon(mut self) {
        if let Some(mut file) = self.file.take() {
            file.path.clear();
        }
    }
}

impl Drop for Intent {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        let reusable = !self.single && self.length <= PAGE_BYTES;
        // Should this process die from here on, it left nothing unfinished.
        if reusable && file.file.write_all_at(&[0; PAGE_BYTES], 0).is_ok() {
            self.repository.keep_intent(file);
        }
    }
}

impl IntentFile {
    /// A new file in `directory`, locked.
    fn create(directory: &Path) -> io::Result<Self> {
        loop {
            let (file, path) = create(directory)?;
            flock(&file, FlockOperation::LockExclusive)?;
            // Before it was locked, another process may have taken it for a dead one.
            let made = Self {
                file,
                path,
                settled: false,
            };
            if made.is_linked() {
                return Ok(made);
            }
        }
    }

    /// Whether others can still find it.
    pub(crate) fn is_linked(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.nlink() > 0)
    }
}

impl Drop for IntentFile {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // A file that stays is found dead, and recovering it changes nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl DeadIntent {
    /// The intents of this repository whose writers have died. Each is locked when it is returned.
    pub(crate) fn find_all(repository: &Repository) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(directory(repository)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for entry in entries {
            if let Some(intent) = Self::open(&entry?.path(), repository.hash_kind())? {
                found.push(intent);
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// The intent at `path`, unless its writer is alive or it is gone.
    fn open(path: &Path, kind: gix::hash::Kind) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if file.metadata()?.nlink() == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        (&file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        let Lines {
            edits,
            objects,
            locks,
        } = parse(&String::from_utf8_lossy(&bytes), kind);
        Ok(Some(Self {
            _file: file,
            path: path.to_owned(),
            edits,
            objects,
            locks,
        }))
    }

    /// Whether the file at `path` is the lock that the dead process took for `name`.
    pub(crate) fn owns_lock(&self, name: &RefName, path: &Path) -> bool {
        let Ok(file) = fs::symlink_metadata(path) else {
            return false;
        };
        let identity = FileIdentity::of(&file);
        self.locks
            .iter()
            .any(|(locked, taken)| locked == name && *taken == identity)
    }

    /// The intent is dealt with.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

impl Repository {
    /// The locks that living processes are taking or hold.
    pub(crate) fn locks_of_the_living(&self) -> io::Result<BTreeSet<PathBuf>> {
        let mut held = BTreeSet::new();
        let entries = match fs::read_dir(directory(self)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(held),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let Ok(bytes) = fs::read(entry?.path()) else {
                continue;
            };
            let lines = parse(&String::from_utf8_lossy(&bytes), self.hash_kind());
            held.extend(
                lines
                    .edits
                    .iter()
                    .map(|edit| lock_path(&self.ref_path(&edit.name))),
            );
        }
        Ok(held)
    }
}

/// Where intents lie.
pub(crate) fn directory(repository: &Repository) -> PathBuf {
    repository.common_dir().join("gatos/intents")
}

/// A new file in `directory`, which is made if need be.
fn create(directory: &Path) -> io::Result<(File, PathBuf)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{}-{number}", std::process::id()));
        match File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(directory)?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What an intent says.
#[derive(Default)]
struct Lines {
    edits: Vec<IntendedEdit>,
    objects: Vec<ObjectId>,
    locks: Vec<(RefName, FileIdentity)>,
}

/// The lines that are whole; after a power loss the rest may be missing or zeros.
fn parse(text: &str, kind: gix::hash::Kind) -> Lines {
    let mut lines = Lines::default();
    let Some(body) = text.strip_prefix(&format!("{HEADER}\n")) else {
        return lines;
    };
    for line in body.split_inclusive('\n') {
        let whole = line.strip_suffix('\n');
        if whole.and_then(|line| lines.take(line, kind)).is_none() {
            break;
        }
    }
    lines
}

impl Lines {
    /// Take one line up; `None` if it is none.
    fn take(&mut self, line: &str, kind: gix::hash::Kind) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["edit", old, new, name] => self.edits.push(IntendedEdit {
                name: name.parse().ok()?,
                old: parse_id(old, kind)?,
                new: parse_id(new, kind)?,
            }),
            ["object", id] => self.objects.push(parse_id(id, kind)??),
            ["lock", inode, born, name] => {
                let (inode, born) = (inode.parse().ok()?, born.parse().ok()?);
                let name = name.parse().ok()?;
                self.locks.push((name, FileIdentity { inode, born }));
            }
            _ => return None,
        }
        Some(())
    }
}

fn parse_id(text: &str, kind: gix::hash::Kind) -> Option<Option<ObjectId>> {
    if text == "-" {
        return Some(None);
    }
    let id: ObjectId = text.parse().ok()?;
    (id.kind() == kind).then_some(Some(id))
}

fn or_dash(id: Option<ObjectId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}
