//! Frozen denominators and receipts.

use kernel::{
    clock::Timestamp,
    db::{DbError, FromRow, Row, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{Channel, Denominator, Evidence, Numbered, Rung, join_numbered};

row_struct! {
    /// One frozen denominator.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Frozen {
        pub village: String,
        pub audience: String,
        pub path: ScopePath,
        pub people: Option<i64>,
        pub serials: String,
        pub on_node_at: Option<Timestamp>,
    }

    struct Lost {
        publication: String,
        version: u32,
        actor: String,
    }
}

/// A receipt as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The publication.
    pub publication: String,
    /// Its version.
    pub version: u32,
    /// Whose: `p:<commune>:<serial>` for a person, anything else for a device.
    pub actor: String,
    /// How far.
    pub rung: Rung,
    /// The meeting it was told at; empty otherwise.
    pub source: String,
    /// How we know.
    pub channel: Channel,
    /// The commune.
    pub commune: String,
    /// The person's serial.
    pub serial: Option<u32>,
    /// Where.
    pub place: ScopePath,
    /// In which language.
    pub language: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for ReceiptRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let serial: Option<i64> = row.get("serial")?;
        let evidence = Evidence::from_row(row)?;
        Ok(Self {
            publication: row.get("publication")?,
            version: row.get("version")?,
            actor: row.get("actor")?,
            rung: evidence.rung,
            source: row.get("source")?,
            channel: evidence.channel,
            commune: row.get("commune")?,
            serial: serial.and_then(|serial| u32::try_from(serial).ok()),
            place: row.get("place")?,
            language: row.get("language")?,
            at: row.get("at")?,
        })
    }
}

impl FromRow for Evidence {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let (rung, channel): (u8, u8) = (row.get("rung")?, row.get("channel")?);
        let rung =
            Rung::from_code(rung).ok_or_else(|| DbError::unreadable("rung", "not a rung"))?;
        let channel = Channel::from_code(channel)
            .ok_or_else(|| DbError::unreadable("channel", "not a channel"))?;
        Ok(Self { rung, channel, at: row.get("at")? })
    }
}

/// Freezes denominators; once written they are never written again.
pub async fn freeze(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    rows: &[Denominator],
) -> Result<(), DbError> {
    let values: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| {
            vec![
                publication.into(),
                version.into(),
                (&row.place.unit).into(),
                row.audience.into(),
                (&row.place.province).into(),
                (&row.place.commune).into(),
                (&row.place.path).into(),
                row.people.into(),
                join_numbered(&row.serials, &row.place.commune).into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into reach_frozen (publication, version, village, audience, province, commune, path, people, serials) values",
        "on conflict (publication, version, village, audience) do nothing",
        &values,
    )
    .await?;
    Ok(())
}

/// The frozen denominators of a version under a path.
pub async fn frozen(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    scope: &ScopePath,
) -> Result<Vec<Frozen>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("select village, audience, path, people, serials, on_node_at from reach_frozen \
              where publication = $1 and version = $2 and path >= $3 and path < $4 order by path, audience"),
        &[publication.into(), version.into(), low.into(), high.into()],
    )
    .await
}

/// Marks what a point in the scope has; gives only those that nobody had before.
pub async fn mark_on_node(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    scope: &ScopePath,
    at: Timestamp,
) -> Result<Vec<Frozen>, DbError> {
    let (low, high) = scope.range();
    tx.all(
        sql!("update reach_frozen set on_node_at = $5 where publication = $1 and version = $2 and path >= $3 \
              and path < $4 and on_node_at is null \
              returning village, audience, path, people, serials, on_node_at"),
        &[publication.into(), version.into(), low.into(), high.into(), at.into()],
    )
    .await
}

