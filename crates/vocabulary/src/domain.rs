//! Sites and the clients they belong to.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// A client of the agency, numbered by the register of clients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub u32);

/// A site, numbered by the register of sites; stands for its domain in the journal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(pub u32);

/// A site's name: a lower-case host name without `www.`, at most 253 bytes, optionally with a path
/// (`shop.example` or `shop.example/blog`). Safe as a folder name once `/` is replaced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(SmolStr);

/// Why a text is no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDomain {
    /// Nothing is left once white space, scheme and `www.` are gone.
    #[error("a domain must not be empty")]
    Empty,
    /// Longer than 253 bytes.
    #[error("a domain has at most 253 bytes")]
    TooLong,
    /// A character outside letters, digits, `.`, `-`, `_`, `:` (port) and `/` (path).
    #[error(
        "a domain has letters, digits, dots and hyphens only; write an international name in its xn-- form"
    )]
    Character,
}

impl Domain {
    /// Reads a domain as people write it: case, scheme, `www.` and a closing slash do not matter.
    pub fn parse(text: &str) -> Result<Self, BadDomain> {
        let lower = text.trim().to_ascii_lowercase();
        let bare = lower
            .strip_prefix("https://")
            .or_else(|| lower.strip_prefix("http://"))
            .unwrap_or(&lower);
        let bare = bare.trim_start_matches("www.").trim_end_matches('/');
        if bare.is_empty() {
            return Err(BadDomain::Empty);
        }
        if bare.len() > 253 {
            return Err(BadDomain::TooLong);
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
        if !bare.chars().all(fits)
            || bare
                .split('/')
                .any(|part| part.is_empty() || part == "." || part == "..")
        {
            return Err(BadDomain::Character);
        }
        Ok(Self(bare.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as one folder name: `/` and `:` become `~`.
    pub fn folder(&self) -> String {
        self.0.replace(['/', ':'], "~")
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Domain {
    type Err = BadDomain;
    fn from_str(text: &str) -> Result<Self, BadDomain> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Domain {
    type Error = BadDomain;
    fn try_from(text: String) -> Result<Self, BadDomain> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, want) in [
            ("Shop.Example", Ok("shop.example")),
            (" https://www.shop.example/ ", Ok("shop.example")),
            ("shop.example/blog", Ok("shop.example/blog")),
            ("localhost:8080", Ok("localhost:8080")),
            ("", Err(BadDomain::Empty)),
            ("www.", Err(BadDomain::Empty)),
            ("www.www.", Err(BadDomain::Empty)),
            ("www.www.shop.example", Ok("shop.example")),
            ("a b", Err(BadDomain::Character)),
            ("магазин.рф", Err(BadDomain::Character)),
            ("a/../b", Err(BadDomain::Character)),
            ("..", Err(BadDomain::Character)),
        ] {
            assert_eq!(
                Domain::parse(text).as_ref().map(Domain::as_str).map_err(|e| *e),
                want,
                "{text:?}"
            );
        }
    }
}
