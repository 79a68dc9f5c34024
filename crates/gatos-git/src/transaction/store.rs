//! Writing loose objects: compressed, synchronised, then put in place; damaged ones are replaced.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix::objs::Find as _;
use gix::zlib::stream::deflate::{Compress, FlushCompress};
use gix::zlib::{Compression, Status};
use tempfile::NamedTempFile;

use super::{Staged, TransactionError};
use crate::failure::GitFailure;
use crate::object::ObjectId;
use crate::repository::Repository;

/// The name that `git gc` knows and removes when it is old.
const TEMPORARY_PREFIX: &str = "tmp_obj_";

/// An object that was written but is not in place.
pub(super) struct Written {
    file: NamedTempFile,
    place: PathBuf,
}

/// Writes objects of one transaction.
pub(super) struct Store<'a> {
    repository: &'a Repository,
    objects: PathBuf,
    loose: gix::odb::loose::Store,
    compress: Compress,
}

impl<'a> Store<'a> {
    pub(super) fn new(repository: &'a Repository) -> Self {
        let objects = repository.objects_dir();
        Self {
            repository,
            loose: gix::odb::loose::Store::at(objects.clone(), repository.hash_kind()),
            objects,
            compress: Compress::new(Compression::BEST_SPEED),
        }
    }

    /// Write `object` to a file beside its place, unless a sound copy is there.
    pub(super) fn write(&mut self, object: &Staged) -> Result<Option<Written>, TransactionError> {
        if self.is_stored(object)? {
            return Ok(None);
        }
        let compressed = self.compress(object)?;
        let place = self.place(&object.id);
        let directory = place.parent().unwrap_or(&self.objects);
        let fail = |source| TransactionError::Io {
            path: place.clone(),
            source,
        };
        let mut file = temporary_in(directory).map_err(fail)?;
        file.write_all(&compressed).map_err(fail)?;
        Ok(Some(Written { file, place }))
    }

    /// Where a loose object lies.
    fn place(&self, id: &ObjectId) -> PathBuf {
        self.loose.object_path(id.oid())
    }

    /// Whether a copy of `object` with the right content is in the repository. One that is about
    /// to be pruned is made young again.
    fn is_stored(&self, object: &Staged) -> Result<bool, TransactionError> {
        let place = self.place(&object.id);
        match fs::File::open(&place) {
            Ok(file) => {
                let mut bytes = Vec::new();
                let found = self.loose.try_find(object.id.oid(), &mut bytes);
                let sound = matches!(found, Ok(Some(data))
                    if data.kind == object.kind.to_gix() && data.data == object.bytes);
                // A copy that was deleted meanwhile, or is not ours, is written again.
                return Ok(sound && file.set_modified(SystemTime::now()).is_ok());
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(TransactionError::Io {
                    path: place,
                    source,
                });
            }
        }
        let mut bytes = Vec::new();
        let packed = self.repository.with_objects(|objects| {
            match objects.try_find(object.id.oid(), &mut bytes) {
                Ok(Some(data)) => Ok(Some(
                    data.kind == object.kind.to_gix() && data.data == object.bytes,
                )),
                Ok(None) => Ok(None),
                Err(_) => Err(()),
            }
        });
        match packed {
            Ok(Some(true)) => Ok(true),
            Ok(None) => Ok(false),
            Ok(Some(false)) | Err(()) => Err(TransactionError::Damaged { id: object.id }),
        }
    }

    fn compress(&mut self, object: &Staged) -> Result<Vec<u8>, TransactionError> {
        let header =
            gix::objs::encode::loose_header(object.kind.to_gix(), object.bytes.len() as u64);
        let mut out = vec![0; object.bytes.len() / 2 + 256];
        let mut written = 0;
        self.compress.reset();
        for (input, flush) in [
            (&header[..], FlushCompress::None),
            (&object.bytes[..], FlushCompress::Finish),
        ] {
            let mut taken = 0;
            loop {
                let before = (self.compress.total_in(), self.compress.total_out());
                let status = self
                    .compress
                    .compress(&input[taken..], &mut out[written..], flush)
                    .map_err(|error| TransactionError::Compress {
                        id: object.id,
                        source: GitFailure::new(error),
                    })?;
                taken += (self.compress.total_in() - before.0) as usize;
                written += (self.compress.total_out() - before.1) as usize;
                let done = match flush {
                    FlushCompress::Finish => status == Status::StreamEnd,
                    _ => taken == input.len(),
                };
                if done {
                    break;
                }
                let room = out.len() * 2;
                out.resize(room, 0);
            }
        }
        out.truncate(written);
        Ok(out)
    }
}

impl Written {
    pub(super) fn file(&self) -> &fs::File {
        self.file.as_file()
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// Put the object in its place; the directories to synchronise are added to `directories`.
    pub(super) fn publish(
        self,
        directories: &mut BTreeSet<PathBuf>,
    ) -> Result<(), TransactionError> {
        let Self { file, place } = self;
        file.persist(&place)
            .map_err(|failure| TransactionError::Io {
                path: place.clone(),
                source: failure.error,
            })?;
        // The directory, and the one that holds it in case it is new.
        directories.extend(place.ancestors().skip(1).take(2).map(Path::to_owned));
        Ok(())
    }
}

/// A file in `directory`, which is made if need be. Maintenance may remove it at any time while it
/// is empty.
fn temporary_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut attempts = 0;
    loop {
        let made = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .permissions(fs::Permissions::from_mode(0o444))
            .tempfile_in(directory);
        match made {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < 3 => {
                attempts += 1;
                match fs::create_dir(directory) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(error);
                    }
                    _ => {}
                }
            }
            made => return made,
        }
    }
}
