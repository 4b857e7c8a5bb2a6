//! The tables of this room. They stand in the vault's database and hold no personal value.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "wordings, consents, accounts, cases",
        // Times are milliseconds since 1970-01-01; persons and tasks are 16 bytes; digests are SHA-256. `people_turn` has
        // one row; locking it makes writers take turns.
        sql: "
CREATE TABLE people_turn (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO people_turn (one, number) VALUES (1, 0);
CREATE TABLE wordings (
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    classes TEXT NOT NULL,
    valid_ms BIGINT,
    is_shipped BIGINT NOT NULL,
    text TEXT NOT NULL,
    sha256 {blob} NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (id, version, language)
);
CREATE TABLE served (
    id {blob} PRIMARY KEY,
    form TEXT NOT NULL,
    language TEXT NOT NULL,
    wordings TEXT NOT NULL,
    form_sha256 {blob} NOT NULL,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL
);
CREATE TABLE consent_events (
    id {serial},
    person {blob} NOT NULL,
    purpose TEXT NOT NULL,
    act TEXT NOT NULL,
    state TEXT NOT NULL,
    wording TEXT,
    wording_version BIGINT,
    language TEXT,
    wording_sha256 {blob},
    served {blob},
    form_sha256 {blob},
    method TEXT NOT NULL,
    evidence_sha256 {blob},
    at_ms BIGINT NOT NULL,
    ends_ms BIGINT,
    receipt_id TEXT UNIQUE,
    receipt TEXT
);
CREATE INDEX consent_events_of_person ON consent_events (person, id);
CREATE INDEX consent_events_that_end ON consent_events (ends_ms);
CREATE TABLE withdraw_links (
    sha256 {blob} PRIMARY KEY,
    person {blob} NOT NULL,
    purpose TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX withdraw_links_of_person ON withdraw_links (person);
CREATE TABLE people_accounts (
    id {serial},
    person {blob} NOT NULL UNIQUE,
    email_value BIGINT NOT NULL,
    password TEXT,
    language TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE TABLE people_account_links (
    sha256 {blob} PRIMARY KEY,
    kind TEXT NOT NULL,
    person {blob},
    sealed_email {blob} NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX people_account_links_of_person ON people_account_links (person);
CREATE TABLE people_sign_ins (
    id {serial},
    person {blob} NOT NULL,
    sha256 {blob} NOT NULL UNIQUE,
    is_by_link BIGINT NOT NULL,
    is_remembered BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL
);
CREATE INDEX people_sign_ins_of_person ON people_sign_ins (person);
CREATE TABLE people_claims (
    person {blob} PRIMARY KEY,
    account {blob} NOT NULL
);
CREATE INDEX people_claims_of_account ON people_claims (account);
CREATE TABLE cases (
    id {serial},
    client BIGINT NOT NULL,
    person {blob} NOT NULL,
    status TEXT NOT NULL,
    assignee BIGINT,
    task {blob},
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    opened_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    closed_ms BIGINT
);
CREATE INDEX cases_of_person ON cases (person);
CREATE INDEX cases_of_status ON cases (status, id);
CREATE TABLE letters (
    id {serial},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    direction TEXT NOT NULL,
    value_id BIGINT NOT NULL,
    message_sha256 {blob} NOT NULL UNIQUE,
    is_automatic BIGINT NOT NULL,
    is_sender_known BIGINT NOT NULL,
    author BIGINT,
    at_ms BIGINT NOT NULL,
    handed_ms BIGINT
);
CREATE INDEX letters_of_case ON letters (case_id, id);
",
    },
    Migration {
        name: "links remember their form, cases their sending",
        // `served` is the form that a link was asked for with. `sending` tells one sending of a form from every other: a
        // digest of its random token and contents.
        sql: "
ALTER TABLE people_account_links ADD COLUMN served {blob};
ALTER TABLE cases ADD COLUMN sending {blob};
CREATE UNIQUE INDEX cases_of_sending ON cases (sending);
",
    },
    Migration {
        name: "testimonials",
        // Words and addresses are values of the vault, by number. A link without an end works as long as its testimonial.
        sql: "
CREATE TABLE testimonials (
    id {serial},
    person {blob} NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    sha256 {blob} NOT NULL,
    task {blob},
    written_by BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    asked_ms BIGINT,
    agreed_ms BIGINT,
    ended_ms BIGINT,
    said_value BIGINT,
    address_value BIGINT
);
CREATE INDEX testimonials_of_person ON testimonials (person);
CREATE INDEX testimonials_of_status ON testimonials (status, id);
CREATE TABLE testimonial_links (
    sha256 {blob} PRIMARY KEY,
    testimonial BIGINT NOT NULL REFERENCES testimonials (id),
    does TEXT NOT NULL,
    expires_ms BIGINT
);
CREATE INDEX testimonial_links_of_testimonial ON testimonial_links (testimonial);
",
    },
    Migration {
        name: "letters that did not arrive",
        // Why, if so.
        sql: "
ALTER TABLE letters ADD COLUMN undelivered TEXT;
",
    },
    Migration {
        name: "intakes that the audit log has",
        // How many values came in with the case, as long as the audit log does not have it.
        sql: "
ALTER TABLE cases ADD COLUMN unrecorded_values BIGINT;
CREATE INDEX cases_unrecorded ON cases (id) WHERE unrecorded_values IS NOT NULL;
",
    },
    Migration {
        name: "consents are confirmed",
        // What was ticked on a form that anybody can fill in waits here for the owner of the address.
        sql: "
CREATE TABLE consent_links (
    sha256 {blob} PRIMARY KEY,
    person {blob} NOT NULL,
    purpose TEXT NOT NULL,
    wording TEXT NOT NULL,
    wording_version BIGINT NOT NULL,
    language TEXT NOT NULL,
    served {blob} NOT NULL,
    shown_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX consent_links_of_person ON consent_links (person);
",
    },
];
