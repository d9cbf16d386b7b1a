//! What readers are shown. Withdrawn and expired publications are hidden here, by date, so that a
//! node that sleeps for a week hides them when it wakes.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql, text,
};
use serde::{Deserialize, Serialize};

use crate::model::{
    PublicationId, SOURCE_LANGUAGE, markdown,
    reading::{Article, ArticleText, Headline, ListQuery, Modality, Rendition},
};

use super::{sounds, texts, versions};

/// What a list shows of a version, kept beside it so that a list is one statement.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Card {
    /// The title lists fall back to, and its language.
    pub title: String,
    pub summary: String,
    pub language: String,
    pub themes: Vec<String>,
    pub audiences: Vec<String>,
    pub texts: Vec<String>,
    pub sounds: Vec<String>,
    pub picture: Option<String>,
}

row_struct! {
    struct HeadlineRow {
        publication: PublicationId,
        version: u32,
        kind: String,
        priority: i64,
        document_number: String,
        published_at: Timestamp,
        card: String,
        title: Option<String>,
        summary: Option<String>,
        sound_language: Option<String>,
        sound_hash: Option<String>,
        sound_bytes: Option<i64>,
        sound_ms: Option<i64>,
        sound_bps: Option<i64>,
        sound_voice: Option<String>,
        sound_version: Option<i64>,
        sound_stale: Option<bool>,
        arrived_at: Option<Timestamp>,
    }
    struct ArticleRow {
        version: u32,
        expires_on: Day,
        published_at: Option<Timestamp>,
    }
}

/// Words a search may have; more are passed over.
const WORDS_MAX: usize = 6;
/// Most rows a list gives.
const ROWS_MAX: usize = 200;

/// The folded words of a text with spaces around, so that a word is found from its beginning.
pub(crate) fn folded_words(parts: &[&str]) -> String {
    format!(" {} ", text::fold(&parts.join(" ")))
}

/// LIKE patterns for the words of a search; folded words hold no wildcard.
pub(crate) fn word_patterns(asked: &str) -> [String; WORDS_MAX] {
    let folded = text::fold(asked);
    let mut patterns: [String; WORDS_MAX] = std::array::from_fn(|_| "%".to_owned());
    for (pattern, word) in patterns.iter_mut().zip(folded.split(' ').filter(|w| !w.is_empty())) {
        *pattern = format!("% {word}%");
    }
    patterns
}

/// The conditions of a list, as the statements below number them.
struct Conditions {
    values: Vec<Value>,
}

impl Conditions {
    fn of(query: &ListQuery, today: Day, now: Timestamp) -> Self {
        let code = |code: &Option<String>| code.clone().unwrap_or_default();
        let place = query.place.as_ref();
        let (low, high) = place.map(ScopePath::range).unwrap_or_default();
        let mut values: Vec<Value> = vec![
            today.into(),
            now.into(),
            code(&query.kind).into(),
            code(&query.theme).into(),
            code(&query.audience).into(),
            place.map_or("", ScopePath::as_str).into(),
            low.into(),
            high.into(),
        ];
        let patterns = word_patterns(query.text.as_deref().unwrap_or_default());
        values.extend(patterns.into_iter().map(Value::from));
        Self { values }
    }
}

macro_rules! public_where {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " where p.public_version > p.withdrawn_version and v.expires_on > $1 and coalesce(v.publish_at, 0) <= $2 \
              and ($3 = '' or v.kind = $3) \
              and ($4 = '' or exists (select 1 from publishing_labels l where l.publication = v.publication \
                  and l.version = v.version and l.axis = 'theme' and l.code = $4)) \
              and ($5 = '' or exists (select 1 from publishing_labels l where l.publication = v.publication \
                  and l.version = v.version and l.axis = 'audience' and l.code = $5)) \
              and ($6 = '' or exists (select 1 from publishing_targets g where g.publication = v.publication \
                  and g.version = v.version and ((g.path >= $7 and g.path < $8) or substr($6, 1, length(g.path)) = g.path)) \
                  or exists (select 1 from publishing_carried g where g.publication = v.publication \
                  and g.version = v.version and ((g.path >= $7 and g.path < $8) or substr($6, 1, length(g.path)) = g.path))) \
              and v.folded like $9 and v.folded like $10 and v.folded like $11 and v.folded like $12 \
              and v.folded like $13 and v.folded like $14",
            $tail
        )
    };
}

