//! The tables of sharing.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "ledger, doors, mail out and in",
        // Times are milliseconds since 1970-01-01. `fields` are names of field classes with commas between them, in order.
        // A disclosure whose `left_ms` is empty waits in the outbox; `doors` counts, apart from the ledger, what left, so
        // that a row that is taken away shows. `mails.sealed` is emptied when a mail is done with, `due_ms` too.
        // `arrivals` are keyed digests of letters that were taken, `mailboxes` says how far each was read.
        sql: "
CREATE TABLE disclosures (
    id {serial},
    at_ms BIGINT NOT NULL,
    door TEXT NOT NULL,
    recipient TEXT NOT NULL,
    partner TEXT,
    person {blob},
    fields TEXT NOT NULL,
    purpose TEXT,
    service TEXT NOT NULL,
    sha256 {blob} NOT NULL,
    left_ms BIGINT,
    outcome TEXT NOT NULL,
    done_ms BIGINT
);
CREATE INDEX disclosures_of_person ON disclosures (person);
CREATE INDEX disclosures_to_partner ON disclosures (partner);
CREATE TABLE doors (
    door TEXT PRIMARY KEY,
    passed BIGINT NOT NULL
);
CREATE TABLE mails (
    id {serial},
    disclosure BIGINT NOT NULL UNIQUE REFERENCES disclosures (id),
    message_id TEXT NOT NULL UNIQUE,
    sealed {blob},
    queued_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due_ms BIGINT,
    fault TEXT
);
CREATE INDEX mails_due ON mails (due_ms);
CREATE TABLE mailboxes (
    name {blob} PRIMARY KEY,
    validity BIGINT NOT NULL,
    uid BIGINT NOT NULL
);
CREATE TABLE arrivals (
    digest {blob} PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
",
    },
    Migration {
        name: "mails that did not arrive",
        // `undelivered` says why, until whoever wrote the mail was told.
        sql: "
ALTER TABLE mails ADD COLUMN undelivered TEXT;
CREATE INDEX mails_undelivered ON mails (undelivered);
",
    },
];
