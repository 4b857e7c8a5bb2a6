//! The tables of tasks.

use sqldb::Migration;

/// Every migration of this room, oldest first.
pub const MIGRATIONS: &[Migration] = &[FIRST, MAILED_REVIEWS, SEALED_TEXTS];

const MAILED_REVIEWS: Migration = Migration {
    name: "reviews of what was given to oneself are told by mail",
    sql: "ALTER TABLE reviews ADD COLUMN mailed_ms BIGINT",
};

const SEALED_TEXTS: Migration = Migration {
    name: "reasons and findings are sealed",
    // In the columns `reason` and `finding` nothing stands any more: see `texts`.
    sql: "
ALTER TABLE tasks ADD COLUMN sealed_text {blob};
ALTER TABLE break_glass ADD COLUMN sealed_text {blob};
ALTER TABLE reviews ADD COLUMN sealed_text {blob};
",
};

const FIRST: Migration = Migration {
    name: "tasks, grants, emergency openings and reviews",
    // Times are milliseconds since 1970-01-01; classes are names with commas between; `task` in `named_persons` and
    // `reviews` is a task or an emergency opening. `tasks_turn` has one row; locking it makes writers take turns.
    sql: "
CREATE TABLE tasks_turn (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO tasks_turn (one, number) VALUES (1, 0);
CREATE TABLE tasks (
    id {blob} PRIMARY KEY,
    client BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    kind TEXT NOT NULL,
    classes TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    opened_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    closed_ms BIGINT
);
CREATE TABLE grants (
    id {serial},
    task {blob} NOT NULL REFERENCES tasks (id),
    account BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    classes TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    approval TEXT NOT NULL,
    approved_by BIGINT,
    ended_ms BIGINT
);
CREATE INDEX grants_of_task ON grants (task, account);
CREATE INDEX grants_of_account ON grants (account);
CREATE TABLE named_persons (
    task {blob} NOT NULL,
    person {blob} NOT NULL,
    PRIMARY KEY (task, person)
);
CREATE INDEX named_persons_by_person ON named_persons (person);
CREATE TABLE break_glass (
    id {blob} PRIMARY KEY,
    account BIGINT NOT NULL,
    client BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    classes TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    confirmed_by BIGINT,
    alarm_ms BIGINT,
    alarm_mailed_ms BIGINT,
    alarm_seen_by BIGINT,
    alarm_seen_ms BIGINT,
    ended_ms BIGINT
);
CREATE TABLE reviews (
    id {serial},
    of TEXT NOT NULL,
    task {blob} NOT NULL,
    account BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    reviewed_by BIGINT,
    reviewed_ms BIGINT,
    finding TEXT NOT NULL
);
",
};
