//! One SQL text, two engines: a thin layer over sqlx that runs the same statement on SQLite and
//! PostgreSQL. Not an ORM and not a query builder: SQL is written whole, in `store` rooms, inside
//! [`sql!`](crate::sql), which also registers it so that one test prepares every statement on both
//! engines. The common dialect is described in `kernel/README.md`.

mod dialect;
mod kept;
mod migrate;
mod open;
mod row;
mod together;
mod tx;
mod value;

pub use migrate::Migration;
pub use open::{Db, Engine, Settings};
pub use row::{Column, FromRow, Row};
pub use tx::Tx;
pub use value::Value;

/// A registered statement. Made by [`sql!`](crate::sql) only.
#[derive(Debug)]
pub struct Statement {
    /// The SQL text, the same on both engines.
    pub text: &'static str,
    /// Where it stands, for messages.
    pub file: &'static str,
    /// The line.
    pub line: u32,
}

/// Every statement of the program, collected at link time.
#[allow(unsafe_code, reason = "the linker gathers the statements; nothing runs here")]
#[linkme::distributed_slice]
pub static STATEMENTS: [Statement];

/// Writes a statement down and registers it: `tx.all(sql!("select …"), &[…])`.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        #[allow(unsafe_code, reason = "the linker gathers the statements; nothing runs here")]
        #[$crate::linkme::distributed_slice($crate::db::STATEMENTS)]
        #[linkme(crate = $crate::linkme)]
        static STATEMENT: $crate::db::Statement =
            $crate::db::Statement { text: $text, file: file!(), line: line!() };
        &STATEMENT
    }};
}

/// Why the database could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// A unique key is already taken.
    #[error("{0} is already there")]
    Duplicate(String),
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// A column does not hold what the program expects.
    #[error("column {column} cannot be read: {why}")]
    Unreadable {
        /// The column's name.
        column: String,
        /// What was wrong.
        why: String,
    },
    /// Exactly one row was expected.
    #[error("expected one row, found none")]
    NoRow,
    /// Anything else the engine said.
    #[error("{0}")]
    Engine(String),
}

impl DbError {
    /// A column whose content makes no sense to the program.
    pub fn unreadable(column: &str, why: impl Into<String>) -> Self {
        Self::Unreadable { column: column.to_owned(), why: why.into() }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let Some(said) = error.as_database_error() else { return Self::Engine(error.to_string()) };
        let code = said.code().unwrap_or_default();
        // 13 is SQLITE_FULL, 53100 is PostgreSQL's disk_full.
        match &*code {
            "13" | "53100" => Self::Full,
            _ if said.is_unique_violation() => Self::Duplicate(said.message().to_owned()),
            _ => Self::Engine(format!("{} [{code}]", said.message())),
        }
    }
}
