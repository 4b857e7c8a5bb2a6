//! How fast lines of a log become events: `cargo run --release -p collect --example import_rate -- LOG[.gz] [COPIES]`.
//!
//! The log is unpacked and repeated in memory, with other addresses in each copy so that visitors differ; then it is
//! imported on one and on two threads.
#![expect(clippy::print_stdout, reason = "a measurement is for reading")]
#![expect(clippy::disallowed_methods, reason = "measuring is what this does")]

use collect::enrich::{EnrichOptions, Enricher};
use collect::import::Import;
use collect::{Salts, SiteRules, SiteTable};
use std::error::Error;
use std::io::Read;
use std::time::Instant;
use vocabulary::{Currency, Domain, Moment, SiteId};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a log in the combined format")?;
    let copies: usize = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let packed = std::fs::read(path)?;
    let mut log = Vec::new();
    if packed.starts_with(&[0x1F, 0x8B]) {
        flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut log)?;
    } else {
        log = packed;
    }
    let mut input = Vec::with_capacity((log.len() + 1) * copies);
    for copy in 0..copies {
        for line in log.split_inclusive(|byte| *byte == b'\n') {
            // Another first number of the address.
            let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if copy > 0 && digits > 0 {
                input.extend_from_slice((1 + copy % 220).to_string().as_bytes());
                input.extend_from_slice(&line[digits..]);
            } else {
                input.extend_from_slice(line);
            }
        }
    }
    let rules = SiteRules {
        id: SiteId(1),
        domain: Domain::parse("semicomplete.com")?,
        manifest: policy::Manifest::default(),
        key: [7; 32],
        currency: Currency::parse("EUR")?,
        own_hosts: Vec::new(),
        only_own_hosts: false,
        excluded: Vec::new(),
    };
    let sites = SiteTable::new([rules], [], &Salts::new((0, [1; 32]), []));
    for threads in [1, 2] {
        let enricher = Enricher::new(&EnrichOptions::default())?;
        let start = Instant::now();
        enricher.warm();
        let warm = start.elapsed();
        let import = Import {
            enricher: &enricher,
            sites: &sites,
            site: "semicomplete.com",
            format: None,
            now: Moment(1_800_000_000_000),
            threads,
        };
        let start = Instant::now();
        let mut events = 0;
        let summary = import.run(&input[..], |batch| {
            events += batch.len();
            Ok::<(), std::convert::Infallible>(())
        })?;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{threads} threads: {} lines, {events} events, {seconds:.2} s: {:.0} lines/s (rules compiled in {warm:?})",
            summary.lines,
            summary.lines as f64 / seconds,
        );
    }
    Ok(())
}
