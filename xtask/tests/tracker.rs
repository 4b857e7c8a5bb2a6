//! The tracker that is served is the one made from its source, and small.

use flate2::{Compression, write::GzEncoder};
use std::io::Write;

fn tracker(file: &str) -> String {
    std::fs::read_to_string(xtask::workspace().join("tracker").join(file)).expect("the tracker is there")
}

#[test]
fn the_script_served_is_made_from_its_source() {
    assert!(
        xtask::stripper::strip(&tracker("a.js")).unwrap() == tracker("a.min.js"),
        "tracker/a.min.js is not what tracker/a.js makes: run `cargo x tracker`"
    );
}

#[test]
fn the_script_has_at_most_1536_bytes_gzipped() {
    for level in [6, 9] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(level));
        gzip.write_all(tracker("a.min.js").replace("__COOKIE__", "1").as_bytes())
            .unwrap();
        let size_bytes = gzip.finish().unwrap().len();
        assert!(size_bytes <= 1_536, "{size_bytes} bytes at level {level}");
    }
}

#[test]
fn the_server_finds_the_one_word_it_replaces() {
    assert_eq!(tracker("a.min.js").matches("__COOKIE__").count(), 1);
}
