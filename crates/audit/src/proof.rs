//! Proofs of RFC 6962, section 2.1.1 and 2.1.2: that an entry is in the log, and that a log only grew.
//!
//! They are made from hashes in the stored order (`frontier.rs`) and checked as RFC 9162, section 2.1.3.2 and 2.1.4.2,
//! has it, with nothing but the proof and signed roots.

use crate::frontier::stored_at;
use crate::hash::{EMPTY, Hash, node};

/// Whether `proof` shows that the leaf of hash `leaf` is number `number` (from 0) of the `size` leaves under `root`.
pub fn inclusion_holds(leaf: &Hash, number: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if number >= size {
        return false;
    }
    let (mut at, mut last) = (number, size - 1);
    let mut grown = *leaf;
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            grown = node(beside, &grown);
            let up = at.trailing_zeros();
            (at, last) = (at >> up, last >> up);
        } else {
            grown = node(&grown, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && grown == *root
}

/// Whether `proof` shows that the `old_size` leaves under `old_root` are the first of the `size` leaves under `root`.
pub fn consistency_holds(old_size: u64, old_root: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    if old_size > size {
        return false;
    }
    if old_size == size {
        return proof.is_empty() && old_root == root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == EMPTY;
    }
    let up = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> up, (size - 1) >> up);
    // A complete old tree is itself the first part of the proof and left out of it.
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else if let Some((first, rest)) = proof.split_first() {
        (first, rest)
    } else {
        return false;
    };
    let (mut old, mut new) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node(beside, &old);
            new = node(beside, &new);
            let up = at.trailing_zeros();
            (at, last) = (at >> up, last >> up);
        } else {
            new = node(&new, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == *old_root && new == *root
}

/// Makes proofs from the hashes that `read` gives by their place in the stored order.
pub(crate) struct Prover<R>(pub(crate) R);

impl<E, R: FnMut(u64) -> Result<Hash, E>> Prover<R> {
    /// The root of the first `size` leaves.
    pub(crate) fn root(&mut self, size: u64) -> Result<Hash, E> {
        if size == 0 {
            return Ok(EMPTY);
        }
        self.subtree(0, size)
    }

    /// The proof that leaf `number` is among the first `size`, which are more than `number`.
    pub(crate) fn inclusion(&mut self, number: u64, size: u64) -> Result<Vec<Hash>, E> {
        let (mut from, mut to) = (0, size);
        let mut path = Vec::new();
        while to - from > 1 {
            let middle = from + split(to - from);
            if number < middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The proof that the first `size` leaves begin with the first `old_size`, which are no more.
    pub(crate) fn consistency(&mut self, old_size: u64, size: u64) -> Result<Vec<Hash>, E> {
        let mut path = Vec::new();
        if old_size == 0 || old_size == size {
            return Ok(path);
        }
        let (mut from, mut to) = (0, size);
        while to != old_size {
            let middle = from + split(to - from);
            if old_size <= middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
            }
        }
        if from > 0 {
            path.push(self.subtree(from, to)?);
        }
        path.reverse();
        Ok(path)
    }

    /// The root of the leaves `from..to`, where `from` is a multiple of the power of two that is no less than their
    /// number.
    fn subtree(&mut self, mut from: u64, to: u64) -> Result<Hash, E> {
        let mut peaks = Vec::new();
        while from < to {
            let level = (to - from).ilog2();
            peaks.push((self.0)(stored_at(level, from >> level))?);
            from += 1 << level;
        }
        let whole = peaks.into_iter().rev().reduce(|right, left| node(&left, &right));
        Ok(whole.unwrap_or(EMPTY))
    }
}

/// The largest power of two below `leaves`, which are at least two.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::Frontier;
    use crate::hash::leaf;
    use proptest::prelude::*;

    /// RFC 6962, section 2.1, word for word.
    fn naive_root(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => EMPTY,
            [one] => leaf(one),
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
                node(&naive_root(left), &naive_root(right))
            }
        }
    }

    /// RFC 6962, section 2.1.1: PATH(m, D[n]).
    fn naive_path(number: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let middle = split(leaves.len() as u64) as usize;
        let (left, right) = leaves.split_at(middle);
        let (mut path, beside) = if number < middle {
            (naive_path(number, left), naive_root(right))
        } else {
            (naive_path(number - middle, right), naive_root(left))
        };
        path.push(beside);
        path
    }

    /// RFC 6962, section 2.1.2: SUBPROOF(m, D[n], b).
    fn naive_subproof(old: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole {
                Vec::new()
            } else {
                vec![naive_root(leaves)]
            };
        }
        let middle = split(leaves.len() as u64) as usize;
        let (left, right) = leaves.split_at(middle);
        let (mut path, beside) = if old <= middle {
            (naive_subproof(old, left, whole), naive_root(right))
        } else {
            (naive_subproof(old - middle, right, false), naive_root(left))
        };
        path.push(beside);
        path
    }

    fn grown(leaves: &[Vec<u8>]) -> (Frontier, Vec<Hash>) {
        let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
        for bytes in leaves {
            frontier.push(leaf(bytes), |hash| stored.push(*hash));
        }
        (frontier, stored)
    }

    fn prover(stored: &[Hash]) -> Prover<impl FnMut(u64) -> Result<Hash, ()>> {
        Prover(|at| stored.get(at as usize).copied().ok_or(()))
    }

    fn hex(hash: &Hash) -> String {
        let half = |from: usize| u128::from_be_bytes(hash[from..from + 16].try_into().unwrap());
        format!("{:032x}{:032x}", half(0), half(16))
    }

    fn hexes(hashes: &[Hash]) -> Vec<String> {
        hashes.iter().map(hex).collect()
    }

    /// The leaves that the tests of Certificate Transparency use.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];

    #[test]
    fn the_vectors_of_certificate_transparency() {
        let leaves: Vec<Vec<u8>> = LEAVES.iter().map(|bytes| bytes.to_vec()).collect();
        for (size, root) in [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(hex(&grown(&leaves[..size]).0.root()), root, "{size}");
        }
        let (_, stored) = grown(&leaves);
        assert_eq!(
            hexes(&prover(&stored).inclusion(0, 8).unwrap()),
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        );
        assert_eq!(
            hexes(&prover(&stored).consistency(6, 8).unwrap()),
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(
            hexes(&prover(&stored).consistency(2, 5).unwrap()),
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        );
    }

    #[test]
    fn every_proof_of_small_trees_is_the_one_of_the_rfc_and_holds() {
        let leaves: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; usize::from(n)]).collect();
        let (_, stored) = grown(&leaves);
        for size in 0..=leaves.len() {
            let root = naive_root(&leaves[..size]);
            assert_eq!(grown(&leaves[..size]).0.root(), root);
            assert_eq!(prover(&stored).root(size as u64), Ok(root));
            for number in 0..size {
                let proof = prover(&stored).inclusion(number as u64, size as u64).unwrap();
                assert_eq!(proof, naive_path(number, &leaves[..size]), "{number} of {size}");
                assert!(inclusion_holds(
                    &leaf(&leaves[number]),
                    number as u64,
                    size as u64,
                    &proof,
                    &root
                ));
            }
            for old in 0..=size {
                let proof = prover(&stored).consistency(old as u64, size as u64).unwrap();
                if old > 0 {
                    assert_eq!(
                        proof,
                        naive_subproof(old, &leaves[..size], true),
                        "{old} to {size}"
                    );
                }
                let old_root = naive_root(&leaves[..old]);
                assert!(consistency_holds(
                    old as u64,
                    &old_root,
                    size as u64,
                    &root,
                    &proof
                ));
            }
        }
    }

    #[test]
    fn numbers_near_the_end_of_the_range_do_no_harm() {
        for (number, size) in [
            (u64::MAX - 1, u64::MAX),
            (0, u64::MAX),
            (1 << 63, u64::MAX),
            (0, 1 << 63),
        ] {
            let proof = vec![EMPTY; 70];
            assert!(!inclusion_holds(&EMPTY, number, size, &proof, &EMPTY));
            assert!(!consistency_holds(number, &EMPTY, size, &EMPTY, &proof));
        }
    }

    proptest! {
        #[test]
        fn nothing_else_passes_for_a_proof(
            size in 2_u64..300,
            from in any::<prop::sample::Index>(),
            part in any::<prop::sample::Index>(),
            bit in 0_usize..256,
        ) {
            let leaves: Vec<Vec<u8>> = (0..size).map(|n| n.to_le_bytes().to_vec()).collect();
            let (frontier, stored) = grown(&leaves);
            let root = frontier.root();
            let number = from.index(size as usize) as u64;
            let mut proof = prover(&stored).inclusion(number, size).unwrap();
            let mine = leaf(&leaves[number as usize]);
            prop_assert!(inclusion_holds(&mine, number, size, &proof, &root));
            prop_assert!(!inclusion_holds(&mine, (number + 1) % size, size, &proof, &root));
            prop_assert!(!inclusion_holds(&mine, number, size, &proof[1..], &root));
            let changed = part.index(proof.len());
            proof[changed][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!inclusion_holds(&mine, number, size, &proof, &root));

            let old = number + 1;
            let old_root = grown(&leaves[..old as usize]).0.root();
            let mut proof = prover(&stored).consistency(old, size).unwrap();
            prop_assert!(consistency_holds(old, &old_root, size, &root, &proof));
            proof.push(EMPTY);
            prop_assert!(!consistency_holds(old, &old_root, size, &root, &proof));
            proof.pop();
            if !proof.is_empty() {
                let changed = part.index(proof.len());
                proof[changed][bit / 8] ^= 1 << (bit % 8);
                prop_assert!(!consistency_holds(old, &old_root, size, &root, &proof));
            }
            let mut other = old_root;
            other[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!consistency_holds(old, &other, size, &root, &proof));
        }
    }
}
