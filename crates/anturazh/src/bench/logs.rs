//! Lines of a log, read into a fresh folder by the command people use.

use super::{domain, fresh, median, rounded};
use crate::demo::Chance;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{fmt::Write as _, io::Write as _, path::Path, process::Command, time::Instant};

/// Lines of the generated log.
const LINES: usize = 1_000_000;
/// Rounds; the median counts.
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(super) async fn measure(folder: &Path, seed: u64) -> anyhow::Result<Value> {
    std::fs::create_dir_all(folder)?;
    let log = folder.join("access.log");
    write_log(&log, seed)?;
    let bytes = std::fs::metadata(&log)?.len();
    let (mut rates, mut again) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let data = folder.join(format!("data-{round}"));
        drop(fresh(&data).await?);
        for rates in [&mut rates, &mut again] {
            let begun = Instant::now();
            let output = Command::new(std::env::current_exe()?)
                .args([
                    "--data",
                    &data.display().to_string(),
                    "--json",
                    "import",
                    "--site",
                    domain(),
                ])
                .arg(&log)
                .output()
                .context("failed to start the import")?;
            if !output.status.success() {
                bail!("the import failed: {}", String::from_utf8_lossy(&output.stderr));
            }
            rates.push(LINES as f64 / begun.elapsed().as_secs_f64());
        }
    }
    Ok(json!({
        "lines": LINES,
        "log_bytes": bytes,
        "lines_per_s": rounded(median(rates), 0),
        "lines_per_s_the_second_time": rounded(median(again), 0),
    }))
}

/// A combined log of pages, assets and robots, with as many addresses and browsers as a busy site sees in a month.
fn write_log(path: &Path, seed: u64) -> anyhow::Result<()> {
    let mut chance = Chance::new(seed);
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut line = String::new();
    for n in 0..LINES {
        line.clear();
        let second = n * 2_500_000 / LINES;
        let (day, rest) = (1 + second / 86_400, second % 86_400);
        let page = chance.below(3_000);
        let target = match chance.below(10) {
            0..4 => format!("/section-{}/page-{page}", page % 37),
            4..7 => format!("/assets/style-{}.css", page % 20),
            _ => format!("/images/{page}.jpg"),
        };
        let user_agent = if chance.happens(0.1) {
            "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)".to_owned()
        } else {
            format!(
                "Mozilla/5.0 (Linux; Android {}; SM-G{}F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36",
                8 + chance.below(8),
                900 + chance.below(90),
                110 + chance.below(33)
            )
        };
        write!(
            line,
            "95.{}.{}.{} - - [{day:02}/Oct/2026:{:02}:{:02}:{:02} +0300] \"GET {target} HTTP/1.1\" 200 {} \"{}\" \"{user_agent}\"",
            24 + chance.below(8),
            chance.below(256),
            1 + chance.below(254),
            rest / 3_600,
            rest / 60 % 60,
            rest % 60,
            500 + chance.below(90_000),
            [
                "-",
                "https://www.google.com/",
                "https://yandex.ru/",
                "https://t.me/"
            ][chance.below(4)],
        )?;
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
