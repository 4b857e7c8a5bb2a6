//! What the archive takes on disk and in time, on seeded traffic of realistic proportions.
//!
//! `cargo run --release -p events --example segment_size -- [EVENTS] [SEED] [DAYS]` drives EVENTS (default 1,000,000)
//! through tail, flush and compaction of one site over a stretch of DAYS (default 365), then prints bytes per event by
//! file and by column, processor time, how often each byte was written, how long views take, and what a burst of events
//! as fast as they are accepted takes in memory.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use events::{Archive, Options};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::{collections::BTreeMap, fs::File, time::Instant};
use vocabulary::{Column, Event, EventKind, Moment, Sale, SiteId, VisitorKey, event::Texts, moment::DAY_MS};

/// 2025-01-01T00:00Z.
const START_MS: i64 = 1_735_689_600_000;

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    /// A number below `sides`, small ones far more often (as in Zipf's law).
    fn skewed(&mut self, sides: u64) -> u64 {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((sides as f64).powf(share) as u64)
            .saturating_sub(1)
            .min(sides - 1)
    }
}

/// A visit of one to twenty events, 3.6 on average; about four visits of ten are by someone seen before.
fn visit(dice: &mut Dice, visitors: u64, start_ms: i64, events: &mut Vec<Event>) {
    let visitor = dice.skewed(visitors * 4) ^ dice.roll(visitors);
    let mut device = Dice(visitor);
    let mut shared = Texts::default();
    let city = device.skewed(900);
    shared.set(
        Column::Country,
        ["RU", "DE", "KZ", "BY", "US", "TR", "RS"][(city % 7) as usize],
    );
    shared.set(Column::Region, format!("RU-{:03}", city % 83));
    shared.set(Column::City, format!("City number {city}"));
    let (system, browser) = (device.skewed(5), device.skewed(7));
    shared.set(
        Column::Device,
        ["mobile", "desktop", "desktop", "tablet", "tv"][system as usize],
    );
    shared.set(
        Column::Os,
        ["Android", "Windows", "macOS", "iOS", "Linux"][system as usize],
    );
    shared.set(Column::OsVersion, format!("{}", 17 - device.skewed(9)));
    shared.set(
        Column::Browser,
        [
            "Chrome",
            "Safari",
            "YaBrowser",
            "Firefox",
            "Edge",
            "Opera",
            "Samsung Internet",
        ][browser as usize],
    );
    shared.set(Column::BrowserVersion, format!("{}", 140 - device.skewed(40)));
    shared.set(
        Column::Screen,
        ["360-767", "1440-1919", "1920-2559", "768-1439"][device.skewed(4) as usize],
    );
    shared.set(
        Column::Language,
        ["ru", "en-US", "de", "kk", "tr"][device.skewed(5) as usize],
    );
    match dice.roll(10) {
        0..=3 => shared.set(Column::Channel, "Direct"),
        4..=6 => {
            let engine = dice.skewed(6) as usize;
            shared.set(Column::Channel, "Organic Search");
            shared.set(
                Column::Source,
                ["Yandex", "Google", "Bing", "Mail.ru", "DuckDuckGo", "Rambler"][engine],
            );
            shared.set(
                Column::Referrer,
                [
                    "yandex.ru",
                    "google.com",
                    "bing.com",
                    "go.mail.ru",
                    "duckduckgo.com",
                    "rambler.ru",
                ][engine],
            );
        }
        7 => {
            let site = dice.skewed(3_000);
            shared.set(Column::Channel, "Referral");
            shared.set(Column::Source, format!("site-{site}.example"));
            shared.set(
                Column::Referrer,
                format!("site-{site}.example/articles/{}", dice.skewed(9)),
            );
        }
        _ => {
            let campaign = dice.skewed(40);
            shared.set(Column::Channel, "Paid Search");
            shared.set(Column::Source, "Yandex");
            shared.set(Column::UtmSource, "yandex");
            shared.set(Column::UtmMedium, "cpc");
            shared.set(Column::UtmCampaign, format!("campaign-{campaign}"));
            shared.set(Column::UtmTerm, format!("term {}", dice.skewed(400)));
            shared.set(Column::AdClickId, "yclid");
        }
    }
    let mut time = start_ms;
    loop {
        let page = dice.skewed(1_500);
        let mut texts = shared.clone();
        texts.set(
            Column::Page,
            format!("/catalog/section-{}/goods-{page}", page % 40),
        );
        texts.set(Column::Hostname, "shop.example");
        texts.set(
            Column::Title,
            format!("Goods number {page} of section {} - the shop", page % 40),
        );
        let (mut kind, mut sale) = (EventKind::PageView, None);
        match dice.roll(100) {
            0 => {
                kind = EventKind::Purchase;
                texts.set(Column::Name, "purchase");
                texts.set(Column::OrderId, format!("{}", dice.roll(10_000_000)));
                texts.set(Column::Currency, "RUB");
                texts.set(
                    Column::Items,
                    format!(
                        r#"[{{"sku":"{page}","name":"Goods {page}","price":"{}.00","quantity":1}}]"#,
                        page * 10
                    ),
                );
                sale = Some(Sale {
                    revenue: page as i64 * 1_000 + 500,
                    ..Sale::default()
                });
            }
            1..=9 => {
                kind = EventKind::Action;
                texts.set(
                    Column::Name,
                    ["add_to_cart", "signup", "search", "download"][dice.skewed(4) as usize],
                );
                texts.set(
                    Column::Properties,
                    format!(r#"{{"place":"{}"}}"#, dice.skewed(30)),
                );
            }
            _ => texts.set(Column::Name, "page_view"),
        }
        events.push(Event {
            site: SiteId(1),
            visitor: VisitorKey(Dice(visitor).next()),
            time: Moment(time),
            kind,
            interactive: true,
            sale,
            texts,
        });
        if dice.roll(1_000) < 275 {
            return;
        }
        time += 2_000 + dice.roll(12_000) as i64 * (1 + dice.skewed(20) as i64);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let wanted = numbers.next().transpose()?.unwrap_or(1_000_000);
    let seed = numbers.next().transpose()?.unwrap_or(1);
    let days = numbers.next().transpose()?.unwrap_or(365);
    let folder = tempfile::tempdir()?;
    let catalog = folder.path().join("catalog.sqlite").display().to_string();
    let archive = Archive::open(Options::new(
        folder.path(),
        sqldb::Database::open(&catalog).await?,
    ))
    .await?;

    let mut dice = Dice(seed);
    let visits = wanted * 10 / 36;
    let (mut batch, mut made, mut position) = (Vec::new(), 0, 0);
    let mut spent = BTreeMap::from([("accept", 0.0), ("flush", 0.0), ("compact", 0.0)]);
    let mut timed = |what: &'static str, since: f64| *spent.entry(what).or_default() += processor_s() - since;
    for number in 0..visits {
        let start = START_MS
            + (i128::from(number) * i128::from(days) * i128::from(DAY_MS) / i128::from(visits)) as i64;
        let jitter = dice.roll(3_600_000) as i64;
        visit(&mut dice, visits / 2, start + jitter, &mut batch);
        if batch.len() >= 1_000 || number + 1 == visits {
            made += batch.len();
            position += 1;
            let since = processor_s();
            archive.accept(position, std::mem::take(&mut batch));
            let due = archive.flush_due(Moment(0));
            timed("accept", since);
            if due || number + 1 == visits {
                let since = processor_s();
                archive.flush(Moment(0)).await?;
                timed("flush", since);
                let since = processor_s();
                archive.compact(Moment(0)).await?;
                timed("compact", since);
            }
        }
    }
    let since = processor_s();
    archive.compact_fully(SiteId(1), Moment(0)).await?;
    timed("compact", since);
    println!("{made} events, {visits} visits");
    let total: f64 = spent.values().sum();
    for (what, seconds) in &spent {
        println!("  {what}: {seconds:.2} s of processor time");
    }
    println!("  {:.2} µs/event of processor time", total * 1e6 / made as f64);
    let written = archive.figures().written_bytes as f64;
    println!("  {:.1} bytes written/event", written / made as f64);
    println!("  {} MB resident at most", resident_kb("VmHWM:") >> 10);
    sizes(&archive, made)?;
    views(folder.path(), &catalog, &mut dice, position).await?;
    burst(&mut dice).await
}

/// Two million events on fifty sites as fast as they are accepted, beside flush and compaction.
async fn burst(dice: &mut Dice) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let catalog = folder.path().join("catalog.sqlite").display().to_string();
    let options = Options::new(folder.path(), sqldb::Database::open(&catalog).await?);
    let archive = Archive::open(options).await?;
    let mut events = Vec::new();
    while events.len() < 50_000 {
        let start = START_MS + dice.roll(3_600_000) as i64;
        visit(dice, 30_000, start, &mut events);
    }
    let before_kb = resident_kb("VmRSS:");
    let (from, since) = (processor_s(), Instant::now());
    let accepting = archive.clone();
    let accepting = std::thread::spawn(move || {
        let mut position = 0;
        for round in 0..40 {
            for batch in events.chunks(500) {
                position += 1;
                let batch = batch.iter().cloned().map(|mut event| {
                    event.site = SiteId((event.visitor.0 % 50) as u32);
                    event.visitor.0 = event.visitor.0.rotate_left(round);
                    event.time.0 += i64::from(round) * 3_600_000;
                    event
                });
                accepting.accept(position, batch.collect());
            }
        }
        since.elapsed().as_secs_f64()
    });
    let (mut most_kb, mut flushes, mut tail_events) = (0, 0, 0);
    while !accepting.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let figures = archive.figures();
        tail_events = tail_events.max(figures.tail_events);
        most_kb = most_kb.max(resident_kb("VmRSS:"));
        if archive.flush_due(Moment(flushes)) {
            archive.flush(Moment(flushes)).await?;
            archive.compact(Moment(flushes)).await?;
            flushes += 1;
        }
    }
    let accepted_s = accepting.join().map_err(|_| "the accepting thread failed")?;
    archive.flush(Moment(flushes)).await?;
    archive.compact(Moment(flushes)).await?;
    let figures = archive.figures();
    println!(
        "burst: {} events accepted in {accepted_s:.1} s, in segments after {:.1} s; {:.2} µs/event of processor time",
        figures.events,
        since.elapsed().as_secs_f64(),
        (processor_s() - from) * 1e6 / figures.events as f64,
    );
    println!(
        "  {} MB more resident at most, tail of {tail_events} events at most, {:.1} bytes written/event, {:.1} kept",
        most_kb.saturating_sub(before_kb) >> 10,
        figures.written_bytes as f64 / figures.events as f64,
        figures.bytes as f64 / figures.events as f64,
    );
    Ok(())
}

