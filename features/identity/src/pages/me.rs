//! One's own account: what one may do where, and the browsers one is signed in with.

use kernel::{
    axum::extract::Path,
    problem::{NOT_FOUND, OrMissing},
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{places, until_words};
use crate::{
    actions,
    model::{SessionId, session_limits},
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
    let (account, sessions, places) = visit
        .app
        .db
        .view(async |tx| {
            let account = store::find_account(tx, &own).await?;
            let sessions = store::sessions_of(tx, &own, limits).await?;
            let scopes: Vec<_> = grants.iter().map(|grant| grant.scope.clone()).collect();
            Ok((account, sessions, places::names(tx, &scopes).await?))
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
        username: account.map(|found| found.username).unwrap_or_default(),
    };
    visit.page(&ME, &context)
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
