//! Sums of a group, and the metrics made of them.

use crate::{Metric, Unit};
use std::ops::AddAssign;
use vocabulary::Currency;

/// Sums over the selected events of a group. What was not needed is zero.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct Total {
    pub(crate) visitors: u64,
    pub(crate) visits: u64,
    pub(crate) bounces: u64,
    pub(crate) duration_ms: i64,
    pub(crate) events: u64,
    pub(crate) page_views: u64,
    pub(crate) money: Money,
}

/// Sums over the selected purchases and refunds of a group, in minor units.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct Money {
    /// Purchases.
    pub(crate) orders: u64,
    /// Purchases with an amount in the site's currency.
    pub(crate) priced_orders: u64,
    /// Their amounts.
    pub(crate) order_revenue: i64,
    /// Amounts of purchases and refunds in the site's currency.
    pub(crate) revenue: i64,
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.orders += other.orders;
        self.priced_orders += other.priced_orders;
        self.order_revenue += other.order_revenue;
        self.revenue += other.revenue;
    }
}

impl AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.visitors += other.visitors;
        self.visits += other.visits;
        self.bounces += other.bounces;
        self.duration_ms += other.duration_ms;
        self.events += other.events;
        self.page_views += other.page_views;
        self.money += other.money;
    }
}

impl Total {
    /// The value of a metric; `base_visitors` are those that a conversion rate is taken against.
    pub(crate) fn value(&self, metric: Metric, base_visitors: u64, currency: Currency) -> Option<f64> {
        let by = |above: f64, below: u64| (below > 0).then(|| above / below as f64);
        Some(match metric {
            Metric::Visitors => self.visitors as f64,
            Metric::Visits => self.visits as f64,
            Metric::Pageviews => self.page_views as f64,
            Metric::Events => self.events as f64,
            Metric::Orders => self.money.orders as f64,
            Metric::TotalRevenue => currency.to_major(self.money.revenue),
            Metric::ViewsPerVisit => return by(self.page_views as f64, self.visits),
            Metric::BounceRate => return by(100.0 * self.bounces as f64, self.visits),
            Metric::VisitDuration => return by(self.duration_ms as f64 / 1000.0, self.visits),
            Metric::ConversionRate => return by(100.0 * self.visitors as f64, base_visitors),
            Metric::AverageOrder => {
                return by(
                    currency.to_major(self.money.order_revenue),
                    self.money.priced_orders,
                );
            }
        })
    }
}

/// Which sums a tally must make beyond visitors.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    /// Visits, their bounces and durations, page views.
    pub(crate) visits: bool,
    /// All events.
    pub(crate) events: bool,
    /// Orders and money.
    pub(crate) trade: bool,
}

impl Needs {
    pub(crate) fn of(metrics: impl IntoIterator<Item = Metric>) -> Self {
        let mut needs = Self::default();
        for metric in metrics {
            match metric {
                Metric::Visitors | Metric::ConversionRate => {}
                Metric::Events => {
                    needs.events = true;
                    needs.visits = true;
                }
                _ if metric.is_trade() => needs.trade = true,
                _ => needs.visits = true,
            }
        }
        needs
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            visits: self.visits || other.visits,
            events: self.events || other.events,
            trade: self.trade || other.trade,
        }
    }
}

/// A value as answers in JSON show it: counts whole, money to the minor unit, the rest to two places, seconds whole.
pub(crate) fn rounded(value: f64, unit: Unit, currency: Currency) -> f64 {
    let places = match unit {
        Unit::Count | Unit::Seconds => 0,
        Unit::Ratio | Unit::Percent => 2,
        Unit::Money => currency.exponent() as i32,
    };
    let scale = 10f64.powi(places);
    (value * scale).round() / scale
}
