//! From blocks to Git trees.

use std::collections::BTreeMap;

use gatos_core::cid::Cid;

use super::{BLOCK, Dag, MAX_DEPTH, StageDagError, link_entry, links};
use crate::object::EntryRef;
use crate::transaction::{StageError, Transaction};

/// A block whose links are being staged.
struct Open {
    cid: Cid,
    bytes: Vec<u8>,
    links: Vec<Cid>,
    next: usize,
    entries: Vec<(usize, EntryRef)>,
}

impl Transaction {
    /// Stage the DAG below `root`. `block` gives the bytes of each block that is to be stored, and
    /// `None` for those that are only linked to.
    ///
    /// # Errors
    /// [`StageDagError`]: the root is not given, or a block is not what its id says.
    pub fn dag(
        &mut self,
        root: &Cid,
        block: &dyn Fn(&Cid) -> Option<Vec<u8>>,
    ) -> Result<EntryRef, StageDagError> {
        self.dag_knowing(root, block, BTreeMap::new())
    }

    /// As [`Transaction::dag`], reusing what is stored of `base`: blocks that it shares with the
    /// new DAG are neither asked for nor written again. Costs as much as the two differ.
    ///
    /// # Errors
    /// As [`Transaction::dag`], and if `base` cannot be read.
    pub fn dag_upon(
        &mut self,
        base: &Dag,
        root: &Cid,
        block: &dyn Fn(&Cid) -> Option<Vec<u8>>,
    ) -> Result<EntryRef, StageDagError> {
        let known = super::read::shared_with(base, root, block)?;
        self.dag_knowing(root, block, known)
    }

    /// As [`Transaction::dag`], of a DAG that was made from `base`: what `block` does not give is
    /// taken to be stored where it was seen when `base` was read, and is not read again. A block that
    /// was seen in neither is only linked to.
    ///
    /// # Errors
    /// As [`Transaction::dag`].
    pub fn dag_grown(
        &mut self,
        base: &Dag,
        root: &Cid,
        block: &dyn Fn(&Cid) -> Option<Vec<u8>>,
    ) -> Result<EntryRef, StageDagError> {
        self.dag_knowing(root, block, base.seen())
    }

    fn dag_knowing(
        &mut self,
        root: &Cid,
        block: &dyn Fn(&Cid) -> Option<Vec<u8>>,
        mut known: BTreeMap<Cid, EntryRef>,
    ) -> Result<EntryRef, StageDagError> {
        if let Some(entry) = known.get(root) {
            return Ok(*entry);
        }
        let first = open(root, block)?.ok_or(StageDagError::Root { cid: *root })?;
        let mut path = vec![first];
        loop {
            let depth = path.len();
            let Some(top) = path.last_mut() else {
                unreachable!("the path ends with the root, which returns");
            };
            if let Some(link) = top.links.get(top.next).copied() {
                let index = top.next;
                top.next += 1;
                if let Some(entry) = known.get(&link) {
                    top.entries.push((index, *entry));
                } else if let Some(child) = open(&link, block)? {
                    if depth == MAX_DEPTH {
                        return Err(StageDagError::Depth { cid: link });
                    }
                    // Looked at again once the child is known.
                    top.next = index;
                    path.push(child);
                }
                continue;
            }
            let Some(done) = path.pop() else {
                unreachable!("the path was not empty");
            };
            let cid = done.cid;
            let entry = self
                .close(done)
                .map_err(|source| StageDagError::Stage { cid, source })?;
            known.insert(cid, entry);
            if path.is_empty() {
                return Ok(entry);
            }
        }
    }

    /// Stage one block whose stored links are staged.
    fn close(&mut self, block: Open) -> Result<EntryRef, StageError> {
        let blob = EntryRef::Blob(self.blob(block.bytes)?);
        if block.entries.is_empty() {
            return Ok(blob);
        }
        let names: Vec<_> = block
            .entries
            .iter()
            .map(|(index, entry)| (link_entry(*index), *entry))
            .collect();
        let entries = names.iter().map(|(name, entry)| (name.as_str(), *entry));
        let tree = self.tree(entries.chain([(BLOCK, blob)]))?;
        Ok(EntryRef::Tree(tree))
    }
}

fn open(cid: &Cid, block: &dyn Fn(&Cid) -> Option<Vec<u8>>) -> Result<Option<Open>, StageDagError> {
    let Some(bytes) = block(cid) else {
        return Ok(None);
    };
    if !cid.names(&bytes) {
        return Err(StageDagError::Mismatch { cid: *cid });
    }
    let links = links(cid, &bytes).map_err(|source| StageDagError::Decode { cid: *cid, source })?;
    Ok(Some(Open {
        cid: *cid,
        bytes,
        links,
        next: 0,
        entries: Vec::new(),
    }))
}
