//! A dashboard's twelve questions over a year of events; size on disk, memory, start.

use super::{crowd::Crowd, domain, fresh, median, memory::resident_mb, rounded};
use crate::{clock, progress::Progress, service::open_archive};
use anyhow::{Context, bail};
use events::View;
use reports::{Dimension, Filter, Metric, Operator, Period, Question, Range, period::Calendar};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vocabulary::Column;

/// How often each dashboard is asked for; the median counts.
const TIMES: usize = 7;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(super) async fn measure(folder: &Path, events: u64, seed: u64) -> anyhow::Result<Value> {
    let now = clock::now();
    let (store, _) = fresh(folder).await?;
    let site = store.sites.site(domain())?;
    let archive = open_archive(&store).await?;
    let mut crowd = Crowd::new(site.site.id, events, seed, now);
    let mut import = archive.import(site.site.id, now).await?;
    let mut progress = Progress::new("generating events", events);
    let begun = Instant::now();
    let mut made = 0;
    loop {
        let batch = crowd.batch();
        if batch.is_empty() {
            break;
        }
        made += batch.len() as u64;
        import.add(batch).await?;
        progress.at(made, "");
    }
    import.finish().await?;
    archive.compact_fully(site.site.id, now).await?;
    let written = begun.elapsed().as_secs_f64();
    progress.done("done");
    let figures = archive.figures();
    drop(archive);

    let about = reports::Site {
        time_zone: &site.zone,
        currency: site.site.currency,
        goals: &site.goals,
    };
    let calendar = Calendar {
        time_zone: &site.zone,
        now,
        first_event: None,
    };
    let country = Filter::Leaf {
        dimension: Dimension::Column(Column::Country),
        operator: Operator::Is,
        values: vec!["RU".into()],
        case_sensitive: true,
    };
    let mobile = Filter::Leaf {
        dimension: Dimension::Column(Column::Device),
        operator: Operator::Is,
        values: vec!["mobile".into()],
        case_sensitive: true,
    };
    let narrow = Filter::And(vec![country, mobile]);
    let mut times = serde_json::Map::new();
    for (name, period, filter) in [
        ("12_months", "12mo", Filter::All),
        ("12_months_country_mobile", "12mo", narrow.clone()),
        ("30_days", "30d", Filter::All),
        ("30_days_country_mobile", "30d", narrow),
    ] {
        let range = Period::parse(period, None, None, calendar.today())?.range(&calendar);
        let questions = dashboard(&range, &filter);
        // Cold: segments decoded from Parquet (files in the page cache); hot: decoded ones in memory.
        let (mut cold, mut hot) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let archive = open_archive(&store).await?;
            let begun = Instant::now();
            let view = archive.view_between(site.site.id, range.from, range.to).await?;
            ask(&questions, &view, &about);
            cold.push(begun.elapsed().as_secs_f64() * 1_000.0);
            for _ in 0..TIMES {
                let begun = Instant::now();
                let view = archive.view_between(site.site.id, range.from, range.to).await?;
                ask(&questions, &view, &about);
                hot.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
        }
        times.insert(
            name.into(),
            json!({"cold_ms": rounded(median(cold), 1), "hot_ms": rounded(median(hot), 1)}),
        );
    }
    let start = start(folder).await?;
    Ok(json!({
        "events": figures.events,
        "segments": figures.segments,
        "bytes_per_event": rounded(figures.bytes as f64 / figures.events as f64, 2),
        "written_events_per_s": rounded(made as f64 / written, 0),
        "dashboard_of_12": times,
        "start": start,
    }))
}

/// The twelve: totals with bounce and duration, days, and ten tops by visitors.
fn dashboard(range: &Range, filter: &Filter) -> Vec<Question> {
    let totals = [
        Metric::Visitors,
        Metric::Visits,
        Metric::Pageviews,
        Metric::BounceRate,
        Metric::VisitDuration,
    ];
    let mut questions = vec![
        Question::new(range.clone(), totals),
        Question::new(range.clone(), [Metric::Visitors, Metric::Pageviews])
            .by(Dimension::Time(reports::Interval::Day)),
    ];
    for column in [
        Column::Page,
        Column::Source,
        Column::Channel,
        Column::UtmCampaign,
        Column::Country,
        Column::City,
        Column::Browser,
        Column::Os,
        Column::Device,
        Column::Language,
    ] {
        let mut top = Question::new(range.clone(), [Metric::Visitors]).by(Dimension::Column(column));
        top.limit = 10;
        questions.push(top);
    }
    for question in &mut questions {
        question.filter = filter.clone();
    }
    questions
}

fn ask(questions: &[Question], view: &View, site: &reports::Site) {
    std::hint::black_box(reports::answer_all(questions, view, site));
}

/// How long a process takes from its start to a first dashboard, and what it holds in memory by then.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
async fn start(folder: &Path) -> anyhow::Result<Value> {
    // The folder's configuration says that everybody may look.
    let begun = Instant::now();
    let mut child = Command::new(std::env::current_exe()?)
        .args([
            "--data",
            &folder.display().to_string(),
            "serve",
            "--listen",
            "127.0.0.1:0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let outcome = async {
        let stdout = child.stdout.take().context("the server's output is piped")?;
        let line = tokio::task::spawn_blocking(move || {
            std::io::BufRead::lines(std::io::BufReader::new(stdout)).next()
        });
        let line = line.await?.context("the server said nothing")??;
        let address = line
            .rsplit("http://")
            .next()
            .context("the server says where it listens")?
            .to_owned();
        get(&address, "/healthz").await?;
        let healthy = begun.elapsed();
        let idle = resident_mb(child.id());
        get(&address, &format!("/sites/{}?period=28d", domain())).await?;
        let page = begun.elapsed();
        let mut pages = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            get(&address, &format!("/sites/{}?period=28d", domain())).await?;
            pages.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        anyhow::Ok(json!({
            "to_healthy_ms": millis(healthy),
            "to_first_dashboard_page_ms": millis(page),
            "dashboard_page_again_ms": rounded(median(pages), 1),
            "idle_resident_mb": rounded(idle, 1),
            "resident_mb_after_dashboard": rounded(resident_mb(child.id()), 1),
        }))
    }
    .await;
    child.kill()?;
    child.wait()?;
    outcome
}

fn millis(time: Duration) -> Value {
    rounded(time.as_secs_f64() * 1_000.0, 0)
}

/// One request on a connection of its own.
async fn get(address: &str, path: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Language: en\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!(
            "`{path}` was answered {}",
            String::from_utf8_lossy(&answer[..answer.len().min(40)])
        );
    }
    Ok(())
}
