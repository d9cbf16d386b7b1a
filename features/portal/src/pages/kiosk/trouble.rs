//! When a screen of the kiosk cannot be shown: an item withdrawn under somebody's finger, a form too old.
//! An ordinary page would leave whoever does not read without a way on, and the next one too. So it is
//! said in words and a sign, spoken where there are words for it, and the screen goes on by itself.

use kernel::{
    axum::{extract::Query, response::IntoResponse},
    problem::{self, INTERNAL},
    web::{Answer, Template, Visit},
};
use serde::Serialize;

use super::Asked;
use crate::{NOT_FOUND, model::voice};

pub(crate) const TROUBLE: Template<Trouble> = Template::new("portal/kiosk_trouble.html");

/// Where the kiosk begins.
pub(super) const HOME: &str = "/kiot";

#[derive(Serialize)]
pub(crate) struct Trouble {
    pub place: String,
    pub home_href: String,
    /// Fluent key of what is said; `.next` is what to do.
    pub key: &'static str,
    /// For whoever keeps the point; empty where the words say it all.
    pub code: &'static str,
    pub say: String,
}

/// An address below the kiosk's that leads nowhere, say of an old shortcut on its screen.
pub(crate) async fn nowhere(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    led_back(&visit, &asked, HOME, Err((&problem::NOT_FOUND).into()))
}

/// The answer of a screen; where there is none, a screen that says so and goes on to `home` by itself.
pub(super) fn led_back(visit: &Visit, asked: &Asked, home: &str, answer: Answer) -> Answer {
    let Err(failure) = answer else { return answer };
    let code = failure.problem().map_or(INTERNAL.code, |problem| problem.kind.code);
    // This tells the log of a fault, as on every page.
    let status = failure.into_response().status();
    let is_gone = code == NOT_FOUND.code;
    // An area that nobody knows would be asked for again and again.
    let is_lost = code == areas::NOT_FOUND.code;
    let page = Trouble {
        place: visit.app.site.owner_name.clone(),
        home_href: if is_lost { home.to_owned() } else { asked.to(home, &[]) },
        key: if is_gone { "portal-kiosk-gone" } else { "portal-kiosk-trouble" },
        code: if is_gone { "" } else { code },
        // Only what a finger brought about is spoken: a screen that fails over and over stays silent.
        say: voice::href(&asked.language(), if is_gone { "hoi-can-bo" } else { "" }),
    };
    let mut response = visit.page(&TROUBLE, &page)?;
    *response.status_mut() = status;
    Ok(response)
}
