//! Passwords that leaked lists have most often, and what people make of them to be let through: words put together,
//! said twice, spelt with digits, typed in Russian, with a year and a sign at the end.
//!
//! The list is `data/frequent_passwords.txt`; `data/README.md` says where it is from. Of its 27,000 only some 200 are long
//! enough by themselves; with these rules it stands for hundreds of millions that are.

use std::collections::HashSet;

const LIST: &str = include_str!("../data/frequent_passwords.txt");

/// The fewest characters of a word of which a password is put together.
const SHORTEST: usize = 3;
/// So many digits may be left out; more are something of their own.
const FEW_DIGITS: usize = 8;

/// Whether a password, in lower case, is one of the list or made of those as above.
pub(crate) fn is_frequent(folded: &str) -> bool {
    let list: HashSet<&str> = LIST.lines().collect();
    let typed: String = folded.chars().map(on_latin_keys).collect();
    [folded, &typed].into_iter().any(|text| {
        let inner = text.trim_matches(|c: char| !c.is_alphabetic());
        let left_out = digits(text) - digits(inner);
        let core = if left_out > FEW_DIGITS { text } else { inner };
        let spelt: String = core.chars().map(as_letter).collect();
        [text, core, &spelt].into_iter().any(|text| {
            let joined: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
            is_made_of(text, &list)
                || is_made_of(&joined, &list)
                || (digits(folded) <= FEW_DIGITS && is_made_of(&letters, &list))
        })
    })
}

/// Whether it is a word of the list, one several times over, or two of them.
fn is_made_of(text: &str, list: &HashSet<&str>) -> bool {
    let splits = || {
        text.char_indices()
            .map(|(at, _)| text.split_at(at))
            .skip(SHORTEST)
    };
    list.contains(text)
        || splits().any(|(first, rest)| {
            let is_repeated =
                || text.len().is_multiple_of(first.len()) && first.repeat(text.len() / first.len()) == text;
            let has_second = || rest.chars().count() >= SHORTEST && list.contains(rest);
            list.contains(first) && (has_second() || is_repeated())
        })
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// The letter that a digit or a sign stands for.
const fn as_letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// What a Russian key gives where the keyboard is set to English: leaked lists are full of Russian words typed so.
fn on_latin_keys(c: char) -> char {
    const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
    RUSSIAN
        .chars()
        .zip(LATIN.chars())
        .find(|(russian, _)| *russian == c)
        .map_or(c, |(_, latin)| latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_or_made_of_it_is_found_and_nothing_else() {
        for (password, want) in [
            ("leavemealone", true),
            ("justinbieber", true),
            ("dragon-dragon", true),
            ("dragondragondragon", true),
            ("shadowmonkey", true),
            ("shadow-monkey-2024!", true),
            ("sh4d0w-m0nk3y", true),
            ("trustno1trustno1", true),
            ("2024liverpool!!", true),
            ("наташанаташа", true),
            ("наташа-1987", true),
            ("dragon739102846172", false),
            ("correct horse battery", false),
            ("elbphilharmonie", false),
            ("kt9#vq2!lmzx", false),
            ("шуршащий-камыш", false),
            ("!!!!!!!!!!!!", false),
        ] {
            assert_eq!(is_frequent(password), want, "{password}");
        }
    }

    #[test]
    fn the_list_is_in_lower_case_and_in_order() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.len() > 25_000 && lines.is_sorted());
        assert!(
            lines
                .iter()
                .all(|line| *line == line.to_lowercase() && !line.is_empty())
        );
    }
}
