//! A transaction: the only way to the database. Stores take `&mut Tx`; actions open one.

use std::pin::Pin;

use futures_util::TryStreamExt;
use sqlx::{Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction};

use super::{DbError, FromRow, Row, Settings, Statement, Value, kept::Kept, value::bind_all};
use crate::{chance::Chance, clock::Timestamp, ids, records::Stamp};

/// What becomes of a row that came.
pub(super) type Each<'a> = &'a mut (dyn FnMut(&Row) + Send);

/// What a driver is doing for us.
pub(super) type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

/// An open transaction of either engine.
///
/// Behind a `dyn`, and answering in boxes, on purpose: the drivers' large state machines are then compiled
/// here, once. Left open, every house that runs a statement compiled both drivers anew.
pub(super) trait Connection: Send {
    /// Runs one statement; gives the number of rows it touched.
    fn execute<'a>(
        &'a mut self,
        text: SqlStr,
        keep_prepared: bool,
        values: &'a [Value],
    ) -> Answering<'a, u64>;
    /// The rows of a query, each as it comes: what is made of one is made while the engine looks for the next.
    fn fetch_each<'a>(
        &'a mut self,
        text: SqlStr,
        keep_prepared: bool,
        values: &'a [Value],
        each: Each<'a>,
    ) -> Answering<'a, ()>;
    /// The first row of a query.
    fn fetch_optional<'a>(
        &'a mut self,
        text: SqlStr,
        values: &'a [Value],
    ) -> Answering<'a, Option<Row>>;
    /// Runs several statements without values.
    fn script(&mut self, text: SqlStr) -> Answering<'_, ()>;
    /// Makes it all last.
    fn commit(self: Box<Self>) -> Answering<'static, ()>;
    /// A placeholder of a statement whose values come in order: `$`, to be followed by its number, or `?` alone.
    /// SQLite's driver asks for the name of every numbered placeholder, and SQLite reads through all names to
    /// find it: ten times the rows in one statement took a hundred times as long.
    fn placeholder(&self) -> char;
}

macro_rules! connection {
    ($engine:ty, $row:path, $placeholder:literal) => {
        impl Connection for Transaction<'static, $engine> {
            fn execute<'a>(
                &'a mut self,
                text: SqlStr,
                keep_prepared: bool,
                values: &'a [Value],
            ) -> Answering<'a, u64> {
                Box::pin(async move {
                    let query = sqlx::query::<$engine>(text).persistent(keep_prepared);
                    Ok(bind_all!(query, values).execute(&mut **self).await?.rows_affected())
                })
            }

            fn fetch_each<'a>(
                &'a mut self,
                text: SqlStr,
                keep_prepared: bool,
                values: &'a [Value],
                each: Each<'a>,
            ) -> Answering<'a, ()> {
                Box::pin(async move {
                    let query = sqlx::query::<$engine>(text).persistent(keep_prepared);
                    let query = bind_all!(query, values);
                    let mut rows = query.fetch(&mut **self);
                    while let Some(row) = rows.try_next().await? {
                        each(&$row(row));
                    }
                    Ok(())
                })
            }

            fn fetch_optional<'a>(
                &'a mut self,
                text: SqlStr,
                values: &'a [Value],
            ) -> Answering<'a, Option<Row>> {
                Box::pin(async move {
                    let query = bind_all!(sqlx::query::<$engine>(text), values);
                    Ok(query.fetch_optional(&mut **self).await?.map($row))
                })
            }

            fn script(&mut self, text: SqlStr) -> Answering<'_, ()> {
                Box::pin(async move {
                    sqlx::raw_sql(text).execute(&mut **self).await?;
                    Ok(())
                })
            }

            fn commit(self: Box<Self>) -> Answering<'static, ()> {
                Box::pin(async move { Ok(Transaction::commit(*self).await?) })
            }

            fn placeholder(&self) -> char {
                $placeholder
            }
        }
    };
}
connection!(Sqlite, Row::Sqlite, '?');
connection!(Postgres, Row::Postgres, '$');

/// One transaction, with the time it is judged by and the chance it mints ids from.
pub struct Tx {
    connection: Box<dyn Connection>,
    now: Timestamp,
    settings: Settings,
    stamp: Option<Stamp>,
    kept: Kept,
    changes: bool,
    announced: bool,
    emitted: bool,
    statements: u64,
    once_it_lasts: Vec<Box<dyn FnOnce() + Send>>,
}

