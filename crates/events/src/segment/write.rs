//! Writing a part as the three tables of a segment.

use super::{
    CHANGES, FORMAT, Rank, TABLES, Tables, UNCHANGED, kind_name,
    text_chunk::{self, Texts},
};
use crate::{CodeColumn, Part};
use bytes::Bytes;
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{BoolType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
        writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};
use std::{borrow::Cow, fmt::Write, ops::Range, sync::Arc};
use vocabulary::{Column, EventKind, Level, Sale};

/// What the files say about themselves.
pub(crate) struct Label<'a> {
    /// The site's folder name.
    pub(crate) site: &'a str,
    /// The period's folder name.
    pub(crate) period: &'a str,
    /// Base or delta.
    pub(crate) rank: Rank,
}

/// Rows of one row group, and so of one dictionary and one page.
const GROUP_ROWS: usize = 1 << 20;
/// Large enough that the pages of a row group are one.
const PAGE_BYTES: usize = 64 << 20;
/// Of zstd.
const LEVEL: i32 = 1;

/// The contents of the three files.
pub(crate) fn encode(part: &Part, label: &Label<'_>) -> Result<Tables, ParquetError> {
    Ok([
        table(TABLES[0], label, part.visitors.len(), &visitor_columns(part))?,
        table(TABLES[1], label, part.visits(), &visit_columns(part))?,
        table(TABLES[2], label, part.events(), &event_columns(part))?,
    ])
}

/// A column of a file.
struct Written<'a> {
    name: &'static str,
    /// Its type in Parquet's own words.
    kind: &'static str,
    values: Values<'a>,
}

/// What makes the values of a range of rows.
type Of<'a, T> = Box<dyn Fn(Range<usize>) -> Vec<T> + 'a>;

enum Values<'a> {
    /// In order or varying little from row to row: their differences are stored.
    Longs(Of<'a, i64>),
    /// The same.
    Numbers(Of<'a, i32>),
    /// Numbers with few repeats: all lowest bytes first, then all second ones and so on, for zstd to find that the higher
    /// ones vary little.
    Scattered(Of<'a, i32>),
    Flags(&'a [bool]),
    /// Mostly none.
    Amounts(Of<'a, Option<i64>>),
    Texts(Cow<'a, [u32]>, Cow<'a, [&'a str]>, Option<u32>),
}

const LONG: &str = "REQUIRED INT64 {} (INTEGER(64,false))";
const NUMBER: &str = "REQUIRED INT32 {} (INTEGER(32,false))";
const FLAG: &str = "REQUIRED BOOLEAN {}";
const TIME: &str = "REQUIRED INT64 {} (TIMESTAMP(MILLIS,true))";
const AMOUNT: &str = "OPTIONAL INT64 {}";
const WORD: &str = "REQUIRED BYTE_ARRAY {} (STRING)";
const TEXT: &str = "OPTIONAL BYTE_ARRAY {} (STRING)";

fn written<'a>(name: &'static str, kind: &'static str, values: Values<'a>) -> Written<'a> {
    Written { name, kind, values }
}

fn counts<'a>(name: &'static str, from: &'a [u32]) -> Written<'a> {
    let count = move |rows: Range<usize>| rows.map(|row| (from[row + 1] - from[row]) as i32).collect();
    written(name, NUMBER, Values::Numbers(Box::new(count)))
}

fn owners<'a>(name: &'static str, from: &'a [u32]) -> Written<'a> {
    let owner = move |rows: Range<usize>| {
        let mut owner = from.partition_point(|first| *first as usize <= rows.start) - 1;
        rows.map(|row| {
            while from[owner + 1] as usize <= row {
                owner += 1;
            }
            owner as i32
        })
        .collect()
    };
    written(name, NUMBER, Values::Numbers(Box::new(owner)))
}

fn visitor_columns(part: &Part) -> Vec<Written<'_>> {
    let keys = |rows: Range<usize>| part.visitors[rows].iter().map(|key| key.0 as i64).collect();
    vec![
        written("visitor", LONG, Values::Longs(Box::new(keys))),
        counts("visits", &part.visit_from),
    ]
}

fn visit_columns(part: &Part) -> Vec<Written<'_>> {
    let starts = |rows: Range<usize>| part.visit_start[rows].iter().map(|start| start.0).collect();
    let page_views = |rows: Range<usize>| part.visit_page_views[rows].iter().map(|n| *n as i32).collect();
    let mut columns = vec![
        owners("visitor", &part.visit_from),
        written("start", TIME, Values::Longs(Box::new(starts))),
        counts("events", &part.event_from),
        written("page_views", NUMBER, Values::Numbers(Box::new(page_views))),
        written("bounce", FLAG, Values::Flags(&part.visit_bounce)),
    ];
    columns.extend(Column::of(Level::Visit).map(|column| text_column(part, column)));
    columns
}

fn event_columns(part: &Part) -> Vec<Written<'_>> {
    let sale = |name, amount: fn(&Sale) -> i64| {
        let amounts = move |rows: Range<usize>| {
            let sale_of = |event: &u32| (*event as usize) < rows.start;
            let mut next = part.sale_event.partition_point(sale_of);
            rows.map(|row| {
                let found = part
                    .sale_event
                    .get(next)
                    .is_some_and(|event| *event as usize == row);
                next += usize::from(found);
                found.then(|| amount(&part.sale[next - 1]))
            })
            .collect()
        };
        written(name, AMOUNT, Values::Amounts(Box::new(amounts)))
    };
    let gaps = |rows: Range<usize>| {
        let mut visit = part
            .event_from
            .partition_point(|first| (*first as usize) < rows.start);
        // Within a visit, gaps are less than 30 minutes.
        rows.map(|row| {
            if part.event_from[visit] as usize == row {
                visit += 1;
                return 0;
            }
            (part.event_time[row].0 - part.event_time[row - 1].0) as i32
        })
        .collect()
    };
    let kinds = part.event_kind.iter().map(|kind| *kind as u32).collect();
    let words: Vec<&str> = EventKind::ALL.map(kind_name).to_vec();
    let mut columns = vec![
        owners("visit", &part.event_from),
        written("gap_ms", NUMBER, Values::Scattered(Box::new(gaps))),
        written("kind", WORD, Values::Texts(Cow::Owned(kinds), words.into(), None)),
        written("interactive", FLAG, Values::Flags(&part.event_interactive)),
        sale("revenue", |sale| sale.revenue),
        sale("tax", |sale| sale.tax),
        sale("shipping", |sale| sale.shipping),
        sale("discount", |sale| sale.discount),
    ];
    columns.extend(Column::of(Level::Event).map(|column| {
        if column == CHANGES.0 {
            changes_column(part)
        } else {
            text_column(part, column)
        }
    }));
    columns
}

fn dictionary(texts: &CodeColumn) -> Cow<'_, [&str]> {
    texts.dictionary.iter().map(smol_str::SmolStr::as_str).collect()
}

