//! Files of reports on their way: at a point, how far each has been sent; at a hub, the parts that have arrived.

use kernel::{
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::SubmissionId;

row_struct! {
    /// A file that is being sent.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Sending {
        /// BLAKE3 of the file.
        pub file: String,
        pub next_part: i64,
        pub parts: i64,
    }
    /// A part that has arrived.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FilePart {
        pub part: i64,
        pub parts: i64,
        pub body: Vec<u8>,
    }
    struct Lies {
        path: ScopePath,
    }
}

/// A file and the node that sends it. What another node sends under the same name stays apart from it: nobody can spoil
/// what is not his.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// BLAKE3 of the file.
    pub file: &'a str,
    /// The node.
    pub origin: &'a str,
}

/// Puts a file in the queue; one that was sent already is not sent again.
pub async fn enqueue(
    tx: &mut Tx,
    file: &str,
    submission: &SubmissionId,
    parts: i64,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reporting_files_up (file, submission, next_part, parts, at) values ($1, $2, 0, $3, $4) \
              on conflict (file) do nothing"),
        &[file.into(), submission.into(), parts.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The file that is sent next: the oldest that is not sent whole.
pub async fn next(tx: &mut Tx) -> Result<Option<Sending>, DbError> {
    tx.maybe(
        sql!("select file, next_part, parts from reporting_files_up where next_part < parts order by at, file limit 1"),
        &[],
    )
    .await
}

/// Notes how far a file has been sent.
pub async fn sent(tx: &mut Tx, file: &str, next_part: i64) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_files_up set next_part = $2 where file = $1"),
        &[file.into(), next_part.into()],
    )
    .await?;
    Ok(())
}

/// Begins a file anew from its first part; false when it was never sent from here.
pub async fn send_again(tx: &mut Tx, file: &str) -> Result<bool, DbError> {
    let touched = tx
        .run(sql!("update reporting_files_up set next_part = 0 where file = $1"), &[file.into()])
        .await?;
    Ok(touched == 1)
}

/// Takes a file out of the queue: it is not here any more. The next report that names it puts it in again.
pub async fn not_here(tx: &mut Tx, file: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_files_up where file = $1"), &[file.into()]).await?;
    Ok(())
}

/// True when a report that the node wrote names the file with so many bytes.
pub async fn is_named(
    tx: &mut Tx,
    sent: Sent<'_>,
    parts: i64,
    part_bytes: i64,
) -> Result<bool, DbError> {
    let found: i64 = tx
        .one(
            sql!("select count(*) as value from reporting_attachments a join reporting_submissions s on s.id = a.submission \
                  where a.file = $1 and s.origin = $2 and a.bytes > ($3 - 1) * $4 and a.bytes <= $3 * $4"),
            &[sent.file.into(), sent.origin.into(), parts.into(), part_bytes.into()],
        )
        .await?;
    Ok(found > 0)
}

/// Parts of a node's files that wait for others.
pub async fn waiting(tx: &mut Tx, origin: &str) -> Result<i64, DbError> {
    tx.one(
        sql!("select count(*) as value from reporting_file_parts where origin = $1"),
        &[origin.into()],
    )
    .await
}

/// Keeps a part, in the place of what the node sent under its number before; gives how many of the file are here.
pub async fn keep(tx: &mut Tx, sent: Sent<'_>, one: &FilePart) -> Result<i64, DbError> {
    tx.run(
        sql!("insert into reporting_file_parts (file, part, parts, origin, body) values ($1, $2, $3, $4, $5) \
              on conflict (file, origin, part) do update set parts = excluded.parts, body = excluded.body"),
        &[
            sent.file.into(),
            one.part.into(),
            one.parts.into(),
            sent.origin.into(),
            one.body.as_slice().into(),
        ],
    )
    .await?;
    tx.one(
        sql!("select count(*) as value from reporting_file_parts where file = $1 and origin = $2"),
        &[sent.file.into(), sent.origin.into()],
    )
    .await
}

/// Where the reports lie that the node wrote and that name the file.
pub async fn written(tx: &mut Tx, sent: Sent<'_>) -> Result<Vec<ScopePath>, DbError> {
    let all: Vec<Lies> = tx
        .all(
            sql!("select distinct s.path from reporting_attachments a join reporting_submissions s on s.id = a.submission \
                  where a.file = $1 and s.origin = $2 order by s.path"),
            &[sent.file.into(), sent.origin.into()],
        )
        .await?;
    Ok(all.into_iter().map(|one| one.path).collect())
}

/// The nodes of which parts of a file are here.
pub async fn senders(tx: &mut Tx, file: &str) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select distinct origin as value from reporting_file_parts where file = $1 order by origin"),
        &[file.into()],
    )
    .await
}

/// The parts that the node sent, in order.
pub async fn parts(tx: &mut Tx, sent: Sent<'_>) -> Result<Vec<FilePart>, DbError> {
    tx.all(
        sql!("select part, parts, body from reporting_file_parts where file = $1 and origin = $2 order by part"),
        &[sent.file.into(), sent.origin.into()],
    )
    .await
}

/// Lets the parts go that the node sent.
pub async fn forget(tx: &mut Tx, sent: Sent<'_>) -> Result<(), DbError> {
    tx.run(
        sql!("delete from reporting_file_parts where file = $1 and origin = $2"),
        &[sent.file.into(), sent.origin.into()],
    )
    .await?;
    Ok(())
}

/// Lets every part of a file go, whoever sent it: the file is here.
pub async fn forget_all(tx: &mut Tx, file: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_file_parts where file = $1"), &[file.into()]).await?;
    Ok(())
}

/// The file is here: says what it is, wherever it is named.
pub async fn arrived(tx: &mut Tx, file: &str, media_type: &str) -> Result<(), DbError> {
    tx.run(
        sql!("update reporting_attachments set media_type = $2 where file = $1"),
        &[file.into(), media_type.into()],
    )
    .await?;
    Ok(())
}

/// What a file is, when it is here.
pub async fn media_type(tx: &mut Tx, file: &str) -> Result<Option<String>, DbError> {
    tx.maybe(
        sql!("select media_type as value from reporting_attachments where file = $1 and media_type <> '' limit 1"),
        &[file.into()],
    )
    .await
}
