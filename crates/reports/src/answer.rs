//! What is answered.

use smol_str::SmolStr;
use vocabulary::Currency;

/// The answer to a question: rows in order, one page of them.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// One row a group; exactly one if there are no dimensions.
    pub rows: Vec<Row>,
    /// How many rows there are on all pages.
    pub total_rows: usize,
    /// How the answer came about.
    pub meta: Meta,
}

/// The figures of a group.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// One label a dimension. The empty text stands for "none" (the JSON answer writes `(none)`).
    pub dimensions: Vec<SmolStr>,
    /// One value a metric, not rounded; `None` where there is nothing to divide by.
    pub metrics: Vec<Option<f64>>,
    /// The same of the comparison range, if there is one.
    pub comparison: Option<Vec<Option<f64>>>,
}

/// How an answer came about.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Meta {
    /// Events in the parts that were looked at, for the question itself and for what it is compared with.
    pub rows_read: u64,
    /// Parts of the archive that were looked at.
    pub parts: usize,
    /// What the reader should know.
    pub warnings: Vec<Warning>,
    /// Whether distinct counts are exact rather than estimated.
    pub exact: bool,
    /// Labels of every bucket of the range, if the question is dense.
    pub time_labels: Vec<SmolStr>,
}

/// Something the reader of an answer should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// Purchases or refunds in other currencies were left out of the revenue.
    OtherCurrencies {
        /// The site's currency.
        currency: Currency,
        /// How many events were left out.
        events: u64,
    },
    /// A filter has a pattern that is no regular expression; it fits nothing.
    BadPattern,
}

impl Warning {
    /// A stable key by which pages find their text.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::OtherCurrencies { .. } => "other_currencies",
            Self::BadPattern => "bad_pattern",
        }
    }
}