fn text_column(part: &Part, column: Column) -> Written<'_> {
    let texts = part.column(column);
    let values = Values::Texts(Cow::Borrowed(&texts.codes), dictionary(texts), Some(0));
    written(column.name(), TEXT, values)
}

/// The column told by its changes.
fn changes_column(part: &Part) -> Written<'_> {
    let (texts, by) = (part.column(CHANGES.0), part.column(CHANGES.1));
    let mut last = vec![0; by.dictionary.len()];
    let codes = texts.codes.iter().zip(&by.codes).map(|(&code, &by)| {
        let changed = last[by as usize] != code;
        last[by as usize] = code;
        if changed { code } else { UNCHANGED }
    });
    let codes = Cow::Owned(codes.collect());
    written(
        CHANGES.0.name(),
        TEXT,
        Values::Texts(codes, dictionary(texts), Some(UNCHANGED)),
    )
}

/// How pages are compressed.
pub(super) fn compression() -> Compression {
    Compression::ZSTD(ZstdLevel::try_new(LEVEL).expect("1 is a level of zstd"))
}

/// What compresses them so.
pub(super) fn compressor() -> std::io::Result<zstd::bulk::Compressor<'static>> {
    zstd::bulk::Compressor::new(LEVEL)
}

/// The properties that all our Parquet files share.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(compression())
        .set_created_by(concat!("anturazh ", env!("CARGO_PKG_VERSION")).into())
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_dictionary_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(GROUP_ROWS)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
}

fn table(name: &str, label: &Label<'_>, rows: usize, columns: &[Written<'_>]) -> Result<Bytes, ParquetError> {
    let mut schema = format!("message {name} {{");
    for column in columns {
        let _ = write!(schema, " {};", column.kind.replace("{}", column.name));
    }
    schema.push_str(" }");
    let about = serde_json::json!({
        "format": FORMAT, "table": name, "site": label.site, "period": label.period, "rank": label.rank.name(),
    });
    let mut properties = properties().set_key_value_metadata(Some(vec![KeyValue::new(
        "anturazh".to_owned(),
        about.to_string(),
    )]));
    for column in columns {
        let encoding = match &column.values {
            Values::Longs(_) | Values::Numbers(_) => Encoding::DELTA_BINARY_PACKED,
            Values::Scattered(_) => Encoding::BYTE_STREAM_SPLIT,
            Values::Flags(_) | Values::Amounts(_) | Values::Texts(..) => continue,
        };
        let path = ColumnPath::from(column.name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, encoding);
    }
    let schema = Arc::new(parse_message_type(&schema)?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    for first in (0..rows).step_by(GROUP_ROWS) {
        row_group(&mut writer, first..(first + GROUP_ROWS).min(rows), columns)?;
    }
    Ok(writer.into_inner()?.into())
}

fn row_group(
    writer: &mut SerializedFileWriter<Vec<u8>>,
    rows: Range<usize>,
    columns: &[Written<'_>],
) -> Result<(), ParquetError> {
    let about = writer.schema_descr().columns().to_vec();
    let mut group = writer.next_row_group()?;
    for (column, about) in columns.iter().zip(&about) {
        if let Values::Texts(codes, dictionary, null) = &column.values {
            let texts = Texts {
                codes: &codes[rows.clone()],
                dictionary,
                null: *null,
            };
            let (chunk, close) = text_chunk::encode(&texts, about)?;
            group.append_column(&chunk, close)?;
            continue;
        }
        let mut column_writer = group
            .next_column()?
            .ok_or_else(|| ParquetError::General("a column too many".into()))?;
        let rows = rows.clone();
        match &column.values {
            Values::Longs(of) => column_writer
                .typed::<Int64Type>()
                .write_batch(&of(rows), None, None)?,
            Values::Numbers(of) | Values::Scattered(of) => {
                column_writer
                    .typed::<Int32Type>()
                    .write_batch(&of(rows), None, None)?
            }
            Values::Flags(flags) => {
                column_writer
                    .typed::<BoolType>()
                    .write_batch(&flags[rows], None, None)?
            }
            Values::Amounts(of) => {
                let amounts = of(rows);
                let levels: Vec<i16> = amounts.iter().map(|amount| i16::from(amount.is_some())).collect();
                let present: Vec<i64> = amounts.into_iter().flatten().collect();
                column_writer
                    .typed::<Int64Type>()
                    .write_batch(&present, Some(&levels), None)?
            }
            Values::Texts(..) => 0,
        };
        column_writer.close()?;
    }
    group.close()?;
    Ok(())
}
