//! Statements about where letters to a person go, and about whom letters are for.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::AccountId;

row_struct! {
    /// What a person said about their address.
    #[derive(Clone)]
    pub(crate) struct AddressRow {
        pub account: AccountId,
        pub address: String,
        pub confirmed_at: Option<Timestamp>,
        pub asked: String,
        pub code_hash: String,
        pub code_until: Timestamp,
        pub wrong: i64,
        pub sent_on: String,
        pub sent: i64,
    }

    /// An account that is open, with one of its roles in force or none.
    pub(crate) struct HolderRow {
        pub account: AccountId,
        pub name: String,
        pub role: Option<String>,
        pub scope: Option<String>,
        pub from_day: Option<Day>,
        pub until_day: Option<Day>,
    }
}

/// What a person said; none when they never did.
pub(crate) async fn address_row(
    tx: &mut Tx,
    account: &AccountId,
) -> Result<Option<AddressRow>, DbError> {
    tx.maybe(
        sql!(
            "select account, address, confirmed_at, asked, code_hash, code_until, wrong, sent_on, sent \
             from identity_addresses where account = $1"
        ),
        &[account.into()],
    )
    .await
}

/// Writes it.
pub(crate) async fn put_address(tx: &mut Tx, row: &AddressRow) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into identity_addresses (account, address, confirmed_at, asked, code_hash, code_until, wrong, \
             sent_on, sent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (account) do update set \
             address = excluded.address, confirmed_at = excluded.confirmed_at, asked = excluded.asked, \
             code_hash = excluded.code_hash, code_until = excluded.code_until, wrong = excluded.wrong, \
             sent_on = excluded.sent_on, sent = excluded.sent"
        ),
        &[
            (&row.account).into(),
            (&row.address).into(),
            row.confirmed_at.into(),
            (&row.asked).into(),
            (&row.code_hash).into(),
            row.code_until.into(),
            row.wrong.into(),
            (&row.sent_on).into(),
            row.sent.into(),
        ],
    )
    .await?;
    Ok(())
}

/// An open account and what it may do today. Nothing while its first password was not changed.
pub(crate) async fn holder_rows(
    tx: &mut Tx,
    account: &AccountId,
) -> Result<Vec<HolderRow>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select a.id as account, a.name, g.role, g.scope, g.from_day, g.until_day from identity_accounts a \
             left join identity_grants g on g.account = a.id and g.from_day <= $2 and g.until_day > $2 \
             where a.id = $1 and a.status = 'active' and a.must_change_password = $3"
        ),
        &[account.into(), today.into(), false.into()],
    )
    .await
}

/// The open accounts that hold a role over exactly this path today.
pub(crate) async fn holders_at(
    tx: &mut Tx,
    role: &str,
    scope: &ScopePath,
) -> Result<Vec<String>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select distinct a.id as value from identity_grants g join identity_accounts a on a.id = g.account \
             where g.scope = $1 and g.role = $2 and g.from_day <= $3 and g.until_day > $3 \
             and a.status = 'active' and a.must_change_password = $4 order by a.id"
        ),
        &[scope.into(), role.into(), today.into(), false.into()],
    )
    .await
}

/// The open account with this user name.
pub(crate) async fn account_by_key(tx: &mut Tx, key: &str) -> Result<Option<String>, DbError> {
    tx.maybe(
        sql!("select id as value from identity_accounts where username_key = $1 and status = 'active'"),
        &[key.into()],
    )
    .await
}
