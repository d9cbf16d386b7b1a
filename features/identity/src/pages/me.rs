//! One's own account: what one may do where, and the browsers one is signed in with.

use kernel::{
    axum::extract::Path,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{places, until_words};
use crate::{
    actions::{self, succession::KIND_GRANT},
    model::{AccountId, SessionId, session_limits},
    store,
};

pub(super) const ME: Template<Me> = Template::new("identity/me.html");

/// One's own account.
#[derive(Debug, Default, Serialize)]
pub(super) struct Me {
    pub name: String,
    /// Empty for somebody this node has no account of.
    pub username: String,
    pub roles: Vec<HeldRole>,
    pub sessions: Vec<Session>,
    pub must_change_password: bool,
    /// Roles that ended with a divided unit, while an officer above decides where they go on.
    pub waiting: Vec<WaitingRole>,
}

/// A role that waits for a decision.
#[derive(Debug, Serialize)]
pub(super) struct WaitingRole {
    pub role: String,
    pub place: String,
    /// The units among which somebody must choose.
    pub heirs: String,
}

/// A role one holds today.
#[derive(Debug, Serialize)]
pub(super) struct HeldRole {
    pub role: String,
    pub place: String,
    pub from: String,
    pub until: String,
}

/// A browser one is signed in with.
#[derive(Debug, Serialize)]
pub(super) struct Session {
    pub id: String,
    pub device: String,
    pub address: String,
    pub since: i64,
    pub last_seen: i64,
    pub is_this: bool,
}

pub(super) async fn show(visit: Visit) -> Answer {
    let own = actions::own_id(&visit.caller)?;
    let name = visit.caller.who().map(|person| person.name.clone()).unwrap_or_default();
    let this = visit.session.as_deref().map(actions::token_hash).unwrap_or_default();
    let limits = session_limits(visit.app.https);
    let grants: Vec<_> = visit.caller.grants().cloned().collect();
    let (account, sessions, places, waiting) = visit
        .app
        .db
        .view(async |tx| {
            let account = store::find_account(tx, &own).await?;
            let sessions = store::sessions_of(tx, &own, limits).await?;
            let scopes: Vec<_> = grants.iter().map(|grant| grant.scope.clone()).collect();
            Ok((
                account,
                sessions,
                places::names(tx, &scopes).await?,
                waiting(tx, &visit, &own).await?,
            ))
        })
        .await?;
    let roles = grants.into_iter().zip(places).map(|(grant, place)| HeldRole {
        role: grant.role,
        place: place.or_words(&visit),
        from: grant.from.short(),
        until: until_words(|key| visit.say(key, &[]), grant.until),
    });
    let sessions = sessions.into_iter().map(|open| Session {
        id: open.id.to_string(),
        is_this: open.token_hash == this,
        device: open.device,
        address: open.address,
        since: open.created_at.millis(),
        last_seen: open.last_seen_at.millis(),
    });
    let context = Me {
        name,
        roles: roles.collect(),
        sessions: sessions.collect(),
        must_change_password: account.as_ref().is_some_and(|found| found.must_change_password),
        waiting,
        username: account.map(|found| found.username).unwrap_or_default(),
    };
    visit.page(&ME, &context)
}

/// What one had over a unit that was divided, and among which heirs somebody must choose.
async fn waiting(tx: &mut Tx, visit: &Visit, own: &AccountId) -> Outcome<Vec<WaitingRole>> {
    let mut roles = Vec::new();
    for grant in store::succession::waiting(tx, own).await? {
        let asked = areas::open_question(tx, KIND_GRANT, grant.grant_id.as_str()).await?;
        let Some(asked) = asked else { continue };
        let mut named = vec![grant.scope.clone()];
        named.extend(asked.heirs.into_iter().map(|heir| heir.path));
        let found = places::names(tx, &named).await?;
        let mut in_words = found.into_iter().map(|place| place.or_words(visit));
        roles.push(WaitingRole {
            role: grant.role,
            place: in_words.next().unwrap_or_default(),
            heirs: in_words.collect::<Vec<_>>().join(", "),
        });
    }
    Ok(roles)
}

pub(super) async fn end_session(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = SessionId::parse(&id).or_missing(&NOT_FOUND)?;
    actions::end_own_session(&visit.app, &visit.caller, &id).await?;
    visit.done("/tai-khoan", "identity-session-ended")
}

pub(super) async fn leave_everywhere(visit: Visit, _: Posted) -> Answer {
    actions::sign_out_everywhere(&visit.app, &visit.caller).await?;
    let response = visit.done("/dang-nhap", "identity-signed-out")?;
    Ok(visit.with_session(response, "", 0))
}
