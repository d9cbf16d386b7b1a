//! How people want to be told, the browsers they subscribed, and dashboards that are sent again and again.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::{DashboardId, PushId, ScheduleId, outward::Ways};

row_struct! {
    struct WaysRow {
        mail: bool,
        push: bool,
        quiet_from: i64,
        quiet_until: i64,
    }
    /// A browser that takes notifications.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Subscription {
        pub id: PushId,
        pub account: String,
        pub endpoint: String,
        pub p256dh: String,
        pub auth: String,
    }
    /// A dashboard that is sent again and again.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Schedule {
        pub id: ScheduleId,
        pub dashboard: DashboardId,
        pub owner: String,
        pub addressees: String,
        pub rhythm: String,
        pub hour: i64,
        pub file: String,
        pub next_at: Timestamp,
        pub sends: bool,
        pub last_at: Option<Timestamp>,
        pub made_at: Timestamp,
    }
}

/// How a person wants to be told; the default when they never said.
pub async fn ways(tx: &mut Tx, account: &str) -> Result<Ways, DbError> {
    let row: Option<WaysRow> = tx
        .maybe(
            sql!(
                "select mail, push, quiet_from, quiet_until from reporting_ways where account = $1"
            ),
            &[account.into()],
        )
        .await?;
    let hour = |hour: i64| i8::try_from(hour.clamp(0, 23)).unwrap_or(0);
    Ok(row.map_or_else(Ways::default, |row| Ways {
        mail: row.mail,
        push: row.push,
        quiet_from: hour(row.quiet_from),
        quiet_until: hour(row.quiet_until),
    }))
}

/// Keeps what a person said.
pub async fn keep_ways(tx: &mut Tx, account: &str, ways: &Ways) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reporting_ways (account, mail, push, quiet_from, quiet_until, changed_at) \
              values ($1, $2, $3, $4, $5, $6) on conflict (account) do update set mail = excluded.mail, \
              push = excluded.push, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, \
              changed_at = excluded.changed_at"),
        &[
            account.into(),
            ways.mail.into(),
            ways.push.into(),
            i64::from(ways.quiet_from).into(),
            i64::from(ways.quiet_until).into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Keeps a browser; it belongs to whoever subscribed it last.
pub async fn subscribe(tx: &mut Tx, one: &Subscription, hash: &str) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reporting_push (id, account, endpoint, endpoint_hash, p256dh, auth, made_at) \
              values ($1, $2, $3, $4, $5, $6, $7) on conflict (endpoint_hash) do update set \
              account = excluded.account, p256dh = excluded.p256dh, auth = excluded.auth, made_at = excluded.made_at"),
        &[
            (&one.id).into(),
            (&one.account).into(),
            (&one.endpoint).into(),
            hash.into(),
            (&one.p256dh).into(),
            (&one.auth).into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The browsers of a person, newest first.
pub async fn subscriptions(tx: &mut Tx, account: &str) -> Result<Vec<Subscription>, DbError> {
    tx.all(
        sql!(
            "select id, account, endpoint, p256dh, auth from reporting_push where account = $1 \
              order by made_at desc, id"
        ),
        &[account.into()],
    )
    .await
}

/// One browser.
pub async fn subscription(tx: &mut Tx, id: &PushId) -> Result<Option<Subscription>, DbError> {
    tx.maybe(
        sql!("select id, account, endpoint, p256dh, auth from reporting_push where id = $1"),
        &[id.into()],
    )
    .await
}

/// Forgets a browser.
pub async fn unsubscribe(tx: &mut Tx, id: &PushId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_push where id = $1"), &[id.into()]).await?;
    Ok(())
}

/// Forgets all browsers of a person.
pub async fn unsubscribe_all(tx: &mut Tx, account: &str) -> Result<u64, DbError> {
    tx.run(sql!("delete from reporting_push where account = $1"), &[account.into()]).await
}

/// Keeps a new schedule.
pub async fn put_schedule(tx: &mut Tx, one: &Schedule) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reporting_schedules (id, dashboard, owner, addressees, rhythm, hour, file, next_at, sends, \
              made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"),
        &[
            (&one.id).into(),
            (&one.dashboard).into(),
            (&one.owner).into(),
            (&one.addressees).into(),
            (&one.rhythm).into(),
            one.hour.into(),
            (&one.file).into(),
            one.next_at.into(),
            one.sends.into(),
            one.made_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// One schedule.
pub async fn schedule(tx: &mut Tx, id: &ScheduleId) -> Result<Option<Schedule>, DbError> {
    tx.maybe(
        sql!("select id, dashboard, owner, addressees, rhythm, hour, file, next_at, sends, last_at, made_at \
              from reporting_schedules where id = $1"),
        &[id.into()],
    )
    .await
}

/// The schedules of a dashboard.
pub async fn schedules_of(tx: &mut Tx, board: &DashboardId) -> Result<Vec<Schedule>, DbError> {
    tx.all(
        sql!("select id, dashboard, owner, addressees, rhythm, hour, file, next_at, sends, last_at, made_at \
              from reporting_schedules where dashboard = $1 order by made_at, id"),
        &[board.into()],
    )
    .await
}

/// The schedules that are due.
pub async fn schedules_due(
    tx: &mut Tx,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Schedule>, DbError> {
    tx.all(
        sql!("select id, dashboard, owner, addressees, rhythm, hour, file, next_at, sends, last_at, made_at \
              from reporting_schedules where next_at <= $1 order by next_at, id limit $2"),
        &[now.into(), limit.into()],
    )
    .await
}

/// When the next schedule is due.
pub async fn schedules_next(tx: &mut Tx) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> =
        tx.one(sql!("select min(next_at) as value from reporting_schedules"), &[]).await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Moves a schedule on to its next time; false when another worker has done so.
pub async fn move_on(
    tx: &mut Tx,
    one: &Schedule,
    next: (Timestamp, bool),
    sent: Option<Timestamp>,
) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update reporting_schedules set next_at = $3, sends = $4, last_at = coalesce($5, last_at) \
                  where id = $1 and next_at = $2"),
            &[(&one.id).into(), one.next_at.into(), next.0.into(), next.1.into(), sent.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Ends a schedule.
pub async fn drop_schedule(tx: &mut Tx, id: &ScheduleId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_schedules where id = $1"), &[id.into()]).await?;
    Ok(())
}

/// Ends all schedules of a dashboard.
pub async fn drop_schedules(tx: &mut Tx, board: &DashboardId) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_schedules where dashboard = $1"), &[board.into()]).await?;
    Ok(())
}

/// The deadlines of a data set on or after a day, the first two.
pub async fn deadlines(tx: &mut Tx, dataset: &str, from: Day) -> Result<Vec<Day>, DbError> {
    let days: Vec<String> = tx
        .all(
            sql!("select distinct due_on as value from reporting_obligations where dataset = $1 and due_on >= $2 \
                  order by due_on limit 2"),
            &[dataset.into(), from.into()],
        )
        .await?;
    Ok(days.iter().filter_map(|day| Day::parse(day)).collect())
}
