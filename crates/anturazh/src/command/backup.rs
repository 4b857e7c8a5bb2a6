//! `backup`; what is made of it again is in `restore.rs`.
//!
//! Three kinds of backups lie side by side. *Data*: everything but keys. *Keys*: the wrapped keys of people and the
//! files of `keys/`, less the operator's key; they are kept for a short time, after which what was erased is gone from
//! backups too. *Tombstones*: whom to erase again after a restore.

use crate::{
    arguments::{Backup as Options, BackupWhat},
    audit_waiting, clock,
    configuration::BackupSettings,
    folder::Folder,
    output, postgres_dump,
    store::Store,
};
use anyhow::Context;
use audit::{Action, Actor, Entry};
use backup::{Class, Identity, Keep, Listed, Maker, MakerId, Order, Part, Recipients, Store as Backups};
use serde_json::json;
use sqldb::Database;
use std::fs;
use vocabulary::{Moment, moment::DAY_MS};

/// The files of `keys/` that go with the wrapped keys. The operator's key never does: whoever has both can read people.
const KEYS: &[&str] = &[
    "audit.key",
    "mail.key",
    "receipts.key",
    "second-factors.key",
    "tasks.key",
];
/// The list of the erased, as JSON.
pub(crate) const TOMBSTONES: &str = "tombstones.json";
/// What `pg_dump` made of a database of people.
pub(crate) const DUMP: &str = "pg_dump";

pub(crate) async fn run(store: Store, options: Options, json: bool) -> anyhow::Result<()> {
    let settings = settings(&store)?;
    let backups = Backups::new(&settings.folder);
    match options.what {
        None => {
            let plan = Plan {
                settings: &settings,
                backups: &backups,
            };
            make(&store, &plan, Actor::System).await?.print(json);
            Ok(())
        }
        Some(BackupWhat::List { identity }) => list(&backups, &Identity::read(&identity, None)?, json),
        Some(BackupWhat::Verify { identity, maker }) => {
            let identity = Identity::read(&identity, maker_of(maker)?)?;
            for class in Class::ALL {
                let backup = backups.newest(class)?;
                let contents = backups.verify(&identity, &backup)?;
                output::line(&format!(
                    "{} is whole: made by anturazh {} of installation {}",
                    backup.name, contents.program, contents.maker
                ));
            }
            Ok(())
        }
        Some(BackupWhat::Prune) => prune(&backups, &settings),
    }
}

fn settings(store: &Store) -> anyhow::Result<BackupSettings> {
    let settings = store.configuration.backup.clone().context(
        "no backups are configured: set `[backup]` in anturazh.toml, with `folder` and `recipients` (age1…)",
    )?;
    check_place(&store.folder, &settings)?;
    Ok(settings)
}

/// Backups lie at one place, whoever makes them, and not in what they are of.
pub(crate) fn check_place(folder: &Folder, settings: &BackupSettings) -> anyhow::Result<()> {
    let (place, data) = (&settings.folder, fs::canonicalize(folder.root())?);
    anyhow::ensure!(
        place.is_absolute(),
        "`backup.folder`: `{}` is no path from the root: write it whole, the server and a timer may stand elsewhere",
        place.display()
    );
    let real = place.ancestors().find_map(|above| fs::canonicalize(above).ok());
    anyhow::ensure!(
        real.is_none_or(|real| !real.starts_with(&data)),
        "`backup.folder`: `{}` is inside the data folder, and would be lost with it: name a place on another disk",
        place.display()
    );
    Ok(())
}

/// Where backups are made, and how.
pub(crate) struct Plan<'a> {
    pub(crate) settings: &'a BackupSettings,
    pub(crate) backups: &'a Backups,
}

/// What was made.
pub(crate) struct Made {
    pub(crate) backups: Vec<::backup::Made>,
    maker: MakerId,
}

impl Made {
    fn print(&self, json: bool) {
        let row = |made: &::backup::Made| {
            vec![
                json!(made.backup.name),
                json!(made.files),
                json!(made.bytes),
                json!(made.new_bytes),
            ]
        };
        let rows: Vec<_> = self.backups.iter().map(row).collect();
        output::rows(json, &["Backup", "Files", "Bytes", "New bytes"], &rows);
        if !json {
            output::line(&format!(
                "\nMade by installation {}: note that number beside the identity file, outside this machine.",
                self.maker
            ));
            output::line("The operator's key is not in it: keep a copy of it elsewhere.");
        }
    }
}

