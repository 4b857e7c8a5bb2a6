//! A sealed file set: one [`Part`](crate::Part) of one site on disk.
//!
//! Three Parquet files side by side in `segments/site=DOMAIN/period=PERIOD/`, zstd-compressed, texts
//! dictionary-encoded. All are in the order of visitor key, then time, so a row of one stands for a run of rows in
//! the next:
//!
//! - `ID.visitors.parquet`: `visitor` (u64), `visits` (u32, how many);
//! - `ID.visits.parquet`: `visitor` (u32, row in the first file, from 0), `start` (UTC, milliseconds), `events` (u32,
//!   how many), `page_views` (u32), `bounce` (boolean), then the visit columns of the register;
//! - `ID.events.parquet`: `visit` (u32, row in the second file, from 0), `gap_ms` (u32, milliseconds since the event
//!   before it in the visit, 0 for a visit's first: their sum is the visit's duration), `kind` (text), `interactive`
//!   (boolean), `revenue`, `tax`, `shipping`, `discount` (i64, minor units, null where there is no sale), then the
//!   event columns of the register. An absent text is null.
//!
//! Only `title` is told by its changes: null means the title of the nearest event above it in the file with the same
//! `page` (none if there is no such event), and the empty text means none. In `DuckDB`'s SQL, with
//! `read_parquet(…, file_row_number = true)`:
//! `nullif(last_value(title IGNORE NULLS) OVER (PARTITION BY page ORDER BY file_row_number), '')`.
//!
//! Each file carries the key `anturazh` with a JSON object: `format`, `table`, `site`, `period`, `rank`.

mod hybrid;
mod read;
pub(crate) mod text_chunk;
mod write;

pub(crate) use read::decode;
pub(crate) use write::{Label, encode, properties};

use bytes::Bytes;
use std::{fmt, ops::Range};
use vocabulary::{Column, EventKind, Moment, SiteId};

/// Number of the format above. A reader refuses larger numbers.
pub const FORMAT: i64 = 2;

/// What a segment is to its site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rank {
    /// Holds all compacted events of its range, which no other base overlaps.
    Base,
    /// Holds events of any time, not yet compacted.
    Delta,
}

impl Rank {
    /// The name in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Delta => "delta",
        }
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A segment as listed in the catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Its number; never given twice.
    pub id: i64,
    /// The site.
    pub site: SiteId,
    /// What it is to the site.
    pub rank: Rank,
    /// For a base the period it covers, for a delta the stretch from its first event to just after its last, in
    /// milliseconds since 1970, half-open.
    pub range: Range<i64>,
    /// How many visitors, visits and events it holds.
    pub visitors: i64,
    /// Visits, as cut by the segment's own events.
    pub visits: i64,
    /// Events.
    pub events: i64,
    /// Size of its three files.
    pub bytes: i64,
    /// Where the files are, relative to the archive's folder, without `.visitors.parquet` and so on.
    pub path: String,
    /// The format they are in; see [`FORMAT`].
    pub format: i64,
    /// When it was written; for a delta gathered from others, when the oldest of them was.
    pub created: Moment,
    /// When its first event happened that metrics count.
    pub first_event: Option<Moment>,
}

/// The column told by its changes, and the one of whose values it keeps the last: pages mostly keep their titles.
const CHANGES: (Column, Column) = (Column::Title, Column::Page);
/// The code that stands for a null in that column, in files alone: no change.
const UNCHANGED: u32 = u32::MAX;

/// The three tables, in the order in which they are written.
pub(crate) const TABLES: [&str; 3] = ["visitors", "visits", "events"];

impl Segment {
    /// The paths of its three files, relative to the archive's folder.
    pub fn files(&self) -> [String; 3] {
        TABLES.map(|table| format!("{}.{table}.parquet", self.path))
    }
}

/// The contents of the three files, in the order of [`TABLES`].
pub(crate) type Tables = [Bytes; 3];

