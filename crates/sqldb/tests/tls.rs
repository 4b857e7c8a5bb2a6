//! PostgreSQL on another machine is reached by TLS, and only the right server.

use sqldb::Database;
use sqldb::trial::tls_server;
use sqlx::Row;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_elsewhere_must_show_a_certificate_that_fits() {
    let (Some(server), Some(foreign)) = (tls_server().unwrap(), tls_server().unwrap()) else {
        return;
    };
    let open = async |host: &str, more: &str| {
        let address = format!("postgres://trial:secret@{host}:{}/postgres{more}", server.port);
        match Database::open(&address).await {
            Ok(database) => {
                let row =
                    sqlx::query("SELECT CAST(ssl AS INT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                        .fetch_one(database.pool())
                        .await
                        .unwrap();
                let is_tls = row.get::<i32, _>(0) == 1;
                database.close().await;
                Ok(is_tls)
            }
            Err(error) => {
                let source = std::error::Error::source(&error).unwrap().to_string();
                assert!(!format!("{error}{source}").contains("secret"));
                Err(source)
            }
        }
    };
    let authority = |server: &sqldb::trial::TlsServer| format!("sslrootcert={}", server.authority.display());
    let (own, other) = (authority(&server), authority(&foreign));
    assert_eq!(open("0.0.0.0", &format!("?{own}")).await, Ok(true));
    for (host, more) in [
        ("0.0.0.0", String::new()),
        ("0.0.0.0", format!("?{other}")),
        // The certificate has another name.
        ("127.0.0.1", format!("?{own}&sslmode=verify-full")),
    ] {
        let refused = open(host, &more).await.unwrap_err();
        assert!(refused.contains("certificate"), "{host}{more}: {refused}");
    }
    let weak = open("0.0.0.0", "?sslmode=require").await.unwrap_err();
    assert!(weak.contains("unverified=yes"), "{weak}");
    for (mode, is_tls) in [("require", true), ("disable", false)] {
        let accepted = open("0.0.0.0", &format!("?sslmode={mode}&unverified=yes")).await;
        assert_eq!(accepted, Ok(is_tls), "{mode}");
    }
    assert_eq!(
        open("127.0.0.1", "?sslmode=disable").await,
        Ok(false),
        "on this machine as it is written"
    );
}
