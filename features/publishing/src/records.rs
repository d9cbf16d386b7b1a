//! What other nodes said about publications: applied once however often it arrives, believed only
//! from the publication's own origin, and only for places the origin speaks for.

use kernel::{
    db::Tx,
    events::Doing,
    files::FileHash,
    problem::Outcome,
    records::{Incoming, RecordKind},
    tracing,
};

use crate::{
    Arrived, Release, Withdrawn,
    actions::{arrivals::TAKE_IN_TEXT, collecting},
    model::{
        SOURCE_LANGUAGE,
        draft::Draft,
        reading::{Modality, Rendition},
        record::{self, Record, RecordText, TextBody, WithdrawalRecord},
        version::TargetArea,
    },
    store::{
        files,
        reading::{Card, folded_words},
        received, sounds,
        texts::{self, TextRow},
        versions,
    },
};

/// The kinds of records publishing understands.
pub(crate) static ALL: &[RecordKind] = &[
    RecordKind {
        kind: record::PUBLICATION,
        name: "publication",
        apply: apply_publication,
        packing: None,
    },
    RecordKind {
        kind: record::WITHDRAWAL,
        name: "withdrawal",
        apply: apply_withdrawal,
        packing: None,
    },
];

fn apply_publication<'a>(tx: &'a mut Tx, incoming: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let Some(record) = Record::from_bytes(&incoming.body) else {
            tracing::warn!(origin = %incoming.origin, seq = incoming.seq, "a publication record makes no sense; passed over");
            return Ok(());
        };
        if !incoming.targets.iter().all(|target| incoming.scope.contains(target)) {
            tracing::warn!(origin = %incoming.origin, seq = incoming.seq, "a publication aims beyond its origin's scope; passed over");
            return Ok(());
        }
        receive(tx, incoming, &record).await
    })
}

async fn receive(tx: &mut Tx, incoming: &Incoming, record: &Record) -> Outcome<()> {
    let origin = incoming.origin.to_string();
    received::begin(tx, &record.id, &origin, &incoming.scope).await?;
    let known = received::known(tx, &record.id).await?;
    if known.is_none_or(|known| known.origin != origin) {
        tracing::warn!(publication.id = %record.id, origin, "another origin owns this publication; passed over");
        return Ok(());
    }
    let card = serde_json::to_string(&card(record))
        .map_err(|error| kernel::problem::Failure::fault("write a card", error))?;
    let folded = folded(record);
    let fresh =
        received::insert_version(tx, record, &origin, &card, &folded, &incoming.body).await?;
    if !fresh {
        return Ok(());
    }
    write_parts(tx, incoming, record).await?;
    received::put_public(tx, &record.id, record.version, &record.publisher).await?;
    if record.version > 1 {
        collecting::later(tx).await?;
    }
    let vietnamese = record.texts.iter().find(|text| text.language == SOURCE_LANGUAGE);
    let title = vietnamese.or(record.texts.first()).map(|text| text.title.clone());
    tx.announce(&Arrived(Release {
        publication: record.id.clone(),
        version: record.version,
        title: title.unwrap_or_default(),
        themes: record.themes.clone(),
        audiences: record.audiences.clone(),
        languages: record.languages.clone(),
        areas: incoming.targets.clone(),
        at: record.published_at,
    }))
    .await?;
    Ok(())
}

async fn write_parts(tx: &mut Tx, incoming: &Incoming, record: &Record) -> Outcome<()> {
    let mut targets = Vec::new();
    for path in &incoming.targets {
        let area = areas::by_path(tx, path).await?;
        let name = area.map(|area| area.full_name).unwrap_or_default();
        let id = path.last().unwrap_or_default().to_owned();
        targets.push(TargetArea { area: id, path: path.clone(), name });
    }
    versions::put_targets(tx, &record.id, record.version, &targets).await?;
    let labels = Draft {
        themes: record.themes.clone(),
        audiences: record.audiences.clone(),
        languages: record.languages.clone(),
        ..Draft::default()
    };
    versions::put_labels(tx, &record.id, record.version, &labels).await?;
    for text in &record.texts {
        write_text(tx, incoming, record, text).await?;
    }
    for file in &record.renditions {
        let rendition = Rendition {
            language: file.language.clone(),
            modality: file.modality,
            hash: FileHash(file.hash).hex(),
            bytes: file.bytes,
            duration_ms: file.duration_ms,
            bitrate_bps: file.bitrate_bps,
            width: file.width,
            height: file.height,
            rank: file.rank,
            voice: file.voice.clone(),
            source_version: file.source_version,
            is_stale: file.is_stale,
            has_arrived: false,
        };
        files::put_expected(tx, &rendition.hash, file.modality, file.bytes).await?;
        sounds::put_rendition(tx, &record.id, record.version, &rendition).await?;
    }
    Ok(())
}

