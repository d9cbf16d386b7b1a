//! Changing one's own password; also the stop between a one-time password and everything else.

use kernel::{
    problem::Outcome,
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Errors, Hidden, again, kept_fields, safe_next};
use crate::{actions, store};

pub(super) const PASSWORD: Template<Password> = Template::new("identity/password.html");

/// The page with the three boxes.
#[derive(Debug, Default, Serialize)]
pub(super) struct Password {
    /// True when one must, before doing anything else.
    pub is_first: bool,
    pub next: String,
    pub kept: Vec<Hidden>,
    pub errors: Errors,
}

/// Asks for a new password right after signing in with a one-time one.
pub(super) fn ask(visit: &Visit, next: String, kept: Vec<Hidden>) -> Answer {
    visit.page(&PASSWORD, &Password { is_first: true, next, kept, errors: Errors::default() })
}

pub(super) async fn show(visit: Visit) -> Answer {
    let is_first = must_change(&visit).await?;
    visit.page(&PASSWORD, &Password { is_first, ..Password::default() })
}

/// True while the password is a one-time one.
async fn must_change(visit: &Visit) -> Outcome<bool> {
    let own = actions::own_id(&visit.caller)?;
    let account = visit.app.db.view(async |tx| Ok(store::find_account(tx, &own).await?)).await?;
    Ok(account.is_some_and(|found| found.must_change_password))
}

pub(super) async fn submit(visit: Visit, Posted { fields }: Posted) -> Answer {
    let token = visit.session.clone().unwrap_or_default();
    let (old, new) = (fields.raw("password"), fields.raw("new_password"));
    let next = safe_next(fields.raw("tiep"));
    let changed =
        actions::change_password(&visit.app, &visit.caller, &token, old, new, fields.raw("again"));
    match changed.await {
        Ok(()) if !next.is_empty() && !kept_fields(&fields).is_empty() => {
            visit.resume(&next, &fields)
        }
        Ok(()) => {
            let next = if next.is_empty() { "/tai-khoan" } else { &next };
            visit.done(next, "identity-password-changed")
        }
        Err(failure) => {
            let is_first = must_change(&visit).await?;
            let kept = kept_fields(&fields);
            again(&visit, failure, &PASSWORD, |errors| Password { is_first, next, kept, errors })
        }
    }
}
