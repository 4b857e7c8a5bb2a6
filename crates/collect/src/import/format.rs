//! The formats of files that can be imported.

use super::{caddy, combined};

/// A format of lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Apache's and nginx's combined format, also with the site's host in front.
    Combined,
    /// The common format: combined without referrer and User-Agent.
    Common,
    /// Caddy's JSON.
    Caddy,
    /// Our own events, one JSON object a line, as `POST /api/v1/events` takes them.
    Ndjson,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[Self::Combined, Self::Common, Self::Caddy, Self::Ndjson];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Combined => "combined",
            Self::Common => "common",
            Self::Caddy => "caddy",
            Self::Ndjson => "ndjson",
        }
    }

    /// The format of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The format that most of the first lines have; `None` if not one of them can be read. Lines of the common and
    /// the combined format are read alike; the name only says which of them is meant.
    pub fn detect<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut votes = [0usize; Self::ALL.len()];
        for line in lines.take(100) {
            let Ok(text) = std::str::from_utf8(line.trim_ascii()) else {
                continue;
            };
            let format = if text.starts_with('{') {
                if caddy::read(text).is_ok() {
                    Self::Caddy
                } else if crate::protocol::native::hit_of_line(text.as_bytes()).is_ok() {
                    Self::Ndjson
                } else {
                    continue;
                }
            } else {
                match combined::read(text) {
                    Ok(line) if line.user_agent.is_none() => Self::Common,
                    Ok(_) => Self::Combined,
                    Err(_) => continue,
                }
            };
            votes[format as usize] += 1;
        }
        let (most, votes) = Self::ALL.iter().zip(votes).max_by_key(|(_, votes)| *votes)?;
        (votes > 0).then_some(*most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_tell_the_format() {
        let common = r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1"#;
        let bare = r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#;
        let combined =
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0""#;
        let caddy = r#"{"ts":1,"request":{"remote_ip":"192.0.2.1","method":"GET","host":"a.example","uri":"/"},"status":200}"#;
        let event = r#"{"site":"a.example","name":"page_view","url":"https://a.example/"}"#;
        for (lines, want) in [
            (vec![common, common], Some(Format::Common)),
            (vec!["", "cut off", bare, bare, combined], Some(Format::Combined)),
            (
                vec![r#"{"level":"info","msg":"start"}"#, caddy],
                Some(Format::Caddy),
            ),
            (vec![event], Some(Format::Ndjson)),
            (vec!["a,b,c", "1,2,3"], None),
            (vec![], None),
        ] {
            let found = Format::detect(lines.iter().map(|line| line.as_bytes()));
            assert_eq!(found, want, "{lines:?}");
        }
        for &format in Format::ALL {
            assert_eq!(Format::parse(format.name()), Some(format));
        }
    }
}
