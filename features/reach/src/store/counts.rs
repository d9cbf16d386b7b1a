//! The live count.

use std::collections::BTreeMap;

use kernel::{
    clock::Day,
    db::{Column, DbError, FromRow, Row, Tx, Value},
    scope::ScopePath,
    sql,
};

use crate::model::{
    Channel, Place, Rung,
    table::{Count, UNCOUNTED},
};

/// The village's level in the count.
pub const VILLAGE: u8 = 4;
/// The commune's level in the count.
pub const COMMUNE: u8 = 3;

/// A row of the board: a count with the theme it belongs to.
#[derive(Clone, Debug)]
pub struct ThemeCount {
    /// Theme code.
    pub theme: String,
    /// The count.
    pub count: Count,
}

fn rung(row: &Row) -> Result<Option<Rung>, DbError> {
    let code: u8 = row.get("rung")?;
    match Rung::from_code(code) {
        Some(rung) => Ok(Some(rung)),
        None if code == UNCOUNTED => Ok(None),
        None => Err(DbError::unreadable("rung", "not a rung")),
    }
}

impl FromRow for Count {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let code: u8 = row.get("channel")?;
        let channel = Channel::from_code(code)
            .ok_or_else(|| DbError::unreadable("channel", "not a channel"))?;
        let path: ScopePath = row.get("path")?;
        let mut place = Place::of(&path);
        place.unit = row.get("unit")?;
        Ok(Self {
            place,
            audience: row.get("audience")?,
            rung: rung(row)?,
            channel,
            people: row.get("people")?,
        })
    }
}

impl FromRow for ThemeCount {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { theme: String::read(row, "theme")?, count: Count::from_row(row)? })
    }
}

/// Adds to (or takes from) the count of a place and of its commune.
pub async fn bump(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    count: &Count,
) -> Result<(), DbError> {
    if count.people == 0 {
        return Ok(());
    }
    bump_at(tx, publication, version, VILLAGE, &count.place.unit, &count.place.path, count).await?;
    let commune = count.place.commune_path();
    bump_at(tx, publication, version, COMMUNE, &count.place.commune, &commune, count).await
}

async fn bump_at(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    level: u8,
    unit: &str,
    path: &ScopePath,
    count: &Count,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reach_counts (publication, version, level, unit, audience, rung, channel, province, \
              commune, path, people) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
              on conflict (publication, version, level, unit, audience, rung, channel) \
              do update set people = reach_counts.people + excluded.people"),
        &[
            publication.into(),
            version.into(),
            level.into(),
            unit.into(),
            (&count.audience).into(),
            count.rung.map_or(UNCOUNTED, Rung::code).into(),
            count.channel.code().into(),
            (&count.place.province).into(),
            (&count.place.commune).into(),
            path.into(),
            count.people.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Level, unit, audience, rung, channel.
type Key = (u8, String, String, u8, u8);

/// Writes the whole count of a version at once, villages and communes.
pub async fn write(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    all: &[Count],
) -> Result<(), DbError> {
    let mut sums: BTreeMap<Key, (Place, i64)> = BTreeMap::new();
    for count in all {
        let rung = count.rung.map_or(UNCOUNTED, Rung::code);
        let commune = Place::of(&count.place.commune_path());
        for (level, unit, place) in
            [(VILLAGE, &count.place.unit, &count.place), (COMMUNE, &count.place.commune, &commune)]
        {
            let key = (level, unit.clone(), count.audience.clone(), rung, count.channel.code());
            sums.entry(key).or_insert_with(|| (place.clone(), 0)).1 += count.people;
        }
    }
    let row = |((level, unit, audience, rung, channel), (place, people)): (Key, (Place, i64))| {
        vec![
            publication.into(),
            version.into(),
            level.into(),
            unit.into(),
            audience.into(),
            rung.into(),
            channel.into(),
            place.province.into(),
            place.commune.into(),
            (&place.path).into(),
            people.into(),
        ]
    };
    let rows: Vec<Vec<Value>> =
        sums.into_iter().filter(|(_, (_, people))| *people != 0).map(row).collect();
    tx.insert_many(
        "insert into reach_counts (publication, version, level, unit, audience, rung, channel, province, commune, path, people) values",
        "",
        &rows,
    )
    .await?;
    Ok(())
}

/// The counts of one version at a level under a path; rows that came back to nothing are left out.
pub async fn of(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    level: u8,
    scope: &ScopePath,
) -> Result<Vec<Count>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select unit, path, audience, rung, channel, people from reach_counts where publication = $1 \
              and version = $2 and level = $3 and path >= $4 and path < $5 and people <> 0 \
              order by unit, audience, rung, channel"),
        &[publication.into(), version.into(), level.into(), low.into(), high.into()],
    )
    .await
}

/// Forgets the count of a version; only a rebuild does that.
pub async fn clear(tx: &mut Tx, publication: &str, version: u32) -> Result<(), DbError> {
    tx.run(
        sql!("delete from reach_counts where publication = $1 and version = $2"),
        &[publication.into(), version.into()],
    )
    .await?;
    Ok(())
}

/// Counts by theme over the newest versions published on these days, at a level under a path; with those of
/// residents what is told beside them.
pub async fn by_theme(
    tx: &mut Tx,
    audience: &str,
    (from, until): (Day, Day),
    level: u8,
    scope: &ScopePath,
) -> Result<Vec<ThemeCount>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select t.theme, c.unit, c.path, c.audience, c.rung, c.channel, cast(sum(c.people) as bigint) as people \
              from reach_counts c \
              join reach_publications p on p.id = c.publication and p.version = c.version \
              join reach_publication_themes t on t.publication = c.publication and t.version = c.version \
              where (c.audience = $1 or ($1 = 'people' and c.audience in ('unmeasured', 'surplus'))) \
              and p.at >= $2 and p.at < $6 and c.level = $3 and c.path >= $4 and c.path < $5 \
              and p.version = (select max(q.version) from reach_publications q where q.id = p.id) \
              and not exists (select 1 from reach_withdrawals w where w.publication = p.id and w.version >= p.version) \
              group by t.theme, c.unit, c.path, c.audience, c.rung, c.channel having sum(c.people) <> 0 \
              order by t.theme, c.unit, c.rung, c.channel"),
        &[audience.into(), from.start().into(), level.into(), low.into(), high.into(), until.start().into()],
    )
    .await
}
