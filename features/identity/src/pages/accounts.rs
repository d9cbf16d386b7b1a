//! The list of accounts, and opening a new one.

use kernel::{
    axum::extract::Query,
    clock::Day,
    problem::{Failure, FormProblems, Outcome},
    scope::ScopePath,
    web::{Answer, Fields, PAGE_SIZE, Paging, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Errors, again,
    places::{self, Choice, Place},
};
use crate::{
    actions::{self, MANAGE_ACCOUNTS, NewAccount, NewRole},
    model::{ONE_TIME_DAYS, Status, role},
    store::{self, HeldPlaces},
};

pub(super) const LIST: Template<List> = Template::new("identity/accounts.html");
pub(super) const NEW: Template<New> = Template::new("identity/new_account.html");
pub(super) const ONE_TIME: Template<OneTime> = Template::new("identity/one_time.html");

/// The list.
#[derive(Debug, Default, Serialize)]
pub(super) struct List {
    pub text: String,
    pub accounts: Vec<Row>,
    pub total: usize,
    pub pages: Paging,
}

/// One account of the list.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub id: String,
    pub username: String,
    pub name: String,
    pub place: String,
    pub is_suspended: bool,
    pub is_new: bool,
}

/// The form for a new account.
#[derive(Debug, Default, Serialize)]
pub(super) struct New {
    pub username: String,
    pub name: String,
    pub place: String,
    pub choices: Vec<Choice>,
    pub role: String,
    pub roles: Vec<RoleOption>,
    pub until: String,
    pub errors: Errors,
}

/// A role that can be given.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RoleOption {
    pub value: &'static str,
    pub label: String,
    pub hint: String,
}

/// The slip with a one-time password: shown once, never again.
#[derive(Debug, Default, Serialize)]
pub(super) struct OneTime {
    pub id: String,
    pub username: String,
    pub name: String,
    pub password: String,
    pub days: i64,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    trang: Option<String>,
}

/// The roles with their words.
pub(super) fn role_options(visit: &Visit) -> Vec<RoleOption> {
    let option = |value| RoleOption {
        value,
        label: visit.say(&format!("identity-role-{value}"), &[]),
        hint: visit.say(&format!("identity-role-{value}.hint"), &[]),
    };
    role::ALL.map(option).to_vec()
}

/// `?trang=` as a page number from 1.
pub(super) fn page_number(asked: Option<&str>) -> usize {
    asked
        .and_then(|page| page.parse().ok())
        .filter(|page| (1..=100_000).contains(page))
        .unwrap_or(1)
}

/// The address of a list with its filters.
pub(super) fn with_query(path: &str, filters: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        let plain = |byte: u8| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        text.bytes().map(plain).collect::<String>()
    };
    let set = filters.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<_> = set.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&MANAGE_ACCOUNTS)?;
    let text: String = kernel::text::tidy(&asked.q.unwrap_or_default()).chars().take(80).collect();
    let at = page_number(asked.trang.as_deref());
    let held = held_places(&visit, &MANAGE_ACCOUNTS);
    let (total, accounts, places) = visit
        .app
        .db
        .view(async |tx| {
            let total = store::count_accounts(tx, &held, &text).await?;
            let accounts =
                store::list_accounts(tx, &held, &text, PAGE_SIZE, Paging::offset(at)).await?;
            let scopes: Vec<_> = accounts.iter().map(|account| account.place.clone()).collect();
            Ok((total, accounts, places::names(tx, &scopes).await?))
        })
        .await?;
    let rows = accounts.into_iter().zip(places).map(|(account, place)| Row {
        id: account.id.to_string(),
        username: account.username,
        name: account.name,
        place: place.or_words(&visit),
        is_suspended: account.status == Status::Suspended,
        is_new: account.must_change_password,
    });
    let base = with_query("/quan-tri/tai-khoan", &[("q", &text)]);
    let context =
        List { accounts: rows.collect(), total, pages: Paging::new(&base, at, total), text };
    visit.page(&LIST, &context)
}

/// The places a list is filtered by: exactly those over which [`kernel::caller::Caller::may`] says yes.
pub(super) fn held_places(
    visit: &Visit,
    permission: &'static kernel::caller::Permission,
) -> HeldPlaces {
    let root = ScopePath::root();
    if visit.caller.is_system() {
        return HeldPlaces::of([&root]);
    }
    HeldPlaces::of(visit.caller.scopes_for(permission))
}

pub(super) async fn new(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&MANAGE_ACCOUNTS)?;
    visit.page(&NEW, &New { roles: role_options(&visit), ..New::default() })
}

/// A last day as people write it, turned into the first day after; empty means no end.
pub(super) fn read_until(fields: &Fields) -> Outcome<Day> {
    let typed = fields.line("until");
    if typed.is_empty() {
        return Ok(Day::FOREVER);
    }
    let mut problems = FormProblems::new();
    let day = Day::parse(&typed);
    problems.require(day.is_some(), "until", "identity-date-wrong");
    problems.check()?;
    Ok(day.map_or(Day::FOREVER, |last| last.plus_days(1)))
}

fn form(visit: &Visit, fields: &Fields, choices: Vec<Choice>, errors: Errors) -> New {
    New {
        username: fields.line("username"),
        name: fields.line("name"),
        place: fields.line("place"),
        choices,
        role: fields.line("role"),
        roles: role_options(visit),
        until: fields.line("until"),
        errors,
    }
}

pub(super) async fn create(visit: Visit, Posted { fields }: Posted) -> Answer {
    visit.caller.must_somewhere(&MANAGE_ACCOUNTS)?;
    let made = match read(&visit, &fields).await {
        Ok(Read::Whole(new)) => {
            let name = (new.username.clone(), new.name.clone());
            let made = actions::create_account(&visit.caller, &visit.app.db, *new).await;
            made.map(|made| (made, name))
        }
        Ok(Read::Ambiguous(choices)) => {
            return again(&visit, places::ambiguous(), &NEW, |errors| {
                form(&visit, &fields, choices, errors)
            });
        }
        Err(failure) => Err(failure),
    };
    match made {
        Ok((made, (username, name))) => {
            let password = made.one_time_password.unwrap_or_default();
            let id = made.id.to_string();
            visit.page(&ONE_TIME, &OneTime { id, username, name, password, days: ONE_TIME_DAYS })
        }
        Err(failure) => {
            again(&visit, failure, &NEW, |errors| form(&visit, &fields, Vec::new(), errors))
        }
    }
}

enum Read {
    Whole(Box<NewAccount>),
    Ambiguous(Vec<Choice>),
}

async fn read(visit: &Visit, fields: &Fields) -> Result<Read, Failure> {
    let until = read_until(fields)?;
    let place = visit.app.db.view(async |tx| places::find(tx, visit, fields).await).await?;
    let place = match place {
        Place::One(place) => place,
        Place::Several(choices) => return Ok(Read::Ambiguous(choices)),
    };
    let role = fields.line("role");
    let from = visit.caller.now().day();
    let roles = (!role.is_empty()).then(|| NewRole { role, scope: place.clone(), from, until });
    Ok(Read::Whole(Box::new(NewAccount {
        username: fields.line("username"),
        name: fields.line("name"),
        place,
        password: None,
        roles: roles.into_iter().collect(),
    })))
}
