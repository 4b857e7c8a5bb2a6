//! Who leads to sites: search engines, networks, messengers, assistants and the rest, by host and by campaign tag.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What sort of source it is; decides on the channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceKind {
    /// A search engine.
    Search,
    /// A page that shows an engine's results among other things: search only with words searched for.
    Partner,
    /// A social network.
    Social,
    /// A messenger.
    Messenger,
    /// A video platform.
    Video,
    /// A mail service seen in the browser, or a mailing.
    Email,
    /// An assistant that answers from a language model.
    Ai,
    /// A network of advertising spaces.
    Display,
    /// A network of affiliates.
    Affiliate,
    /// Push notices and short messages.
    Push,
    /// Any other.
    Referral,
}

/// A source that the lists know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its sort.
    pub kind: SourceKind,
    /// Its name as shown.
    pub name: &'static str,
    /// Query parameters that carry the words searched for, first choice first, comma-separated.
    pub terms: &'static str,
    /// Whether words that are no UTF-8 are windows-1251.
    pub windows_1251: bool,
}

struct Lists {
    /// By host; each with its rows by path, longest path first.
    hosts: FxHashMap<&'static str, Vec<(&'static str, Source)>>,
    aliases: FxHashMap<&'static str, Source>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut hosts: FxHashMap<&'static str, Vec<(&'static str, Source)>> = FxHashMap::default();
    let listed = include_str!("../../data/listed_sources.tsv");
    let more = include_str!("../../data/more_sources.tsv");
    for (address, source) in rows(listed).chain(rows(more)) {
        let (host, path) = address.find('/').map_or((address, ""), |at| address.split_at(at));
        let paths = hosts.entry(host).or_default();
        paths.retain(|(listed, _)| *listed != path);
        paths.push((path, source));
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }
    let aliases = rows(include_str!("../../data/source_aliases.tsv")).collect();
    Lists { hosts, aliases }
});

fn rows(list: &'static str) -> impl Iterator<Item = (&'static str, Source)> {
    list.lines().map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let (key, kind, name) = (field(), kind(field()), field());
        let source = Source {
            kind: kind.expect("every row names a kind, as a test shows"),
            name,
            terms: field(),
            windows_1251: field() == "windows-1251",
        };
        (key, source)
    })
}

/// The kind that the lists call so.
pub(crate) fn kind(name: &str) -> Option<SourceKind> {
    Some(match name {
        "search" => SourceKind::Search,
        "partner" => SourceKind::Partner,
        "social" => SourceKind::Social,
        "messenger" => SourceKind::Messenger,
        "video" => SourceKind::Video,
        "email" => SourceKind::Email,
        "ai" => SourceKind::Ai,
        "display" => SourceKind::Display,
        "affiliate" => SourceKind::Affiliate,
        "push" => SourceKind::Push,
        "referral" => SourceKind::Referral,
        _ => return None,
    })
}

/// Reads the lists, which else the first question does.
pub(crate) fn warm() {
    LazyLock::force(&LISTS);
}

/// The source behind a host, in lower case and without `www.`, and the path on it.
///
/// Looked for are the host itself, the host with its country put aside (`google.{}`), its country sub-domain
/// (`{}.search.yahoo.com`), the host without the sub-domain of its small-screen edition, and, save for search
/// engines, the hosts above it: a page on `docs.google.com` is no search.
pub fn of_host(host: &str, path: &str) -> Option<Source> {
    let exact = |host: &str| {
        let paths = LISTS.hosts.get(host)?;
        paths
            .iter()
            .find(|(listed, _)| under(path, listed))
            .map(|(_, source)| *source)
    };
    let near = |host: &str| exact(host).or_else(|| by_country(host, &exact));
    near(host).or_else(|| near(edition(host)?)).or_else(|| {
        let mut rest = host;
        while let Some((_, parent)) = rest.split_once('.') {
            if !parent.contains('.') {
                break;
            }
            if let Some(source) = exact(parent) {
                return (!matches!(source.kind, SourceKind::Search | SourceKind::Partner)).then_some(source);
            }
            rest = parent;
        }
        let mail = host.starts_with("webmail.") || host.starts_with("mail.");
        mail.then_some(Source {
            kind: SourceKind::Email,
            name: "Webmail",
            terms: "",
            windows_1251: false,
        })
    })
}

fn under(path: &str, listed: &str) -> bool {
    path.strip_prefix(listed)
        .is_some_and(|rest| listed.is_empty() || rest.is_empty() || rest.starts_with(['/', '?']))
}

