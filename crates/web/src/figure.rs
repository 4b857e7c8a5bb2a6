//! Numbers as each language writes them: 12 345,6 and 12,345.6; 12,3 тыс. and 12.3k.

use crate::language::Language;
use vocabulary::Currency;

const NARROW: char = '\u{a0}';
const MINUS: char = '\u{2212}';

/// A number with a fixed count of decimals and the language's separators.
pub fn decimal(language: Language, value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (group, point) = match language {
        Language::En => (',', '.'),
        Language::Ru => (NARROW, ','),
    };
    let mut out = String::with_capacity(text.len() + 8);
    let is_zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    if value < 0.0 && !is_zero {
        out.push(MINUS);
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

/// A whole number.
pub fn whole(language: Language, value: f64) -> String {
    decimal(language, value, 0)
}

/// A number in at most five characters and a unit: exact below 10,000.
pub fn short(language: Language, value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if v >= 999_950_000.0 => (value / 1e9, ["B", "\u{a0}млрд"]),
        v if v >= 999_950.0 => (value / 1e6, ["M", "\u{a0}млн"]),
        v if v >= 9_999.5 => (value / 1e3, ["k", "\u{a0}тыс."]),
        _ => return whole(language, value),
    };
    let decimals = usize::from(scaled.abs() < 99.95);
    format!(
        "{}{}",
        trimmed(language, scaled, decimals),
        unit[language as usize]
    )
}

/// A number with at most that many decimals, without closing zeros.
pub fn trimmed(language: Language, value: f64, decimals: usize) -> String {
    let text = decimal(language, value, decimals);
    let point = if language == Language::En { '.' } else { ',' };
    match text.split_once(point) {
        Some(_) => text.trim_end_matches('0').trim_end_matches(point).to_owned(),
        None => text,
    }
}

/// A share or rate given in percent, with one decimal below ten.
pub fn percent(language: Language, value: f64) -> String {
    let number = trimmed(language, value, usize::from(value.abs() < 9.95));
    match language {
        Language::En => format!("{number}%"),
        Language::Ru => format!("{number}{NARROW}%"),
    }
}

/// A length of time given in seconds: `45 s`, `1 m 23 s`, `2 h 5 m`.
pub fn duration(language: Language, seconds: f64) -> String {
    let total = seconds.round().max(0.0) as i64;
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    let [h, m, s] = match language {
        Language::En => ["h", "m", "s"],
        Language::Ru => ["ч", "мин", "с"],
    };
    let gap = if language == Language::En { "" } else { "\u{a0}" };
    match (hours, minutes) {
        (0, 0) => format!("{seconds}{gap}{s}"),
        (0, _) => format!("{minutes}{gap}{m}{NARROW}{seconds}{gap}{s}"),
        _ => format!("{hours}{gap}{h}{NARROW}{minutes}{gap}{m}"),
    }
}

fn with_currency(language: Language, number: &str, currency: Currency) -> String {
    let code = currency.as_str();
    let symbol = match code {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" => "¥",
        "RUB" => "₽",
        "UAH" => "₴",
        "KZT" => "₸",
        "GEL" => "₾",
        "AMD" => "֏",
        "TRY" => "₺",
        "INR" => "₹",
        "ILS" => "₪",
        "KRW" => "₩",
        _ => code,
    };
    match (language, symbol.len() > 2 && symbol == code) {
        (Language::Ru, _) => format!("{number}{NARROW}{symbol}"),
        (Language::En, spaced) => {
            let gap = if spaced { "\u{a0}" } else { "" };
            match number.strip_prefix(MINUS) {
                Some(rest) => format!("{MINUS}{symbol}{gap}{rest}"),
                None => format!("{symbol}{gap}{number}"),
            }
        }
    }
}

/// An amount in whole units, exact to the currency's minor unit.
pub fn money(language: Language, amount: f64, currency: Currency) -> String {
    with_currency(
        language,
        &decimal(language, amount, currency.exponent() as usize),
        currency,
    )
}

/// An amount in whole units, shortened.
pub fn short_money(language: Language, amount: f64, currency: Currency) -> String {
    with_currency(language, &short(language, amount), currency)
}

/// The size of a change given in percent, without its sign: the word beside it says which way.
pub fn change(language: Language, percent_change: f64) -> String {
    percent(language, percent_change.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Ru};

    #[test]
    fn numbers_follow_the_language() {
        for (got, want) in [
            (decimal(En, 12_345.6, 1), "12,345.6"),
            (decimal(Ru, 12_345.6, 1), "12\u{a0}345,6"),
            (decimal(Ru, -1_234_567.0, 0), "−1\u{a0}234\u{a0}567"),
            (decimal(En, -0.001, 1), "0.0"),
            (short(En, 9_999.0), "9,999"),
            (short(En, 12_345.0), "12.3k"),
            (short(En, 999_999.0), "1M"),
            (short(En, 123_456.0), "123k"),
            (short(Ru, 12_345.0), "12,3\u{a0}тыс."),
            (short(Ru, 2_000_000.0), "2\u{a0}млн"),
            (percent(En, 34.56), "35%"),
            (percent(Ru, 4.56), "4,6\u{a0}%"),
            (duration(En, 83.4), "1m\u{a0}23s"),
            (duration(Ru, 83.4), "1\u{a0}мин\u{a0}23\u{a0}с"),
            (duration(En, 7_500.0), "2h\u{a0}5m"),
            (money(En, -12.5, Currency::parse("EUR").unwrap()), "−€12.50"),
            (
                money(Ru, 1290.0, Currency::parse("RUB").unwrap()),
                "1\u{a0}290,00\u{a0}₽",
            ),
            (
                money(En, 1290.0, Currency::parse("CHF").unwrap()),
                "CHF\u{a0}1,290.00",
            ),
            (
                short_money(En, 48_120.0, Currency::parse("USD").unwrap()),
                "$48.1k",
            ),
        ] {
            assert_eq!(got, want);
        }
    }
}
