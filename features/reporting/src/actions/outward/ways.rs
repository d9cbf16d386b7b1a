//! How people want to be told: by letter, in a browser, and when they are left in peace.

use kernel::{
    app::App,
    caller::Caller,
    problem::{FormProblems, OrMissing, Outcome, SIGN_IN_NEEDED},
};
use serde::Deserialize;

use super::Pusher;
use crate::{
    actions::SEE,
    model::outward::{Ways, is_public_key, is_push_address, is_secret},
    store::outward::{self, Subscription},
};

/// Browsers that one person may have told.
const BROWSERS_MOST: usize = 10;

/// What a browser gives for a subscription: `PushSubscription.toJSON()`.
#[derive(Clone, Debug, Deserialize)]
pub struct Offered {
    /// The address at its push service.
    pub endpoint: String,
    /// Its keys.
    pub keys: OfferedKeys,
}

/// The keys of a subscription, base64url.
#[derive(Clone, Debug, Deserialize)]
pub struct OfferedKeys {
    /// Its public key.
    pub p256dh: String,
    /// Its secret.
    pub auth: String,
}

/// What the page of settings shows.
#[derive(Clone, Debug)]
pub struct Own {
    /// What was chosen.
    pub ways: Ways,
    /// True when letters have somewhere to go.
    pub has_address: bool,
    /// How many browsers are told.
    pub browsers: usize,
}

/// One's own settings.
pub async fn own(app: &App, caller: &Caller) -> Outcome<Own> {
    caller.must_somewhere(&SEE)?;
    let account = caller.id().to_owned();
    app.db
        .view(async |tx| {
            Ok(Own {
                ways: outward::ways(tx, &account).await?,
                has_address: identity::address_of(tx, &account).await?.is_some(),
                browsers: outward::subscriptions(tx, &account).await?.len(),
            })
        })
        .await
}

/// Keeps one's own settings.
pub async fn keep(app: &App, caller: &Caller, ways: Ways) -> Outcome<()> {
    caller.must_somewhere(&SEE)?;
    let account = caller.who().or_missing(&SIGN_IN_NEEDED)?.id.clone();
    let mut wrong = FormProblems::new();
    for (hour, field) in [(ways.quiet_from, "tu"), (ways.quiet_until, "den")] {
        wrong.require((0..24).contains(&hour), field, "reporting-ways-hour");
    }
    wrong.check()?;
    app.db.change(async |tx| Ok(outward::keep_ways(tx, &account, &ways).await?)).await
}

/// Keeps a browser that wants to be told. Its address must be one of a push service that the operator named:
/// a subscription must not make this machine call anything else.
pub async fn subscribe(app: &App, caller: &Caller, offered: &Offered) -> Outcome<()> {
    caller.must_somewhere(&SEE)?;
    let account = caller.who().or_missing(&SIGN_IN_NEEDED)?.id.clone();
    let pusher = app.port::<Pusher>().or_missing(&super::NOTHING_TO_SEND)?;
    let mut wrong = FormProblems::new();
    let known = is_push_address(&offered.endpoint, &pusher.hosts);
    wrong.require(known, "endpoint", "reporting-push-host");
    let keys = is_public_key(&offered.keys.p256dh) && is_secret(&offered.keys.auth);
    wrong.require(keys, "keys", "reporting-push-keys");
    wrong.check()?;
    let hash = blake3::hash(offered.endpoint.as_bytes()).to_hex().to_string();
    app.db
        .change(async |tx| {
            let one = Subscription {
                id: tx.new_id(),
                account: account.clone(),
                endpoint: offered.endpoint.clone(),
                p256dh: offered.keys.p256dh.clone(),
                auth: offered.keys.auth.clone(),
            };
            outward::subscribe(tx, &one, &hash).await?;
            let all = outward::subscriptions(tx, &account).await?;
            for old in all.iter().skip(BROWSERS_MOST) {
                outward::unsubscribe(tx, &old.id).await?;
            }
            Ok(())
        })
        .await
}

/// Forgets every browser of one's own.
pub async fn unsubscribe_all(app: &App, caller: &Caller) -> Outcome<()> {
    caller.must_somewhere(&SEE)?;
    let account = caller.who().or_missing(&SIGN_IN_NEEDED)?.id.clone();
    app.db.change(async |tx| Ok(outward::unsubscribe_all(tx, &account).await.map(drop)?)).await
}
