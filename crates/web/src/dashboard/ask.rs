//! A dashboard's questions, and its parts made of the answers.

use super::address::Address;
use super::chart::{Chart, Flag, Point};
use super::condition::{Condition, Operator};
use super::foot::Foot;
use super::label;
use super::measure::Measure;
use super::panel::{self, Panel, Row};
use super::period::Kind;
use super::tab::{Group, Tab};
use super::{Dashboard, Figure};
use crate::language::Language;
use crate::state::{Unavailable, Web};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use reports::{Answer, Dimension, Direction, Filter, Metric, OrderKey, Question, Range, Site, View, Warning};
use sites::{Outcome, ServedSite};
use std::sync::Arc;
use vocabulary::Moment;
use vocabulary::moment::MINUTE_MS;

/// A site's archive at one moment.
#[derive(Clone)]
pub(crate) struct Archive {
    site: Arc<ServedSite>,
    view: Arc<View>,
    now: Moment,
}

/// What the door let in and refused today.
#[derive(Default)]
pub(crate) struct Door {
    accepted: u64,
    stripped: u64,
    /// By reason, most first.
    pub(crate) dropped: Vec<(vocabulary::Reason, u64)>,
}

/// The metric of questions that a measure shows.
fn metric(measure: Measure) -> Metric {
    Metric::parse(measure.name()).expect("every measure is a metric of questions")
}

impl Archive {
    /// The site's archive as it is now.
    pub(crate) async fn open(web: &Web, site: &Arc<ServedSite>) -> Result<Self, Unavailable> {
        let view = (web.views)(site.site.id).await?;
        Ok(Self {
            site: Arc::clone(site),
            view,
            now: (web.now)(),
        })
    }

    /// Whether it has no event.
    pub(crate) fn is_empty(&self) -> bool {
        reports::first_event(&self.view).is_none()
    }

    /// The present by the site's clock.
    pub(crate) fn clock(&self) -> DateTime {
        self.clock_at(self.now)
    }

    pub(crate) fn clock_at(&self, moment: Moment) -> DateTime {
        let at = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
        self.site.zone.to_datetime(at)
    }

    /// The state that a query describes.
    pub(crate) fn address(&self, pairs: &[(String, String)]) -> Address {
        let today = self.clock().date();
        let begin = self.begin().unwrap_or(today);
        let address = Address::read(self.site.site.domain.as_str(), pairs, today, begin);
        if self.site.goals.is_empty() {
            address.without_goals()
        } else {
            address
        }
    }

    fn moment(&self, at: DateTime) -> Moment {
        let zoned = self.site.zone.to_ambiguous_zoned(at).compatible();
        Moment(zoned.map_or(0, |z| z.timestamp().as_millisecond()))
    }

    /// From the start of one day to the end of another.
    fn days(&self, first: Date, last: Date, name: &str) -> Range {
        let midnight = |date: Date| self.moment(date.to_datetime(Time::midnight()));
        Range {
            from: midnight(first),
            to: midnight(last.saturating_add(1.day())),
            name: name.into(),
        }
    }

    /// The day of the first event.
    fn begin(&self) -> Option<Date> {
        reports::first_event(&self.view).map(|first| self.clock_at(first).date())
    }

    /// The compared days; if the period is not over, as much of them as has passed of it. None if the site was not
    /// counted through all of them: a change against half a period would mislead.
    fn compared(&self, address: &Address) -> Option<Range> {
        let (first, last) = address.compared()?;
        if self.begin()? > first {
            return None;
        }
        let mut range = self.days(first, last, "custom");
        if address.period.last == address.today {
            let whole =
                matches!(address.period.kind, Kind::Days(_) | Kind::Custom) && address.period.days() > 2;
            let until = last.to_datetime(self.clock().time());
            if !whole {
                range.to = self.moment(until).min(range.to);
            }
        }
        Some(range)
    }

    /// What an address's filters say.
    pub(crate) fn filter(conditions: &[Condition]) -> Filter {
        conditions.iter().fold(Filter::All, |all, condition| {
            let Some(dimension) = Dimension::parse(&condition.dimension) else {
                return all;
            };
            let operator = match condition.operator {
                Operator::Is => reports::Operator::Is,
                Operator::IsNot => reports::Operator::IsNot,
                Operator::Contains => reports::Operator::Contains,
                Operator::ContainsNot => reports::Operator::ContainsNot,
            };
            all.and(Filter::leaf(
                dimension,
                operator,
                condition.values.iter().map(String::as_str),
            ))
        })
    }

