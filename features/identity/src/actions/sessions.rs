//! From the token in a cookie to the person and what they hold.

use kernel::{
    app::AppRef,
    caller::{Caller, Grant, Person},
    clock::Timestamp,
    db::Tx,
    events::Doing,
    problem::{Failure, Outcome},
    scope::ScopePath,
    tracing,
};

use crate::{
    model::{SessionId, TOUCH_MS, session_limits},
    store::{self, SessionRow},
};

/// What the database knows of a token.
pub(crate) fn token_hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

/// Finds the person behind a session token: one statement, and a write at most once a minute.
///
/// Nobody, when the session has ended or is too old, the account is suspended, or the token is not one.
/// Somebody who must change their password first is known but holds no role until they have.
pub fn resolve_caller<'a>(app: &'a AppRef, token: &'a str) -> Doing<'a, Option<Caller>> {
    Box::pin(async move {
        if token.len() != 64 || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let limits = session_limits(app.https);
        let hash = token_hash(token);
        let rows =
            app.db.view(async |tx| Ok(store::session_rows(tx, &hash, limits).await?)).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (id, seen) = (first.session.clone(), first.last_seen_at);
        if app.now().since(seen).abs() >= TOUCH_MS {
            touch(app, &id, seen).await;
        }
        caller_of(rows, app.now()).map(Some)
    })
}

/// A disk that is full must not sign people out: the worst is that they sign in again earlier.
async fn touch(app: &AppRef, id: &SessionId, seen: Timestamp) {
    let touched = app.db.change(async |tx| Ok(store::touch(tx, id, seen).await?)).await;
    if let Err(failure) = touched {
        tracing::warn!("could not note that a session was used: {failure}");
    }
}

/// The caller of a token, in a transaction that has just made its session.
pub(super) async fn caller_in(tx: &mut Tx, https: bool, hash: &str) -> Outcome<Caller> {
    let rows = store::session_rows(tx, hash, session_limits(https)).await?;
    caller_of(rows, tx.now())
}

fn caller_of(rows: Vec<SessionRow>, now: Timestamp) -> Outcome<Caller> {
    let Some(first) = rows.first() else {
        return Err(Failure::fault("read a session", "it has no account"));
    };
    let person = Person { id: first.account.to_string(), name: first.name.clone() };
    if first.must_change_password {
        return Ok(Caller::person(person, Vec::new(), now));
    }
    let grants = rows.into_iter().filter_map(grant_of).collect();
    Ok(Caller::person(person, grants, now))
}

fn grant_of(row: SessionRow) -> Option<Grant> {
    Some(Grant {
        role: row.role?,
        scope: ScopePath::parse(&row.scope?)?,
        from: row.from_day?,
        until: row.until_day?,
    })
}
