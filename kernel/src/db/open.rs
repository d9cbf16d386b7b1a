//! Opening a database: SQLite with one writer and several readers, or a PostgreSQL pool.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgPool, Row as _, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    DbError, Tx,
    kept::Kept,
    together::Line,
    tx::{Answering, Connection},
};
use crate::{chance::Chance, clock::Clock, problem::Outcome, records::Stamp, wake::Wake};

/// Has PostgreSQL plan every statement with its values. A plan without them compares each row with a long list of names
/// one by one (151 ms instead of 7 for the communes of a province); planning anew costs a millisecond or two. Before
/// PostgreSQL 12 there is no such setting.
const PLAN_WITH_VALUES: &str = "select set_config('plan_cache_mode', 'force_custom_plan', false) \
    where exists (select from pg_settings where name = 'plan_cache_mode')";

/// Which engine a database runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// What a database needs besides its address.
#[derive(Clone)]
pub struct Settings {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub chance: Chance,
    /// Who is told after a commit that there is something new.
    pub wake: Wake,
    /// Reading connections (SQLite) or the whole pool's size (PostgreSQL).
    pub connections: u32,
}

/// A database. Cloning shares the pools.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    settings: Settings,
    stamp: Arc<std::sync::OnceLock<Stamp>>,
    kept: Kept,
}

#[derive(Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool, line: Line },
    Postgres(PgPool),
}

