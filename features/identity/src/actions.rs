//! What people do with accounts: sign in and out, change a password, look after other people's accounts
//! and roles. Every change of authority leaves a line in the audit log, in the same transaction.

mod accounts;
mod address;
mod first;
mod hashing;
mod keys;
mod own;
mod roles;
mod sessions;
mod sign_in;
pub mod succession;

use kernel::{
    caller::{Caller, Permission},
    db::Tx,
    problem::{FieldProblem, Outcome, Problem, ProblemKind, TOO_MANY},
    text,
};

pub use accounts::{Created, NewAccount, create_account, reopen, reset_password, suspend};
pub use address::{
    Address, CodeLetter, NO_POST, Post, account_named, address_of, ask_address, asked_address_of,
    caller_of, confirm_address, drop_address, holders, own_address,
};
pub use first::{
    FirstAdministrator, ensure_first_administrator, first_run, rescue_administrator,
    reset_password_locally, setup_code,
};
pub use keys::{password_since, wrong_key};
pub(crate) use own::own_id;
pub use own::{change_password, end_own_session, sign_out, sign_out_everywhere};
pub use roles::{NewRole, end_role, grant_role};
pub use sessions::resolve_caller;
pub(crate) use sessions::token_hash;
pub use sign_in::{Attempt, SignedIn, sign_in};

use crate::{
    model::role,
    store::{self, NewAudit},
};

/// Look after accounts and roles of a place.
pub static MANAGE_ACCOUNTS: Permission =
    Permission { code: "identity.manage-accounts", roles: &[role::ADMINISTRATOR] };
/// Read the audit log of a place.
pub static READ_AUDIT: Permission =
    Permission { code: "identity.read-audit", roles: &[role::ADMINISTRATOR] };
/// See the menu entry of one's own account. The page itself asks only that one has signed in.
pub static OWN_ACCOUNT: Permission = Permission { code: "identity.own-account", roles: &role::ALL };

pub(crate) static PERMISSIONS: &[&Permission] = &[&MANAGE_ACCOUNTS, &READ_AUDIT, &OWN_ACCOUNT];

/// No such account.
pub static ACCOUNT_NOT_FOUND: ProblemKind =
    ProblemKind { code: "identity-account-not-found", status: 404 };
/// The account holds more than the person who wants to manage it.
pub static ABOVE_YOU: ProblemKind = ProblemKind { code: "identity-above-you", status: 403 };
/// Suspending oneself, or ending one's own administration.
pub static NOT_YOURSELF: ProblemKind = ProblemKind { code: "identity-not-yourself", status: 422 };
/// The first administrator exists already.
pub static FIRST_EXISTS: ProblemKind = ProblemKind { code: "identity-first-exists", status: 404 };
/// Too many sign-ins are waiting to be checked.
pub static BUSY: ProblemKind = ProblemKind { code: "identity-busy", status: 503 };

pub(crate) static PROBLEMS: &[&ProblemKind] =
    &[&ACCOUNT_NOT_FOUND, &ABOVE_YOU, &NOT_YOURSELF, &FIRST_EXISTS, &BUSY, &NO_POST];

const SUBJECT_BYTES_MAX: usize = 200;
const DETAIL_BYTES_MAX: usize = 1_000;

/// Writes what somebody did into the audit log, in the transaction that does it.
///
/// `action` is a stable name such as `publishing.approve`; its words on the page are
/// `<feature>-audit-<rest>` in the locales (`publishing-audit-approve`, further dots as hyphens), the name
/// itself when there are none. `subject` says what it was done to (an id), `detail` the rest, short. Never pass a password, a
/// token, or the text of somebody's message: this log is kept for years and cannot be edited.
pub async fn audit(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    subject: &str,
    detail: &str,
) -> Outcome<()> {
    let name = caller.who().map_or("", |person| &person.name);
    let line = NewAudit { account: caller.id(), name, action, subject, detail, address: None };
    write_audit(tx, &line).await
}

/// What somebody did, for [`audit_many`].
pub struct Done<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// As [`audit`] takes it.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// The rest, short.
    pub detail: &'a str,
}

/// Writes what several people did in one transaction, each as [`audit`] does.
pub async fn audit_many(tx: &mut Tx, done: &[Done<'_>]) -> Outcome<()> {
    let tidy: Vec<(String, String)> =
        done.iter().map(|one| (tidy_subject(one.subject), tidy_detail(one.detail))).collect();
    let lines: Vec<NewAudit<'_>> = done
        .iter()
        .zip(&tidy)
        .map(|(one, (subject, detail))| NewAudit {
            account: one.caller.id(),
            name: one.caller.who().map_or("", |person| &person.name),
            action: one.action,
            subject,
            detail,
            address: None,
        })
        .collect();
    store::append_many(tx, &lines).await?;
    Ok(())
}

/// Lines stay lines: no control characters, bounded length.
async fn write_audit(tx: &mut Tx, line: &NewAudit<'_>) -> Outcome<()> {
    let (subject, detail) = (tidy_subject(line.subject), tidy_detail(line.detail));
    store::append(tx, &NewAudit { subject: &subject, detail: &detail, ..*line }).await?;
    Ok(())
}

fn tidy_subject(subject: &str) -> String {
    shorten(&text::tidy(subject), SUBJECT_BYTES_MAX)
}

fn tidy_detail(detail: &str) -> String {
    shorten(&text::tidy(detail), DETAIL_BYTES_MAX)
}

fn shorten(text: &str, bytes_max: usize) -> String {
    text[..text.floor_char_boundary(bytes_max)].to_owned()
}

/// How colleagues read the person behind an account id that some row carries; `None` when this node has
/// no such account.
pub async fn name_of(tx: &mut Tx, account: &str) -> Outcome<Option<String>> {
    let Some(id) = crate::model::AccountId::parse(account) else { return Ok(None) };
    Ok(store::find_account(tx, &id).await?.map(|found| found.name))
}

/// "We are busy", as a problem of a whole form, so that what was typed is shown again.
fn busy_problem() -> Problem {
    let field = FieldProblem { field: String::new(), key: "identity-busy", args: Vec::new() };
    Problem { kind: &BUSY, args: Vec::new(), fields: vec![field] }
}

/// "Wait so many seconds", as a problem of a whole form.
fn wait_problem(wait_ms: i64) -> Problem {
    let seconds = wait_ms.saturating_add(999).div_euclid(1000).max(1);
    let args = vec![("seconds", seconds.to_string())];
    let field = FieldProblem { field: String::new(), key: "identity-wait", args: args.clone() };
    Problem { kind: &TOO_MANY, args, fields: vec![field] }
}
