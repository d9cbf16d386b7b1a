//! How one wants to be told: in letters, in this browser, and when one is left in peace. All but subscribing a
//! browser works without scripts.

use kernel::{
    app::AppRef,
    axum::{
        Json, Router,
        response::IntoResponse,
        routing::{get, post},
    },
    minijinja::{Value, value::Serde},
    problem::{BAD_REQUEST, Outcome},
    web::{Answer, Posted, Sent, Template, Visit},
};
use serde::Serialize;

use super::{assets, review::Choice};
use crate::{
    actions::outward::{
        Mailer, Pusher,
        ways::{self, Offered},
    },
    model::outward::Ways,
};

const HERE: &str = "/bao-cao/nhac";
pub(crate) const PAGE: Template<Context> = Template::new("reporting/ways.html");

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/nhac", get(show).post(keep))
        .route("/bao-cao/nhac/trinh-duyet", post(subscribe))
        .route("/bao-cao/nhac/trinh-duyet/bo", post(unsubscribe))
}

#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "boxes of a form, and what this place can do")]
pub(crate) struct Context {
    pub(crate) mail: bool,
    pub(crate) push: bool,
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) hours: Vec<Choice>,
    /// True where letters are sent at all.
    pub(crate) has_mail: bool,
    /// True when this person has a confirmed address.
    pub(crate) has_address: bool,
    /// Our public key; empty where no notifications are sent.
    pub(crate) push_key: String,
    pub(crate) worker: &'static str,
    pub(crate) script: String,
    /// How many browsers are told.
    pub(crate) browsers: usize,
    pub(crate) errors: Value,
}

async fn context(visit: &Visit) -> Outcome<Context> {
    let own = ways::own(&visit.app, &visit.caller).await?;
    let hour = |hour: i8| Choice { value: hour.to_string(), label: format!("{hour}:00") };
    Ok(Context {
        mail: own.ways.mail,
        push: own.ways.push,
        from: own.ways.quiet_from.to_string(),
        until: own.ways.quiet_until.to_string(),
        hours: (0..24).map(hour).collect(),
        has_mail: visit.app.port::<Mailer>().is_some(),
        has_address: own.has_address,
        push_key: visit.app.port::<Pusher>().map(|one| one.key.clone()).unwrap_or_default(),
        worker: assets::PUSH_WORKER,
        script: assets::push_script_href(),
        browsers: own.browsers,
        errors: Value::UNDEFINED,
    })
}

async fn show(visit: Visit) -> Answer {
    let context = context(&visit).await?;
    visit.page(&PAGE, &context)
}

async fn keep(visit: Visit, Posted { fields }: Posted) -> Answer {
    let hour = |name: &str| fields.number(name).and_then(|hour| i8::try_from(hour).ok());
    let wanted = Ways {
        mail: fields.has("thu"),
        push: fields.has("thong_bao"),
        quiet_from: hour("tu").unwrap_or(-1),
        quiet_until: hour("den").unwrap_or(-1),
    };
    match ways::keep(&visit.app, &visit.caller, wanted).await {
        Ok(()) => visit.done(HERE, "reporting-ways-kept"),
        Err(failure) => {
            let known = context(&visit).await?;
            visit.form_again(failure, &PAGE, |errors| Context {
                mail: wanted.mail,
                push: wanted.push,
                errors: Value::from(Serde(errors)),
                ..known
            })
        }
    }
}

/// `POST /bao-cao/nhac/trinh-duyet`: what the browser's push service gave, as JSON.
async fn subscribe(visit: Visit, sent: Sent<Offered>) -> Answer {
    let Sent::Json(offered) = sent else { return Err((&BAD_REQUEST).into()) };
    ways::subscribe(&visit.app, &visit.caller, &offered).await?;
    Ok(Json(serde_json::json!({ "ok": true })).into_response())
}

async fn unsubscribe(visit: Visit, _: Posted) -> Answer {
    ways::unsubscribe_all(&visit.app, &visit.caller).await?;
    visit.done(HERE, "reporting-ways-browsers-gone")
}
