//! What looks like a token: long hexadecimal numbers, UUIDs, JSON web tokens and random-looking letters.

use std::ops::Range;

/// Nothing shorter is taken for a token.
pub(super) const SHORTEST: usize = 20;
/// Random-looking letters are taken for a token from this length on.
const SHORTEST_RANDOM: usize = 24;

fn in_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// The first token from `from` on.
pub(super) fn find(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = from;
    while start < bytes.len() {
        if !in_run(bytes[start]) {
            start += 1;
            continue;
        }
        let end = start + bytes[start..].iter().take_while(|b| in_run(**b)).count();
        if end - start >= SHORTEST
            && let Some(found) = token_in(text, start..end)
        {
            return Some(found);
        }
        start = end;
    }
    None
}

fn token_in(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let word = &text[run.clone()];
    if word.starts_with("eyJ") {
        let more = |b: &u8| in_run(*b) || matches!(b, b'.' | b'=');
        let rest = text.as_bytes()[run.end..].iter().take_while(|b| more(b)).count();
        return Some(run.start..run.end + rest);
    }
    if let Some(uuid) = uuid_in(word) {
        return Some(run.start + uuid.start..run.start + uuid.end);
    }
    let mut at = run.start;
    for piece in word.split(['-', '_']) {
        let range = at..at + piece.len();
        at = range.end + 1;
        if piece.len() >= SHORTEST && is_hex(piece) {
            return Some(range);
        }
        if piece.len() >= SHORTEST_RANDOM && digit_groups(piece) >= 3 {
            return Some(range.start..range.end + padding(text, range.end));
        }
    }
    looks_random(word).then(|| run.start..run.end + padding(text, run.end))
}

/// Length of the equals signs that fill up base64.
fn padding(text: &str, from: usize) -> usize {
    text[from..].bytes().take_while(|b| *b == b'=').count()
}

fn is_hex(piece: &str) -> bool {
    piece.bytes().all(|b| b.is_ascii_hexdigit()) && piece.bytes().any(|b| b.is_ascii_digit())
}

/// Eight, four, four, four and twelve hexadecimal digits (RFC 9562).
fn uuid_in(word: &str) -> Option<Range<usize>> {
    let bytes = word.as_bytes();
    let free = |place: Option<&u8>| place.is_none_or(|b| !b.is_ascii_alphanumeric());
    (0..bytes.len().saturating_sub(35))
        .map(|start| start..start + 36)
        .find(|range| {
            bytes[range.clone()]
                .iter()
                .enumerate()
                .all(|(place, b)| match place {
                    8 | 13 | 18 | 23 => *b == b'-',
                    _ => b.is_ascii_hexdigit(),
                })
                && free(bytes.get(range.end))
                && free(range.start.checked_sub(1).and_then(|before| bytes.get(before)))
        })
}

/// How many times digits stand together.
fn digit_groups(piece: &str) -> usize {
    piece
        .as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter(|chunk| chunk[0].is_ascii_digit())
        .count()
}

/// Whether capitals, small letters and digits follow each other as in base64 of random bytes: there 62 of 100
/// neighbours differ in kind and small letters stand 1.7 together, in words written together with capitals 35 to 44
/// and 2.8 or more.
fn looks_random(word: &str) -> bool {
    let bytes = word.as_bytes();
    let is_separator = |b: &u8| matches!(b, b'-' | b'_');
    let separators = bytes.iter().filter(|b| is_separator(b)).count();
    if bytes.len() < SHORTEST_RANDOM || separators * 6 > bytes.len() {
        return false;
    }
    let kind = |b: &u8| match b {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    };
    let neighbours = bytes
        .windows(2)
        .filter(|pair| !is_separator(&pair[0]) && !is_separator(&pair[1]));
    let (pairs, changes) = neighbours.fold((0, 0), |(pairs, changes), pair| {
        (pairs + 1, changes + usize::from(kind(&pair[0]) != kind(&pair[1])))
    });
    let small = bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
    let small_groups = bytes
        .chunk_by(|a, b| a.is_ascii_lowercase() == b.is_ascii_lowercase())
        .filter(|chunk| chunk[0].is_ascii_lowercase())
        .count();
    changes * 100 >= 45 * pairs || changes * 100 >= 35 * pairs && small * 10 <= 23 * small_groups
}
