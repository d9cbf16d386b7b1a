//! Where letters to a person go: they give an address of their own and confirm it with a code that came
//! there. And whom letters are for: who holds a role at a place today. The address itself is written into
//! no log.

use kernel::{
    app::App,
    caller::{Caller, Grant, Person},
    clock::Timestamp,
    db::Tx,
    events::Doing,
    problem::{FormProblems, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};

use super::{audit, own::own_id};
use crate::{
    model::{AccountId, CODE_LIVES_S, SENT_MOST, WRONG_MOST, read_address, username_key},
    store::{self, AddressRow},
};

/// This installation sends no letters.
pub static NO_POST: ProblemKind = ProblemKind { code: "identity-no-post", status: 409 };

/// A letter with a code, to the address that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLetter {
    /// Whom it is for.
    pub account: String,
    /// Its subject.
    pub subject: String,
    /// Its lines, the code among them.
    pub lines: Vec<String>,
}

/// Takes a letter with a code, in the transaction that made the code; offered where letters are sent.
pub struct Post(pub for<'a> fn(&'a mut Tx, &'a CodeLetter) -> Doing<'a, ()>);

/// What a person's page shows of their address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The confirmed one.
    pub confirmed: Option<String>,
    /// One that waits for its code.
    pub asked: Option<String>,
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// One's own address.
pub async fn own_address(app: &App, caller: &Caller) -> Outcome<Address> {
    let own = own_id(caller)?;
    let now = app.now();
    let row = app.db.view(async |tx| Ok(store::address_row(tx, &own).await?)).await?;
    Ok(row.map_or_else(Address::default, |row| Address {
        confirmed: filled(row.address),
        asked: filled(row.asked).filter(|_| row.code_until > now),
    }))
}

fn code_hash(own: &AccountId, code: &str) -> String {
    blake3::hash(format!("{own} {code}").as_bytes()).to_hex().to_string()
}

async fn row_of(tx: &mut Tx, own: &AccountId) -> Outcome<AddressRow> {
    let known = store::address_row(tx, own).await?;
    Ok(known.unwrap_or_else(|| AddressRow {
        account: own.clone(),
        address: String::new(),
        confirmed_at: None,
        asked: String::new(),
        code_hash: String::new(),
        code_until: Timestamp::from_millis(0),
        wrong: 0,
        sent_on: String::new(),
        sent: 0,
    }))
}

/// Asks for an address: a code is sent there, `letter` says in which words. The confirmed one stays until then.
///
/// # Errors
/// 409 where no letters are sent; 422 with field `address`.
pub async fn ask_address(
    app: &App,
    caller: &Caller,
    address: &str,
    letter: impl FnOnce(&str) -> CodeLetter,
) -> Outcome<()> {
    let own = own_id(caller)?;
    let Post(post) = app.port::<Post>().or_missing(&NO_POST)?;
    let mut problems = FormProblems::new();
    let read = read_address(address);
    problems.require(read.is_some(), "address", "identity-address-wrong");
    problems.check()?;
    let code = format!("{:08}", app.chance().below(100_000_000));
    let letter = letter(&code);
    app.db
        .change(async |tx| {
            let known = row_of(tx, &own).await?;
            let today = tx.now().day().iso();
            let sent = if known.sent_on == today { known.sent } else { 0 };
            let mut problems = FormProblems::new();
            problems.require(sent < SENT_MOST, "address", "identity-address-too-often");
            problems.check()?;
            let row = AddressRow {
                asked: read.clone().unwrap_or_default(),
                code_hash: code_hash(&own, &code),
                code_until: tx.now().plus_seconds(CODE_LIVES_S),
                wrong: 0,
                sent_on: today,
                sent: sent + 1,
                ..known
            };
            store::put_address(tx, &row).await?;
            post(tx, &letter).await?;
            audit(tx, caller, "identity.address-asked", own.as_str(), "").await
        })
        .await
}

