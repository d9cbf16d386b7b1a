//! Reminders that were given, letters that wait, and the calendar of what is owed.

use areas::AreaId;
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use super::obligations::Obligation;
use crate::model::{DatasetId, LetterId, ObligationId};

row_struct! {
    /// What is owed and when somebody was last told.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Waiting {
        pub id: ObligationId,
        pub dataset: DatasetId,
        pub period: String,
        pub area: AreaId,
        pub path: ScopePath,
        pub due_on: Day,
        /// The highest rung that was told; none before the first.
        pub told: Option<i64>,
    }
    /// A letter.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Letter {
        pub id: LetterId,
        pub scope: ScopePath,
        pub audience: String,
        pub day: Day,
        pub body: String,
        pub tries: i64,
    }
    /// A reminder as the page shows it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Notice {
        pub dataset: DatasetId,
        pub period: String,
        pub life: i64,
        pub area: AreaId,
        pub due_on: Option<Day>,
        pub days: i64,
        pub at: Timestamp,
    }
}

/// What is owed, not handed in, and due between two days; a stretch of it in the order of ids.
pub async fn waiting(
    tx: &mut Tx,
    (first, last): (Day, Day),
    after: &str,
    limit: usize,
) -> Result<Vec<Waiting>, DbError> {
    tx.all(
        sql!("select o.id, o.dataset, o.period, o.area, o.path, o.due_on, \
              (select max(n.days) from reporting_notices n where n.obligation = o.id) as told \
              from reporting_obligations o where o.met_at is null and not o.excused and o.due_on >= $1 and o.due_on <= $2 and o.id > $3 \
              order by o.id limit $4"),
        &[first.into(), last.into(), after.into(), limit.into()],
    )
    .await
}

