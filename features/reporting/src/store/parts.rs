//! Parts of a large report that have arrived while others have not.

use kernel::{
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::SubmissionId;

row_struct! {
    /// A part.
    #[derive(Clone, Debug)]
    pub struct Part {
        pub part: i64,
        pub parts: i64,
        pub body: Vec<u8>,
    }
}

/// Keeps a part, in the place of what the node sent under its number before: a node that was set up anew from an older
/// copy may write the same revision with other words.
pub async fn keep(
    tx: &mut Tx,
    (submission, revision, origin): (&SubmissionId, i64, &str),
    part: &Part,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_parts (submission, revision, part, parts, origin, body) values ($1, $2, $3, $4, $5, $6) \
              on conflict (submission, revision, part, origin) do update set parts = excluded.parts, body = excluded.body"),
        &[
            submission.into(),
            revision.into(),
            part.part.into(),
            part.parts.into(),
            origin.into(),
            part.body.as_slice().into(),
        ],
    )
    .await?;
    Ok(())
}

/// The parts that have arrived of something that has so many, in order. What is left of another number of parts was
/// sent before the node was set up anew.
pub async fn all(
    tx: &mut Tx,
    (submission, revision, origin): (&SubmissionId, i64, &str),
    parts: i64,
) -> Result<Vec<Part>, DbError> {
    tx.all(
        sql!(
            "select part, parts, body from reporting_parts \
              where submission = $1 and revision = $2 and origin = $3 and parts = $4 order by part"
        ),
        &[submission.into(), revision.into(), origin.into(), parts.into()],
    )
    .await
}

/// Throws the parts of a report and of its earlier revisions away that a node sent, once it is whole. Those of other
/// nodes stay: whether the whole is believed shows only afterwards.
pub async fn drop_all(
    tx: &mut Tx,
    (submission, revision, origin): (&SubmissionId, i64, &str),
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "delete from reporting_parts where submission = $1 and revision <= $2 and origin = $3"
        ),
        &[submission.into(), revision.into(), origin.into()],
    )
    .await?;
    Ok(())
}
