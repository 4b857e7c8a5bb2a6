//! Where a form came from, as far as browsers say.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};

/// Whether the browser says that a page of another site sent this: by `Sec-Fetch-Site`, or, if it does not send that or
/// says no more than that it was a neighbour, by `Origin`.
pub(crate) fn is_foreign(headers: &HeaderMap, host: &str, address: Option<&str>) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"cross-site") => return true,
        Some(b"same-origin" | b"none") => return false,
        _ => {}
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let origin = origin.to_str().unwrap_or_default();
    let of_host = origin.split_once("://").map_or("", |(_, rest)| rest);
    !(of_host.eq_ignore_ascii_case(host) || address.is_some_and(|own| origin.eq_ignore_ascii_case(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_known_in_old_browsers_too() {
        for (site, origin, is_foreign) in [
            (Some("cross-site"), Some("https://stats.example"), true),
            (Some("same-origin"), Some("https://stats.example"), false),
            (Some("none"), None, false),
            (Some("same-site"), Some("https://shop.example"), true),
            (Some("same-site"), Some("https://stats.example"), false),
            (None, Some("https://stats.example"), false),
            (None, Some("http://127.0.0.1:8080"), false),
            (None, Some("https://evil.example"), true),
            (None, Some("https://stats.example.evil.example"), true),
            (None, Some("http://stats.example"), true),
            (None, Some("null"), true),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(
                super::is_foreign(&headers, "127.0.0.1:8080", Some("https://stats.example")),
                is_foreign,
                "{site:?} {origin:?}"
            );
        }
    }
}