/// The row of a frozen roster that counted this person, who lives in `commune` today.
pub async fn frozen_person(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    who: &Numbered,
    commune: &str,
) -> Result<Option<Frozen>, DbError> {
    let at_home: Option<Frozen> = tx.maybe(
        sql!("select village, audience, path, people, serials, on_node_at from reach_frozen \
              where publication = $1 and version = $2 and commune = $3 and audience = 'prestigious_person' \
              and serials like '% ' || $4 || ' %' order by village limit 1"),
        &[publication.into(), version.into(), (&who.register).into(), who.serial.to_string().into()],
    )
    .await?;
    if at_home.is_some() || commune == who.register {
        return Ok(at_home);
    }
    // Frozen after a merger: numbered in the register of a commune that has become part of this one.
    tx.maybe(
        sql!("select village, audience, path, people, serials, on_node_at from reach_frozen \
              where publication = $1 and version = $2 and commune = $3 and audience = 'prestigious_person' \
              and serials like '% ' || $4 || ' %' order by village limit 1"),
        &[publication.into(), version.into(), commune.into(), who.within(commune).into()],
    )
    .await
}

/// The frozen number of residents of a village; outer `None` when the publication was not meant for it.
pub async fn frozen_people(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    village: &str,
) -> Result<Option<Frozen>, DbError> {
    tx.maybe(
        sql!(
            "select village, audience, path, people, serials, on_node_at from reach_frozen \
              where publication = $1 and version = $2 and village = $3 and audience = 'people'"
        ),
        &[publication.into(), version.into(), village.into()],
    )
    .await
}

/// Writes a receipt; false when this very evidence is there already.
pub async fn insert_receipt(tx: &mut Tx, row: &ReceiptRow) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_receipts (publication, version, actor, rung, source, channel, commune, serial, \
                  place, language, at, arrived_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                  on conflict (publication, version, actor, rung, source) do nothing"),
            &[
                (&row.publication).into(),
                row.version.into(),
                (&row.actor).into(),
                row.rung.code().into(),
                (&row.source).into(),
                row.channel.code().into(),
                (&row.commune).into(),
                row.serial.into(),
                (&row.place).into(),
                (&row.language).into(),
                row.at.into(),
                tx.now().into(),
            ],
        )
        .await?;
    Ok(fresh == 1)
}

/// Everything known about one actor and one version.
pub async fn evidence(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    actor: &str,
) -> Result<Vec<Evidence>, DbError> {
    tx.all(
        sql!("select rung, channel, at from reach_receipts where publication = $1 and version = $2 and actor = $3 \
              order by rung, source"),
        &[publication.into(), version.into(), actor.into()],
    )
    .await
}

/// Every receipt of a version, actor by actor; for a rebuild.
pub async fn receipts(
    tx: &mut Tx,
    publication: &str,
    version: u32,
) -> Result<Vec<ReceiptRow>, DbError> {
    tx.all(
        sql!("select publication, version, actor, rung, source, channel, commune, serial, place, language, at \
              from reach_receipts where publication = $1 and version = $2 order by actor, rung, source"),
        &[publication.into(), version.into()],
    )
    .await
}

/// Whose evidence comes from a meeting: publication, version, actor.
pub async fn told_at(tx: &mut Tx, meeting: &str) -> Result<Vec<(String, u32, String)>, DbError> {
    let rows: Vec<Lost> = tx
        .all(
            sql!(
                "select publication, version, actor from reach_receipts where source = $1 \
                  order by publication, version, actor"
            ),
            &[meeting.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.publication, row.version, row.actor)).collect())
}

/// Takes one actor's evidence of a meeting away again.
pub async fn remove_told(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    actor: &str,
    meeting: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("delete from reach_receipts where publication = $1 and version = $2 and actor = $3 and source = $4"),
        &[publication.into(), version.into(), actor.into(), meeting.into()],
    )
    .await?;
    Ok(())
}

/// Anonymous receipts of a publication that arrived since then.
pub async fn anonymous_since(
    tx: &mut Tx,
    publication: &str,
    since: Timestamp,
) -> Result<i64, DbError> {
    tx.one(
        sql!("select count(*) as value from reach_receipts where publication = $1 and arrived_at > $2 and serial is null"),
        &[publication.into(), since.into()],
    )
    .await
}
