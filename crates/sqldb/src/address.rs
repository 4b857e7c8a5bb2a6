//! Addresses of PostgreSQL servers: to another machine nobody reads along, unless the operator says that they may.

use crate::Fault;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::io;
use std::net::IpAddr;

/// What an address bears whose operator accepts that others may read along, or answer in the server's place.
const ACCEPTED: &str = "unverified=yes";

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
