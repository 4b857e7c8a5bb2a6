//! Reading the three tables of a segment back into a part, texts as codes.

use super::{CHANGES, FORMAT, Tables, kind_name, write::text_type};
use crate::{CodeColumn, Part};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray, UInt32Array, UInt64Array, types::Int32Type,
};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;
use vocabulary::{Column, EventKind, Level, Moment, Sale, VisitorKey};

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it is no Parquet file that can be read: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("its rows cannot be read: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    #[error("column `{0}` is missing or of another type")]
    Column(&'static str),
    #[error("its tables do not fit one another: {0}")]
    Tables(&'static str),
    #[error("it is in format {0}, which this version does not read")]
    Format(i64),
}

const BATCH_ROWS: usize = 1 << 16;

/// The part that the three files hold. Columns of the register that a file lacks read as none.
pub(crate) fn decode([visitors, visits, events]: Tables) -> Result<Part, Malformed> {
    let mut part = Part::default();
    let mut columns: Vec<CodeReader> = Column::ALL.iter().map(|_| CodeReader::default()).collect();
    columns[CHANGES.0 as usize].null = UNCHANGED;
    let mut visit_count = 0;
    for batch in open(visitors)? {
        let batch = batch?;
        let keys: &UInt64Array = column(&batch, "visitor")?;
        part.visitors
            .extend(keys.values().iter().map(|key| VisitorKey(*key)));
        for count in column::<UInt32Array>(&batch, "visits")?.values() {
            part.visit_from.push(visit_count);
            visit_count += count;
            require(*count > 0, "a visitor without visits")?;
        }
    }
    require(
        part.visitors.is_sorted_by(|a, b| a < b),
        "visitors are out of order",
    )?;
    let mut event_count = 0;
    for batch in open(visits)? {
        let batch = batch?;
        let starts: &TimestampMillisecondArray = column(&batch, "start")?;
        part.visit_start
            .extend(starts.values().iter().map(|start| Moment(*start)));
        for count in column::<UInt32Array>(&batch, "events")?.values() {
            part.event_from.push(event_count);
            event_count += count;
            require(*count > 0, "a visit without events")?;
        }
        read_texts(&batch, Level::Visit, &mut columns)?;
    }
    require(
        part.visit_start.len() == visit_count as usize,
        "visits are missing",
    )?;
    for batch in open(events)? {
        let batch = batch?;
        read_events(&batch, &mut part)?;
        read_texts(&batch, Level::Event, &mut columns)?;
    }
    require(
        part.event_time.len() == event_count as usize,
        "events are missing",
    )?;
    let mut columns: Vec<CodeColumn> = columns.into_iter().map(|reader| reader.column).collect();
    fill_changes(&mut columns);
    Ok(part.with_columns(columns))
}

/// Stands for a null in the column told by its changes until [`fill_changes`] is done.
const UNCHANGED: u32 = u32::MAX;

fn fill_changes(columns: &mut [CodeColumn]) {
    let mut texts = std::mem::take(&mut columns[CHANGES.0 as usize]);
    let by = &columns[CHANGES.1 as usize];
    let mut last = vec![0; by.dictionary.len()];
    for (code, by) in texts.codes.iter_mut().zip(&by.codes) {
        let last = &mut last[*by as usize];
        if *code == UNCHANGED {
            *code = *last;
        }
        *last = *code;
    }
    columns[CHANGES.0 as usize] = texts;
}

fn require(holds: bool, what: &'static str) -> Result<(), Malformed> {
    if holds {
        Ok(())
    } else {
        Err(Malformed::Tables(what))
    }
}

fn read_events(batch: &RecordBatch, part: &mut Part) -> Result<(), Malformed> {
    let visit: &UInt32Array = column(batch, "visit")?;
    let gap: &UInt32Array = column(batch, "gap_ms")?;
    let kind: &DictionaryArray<Int32Type> = column(batch, "kind")?;
    let interactive: &BooleanArray = column(batch, "interactive")?;
    let amounts = ["revenue", "tax", "shipping", "discount"].map(|name| column::<Int64Array>(batch, name));
    let [revenue, tax, shipping, discount] = amounts;
    let (revenue, tax, shipping, discount) = (revenue?, tax?, shipping?, discount?);
    let words: &StringArray = texts_of(kind).ok_or(Malformed::Column("kind"))?;
    let kinds: Vec<Option<EventKind>> = (0..words.len())
        .map(|place| {
            EventKind::ALL
                .into_iter()
                .find(|kind| kind_name(*kind) == words.value(place))
        })
        .collect();
    for (row, gap_ms) in gap.values().iter().enumerate() {
        let (start, owner) = (part.event_time.len(), visit.value(row) as usize);
        let from = part.event_from.get(owner).map(|from| *from as usize);
        let next = part
            .event_from
            .get(owner + 1)
            .map_or(usize::MAX, |next| *next as usize);
        require(
            from.is_some_and(|from| from <= start) && start < next,
            "an event of another visit",
        )?;
        let before = match from {
            Some(from) if from < start => part.event_time[start - 1],
            _ => part.visit_start[owner],
        };
        part.event_time.push(before.plus_ms(i64::from(*gap_ms)));
        let kind = kinds.get(kind.keys().value(row) as usize).copied().flatten();
        part.event_kind.push(kind.ok_or(Malformed::Column("kind"))?);
        part.event_interactive.push(interactive.value(row));
        if revenue.is_valid(row) {
            part.sale_event.push(start as u32);
            part.sale.push(Sale {
                revenue: revenue.value(row),
                tax: tax.value(row),
                shipping: shipping.value(row),
                discount: discount.value(row),
            });
        }
    }
    Ok(())
}

fn read_texts(batch: &RecordBatch, level: Level, columns: &mut [CodeReader]) -> Result<(), Malformed> {
    for column in Column::of(level) {
        let reader = &mut columns[column as usize];
        if let Some(array) = batch.column_by_name(column.name()) {
            let texts = array.as_any().downcast_ref();
            texts
                .and_then(|texts| reader.read(texts))
                .ok_or(Malformed::Column(column.name()))?;
        } else {
            let rows = reader.column.codes.len() + batch.num_rows();
            reader.column.codes.resize(rows, reader.null);
        }
    }
    Ok(())
}

/// Opens a table with its texts as dictionaries, refusing another format.
fn open(file: Bytes) -> Result<ParquetRecordBatchReader, Malformed> {
    let options = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let found = ArrowReaderMetadata::load(&file, options())?;
    let about = found.metadata().file_metadata().key_value_metadata();
    let about = about.and_then(|pairs| pairs.iter().find(|pair| pair.key == "anturazh"));
    let about = about.and_then(|pair| pair.value.as_deref()).unwrap_or_default();
    let format = serde_json::from_str::<serde_json::Value>(about)
        .ok()
        .and_then(|about| about.get("format")?.as_i64());
    match format {
        Some(FORMAT) => {}
        Some(other) => return Err(Malformed::Format(other)),
        None => return Err(Malformed::Tables("no key `anturazh`")),
    }
    let fields: Vec<Field> = found
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 => field.as_ref().clone().with_data_type(text_type()),
            _ => field.as_ref().clone(),
        })
        .collect();
    let options = options().with_schema(Arc::new(Schema::new(fields)));
    let metadata = ArrowReaderMetadata::try_new(found.metadata().clone(), options)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    Ok(builder.with_batch_size(BATCH_ROWS).build()?)
}

