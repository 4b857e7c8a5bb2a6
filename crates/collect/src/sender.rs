//! Who sends a request, as far as the door must know for a moment. Nothing here is kept or printed.

use crate::enrich::ClientHints;
use crate::{Address, Peer, Proxies};
use http::{HeaderMap, HeaderName, header};
use std::fmt;

/// What a request says of the browser behind it.
#[derive(Default)]
pub struct Sender<'a> {
    /// Its address; none where a server sends for visitors.
    pub address: Option<Address>,
    /// Its User-Agent.
    pub user_agent: &'a str,
    /// Its client hints.
    pub hints: ClientHints<'a>,
    /// Its `Accept-Language`.
    pub accept_language: &'a str,
    /// Whether it refuses to be remembered: `Sec-GPC: 1` or `DNT: 1`.
    pub refuses: bool,
    /// Whether it is a server with a `send` token: its own address and User-Agent say nothing of the visitor.
    pub is_server: bool,
}

impl<'a> Sender<'a> {
    /// Reads the headers of a browser's request.
    pub fn browser(peer: Peer, headers: &'a HeaderMap, proxies: &Proxies) -> Self {
        Self {
            address: Some(proxies.client(peer, headers)),
            user_agent: text(headers, &header::USER_AGENT).unwrap_or_default(),
            hints: hints(headers),
            accept_language: text(headers, &header::ACCEPT_LANGUAGE).unwrap_or_default(),
            refuses: says_one(headers, "sec-gpc") || says_one(headers, "dnt"),
            is_server: false,
        }
    }

    /// A server that sends for visitors with a `send` token.
    pub fn server() -> Self {
        Self {
            is_server: true,
            ..Self::default()
        }
    }
}

impl fmt::Debug for Sender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender([sealed])")
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok()
}

fn says_one(headers: &HeaderMap, name: &'static str) -> bool {
    headers
        .get(HeaderName::from_static(name))
        .is_some_and(|value| value.as_bytes().trim_ascii() == b"1")
}

fn hints(headers: &HeaderMap) -> ClientHints<'_> {
    let hint = |name| text(headers, &HeaderName::from_static(name));
    ClientHints {
        brands: hint("sec-ch-ua"),
        full_version_list: hint("sec-ch-ua-full-version-list"),
        platform: hint("sec-ch-ua-platform"),
        platform_version: hint("sec-ch-ua-platform-version"),
        mobile: hint("sec-ch-ua-mobile"),
    }
}
