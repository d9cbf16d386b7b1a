//! The moment a version becomes public: frozen, said downward and announced in one transaction.

use kernel::{
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    files::{FileHash, Files},
    problem::{Failure, OrMissing, Outcome, Problem},
    records::{Lane, Outgoing},
};
use sync::record::BODY_MOST;

use super::{collecting, note};
use crate::{
    Published, Release,
    model::{
        SOURCE_LANGUAGE,
        reading::{Modality, Rendition},
        record::{
            INLINE_BYTES_MAX, PUBLICATION, Record, RecordFile, RecordText, TextBody, text_file,
        },
        reference::ALERT,
        version::{NOT_WAITING, Phase, TOO_MUCH, Version},
    },
    store::{
        files as file_rows,
        reading::{Card, folded_words, with_staleness},
        sounds,
        texts::{self, TextRow},
        versions,
    },
};

/// Publishes a version now.
pub(crate) async fn release(
    tx: &mut Tx,
    files: &Files,
    caller: &Caller,
    version: &Version,
) -> Outcome<()> {
    let (id, at) = (&version.publication.id, tx.now());
    let moved = versions::put_phase(tx, version, &Phase::Published { at }).await?;
    moved.then_some(()).or_missing(&NOT_WAITING)?;
    let written = write(tx, version).await?;
    keep_renditions(tx, files, version, &written).await?;
    let Written { rows, spoken, body, .. } = written;
    let targets: Vec<_> = version.targets.iter().map(|target| target.path.clone()).collect();
    let card = serde_json::to_string(&card(version, &rows, &spoken))
        .map_err(|error| Failure::fault("write a card", error))?;
    versions::put_public(tx, version, &card, &folded(version, &rows), &body).await?;
    tx.emit_down(Outgoing {
        lane: lane(version),
        kind: PUBLICATION,
        targets: targets.clone(),
        body,
    })
    .await?;
    let draft = &version.draft;
    tx.announce(&Published(Release {
        publication: id.clone(),
        version: version.number,
        title: draft.title.clone(),
        themes: draft.themes.clone(),
        audiences: draft.audiences.clone(),
        languages: draft.languages.clone(),
        areas: targets,
        at,
    }))
    .await?;
    if version.number > 1 {
        collecting::later(tx).await?;
    }
    note(tx, caller, (id, version.number), "published", "").await
}

/// Everything of a version that goes into its record, and the record itself.
struct Written {
    rows: Vec<TextRow>,
    spoken: Vec<Rendition>,
    long_texts: Vec<LongText>,
    body: Vec<u8>,
}

/// A text that found no room in its record and becomes a file.
struct LongText {
    content: Vec<u8>,
    rendition: Rendition,
}

/// Writes the record, and nothing else yet; more than one record holds is refused.
async fn write(tx: &mut Tx, version: &Version) -> Outcome<Written> {
    let (id, number) = (&version.publication.id, version.number);
    let digest = version.draft.text_digest();
    let rows = texts::all(tx, id, number).await?;
    let spoken = sounds::renditions(tx, id, number).await?;
    let spoken = with_staleness(tx, id, number, spoken, &digest).await?;
    let (texts, long_texts) = record_texts(&rows, &digest);
    let body = record(version, texts, &spoken, tx.now())?.to_bytes();
    let target_bytes: usize =
        version.targets.iter().map(|target| target.path.as_str().len() + 3).sum();
    if body.len() + target_bytes > BODY_MOST {
        return Err(Problem::of(&TOO_MUCH).into());
    }
    Ok(Written { rows, spoken, long_texts, body })
}

/// Refuses now what could not be published later, while its editor is still there to hear it.
pub(crate) async fn must_fit(tx: &mut Tx, version: &Version) -> Outcome<()> {
    write(tx, version).await.map(drop)
}

/// Warnings go before everything, urgent notices before ordinary texts (rule 9).
pub(super) fn lane(version: &Version) -> Lane {
    match (version.draft.kind.as_str(), version.draft.is_urgent) {
        (ALERT, _) => Lane::Alert,
        (_, true) => Lane::Control,
        _ => Lane::Text,
    }
}

/// Writes down for good what goes with the record: sound and pictures with their staleness, long texts.
async fn keep_renditions(
    tx: &mut Tx,
    files: &Files,
    version: &Version,
    written: &Written,
) -> Outcome<()> {
    let (id, number) = (&version.publication.id, version.number);
    for file in &written.spoken {
        sounds::put_rendition(tx, id, number, file).await?;
    }
    for text in &written.long_texts {
        // A file without its transaction does no harm: it is named by its content and may be kept again.
        let hash = files.put(&text.content).await?;
        file_rows::put_here(tx, hash, Modality::Text, text.rendition.bytes).await?;
        sounds::put_rendition(tx, id, number, &text.rendition).await?;
    }
    Ok(())
}

