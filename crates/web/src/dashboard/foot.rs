//! The foot: what is collected, what the door let in, how fresh and how exact the figures are, and why they are so.

use super::address::Address;
use super::measure::Measure;
use crate::figure;
use crate::language::Language;
use maud::{Markup, html};
use policy::Manifest;
use vocabulary::{DataType, IpKeeping, Reason};

/// What the foot tells.
pub struct Foot {
    /// The manifest in force, its version and the day it began.
    pub manifest: Manifest,
    /// Its version.
    pub version: u32,
    /// Hits taken in today.
    pub accepted: u64,
    /// Hits of them from which something was stripped.
    pub stripped: u64,
    /// Hits refused today, by reason; most first.
    pub dropped: Vec<(Reason, u64)>,
    /// Hits refused in the period, by reason; most first.
    pub refused: Vec<(Reason, u64)>,
    /// When these answers were made, in the site's time zone.
    pub asked: jiff::civil::DateTime,
    /// The site's time zone.
    pub time_zone: String,
    /// Rows read for the answers.
    pub rows_read: u64,
    /// Whether distinct visitors are exact.
    pub exact: bool,
    /// Warnings of the answers, in words.
    pub warnings: Vec<String>,
    /// Whether the reader may change the manifest.
    pub may_change: bool,
}

/// The key of a data type's title.
pub fn type_key(data_type: DataType) -> String {
    format!("type-{}", data_type.name().replace('_', "-"))
}

/// The manifest as one sentence.
pub fn manifest_words(language: Language, manifest: &Manifest) -> String {
    let name = |t: DataType| language.text(&type_key(t)).to_lowercase();
    let list = |types: Vec<DataType>| types.into_iter().map(name).collect::<Vec<_>>().join(", ");
    let denied: Vec<DataType> = DataType::ALL
        .iter()
        .copied()
        .filter(|t| !manifest.allows(*t))
        .collect();
    if denied.len() * 2 > DataType::ALL.len() {
        return language.text_with(
            "collected-only",
            &[("types", list(manifest.allowed().iter().collect()).into())],
        );
    }
    if denied.is_empty() {
        return language.text("collected-all");
    }
    language.text_with("collected-but", &[("types", list(denied).into())])
}

impl Foot {
    /// What was refused in the period, in words.
    fn refused(&self, language: Language) -> String {
        let number = |value: u64| figure::whole(language, value as f64);
        let all: u64 = self.refused.iter().map(|(_, n)| n).sum();
        if all == 0 {
            return language.text("why-door-none");
        }
        let reason = |reason: &Reason| language.text(&format!("reason-{}", reason.name().replace('_', "-")));
        let reasons: Vec<String> = self
            .refused
            .iter()
            .map(|(why, n)| format!("{} {}", reason(why), number(*n)))
            .collect();
        language.text_with(
            "why-door-period",
            &[
                ("count", all.into()),
                ("figure", number(all).into()),
                ("reasons", reasons.join(", ").into()),
            ],
        )
    }

    /// The part of the page.
    pub fn markup(&self, language: Language, address: &Address) -> Markup {
        let t = |key: &str| language.text(key);
        let number = |value: u64| figure::whole(language, value as f64);
        let dropped: u64 = self.dropped.iter().map(|(_, n)| n).sum();
        html! {
            section.foot aria-label=(t("foot")) {
                div {
                    h2 { (t("foot-collected")) }
                    p { (manifest_words(language, &self.manifest)) " " (t(match self.manifest.ip() {
                        IpKeeping::None => "collected-ip-none",
                        IpKeeping::Truncated => "collected-ip-truncated",
                        IpKeeping::Full => "collected-ip-full",
                    })) }
                    p { (language.text_with("collected-version", &[("version", self.version.into())]))
                        @if self.may_change { " " a href=(address.path("settings")) { (t("collected-change")) } } }
                }
                div {
                    h2 { (t("foot-door")) }
                    ul {
                        li { span { (t("door-accepted")) } b { (number(self.accepted)) } }
                        li { span { (t("door-stripped")) } b { (number(self.stripped)) } }
                        li { span { (t("door-dropped")) } b { (number(dropped)) } }
                        @for (reason, count) in self.dropped.iter().take(4) {
                            li { span { "– " (t(&format!("reason-{}", reason.name().replace('_', "-")))) } span { (number(*count)) } }
                        }
                    }
                }
                div {
                    h2 { (t("foot-fresh")) }
                    p { (language.text_with("fresh", &[("time", crate::date::time(language, self.asked).into()), ("zone", self.time_zone.clone().into())])) }
                    p { (t(if self.exact { "exact" } else { "estimated" })) " "
                        (language.text_with("rows-read", &[("count", self.rows_read.into()), ("figure", number(self.rows_read).into())])) }
                    @for warning in &self.warnings { p { (warning) } }
                }
            }
            details.why #why {
                summary { (t("why")) }
                dl {
                    @for measure in Measure::ALL {
                        dt { (measure.title(language)) }
                        dd { (t(&format!("{}-about", measure.key()))) }
                    }
                    dt { (t("why-period")) }
                    dd { (language.text_with("why-period-about", &[
                        ("days", super::days(language, (address.period.first, address.period.last)).into()),
                        ("zone", self.time_zone.clone().into()),
                    ])) }
                    dt { (t("filters")) }
                    dd {
                        @if address.conditions.is_empty() { (t("why-no-filters")) }
                        @for condition in &address.conditions { code { (condition.write()) } " " }
                    }
                    dt { (t("why-door")) }
                    dd { (t("why-door-about")) " " (self.refused(language)) }
                }
            }
        }
    }
}
