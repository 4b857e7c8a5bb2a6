//! The operator's MaxMind DB files.

use super::cache::Cache;
use crate::{Address, Error};
use maxminddb::{LookupResult, MaxMindDbError, Reader};
use smol_str::SmolStr;
use std::path::Path;

/// What is read of a record; its default where there is none.
pub(super) type Decode<T> = fn(&LookupResult<'_, Vec<u8>>) -> Result<T, MaxMindDbError>;

/// A file, read into memory whole.
pub(super) struct Database<T> {
    reader: Reader<Vec<u8>>,
    decode: Decode<T>,
    /// By the offset of the record, which many networks share.
    records: Cache<T>,
}

/// How many records of a database are remembered; one takes about 150 bytes.
const RECORDS: usize = 8_192;

impl<T: Default + Clone> Database<T> {
    /// Opens a file whose type holds one of `kinds`, in lower case; `needed` says in words which. Besides its frame some
    /// hundred records spread over the address space are read, so that a damaged file is refused at the start and not
    /// hours later.
    pub(super) fn open(path: &Path, kinds: &[&str], needed: &str, decode: Decode<T>) -> Result<Self, Error> {
        let corrupt = |why: String| Error::Corrupt {
            path: path.into(),
            why,
        };
        let bytes = std::fs::read(path).map_err(|source| Error::Storage {
            path: path.into(),
            source,
        })?;
        let reader = Reader::from_source(bytes)
            .map_err(|error| corrupt(format!("it is no sound MaxMind DB ({error})")))?;
        let kind = &reader.metadata().database_type;
        let lower = kind.to_lowercase();
        if !kinds.iter().any(|word| lower.contains(word)) {
            return Err(corrupt(format!(
                "it is a database of type `{kind}`; needed is one of {needed}"
            )));
        }
        let database = Self {
            reader,
            decode,
            records: Cache::new(RECORDS),
        };
        for first in 1..=223u8 {
            for second in [0, 64, 128, 192] {
                let address =
                    Address::parse(&format!("{first}.{second}.0.1")).expect("four numbers are an address");
                database
                    .read(address)
                    .map_err(|error| corrupt(format!("a record in it cannot be read ({error})")))?;
            }
        }
        Ok(database)
    }

    /// What the file says of an address.
    pub(super) fn read(&self, address: Address) -> Result<T, MaxMindDbError> {
        let found = match self.reader.lookup(address.ip()) {
            // An IPv6 address in a database of IPv4 alone.
            Err(MaxMindDbError::InvalidInput { .. }) => return Ok(T::default()),
            found => found?,
        };
        let Some(offset) = found.offset() else {
            return Ok(T::default());
        };
        let mut failure = None;
        let read = self.records.get_or_make(&offset, || {
            (self.decode)(&found).unwrap_or_else(|error| {
                failure = Some(error);
                T::default()
            })
        });
        failure.map_or(Ok(read), Err)
    }
}

/// A name no longer than 100 bytes, whatever a database says.
pub(super) fn bounded(name: &str) -> SmolStr {
    SmolStr::new(&name[..name.floor_char_boundary(100)])
}
