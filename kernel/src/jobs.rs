//! Work done later: rows in a table, queued in the transaction that wants the work, claimed by one
//! worker at a time, tried again with growing waits, given up loudly.

use std::sync::Arc;

use crate::{
    app::App,
    clock::Timestamp,
    db::{Db, DbError, Tx},
    events::Doing,
    problem::{Failure, Outcome},
    row_struct, sql, typed_ids,
};

typed_ids! {
    /// One piece of work.
    JobId
}

/// A kind of work, declared by its feature.
#[derive(Clone, Copy)]
pub struct JobKind {
    /// Stable name, e.g. `publishing.transcode`.
    pub name: &'static str,
    /// Does it. Must be safe to repeat: a power cut may come between doing and noting that it is done.
    pub run: for<'a> fn(&'a Arc<App>, &'a str) -> Doing<'a, ()>,
}

/// How often a job is tried before a person must look.
const TRIES: i64 = 8;
/// How long one run may take before another worker may assume that this one died.
const LEASE_S: i64 = 900;

impl Tx {
    /// Queues work to run at `at` (or as soon as possible after it).
    pub async fn queue(
        &mut self,
        kind: &JobKind,
        payload: &str,
        at: Timestamp,
    ) -> Result<JobId, DbError> {
        self.queue_named(kind.name, payload, at).await
    }

    async fn queue_named(
        &mut self,
        kind: &'static str,
        payload: &str,
        at: Timestamp,
    ) -> Result<JobId, DbError> {
        let id: JobId = self.new_id();
        self.run(
            sql!("insert into kernel_jobs (id, kind, payload, run_at, locked_until, attempts) values ($1, $2, $3, $4, 0, 0)"),
            &[(&id).into(), kind.into(), payload.into(), at.into()],
        )
        .await?;
        self.mark_announced();
        Ok(id)
    }

    /// Queues work unless the same is waiting to run by then already: for work that looks by itself for what
    /// is due. What runs at this moment may have looked too early, so it does not count.
    /// Takes the name of the kind: what wakes it need not know what it does.
    pub async fn queue_once(&mut self, kind: &'static str, at: Timestamp) -> Result<(), DbError> {
        let waiting: i64 = self
            .one(
                sql!("select count(*) as value from kernel_jobs where kind = $1 \
                      and done_at is null and given_up_at is null and locked_until = 0 and run_at <= $2"),
                &[kind.into(), at.into()],
            )
            .await?;
        if waiting == 0 {
            self.queue_named(kind, "", at).await?;
        }
        Ok(())
    }
}

row_struct! {
    struct Claimed {
        id: JobId,
        kind: String,
        payload: String,
        attempts: i64,
    }
}

/// Runs at most one due job; gives whether there was one.
pub async fn run_next(app: &Arc<App>) -> Outcome<bool> {
    let Some(job) = claim(&app.db).await? else { return Ok(false) };
    let kind = app.modules.iter().flat_map(|module| module.jobs).find(|kind| kind.name == job.kind);
    let outcome = match kind {
        Some(kind) => (kind.run)(app, &job.payload).await,
        None => Err(Failure::fault("run a job", format!("nobody knows the kind {}", job.kind))),
    };
    match outcome {
        Ok(()) => finish(&app.db, &job).await?,
        Err(failure) => {
            tracing::error!(job.id = %job.id, job.kind = job.kind, "a job failed: {failure}");
            retry(&app.db, &job, &failure).await?;
        }
    }
    Ok(true)
}

async fn claim(db: &Db) -> Outcome<Option<Claimed>> {
    db.change(async |tx| {
        let now = tx.now();
        // The inner test is repeated outside: on PostgreSQL two workers may pick the same row, and
        // the second one re-reads it after the first has committed.
        Ok(tx
            .maybe(
                sql!("update kernel_jobs set locked_until = $2, attempts = attempts + 1 \
                      where id = (select id from kernel_jobs where done_at is null and given_up_at is null \
                                  and run_at <= $1 and locked_until < $1 order by run_at, id limit 1) \
                      and done_at is null and locked_until < $1 returning id, kind, payload, attempts"),
                &[now.into(), now.plus_seconds(LEASE_S).into()],
            )
            .await?)
    })
    .await
}

async fn finish(db: &Db, job: &Claimed) -> Outcome<()> {
    db.change(async |tx| {
        tx.run(
            sql!("update kernel_jobs set done_at = $2, trouble = null where id = $1"),
            &[job.id.as_str().into(), tx.now().into()],
        )
        .await?;
        Ok(())
    })
    .await
}

async fn retry(db: &Db, job: &Claimed, failure: &Failure) -> Outcome<()> {
    let given_up = job.attempts >= TRIES;
    let wait_s = 2_i64 << job.attempts.clamp(0, 12);
    db.change(async |tx| {
        let given_up_at = given_up.then(|| tx.now());
        tx.run(
            sql!("update kernel_jobs set locked_until = 0, run_at = $2, given_up_at = $3, trouble = $4 where id = $1"),
            &[
                job.id.as_str().into(),
                tx.now().plus_seconds(wait_s).into(),
                given_up_at.into(),
                failure.to_string().into(),
            ],
        )
        .await?;
        Ok(())
    })
    .await
}

/// When the earliest waiting job is due, so that the worker knows how long to sleep.
pub async fn next_due(db: &Db) -> Outcome<Option<Timestamp>> {
    let at: Option<i64> = db
        .view(async |tx| {
            Ok(tx
                .one(
                    sql!("select min(run_at) as value from kernel_jobs where done_at is null and given_up_at is null"),
                    &[],
                )
                .await?)
        })
        .await?;
    Ok(at.map(Timestamp::from_millis))
}
