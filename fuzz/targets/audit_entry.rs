//! Entries of the audit log: there is one way to write each.
#![no_main]

use audit::Entry;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(entry) = Entry::decode(input) {
        assert_eq!(entry.encode().as_deref(), Ok(input));
    }
});
