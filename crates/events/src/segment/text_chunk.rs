//! A column of texts as it stands in a file: a dictionary page, then the codes of the rows in one data page.
//!
//! Our parts hold codes already, so they are written as they are, and read back so: no text is hashed or compared. Only
//! dictionaries are: once a row group, not once a row.

use super::{
    hybrid::{self, Stretch, Stretches, width_of},
    read::Malformed,
    write::compressor,
};
use crate::CodeColumn;
use bytes::Bytes;
use parquet::{
    basic::Encoding,
    column::{
        page::{CompressedPage, Page, PageReader, PageWriter},
        writer::ColumnCloseResult,
    },
    errors::ParquetError,
    file::{
        metadata::ColumnChunkMetaData,
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::iter::repeat_n;

/// Stands for a code that no row has had yet.
const UNKNOWN: u32 = u32::MAX;

/// Rows of a text column to be written.
pub(crate) struct Texts<'a, T> {
    pub(crate) codes: &'a [u32],
    pub(crate) dictionary: &'a [T],
    /// The code that stands for no text, if rows may have none.
    pub(crate) null: Option<u32>,
}

/// The pages of a column chunk, and what the file's footer says of them.
pub(crate) fn encode<T: AsRef<str>>(
    texts: &Texts<'_, T>,
    about: &ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut renamed = vec![UNKNOWN; texts.dictionary.len()];
    let (mut dictionary, mut known) = (Vec::new(), 0);
    let mut present = Vec::with_capacity(texts.codes.len());
    for &code in texts.codes {
        if Some(code) == texts.null {
            continue;
        }
        let new = &mut renamed[code as usize];
        if *new == UNKNOWN {
            *new = known;
            known += 1;
            let text = texts.dictionary[code as usize].as_ref();
            dictionary.extend_from_slice(&(text.len() as u32).to_le_bytes());
            dictionary.extend_from_slice(text.as_bytes());
        }
        present.push(*new);
    }
    let mut data = Vec::new();
    if let Some(null) = texts.null {
        // Which rows have a text, after the length of saying so.
        data.extend_from_slice(&[0; 4]);
        if present.is_empty() || present.len() == texts.codes.len() {
            hybrid::repeat(u32::from(!present.is_empty()), texts.codes.len(), 1, &mut data);
        } else {
            let levels: Vec<u32> = texts.codes.iter().map(|code| u32::from(*code != null)).collect();
            hybrid::encode(&levels, 1, &mut data);
        }
        let bytes = data.len() as u32 - 4;
        data[..4].copy_from_slice(&bytes.to_le_bytes());
    }
    let width = width_of(known as usize);
    data.push(width as u8);
    if width > 0 {
        hybrid::encode(&present, width, &mut data);
    } else if !present.is_empty() {
        hybrid::repeat(0, present.len(), 0, &mut data);
    }
    let rows = texts.codes.len();
    let pages = [
        (dictionary, known as usize, Encoding::PLAIN),
        (data, rows, Encoding::RLE_DICTIONARY),
    ];
    write(pages, rows, about)
}

/// Compresses the two pages and puts them behind one another.
fn write(
    pages: [(Vec<u8>, usize, Encoding); 2],
    rows: usize,
    about: &ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut compressor = compressor()?;
    let mut chunk = TrackedWrite::new(Vec::new());
    let (mut uncompressed, mut ends) = (0, [0; 2]);
    let mut writer = SerializedPageWriter::new(&mut chunk);
    for (place, (bytes, count, encoding)) in pages.into_iter().enumerate() {
        let buf = Bytes::from(compressor.compress(&bytes)?);
        let num_values = count as u32;
        let page = match encoding {
            Encoding::PLAIN => Page::DictionaryPage {
                buf,
                num_values,
                encoding,
                is_sorted: false,
            },
            _ => Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            },
        };
        let written = writer.write_page(CompressedPage::new(page, bytes.len()))?;
        uncompressed += written.uncompressed_size;
        ends[place] = written.offset + written.bytes_written;
    }
    let metadata = ColumnChunkMetaData::builder(about.clone())
        .set_compression(super::write::compression())
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
        .set_total_compressed_size(ends[1] as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_num_values(rows as i64)
        .set_dictionary_page_offset(Some(0))
        .set_data_page_offset(ends[0] as i64)
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: ends[1],
        rows_written: rows as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    Ok((chunk.into_inner()?.into(), close))
}

/// Reads a text column, row group by row group.
pub(super) struct TextReader {
    column: CodeColumn,
    /// The code of a null.
    null: u32,
    /// The code of each text of the dictionary, needed from the second row group on.
    known: FxHashMap<SmolStr, u32>,
}

impl TextReader {
    pub(super) fn new(null: u32) -> Self {
        Self {
            column: CodeColumn::default(),
            null,
            known: FxHashMap::default(),
        }
    }

    /// How many rows were read.
    pub(super) fn rows(&self) -> usize {
        self.column.codes.len()
    }

    /// The column; short of `rows`, the rest is none.
    pub(super) fn finish(mut self, rows: usize) -> CodeColumn {
        self.column.codes.resize(rows, self.null);
        self.column
    }

    /// Appends the rows of one row group; `optional` if rows may have no text. Errors are `None`.
    pub(super) fn read(
        &mut self,
        pages: &mut dyn PageReader,
        optional: bool,
    ) -> Result<Option<()>, Malformed> {
        let mut renamed = Vec::new();
        while let Some(page) = pages.get_next_page()? {
            let done = match &page {
                Page::DictionaryPage { buf, num_values, .. } => {
                    self.dictionary(buf, *num_values, &mut renamed)
                }
                Page::DataPage {
                    buf,
                    num_values,
                    encoding: Encoding::RLE_DICTIONARY,
                    ..
                } => self.page(buf, *num_values as usize, optional, &renamed),
                _ => None,
            };
            if done.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Takes in the texts of a dictionary page: `renamed` gets the code of each.
    fn dictionary(&mut self, mut page: &[u8], count: u32, renamed: &mut Vec<u32>) -> Option<()> {
        let texts = &mut self.column.dictionary;
        let first = texts.len() == 1;
        if !first && self.known.is_empty() {
            let known = texts.iter().enumerate();
            self.known
                .extend(known.map(|(code, text)| (text.clone(), code as u32)));
        }
        for _ in 0..count {
            let (length, rest) = page.split_first_chunk::<4>()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            page = rest;
            let text = std::str::from_utf8(text).ok()?;
            let new = texts.len() as u32;
            let code = match (text.is_empty(), self.known.get(text)) {
                (true, _) => 0,
                (_, Some(code)) => *code,
                (_, None) => new,
            };
            if code == new {
                texts.push(text.into());
                if !first {
                    self.known.insert(text.into(), new);
                }
            }
            renamed.push(code);
        }
        Some(())
    }

    /// Takes in the rows of a data page.
    fn page(&mut self, mut page: &[u8], rows: usize, optional: bool, renamed: &[u32]) -> Option<()> {
        let mut levels: &[u8] = &[];
        let mut present = rows;
        if optional {
            let (length, rest) = page.split_first_chunk::<4>()?;
            (levels, page) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            present = levels_of(levels, rows).try_fold(0, |present, stretch| {
                Some(match stretch? {
                    Stretch::Run(level, count) => present + count * level as usize,
                    Stretch::Packed(bytes, count) => {
                        present + hybrid::unpack(bytes, 1, count).sum::<u32>() as usize
                    }
                })
            })?;
        }
        let (width, page) = page.split_first()?;
        let width = u32::from(*width);
        let mut codes = Vec::with_capacity(if present == rows { 0 } else { present });
        let to = if present == rows {
            &mut self.column.codes
        } else {
            &mut codes
        };
        decode(page, width, present, renamed, to)?;
        if present == rows {
            return Some(());
        }
        let (to, mut codes) = (&mut self.column.codes, codes.into_iter());
        for stretch in levels_of(levels, rows) {
            match stretch? {
                Stretch::Run(0, count) => to.extend(repeat_n(self.null, count)),
                Stretch::Run(_, count) => to.extend(codes.by_ref().take(count)),
                Stretch::Packed(bytes, count) => to.extend(hybrid::unpack(bytes, 1, count).map(|level| {
                    if level == 0 {
                        self.null
                    } else {
                        codes.next().unwrap_or(self.null)
                    }
                })),
            }
        }
        Some(())
    }
}

/// Which rows have a text: 1 or 0 each.
fn levels_of(bytes: &[u8], left: usize) -> Stretches<'_> {
    Stretches {
        bytes,
        width: 1,
        left,
    }
}

/// Appends the renamed codes of `left` rows.
fn decode(bytes: &[u8], width: u32, left: usize, renamed: &[u32], to: &mut Vec<u32>) -> Option<()> {
    if width > 32 {
        return None;
    }
    for stretch in (Stretches { bytes, width, left }) {
        match stretch? {
            Stretch::Run(code, count) => to.extend(repeat_n(*renamed.get(code as usize)?, count)),
            Stretch::Packed(bytes, count) => {
                let before = to.len();
                let codes = hybrid::unpack(bytes, width, count);
                to.extend(codes.map_while(|code| renamed.get(code as usize)));
                if to.len() - before < count {
                    return None;
                }
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::{
        file::serialized_reader::SerializedPageReader,
        schema::{parser::parse_message_type, types::SchemaDescriptor},
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Row groups of texts, code 0 being none, there and back.
    fn read_back(groups: &[Vec<u32>], dictionary: &[String], null: Option<u32>) -> Option<CodeColumn> {
        let kind = if null.is_some() { "OPTIONAL" } else { "REQUIRED" };
        let schema = parse_message_type(&format!("message m {{ {kind} BYTE_ARRAY t (STRING); }}")).unwrap();
        let about = SchemaDescriptor::new(Arc::new(schema)).column(0);
        let mut reader = TextReader::new(null.unwrap_or(0));
        for codes in groups {
            let texts = Texts {
                codes,
                dictionary,
                null,
            };
            let (bytes, close) = encode(&texts, &about).unwrap();
            let mut pages =
                SerializedPageReader::new(Arc::new(bytes), &close.metadata, codes.len(), None).unwrap();
            reader.read(&mut pages, null.is_some()).unwrap()?;
        }
        let rows = reader.rows();
        Some(reader.finish(rows))
    }

    proptest! {
        #[test]
        fn row_groups_with_dictionaries_of_their_own_read_as_one_column(
            groups in proptest::collection::vec(proptest::collection::vec((0..40u32, 1..12usize), 1..60), 1..4),
            absent: bool,
        ) {
            let dictionary: Vec<String> = (0..40).map(|code| if code == 0 { String::new() } else { format!("text {code}") }).collect();
            let groups: Vec<Vec<u32>> = groups
                .iter()
                .map(|runs| runs.iter().flat_map(|(code, count)| repeat_n(*code, *count)).collect())
                .collect();
            let read = read_back(&groups, &dictionary, absent.then_some(0)).unwrap();
            let texts: Vec<&str> = read.codes.iter().map(|code| read.dictionary[*code as usize].as_str()).collect();
            let want: Vec<&str> = groups.iter().flatten().map(|code| dictionary[*code as usize].as_str()).collect();
            prop_assert_eq!(texts, want);
            let distinct: std::collections::HashSet<&SmolStr> = read.dictionary.iter().collect();
            prop_assert_eq!(distinct.len(), read.dictionary.len(), "one code a text");
        }
    }
}
