//! Looks for marked texts in bytes, however they are written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a text looks like in a file or an answer that has it: the bytes of each way to write it, and whether letters of
/// either case are meant.
fn ways(marker: &str) -> Vec<(&'static str, Vec<u8>, bool)> {
    let mut ways = Vec::new();
    for text in [marker.to_owned(), marker.to_lowercase(), marker.to_uppercase()] {
        let bytes = text.as_bytes();
        ways.push(("plain", bytes.to_vec(), true));
        let mut percent = String::new();
        let (mut hex, mut json) = (String::new(), String::new());
        for byte in bytes {
            if byte.is_ascii_alphanumeric() {
                percent.push(*byte as char);
            } else {
                let _ = write!(percent, "%{byte:02x}");
            }
            let _ = write!(hex, "{byte:02x}");
        }
        for unit in text.encode_utf16() {
            match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
                Some(c) => json.push(c),
                None => {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
        ways.push(("percent-encoded", percent.clone().into_bytes(), true));
        ways.push(("quoted-printable", percent.replace('%', "=").into_bytes(), true));
        ways.push(("hexadecimal", hex.into_bytes(), true));
        ways.push(("JSON", json.into_bytes(), true));
        let wide = |turn: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(turn).collect::<Vec<u8>>();
        ways.push(("UTF-16LE", wide(u16::to_le_bytes), true));
        ways.push(("UTF-16BE", wide(u16::to_be_bytes), true));
        // Where it begins in a group of three, its first and last digits depend on its neighbours.
        for shift in 0..3 {
            let shifted = [&b"..."[..shift], bytes].concat();
            let sure = [0, 2, 3][shift]..shifted.len() / 3 * 4;
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                let digits = engine.encode(&shifted);
                ways.push(("base64", digits.as_bytes()[sure.clone()].to_vec(), false));
            }
        }
    }
    ways
}

/// Looks for some markers.
pub(crate) struct Search {
    /// Marker, way of writing, its bytes (in small letters where either case is meant), whether either case is meant.
    needles: BTreeSet<(String, &'static str, Vec<u8>, bool)>,
}

impl Search {
    /// Markers shorter than six bytes would be found by chance.
    pub(crate) fn of(markers: &[&str]) -> Self {
        let needles = markers.iter().flat_map(|marker| {
            assert!(marker.len() >= 6, "too short to be sure of");
            ways(marker).into_iter().map(|(way, bytes, either_case)| {
                let bytes = if either_case {
                    bytes.to_ascii_lowercase()
                } else {
                    bytes
                };
                ((*marker).to_owned(), way, bytes, either_case)
            })
        });
        Self {
            needles: needles.collect(),
        }
    }

    /// The markers in some bytes, each with the way in which it is written.
    pub(crate) fn found(&self, bytes: &[u8]) -> Vec<String> {
        let small = bytes.to_ascii_lowercase();
        let is_in = |needle: &[u8], either_case: bool| {
            let bytes = if either_case { &small } else { bytes };
            memmem::find(bytes, needle).is_some()
        };
        let hits = self.needles.iter();
        hits.filter(|(_, _, needle, either_case)| is_in(needle, *either_case))
            .map(|(marker, way, ..)| format!("{marker} ({way})"))
            .collect()
    }

    /// The markers in the files below a folder.
    pub(crate) fn found_below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for file in files(folder) {
            // Files of a running server may go meanwhile.
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let name = file.strip_prefix(folder).unwrap().display();
            found.extend(self.found(&bytes).iter().map(|hit| format!("{hit} in {name}")));
        }
        found
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files
}

#[test]
fn a_marker_is_found_however_it_is_written() {
    let marker = "Кволтц <mark@client.example>";
    let wide = |turn: fn(u16) -> [u8; 2]| marker.encode_utf16().flat_map(turn).collect::<Vec<u8>>();
    let json = "\\u041a\\u0432\\u043e\\u043b\\u0442\\u0446 <mark@client.example>";
    let quoted = "=D0=9A=D0=B2=D0=BE=D0=BB=D1=82=D1=86=20=3Cmark=40client=2Eexample=3E";
    let mut texts: Vec<Vec<u8>> = vec![
        marker.into(),
        marker.to_uppercase().into(),
        marker.to_lowercase().into(),
        crate::browser::encoded(marker).into(),
        quoted.into(),
        json.into(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ];
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}{marker} and more");
        texts.push(STANDARD_NO_PAD.encode(&text).into());
        texts.push(URL_SAFE_NO_PAD.encode(&text).into());
    }
    let search = Search::of(&[marker]);
    for text in texts {
        let around = [b"\0\xffnoise ", &*text, b" noise\xfe"].concat();
        let shown = String::from_utf8_lossy(&text);
        assert!(!search.found(&around).is_empty(), "{shown}");
        let half = &around[..around.len() / 2];
        assert!(search.found(half).is_empty(), "half of it is not it: {shown}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::write(folder.path().join("below").join("clean"), "nothing").unwrap();
    assert!(search.found_below(folder.path()).is_empty());
    std::fs::write(folder.path().join("below").join("dirty"), marker.to_uppercase()).unwrap();
    assert!(!search.found_below(folder.path()).is_empty());
}
