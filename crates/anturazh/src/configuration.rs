//! `anturazh.toml`: what the operator decides.

use anyhow::Context;
use serde::Deserialize;
use std::path::PathBuf;

/// The configuration a new folder gets.
pub(crate) const FIRST: &str = r#"# Anturazh. Every setting is optional; what is shown is the default.

# Where to listen. Behind a reverse proxy keep it on loopback.
listen = "127.0.0.1:8080"

# The address people and trackers use, such as "https://stats.example". Cookies are marked Secure if it is https.
# address = "https://stats.example"

# Proxies (addresses or networks) whose X-Forwarded-For and Forwarded headers are believed.
trusted_proxies = []

# A MaxMind DB file for regions and cities (GeoLite2-City, DB-IP City Lite…). Countries need none.
# city_file = "/var/lib/anturazh/city.mmdb"

# Where weaknesses are to be reported, for /.well-known/security.txt: an address of mail or of a page.
# security_contact = "mailto:security@stats.example"

# The anonymous side's catalog: a SQLite file in the data folder, or a PostgreSQL database.
# catalog = "postgres://anturazh@localhost/anturazh"
"#;

/// What the operator decides.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    /// Where to listen.
    pub(crate) listen: String,
    /// The address people and trackers use.
    pub(crate) address: Option<String>,
    /// Proxies whose forwarding headers are believed.
    pub(crate) trusted_proxies: Vec<String>,
    /// A MaxMind DB file for regions and cities.
    pub(crate) city_file: Option<PathBuf>,
    /// Where weaknesses are to be reported.
    pub(crate) security_contact: Option<String>,
    /// Address of a PostgreSQL database for the catalog.
    pub(crate) catalog: Option<String>,
    /// Dashboards need no sign-in. For demonstrations.
    pub(crate) public_dashboards: bool,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            address: None,
            trusted_proxies: Vec::new(),
            city_file: None,
            security_contact: None,
            catalog: None,
            public_dashboards: false,
        }
    }
}

impl Configuration {
    /// Reads a configuration; an unknown or wrong setting is named with its line.
    pub(crate) fn read(path: &std::path::Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
        toml::from_str(&text).with_context(|| format!("failed to understand `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_configuration_is_the_default_and_mistakes_are_named() {
        let first: Configuration = toml::from_str(FIRST).unwrap();
        assert_eq!(first.listen, Configuration::default().listen);
        assert!(first.trusted_proxies.is_empty() && first.address.is_none());
        let Err(error) = toml::from_str::<Configuration>("lisen = 'x'") else {
            panic!("a misspelt setting was taken")
        };
        assert!(error.to_string().contains("lisen"), "{error}");
    }
}
