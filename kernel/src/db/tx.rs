//! A transaction: the only way to the database. Stores take `&mut Tx`; actions open one.

use sqlx::{Postgres, Sqlite, Transaction};

use super::{DbError, FromRow, Row, Settings, Statement, Value, value::bind_all};
use crate::{chance::Chance, clock::Timestamp, ids, records::Stamp};

pub(super) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// One transaction, with the time it is judged by and the chance it mints ids from.
pub struct Tx {
    connection: Connection,
    now: Timestamp,
    settings: Settings,
    stamp: Option<Stamp>,
    changes: bool,
    announced: bool,
    emitted: bool,
}

impl Tx {
    pub(super) fn new(
        connection: Connection,
        now: Timestamp,
        settings: Settings,
        stamp: Option<Stamp>,
        changes: bool,
    ) -> Self {
        Self { connection, now, settings, stamp, changes, announced: false, emitted: false }
    }

    /// The time at which this transaction began; every row it writes carries this one.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Where its randomness comes from.
    pub fn chance(&self) -> &Chance {
        &self.settings.chance
    }

    /// A fresh, time-ordered id.
    pub fn new_id<T: ids::Id>(&self) -> T {
        ids::mint(self.now, &self.settings.chance)
    }

    /// The keys with which this node signs; none before the node has any.
    pub fn stamp(&self) -> Option<Stamp> {
        self.stamp.clone()
    }

    pub(crate) fn mark_announced(&mut self) {
        self.announced = true;
    }

    pub(crate) fn mark_emitted(&mut self) {
        self.emitted = true;
    }

    /// Runs a statement; gives the number of rows it touched.
    pub async fn run(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<u64, DbError> {
        Ok(match &mut self.connection {
            Connection::Sqlite(tx) => bind_all!(sqlx::query(statement.text), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Connection::Postgres(tx) => bind_all!(sqlx::query(statement.text), values)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
        })
    }

    /// All rows.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Vec<T>, DbError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => {
                let rows =
                    bind_all!(sqlx::query(statement.text), values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(|row| T::from_row(&Row::Sqlite(row))).collect()
            }
            Connection::Postgres(tx) => {
                let rows =
                    bind_all!(sqlx::query(statement.text), values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
            }
        }
    }

    /// The first row, if there is one.
    pub async fn maybe<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Option<T>, DbError> {
        let row = match &mut self.connection {
            Connection::Sqlite(tx) => {
                let row = bind_all!(sqlx::query(statement.text), values)
                    .fetch_optional(&mut **tx)
                    .await?;
                row.map(Row::Sqlite)
            }
            Connection::Postgres(tx) => {
                let row = bind_all!(sqlx::query(statement.text), values)
                    .fetch_optional(&mut **tx)
                    .await?;
                row.map(Row::Postgres)
            }
        };
        row.as_ref().map(T::from_row).transpose()
    }

    /// The one row that must be there.
    pub async fn one<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<T, DbError> {
        self.maybe(statement, values).await?.ok_or(DbError::NoRow)
    }

    /// Inserts many rows with one statement per chunk. `head` is the text up to and including
    /// `values`; every row brings the same number of values. `tail` is e.g. `on conflict do nothing`.
    pub async fn insert_many(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: &[Vec<Value>],
    ) -> Result<u64, DbError> {
        let Some(width) = rows.first().map(Vec::len) else { return Ok(0) };
        let mut touched = 0;
        // SQLite accepts 32,766 values in one statement; a smaller text also stays in its caches.
        for chunk in rows.chunks((8_000 / width.max(1)).max(1)) {
            // SQLite looks `$n` up by name, again and again; `?n` it knows by number.
            let mark = if matches!(self.connection, Connection::Sqlite(_)) { '?' } else { '$' };
            let text = multi_row_text((head, tail), mark, width, chunk.len());
            let values: Vec<Value> = chunk.iter().flatten().cloned().collect();
            let text = sqlx::AssertSqlSafe(text);
            touched += match &mut self.connection {
                Connection::Sqlite(tx) => bind_all!(sqlx::query(text).persistent(false), &values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected(),
                Connection::Postgres(tx) => bind_all!(sqlx::query(text).persistent(false), &values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected(),
            };
        }
        Ok(touched)
    }

    /// Runs several statements without values: migrations only.
    pub(super) async fn script(&mut self, text: &str) -> Result<(), DbError> {
        let text = sqlx::AssertSqlSafe(text.to_owned());
        match &mut self.connection {
            Connection::Sqlite(tx) => {
                sqlx::raw_sql(text).execute(&mut **tx).await?;
            }
            Connection::Postgres(tx) => {
                sqlx::raw_sql(text).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), DbError> {
        match self.connection {
            Connection::Sqlite(tx) => tx.commit().await?,
            Connection::Postgres(tx) => tx.commit().await?,
        }
        if self.changes {
            self.settings.wake.committed();
        }
        if self.announced {
            self.settings.wake.events();
        }
        if self.emitted {
            self.settings.wake.records();
        }
        Ok(())
    }
}

fn multi_row_text((head, tail): (&str, &str), mark: char, width: usize, rows: usize) -> String {
    let mut text = String::with_capacity(head.len() + tail.len() + rows * width * 7);
    text.push_str(head);
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                text.push(',');
            }
            text.push(mark);
            text.push_str(&(row * width + column + 1).to_string());
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(tail);
    text
}
