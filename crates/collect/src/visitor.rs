//! How a browser becomes a number that leads nowhere without the site's key.

use crate::Address;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::OnceLock;
use vocabulary::{VisitorKey, moment::DAY_MS};

/// A salt: 32 random bytes, made for one UTC day and destroyed two days later.
pub type Salt = [u8; 32];

/// The salts of the last days, at least that of today. The binary makes a new one each UTC day, drops those older
/// than two days, and puts the new set into a new [`crate::SiteTable`]; with the old table the old salts are gone.
#[derive(Clone)]
pub struct Salts(Vec<(i64, Salt)>);

impl Salts {
    /// `today` and `earlier` are salts with their UTC day (see [`vocabulary::Moment::utc_day`]).
    pub fn new(today: (i64, Salt), earlier: impl IntoIterator<Item = (i64, Salt)>) -> Self {
        Self(std::iter::once(today).chain(earlier).collect())
    }
}

impl fmt::Debug for Salts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

type Code = Hmac<Sha256>;

/// The keyed states of one site, made once and cloned for each hit.
pub(crate) struct Keys {
    site: Code,
    days: Vec<(i64, Salt, OnceLock<Code>)>,
}

impl Keys {
    pub(crate) fn new(site_key: &[u8; 32], salts: &Salts) -> Self {
        Self {
            site: code(site_key),
            days: salts
                .0
                .iter()
                .map(|(day, salt)| (*day, *salt, OnceLock::new()))
                .collect(),
        }
    }

    /// The key of a cookie: `HMAC(site key, "cookie" ‖ 0 ‖ value)`.
    pub(crate) fn of_cookie(&self, value: &str) -> VisitorKey {
        VisitorKey(first_64(&self.site, &[b"cookie\0", value.as_bytes()]))
    }

    /// The key without a cookie: `HMAC(HMAC(site key, "day" ‖ 0 ‖ salt), address ‖ User-Agent)` with the salt of the
    /// event's UTC day. Where that salt is gone (late and back-dated events), today's salt serves and the day enters
    /// the message, so that no key spans two days.
    pub(crate) fn of_browser(&self, utc_day: i64, address: Option<Address>, user_agent: &str) -> VisitorKey {
        let octets = address.map(Address::octets).unwrap_or_default();
        let (found, (_, salt, state)) = match self.days.iter().find(|(day, ..)| *day == utc_day) {
            Some(day) => (true, day),
            None => (false, self.days.first().expect("salts hold at least today's")),
        };
        let state = state.get_or_init(|| {
            let mut mac = self.site.clone();
            mac.update(b"day\0");
            mac.update(salt);
            code(&mac.finalize().into_bytes())
        });
        let day = if found { i64::MIN } else { utc_day };
        VisitorKey(first_64(
            state,
            &[&octets, &day.to_be_bytes(), user_agent.as_bytes()],
        ))
    }

    /// The key of a line in a log: `HMAC(site key, "import" ‖ 0 ‖ day ‖ host ‖ 0 ‖ User-Agent)`, so that the same log
    /// gives the same visitors again. The price: unlike a salted key it can be made anew while the site key lives.
    pub(crate) fn of_log_line(&self, civil_day: i64, host: &[u8], user_agent: &str) -> VisitorKey {
        let day = civil_day.to_be_bytes();
        VisitorKey(first_64(
            &self.site,
            &[b"import\0", &day, host, b"\0", user_agent.as_bytes()],
        ))
    }

    /// A number that stands for an event's id in the memory of recent ids.
    pub(crate) fn of_id(&self, kind: &str, id: &str) -> u64 {
        first_64(&self.site, &[b"id\0", kind.as_bytes(), b"\0", id.as_bytes()])
    }
}

fn code(key: &[u8]) -> Code {
    Code::new_from_slice(key).expect("an HMAC takes keys of any length")
}

fn first_64(state: &Code, parts: &[&[u8]]) -> u64 {
    let mut mac = state.clone();
    for part in parts {
        mac.update(part);
    }
    let bytes = mac.finalize().into_bytes();
    u64::from_be_bytes(*bytes.first_chunk().expect("SHA-256 gives 32 bytes"))
}

/// How long a salt lives at most, in milliseconds.
pub const SALT_LIFE_MS: i64 = 2 * DAY_MS;

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(site: u8, today: i64, salt: u8) -> Keys {
        Keys::new(
            &[site; 32],
            &Salts::new((today, [salt; 32]), [(today - 1, [salt + 1; 32])]),
        )
    }

    #[test]
    fn a_key_changes_with_site_day_salt_address_and_browser_and_with_nothing_else() {
        let address = |text| Address::parse(text);
        let base = keys(1, 20_000, 7).of_browser(20_000, address("192.0.2.1"), "Mozilla");
        assert_eq!(
            base,
            keys(1, 20_000, 7).of_browser(20_000, address("192.0.2.1"), "Mozilla")
        );
        let others = [
            keys(2, 20_000, 7).of_browser(20_000, address("192.0.2.1"), "Mozilla"),
            keys(1, 20_000, 9).of_browser(20_000, address("192.0.2.1"), "Mozilla"),
            keys(1, 20_000, 7).of_browser(19_999, address("192.0.2.1"), "Mozilla"),
            keys(1, 20_000, 7).of_browser(19_000, address("192.0.2.1"), "Mozilla"),
            keys(1, 20_000, 7).of_browser(19_001, address("192.0.2.1"), "Mozilla"),
            keys(1, 20_000, 7).of_browser(20_000, address("192.0.2.2"), "Mozilla"),
            keys(1, 20_000, 7).of_browser(20_000, address("192.0.2.1"), "Opera"),
            keys(1, 20_000, 7).of_browser(20_000, None, "Mozilla"),
            keys(1, 20_000, 7).of_cookie("Mozilla"),
            keys(1, 20_000, 7).of_log_line(20_000, b"192.0.2.1", "Mozilla"),
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(*other, base, "{place}");
            assert!(!others[..place].contains(other), "{place}");
        }
    }

    #[test]
    fn a_cookie_outlives_salts_and_a_log_gives_the_same_visitors_again() {
        assert_eq!(
            keys(1, 20_000, 7).of_cookie("abc"),
            keys(1, 21_000, 9).of_cookie("abc")
        );
        assert_ne!(
            keys(1, 20_000, 7).of_cookie("abc"),
            keys(2, 20_000, 7).of_cookie("abc")
        );
        let line = |salt| keys(1, 20_000, salt).of_log_line(16_572, b"192.0.2.1", "Mozilla");
        assert_eq!(line(7), line(9));
    }

    #[test]
    fn the_formula_is_the_documented_one() {
        let mut mac = Code::new_from_slice(&[1; 32]).unwrap();
        mac.update(b"cookie\0abc");
        let want = u64::from_be_bytes(mac.finalize().into_bytes()[..8].try_into().unwrap());
        assert_eq!(keys(1, 0, 0).of_cookie("abc"), VisitorKey(want));
    }
}
