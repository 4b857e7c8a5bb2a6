//! Which crate depends on which, as cargo knows it.

use crate::{Failure, step, workspace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crates that read or write files, sockets, databases or terminals. What is pure reaches none of them.
pub const IO_CRATES: &[&str] = &[
    "async-std",
    "axum",
    "fluent-bundle",
    "fs4",
    "hyper",
    "hyper-util",
    "indicatif",
    "maxminddb",
    "memmap2",
    "mio",
    "nix",
    "object_store",
    "parquet",
    "reqwest",
    "rustix",
    "rustls",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tempfile",
    "tokio",
    "tower-http",
    "tracing-subscriber",
    "ureq",
    "walkdir",
];

/// The crates of the workspace and all that they are built from.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Names of the workspace's own crates.
    pub own: BTreeSet<String>,
    /// For each crate by name, what it directly depends on when built. Dependencies of tests alone are left out.
    pub needs: BTreeMap<String, BTreeSet<String>>,
}

/// The platform that is built for: this one.
pub fn host() -> Result<String, Failure> {
    let about = step::output(Command::new("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` names no host")?.to_owned())
}

/// What `cargo metadata` says of this workspace on this platform.
pub fn metadata() -> Result<Value, Failure> {
    let text = step::output(
        Command::new("cargo")
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--filter-platform",
                &host()?,
            ])
            .current_dir(workspace()),
    )?;
    serde_json::from_str(&text).map_err(|e| format!("`cargo metadata` could not be read: {e}"))
}

impl Graph {
    /// Reads the graph from what `cargo metadata` printed.
    pub fn read(metadata: &Value) -> Result<Self, Failure> {
        let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .filter_map(|p| Some((p["id"].as_str()?.into(), p["name"].as_str()?.into())))
            .collect();
        let name = |id: &Value| {
            id.as_str()
                .and_then(|id| names.get(id))
                .cloned()
                .ok_or_else(|| format!("`cargo metadata` names a package {id} it does not list"))
        };
        let mut graph = Self::default();
        for id in list(&metadata["workspace_members"]) {
            graph.own.insert(name(&id)?);
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let needs = graph.needs.entry(name(&node["id"])?).or_default();
            for dependency in list(&node["deps"]) {
                if list(&dependency["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"] != "dev")
                {
                    needs.insert(name(&dependency["pkg"])?);
                }
            }
        }
        if graph.own.is_empty() {
            return Err("`cargo metadata` names no crate of this workspace".into());
        }
        Ok(graph)
    }

    /// The workspace's own crates on which a crate directly depends.
    pub fn own_needs(&self, of: &str) -> impl Iterator<Item = &str> {
        self.needs
            .get(of)
            .into_iter()
            .flatten()
            .filter(|n| self.own.contains(*n))
            .map(String::as_str)
    }

    /// The way from one crate to another over any number of dependencies, both named, if there is one.
    pub fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            let last = way.last().expect("a way has a beginning");
            for next in self.needs.get(last).into_iter().flatten() {
                if next == to {
                    return Some([way, vec![next.clone()]].concat());
                }
                if seen.insert(next.clone()) {
                    ways.push([way.clone(), vec![next.clone()]].concat());
                }
            }
        }
        None
    }

    /// The workspace's own crates with their arrows, one line each.
    pub fn drawn(&self) -> String {
        let width = self.own.iter().map(String::len).max().unwrap_or_default();
        self.own.iter().fold(String::new(), |text, of| {
            let needs: Vec<&str> = self.own_needs(of).collect();
            let needs = if needs.is_empty() {
                "–".into()
            } else {
                needs.join(", ")
            };
            format!("{text}{of:width$}  →  {needs}\n")
        })
    }
}
