//! The world, each country tinted by its share.

use super::address::Address;
use super::condition::Condition;
use super::label;
use super::measure::Measure;
use super::panel::Row;
use crate::asset::Asset;
use crate::language::Language;
use maud::{Markup, html};
use std::sync::LazyLock;
use vocabulary::Currency;

static DRAWN: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("../../assets/map/world.svg")
        .split("id=\"")
        .filter_map(|rest| rest.get(..2))
        .filter(|code| code.bytes().all(|b| b.is_ascii_uppercase()))
        .collect()
});

/// The tint of a value, 1 to 5: by the root of its share of the greatest, since countries differ by orders of size.
fn tint(value: f64, most: f64) -> u8 {
    ((value / most).sqrt() * 5.0).ceil().clamp(1.0, 5.0) as u8
}

/// The map. It repeats the table of countries beside it, so that screen readers pass over it.
pub fn map(
    language: Language,
    address: &Address,
    rows: &[Row],
    measure: Measure,
    currency: Currency,
) -> Markup {
    let world = Asset::World.path();
    let value = |row: &Row| row.values.first().copied().flatten().unwrap_or(0.0);
    let most = rows.iter().map(value).fold(1.0, f64::max);
    html! {
        svg.map viewBox="0 0 960 403" aria-hidden="true" {
            use href={ (world) "#land" } {}
            @for row in rows {
                @if DRAWN.contains(&row.value.as_str()) && value(row) > 0.0 {
                    @let condition = Condition::is("visit:country", &row.value);
                    a href=(address.with_condition(condition).href()) tabindex="-1" {
                        title {
                            (label::label(language, "visit:country", &row.value)) ": "
                            (measure.exact(language, Some(value(row)), currency))
                        }
                        use class={ "m" (tint(value(row), most)) } href={ (world) "#" (row.value) } {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_drawn_and_tints_rise() {
        assert!(DRAWN.len() > 165 && DRAWN.contains(&"RU") && DRAWN.contains(&"DE"));
        let tints: Vec<u8> = [1.0, 50.0, 200.0, 400.0, 900.0]
            .iter()
            .map(|v| tint(*v, 900.0))
            .collect();
        assert_eq!(tints, [1, 2, 3, 4, 5]);
    }
}
