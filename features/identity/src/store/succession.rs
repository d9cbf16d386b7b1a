//! Statements about authority that followed a change of the map.

use areas::AreaEventId;
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use super::StoredGrant;
use crate::model::{AccountId, GrantId};

row_struct! {
    /// What was done to a grant for an event.
    #[derive(Clone, Debug)]
    pub(crate) struct Followed {
        pub grant_id: GrantId,
        pub new_grant: String,
        pub until_before: Day,
        pub ended_at_before: Option<Timestamp>,
        pub ended_by_before: Option<String>,
    }
    /// An account that lies under a path.
    pub(crate) struct Placed {
        pub id: AccountId,
        pub place: ScopePath,
    }
    /// An account that was moved, and from where.
    pub(crate) struct Moved {
        pub account: AccountId,
        pub place_before: ScopePath,
        pub place_after: ScopePath,
    }
    /// A grant that waits for a decision.
    pub(crate) struct WaitingGrant {
        pub grant_id: GrantId,
        pub role: String,
        pub scope: ScopePath,
    }
    /// Who holds a role over a place.
    pub(crate) struct Holder {
        pub role: String,
        pub account: AccountId,
        pub name: String,
    }
    struct EndedBy {
        ended_at: Option<Timestamp>,
        ended_by: Option<String>,
    }
}

/// Grants over a path or below it that would still hold on a day, except those an event has brought.
pub(crate) async fn grants_below(
    tx: &mut Tx,
    path: &ScopePath,
    on: Day,
    event: &AreaEventId,
) -> Result<Vec<StoredGrant>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!(
            "select id, account, role, scope, from_day, until_day, ended_at from identity_grants g \
             where scope >= $1 and scope < $2 and until_day > $3 and until_day > from_day \
             and not exists (select 1 from identity_followed f where f.event = $4 \
             and (f.new_grant = g.id or f.grant_id = g.id)) order by id"
        ),
        &[low.into(), high.into(), on.into(), event.into()],
    )
    .await
}

/// One grant, whoever holds it.
pub(crate) async fn grant(tx: &mut Tx, id: &GrantId) -> Result<Option<StoredGrant>, DbError> {
    tx.maybe(
        sql!(
            "select id, account, role, scope, from_day, until_day, ended_at from identity_grants where id = $1"
        ),
        &[id.into()],
    )
    .await
}

/// The same role over the same place, that an account holds at least as long.
pub(crate) async fn same_grant(
    tx: &mut Tx,
    account: &AccountId,
    role: &str,
    scope: &ScopePath,
    from: Day,
    until: Day,
) -> Result<Option<String>, DbError> {
    tx.maybe(
        sql!(
            "select id as value from identity_grants where account = $1 and role = $2 and scope = $3 \
             and from_day <= $4 and until_day >= $5 order by id limit 1"
        ),
        &[account.into(), role.into(), scope.into(), from.into(), until.into()],
    )
    .await
}

/// Remembers what a grant was, and which one began for it. False when that is known already.
pub(crate) async fn remember(
    tx: &mut Tx,
    event: &AreaEventId,
    before: &StoredGrant,
    new_grant: &str,
) -> Result<bool, DbError> {
    let ended: EndedBy = tx
        .one(
            sql!("select ended_at, ended_by from identity_grants where id = $1"),
            &[(&before.id).into()],
        )
        .await?;
    let fresh = tx
        .run(
            sql!(
                "insert into identity_followed (event, grant_id, new_grant, until_before, ended_at_before, ended_by_before) \
                 values ($1, $2, $3, $4, $5, $6) on conflict (event, grant_id) do nothing"
            ),
            &[
                event.into(),
                (&before.id).into(),
                new_grant.into(),
                before.until_day.into(),
                ended.ended_at.into(),
                ended.ended_by.into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// Notes which grant began after somebody had decided.
pub(crate) async fn set_new(
    tx: &mut Tx,
    event: &AreaEventId,
    grant: &GrantId,
    new_grant: &GrantId,
) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_followed set new_grant = $3 where event = $1 and grant_id = $2"),
        &[event.into(), grant.into(), new_grant.into()],
    )
    .await?;
    Ok(())
}

/// What was done for one grant.
pub(crate) async fn followed_one(
    tx: &mut Tx,
    event: &AreaEventId,
    grant: &GrantId,
) -> Result<Option<Followed>, DbError> {
    tx.maybe(
        sql!(
            "select grant_id, new_grant, until_before, ended_at_before, ended_by_before from identity_followed \
             where event = $1 and grant_id = $2"
        ),
        &[event.into(), grant.into()],
    )
    .await
}

/// Everything that was done to grants for an event.
pub(crate) async fn followed(tx: &mut Tx, event: &AreaEventId) -> Result<Vec<Followed>, DbError> {
    tx.all(
        sql!(
            "select grant_id, new_grant, until_before, ended_at_before, ended_by_before from identity_followed \
             where event = $1 order by grant_id"
        ),
        &[event.into()],
    )
    .await
}

/// Makes a grant what it was, and lets the one that began for it go.
pub(crate) async fn restore(tx: &mut Tx, row: &Followed) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update identity_grants set until_day = $2, ended_at = $3, ended_by = $4 where id = $1"
        ),
        &[
            (&row.grant_id).into(),
            row.until_before.into(),
            row.ended_at_before.into(),
            row.ended_by_before.clone().into(),
        ],
    )
    .await?;
    if !row.new_grant.is_empty() {
        tx.run(sql!("delete from identity_grants where id = $1"), &[row.new_grant.as_str().into()])
            .await?;
    }
    Ok(())
}

