//! The one table of the portal: how often something was opened, by day.

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct, sql,
};

row_struct! {
    /// How often something was opened in some days.
    pub(crate) struct Reads {
        pub publication: String,
        pub total: i64,
    }
}

/// Adds to the count of a day.
pub(crate) async fn add_reads(
    tx: &mut Tx,
    publication: &str,
    day: Day,
    reads: u32,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into portal_reads (publication, day, reads) values ($1, $2, $3) \
              on conflict (publication, day) do update set reads = portal_reads.reads + excluded.reads"),
        &[publication.into(), day.into(), reads.into()],
    )
    .await?;
    Ok(())
}

/// Forgets the days before `day`.
pub(crate) async fn forget_reads(tx: &mut Tx, day: Day) -> Result<(), DbError> {
    tx.run(sql!("delete from portal_reads where day < $1"), &[day.into()]).await?;
    Ok(())
}

/// What was opened most since a day, most first.
pub(crate) async fn most_read(
    tx: &mut Tx,
    since: Day,
    limit: usize,
) -> Result<Vec<Reads>, DbError> {
    tx.all(
        sql!("select publication, cast(coalesce(sum(reads), 0) as bigint) as total from portal_reads \
              where day >= $1 group by publication order by total desc, publication limit $2"),
        &[since.into(), limit.into()],
    )
    .await
}
