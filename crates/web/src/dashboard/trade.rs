//! The figures above a shop's lists: revenue and orders, refunds, carts left behind.

use super::address::Address;
use super::ask::Archive;
use super::measure::Measure;
use crate::figure;
use crate::language::Language;
use crate::state::Unavailable;
use reports::{Dimension, Filter, Metric, Operator, Question};

/// The action by which shops tell that something was put into the cart.
const ADD_TO_CART: &str = "add_to_cart";

/// A figure in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sum {
    /// What it is.
    pub title: String,
    /// Its value.
    pub value: String,
    /// How it is counted.
    pub about: String,
}

impl Archive {
    /// The figures; `known` are those that the dashboard has anyway.
    pub(super) async fn trade(
        &self,
        address: &Address,
        known: &[(Measure, Option<f64>)],
        language: Language,
    ) -> Result<Vec<Sum>, Unavailable> {
        let period = address.period;
        let name = Dimension::parse("event:name").expect("the register names it");
        let ask = |names: &[&str], metrics: &[Metric]| {
            let range = self.days(period.first, period.last, &period.name());
            let mut question = Question::new(range, metrics.to_vec());
            question.filter = Self::filter(&address.conditions).and(Filter::leaf(
                name.clone(),
                Operator::Is,
                names.iter().copied(),
            ));
            question
        };
        let answers = self
            .answers(vec![
                ask(&["refund"], &[Metric::TotalRevenue, Metric::Events]),
                ask(&[ADD_TO_CART, "purchase"], &[Metric::Visits]),
                ask(&["purchase"], &[Metric::Visits]),
            ])
            .await?;
        let value = |question: usize, metric: usize| {
            let row = answers[question].rows.first();
            row.and_then(|row| row.metrics[metric])
        };
        let currency = self.site.site.currency;
        let mut sums: Vec<Sum> = known
            .iter()
            .map(|(measure, value)| Sum {
                title: measure.title(language),
                value: measure.exact(language, *value, currency),
                about: language.text(&format!("{}-about", measure.key())),
            })
            .collect();
        let refunds = value(0, 1).unwrap_or(0.0);
        if refunds > 0.0 {
            let amount = value(0, 0).map_or(0.0, f64::abs);
            sums.push(Sum {
                title: format!(
                    "{} ({})",
                    language.text("refunds"),
                    figure::whole(language, refunds)
                ),
                value: Measure::Revenue.exact(language, Some(amount), currency),
                about: language.text("refunds-about"),
            });
        }
        // Visits with either, less visits with a purchase, are those with something in the cart and no purchase.
        let left = value(1, 0).unwrap_or(0.0) - value(2, 0).unwrap_or(0.0);
        if left > 0.0 {
            sums.push(Sum {
                title: language.text("carts-left"),
                value: figure::whole(language, left),
                about: language.text("carts-left-about"),
            });
        }
        Ok(sums)
    }
}
