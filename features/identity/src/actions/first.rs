//! The first administrator: on the first-run page with a code from the server's own window, or from the
//! command line by whoever can read the data folder anyway.

use kernel::{
    app::App,
    caller::Caller,
    clock::{Day, Timestamp},
    db::{Db, DbError},
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    ACCOUNT_NOT_FOUND, FIRST_EXISTS, NewAccount, NewRole,
    accounts::{checked, insert, replace_password},
    audit, hashing,
    roles::give,
    sign_in::raise,
};
use crate::{
    model::{AccountId, OF_SETUP, Status, check_password, groups, role, username_key},
    store,
};

/// What [`ensure_first_administrator`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum FirstAdministrator {
    /// There was none; this one was made.
    Created(AccountId),
    /// Some administrator had been made before; nothing was changed.
    AlreadyThere,
}

/// The code that the first-run page asks for, while no administrator has ever been made; `None` after.
///
/// It is the same on every start until then, so that the window it was printed in may be closed.
pub async fn setup_code(app: &App) -> Outcome<Option<String>> {
    let exists = app.db.view(async |tx| Ok(store::there_was_a_first(tx).await?)).await?;
    Ok((!exists).then(|| code_of(app)))
}

fn code_of(app: &App) -> String {
    let secret = app.secret("nhipcau 2026 first administrator");
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&secret[..12]);
    groups(bytes)
}

fn over_everything(now: Timestamp) -> NewRole {
    NewRole {
        role: role::ADMINISTRATOR.to_owned(),
        scope: ScopePath::root(),
        from: now.day(),
        until: Day::FOREVER,
    }
}

fn account(username: &str, name: &str, password: &str) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        name: name.to_owned(),
        place: ScopePath::root(),
        password: Some(password.to_owned()),
        roles: Vec::new(),
    }
}

/// Makes the first administrator unless there has been one.
pub async fn ensure_first_administrator(
    db: &Db,
    username: &str,
    name: &str,
    password: &str,
) -> Outcome<FirstAdministrator> {
    match create_first(db, account(username, name, password)).await {
        Ok(id) => Ok(FirstAdministrator::Created(id)),
        Err(failure) if failure.is(&FIRST_EXISTS) => Ok(FirstAdministrator::AlreadyThere),
        Err(failure) => Err(failure),
    }
}

async fn create_first(db: &Db, new: NewAccount) -> Outcome<AccountId> {
    let exists = db.view(async |tx| Ok(store::there_was_a_first(tx).await?)).await?;
    if exists {
        return Err((&FIRST_EXISTS).into());
    }
    let new = checked(new)?;
    let hash = hashing::hash(new.password.as_deref().unwrap_or_default(), db.chance()).await?;
    db.change(async |tx| {
        let system = Caller::system(tx.now());
        let id = insert(tx, &system, &new, &hash, None).await?;
        // Two people may press the button at once: the row of the first one refuses the second.
        match store::mark_first(tx, &id).await {
            Err(DbError::Duplicate(_)) => return Err((&FIRST_EXISTS).into()),
            done => done?,
        }
        give(tx, &system, &id, &over_everything(tx.now())).await?;
        Ok(id)
    })
    .await
}

/// The first-run page: as [`ensure_first_administrator`], for somebody who can read the server's window.
///
/// # Errors
/// 404 once an administrator exists; 422 with fields `code`, `username`, `name`, `password`; 429 after
/// many wrong codes.
pub async fn first_run(
    app: &App,
    code: &str,
    username: &str,
    name: &str,
    password: &str,
) -> Outcome<AccountId> {
    let ours = setup_code(app).await?.or_missing(&FIRST_EXISTS)?;
    app.db.change(async |tx| raise(tx, "setup", OF_SETUP).await).await?;
    // Compared as hashes, so that the time taken tells nothing.
    let typed = code.trim().to_lowercase();
    let mut problems = FormProblems::new();
    let is_right = blake3::hash(typed.as_bytes()) == blake3::hash(ours.as_bytes());
    problems.require(is_right, "code", "identity-first-code-wrong");
    problems.check()?;
    app.db.change(async |tx| Ok(store::clear(tx, "setup").await?)).await?;
    create_first(&app.db, account(username, name, password)).await
}

/// From the command line, when nobody can sign in any more: makes this account an administrator of
/// everything with this password, whatever it was before.
pub async fn rescue_administrator(db: &Db, username: &str, password: &str) -> Outcome<AccountId> {
    let key = username_key(username).unwrap_or_default();
    let found = db.view(async |tx| Ok(store::credentials(tx, &key).await?)).await?;
    let now = db.clock().now();
    let system = Caller::system(now);
    let Some(found) = found else {
        let roles = vec![over_everything(now)];
        let new = NewAccount { roles, ..account(username, username, password) };
        return Ok(super::create_account(&system, db, new).await?.id);
    };
    let mut problems = FormProblems::new();
    check_password(&mut problems, "password", password, &found.username);
    problems.check()?;
    let hash = hashing::hash(password, db.chance()).await?;
    db.change(async |tx| {
        let id = found.id.clone();
        store::find_account(tx, &id).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
        replace_password(tx, &id, &hash, None).await?;
        store::set_status(tx, &id, Status::Active).await?;
        let today = tx.now().day();
        let is_administrator = store::grants_of(tx, &id).await?.iter().any(|held| {
            held.role == role::ADMINISTRATOR
                && held.scope == ScopePath::root()
                && held.from_day <= today
                && held.until_day == Day::FOREVER
        });
        if !is_administrator {
            give(tx, &system, &id, &over_everything(tx.now())).await?;
        }
        audit(tx, &system, "identity.administrator-rescued", id.as_str(), "").await?;
        Ok(id)
    })
    .await
}

/// From the command line, for somebody who has forgotten their password and whose administrator cannot be
/// reached: a one-time password, valid for seven days. Roles and a suspension stay as they are.
pub async fn reset_password_locally(app: &App, username: &str) -> Outcome<String> {
    let key = username_key(username).unwrap_or_default();
    let found = app.db.view(async |tx| Ok(store::credentials(tx, &key).await?)).await?;
    let id = found.or_missing(&ACCOUNT_NOT_FOUND)?.id;
    super::reset_password(&Caller::system(app.now()), &app.db, &id).await
}