/// The newest publications that fit, newest first.
pub async fn latest(tx: &mut Tx, query: &ListQuery) -> Result<Vec<Headline>, DbError> {
    let language = query.language.clone().unwrap_or_else(|| SOURCE_LANGUAGE.to_owned());
    let mut values = Conditions::of(query, tx.now().day(), tx.now()).values;
    values.push((&language).into());
    values.push(if query.limit == 0 { 20 } else { query.limit.min(ROWS_MAX) }.into());
    values.push(query.offset.into());
    let rows: Vec<HeadlineRow> = tx
        .all(
            sql!(public_where!(
                "select v.publication, v.version, v.kind, v.priority, v.document_number, v.published_at, v.card, \
                  w.title, w.summary, coalesce(a.language, b.language) as sound_language, \
                  coalesce(a.hash, b.hash) as sound_hash, coalesce(a.bytes, b.bytes) as sound_bytes, \
                  coalesce(a.duration_ms, b.duration_ms) as sound_ms, \
                  coalesce(a.bitrate_bps, b.bitrate_bps) as sound_bps, \
                  coalesce(a.voice, b.voice) as sound_voice, \
                  coalesce(a.source_version, b.source_version) as sound_version, \
                  coalesce(a.is_stale, b.is_stale) as sound_stale, f.arrived_at \
                  from publishing_publications p \
                  join publishing_versions v on v.publication = p.id and v.version = p.public_version \
                  left join publishing_texts w on w.publication = v.publication and w.version = v.version and w.language = $15 \
                  left join publishing_renditions a on a.publication = v.publication and a.version = v.version \
                  and a.modality = 'audio' and a.rank = 0 and a.language = $15 \
                  left join publishing_renditions b on b.publication = v.publication and b.version = v.version \
                  and b.modality = 'audio' and b.rank = 0 and b.language = 'vi' \
                  left join publishing_files f on f.hash = coalesce(a.hash, b.hash)",
                " order by v.published_at desc nulls last, v.publication desc limit $16 offset $17"
            )),
            &values,
        )
        .await?;
    rows.into_iter().map(|row| row.headline(&language)).collect()
}

