//! Keys of phones.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::PhoneKeyId;

row_struct! {
    /// A key, without the key itself.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PhoneKey {
        pub id: PhoneKeyId,
        pub account: String,
        pub name: String,
        pub made_at: Timestamp,
        pub until: Timestamp,
        pub used_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
    }
}

/// Adds a key by its hash.
pub async fn add(tx: &mut Tx, one: &PhoneKey, hash: &str) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_phone_keys (id, hash, account, name, made_at, until) values ($1, $2, $3, $4, $5, $6)"),
        &[
            (&one.id).into(),
            hash.into(),
            (&one.account).into(),
            (&one.name).into(),
            one.made_at.into(),
            one.until.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The key with a hash, also one that holds no more.
pub async fn by_hash(tx: &mut Tx, hash: &str) -> Result<Option<PhoneKey>, DbError> {
    tx.maybe(
        sql!("select id, account, name, made_at, until, used_at, ended_at from reporting_phone_keys where hash = $1"),
        &[hash.into()],
    )
    .await
}

/// The keys of an account that were not ended and whose time is not over, made after an instant; the newest first.
pub async fn of(tx: &mut Tx, account: &str, after: Timestamp) -> Result<Vec<PhoneKey>, DbError> {
    let now = tx.now();
    tx.all(
        sql!("select id, account, name, made_at, until, used_at, ended_at from reporting_phone_keys \
              where account = $1 and ended_at is null and until > $2 and made_at >= $3 order by made_at desc, id limit 100"),
        &[account.into(), now.into(), after.into()],
    )
    .await
}

/// Notes that a key was used.
pub async fn touch(tx: &mut Tx, id: &PhoneKeyId) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_phone_keys set used_at = $2 where id = $1"),
        &[id.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Ends a key of an account; false when it has no such key that still holds.
pub async fn end(tx: &mut Tx, id: &PhoneKeyId, account: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let ended = tx
        .run(
            sql!("update reporting_phone_keys set ended_at = $3 where id = $1 and account = $2 and ended_at is null"),
            &[id.into(), account.into(), now.into()],
        )
        .await?;
    Ok(ended == 1)
}
