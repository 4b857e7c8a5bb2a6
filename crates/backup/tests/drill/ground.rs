//! A small data folder, and a store beside it.

use backup::{Backup, Class, Identity, Listed, Made, Maker, Order, Part, Recipients, Store};
use sqldb::Database;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use vocabulary::Moment;

pub(crate) const NOW: Moment = Moment(1_790_000_000_000);

pub(crate) struct Ground {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) recipients: Recipients,
    pub(crate) maker: Maker,
    pub(crate) identity: Identity,
    pub(crate) catalog: Database,
    pub(crate) keys: Database,
}

/// A new identity in a file, and its recipient.
pub(crate) fn new_identity(path: &Path) -> String {
    let (text, recipient) = Identity::generate();
    fs::write(path, text.as_bytes()).unwrap();
    recipient
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let recipient = new_identity(&at("identity.txt"));
        let maker = Maker::open(&at("maker.key")).unwrap();
        let open = async |name: &str| Database::open(&at(name).display().to_string()).await.unwrap();
        let catalog = open("live/catalog.sqlite").await;
        run(&catalog, "CREATE TABLE segments (path TEXT NOT NULL)").await;
        let keys = open("live/keys.sqlite").await;
        run(&keys, "CREATE TABLE keys (person TEXT NOT NULL)").await;
        fs::create_dir_all(at("live/segments/site=a")).unwrap();
        fs::create_dir_all(at("live/log/inner")).unwrap();
        fs::write(at("live/settings.toml"), "a = 1\n").unwrap();
        Self {
            store: Store::new(at("store")),
            recipients: Recipients::parse(&[recipient]).unwrap(),
            identity: Identity::read(&at("identity.txt"), Some(maker.id())).unwrap(),
            maker,
            catalog,
            keys,
            folder,
        }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn add_segment(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = format!("site=a/{name}");
        fs::write(self.at("live/segments").join(&path), bytes).unwrap();
        let insert = sqlx::query("INSERT INTO segments (path) VALUES ($1)").bind(path);
        insert.execute(self.catalog.pool()).await.unwrap();
    }

    pub(crate) fn data(&self) -> Vec<Part> {
        vec![
            Part::Folder {
                name: "anonymous/log".to_owned(),
                path: self.at("live/log"),
            },
            Part::Database {
                name: "anonymous/catalog.sqlite".to_owned(),
                database: self.catalog.clone(),
                files: Some(Listed {
                    name: "anonymous/segments".to_owned(),
                    path: self.at("live/segments"),
                    query: "SELECT path FROM segments".to_owned(),
                }),
            },
            Part::File {
                name: "settings.toml".to_owned(),
                path: self.at("live/settings.toml"),
            },
        ]
    }

    pub(crate) fn key_parts(&self) -> Vec<Part> {
        vec![Part::Database {
            name: "people/keys.sqlite".to_owned(),
            database: self.keys.clone(),
            files: None,
        }]
    }

    pub(crate) fn order(&self, class: Class, parts: Vec<Part>, now: Moment) -> Order {
        Order {
            class,
            parts,
            recipients: self.recipients.clone(),
            maker: self.maker.clone(),
            scratch: self.at("scratch"),
            program: "0.1.0".to_owned(),
            now,
        }
    }

    pub(crate) async fn make(&self, class: Class, parts: Vec<Part>, now: Moment) -> Made {
        self.store.create(self.order(class, parts, now)).await.unwrap()
    }

    pub(crate) async fn make_data(&self) -> Backup {
        self.make(Class::Data, self.data(), NOW).await.backup
    }
}

pub(crate) async fn run(database: &Database, sql: &'static str) {
    sqlx::raw_sql(sql).execute(database.pool()).await.unwrap();
}

/// The first column of all rows.
pub(crate) async fn texts(database: &Path, sql: &'static str) -> Vec<String> {
    let database = Database::open(&database.display().to_string()).await.unwrap();
    let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(database.pool()).await.unwrap();
    database.close().await;
    rows
}

/// Every file in a folder with its bytes, by its path from there.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}
