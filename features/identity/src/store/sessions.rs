//! Statements about sessions and known devices.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::{AccountId, CLOCK_SLACK_MS, SessionId, SessionLimits};

row_struct! {
    /// A session with one of its person's grants in force, or with none.
    pub(crate) struct SessionRow {
        pub session: SessionId,
        pub last_seen_at: Timestamp,
        pub account: AccountId,
        pub name: String,
        pub must_change_password: bool,
        pub role: Option<String>,
        pub scope: Option<String>,
        pub from_day: Option<Day>,
        pub until_day: Option<Day>,
    }

    /// A signed-in browser, as its owner sees it.
    #[derive(Clone, Debug)]
    pub(crate) struct OpenSession {
        pub id: SessionId,
        pub token_hash: String,
        pub device: String,
        pub address: String,
        pub created_at: Timestamp,
        pub last_seen_at: Timestamp,
    }
}

/// A session about to begin.
pub(crate) struct NewSession<'a> {
    pub token_hash: &'a str,
    pub account: &'a AccountId,
    pub device: &'a str,
    pub address: &'a str,
    pub expires_at: Timestamp,
}

/// The live session of a token and what its person may do today, in one statement.
pub(crate) async fn session_rows(
    tx: &mut Tx,
    token_hash: &str,
    limits: SessionLimits,
) -> Result<Vec<SessionRow>, DbError> {
    let now = tx.now();
    tx.all(
        sql!(
            "select s.id as session, s.last_seen_at, a.id as account, a.name, a.must_change_password, \
             g.role, g.scope, g.from_day, g.until_day \
             from identity_sessions s \
             join identity_accounts a on a.id = s.account and a.status = 'active' \
             left join identity_grants g on g.account = a.id and g.from_day <= $2 and g.until_day > $2 \
             where s.token_hash = $1 and s.expires_at > $3 and s.created_at > $4 and s.created_at <= $5 \
             and s.last_seen_at > $6"
        ),
        &[
            token_hash.into(),
            now.day().into(),
            now.into(),
            now.plus_millis(-limits.absolute_ms).into(),
            now.plus_millis(CLOCK_SLACK_MS).into(),
            now.plus_millis(-limits.idle_ms).into(),
        ],
    )
    .await
}

/// Notes that the session was used. Given `before`, two requests at once write only once.
pub(crate) async fn touch(tx: &mut Tx, id: &SessionId, before: Timestamp) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_sessions set last_seen_at = $2 where id = $1 and last_seen_at = $3"),
        &[id.into(), tx.now().into(), before.into()],
    )
    .await?;
    Ok(())
}

/// Begins a session.
pub(crate) async fn insert_session(tx: &mut Tx, new: &NewSession<'_>) -> Result<(), DbError> {
    let id: SessionId = tx.new_id();
    tx.run(
        sql!(
            "insert into identity_sessions (id, token_hash, account, device, address, created_at, last_seen_at, \
             expires_at) values ($1, $2, $3, $4, $5, $6, $6, $7)"
        ),
        &[
            (&id).into(),
            new.token_hash.into(),
            new.account.into(),
            new.device.into(),
            new.address.into(),
            tx.now().into(),
            new.expires_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The sessions of a person that are still open, the latest used first.
pub(crate) async fn sessions_of(
    tx: &mut Tx,
    account: &AccountId,
    limits: SessionLimits,
) -> Result<Vec<OpenSession>, DbError> {
    let now = tx.now();
    tx.all(
        sql!(
            "select id, token_hash, device, address, created_at, last_seen_at from identity_sessions \
             where account = $1 and expires_at > $2 and created_at <= $3 and last_seen_at > $4 \
             order by last_seen_at desc, id"
        ),
        &[
            account.into(),
            now.into(),
            now.plus_millis(CLOCK_SLACK_MS).into(),
            now.plus_millis(-limits.idle_ms).into(),
        ],
    )
    .await
}

/// Ends the session of a token.
pub(crate) async fn end_session(tx: &mut Tx, token_hash: &str) -> Result<u64, DbError> {
    tx.run(sql!("delete from identity_sessions where token_hash = $1"), &[token_hash.into()]).await
}

/// Ends one session of this account; gives 0 when there is no such session of theirs.
pub(crate) async fn end_session_of(
    tx: &mut Tx,
    account: &AccountId,
    id: &SessionId,
) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from identity_sessions where id = $1 and account = $2"),
        &[id.into(), account.into()],
    )
    .await
}

/// Ends every session of an account.
pub(crate) async fn end_all_sessions(tx: &mut Tx, account: &AccountId) -> Result<u64, DbError> {
    tx.run(sql!("delete from identity_sessions where account = $1"), &[account.into()]).await
}

/// Ends every session of an account but the one with this token.
pub(crate) async fn end_other_sessions(
    tx: &mut Tx,
    account: &AccountId,
    token_hash: &str,
) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from identity_sessions where account = $1 and token_hash <> $2"),
        &[account.into(), token_hash.into()],
    )
    .await
}

