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

/// Keeps a part; one that is there stays.
pub async fn keep(
    tx: &mut Tx,
    (submission, revision, origin): (&SubmissionId, i64, &str),
    part: &Part,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_parts (submission, revision, part, parts, origin, body) values ($1, $2, $3, $4, $5, $6) \
              on conflict (submission, revision, part, origin) do nothing"),
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

/// The parts that have arrived, in order.
pub async fn all(
    tx: &mut Tx,
    (submission, revision, origin): (&SubmissionId, i64, &str),
) -> Result<Vec<Part>, DbError> {
    tx.all(
        sql!("select part, parts, body from reporting_parts where submission = $1 and revision = $2 and origin = $3 order by part"),
        &[submission.into(), revision.into(), origin.into()],
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
