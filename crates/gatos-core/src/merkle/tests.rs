//! Unit tests of the history root: known heads, and proofs against the recursive definition.

use super::{
    Frontier, ProofError, TreeHash, consistency_path, inclusion_path, verify_consistency,
    verify_inclusion,
};
use crate::cid::Cid;

fn leaves(count: u8) -> Vec<TreeHash> {
    (0..count)
        .map(|i| TreeHash::leaf(&Cid::of_raw(&[i])))
        .collect()
}

fn frontier(leaves: &[TreeHash]) -> Frontier {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier
}

/// The definition of section 2.1.1, as it is written there.
fn defined(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::empty(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            TreeHash::parent(&defined(&leaves[..k]), &defined(&leaves[k..]))
        }
    }
}

#[test]
fn the_empty_tree_is_the_hash_of_nothing() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(TreeHash::empty().to_string(), empty);
    assert_eq!(Frontier::new().root(), TreeHash::empty());
}

#[test]
fn the_frontier_has_the_defined_head_at_every_size() {
    let leaves = leaves(70);
    for size in 0..=leaves.len() {
        let frontier = frontier(&leaves[..size]);
        assert_eq!(frontier.root(), defined(&leaves[..size]), "{size}");
        let again = Frontier::from_parts(frontier.size(), frontier.hashes().to_vec());
        assert_eq!(again.as_ref(), Ok(&frontier));
    }
    assert!(Frontier::from_parts(3, vec![leaves[0]]).is_err());
}

#[test]
fn inclusion_holds_for_its_leaf_alone() {
    let leaves = leaves(40);
    for size in 1..=leaves.len() {
        let root = defined(&leaves[..size]);
        for index in 0..size {
            let path = inclusion_path(&leaves[..size], index).unwrap();
            let at = |index: usize, size: usize| (index as u64, size as u64);
            let check = |leaf, at, path: &[TreeHash]| verify_inclusion(leaf, at, path, root);
            assert_eq!(check(leaves[index], at(index, size), &path), Ok(()));
            let other = leaves[(index + 1) % leaves.len()];
            assert_eq!(
                check(other, at(index, size), &path),
                Err(ProofError::Mismatch)
            );
            assert!(check(leaves[index], at(index + 1, size), &path).is_err());
            assert_eq!(
                check(leaves[index], at(size, size), &path),
                Err(ProofError::Range)
            );
            let mut longer = path.clone();
            longer.push(root);
            assert_eq!(
                check(leaves[index], at(index, size), &longer),
                Err(ProofError::Length)
            );
        }
        assert_eq!(inclusion_path(&leaves[..size], size), None);
    }
}

#[test]
fn consistency_holds_for_prefixes_alone() {
    let leaves = leaves(40);
    for new in 1..=leaves.len() {
        let new_head = (new as u64, defined(&leaves[..new]));
        for old in 1..=new {
            let path = consistency_path(&leaves[..new], old).unwrap();
            let old_head = (old as u64, defined(&leaves[..old]));
            assert_eq!(
                verify_consistency(old_head, new_head, &path),
                Ok(()),
                "{old} {new}"
            );
            let forged = (old as u64, TreeHash::empty());
            assert!(verify_consistency(forged, new_head, &path).is_err());
            let forged = (new as u64, TreeHash::empty());
            assert!(verify_consistency(old_head, forged, &path).is_err());
            for at in 0..path.len() {
                let mut bad = path.clone();
                bad[at] = TreeHash::empty();
                assert!(verify_consistency(old_head, new_head, &bad).is_err());
            }
        }
        assert_eq!(consistency_path(&leaves[..new], 0), None);
        assert_eq!(consistency_path(&leaves[..new], new + 1), None);
    }
}

#[test]
fn the_frontier_and_new_leaves_give_the_path_that_all_leaves_give() {
    let leaves = leaves(140);
    for end in 1..=leaves.len() {
        for size in 1..=end {
            let path = frontier(&leaves[..size]).consistency_path(&leaves[size..end]);
            let defined = consistency_path(&leaves[..end], size);
            assert_eq!(Some(path), defined, "{size} of {end}");
        }
    }
    assert!(Frontier::new().consistency_path(&leaves).is_empty());
}
