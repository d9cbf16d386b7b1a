//! What identity promises, told as stories with real sessions, on both engines.

mod accounts;
mod browser;
mod first;
mod forms;
mod hostile;
mod sessions;
mod sign_in;
mod succession;
mod tries;
mod words;

use identity::{
    AccountId,
    actions::{NewAccount, NewRole, create_account},
};
use kernel::{caller::Caller, clock::Day, scope::ScopePath};
use testkit::{Kit, KitBuilder};

/// A password that passes our rules, shared by the cast.
const PASSWORD: &str = "suối Tà Lùng nước trong";

async fn start(builder: KitBuilder) -> Kit {
    let modules = [areas::module(), identity::module()];
    builder.with(modules).resolving(identity::resolve_caller).start().await
}

fn system(kit: &Kit) -> Caller {
    Caller::system(kit.app.now())
}

fn path(text: &str) -> ScopePath {
    ScopePath::parse(text).expect("a scope path")
}

fn role_over(kit: &Kit, role: &str, scope: &str) -> NewRole {
    NewRole {
        role: role.to_owned(),
        scope: path(scope),
        from: kit.app.now().day(),
        until: Day::FOREVER,
    }
}

/// An account with a chosen password and one role over one place.
async fn account(kit: &Kit, username: &str, role: &str, scope: &str) -> AccountId {
    let new = NewAccount {
        username: username.to_owned(),
        name: format!("Người dùng {username}"),
        place: path(scope),
        password: Some(PASSWORD.to_owned()),
        roles: vec![role_over(kit, role, scope)],
    };
    create_account(&system(kit), kit.db(), new).await.expect("the account is opened").id
}

/// The person behind an account, as their session would have it.
async fn caller_of(kit: &Kit, browser: &browser::Browser<'_>) -> Option<Caller> {
    let token = browser.session()?;
    identity::resolve_caller(&kit.app, &token).await.expect("the session is looked up")
}
