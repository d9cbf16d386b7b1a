//! Signing in and out. A form that was open when the session ended comes through here (`giu.*` fields)
//! and is offered again afterwards, whole.

use kernel::{
    axum::{extract::Query, http::header, response::Response},
    web::{Answer, Fields, Posted, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{Errors, Hidden, again, kept_fields, password, safe_next};
use crate::actions::{self, Attempt, SignedIn};

pub(super) const SIGN_IN: Template<SignIn> = Template::new("identity/sign_in.html");

/// The sign-in page.
#[derive(Debug, Default, Serialize)]
pub(super) struct SignIn {
    pub username: String,
    pub next: String,
    pub kept: Vec<Hidden>,
    pub errors: Errors,
    /// Nobody can sign in yet: the page points to the first run.
    pub is_first_run: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    tiep: Option<String>,
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let next = safe_next(asked.tiep.as_deref().unwrap_or_default());
    if visit.caller.who().is_some() {
        return Ok(see_other(&next));
    }
    let is_first_run = actions::setup_code(&visit.app).await?.is_some();
    visit.page(&SIGN_IN, &SignIn { next, is_first_run, ..SignIn::default() })
}

/// Half a year: as long as the database remembers an unused device.
const DEVICE_SECONDS: i64 = 180 * 24 * 3600;

fn device_cookie(visit: &Visit) -> &'static str {
    if visit.app.https { "__Host-thiet-bi" } else { "thiet-bi" }
}

pub(super) async fn submit(visit: Visit, Posted { fields }: Posted) -> Answer {
    let device = visit.cookie(device_cookie(&visit)).filter(|token| token.len() == 64);
    let attempt = Attempt {
        username: fields.raw("username"),
        password: fields.raw("password"),
        device: device.as_deref(),
        old_session: visit.session.as_deref(),
        address: &visit.address,
        user_agent: visit.header(header::USER_AGENT.as_str()).unwrap_or_default(),
    };
    match actions::sign_in(&visit.app, &attempt).await {
        Ok(signed_in) => {
            let response = welcome(&visit, &fields, &signed_in)?;
            let response = visit.with_session(response, &signed_in.token, signed_in.seconds);
            let name = device_cookie(&visit);
            Ok(visit.with_cookie(response, name, &signed_in.device, DEVICE_SECONDS))
        }
        Err(failure) => again(&visit, failure, &SIGN_IN, |errors| SignIn {
            username: fields.line("username").chars().take(80).collect(),
            next: safe_next(fields.raw("tiep")),
            kept: kept_fields(&fields),
            errors,
            is_first_run: false,
        }),
    }
}

/// Where one goes after signing in: to a new password, back to an interrupted form, or on.
fn welcome(
    visit: &Visit,
    fields: &Fields,
    signed_in: &SignedIn,
) -> Result<Response, kernel::problem::Failure> {
    let visit = visit.signed_in(&signed_in.token, signed_in.caller.clone());
    let next = safe_next(fields.raw("tiep"));
    let kept = kept_fields(fields);
    if signed_in.must_change_password {
        return password::ask(&visit, next, kept);
    }
    if next.is_empty() || kept.is_empty() {
        return Ok(see_other(&next));
    }
    visit.resume(&next, fields)
}

pub(super) async fn leave(visit: Visit, _: Posted) -> Answer {
    if let Some(token) = &visit.session {
        actions::sign_out(&visit.app, &visit.caller, token).await?;
    }
    let response = visit.done("/", "identity-signed-out")?;
    Ok(visit.with_session(response, "", 0))
}
