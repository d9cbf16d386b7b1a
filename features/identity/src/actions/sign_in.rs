//! Signing in. The same answer, after the same time, for a wrong password and for a name nobody has.

use std::time::Duration;

use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, Outcome},
    tracing,
};

use super::{
    hashing::{self, Asker},
    sessions::{caller_in, token_hash},
    wait_problem, write_audit,
};
use crate::{
    model::{
        ADDRESS_FREE, AccountId, Growth, OF_ACCOUNT, OF_DEVICE, OF_PAIR, Status, address_group,
        device_label, is_long, session_limits, slow_by_ms, username_key,
    },
    store::{self, Credentials, NewAudit, NewSession},
};

/// What somebody sent to sign in.
pub struct Attempt<'a> {
    /// As typed.
    pub username: &'a str,
    /// As typed.
    pub password: &'a str,
    /// The token of the device cookie, valid or not.
    pub device: Option<&'a str>,
    /// The session this browser has now, which ends.
    pub old_session: Option<&'a str>,
    /// Where the request came from.
    pub address: &'a str,
    /// The browser's `User-Agent`.
    pub user_agent: &'a str,
}

/// A new session.
pub struct SignedIn {
    /// For the session cookie.
    pub token: String,
    /// For the device cookie.
    pub device: String,
    /// The person, with what they hold.
    pub caller: Caller,
    /// True when the password was a one-time one.
    pub must_change_password: bool,
    /// How long the session can last, in seconds.
    pub seconds: i64,
}

/// An attempt that has been counted and may now be checked.
struct Counted {
    found: Option<Credentials>,
    asker: Asker,
    /// Counters to forget when the password was right.
    own_keys: Vec<String>,
    /// Counters that others share: one failure is taken back.
    shared_keys: Vec<String>,
    address_failures: i64,
}

/// Signs a person in.
pub async fn sign_in(app: &AppRef, attempt: &Attempt<'_>) -> Outcome<SignedIn> {
    let counted = app.db.change(async |tx| count(app, tx, attempt).await).await?;
    if counted.asker == Asker::Stranger {
        tokio::time::sleep(Duration::from_millis(slow_by_ms(counted.address_failures))).await;
    }
    let stored = counted.found.as_ref().map(|found| found.password.clone());
    let password = if is_long(attempt.password) { "" } else { attempt.password };
    let is_right = hashing::matches(counted.asker, password, stored).await?;
    let done = app.db.change(async |tx| finish(app, tx, attempt, &counted, is_right).await).await?;
    // Whoever only ever fails must not fill the tables either, so it is not left to successes.
    if app.chance().below(16) == 0 {
        prune(app).await;
    }
    match done {
        Ok(signed_in) => Ok(signed_in),
        Err(why) => {
            let mut problems = FormProblems::new();
            problems.add("", why.words());
            problems.check()?;
            Err(kernel::problem::Failure::fault("refuse a sign-in", "nothing was wrong"))
        }
    }
}

/// Throws away what has expired, in a transaction of its own. It can wait for another time.
async fn prune(app: &AppRef) {
    if let Err(failure) = app.db.change(async |tx| Ok(store::prune(tx).await?)).await {
        tracing::warn!("could not clear away old sign-in counters: {failure}");
    }
}

/// Why a sign-in was refused, for the audit log and the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    WrongPassword,
    UnknownName,
    Suspended,
    PasswordExpired,
}

impl Refusal {
    fn code(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong-password",
            Self::UnknownName => "unknown-name",
            Self::Suspended => "suspended",
            Self::PasswordExpired => "one-time-password-expired",
        }
    }

    /// Only somebody who knows the password learns more than "wrong".
    fn words(self) -> &'static str {
        match self {
            Self::WrongPassword | Self::UnknownName => "identity-sign-in-wrong",
            Self::Suspended => "identity-sign-in-suspended",
            Self::PasswordExpired => "identity-sign-in-expired",
        }
    }
}

/// Counts the attempt as failed before anything is checked, so that a thousand at once are a thousand;
/// refuses while somebody must wait (and then counts nothing).
async fn count(app: &AppRef, tx: &mut Tx, attempt: &Attempt<'_>) -> Outcome<Counted> {
    let key = username_key(attempt.username);
    let found = if let Some(key) = &key { store::credentials(tx, key).await? } else { None };
    if let Some(device_key) = known_device_key(tx, found.as_ref(), attempt.device).await? {
        raise(tx, &device_key, OF_DEVICE).await?;
        return Ok(Counted {
            found,
            asker: Asker::Known,
            own_keys: vec![device_key],
            shared_keys: Vec::new(),
            address_failures: 0,
        });
    }
    let address = address_group(attempt.address);
    // What was typed may be a password in the wrong box: only a keyed hash of it is kept.
    let name = if let Some(found) = &found {
        found.id.to_string()
    } else {
        let secret = app.secret("nhipcau 2026 unknown usernames");
        let typed = key.unwrap_or_default();
        format!("?{}", kernel::blake3_keyed_hex(&secret, typed.as_bytes()))
    };
    let keys = [format!("address:{address}"), name_key(&name), format!("pair:{name}@{address}")];
    let address_failures = store::count_address(tx, &keys[0]).await?;
    raise(tx, &keys[1], OF_ACCOUNT).await?;
    raise(tx, &keys[2], OF_PAIR).await?;
    let [of_address, of_name, of_pair] = keys;
    Ok(Counted {
        found,
        asker: Asker::Stranger,
        own_keys: vec![of_pair],
        shared_keys: vec![of_address, of_name],
        address_failures,
    })
}

