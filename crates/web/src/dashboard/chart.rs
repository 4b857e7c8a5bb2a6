//! The chart: SVG in percents, so that it fits any width without a script, and the same data as a table.

use super::address::Address;
use super::measure::Measure;
use super::period::Interval;
use super::scale::scale;
use crate::date;
use crate::language::Language;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use maud::{Markup, PreEscaped, html};
use std::fmt::Write;
use vocabulary::Currency;

/// The chart's series, in order of time.
pub struct Chart {
    /// What it shows.
    pub measure: Measure,
    /// What one point stands for.
    pub interval: Interval,
    /// The points.
    pub points: Vec<Point>,
    /// What happened when.
    pub flags: Vec<Flag>,
}

/// One point.
pub struct Point {
    /// The beginning of its interval, in the site's time zone.
    pub start: DateTime,
    /// The value; none where there is none or the interval has not begun.
    pub value: Option<f64>,
    /// The beginning of the compared interval and its value.
    pub before: Option<(DateTime, Option<f64>)>,
    /// Whether the interval is over.
    pub finished: bool,
}

/// Something that happened, shown as a flag.
pub struct Flag {
    /// The point it belongs to.
    pub point: usize,
    /// The day it happened.
    pub on: Date,
    /// What it was.
    pub text: String,
}

/// Height of the drawing without the line of dates, in pixels.
const HEIGHT: u32 = 240;
/// Flags named above the drawing, the latest ones.
const NAMED_FLAGS: usize = 3;
/// Room above it, in pixels.
const ABOVE: u32 = 12;

impl Chart {
    /// The point's interval in words, in full.
    fn words(&self, language: Language, at: DateTime) -> String {
        let day = at.date();
        match self.interval {
            Interval::Hour => format!("{}, {:02}:00", date::full(language, day), at.hour()),
            Interval::Day => date::full(language, day),
            Interval::Week => {
                language.text_with("week-of", &[("day", date::day_and_year(language, day).into())])
            }
            Interval::Month => date::month(language, day),
        }
    }

    /// The same in few characters, with the year unless it is `known` to the reader.
    fn short_words(&self, language: Language, at: DateTime, known: Option<i16>) -> String {
        let day = at.date();
        let is_known = known == Some(day.year());
        match self.interval {
            Interval::Hour if self.points.len() <= 26 && is_known => format!("{:02}:00", at.hour()),
            Interval::Hour => format!("{}, {:02}:00", date::day(language, day), at.hour()),
            Interval::Day | Interval::Week if is_known => date::day(language, day),
            Interval::Day | Interval::Week => date::day_and_year(language, day),
            Interval::Month if is_known => date::short_month(language, day).to_owned(),
            Interval::Month => date::short_month_and_year(language, day),
        }
    }

