//! Figures as other systems ask for them: of many places at once, in one statement a period.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use super::numbers::PeriodRow;

row_struct! {
    /// A figure of one place.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Reported {
        pub place: i64,
        pub cell: i64,
        pub life: i64,
        pub state: i64,
        pub amount: Option<i64>,
        pub reason: Option<String>,
        pub author: i64,
        pub at: Timestamp,
        pub approved: Option<i64>,
    }
    struct AuthorRow {
        no: i64,
        name: String,
    }
}

/// The figures of one period at these places.
pub async fn of_places(
    tx: &mut Tx,
    period: i64,
    since: Timestamp,
    places: &[i64],
) -> Result<Vec<Reported>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    tx.all_in(
        "select place, cell, life, state, amount, reason, author, at, approved from reporting_values \
         where period = $1 and at >= $2 and place in",
        &[period.into(), since.into()],
        &list,
    )
    .await
}

/// Every period that has figures and lies between two days (`until` excluded), oldest first.
pub async fn periods_between(
    tx: &mut Tx,
    from: Day,
    until: Day,
) -> Result<Vec<PeriodRow>, DbError> {
    tx.all(
        sql!(
            "select no, id, scheme, from_day, until_day from reporting_periods \
              where from_day >= $1 and until_day <= $2 order by from_day, id"
        ),
        &[from.into(), until.into()],
    )
    .await
}

/// Who wrote figures, by number.
pub async fn authors(
    tx: &mut Tx,
    nos: &[i64],
) -> Result<std::collections::HashMap<i64, String>, DbError> {
    let list: Vec<Value> = nos.iter().map(|no| Value::from(*no)).collect();
    let rows: Vec<AuthorRow> =
        tx.all_in("select no, name from reporting_authors where no in", &[], &list).await?;
    Ok(rows.into_iter().map(|row| (row.no, row.name)).collect())
}
