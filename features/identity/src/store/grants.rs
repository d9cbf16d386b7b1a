//! Statements about roles held over places.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{AccountId, GrantId};

row_struct! {
    /// A role given over a place between two days.
    #[derive(Clone, Debug)]
    pub(crate) struct StoredGrant {
        pub id: GrantId,
        pub account: AccountId,
        pub role: String,
        pub scope: ScopePath,
        pub from_day: Day,
        pub until_day: Day,
        pub ended_at: Option<Timestamp>,
    }
}

/// Gives a role.
pub(crate) async fn insert_grant(
    tx: &mut Tx,
    grant: &StoredGrant,
    by: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into identity_grants (id, account, role, scope, from_day, until_day, given_at, given_by) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        &[
            (&grant.id).into(),
            (&grant.account).into(),
            grant.role.as_str().into(),
            (&grant.scope).into(),
            grant.from_day.into(),
            grant.until_day.into(),
            tx.now().into(),
            by.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Every role a person holds, held or will hold, the current ones first.
pub(crate) async fn grants_of(
    tx: &mut Tx,
    account: &AccountId,
) -> Result<Vec<StoredGrant>, DbError> {
    tx.all(
        sql!(
            "select id, account, role, scope, from_day, until_day, ended_at from identity_grants \
             where account = $1 order by until_day desc, from_day, role, scope, id"
        ),
        &[account.into()],
    )
    .await
}

/// One grant of one account.
pub(crate) async fn find_grant(
    tx: &mut Tx,
    account: &AccountId,
    id: &GrantId,
) -> Result<Option<StoredGrant>, DbError> {
    tx.maybe(
        sql!(
            "select id, account, role, scope, from_day, until_day, ended_at from identity_grants \
             where id = $1 and account = $2"
        ),
        &[id.into(), account.into()],
    )
    .await
}

/// How many grants of a role are not over yet.
pub(crate) async fn count_places(
    tx: &mut Tx,
    account: &AccountId,
    role: &str,
    today: Day,
) -> Result<i64, DbError> {
    tx.one(
        sql!(
            "select cast(count(*) as bigint) as value from identity_grants \
             where account = $1 and role = $2 and until_day > $3"
        ),
        &[account.into(), role.into(), today.into()],
    )
    .await
}

/// Ends a grant: it holds no longer from `until` on. One that had not begun never will.
pub(crate) async fn end_grant(
    tx: &mut Tx,
    id: &GrantId,
    until: Day,
    by: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update identity_grants set until_day = $2, ended_at = $3, ended_by = $4 where id = $1"
        ),
        &[id.into(), until.into(), tx.now().into(), by.into()],
    )
    .await?;
    Ok(())
}