/// Makes a backup of each class, and removes those that are too old.
pub(crate) async fn make(store: &Store, plan: &Plan<'_>, actor: Actor) -> anyhow::Result<Made> {
    let Plan { settings, backups } = plan;
    let folder = &store.folder;
    let maker = Maker::open(&folder.key("backup.key"))?;
    backup::sweep(&folder.scratch())?;
    for name in ["vault", "keys"] {
        // What a killed backup left.
        let _ = fs::remove_file(folder.scratch().join(format!("{name}.{DUMP}")));
    }
    let now = clock::now();
    let mut made = Vec::new();
    // One after the other: a dump of a server lies in the open only until its own backup is made.
    for class in [Class::Data, Class::Keys] {
        let parts = match class {
            Class::Data => data(store).await?,
            _ => keys(store).await?,
        };
        made.push(one(store, plan, class, parts, now).await?);
    }
    made.push(tombstones_at(store, plan, now).await?);
    backups.prune(now, keep(settings))?;
    audit_waiting::leave(folder, &Entry::new(now, actor, Action::Backup))?;
    Ok(Made {
        backups: made,
        maker: maker.id(),
    })
}

/// Makes a backup of one class.
async fn one(
    store: &Store,
    plan: &Plan<'_>,
    class: Class,
    parts: Vec<Part>,
    now: Moment,
) -> anyhow::Result<::backup::Made> {
    let scratch = store.folder.scratch();
    let dumps: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::File { path, .. } if path.starts_with(&scratch) => Some(path.clone()),
            _ => None,
        })
        .collect();
    let order = Order {
        class,
        parts,
        recipients: Recipients::parse(&plan.settings.recipients).context("`backup.recipients`")?,
        maker: Maker::open(&store.folder.key("backup.key"))?,
        scratch,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        now,
    };
    let made = plan.backups.create(order).await;
    for dump in dumps {
        fs::remove_file(&dump).with_context(|| format!("failed to remove `{}`", dump.display()))?;
    }
    made.with_context(|| format!("failed to back up the {}", class.name()))
}

/// Makes a backup of the list of the erased alone: whoever is erased must be known where the backups are, also if this
/// machine is gone before the next whole backup.
pub(crate) async fn tombstones(store: &Store, settings: &BackupSettings) -> anyhow::Result<()> {
    let backups = Backups::new(&settings.folder);
    let plan = Plan {
        settings,
        backups: &backups,
    };
    tombstones_at(store, &plan, clock::now()).await.map(drop)
}

async fn tombstones_at(store: &Store, plan: &Plan<'_>, now: Moment) -> anyhow::Result<::backup::Made> {
    write_tombstones(store).await?;
    let list = file(&store.folder, &format!("people/{TOMBSTONES}"));
    one(store, plan, Class::Tombstones, vec![list], now).await
}

pub(crate) fn keep(settings: &BackupSettings) -> Keep {
    let default = Keep::default();
    let days = |days: Option<u16>, default: i64| days.map_or(default, |days| i64::from(days) * DAY_MS);
    Keep {
        data_ms: days(settings.days, default.data_ms),
        keys_ms: days(settings.key_days, default.keys_ms),
        ..default
    }
}

fn prune(backups: &Backups, settings: &BackupSettings) -> anyhow::Result<()> {
    let pruned = backups.prune(clock::now(), keep(settings))?;
    output::line(&format!(
        "{} backups and {} pieces went",
        pruned.backups, pruned.pieces
    ));
    Ok(())
}

fn list(backups: &Backups, identity: &Identity, json: bool) -> anyhow::Result<()> {
    let rows: Vec<_> = backups
        .list(identity)?
        .iter()
        .map(|entry| {
            let (is_readable, program) = match &entry.contents {
                Ok(contents) => (true, contents.program.clone()),
                Err(error) => (false, error.to_string()),
            };
            let bytes = entry
                .contents
                .as_ref()
                .ok()
                .map(|contents| contents.parts.iter().map(|part| part.bytes).sum::<u64>());
            vec![
                json!(entry.backup.name),
                json!(entry.backup.class.name()),
                output::moment(entry.backup.made),
                json!(bytes),
                json!(is_readable),
                json!(program),
            ]
        })
        .collect();
    output::rows(
        json,
        &["Backup", "Class", "Made", "Bytes", "Readable", "Version"],
        &rows,
    );
    Ok(())
}

