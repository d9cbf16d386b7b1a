//! Who did what to a publication, and texts that were kept because two people saved at once.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::{ConflictId, DeedId, PublicationId};

row_struct! {
    /// One line of a publication's history.
    #[derive(Clone, Debug)]
    pub(crate) struct DeedRow {
        pub version: u32,
        pub at: Timestamp,
        pub name: String,
        pub deed: String,
        pub remark: String,
    }
    /// A text that was kept.
    #[derive(Clone, Debug)]
    pub(crate) struct ConflictRow {
        pub id: ConflictId,
        pub version: u32,
        pub account: String,
        pub name: String,
        pub at: Timestamp,
        pub draft: String,
    }
}

/// A deed to be noted.
pub(crate) struct NewDeed<'a> {
    pub publication: &'a PublicationId,
    pub version: u32,
    pub account: &'a str,
    pub name: &'a str,
    /// The end of the Fluent key `publishing-deed-…`.
    pub deed: &'a str,
    pub remark: &'a str,
}

/// Notes a deed.
pub(crate) async fn put(tx: &mut Tx, new: &NewDeed<'_>) -> Result<(), DbError> {
    let id: DeedId = tx.new_id();
    let now = tx.now();
    tx.run(
        sql!("insert into publishing_history (id, publication, version, at, account, name, deed, remark) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)"),
        &[
            (&id).into(),
            new.publication.into(),
            new.version.into(),
            now.into(),
            new.account.into(),
            new.name.into(),
            new.deed.into(),
            new.remark.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The history of a publication, newest first.
pub(crate) async fn all(tx: &mut Tx, id: &PublicationId) -> Result<Vec<DeedRow>, DbError> {
    tx.all(
        sql!(
            "select version, at, name, deed, remark from publishing_history where publication = $1 \
              order by at desc, id desc limit 200"
        ),
        &[id.into()],
    )
    .await
}

/// Keeps the text of whoever came second.
pub(crate) async fn keep_conflict(
    tx: &mut Tx,
    edit: &super::versions::Edit<'_>,
    draft: &str,
) -> Result<ConflictId, DbError> {
    let id: ConflictId = tx.new_id();
    let now = tx.now();
    tx.run(
        sql!("insert into publishing_conflicts (id, publication, version, account, name, at, base_revision, draft) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)"),
        &[
            (&id).into(),
            edit.id.into(),
            edit.number.into(),
            edit.account.into(),
            edit.name.into(),
            now.into(),
            edit.base_revision.into(),
            draft.into(),
        ],
    )
    .await?;
    Ok(id)
}

/// Kept texts of a publication, newest first.
pub(crate) async fn conflicts(
    tx: &mut Tx,
    id: &PublicationId,
) -> Result<Vec<ConflictRow>, DbError> {
    tx.all(
        sql!("select id, version, account, name, at, draft from publishing_conflicts where publication = $1 \
              order by at desc, id desc"),
        &[id.into()],
    )
    .await
}

/// Lets a kept text go.
pub(crate) async fn drop_conflict(
    tx: &mut Tx,
    publication: &PublicationId,
    id: &ConflictId,
) -> Result<u64, DbError> {
    tx.run(
        sql!("delete from publishing_conflicts where publication = $1 and id = $2"),
        &[publication.into(), id.into()],
    )
    .await
}
