//! A site's dashboard: what it shows, and the page made of it.
//!
//! [`Dashboard`] holds plain values; `ask` fills it from answers, the modules beside this one write its parts.

pub mod address;
pub(crate) mod ask;
pub mod bar;
pub mod chart;
pub mod condition;
pub(crate) mod door;
pub mod first_hit;
pub mod foot;
pub mod label;
pub mod map;
pub mod measure;
pub mod panel;
pub mod period;
mod scale;
pub(crate) mod serve;
pub(crate) mod spark;
pub mod tab;
pub mod trade;
pub mod welcome;
mod whole;

use crate::language::Language;
use crate::page::{Page, Reader};
use address::Address;
use jiff::civil::Date;
use maud::{Markup, html};
use measure::Measure;
use vocabulary::Currency;

/// Everything a dashboard shows.
pub struct Dashboard {
    /// Its state.
    pub address: Address,
    /// The domains that the reader may switch to.
    pub sites: Vec<String>,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Visitors of the last five minutes.
    pub live: u64,
    /// The word about the first hit, if that has just come.
    pub welcome: Option<welcome::Welcome>,
    /// The six figures.
    pub figures: Vec<Figure>,
    /// The chart's series.
    pub chart: chart::Chart,
    /// The panels that have something to show.
    pub panels: Vec<panel::Panel>,
    /// What the foot tells.
    pub foot: foot::Foot,
    /// Whether the reader may change the site's settings.
    pub may_change: bool,
}

/// One of the six figures.
pub struct Figure {
    /// What it is.
    pub measure: Measure,
    /// Its value in the period.
    pub value: Option<f64>,
    /// Its value in the compared period.
    pub before: Option<f64>,
}

impl Dashboard {
    /// The page.
    pub fn page(&self, language: Language, reader: Option<&Reader>) -> Markup {
        let days = crate::date::range(language, self.address.period.first, self.address.period.last);
        let title = format!("{} · {days}", self.address.domain);
        Page {
            language,
            title: &title,
            address: &self.address.href(),
            reader,
            top: bar::top(
                language,
                &self.address,
                &self.sites,
                Some(self.live),
                self.may_change,
            ),
            bar: bar::line(language, &self.address),
            reload_s: None,
            cookie_note: "colophon-no-cookies",
            main: html! {
                div.wide data-dashboard {
                    h1.only-heard { (self.address.domain) ", " (days) }
                    (bar::misread(language, &self.address.misread))
                    @if let Some(welcome) = &self.welcome { (welcome.markup(language)) }
                    section.sheet aria-label=(language.text("figures")) {
                        (self.figures(language))
                        (self.chart.markup(language, &self.address, self.currency))
                    }
                    div.panels {
                        @for panel in &self.panels { (panel.markup(language, &self.address, self.currency)) }
                    }
                    (self.foot.markup(language, &self.address))
                }
            },
        }
        .render()
    }

    fn figures(&self, language: Language) -> Markup {
        html! {
            div.figures {
                @for figure in &self.figures {
                    @let measure = figure.measure;
                    @let exact = measure.exact(language, figure.value, self.currency);
                    @let short = measure.short(language, figure.value, self.currency);
                    a.figure href=(self.address.with_measure(measure).href()) id={ "figure-" (measure.name()) }
                        aria-current=[(measure == self.address.measure).then_some("true")] {
                        span.name { (measure.title(language)) }
                        @if exact == short {
                            span.value { (short) }
                        } @else {
                            span.value title=(exact) { span aria-hidden="true" { (short) } span.only-heard { (exact) } }
                        }
                        @if self.address.compared().is_some() { (self.change(language, figure)) }
                    }
                }
            }
        }
    }

    fn change(&self, language: Language, figure: &Figure) -> Markup {
        let Some((better, words)) = figure.measure.change(language, figure.value, figure.before) else {
            return html! { span.change { (language.text("change-unknown")) } };
        };
        let before = figure.measure.exact(language, figure.before, self.currency);
        let rising = figure.value > figure.before;
        html! {
            span class={ "change " (match better { Some(true) => "better", Some(false) => "worse", None => "" }) }
                title=(language.text_with("change-before", &[("figure", before.into())])) {
                @if better.is_some() { span aria-hidden="true" { (if rising { "↑\u{a0}" } else { "↓\u{a0}" }) } }
                (words)
            }
        }
    }
}

/// Two dates as a reader sees them in a sentence.
pub(crate) fn days(language: Language, (first, last): (Date, Date)) -> String {
    crate::date::range(language, first, last)
}
