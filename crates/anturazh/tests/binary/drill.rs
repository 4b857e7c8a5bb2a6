//! A restore on an empty machine: the same answers, and whoever was erased stays erased.

use crate::{
    http::Connection,
    installation::{Installation, SITE, Server, path},
};
use backup::Identity;
use serde_json::{Value, json};
use sqldb::Database;
use sqlx::Row as _;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vocabulary::PersonId;

const KEPT: &str = "kept.person@example.org";
const ERASED: &str = "erased.person@example.org";

pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Sends an enquiry through the form, as a person without scripts and cookies would.
pub(crate) fn enquire(server: &Server, email: &str) {
    let mut connection = Connection::open(&server.address).unwrap();
    let page = connection.get("/enquiry").unwrap();
    let page = String::from_utf8(page.body).unwrap();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    // What comes faster than a person types is asked for once more.
    std::thread::sleep(Duration::from_millis(2_200));
    let form = format!(
        "token={token}&message={}&email={}",
        encoded("Please count my shop"),
        encoded(email)
    );
    let answer = connection.form("/enquiry", None, &form).unwrap();
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
}

fn send(server: &Server, token: &str, count: usize) {
    let hits: Vec<Value> = (0..count)
        .map(|n| json!({"site": SITE, "name": "page_view", "url": format!("https://shop.example/{n}"), "ip": format!("84.128.1.{n}"),
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}))
        .collect();
    let body = Value::Array(hits).to_string();
    let mut connection = Connection::open(&server.address).unwrap();
    let answer = connection
        .post("/api/v1/events", Some(token), body.as_bytes())
        .unwrap();
    assert_eq!(answer.json()["accepted"], count as u64);
}

fn pageviews(installation: &Installation) -> Value {
    let question = json!({"site_id": SITE, "metrics": ["visitors", "pageviews"], "date_range": "all"});
    installation.query(&question)["results"][0]["metrics"].clone()
}

/// The persons of the cases, oldest first.
fn persons(data: &Path) -> Vec<PersonId> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = data.join("people").join("vault.sqlite");
        let database = Database::open(path(&place)).await.unwrap();
        let rows = sqlx::query("SELECT person FROM cases ORDER BY id")
            .fetch_all(database.pool())
            .await
            .unwrap();
        let persons = rows.iter().map(|row| row.try_get::<Vec<u8>, _>(0).unwrap());
        persons.map(|bytes| PersonId(bytes.try_into().unwrap())).collect()
    })
}

/// Sets backups up, with another line of `[backup]`; gives their folder and the identity that opens them.
fn configured(installation: &Installation, more: &str) -> (PathBuf, PathBuf) {
    let folder = installation.folder.path();
    let (identity, recipient) = Identity::generate();
    let (identity_file, backups) = (folder.join("backup.age"), folder.join("backups"));
    std::fs::write(&identity_file, identity.as_bytes()).unwrap();
    let configuration = installation.data().join("anturazh.toml");
    let mut text = std::fs::read_to_string(&configuration).unwrap();
    let _ = write!(
        text,
        "\n[backup]\nfolder = \"{}\"\nrecipients = [\"{recipient}\"]\n{more}\n",
        backups.display()
    );
    std::fs::write(&configuration, text).unwrap();
    (backups, identity_file)
}

#[test]
fn data_from_before_a_rotation_are_read_with_the_keys_of_their_time() {
    let installation = Installation::new();
    let (backups, identity_file) = configured(&installation, "");
    let server = installation.serve();
    enquire(&server, KEPT);
    let before = installation.ok(&["backup"]);
    let first_operator_key = installation.data().join("keys").join("before.age");
    std::fs::copy(installation.data().join("keys/operator.age"), &first_operator_key).unwrap();
    installation.ok(&["keys", "rotate", "people"]);
    let operator_key = installation.ok(&["keys", "rotate", "operator"])["old_key"].clone();
    assert_eq!(
        std::fs::read(operator_key.as_str().unwrap()).unwrap(),
        std::fs::read(&first_operator_key).unwrap()
    );
    installation.ok(&["backup"]);
    server.stop();

    let now = installation.data().join("keys/operator.age");
    let (data, keys) = (
        before[0]["backup"].as_str().unwrap(),
        before[1]["backup"].as_str().unwrap(),
    );
    // Each value is opened for it: whether that can be done is what it is asked here.
    for (more, operator_key, is_restored, can_be_read) in [
        (&[][..], &now, true, true),
        (&["--backup", data][..], &now, false, false),
        (&["--backup", data, "--accept-unreadable"][..], &now, true, false),
        (
            &["--backup", data, "--keys", keys][..],
            &first_operator_key,
            true,
            true,
        ),
    ] {
        let machine = Installation::unprepared();
        let mut arguments = vec![
            "restore",
            "--from",
            path(&backups),
            "--identity",
            path(&identity_file),
        ];
        arguments.extend(["--operator-key", path(operator_key)]);
        arguments.extend(more);
        let restored = machine.run(&arguments);
        let said = String::from_utf8_lossy(&restored.stderr);
        assert_eq!(restored.status.success(), is_restored, "{said}");
        if !is_restored {
            assert!(said.contains(&format!("--keys {keys}")), "{said}");
            assert!(!machine.data().exists(), "nothing is left behind");
            continue;
        }
        assert_eq!(machine.ok(&["audit", "verify"])["fault"], Value::Null);
        let read = machine.run(&["keys", "rotate", "people"]);
        assert_eq!(read.status.success(), can_be_read, "{more:?}");
    }
}