fn by_country(host: &str, exact: &impl Fn(&str) -> Option<Source>) -> Option<Source> {
    let with_country = |stem: &str| exact(&format!("{stem}.{{}}"));
    let (stem, last) = host.rsplit_once('.')?;
    let country = (2..=3).contains(&last.len()) || last.starts_with("xn--");
    let second = stem
        .rsplit_once('.')
        .filter(|(_, second)| matches!(*second, "co" | "com" | "org" | "net"));
    let found = match second {
        Some((stem, _)) if last.len() == 2 => with_country(stem),
        _ if country => with_country(stem),
        _ => None,
    };
    found.or_else(|| {
        let (first, rest) = host.split_once('.')?;
        ((2..=3).contains(&first.len()) && rest.contains('.'))
            .then(|| exact(&format!("{{}}.{rest}")))
            .flatten()
    })
}

/// The host without the sub-domain of an edition for small screens or for leaving.
pub(crate) fn edition(host: &str) -> Option<&str> {
    let (first, rest) = host.split_once('.')?;
    let known = [
        "www", "m", "mobile", "touch", "l", "lm", "amp", "out", "away", "old", "new", "wap",
    ];
    (known.contains(&first) && rest.contains('.')).then_some(rest)
}

/// The source that a campaign tag such as `utm_source` names: by a usual word or by host.
pub fn of_tag(tag: &str) -> Option<Source> {
    let tag = tag.trim().to_lowercase();
    if let Some(source) = LISTS.aliases.get(&*tag) {
        return Some(*source);
    }
    let host = tag.strip_prefix("https://").unwrap_or(&tag);
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('/');
    host.contains('.').then(|| of_host(host, ""))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lead_to_sources() {
        for (host, path, want) in [
            ("google.com", "/search", Some("Google")),
            ("google.co.uk", "/", Some("Google")),
            ("google.com.br", "/url", Some("Google")),
            ("google.ru", "", Some("Google")),
            ("google.evil.example", "", None),
            ("google.shop", "", None),
            ("docs.google.com", "/document", None),
            ("mail.google.com", "/", Some("Gmail")),
            ("gemini.google.com", "/", Some("Gemini")),
            ("yandex.ru", "/search/", Some("Yandex")),
            ("yandex.com.tr", "/search/", Some("Yandex")),
            ("m.yandex.kz", "/", Some("Yandex")),
            ("ya.ru", "/search/", Some("Yandex")),
            ("mail.yandex.ru", "/", Some("Yandex Mail")),
            ("dzen.ru", "/a/xyz", Some("Dzen")),
            ("de.search.yahoo.com", "/search", Some("Yahoo")),
            ("search.yahoo.com", "/search", Some("Yahoo")),
            ("go.mail.ru", "/search", Some("Mail.ru")),
            ("e.mail.ru", "/", Some("Mail.ru")),
            ("m.vk.com", "/", Some("VK")),
            ("away.vk.com", "/away.php", Some("VK")),
            ("l.facebook.com", "/l.php", Some("Facebook")),
            ("m.facebook.com", "/", Some("Facebook")),
            ("de-de.facebook.com", "/", Some("Facebook")),
            ("old.reddit.com", "/r/rust", Some("Reddit")),
            ("ru.pinterest.com", "/", Some("Pinterest")),
            ("t.co", "/abc", Some("X")),
            ("x.com", "/i/grok", Some("Grok")),
            ("x.com", "/i/grokking", Some("X")),
            ("x.com", "/someone", Some("X")),
            ("chatgpt.com", "/", Some("ChatGPT")),
            ("web.telegram.org", "/k/", Some("Telegram")),
            ("com.google.android.gm", "/", Some("Gmail")),
            ("webmail.uni.example", "/", Some("Webmail")),
            ("news.example", "/", None),
            ("com", "", None),
            ("", "", None),
        ] {
            assert_eq!(of_host(host, path).map(|s| s.name), want, "{host}{path}");
        }
    }

    #[test]
    fn campaign_tags_lead_to_the_same_sources() {
        for (tag, want) in [
            ("google", Some("Google")),
            ("Yandex.Direct", Some("Yandex")),
            ("chatgpt.com", Some("ChatGPT")),
            ("https://www.perplexity.ai/", Some("Perplexity")),
            ("vk_ads", Some("VK")),
            ("TG", Some("Telegram")),
            ("spring-mailing", None),
            ("", None),
        ] {
            assert_eq!(of_tag(tag).map(|s| s.name), want, "{tag}");
        }
    }

    #[test]
    fn every_row_of_the_lists_is_sound() {
        assert!(LISTS.hosts.len() > 800);
        for (host, source) in rows(include_str!("../../data/more_sources.tsv"))
            .chain(rows(include_str!("../../data/listed_sources.tsv")))
            .chain(rows(include_str!("../../data/source_aliases.tsv")))
        {
            assert!(!host.is_empty() && host == host.to_lowercase(), "{host}");
            assert!(!host.starts_with("www."), "{host} would never be looked for");
            assert!(!source.name.is_empty(), "{host}");
        }
    }
}
