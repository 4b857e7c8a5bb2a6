//! What can be counted.

macro_rules! metrics {
    ($($variant:ident $name:literal $unit:ident $about:literal)*) => {
        /// A metric. Names are the public contract; meanings are in [`crate::definition`].
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Metric { $(#[doc = $about] $variant,)* }

        impl Metric {
            /// Every metric, in the order documents list them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in questions and answers.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// What its values are.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }
            /// One line on what it counts.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

/// What the values of a metric are, and so how they are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// A whole number.
    Count,
    /// A quotient of counts.
    Ratio,
    /// Hundredths, 0 to 100.
    Percent,
    /// Seconds.
    Seconds,
    /// Whole units of the site's currency (129.5 is 129 euros 50).
    Money,
}

metrics! {
    Visitors "visitors" Count "Distinct browsers with a selected event."
    Visits "visits" Count "Visits with a selected event."
    Pageviews "pageviews" Count "Selected page views."
    Events "events" Count "Selected page views and actions."
    ViewsPerVisit "views_per_visit" Ratio "Page views by visits."
    BounceRate "bounce_rate" Percent "Share of the visits that have one page view and no action."
    VisitDuration "visit_duration" Seconds "Mean time from a visit's first event to its last."
    ConversionRate "conversion_rate" Percent "Share of visitors who did what is asked for."
    Orders "orders" Count "Selected purchases."
    TotalRevenue "total_revenue" Money "Purchases less refunds, in the site's currency."
    AverageOrder "average_order" Money "Mean amount of the selected purchases in the site's currency."
}

impl Metric {
    /// The metric of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.name() == name)
    }

    /// Whether it is about orders and money.
    pub const fn is_trade(self) -> bool {
        matches!(self, Self::Orders | Self::TotalRevenue | Self::AverageOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for &metric in Metric::ALL {
            assert_eq!(Metric::parse(metric.name()), Some(metric));
        }
        assert_eq!(Metric::parse("visitor"), None);
    }
}
