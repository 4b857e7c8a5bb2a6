//! Purchases and refunds of the native protocol.

use super::{MOST_ITEMS, bounded};
use crate::hit::{Item, SaleHit};
use crate::problem::Problem;
use crate::protocol::json_text::{Amount, Named, Scalar, Text};
use serde::Deserialize;
use vocabulary::{Currency, EventKind};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NativeSale<'a> {
    #[serde(borrow)]
    order_id: Scalar<'a>,
    revenue: Option<Amount>,
    #[serde(borrow)]
    currency: Text<'a>,
    tax: Option<Amount>,
    shipping: Option<Amount>,
    discount: Option<Amount>,
    #[serde(borrow)]
    items: Option<Vec<Named<NativeItem<'a>>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NativeItem<'a> {
    #[serde(borrow)]
    sku: Scalar<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    category: Text<'a>,
    price: Option<Amount>,
    quantity: Option<Amount>,
}

impl<'a> NativeSale<'a> {
    pub(super) fn into_sale(self, kind: EventKind) -> Result<SaleHit<'a>, Problem> {
        let of = |field: &str| match kind {
            EventKind::Refund => format!("refund.{field}"),
            _ => format!("purchase.{field}"),
        };
        let refund = kind == EventKind::Refund;
        bounded(&of("order_id"), "order_id", &self.order_id.0)?;
        if refund && self.order_id.0.is_empty() {
            return Err(Problem::field(
                of("order_id"),
                "is required: the number of the order given back",
            ));
        }
        let currency = match &*self.currency.0 {
            "" => None,
            text => Some(Currency::parse(text).map_err(|_| {
                Problem::field(of("currency"), "must be three letters of ISO 4217, such as EUR")
            })?),
        };
        let amount = |field: &str, amount: Option<Amount>| -> Result<f64, Problem> {
            let Some(Amount(amount)) = amount else {
                return Ok(0.0);
            };
            // A refund may be written with or without its minus sign; an order cannot cost less than nothing.
            let amount = if refund { amount.abs() } else { amount };
            if amount < 0.0 {
                return Err(Problem::field(
                    of(field),
                    "must not be negative; money given back is a `refund`",
                ));
            }
            let unit = currency.unwrap_or_else(|| Currency::parse("EUR").expect("EUR is a code"));
            match unit.to_minor(amount) {
                Some(_) => Ok(amount),
                None => Err(Problem::field(
                    of(field),
                    "is larger than any order can be; send whole units",
                )),
            }
        };
        let sent = self.items.unwrap_or_default();
        if sent.len() > MOST_ITEMS {
            return Err(Problem::field(of("items"), "must have at most 200 entries"));
        }
        let mut items = Vec::with_capacity(sent.len());
        for (place, Named(item)) in sent.into_iter().enumerate() {
            let part = |field: &str| format!("items[{place}].{field}");
            for (field, limit, text) in [
                ("sku", "sku", &item.sku.0),
                ("name", "item", &item.name.0),
                ("category", "item", &item.category.0),
            ] {
                bounded(&of(&part(field)), limit, text)?;
            }
            let price = item.price.map(|p| amount(&part("price"), Some(p))).transpose()?;
            let quantity = item.quantity.map_or(1.0, |q| q.0);
            if !(0.0..=1e9).contains(&quantity) {
                return Err(Problem::field(
                    of(&part("quantity")),
                    "must be a number from 0 to a billion",
                ));
            }
            items.push(Item {
                sku: item.sku.0,
                name: item.name.0,
                category: item.category.0,
                price,
                quantity,
            });
        }
        let revenue = match self.revenue {
            Some(revenue) => amount("revenue", Some(revenue))?,
            None if items.iter().any(|item| item.price.is_some()) => {
                let sum = items
                    .iter()
                    .map(|item| item.price.unwrap_or(0.0) * item.quantity)
                    .sum();
                amount("revenue", Some(Amount(sum)))?
            }
            None if refund => 0.0,
            None => {
                return Err(Problem::field(
                    of("revenue"),
                    "is required where no item has a price",
                ));
            }
        };
        Ok(SaleHit {
            tax: amount("tax", self.tax)?,
            shipping: amount("shipping", self.shipping)?,
            discount: amount("discount", self.discount)?,
            order_id: self.order_id.0,
            currency,
            revenue,
            items,
        })
    }
}
