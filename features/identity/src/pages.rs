//! The pages of identity, as HTML. What may be done is decided in the actions.

mod account;
mod accounts;
mod address;
mod audit;
mod first;
mod me;
mod password;
mod places;
mod samples;
mod sign_in;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        http::StatusCode,
        routing::{get, post},
    },
    minijinja::{Value, value::Serde},
    problem::Failure,
    web::{Answer, Fields, NavEntry, Template, Visit},
};
use serde::Serialize;

pub(crate) use samples::samples;

use crate::actions::{MANAGE_ACCOUNTS, OWN_ACCOUNT, READ_AUDIT};

/// Entries of the staff menu.
pub(crate) static NAV: &[NavEntry] = &[
    NavEntry {
        href: "/quan-tri/tai-khoan",
        key: "identity-nav-accounts",
        permission: Some(&MANAGE_ACCOUNTS),
        role: None,
    },
    NavEntry {
        href: "/quan-tri/nhat-ky",
        key: "identity-nav-audit",
        permission: Some(&READ_AUDIT),
        role: None,
    },
    NavEntry {
        href: "/tai-khoan",
        key: "identity-nav-me",
        permission: Some(&OWN_ACCOUNT),
        role: None,
    },
];

/// Where the pages are.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/dang-nhap", get(sign_in::show).post(sign_in::submit))
        .route("/dang-xuat", post(sign_in::leave))
        .route("/lan-dau", get(first::show).post(first::submit))
        .route("/tai-khoan", get(me::show))
        .route("/tai-khoan/mat-khau", get(password::show).post(password::submit))
        .route("/tai-khoan/thu", get(address::show).post(address::ask))
        .route("/tai-khoan/thu/xac-nhan", post(address::confirm))
        .route("/tai-khoan/thu/bo", post(address::forget))
        .route("/tai-khoan/phien/dong-het", post(me::leave_everywhere))
        .route("/tai-khoan/phien/{id}/dong", post(me::end_session))
        .route("/quan-tri/tai-khoan", get(accounts::list))
        .route("/quan-tri/tai-khoan/moi", get(accounts::new).post(accounts::create))
        .route("/quan-tri/tai-khoan/{id}", get(account::show))
        .route("/quan-tri/tai-khoan/{id}/vai-tro", post(account::give_role))
        .route("/quan-tri/tai-khoan/{id}/vai-tro/{grant}/thu-hoi", post(account::end_role))
        .route("/quan-tri/tai-khoan/{id}/tam-khoa", post(account::suspend))
        .route("/quan-tri/tai-khoan/{id}/mo-khoa", post(account::reopen))
        .route("/quan-tri/tai-khoan/{id}/mat-khau", post(account::reset_password))
        .route("/quan-tri/nhat-ky", get(audit::show))
}

/// A hidden field that carries something through a form.
#[derive(Clone, Debug, Serialize)]
struct Hidden {
    name: String,
    value: String,
}

/// What was typed into a form whose session had ended, on its way through the sign-in.
fn kept_fields(fields: &Fields) -> Vec<Hidden> {
    let kept = fields.iter().filter(|(name, _)| name.starts_with("giu."));
    kept.map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() }).collect()
}

/// One of our own paths to go to next; empty for anything else, and for where one must not return to.
fn safe_next(asked: &str) -> String {
    let is_local = asked.starts_with('/')
        && !asked.starts_with("//")
        && !asked.contains('\\')
        && !asked.contains(char::is_control)
        && asked.len() <= 2_000;
    let path = asked.split(['?', '#']).next().unwrap_or_default();
    let leads_back = ["/dang-nhap", "/dang-xuat", "/lan-dau"].contains(&path);
    if is_local && !leads_back { asked.to_owned() } else { String::new() }
}

/// What is wrong with a form, as its macros want it: `[{field, text}]`.
type Errors = Value;

/// Shows a form again with the status of what was wrong: 422, or 429 while one must wait.
fn again<C: Serialize>(
    visit: &Visit,
    failure: Failure,
    template: &Template<C>,
    context: impl FnOnce(Errors) -> C,
) -> Answer {
    let status =
        failure.problem().and_then(|problem| StatusCode::from_u16(problem.kind.status).ok());
    let told = |errors: Vec<_>| context(Value::from(Serde(errors)));
    let mut response = visit.form_again(failure, template, told)?;
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// The words for a stored action: `reach.person.added` is `reach-audit-person-added` in the locales.
fn action_words(visit: &Visit, action: &str) -> String {
    let key = action.replacen('.', "-audit-", 1).replace('.', "-");
    if visit.app.words.knows(visit.lang(), &key) { visit.say(&key, &[]) } else { action.to_owned() }
}

/// A day as people read it, or "no end".
fn until_words(say: impl Fn(&str) -> String, until: kernel::clock::Day) -> String {
    if until == kernel::clock::Day::FOREVER {
        say("identity-no-end")
    } else {
        // Stored is the first day on which it no longer holds; people read the last on which it does.
        until.plus_days(-1).short()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_gone_to() {
        for good in ["/", "/do-phu?trang=2", "/quan-tri/tai-khoan", "/dang-nhap-ho"] {
            assert_eq!(safe_next(good), good);
        }
        let long = format!("/{}", "a".repeat(2_001));
        for bad in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
            "evil",
            "/dang-xuat",
            "/dang-nhap?tiep=/",
            "/lan-dau#x",
            &long,
        ] {
            assert_eq!(safe_next(bad), "", "{bad:?}");
        }
    }
}
