//! Addresses of a provider that may be used.

use url::{Host, Url};

/// The address, if it is one of `https`, or of `http` at a loopback address (for trying out), without credentials and
/// fragment.
pub(crate) fn checked(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_loopback = match url.host()? {
        Host::Domain(domain) => domain == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_safe && is_bare).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_used() {
        for (text, is_used) in [
            ("https://id.example", true),
            ("https://id.example/realms/a?b=c", true),
            ("http://127.0.0.1:8081", true),
            ("http://[::1]/a", true),
            ("http://localhost:1", true),
            ("http://id.example", false),
            ("http://localhost.example", false),
            ("https://anna@id.example", false),
            ("https://:secret@id.example", false),
            ("https://id.example/#a", false),
            ("file:///etc/passwd", false),
            ("id.example", false),
            ("", false),
        ] {
            assert_eq!(checked(text).is_some(), is_used, "{text}");
        }
    }
}