/// The journal first and the audit log last: what is in the journal and in the catalog is found once, and nothing was
/// read that the audit log does not know.
async fn data(store: &Store) -> anyhow::Result<Vec<Part>> {
    let folder = &store.folder;
    let database = async |name: &str| -> anyhow::Result<Option<Part>> {
        let path = folder.root().join(name);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Part::Database {
            name: name.to_owned(),
            database: Database::open(&path.display().to_string()).await?,
            files: None,
        }))
    };
    let part = |name: &str| Part::Folder {
        name: name.to_owned(),
        path: folder.root().join(name),
    };
    let mut parts = vec![part("anonymous/journal"), part("anonymous/recent-ids")];
    let tables = ["visitors", "visits", "events"];
    let query = tables.map(|table| format!("SELECT substr(path, 10) || '.{table}.parquet' FROM segments"));
    parts.push(Part::Database {
        name: "anonymous/catalog.sqlite".into(),
        database: store.catalog.clone(),
        files: Some(Listed {
            name: "anonymous/segments".into(),
            path: folder.anonymous().join("segments"),
            query: query.join(" UNION ALL "),
        }),
    });
    parts.extend(people(store, store.configuration.people.vault.as_ref(), "vault").await?);
    for name in [
        "people/sharing.sqlite",
        "staff/tasks.sqlite",
        "staff/staff.sqlite",
    ] {
        parts.extend(database(name).await?);
    }
    if folder.audit().exists() {
        parts.push(part("staff/audit"));
        parts.push(file(folder, "staff/audit-verifier.txt"));
    }
    parts.push(file(folder, "anturazh.toml"));
    Ok(parts)
}

/// A database of the people's side, wherever it is: SQLite as a copy, PostgreSQL as what its own tool dumps.
async fn people(store: &Store, configured: Option<&String>, name: &str) -> anyhow::Result<Option<Part>> {
    let inside = store.folder.people(&format!("{name}.sqlite"));
    match configured {
        Some(address) if postgres_dump::is_server(address) => {
            let dumped = format!("{name}.{DUMP}");
            let path = postgres_dump::dump(address, &store.folder.scratch(), &dumped).await?;
            Ok(Some(Part::File {
                name: format!("people/{dumped}"),
                path,
            }))
        }
        None if !inside.exists() => Ok(None),
        place => {
            let place = place.cloned().unwrap_or_else(|| inside.display().to_string());
            Ok(Some(Part::Database {
                name: format!("people/{name}.sqlite"),
                database: Database::open(&place).await?,
                files: None,
            }))
        }
    }
}

async fn keys(store: &Store) -> anyhow::Result<Vec<Part>> {
    let folder = &store.folder;
    let mut parts = Vec::new();
    parts.extend(people(store, store.configuration.people.keys.as_ref(), "keys").await?);
    for name in KEYS {
        if folder.key(name).exists() {
            parts.push(file(folder, &format!("keys/{name}")));
        }
    }
    Ok(parts)
}

fn file(folder: &Folder, name: &str) -> Part {
    Part::File {
        name: name.to_owned(),
        path: folder.root().join(name),
    }
}

/// Writes down who was erased, for a restore to erase them again.
async fn write_tombstones(store: &Store) -> anyhow::Result<()> {
    let tombstones = store.vault_without_reading().await?.tombstones().await?;
    let place = store.folder.people(TOMBSTONES);
    let temporary = store.folder.people("tombstones.new");
    fs::write(&temporary, serde_json::to_vec(&tombstones)?)?;
    fs::File::open(&temporary)?.sync_all()?;
    fs::rename(&temporary, &place)?;
    Ok(())
}

pub(crate) fn maker_of(text: Option<String>) -> anyhow::Result<Option<MakerId>> {
    text.map(|text| {
        text.parse().map_err(|_| {
            anyhow::anyhow!("--maker: 64 hexadecimal digits are expected, as `backup` prints them")
        })
    })
    .transpose()
}
