//! One-time codes. Only what follows from a code is kept, never the code.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql, typed_ids,
};
use sync::enrol::{CodeSecret, StoredCode};

typed_ids! {
    /// A one-time code.
    CodeId
}

row_struct! {
    /// A code as the hub keeps it.
    pub struct Code {
        pub id: CodeId,
        pub secret_id: String,
        pub secret_key: Vec<u8>,
        pub area: areas::AreaId,
        pub path: ScopePath,
        pub expires_at: Timestamp,
        pub used_by: Option<String>,
    }
    /// A code that still waits, for the list.
    #[derive(Debug)]
    pub struct WaitingCode {
        pub area: areas::AreaId,
        pub made_at: Timestamp,
        pub expires_at: Timestamp,
    }
}

impl Code {
    /// As the protocol judges it.
    pub fn stored(&self) -> Option<StoredCode> {
        let id = kernel::chance::unhex(&self.secret_id)?.try_into().ok()?;
        let key = self.secret_key.clone().try_into().ok()?;
        let used_by = self.used_by.as_deref().and_then(|node| node.parse().ok());
        let expires_ms = u64::try_from(self.expires_at.millis()).unwrap_or(0);
        Some(StoredCode { secret: CodeSecret { id, key }, expires_ms, used_by })
    }
}

pub async fn insert(
    tx: &mut Tx,
    secret: &CodeSecret,
    area: &areas::Area,
    made_by: &str,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let id: CodeId = tx.new_id();
    let now = tx.now();
    tx.run(
        sql!("insert into delivery_codes (id, secret_id, secret_key, area, path, made_by, made_at, expires_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)"),
        &[
            (&id).into(),
            kernel::chance::hex(&secret.id).into(),
            secret.key.as_slice().into(),
            (&area.id).into(),
            (&area.path).into(),
            made_by.into(),
            now.into(),
            expires_at.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, secret_id: [u8; 8]) -> Result<Option<Code>, DbError> {
    tx.maybe(
        sql!("select id, secret_id, secret_key, area, path, expires_at, used_by from delivery_codes where secret_id = $1"),
        &[kernel::chance::hex(&secret_id).into()],
    )
    .await
}

pub async fn mark_used(tx: &mut Tx, id: &CodeId, node: &str) -> Result<u64, DbError> {
    let now = tx.now();
    tx.run(
        sql!("update delivery_codes set used_by = $2, used_at = $3 where id = $1 and (used_by is null or used_by = $2)"),
        &[id.into(), node.into(), now.into()],
    )
    .await
}

pub async fn waiting(tx: &mut Tx) -> Result<Vec<WaitingCode>, DbError> {
    let now = tx.now();
    tx.all(
        sql!("select area, made_at, expires_at from delivery_codes where used_by is null and expires_at > $1 order by made_at, id"),
        &[now.into()],
    )
    .await
}
