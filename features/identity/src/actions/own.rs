//! What people do with their own account.

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome, SIGN_IN_NEEDED},
};

use super::{
    ACCOUNT_NOT_FOUND, audit,
    hashing::{self, Asker},
    sessions::token_hash,
    sign_in::raise,
};
use crate::{
    model::{AccountId, OF_DEVICE, SessionId, check_password, is_long, normal_form, username_key},
    store::{self, Credentials},
};

/// The account of somebody who has signed in. The program itself has none.
pub(crate) fn own_id(caller: &Caller) -> Outcome<AccountId> {
    let person = caller.who().filter(|_| !caller.is_system());
    person.and_then(|person| AccountId::parse(&person.id)).or_missing(&SIGN_IN_NEEDED)
}

/// Ends the session of this token. Whoever has none is signed out already.
pub async fn sign_out(app: &App, caller: &Caller, token: &str) -> Outcome<()> {
    app.db
        .change(async |tx| {
            if store::end_session(tx, &token_hash(token)).await? > 0 {
                audit(tx, caller, "identity.sign-out", caller.id(), "").await?;
            }
            Ok(())
        })
        .await
}

/// Ends one of one's own sessions.
pub async fn end_own_session(app: &App, caller: &Caller, id: &SessionId) -> Outcome<()> {
    let own = own_id(caller)?;
    app.db
        .change(async |tx| {
            if store::end_session_of(tx, &own, id).await? == 0 {
                return Err((&NOT_FOUND).into());
            }
            audit(tx, caller, "identity.session-ended", own.as_str(), "").await
        })
        .await
}

/// Ends every session of one's own, this one too, and forgets the browsers one has used.
pub async fn sign_out_everywhere(app: &App, caller: &Caller) -> Outcome<()> {
    let own = own_id(caller)?;
    app.db
        .change(async |tx| {
            store::end_all_sessions(tx, &own).await?;
            store::forget_devices(tx, &own).await?;
            audit(tx, caller, "identity.sign-out-everywhere", own.as_str(), "").await
        })
        .await
}

/// Changes one's own password; every other session ends. `token` is the session that goes on.
///
/// # Errors
/// 422 with fields `password`, `new_password`, `again`; 429 after many wrong old passwords.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    token: &str,
    old: &str,
    new: &str,
    again: &str,
) -> Outcome<()> {
    let own = own_id(caller)?;
    let found = app.db.view(async |tx| own_credentials(tx, &own).await).await?;
    let mut problems = FormProblems::new();
    check_password(&mut problems, "new_password", new, &found.username);
    if problems.is_empty() {
        let is_same = normal_form(new) == normal_form(old);
        problems.require(!is_same, "new_password", "identity-password-same");
        problems.require(
            normal_form(new) == normal_form(again),
            "again",
            "identity-password-again",
        );
    }
    problems.check()?;
    // An unattended machine is not a place to try out passwords either.
    let tries = format!("own:{own}");
    app.db.change(async |tx| raise(tx, &tries, OF_DEVICE).await).await?;
    let old = if is_long(old) { "" } else { old };
    let is_right = hashing::matches(Asker::Known, old, Some(found.password.clone())).await?;
    let mut problems = FormProblems::new();
    problems.require(is_right, "password", "identity-password-old-wrong");
    problems.check()?;
    let hash = hashing::hash(new, &app.db.chance().clone()).await?;
    app.db
        .change(async |tx| {
            store::set_password(tx, &own, &hash, None).await?;
            store::end_other_sessions(tx, &own, &token_hash(token)).await?;
            store::clear(tx, &tries).await?;
            audit(tx, caller, "identity.password-changed", own.as_str(), "").await
        })
        .await
}

async fn own_credentials(tx: &mut Tx, own: &AccountId) -> Outcome<Credentials> {
    let account = store::find_account(tx, own).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
    let key = username_key(&account.username).unwrap_or_default();
    store::credentials(tx, &key).await?.or_missing(&ACCOUNT_NOT_FOUND)
}
