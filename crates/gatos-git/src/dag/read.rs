//! From Git trees to blocks, each of which is checked against its id.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use gatos_core::cid::Cid;

use super::{BLOCK, MAX_DAG_BLOCKS, MAX_DAG_BYTES, ReadDagError, StageDagError, link_entry, links};
use crate::object::{EntryRef, ObjectId, ReadError, TreeEntry};
use crate::repository::Repository;

/// A stored DAG, read block by block as it is asked for.
#[derive(Debug)]
pub struct Dag {
    repository: Repository,
    root: Cid,
    walk: Mutex<Walk>,
}

/// How far a DAG was walked.
#[derive(Debug, Default)]
struct Walk {
    /// Where blocks are that were seen as links
    places: BTreeMap<Cid, EntryRef>,
    /// Those of them whose own links were not looked at, oldest first
    unopened: VecDeque<Cid>,
    opened: BTreeSet<Cid>,
}

/// A block as it is stored.
struct Stored {
    bytes: Vec<u8>,
    links: Vec<(Cid, EntryRef)>,
}

impl Repository {
    /// The DAG whose root block `root` is stored at `entry`. Nothing is read yet.
    #[must_use]
    pub fn dag(&self, entry: EntryRef, root: Cid) -> Dag {
        let mut walk = Walk::default();
        walk.see(root, entry);
        Dag {
            repository: self.clone(),
            root,
            walk: Mutex::new(walk),
        }
    }

    /// Every block of the DAG whose root block `root` is stored at `entry`.
    ///
    /// # Errors
    /// [`ReadDagError`]: a block is missing or damaged, or there are more than
    /// [`MAX_DAG_BLOCKS`] or [`MAX_DAG_BYTES`].
    pub fn read_dag(
        &self,
        entry: EntryRef,
        root: Cid,
    ) -> Result<BTreeMap<Cid, Vec<u8>>, ReadDagError> {
        let mut blocks = BTreeMap::new();
        let mut total = 0;
        let mut walk = Walk::default();
        walk.see(root, entry);
        while let Some(cid) = walk.unopened.pop_front() {
            let stored = self.stored_block(&cid, walk.places[&cid])?;
            total += stored.bytes.len() as u64;
            if blocks.len() == MAX_DAG_BLOCKS || total > MAX_DAG_BYTES {
                return Err(ReadDagError::TooLarge {
                    root,
                    max_blocks: MAX_DAG_BLOCKS,
                    max_bytes: MAX_DAG_BYTES,
                });
            }
            walk.open(cid, &stored.links);
            blocks.insert(cid, stored.bytes);
        }
        Ok(blocks)
    }

    fn stored_block(&self, cid: &Cid, entry: EntryRef) -> Result<Stored, ReadDagError> {
        let read = |source| ReadDagError::Read { cid: *cid, source };
        let (blob, mut children) = match entry {
            EntryRef::Blob(blob) => (blob, BTreeMap::new()),
            EntryRef::Tree(tree) => self.block_and_children(cid, &tree)?,
        };
        let bytes = self.read_blob(&blob).map_err(read)?;
        if !cid.names(&bytes) {
            return Err(ReadDagError::Mismatch {
                cid: *cid,
                id: blob,
            });
        }
        let mut found = Vec::new();
        let targets =
            links(cid, &bytes).map_err(|source| ReadDagError::Decode { cid: *cid, source })?;
        for (index, target) in targets.into_iter().enumerate() {
            if let Some(entry) = children.remove(&link_entry(index)) {
                found.push((target, entry));
            }
        }
        match children.pop_first() {
            Some((name, _)) => Err(ReadDagError::Shape {
                cid: *cid,
                id: entry.id(),
                entry: name,
            }),
            None => Ok(Stored {
                bytes,
                links: found,
            }),
        }
    }