    /// The question of a list's rows.
    pub(crate) fn list(&self, address: &Address, tab: &Tab, measures: &[Measure]) -> Question {
        let period = address.period;
        let dimension = Dimension::parse(tab.dimension).expect("tabs name dimensions of questions");
        let name = || Dimension::parse("event:name").expect("the register names it");
        let mut filter = Self::filter(&address.conditions);
        if let Some(action) = tab.action {
            filter = filter.and(Filter::leaf(name(), reports::Operator::Is, [action]));
        }
        if tab.present_only {
            filter = filter.and(Filter::leaf(dimension.clone(), reports::Operator::IsNot, [""]));
        }
        if tab.name == "actions" {
            filter = filter.and(Filter::leaf(
                name(),
                reports::Operator::IsNot,
                [vocabulary::event::PAGE_VIEW],
            ));
        }
        if tab.group == Group::Sold {
            filter = filter.and(Filter::leaf(
                name(),
                reports::Operator::Is,
                ["purchase", "refund"],
            ));
        }
        let mut question = Question::new(
            self.days(period.first, period.last, &period.name()),
            measures.iter().map(|m| metric(*m)).collect::<Vec<_>>(),
        );
        question.filter = filter;
        question.order = vec![(OrderKey::Metric(metric(measures[0])), Direction::Descending)];
        question.by(dimension)
    }

    /// Answers questions off the threads that serve requests.
    pub(crate) async fn answers(&self, questions: Vec<Question>) -> Result<Vec<Answer>, Unavailable> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let site = Site {
                time_zone: &this.site.zone,
                currency: this.site.site.currency,
                goals: &this.site.goals,
            };
            reports::answer_all(&questions, &this.view, &site)
        })
        .await
        .map_err(|error| {
            tracing::error!(%error, "questions of a dashboard were not answered");
            Unavailable
        })
    }

    fn live_question(&self) -> Question {
        let range = Range {
            from: self.now.plus_ms(-5 * MINUTE_MS),
            to: self.now.plus_ms(1),
            name: "realtime".into(),
        };
        Question::new(range, [Metric::Visitors])
    }

    /// Visitors of the last five minutes.
    pub(crate) async fn live(&self) -> u64 {
        let answers = self.answers(vec![self.live_question()]).await.unwrap_or_default();
        answers.first().map_or(0, count)
    }

    /// Visitors by day over the last `days` days, and their number and that of the days before.
    pub(crate) async fn recent(
        &self,
        days: i64,
    ) -> Result<(Vec<f64>, Option<f64>, Option<f64>), Unavailable> {
        let today = self.clock().date();
        let first = today.saturating_sub((days - 1).days());
        let range = self.days(first, today, "7d");
        let mut totals = Question::new(range.clone(), [Metric::Visitors]);
        totals.comparison = Some(self.days(
            first.saturating_sub(days.days()),
            first.saturating_sub(1.day()),
            "custom",
        ));
        let mut series = Question::new(range, [Metric::Visitors]).by(Dimension::Time(reports::Interval::Day));
        series.dense = true;
        let answers = self.answers(vec![totals, series]).await?;
        let row = answers[0].rows.first();
        let value = row.and_then(|r| r.metrics[0]);
        let before = row.and_then(|r| r.comparison.as_ref()?.first().copied()?);
        Ok((
            answers[1]
                .rows
                .iter()
                .map(|r| r.metrics[0].unwrap_or(0.0))
                .collect(),
            value,
            before,
        ))
    }

    /// What the door did today.
    pub(crate) async fn door_today(&self, web: &Web) -> Door {
        let day = self.now.utc_day();
        let mut door = Door::default();
        match web.sites.counts(self.site.site.id, day..=day).await {
            Ok(counts) => {
                for (outcome, number) in counts {
                    match outcome {
                        Outcome::Accepted => door.accepted += number,
                        Outcome::Stripped => door.stripped += number,
                        Outcome::Dropped(reason) => door.dropped.push((reason, number)),
                    }
                }
                door.dropped.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
            }
            Err(error) => tracing::error!(%error, "cannot read what the door did"),
        }
        door
    }

    /// The whole dashboard of a state.
    pub(crate) async fn dashboard(
        &self,
        web: &Web,
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
        let mut questions = vec![self.live_question(), totals, series];
        let tabs: Vec<&'static Tab> = Group::ALL.into_iter().map(|g| address.tab(g)).collect();
        for tab in &tabs {
            let mut list = self.list(&address, tab, tab.measures);
            list.limit = if tab.name == "map" { 300 } else { panel::ROWS };
            questions.push(list);
        }
        let answers = self.answers(questions).await?;
        let total = |measure: Measure| {
            let place = TOTALS.iter().position(|m| *m == measure)?;
            let row = answers[1].rows.first()?;
            Some((row.metrics[place], row.comparison.as_ref().and_then(|c| c[place])))
        };
        let value = |measure| total(measure).and_then(|(value, _)| value);
        let is_shop = [Measure::Orders, Measure::Revenue].into_iter().any(|measure| {
            total(measure)
                .is_some_and(|(value, before)| value.unwrap_or(0.0) != 0.0 || before.unwrap_or(0.0) != 0.0)
        });
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
            .zip(&answers[3..])
            .map(|(tab, answer)| Panel {
                tab,
                rows: rows(tab, answer),
                total_rows: answer.total_rows,
                whole: value(Measure::Visitors),
                sums: if tab.group == Group::Sold {
                    [Measure::Revenue, Measure::Orders, Measure::AverageOrder]
                        .map(|m| (m, value(m)))
                        .into()
                } else {
                    Vec::new()
                },
            })
            .filter(|panel| is_shop || panel::is_shown_empty(panel.tab.group))
            .collect();
        let chart = self.chart(web, &address, &answers[2], language).await;
        let foot = self.foot(web, &answers, may_change, language).await;
        Ok(Dashboard {
            sites,
            currency: self.site.site.currency,
            live: count(&answers[0]),
            figures,
            chart,
            panels,
            foot,
            may_change,
            address,
        })
    }

    async fn chart(&self, web: &Web, address: &Address, answer: &Answer, language: Language) -> Chart {
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
        let mut flags = Vec::new();
        match web.sites.manifest_history(self.site.site.id).await {
            Ok(history) => {
                for version in history.iter().filter(|v| v.version > 1) {
                    let at = self.clock_at(version.since);
                    let Some(point) = points.iter().rposition(|p| p.start <= at) else {
                        continue;
                    };
                    if at < interval.next(points[point].start) {
                        let text =
                            language.text_with("flag-manifest", &[("version", version.version.into())]);
                        flags.push(Flag { point, text });
                    }
                }
            }
            Err(error) => tracing::error!(%error, "cannot read a site's manifests"),
        }
        Chart {
            measure: address.measure,
            interval,
            points,
            flags,
        }
    }

    async fn foot(&self, web: &Web, answers: &[Answer], may_change: bool, language: Language) -> Foot {
        let door = self.door_today(web).await;
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
            asked: self.clock(),
            time_zone: self.site.site.timezone.clone(),
            rows_read: answers.iter().map(|a| a.meta.rows_read).max().unwrap_or(0),
            exact: answers.iter().all(|a| a.meta.exact),
            warnings,
            may_change,
        }
    }
}

