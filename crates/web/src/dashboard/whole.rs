//! A whole dashboard made of the answers to its questions.

use super::address::Address;
use super::ask::{Archive, metric, rows};
use super::chart::{Chart, Flag, Point};
use super::foot::Foot;
use super::measure::Measure;
use super::panel::{self, Panel};
use super::period::Interval;
use super::tab::{Group, Tab};
use super::{Dashboard, Figure, welcome};
use crate::language::Language;
use crate::state::Unavailable;
use jiff::civil::{Date, DateTime, Time};
use reports::{Answer, Dimension, Question, Warning};

impl Archive {
    /// The whole dashboard of a state.
    pub(crate) async fn dashboard(
        &self,
        address: Address,
        sites: Vec<String>,
        may_change: bool,
        language: Language,
    ) -> Result<Dashboard, Unavailable> {
        const TOTALS: [Measure; 10] = [
            Measure::Visitors,
            Measure::Visits,
            Measure::Pageviews,
            Measure::BounceRate,
            Measure::VisitDuration,
            Measure::ViewsPerVisit,
            Measure::ConversionRate,
            Measure::Orders,
            Measure::Revenue,
            Measure::AverageOrder,
        ];
        let period = address.period;
        let range = self.days(period.first, period.last, &period.name());
        let filter = Self::filter(&address.conditions);
        let mut totals = Question::new(range.clone(), TOTALS.map(metric));
        totals.filter = filter.clone();
        totals.comparison = self.compared(&address);
        let interval = reports::Interval::parse(address.interval().name()).expect("intervals are the same");
        let mut series = Question::new(range, [metric(address.measure)]).by(Dimension::Time(interval));
        series.filter = filter;
        series.dense = true;
        series.comparison = address
            .compared()
            .map(|(first, last)| self.days(first, last, "custom"));
        let mut questions = vec![totals, series];
        let tabs: Vec<&'static Tab> = Group::ALL.into_iter().map(|g| address.tab(g)).collect();
        for tab in &tabs {
            let mut list = self.list(&address, tab, tab.measures);
            list.limit = if tab.name == "map" { 300 } else { panel::ROWS };
            questions.push(list);
        }
        let (answers, live) = tokio::try_join!(self.answers(questions), self.live())?;
        let total = |measure: Measure| {
            let place = TOTALS.iter().position(|m| *m == measure)?;
            let row = answers[0].rows.first()?;
            Some((row.metrics[place], row.comparison.as_ref().and_then(|c| c[place])))
        };
        let value = |measure| total(measure).and_then(|(value, _)| value);
        let is_shop = [Measure::Orders, Measure::Revenue].into_iter().any(|measure| {
            total(measure)
                .is_some_and(|(value, before)| value.unwrap_or(0.0) != 0.0 || before.unwrap_or(0.0) != 0.0)
        });
        let sums = if is_shop {
            let known = [Measure::Revenue, Measure::Orders, Measure::AverageOrder].map(|m| (m, value(m)));
            self.trade(&address, &known, language).await?
        } else {
            Vec::new()
        };
        let by_deed = address
            .conditions
            .iter()
            .any(|c| Dimension::parse(&c.dimension).is_some_and(|d| d.is_deed()));
        let sixth = if by_deed {
            Measure::ConversionRate
        } else if is_shop {
            Measure::Revenue
        } else {
            Measure::ViewsPerVisit
        };
        let figures = [
            Measure::Visitors,
            Measure::Visits,
            Measure::Pageviews,
            Measure::BounceRate,
            Measure::VisitDuration,
            sixth,
        ]
        .into_iter()
        .map(|measure| {
            let (value, before) = total(measure).unwrap_or_default();
            Figure {
                measure,
                value,
                before,
            }
        })
        .collect();
        let panels = tabs
            .iter()
            .zip(&answers[2..])
            .map(|(tab, answer)| Panel {
                tab,
                tabs: tab
                    .group
                    .tabs()
                    .filter(|t| t == tab || t.is_offered(&self.site.manifest))
                    .collect(),
                rows: rows(tab, answer),
                total_rows: answer.total_rows,
                whole: value(Measure::Visitors),
                sums: if tab.group == Group::Sold {
                    sums.clone()
                } else {
                    Vec::new()
                },
            })
            .filter(|panel| is_shop || panel::is_shown_empty(panel.tab.group))
            .collect();
        let chart = self.chart(&address, &answers[1], language).await;
        let foot = self.foot(&answers, &address, may_change, language).await;
        let is_new = self
            .first
            .is_some_and(|first| self.now.0 - first.0 < welcome::LASTS_MS);
        let welcome = self.first.filter(|_| is_new).map(|first| welcome::Welcome {
            came: self.clock_at(first),
            stripped: foot.stripped,
            manifest: self.site.manifest,
        });
        Ok(Dashboard {
            welcome,
            sites,
            currency: self.site.site.currency,
            live,
            figures,
            chart,
            panels,
            foot,
            may_change,
            address,
        })
    }

