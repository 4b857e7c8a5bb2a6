//! A site's archive as flat files that explain themselves, for any other tool.
//!
//! One row an event or one row a visit, no codes and no row numbers: times in UTC (in Parquet as timestamps, elsewhere
//! as RFC 3339 with milliseconds), visitor keys as 16 hexadecimal digits, amounts in whole units of the row's currency.

mod row;
mod write;

use crate::{Archive, Error, View};
use row::{Row, columns};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};
use vocabulary::SiteId;
use write::Writer;

/// What a row of an export is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// One row an event, with the columns of its visit.
    Events,
    /// One row a visit.
    Visits,
}

/// How an export is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Parquet, zstd-compressed.
    Parquet,
    /// Comma-separated values with a header (RFC 4180), UTF-8; an absent value is empty.
    Csv,
    /// One JSON object a line; an absent value is left out.
    Ndjson,
}

impl Table {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Events, Self::Visits];

    /// The name on the command line and in file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Visits => "visits",
        }
    }

    /// The table of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Parquet, Self::Csv, Self::Ndjson];

    /// The name on the command line, and the file's extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// The format of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What to export, and where to.
#[derive(Clone, Debug)]
pub struct Export {
    /// What a row is.
    pub table: Table,
    /// How it is written.
    pub format: Format,
    /// The folder for the file; made if missing.
    pub out_dir: PathBuf,
}

/// A finished export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The file, `FOLDER-events.csv` and so on, by the site's folder name.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// Rows written between two calls of `progress`.
const STEP_ROWS: u64 = 8_192;

impl Archive {
    /// Writes a site's events or visits to one file; a file of that name is replaced once the new one is whole.
    /// `progress` is told, now and then, how many rows of how many are written.
    pub async fn export(
        &self,
        site: SiteId,
        export: Export,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<Exported, Error> {
        let view = self.view(site).await?;
        let (table, format) = (export.table.name(), export.format.name());
        let name = format!("{}-{table}.{format}", (self.0.options.folder_of)(site));
        let path = export.out_dir.join(&name);
        let unfinished = export.out_dir.join(format!("{name}.unfinished"));
        let failed = path.display().to_string();
        let written = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&export.out_dir)?;
            let rows = write(&view, &export, &unfinished, progress)?;
            std::fs::rename(&unfinished, &path)?;
            let bytes = std::fs::metadata(&path)?.len();
            Ok::<_, Failure>(Exported { path, rows, bytes })
        });
        match written.await {
            Ok(written) => written.map_err(|e| Error::storage(failed, e)),
            Err(e) => Err(Error::storage(failed, e)),
        }
    }
}

/// Why a file could not be written.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn write(
    view: &Arc<View>,
    export: &Export,
    file: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, Failure> {
    let total = rows(view, export.table, |_| Ok(()))?;
    let file = File::create(file)?;
    let mut writer = Writer::new(export.format, columns(export.table), file.try_clone()?)?;
    let mut done = 0;
    rows(view, export.table, |row| {
        writer.push(&row)?;
        done += 1;
        if done % STEP_ROWS == 0 {
            progress(done, total);
        }
        Ok(())
    })?;
    writer.finish()?;
    file.sync_all()?;
    progress(done, total);
    Ok(done)
}

/// Calls `each` for every row of the table; returns how many there were.
fn rows(
    view: &View,
    table: Table,
    mut each: impl FnMut(Row<'_>) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let mut count = 0;
    for (part, mask) in &view.parts {
        for visitor in 0..part.visitors.len() {
            if mask.as_ref().is_some_and(|mask| mask.is_marked(visitor)) {
                continue;
            }
            for visit in part.visits_of(visitor) {
                let events = match table {
                    Table::Events => part.events_of(visit),
                    Table::Visits => part.events_of(visit).start..part.events_of(visit).start + 1,
                };
                for event in events {
                    count += 1;
                    each(Row {
                        part,
                        visitor,
                        visit,
                        event,
                    })?;
                }
            }
        }
    }
    Ok(count)
}
