//! The tables of staff.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "accounts, links, sign-ins and access to sites",
    // Times are milliseconds since 1970-01-01. `staff_turn` has one row; locking it makes writers take turns. A link
    // without account is the first owner's.
    sql: "
CREATE TABLE staff_turn (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO staff_turn (one, number) VALUES (1, 0);
CREATE TABLE accounts (
    id {serial},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT,
    created_ms BIGINT NOT NULL,
    disabled_ms BIGINT
);
CREATE TABLE set_up_links (
    sha256 {blob} PRIMARY KEY,
    account BIGINT REFERENCES accounts (id),
    expires_ms BIGINT NOT NULL
);
CREATE TABLE sign_ins (
    id {serial},
    account BIGINT NOT NULL REFERENCES accounts (id),
    sha256 {blob} NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL
);
CREATE INDEX sign_ins_of_account ON sign_ins (account);
CREATE TABLE site_access (
    account BIGINT NOT NULL REFERENCES accounts (id),
    site BIGINT NOT NULL,
    PRIMARY KEY (account, site)
);
",
}];