    /// The blob of a block and the entries of its links.
    fn block_and_children(
        &self,
        cid: &Cid,
        tree: &ObjectId,
    ) -> Result<(ObjectId, BTreeMap<String, EntryRef>), ReadDagError> {
        let shape = |entry: &str| ReadDagError::Shape {
            cid: *cid,
            id: *tree,
            entry: entry.to_owned(),
        };
        let mut children = BTreeMap::new();
        let entries: Vec<TreeEntry> = self
            .read_tree(tree)
            .map_err(|source: ReadError| ReadDagError::Read { cid: *cid, source })?;
        for entry in entries {
            let target = entry.entry().ok_or_else(|| shape(&entry.name))?;
            children.insert(entry.name, target);
        }
        match children.remove(BLOCK) {
            Some(EntryRef::Blob(blob)) => Ok((blob, children)),
            _ => Err(shape(BLOCK)),
        }
    }
}

impl Dag {
    /// The root block.
    #[must_use]
    pub const fn root(&self) -> Cid {
        self.root
    }

    /// Where every block is that was seen so far, as a link or read.
    pub(super) fn seen(&self) -> BTreeMap<Cid, EntryRef> {
        let walk = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        walk.places.clone()
    }

    /// The bytes of a block, or `None` if the DAG does not hold it.
    ///
    /// A block whose parent was read before is found at once; for any other the DAG is walked from
    /// where the last walk ended.
    ///
    /// # Errors
    /// [`ReadDagError`]: a block on the way is missing or damaged.
    pub fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>, ReadDagError> {
        let mut walk = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(place) = walk.places.get(cid).copied() {
                let stored = self.repository.stored_block(cid, place)?;
                walk.open(*cid, &stored.links);
                return Ok(Some(stored.bytes));
            }
            let Some(next) = walk.unopened.pop_front() else {
                return Ok(None);
            };
            if !walk.opened.contains(&next) {
                let stored = self.repository.stored_block(&next, walk.places[&next])?;
                walk.open(next, &stored.links);
            }
        }
    }
}

impl Walk {
    fn see(&mut self, cid: Cid, entry: EntryRef) {
        if self.places.insert(cid, entry).is_none() {
            self.unopened.push_back(cid);
        }
    }

    fn open(&mut self, cid: Cid, links: &[(Cid, EntryRef)]) {
        if self.opened.insert(cid) {
            for (target, entry) in links {
                self.see(*target, *entry);
            }
        }
    }
}

/// Where the blocks are that `base` and the DAG below `root` share, found level by level so that
/// only what differs is read.
pub(super) fn shared_with(
    base: &Dag,
    root: &Cid,
    block: &dyn Fn(&Cid) -> Option<Vec<u8>>,
) -> Result<BTreeMap<Cid, EntryRef>, StageDagError> {
    let mut known = BTreeMap::new();
    let mut old = BTreeMap::new();
    {
        let walk = base.walk.lock().unwrap_or_else(PoisonError::into_inner);
        old.insert(base.root, walk.places[&base.root]);
    }
    let mut new = BTreeSet::from([*root]);
    while !old.is_empty() && !new.is_empty() {
        known.extend(&old);
        new.retain(|cid| !known.contains_key(cid));
        let mut below_old = BTreeMap::new();
        for (cid, entry) in &old {
            let stored = base
                .repository
                .stored_block(cid, *entry)
                .map_err(|source| StageDagError::Base { source })?;
            below_old.extend(stored.links);
        }
        let mut below_new = BTreeSet::new();
        for cid in &new {
            let Some(bytes) = block(cid) else { continue };
            let targets =
                links(cid, &bytes).map_err(|source| StageDagError::Decode { cid: *cid, source })?;
            below_new.extend(targets);
        }
        // What is below a shared block is shared with it and need not be looked at.
        known.extend(
            below_old
                .iter()
                .filter(|(cid, _)| below_new.contains(cid))
                .map(|(cid, entry)| (*cid, *entry)),
        );
        below_old.retain(|cid, _| !known.contains_key(cid));
        below_new.retain(|cid| !known.contains_key(cid));
        (old, new) = (below_old, below_new);
    }
    Ok(known)
}
