//! Empty databases to try code on, one of each engine: for tests alone.
//!
//! The PostgreSQL server is the test process's own: made on first use in a temporary folder, reached through a socket
//! in that folder, and ended and removed by its keeper as soon as the process is gone, however it ends.

use crate::{Database, Engine};
use std::io::{BufRead, BufReader, Error, Result};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// An empty database and its place, to open it a second time as another process would.
#[derive(Debug)]
pub struct Trial {
    /// What [`Database::open`] takes.
    pub place: String,
    /// Which engine it is on.
    pub engine: Engine,
    _folder: Option<TempDir>,
}

impl Trial {
    /// Opens the database.
    pub async fn open(&self) -> Result<Database> {
        Database::open(&self.place).await.map_err(Error::other)
    }
}

/// From now on every `act` (`INSERT`, `UPDATE`, `DELETE`) on rows of `table` fails, until [`lift`] ends it.
pub async fn plant(database: &Database, act: &str, table: &str) -> Result<()> {
    let sql = match database.engine() {
        Engine::Sqlite => format!(
            "CREATE TRIGGER planted_{table} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'planted'); END"
        ),
        Engine::Postgres => format!(
            "CREATE OR REPLACE FUNCTION planted() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$
                LANGUAGE plpgsql;
             CREATE TRIGGER planted_{table} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION planted()"
        ),
    };
    run(database, sql).await
}

/// Ends what [`plant`] began.
pub async fn lift(database: &Database, table: &str) -> Result<()> {
    let sql = match database.engine() {
        Engine::Sqlite => format!("DROP TRIGGER planted_{table}"),
        Engine::Postgres => format!("DROP TRIGGER planted_{table} ON {table}"),
    };
    run(database, sql).await
}

async fn run(database: &Database, sql: String) -> Result<()> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(database.pool())
        .await
        .map_err(Error::other)?;
    Ok(())
}

/// An empty SQLite database and, where PostgreSQL is installed, an empty database there.
/// Says on standard error that PostgreSQL is skipped; fails if it is there and does not start.
pub async fn trials() -> Result<Vec<Trial>> {
    let mut trials = vec![sqlite()?];
    trials.extend(postgres().await?);
    Ok(trials)
}

/// An empty SQLite database in a temporary folder, removed with the value.
pub fn sqlite() -> Result<Trial> {
    let folder = tempfile::tempdir()?;
    Ok(Trial {
        place: folder.path().join("trial.sqlite").display().to_string(),
        engine: Engine::Sqlite,
        _folder: Some(folder),
    })
}

/// An empty PostgreSQL database, if PostgreSQL is installed.
pub async fn postgres() -> Result<Option<Trial>> {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let Some(socket) = server()? else {
        return Ok(None);
    };
    let address = |name: &str| format!("postgres:///{name}?host={socket}&user=trial");
    let name = format!("trial_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let first = Database::open(&address("postgres")).await.map_err(Error::other)?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(first.pool())
        .await
        .map_err(Error::other)?;
    first.close().await;
    Ok(Some(Trial {
        place: address(&name),
        engine: Engine::Postgres,
        _folder: None,
    }))
}

/// A PostgreSQL server at a port of this machine, with a certificate for `0.0.0.0` of an authority of its own; ended and
/// removed some time after this is dropped.
#[derive(Debug)]
pub struct TlsServer {
    /// Its port. At `0.0.0.0`, an address that is this machine's and not counted as such.
    pub port: u16,
    /// The authority's certificate.
    pub authority: PathBuf,
    keeper: Child,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Such a server, if PostgreSQL and `openssl` are installed.
pub fn tls_server() -> Result<Option<TlsServer>> {
    let has_openssl = Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let (Some(programs), true) = (programs(), has_openssl) else {
        eprintln!("PostgreSQL over TLS skipped: `initdb` or `openssl` is missing");
        return Ok(None);
    };
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let (keeper, folder) = started(&programs, &port.to_string())?;
    Ok(Some(TlsServer {
        port,
        authority: Path::new(&folder).join("ca.pem"),
        keeper,
    }))
}

/// The keeper of the process's server and the folder of its socket; nothing until first asked for.
static SERVER: Mutex<Option<(Child, String)>> = Mutex::new(None);

fn server() -> Result<Option<String>> {
    let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if server.is_none() {
        let Some(programs) = programs() else {
            eprintln!("PostgreSQL skipped: there is no `initdb` on PATH or under /usr/lib/postgresql");
            return Ok(None);
        };
        *server = Some(started(&programs, "")?);
    }
    Ok(server.as_ref().map(|(_, socket)| socket.clone()))
}

/// The folder of `initdb` and `pg_ctl`: the newest under /usr/lib/postgresql, else the first on PATH.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH")?));
    folders
        .into_iter()
        .find(|f| f.join("initdb").exists() && f.join("pg_ctl").exists())
}

/// Makes and starts a server, then waits for its standard input to close, then ends the server and removes its folder.
/// PostgreSQL refuses to run as root, so root's server runs as the account `nobody`.
const KEEPER: &str = r#"
folder=$1 programs=$2 port=$3
run() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown nobody "$folder"
    run() { setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"; }
fi
cd "$folder"
more="-c listen_addresses="
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
{
    if [ "$port" ]; then
        more="-c listen_addresses=127.0.0.1 -c port=$port -c ssl=on -c ssl_cert_file=$folder/server.pem -c ssl_key_file=$folder/server.key"
        echo subjectAltName=IP:0.0.0.0 >names
        run openssl req -x509 $key -keyout ca.key -out ca.pem -days 2 -subj /CN=trial-authority
        run openssl req $key -keyout server.key -out server.csr -subj /CN=server
        run openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
    fi
    run "$programs/initdb" -D "$folder/data" -U trial -A trust -E UTF8 --locale=C --no-sync &&
    run "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 \
        -o "$more -c unix_socket_directories=$folder -c fsync=off -c max_connections=300" start
} >"$folder/made" 2>&1 </dev/null && echo ready || { echo failed; cat "$folder/made" "$folder/log"; }
exec >/dev/null 2>&1
cat
run "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop
cd /
rm -rf "$folder"
"#;

fn started(programs: &Path, port: &str) -> Result<(Child, String)> {
    let folder = tempfile::Builder::new().prefix("trial-pg-").tempdir()?.keep();
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(&folder)
        .arg(programs)
        .arg(port)
        // Its own group: an interrupted test leaves the keeper to tidy up.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = BufReader::new(keeper.stdout.take().ok_or_else(|| Error::other("no output"))?).lines();
    if said.next().transpose()?.as_deref() == Some("ready") {
        return Ok((keeper, folder.display().to_string()));
    }
    let why: Vec<String> = said.map_while(Result::ok).collect();
    Err(Error::other(format!(
        "PostgreSQL did not start: {}",
        why.join("\n")
    )))
}
