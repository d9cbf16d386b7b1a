//! Statements about rosters and meetings that follow a change of the map.

use areas::AreaEventId;
use kernel::{
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

row_struct! {
    /// Something that lies somewhere.
    #[derive(Clone, Debug)]
    pub struct Lying {
        pub id: String,
        pub path: ScopePath,
    }
    /// Something that an event has moved.
    pub struct Moved {
        pub thing: String,
        pub id: String,
        pub path_before: ScopePath,
        pub path_after: ScopePath,
    }
}

/// A roster entry; its id is `<commune>:<serial>`.
pub const ENTRY: &str = "entry";
/// A record of a meeting.
pub const MEETING: &str = "meeting";

/// Everything of a kind that lies at a path or below it.
pub async fn below(tx: &mut Tx, thing: &str, path: &ScopePath) -> Result<Vec<Lying>, DbError> {
    let (low, high) = path.range();
    let values = [low.into(), high.into()];
    if thing == ENTRY {
        tx.all(
            sql!(
                "select commune || ':' || cast(serial as text) as id, path from reach_roster \
                  where path >= $1 and path < $2 order by commune, serial"
            ),
            &values,
        )
        .await
    } else {
        tx.all(
            sql!("select id, path from reach_meetings where path >= $1 and path < $2 order by id"),
            &values,
        )
        .await
    }
}

/// Moves something and remembers from where; an event moves a thing once.
pub async fn relocate(
    tx: &mut Tx,
    event: &AreaEventId,
    thing: &str,
    lying: &Lying,
    to: &ScopePath,
) -> Result<(), DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_moved (event, thing, id, path_before, path_after) values ($1, $2, $3, $4, $5) \
                  on conflict (event, thing, id) do nothing"),
            &[
                event.into(),
                thing.into(),
                (&lying.id).into(),
                (&lying.path).into(),
                to.into(),
            ],
        )
        .await?;
    if fresh == 1 {
        put(tx, thing, &lying.id, &lying.path, to).await?;
    }
    Ok(())
}

/// Moves something that is where it is thought to be.
pub async fn put(
    tx: &mut Tx,
    thing: &str,
    id: &str,
    from: &ScopePath,
    to: &ScopePath,
) -> Result<(), DbError> {
    if thing == ENTRY {
        tx.run(
            sql!("update reach_roster set path = $3 where commune || ':' || cast(serial as text) = $1 and path = $2"),
            &[id.into(), from.into(), to.into()],
        )
        .await?;
    } else {
        tx.run(
            sql!("update reach_meetings set path = $3 where id = $1 and path = $2"),
            &[id.into(), from.into(), to.into()],
        )
        .await?;
    }
    Ok(())
}

/// What an event has moved.
pub async fn moved(tx: &mut Tx, event: &AreaEventId) -> Result<Vec<Moved>, DbError> {
    tx.all(
        sql!("select thing, id, path_before, path_after from reach_moved where event = $1 order by thing, id"),
        &[event.into()],
    )
    .await
}

/// Forgets what an event had moved.
pub async fn forget(tx: &mut Tx, event: &AreaEventId) -> Result<(), DbError> {
    tx.run(sql!("delete from reach_moved where event = $1"), &[event.into()]).await?;
    Ok(())
}
