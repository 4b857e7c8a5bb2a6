//! Writing a part as the three tables of a segment.

use super::{CHANGES, FORMAT, Rank, TABLES, Tables, kind_name};
use crate::{CodeColumn, Part};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray, UInt32Array, UInt64Array, types::Int32Type,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
    },
    schema::types::ColumnPath,
};
use std::{ops::Range, sync::Arc};
use vocabulary::{Column, EventKind, Level};

/// What the files say about themselves.
pub(crate) struct Label<'a> {
    /// The site's folder name.
    pub(crate) site: &'a str,
    /// The period's folder name.
    pub(crate) period: &'a str,
    /// Base or delta.
    pub(crate) rank: Rank,
}

/// Rows handed to the writer at a time.
const BATCH_ROWS: usize = 1 << 16;
/// Rows of one row group, and so of one dictionary.
const GROUP_ROWS: usize = 1 << 20;
/// Large enough that texts stay dictionary-encoded throughout a row group.
const DICTIONARY_BYTES: usize = 64 << 20;

/// Columns whose values come in order or vary little from row to row: their differences are stored.
const DELTA: &[&str] = &["visitor", "start", "visit"];
/// Columns of numbers with few repeats: all lowest bytes first, then all second ones and so on, for zstd to find that
/// the higher ones vary little.
const SPLIT: &[&str] = &["gap_ms"];

/// The contents of the three files.
pub(crate) fn encode(part: &Part, label: &Label<'_>) -> Result<Tables, ParquetError> {
    Ok([
        table(TABLES[0], label, part.visitors.len(), &visitor_columns(part))?,
        table(TABLES[1], label, part.visits(), &visit_columns(part))?,
        table(TABLES[2], label, part.events(), &event_columns(part))?,
    ])
}

/// A column of a file: its name, type, whether it may be null, and what makes its array for a range of rows.
struct Written<'a> {
    field: Field,
    array: Box<dyn Fn(Range<usize>) -> ArrayRef + 'a>,
}

fn written<'a>(
    name: &str,
    kind: DataType,
    null: bool,
    array: impl Fn(Range<usize>) -> ArrayRef + 'a,
) -> Written<'a> {
    Written {
        field: Field::new(name, kind, null),
        array: Box::new(array),
    }
}

fn counts<'a>(name: &str, from: &'a [u32]) -> Written<'a> {
    written(name, DataType::UInt32, false, move |rows| {
        Arc::new(UInt32Array::from_iter_values(
            rows.map(|row| from[row + 1] - from[row]),
        ))
    })
}

fn owners<'a>(name: &str, from: &'a [u32]) -> Written<'a> {
    written(name, DataType::UInt32, false, move |rows| {
        let mut owner = from.partition_point(|first| *first as usize <= rows.start) - 1;
        Arc::new(UInt32Array::from_iter_values(rows.map(|row| {
            while from[owner + 1] as usize <= row {
                owner += 1;
            }
            owner as u32
        })))
    })
}

fn visitor_columns(part: &Part) -> Vec<Written<'_>> {
    vec![
        written("visitor", DataType::UInt64, false, |rows| {
            Arc::new(UInt64Array::from_iter_values(
                part.visitors[rows].iter().map(|key| key.0),
            ))
        }),
        counts("visits", &part.visit_from),
    ]
}

/// Milliseconds since 1970, UTC.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

fn visit_columns(part: &Part) -> Vec<Written<'_>> {
    let mut columns = vec![
        owners("visitor", &part.visit_from),
        written("start", time_type(), false, |rows| {
            let starts = part.visit_start[rows].iter().map(|start| start.0);
            Arc::new(TimestampMillisecondArray::from_iter_values(starts).with_timezone("UTC"))
        }),
        counts("events", &part.event_from),
        written("page_views", DataType::UInt32, false, |rows| {
            Arc::new(UInt32Array::from(part.visit_page_views[rows].to_vec()))
        }),
        written("bounce", DataType::Boolean, false, |rows| {
            Arc::new(BooleanArray::from(part.visit_bounce[rows].to_vec()))
        }),
    ];
    columns.extend(Column::of(Level::Visit).map(|column| text_column(part, column)));
    columns
}

