//! Addresses of PostgreSQL servers: to another machine nobody reads along, unless the operator says that they may.

use crate::Fault;
use percent_encoding::percent_decode_str;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::io;
use std::net::IpAddr;
use url::Url;

/// What an address bears whose operator accepts that others may read along, or answer in the server's place.
const ACCEPTED: &str = "unverified=yes";

/// Where Debian and its kin keep the certificates of authorities.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The address to connect to. Without `sslmode` a server on another machine must show a certificate that fits its name
/// (`verify-full`), whatever the environment says; a weaker mode is refused, unless `unverified=yes` stands beside it.
/// Through a socket and to this machine's own addresses everything is as it is written.
pub(crate) fn secured(address: &str) -> Result<String, Fault> {
    let (bare, query) = address.split_once('?').unwrap_or((address, ""));
    let mut parameters: Vec<&str> = query.split('&').filter(|text| !text.is_empty()).collect();
    let is_accepted = parameters.contains(&ACCEPTED);
    parameters.retain(|parameter| *parameter != ACCEPTED);
    let joined = |parameters: &[&str]| match parameters {
        [] => bare.to_owned(),
        some => format!("{bare}?{}", some.join("&")),
    };
    let options: PgConnectOptions = joined(&parameters).parse()?;
    if is_here(&options) {
        return Ok(joined(&parameters));
    }
    let names_mode =
        |parameter: &&str| parameter.starts_with("sslmode=") || parameter.starts_with("ssl-mode=");
    if !parameters.iter().any(names_mode) {
        parameters.push("sslmode=verify-full");
    } else if !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) && !is_accepted {
        return Err(io::Error::other(
            "its `sslmode` does not make sure that the right server answers; write `sslmode=verify-full`, with \
             `sslrootcert=/path/to/ca.pem` for an authority of your own, or add `unverified=yes` if others may read along",
        )
        .into());
    }
    Ok(joined(&parameters))
}

/// The address as the environment of `pg_dump` and `pg_restore` (libpq's variables), with the same demands on the server
/// as [`crate::Database::open`] has. A password in it is for the environment alone: arguments can be read by others.
pub fn environment(address: &str) -> Result<Vec<(&'static str, String)>, Fault> {
    let secured = secured(address)?;
    let url: Url = secured
        .parse()
        .map_err(|_| io::Error::other("it is no address"))?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut all = Vec::new();
    let mut add = |name, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            all.push((name, plain(value)));
        }
    };
    add("PGHOST", url.host_str().map(|host| host.trim_matches(['[', ']'])));
    let port = url.port().map(|port| port.to_string());
    add("PGPORT", port.as_deref());
    add("PGUSER", Some(url.username()));
    add("PGPASSWORD", url.password());
    add("PGDATABASE", Some(url.path().trim_start_matches('/')));
    // What stands behind the question mark counts more, as it does for sqlx.
    for (key, value) in url.query_pairs() {
        let name = match &*key {
            "host" | "hostaddr" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        all.retain(|(other, _)| *other != name);
        all.push((name, value.into_owned()));
    }
    let names = |name| all.iter().any(|(other, _)| *other == name);
    if names("PGSSLMODE") && !names("PGSSLROOTCERT") {
        // What this machine trusts, as for sqlx; libpq before 16 has no name for it.
        all.push(("PGSSLROOTCERT", SYSTEM_AUTHORITIES.to_owned()));
    }
    Ok(all)
}

fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host == "localhost"
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_the_environment_of_the_servers_own_tools() {
        for (address, want) in [
            (
                "postgres://anna:se%2Fcret@db.example:5433/keys",
                "PGHOST=db.example PGPORT=5433 PGUSER=anna PGPASSWORD=se/cret PGDATABASE=keys PGSSLMODE=verify-full \
                 PGSSLROOTCERT=/etc/ssl/certs/ca-certificates.crt",
            ),
            (
                "postgres:///keys?host=/run/pg&user=a",
                "PGDATABASE=keys PGHOST=/run/pg PGUSER=a",
            ),
            (
                "postgres://a@db.example/x?sslrootcert=/ca.pem",
                "PGHOST=db.example PGUSER=a PGDATABASE=x PGSSLROOTCERT=/ca.pem PGSSLMODE=verify-full",
            ),
        ] {
            let found: Vec<String> = environment(address)
                .unwrap()
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(found.join(" "), want, "{address}");
        }
        assert!(environment("postgres://db.example/x?sslmode=require").is_err());
    }

    #[test]
    fn other_machines_are_reached_by_tls_alone() {
        const REFUSED: Option<&str> = None;
        for (address, want) in [
            (
                "postgres://a:b@db.example/x",
                Some("postgres://a:b@db.example/x?sslmode=verify-full"),
            ),
            (
                "postgres://db.example/x?sslrootcert=/ca.pem",
                Some("postgres://db.example/x?sslrootcert=/ca.pem&sslmode=verify-full"),
            ),
            (
                "postgres://db.example/x?sslmode=verify-full",
                Some("postgres://db.example/x?sslmode=verify-full"),
            ),
            ("postgres://db.example/x?sslmode=require", REFUSED),
            ("postgres://db.example/x?ssl-mode=disable", REFUSED),
            (
                "postgres://db.example/x?sslmode=verify-full&sslmode=prefer",
                REFUSED,
            ),
            ("postgres://db.example/x?sslmode=verify-ca", REFUSED),
            ("postgres://localhost/x?host=db.example&sslmode=prefer", REFUSED),
            (
                "postgres://localhost/x?hostaddr=192.0.2.7",
                Some("postgres://localhost/x?hostaddr=192.0.2.7&sslmode=verify-full"),
            ),
            (
                "postgres://db.example/x?unverified=yes&sslmode=require",
                Some("postgres://db.example/x?sslmode=require"),
            ),
            (
                "postgres://db.example/x?unverified=yes",
                Some("postgres://db.example/x?sslmode=verify-full"),
            ),
            ("postgres://localhost/x", Some("postgres://localhost/x")),
            (
                "postgres://127.0.0.1/x?sslmode=disable",
                Some("postgres://127.0.0.1/x?sslmode=disable"),
            ),
            ("postgres://[::1]:5433/x", Some("postgres://[::1]:5433/x")),
            (
                "postgres:///x?host=/run/pg&user=a",
                Some("postgres:///x?host=/run/pg&user=a"),
            ),
        ] {
            assert_eq!(secured(address).ok().as_deref(), want, "{address}");
        }
        assert!(secured("postgres://db.example/x?sslmode=never").is_err());
    }
}