async fn write_text(
    tx: &mut Tx,
    incoming: &Incoming,
    record: &Record,
    text: &RecordText,
) -> Outcome<()> {
    let (summary, body, file) = match &text.body {
        TextBody::Inline { summary, body } => (summary.clone(), body.clone(), String::new()),
        TextBody::File { hash, bytes } => {
            let hash = FileHash(*hash);
            files::put_expected(tx, &hash.hex(), Modality::Text, *bytes).await?;
            let rendition = Rendition {
                language: text.language.clone(),
                modality: Modality::Text,
                hash: hash.hex(),
                bytes: *bytes,
                duration_ms: 0,
                bitrate_bps: 0,
                width: 0,
                height: 0,
                rank: 0,
                voice: String::new(),
                source_version: text.source_version,
                is_stale: text.is_stale,
                has_arrived: false,
            };
            sounds::put_rendition(tx, &record.id, record.version, &rendition).await?;
            // A later version may name a text that came with an earlier one.
            let here = files::find(tx, &hash.hex()).await?;
            if here.is_some_and(|row| row.arrived_at.is_some()) {
                tx.queue(&TAKE_IN_TEXT, &hash.hex(), tx.now()).await?;
            }
            (String::new(), String::new(), hash.hex())
        }
    };
    let row = TextRow {
        language: text.language.clone(),
        title: text.title.clone(),
        summary,
        body,
        source_version: text.source_version,
        // Received texts carry their staleness as a mark: `-` never equals a digest.
        source_digest: if text.is_stale { "-".to_owned() } else { String::new() },
        file,
        edited_by: incoming.origin.to_string(),
        edited_at: record.published_at,
    };
    Ok(texts::put(tx, &record.id, record.version, &row).await?)
}

fn card(record: &Record) -> Card {
    let vietnamese = record.texts.iter().find(|text| text.language == SOURCE_LANGUAGE);
    let main = vietnamese.or(record.texts.first());
    let mut spoken: Vec<String> = record
        .renditions
        .iter()
        .filter(|file| file.modality == Modality::Audio)
        .map(|file| file.language.clone())
        .collect();
    spoken.dedup();
    let picture = record.renditions.iter().find(|file| file.modality == Modality::Picture);
    Card {
        title: main.map(|text| text.title.clone()).unwrap_or_default(),
        summary: match main.map(|text| &text.body) {
            Some(TextBody::Inline { summary, .. }) => summary.clone(),
            _ => String::new(),
        },
        language: main.map(|text| text.language.clone()).unwrap_or_default(),
        themes: record.themes.clone(),
        audiences: record.audiences.clone(),
        texts: record.texts.iter().map(|text| text.language.clone()).collect(),
        sounds: spoken,
        picture: picture.map(|file| FileHash(file.hash).hex()),
    }
}

fn folded(record: &Record) -> String {
    let mut parts = vec![record.document.number.as_str(), record.document.subject.as_str()];
    for text in &record.texts {
        parts.push(&text.title);
        if let TextBody::Inline { summary, body } = &text.body {
            parts.extend([summary.as_str(), body.as_str()]);
        }
    }
    folded_words(&parts)
}

fn apply_withdrawal<'a>(tx: &'a mut Tx, incoming: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let Some(record) = WithdrawalRecord::from_bytes(&incoming.body) else {
            tracing::warn!(origin = %incoming.origin, seq = incoming.seq, "a withdrawal record makes no sense; passed over");
            return Ok(());
        };
        let origin = incoming.origin.to_string();
        // A withdrawal travels ahead of ordinary texts and may overtake what it withdraws.
        received::begin(tx, &record.id, &origin, &incoming.scope).await?;
        let known = received::known(tx, &record.id).await?;
        let Some(known) = known.filter(|known| known.origin == origin) else {
            tracing::warn!(publication.id = %record.id, origin, "another origin owns this publication; passed over");
            return Ok(());
        };
        if known.withdrawn_version >= record.version {
            return Ok(());
        }
        versions::put_withdrawn(tx, &record.id, record.version, &record.reason, record.at).await?;
        tx.announce(&Withdrawn {
            publication: record.id.clone(),
            version: record.version,
            reason: record.reason.clone(),
            at: record.at,
        })
        .await?;
        Ok(())
    })
}

/// The kind of record that carries a publication.
pub const PUBLICATION_KIND: u16 = crate::model::record::PUBLICATION;

/// Which version of which publication a record's body carries, and its title; none when it cannot be
/// read. For whoever carries records and must say what arrived where.
pub fn named_in(body: &[u8]) -> Option<(crate::PublicationId, u32, String)> {
    let record = Record::from_bytes(body)?;
    let title = record.texts.first().map(|text| text.title.clone()).unwrap_or_default();
    Some((record.id, record.version, title))
}
