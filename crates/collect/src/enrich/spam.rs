//! Referrer spammers: hosts whose invented visits want to be seen in reports.

use crate::Error;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use std::path::Path;

/// The hosts, those built in and the operator's.
pub struct SpamHosts(FxHashSet<SmolStr>);

impl SpamHosts {
    /// The built-in list and, if given, the operator's file.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        let mut hosts = FxHashSet::default();
        let mut add = |text: &str| {
            let lines = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or_default().trim());
            hosts.extend(
                lines
                    .filter(|line| !line.is_empty())
                    .map(|line| SmolStr::new(line.to_ascii_lowercase())),
            );
        };
        add(include_str!("../../data/spam_hosts.txt"));
        if let Some(path) = path {
            add(&std::fs::read_to_string(path).map_err(|source| Error::Storage {
                path: path.into(),
                source,
            })?);
        }
        Ok(Self(hosts))
    }

    /// Whether a host, in lower case, is one of them or a sub-domain of one.
    pub fn has(&self, host: &str) -> bool {
        let mut rest = host;
        loop {
            if self.0.contains(rest) {
                return true;
            }
            match rest.split_once('.') {
                Some((_, parent)) if parent.contains('.') => rest = parent,
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spammers_their_sub_domains_and_the_operators_own_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spam.txt");
        std::fs::write(&file, "# ours\nSpam.Example # since May\n\n").unwrap();
        let built_in = SpamHosts::open(None).unwrap();
        let with_file = SpamHosts::open(Some(&file)).unwrap();
        for (host, want, want_with_file) in [
            ("semalt.com", true, true),
            ("x.semalt.com", true, true),
            ("notsemalt.com", false, false),
            ("semalt.com.example", false, false),
            ("spam.example", false, true),
            ("www.spam.example", false, true),
            ("com", false, false),
            ("", false, false),
        ] {
            assert_eq!(built_in.has(host), want, "{host}");
            assert_eq!(with_file.has(host), want_with_file, "{host}");
        }
        let missing = SpamHosts::open(Some(&folder.path().join("none"))).err().unwrap();
        assert!(missing.to_string().contains("none"), "{missing}");
    }
}