/// How many publications fit, whatever limit and offset say.
pub async fn count(tx: &mut Tx, query: &ListQuery) -> Result<usize, DbError> {
    let values = Conditions::of(query, tx.now().day(), tx.now()).values;
    let count: i64 = tx
        .one(
            sql!(public_where!(
                "select count(*) as value from publishing_publications p \
                  join publishing_versions v on v.publication = p.id and v.version = p.public_version",
                ""
            )),
            &values,
        )
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

impl HeadlineRow {
    fn headline(self, wanted: &str) -> Result<Headline, DbError> {
        let card: Card = serde_json::from_str(&self.card)
            .map_err(|error| DbError::unreadable("card", error.to_string()))?;
        let number = |value: Option<i64>| u64::try_from(value.unwrap_or(0)).unwrap_or(0);
        let small = |value: Option<i64>| u32::try_from(value.unwrap_or(0)).unwrap_or(0);
        let listen = self.sound_hash.map(|hash| Rendition {
            language: self.sound_language.unwrap_or_default(),
            modality: Modality::Audio,
            hash,
            bytes: number(self.sound_bytes),
            duration_ms: number(self.sound_ms),
            bitrate_bps: small(self.sound_bps),
            width: 0,
            height: 0,
            rank: 0,
            voice: self.sound_voice.unwrap_or_default(),
            source_version: small(self.sound_version),
            is_stale: self.sound_stale.unwrap_or(false),
            has_arrived: self.arrived_at.is_some(),
        });
        let (title, summary, language) = match (self.title, self.summary) {
            (Some(title), Some(summary)) => (title, summary, wanted.to_owned()),
            _ => (card.title, card.summary, card.language),
        };
        Ok(Headline {
            publication: self.publication,
            version: self.version,
            kind: self.kind,
            is_urgent: self.priority > 0,
            title,
            summary,
            language,
            document_number: self.document_number,
            published_at: self.published_at,
            themes: card.themes,
            audiences: card.audiences,
            texts: card.texts,
            sounds: card.sounds,
            listen,
            picture: card.picture,
        })
    }
}

/// The version that readers see, whole; none when it is withdrawn, expired or not there.
pub async fn article(tx: &mut Tx, id: &PublicationId) -> Result<Option<Article>, DbError> {
    let row: Option<ArticleRow> = tx
        .maybe(
            sql!("select v.version, v.expires_on, v.published_at from publishing_publications p \
                  join publishing_versions v on v.publication = p.id and v.version = p.public_version \
                  where p.id = $1 and p.public_version > p.withdrawn_version"),
            &[id.into()],
        )
        .await?;
    let Some(row) = row.filter(|row| row.expires_on > tx.now().day()) else { return Ok(None) };
    version_as_article(tx, id, row.version, row.published_at).await
}

/// When readers saw a first version of it, as far as this node was there.
pub async fn first_published(
    tx: &mut Tx,
    id: &PublicationId,
) -> Result<Option<Timestamp>, DbError> {
    let first: Option<i64> = tx
        .maybe(
            sql!(
                "select published_at as value from publishing_versions \
                  where publication = $1 and published_at is not null order by published_at limit 1"
            ),
            &[id.into()],
        )
        .await?;
    Ok(first.map(Timestamp::from_millis))
}

/// Any version as readers would see it: the preview before approval shows exactly this.
pub(crate) async fn version_as_article(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    published_at: Option<Timestamp>,
) -> Result<Option<Article>, DbError> {
    let Some(version) = versions::find(tx, id, number).await? else { return Ok(None) };
    let rows = texts::all(tx, id, number).await?;
    let renditions = sounds::renditions(tx, id, number).await?;
    let digest = version.draft.text_digest();
    let is_draft = published_at.is_none();
    let stale_files: Vec<&str> = renditions
        .iter()
        .filter(|file| file.modality == Modality::Text && file.is_stale)
        .map(|file| file.language.as_str())
        .collect();
    let article_texts = rows
        .iter()
        .map(|row| ArticleText {
            language: row.language.clone(),
            title: row.title.clone(),
            summary: row.summary.clone(),
            html: markdown::to_html(&row.body),
            source_version: row.source_version,
            is_stale: if row.source_digest.is_empty() {
                stale_files.contains(&row.language.as_str())
            } else {
                row.source_digest != digest
            },
            has_arrived: row.file.is_empty() || !row.body.is_empty(),
        })
        .collect();
    let draft = version.draft;
    Ok(Some(Article {
        publication: id.clone(),
        version: number,
        kind: draft.kind,
        is_urgent: draft.is_urgent,
        publisher: version.publication.publisher,
        published_at: published_at.unwrap_or_else(|| tx.now()),
        expires: draft.expires,
        texts: article_texts,
        renditions: if is_draft {
            with_staleness(tx, id, number, renditions, &digest).await?
        } else {
            renditions
        },
        picture_words: version.picture_words,
        themes: draft.themes,
        audiences: draft.audiences,
        languages: draft.languages,
        areas: version.targets.into_iter().map(|target| target.path).collect(),
        source: draft.source,
        document: draft.document,
    }))
}

/// While a version is a draft, its recordings grow stale as the text moves; they are marked for
/// good when it is published.
pub(crate) async fn with_staleness(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    mut renditions: Vec<Rendition>,
    digest: &str,
) -> Result<Vec<Rendition>, DbError> {
    let recordings = sounds::all(tx, id, number).await?;
    for rendition in renditions.iter_mut().filter(|one| one.modality == Modality::Audio) {
        let sound = recordings.iter().find(|sound| sound.language == rendition.language);
        rendition.is_stale = sound.is_some_and(|sound| sound.source_digest != digest);
    }
    Ok(renditions)
}

/// Others on the same themes, those that share most first.
pub async fn related(
    tx: &mut Tx,
    article: &Article,
    limit: usize,
) -> Result<Vec<Headline>, DbError> {
    let today = tx.now().day();
    let ids: Vec<String> = tx
        .all(
            sql!("select p.id as value from publishing_publications p \
                  join publishing_versions v on v.publication = p.id and v.version = p.public_version \
                  join publishing_labels l on l.publication = p.id and l.version = p.public_version and l.axis = 'theme' \
                  join publishing_labels m on m.axis = 'theme' and m.code = l.code and m.publication = $1 and m.version = $2 \
                  where p.id <> $1 and p.public_version > p.withdrawn_version and v.expires_on > $3 \
                  group by p.id order by count(*) desc, max(v.published_at) desc nulls last, p.id desc limit $4"),
            &[(&article.publication).into(), article.version.into(), today.into(), limit.min(20).into()],
        )
        .await?;
    let mut headlines = Vec::new();
    for id in ids.iter().filter_map(|id| PublicationId::parse(id)) {
        headlines.extend(one_headline(tx, &id).await?);
    }
    Ok(headlines)
}

/// The headline of one publication.
async fn one_headline(tx: &mut Tx, id: &PublicationId) -> Result<Option<Headline>, DbError> {
    let row: Option<HeadlineRow> = tx
        .maybe(
            sql!("select v.publication, v.version, v.kind, v.priority, v.document_number, v.published_at, v.card, \
                  w.title, w.summary, a.language as sound_language, a.hash as sound_hash, a.bytes as sound_bytes, \
                  a.duration_ms as sound_ms, a.bitrate_bps as sound_bps, a.voice as sound_voice, \
                  a.source_version as sound_version, a.is_stale as sound_stale, f.arrived_at \
                  from publishing_publications p \
                  join publishing_versions v on v.publication = p.id and v.version = p.public_version \
                  left join publishing_texts w on w.publication = v.publication and w.version = v.version and w.language = $2 \
                  left join publishing_renditions a on a.publication = v.publication and a.version = v.version \
                  and a.modality = 'audio' and a.rank = 0 and a.language = $2 \
                  left join publishing_files f on f.hash = a.hash where p.id = $1"),
            &[id.into(), SOURCE_LANGUAGE.into()],
        )
        .await?;
    row.map(|row| row.headline(SOURCE_LANGUAGE)).transpose()
}
