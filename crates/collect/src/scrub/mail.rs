//! E-mail addresses, also with `%40` for the at sign.

use std::ops::Range;

/// The first e-mail address from `from` on.
pub(super) fn find(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let sign = sign_at(bytes, at);
        if sign > 0 {
            let start = start_of_name(text, from, at);
            let end = end_of_host(text, at + sign);
            if let (Some(start), Some(end)) = (start, end) {
                return Some(start..end);
            }
        }
        at += sign.max(1);
    }
    None
}

/// Length of an at sign at that place, however often it was percent-encoded; 0 if there is none.
fn sign_at(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        b'@' => 1,
        b'%' => {
            let rest = &bytes[at + 1..];
            let again = rest.chunks(2).take_while(|c| *c == b"25").count() * 2;
            if rest[again..].starts_with(b"40") {
                3 + again
            } else {
                0
            }
        }
        _ => 0,
    }
}

fn start_of_name(text: &str, from: usize, at: usize) -> Option<usize> {
    let mut start = at;
    for (place, c) in text[from..at].char_indices().rev() {
        let place = from + place;
        // Two hexadecimal digits belong to a percent sign before them: only letters beyond ASCII and `+ - . _` count.
        if let Some(code) = text
            .get(place.wrapping_sub(2)..=place)
            .filter(|_| place >= from + 2)
            && let Some(hex) = code.strip_prefix('%')
            && let Ok(byte) = u8::from_str_radix(hex, 16)
        {
            if byte >= 0x80 || matches!(byte, b'+' | b'-' | b'.' | b'_') {
                start = place - 2;
                continue;
            }
            start = start.max(place + 1);
            break;
        }
        if place >= start {
            continue;
        }
        if c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '\'' | '!' | '~' | '%') {
            start = place;
        } else {
            break;
        }
    }
    (start < at).then_some(start)
}

/// The end of a host with at least one dot and a last label of two or more letters.
fn end_of_host(text: &str, from: usize) -> Option<usize> {
    let host_length = text[from..]
        .char_indices()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '%')))
        .map_or(text.len() - from, |(place, _)| place);
    let host = &text[from..from + host_length];
    // A percent sign goes on only where letters beyond ASCII were encoded.
    let host = host
        .match_indices('%')
        .find(|(at, _)| {
            let byte = host
                .get(at + 1..at + 3)
                .and_then(|h| u8::from_str_radix(h, 16).ok());
            byte.is_none_or(|b| b < 0x80)
        })
        .map_or(host, |(at, _)| &host[..at]);
    let host = host.trim_end_matches(['.', '-']);
    let (name, top) = host.rsplit_once('.')?;
    let letters = top.chars().filter(|c| c.is_alphabetic() || *c == '%').count();
    (!name.is_empty() && letters >= 2).then_some(from + host.len())
}
