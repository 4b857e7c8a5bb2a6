//! Records of the event journal.
#![no_main]

use collect::Record;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(record) = Record::decode(input) {
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes).ok().as_ref(), Some(&record));
        assert!(bytes.len() <= input.len(), "what is written is the shortest form");
    }
});
