//! Group commit on SQLite: short changes that come at the same time share one transaction, and with it the wait for
//! the disk and the pages that they all touch. Each stands alone all the same: one that fails leaves no trace, and none
//! is told done before all of them last. PostgreSQL does this by itself.

use std::sync::Arc;

use sqlx::{SqlStr, Sqlite, SqlitePool, Transaction};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, oneshot},
};

use super::{
    DbError, Value,
    tx::{Answering, Connection, Each},
};

/// So many changes last together at the most, so that the first does not wait for a crowd.
const TOGETHER_MOST: usize = 64;

const SET_APART: &str = "savepoint one_change";
const KEEP: &str = "release one_change";
const UNDO: &str = "rollback to one_change";

/// The line in which changes that may share a transaction wait for each other.
#[derive(Clone)]
pub(super) struct Line {
    writer: SqlitePool,
    shared: Arc<Mutex<Option<Shared>>>,
}

/// The transaction that they share, and who waits for it to last.
struct Shared {
    transaction: Transaction<'static, Sqlite>,
    waiting: Vec<oneshot::Sender<Result<(), DbError>>>,
}

type Turn = OwnedMutexGuard<Option<Shared>>;

impl Line {
    pub(super) fn new(writer: SqlitePool) -> Self {
        Self { writer, shared: Arc::default() }
    }

    /// Waits for its turn. The first change of a transaction needs no savepoint: undone, the transaction is empty.
    #[expect(
        clippy::disallowed_methods,
        reason = "of a statement or a commit long; what it leaves undone at the end the engine takes back"
    )]
    pub(super) async fn begin(&self, begin: &'static str) -> Result<OneOfMany, DbError> {
        let mut turn = self.shared.clone().lock_owned().await;
        let is_first = turn.is_none();
        if is_first {
            let transaction = self.writer.begin_with(begin).await?;
            *turn = Some(Shared { transaction, waiting: Vec::new() });
        }
        let mut one = OneOfMany { line: self.shared.clone(), turn: Some(turn) };
        if is_first {
            return Ok(one);
        }
        // Whoever asked may go away at any moment: whether the savepoint is there must be known then.
        let set_apart = tokio::spawn(async move {
            one.say(SET_APART).await?;
            Ok(one)
        });
        set_apart.await.map_err(gone)?
    }
}

/// A change that has its turn.
pub(super) struct OneOfMany {
    line: Arc<Mutex<Option<Shared>>>,
    /// None when it is over.
    turn: Option<Turn>,
}

impl OneOfMany {
    fn on(&mut self) -> Result<&mut Transaction<'static, Sqlite>, DbError> {
        let shared = self.turn.as_mut().and_then(|turn| turn.as_mut());
        shared.map(|shared| &mut shared.transaction).ok_or_else(lost)
    }

    async fn say(&mut self, text: &'static str) -> Result<(), DbError> {
        self.on()?.execute(SqlStr::from_static(text), true, &[]).await?;
        Ok(())
    }

    /// Done: those who waited meanwhile have their turn, then the first that was done makes it last for all.
    async fn finish(mut self) -> Result<(), DbError> {
        let alone = self.turn.as_ref().and_then(|turn| turn.as_ref()).is_some_and(Shared::is_new);
        if !alone {
            self.say(KEEP).await?;
        }
        let mut turn = self.turn.take().ok_or_else(lost)?;
        let shared = turn.as_mut().ok_or_else(lost)?;
        let (tell, told) = oneshot::channel();
        shared.waiting.push(tell);
        if shared.waiting.len() >= TOGETHER_MOST {
            make_last(&mut turn).await;
        }
        drop(turn);
        if alone {
            // The line is kept in order: everybody who waits now comes first.
            make_last(&mut self.line.clone().lock_owned().await).await;
        }
        told.await.map_err(gone)?
    }
}

impl Shared {
    /// True while no change in it is done.
    fn is_new(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Commits what is done so far and tells everybody.
async fn make_last(turn: &mut Turn) {
    let Some(shared) = turn.take() else { return };
    let lasts = shared.transaction.commit().await.map_err(DbError::from);
    tell(shared.waiting, &lasts);
}

fn tell(waiting: Vec<oneshot::Sender<Result<(), DbError>>>, outcome: &Result<(), DbError>) {
    for one in waiting {
        // Who does not listen any more went away; what it changed lasts all the same.
        let _ = one.send(outcome.clone());
    }
}

/// Takes a change back that was not finished. When that cannot be done, nothing of the transaction stays, and everybody
/// in it is told.
async fn take_back(mut turn: Turn) {
    let Some(mut shared) = turn.take() else { return };
    if shared.is_new() {
        // What cannot be rolled back is closed by the pool.
        let _ = shared.transaction.rollback().await;
        return;
    }
    let undone = shared.transaction.execute(SqlStr::from_static(UNDO), true, &[]).await;
    let undone = match undone {
        Ok(_) => shared.transaction.execute(SqlStr::from_static(KEEP), true, &[]).await,
        Err(error) => Err(error),
    };
    match undone {
        Ok(_) => *turn = Some(shared),
        // A full disk ends the whole transaction by itself.
        Err(error) => {
            let _ = shared.transaction.rollback().await;
            tell(shared.waiting, &Err(error));
        }
    }
}

impl Drop for OneOfMany {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(take_back(turn))),
            // The program ends: the engine rolls back what was never committed.
            Err(_) => drop(turn.take()),
        }
    }
}

impl Connection for OneOfMany {
    fn execute<'a>(
        &'a mut self,
        text: SqlStr,
        keep_prepared: bool,
        values: &'a [Value],
    ) -> Answering<'a, u64> {
        match self.on() {
            Ok(transaction) => transaction.execute(text, keep_prepared, values),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn fetch_each<'a>(
        &'a mut self,
        text: SqlStr,
        keep_prepared: bool,
        values: &'a [Value],
        each: Each<'a>,
    ) -> Answering<'a, ()> {
        match self.on() {
            Ok(transaction) => transaction.fetch_each(text, keep_prepared, values, each),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn fetch_optional<'a>(
        &'a mut self,
        text: SqlStr,
        values: &'a [Value],
    ) -> Answering<'a, Option<super::Row>> {
        match self.on() {
            Ok(transaction) => transaction.fetch_optional(text, values),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn script(&mut self, text: SqlStr) -> Answering<'_, ()> {
        match self.on() {
            Ok(transaction) => transaction.script(text),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    /// Goes on when nobody waits for it any more: others stand in the same transaction.
    #[expect(
        clippy::disallowed_methods,
        reason = "of a statement or a commit long; what it leaves undone at the end the engine takes back"
    )]
    fn commit(self: Box<Self>) -> Answering<'static, ()> {
        let finished = tokio::spawn(self.finish());
        Box::pin(async move { finished.await.map_err(gone)? })
    }

    fn placeholder(&self) -> char {
        '?'
    }
}

fn lost() -> DbError {
    DbError::Engine("the transaction is over".to_owned())
}

fn gone(error: impl std::fmt::Display) -> DbError {
    DbError::Engine(format!("nobody told whether the change lasts: {error}"))
}
