//! Where an address is.

use super::database::{Database, bounded};
use crate::{Address, Error};
use maxminddb::{LookupResult, MaxMindDbError, geoip2};
use smol_str::{SmolStr, format_smolstr};
use std::path::Path;

/// A place as far as it is known; texts are empty where nothing is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// ISO 3166-1 alpha-2 code.
    pub country: SmolStr,
    /// ISO 3166-2 code such as `RU-MOW`, or the region's English name where the database has no code.
    pub region: SmolStr,
    /// The city's English name.
    pub city: SmolStr,
}

/// Finds places: in the operator's MaxMind DB, else the country in embedded data.
///
/// The embedded data say to which country's registry an address was given out, which is right for nearly all homes
/// and offices and wrong for some international networks.
pub struct Places(Option<Database<Place>>);

impl Places {
    /// Opens the operator's database, if there is one.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        let kinds = ["city", "country", "enterprise", "location"];
        let open = |path| Database::open(path, &kinds, "cities or countries", decode);
        path.map(open).transpose().map(Self)
    }

    /// The place of an address; nothing is known of private and loopback addresses.
    pub fn find(&self, address: Address) -> Place {
        if !address.is_public() {
            return Place::default();
        }
        // A record that cannot be read is as good as none: the sample at opening was sound.
        let mut place = match &self.0 {
            Some(database) => database.read(address).unwrap_or_default(),
            None => Place::default(),
        };
        if place.country.is_empty() {
            let country =
                iptocc::country_code(address.ip()).filter(|code| !["EU", "AP", "ZZ"].contains(code));
            place.country = country.map(SmolStr::new_static).unwrap_or_default();
        }
        place
    }
}

fn decode(found: &LookupResult<'_, Vec<u8>>) -> Result<Place, MaxMindDbError> {
    let city = found.decode::<geoip2::City<'_>>()?;
    Ok(city.map(|city| place_of(&city)).unwrap_or_default())
}

fn place_of(record: &geoip2::City<'_>) -> Place {
    let country = record.country.iso_code.map(bounded).unwrap_or_default();
    let region = record.subdivisions.first();
    let region = region.map_or_else(SmolStr::default, |region| match region.iso_code {
        Some(code) if !country.is_empty() => format_smolstr!("{country}-{}", bounded(code)),
        _ => region.names.english.map(bounded).unwrap_or_default(),
    });
    Place {
        country,
        region,
        city: record.city.names.english.map(bounded).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::trial;

    fn of(places: &Places, address: &str) -> (SmolStr, SmolStr, SmolStr) {
        let place = places.find(Address::parse(address).unwrap());
        (place.country, place.region, place.city)
    }

    #[test]
    fn countries_come_without_any_set_up() {
        let places = Places::open(None).unwrap();
        for (address, country) in [
            ("77.88.55.60", "RU"),
            ("2a02:6b8::2:242", "RU"),
            ("8.8.8.8", "US"),
            ("193.99.144.80", "DE"),
            ("127.0.0.1", ""),
            ("10.1.2.3", ""),
            ("192.168.0.1", ""),
            ("169.254.1.1", ""),
            ("::1", ""),
            ("fd00::1", ""),
            ("0.0.0.0", ""),
            ("255.255.255.255", ""),
        ] {
            assert_eq!(of(&places, address).0, country, "{address}");
        }
    }

    #[test]
    fn the_operators_database_gives_region_and_city() {
        let Some(folder) = trial::unpacked("geo/MaxMind-DB-test-data.tar.xz") else {
            return;
        };
        let city = |name: &str| Places::open(Some(&folder.path().join("test-data").join(name)));
        let places = city("GeoIP2-City-Test.mmdb").unwrap();
        let boxford = ("GB".into(), "GB-ENG".into(), "Boxford".into());
        for _ in 0..2 {
            assert_eq!(
                of(&places, "2.125.160.216"),
                boxford,
                "the second time from memory"
            );
        }
        assert_eq!(
            of(&places, "89.160.20.112"),
            ("SE".into(), "SE-E".into(), "Linköping".into())
        );
        assert_eq!(
            of(&places, "77.88.55.60").0,
            "RU",
            "not in it, so from the embedded data"
        );
        assert_eq!(of(&places, "10.1.2.3").0, "");
        let countries = city("GeoIP2-Country-Test.mmdb").unwrap();
        assert_eq!(
            of(&countries, "2.125.160.216"),
            ("GB".into(), "".into(), "".into())
        );
        for (name, why) in [
            ("GeoLite2-ASN-Test.mmdb", "type `GeoLite2-ASN`"),
            ("maps-with-pointers.raw", "no sound MaxMind DB"),
            ("none.mmdb", "none.mmdb"),
        ] {
            let error = city(name).err().unwrap().to_string();
            assert!(error.contains(name) && error.contains(why), "{error}");
        }
    }

    #[test]
    fn damaged_databases_are_refused_or_harmless() {
        let Some(folder) = trial::unpacked("geo/MaxMind-DB-test-data.tar.xz") else {
            return;
        };
        let (mut refused, mut harmless) = (0, 0);
        let mut folders = vec![folder.path().to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                match Places::open(Some(&path)) {
                    Err(error) => {
                        refused += 1;
                        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
                    }
                    Ok(places) => {
                        harmless += 1;
                        for first in 0..=255 {
                            of(&places, &format!("{first}.1.2.3"));
                            of(&places, &format!("2001:{first:x}::1"));
                        }
                    }
                }
            }
        }
        println!("{refused} files refused, {harmless} opened");
        assert!(refused >= 20 && harmless >= 5);
        let broken = folder
            .path()
            .join("test-data/GeoIP2-City-Test-Broken-Double-Format.mmdb");
        let half = folder.path().join("half.mmdb");
        let bytes = std::fs::read(folder.path().join("test-data/GeoIP2-City-Test.mmdb")).unwrap();
        std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
        assert!(Places::open(Some(&half)).is_err());
        assert!(broken.exists());
    }
}
