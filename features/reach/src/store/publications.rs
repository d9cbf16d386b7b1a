//! Publications as reach knows them, the targets they are measured against, and when points were heard.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::Target;

row_struct! {
    /// A publication as reach knows it.
    #[derive(Clone, Debug)]
    pub struct PublicationRow {
        pub id: String,
        pub version: u32,
        pub title: String,
        pub audiences: String,
        pub languages: String,
        pub areas: String,
        pub at: Timestamp,
    }

    struct TargetRow {
        theme: String,
        audience: String,
        percent: i64,
        source: String,
    }

    struct ContactRow {
        scope: ScopePath,
        at: Timestamp,
    }
}

/// Writes a publication down; false when that version is known already.
pub async fn insert_publication(
    tx: &mut Tx,
    row: &PublicationRow,
    themes: &[String],
) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_publications (id, version, title, audiences, languages, areas, at) \
                  values ($1, $2, $3, $4, $5, $6, $7) on conflict (id, version) do nothing"),
            &[
                (&row.id).into(),
                row.version.into(),
                (&row.title).into(),
                (&row.audiences).into(),
                (&row.languages).into(),
                (&row.areas).into(),
                row.at.into(),
            ],
        )
        .await?;
    if fresh == 0 {
        return Ok(false);
    }
    for theme in themes {
        tx.run(
            sql!("insert into reach_publication_themes (publication, version, theme) values ($1, $2, $3) \
                  on conflict (publication, version, theme) do nothing"),
            &[(&row.id).into(), row.version.into(), theme.into()],
        )
        .await?;
    }
    Ok(true)
}

/// One version of a publication.
pub async fn publication(
    tx: &mut Tx,
    id: &str,
    version: u32,
) -> Result<Option<PublicationRow>, DbError> {
    tx.maybe(
        sql!(
            "select id, version, title, audiences, languages, areas, at from reach_publications \
              where id = $1 and version = $2"
        ),
        &[id.into(), version.into()],
    )
    .await
}

/// Every version of a publication, newest first.
pub async fn versions(tx: &mut Tx, id: &str) -> Result<Vec<PublicationRow>, DbError> {
    tx.all(
        sql!(
            "select id, version, title, audiences, languages, areas, at from reach_publications \
              where id = $1 order by version desc"
        ),
        &[id.into()],
    )
    .await
}

/// Writes down that a publication was taken back, up to a version.
pub async fn withdraw(tx: &mut Tx, id: &str, version: u32, at: Timestamp) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into reach_withdrawals (publication, version, at) values ($1, $2, $3) \
              on conflict (publication) do update set version = excluded.version, at = excluded.at \
              where reach_withdrawals.version < excluded.version"
        ),
        &[id.into(), version.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// When a version was taken back; none while it stands.
pub async fn withdrawn_at(
    tx: &mut Tx,
    id: &str,
    version: u32,
) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .maybe(
            sql!(
                "select at as value from reach_withdrawals where publication = $1 and version >= $2"
            ),
            &[id.into(), version.into()],
        )
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// The newest versions published since a day and not taken back, newest first, for one theme or for all.
pub async fn recent(
    tx: &mut Tx,
    since: Day,
    theme: &str,
    limit: usize,
) -> Result<Vec<PublicationRow>, DbError> {
    tx.all(
        sql!("select p.id, p.version, p.title, p.audiences, p.languages, p.areas, p.at from reach_publications p \
              where p.at >= $1 and p.version = (select max(q.version) from reach_publications q where q.id = p.id) \
              and not exists (select 1 from reach_withdrawals w where w.publication = p.id and w.version >= p.version) \
              and ($2 = '' or exists (select 1 from reach_publication_themes t where t.publication = p.id \
              and t.version = p.version and t.theme = $2)) order by p.at desc, p.id limit $3"),
        &[since.start().into(), theme.into(), limit.into()],
    )
    .await
}

/// The themes of a version.
pub async fn themes(tx: &mut Tx, id: &str, version: u32) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select theme as value from reach_publication_themes where publication = $1 and version = $2 order by theme"),
        &[id.into(), version.into()],
    )
    .await
}

/// The targets in force on a day.
pub async fn targets(tx: &mut Tx, day: Day) -> Result<Vec<Target>, DbError> {
    let rows: Vec<TargetRow> = tx
        .all(
            sql!("select theme, audience, percent, source from reach_targets where from_day <= $1 and until_day > $1 \
                  order by theme, audience"),
            &[day.into()],
        )
        .await?;
    let target = |row: TargetRow| Target {
        theme: row.theme,
        audience: row.audience,
        percent: row.percent,
        source: row.source,
    };
    Ok(rows.into_iter().map(target).collect())
}

/// Notes that a point was heard from; an older contact never replaces a newer.
pub async fn note_contact(tx: &mut Tx, scope: &ScopePath, at: Timestamp) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into reach_contacts (scope, at) values ($1, $2) on conflict (scope) do update \
              set at = excluded.at where reach_contacts.at < excluded.at"
        ),
        &[scope.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// Waits for whoever is about to freeze this version, or to say that a point has it, and keeps others waiting
/// until this transaction ends: what either has written is seen by the other.
pub async fn take_turn(tx: &mut Tx, publication: &str, version: u32) -> Result<(), DbError> {
    put_early(tx, publication, version, "").await
}

/// Remembers that a point has a version whose denominators are not frozen here yet.
pub async fn note_early(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    scope: &ScopePath,
) -> Result<(), DbError> {
    put_early(tx, publication, version, scope.as_str()).await
}

async fn put_early(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    scope: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into reach_early (publication, version, scope, at) values ($1, $2, $3, $4) \
              on conflict (publication, version, scope) do update set at = reach_early.at"
        ),
        &[publication.into(), version.into(), scope.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Where points lie that had a version before its denominators were frozen, and since when.
pub async fn early(
    tx: &mut Tx,
    publication: &str,
    version: u32,
) -> Result<Vec<(ScopePath, Timestamp)>, DbError> {
    let rows: Vec<ContactRow> = tx
        .all(
            sql!(
                "select scope, at from reach_early where publication = $1 and version = $2 and scope <> '' \
                  order by scope"
            ),
            &[publication.into(), version.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.scope, row.at)).collect())
}

/// Every point's last contact.
pub async fn contacts(tx: &mut Tx) -> Result<Vec<(ScopePath, Timestamp)>, DbError> {
    let rows: Vec<ContactRow> =
        tx.all(sql!("select scope, at from reach_contacts order by scope"), &[]).await?;
    Ok(rows.into_iter().map(|row| (row.scope, row.at)).collect())
}
