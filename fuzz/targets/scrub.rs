//! Texts and addresses of pages from which what identifies is taken out, whatever stands in other lines.
#![no_main]

use collect::scrub;

const PLANTED: [&str; 4] = [
    "olga@agency.example",
    "+79161234567",
    "8 (916) 123-45-67",
    "4111111111111111",
];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let number = scrub::number(text);
    assert_eq!(scrub::number(&number), number, "{text:?}");
    let middle = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_at(middle);
    for planted in PLANTED {
        // What came with the input itself may look alike.
        if text.contains(planted) {
            continue;
        }
        let whole = format!("{before}\n{planted}\n{after}");
        for scrub in [scrub::text, scrub::url] {
            let scrubbed = scrub(&whole);
            assert!(!scrubbed.contains(planted), "{whole:?} became {scrubbed:?}");
        }
    }
});