impl Pools {
    fn begin(&self, begin: &'static str, writing: bool) -> Answering<'_, Box<dyn Connection>> {
        Box::pin(async move {
            let connection: Box<dyn Connection> = match self {
                Self::Sqlite { writer, .. } if writing => Box::new(writer.begin_with(begin).await?),
                Self::Sqlite { readers, .. } => Box::new(readers.begin_with(begin).await?),
                Self::Postgres(pool) => Box::new(pool.begin_with(begin).await?),
            };
            Ok(connection)
        })
    }
}

/// A PostgreSQL that has not answered after so long is not there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

impl Db {
    /// Opens `postgres://…` or a SQLite file path.
    pub async fn open(address: &str, settings: Settings) -> Result<Self, DbError> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Self::open_postgres(address, settings).await;
        }
        Self::open_sqlite(Path::new(address), settings).await
    }

    async fn open_sqlite(file: &Path, settings: Settings) -> Result<Self, DbError> {
        // FULL: what a person was told is saved stays saved when the village's power is cut.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(20))
            .statement_cache_capacity(256)
            // The driver hands rows over from its own thread; filling the hand more rarely wakes us
            // less often on a busy machine.
            .row_buffer_size(512)
            .pragma("cache_size", "-4000");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(60))
            // When the disk is full SQLite ends the transaction by itself, and the driver goes on counting
            // it: such a connection could never begin another one.
            .after_release(|connection, _| {
                let usable = !sqlx::Connection::is_in_transaction(connection);
                Box::pin(async move { Ok(usable) })
            })
            .connect_with(
                options
                    .clone()
                    // What a statement may have to take back is noted page by page: in memory, not in a file of its own.
                    .pragma("temp_store", "memory")
                    // Reports touch the same pages again and again: copied into the database every 16 MiB, a page is
                    // copied once for many of them.
                    .pragma("wal_autocheckpoint", "4000"),
            )
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(settings.connections.max(1))
            .idle_timeout(Some(Duration::from_secs(60)))
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let line = Line::new(writer.clone());
        Ok(Self::with(Pools::Sqlite { writer, readers, line }, settings))
    }

    async fn open_postgres(url: &str, settings: Settings) -> Result<Self, DbError> {
        let options = PgConnectOptions::from_str(url)?.application_name("nhipcau");
        // The pool would try again for a minute and then say only that it waited; one connection says why.
        let first = tokio::time::timeout(ANSWERS_WITHIN, options.connect()).await;
        first.map_err(|_| DbError::Engine("no answer".to_owned()))??.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections.max(2))
            .acquire_timeout(Duration::from_secs(60))
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(PLAN_WITH_VALUES).await.map(drop) })
            })
            .connect_with(options)
            .await?;
        Ok(Self::with(Pools::Postgres(pool), settings))
    }

    fn with(pools: Pools, settings: Settings) -> Self {
        Self { pools, settings, stamp: Arc::default(), kept: Kept::default() }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Who hears of commits.
    pub fn wake(&self) -> &Wake {
        &self.settings.wake
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.settings.clock
    }

    /// Where randomness comes from.
    pub fn chance(&self) -> &Chance {
        &self.settings.chance
    }

    /// Gives transactions the keys with which records are signed. Called once, at start.
    pub fn sign_with(&self, stamp: Stamp) {
        let _ = self.stamp.set(stamp);
    }

    /// Runs a change: commits when it gives `Ok`, leaves no trace when it gives `Err`.
    pub async fn change<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Outcome<T>) -> Outcome<T> {
        let mut tx = self.begin().await?;
        let done = work(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// The same for a short change of which many may come at once: on SQLite those that wait for the writer together
    /// share one commit. Not for long work: whoever is done waits for those who came while it worked.
    pub async fn change_together<T>(
        &self,
        work: impl AsyncFnOnce(&mut Tx) -> Outcome<T>,
    ) -> Outcome<T> {
        let Pools::Sqlite { line, .. } = &self.pools else { return self.change(work).await };
        let one: Box<dyn Connection> = Box::new(line.begin(self.engine().begin_writing()).await?);
        let mut tx = self.transaction(one, true);
        let done = work(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Runs reads that all see the same moment. Writing here is refused by the engine.
    pub async fn view<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Outcome<T>) -> Outcome<T> {
        let mut tx = self.begin_view().await?;
        let seen = work(&mut tx).await?;
        tx.commit().await?;
        Ok(seen)
    }

    pub(super) async fn begin(&self) -> Result<Tx, DbError> {
        let pools = &self.pools;
        Ok(self.transaction(pools.begin(self.engine().begin_writing(), true).await?, true))
    }

    async fn begin_view(&self) -> Result<Tx, DbError> {
        let pools = &self.pools;
        Ok(self.transaction(pools.begin(self.engine().begin_reading(), false).await?, false))
    }

    fn transaction(&self, connection: Box<dyn Connection>, changes: bool) -> Tx {
        let now = self.settings.clock.now();
        let stamp = self.stamp.get().cloned();
        Tx::new(connection, now, self.settings.clone(), stamp, self.kept.clone(), changes)
    }

    /// Prepares a statement without running it: what the test of all statements does.
    pub async fn prepare(&self, text: &'static str) -> Result<(), DbError> {
        use sqlx::Executor;
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                drop(writer.acquire().await?.prepare(sqlx::SqlStr::from_static(text)).await?);
            }
            Pools::Postgres(pool) => {
                drop(pool.acquire().await?.prepare(sqlx::SqlStr::from_static(text)).await?);
            }
        }
        Ok(())
    }

    /// How the engine would run a statement with these values, step by step, in its own words. For tests:
    /// a plan that reads a whole table is a defect that no small test table shows.
    pub async fn plan(
        &self,
        statement: &'static super::Statement,
        values: &[super::Value],
    ) -> Result<Vec<String>, DbError> {
        use super::value::bind_all;
        let how = match self.engine() {
            Engine::Sqlite => "explain query plan",
            Engine::Postgres => "explain",
        };
        let text = sqlx::AssertSqlSafe(format!("{how} {}", statement.text));
        Ok(match &self.pools {
            // The step's words stand in SQLite's fourth column, and in PostgreSQL's only one.
            Pools::Sqlite { readers, .. } => {
                let rows = bind_all!(sqlx::query(text), values).fetch_all(readers).await?;
                rows.iter().map(|row| row.try_get(3)).collect::<Result<_, _>>()?
            }
            Pools::Postgres(pool) => {
                let rows = bind_all!(sqlx::query(text), values).fetch_all(pool).await?;
                rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
            }
        })
    }

    /// Copies a SQLite database into `file` while others go on working (`VACUUM INTO`).
    pub async fn copy_to(&self, file: &str) -> Result<(), DbError> {
        match &self.pools {
            // The readers may write nowhere, not even into another file.
            Pools::Sqlite { writer, .. } => {
                sqlx::query("vacuum into ?1").bind(file).execute(writer).await?;
                Ok(())
            }
            Pools::Postgres(_) => Err(DbError::Engine(
                "PostgreSQL is backed up with its own tools (pg_dump)".to_owned(),
            )),
        }
    }

    /// Asks SQLite whether its file is sound (`ok` when it is); PostgreSQL looks after itself.
    pub async fn check_pages(&self) -> Result<String, DbError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                Ok(sqlx::query_scalar("pragma quick_check(1)").fetch_one(readers).await?)
            }
            Pools::Postgres(_) => Ok("ok".to_owned()),
        }
    }

    /// Closes every connection; SQLite folds its log into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}
