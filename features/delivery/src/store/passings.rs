//! Statements about parts of registers that pass from one point to another: as ordered at the hub, as heard at
//! the two points.

use kernel::{
    db::{DbError, Tx},
    records::read_targets,
    row_struct,
    scope::ScopePath,
    sql, typed_ids,
};
use sync::keys::PublicKeys;

typed_ids! {
    /// An order that people pass from one point to another.
    PassingId
}

row_struct! {
    /// Some people of one point's registers pass to another point.
    #[derive(Clone, Debug)]
    pub struct PassingRow {
        pub giver: String,
        pub taker: String,
        pub place: ScopePath,
        pub name: String,
        pub giver_keys: Vec<u8>,
        pub giver_commune: String,
        pub taker_keys: Vec<u8>,
        pub taker_commune: String,
        pub scopes: String,
        pub inherited: String,
        pub event: String,
        pub is_return: bool,
    }
}

impl PassingRow {
    /// The pinned keys of the point that gives.
    pub fn giver_keys(&self) -> Option<PublicKeys> {
        PublicKeys::from_bytes(self.giver_keys.as_slice().try_into().ok()?).ok()
    }

    /// The pinned keys of the point that takes.
    pub fn taker_keys(&self) -> Option<PublicKeys> {
        PublicKeys::from_bytes(self.taker_keys.as_slice().try_into().ok()?).ok()
    }

    /// Where the point that gives joined first.
    pub fn joined(&self) -> Option<ScopePath> {
        read_targets(&self.scopes).into_iter().next()
    }

    /// Where the nodes joined whose registers it had taken itself.
    pub fn inherited(&self) -> Vec<ScopePath> {
        read_targets(&self.inherited)
    }
}

/// The columns of [`PassingRow`], once for all its statements.
macro_rules! passing {
    ($rest:literal) => {
        sql!(concat!(
            "select giver, taker, place, name, giver_keys, giver_commune, taker_keys, taker_commune, scopes, \
             inherited, event, is_return from delivery_passings ",
            $rest
        ))
    };
}

/// Writes an order down; one between the same two about the same place takes the place of the one before.
pub async fn keep(tx: &mut Tx, row: &PassingRow) -> Result<(), DbError> {
    tx.run(
        sql!("insert into delivery_passings (giver, taker, place, name, giver_keys, giver_commune, taker_keys, \
              taker_commune, scopes, inherited, event, is_return, ordered_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
              on conflict (giver, taker, place) do update set name = excluded.name, \
              giver_commune = excluded.giver_commune, taker_commune = excluded.taker_commune, \
              scopes = excluded.scopes, inherited = excluded.inherited, event = excluded.event, \
              is_return = excluded.is_return, ordered_at = excluded.ordered_at, ended_at = null"),
        &[
            (&row.giver).into(),
            (&row.taker).into(),
            (&row.place).into(),
            (&row.name).into(),
            row.giver_keys.as_slice().into(),
            (&row.giver_commune).into(),
            row.taker_keys.as_slice().into(),
            (&row.taker_commune).into(),
            (&row.scopes).into(),
            (&row.inherited).into(),
            (&row.event).into(),
            row.is_return.into(),
            tx.now().into(),
        ],
    )
    .await?;
    Ok(())
}

/// What a point gives, as long as it stands.
pub async fn from(tx: &mut Tx, giver: &str) -> Result<Vec<PassingRow>, DbError> {
    tx.all(passing!("where giver = $1 and ended_at is null order by taker, place"), &[giver.into()])
        .await
}

/// What a point takes, as long as it stands.
pub async fn to(tx: &mut Tx, taker: &str) -> Result<Vec<PassingRow>, DbError> {
    tx.all(passing!("where taker = $1 and ended_at is null order by giver, place"), &[taker.into()])
        .await
}

/// What a point takes or ever took: numbers that it learned stay its to go on with.
pub async fn ever_to(tx: &mut Tx, taker: &str) -> Result<Vec<PassingRow>, DbError> {
    tx.all(passing!("where taker = $1 order by giver, place"), &[taker.into()]).await
}

/// Ends one order.
pub async fn end(tx: &mut Tx, row: &PassingRow) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update delivery_passings set ended_at = $4 \
              where giver = $1 and taker = $2 and place = $3 and ended_at is null"
        ),
        &[(&row.giver).into(), (&row.taker).into(), (&row.place).into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Ends everything that one point was to give another.
pub async fn end_between(tx: &mut Tx, giver: &str, taker: &str) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update delivery_passings set ended_at = $3 \
              where giver = $1 and taker = $2 and ended_at is null"
        ),
        &[giver.into(), taker.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}
