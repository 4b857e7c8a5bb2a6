//! Events taken in over HTTP: single durable posts against an empty handler on the same server stack, in one run.

use super::{Load, domain, fresh, median, memory::resident_mb, rounded};
use crate::{connections, demo::Chance, serve::Running, service::Service};
use anyhow::{Context, bail};
use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio, sync::Arc};

/// Rounds of each; the median counts.
const ROUNDS: usize = 5;

pub(super) async fn measure(folder: &Path, seconds: f64) -> anyhow::Result<Value> {
    let (store, token) = fresh(folder).await?;
    let service = Arc::new(Service::open(store).await?);
    let running = Running::start(service.clone(), "127.0.0.1:0").await?;
    let empty = empty_server().await?;
    let ours = running.address.trim_start_matches("http://").to_owned();
    let mut figures = serde_json::Map::new();
    figures.insert(
        "idle_resident_mb".into(),
        rounded(resident_mb(std::process::id()), 1),
    );
    let each = (seconds / 2.0).max(1.0);
    for connections in [64, 256] {
        let (mut ratios, mut durable, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let base = load(&empty, connections, each, 1, None).await?;
            let real = load(&ours, connections, each, 1, None).await?;
            ratios.push(real / base);
            durable.push(real);
            plain.push(base);
        }
        figures.insert(
            format!("single_posts_{connections}_connections"),
            json!({
                "empty_handler_per_s": rounded(median(plain), 0),
                "durable_per_s": rounded(median(durable), 0),
                "ratio": rounded(median(ratios), 3),
            }),
        );
    }
    let batches = load(&ours, 8, seconds, 500, Some(&token)).await?;
    figures.insert("batches_of_500_events_per_s".into(), rounded(batches * 500.0, 0));
    figures.insert(
        "resident_mb_after_load".into(),
        rounded(resident_mb(std::process::id()), 1),
    );
    let standing = service.standing();
    figures.insert(
        "records_per_flush_to_disk".into(),
        rounded(
            standing.journal_records as f64 / standing.journal_groups.max(1) as f64,
            1,
        ),
    );
    running.stop().await?;
    Ok(figures.into())
}

/// The same server, router, body reading and answer, and nothing in between.
async fn empty_server() -> anyhow::Result<String> {
    let router = Router::new().route(
        "/api/v1/events",
        post(|_: Bytes| async {
            (
                StatusCode::ACCEPTED,
                [("content-type", "application/json")],
                r#"{"accepted":1,"dropped":{}}"#,
            )
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(async move {
        let (_stop, stopped) = tokio::sync::oneshot::channel();
        connections::serve(listener, router, stopped).await;
    });
    Ok(address)
}

/// Requests answered `202` a second. The load comes from a process of its own.
async fn load(
    address: &str,
    connections: usize,
    seconds: f64,
    batch: usize,
    token: Option<&str>,
) -> anyhow::Result<f64> {
    let job = json!({"address": address, "connections": connections, "seconds": seconds, "batch": batch, "token": token});
    let child = tokio::task::spawn_blocking(move || {
        std::process::Command::new(std::env::current_exe()?)
            .args(["bench", "--load", &job.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
    });
    let output = child.await?.context("failed to start the load")?;
    let answer: Value = serde_json::from_slice(&output.stdout).context("the load gave no figures")?;
    if answer["refused"] != 0 {
        bail!("{} requests were refused", answer["refused"]);
    }
    answer["per_second"].as_f64().context("the load gave no figures")
}

/// The process that makes the load.
pub(super) async fn child(job: &str) -> anyhow::Result<()> {
    let job: Value = serde_json::from_str(job)?;
    let batch = job["batch"].as_u64().unwrap_or(1) as usize;
    let load = Load {
        address: job["address"].as_str().context("no address")?.to_owned(),
        path: "/api/v1/events".to_owned(),
        connections: job["connections"].as_u64().unwrap_or(1) as usize,
        seconds: job["seconds"].as_f64().unwrap_or(1.0),
        bodies: bodies(batch, job["token"].is_string()),
        token: job["token"].as_str().map(str::to_owned),
    };
    let runtime = tokio::task::spawn_blocking(move || {
        let one_thread = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        one_thread.block_on(load.run())
    });
    let outcome = runtime.await??;
    crate::output::line(&json!({"per_second": outcome.per_second, "refused": outcome.refused}).to_string());
    Ok(())
}

/// Bodies as the tracker sends them, or batches as a server does.
fn bodies(batch: usize, trusted: bool) -> Vec<Vec<u8>> {
    let mut chance = Chance::new(4242);
    let mut hit = || {
        let page = chance.below(2_000);
        let mut hit = json!({
            "site": domain(), "name": "page_view", "url": format!("https://{}/section-{}/page-{page}?utm_source=letter", domain(), page % 37),
            "referrer": "https://www.google.com/", "title": format!("Page {page}"), "screen": "1920x1080", "language": "ru-RU",
            "consent": "granted", "visitor": format!("{:016x}{:016x}", chance.below(100_000), 7),
        });
        if trusted {
            hit["ip"] = format!("95.24.{}.{}", chance.below(200), chance.below(254)).into();
            hit["user_agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36".into();
        }
        hit
    };
    let count = if batch == 1 { 4_096 } else { 16 };
    (0..count)
        .map(|_| {
            if batch == 1 {
                return hit().to_string().into_bytes();
            }
            let hits: Vec<Value> = (0..batch).map(|_| hit()).collect();
            Value::Array(hits).to_string().into_bytes()
        })
        .collect()
}
