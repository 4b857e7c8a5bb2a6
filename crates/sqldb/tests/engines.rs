//! The same cases on SQLite and PostgreSQL.

use sqldb::trial::{sqlite, trials};
use sqldb::{Database, Engine, Error, Migration};
use sqlx::Row;
use std::time::Duration;

const FIRST: Migration = Migration {
    name: "tables",
    sql: "CREATE TABLE owners (id {serial}, name TEXT NOT NULL UNIQUE);
          CREATE TABLE things (id {serial}, owner BIGINT NOT NULL REFERENCES owners (id), bytes {blob});",
};
const SECOND: Migration = Migration {
    name: "weight",
    sql: "ALTER TABLE things ADD COLUMN weight BIGINT NOT NULL DEFAULT 7",
};

async fn weight_exists(database: &Database) -> bool {
    sqlx::query("SELECT weight FROM things")
        .fetch_all(database.pool())
        .await
        .is_ok()
}

#[tokio::test]
async fn migrations_go_forward_once_and_are_checked() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        assert!(!weight_exists(&database).await);

        let again = trial.open().await.unwrap();
        again.migrate("room", &[FIRST, SECOND]).await.unwrap();
        assert!(weight_exists(&database).await);

        let older = database.migrate("room", &[FIRST]).await.unwrap_err();
        assert!(
            matches!(&older, Error::Newer { name, .. } if name == "weight"),
            "{older}"
        );
        for (name, sql) in [
            ("tables", "CREATE TABLE owners (id {serial})"),
            ("table", FIRST.sql),
        ] {
            let changed = database
                .migrate("room", &[Migration { name, sql }, SECOND])
                .await
                .unwrap_err();
            assert!(
                matches!(&changed, Error::Changed { name, .. } if name == "tables"),
                "{changed}"
            );
        }

        // Another room in the same database keeps its own count.
        let others = Migration {
            name: "others",
            sql: "CREATE TABLE others (id {serial})",
        };
        database.migrate("other", &[others]).await.unwrap();
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        let wrong = Migration {
            name: "wrong",
            sql: "CREATE TABLE half (id {serial}); CREATE TABEL",
        };
        database.migrate("room", &[FIRST, wrong]).await.unwrap_err();
        for table in ["owners", "half"] {
            let sql = format!("SELECT id FROM {table}");
            assert!(
                sqlx::query(sqlx::AssertSqlSafe(sql))
                    .fetch_all(database.pool())
                    .await
                    .is_err(),
                "{table} on {:?}",
                trial.engine
            );
        }
        database.migrate("room", &[FIRST]).await.unwrap();
    }
}

