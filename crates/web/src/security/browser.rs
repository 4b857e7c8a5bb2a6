//! What is remembered of the browser of a sign-in.

use collect::enrich::{Client, ClientHints};
use http::HeaderMap;
use http::header::USER_AGENT;

/// Families of browser and system, such as `Firefox, Linux`: no version, nothing that tells two apart. Empty if unknown.
pub(crate) fn kind(headers: &HeaderMap) -> String {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let client = Client::read(user_agent.unwrap_or_default(), &ClientHints::default());
    let names = [client.browser.as_str(), client.os.as_str()];
    let known: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_families_are_kept() {
        for (user_agent, want) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari, iOS",
            ),
            ("", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, user_agent.parse().unwrap());
            assert_eq!(kind(&headers), want);
        }
        assert_eq!(kind(&HeaderMap::new()), "");
    }
}
