//! What is known here of the agencies that report: who owes, who was told by itself, whose point handed something in.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

row_struct! {
    /// When people of a path were first reminded.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Told {
        pub scope: ScopePath,
        pub at: Timestamp,
    }
    struct At {
        path: ScopePath,
    }
}

/// Units that owe a report for a day; what was excused and not handed in is owed by nobody.
pub async fn owing(tx: &mut Tx, on: Day) -> Result<Vec<ScopePath>, DbError> {
    let rows: Vec<At> = tx
        .all(
            sql!("select distinct path from reporting_obligations \
                  where from_day <= $1 and until_day > $1 and (met_at is not null or not excused) order by path"),
            &[on.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.path).collect())
}

/// The first reminder to each path within some days.
pub async fn told(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<Told>, DbError> {
    tx.all(
        sql!("select scope, cast(min(at) as bigint) as at from reporting_notices where at >= $1 and at < $2 \
              group by scope order by scope"),
        &[from.start().into(), until.start().into()],
    )
    .await
}

/// Units whose reports were signed or handed in at another node within some days: those who did it have no account here.
pub async fn signed_elsewhere(
    tx: &mut Tx,
    from: Day,
    until: Day,
) -> Result<Vec<ScopePath>, DbError> {
    let rows: Vec<At> = tx
        .all(
            sql!("select distinct s.path from reporting_steps t join reporting_submissions s on s.id = t.submission \
                  where t.at >= $1 and t.at < $2 and s.origin <> '' and t.by_account = s.origin order by s.path"),
            &[from.start().into(), until.start().into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.path).collect())
}

/// Accounts to which a letter or a notification of the program left within some days and was taken by the other side.
pub async fn reached(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select distinct coalesce(p.account, o.recipient) as value from reporting_outbox o \
              left join reporting_push p on o.way = 'push' and p.id = o.recipient \
              where o.state = 'sent' and o.way in ('mail', 'push') and o.done_at >= $1 and o.done_at < $2"),
        &[from.start().into(), until.start().into()],
    )
    .await
}
