//! Requests of the plausible protocol, through the real door.
#![no_main]

use std::sync::LazyLock;

use fuzz::door::Trial;

static TRIAL: LazyLock<Trial> = LazyLock::new(Trial::open);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    TRIAL.send(&collect::protocol::plausible::PROTOCOL, input);
});
