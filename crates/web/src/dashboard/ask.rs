//! A site's archive as pages ask it: their questions, and the answers.

use super::address::Address;
use super::condition::{Condition, Operator};
use super::label;
use super::measure::Measure;
use super::panel::Row;
use super::tab::{Group, Tab};
use crate::answers::Asked;
use crate::state::{Unavailable, Web};
use crate::views;
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use reports::{Answer, Dimension, Direction, Filter, Metric, OrderKey, Question, Range, Site, View};
use sites::ServedSite;
use std::sync::Arc;
use vocabulary::Moment;
use vocabulary::moment::MINUTE_MS;

/// A site's archive at one moment.
pub(crate) struct Archive {
    pub(super) web: Arc<Web>,
    pub(super) site: Arc<ServedSite>,
    pub(super) now: Moment,
    /// The site's first event.
    pub(super) first: Option<Moment>,
}

/// The metric of questions that a measure shows.
pub(super) fn metric(measure: Measure) -> Metric {
    Metric::parse(measure.name()).expect("every measure is a metric of questions")
}

impl Archive {
    /// The site's archive as it is now.
    pub(crate) fn open(web: &Arc<Web>, site: &Arc<ServedSite>) -> Self {
        Self {
            web: Arc::clone(web),
            site: Arc::clone(site),
            now: (web.now)(),
            first: (web.first_event)(site.site.id),
        }
    }

    /// Whether it has no event.
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
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

    /// The present time of day on another day; to the minute, so that questions stay the same for a while.
    fn until_now_on(&self, date: Date) -> Moment {
        let now = self.clock();
        self.moment(date.at(now.hour(), now.minute(), 0, 0))
    }

    /// From the start of one day to the end of another.
    pub(super) fn days(&self, first: Date, last: Date, name: &str) -> Range {
        let midnight = |date: Date| self.moment(date.to_datetime(Time::midnight()));
        Range {
            from: midnight(first),
            to: midnight(last.saturating_add(1.day())),
            name: name.into(),
        }
    }

    /// The day of the first event.
    pub(super) fn begin(&self) -> Option<Date> {
        self.first.map(|first| self.clock_at(first).date())
    }

    /// The compared days; if the period is not over, as much of them as has passed of it. None if the site was not
    /// counted through all of them: a change against half a period would mislead.
    pub(super) fn compared(&self, address: &Address) -> Option<Range> {
        let (first, last) = address.compared()?;
        if self.begin()? > first {
            return None;
        }
        let mut range = self.days(first, last, "custom");
        if address.period.last == address.today {
            range.to = self.until_now_on(last).min(range.to);
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
        if tab.group == Group::Sold && tab.action.is_none() {
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

    /// Answers to questions; given again as they are while nothing has changed.
    pub(crate) async fn answers(&self, questions: Vec<Question>) -> Result<Arc<Vec<Answer>>, Unavailable> {
        let _turn = self.web.questions.turn().await?;
        let site = self.site.site.id;
        let view = views::of_ranges(&self.web, site, &questions).await?;
        let asked = Asked::new(&self.site, &questions);
        if let Some(kept) = self.web.answers.get(&asked, view.generation) {
            return Ok(kept);
        }
        // What rests on older orders than this view's changes with them, so it is not kept.
        if let Some(whole) = views::whole_if_needed(&self.web, site, &view).await? {
            return Ok(Arc::new(self.count(questions, whole).await?));
        }
        let generation = view.generation;
        let answers = Arc::new(self.count(questions, view).await?);
        self.web.answers.keep(asked, generation, &answers);
        Ok(answers)
    }

    /// Counts, off the threads that serve requests.
    async fn count(&self, questions: Vec<Question>, view: Arc<View>) -> Result<Vec<Answer>, Unavailable> {
        let site = Arc::clone(&self.site);
        tokio::task::spawn_blocking(move || {
            let site = Site {
                time_zone: &site.zone,
                currency: site.site.currency,
                goals: &site.goals,
            };
            reports::answer_all(&questions, &view, &site)
        })
        .await
        .map_err(|error| {
            tracing::error!(%error, "questions of a dashboard were not answered");
            Unavailable
        })
    }

    /// Visitors of the last five minutes.
    pub(crate) async fn live(&self) -> Result<u64, Unavailable> {
        let range = Range {
            from: self.now.plus_ms(-5 * MINUTE_MS),
            to: self.now.plus_ms(1),
            name: "realtime".into(),
        };
        let questions = vec![Question::new(range, [Metric::Visitors])];
        let _turn = self.web.questions.turn().await?;
        let view = views::of_ranges(&self.web, self.site.site.id, &questions).await?;
        let answers = self.count(questions, view).await?;
        let row = answers.first().and_then(|a| a.rows.first());
        Ok(row.and_then(|row| row.metrics[0]).unwrap_or(0.0) as u64)
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
        let before = |date: Date| date.saturating_sub(days.days());
        let mut compared = self.days(before(first), before(today), "custom");
        compared.to = self.until_now_on(before(today)).min(compared.to);
        totals.comparison = Some(compared);
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
}
