//! Inclusion and consistency proofs: made from all leaves, checked from the proof alone.

use super::{Frontier, TreeHash};

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProofError {
    /// An index or size that the tree does not have
    #[error("the proof names a position outside the tree")]
    Range,
    /// More or fewer hashes than a proof of this shape has
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes do not lead to the tree head
    #[error("the proof does not lead to the tree head")]
    Mismatch,
}

/// The inclusion path of leaf `index` in the tree of `leaves` (2.1.3.1); `None` where there is no such leaf.
#[must_use]
pub fn inclusion_path(leaves: &[TreeHash], index: usize) -> Option<Vec<TreeHash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match index.checked_sub(left.len()) {
        None => (inclusion_path(left, index)?, head(right)),
        Some(index) => (inclusion_path(right, index)?, head(left)),
    };
    path.push(sibling);
    Some(path)
}

/// The proof that the tree of the first `size` leaves is a prefix of the whole (2.1.4.1); `None` where
/// there are fewer leaves, or `size` is 0.
#[must_use]
pub fn consistency_path(leaves: &[TreeHash], size: usize) -> Option<Vec<TreeHash>> {
    if size == 0 || size > leaves.len() {
        return None;
    }
    Some(subproof(leaves, size, Known::Yes))
}

/// Whether the verifier knows the head of the subtree at hand already.
#[derive(Clone, Copy)]
enum Known {
    Yes,
    No,
}

fn subproof(leaves: &[TreeHash], size: usize, known: Known) -> Vec<TreeHash> {
    if size == leaves.len() {
        return match known {
            Known::Yes => Vec::new(),
            Known::No => vec![head(leaves)],
        };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match size.checked_sub(left.len()) {
        None | Some(0) => (subproof(left, size, known), head(right)),
        Some(rest) => (subproof(right, rest, Known::No), head(left)),
    };
    path.push(sibling);
    path
}

/// Check that `leaf` is at `index` of the tree of `size` leaves with head `root` (2.1.3.2).
///
/// # Errors
/// A proof that does not prove it.
pub fn verify_inclusion(
    leaf: TreeHash,
    (index, size): (u64, u64),
    path: &[TreeHash],
    root: TreeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut first, mut last, mut node) = (index, size.saturating_sub(1), leaf);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if first & 1 == 1 || first == last {
            node = TreeHash::parent(sibling, &node);
            while first & 1 == 0 && first != 0 {
                first >>= 1;
                last >>= 1;
            }
        } else {
            node = TreeHash::parent(&node, sibling);
        }
        first >>= 1;
        last >>= 1;
    }
    conclude(last, node == root)
}

/// Check that the tree of `old.0` leaves with head `old.1` is a prefix of the one of `new` (2.1.4.2).
///
/// # Errors
/// A proof that does not prove it.
pub fn verify_consistency(
    old: (u64, TreeHash),
    new: (u64, TreeHash),
    path: &[TreeHash],
) -> Result<(), ProofError> {
    if old.0 == 0 || old.0 > new.0 {
        return Err(ProofError::Range);
    }
    if old.0 == new.0 {
        return match path {
            [] => conclude(0, old.1 == new.1),
            _ => Err(ProofError::Length),
        };
    }
    let (seed, path) = match (old.0.is_power_of_two(), path) {
        (true, path) => (old.1, path),
        (false, [seed, path @ ..]) => (*seed, path),
        (false, []) => return Err(ProofError::Length),
    };
    let (mut first, mut last) = (old.0.saturating_sub(1), new.0.saturating_sub(1));
    while first & 1 == 1 {
        first >>= 1;
        last >>= 1;
    }
    let (mut old_node, mut new_node) = (seed, seed);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if first & 1 == 1 || first == last {
            old_node = TreeHash::parent(sibling, &old_node);
            new_node = TreeHash::parent(sibling, &new_node);
            while first & 1 == 0 && first != 0 {
                first >>= 1;
                last >>= 1;
            }
        } else {
            new_node = TreeHash::parent(&new_node, sibling);
        }
        first >>= 1;
        last >>= 1;
    }
    conclude(last, old_node == old.1 && new_node == new.1)
}

const fn conclude(last: u64, leads_to_head: bool) -> Result<(), ProofError> {
    match (last, leads_to_head) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Mismatch),
        _ => Err(ProofError::Length),
    }
}

/// The head of the tree of `leaves`.
fn head(leaves: &[TreeHash]) -> TreeHash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The largest power of two below `length`, which is at least 2.
const fn split(length: usize) -> usize {
    1 << length.saturating_sub(1).ilog2()
}
