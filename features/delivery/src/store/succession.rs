//! Statements about nodes that go on through changes of the map.

use areas::AreaEventId;
use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

row_struct! {
    /// A node, an unused code or the road, with where it lies.
    #[derive(Clone, Debug)]
    pub struct Standing {
        pub id: String,
        pub area: String,
        pub path: ScopePath,
        pub commune: String,
        pub province: String,
        pub former: String,
        pub moved_at: Option<Timestamp>,
    }
    /// What an event has moved, as it was.
    #[derive(Clone, Debug)]
    pub struct Moved {
        pub thing: String,
        pub id: String,
        pub area_before: String,
        pub path_before: String,
        pub commune_before: String,
        pub province_before: String,
        pub former_before: String,
        pub moved_at_before: Option<Timestamp>,
    }
}

/// What is moved: a point as its hub knows it.
pub const NODE: &str = "node";
/// A code that nobody has used yet.
pub const CODE: &str = "code";
/// At a point, its own road.
pub const ROAD: &str = "road";

/// Where something lies from now on.
#[derive(Clone, Debug)]
pub struct Place {
    pub area: String,
    pub path: ScopePath,
    pub commune: String,
    pub province: String,
}

/// Everything of a kind that lies at a path or below it. Revoked points stay where they were.
pub async fn below(tx: &mut Tx, thing: &str, path: &ScopePath) -> Result<Vec<Standing>, DbError> {
    let (low, high) = path.range();
    let values = [low.into(), high.into()];
    match thing {
        NODE => {
            tx.all(
                sql!("select id, area, path, commune, '' as province, former, moved_at from delivery_nodes \
                      where path >= $1 and path < $2 and state <> 'revoked' order by id"),
                &values,
            )
            .await
        }
        CODE => {
            tx.all(
                sql!("select id, area, path, '' as commune, '' as province, '' as former, \
                      cast(null as bigint) as moved_at from delivery_codes \
                      where path >= $1 and path < $2 and used_by is null order by id"),
                &values,
            )
            .await
        }
        _ => {
            tx.all(
                sql!("select 'road' as id, area, path, commune, province, former, cast(null as bigint) as moved_at \
                      from delivery_road where path >= $1 and path < $2"),
                &values,
            )
            .await
        }
    }
}

/// Moves something and remembers how it was; an event moves a thing once. False when it has.
pub async fn relocate(
    tx: &mut Tx,
    event: &AreaEventId,
    thing: &str,
    before: &Standing,
    to: &Place,
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into delivery_moved (event, thing, id, area_before, path_before, commune_before, \
                  province_before, former_before, moved_at_before) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                  on conflict (event, thing, id) do nothing"),
            &[
                event.into(),
                thing.into(),
                (&before.id).into(),
                (&before.area).into(),
                (&before.path).into(),
                (&before.commune).into(),
                (&before.province).into(),
                (&before.former).into(),
                before.moved_at.into(),
            ],
        )
        .await?;
    if fresh == 0 {
        return Ok(false);
    }
    let mut former: Vec<&str> = before.former.lines().collect();
    former.push(before.path.as_str());
    let after = Standing {
        id: before.id.clone(),
        area: to.area.clone(),
        path: to.path.clone(),
        commune: to.commune.clone(),
        province: to.province.clone(),
        former: former.join("\n"),
        moved_at: Some(tx.now()),
    };
    write(tx, thing, &after).await?;
    Ok(true)
}

async fn write(tx: &mut Tx, thing: &str, at: &Standing) -> Result<(), DbError> {
    match thing {
        NODE => {
            tx.run(
                sql!("update delivery_nodes set area = $2, path = $3, commune = $4, former = $5, moved_at = $6 where id = $1"),
                &[
                    (&at.id).into(),
                    (&at.area).into(),
                    (&at.path).into(),
                    (&at.commune).into(),
                    (&at.former).into(),
                    at.moved_at.into(),
                ],
            )
            .await?
        }
        CODE => {
            tx.run(
                sql!("update delivery_codes set area = $2, path = $3 where id = $1"),
                &[(&at.id).into(), (&at.area).into(), (&at.path).into()],
            )
            .await?
        }
        _ => {
            tx.run(
                sql!("update delivery_road set area = $1, path = $2, commune = $3, province = $4, former = $5 where id = 1"),
                &[
                    (&at.area).into(),
                    (&at.path).into(),
                    (&at.commune).into(),
                    (&at.province).into(),
                    (&at.former).into(),
                ],
            )
            .await?
        }
    };
    Ok(())
}

/// What an event has moved.
pub async fn moved(tx: &mut Tx, event: &AreaEventId) -> Result<Vec<Moved>, DbError> {
    tx.all(
        sql!("select thing, id, area_before, path_before, commune_before, province_before, former_before, moved_at_before \
              from delivery_moved where event = $1 order by thing, id"),
        &[event.into()],
    )
    .await
}

/// Puts something back where it was.
pub async fn put_back(tx: &mut Tx, row: &Moved) -> Result<(), DbError> {
    let path = ScopePath::parse(&row.path_before)
        .ok_or_else(|| DbError::unreadable("path_before", "not a scope path"))?;
    let before = Standing {
        id: row.id.clone(),
        area: row.area_before.clone(),
        path,
        commune: row.commune_before.clone(),
        province: row.province_before.clone(),
        former: row.former_before.clone(),
        moved_at: row.moved_at_before,
    };
    write(tx, &row.thing, &before).await
}

/// Forgets what an event had moved.
pub async fn forget(tx: &mut Tx, event: &AreaEventId) -> Result<(), DbError> {
    tx.run(sql!("delete from delivery_moved where event = $1"), &[event.into()]).await?;
    Ok(())
}
