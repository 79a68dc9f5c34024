//! Writing objects: compressed beforehand, synchronised, then put in place. Damaged ones are
//! replaced, and ones that are there already are compared byte for byte.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use gix::objs::Find as _;

use super::apply::sync_failure;
use super::deflate::Deflater;
use super::pack::{PackEntry, WrittenPack};
use super::pool::Help;
use super::swap::io_failure;
use super::sync::{Batch, SyncFailure};
use super::unnamed::ObjectFile;
use super::{Durability, Staged, TransactionError};
use crate::repository::{Objects, Repository};

/// More new objects than this go into a pack, which the disk takes as two files.
const PACK_ABOVE: usize = 64;

/// Writes the objects of one transaction.
pub(super) struct Store<'a> {
    repository: &'a Repository,
    loose: gix::odb::loose::Store,
    /// Takes what is not in the packs it knows for absent: a second copy does no harm
    packs: Objects,
    /// Lent by the repository, until this is dropped
    deflater: Option<Deflater>,
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        if let Some(deflater) = self.deflater.take() {
            self.repository.keep_deflater(deflater);
        }
    }
}

/// A staged object and what was found of it.
pub(super) struct Prepared<'a> {
    object: &'a Staged,
    place: PathBuf,
    state: State,
}

enum State {
    /// No copy was found
    Absent,
    /// To be written as a file with this content, in place of a damaged one or none
    New(Arc<[u8]>),
    /// To be written into a pack as this zlib stream
    NewPacked(Vec<u8>),
    /// A loose copy was found sound
    Loose(File),
    /// A packed copy was found sound; Git synchronises packs when it writes them
    Packed,
}

/// Objects whose files are being made, in any order: whoever has begun need not wait for them before
/// there is nothing else to do.
pub(super) struct Writing(Help<NewFile, Result<Made, TransactionError>>);

/// The place and the content of a file to be made.
type NewFile = (PathBuf, Arc<[u8]>);
/// A file that was made, and its place.
type Made = (ObjectFile, PathBuf);

/// Objects that were written but are not in place.
#[derive(Default)]
pub(super) struct Written {
    loose: Vec<Made>,
    pack: Option<WrittenPack>,
}

impl<'a> Store<'a> {
    pub(super) fn new(repository: &'a Repository) -> Self {
        Self {
            repository,
            loose: gix::odb::loose::Store::at(repository.objects_dir(), repository.hash_kind()),
            packs: repository.settled_objects(),
            deflater: Some(repository.take_deflater()),
        }
    }

