//! One way to open SQLite or PostgreSQL and to migrate it.