/// The word for a kind of event in files.
pub(crate) const fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::PageView => "page_view",
        EventKind::Action => "action",
        EventKind::Purchase => "purchase",
        EventKind::Refund => "refund",
        EventKind::Engagement => "engagement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Part, traffic};
    use proptest::prelude::*;

    fn label() -> Label<'static> {
        Label {
            site: "shop.example",
            period: "2026",
            rank: Rank::Base,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_part_is_written_and_read_back(seed: u64, count in 0..200usize) {
            let part = Part::of(traffic::dense(seed, count));
            let tables = encode(&part, &label()).unwrap();
            let read = decode(tables).unwrap();
            prop_assert_eq!(traffic::visits([(&read, None)]), traffic::visits([(&part, None)]));
            prop_assert_eq!(&read.visitors, &part.visitors);
            prop_assert_eq!(&read.visit_duration_ms, &part.visit_duration_ms);
            prop_assert_eq!(&read.event_time, &part.event_time);
            prop_assert_eq!((&read.sale_event, &read.sale), (&part.sale_event, &part.sale));
        }
    }

    #[test]
    fn many_rows_and_texts_survive() {
        let mut events = traffic::dense(5, 150_000);
        for (place, event) in events.iter_mut().enumerate() {
            event.visitor.0 = event.visitor.0.wrapping_add(place as u64 % 5_000);
            event
                .texts
                .set(Column::Title, format!("title {}", place % 70_000));
        }
        let part = Part::of(events);
        let read = decode(encode(&part, &label()).unwrap()).unwrap();
        for visitor in (0..part.visitors.len()).step_by(97) {
            let site = vocabulary::SiteId(1);
            assert_eq!(
                read.events_of_visitor(site, visitor),
                part.events_of_visitor(site, visitor)
            );
        }
        assert_eq!(read.visit_bounce, part.visit_bounce);
    }

    #[test]
    fn titles_that_come_go_and_change_survive() {
        let mut events = traffic::dense(9, 4_000);
        for (place, event) in events.iter_mut().enumerate() {
            event
                .texts
                .set(Column::Title, ["", "", "a", "a", "a", "b"][place * 7919 % 6]);
        }
        let part = Part::of(events);
        let read = decode(encode(&part, &label()).unwrap()).unwrap();
        let of = |part: &Part| -> Vec<Option<smol_str::SmolStr>> {
            (0..part.events())
                .map(|row| part.column(Column::Title).text(row).cloned())
                .collect()
        };
        assert_eq!(of(&read), of(&part));
        assert!(of(&read).contains(&None) && of(&read).contains(&Some("b".into())));
    }

    #[test]
    fn a_visit_of_months_survives() {
        let mut events = traffic::dense(5, 6_000);
        for (place, event) in events.iter_mut().enumerate() {
            event.visitor.0 = 1;
            event.time.0 = traffic::START_MS + place as i64 * 1_700_000;
        }
        let part = Part::of(events);
        assert_eq!(part.visits(), 1);
        let read = decode(encode(&part, &label()).unwrap()).unwrap();
        assert_eq!(read.event_time, part.event_time);
        assert_eq!(read.visit_duration_ms, part.visit_duration_ms);
        assert!(read.visit_duration_ms[0] > i64::from(u32::MAX));
    }

    #[test]
    fn damaged_or_foreign_files_are_refused() {
        let a = encode(&Part::of(traffic::dense(1, 50)), &label()).unwrap();
        let b = encode(&Part::of(traffic::dense(2, 80)), &label()).unwrap();
        assert!(decode([a[0].clone(), b[1].clone(), a[2].clone()]).is_err());
        assert!(decode([a[0].clone(), a[1].clone(), b[2].clone()]).is_err());
        assert!(decode([a[0].clone(), a[1].clone(), a[2].slice(..a[2].len() / 2)]).is_err());
        assert!(decode([Bytes::new(), a[1].clone(), a[2].clone()]).is_err());
    }
}
