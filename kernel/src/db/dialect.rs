//! The differences between the engines, one method each. Budget: ten. Everything else is one text.

use super::Engine;

impl Engine {
    /// Opens a writing transaction. SQLite must take its write lock at once: a deferred transaction
    /// that reads and then writes fails immediately with code 517 and ignores the busy timeout.
    pub(super) fn begin_writing(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Opens a reading transaction that sees one moment of the database.
    pub(super) fn begin_reading(self) -> &'static str {
        match self {
            Self::Sqlite => "begin",
            Self::Postgres => "begin isolation level repeatable read read only",
        }
    }

    /// Turns the common column types of a migration into this engine's.
    ///
    /// SQLite does not enforce its declared types, so every `bigint` gets a check of its own; and
    /// PostgreSQL must compare text by bytes, as SQLite does, whatever the database's collation is.
    /// `{clustered}` after a table keeps its rows in the order of the key and nowhere else, where that exists:
    /// half the disk for narrow rows that come in millions.
    pub(super) fn column_types(self, migration: &str) -> String {
        match self {
            Self::Sqlite => migration
                .replace("{int}", "integer")
                .replace("{text}", "text")
                .replace("{id}", "text")
                .replace("{bytes}", "blob")
                .replace("{bool}", "boolean")
                .replace("{real}", "real")
                .replace("{clustered}", "without rowid"),
            Self::Postgres => migration
                .replace("{int}", "bigint")
                .replace("{text}", "text collate \"C\"")
                .replace("{id}", "text collate \"C\"")
                .replace("{bytes}", "bytea")
                .replace("{bool}", "boolean")
                .replace("{real}", "double precision")
                .replace("{clustered}", ""),
        }
    }
}
