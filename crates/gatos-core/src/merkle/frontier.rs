//! The right edge of a tree: enough to append leaves and to know the head, in O(log n) space.

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
