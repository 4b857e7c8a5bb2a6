//! The columns of exports: each is a name, a type and how a row gives its value.

use super::Table;
use crate::{Part, segment::kind_name};
use vocabulary::{Column, Currency, Level, Moment, Sale};

/// A row of an export: an event, or a visit (then `event` is its first).
pub(super) struct Row<'a> {
    pub(super) part: &'a Part,
    pub(super) visitor: usize,
    pub(super) visit: usize,
    pub(super) event: usize,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    Time,
    Truth,
    /// A number in minor units with the number of decimal digits.
    Amount,
}

/// A value of a row; always of its column's kind, or none.
pub(super) enum Value<'a> {
    None,
    Text(&'a str),
    Word(String),
    Number(i64),
    Time(Moment),
    Truth(bool),
    Amount(i64, u32),
}

/// A column of an export.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) value: Box<dyn for<'a> Fn(&Row<'a>) -> Value<'a>>,
}

fn field(name: &'static str, kind: Kind, value: impl for<'a> Fn(&Row<'a>) -> Value<'a> + 'static) -> Field {
    Field {
        name,
        kind,
        value: Box::new(value),
    }
}

fn text(part: &Part, column: Column, row: usize) -> Value<'_> {
    part.column(column)
        .text(row)
        .map_or(Value::None, |text| Value::Text(text))
}

fn page(part: &Part, event: u32) -> Value<'_> {
    if event == u32::MAX {
        return Value::None;
    }
    text(part, Column::Page, event as usize)
}

/// The digits behind the point of an event's amounts; two if it names no currency.
fn digits(part: &Part, event: usize) -> u32 {
    let code = part.column(Column::Currency).text(event);
    code.and_then(|code| Currency::parse(code).ok())
        .map_or(2, Currency::exponent)
}

fn amount(name: &'static str, of: fn(&Sale) -> i64) -> Field {
    field(name, Kind::Amount, move |row| match row.part.sale_of(row.event) {
        Some(sale) => Value::Amount(of(sale), digits(row.part, row.event)),
        None => Value::None,
    })
}

/// The columns of a table, in order.
pub(super) fn columns(table: Table) -> Vec<Field> {
    let mut fields = vec![field("visitor", Kind::Text, |row| {
        Value::Word(format!("{:016x}", row.part.visitors[row.visitor].0))
    })];
    match table {
        Table::Events => {
            fields.extend([
                field("time", Kind::Time, |row| {
                    Value::Time(row.part.event_time[row.event])
                }),
                field("visit_start", Kind::Time, |row| {
                    Value::Time(row.part.visit_start[row.visit])
                }),
                field("kind", Kind::Text, |row| {
                    Value::Text(kind_name(row.part.event_kind[row.event]))
                }),
                field("interactive", Kind::Truth, |row| {
                    Value::Truth(row.part.event_interactive[row.event])
                }),
                amount("revenue", |sale| sale.revenue),
                amount("tax", |sale| sale.tax),
                amount("shipping", |sale| sale.shipping),
                amount("discount", |sale| sale.discount),
            ]);
            fields.extend(Column::of(Level::Event).map(|column| {
                field(column.name(), Kind::Text, move |row| {
                    text(row.part, column, row.event)
                })
            }));
        }
        Table::Visits => fields.extend([
            field("start", Kind::Time, |row| {
                Value::Time(row.part.visit_start[row.visit])
            }),
            field("duration_s", Kind::Amount, |row| {
                Value::Amount(row.part.visit_duration_ms[row.visit], 3)
            }),
            field("events", Kind::Number, |row| {
                Value::Number(row.part.events_of(row.visit).len() as i64)
            }),
            field("page_views", Kind::Number, |row| {
                Value::Number(i64::from(row.part.visit_page_views[row.visit]))
            }),
            field("bounce", Kind::Truth, |row| {
                Value::Truth(row.part.visit_bounce[row.visit])
            }),
            field("entry_page", Kind::Text, |row| {
                page(row.part, row.part.visit_entry[row.visit])
            }),
            field("exit_page", Kind::Text, |row| {
                page(row.part, row.part.visit_exit[row.visit])
            }),
        ]),
    }
    fields.extend(Column::of(Level::Visit).map(|column| {
        field(column.name(), Kind::Text, move |row| {
            text(row.part, column, row.visit)
        })
    }));
    fields
}
