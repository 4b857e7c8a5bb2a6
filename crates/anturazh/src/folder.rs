//! Where everything lies in the data folder. All paths are made here.

use anyhow::{Context, bail};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A data folder:
/// ```text
/// anonymous/   journal/ · recent-ids/ · segments/ · catalog.sqlite
/// people/      vault.sqlite · keys.sqlite · sharing.sqlite · outbox/
/// staff/       staff.sqlite · tasks.sqlite · audit/ · audit-waiting/ · control.sock
/// keys/        operator.age · audit.key · mail.key · tasks.key · receipts.key · forms.key · second-factors.key · backup.key
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
        if folder.0.join(backup::RESTORING).exists() {
            bail!(
                "`{}` is being restored, or a restore was cut short: empty it and restore again",
                path.display()
            );
        }
        // Folders made before there was a people's side.
        for dir in ["staff", "people", "keys"] {
            make(&folder.0.join(dir))?;
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
            &folder.0.join("people"),
            &folder.0.join("keys"),
        ] {
            make(dir)?;
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

    /// 32 random bytes, under which second factors are sealed.
    pub(crate) fn staff_key(&self) -> PathBuf {
        self.key("second-factors.key")
    }

    /// A file of `keys/`. They belong elsewhere than into the backups of what they open.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.0.join("keys").join(name)
    }

    /// A file of `people/`.
    pub(crate) fn people(&self, name: &str) -> PathBuf {
        self.0.join("people").join(name)
    }

    pub(crate) fn tasks(&self) -> PathBuf {
        self.0.join("staff").join("tasks.sqlite")
    }

    pub(crate) fn audit(&self) -> PathBuf {
        self.0.join("staff").join("audit")
    }

    /// What checks the signatures of the audit log; to be copied outside.
    pub(crate) fn audit_verifier(&self) -> PathBuf {
        self.0.join("staff").join("audit-verifier.txt")
    }

    /// Entries for the audit log that were written while another process had it open.
    pub(crate) fn audit_waiting(&self) -> PathBuf {
        self.0.join("staff").join("audit-waiting")
    }

    /// Where a running server takes commands that need the process that has the audit log open.
    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("staff").join("control.sock")
    }

    /// Where databases lie for a moment while they are backed up.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.0.join("scratch")
    }
}

fn make(dir: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("failed to make the folder `{}`", dir.display()))
}
