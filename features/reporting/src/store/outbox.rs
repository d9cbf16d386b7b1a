//! The outbox: what waits to leave, what has left, and what could not.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{OutboxId, SubmissionId};

row_struct! {
    /// Something that leaves.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Outgoing {
        pub id: OutboxId,
        pub once: String,
        pub way: String,
        pub recipient: String,
        pub subject: String,
        pub body: String,
        pub at: Timestamp,
        pub next_at: Timestamp,
        pub tries: i64,
        pub state: String,
        pub done_at: Option<Timestamp>,
        pub answer: String,
    }
}

row_struct! {
    /// A revision that was approved.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Approved {
        pub id: SubmissionId,
        pub revision: i64,
        pub dataset: String,
        pub path: ScopePath,
        pub at: Timestamp,
    }
}

/// The revisions that were approved since a day, a stretch of them after one that is known.
pub async fn approved_since(
    tx: &mut Tx,
    since: Day,
    after: &(String, i64),
    limit: usize,
) -> Result<Vec<Approved>, DbError> {
    tx.all(
        sql!("select s.submission as id, s.revision, r.dataset, r.path, s.at from reporting_snapshots s \
              join reporting_submissions r on r.id = s.submission where s.occasion = 'approved' and s.at >= $1 \
              and (s.submission > $2 or (s.submission = $2 and s.revision > $3)) order by s.submission, s.revision limit $4"),
        &[since.start().into(), after.0.as_str().into(), after.1.into(), limit.into()],
    )
    .await
}

/// Puts something in; false when the same is there already.
pub async fn put(tx: &mut Tx, one: &Outgoing) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("insert into reporting_outbox (id, once, way, recipient, subject, body, at, next_at, tries, state, answer) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'waiting', '') on conflict (once) do nothing"),
            &[
                (&one.id).into(),
                (&one.once).into(),
                (&one.way).into(),
                (&one.recipient).into(),
                (&one.subject).into(),
                (&one.body).into(),
                one.at.into(),
                one.next_at.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// What is due, oldest first: to other systems, or to people.
pub async fn due(
    tx: &mut Tx,
    outlets: bool,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Outgoing>, DbError> {
    tx.all(
        sql!("select id, once, way, recipient, subject, body, at, next_at, tries, state, done_at, answer \
              from reporting_outbox where state = 'waiting' and next_at <= $1 and (way = 'outlet') = $2 \
              order by next_at, id limit $3"),
        &[now.into(), outlets.into(), limit.into()],
    )
    .await
}

/// When the next one is due.
pub async fn next_due(tx: &mut Tx, outlets: bool) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .one(
            sql!("select min(next_at) as value from reporting_outbox where state = 'waiting' and (way = 'outlet') = $1"),
            &[outlets.into()],
        )
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Takes one for a try, until the given moment; false when another worker was quicker. What is said of it stands
/// until the try ends, and is all that is left of a try that never ended.
pub async fn claim(
    tx: &mut Tx,
    one: &Outgoing,
    until: Timestamp,
    said: &str,
) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!(
                "update reporting_outbox set next_at = $3, tries = tries + 1, answer = $4 \
                  where id = $1 and state = 'waiting' and next_at = $2"
            ),
            &[(&one.id).into(), one.next_at.into(), until.into(), said.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Lets everything that is due wait for a way that is down, so that it does not stand before the others. An
/// outlet is a way of its own.
pub async fn put_off(tx: &mut Tx, one: &Outgoing, until: Timestamp) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_outbox set next_at = $3 where state = 'waiting' and next_at <= $4 and way = $1 \
              and (way <> 'outlet' or recipient = $2)"),
        &[(&one.way).into(), (&one.recipient).into(), until.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Lets it wait until then, with what was said.
pub async fn wait(
    tx: &mut Tx,
    id: &OutboxId,
    until: Timestamp,
    answer: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_outbox set next_at = $2, answer = $3 where id = $1 and state = 'waiting'"),
        &[id.into(), until.into(), answer.into()],
    )
    .await?;
    Ok(())
}

/// Notes how it ended, unless that is known already. `body` replaces what it was made of, when that is not to be kept.
pub async fn settle(
    tx: &mut Tx,
    id: &OutboxId,
    state: &'static str,
    answer: &str,
    body: Option<&str>,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_outbox set state = $2, done_at = $3, answer = $4, body = coalesce($5, body) \
              where id = $1 and state = 'waiting'"),
        &[id.into(), state.into(), now.into(), answer.into(), body.map(str::to_owned).into()],
    )
    .await?;
    Ok(())
}

/// Puts one that was refused back in line; false when it was not refused.
pub async fn again(tx: &mut Tx, id: &OutboxId) -> Result<bool, DbError> {
    let now = tx.now();
    let touched = tx
        .run(
            sql!("update reporting_outbox set state = 'waiting', next_at = $2, at = $2, tries = 0, done_at = null \
                  where id = $1 and state = 'refused' and way <> 'code'"),
            &[id.into(), now.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// A page of them, newest first; all states when none is named.
pub async fn list(
    tx: &mut Tx,
    state: &str,
    limit: usize,
    offset: usize,
) -> Result<Vec<Outgoing>, DbError> {
    tx.all(
        sql!("select id, once, way, recipient, subject, body, at, next_at, tries, state, done_at, answer \
              from reporting_outbox where ($1 = '' or state = $1) order by at desc, id desc limit $2 offset $3"),
        &[state.into(), limit.into(), offset.into()],
    )
    .await
}

/// How many there are of a state.
pub async fn count(tx: &mut Tx, state: &str) -> Result<i64, DbError> {
    tx.one(
        sql!("select count(*) as value from reporting_outbox where ($1 = '' or state = $1)"),
        &[state.into()],
    )
    .await
}

/// Forgets letters and notifications that ended before a moment; what was told to other systems is kept.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from reporting_outbox where state <> 'waiting' and way <> 'outlet' and done_at < $1"),
        &[before.into()],
    )
    .await
}
