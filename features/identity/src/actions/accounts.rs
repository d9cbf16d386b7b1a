//! Looking after other people's accounts: open one, close it, give a new one-time password.

use kernel::{
    caller::Caller,
    clock::Timestamp,
    db::{Db, DbError, Tx},
    problem::{Failure, FormProblems, OrMissing, Outcome},
    scope::ScopePath,
    text,
};

use super::{
    ABOVE_YOU, ACCOUNT_NOT_FOUND, MANAGE_ACCOUNTS, NOT_YOURSELF, NewRole, audit, hashing,
    roles::{check_role, give},
    sign_in::name_key,
};
use crate::{
    model::{
        AccountId, ONE_TIME_DAYS, Status, check_name, check_password, check_username, covers,
        one_time_password, username_key,
    },
    store::{self, Account},
};

/// An account to be opened.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What the person types; unique without regard to case, marks and punctuation.
    pub username: String,
    /// How colleagues read the person.
    pub name: String,
    /// Where the person works: administrators of this place look after the account.
    pub place: ScopePath,
    /// A chosen password, or `None` for a one-time password that must be changed at the first sign-in.
    pub password: Option<String>,
    /// Roles from the start.
    pub roles: Vec<NewRole>,
}

/// A new account.
#[derive(Debug)]
pub struct Created {
    /// Its id.
    pub id: AccountId,
    /// The one-time password, when none was chosen. This is the only time it can be read.
    pub one_time_password: Option<String>,
}

/// Opens an account with its first roles.
///
/// # Errors
/// 403 outside the caller's subtree; 422 with fields `username`, `name`, `password`, `role`, `until`.
pub async fn create_account(caller: &Caller, db: &Db, new: NewAccount) -> Outcome<Created> {
    caller.must(&MANAGE_ACCOUNTS, &new.place)?;
    new.roles.iter().try_for_each(|role| check_role(caller, role))?;
    let new = checked(new)?;
    let (password, until) = password_for(db, caller.now(), new.password.as_deref());
    let hash = hashing::hash(&password, db.chance()).await?;
    let one_time_password = new.password.is_none().then_some(password);
    let id = db
        .change(async |tx| {
            let id = insert(tx, caller, &new, &hash, until).await?;
            for role in &new.roles {
                give(tx, caller, &id, role).await?;
            }
            Ok(id)
        })
        .await?;
    Ok(Created { id, one_time_password })
}

/// The account with its texts tidied, or what is wrong with them.
pub(super) fn checked(new: NewAccount) -> Outcome<NewAccount> {
    let new =
        NewAccount { username: text::tidy(&new.username), name: text::tidy(&new.name), ..new };
    let mut problems = FormProblems::new();
    check_username(&mut problems, &new.username);
    check_name(&mut problems, &new.name);
    if let Some(password) = &new.password {
        check_password(&mut problems, "password", password, &new.username);
    }
    problems.check()?;
    Ok(new)
}

/// The chosen password, or a one-time one with its end.
fn password_for(db: &Db, now: Timestamp, chosen: Option<&str>) -> (String, Option<Timestamp>) {
    match chosen {
        Some(chosen) => (chosen.to_owned(), None),
        None => (one_time_password(db.chance()), Some(now.plus_seconds(ONE_TIME_DAYS * 24 * 3600))),
    }
}

/// Writes a checked account.
pub(super) async fn insert(
    tx: &mut Tx,
    caller: &Caller,
    new: &NewAccount,
    hash: &str,
    until: Option<Timestamp>,
) -> Outcome<AccountId> {
    let account = Account {
        id: tx.new_id(),
        username: new.username.clone(),
        name: new.name.clone(),
        place: new.place.clone(),
        status: Status::Active,
        must_change_password: until.is_some(),
        password_until: until,
        created_at: tx.now(),
    };
    let key = username_key(&account.username).unwrap_or_default();
    match store::insert_account(tx, &account, &key, hash, caller.id()).await {
        Err(DbError::Duplicate(_)) => {
            let mut problems = FormProblems::new();
            problems.add("username", "identity-username-taken");
            return Err(problems.check().err().unwrap_or_else(|| (&ACCOUNT_NOT_FOUND).into()));
        }
        done => done?,
    }
    audit(tx, caller, "identity.account-opened", account.id.as_str(), new.place.as_str()).await?;
    Ok(account.id)
}

/// Finds an account the caller may manage: it works inside their subtree, and nothing it holds or will
/// hold reaches further or lasts longer than what they hold. Otherwise resetting a password would be a
/// way up.
async fn manageable(tx: &mut Tx, caller: &Caller, id: &AccountId) -> Outcome<Account> {
    let account = store::find_account(tx, id).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
    caller.must(&MANAGE_ACCOUNTS, &account.place)?;
    let today = caller.now().day();
    let grants = store::grants_of(tx, id).await?;
    let mut live = grants.iter().filter(|grant| grant.until_day > today);
    if live.all(|held| covers(caller, &MANAGE_ACCOUNTS, &held.scope, held.until_day)) {
        Ok(account)
    } else {
        Err((&ABOVE_YOU).into())
    }
}

fn not_oneself(caller: &Caller, id: &AccountId) -> Outcome<()> {
    if id.as_str() == caller.id() { Err((&NOT_YOURSELF).into()) } else { Ok(()) }
}

/// Closes an account until it is opened again; the person is signed out everywhere at once.
pub async fn suspend(caller: &Caller, db: &Db, id: &AccountId) -> Outcome<()> {
    db.change(async |tx| {
        manageable(tx, caller, id).await?;
        not_oneself(caller, id)?;
        store::set_status(tx, id, Status::Suspended).await?;
        store::end_all_sessions(tx, id).await?;
        audit(tx, caller, "identity.account-suspended", id.as_str(), "").await
    })
    .await
}

/// Opens a suspended account again.
pub async fn reopen(caller: &Caller, db: &Db, id: &AccountId) -> Outcome<()> {
    db.change(async |tx| {
        manageable(tx, caller, id).await?;
        store::set_status(tx, id, Status::Active).await?;
        audit(tx, caller, "identity.account-reopened", id.as_str(), "").await
    })
    .await
}

/// Gives a new one-time password, valid for seven days, and signs the person out everywhere. What
/// strangers tried under the name is forgotten, so that the new password can be used at once.
pub async fn reset_password(caller: &Caller, db: &Db, id: &AccountId) -> Outcome<String> {
    // Asked first and again below: hashing is too dear to offer to everybody, and too slow to hold the
    // database's only writer meanwhile.
    db.view(async |tx| manageable(tx, caller, id).await.map(drop)).await?;
    not_oneself(caller, id)?;
    let (password, until) = password_for(db, caller.now(), None);
    let hash = hashing::hash(&password, db.chance()).await?;
    db.change(async |tx| {
        manageable(tx, caller, id).await?;
        replace_password(tx, id, &hash, until).await?;
        audit(tx, caller, "identity.password-reset", id.as_str(), "").await
    })
    .await?;
    Ok(password)
}

/// Another password, and no trace of what was open or counted under the old one.
pub(super) async fn replace_password(
    tx: &mut Tx,
    id: &AccountId,
    hash: &str,
    until: Option<Timestamp>,
) -> Result<(), Failure> {
    store::set_password(tx, id, hash, until).await?;
    store::end_all_sessions(tx, id).await?;
    store::forget_devices(tx, id).await?;
    store::clear(tx, &name_key(id.as_str())).await?;
    store::clear_pairs(tx, id.as_str()).await?;
    Ok(())
}