    async fn chart(&self, address: &Address, answer: &Answer, language: Language) -> Chart {
        let interval = address.interval();
        let (now, begin) = (self.clock(), self.begin());
        let mut compared_at = address
            .compared()
            .map(|(first, _)| interval.start(first.to_datetime(Time::midnight())));
        let mut points = Vec::with_capacity(answer.rows.len());
        for row in &answer.rows {
            let Some(start) = row.dimensions.first().and_then(|label| start(label)) else {
                continue;
            };
            let before = compared_at.map(|at| {
                let counted = begin.is_some_and(|begin| interval.next(at).date() > begin);
                (at, row.comparison.as_ref().and_then(|c| c[0]).filter(|_| counted))
            });
            compared_at = compared_at.map(|at| interval.next(at));
            points.push(Point {
                start,
                value: row.metrics[0].filter(|_| start <= now),
                before,
                finished: interval.next(start) <= now,
            });
        }
        let flags = self.flags(&points, interval, language).await;
        Chart {
            measure: address.measure,
            interval,
            points,
            flags,
        }
    }

    /// What happened within the chart: new manifests, and what was noted by people.
    async fn flags(&self, points: &[Point], interval: Interval, language: Language) -> Vec<Flag> {
        let id = self.site.site.id;
        let sites = &self.web.sites;
        let (history, annotations) =
            match futures::try_join!(sites.manifest_history(id), sites.annotations(id)) {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(%error, "cannot read what happened on a site");
                    return Vec::new();
                }
            };
        let manifests = history.iter().filter(|v| v.version > 1).map(|version| {
            let words = language.text_with("flag-manifest", &[("version", version.version.into())]);
            (self.clock_at(version.since), words)
        });
        let noted = annotations
            .into_iter()
            .map(|annotation| (annotation.day.to_datetime(Time::midnight()), annotation.text));
        let mut flags: Vec<Flag> = manifests
            .chain(noted)
            .filter_map(|(at, text)| {
                let point = points.iter().rposition(|p| p.start <= at)?;
                let on = at.date();
                (at < interval.next(points[point].start)).then_some(Flag { point, on, text })
            })
            .collect();
        flags.sort_by_key(|flag| flag.point);
        flags
    }

    async fn foot(
        &self,
        answers: &[Answer],
        address: &Address,
        may_change: bool,
        language: Language,
    ) -> Foot {
        let door = self.door_today().await;
        let days = self.days(address.period.first, address.period.last, "");
        let refused = self
            .door(days.from.utc_day()..=days.to.plus_ms(-1).utc_day())
            .await
            .dropped;
        let mut warnings: Vec<String> = Vec::new();
        for warning in answers.iter().flat_map(|a| &a.meta.warnings) {
            let text = match warning {
                Warning::OtherCurrencies { currency, events } => language.text_with(
                    "warning-other-currencies",
                    &[
                        ("count", (*events).into()),
                        ("currency", currency.to_string().into()),
                    ],
                ),
                Warning::BadPattern => language.text("warning-bad-pattern"),
            };
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
        Foot {
            manifest: self.site.manifest,
            version: self.site.manifest_version,
            accepted: door.accepted,
            stripped: door.stripped,
            dropped: door.dropped,
            refused,
            asked: self.clock(),
            time_zone: self.site.site.timezone.clone(),
            rows_read: answers.iter().map(|a| a.meta.rows_read).max().unwrap_or(0),
            exact: answers.iter().all(|a| a.meta.exact),
            warnings,
            may_change,
        }
    }
}

/// The beginning of an interval from its label, `2026-03-01` or `2026-03-01 13:00:00`.
fn start(label: &str) -> Option<DateTime> {
    label.parse::<DateTime>().ok().or_else(|| {
        label
            .parse::<Date>()
            .ok()
            .map(|date| date.to_datetime(Time::midnight()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_beginnings() {
        let date = jiff::civil::date(2026, 3, 1);
        assert_eq!(start("2026-03-01"), Some(date.at(0, 0, 0, 0)));
        assert_eq!(start("2026-03-01 13:00:00"), Some(date.at(13, 0, 0, 0)));
        assert_eq!(start("(none)"), None);
    }
}
