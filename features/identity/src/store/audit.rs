//! Statements about the audit log: those that append, and those that read. There is no third kind.

use std::collections::{BTreeSet, HashMap};

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use super::{HeldPlaces, accounts::contains, within_held_places};
use crate::model::AuditId;

row_struct! {
    /// One line.
    #[derive(Clone, Debug)]
    pub(crate) struct AuditLine {
        pub at: Timestamp,
        pub account: String,
        pub name: String,
        pub action: String,
        pub subject: String,
        pub detail: String,
        pub address: String,
    }
}

/// A line about to be written.
pub(crate) struct NewAudit<'a> {
    pub account: &'a str,
    pub name: &'a str,
    pub action: &'a str,
    pub subject: &'a str,
    pub detail: &'a str,
    /// `None`: the address of the person's latest session.
    pub address: Option<&'a str>,
}

/// What to show of the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditFilter {
    /// Folded part of a person's name, or a whole account id; empty for everybody.
    pub who: String,
    /// An action, or the beginning of several (`identity.`); empty for all.
    pub action: String,
}

impl AuditFilter {
    fn values(&self) -> [Value; 4] {
        // The action is compared as a half-open range: it may hold `_`, which LIKE would take for a joker.
        [
            contains(&self.who),
            self.who.as_str().into(),
            self.action.as_str().into(),
            format!("{}\u{7f}", self.action).into(),
        ]
    }
}

/// Appends a line. It belongs to the place of the person who acted, so that their administrators read it;
/// what nobody's account did is for the administrators of everything.
pub(crate) async fn append(tx: &mut Tx, line: &NewAudit<'_>) -> Result<(), DbError> {
    let id: AuditId = tx.new_id();
    tx.run(
        sql!(
            "insert into identity_audit (id, at, account, name, name_search, action, subject, detail, address, place) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, \
             coalesce($9, (select s.address from identity_sessions s where s.account = $3 \
             order by s.last_seen_at desc, s.id limit 1), ''), \
             coalesce((select a.place from identity_accounts a where a.id = $3), '/'))"
        ),
        &[
            (&id).into(),
            tx.now().into(),
            line.account.into(),
            line.name.into(),
            kernel::text::fold(line.name).into(),
            line.action.into(),
            line.subject.into(),
            line.detail.into(),
            line.address.map(str::to_owned).into(),
        ],
    )
    .await?;
    Ok(())
}

row_struct! {
    struct Stands {
        id: String,
        place: String,
        address: Option<String>,
    }
}

/// Appends many lines as [`append`] does each.
pub(crate) async fn append_many(tx: &mut Tx, lines: &[NewAudit<'_>]) -> Result<(), DbError> {
    let accounts: BTreeSet<&str> = lines.iter().map(|line| line.account).collect();
    let accounts: Vec<Value> = accounts.into_iter().map(Value::from).collect();
    let stands: Vec<Stands> = tx
        .all_in(
            "select a.id, a.place, (select s.address from identity_sessions s where s.account = a.id \
             order by s.last_seen_at desc, s.id limit 1) as address from identity_accounts a where a.id in",
            &[],
            &accounts,
        )
        .await?;
    let stands: HashMap<&str, &Stands> = stands.iter().map(|one| (one.id.as_str(), one)).collect();
    let rows: Vec<Vec<Value>> = lines
        .iter()
        .map(|line| {
            let of = stands.get(line.account);
            let latest = of.and_then(|of| of.address.as_deref());
            let id: AuditId = tx.new_id();
            vec![
                (&id).into(),
                tx.now().into(),
                line.account.into(),
                line.name.into(),
                kernel::text::fold(line.name).into(),
                line.action.into(),
                line.subject.into(),
                line.detail.into(),
                line.address.or(latest).unwrap_or_default().into(),
                of.map_or("/", |of| of.place.as_str()).into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into identity_audit (id, at, account, name, name_search, action, subject, detail, address, place) values",
        "",
        &rows,
    )
    .await?;
    Ok(())
}

/// Lines of the held places, the newest first.
pub(crate) async fn list_audit(
    tx: &mut Tx,
    held: &HeldPlaces,
    filter: &AuditFilter,
    limit: usize,
    offset: usize,
) -> Result<Vec<AuditLine>, DbError> {
    let own = filter.values().into_iter().chain([limit.into(), offset.into()]);
    tx.all(
        sql!(within_held_places!(
            "select l.at, l.account, l.name, l.action, l.subject, l.detail, l.address from identity_audit l \
             where exists (select 1 from held where l.place >= held.low and l.place < held.high) \
             and (l.name_search like $17 or l.account = $18) and l.action >= $19 and l.action < $20 \
             order by l.at desc, l.id desc limit $21 offset $22"
        )),
        &held.with(own),
    )
    .await
}

/// How many lines [`list_audit`] has in all.
pub(crate) async fn count_audit(
    tx: &mut Tx,
    held: &HeldPlaces,
    filter: &AuditFilter,
) -> Result<usize, DbError> {
    let count: i64 = tx
        .one(
            sql!(within_held_places!(
                "select cast(count(*) as bigint) as value from identity_audit l \
                 where exists (select 1 from held where l.place >= held.low and l.place < held.high) \
                 and (l.name_search like $17 or l.account = $18) and l.action >= $19 and l.action < $20"
            )),
            &held.with(filter.values()),
        )
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}
