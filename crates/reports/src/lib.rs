//! Questions and answers over the archive: what a [`Question`] means is written in [`definition`].
//! Must never reach the vault, read a clock, do IO, or show a single visitor's rows.
//! Start at [`question`], then [`answer()`]; [`json`] is the query API's language, [`period`] that of dashboards.

pub mod answer;
pub mod bad_question;
pub mod bucket;
pub mod definition;
pub mod dimension;
mod engine;
pub mod filter;
pub mod json;
pub mod metric;
pub mod period;
pub mod question;

pub use answer::{Answer, Meta, Row, Warning};
pub use bad_question::BadQuestion;
pub use dimension::{Dimension, Interval};
pub use engine::{answer, answer_all, first_event, lacks_orders};
pub use events::View;
pub use filter::{Filter, Operator};
pub use metric::{Metric, Unit};
pub use period::{Comparison, Period};
pub use question::{Direction, OrderKey, Question, Range, Site};
