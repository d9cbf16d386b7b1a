//! Statements about failed sign-ins. Every counter is raised *before* the password is looked at, in a
//! statement that cannot be raced, and lowered again when it was right.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    sql,
};

use crate::model::{ADDRESS_LEAK_MS, CLOCK_SLACK_MS};

/// A counter nobody has raised for a day starts again from nothing.
const FORGET_MS: i64 = 24 * 3_600_000;

/// Raises a counter unless its wait is not over; gives the new count, or nothing while one must wait.
///
/// A row that claims to lie in the future was written by a clock that has since been corrected: it
/// counts for nothing, or a wrong clock could close an account for years.
pub(crate) async fn count_try(tx: &mut Tx, key: &str) -> Result<Option<i64>, DbError> {
    let now = tx.now();
    tx.maybe(
        sql!(
            "insert into identity_tries (key, failures, last_at, wait_until) values ($1, 1, $2, 0) \
             on conflict (key) do update set failures = case when identity_tries.last_at > $3 \
             or identity_tries.last_at < $4 then 1 else identity_tries.failures + 1 end, last_at = $2 \
             where identity_tries.wait_until <= $2 or identity_tries.last_at > $3 \
             returning failures as value"
        ),
        &[
            key.into(),
            now.into(),
            now.plus_millis(CLOCK_SLACK_MS).into(),
            now.plus_millis(-FORGET_MS).into(),
        ],
    )
    .await
}

/// Raises an address's counter, which leaks: one failure is forgotten every few seconds. It never
/// refuses.
pub(crate) async fn count_address(tx: &mut Tx, key: &str) -> Result<i64, DbError> {
    let now = tx.now();
    tx.one(
        sql!(
            "insert into identity_tries (key, failures, last_at, wait_until) values ($1, 1, $2, 0) \
             on conflict (key) do update set failures = case when identity_tries.last_at > $3 then 1 \
             when ($2 - identity_tries.last_at) / $4 >= identity_tries.failures then 1 \
             else identity_tries.failures - ($2 - identity_tries.last_at) / $4 + 1 end, last_at = $2 \
             returning failures as value"
        ),
        &[
            key.into(),
            now.into(),
            now.plus_millis(CLOCK_SLACK_MS).into(),
            ADDRESS_LEAK_MS.into(),
        ],
    )
    .await
}

/// Sets how long the next try must wait.
pub(crate) async fn set_wait(tx: &mut Tx, key: &str, until: Timestamp) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_tries set wait_until = $2 where key = $1"),
        &[key.into(), until.into()],
    )
    .await?;
    Ok(())
}

/// When the wait of a counter ends.
pub(crate) async fn waits_until(tx: &mut Tx, key: &str) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .maybe(sql!("select wait_until as value from identity_tries where key = $1"), &[key.into()])
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Takes back one failure: the password was right after all.
pub(crate) async fn forgive(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_tries set failures = failures - 1 where key = $1 and failures > 0"),
        &[key.into()],
    )
    .await?;
    Ok(())
}

/// Forgets a counter.
pub(crate) async fn clear(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from identity_tries where key = $1"), &[key.into()]).await?;
    Ok(())
}

/// Forgets what strangers at any address did under one name.
pub(crate) async fn clear_pairs(tx: &mut Tx, name: &str) -> Result<(), DbError> {
    // `A` follows `@`: the half-open range is every key that begins with `pair:<name>@`.
    tx.run(
        sql!("delete from identity_tries where key >= $1 and key < $2"),
        &[format!("pair:{name}@").into(), format!("pair:{name}A").into()],
    )
    .await?;
    Ok(())
}
