//! Who provides the network of an address.

use super::database::{Database, bounded};
use crate::{Address, Error};
use maxminddb::{LookupResult, MaxMindDbError};
use serde::Deserialize;
use smol_str::SmolStr;
use std::path::Path;

/// Finds providers in the operator's MaxMind DB; without one nothing is known. There is no reverse lookup in the DNS: a
/// question about each visitor would tell others who comes.
pub struct Providers(Option<Database<SmolStr>>);

impl Providers {
    /// Opens the operator's database, if there is one: of domains, of providers (ISP) or of autonomous systems.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        let open = |path| {
            Database::open(
                path,
                &["asn", "isp", "domain"],
                "providers (ASN, ISP or Domain)",
                decode,
            )
        };
        path.map(open).transpose().map(Self)
    }

    /// The provider's domain, or its name where the database has no domains; empty if nothing is known.
    pub fn find(&self, address: Address) -> SmolStr {
        match &self.0 {
            // A record that cannot be read is as good as none: the sample at opening was sound.
            Some(database) if address.is_public() => database.read(address).unwrap_or_default(),
            _ => SmolStr::default(),
        }
    }
}

/// The names of a record, by the fields of the databases that are usual: of `MaxMind`, DB-IP and `IPinfo`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Record<'r> {
    #[serde(borrow)]
    domain: Option<&'r str>,
    as_domain: Option<&'r str>,
    isp: Option<&'r str>,
    autonomous_system_organization: Option<&'r str>,
    as_name: Option<&'r str>,
    name: Option<&'r str>,
    organization: Option<&'r str>,
}

fn decode(found: &LookupResult<'_, Vec<u8>>) -> Result<SmolStr, MaxMindDbError> {
    let record = found.decode::<Record<'_>>()?.unwrap_or_default();
    let names = [
        record.domain,
        record.as_domain,
        record.isp,
        record.autonomous_system_organization,
        record.as_name,
        record.name,
        record.organization,
    ];
    let name = names.into_iter().flatten().find(|name| !name.trim().is_empty());
    Ok(name.map(bounded).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::trial;

    #[test]
    fn without_a_file_nothing_is_known() {
        let providers = Providers::open(None).unwrap();
        assert_eq!(providers.find(Address::parse("8.8.8.8").unwrap()), "");
    }

    #[test]
    fn the_operators_file_names_the_provider() {
        let Some(folder) = trial::unpacked("geo/MaxMind-DB-test-data.tar.xz") else {
            return;
        };
        let open = |name: &str| Providers::open(Some(&folder.path().join("test-data").join(name)));
        for (file, address, want) in [
            ("GeoLite2-ASN-Test.mmdb", "1.128.0.0", "Telstra Pty Ltd"),
            ("GeoLite2-ASN-Test.mmdb", "10.0.0.1", ""),
            ("GeoIP2-ISP-Test.mmdb", "1.128.0.0", "Telstra Internet"),
            ("GeoIP2-Domain-Test.mmdb", "1.2.0.0", "maxmind.com"),
            ("GeoIP2-Domain-Test.mmdb", "203.0.113.1", ""),
        ] {
            let providers = open(file).unwrap();
            for _ in 0..2 {
                let found = providers.find(Address::parse(address).unwrap());
                assert_eq!(found, want, "{file} {address}");
            }
        }
        let error = open("GeoIP2-City-Test.mmdb").err().unwrap().to_string();
        assert!(
            error.contains("type `GeoIP2-City`") && error.contains("ASN, ISP or Domain"),
            "{error}"
        );
    }
}