/// Confirms the address that waits, with the code from its letter.
///
/// # Errors
/// 422 with field `ma`.
pub async fn confirm_address(app: &App, caller: &Caller, code: &str) -> Outcome<()> {
    let own = own_id(caller)?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let right = app
        .db
        .change(async |tx| {
            let known = row_of(tx, &own).await?;
            let open =
                !known.asked.is_empty() && known.code_until > tx.now() && known.wrong < WRONG_MOST;
            // Hashes of the two are compared.
            let right = open && known.code_hash == code_hash(&own, &code);
            let row = if right {
                AddressRow {
                    address: known.asked,
                    confirmed_at: Some(tx.now()),
                    asked: String::new(),
                    code_hash: String::new(),
                    ..known
                }
            } else {
                AddressRow { wrong: known.wrong.saturating_add(1), ..known }
            };
            store::put_address(tx, &row).await?;
            if right {
                audit(tx, caller, "identity.address-confirmed", own.as_str(), "").await?;
            }
            // A wrong try is counted, so this transaction must not fail.
            Ok(right)
        })
        .await?;
    let mut problems = FormProblems::new();
    problems.require(right, "ma", "identity-address-code-wrong");
    problems.check()
}

/// Takes one's address back: no letter goes there any more.
pub async fn drop_address(app: &App, caller: &Caller) -> Outcome<()> {
    let own = own_id(caller)?;
    app.db
        .change(async |tx| {
            let known = row_of(tx, &own).await?;
            let row = AddressRow {
                address: String::new(),
                confirmed_at: None,
                asked: String::new(),
                code_hash: String::new(),
                ..known
            };
            store::put_address(tx, &row).await?;
            audit(tx, caller, "identity.address-dropped", own.as_str(), "").await
        })
        .await
}

/// Where letters to a person go; none when they gave no address or did not confirm it.
pub async fn address_of(tx: &mut Tx, account: &str) -> Outcome<Option<String>> {
    let Some(id) = AccountId::parse(account) else { return Ok(None) };
    let row = store::address_row(tx, &id).await?;
    Ok(row.and_then(|row| filled(row.address)))
}

/// Where the code that a person waits for goes.
pub async fn asked_address_of(tx: &mut Tx, account: &str) -> Outcome<Option<String>> {
    let Some(id) = AccountId::parse(account) else { return Ok(None) };
    let now = tx.now();
    let row = store::address_row(tx, &id).await?;
    Ok(row.filter(|row| row.code_until > now).and_then(|row| filled(row.asked)))
}

/// The person behind an account with what they may do today; none when the account is closed, was never used,
/// or is none. For what is made for somebody who is not here.
pub async fn caller_of(tx: &mut Tx, account: &str) -> Outcome<Option<Caller>> {
    let Some(id) = AccountId::parse(account) else { return Ok(None) };
    let rows = store::holder_rows(tx, &id).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let person = Person { id: first.account.to_string(), name: first.name.clone() };
    let grant = |row: &store::HolderRow| {
        Some(Grant {
            role: row.role.clone()?,
            scope: ScopePath::parse(row.scope.as_deref()?)?,
            from: row.from_day?,
            until: row.until_day?,
        })
    };
    let grants = rows.iter().filter_map(grant).collect();
    Ok(Some(Caller::person(person, grants, tx.now())))
}

/// The accounts that hold one of the roles over exactly one of the paths today, each once.
pub async fn holders(tx: &mut Tx, roles: &[&str], scopes: &[ScopePath]) -> Outcome<Vec<String>> {
    let mut all = std::collections::BTreeSet::new();
    for scope in scopes {
        for role in roles {
            all.extend(store::holders_at(tx, role, scope).await?);
        }
    }
    Ok(all.into_iter().collect())
}

/// The open account with this user name, however it is written.
pub async fn account_named(tx: &mut Tx, username: &str) -> Outcome<Option<String>> {
    let Some(key) = username_key(username) else { return Ok(None) };
    Ok(store::account_by_key(tx, &key).await?)
}
