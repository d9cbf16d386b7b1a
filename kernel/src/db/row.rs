//! Rows of either engine, read by column name into plain structs.

use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::DbError;
use crate::clock::{Day, Timestamp};

/// One row of a result.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// Reads a column by name.
    pub fn get<T: Column>(&self, name: &str) -> Result<T, DbError> {
        T::read(self, name)
    }
}

/// A type that can be read from a column.
pub trait Column: Sized {
    /// Reads the named column.
    fn read(row: &Row, name: &str) -> Result<Self, DbError>;
}

/// A struct that can be read from a row.
pub trait FromRow: Sized + Send {
    /// Reads the row.
    fn from_row(row: &Row) -> Result<Self, DbError>;
}

macro_rules! native {
    ($($kind:ty),+) => {$(
        impl Column for $kind {
            fn read(row: &Row, name: &str) -> Result<Self, DbError> {
                let read = match row {
                    Row::Sqlite(row) => row.try_get::<Self, _>(name),
                    Row::Postgres(row) => row.try_get::<Self, _>(name),
                };
                read.map_err(|error| DbError::unreadable(name, error.to_string()))
            }
        }
        impl FromRow for $kind {
            /// For statements with one column, named `value`.
            fn from_row(row: &Row) -> Result<Self, DbError> {
                row.get("value")
            }
        }
    )+};
}
native!(
    String,
    i64,
    bool,
    f64,
    Vec<u8>,
    Option<String>,
    Option<i64>,
    Option<bool>,
    Option<f64>,
    Option<Vec<u8>>
);

macro_rules! narrow {
    ($($kind:ty),+) => {$(
        impl Column for $kind {
            fn read(row: &Row, name: &str) -> Result<Self, DbError> {
                let wide = i64::read(row, name)?;
                Self::try_from(wide).map_err(|_| DbError::unreadable(name, format!("{wide} does not fit")))
            }
        }
    )+};
}
narrow!(u64, u32, u16, u8, usize, i32);

impl Column for Timestamp {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        i64::read(row, name).map(Self::from_millis)
    }
}

impl Column for Option<Timestamp> {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        Ok(Option::<i64>::read(row, name)?.map(Timestamp::from_millis))
    }
}

impl Column for Day {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let text = String::read(row, name)?;
        Day::parse(&text).ok_or_else(|| DbError::unreadable(name, "not a day"))
    }
}

impl Column for Option<Day> {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        match Option::<String>::read(row, name)? {
            None => Ok(None),
            Some(text) => {
                Day::parse(&text).map(Some).ok_or_else(|| DbError::unreadable(name, "not a day"))
            }
        }
    }
}

/// Reads a row into a struct whose fields are named like the columns:
/// `row_struct! { /// Docs. pub struct Village { pub id: VillageId, pub name: String } }`.
#[macro_export]
macro_rules! row_struct {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $kind:ty),+ $(,)?
    })+) => {$(
        $(#[$meta])*
        #[allow(clippy::struct_field_names, reason = "fields are named like their columns")]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $kind),+ }
        impl $crate::db::FromRow for $name {
            fn from_row(row: &$crate::db::Row) -> Result<Self, $crate::db::DbError> {
                Ok(Self { $($field: row.get(stringify!($field))?),+ })
            }
        }
    )+};
}
