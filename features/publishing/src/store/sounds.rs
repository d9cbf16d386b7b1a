//! Recordings as they were brought in, and the renditions that came out of them.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::{
    PublicationId, SoundId,
    reading::{Modality, Rendition},
};

row_struct! {
    /// A recording as stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct SoundRow {
        pub id: SoundId,
        pub publication: PublicationId,
        pub version: u32,
        pub language: String,
        pub voice: String,
        pub state: String,
        pub trouble: String,
        pub trouble_detail: String,
        pub warnings: String,
        pub original: String,
        pub original_name: String,
        pub original_bytes: u64,
        pub source_version: u32,
        pub source_digest: String,
        pub created_by: String,
        pub created_at: Timestamp,
    }
    struct RenditionRow {
        language: String,
        modality: String,
        hash: String,
        bytes: u64,
        duration_ms: u64,
        bitrate_bps: u32,
        width: u32,
        height: u32,
        rank: u32,
        voice: String,
        source_version: u32,
        is_stale: bool,
        arrived_at: Option<Timestamp>,
    }
}

/// Keeps a recording that waits to be transcoded; an earlier one in the same language makes room.
pub(crate) async fn insert(tx: &mut Tx, sound: &SoundRow) -> Result<(), DbError> {
    remove_language(tx, &sound.publication, sound.version, &sound.language).await?;
    tx.run(
        sql!("insert into publishing_sounds (id, publication, version, language, voice, state, trouble, trouble_detail, \
              warnings, original, original_name, original_bytes, source_version, source_digest, created_by, created_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"),
        &[
            (&sound.id).into(),
            (&sound.publication).into(),
            sound.version.into(),
            (&sound.language).into(),
            (&sound.voice).into(),
            (&sound.state).into(),
            (&sound.trouble).into(),
            (&sound.trouble_detail).into(),
            (&sound.warnings).into(),
            (&sound.original).into(),
            (&sound.original_name).into(),
            sound.original_bytes.into(),
            sound.source_version.into(),
            (&sound.source_digest).into(),
            (&sound.created_by).into(),
            sound.created_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Removes the recording of one language with its renditions.
pub(crate) async fn remove_language(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    language: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("delete from publishing_sounds where publication = $1 and version = $2 and language = $3"),
        &[id.into(), version.into(), language.into()],
    )
    .await?;
    remove_renditions(tx, id, version, Modality::Audio, language).await
}

/// Removes renditions of one modality and language.
pub(crate) async fn remove_renditions(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    modality: Modality,
    language: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("delete from publishing_renditions where publication = $1 and version = $2 and modality = $3 and language = $4"),
        &[id.into(), version.into(), modality.code().into(), language.into()],
    )
    .await?;
    Ok(())
}

/// One recording.
pub(crate) async fn find(tx: &mut Tx, id: &SoundId) -> Result<Option<SoundRow>, DbError> {
    tx.maybe(
        sql!("select id, publication, version, language, voice, state, trouble, trouble_detail, warnings, original, \
              original_name, original_bytes, source_version, source_digest, created_by, created_at \
              from publishing_sounds where id = $1"),
        &[id.into()],
    )
    .await
}

/// The recordings of a version.
pub(crate) async fn all(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
) -> Result<Vec<SoundRow>, DbError> {
    tx.all(
        sql!("select id, publication, version, language, voice, state, trouble, trouble_detail, warnings, original, \
              original_name, original_bytes, source_version, source_digest, created_by, created_at \
              from publishing_sounds where publication = $1 and version = $2 order by language, id"),
        &[id.into(), version.into()],
    )
    .await
}

/// Notes what became of a recording; false when it has been removed meanwhile.
pub(crate) async fn put_outcome(
    tx: &mut Tx,
    id: &SoundId,
    state: &str,
    trouble: (&str, &str),
    warnings: &str,
) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("update publishing_sounds set state = $2, trouble = $3, trouble_detail = $4, warnings = $5 where id = $1"),
            &[id.into(), state.into(), trouble.0.into(), trouble.1.into(), warnings.into()],
        )
        .await?;
    Ok(touched == 1)
}

/// Copies recordings into the next version, under ids made from the old ones.
pub(crate) async fn copy(
    tx: &mut Tx,
    id: &PublicationId,
    from: u32,
    to: u32,
) -> Result<(), DbError> {
    for mut sound in all(tx, id, from).await? {
        sound.id = tx.new_id();
        sound.version = to;
        insert(tx, &sound).await?;
    }
    tx.run(
        sql!("insert into publishing_renditions (publication, version, hash, modality, language, rank, bytes, duration_ms, \
              bitrate_bps, width, height, voice, source_version, is_stale, sound) \
              select publication, $3, hash, modality, language, rank, bytes, duration_ms, bitrate_bps, width, height, \
              voice, source_version, is_stale, sound from publishing_renditions \
              where publication = $1 and version = $2 and modality <> 'text'"),
        &[id.into(), from.into(), to.into()],
    )
    .await?;
    Ok(())
}

/// Writes one rendition.
pub(crate) async fn put_rendition(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
    rendition: &Rendition,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_renditions (publication, version, hash, modality, language, rank, bytes, duration_ms, \
              bitrate_bps, width, height, voice, source_version, is_stale, sound) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '') \
              on conflict (publication, version, modality, language, rank) do update set hash = excluded.hash, \
              bytes = excluded.bytes, duration_ms = excluded.duration_ms, bitrate_bps = excluded.bitrate_bps, \
              width = excluded.width, height = excluded.height, voice = excluded.voice, \
              source_version = excluded.source_version, is_stale = excluded.is_stale"),
        &[
            id.into(),
            version.into(),
            (&rendition.hash).into(),
            rendition.modality.code().into(),
            (&rendition.language).into(),
            rendition.rank.into(),
            rendition.bytes.into(),
            rendition.duration_ms.into(),
            rendition.bitrate_bps.into(),
            rendition.width.into(),
            rendition.height.into(),
            (&rendition.voice).into(),
            rendition.source_version.into(),
            rendition.is_stale.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Every file of a version, by language, smallest first.
pub(crate) async fn renditions(
    tx: &mut Tx,
    id: &PublicationId,
    version: u32,
) -> Result<Vec<Rendition>, DbError> {
    let rows: Vec<RenditionRow> = tx
        .all(
            sql!("select r.language, r.modality, r.hash, r.bytes, r.duration_ms, r.bitrate_bps, r.width, r.height, r.rank, \
                  r.voice, r.source_version, r.is_stale, f.arrived_at from publishing_renditions r \
                  left join publishing_files f on f.hash = r.hash \
                  where r.publication = $1 and r.version = $2 \
                  order by r.modality, case when r.language = 'vi' then 0 else 1 end, r.language, r.rank"),
            &[id.into(), version.into()],
        )
        .await?;
    rows.into_iter().map(RenditionRow::whole).collect()
}

impl RenditionRow {
    fn whole(self) -> Result<Rendition, DbError> {
        let modality = Modality::from_code(&self.modality);
        Ok(Rendition {
            modality: modality.ok_or_else(|| DbError::unreadable("modality", "unknown"))?,
            language: self.language,
            hash: self.hash,
            bytes: self.bytes,
            duration_ms: self.duration_ms,
            bitrate_bps: self.bitrate_bps,
            width: self.width,
            height: self.height,
            rank: self.rank,
            voice: self.voice,
            source_version: self.source_version,
            is_stale: self.is_stale,
            has_arrived: self.arrived_at.is_some(),
        })
    }
}
