//! The address of a page, taken apart without being copied.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A URL in its parts. Only the host may be a copy, where it had to be put in lower case or into its `xn--` form.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Page<'a> {
    /// Scheme in the case it was sent, such as `https`; empty if there was none.
    pub scheme: &'a str,
    /// Host in lower case without `www.`, port and user name; empty if there is none.
    pub host: Cow<'a, str>,
    /// Port as sent, without the colon; empty if there is none.
    pub port: &'a str,
    /// Path as sent, percent-encoded or not; empty or starting with `/`.
    pub path: &'a str,
    /// What follows `?`, without it.
    pub query: &'a str,
    /// What follows `#`, without it.
    pub fragment: &'a str,
}

impl std::fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page([sealed])")
    }
}

impl<'a> Page<'a> {
    /// Takes a URL apart; also `/a/path?query` and `//host/path`. Never fails: a text that is no URL has no host.
    pub fn parse(url: &'a str) -> Self {
        let url = url.trim();
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (scheme, rest) = match rest.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme, Some(rest)),
            _ => match rest.strip_prefix("//") {
                Some(rest) => ("", Some(rest)),
                None => return Self::without_host(rest, query, fragment),
            },
        };
        let rest = rest.unwrap_or_default();
        let (authority, path) = match rest.find(['/', '\\']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
            _ => (host_port, ""),
        };
        Self {
            scheme,
            host: normal_host(host),
            port,
            path,
            query,
            fragment,
        }
    }

    fn without_host(rest: &'a str, query: &'a str, fragment: &'a str) -> Self {
        let scheme = match rest.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => scheme,
            _ => "",
        };
        let path = if scheme.is_empty() { rest } else { "" };
        Self {
            scheme,
            path,
            query,
            fragment,
            ..Self::default()
        }
    }

    /// The pairs of the query string, decoded; `+` is a space. A name without `=` has an empty value.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        pairs(self.query)
    }

    /// The path as people read it: percent-decoded where that gives clean text, without a trailing space,
    /// `/` if it is empty.
    pub fn readable_path(&self) -> Cow<'a, str> {
        match decode_readable(self.path) {
            Cow::Borrowed(path) => Cow::Borrowed(match path.trim_end() {
                "" => "/",
                path => path,
            }),
            Cow::Owned(path) => Cow::Owned(match path.trim_end() {
                "" => "/".into(),
                trimmed if trimmed.len() == path.len() => path,
                trimmed => trimmed.into(),
            }),
        }
    }
}

/// Whether `host` is `domain` or one of its sub-domains.
pub fn within(host: &str, domain: &str) -> bool {
    !domain.is_empty()
        && host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The pairs of a query string or form body, decoded; `+` is a space.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> + use<'_> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_form(name), decode_form(value))
    })
}

fn decode_form(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'%' || b == b'+') {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// Percent-decodes if the result is valid UTF-8 without control characters; else gives the text back as it was.
pub fn decode_readable(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if !decoded.chars().any(char::is_control) => decoded,
        _ => Cow::Borrowed(text),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// A host in lower case, without `www.` and a closing dot; an international name in its `xn--` form.
/// Empty if it cannot be a host.
pub fn normal_host(host: &str) -> Cow<'_, str> {
    fn bare(host: &str) -> &str {
        let host = host.strip_suffix('.').unwrap_or(host);
        host.strip_prefix("www.")
            .filter(|rest| !rest.is_empty())
            .unwrap_or(host)
    }
    if !host.is_ascii() {
        return match url::Host::parse(host) {
            Ok(host) => Cow::Owned(bare(&host.to_string()).into()),
            Err(_) => Cow::Borrowed(""),
        };
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    if host.len() > 253 || !host.bytes().all(fits) {
        return Cow::Borrowed("");
    }
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(bare(&host.to_ascii_lowercase()).into());
    }
    Cow::Borrowed(bare(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart() {
        for (url, scheme, host, path, query, fragment) in [
            (
                "https://Shop.Example/a?b=c#d",
                "https",
                "shop.example",
                "/a",
                "b=c",
                "d",
            ),
            ("https://www.shop.example", "https", "shop.example", "", "", ""),
            (
                "http://ivan:secret@shop.example:8080/x",
                "http",
                "shop.example",
                "/x",
                "",
                "",
            ),
            ("http://[2001:db8::1]:80/x", "http", "[2001:db8::1]", "/x", "", ""),
            ("//shop.example/x", "", "shop.example", "/x", "", ""),
            ("/only/path?q", "", "", "/only/path", "q", ""),
            (
                "https://магазин.рф/каталог",
                "https",
                "xn--80aairftm.xn--p1ai",
                "/каталог",
                "",
                "",
            ),
            (
                "chrome-extension://abcd/x.html",
                "chrome-extension",
                "abcd",
                "/x.html",
                "",
                "",
            ),
            ("data:text/html,hello", "data", "", "", "", ""),
            (
                "https://shop.example?u=https://a/b",
                "https",
                "shop.example",
                "",
                "u=https://a/b",
                "",
            ),
            ("https://a b/x", "https", "", "/x", "", ""),
            ("", "", "", "", "", ""),
        ] {
            let page = Page::parse(url);
            assert_eq!(
                (page.scheme, &*page.host, page.path, page.query, page.fragment),
                (scheme, host, path, query, fragment),
                "{url}"
            );
        }
    }

    #[test]
    fn paths_become_readable_and_queries_pairs() {
        for (path, want) in [
            ("", "/"),
            ("/a%20", "/a"),
            ("/%D0%B0/%D0%B1", "/а/б"),
            ("/%FF", "/%FF"),
            ("/a%00b", "/a%00b"),
            ("/100%", "/100%"),
        ] {
            let page = Page {
                path,
                ..Page::default()
            };
            assert_eq!(page.readable_path(), want);
        }
        let page = Page::parse("/x?a=1&b=%D0%B0+c&d&&=e");
        let pairs: Vec<_> = page.query_pairs().collect();
        let want = [("a", "1"), ("b", "а c"), ("d", ""), ("", "e")];
        assert_eq!(pairs, want.map(|(a, b)| (Cow::from(a), Cow::from(b))));
    }

    #[test]
    fn sub_domains_are_within_and_look_alikes_are_not() {
        for (host, domain, want) in [
            ("shop.example", "shop.example", true),
            ("blog.shop.example", "shop.example", true),
            ("myshop.example", "shop.example", false),
            ("shop.example.evil.example", "shop.example", false),
            ("", "", false),
        ] {
            assert_eq!(within(host, domain), want, "{host} {domain}");
        }
    }
}
