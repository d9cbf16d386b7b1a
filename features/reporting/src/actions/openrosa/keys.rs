//! Keys of phones: an officer makes one for each phone, the phone reads it once from a QR code and sends forms in
//! the officer's name until it is taken back. A key opens what a phone needs (the list of forms, a form, sending)
//! and nothing else of the officer's.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    problem::{Failure, FormProblems, Outcome, Problem, SIGN_IN_NEEDED},
};

use super::{super::ENTER, KEY_NOT_FOUND};
use crate::{
    model::PhoneKeyId,
    store::phone_keys::{self, PhoneKey},
};

/// How long a key holds, in days.
const LIVES_DAYS: i64 = 365;
/// Most keys of one officer that hold at once.
const KEYS_MOST: usize = 10;
/// Longest name of a phone.
const NAME_MOST: usize = 60;
/// How often it is noted that a key is used.
const TOUCH_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// A key that was just made. Its secret is nowhere else: what is not read now is lost.
#[derive(Clone)]
pub struct NewKey {
    /// What stands in the phone's address.
    pub secret: String,
    /// The key.
    pub key: PhoneKey,
}

/// The secret has 256 bits of chance, so a plain hash cannot be turned back.
fn hash_of(secret: &str) -> String {
    kernel::chance::hex(&blake3::derive_key("nhipcau 2026 keys of phones", secret.as_bytes()))
}

/// Makes a key for a phone of the caller's.
///
/// # Errors
/// 403 for whoever enters nothing anywhere; 422 with field `ten`.
pub async fn make(app: &App, caller: &Caller, name: &str) -> Outcome<NewKey> {
    caller.must_somewhere(&ENTER)?;
    let name = kernel::text::tidy(name);
    let mut wrong = FormProblems::new();
    wrong.require(
        (1..=NAME_MOST).contains(&name.chars().count()),
        "ten",
        "reporting-phone-key-name-wrong",
    );
    wrong.check()?;
    let secret = app.chance().token();
    app.db
        .change(async |tx| {
            let since = since(tx, caller.id()).await?;
            let mut wrong = FormProblems::new();
            let few = phone_keys::of(tx, caller.id(), since).await?.len() < KEYS_MOST;
            wrong.require(few, "ten", "reporting-phone-key-too-many");
            wrong.check()?;
            let now = tx.now();
            let key = PhoneKey {
                id: tx.new_id(),
                account: caller.id().to_owned(),
                name: name.clone(),
                made_at: now,
                until: now.plus_millis(LIVES_DAYS * DAY_MS),
                used_at: None,
                ended_at: None,
            };
            phone_keys::add(tx, &key, &hash_of(&secret)).await?;
            audit(tx, caller, "reporting.phone-key.made", key.id.as_str(), &name).await?;
            Ok(NewKey { secret: secret.clone(), key })
        })
        .await
}

async fn since(tx: &mut kernel::db::Tx, account: &str) -> Outcome<Timestamp> {
    let since = identity::password_since(tx, account).await?;
    Ok(since.unwrap_or(Timestamp::from_millis(0)))
}

/// The caller's own keys that hold, the newest first.
pub async fn own(app: &App, caller: &Caller) -> Outcome<Vec<PhoneKey>> {
    app.db
        .view(async |tx| {
            let since = since(tx, caller.id()).await?;
            Ok(phone_keys::of(tx, caller.id(), since).await?)
        })
        .await
}

/// Ends one of the caller's own keys: from now on it opens nothing.
pub async fn end(app: &App, caller: &Caller, id: &str) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let missing = || Failure::from(&KEY_NOT_FOUND);
            let id = PhoneKeyId::parse(id).ok_or_else(missing)?;
            if !phone_keys::end(tx, &id, caller.id()).await? {
                return Err(missing());
            }
            audit(tx, caller, "reporting.phone-key.ended", id.as_str(), "").await
        })
        .await
}

/// Who a key speaks for, with what they may do today.
///
/// # Errors
/// 401 for a key that opens nothing; 429 after several of those from one address.
pub async fn holder(app: &App, secret: &str, address: &str) -> Outcome<Caller> {
    let hash = hash_of(secret);
    let found = app
        .db
        .view(async |tx| {
            let Some(key) = phone_keys::by_hash(tx, &hash).await? else { return Ok(None) };
            let now = tx.now();
            let since = identity::password_since(tx, &key.account).await?;
            let holds = key.ended_at.is_none()
                && key.until > now
                && since.is_some_and(|since| key.made_at >= since);
            if !holds {
                return Ok(None);
            }
            let caller = identity::caller_of(tx, &key.account).await?;
            Ok(caller.map(|caller| (key, caller)))
        })
        .await?;
    let Some((key, caller)) = found else {
        identity::wrong_key(app, address).await?;
        return Err(Problem::of(&SIGN_IN_NEEDED).into());
    };
    if key.used_at.is_none_or(|used| app.now().since(used).abs() >= TOUCH_MS) {
        // A disk that is full must not keep forms in the phone: the worst is an older day on the page.
        let touched = app.db.change(async |tx| Ok(phone_keys::touch(tx, &key.id).await?)).await;
        if let Err(failure) = touched {
            kernel::tracing::warn!("could not note that a phone's key was used: {failure}");
        }
    }
    Ok(caller)
}