/// The rows of a list.
pub(crate) fn rows(tab: &Tab, answer: &Answer) -> Vec<Row> {
    let kept = |value: &str| !(tab.present_only && label::is_none(value));
    answer
        .rows
        .iter()
        .filter(|row| row.dimensions.first().is_some_and(|value| kept(value)))
        .map(|row| Row {
            value: row.dimensions[0].to_string(),
            values: row.metrics.clone(),
        })
        .collect()
}

fn count(answer: &Answer) -> u64 {
    answer.rows.first().and_then(|row| row.metrics[0]).unwrap_or(0.0) as u64
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
    use crate::dashboard::period::Interval;
    use crate::dashboard::tab::TABS;

    #[test]
    fn every_measure_interval_and_tab_can_be_asked_for() {
        for measure in Measure::ALL {
            assert_eq!(metric(*measure).name(), measure.name());
        }
        for interval in Interval::ALL {
            assert!(reports::Interval::parse(interval.name()).is_some());
        }
        for tab in TABS {
            assert!(Dimension::parse(tab.dimension).is_some(), "{}", tab.dimension);
        }
        for name in label::FILTERABLE {
            assert!(Dimension::parse(name).is_some(), "{name}");
        }
    }

    #[test]
    fn labels_are_beginnings() {
        let date = jiff::civil::date(2026, 3, 1);
        assert_eq!(start("2026-03-01"), Some(date.at(0, 0, 0, 0)));
        assert_eq!(start("2026-03-01 13:00:00"), Some(date.at(13, 0, 0, 0)));
        assert_eq!(start("(none)"), None);
    }
}