/// True when this browser has signed in to this account before.
pub(crate) async fn known_device(
    tx: &mut Tx,
    token_hash: &str,
    account: &AccountId,
) -> Result<bool, DbError> {
    let found: Option<i64> = tx
        .maybe(
            sql!(
                "select last_used_at as value from identity_devices where token_hash = $1 and account = $2"
            ),
            &[token_hash.into(), account.into()],
        )
        .await?;
    Ok(found.is_some())
}

/// True when somebody has signed in from this browser before.
pub(crate) async fn device_exists(tx: &mut Tx, token_hash: &str) -> Result<bool, DbError> {
    let found: Option<i64> = tx
        .maybe(
            sql!(
                "select last_used_at as value from identity_devices where token_hash = $1 limit 1"
            ),
            &[token_hash.into()],
        )
        .await?;
    Ok(found.is_some())
}

/// Notes that this browser belongs to somebody who knows the password.
pub(crate) async fn remember_device(
    tx: &mut Tx,
    token_hash: &str,
    account: &AccountId,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into identity_devices (token_hash, account, last_used_at) values ($1, $2, $3) \
             on conflict (token_hash, account) do update set last_used_at = excluded.last_used_at"
        ),
        &[token_hash.into(), account.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Forgets every known device of an account.
pub(crate) async fn forget_devices(tx: &mut Tx, account: &AccountId) -> Result<(), DbError> {
    tx.run(sql!("delete from identity_devices where account = $1"), &[account.into()]).await?;
    Ok(())
}

const DAY_MS: i64 = 24 * 3_600_000;

/// Throws away what no longer means anything: ended sessions, devices unused for half a year, counters
/// of yesterday, and single slips older than a quarter of an hour (somebody trying thousands of names
/// leaves one of those for each).
pub(crate) async fn prune(tx: &mut Tx) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(sql!("delete from identity_sessions where expires_at <= $1"), &[now.into()]).await?;
    tx.run(
        sql!("delete from identity_devices where last_used_at < $1"),
        &[now.plus_millis(-180 * DAY_MS).into()],
    )
    .await?;
    tx.run(
        sql!(
            "delete from identity_tries where last_at < $1 or (failures < 4 and last_at < $2) or last_at > $3"
        ),
        &[
            now.plus_millis(-DAY_MS).into(),
            now.plus_millis(-DAY_MS / 96).into(),
            now.plus_millis(CLOCK_SLACK_MS).into(),
        ],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::count_try;

    testkit::on_both_engines! {
        async fn what_no_longer_means_anything_is_thrown_away(builder: KitBuilder) {
            let kit = builder.with([crate::module()]).start().await;
            let raise = async |key: &'static str, times: usize| {
                for _ in 0..times {
                    kit.db().change(async |tx| Ok(count_try(tx, key).await?)).await.expect("counted");
                }
            };
            let left = async || -> Vec<String> {
                kit.db()
                    .change(async |tx| {
                        prune(tx).await?;
                        Ok(tx.all(sql!("select key as value from identity_tries order by key"), &[]).await?)
                    })
                    .await
                    .expect("pruned")
            };
            raise("many", 5).await;
            raise("slip", 1).await;
            assert_eq!(left().await, ["many", "slip"]);
            kit.clock.advance(16 * 60_000);
            assert_eq!(left().await, ["many"], "a single slip is forgotten after a quarter of an hour");
            kit.clock.advance(DAY_MS);
            assert_eq!(left().await, Vec::<String>::new());
            raise("from the future", 9).await;
            kit.clock.advance(-DAY_MS);
            assert_eq!(left().await, Vec::<String>::new(), "a corrected clock leaves nothing behind");
        }
    }
}
