//! Time zones by their names in the IANA database.

use crate::suggestion::near;
use crate::{Error, Problem};
use jiff::tz::{TimeZone, db};

/// The time zone of that name (case does not matter), else an error that names some like it.
pub fn time_zone(name: &str) -> Result<TimeZone, Error> {
    let name = name.trim();
    match TimeZone::get(name) {
        // A zone without a name of its own (such as the system's) could not be stored.
        Ok(zone) if zone.iana_name().is_some() => Ok(zone),
        _ => {
            let known: Vec<String> = db().available().map(|known| known.to_string()).collect();
            let near = near(name, known.iter().map(String::as_str));
            let given = name.to_owned();
            Err(Error::Refused {
                field: "timezone",
                problem: Problem::TimeZone { given, near },
            })
        }
    }
}