fn column<'a, A: Array + 'static>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a A, Malformed> {
    batch
        .column_by_name(name)
        .and_then(|array| array.as_any().downcast_ref())
        .ok_or(Malformed::Column(name))
}

fn texts_of(array: &DictionaryArray<Int32Type>) -> Option<&StringArray> {
    array.values().as_any().downcast_ref()
}

/// Reads a text column batch by batch. Each batch brings a dictionary, mostly the same one: its codes are found once.
#[derive(Default)]
struct CodeReader {
    column: CodeColumn,
    known: FxHashMap<SmolStr, u32>,
    renamed: Vec<u32>,
    seen: Option<ArrayRef>,
    /// The code of a null.
    null: u32,
}

impl CodeReader {
    fn read(&mut self, array: &DictionaryArray<Int32Type>) -> Option<()> {
        let texts = texts_of(array)?;
        if !self.has_seen(texts) {
            self.renamed.clear();
            for place in 0..texts.len() {
                let text = texts.value(place);
                let code = match (text.is_empty(), self.known.get(text)) {
                    (true, _) => 0,
                    (_, Some(code)) => *code,
                    (_, None) => {
                        let code = self.column.dictionary.len() as u32;
                        self.column.dictionary.push(text.into());
                        self.known.insert(text.into(), code);
                        code
                    }
                };
                self.renamed.push(code);
            }
            self.seen = Some(array.values().clone());
        }
        let keys = array.keys();
        let codes = &mut self.column.codes;
        if keys.null_count() == 0 {
            codes.extend(keys.values().iter().map(|key| self.renamed[*key as usize]));
        } else {
            codes.extend(
                keys.iter()
                    .map(|key| key.map_or(self.null, |key| self.renamed[key as usize])),
            );
        }
        Some(())
    }

    /// Whether the last dictionary was this one: arrays differ, the bytes behind them do not.
    fn has_seen(&self, texts: &StringArray) -> bool {
        let seen: Option<&StringArray> = self.seen.as_ref().and_then(|a| a.as_any().downcast_ref());
        seen.is_some_and(|seen| {
            seen.len() == texts.len()
                && seen.values().as_ptr() == texts.values().as_ptr()
                && seen.value_offsets().as_ptr() == texts.value_offsets().as_ptr()
        })
    }
}