/// Texts travel in the record, the Vietnamese one first, until they have filled their share; the
/// others become files.
fn record_texts(rows: &[TextRow], digest: &str) -> (Vec<RecordText>, Vec<LongText>) {
    let (mut texts, mut long_texts) = (Vec::new(), Vec::new());
    let mut inline_bytes = 0;
    for row in rows {
        let is_stale = row.source_digest != digest;
        let cost = row.title.len() + row.summary.len() + row.body.len();
        let body = if inline_bytes + cost <= INLINE_BYTES_MAX {
            inline_bytes += cost;
            TextBody::Inline { summary: row.summary.clone(), body: row.body.clone() }
        } else {
            inline_bytes += row.title.len();
            let (text, body) = as_file(row, is_stale);
            long_texts.push(text);
            body
        };
        texts.push(RecordText {
            language: row.language.clone(),
            title: row.title.clone(),
            body,
            source_version: row.source_version,
            is_stale,
        });
    }
    (texts, long_texts)
}

fn as_file(row: &TextRow, is_stale: bool) -> (LongText, TextBody) {
    let content = text_file(&row.summary, &row.body);
    let hash = FileHash::of(&content);
    let bytes = content.len() as u64;
    let rendition = Rendition {
        language: row.language.clone(),
        modality: Modality::Text,
        hash: hash.hex(),
        bytes,
        duration_ms: 0,
        bitrate_bps: 0,
        width: 0,
        height: 0,
        rank: 0,
        voice: String::new(),
        source_version: row.source_version,
        is_stale,
        has_arrived: true,
    };
    (LongText { content, rendition }, TextBody::File { hash: hash.0, bytes })
}

fn record(
    version: &Version,
    texts: Vec<RecordText>,
    files: &[Rendition],
    at: Timestamp,
) -> Outcome<Record> {
    let draft = &version.draft;
    let renditions: Outcome<Vec<RecordFile>> = files
        .iter()
        .filter(|file| file.modality != Modality::Text)
        .map(|file| {
            let hash = FileHash::parse(&file.hash)
                .ok_or_else(|| Failure::fault("name a file", "not a hash"))?;
            Ok(RecordFile {
                modality: file.modality,
                language: file.language.clone(),
                hash: hash.0,
                bytes: file.bytes,
                duration_ms: file.duration_ms,
                bitrate_bps: file.bitrate_bps,
                width: file.width,
                height: file.height,
                rank: file.rank,
                voice: file.voice.clone(),
                source_version: file.source_version,
                is_stale: file.is_stale,
            })
        })
        .collect();
    Ok(Record {
        id: version.publication.id.clone(),
        version: version.number,
        kind: draft.kind.clone(),
        published_at: at,
        publisher: version.publication.publisher.clone(),
        texts,
        themes: draft.themes.clone(),
        audiences: draft.audiences.clone(),
        languages: draft.languages.clone(),
        is_urgent: draft.is_urgent,
        not_before: None,
        expires: draft.expires,
        source: draft.source.clone(),
        document: draft.document.clone(),
        renditions: renditions?,
        picture_words: version.picture_words.clone(),
    })
}

/// What lists show of it.
fn card(version: &Version, rows: &[TextRow], files: &[Rendition]) -> Card {
    let draft = &version.draft;
    let mut spoken: Vec<String> = files
        .iter()
        .filter(|file| file.modality == Modality::Audio)
        .map(|file| file.language.clone())
        .collect();
    spoken.dedup();
    let picture = files.iter().find(|file| file.modality == Modality::Picture);
    Card {
        title: draft.title.clone(),
        summary: draft.summary.clone(),
        language: SOURCE_LANGUAGE.to_owned(),
        themes: draft.themes.clone(),
        audiences: draft.audiences.clone(),
        texts: rows.iter().map(|row| row.language.clone()).collect(),
        sounds: spoken,
        picture: picture.map(|file| file.hash.clone()),
    }
}

/// Everything that searching looks through: all languages, and the document's number.
fn folded(version: &Version, rows: &[TextRow]) -> String {
    let document = &version.draft.document;
    let mut parts = vec![document.number.as_str(), document.subject.as_str()];
    for row in rows {
        parts.extend([row.title.as_str(), row.summary.as_str(), row.body.as_str()]);
    }
    folded_words(&parts)
}
