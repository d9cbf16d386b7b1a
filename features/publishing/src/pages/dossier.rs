//! What every page about one publication shows: where it stands, whom it reaches, its texts and
//! recordings, what happened to it.

use kernel::{db::Tx, problem::Outcome, scope::ScopePath, web::Visit};
use serde::Serialize;

use super::list;
use crate::{
    actions::seeing,
    model::{
        SOURCE_LANGUAGE,
        draft::Draft,
        reference::Language,
        version::{Phase, Version},
        view::{ArticleView, Names, Player},
    },
    store::{
        history::{ConflictRow, DeedRow},
        reading, reference,
        sounds::SoundRow,
    },
};

/// What every page about one publication shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DeskView {
    pub id: String,
    pub version: u32,
    pub revision: u32,
    pub title: String,
    pub publisher: String,
    pub state: String,
    pub state_kind: String,
    pub edited_by: String,
    pub edited_at: i64,
    /// The remark with which it came back, while it is a draft again.
    pub remark: String,
    pub reach: Vec<ReachLine>,
    pub texts: Vec<TextLine>,
    pub sounds: Vec<SoundLine>,
    pub picture: Option<PictureLine>,
    pub conflicts: Vec<ConflictLine>,
    pub history: Vec<Happening>,
    /// The numbers of versions that were let go, the newest first.
    pub discarded: Vec<u32>,
    /// Readers have seen it: whom it was to reach was settled then.
    pub is_published: bool,
    /// Some recording reads an older text.
    pub has_old_sound: bool,
}

