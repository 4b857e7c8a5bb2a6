//! Telephone and card numbers.

use super::{joined_after, joined_before};
use std::ops::Range;

/// A text with fewer digits than this holds neither.
pub(super) const FEWEST: usize = 10;

/// Digits with what may stand between them.
struct Number {
    /// Where the number stands, a plus sign and an opening bracket included.
    range: Range<usize>,
    digits: Vec<u8>,
    /// How many digits stand together, group by group.
    groups: Vec<usize>,
    plus: bool,
}

/// A payment card: a known first digit, the right length, grouped as cards are, and Luhn's sum (ISO/IEC 7812-1).
pub(super) fn find_card(text: &str, from: usize) -> Option<Range<usize>> {
    numbers(text, from, |number| {
        let length_fits = match (number.digits[0], number.digits[1]) {
            (3, 4 | 7) => number.digits.len() == 15,
            (3, 0 | 6 | 8) => number.digits.len() == 14,
            (3, 5) | (5, _) => number.digits.len() == 16,
            (2 | 4 | 6, _) => (16..=19).contains(&number.digits.len()),
            _ => false,
        };
        let grouped = match number.groups.as_slice() {
            [_] | [4, 6, 4 | 5] => true,
            [first @ .., last] => first.iter().all(|n| *n == 4) && *last <= 4,
            [] => false,
        };
        !number.plus && length_fits && grouped && luhn(&number.digits)
    })
}

/// A telephone number: with a plus sign or 00 and the country's code, or in the forms of Russia and North America.
pub(super) fn find_phone(text: &str, from: usize) -> Option<Range<usize>> {
    numbers(text, from, |number| {
        let d = number.digits.as_slice();
        let together = number.groups.len() == 1;
        if number.plus {
            return (10..=15).contains(&d.len()) && d[0] != 0;
        }
        match d {
            [0, 0, 1..=9, ..] => {
                (12..=16).contains(&d.len()) && number.groups[0] <= 5 || together && d.len() == 13
            }
            [7 | 8, 9, ..] if d.len() == 11 => together || number.groups[0] == 1 || number.groups[0] == 4,
            [7 | 8, 3 | 4 | 8, ..] if d.len() == 11 => {
                number.groups.starts_with(&[1, 3]) || number.groups.starts_with(&[1, 4])
            }
            [1, 2..=9, ..] if d.len() == 11 => number.groups == [1, 3, 3, 4],
            [2..=9, _, _, 2..=9, ..] if d.len() == 10 => {
                number.groups == [3, 3, 4] || number.groups == [3, 3, 2, 2]
            }
            _ => false,
        }
    })
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(*digit) {
            digit if place % 2 == 0 => digit,
            digit if digit > 4 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The first number from `from` on that is wanted, among all that begin and end free of letters and digits.
/// A number that is not wanted as a whole may be so from a later group on: `order 17 79161234567`.
fn numbers(text: &str, from: usize, wanted: impl Fn(&Number) -> bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        // The second digit of an encoded sign.
        if at > from + 1 && bytes[at - 2] == b'%' && bytes[at - 1].is_ascii_hexdigit() {
            at += 1;
            continue;
        }
        if let Some(number) = number_at(text, from, at)
            && let Some(end) = wanted_end(number, &wanted, text)
        {
            return Some(end);
        }
        // Behind an encoded sign another number may begin at once.
        if at > from && bytes[at - 1] == b'%' && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit) {
            at += 2;
            continue;
        }
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
    }
    None
}

/// The wanted number with the most groups that starts here.
fn wanted_end(mut number: Number, wanted: &impl Fn(&Number) -> bool, text: &str) -> Option<Range<usize>> {
    while number.digits.len() >= FEWEST {
        if !joined_after(text, number.range.end) && wanted(&number) {
            return Some(number.range);
        }
        let last = number.groups.pop()?;
        number.digits.truncate(number.digits.len() - last);
        let kept = text[..number.range.end - last].trim_end_matches(|c: char| !c.is_ascii_digit());
        // The digits of an encoded separator are none of the number's.
        let kept = kept.strip_suffix("%20").unwrap_or(kept);
        number.range.end = kept.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    }
    None
}

/// The number that starts with the digit at `at`, as long as it goes.
fn number_at(text: &str, from: usize, at: usize) -> Option<Number> {
    let bytes = text.as_bytes();
    let mut start = at;
    // An encoded sign ends in digits or letters of its own.
    let encoded_before = |at: usize, codes: &[&str]| {
        at.checked_sub(3)
            .filter(|s| *s >= from)
            .and_then(|s| text.get(s..at))
            .is_some_and(|code| codes.iter().any(|c| c.eq_ignore_ascii_case(code)))
    };
    if start > from && bytes[start - 1] == b'(' {
        start -= 1;
    }
    let plus = if start > from && bytes[start - 1] == b'+' {
        start -= 1;
        true
    } else if encoded_before(start, &["%2B"]) {
        start -= 3;
        true
    } else {
        false
    };
    let codes = ["%20", "%28", "%3D", "%3A", "%2C", "%3B", "%26", "%22", "%2F"];
    // What stands before `from` was taken out.
    if start > from && joined_before(text, start) && !encoded_before(start, &codes) {
        return None;
    }
    let mut number = Number {
        range: start..at,
        digits: Vec::with_capacity(19),
        groups: Vec::with_capacity(5),
        plus,
    };
    let mut place = at;
    loop {
        let group = bytes[place..].iter().take_while(|b| b.is_ascii_digit()).count();
        if group == 0 {
            break;
        }
        number
            .digits
            .extend(bytes[place..place + group].iter().map(|b| b - b'0'));
        number.groups.push(group);
        place += group;
        number.range.end = place;
        if number.digits.len() > 19 {
            break;
        }
        place += separator(&text[place..]);
    }
    (number.digits.len() >= 2).then_some(number)
}

/// Length of what may stand between two groups of digits: at most three of space, hyphen, dot, bracket.
fn separator(text: &str) -> usize {
    let mut length = 0;
    for _ in 0..3 {
        let rest = &text[length..];
        length += match rest.chars().next() {
            Some(' ' | '-' | '.' | '(' | ')' | '+') => 1,
            Some(c @ ('\u{a0}' | '\u{2011}' | '\u{2013}' | '\u{202f}')) => c.len_utf8(),
            Some('%') if ["%20", "%28", "%29"].iter().any(|c| rest.starts_with(c)) => 3,
            _ => break,
        };
    }
    length
}
