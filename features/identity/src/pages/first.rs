//! The first-run page: exists until the first administrator does.

use kernel::{
    problem::OrMissing,
    web::{Answer, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Errors, again};
use crate::actions::{self, FIRST_EXISTS};

pub(super) const FIRST: Template<First> = Template::new("identity/first.html");

/// The first-run page.
#[derive(Debug, Default, Serialize)]
pub(super) struct First {
    pub code: String,
    pub username: String,
    pub name: String,
    pub errors: Errors,
}

pub(super) async fn show(visit: Visit) -> Answer {
    actions::setup_code(&visit.app).await?.or_missing(&FIRST_EXISTS)?;
    visit.page(&FIRST, &First::default())
}

pub(super) async fn submit(visit: Visit, Posted { fields }: Posted) -> Answer {
    let (code, username, name) =
        (fields.line("code"), fields.line("username"), fields.line("name"));
    let made =
        actions::first_run(&visit.app, &code, &username, &name, fields.raw("password")).await;
    match made {
        Ok(_) => visit.done("/dang-nhap", "identity-first-done"),
        Err(failure) => {
            again(&visit, failure, &FIRST, |errors| First { code, username, name, errors })
        }
    }
}
