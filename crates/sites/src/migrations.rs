//! The tables of clients and sites.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "clients, sites and what belongs to them",
        // Days of a contract are texts (2026-03-31), `day` is the number of UTC days since 1970-01-01, other times are
        // milliseconds since then. `site_changes` has one row, whose number grows with every change that the collection
        // door must see; locking it makes writers take turns.
        sql: "
CREATE TABLE site_changes (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO site_changes (one, number) VALUES (1, 0);
CREATE TABLE clients (
    id {serial},
    name TEXT NOT NULL UNIQUE,
    contract_start TEXT,
    contract_end TEXT,
    created_ms BIGINT NOT NULL
);
CREATE TABLE sites (
    id {serial},
    domain TEXT NOT NULL UNIQUE,
    client BIGINT NOT NULL REFERENCES clients (id),
    timezone TEXT NOT NULL,
    currency TEXT NOT NULL,
    hosts TEXT NOT NULL,
    excluded_networks TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE TABLE site_manifests (
    site BIGINT NOT NULL REFERENCES sites (id),
    version BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    manifest TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (site, version)
);
CREATE TABLE site_keys (
    site BIGINT PRIMARY KEY REFERENCES sites (id),
    bytes {blob} NOT NULL
);
CREATE TABLE day_salts (
    day BIGINT PRIMARY KEY,
    bytes {blob} NOT NULL
);
CREATE TABLE site_goals (
    site BIGINT NOT NULL REFERENCES sites (id),
    name TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (site, name)
);
CREATE TABLE site_tokens (
    id {serial},
    site BIGINT NOT NULL REFERENCES sites (id),
    can TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 {blob} NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);
CREATE TABLE site_counts (
    site BIGINT NOT NULL,
    day BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (site, day, outcome, reason)
);
",
    },
    Migration {
        name: "annotations",
        // `day` is a date such as 2026-03-31, by the site's own clock.
        sql: "
CREATE TABLE site_annotations (
    id {serial},
    site BIGINT NOT NULL REFERENCES sites (id),
    day TEXT NOT NULL,
    text TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX site_annotations_site ON site_annotations (site);
",
    },
];