/// Accounts placed at a path or below it.
pub(crate) async fn placed_below(tx: &mut Tx, path: &ScopePath) -> Result<Vec<Placed>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!(
            "select id, place from identity_accounts where place >= $1 and place < $2 order by id"
        ),
        &[low.into(), high.into()],
    )
    .await
}

/// Moves an account and remembers from where. An event moves an account once.
pub(crate) async fn place(
    tx: &mut Tx,
    event: &AreaEventId,
    account: &AccountId,
    before: &ScopePath,
    after: &ScopePath,
) -> Result<(), DbError> {
    let fresh = tx
        .run(
            sql!(
                "insert into identity_moved (event, account, place_before, place_after) values ($1, $2, $3, $4) \
                 on conflict (event, account) do nothing"
            ),
            &[event.into(), account.into(), before.into(), after.into()],
        )
        .await?;
    if fresh == 1 {
        set_place(tx, account, before, after).await?;
    }
    Ok(())
}

/// Moves an account that is where it is thought to be.
pub(crate) async fn set_place(
    tx: &mut Tx,
    account: &AccountId,
    from: &ScopePath,
    to: &ScopePath,
) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_accounts set place = $3 where id = $1 and place = $2"),
        &[account.into(), from.into(), to.into()],
    )
    .await?;
    Ok(())
}

/// Accounts that an event has moved.
pub(crate) async fn moved(tx: &mut Tx, event: &AreaEventId) -> Result<Vec<Moved>, DbError> {
    tx.all(
        sql!("select account, place_before, place_after from identity_moved where event = $1 order by account"),
        &[event.into()],
    )
    .await
}

/// Forgets what an event had done.
pub(crate) async fn forget(tx: &mut Tx, event: &AreaEventId) -> Result<(), DbError> {
    tx.run(sql!("delete from identity_followed where event = $1"), &[event.into()]).await?;
    tx.run(sql!("delete from identity_moved where event = $1"), &[event.into()]).await?;
    Ok(())
}

/// Grants of an account that ended with a divided unit and that nobody has decided about.
pub(crate) async fn waiting(
    tx: &mut Tx,
    account: &AccountId,
) -> Result<Vec<WaitingGrant>, DbError> {
    tx.all(
        sql!(
            "select f.grant_id, g.role, g.scope from identity_followed f join identity_grants g on g.id = f.grant_id \
             where g.account = $1 and f.new_grant = '' order by g.role, g.scope, g.id"
        ),
        &[account.into()],
    )
    .await
}

/// Who holds a role over exactly this place on a day, by role and name.
pub(crate) async fn holders(
    tx: &mut Tx,
    scope: &ScopePath,
    on: Day,
) -> Result<Vec<Holder>, DbError> {
    tx.all(
        sql!(
            "select distinct g.role, g.account, a.name from identity_grants g join identity_accounts a on a.id = g.account \
             where g.scope = $1 and g.from_day <= $2 and g.until_day > $2 and a.status = 'active' \
             order by g.role, a.name, g.account"
        ),
        &[scope.into(), on.into()],
    )
    .await
}