/// Asks until the answer is so, for ten seconds at most; gives the last answer.
pub(crate) fn until(server: &Server, path: &str, is_so: impl Fn(&str) -> bool) -> String {
    let mut last = String::new();
    for _ in 0..200 {
        let answer = Connection::open(&server.address).unwrap().get(path).unwrap();
        last = String::from_utf8(answer.body).unwrap();
        if is_so(&last) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    last
}

#[test]
fn the_server_makes_backups_by_itself_removes_old_ones_and_warns_when_it_cannot() {
    let installation = Installation::new();
    let (backups, identity_file) = configured(&installation, "every = \"24h\"");

    // A file where the folder should be.
    std::fs::write(&backups, "").unwrap();
    let server = installation.serve();
    let health = until(&server, "/healthz", |health| health.contains("backup_overdue"));
    assert_eq!(health, r#"{"status":"ok","warnings":["backup_overdue"]}"#);
    server.stop();
    std::fs::remove_file(&backups).unwrap();

    let metric = "anturazh_backup_last_timestamp_seconds 1";
    let server = installation.serve();
    let metrics = until(&server, "/metrics", |metrics| metrics.contains(metric));
    assert!(
        metrics.contains(metric) && metrics.contains("anturazh_backup_overdue 0"),
        "{metrics}"
    );
    assert_eq!(until(&server, "/healthz", |_| true), r#"{"status":"ok"}"#);
    server.stop();
    let list = || installation.ok(&["backup", "list", "--identity", path(&identity_file)]);
    let made = list();
    assert_eq!(made.as_array().unwrap().len(), 3, "{made}");

    // The keys as if they had been made a month ago: they go, and a new backup is not due.
    let name = made[1]["backup"].as_str().unwrap();
    assert_eq!(made[1]["class"], "keys");
    let (time, rest) = name.split_once('-').unwrap();
    let old = format!("{:015}-{rest}", time.parse::<i64>().unwrap() - 30 * 86_400_000);
    let keys = backups.join("keys");
    std::fs::rename(keys.join(name), keys.join(&old)).unwrap();
    let server = installation.serve();
    until(&server, "/metrics", |metrics| metrics.contains(metric));
    assert!(!keys.join(&old).exists());
    server.stop();
    assert_eq!(list().as_array().unwrap().len(), 2);
}

/// Copies the vault and its keys, with what SQLite has beside its files, in place of those that are there.
fn copy_databases(from: &Path, to: &Path) {
    for name in ["vault.sqlite", "keys.sqlite"] {
        for end in ["", "-wal", "-shm"] {
            let name = format!("{name}{end}");
            let _ = std::fs::remove_file(to.join(&name));
            if from.join(&name).exists() {
                std::fs::copy(from.join(&name), to.join(&name)).unwrap();
            }
        }
    }
}

/// The configuration with databases of people at these addresses.
fn with_servers(data: &Path, vault: &str, keys: &str) {
    let configuration = data.join("anturazh.toml");
    let text = std::fs::read_to_string(&configuration).unwrap();
    let own = text.split("\n[people]").next().unwrap();
    let text = format!("{own}\n[people]\nvault = \"{vault}\"\nkeys = \"{keys}\"\n");
    std::fs::write(&configuration, text).unwrap();
}

/// Fills an empty database from a dump.
fn fill(address: &str, dump: &Path) {
    let output = std::process::Command::new("pg_restore")
        .args(["--no-owner", "--exit-on-error", "--dbname"])
        .arg(
            sqldb::environment(address)
                .unwrap()
                .iter()
                .find(|(name, _)| *name == "PGDATABASE")
                .unwrap()
                .1
                .as_str(),
        )
        .arg(dump)
        .envs(sqldb::environment(address).unwrap())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn people_on_postgresql_are_in_the_backup_and_the_erased_stay_erased() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let trial = || runtime.block_on(sqldb::trial::postgres()).unwrap();
    let (Some(vault), Some(keys), Some(new_vault), Some(new_keys)) = (trial(), trial(), trial(), trial())
    else {
        return;
    };
    let installation = Installation::new();
    let (backups, identity_file) = configured(&installation, "");
    with_servers(&installation.data(), &vault.place, &keys.place);
    let server = installation.serve();
    enquire(&server, KEPT);
    enquire(&server, ERASED);
    server.stop();
    let list = |installation: &Installation| installation.ok(&["person", "list"]).as_array().unwrap().clone();
    let people = list(&installation);
    assert_eq!(people.len(), 2);
    installation.ok(&["backup"]);
    let plain = std::fs::read_dir(installation.data().join("scratch")).unwrap();
    let plain: Vec<_> = plain.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        plain.iter().all(|name| name == "lock"),
        "no dump is left: {plain:?}"
    );
    let erased = people[1]["person"].as_str().unwrap();
    installation.ok(&["person", "erase", erased, "--reason", "asked for it"]);

    let machine = Installation::unprepared();
    let operator_key = installation.data().join("keys/operator.age");
    let restored = machine.run(&[
        "restore",
        "--from",
        path(&backups),
        "--identity",
        path(&identity_file),
        "--operator-key",
        path(&operator_key),
    ]);
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let said = String::from_utf8_lossy(&restored.stdout);
    assert!(
        said.contains("pg_restore") && said.contains("people.keys"),
        "{said}"
    );
    // The servers of the configuration are those in use: they are not touched.
    assert_eq!(list(&installation).len(), 1);
    let dump = |name: &str| machine.data().join("people").join(name);
    fill(&new_vault.place, &dump("vault.pg_dump"));
    fill(&new_keys.place, &dump("keys.pg_dump"));
    with_servers(&machine.data(), &new_vault.place, &new_keys.place);
    assert_eq!(list(&machine).len(), 2);
    machine.serve().stop();
    let left = list(&machine);
    assert_eq!((left.len(), &left[0]["person"]), (1, &people[0]["person"]));
    machine.ok(&["keys", "rotate", "people"]);
}

#[test]
fn a_restore_gives_the_same_answers_and_the_erased_stay_erased() {
    let installation = Installation::new();
    let (backups, identity_file) = configured(&installation, "");
    let token = installation.token("send");

    let server = installation.serve();
    send(&server, &token, 40);
    enquire(&server, KEPT);
    enquire(&server, ERASED);
    let made = installation.ok(&["backup"]);
    let first = made[0]["backup"].as_str().unwrap().to_owned();
    let before = json!([40, 40]);
    // Later events are not in it.
    send(&server, &token, 10);
    server.stop();
    let persons_before = persons(&installation.data());
    let [kept, erased] = persons_before[..] else {
        panic!("two people wrote, {} are there", persons_before.len())
    };
    let side = installation.data().join("people");
    let before_erasure = installation.folder.path().join("before");
    std::fs::create_dir(&before_erasure).unwrap();
    copy_databases(&side, &before_erasure);
    installation.ok(&["person", "erase", &erased.to_string(), "--reason", "asked for it"]);
    assert_eq!(persons(&installation.data()), [kept]);
    // Whom nobody ever knew is not erased, but named.
    let nobody = "0".repeat(32);
    let refused = installation.run(&["person", "erase", &nobody, "--reason", "a slip"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("no person"));
    // No further backup is made: that somebody was erased is known where the backups are.

    let operator_key = installation.data().join("keys").join("operator.age");
    let other_key = installation.folder.path().join("other.age");
    std::fs::write(&other_key, Identity::generate().0.as_bytes()).unwrap();
    std::fs::set_permissions(&other_key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let restore_with = |installation: &Installation, operator_key: &Path| {
        installation.run(&[
            "restore",
            "--from",
            path(&backups),
            "--identity",
            path(&identity_file),
            "--operator-key",
            path(operator_key),
            "--backup",
            &first,
        ])
    };
    let restore = |installation: &Installation| restore_with(installation, &operator_key);
    let machine = Installation::unprepared();
    // A key that is not there, is none or is another's: nothing is put in place, and the right one may follow.
    for wrong in [Path::new("typo.age"), &backups.join("lock"), &other_key] {
        let refused = restore_with(&machine, wrong);
        assert!(
            !refused.status.success() && !machine.data().exists(),
            "{}",
            wrong.display()
        );
    }
    let output = restore(&machine);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(pageviews(&machine), before, "the answers of that time");
    let verified = machine.ok(&["audit", "verify"]);
    assert_eq!(verified["fault"], Value::Null);

    let server = machine.serve();
    enquire(&server, "new.person@example.org");
    server.stop();
    let people = persons(&machine.data());
    assert!(
        people.contains(&kept) && people.len() == 2 && !people.contains(&erased),
        "{people:?}"
    );
    // The key is gone from the restored folder, too.
    let again = machine.run(&["person", "erase", &erased.to_string(), "--reason", "asked for it"]);
    assert!(again.status.success(), "erasing once more does no harm");

    // Databases from before, put there by hand: the server erases again whoever is in the list of the erased.
    copy_databases(&before_erasure, &side);
    let listed = || installation.ok(&["person", "list"]).as_array().unwrap().len();
    assert_eq!(listed(), 2);
    installation.serve().stop();
    assert_eq!(listed(), 1);

    // A folder that is not empty is left alone.
    let refused = restore(&machine);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not empty"));
}
