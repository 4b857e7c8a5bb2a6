//! What a client lets be collected on a site, in dated versions of which none is ever changed.

use crate::site::no_site;
use crate::{Error, Sites, name};
use policy::Manifest;
use serde::Serialize;
use sqldb::Write;
use sqlx::{Row, any::AnyRow};
use vocabulary::{Moment, SiteId};

/// How many characters the name of who changed it and the note may have.
const BY_MAX: usize = 100;
const NOTE_MAX: usize = 1_000;

/// A version of a site's collection manifest, in force from `since` until the next one's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ManifestVersion {
    /// 1, 2, …
    pub version: u32,
    /// When it came into force.
    pub since: Moment,
    /// What may be collected.
    pub manifest: Manifest,
    /// Who made it: an account's number or a role, no name of a person.
    pub changed_by: String,
    /// Why, in their words; may be empty.
    pub note: String,
}

const VERSIONS: &str = "SELECT version, since_ms, manifest, changed_by, note FROM site_manifests WHERE site = $1 ORDER BY version";

impl Sites {
    /// Puts a manifest into force from `now` on and gives its version; the present version if it is the same.
    pub async fn change_manifest(
        &self,
        site: SiteId,
        manifest: Manifest,
        by: &str,
        note: &str,
        now: Moment,
    ) -> Result<ManifestVersion, Error> {
        let mut write = self.change().await?;
        let present = sqlx::query(VERSIONS)
            .bind(i64::from(site.0))
            .fetch_all(&mut *write)
            .await?
            .last()
            .map(|row| version_of(site, row))
            .transpose()?
            .ok_or_else(|| no_site(site))?;
        if present.manifest == manifest {
            return Ok(present);
        }
        // Versions stay in order even if the clock was set back.
        let since = now.max(present.since);
        let version = present.version + 1;
        let version = Self::write_manifest(&mut write, site, version, manifest, by, note, since).await?;
        self.done(write).await?;
        Ok(version)
    }

    /// Every version of a site's manifest, oldest first.
    pub async fn manifest_history(&self, site: SiteId) -> Result<Vec<ManifestVersion>, Error> {
        let rows = sqlx::query(VERSIONS)
            .bind(i64::from(site.0))
            .fetch_all(self.database.pool())
            .await?;
        if rows.is_empty() {
            return Err(no_site(site));
        }
        rows.iter().map(|row| version_of(site, row)).collect()
    }

    /// The version that was in force at a moment; the first one for moments before it, as of old logs.
    pub async fn manifest_at(&self, site: SiteId, moment: Moment) -> Result<ManifestVersion, Error> {
        let mut history = self.manifest_history(site).await?;
        let place = history.iter().rposition(|v| v.since <= moment).unwrap_or(0);
        Ok(history.swap_remove(place))
    }

    /// Writes a version within a change.
    pub(crate) async fn write_manifest(
        write: &mut Write,
        site: SiteId,
        version: u32,
        manifest: Manifest,
        by: &str,
        note: &str,
        since: Moment,
    ) -> Result<ManifestVersion, Error> {
        let changed_by = name::checked("changed by", by, BY_MAX)?;
        let note = if note.trim().is_empty() {
            String::new()
        } else {
            name::checked("note", note, NOTE_MAX)?
        };
        sqlx::query(
            "INSERT INTO site_manifests (site, version, since_ms, manifest, changed_by, note)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(i64::from(site.0))
        .bind(i64::from(version))
        .bind(since.0)
        .bind(serde_json::to_string(&manifest).expect("a manifest is names and nothing else"))
        .bind(&changed_by)
        .bind(&note)
        .execute(&mut **write)
        .await?;
        Ok(ManifestVersion {
            version,
            since,
            manifest,
            changed_by,
            note,
        })
    }
}

/// A row with all columns of `site_manifests` but the site's.
pub(crate) fn version_of(site: SiteId, row: &AnyRow) -> Result<ManifestVersion, Error> {
    let manifest: String = row.try_get("manifest")?;
    Ok(ManifestVersion {
        version: row.try_get::<i64, _>("version")? as u32,
        since: Moment(row.try_get("since_ms")?),
        manifest: serde_json::from_str(&manifest).map_err(|_| Error::Corrupt {
            what: "manifest",
            of: format!("site {}", site.0),
        })?,
        changed_by: row.try_get("changed_by")?,
        note: row.try_get("note")?,
    })
}
