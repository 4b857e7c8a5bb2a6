//! What the figures mean.
//!
//! **Selection.** A question selects the events of its site that lie in its range (`from` included, `to` not), that
//! metrics count at all ([`EventKind::counts`](vocabulary::EventKind::counts)), and for which its filter holds. A leaf on a
//! `visit:` dimension looks at the event's visit, one on an `event:` dimension at the event, one on `time:` at the
//! bucket that the event lies in. A visit counts if at least one selected event is its; a visitor likewise.
//!
//! **Groups.** Each dimension puts a selected event into the group of its value; `event:goal` into that of every goal
//! it reaches, and into none if it reaches none. Elsewhere an absent value is a value like others, the empty text.
//! A group that holds no selected event has no row, unless the question is dense.
//!
//! **Metrics**, of a group:
//! - `visitors`, `visits`: distinct visitors and visits of its events; `pageviews`: its page views; `events`: all of
//!   them; `views_per_visit`: page views by visits.
//! - `bounce_rate`: the share of its visits that are bounces (one page view, no interactive action);
//!   `visit_duration`: their mean time from first to last event. Both look at whole visits, also at events that
//!   the question did not select.
//! - `orders`: its purchases; `total_revenue`: the amounts of its purchases and refunds (which are negative; a refund
//!   sent without an amount gives back its whole order);
//!   `average_order`: mean amount of those purchases that carry one. Amounts in another currency than the site's are
//!   left out, with a warning; a purchase without a currency is taken to be in the site's.
//! - `conversion_rate`: its visitors by those of the same question without its conditions on `event:goal`,
//!   `event:name`, `event:page` and `event:props:*`, and with only its `visit:` and `time:` dimensions. A condition is
//!   taken away if it stands at the top level (joined by "and") and all its leaves are of these dimensions.
//!
//! What divides by nothing is absent (`null`), never zero; what counts nothing is zero.
//!
//! **Entry and exit page** are the paths of a visit's first and last page view, absent if it has none.
//!
//! **Time** buckets are those of the site's clock. Labels are `2026-03-01` for days, weeks (their Monday) and months
//! (their first day), `2026-03-01 13:00:00` for hours and minutes. An hour that the clock shows twice is one bucket of
//! two hours (its minutes are two rows each, of one label), a day that it leaves out has none, and a week or month that the range cuts keeps its label.

use crate::Metric;

/// A stable key by which pages find the text that explains a metric.
pub fn key(metric: Metric) -> String {
    format!("definition-{}", metric.name().replace('_', "-"))
}
