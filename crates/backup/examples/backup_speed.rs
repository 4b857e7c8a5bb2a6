//! How fast backups are made, checked and restored:
//! `cargo run --release -p backup --example backup_speed -- FOLDER [MIB] [FILE_KIB] [DATABASE_MIB]`.
//!
//! The folder must be new or empty, on the disk to be measured; it is left as it is. Everything stays in memory between
//! the steps as far as the machine has room, so what is measured is hashing, sealing, and writing to disk.
#![expect(clippy::print_stdout, reason = "a tool for the command line")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock")]

use backup::{Class, Identity, Listed, Maker, Order, Part, Recipients, Store};
use sqldb::Database;
use std::fs;
use std::path::Path;
use std::time::Instant;
use vocabulary::Moment;

type Failed = Box<dyn std::error::Error>;

const MIB: usize = 1 << 20;

fn random(bytes: usize) -> Result<Vec<u8>, Failed> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random)
}

async fn live(folder: &Path, mib: usize, file_kib: usize, database_mib: usize) -> Result<Database, Failed> {
    let place = folder.join("catalog.sqlite").display().to_string();
    let database = Database::open(&place).await?;
    let tables =
        "CREATE TABLE segments (path TEXT NOT NULL); CREATE TABLE rows_of_data (value BLOB NOT NULL)";
    sqlx::raw_sql(tables).execute(database.pool()).await?;
    for _ in 0..database_mib {
        let insert = sqlx::query("INSERT INTO rows_of_data (value) VALUES ($1)").bind(random(MIB)?);
        insert.execute(database.pool()).await?;
    }
    fs::create_dir_all(folder.join("segments"))?;
    add(folder, &database, 0..mib * 1024 / file_kib, file_kib).await?;
    Ok(database)
}

async fn add(
    folder: &Path,
    database: &Database,
    numbers: std::ops::Range<usize>,
    file_kib: usize,
) -> Result<(), Failed> {
    let mut write = database.write().await?;
    for number in numbers {
        fs::write(
            folder.join(format!("segments/{number}")),
            random(file_kib * 1024)?,
        )?;
        let insert = sqlx::query("INSERT INTO segments (path) VALUES ($1)").bind(number.to_string());
        insert.execute(&mut *write).await?;
    }
    write.commit().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("FOLDER [MIB] [FILE_KIB] [DATABASE_MIB]")?;
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |given| given.parse());
    let (mib, file_kib, database_mib) = (number(1024)?, number(4096)?, number(64)?);
    let folder = Path::new(&folder);
    let data = folder.join("live");
    let database = live(&data, mib, file_kib, database_mib).await?;
    let (text, recipient) = Identity::generate();
    let identity = folder.join("identity");
    fs::write(&identity, text.as_bytes())?;
    let identity = Identity::read(&identity, None)?;
    let store = Store::new(folder.join("store"));
    let order = |now| -> Result<Order, backup::Error> {
        Ok(Order {
            class: Class::Data,
            parts: vec![Part::Database {
                name: "catalog.sqlite".to_owned(),
                database: database.clone(),
                files: Some(Listed {
                    name: "segments".to_owned(),
                    path: data.join("segments"),
                    query: "SELECT path FROM segments".to_owned(),
                }),
            }],
            recipients: Recipients::parse(std::slice::from_ref(&recipient))?,
            maker: Maker::open(&folder.join("maker"))?,
            scratch: folder.join("scratch"),
            program: "speed".to_owned(),
            now: Moment(now),
        })
    };
    println!("{mib} MiB in files of {file_kib} KiB, a database of {database_mib} MiB");
    let told = |what: &str, begun: Instant, bytes: u64, new_bytes: u64| {
        let seconds = begun.elapsed().as_secs_f64();
        let rate = |bytes: u64| bytes as f64 / 1e6 / seconds;
        println!(
            "{what:12} {seconds:7.2} s  {:7.0} MB/s of all, {:7.0} MB/s of {:.0} MB that are new",
            rate(bytes),
            rate(new_bytes),
            new_bytes as f64 / 1e6,
        );
    };
    let begun = Instant::now();
    let first = store.create(order(1)?).await?;
    told("first", begun, first.bytes, first.new_bytes);
    let count = mib * 1024 / file_kib;
    add(&data, &database, count..count + count / 100, file_kib).await?;
    let begun = Instant::now();
    let second = store.create(order(2)?).await?;
    told("incremental", begun, second.bytes, second.new_bytes);
    let begun = Instant::now();
    store.verify(&identity, &second.backup)?;
    told("verify", begun, second.bytes, second.bytes);
    let begun = Instant::now();
    store.restore(&identity, &[second.backup], &folder.join("restored"))?;
    told("restore", begun, second.bytes, second.bytes);
    Ok(())
}