impl Tx {
    pub(super) fn new(
        connection: Box<dyn Connection>,
        now: Timestamp,
        settings: Settings,
        stamp: Option<Stamp>,
        kept: Kept,
        changes: bool,
    ) -> Self {
        Self {
            connection,
            now,
            settings,
            stamp,
            kept,
            changes,
            announced: false,
            emitted: false,
            statements: 0,
            once_it_lasts: Vec::new(),
        }
    }

    /// The time at which this transaction began; every row it writes carries this one.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn kept_values(&self) -> &Kept {
        &self.kept
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

    /// How many statements it has run so far. What a test may bound where a time would be chance: a rule that
    /// asks once for a country must not ask once for every commune.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    pub(crate) fn mark_announced(&mut self) {
        self.announced = true;
    }

    pub(crate) fn mark_emitted(&mut self) {
        self.emitted = true;
    }

    /// Has something done when all of this lasts, and never when it does not: what memory keeps of what the
    /// transaction wrote.
    pub fn once_it_lasts(&mut self, work: impl FnOnce() + Send + 'static) {
        self.once_it_lasts.push(Box::new(work));
    }

    /// Runs a statement; gives the number of rows it touched.
    pub fn run<'a>(
        &'a mut self,
        statement: &'static Statement,
        values: &'a [Value],
    ) -> Answering<'a, u64> {
        self.statements += 1;
        self.connection.execute(SqlStr::from_static(statement.text), true, values)
    }

    /// All rows.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        self.read_into(&mut found, SqlStr::from_static(statement.text), true, values).await?;
        Ok(found)
    }

    /// Every row is read, also after one that cannot be: the connection is free for the next statement then.
    async fn read_into<T: FromRow>(
        &mut self,
        found: &mut Vec<T>,
        text: SqlStr,
        keep_prepared: bool,
        values: &[Value],
    ) -> Result<(), DbError> {
        self.statements += 1;
        let mut unreadable = None;
        let mut each = |row: &Row| match T::from_row(row) {
            Ok(one) => found.push(one),
            Err(error) => unreadable = unreadable.take().or(Some(error)),
        };
        self.connection.fetch_each(text, keep_prepared, values, &mut each).await?;
        unreadable.map_or(Ok(()), Err)
    }

    /// The first row, if there is one.
    pub async fn maybe<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Option<T>, DbError> {
        self.statements += 1;
        let text = SqlStr::from_static(statement.text);
        let row = self.connection.fetch_optional(text, values).await?;
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

    /// All rows of a statement that ends in a list: `head` is the text up to and including `in`, `first` the
    /// values it names as `$1`, `$2` …; the list is asked for in chunks, so an order is only kept within one.
    pub async fn all_in<T: FromRow>(
        &mut self,
        head: &'static str,
        first: &[Value],
        list: &[Value],
    ) -> Result<Vec<T>, DbError> {
        self.all_in_then(head, "", first, list).await
    }

    /// The same with words after the list: what is grouped is grouped within a chunk, so the list's values must
    /// keep groups apart.
    pub async fn all_in_then<T: FromRow>(
        &mut self,
        head: &'static str,
        tail: &'static str,
        first: &[Value],
        list: &[Value],
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        for chunk in list.chunks(LIST_CHUNK) {
            let mark = self.connection.placeholder();
            let text = list_text((head, tail), mark, first.len(), chunk.len());
            let text = sqlx::AssertSqlSafe(text).into_sql_str();
            let values: Vec<Value> = first.iter().chain(chunk).cloned().collect();
            self.read_into(&mut found, text, true, &values).await?;
        }
        Ok(found)
    }

    /// Runs a statement that ends in a list, as [`Tx::all_in`] reads one: once for each chunk of it. Gives the
    /// number of rows it touched.
    pub async fn run_in(
        &mut self,
        head: &'static str,
        first: &[Value],
        list: &[Value],
    ) -> Result<u64, DbError> {
        let mut touched = 0;
        for chunk in list.chunks(LIST_CHUNK) {
            self.statements += 1;
            let mark = self.connection.placeholder();
            let text = list_text((head, ""), mark, first.len(), chunk.len());
            let text = sqlx::AssertSqlSafe(text).into_sql_str();
            let values: Vec<Value> = first.iter().chain(chunk).cloned().collect();
            touched += self.connection.execute(text, true, &values).await?;
        }
        Ok(touched)
    }

    /// Inserts many rows with one statement per chunk. `head` is the text up to and including
    /// `values`; every row brings the same number of values. `tail` is e.g. `on conflict do nothing`.
    pub async fn insert_many(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: &[Vec<Value>],
    ) -> Result<u64, DbError> {
        let mut touched = 0;
        for chunk in row_chunks(rows) {
            self.statements += 1;
            let (text, values) = multi_row((head, tail), self.connection.placeholder(), chunk);
            touched += self.connection.execute(text, false, &values).await?;
        }
        Ok(touched)
    }

    /// Inserts what comes again and again in other numbers. To read the text of a statement with 250 rows takes SQLite
    /// as long as to insert them, so its statements come in few sizes and are kept; what a size has room for beyond
    /// the rows is filled with `idle`, a row that changes nothing once `rows` are there.
    pub async fn insert_often(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: &[Vec<Value>],
        idle: &[Value],
    ) -> Result<(), DbError> {
        let mark = self.connection.placeholder();
        if mark != '?' {
            self.insert_many(head, tail, rows).await?;
            return Ok(());
        }
        let mut rows = rows;
        while !rows.is_empty() {
            let size = kept_size(rows.len());
            let (some, rest) = rows.split_at(size.min(rows.len()));
            let text = multi_row_text((head, tail), mark, idle.len(), size);
            let room = std::iter::repeat_n(idle, size - some.len());
            let values: Vec<Value> =
                some.iter().map(Vec::as_slice).chain(room).flatten().cloned().collect();
            self.statements += 1;
            self.connection
                .execute(sqlx::AssertSqlSafe(text).into_sql_str(), true, &values)
                .await?;
            rows = rest;
        }
        Ok(())
    }

    /// All rows that a statement finds for many rows of values, with one statement per chunk. `head` is the text up
    /// to and including `values`, `tail` what is asked of them: `with asked (a, b) as (values`, `) select …`.
    pub async fn all_of_rows<T: FromRow>(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: &[Vec<Value>],
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        for chunk in row_chunks(rows) {
            let (text, values) = multi_row((head, tail), self.connection.placeholder(), chunk);
            self.read_into(&mut found, text, false, &values).await?;
        }
        Ok(found)
    }

    /// Runs several statements without values: migrations only.
    pub(super) async fn script(&mut self, text: &str) -> Result<(), DbError> {
        self.connection.script(sqlx::AssertSqlSafe(text.to_owned()).into_sql_str()).await
    }

    pub(super) async fn commit(self) -> Result<(), DbError> {
        self.connection.commit().await?;
        for work in self.once_it_lasts {
            work();
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

/// Short chunks keep SQLite's search for the names of numbered values short.
const LIST_CHUNK: usize = 500;

/// The text of a statement that ends in a list. Its head's values are named by their number, so the list must
/// be numbered too: a driver counts bare marks apart from numbered ones.
fn list_text((head, tail): (&str, &str), mark: char, first: usize, count: usize) -> String {
    let places: Vec<String> = (0..count).map(|at| format!("{mark}{}", first + at + 1)).collect();
    format!("{head} ({}) {tail}", places.join(","))
}

/// Most rows of a statement that is kept.
const KEPT_ROWS: usize = 256;

/// The rows of the next statement when so many are left: a power of two, the next one where it is nearly full.
fn kept_size(left: usize) -> usize {
    let above = left.next_power_of_two().min(KEPT_ROWS);
    if left * 4 > above * 3 { above } else { above / 2 }
}

/// Rows in pieces that fit into a statement: SQLite accepts 32,766 values in one, and a smaller text also stays in its
/// caches.
fn row_chunks(rows: &[Vec<Value>]) -> std::slice::Chunks<'_, Vec<Value>> {
    let width = rows.first().map_or(1, Vec::len).max(1);
    rows.chunks((8_000 / width).max(1))
}

/// The text of a statement with these rows in it, and their values.
fn multi_row((head, tail): (&str, &str), mark: char, rows: &[Vec<Value>]) -> (SqlStr, Vec<Value>) {
    let width = rows.first().map_or(0, Vec::len);
    let text = multi_row_text((head, tail), mark, width, rows.len());
    let values = rows.iter().flatten().cloned().collect();
    (sqlx::AssertSqlSafe(text).into_sql_str(), values)
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
            if mark == '$' {
                text.push_str(&(row * width + column + 1).to_string());
            }
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(tail);
    text
}
