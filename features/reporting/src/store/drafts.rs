//! Drafts of data sets, and who opened the campaigns that came of them.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{DatasetId, DraftId};

row_struct! {
    /// A draft.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DraftRow {
        pub id: DraftId,
        pub dataset: DatasetId,
        pub title: String,
        pub body: String,
        pub version: i64,
        pub scope: ScopePath,
        pub author: String,
        pub author_name: String,
        /// Everybody who changed it, one account a line.
        pub hands: String,
        /// The name of whoever changed it last.
        pub changed_by: String,
        pub at: Timestamp,
    }
}

/// Every draft, the newest change first. There are as many as officials work on.
pub async fn all(tx: &mut Tx) -> Result<Vec<DraftRow>, DbError> {
    tx.all(
        sql!("select id, dataset, title, body, version, scope, author, author_name, hands, changed_by, at \
              from reporting_drafts order by at desc, id limit 500"),
        &[],
    )
    .await
}

/// One draft.
pub async fn find(tx: &mut Tx, id: &DraftId) -> Result<Option<DraftRow>, DbError> {
    tx.maybe(
        sql!("select id, dataset, title, body, version, scope, author, author_name, hands, changed_by, at \
              from reporting_drafts where id = $1"),
        &[id.into()],
    )
    .await
}

/// Adds a draft.
pub async fn add(tx: &mut Tx, one: &DraftRow) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_drafts (id, dataset, title, body, version, scope, author, author_name, hands, changed_by, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"),
        &[
            (&one.id).into(),
            (&one.dataset).into(),
            (&one.title).into(),
            (&one.body).into(),
            one.version.into(),
            (&one.scope).into(),
            (&one.author).into(),
            (&one.author_name).into(),
            (&one.hands).into(),
            (&one.changed_by).into(),
            one.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes the next version of a draft over `seen`. Gives false when somebody else wrote it meanwhile.
pub async fn put(tx: &mut Tx, one: &DraftRow, seen: i64) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update reporting_drafts set dataset = $3, title = $4, body = $5, version = $2 + 1, scope = $6, \
                  hands = $7, changed_by = $8, at = $9 where id = $1 and version = $2"),
            &[
                (&one.id).into(),
                seen.into(),
                (&one.dataset).into(),
                (&one.title).into(),
                (&one.body).into(),
                (&one.scope).into(),
                (&one.hands).into(),
                (&one.changed_by).into(),
                one.at.into(),
            ],
        )
        .await?;
    Ok(touched > 0)
}

/// Takes a draft away as it was seen. Gives false when somebody wrote it meanwhile.
pub async fn remove(tx: &mut Tx, id: &DraftId, seen: i64) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("delete from reporting_drafts where id = $1 and version = $2"),
            &[id.into(), seen.into()],
        )
        .await?;
    Ok(touched > 0)
}

/// Notes who opened a campaign; who is known stays.
pub async fn opened(tx: &mut Tx, dataset: &DatasetId, account: &str) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reporting_openers (dataset, account, at) values ($1, $2, $3) on conflict (dataset) do nothing"),
        &[dataset.into(), account.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Who opened a campaign.
pub async fn opener(tx: &mut Tx, dataset: &DatasetId) -> Result<Option<String>, DbError> {
    tx.maybe(
        sql!("select account as value from reporting_openers where dataset = $1"),
        &[dataset.into()],
    )
    .await
}
