//! Figures of many places at once, page by page in the order of their key: for exports of any size.

use areas::AreaId;
use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::Life;

row_struct! {
    /// A figure with the place it is of.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Line {
        pub place: i64,
        pub area: AreaId,
        pub cell: i64,
        pub element: String,
        pub coords: String,
        pub state: i64,
        pub amount: Option<i64>,
        pub reason: Option<String>,
        pub approved: Option<i64>,
        pub version: i64,
    }
}

/// Which figures.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The period's number.
    pub period: i64,
    /// The life of the figures.
    pub life: Life,
    /// The number of the data set that owns them.
    pub owner: i64,
    /// The subtree of places: those that lie in it today, and those that lay in it on the day.
    pub below: ScopePath,
    /// The day.
    pub day: Day,
}

/// The figures after one (place and cell), at most so many.
pub async fn page(
    tx: &mut Tx,
    asked: &Asked,
    (place, cell): (i64, i64),
    limit: i64,
) -> Result<Vec<Line>, DbError> {
    let (low, high) = asked.below.range();
    tx.all(
        sql!("select v.place, p.area, v.cell, c.element, c.coords, v.state, v.amount, v.reason, v.approved, v.version \
              from reporting_values v join reporting_places p on p.no = v.place \
              join reporting_cells c on c.no = v.cell \
              where v.period = $1 and v.life = $2 and v.owner = $3 and ((p.path >= $4 and p.path < $5) \
              or exists (select 1 from reporting_seats s where s.place = p.no and s.from_day <= $9 and s.until_day > $9 \
              and s.path >= $4 and s.path < $5)) \
              and (v.place > $6 or (v.place = $6 and v.cell > $7)) order by v.place, v.cell limit $8"),
        &[
            asked.period.into(),
            asked.life.code().into(),
            asked.owner.into(),
            low.into(),
            high.into(),
            place.into(),
            cell.into(),
            limit.into(),
            asked.day.into(),
        ],
    )
    .await
}
