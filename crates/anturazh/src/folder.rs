//! Where everything lies in the data folder. All paths are made here.

use anyhow::{Context, bail};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A data folder:
/// ```text
/// anonymous/   journal/ · recent-ids/ · segments/ · catalog.sqlite
/// staff/       staff.sqlite
/// anturazh.toml
/// ```
#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, which must have been made by `init`.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = Self(path.to_owned());
        if !folder.configuration().is_file() {
            bail!(
                "no data folder at `{}`: make one with `anturazh --data {0} init`",
                path.display()
            );
        }
        Ok(folder)
    }

    /// Makes a new folder with a first configuration; refuses to touch one that is there.
    pub(crate) fn create(path: &Path, configuration: &str) -> anyhow::Result<Self> {
        let folder = Self(path.to_owned());
        if folder.configuration().exists() {
            bail!(
                "`{}` is a data folder already; `serve` starts it, `staff add` gives a new link",
                path.display()
            );
        }
        for dir in [
            path,
            &folder.anonymous(),
            &folder.journal(),
            &folder.recent_ids(),
            &folder.0.join("staff"),
        ] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .with_context(|| format!("failed to make the folder `{}`", dir.display()))?;
        }
        let mut file = fs::OpenOptions::new();
        file.write(true).create_new(true).mode(0o600);
        let at = folder.configuration();
        std::io::Write::write_all(
            &mut file
                .open(&at)
                .with_context(|| format!("failed to make `{}`", at.display()))?,
            configuration.as_bytes(),
        )?;
        Ok(folder)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.0.join("anturazh.toml")
    }

    pub(crate) fn anonymous(&self) -> PathBuf {
        self.0.join("anonymous")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.anonymous().join("journal")
    }

    pub(crate) fn recent_ids(&self) -> PathBuf {
        self.anonymous().join("recent-ids")
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.anonymous().join("catalog.sqlite")
    }

    /// Fails if events are here but the catalog that lists them is gone: a new one would make them leftovers.
    pub(crate) fn check_catalog(&self) -> anyhow::Result<()> {
        let holds = |folder: PathBuf| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if !self.catalog().exists() && (holds(self.anonymous().join("segments")) || holds(self.journal())) {
            bail!(
                "`{}` is missing although there are events: restore it from a copy",
                self.catalog().display()
            );
        }
        Ok(())
    }

    pub(crate) fn staff(&self) -> PathBuf {
        self.0.join("staff").join("staff.sqlite")
    }
}
