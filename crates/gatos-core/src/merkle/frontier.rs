//! The right edge of a tree: enough to append leaves and to know the head, in O(log n) space.

use std::slice::Iter;

use super::TreeHash;

/// Why hashes are not the frontier of a tree of that size.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a tree of {size} leaves has a frontier of {want} hashes, not {found}")]
pub struct FrontierError {
    /// Number of leaves
    pub size: u64,
    /// Hashes that a tree of this size has
    pub want: u32,
    /// Hashes found
    pub found: usize,
}

/// The heads of the complete subtrees of a tree, from left to right: one for each set bit of its size.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<TreeHash>,
}

impl Frontier {
    /// The frontier of the tree without leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            hashes: Vec::new(),
        }
    }

    /// A frontier that was written down.
    ///
    /// # Errors
    /// A number of hashes that a tree of `size` leaves does not have.
    pub fn from_parts(size: u64, hashes: Vec<TreeHash>) -> Result<Self, FrontierError> {
        let want = size.count_ones();
        if u32::try_from(hashes.len()) != Ok(want) {
            return Err(FrontierError {
                size,
                want,
                found: hashes.len(),
            });
        }
        Ok(Self { size, hashes })
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The heads of the complete subtrees, from left to right.
    #[must_use]
    pub fn hashes(&self) -> &[TreeHash] {
        &self.hashes
    }

    /// Append a leaf.
    pub fn push(&mut self, leaf: TreeHash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                node = TreeHash::parent(&left, &node);
            }
        }
        self.hashes.push(node);
        self.size = self.size.saturating_add(1);
    }

    /// The consistency path (2.1.4.1) from this tree to the one that has the leaves `new` as well;
    /// empty where this tree has no leaves or there is nothing new.
    ///
    /// What a path has of the older tree are its complete subtrees, and these stand here.
    #[must_use]
    pub fn consistency_path(&self, new: &[TreeHash]) -> Vec<TreeHash> {
        let (Some((last, complete)), false) = (self.hashes.split_last(), new.is_empty()) else {
            return Vec::new();
        };
        let mut walk = Walk {
            old: self.size,
            complete: complete.iter(),
            new,
        };
        let end = self
            .size
            .saturating_add(u64::try_from(new.len()).unwrap_or(u64::MAX));
        let mut path = walk.siblings(0, end);
        // Whoever checks the path knows the head of the older tree, which is its last complete
        // subtree where it is the only one.
        if !complete.is_empty() {
            path.insert(0, *last);
        }
        path
    }

    /// The head of the tree.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        let mut from_right = self.hashes.iter().rev();
        let Some(last) = from_right.next() else {
            return TreeHash::empty();
        };
        from_right.fold(*last, |right, left| TreeHash::parent(left, &right))
    }
}

/// The way from a tree's root to the last complete subtree of an older one.
struct Walk<'a> {
    /// Leaves of the older tree
    old: u64,
    /// Its complete subtrees that were not passed yet, without the last
    complete: Iter<'a, TreeHash>,
    /// The leaves after those
    new: &'a [TreeHash],
}

impl Walk<'_> {
    /// The siblings on the way below the subtree of the leaves from `begin` to `end`, deepest first.
    fn siblings(&mut self, begin: u64, end: u64) -> Vec<TreeHash> {
        if self.old == end {
            return Vec::new();
        }
        let length = end.saturating_sub(begin);
        let width = 1_u64 << length.saturating_sub(1).ilog2();
        let middle = begin.saturating_add(width);
        if self.old <= middle {
            let mut path = self.siblings(begin, middle);
            path.push(self.head(middle, end));
            return path;
        }
        let left = self.complete.next().copied();
        let mut path = self.siblings(middle, end);
        path.extend(left);
        path
    }

    /// The head of the tree of new leaves from `begin` to `end`.
    fn head(&self, begin: u64, end: u64) -> TreeHash {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.old)).unwrap_or(usize::MAX);
        let leaves = self.new.get(place(begin)..place(end)).unwrap_or_default();
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        frontier.root()
    }
}
