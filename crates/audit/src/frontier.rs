//! The right edge of the Merkle tree: all that is needed to grow it and to say its root.

use crate::hash::{EMPTY, Hash, node};

/// A Merkle tree of RFC 6962 as far as its future depends on it: the roots of its complete subtrees, one for each bit
/// of its size. Adding a leaf costs two hashes on average, the root one for each bit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Largest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its [`crate::leaf()`] hash. `each` gets that hash and then the root of each subtree the leaf
    /// completes, from the smallest up: the stored order (`frontier.rs`).
    pub fn push(&mut self, leaf: Hash, mut each: impl FnMut(&Hash)) {
        each(&leaf);
        let mut grown = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .peaks
                .pop()
                .expect("there is a subtree for each bit of the size");
            grown = node(&left, &grown);
            each(&grown);
        }
        self.peaks.push(grown);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node(&left, &right))
            .unwrap_or(EMPTY)
    }
}

/// Where in the stored order the root of the subtree of leaves `nth * 2^level ..` is, of `2^level` leaves.
///
/// Stored are, for leaf after leaf, its hash and the roots of the subtrees it completes: `2n - ones(n)` hashes for the
/// first `n` leaves. Nothing written is ever changed, and the tree at every earlier size can be had from it.
pub(crate) fn stored_at(level: u32, nth: u64) -> u64 {
    let last_leaf = ((nth + 1) << level) - 1;
    2 * last_leaf - u64::from(last_leaf.count_ones()) + u64::from(level)
}