/// Processor time of this process so far, in seconds.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let used = ticks
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok());
    used.sum::<f64>() / 100.0
}

/// What the system says of this process's memory, in KiB.
fn resident_kb(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

fn sizes(archive: &Archive, made: usize) -> Result<(), Box<dyn std::error::Error>> {
    let figures = archive.figures();
    println!(
        "{} segments, {:.2} bytes/event",
        figures.segments,
        figures.bytes as f64 / made as f64
    );
    let mut columns: BTreeMap<String, i64> = BTreeMap::new();
    for segment in archive.segments(SiteId(1)) {
        for (file, table) in segment.files().iter().zip(["visitors", "visits", "events"]) {
            let file = File::open(archive.dir().join(file))?;
            *columns.entry(table.into()).or_default() += file.metadata()?.len() as i64;
            for group in SerializedFileReader::new(file)?.metadata().row_groups() {
                for column in group.columns() {
                    let name = format!("{table}.{}", column.column_path().string());
                    *columns.entry(name).or_default() += column.compressed_size();
                }
            }
        }
    }
    let mut columns: Vec<_> = columns.into_iter().collect();
    columns.sort_by_key(|(_, bytes)| -bytes);
    for (name, bytes) in columns.iter().take(24) {
        println!("  {name:28} {:.3}", *bytes as f64 / made as f64);
    }
    Ok(())
}

async fn views(
    folder: &std::path::Path,
    catalog: &str,
    dice: &mut Dice,
    position: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let site = SiteId(1);
    let since = Instant::now();
    let archive = Archive::open(Options::new(folder, sqldb::Database::open(catalog).await?)).await?;
    println!("open: {:.1} ms", since.elapsed().as_secs_f64() * 1e3);
    let since = Instant::now();
    archive
        .view_between(
            site,
            Moment(START_MS + 335 * DAY_MS),
            Moment(START_MS + 365 * DAY_MS),
        )
        .await?;
    println!(
        "view of 30 days, from files: {:.1} ms",
        since.elapsed().as_secs_f64() * 1e3
    );
    let since = Instant::now();
    let parts: usize = archive
        .view(site)
        .await?
        .parts
        .iter()
        .map(|(part, _)| part.bytes())
        .sum();
    println!(
        "view of all, from files: {:.1} ms, {} MB in memory",
        since.elapsed().as_secs_f64() * 1e3,
        parts >> 20
    );
    let since = Instant::now();
    archive.view(site).await?;
    println!("view, nothing new: {:.3} ms", since.elapsed().as_secs_f64() * 1e3);
    let mut slowest: f64 = 0.0;
    for step in 1..=100 {
        let mut events = Vec::new();
        while events.len() < 500 {
            let start = START_MS + 364 * DAY_MS + step * 100 + dice.roll(100) as i64;
            visit(dice, 100_000, start, &mut events);
        }
        archive.accept(position + step as u64, events);
        let since = Instant::now();
        archive.view(site).await?;
        slowest = slowest.max(since.elapsed().as_secs_f64());
    }
    println!(
        "view after each 500 new events, slowest of 100: {:.1} ms",
        slowest * 1e3
    );
    let since = Instant::now();
    archive.flush(Moment(0)).await?;
    println!(
        "flush of 50,000 events: {:.1} ms",
        since.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}