#[tokio::test]
async fn many_may_migrate_and_write_at_once() {
    for trial in trials().await.unwrap() {
        let mut tasks = Vec::new();
        for number in 0..6 {
            let place = trial.place.clone();
            tasks.push(tokio::spawn(async move {
                let database = Database::open(&place).await.unwrap();
                database.migrate("room", &[FIRST, SECOND]).await.unwrap();
                for part in 0..5 {
                    let mut write = database.write().await.unwrap();
                    // Reading first is what makes a transaction fail that takes the write lock late.
                    sqlx::query("SELECT COUNT(*) FROM owners")
                        .fetch_one(&mut *write)
                        .await
                        .unwrap();
                    let owner: i64 = sqlx::query("INSERT INTO owners (name) VALUES ($1) RETURNING id")
                        .bind(format!("{number}.{part}"))
                        .fetch_one(&mut *write)
                        .await
                        .unwrap()
                        .get(0);
                    sqlx::query("INSERT INTO things (owner, bytes) VALUES ($1, $2)")
                        .bind(owner)
                        .bind(vec![0_u8, 255, number])
                        .execute(&mut *write)
                        .await
                        .unwrap();
                    write.commit().await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let database = trial.open().await.unwrap();
        let row =
            sqlx::query("SELECT COUNT(*), CAST(SUM(weight) AS BIGINT), COUNT(DISTINCT owner) FROM things")
                .fetch_one(database.pool())
                .await
                .unwrap();
        assert_eq!(
            (row.get::<i64, _>(0), row.get::<i64, _>(1), row.get::<i64, _>(2)),
            (30, 210, 30)
        );
    }
}

#[tokio::test]
async fn conflicts_are_told_from_failures_and_name_no_value() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        let insert =
            || sqlx::query("INSERT INTO owners (name) VALUES ('anna@example.org')").execute(database.pool());
        insert().await.unwrap();
        let orphan = sqlx::query("INSERT INTO things (owner) VALUES (99)").execute(database.pool());
        for error in [insert().await.unwrap_err(), orphan.await.unwrap_err()] {
            let error = Error::from(error);
            assert!(matches!(error, Error::Conflict(_)), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("anna"), "{error:?}");
        }
        let row = sqlx::query("SELECT name FROM owners")
            .fetch_one(database.pool())
            .await
            .unwrap();
        let error = Error::from(row.try_get::<i64, _>(0).unwrap_err());
        assert!(matches!(error, Error::Storage(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("anna"), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_not_committed_is_undone() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        let mut write = database.write().await.unwrap();
        sqlx::query("INSERT INTO owners (name) VALUES ('x')")
            .execute(&mut *write)
            .await
            .unwrap();
        drop(write);
        let count: i64 = sqlx::query("SELECT COUNT(*) FROM owners")
            .fetch_one(database.pool())
            .await
            .unwrap()
            .get(0);
        assert_eq!(count, 0);
    }
}

#[tokio::test]
async fn an_sqlite_file_is_its_owners_alone_and_durable() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner dir/50% ?#.sqlite");
    let database = Database::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(database.engine(), Engine::Sqlite);
    database.migrate("room", &[FIRST]).await.unwrap();
    let mode = |p: &std::path::Path| p.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert!(files.contains(&path) && files.len() > 1, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
    // Every connection of the pool, not only the first.
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut connection = database.pool().acquire().await.unwrap();
        for (pragma, want) in [
            ("secure_delete", 1),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 10_000),
        ] {
            let sql = sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"));
            let got: i64 = sqlx::query(sql).fetch_one(&mut *connection).await.unwrap().get(0);
            assert_eq!(got, want, "{pragma}");
        }
        let mode: String = sqlx::query("PRAGMA journal_mode")
            .fetch_one(&mut *connection)
            .await
            .unwrap()
            .get(0);
        assert_eq!(mode, "wal");
        held.push(connection);
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_named_without_its_password() {
    let taken = sqlite().unwrap();
    std::fs::write(
        &taken.place,
        "this is no database, but a text of some length that SQLite will not take",
    )
    .unwrap();
    for place in [
        taken.place.as_str(),
        "/dev/null/x.sqlite",
        "postgres://anna:secret@127.0.0.1:1/none",
    ] {
        let error = Database::open(place).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(
            matches!(error, Error::Open { .. }) && !said.contains("secret"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_reading_transaction_sees_one_state() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        let mut read = database.read().await.unwrap();
        let count = "SELECT COUNT(*) FROM owners";
        let before: i64 = sqlx::query(count).fetch_one(&mut *read).await.unwrap().get(0);
        sqlx::query("INSERT INTO owners (name) VALUES ('x')")
            .execute(database.pool())
            .await
            .unwrap();
        let after: i64 = sqlx::query(count).fetch_one(&mut *read).await.unwrap().get(0);
        let outside: i64 = sqlx::query(count)
            .fetch_one(database.pool())
            .await
            .unwrap()
            .get(0);
        assert_eq!((before, after, outside), (0, 0, 1), "{:?}", trial.engine);
    }
}

#[tokio::test]
async fn whoever_reads_gets_the_last_commit_and_cannot_write() {
    for trial in trials().await.unwrap() {
        let database = trial.open().await.unwrap();
        database.migrate("room", &[FIRST]).await.unwrap();
        let count = async |database: Database| {
            let rows = database.rows(sqlx::query("SELECT COUNT(*) FROM owners")).await;
            rows.unwrap()[0].get::<i64, _>(0)
        };
        for commits in 1..=20_i64 {
            sqlx::query("INSERT INTO owners (name) VALUES ($1)")
                .bind(commits.to_string())
                .execute(database.pool())
                .await
                .unwrap();
            // More than there are connections, and one that goes away.
            let readers: Vec<_> = (0..9).map(|_| tokio::spawn(count(database.clone()))).collect();
            let _ = tokio::time::timeout(Duration::ZERO, count(database.clone())).await;
            for reader in readers {
                assert_eq!(reader.await.unwrap(), commits, "{:?}", trial.engine);
            }
        }
        assert!(
            database
                .rows(sqlx::query("SELECT missing FROM owners"))
                .await
                .is_err()
        );
        if trial.engine == Engine::Sqlite {
            let write = sqlx::query("INSERT INTO owners (name) VALUES ('x') RETURNING id");
            assert!(database.rows(write).await.is_err());
        }
        assert_eq!(count(database.clone()).await, 20);
        database.close().await;
        assert!(database.rows(sqlx::query("SELECT 1")).await.is_err());
    }
}

#[tokio::test]
async fn deleted_bytes_are_gone_from_the_files() {
    let trial = sqlite().unwrap();
    let database = trial.open().await.unwrap();
    database.migrate("room", &[FIRST]).await.unwrap();
    let found = || {
        let folder = std::path::Path::new(&trial.place).parent().unwrap();
        std::fs::read_dir(folder)
            .unwrap()
            .map(|e| std::fs::read(e.unwrap().path()).unwrap())
            .any(|bytes| bytes.windows(9).any(|w| w == b"marker-77"))
    };
    sqlx::query("INSERT INTO owners (name) VALUES ('marker-77')")
        .execute(database.pool())
        .await
        .unwrap();
    assert!(found());
    // Keeps a connection.
    database.rows(sqlx::query("SELECT id FROM owners")).await.unwrap();
    sqlx::query("DELETE FROM owners")
        .execute(database.pool())
        .await
        .unwrap();
    database.scrub().await.unwrap();
    assert!(!found());
}
