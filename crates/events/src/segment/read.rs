//! Reading the three tables of a segment back into a part, texts as codes.

use super::{CHANGES, FORMAT, Tables, UNCHANGED, kind_name, text_chunk::TextReader};
use crate::{CodeColumn, Part};
use bytes::Bytes;
use parquet::{
    column::reader::get_typed_column_reader,
    data_type::{BoolType, DataType, Int32Type, Int64Type},
    file::reader::{FileReader, SerializedFileReader},
};
use vocabulary::{Column, EventKind, Level, Moment, Sale, VisitorKey};

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it is no Parquet file that can be read: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("column `{0}` is missing, of another type or damaged")]
    Column(&'static str),
    #[error("its tables do not fit one another: {0}")]
    Tables(&'static str),
    #[error("it is in format {0}, which this version does not read")]
    Format(i64),
}

/// The part that the three files hold. Columns of the register that a file lacks read as none.
pub(crate) fn decode([visitors, visits, events]: Tables) -> Result<Part, Malformed> {
    let mut part = Part::default();
    let table = Table::open(visitors)?;
    let keys = table.values::<Int64Type>("visitor")?;
    part.visitors = keys.into_iter().map(|key| VisitorKey(key as u64)).collect();
    let in_order = part.visitors.is_sorted_by(|a, b| a < b);
    require(in_order, "visitors are out of order")?;
    let visit_count = offsets(&table.values::<Int32Type>("visits")?, &mut part.visit_from)?;
    require(
        part.visit_from.len() == part.visitors.len(),
        "visitors are missing",
    )?;

    let table = Table::open(visits)?;
    require(table.rows == visit_count, "visits are missing")?;
    let starts = table.values::<Int64Type>("start")?;
    part.visit_start = starts.into_iter().map(Moment).collect();
    let event_count = offsets(&table.values::<Int32Type>("events")?, &mut part.event_from)?;
    let mut columns: Vec<CodeColumn> = Column::ALL.iter().map(|_| CodeColumn::default()).collect();
    for column in Column::of(Level::Visit) {
        columns[column as usize] = table.texts(column.name(), 0)?;
    }

    let table = Table::open(events)?;
    require(table.rows == event_count, "events are missing")?;
    read_events(&table, &mut part)?;
    for column in Column::of(Level::Event) {
        let null = if column == CHANGES.0 { UNCHANGED } else { 0 };
        columns[column as usize] = table.texts(column.name(), null)?;
    }
    fill_changes(&mut columns);
    Ok(part.with_columns(columns))
}

/// Turns counts of each into where each begins; returns their sum.
fn offsets(counts: &[i32], from: &mut Vec<u32>) -> Result<usize, Malformed> {
    let mut sum = 0_u32;
    for count in counts {
        from.push(sum);
        let next = sum.checked_add(*count as u32).filter(|next| *next > sum);
        sum = next.ok_or(Malformed::Tables("a row without any below it, or with too many"))?;
    }
    Ok(sum as usize)
}

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

fn read_events(table: &Table, part: &mut Part) -> Result<(), Malformed> {
    let owners = table.values::<Int32Type>("visit")?;
    let gaps = table.values::<Int32Type>("gap_ms")?;
    let mut visit = 0;
    part.event_time.reserve_exact(table.rows);
    for (row, (owner, gap_ms)) in owners.into_iter().zip(gaps).enumerate() {
        let begins = part
            .event_from
            .get(visit)
            .is_some_and(|from| *from as usize == row);
        visit += usize::from(begins);
        require(owner as u32 as usize + 1 == visit, "an event of another visit")?;
        let before = if begins {
            part.visit_start[visit - 1]
        } else {
            part.event_time[row - 1]
        };
        part.event_time.push(before.plus_ms(i64::from(gap_ms as u32)));
    }
    let words = table.texts("kind", 0)?;
    let of_word = |word: &smol_str::SmolStr| {
        let mut all = EventKind::ALL.into_iter();
        all.find(|kind| kind_name(*kind) == word)
    };
    let kinds: Vec<Option<EventKind>> = words.dictionary.iter().map(of_word).collect();
    let kinds: Option<Vec<EventKind>> = words.codes.iter().map(|code| kinds[*code as usize]).collect();
    part.event_kind = kinds.ok_or(Malformed::Column("kind"))?;
    part.event_interactive = table.values::<BoolType>("interactive")?;
    let revenue = table.column::<Int64Type>("revenue")?;
    let rows = revenue.levels.iter().zip(0_u32..);
    part.sale_event = rows
        .filter(|(level, _)| **level > 0)
        .map(|(_, row)| row)
        .collect();
    let amounts = |name| -> Result<Vec<i64>, Malformed> {
        let amounts = table.column::<Int64Type>(name)?;
        require(amounts.levels == revenue.levels, "a sale without all its amounts")?;
        Ok(amounts.values)
    };
    let (tax, shipping, discount) = (amounts("tax")?, amounts("shipping")?, amounts("discount")?);
    let sales = revenue.values.iter().zip(tax).zip(shipping).zip(discount);
    part.sale = sales
        .map(|(((&revenue, tax), shipping), discount)| Sale {
            revenue,
            tax,
            shipping,
            discount,
        })
        .collect();
    Ok(())
}

/// One of the three files.
struct Table {
    file: SerializedFileReader<Bytes>,
    rows: usize,
}

/// The values of a column, and for each row 1 if it has one; no levels if all have.
struct Values<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl Table {
    /// Opens a file, refusing another format.
    fn open(file: Bytes) -> Result<Self, Malformed> {
        let file = SerializedFileReader::new(file)?;
        let about = file.metadata().file_metadata();
        let pairs = about.key_value_metadata().into_iter().flatten();
        let about_us = pairs.into_iter().find(|pair| pair.key == "anturazh");
        let format = about_us
            .and_then(|pair| pair.value.as_deref())
            .and_then(|about| serde_json::from_str::<serde_json::Value>(about).ok())
            .and_then(|about| about.get("format")?.as_i64());
        match format {
            Some(FORMAT) => {}
            Some(other) => return Err(Malformed::Format(other)),
            None => return Err(Malformed::Tables("no key `anturazh`")),
        }
        let rows = u32::try_from(about.num_rows()).map_err(|_| Malformed::Tables("too many rows"))?;
        Ok(Self {
            file,
            rows: rows as usize,
        })
    }

    /// The place of a column among all, and whether its rows may be null.
    fn place(&self, name: &str) -> Option<(usize, bool)> {
        let columns = self.file.metadata().file_metadata().schema_descr().columns();
        let place = columns.iter().position(|column| column.name() == name)?;
        let column = &columns[place];
        (column.max_rep_level() == 0 && column.max_def_level() <= 1)
            .then_some((place, column.max_def_level() == 1))
    }

    fn column<T: DataType>(&self, name: &'static str) -> Result<Values<T::T>, Malformed> {
        let (place, optional) = self.place(name).ok_or(Malformed::Column(name))?;
        let about = self.file.metadata().file_metadata().schema_descr().column(place);
        if about.physical_type() != T::get_physical_type() {
            return Err(Malformed::Column(name));
        }
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        for group in 0..self.file.num_row_groups() {
            let reader = self.file.get_row_group(group)?.get_column_reader(place)?;
            let mut reader = get_typed_column_reader::<T>(reader);
            let mut left = self.rows;
            loop {
                let of_levels = optional.then_some(&mut levels);
                let (records, ..) = reader.read_records(left, of_levels, None, &mut values)?;
                left -= records.min(left);
                if records == 0 || left == 0 {
                    break;
                }
            }
        }
        let read = if optional { levels.len() } else { values.len() };
        require(read == self.rows, "a column lacks rows")?;
        Ok(Values { values, levels })
    }

    /// The values of a column whose rows all have one.
    fn values<T: DataType>(&self, name: &'static str) -> Result<Vec<T::T>, Malformed> {
        let column = self.column::<T>(name)?;
        if column.levels.is_empty() {
            Ok(column.values)
        } else {
            Err(Malformed::Column(name))
        }
    }

    /// The texts of a column, `null` for none; nothing but that if there is no such column.
    fn texts(&self, name: &'static str, null: u32) -> Result<CodeColumn, Malformed> {
        let mut reader = TextReader::new(null);
        if let Some((place, optional)) = self.place(name) {
            for group in 0..self.file.num_row_groups() {
                let group = self.file.get_row_group(group)?;
                let mut pages = group.get_column_page_reader(place)?;
                reader
                    .read(pages.as_mut(), optional)?
                    .ok_or(Malformed::Column(name))?;
            }
            require(reader.rows() == self.rows, "a column lacks rows")?;
        }
        Ok(reader.finish(self.rows))
    }
}
