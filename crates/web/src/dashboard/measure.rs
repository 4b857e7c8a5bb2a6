//! What dashboards count, and how each is written.

use crate::figure;
use crate::language::Language;
use vocabulary::Currency;

/// How a measure's values are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A whole number.
    Count,
    /// A number with decimals.
    Ratio,
    /// Percent.
    Percent,
    /// Seconds.
    Seconds,
    /// Whole units of the site's currency.
    Money,
}

macro_rules! measures {
    ($($variant:ident $name:literal $key:literal $unit:ident)*) => {
        /// A metric of questions, as dashboards show it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Measure { $(#[doc = concat!("The metric `", $name, "`.")] $variant,)* }

        impl Measure {
            /// Every measure.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The metric's name in questions and addresses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The key of its title; with `-about` behind it, of its definition.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// How its values are written.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }
        }
    };
}

measures! {
    Visitors "visitors" "metric-visitors" Count
    Visits "visits" "metric-visits" Count
    Pageviews "pageviews" "metric-pageviews" Count
    Events "events" "metric-events" Count
    ViewsPerVisit "views_per_visit" "metric-views-per-visit" Ratio
    BounceRate "bounce_rate" "metric-bounce-rate" Percent
    VisitDuration "visit_duration" "metric-visit-duration" Seconds
    ConversionRate "conversion_rate" "metric-conversion-rate" Percent
    Orders "orders" "metric-orders" Count
    Revenue "total_revenue" "metric-total-revenue" Money
    AverageOrder "average_order" "metric-average-order" Money
}

impl Measure {
    /// The measure of that metric name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.name() == name)
    }

    /// Its title.
    pub fn title(self, language: Language) -> String {
        language.text(self.key())
    }

    /// A value in full; a dash where there is none.
    pub fn exact(self, language: Language, value: Option<f64>, currency: Currency) -> String {
        let Some(value) = value else { return "–".into() };
        match self.unit() {
            Unit::Count => figure::whole(language, value),
            Unit::Ratio => figure::decimal(language, value, 2),
            Unit::Percent => figure::percent(language, value),
            Unit::Seconds => figure::duration(language, value),
            Unit::Money => figure::money(language, value, currency),
        }
    }

    /// A value in few characters; a dash where there is none.
    pub fn short(self, language: Language, value: Option<f64>, currency: Currency) -> String {
        match (self.unit(), value) {
            (Unit::Count, Some(value)) => figure::short(language, value),
            (Unit::Ratio, Some(value)) => figure::trimmed(language, value, 2),
            (Unit::Money, Some(value)) => figure::short_money(language, value, currency),
            _ => self.exact(language, value, currency),
        }
    }

    /// Whether more of it is better.
    pub const fn more_is_better(self) -> bool {
        !matches!(self, Self::BounceRate)
    }

    /// The change from one value to another: whether it is for the better (`None` if there is none), and in words.
    pub fn change(
        self,
        language: Language,
        now: Option<f64>,
        before: Option<f64>,
    ) -> Option<(Option<bool>, String)> {
        let (now, before) = (now?, before?);
        let points = self.unit() == Unit::Percent;
        let by = if points {
            now - before
        } else if before == 0.0 {
            return (now == 0.0).then(|| (None, language.text("change-none")));
        } else {
            (now - before) / before.abs() * 100.0
        };
        if by.abs() < 0.05 {
            return Some((None, language.text("change-none")));
        }
        let word = match (self.unit(), by > 0.0) {
            (Unit::Count, true) => "change-more",
            (Unit::Count, false) => "change-fewer",
            (Unit::Seconds, true) => "change-longer",
            (Unit::Seconds, false) => "change-shorter",
            (Unit::Percent, true) => "change-points-up",
            (Unit::Percent, false) => "change-points-down",
            (Unit::Ratio | Unit::Money, true) => "change-higher",
            (Unit::Ratio | Unit::Money, false) => "change-lower",
        };
        let size = if points {
            figure::trimmed(language, by.abs(), 1)
        } else {
            figure::change(language, by)
        };
        Some((
            Some((by > 0.0) == self.more_is_better()),
            language.text_with(word, &[("figure", size.into())]),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_a_word_and_a_side() {
        for (measure, now, before, want) in [
            (
                Measure::Visitors,
                Some(120.0),
                Some(100.0),
                Some((Some(true), "20% more")),
            ),
            (
                Measure::Visitors,
                Some(80.0),
                Some(100.0),
                Some((Some(false), "20% fewer")),
            ),
            (
                Measure::Visitors,
                Some(80.0),
                Some(80.0),
                Some((None, "no change")),
            ),
            (Measure::Visitors, Some(80.0), Some(0.0), None),
            (Measure::Visitors, None, Some(1.0), None),
            (
                Measure::BounceRate,
                Some(42.0),
                Some(40.0),
                Some((Some(false), "2 pp higher")),
            ),
            (
                Measure::VisitDuration,
                Some(90.0),
                Some(60.0),
                Some((Some(true), "50% longer")),
            ),
            (
                Measure::Revenue,
                Some(-50.0),
                Some(-100.0),
                Some((Some(true), "50% higher")),
            ),
        ] {
            let got = measure.change(Language::En, now, before);
            assert_eq!(
                got,
                want.map(|(side, words)| (side, words.to_owned())),
                "{measure:?}"
            );
        }
    }

    #[test]
    fn every_measure_has_its_texts() {
        for &measure in Measure::ALL {
            assert_eq!(Measure::parse(measure.name()), Some(measure));
            for language in Language::ALL {
                assert!(language.known(measure.key()).is_some());
                assert!(language.known(&format!("{}-about", measure.key())).is_some());
            }
        }
    }
}
