//! Databases on PostgreSQL servers as files for a backup: `pg_dump` makes them, the server's own tool.

use anyhow::{Context, bail};
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether a configured place of a database is on a server.
pub(crate) fn is_server(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

/// Dumps the database at `address` in `pg_dump`'s own format (for `pg_restore`) into a file in `folder`, readable by its
/// owner alone. One consistent state, as of the beginning. The caller removes the file.
pub(crate) async fn dump(address: &str, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let environment = sqldb::environment(address).map_err(|source| anyhow::anyhow!("{source}"))?;
    let place = folder.join(name);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    // `pg_dump` writes into the file that is there, and so keeps its mode.
    options
        .open(&place)
        .with_context(|| format!("failed to make `{}`", place.display()))?;
    let mut command = Command::new("pg_dump");
    command
        .args(["--format=custom", "--no-owner", "--no-password", "--file"])
        .arg(&place)
        .envs(environment)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await?;
    let output = output.context(
        "failed to start `pg_dump`, which copies databases on PostgreSQL: install the client of the server's version \
         (Debian: `postgresql-client`)",
    )?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`pg_dump` failed: {}", said.trim());
    }
    Ok(place)
}
