//! How many single page views a second the door takes in, from bytes to a durable answer, without HTTP around it:
//! `cargo run --release -p collect --example receive_rate -- [CONNECTIONS] [EVENTS]`

use collect::enrich::{EnrichOptions, Enricher};
use collect::visitor::Salts;
use collect::{
    Door, DoorOptions, PROTOCOLS, Peer, Proxies, RecentIds, Record, Request, SiteRules, SiteTable, steps,
};
use journal::{Folder, Journal, Options, Position};
use std::sync::Arc;
use vocabulary::{Currency, Domain, Moment, SiteId};

const NOW: Moment = Moment(1_795_343_400_000);

#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let connections = arguments.next().transpose()?.unwrap_or(256);
    let events = arguments.next().transpose()?.unwrap_or(200_000);
    let folder = tempfile::tempdir_in(".")?;
    let recent_ids = Arc::new(RecentIds::open(folder.path().join("ids"), 1_000_000, NOW)?);
    let settling = recent_ids.clone();
    let (journal, _) = Journal::open(
        Folder::open(folder.path().join("journal"))?,
        Options::with_salt(7),
        Position::START,
        |_, _| Ok(()),
        move |position, record: Record| settling.settle(position.0, &record.ids),
    )?;
    let journal = Arc::new(journal);
    let rules = SiteRules {
        id: SiteId(1),
        domain: Domain::parse("shop.example")?,
        manifest: policy::Manifest::default(),
        key: [1; 32],
        currency: Currency::parse("EUR")?,
        own_hosts: Vec::new(),
        only_own_hosts: false,
        excluded: Vec::new(),
    };
    let options = DoorOptions {
        journal: journal.clone(),
        recent_ids,
        enricher: Arc::new(Enricher::new(&EnrichOptions::default())?),
        proxies: Proxies::default(),
        oldest_ms: steps::OLDEST_TRUSTED_MS,
        allowance: collect::Allowance::per_second(0),
    };
    let salts = Salts::new((NOW.utc_day(), [7; 32]), []);
    let door = Arc::new(Door::new(options, SiteTable::new([rules], [], &salts)));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()?;
    let start = std::time::Instant::now();
    let accepted: usize = runtime.block_on(async {
        let mut tasks = Vec::new();
        for connection in 0..connections {
            let door = door.clone();
            tasks.push(tokio::spawn(async move {
                drive(&door, connection, events / connections).await
            }));
        }
        let mut accepted = 0;
        for task in tasks {
            accepted += task.await.unwrap_or(0);
        }
        accepted
    });
    let seconds = start.elapsed().as_secs_f64();
    let counts = journal.counts();
    println!(
        "{accepted} events durable in {seconds:.2} s over {connections} connections: {:.0} a second, {:.0} per fdatasync, {} bytes each in the journal",
        accepted as f64 / seconds,
        counts.records as f64 / counts.groups.max(1) as f64,
        counts.written_bytes / counts.records.max(1),
    );
    Ok(())
}

async fn drive(door: &Door, connection: usize, events: usize) -> usize {
    let mut headers = http::HeaderMap::new();
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    headers.insert("user-agent", http::HeaderValue::from_static(agent));
    headers.insert(
        "accept-language",
        http::HeaderValue::from_static("ru-RU,ru;q=0.9"),
    );
    let protocol = &PROTOCOLS[0];
    let mut accepted = 0;
    for n in 0..events {
        let body = format!(
            r#"{{"site":"shop.example","name":"page_view","url":"https://shop.example/catalog/shoes/{n}?utm_source=mail&utm_medium=email","referrer":"https://www.google.com/","title":"Shoes for winter","screen":"1920x1080","language":"ru-RU","id":"{connection}-{n}","age_ms":12,"consent":"denied"}}"#
        );
        let request = Request {
            peer: Peer::LOCAL,
            headers: &headers,
            query: "",
            body: body.as_bytes(),
        };
        accepted += usize::from(door.receive(protocol, request, NOW).await.status == 202);
    }
    accepted
}
