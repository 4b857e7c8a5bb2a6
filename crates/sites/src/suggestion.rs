//! "Did you mean …?"

/// How like two names must be to be worth a suggestion (1 is the same).
const LIKE: f64 = 0.82;
/// How many suggestions are given.
const AT_MOST: usize = 3;

/// Those of `names` that are most like `wanted`, the likeliest first. Case does not matter; of a name with slashes its
/// last part is enough (`moscow` finds `Europe/Moscow`).
pub fn near<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let fold = |text: &str| text.to_lowercase().replace([' ', '-'], "_");
    let wanted = fold(wanted.trim());
    let mut found: Vec<(f64, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let folded = fold(name);
            let whole = strsim::jaro_winkler(&wanted, &folded);
            let last = folded
                .rsplit('/')
                .next()
                .map_or(0.0, |part| strsim::jaro_winkler(&wanted, part));
            let likeness = whole.max(last);
            (likeness >= LIKE).then_some((likeness, name))
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    found.truncate(AT_MOST);
    found.into_iter().map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_comes_first() {
        let zones = [
            "Europe/Berlin",
            "Europe/Moscow",
            "America/Moncton",
            "Asia/Tokyo",
            "America/New_York",
        ];
        for (wanted, first) in [
            ("moscow", Some("Europe/Moscow")),
            ("Europe/Mosow", Some("Europe/Moscow")),
            ("new york", Some("America/New_York")),
            ("Europe/Berln", Some("Europe/Berlin")),
            ("qqqq", None),
            ("", None),
        ] {
            assert_eq!(near(wanted, zones).first().map(String::as_str), first, "{wanted}");
        }
    }
}