/// The counter of a strangers' name.
pub(super) fn name_key(name: &str) -> String {
    format!("name:{name}")
}

/// The counter of a browser this person has signed in from before.
async fn known_device_key(
    tx: &mut Tx,
    found: Option<&Credentials>,
    device: Option<&str>,
) -> Outcome<Option<String>> {
    let (Some(found), Some(device)) = (found, device) else { return Ok(None) };
    let hash = token_hash(device);
    let is_known = store::known_device(tx, &hash, &found.id).await?;
    Ok(is_known.then(|| format!("device:{}:{}", &hash[..32], found.id)))
}

/// Counts one more failure and sets the wait that follows it.
pub(super) async fn raise(tx: &mut Tx, key: &str, growth: Growth) -> Outcome<()> {
    let now = tx.now();
    let Some(failures) = store::count_try(tx, key).await? else {
        let until = store::waits_until(tx, key).await?.unwrap_or(now);
        return Err(wait_problem(until.since(now)).into());
    };
    let wait_ms = growth.wait_ms(failures);
    store::set_wait(tx, key, now.plus_millis(wait_ms)).await?;
    Ok(())
}

/// Begins the session, or notes why not. A refusal is a value here: its audit line must be committed.
async fn finish(
    app: &AppRef,
    tx: &mut Tx,
    attempt: &Attempt<'_>,
    counted: &Counted,
    is_right: bool,
) -> Outcome<Result<SignedIn, Refusal>> {
    if let Some(why) = refusal(tx, counted, is_right).await? {
        note_refusal(tx, attempt, counted, why).await?;
        return Ok(Err(why));
    }
    let Some(found) = &counted.found else { return Ok(Err(Refusal::UnknownName)) };
    // In the order in which counting locks them: two sign-ins at once must not wait for each other.
    for key in &counted.shared_keys {
        store::forgive(tx, key).await?;
    }
    for key in &counted.own_keys {
        store::clear(tx, key).await?;
    }
    let signed_in = begin(app, tx, attempt, found).await?;
    let line = NewAudit {
        account: found.id.as_str(),
        name: &found.name,
        action: "identity.sign-in",
        subject: found.id.as_str(),
        detail: &device_label(attempt.user_agent),
        address: Some(attempt.address),
    };
    write_audit(tx, &line).await?;
    Ok(Ok(signed_in))
}

/// Looks at the account once more: it may have been suspended while the password was being hashed.
async fn refusal(tx: &mut Tx, counted: &Counted, is_right: bool) -> Outcome<Option<Refusal>> {
    let Some(found) = &counted.found else { return Ok(Some(Refusal::UnknownName)) };
    if !is_right {
        return Ok(Some(Refusal::WrongPassword));
    }
    let key = username_key(&found.username).unwrap_or_default();
    let now = tx.now();
    Ok(match store::credentials(tx, &key).await? {
        Some(today) if today.password != found.password => Some(Refusal::WrongPassword),
        Some(today) if today.status != Status::Active => Some(Refusal::Suspended),
        Some(today) if today.password_until.is_some_and(|until| until <= now) => {
            Some(Refusal::PasswordExpired)
        }
        Some(_) => None,
        None => Some(Refusal::UnknownName),
    })
}

/// A refusal goes into the log unless its address floods us: then one line says so.
async fn note_refusal(
    tx: &mut Tx,
    attempt: &Attempt<'_>,
    counted: &Counted,
    why: Refusal,
) -> Outcome<()> {
    let detail = match counted.address_failures {
        ..=ADDRESS_FREE => why.code(),
        failures if failures == ADDRESS_FREE + 1 => "flood",
        _ => return Ok(()),
    };
    let account = counted.found.as_ref();
    let line = NewAudit {
        account: account.map_or("nobody", |found| found.id.as_str()),
        name: account.map_or("", |found| &found.name),
        action: "identity.sign-in-refused",
        subject: account.map_or("", |found| found.id.as_str()),
        detail,
        address: Some(attempt.address),
    };
    write_audit(tx, &line).await
}

/// A new token, always: whoever planted or saw the old one has nothing.
async fn begin(
    app: &AppRef,
    tx: &mut Tx,
    attempt: &Attempt<'_>,
    found: &Credentials,
) -> Outcome<SignedIn> {
    if let Some(old) = attempt.old_session {
        store::end_session(tx, &token_hash(old)).await?;
    }
    let token = app.chance().token();
    let hash = token_hash(&token);
    let limits = session_limits(app.https);
    let new = NewSession {
        token_hash: &hash,
        account: &found.id,
        device: &device_label(attempt.user_agent),
        address: attempt.address,
        expires_at: tx.now().plus_millis(limits.absolute_ms),
    };
    store::insert_session(tx, &new).await?;
    let device = device_for(app, tx, attempt.device, &found.id).await?;
    Ok(SignedIn {
        caller: caller_in(tx, app.https, &hash).await?,
        token,
        device,
        must_change_password: found.must_change_password,
        seconds: limits.absolute_ms / 1000,
    })
}

/// Keeps the browser's device token when somebody's sign-in made it (an office shares machines), mints
/// one otherwise: a token planted by a stranger is never taken over.
async fn device_for(
    app: &AppRef,
    tx: &mut Tx,
    offered: Option<&str>,
    account: &AccountId,
) -> Outcome<String> {
    let ours = match offered {
        Some(token) if store::device_exists(tx, &token_hash(token)).await? => {
            Some(token.to_owned())
        }
        _ => None,
    };
    let token = ours.unwrap_or_else(|| app.chance().token());
    store::remember_device(tx, &token_hash(&token), account).await?;
    Ok(token)
}
