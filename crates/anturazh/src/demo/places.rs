//! Where simulated visitors live: address blocks of real access providers, shared out among cities.

use super::chance::Chance;

/// A country's block of addresses; each city takes 4,096 addresses of it, in order.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    pub(crate) language: &'static str,
    /// First address of the block, which holds at least 65,536.
    pub(crate) block: [u8; 2],
    /// Region (ISO 3166-2), city in English, share.
    pub(crate) cities: &'static [(&'static str, &'static str, f64)],
}

/// Addresses a city takes.
pub(crate) const CITY_PREFIX_BITS: usize = 20;

pub(crate) const COUNTRIES: &[Country] = &[
    Country {
        code: "RU",
        language: "ru-RU",
        block: [95, 24],
        cities: &[
            ("MOW", "Moscow", 34.0),
            ("SPE", "Saint Petersburg", 17.0),
            ("NVS", "Novosibirsk", 7.0),
            ("SVE", "Yekaterinburg", 7.0),
            ("TA", "Kazan", 6.0),
            ("NIZ", "Nizhny Novgorod", 5.0),
            ("KDA", "Krasnodar", 6.0),
            ("SAM", "Samara", 5.0),
            ("ROS", "Rostov-on-Don", 5.0),
            ("PRI", "Vladivostok", 3.0),
            ("KGD", "Kaliningrad", 3.0),
            ("TOM", "Tomsk", 2.0),
        ],
    },
    Country {
        code: "BY",
        language: "ru-BY",
        block: [178, 120],
        cities: &[
            ("HM", "Minsk", 7.0),
            ("BR", "Brest", 1.0),
            ("HR", "Grodno", 1.0),
            ("HO", "Gomel", 1.0),
        ],
    },
    Country {
        code: "KZ",
        language: "ru-KZ",
        block: [95, 56],
        cities: &[
            ("75", "Almaty", 5.0),
            ("71", "Astana", 4.0),
            ("KAR", "Karaganda", 1.0),
        ],
    },
    Country {
        code: "AM",
        language: "hy-AM",
        block: [46, 70],
        cities: &[("ER", "Yerevan", 1.0)],
    },
    Country {
        code: "GE",
        language: "ka-GE",
        block: [31, 146],
        cities: &[("TB", "Tbilisi", 3.0), ("AJ", "Batumi", 1.0)],
    },
    Country {
        code: "DE",
        language: "de-DE",
        block: [84, 128],
        cities: &[
            ("BE", "Berlin", 9.0),
            ("HH", "Hamburg", 6.0),
            ("BY", "Munich", 6.0),
            ("NW", "Cologne", 4.0),
            ("HE", "Frankfurt am Main", 3.0),
            ("SN", "Leipzig", 3.0),
            ("BW", "Stuttgart", 3.0),
            ("HB", "Bremen", 2.0),
            ("SN", "Dresden", 2.0),
        ],
    },
    Country {
        code: "AT",
        language: "de-AT",
        block: [91, 112],
        cities: &[("9", "Vienna", 3.0), ("6", "Graz", 1.0)],
    },
    Country {
        code: "CH",
        language: "de-CH",
        block: [85, 0],
        cities: &[("ZH", "Zurich", 3.0), ("BS", "Basel", 1.0), ("GE", "Geneva", 1.0)],
    },
    Country {
        code: "NL",
        language: "nl-NL",
        block: [77, 160],
        cities: &[("NH", "Amsterdam", 2.0), ("UT", "Utrecht", 1.0)],
    },
    Country {
        code: "FR",
        language: "fr-FR",
        block: [90, 0],
        cities: &[
            ("IDF", "Paris", 4.0),
            ("ARA", "Lyon", 1.0),
            ("PAC", "Marseille", 1.0),
        ],
    },
    Country {
        code: "PL",
        language: "pl-PL",
        block: [83, 0],
        cities: &[
            ("14", "Warsaw", 2.0),
            ("12", "Krakow", 1.0),
            ("22", "Gdansk", 1.0),
        ],
    },
    Country {
        code: "GB",
        language: "en-GB",
        block: [86, 128],
        cities: &[
            ("ENG", "London", 6.0),
            ("ENG", "Manchester", 2.0),
            ("SCT", "Edinburgh", 1.0),
            ("ENG", "Bristol", 1.0),
        ],
    },
    Country {
        code: "IE",
        language: "en-IE",
        block: [86, 40],
        cities: &[("L", "Dublin", 1.0)],
    },
    Country {
        code: "US",
        language: "en-US",
        block: [73, 0],
        cities: &[
            ("NY", "New York", 4.0),
            ("CA", "San Francisco", 3.0),
            ("IL", "Chicago", 2.0),
            ("WA", "Seattle", 2.0),
            ("TX", "Austin", 2.0),
            ("MA", "Boston", 1.0),
        ],
    },
    Country {
        code: "CA",
        language: "en-CA",
        block: [99, 224],
        cities: &[("ON", "Toronto", 2.0), ("BC", "Vancouver", 1.0)],
    },
    Country {
        code: "IN",
        language: "en-IN",
        block: [117, 192],
        cities: &[
            ("KA", "Bengaluru", 2.0),
            ("MH", "Mumbai", 1.0),
            ("DL", "Delhi", 1.0),
        ],
    },
    Country {
        code: "BR",
        language: "pt-BR",
        block: [189, 0],
        cities: &[("SP", "Sao Paulo", 1.0)],
    },
    Country {
        code: "JP",
        language: "ja-JP",
        block: [126, 0],
        cities: &[("13", "Tokyo", 1.0)],
    },
    Country {
        code: "AU",
        language: "en-AU",
        block: [1, 120],
        cities: &[("NSW", "Sydney", 2.0), ("VIC", "Melbourne", 1.0)],
    },
];

/// The country of that code.
pub(crate) fn country(code: &str) -> &'static Country {
    COUNTRIES
        .iter()
        .find(|c| c.code == code)
        .expect("profiles name countries of the list")
}

impl Country {
    /// First address of a city's share.
    pub(crate) fn city_network(&self, city: usize) -> [u8; 4] {
        [self.block[0], self.block[1], (city as u8) << 4, 0]
    }

    /// Some address of the country, in one of its cities.
    pub(crate) fn address(&self, chance: &mut Chance) -> String {
        let places: Vec<usize> = (0..self.cities.len()).collect();
        let city = *chance.weighted(&places, |&i| self.cities[i].2);
        let [a, b, c, _] = self.city_network(city);
        format!("{a}.{b}.{}.{}", c + chance.below(16) as u8, 1 + chance.below(254))
    }
}