/// Notes a reminder; false when this rung was told before.
pub async fn note(
    tx: &mut Tx,
    obligation: &ObligationId,
    days: i64,
    audience: &str,
    scope: &ScopePath,
) -> Result<bool, DbError> {
    let now = tx.now();
    let touched = tx
        .run(
            sql!("insert into reporting_notices (obligation, days, audience, scope, at) values ($1, $2, $3, $4, $5) \
                  on conflict (obligation, days, audience) do nothing"),
            &[obligation.into(), days.into(), audience.into(), scope.into(), now.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Notes on an obligation how often it was reminded of.
pub async fn climbed(tx: &mut Tx, obligation: &ObligationId) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_obligations set reminded = reminded + 1, reminded_at = $2 where id = $1"),
        &[obligation.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The reminders told to an audience in a scope, of what is still owed; the newest of each, most urgent first.
pub async fn notices(
    tx: &mut Tx,
    audience: &str,
    scope: &ScopePath,
    limit: usize,
) -> Result<Vec<Notice>, DbError> {
    tx.all(
        sql!("select o.dataset, o.period, o.life, o.area, o.due_on, cast(max(n.days) as bigint) as days, \
              cast(max(n.at) as bigint) as at from reporting_notices n join reporting_obligations o on o.id = n.obligation \
              where n.audience = $1 and n.scope = $2 and o.met_at is null and not o.excused \
              group by o.id, o.dataset, o.period, o.life, o.area, o.due_on order by o.due_on, o.id limit $3"),
        &[audience.into(), scope.into(), limit.into()],
    )
    .await
}

/// How many there are.
pub async fn count_notices(tx: &mut Tx, audience: &str, scope: &ScopePath) -> Result<i64, DbError> {
    tx.one(
        sql!(
            "select count(distinct n.obligation) as value from reporting_notices n \
              join reporting_obligations o on o.id = n.obligation \
              where n.audience = $1 and n.scope = $2 and o.met_at is null and not o.excused"
        ),
        &[audience.into(), scope.into()],
    )
    .await
}

/// Puts a letter in the outbox; one for the same recipient and day stays.
pub async fn post(tx: &mut Tx, one: &Letter) -> Result<bool, DbError> {
    let now = tx.now();
    let touched = tx
        .run(
            sql!("insert into reporting_letters (id, scope, audience, day, body, at, tries) values ($1, $2, $3, $4, $5, $6, 0) \
                  on conflict (scope, audience, day) do nothing"),
            &[
                (&one.id).into(),
                (&one.scope).into(),
                (&one.audience).into(),
                one.day.into(),
                (&one.body).into(),
                now.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Letters that did not go to their readers yet, oldest first.
pub async fn unsent(tx: &mut Tx, since: Timestamp, limit: usize) -> Result<Vec<Letter>, DbError> {
    tx.all(
        sql!(
            "select id, scope, audience, day, body, tries from reporting_letters \
              where sent_at is null and at >= $1 order by at, id limit $2"
        ),
        &[since.into(), limit.into()],
    )
    .await
}

/// Notes that a letter was put into the outbox for each of its readers.
pub async fn sent(tx: &mut Tx, id: &LetterId) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("update reporting_letters set tries = tries + 1, sent_at = $2 where id = $1"),
        &[id.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// What the calendar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What is owed and not handed in.
    Owed,
    /// Of that, what is past its deadline.
    Late,
    /// What was handed in after its deadline.
    CameLate,
    /// What was handed in as *không phát sinh*.
    Nil,
    /// What was excused or extended.
    Excused,
    /// Everything.
    All,
}

impl Shown {
    /// All of them, as tabs show them.
    pub const ALL: [Self; 6] =
        [Self::Owed, Self::Late, Self::CameLate, Self::Nil, Self::Excused, Self::All];

    /// In addresses.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Owed => "con-no",
            Self::Late => "tre",
            Self::CameLate => "gui-tre",
            Self::Nil => "khong-phat-sinh",
            Self::Excused => "mien-gia-han",
            Self::All => "tat-ca",
        }
    }

    /// From an address; anything else is what is owed.
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.slug() == slug).unwrap_or(Self::Owed)
    }
}

/// Which part of the calendar.
#[derive(Clone, Debug)]
pub struct Calendar<'a> {
    /// Under which path.
    pub scope: &'a ScopePath,
    /// Of which data set; all when empty.
    pub dataset: &'a str,
    /// Which of it.
    pub shown: Shown,
    /// What counts as past.
    pub today: Day,
}

impl Calendar<'_> {
    fn values(&self) -> Vec<kernel::db::Value> {
        let (low, high) = self.scope.range();
        vec![
            low.into(),
            high.into(),
            self.dataset.into(),
            self.today.into(),
            self.shown.slug().into(),
        ]
    }
}

/// A page of the calendar: what is late first, then by deadline.
pub async fn calendar(
    tx: &mut Tx,
    of: &Calendar<'_>,
    limit: usize,
    offset: usize,
) -> Result<Vec<Obligation>, DbError> {
    let mut values = of.values();
    values.push(limit.into());
    values.push(offset.into());
    tx.all(
        sql!("select id, dataset, period, life, area, path, province, from_day, until_day, certify_by, due_on, met_at, \
              on_time, nil, late_reason, approved, reminded, excused, due_was from reporting_obligations \
              where path >= $1 and path < $2 and ($3 = '' or dataset = $3) and from_day <= $4 and ($5 = 'tat-ca' \
              or ($5 = 'con-no' and met_at is null and not excused) or ($5 = 'tre' and met_at is null and not excused and due_on < $4) \
              or ($5 = 'gui-tre' and met_at is not null and not on_time) or ($5 = 'khong-phat-sinh' and nil) \
              or ($5 = 'mien-gia-han' and (excused or due_was is not null))) \
              order by case when met_at is null and not excused then 0 else 1 end, coalesce(due_on, until_day), dataset, path, life, id \
              limit $6 offset $7"),
        &values,
    )
    .await
}

/// How much of the calendar there is.
pub async fn count(tx: &mut Tx, of: &Calendar<'_>) -> Result<i64, DbError> {
    tx.one(
        sql!("select count(*) as value from reporting_obligations \
              where path >= $1 and path < $2 and ($3 = '' or dataset = $3) and from_day <= $4 and ($5 = 'tat-ca' \
              or ($5 = 'con-no' and met_at is null and not excused) or ($5 = 'tre' and met_at is null and not excused and due_on < $4) \
              or ($5 = 'gui-tre' and met_at is not null and not on_time) or ($5 = 'khong-phat-sinh' and nil) \
              or ($5 = 'mien-gia-han' and (excused or due_was is not null)))"),
        &of.values(),
    )
    .await
}
