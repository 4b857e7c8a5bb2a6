//! The words searched for, where the engine passes them on.

use super::source::Source;
use super::windows_1251;
use percent_encoding::percent_decode;
use smol_str::SmolStr;

/// The longest words kept, in bytes.
const LONGEST: usize = 200;

/// The words in the query string of a referring page of `source`, in lower case, spaces joined; `None` if there are
/// none or their character set cannot be told. They are as typed: whoever stores them scrubs them first.
pub fn find(source: &Source, query: &str) -> Option<SmolStr> {
    if query.is_empty() || source.terms.is_empty() {
        return None;
    }
    let windows_1251 =
        source.windows_1251 || value(query, "ie").is_some_and(|set| set.eq_ignore_ascii_case("windows-1251"));
    source
        .terms
        .split(',')
        .filter_map(|name| value(query, name))
        .find_map(|value| decode(value, windows_1251))
}

fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split(['&', ';'])
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

fn decode(value: &str, windows_1251: bool) -> Option<SmolStr> {
    let value = &value[..value.floor_char_boundary(LONGEST * 6)];
    let spaced = value.replace('+', " ");
    let bytes: Vec<u8> = percent_decode(spaced.as_bytes()).collect();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if windows_1251 => windows_1251::decode(error.as_bytes()),
        Err(_) => return None,
    };
    if text.contains(['\u{fffd}', '\0']) {
        return None;
    }
    let mut words = String::with_capacity(text.len());
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(word.chars().flat_map(char::to_lowercase));
    }
    words.truncate(words.floor_char_boundary(LONGEST));
    (!words.is_empty()).then(|| words.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::source::of_host;

    #[test]
    fn words_are_found_in_the_sets_of_their_engines() {
        for (host, query, want) in [
            ("google.com", "q=rust+parquet&hl=en", Some("rust parquet")),
            (
                "google.ru",
                "sa=t&q=%D0%BA%D1%83%D0%BF%D0%B8%D1%82%D1%8C%20%20%D0%81%D0%96&cd=1",
                Some("купить ёж"),
            ),
            ("google.com", "sa=t&q=&cd=1", None),
            ("yandex.ru", "text=%D0%B1%D0%BB%D0%BE%D0%B3&lr=213", Some("блог")),
            ("bing.com", "q=Log%20Files&form=QBLH", Some("log files")),
            ("go.mail.ru", "q=%EA%F3%EF%E8%F2%FC", Some("купить")),
            ("nova.rambler.ru", "words=%E1%EB%EE%E3", Some("блог")),
            ("nova.rambler.ru", "query=%D0%B1%D0%BB%D0%BE%D0%B3", Some("блог")),
            ("google.com", "q=%EA%F3%EF%E8%F2%FC", None),
            ("google.com", "q=%EA%F3%EF&ie=windows-1251", Some("куп")),
            ("baidu.com", "wd=%E5%A4%A9%E6%B0%94", Some("天气")),
            ("duckduckgo.com", "q=privacy", Some("privacy")),
            ("duckduckgo.com", "", None),
            ("google.com", "q=a%00b", None),
            ("google.com", "q=a%0Ab", Some("a b")),
            ("vk.com", "q=people", None),
        ] {
            let source = of_host(host, "").unwrap();
            assert_eq!(find(&source, query).as_deref(), want, "{host} {query}");
        }
    }

    #[test]
    fn long_words_are_cut_between_letters() {
        let source = of_host("google.com", "").unwrap();
        let found = find(&source, &format!("q={}", "%D0%B1".repeat(5_000))).unwrap();
        assert!(found.len() <= LONGEST && found.chars().all(|c| c == 'б'));
    }
}
