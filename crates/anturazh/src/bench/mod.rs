//! `bench`: what this machine does. Every figure is measured here and now; nothing is judged.

mod crowd;
mod intake;
mod load;
mod logs;
mod memory;
mod people;
mod processor;
mod questions;

use crate::{
    arguments::{Bench, Measure},
    configuration::Configuration,
    demo::PROFILES,
    folder::Folder,
    output,
    store::Store,
};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

pub(crate) use load::Load;

/// Runs what was asked for, each in a fresh folder.
pub(crate) async fn run(options: Bench, json: bool) -> anyhow::Result<()> {
    if let Some(job) = &options.load {
        return intake::child(job).await;
    }
    let temporary = Scratch::new(options.keep.clone())?;
    let asked = |m: Measure| options.only.is_empty() || options.only.contains(&m);
    let mut all = Map::new();
    if asked(Measure::Intake) {
        all.insert(
            "intake".into(),
            intake::measure(&temporary.0.join("intake"), options.seconds as f64).await?,
        );
    }
    if asked(Measure::Import) {
        all.insert(
            "import".into(),
            logs::measure(&temporary.0.join("import"), options.seed).await?,
        );
    }
    if asked(Measure::People) {
        all.insert(
            "people".into(),
            people::measure(&temporary.0.join("people"), options.seconds as f64).await?,
        );
    }
    if asked(Measure::Questions) {
        let folder = temporary.0.join("questions");
        all.insert(
            "questions".into(),
            questions::measure(&folder, options.events, options.seed).await?,
        );
    }
    if json {
        output::line(&serde_json::to_string_pretty(&Value::Object(all))?);
    } else {
        for (name, figures) in all {
            output::line(&name);
            tell(&figures, 1);
        }
    }
    Ok(())
}

fn tell(value: &Value, depth: usize) {
    if let Value::Object(map) = value {
        for (name, value) in map {
            match value {
                Value::Object(_) => {
                    output::line(&format!("{}{name}", "  ".repeat(depth)));
                    tell(value, depth + 1);
                }
                value => output::line(&format!("{}{name:<44} {value}", "  ".repeat(depth))),
            }
        }
    }
}

/// A folder for measuring, removed at the end unless it is to be kept.
struct Scratch(PathBuf, bool);

impl Scratch {
    fn new(keep: Option<PathBuf>) -> anyhow::Result<Self> {
        let kept = keep.is_some();
        let path = match keep {
            Some(path) => path,
            None => std::env::temp_dir().join(format!("anturazh-bench-{}", std::process::id())),
        };
        std::fs::create_dir_all(&path)?;
        Ok(Self(path, kept))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.1 {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// A fresh folder with one site, and a token that may send for it.
async fn fresh(path: &Path) -> anyhow::Result<(Store, String)> {
    let folder = Folder::create(path, "public_dashboards = true\n")?;
    let store = Store::of(
        folder,
        Configuration {
            public_dashboards: true,
            ..Configuration::default()
        },
    )
    .await?;
    let token = crate::demo::add_site(&store, &PROFILES[2], crate::clock::now()).await?;
    Ok((store, token))
}

/// The domain of the measured site.
fn domain() -> &'static str {
    PROFILES[2].domain
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn rounded(value: f64, digits: i32) -> Value {
    let scale = 10f64.powi(digits);
    json!((value * scale).round() / scale)
}