/// Whom a target reaches in one audience.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReachLine {
    pub audience: String,
    pub count: Option<i64>,
    pub villages: i64,
    pub unknown_villages: i64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct TextLine {
    pub tag: String,
    pub language: String,
    pub title: String,
    pub exists: bool,
    pub is_stale: bool,
    pub source_version: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct SoundLine {
    pub id: String,
    pub tag: String,
    pub language: String,
    pub voice: String,
    pub name: String,
    pub state: String,
    pub state_kind: String,
    pub trouble: String,
    pub warnings: Vec<String>,
    pub is_stale: bool,
    pub source_version: u32,
    pub src: String,
    pub small_src: String,
    pub bytes: u64,
    pub small_bytes: u64,
    pub seconds: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PictureLine {
    pub src: String,
    pub words: String,
    pub width: u32,
    pub height: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ConflictLine {
    pub href: String,
    pub name: String,
    pub at: i64,
}

/// A line of the history, as the timeline macro wants it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Happening {
    pub when: String,
    pub who: String,
    pub text: String,
    pub kind: String,
}

/// Builds what every page about one publication shows, for a draft that may not be saved yet.
pub(super) async fn view(
    visit: &Visit,
    tx: &mut Tx,
    desk: &seeing::Desk,
    targets: &[ScopePath],
    draft: &Draft,
) -> Outcome<DeskView> {
    let version = &desk.version;
    let (id, number) = (&version.publication.id, version.number);
    let languages = reference::languages(tx).await?;
    let reach = reach_lines(visit, tx, targets, &draft.audiences).await?;
    let article = reading::version_as_article(tx, id, number, None).await?;
    let players = article.as_ref().map(|article| {
        let names = Names { kinds: &[], themes: &[], languages: &languages };
        ArticleView::of(article, SOURCE_LANGUAGE, &names)
    });
    let players = players.as_ref();
    let picture = players.and_then(|view| view.picture.as_ref()).map(|picture| PictureLine {
        src: picture.small_src.clone(),
        words: picture.words.clone(),
        width: picture.width,
        height: picture.height,
    });
    let sounds: Vec<SoundLine> = desk
        .sounds
        .iter()
        .map(|sound| {
            let player =
                players.and_then(|view| view.players.iter().find(|one| one.tag == sound.language));
            let is_stale = sound.source_digest != version.draft.text_digest();
            SoundLine { is_stale, ..sound_line(visit, sound, player, &languages) }
        })
        .collect();
    let turned = |deed: &&DeedRow| matches!(deed.deed.as_str(), "returned" | "submitted");
    let remark = desk.history.iter().find(turned);
    let remark = remark.filter(|deed| deed.deed == "returned" && version.phase == Phase::Draft);
    let state = version.state(tx.now().day());
    Ok(DeskView {
        id: id.to_string(),
        version: number,
        revision: version.revision,
        title: draft.title.clone(),
        publisher: version.publication.publisher.clone(),
        state: list::state_words(visit, &state),
        state_kind: list::state_kind(state.code()).to_owned(),
        edited_by: version.edited_by_name.clone(),
        edited_at: version.edited_at.millis(),
        remark: remark.map(|deed| deed.remark.clone()).unwrap_or_default(),
        reach,
        is_published: matches!(version.phase, Phase::Published { .. }),
        has_old_sound: sounds.iter().any(|sound| sound.is_stale),
        sounds,
        picture,
        conflicts: desk.conflicts.iter().map(|kept| conflict_line(version, kept)).collect(),
        history: desk.history.iter().map(|deed| happening(visit, deed, &languages)).collect(),
        discarded: desk.discarded.clone(),
        texts: text_lines(desk, draft, &languages),
    })
}

async fn reach_lines(
    visit: &Visit,
    tx: &mut Tx,
    targets: &[ScopePath],
    audiences: &[String],
) -> Outcome<Vec<ReachLine>> {
    let known = reference::audiences(tx).await?;
    let reached = seeing::reached(&visit.app, tx, targets, audiences).await?;
    let lines = reached.into_iter().map(|one| {
        let name = known.iter().find(|audience| audience.code == one.audience);
        ReachLine {
            audience: name.map_or(one.audience, |audience| audience.name.clone()),
            count: one.count,
            villages: one.villages,
            unknown_villages: one.unknown_villages,
        }
    });
    Ok(lines.collect())
}

fn language_name(languages: &[Language], tag: &str) -> String {
    let found = languages.iter().find(|language| language.tag == tag);
    found.map_or_else(|| tag.to_owned(), |language| language.name.clone())
}

/// The texts there are, and those that are asked for and missing.
fn text_lines(desk: &seeing::Desk, draft: &Draft, languages: &[Language]) -> Vec<TextLine> {
    let digest = desk.version.draft.text_digest();
    let there = desk.texts.iter().map(|text| TextLine {
        tag: text.language.clone(),
        language: language_name(languages, &text.language),
        title: text.title.clone(),
        exists: true,
        is_stale: text.source_digest != digest,
        source_version: text.source_version,
    });
    let missing = draft
        .languages
        .iter()
        .filter(|tag| !desk.texts.iter().any(|text| text.language == **tag))
        .map(|tag| TextLine {
            tag: tag.clone(),
            language: language_name(languages, tag),
            title: String::new(),
            exists: false,
            is_stale: false,
            source_version: 0,
        });
    there.chain(missing).collect()
}

fn sound_line(
    visit: &Visit,
    sound: &SoundRow,
    player: Option<&Player>,
    languages: &[Language],
) -> SoundLine {
    let warnings = sound.warnings.split_whitespace();
    let trouble = |key: &str| {
        let detail = [("detail", sound.trouble_detail.clone())];
        visit.say(&format!("publishing-trouble-{key}"), &detail)
    };
    SoundLine {
        id: sound.id.to_string(),
        tag: sound.language.clone(),
        language: language_name(languages, &sound.language),
        voice: sound.voice.clone(),
        name: sound.original_name.clone(),
        state: visit.say(&format!("publishing-sound-{}", sound.state), &[]),
        state_kind: sound_status(&sound.state).to_owned(),
        trouble: Some(sound.trouble.as_str())
            .filter(|key| !key.is_empty())
            .map(trouble)
            .unwrap_or_default(),
        warnings: warnings
            .map(|warning| visit.say(&format!("publishing-sound-warning-{warning}"), &[]))
            .collect(),
        is_stale: false,
        source_version: sound.source_version,
        src: player.map(|player| player.src.clone()).unwrap_or_default(),
        small_src: player.map(|player| player.small_src.clone()).unwrap_or_default(),
        bytes: player.map_or(0, |player| player.bytes),
        small_bytes: player.map_or(0, |player| player.small_bytes),
        seconds: player.map_or(0, |player| player.seconds),
    }
}

fn sound_status(state: &str) -> &'static str {
    match state {
        "ready" => "online",
        "failed" => "failed",
        _ => "waiting",
    }
}

fn conflict_line(version: &Version, kept: &ConflictRow) -> ConflictLine {
    ConflictLine {
        href: format!("/bien-tap/{}/xung-dot/{}", version.publication.id, kept.id),
        name: kept.name.clone(),
        at: kept.at.millis(),
    }
}

fn happening(visit: &Visit, deed: &DeedRow, languages: &[Language]) -> Happening {
    let args = [("version", deed.version.to_string())];
    let mut text = visit.say(&format!("publishing-deed-{}", deed.deed), &args);
    let remark = match deed.deed.as_str() {
        "translated" | "untranslated" | "sound-added" | "sound-removed" => {
            language_name(languages, &deed.remark)
        }
        _ => deed.remark.clone(),
    };
    if !remark.is_empty() {
        text.push_str(": ");
        text.push_str(&remark);
    }
    Happening {
        when: deed.at.short(),
        who: deed.name.clone(),
        text,
        kind: match deed.deed.as_str() {
            "published" | "approved" => "done",
            "withdrawn" | "returned" => "warn",
            _ => "",
        }
        .to_owned(),
    }
}