    /// Look which of `objects` are stored, and compress those that are not.
    pub(super) fn prepare<'o>(
        &mut self,
        objects: &'o [Staged],
    ) -> Result<Vec<Prepared<'o>>, TransactionError> {
        let mut prepared = Vec::with_capacity(objects.len());
        for object in objects {
            let place = self.loose.object_path(object.id.oid());
            let state = match self.find_loose(object, &place)? {
                Some(state) => state,
                None if self.is_packed(object)? => State::Packed,
                None => State::Absent,
            };
            prepared.push(Prepared {
                object,
                place,
                state,
            });
        }
        let absent = |object: &&mut Prepared<'_>| matches!(object.state, State::Absent);
        let many = prepared.iter_mut().filter(absent).count() > PACK_ABOVE;
        for object in prepared.iter_mut().filter(absent) {
            object.state = if many {
                State::NewPacked(self.deflated(object.object, &[&object.object.bytes])?)
            } else {
                State::New(self.loose_file(object.object)?)
            };
        }
        Ok(prepared)
    }

    /// The loose copy of `object`, if there is one. One that is about to be pruned is made young.
    fn find_loose(
        &mut self,
        object: &Staged,
        place: &Path,
    ) -> Result<Option<State>, TransactionError> {
        let file = match File::open(place) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_failure(place, source)),
        };
        let sound = self.is_sound(object);
        // A copy that is not ours to make young is written again.
        Ok(if sound && file.set_modified(SystemTime::now()).is_ok() {
            Some(State::Loose(file))
        } else {
            Some(State::New(self.loose_file(object)?))
        })
    }

    /// Whether the loose copy of `object` is `object`. Nothing larger is inflated.
    fn is_sound(&self, object: &Staged) -> bool {
        let id = object.id.oid();
        let length = object.bytes.len() as u64;
        if !matches!(self.loose.try_header(id), Ok(Some((size, _))) if size == length) {
            return false;
        }
        let mut bytes = Vec::new();
        let found = self.loose.try_find(id, &mut bytes);
        matches!(found, Ok(Some(data)) if is_same(object, &data))
    }

    fn is_packed(&self, object: &Staged) -> Result<bool, TransactionError> {
        let mut bytes = Vec::new();
        match self.packs.try_find(object.id.oid(), &mut bytes) {
            Ok(Some(found)) if is_same(object, &found) => Ok(true),
            Ok(None) => Ok(false),
            // Packs are read before loose objects, so that writing one would not help.
            Ok(Some(_)) | Err(_) => Err(TransactionError::Damaged { id: object.id }),
        }
    }

    /// Begin to make the files of the new ones of `objects`, beside their places, and if they are to be
    /// durable to wait for the disk.
    pub(super) fn begin(objects: &[Prepared<'_>], durability: Durability) -> Writing {
        let new = objects.iter().filter_map(|object| match &object.state {
            State::New(content) => Some((object.place.clone(), Arc::clone(content))),
            _ => None,
        });
        let new: Vec<_> = new.collect();
        let count = new.len();
        let make = match durability {
            Durability::Durable => make_durable_file,
            Durability::Relaxed => make_file,
        };
        Writing(Help::ask(new, make, count))
    }

    /// Write the new ones of `objects` that go into a pack beside their places. `files` is to be synchronised
    /// before anything is published, `directories` afterwards.
    pub(super) fn write(
        &self,
        objects: &[Prepared<'_>],
        files: &mut Batch<'_>,
        directories: &mut Batch<'_>,
    ) -> Result<Written, TransactionError> {
        let mut written = Written::default();
        let mut packed = Vec::new();
        for Prepared {
            object,
            place,
            state,
        } in objects
        {
            let fail = |source| io_failure(place, source);
            match state {
                State::Absent | State::Packed => continue,
                State::NewPacked(deflated) => {
                    packed.push(PackEntry {
                        id: object.id,
                        kind: object.kind,
                        length: object.bytes.len(),
                        deflated,
                    });
                    continue;
                }
                State::New(_) => continue,
                State::Loose(file) => files.file(file.try_clone().map_err(fail)?, place),
            }
            if let Some(directory) = place.parent() {
                directories.directory_below(directory, self.loose.path());
            }
        }
        if !packed.is_empty() {
            let packs = self.repository.objects_dir().join("pack");
            let kind = self.repository.hash_kind();
            written.pack = Some(WrittenPack::write(&packs, kind, &packed, files)?);
            directories.directory(&packs);
        }
        Ok(written)
    }

    /// Put objects that were written in their places. `directories` is to be synchronised afterwards.
    pub(super) fn publish(
        &self,
        written: Written,
        directories: &mut Batch<'_>,
    ) -> Result<(), TransactionError> {
        written.publish(self.loose.path(), directories)
    }

    /// Write those of `objects` again that `git gc --prune=now` removed after they were written or
    /// found: nothing referred to them yet.
    pub(super) fn replace_missing(
        &mut self,
        objects: &[Prepared<'_>],
        durability: Durability,
    ) -> Result<(), TransactionError> {
        // Only the disk knows: a pack that was removed is still there for those who have it open.
        let mut packs = None;
        for Prepared { object, place, .. } in objects {
            if place.exists() {
                continue;
            }
            let packs = match &packs {
                Some(packs) => packs,
                None => packs.insert(
                    self.repository
                        .objects_on_disk()
                        .map_err(|source| io_failure(place, source))?,
                ),
            };
            if packs.contains(&object.id) {
                continue;
            }
            let (mut files, mut directories) =
                (Batch::new(self.repository), Batch::new(self.repository));
            let again = Prepared {
                object,
                place: place.clone(),
                state: State::New(self.loose_file(object)?),
            };
            let again = [again];
            let begun = Self::begin(&again, durability);
            let mut written = self.write(&again, &mut files, &mut directories)?;
            written.take(begun)?;
            if durability == Durability::Durable {
                files.wait().map_err(sync_failure)?;
            }
            self.publish(written, &mut directories)?;
            if durability == Durability::Durable {
                directories.wait().map_err(sync_failure)?;
            }
        }
        Ok(())
    }

    /// The content of the file of a loose object.
    fn loose_file(&mut self, object: &Staged) -> Result<Arc<[u8]>, TransactionError> {
        let length = object.bytes.len() as u64;
        let header = gix::objs::encode::loose_header(object.kind.to_gix(), length);
        self.deflated(object, &[&header, &object.bytes])
            .map(Arc::from)
    }

    fn deflated(&mut self, object: &Staged, parts: &[&[u8]]) -> Result<Vec<u8>, TransactionError> {
        self.deflater
            .get_or_insert_with(Deflater::new)
            .stream(parts)
            .map_err(|source| TransactionError::Compress {
                id: object.id,
                source,
            })
    }
}

impl Written {
    /// Take the files that were begun, once they are made.
    pub(super) fn take(&mut self, begun: Writing) -> Result<(), TransactionError> {
        for made in begun.0.finish() {
            self.loose.push(made?);
        }
        Ok(())
    }

    /// Put the objects in their places. `names` is to be synchronised afterwards.
    fn publish(self, objects: &Path, names: &mut Batch<'_>) -> Result<(), TransactionError> {
        for (file, place) in self.loose {
            let again = file
                .publish(&place)
                .map_err(|source| io_failure(&place, source))?;
            if let Some(file) = again {
                names.file(file, &place);
            }
            // Only now: whatever is in a directory keeps it from being removed.
            if let Some(directory) = place.parent() {
                names.directory_below(directory, objects);
            }
        }
        self.pack.map_or(Ok(()), WrittenPack::publish)
    }
}

fn is_same(object: &Staged, found: &gix::objs::Data<'_>) -> bool {
    found.kind == object.kind.to_gix() && found.data == object.bytes
}

fn make_file((place, content): NewFile) -> Result<Made, TransactionError> {
    match ObjectFile::with(&content, &place) {
        Ok(file) => Ok((file, place)),
        Err(source) => Err(io_failure(&place, source)),
    }
}

fn make_durable_file(file: NewFile) -> Result<Made, TransactionError> {
    let (file, place) = make_file(file)?;
    match file.as_file().sync_all() {
        Ok(()) => Ok((file, place)),
        Err(source) => Err(sync_failure(SyncFailure {
            path: place,
            source,
        })),
    }
}
