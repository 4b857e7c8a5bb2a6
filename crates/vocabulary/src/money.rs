//! Currencies and their minor units.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 alphabetic code, such as `EUR`. Amounts elsewhere are `i64` in the currency's minor unit
/// (cents, kopecks); see [`Currency::exponent`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is no currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters of ISO 4217, such as EUR or RUB")]
pub struct BadCurrency;

/// The largest amount accepted, in minor units either way (a hundred billion of a currency with cents).
pub const MAX_MINOR: i64 = 10_000_000_000_000;

impl Currency {
    /// Reads a code in either case.
    pub fn parse(text: &str) -> Result<Self, BadCurrency> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|l| l.is_ascii_alphabetic()) => Ok(Self([
                a.to_ascii_uppercase(),
                b.to_ascii_uppercase(),
                c.to_ascii_uppercase(),
            ])),
            _ => Err(BadCurrency),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ASCII letters only")
    }

    /// How many decimal digits the minor unit has. Source: ISO 4217, list one; every code not named here has 2.
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// An amount in whole units (`129.5`) as minor units (`12950`), rounded half away from zero;
    /// `None` if it is no finite number or larger than [`MAX_MINOR`].
    pub fn to_minor(self, amount: f64) -> Option<i64> {
        let minor = (amount * 10f64.powi(self.exponent() as i32)).round();
        (minor.is_finite() && minor.abs() <= MAX_MINOR as f64).then_some(minor as i64)
    }

    /// An amount in minor units as whole units.
    pub fn to_major(self, minor: i64) -> f64 {
        minor as f64 / 10f64.powi(self.exponent() as i32)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Currency {
    type Err = BadCurrency;
    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = BadCurrency;
    fn try_from(text: String) -> Result<Self, BadCurrency> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_the_currency() {
        for (code, amount, minor) in [
            ("eur", 129.5, Some(12_950)),
            ("JPY", 129.5, Some(130)),
            ("KWD", 1.2345, Some(1_235)),
            ("RUB", -0.005, Some(-1)),
            ("USD", f64::NAN, None),
            ("USD", f64::INFINITY, None),
            ("USD", 1e300, None),
        ] {
            assert_eq!(
                Currency::parse(code).unwrap().to_minor(amount),
                minor,
                "{amount} {code}"
            );
        }
        for text in ["", "EU", "EURO", "E1R", "руб"] {
            assert_eq!(Currency::parse(text), Err(BadCurrency));
        }
    }
}
