//! Requests of the native protocol: its parser alone, then through the real door.
#![no_main]

use std::sync::LazyLock;

use collect::protocol::native;
use fuzz::door::Trial;

static TRIAL: LazyLock<Trial> = LazyLock::new(Trial::open);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(hits) = native::hits(input, true) {
        assert!(hits.len() <= native::MOST_EVENTS);
        for hit in &hits {
            assert!(hit.properties.len() <= native::MOST_PROPERTIES);
        }
    }
    // Whatever anybody may send, a trusted sender may.
    if native::hits(input, false).is_ok() {
        assert!(native::hits(input, true).is_ok());
    }
    TRIAL.send(&native::PROTOCOL, input);
});
