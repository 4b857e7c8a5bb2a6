//! The tables of the vault: two sets, in two databases.

use sqldb::Migration;

/// Every migration of the database of fields, oldest first.
///
/// Times are milliseconds since 1970-01-01. `number` and `id` come from `vault_numbers`. `changed` grows with every
/// change of a person's values, key and holds; whoever changes them updates it first, so that writers of one person take
/// turns. `fields` refers to persons and givings without foreign keys, which would cost a search of the whole table at each
/// deletion; all rows of a person go in one transaction. `contract_ms` is the end of a contract that ends, otherwise when
/// it was said that there is one or none. `blind` is a blind index, `sealed` a sealed value.
pub const FIELDS: &[Migration] = &[FIRST, SEALED_HOLDS, CARRIERS];

/// What was agreed with a person (`until_ms` is the end of the last day, none while no end is known), until when a law
/// wants which of their values, and whether the owner of a hold was told that its review is due. In the columns
/// `persons.contract` stands the account since, and in `persons.legal_until_ms` nothing. `import_rows.blind` is a
/// fingerprint of what names a row of a file that was imported.
const CARRIERS: Migration = Migration {
    name: "contracts and legal duties of persons, told reviews of holds, rows that were imported",
    sql: "
CREATE TABLE contracts (
    person BIGINT PRIMARY KEY,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT
);
CREATE TABLE legal_duties (
    id {serial},
    person BIGINT NOT NULL,
    classes TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    said_ms BIGINT NOT NULL,
    sealed_law {blob} NOT NULL
);
CREATE INDEX legal_duties_of_person ON legal_duties (person);
ALTER TABLE holds ADD COLUMN told_ms BIGINT;
CREATE TABLE import_rows (
    client BIGINT NOT NULL,
    blind {blob} NOT NULL,
    person BIGINT NOT NULL,
    PRIMARY KEY (client, blind)
);
CREATE INDEX import_rows_of_person ON import_rows (person);
",
};

const SEALED_HOLDS: Migration = Migration {
    name: "reasons of holds are sealed",
    // In the column `reason` nothing stands any more.
    sql: "ALTER TABLE holds ADD COLUMN sealed_reason {blob}",
};

const FIRST: Migration = Migration {
    name: "persons, their values, choices, contracts, holds, and what was destroyed",
    sql: "
CREATE TABLE vault_numbers (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    next BIGINT NOT NULL
);
INSERT INTO vault_numbers (one, next) VALUES (1, 1);
CREATE TABLE persons (
    number {serial},
    id {blob} NOT NULL UNIQUE,
    client BIGINT NOT NULL,
    key_version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    contract TEXT NOT NULL,
    contract_ms BIGINT,
    legal_until_ms BIGINT
);
CREATE TABLE givings (
    id {serial},
    person BIGINT NOT NULL,
    purposes TEXT NOT NULL,
    basis TEXT NOT NULL,
    wording TEXT NOT NULL,
    wording_version BIGINT NOT NULL,
    wording_sha256 {blob} NOT NULL,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    given_ms BIGINT NOT NULL
);
CREATE INDEX givings_of_person ON givings (person);
CREATE TABLE fields (
    id {serial},
    person BIGINT NOT NULL,
    class BIGINT NOT NULL,
    giving BIGINT NOT NULL,
    blind {blob},
    sealed {blob} NOT NULL
);
CREATE INDEX fields_of_person ON fields (person, class);
CREATE INDEX fields_by_blind ON fields (blind) WHERE blind IS NOT NULL;
CREATE TABLE choices (
    person BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    is_allowed BIGINT NOT NULL,
    classes TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (person, purpose)
);
CREATE TABLE client_contracts (
    client BIGINT PRIMARY KEY,
    contract TEXT NOT NULL,
    contract_ms BIGINT
);
CREATE TABLE holds (
    id {serial},
    person BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    reason TEXT NOT NULL,
    review_ms BIGINT NOT NULL,
    placed_ms BIGINT NOT NULL,
    released_by BIGINT,
    released_ms BIGINT
);
CREATE INDEX holds_of_person ON holds (person);
CREATE TABLE destructions (
    id {serial},
    person {blob} NOT NULL,
    is_whole BIGINT NOT NULL,
    classes TEXT NOT NULL,
    destroyed_ms BIGINT NOT NULL
);
CREATE TABLE tombstones (
    hash {blob} PRIMARY KEY,
    salt {blob} NOT NULL,
    reason TEXT NOT NULL,
    erased_ms BIGINT NOT NULL
);
",
};

/// Every migration of the database of keys, oldest first.
///
/// `client_keys.wrapped` is wrapped by the operator's key named `operator`; `index_wrapped`, the secret of the client's
/// blind indexes, by this client's key; `person_keys.wrapped` by the client's key of `client_version`.
pub const KEYS: &[Migration] = &[Migration {
    name: "keys of clients and persons, the count of openings, and who was erased",
    sql: "
CREATE TABLE client_keys (
    client BIGINT NOT NULL,
    version BIGINT NOT NULL,
    operator TEXT NOT NULL,
    wrapped {blob} NOT NULL,
    index_wrapped {blob} NOT NULL,
    PRIMARY KEY (client, version)
);
CREATE TABLE person_keys (
    person {blob} NOT NULL,
    version BIGINT NOT NULL,
    client BIGINT NOT NULL,
    client_version BIGINT NOT NULL,
    wrapped {blob} NOT NULL,
    PRIMARY KEY (person, version),
    FOREIGN KEY (client, client_version) REFERENCES client_keys (client, version)
);
CREATE TABLE openings (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    opened BIGINT NOT NULL
);
INSERT INTO openings (one, opened) VALUES (1, 0);
CREATE TABLE vault_salt (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    salt {blob} NOT NULL
);
CREATE TABLE tombstones (
    hash {blob} PRIMARY KEY,
    salt {blob} NOT NULL,
    reason TEXT NOT NULL,
    erased_ms BIGINT NOT NULL
);
",
}];