fn event_columns(part: &Part) -> Vec<Written<'_>> {
    let kinds: ArrayRef = Arc::new(StringArray::from(EventKind::ALL.map(kind_name).to_vec()));
    let sale = |name: &str, amount: fn(&vocabulary::Sale) -> i64| {
        written(name, DataType::Int64, true, move |rows| {
            let mut next = part
                .sale_event
                .partition_point(|event| (*event as usize) < rows.start);
            let amounts = rows.map(|row| {
                let found = part
                    .sale_event
                    .get(next)
                    .is_some_and(|event| *event as usize == row);
                next += usize::from(found);
                found.then(|| amount(&part.sale[next - 1]))
            });
            Arc::new(amounts.collect::<Int64Array>())
        })
    };
    let mut columns = vec![
        owners("visit", &part.event_from),
        written("gap_ms", DataType::UInt32, false, |rows| {
            let mut visit = part
                .event_from
                .partition_point(|first| (*first as usize) < rows.start);
            // Within a visit, gaps are less than 30 minutes.
            Arc::new(UInt32Array::from_iter_values(rows.map(|row| {
                if part.event_from[visit] as usize == row {
                    visit += 1;
                    return 0;
                }
                (part.event_time[row].0 - part.event_time[row - 1].0) as u32
            })))
        }),
        written("kind", text_type(), false, move |rows| {
            let keys = part.event_kind[rows].iter().map(|kind| *kind as i32);
            Arc::new(DictionaryArray::<Int32Type>::new(
                Int32Array::from_iter_values(keys),
                kinds.clone(),
            ))
        }),
        written("interactive", DataType::Boolean, false, |rows| {
            Arc::new(BooleanArray::from(part.event_interactive[rows].to_vec()))
        }),
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

/// Texts as codes into a dictionary.
pub(crate) fn text_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The texts of a dictionary but the absent one, so that code `c` stands at `c - 1`.
pub(crate) fn dictionary_values(column: &CodeColumn) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(
        column.dictionary.iter().skip(1).map(smol_str::SmolStr::as_str),
    ))
}

/// Codes of [`dictionary_values`]; code 0 is null.
pub(crate) fn dictionary_keys(codes: impl Iterator<Item = u32>) -> Int32Array {
    codes.map(|code| (code > 0).then(|| code as i32 - 1)).collect()
}

fn text_column(part: &Part, column: Column) -> Written<'_> {
    let texts = part.column(column);
    let values = dictionary_values(texts);
    written(column.name(), text_type(), true, move |rows| {
        let keys = dictionary_keys(texts.codes[rows].iter().copied());
        Arc::new(DictionaryArray::<Int32Type>::new(keys, values.clone()))
    })
}

/// The column told by its changes.
fn changes_column(part: &Part) -> Written<'_> {
    let (texts, by) = (part.column(CHANGES.0), part.column(CHANGES.1));
    let values: ArrayRef = Arc::new(StringArray::from_iter_values(
        texts.dictionary.iter().map(smol_str::SmolStr::as_str),
    ));
    let mut last = vec![0; by.dictionary.len()];
    let keys = texts.codes.iter().zip(&by.codes).map(|(&code, &by)| {
        let changed = last[by as usize] != code;
        last[by as usize] = code;
        changed.then_some(code as i32)
    });
    let keys: Int32Array = keys.collect();
    written(CHANGES.0.name(), text_type(), true, move |rows| {
        let keys = keys.slice(rows.start, rows.len());
        Arc::new(DictionaryArray::<Int32Type>::new(keys, values.clone()))
    })
}

/// The properties that all our Parquet files share.
pub(crate) fn properties() -> parquet::file::properties::WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(1).expect("1 is a level of zstd");
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by(concat!("anturazh ", env!("CARGO_PKG_VERSION")).into())
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_data_page_row_count_limit(GROUP_ROWS)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
}

fn table(name: &str, label: &Label<'_>, rows: usize, columns: &[Written<'_>]) -> Result<Bytes, ParquetError> {
    let schema = Arc::new(Schema::new(
        columns.iter().map(|c| c.field.clone()).collect::<Vec<_>>(),
    ));
    let about = serde_json::json!({
        "format": FORMAT, "table": name, "site": label.site, "period": label.period, "rank": label.rank.name(),
    });
    let mut properties = properties().set_key_value_metadata(Some(vec![KeyValue::new(
        "anturazh".to_owned(),
        about.to_string(),
    )]));
    for column in columns {
        let name = column.field.name().as_str();
        let encoding = if DELTA.contains(&name) {
            Encoding::DELTA_BINARY_PACKED
        } else if SPLIT.contains(&name) {
            Encoding::BYTE_STREAM_SPLIT
        } else {
            continue;
        };
        let path = ColumnPath::from(name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, encoding);
    }
    let options = ArrowWriterOptions::new()
        .with_properties(properties.build())
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), schema.clone(), options)?;
    for first in (0..rows).step_by(BATCH_ROWS) {
        let range = first..(first + BATCH_ROWS).min(rows);
        let arrays = columns
            .iter()
            .map(|column| (column.array)(range.clone()))
            .collect();
        let batch = RecordBatch::try_new(schema.clone(), arrays)?;
        writer.write(&batch)?;
    }
    Ok(writer.into_inner()?.into())
}
