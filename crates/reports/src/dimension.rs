//! What can be grouped and filtered by.

use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;
use vocabulary::{Column, Level};

/// Beginning of the names of dimensions that read a property.
const PROPERTY_PREFIX: &str = "event:props:";

/// Width of a time bucket, in the site's time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Interval {
    /// A minute.
    Minute,
    /// An hour of the clock; an hour that the clock shows twice is one bucket.
    Hour,
    /// A day.
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
}

impl Interval {
    /// Every interval, the narrowest first.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name, such as `day`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The interval of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.name() == name)
    }
}

/// A dimension of questions. The text columns come from the column register without code of their own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dimension {
    /// A text column that the register names as a dimension (`visit:source`, `event:page`).
    Column(Column),
    /// `visit:entry_page`: path of the visit's first page view.
    EntryPage,
    /// `visit:exit_page`: path of the visit's last page view.
    ExitPage,
    /// `event:goal`: the goals that the event reaches; there may be several.
    Goal,
    /// `event:product`: the goods that a purchase or refund lists, by name; there may be several.
    Product,
    /// `event:props:KEY`: one property of the event.
    Property(SmolStr),
    /// `time:hour` and the like.
    Time(Interval),
}

impl Dimension {
    /// Every dimension but the properties, in the order documents list them.
    pub fn all() -> Vec<Self> {
        let columns = |level| {
            Column::of(level)
                .filter(|c| !c.dimension().is_empty())
                .map(Self::Column)
        };
        let mut all: Vec<Self> = columns(Level::Visit).collect();
        all.extend([Self::EntryPage, Self::ExitPage]);
        all.extend(columns(Level::Event));
        all.extend([Self::Goal, Self::Product]);
        all.extend(Interval::ALL.map(Self::Time));
        all
    }

    /// The name in questions and answers.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Column(column) => column.dimension().into(),
            Self::EntryPage => "visit:entry_page".into(),
            Self::ExitPage => "visit:exit_page".into(),
            Self::Goal => "event:goal".into(),
            Self::Product => "event:product".into(),
            Self::Property(key) => format!("{PROPERTY_PREFIX}{key}").into(),
            Self::Time(interval) => format!("time:{}", interval.name()).into(),
        }
    }

    /// The dimension of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix(PROPERTY_PREFIX) {
            return (!key.is_empty()).then(|| Self::Property(format_smolstr!("{key}")));
        }
        match name {
            "visit:entry_page" => Some(Self::EntryPage),
            "visit:exit_page" => Some(Self::ExitPage),
            "event:goal" => Some(Self::Goal),
            "event:product" => Some(Self::Product),
            _ => match name.strip_prefix("time:") {
                Some(interval) => Interval::parse(interval).map(Self::Time),
                None => Column::of_dimension(name).map(Self::Column),
            },
        }
    }

    /// Whether it has one value for a whole visit.
    pub fn is_of_visit(&self) -> bool {
        match self {
            Self::Column(column) => column.level() == Level::Visit,
            Self::EntryPage | Self::ExitPage => true,
            Self::Goal | Self::Product | Self::Property(_) | Self::Time(_) => false,
        }
    }

    /// Whether an event has any number of values of it: none, one or several.
    pub fn has_several(&self) -> bool {
        matches!(self, Self::Goal | Self::Product)
    }

    /// Whether it says what a visitor did, so that a conversion rate is taken against all who might have done it.
    pub fn is_deed(&self) -> bool {
        matches!(
            self,
            Self::Goal | Self::Product | Self::Property(_) | Self::Column(Column::Name | Column::Page)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let mut all = Dimension::all();
        all.push(Dimension::Property("plan".into()));
        for dimension in all {
            assert_eq!(Dimension::parse(&dimension.name()), Some(dimension));
        }
        for name in [
            "",
            "source",
            "visit:",
            "event:props:",
            "time:year",
            "event:properties",
        ] {
            assert_eq!(Dimension::parse(name), None, "{name}");
        }
    }
}
