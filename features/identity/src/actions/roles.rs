//! Giving and ending roles over places.

use kernel::{
    caller::Caller,
    clock::Day,
    db::{Db, Tx},
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{ACCOUNT_NOT_FOUND, MANAGE_ACCOUNTS, NOT_YOURSELF, audit};
use crate::{
    model::{AccountId, GrantId, PLACES_MAX, covers, role},
    store::{self, StoredGrant},
};

/// A role to be given.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// One of [`crate::role`].
    pub role: String,
    /// The subtree it is held over.
    pub scope: ScopePath,
    /// First day it holds.
    pub from: Day,
    /// First day it no longer holds; [`Day::FOREVER`] for no end.
    pub until: Day,
}

/// Gives a role. Only inside one's own subtree, and not for longer than one's own role lasts.
pub async fn grant_role(
    caller: &Caller,
    db: &Db,
    account: &AccountId,
    new: &NewRole,
) -> Outcome<GrantId> {
    db.change(async |tx| {
        let found = store::find_account(tx, account).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
        caller.must(&MANAGE_ACCOUNTS, &found.place)?;
        give(tx, caller, account, new).await
    })
    .await
}

/// May one give this role at all, before anything is looked at.
pub(super) fn check_role(caller: &Caller, new: &NewRole) -> Outcome<()> {
    caller.must(&MANAGE_ACCOUNTS, &new.scope)?;
    let mut problems = FormProblems::new();
    problems.require(role::ALL.contains(&new.role.as_str()), "role", "identity-role-unknown");
    problems.require(new.from < new.until, "until", "identity-role-dates");
    problems.require(new.until > caller.now().day(), "until", "identity-role-past");
    if problems.is_empty() && !covers(caller, &MANAGE_ACCOUNTS, &new.scope, new.until) {
        problems.add("until", "identity-role-longer-than-yours");
    }
    problems.check()
}

/// Gives a role in the middle of a larger change; the account may just have been made.
pub(super) async fn give(
    tx: &mut Tx,
    caller: &Caller,
    account: &AccountId,
    new: &NewRole,
) -> Outcome<GrantId> {
    check_role(caller, new)?;
    let held = store::count_places(tx, account, &new.role, caller.now().day()).await?;
    let mut problems = FormProblems::new();
    let has_room = usize::try_from(held).is_ok_and(|held| held < PLACES_MAX);
    problems.require(has_room, "scope", "identity-role-places");
    problems.check()?;
    let grant = StoredGrant {
        id: tx.new_id(),
        account: account.clone(),
        role: new.role.clone(),
        scope: new.scope.clone(),
        from_day: new.from,
        until_day: new.until,
        ended_at: None,
    };
    store::insert_grant(tx, &grant, caller.id()).await?;
    if new.role == role::ADMINISTRATOR {
        store::note_first(tx, account).await?;
    }
    let detail = format!("{} {} {}–{}", new.role, new.scope, new.from.iso(), new.until.iso());
    audit(tx, caller, "identity.role-given", account.as_str(), &detail).await?;
    Ok(grant.id)
}

/// Ends a role today. Nobody ends their own administration: so somebody always remains who can.
pub async fn end_role(
    caller: &Caller,
    db: &Db,
    account: &AccountId,
    grant: &GrantId,
) -> Outcome<()> {
    db.change(async |tx| {
        let found = store::find_grant(tx, account, grant).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
        caller.must(&MANAGE_ACCOUNTS, &found.scope)?;
        if found.role == role::ADMINISTRATOR && account.as_str() == caller.id() {
            return Err((&NOT_YOURSELF).into());
        }
        let today = caller.now().day();
        if found.until_day <= today {
            return Ok(());
        }
        let until = today.max(found.from_day);
        store::end_grant(tx, grant, until, caller.id()).await?;
        let detail = format!("{} {}", found.role, found.scope);
        audit(tx, caller, "identity.role-ended", account.as_str(), &detail).await
    })
    .await
}
