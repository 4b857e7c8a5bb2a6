//! Segments and exports are open formats: `DuckDB` and Polars from the Python package index read the same totals.

use events::{Archive, Export, Format, Options, Table, View};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};
use vocabulary::{Column, Currency, Event, EventKind, Moment, Sale, SiteId, VisitorKey, event::Texts};

const SITE: SiteId = SiteId(1);
/// 2026-03-28T22:00Z: across a night, for texts with commas and quotes as well.
const START_MS: i64 = 1_774_735_200_007;

fn traffic() -> Vec<Event> {
    (0..6_000u64)
        .map(|number| {
            let mut texts = Texts::default();
            texts.set(
                Column::Page,
                ["/", "/a,b", "/\"q\"", "/я", ""][(number % 5) as usize],
            );
            texts.set(Column::Source, ["Yandex", "", "Google"][(number % 3) as usize]);
            let bought = number % 50 == 0;
            texts.set(Column::Currency, if bought { "EUR" } else { "" });
            Event {
                site: SITE,
                visitor: VisitorKey((number % 271 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
                time: Moment(START_MS + number as i64 * 7_919),
                kind: if bought {
                    EventKind::Purchase
                } else {
                    EventKind::PageView
                },
                interactive: true,
                sale: bought.then(|| Sale {
                    revenue: number as i64 * 3 + 5,
                    ..Sale::default()
                }),
                texts,
            }
        })
        .collect()
}

/// The figures that the script prints, from the view itself.
fn totals(view: &View) -> [i128; 10] {
    let mut totals = [0; 10];
    let mut visitors = BTreeSet::new();
    for (part, mask) in &view.parts {
        for visitor in 0..part.visitors.len() {
            if mask.as_ref().is_some_and(|mask| mask.is_marked(visitor)) {
                continue;
            }
            visitors.insert(part.visitors[visitor]);
            for visit in part.visits_of(visitor) {
                totals[7] += 1;
                totals[8] += part.events_of(visit).len() as i128;
                totals[9] += i128::from(part.visit_duration_ms[visit]);
                for row in part.events_of(visit) {
                    totals[0] += 1;
                    totals[1] += i128::from(part.event_kind[row] == EventKind::PageView);
                    totals[3] += i128::from(part.sale_of(row).map_or(0, |sale| sale.revenue));
                    totals[4] += i128::from(part.event_time[row].0);
                    totals[5] += i128::from(part.column(Column::Page).text(row).is_some());
                    totals[6] += i128::from(part.column(Column::Source).text(visit).is_some());
                }
            }
        }
    }
    totals[2] = visitors.len() as i128;
    totals[4] %= 1_000_000_007;
    totals
}

/// A Python with `DuckDB` and Polars, made once and kept beside the build; `None`, with the reason printed, if the
/// machine has no Python or no package index.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("open-formats");
    let python = home.join("bin/python");
    let works = || {
        let tried = Command::new(&python)
            .args(["-c", "import duckdb, polars"])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    if !works() {
        let steps: [(&Path, &[&str]); 2] = [
            (Path::new("python3"), &["-m", "venv"]),
            (&python, &["-m", "pip", "install", "--quiet", "duckdb", "polars"]),
        ];
        for (place, (program, arguments)) in steps.into_iter().enumerate() {
            let mut command = Command::new(program);
            command.args(arguments);
            if place == 0 {
                command.arg(&home);
            }
            if !command.status().is_ok_and(|status| status.success()) {
                eprintln!("skipped: `{}` failed", arguments.join(" "));
                return None;
            }
        }
    }
    works().then_some(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn duckdb_and_polars_read_segments_and_exports() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().join("catalog.sqlite").display().to_string();
    let options = Options {
        year_events: 2_500,
        base_events: 2_500,
        ..Options::new(folder.path(), sqldb::Database::open(&catalog).await.unwrap())
    };
    let archive = Archive::open(options).await.unwrap();
    // Two deltas meet in bases of one day each; visits do not cross midnight in the end, or the sums of parts would
    // not be those of the whole.
    let events: Vec<Event> = traffic();
    assert_eq!(Currency::parse("EUR").unwrap().exponent(), 2);
    for (position, events) in events.chunks(3_000).enumerate() {
        archive.accept(position as u64 + 1, events.to_vec());
        archive.flush(Moment(START_MS)).await.unwrap();
    }
    archive.compact_fully(SITE, Moment(START_MS)).await.unwrap();
    let out = folder.path().join("out");
    for table in Table::ALL {
        for format in Format::ALL {
            let export = Export {
                table,
                format,
                out_dir: out.clone(),
            };
            archive.export(SITE, export, |_, _| {}).await.unwrap();
        }
    }
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/open_formats.py"))
        .args([folder.path().join("segments"), out, "site-1".into()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found: BTreeMap<String, Vec<i128>> = serde_json::from_slice(&output.stdout).unwrap();
    let want = totals(&archive.view(SITE).await.unwrap());
    assert_eq!(want[0], 6_000);
    let segments = archive.segments(SITE);
    let visits: i64 = segments.iter().map(|segment| segment.visits).sum();
    for (what, got) in found {
        match what.as_str() {
            // A visit across midnight is two rows in segments: only events, visitors and amounts add up.
            "segments/duckdb" | "segments/polars" => {
                assert_eq!(got[..7], want[..7], "{what}");
                assert_eq!((got[7], got[8]), (i128::from(visits), want[0]), "{what}");
            }
            _ if what.ends_with("/visits") => assert_eq!(got, want[7..9], "{what}"),
            _ => assert_eq!(got, want[..7], "{what}"),
        }
    }
}
