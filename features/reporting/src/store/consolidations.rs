//! Consolidations: what was summed up at a moment, and the figures to sum up now.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use areas::AreaId;

use super::submissions::Signed;
use crate::model::{Capacity, ConsolidationId, DatasetId, ElementId, Life};

row_struct! {
    /// A consolidation as it was closed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Consolidation {
        pub id: ConsolidationId,
        pub dataset: DatasetId,
        pub period: String,
        pub life: i64,
        pub area: AreaId,
        pub path: ScopePath,
        /// Counted from 1 for one data set, period, life and area.
        pub number: i64,
        pub hash: Vec<u8>,
        pub body: Vec<u8>,
        pub included: i64,
        pub expected: i64,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
        pub approved_account: Option<String>,
        pub approved_by: Option<String>,
        pub approved_at: Option<Timestamp>,
        /// In which capacity, as [`Capacity::text`].
        pub approved_as: Option<String>,
    }
    /// A figure of one place, to be summed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PlaceFigure {
        pub place: i64,
        pub element: ElementId,
        pub coords: String,
        pub state: i64,
        pub amount: Option<i64>,
    }
}

impl Consolidation {
    /// Who approved it, when and in which capacity; none while nobody did.
    pub fn approved(&self) -> Option<Signed> {
        let (by, at) = self.approved_by.clone().zip(self.approved_at)?;
        let capacity = Capacity::parse(self.approved_as.as_deref().unwrap_or_default());
        Some(Signed { by, at, capacity })
    }
}

/// One consolidation.
pub async fn find(tx: &mut Tx, id: &ConsolidationId) -> Result<Option<Consolidation>, DbError> {
    tx.maybe(
        sql!("select id, dataset, period, life, area, path, number, hash, body, included, expected, by_account, by_name, at, \
              approved_account, approved_by, approved_at, approved_as from reporting_consolidations where id = $1"),
        &[id.into()],
    )
    .await
}

/// The consolidations of an area, newest first.
pub async fn of_area(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    area: &AreaId,
) -> Result<Vec<Consolidation>, DbError> {
    tx.all(
        sql!("select id, dataset, period, life, area, path, number, hash, body, included, expected, by_account, by_name, at, \
              approved_account, approved_by, approved_at, approved_as from reporting_consolidations \
              where dataset = $1 and period = $2 and life = $3 and area = $4 order by number desc"),
        &[dataset.into(), period.into(), life.code().into(), area.into()],
    )
    .await
}

/// The newest consolidation of every area under a path, by path.
pub async fn newest_under(
    tx: &mut Tx,
    (dataset, period, life): (&str, &str, Life),
    scope: &ScopePath,
) -> Result<Vec<Consolidation>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select c.id, c.dataset, c.period, c.life, c.area, c.path, c.number, c.hash, c.body, c.included, c.expected, \
              c.by_account, c.by_name, c.at, c.approved_account, c.approved_by, c.approved_at, c.approved_as from reporting_consolidations c \
              where c.dataset = $1 and c.period = $2 and c.life = $3 and c.path >= $4 and c.path < $5 \
              and c.number = (select max(n.number) from reporting_consolidations n where n.dataset = c.dataset \
              and n.period = c.period and n.life = c.life and n.area = c.area) order by c.path"),
        &[dataset.into(), period.into(), life.code().into(), low.into(), high.into()],
    )
    .await
}

/// Keeps one. False when somebody else took its number meanwhile.
pub async fn add(tx: &mut Tx, one: &Consolidation) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("insert into reporting_consolidations (id, dataset, period, life, area, path, number, hash, body, included, \
                  expected, by_account, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
                  on conflict (dataset, period, life, area, number) do nothing"),
            &[
                (&one.id).into(),
                (&one.dataset).into(),
                (&one.period).into(),
                one.life.into(),
                (&one.area).into(),
                (&one.path).into(),
                one.number.into(),
                one.hash.as_slice().into(),
                one.body.as_slice().into(),
                one.included.into(),
                one.expected.into(),
                (&one.by_account).into(),
                (&one.by_name).into(),
                one.at.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Notes who approved one; the first approval stays.
pub async fn approve(
    tx: &mut Tx,
    id: &ConsolidationId,
    account: &str,
    signed: &Signed,
) -> Result<u64, DbError> {
    tx.run(
        sql!("update reporting_consolidations set approved_account = $2, approved_by = $3, approved_at = $4, approved_as = $5 \
              where id = $1 and approved_at is null"),
        &[
            id.into(),
            account.into(),
            (&signed.by).into(),
            signed.at.into(),
            Some(signed.capacity.text()).filter(|text| !text.is_empty()).into(),
        ],
    )
    .await
}

/// The figures that a data set owns at these places.
pub async fn figures(
    tx: &mut Tx,
    period: i64,
    life: Life,
    owner: i64,
    places: &[i64],
) -> Result<Vec<PlaceFigure>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    tx.all_in(
        "select v.place, c.element, c.coords, v.state, v.amount from reporting_values v \
         join reporting_cells c on c.no = v.cell where v.period = $1 and v.life = $2 and v.owner = $3 and v.place in",
        &[period.into(), life.code().into(), owner.into()],
        &list,
    )
    .await
}
