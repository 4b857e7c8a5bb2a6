//! The tables of staff.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    Migration {
        name: "second factors, sign-ins in two steps and by a provider",
        // `sealed` as `StaffKey` says. `last_step` is the number of the last half minute whose code was used. A pending
        // sign-in has its first factor. A subject is what a provider calls whom it knows as an account's holder.
        sql: "
CREATE TABLE second_factors (
    account BIGINT PRIMARY KEY REFERENCES accounts (id),
    sealed {blob} NOT NULL,
    confirmed_ms BIGINT NOT NULL,
    last_step BIGINT NOT NULL
);
CREATE TABLE enrolments (
    account BIGINT PRIMARY KEY REFERENCES accounts (id),
    sealed {blob} NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    account BIGINT NOT NULL REFERENCES accounts (id),
    sha256 {blob} NOT NULL,
    PRIMARY KEY (account, sha256)
);
CREATE TABLE pending_sign_ins (
    sha256 {blob} PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES accounts (id),
    expires_ms BIGINT NOT NULL
);
CREATE TABLE subjects (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account BIGINT NOT NULL REFERENCES accounts (id),
    linked_ms BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (account, issuer)
);
ALTER TABLE sign_ins ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN second_factor BIGINT NOT NULL DEFAULT 0;
",
    },
    Migration {
        name: "who had an account's credentials in their hands",
        // The last who made the account, a link to it, or took its second factor away.
        sql: "
CREATE TABLE hand_overs (
    account BIGINT PRIMARY KEY REFERENCES accounts (id),
    by_account BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
",
    },
];
