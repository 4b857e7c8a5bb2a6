//! Signed notes, checkpoints and verifiers, as others may hand them to us, and proofs.
#![no_main]

use audit::{Checkpoint, Hash, Note, NoteFault, Verifier, consistency_holds, inclusion_holds};

/// From the documentation of Go's `golang.org/x/mod/sumdb/note`.
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    prove(input);
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        let _ = Checkpoint::parse(&note.text);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert!(text.starts_with(&format!("{}\n{}\n", checkpoint.origin, checkpoint.size)));
    }
    if let Some(verifier) = Verifier::parse(text) {
        assert_eq!(verifier.to_string(), text);
    }
    let verifier = Verifier::parse(VERIFIER).expect("it is one");
    // The one note that this key is known to have signed is no checkpoint.
    if let Ok(found) = verifier.open(text) {
        panic!("a signature was forged: {found:?}");
    }
    if let Err(NoteFault::NoCheckpoint(_)) = verifier.open(text) {
        assert!(text.starts_with("If you think cryptography"));
    }
});

/// No proof proves something under a root that was not made from it.
fn prove(input: &[u8]) {
    let Some((numbers, rest)) = input.split_first_chunk::<16>() else {
        return;
    };
    let (one, other) = numbers.split_at(8);
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let (number, size) = (number(one), number(other));
    let proof: Vec<Hash> = rest
        .chunks_exact(32)
        .map(|chunk| chunk.try_into().expect("a chunk has 32 bytes"))
        .collect();
    let (leaf, root) = ([1; 32], [2; 32]);
    assert!(!inclusion_holds(&leaf, number, size, &proof, &root));
    assert!(!consistency_holds(number, &leaf, size, &root, &proof));
}
