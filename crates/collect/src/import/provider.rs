//! The provider's domain in a host name that a server looked up for an address.

use smol_str::SmolStr;

/// Second-level zones under which providers register, beside those of two letters under a country.
const SECOND_LEVEL: &[&str] = &[
    "com", "net", "org", "gov", "edu", "mil", "gob", "nom", "asso", "info", "msk", "spb",
];

/// The last two parts of a host name, or three under a second-level zone (`co.uk`, `com.br`, `spb.ru`), in lower
/// case: `pool.example.net` of `h1-2-3-4.pool.example.net` would name a street, `example.net` names the provider.
/// `None` if the text is no such name.
pub fn domain(host_name: &str) -> Option<SmolStr> {
    let name = host_name.trim_end_matches('.');
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if name.len() > 253 || !name.bytes().all(fits) {
        return None;
    }
    let mut ends = name.rmatch_indices('.').map(|(at, _)| at);
    let (last, second) = (ends.next()?, ends.next());
    let top = &name[last + 1..];
    if top.len() < 2 || top.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let from = match second {
        None => 0,
        Some(second) => {
            let zone = &name[second + 1..last];
            let is_zone =
                top.len() == 2 && (zone.len() == 2 || SECOND_LEVEL.contains(&&*zone.to_ascii_lowercase()));
            if is_zone {
                ends.next().map_or(0, |third| third + 1)
            } else {
                second + 1
            }
        }
    };
    Some(name[from..].to_ascii_lowercase().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_the_provider() {
        for (name, want) in [
            ("h1-2-3-4.pool.Example.NET", Some("example.net")),
            ("example.net", Some("example.net")),
            ("a.b.example.co.uk", Some("example.co.uk")),
            ("x.example.com.br", Some("example.com.br")),
            ("x.example.spb.ru", Some("example.spb.ru")),
            ("co.uk", Some("co.uk")),
            ("localhost", None),
            ("192.0.2.1", None),
            ("-", None),
            ("", None),
            ("a b.example", None),
        ] {
            assert_eq!(domain(name).as_deref(), want, "{name}");
        }
    }
}