    /// The year that all points are of, if they are of one; the week of New Year's Day belongs to both.
    fn year(&self) -> Option<i16> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let year = last.start.year();
        let first_end = self.interval.next(first.start).saturating_sub(1.second());
        (first_end.year() == year).then_some(year)
    }

    /// A flag's day, with the year unless all points are of one.
    fn day_of(&self, language: Language, flag: &Flag) -> String {
        if self.year().is_some() {
            date::day(language, flag.on)
        } else {
            date::day_and_year(language, flag.on)
        }
    }

    /// The labels of the axis: the point, and its words. The year stands where it changes, and at the first if it does.
    fn labels(&self, language: Language) -> Vec<(usize, String)> {
        let every = self.points.len().div_ceil(8).max(1);
        // Phones show each fourth label alone, which must make sense by itself.
        let (mut before, mut fourth_before) = (None, None);
        let mut labels = Vec::new();
        for (nth, place) in (0..self.points.len()).step_by(every).enumerate() {
            let start = self.points[place].start;
            let year = Some(start.year());
            let known = match self.year() {
                Some(_) => year,
                None if nth % 4 == 0 => std::mem::replace(&mut fourth_before, year),
                None => before,
            };
            labels.push((place, self.short_words(language, start, known)));
            before = year;
        }
        labels
    }

    /// The part of the page.
    pub fn markup(&self, language: Language, address: &Address, currency: Currency) -> Markup {
        let t = |key: &str| language.text(key);
        let title = self.measure.title(language);
        let compared = address.compared().map(|c| super::days(language, c));
        html! {
            div.chart-sheet {
                div.chart-head {
                    span.key { svg aria-hidden="true" { line.line x1="0" x2="24" y1="4" y2="4" {} } (title) }
                    @if let Some(compared) = compared.as_ref().filter(|_| self.has_before()) {
                        span.key { svg aria-hidden="true" { line.line.before x1="0" x2="24" y1="4" y2="4" {} } (compared) }
                    }
                    @if self.points.last().is_some_and(|p| !p.finished) {
                        span.key { svg aria-hidden="true" { line.line.dotted x1="2" x2="24" y1="4" y2="4" {} } (t("chart-unfinished")) }
                    }
                    @let hidden = self.flags.len().saturating_sub(NAMED_FLAGS);
                    @for flag in &self.flags[hidden..] {
                        span.key.flagged { svg viewBox="0 0 9 12" aria-hidden="true" { path d="M0 0h9L6.5 3.5 9 7H1v5H0z" {} }
                            (self.day_of(language, flag)) ": " (flag.text) }
                    }
                    span.by {
                        @for interval in address.period.intervals() {
                            a href=(address.with_interval(interval).href()) id={ "by-" (interval.name()) }
                                aria-current=[(interval == self.interval).then_some("true")] { (t(&format!("by-{}", interval.name()))) }
                        }
                    }
                }
                (self.drawing(language, &title, currency))
                (self.table(language, &title, compared.is_some() && self.has_before(), currency))
            }
        }
    }

    fn most(&self) -> f64 {
        self.points
            .iter()
            .flat_map(|p| [p.value, p.before.and_then(|(_, value)| value)])
            .flatten()
            .fold(0.0, f64::max)
    }

    /// Whether there is anything to compare with.
    fn has_before(&self) -> bool {
        self.points
            .iter()
            .any(|p| p.before.is_some_and(|(_, value)| value.is_some()))
    }

    fn across(&self, place: usize) -> f64 {
        match self.points.len() {
            0 | 1 => 50.0,
            count => place as f64 / (count - 1) as f64 * 100.0,
        }
    }

    /// Lines through points, broken where there is no value.
    fn path(&self, values: impl Iterator<Item = Option<f64>>, top: f64) -> String {
        let mut path = String::new();
        // Points of the line in hand; one alone is drawn as a dot.
        let mut drawn = 0;
        for (place, value) in values.chain([None]).enumerate() {
            let Some(value) = value else {
                if drawn == 1 {
                    path.push_str("h0");
                }
                drawn = 0;
                continue;
            };
            let (x, y) = (self.across(place), (1.0 - value / top).clamp(0.0, 1.0) * 100.0);
            let _ = write!(
                path,
                "{}{} {}",
                if drawn > 0 { "L" } else { "M" },
                rounded(x),
                rounded(y)
            );
            drawn += 1;
        }
        path
    }

    fn drawing(&self, language: Language, title: &str, currency: Currency) -> Markup {
        let (step, steps) = scale(self.most(), self.measure.unit());
        let top = step * steps as f64;
        let finished = self.points.iter().take_while(|p| p.finished).count();
        let line = self.path(self.points.iter().map(|p| p.value.filter(|_| p.finished)), top);
        let open = finished.saturating_sub(1);
        let dotted = self.path(
            self.points
                .iter()
                .enumerate()
                .map(|(i, p)| p.value.filter(|_| i >= open && finished < self.points.len())),
            top,
        );
        let before = self.path(
            self.points.iter().map(|p| p.before.and_then(|(_, value)| value)),
            top,
        );
        let area = self.area(finished, top);
        let label = language.text_with("chart-label", &[("metric", title.into())]);
        html! {
            figure.chart.years[self.year().is_none()] data-label=(label) {
                svg role="img" aria-label=(language.text_with("chart-about", &[("metric", title.into())])) {
                    svg.plot y=(ABOVE) width="100%" height=(HEIGHT) overflow="visible" {
                        svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible" {
                            path.area d=(area) {}
                        }
                        @for tick in 0..=steps {
                            @let y = format!("{}%", rounded(100.0 - tick as f64 / steps as f64 * 100.0));
                            line.grid.base[tick == 0] x1="0" x2="100%" y1=(y) y2=(y) {}
                        }
                        svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible" {
                            @if !before.is_empty() { path.line.before d=(before) {} }
                            path.line d=(line) {}
                            @if !dotted.is_empty() { path.line.dotted d=(dotted) {} }
                        }
                        @for flags in self.flags.chunk_by(|a, b| a.point == b.point) {
                            @let x = format!("{}%", rounded(self.across(flags[0].point)));
                            @let words: Vec<&str> = flags.iter().map(|flag| flag.text.as_str()).collect();
                            svg.flag x=(x) overflow="visible" { title { (words.join(" · ")) }
                                line y1="-6" y2=(HEIGHT) x1="0" x2="0" {}
                                path d="M0-12h9l-2.5 3.5 2.5 3.5H0z" {}
                            }
                        }
                        @if self.points.len() == 1 && let Some(value) = self.points[0].value {
                            circle.dot cx="50%" cy={ (rounded(100.0 - value / top * 100.0)) "%" } r="4" {}
                        }
                        @for tick in 1..=steps {
                            @let y = format!("{}%", rounded(100.0 - tick as f64 / steps as f64 * 100.0));
                            text x="0" y=(y) dy="-5" { (self.measure.short(language, Some(step * tick as f64), currency)) }
                        }
                    }
                    (self.dates(language))
                }
            }
        }
    }

    fn area(&self, finished: usize, top: f64) -> PreEscaped<String> {
        let mut path = String::new();
        if finished > 1 && self.points[..finished].iter().all(|p| p.value.is_some()) {
            path = self.path(self.points.iter().map(|p| p.value.filter(|_| p.finished)), top);
            let _ = write!(path, "L{} 100L0 100z", rounded(self.across(finished - 1)));
        }
        PreEscaped(path)
    }

    fn dates(&self, language: Language) -> Markup {
        let count = self.points.len();
        html! {
            @for (nth, (place, words)) in self.labels(language).into_iter().enumerate() {
                @let x = self.across(place);
                @if x < 97.0 || count == 1 {
                    text.half[nth % 2 == 1].quarter[nth % 4 == 2] x={ (rounded(x)) "%" } y=(ABOVE + HEIGHT + 20)
                        text-anchor=(if place == 0 && count > 1 { "start" } else { "middle" }) { (words) }
                }
            }
        }
    }

    fn table(&self, language: Language, title: &str, compared: bool, currency: Currency) -> Markup {
        let (step, steps) = scale(self.most(), self.measure.unit());
        let top = step * steps as f64;
        let show = |value: Option<f64>| self.measure.exact(language, value, currency);
        html! {
            details.same-as-table {
                summary { (language.text("chart-as-table")) }
                div.scroll tabindex="0" role="region" aria-label=(language.text("chart-as-table")) {
                    table.data #chart-data {
                        thead { tr {
                            th scope="col" { (language.text(&format!("interval-{}", self.interval.name()))) }
                            th.n scope="col" { (title) }
                            @if compared { th.n scope="col" { (language.text("compared")) } }
                        } }
                        tbody {
                            @for (place, point) in self.points.iter().enumerate() {
                                tr data-y=[point.value.map(|v| rounded((1.0 - v / top) * 100.0))] {
                                    th scope="row" {
                                        (self.words(language, point.start))
                                        @if !point.finished { " (" (language.text("chart-unfinished")) ")" }
                                        @for flag in self.flags.iter().filter(|f| f.point == place) { " · " (flag.text) }
                                    }
                                    td.n { (show(point.value)) }
                                    @if compared {
                                        td.n { @if let Some((at, value)) = point.before {
                                            (show(value)) " (" (self.short_words(language, at, Some(point.start.year()))) ")"
                                        } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A coordinate with at most one decimal.
pub(super) fn rounded(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_there_is_no_value() {
        let at = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
        let point = |value| Point {
            start: at,
            value,
            before: None,
            finished: true,
        };
        let chart = Chart {
            measure: Measure::BounceRate,
            interval: Interval::Day,
            points: [Some(0.0), None, Some(50.0), Some(100.0), None].map(point).into(),
            flags: Vec::new(),
        };
        let path = chart.path(chart.points.iter().map(|p| p.value), 100.0);
        assert_eq!(path, "M0 100h0M50 50L75 0");
    }

    #[test]
    fn the_year_stands_on_the_axis_where_it_changes() {
        use Language::{En, Ru};
        let chart = |interval, starts: Vec<DateTime>| Chart {
            measure: Measure::Visitors,
            interval,
            points: starts
                .into_iter()
                .map(|start| Point {
                    start,
                    value: Some(1.0),
                    before: None,
                    finished: true,
                })
                .collect(),
            flags: Vec::new(),
        };
        let from = |interval: Interval, first: DateTime, count: usize| {
            let mut at = vec![first];
            while at.len() < count {
                at.push(interval.next(at[at.len() - 1]));
            }
            chart(interval, at)
        };
        let date = |year, month, day| jiff::civil::date(year, month, day).at(0, 0, 0, 0);
        for (interval, first, count, language, want) in [
            (
                Interval::Month,
                date(2024, 5, 1),
                24,
                En,
                "May 2024 Aug Nov Feb 2025 May 2025 Aug Nov Feb 2026",
            ),
            (Interval::Month, date(2026, 3, 1), 4, Ru, "мар апр май июн"),
            (
                Interval::Day,
                date(2025, 12, 31),
                3,
                En,
                "31\u{a0}Dec 2025 1\u{a0}Jan 2026 2\u{a0}Jan",
            ),
            (
                Interval::Week,
                date(2025, 12, 29),
                3,
                En,
                "29\u{a0}Dec 5\u{a0}Jan 12\u{a0}Jan",
            ),
            (Interval::Week, date(2026, 11, 2), 2, Ru, "2\u{a0}ноя 9\u{a0}ноя"),
            (Interval::Hour, date(2026, 11, 2), 2, En, "00:00 01:00"),
        ] {
            let labels = from(interval, first, count).labels(language);
            let words: Vec<String> = labels.into_iter().map(|(_, words)| words).collect();
            assert_eq!(words.join(" "), want);
        }
    }
}
