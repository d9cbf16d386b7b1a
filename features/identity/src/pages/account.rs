//! One account, as its administrator sees it.

use kernel::{
    axum::extract::Path,
    clock::Day,
    problem::{FormProblems, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Errors,
    accounts::{ONE_TIME, OneTime, RoleOption, read_until, role_options},
    again,
    places::{self, Choice, Place},
    until_words,
};
use crate::{
    actions::{self, ACCOUNT_NOT_FOUND, MANAGE_ACCOUNTS, NewRole},
    model::{AccountId, GrantId, ONE_TIME_DAYS, Status},
    store,
};

pub(super) const ACCOUNT: Template<AccountPage> = Template::new("identity/account.html");

/// One account.
#[derive(Debug, Default, Serialize)]
pub(super) struct AccountPage {
    pub id: String,
    pub username: String,
    pub name: String,
    pub place: String,
    pub since: i64,
    pub is_suspended: bool,
    pub is_new: bool,
    pub is_oneself: bool,
    pub grants: Vec<GrantRow>,
    pub form: RoleForm,
}

/// A role on the account's page.
#[derive(Debug, Serialize)]
pub(super) struct GrantRow {
    pub id: String,
    pub role: String,
    pub place: String,
    pub from: String,
    pub until: String,
    /// `now`, `later` or `over`.
    pub state: &'static str,
    pub may_end: bool,
}

/// The form that gives a role.
#[derive(Debug, Default, Serialize)]
pub(super) struct RoleForm {
    pub role: String,
    pub roles: Vec<RoleOption>,
    pub place: String,
    pub choices: Vec<Choice>,
    pub from: String,
    pub until: String,
    pub errors: Errors,
}

fn read_id(id: &str) -> Outcome<AccountId> {
    AccountId::parse(id).or_missing(&ACCOUNT_NOT_FOUND)
}

fn page_of(id: &AccountId) -> String {
    format!("/quan-tri/tai-khoan/{id}")
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let form = RoleForm { roles: role_options(&visit), ..RoleForm::default() };
    let context = gather(&visit, &read_id(&id)?, form).await?;
    visit.page(&ACCOUNT, &context)
}

async fn gather(visit: &Visit, id: &AccountId, form: RoleForm) -> Outcome<AccountPage> {
    let (account, grants, mut places) = visit
        .app
        .db
        .view(async |tx| {
            let account = store::find_account(tx, id).await?.or_missing(&ACCOUNT_NOT_FOUND)?;
            visit.caller.must(&MANAGE_ACCOUNTS, &account.place)?;
            let grants = store::grants_of(tx, id).await?;
            let scopes = grants.iter().map(|grant| grant.scope.clone());
            let scopes: Vec<_> = scopes.chain([account.place.clone()]).collect();
            Ok((account, grants, places::names(tx, &scopes).await?))
        })
        .await?;
    let place = places.pop().map(|place| place.or_words(visit)).unwrap_or_default();
    let today = visit.caller.now().day();
    let rows = grants.into_iter().zip(places).map(|(grant, place)| GrantRow {
        may_end: grant.until_day > today && visit.caller.may(&MANAGE_ACCOUNTS, &grant.scope),
        state: state_of(grant.from_day, grant.until_day, today),
        id: grant.id.to_string(),
        role: grant.role,
        place: place.or_words(visit),
        from: grant.from_day.short(),
        until: until_words(|key| visit.say(key, &[]), grant.until_day),
    });
    Ok(AccountPage {
        id: account.id.to_string(),
        username: account.username,
        name: account.name,
        place,
        since: account.created_at.millis(),
        is_suspended: account.status == Status::Suspended,
        is_new: account.must_change_password,
        is_oneself: account.id.as_str() == visit.caller.id(),
        grants: rows.collect(),
        form,
    })
}

fn state_of(from: Day, until: Day, today: Day) -> &'static str {
    if until <= today {
        "over"
    } else if from > today {
        "later"
    } else {
        "now"
    }
}

fn form(visit: &Visit, fields: &Fields, choices: Vec<Choice>) -> RoleForm {
    RoleForm {
        role: fields.line("role"),
        roles: role_options(visit),
        place: fields.line("place"),
        choices,
        from: fields.line("from"),
        until: fields.line("until"),
        errors: Errors::default(),
    }
}

/// What the form said, or the places between which one must choose.
async fn read_role(visit: &Visit, fields: &Fields) -> Outcome<Result<NewRole, Vec<Choice>>> {
    let until = read_until(fields)?;
    let typed = fields.line("from");
    let from = if typed.is_empty() { Some(visit.caller.now().day()) } else { Day::parse(&typed) };
    let mut problems = FormProblems::new();
    problems.require(from.is_some(), "from", "identity-date-wrong");
    problems.require(fields.has("role"), "role", "identity-role-missing");
    problems.check()?;
    let place = visit.app.db.view(async |tx| places::find(tx, visit, fields).await).await?;
    Ok(match place {
        Place::Several(choices) => Err(choices),
        Place::One(scope) => Ok(NewRole {
            role: fields.line("role"),
            scope,
            from: from.unwrap_or_else(|| visit.caller.now().day()),
            until,
        }),
    })
}

pub(super) async fn give_role(
    visit: Visit,
    Path(id): Path<String>,
    Posted { fields }: Posted,
) -> Answer {
    let id = read_id(&id)?;
    // Also refuses whoever may not see this account, before anything of the form is looked at.
    let mut page = gather(&visit, &id, form(&visit, &fields, Vec::new())).await?;
    let given = match read_role(&visit, &fields).await {
        Ok(Ok(new)) => actions::grant_role(&visit.caller, &visit.app.db, &id, &new).await,
        Ok(Err(choices)) => {
            page.form.choices = choices;
            Err(places::ambiguous())
        }
        Err(failure) => Err(failure),
    };
    match given {
        Ok(_) => visit.done(&page_of(&id), "identity-role-given"),
        Err(failure) => again(&visit, failure, &ACCOUNT, |errors| {
            page.form.errors = errors;
            page
        }),
    }
}

pub(super) async fn end_role(
    visit: Visit,
    Path((id, grant)): Path<(String, String)>,
    _: Posted,
) -> Answer {
    let id = read_id(&id)?;
    let grant = GrantId::parse(&grant).or_missing(&ACCOUNT_NOT_FOUND)?;
    actions::end_role(&visit.caller, &visit.app.db, &id, &grant).await?;
    visit.done(&page_of(&id), "identity-role-ended")
}

pub(super) async fn suspend(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = read_id(&id)?;
    actions::suspend(&visit.caller, &visit.app.db, &id).await?;
    visit.done(&page_of(&id), "identity-account-suspended")
}

pub(super) async fn reopen(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = read_id(&id)?;
    actions::reopen(&visit.caller, &visit.app.db, &id).await?;
    visit.done(&page_of(&id), "identity-account-reopened")
}

pub(super) async fn reset_password(visit: Visit, Path(id): Path<String>, _: Posted) -> Answer {
    let id = read_id(&id)?;
    let password = actions::reset_password(&visit.caller, &visit.app.db, &id).await?;
    let account = visit
        .app
        .db
        .view(async |tx| store::find_account(tx, &id).await?.or_missing(&ACCOUNT_NOT_FOUND))
        .await?;
    let slip = OneTime {
        id: id.to_string(),
        username: account.username,
        name: account.name,
        password,
        days: ONE_TIME_DAYS,
    };
    visit.page(&ONE_TIME, &slip)
}
