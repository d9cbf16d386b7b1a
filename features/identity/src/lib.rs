//! The front door of identity: who works on this node, what they may do where and until when, how they
//! sign in, and the log of what was done. Deciding whether somebody *may* is the kernel's
//! ([`kernel::caller::Caller`]); this feature loads what they hold.

pub mod actions;
mod model;
mod pages;
mod store;

use kernel::{
    clock::Day, db::Tx, locales, migrations, module::Module, problem::Outcome, templates,
};

pub use actions::{
    CodeLetter, Done, Post, account_named, address_of, asked_address_of, audit, audit_many,
    caller_of, holders, name_of, password_since, resolve_caller, setup_code, wrong_key,
};
pub use model::{
    AccountId, GrantId, SessionId, SessionLimits, one_time_password, role, session_limits,
};
pub use store::AtWork;

/// The feature, as the server sees it.
pub fn module() -> Module {
    Module {
        routes: pages::routes,
        migrations: migrations!("identity": "0001_accounts.sql", "0002_succession.sql", "0003_address.sql"),
        templates: templates!(
            "identity/sign_in.html",
            "identity/first.html",
            "identity/me.html",
            "identity/password.html",
            "identity/accounts.html",
            "identity/place.html",
            "identity/new_account.html",
            "identity/account.html",
            "identity/one_time.html",
            "identity/audit.html",
            "identity/address.html",
        ),
        samples: pages::samples,
        locales: locales!("identity"),
        permissions: actions::PERMISSIONS,
        problems: actions::PROBLEMS,
        nav: pages::NAV,
        ..Module::new("identity")
    }
}

/// People who held a role on a day, administrators of accounts left out, one row a role; with what they last did from
/// the first of two days until the second. For counting agencies that use the program, never for watching a person.
pub async fn at_work(tx: &mut Tx, on: Day, within: (Day, Day)) -> Outcome<Vec<AtWork>> {
    Ok(store::at_work(tx, on, within).await?)
}
