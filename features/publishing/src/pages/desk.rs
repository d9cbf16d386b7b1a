//! A publication on the desk when it is not being written: what it is, whom it reaches, what can be
//! decided, what happened. The preview exactly as readers see it, and texts that were kept.

use kernel::{
    axum::{
        extract::{Path, Query},
        http::StatusCode,
    },
    clock::Timestamp,
    db::Tx,
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, FieldError, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Editor, Staff, form::DraftForm, id_of, list};
use crate::{
    actions::{APPROVE, EDIT, editing, editing::KeptText, seeing},
    model::{
        ConflictId, PublicationId, SOURCE_LANGUAGE,
        draft::Draft,
        version::{NOT_FOUND, Phase, Version},
        view::ArticleView,
    },
    store::{reading, reference},
};

pub(super) const DESK: Template<DeskPage> = Template::new("publishing/desk.html");
pub(super) const PREVIEW: Template<PreviewPage> = Template::new("publishing/preview.html");
pub(super) const CONFLICT: Template<ConflictPage> = Template::new("publishing/conflict.html");

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

/// A row of the summary list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SummaryRow {
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DeskPage {
    pub desk: DeskView,
    pub errors: Vec<FieldError>,
    pub rows: Vec<SummaryRow>,
    pub may_edit: bool,
    pub may_approve: bool,
    pub is_own_work: bool,
    pub may_return: bool,
    pub may_withdraw: bool,
    pub may_correct: bool,
    pub publish_day: String,
    pub publish_time: String,
    pub remark: String,
    pub reason: String,
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
    let languages = reference::languages(tx).await?;
    let audiences = reference::audiences(tx).await?;
    let language_name = |tag: &str| {
        let found = languages.iter().find(|language| language.tag == tag);
        found.map_or_else(|| tag.to_owned(), |language| language.name.clone())
    };
    let reached = seeing::reached(&visit.app, tx, targets, &draft.audiences).await?;
    let reach = reached.into_iter().map(|one| ReachLine {
        audience: audiences
            .iter()
            .find(|audience| audience.code == one.audience)
            .map_or_else(|| one.audience.clone(), |audience| audience.name.clone()),
        count: one.count,
        villages: one.villages,
        unknown_villages: one.unknown_villages,
    });
    let published_at = None;
    let article =
        reading::version_as_article(tx, &version.publication.id, version.number, published_at)
            .await?;
    let digest = version.draft.text_digest();
    let mut texts: Vec<TextLine> = desk
        .texts
        .iter()
        .map(|text| TextLine {
            tag: text.language.clone(),
            language: language_name(&text.language),
            title: text.title.clone(),
            exists: true,
            is_stale: text.source_digest != digest,
            source_version: text.source_version,
        })
        .collect();
    let missing = draft.languages.iter().filter(|tag| !texts.iter().any(|text| text.tag == **tag));
    let missing: Vec<TextLine> = missing
        .map(|tag| TextLine {
            tag: tag.clone(),
            language: language_name(tag),
            title: String::new(),
            exists: false,
            is_stale: false,
            source_version: 0,
        })
        .collect();
    texts.extend(missing);
    let players = article.as_ref().map(|article| {
        let names = crate::model::view::Names { kinds: &[], themes: &[], languages: &languages };
        ArticleView::of(article, SOURCE_LANGUAGE, &names)
    });
    let sounds = desk.sounds.iter().map(|sound| {
        let player = players.as_ref().and_then(|view| {
            view.players.iter().find(|player| player.tag == sound.language)
        });
        let trouble_args = [("detail", sound.trouble_detail.clone())];
        SoundLine {
            id: sound.id.to_string(),
            tag: sound.language.clone(),
            language: language_name(&sound.language),
            voice: sound.voice.clone(),
            name: sound.original_name.clone(),
            state: visit.say(&format!("publishing-sound-{}", sound.state), &[]),
            state_kind: sound_status(&sound.state).to_owned(),
            trouble: if sound.trouble.is_empty() {
                String::new()
            } else {
                visit.say(&format!("publishing-trouble-{}", sound.trouble), &trouble_args)
            },
            warnings: sound
                .warnings
                .split_whitespace()
                .map(|warning| visit.say(&format!("publishing-sound-warning-{warning}"), &[]))
                .collect(),
            is_stale: sound.source_digest != digest,
            source_version: sound.source_version,
            src: player.map(|player| player.src.clone()).unwrap_or_default(),
            small_src: player.map(|player| player.small_src.clone()).unwrap_or_default(),
            bytes: player.map_or(0, |player| player.bytes),
            small_bytes: player.map_or(0, |player| player.small_bytes),
            seconds: player.map_or(0, |player| player.seconds),
        }
    });
    let picture = players.as_ref().and_then(|view| view.picture.as_ref()).map(|picture| PictureLine {
        src: picture.small_src.clone(),
        words: picture.words.clone(),
        width: picture.width,
        height: picture.height,
    });
    let returned = desk.history.iter().find(|deed| matches!(deed.deed.as_str(), "returned" | "submitted"));
    let remark = returned.filter(|deed| deed.deed == "returned" && version.phase == Phase::Draft);
    let state = version.state(tx.now().day());
    Ok(DeskView {
        id: version.publication.id.to_string(),
        version: version.number,
        revision: version.revision,
        title: draft.title.clone(),
        publisher: version.publication.publisher.clone(),
        state: list::state_words(visit, &state),
        state_kind: list::state_kind(state.code()).to_owned(),
        edited_by: version.edited_by_name.clone(),
        edited_at: version.edited_at.millis(),
        remark: remark.map(|deed| deed.remark.clone()).unwrap_or_default(),
        reach: reach.collect(),
        sounds: sounds.collect(),
        picture,
        conflicts: desk.conflicts.iter().map(|kept| conflict_line(version, kept)).collect(),
        history: desk.history.iter().map(|deed| happening(visit, deed)).collect(),
        texts,
    })
}

fn sound_status(state: &str) -> &'static str {
    match state {
        "ready" => "online",
        "failed" => "failed",
        _ => "waiting",
    }
}

fn conflict_line(version: &Version, kept: &crate::store::history::ConflictRow) -> ConflictLine {
    ConflictLine {
        href: format!("/bien-tap/{}/xung-dot/{}", version.publication.id, kept.id),
        name: kept.name.clone(),
        at: kept.at.millis(),
    }
}

fn happening(visit: &Visit, deed: &crate::store::history::DeedRow) -> Happening {
    let args = [("version", deed.version.to_string())];
    let mut text = visit.say(&format!("publishing-deed-{}", deed.deed), &args);
    if !deed.remark.is_empty() {
        text.push_str(": ");
        text.push_str(&deed.remark);
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

/// What the desk page shows besides; `typed` keeps what a refused form held.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub publish_day: String,
    pub publish_time: String,
    pub remark: String,
    pub reason: String,
}

/// The desk page of a publication.
pub(super) async fn page(
    visit: &Visit,
    id: &PublicationId,
    errors: Vec<FieldError>,
    typed: Typed,
) -> Outcome<DeskPage> {
    visit
        .app
        .db
        .view(async |tx| {
            let caller = &visit.caller;
            let desk = seeing::desk(tx, caller, id).await?;
            let version = &desk.version;
            let paths: Vec<_> = version.targets.iter().map(|target| target.path.clone()).collect();
            let over_targets = !version.targets.is_empty()
                && paths.iter().all(|path| caller.may(&APPROVE, path));
            let submitted = matches!(version.phase, Phase::Submitted { .. });
            let approved = matches!(version.phase, Phase::Approved { .. });
            let own = version.hands.iter().any(|hand| hand == caller.id());
            let may_edit = caller.may(&EDIT, &version.publication.home);
            let rows = summary(visit, tx, version).await?;
            Ok(DeskPage {
                desk: view(visit, tx, &desk, &paths, &version.draft).await?,
                errors,
                rows,
                may_edit: may_edit && version.phase == Phase::Draft,
                may_approve: over_targets && submitted && !own,
                is_own_work: over_targets && submitted && own,
                may_return: (submitted || approved) && (over_targets || (own && may_edit)),
                may_withdraw: over_targets && version.publication.is_public(),
                may_correct: may_edit && matches!(version.phase, Phase::Published { .. }),
                publish_day: typed.publish_day,
                publish_time: typed.publish_time,
                remark: typed.remark,
                reason: typed.reason,
            })
        })
        .await
}

async fn summary(visit: &Visit, tx: &mut Tx, version: &Version) -> Outcome<Vec<SummaryRow>> {
    let kinds = reference::kinds(tx).await?;
    let themes = reference::themes(tx).await?;
    let audiences = reference::audiences(tx).await?;
    let languages = reference::languages(tx).await?;
    let draft = &version.draft;
    let named = |codes: &[String], names: Vec<(String, String)>| {
        let name = |code: &String| {
            names.iter().find(|(known, _)| known == code).map_or_else(|| code.clone(), |(_, name)| name.clone())
        };
        codes.iter().map(name).collect::<Vec<_>>().join("; ")
    };
    let kind = kinds.iter().find(|kind| kind.code == draft.kind);
    let areas: Vec<&str> = version.targets.iter().map(|target| target.name.as_str()).collect();
    let mut rows = vec![
        ("kind", kind.map(|kind| kind.name.clone()).unwrap_or_default()),
        ("areas", areas.join("; ")),
        ("themes", named(&draft.themes, themes.into_iter().map(|t| (t.code, t.name)).collect())),
        (
            "audiences",
            named(&draft.audiences, audiences.into_iter().map(|a| (a.code, a.name)).collect()),
        ),
        (
            "languages",
            named(&draft.languages, languages.into_iter().map(|l| (l.tag, l.name)).collect()),
        ),
    ];
    if kind.is_some_and(|kind| kind.has_document) {
        rows.push(("document_number", draft.document.number.clone()));
        rows.push(("document_authority", draft.document.authority.clone()));
    }
    if !draft.source.name.is_empty() {
        rows.push(("source_name", draft.source.name.clone()));
    }
    if let Some(day) = draft.expires {
        rows.push(("expires", day.short()));
    }
    if draft.is_urgent {
        rows.push(("urgent", visit.say("publishing-yes", &[])));
    }
    let rows = rows.into_iter().map(|(key, value)| SummaryRow {
        key: visit.say(&format!("publishing-field-{}", key.replace('_', "-")), &[]),
        value,
    });
    Ok(rows.collect())
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PreviewPage {
    pub id: String,
    pub article: ArticleView,
}

#[derive(Deserialize)]
pub(super) struct PreviewWishes {
    tieng: Option<String>,
}

pub(super) async fn preview(
    Staff(visit): Staff,
    Path(id): Path<String>,
    Query(wishes): Query<PreviewWishes>,
) -> Answer {
    let id = id_of(&id)?;
    let language = wishes.tieng.unwrap_or_else(|| SOURCE_LANGUAGE.to_owned());
    let context = visit
        .app
        .db
        .view(async |tx| {
            let desk = seeing::desk(tx, &visit.caller, &id).await?;
            let article =
                reading::version_as_article(tx, &id, desk.version.number, None).await?;
            let article = article.or_missing(&NOT_FOUND)?;
            let article = seeing::view(tx, &article, &language).await?;
            Ok(PreviewPage { id: id.to_string(), article })
        })
        .await?;
    visit.page(&PREVIEW, &context)
}

/// Both texts of a conflict, and a form that carries the kept one.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ConflictPage {
    pub id: String,
    pub conflict: String,
    pub action: String,
    pub there: Side,
    pub kept: Side,
    /// What the form sends so that the kept text takes the other's place.
    pub fields: Vec<SentField>,
    pub edit_href: String,
    pub may_send: bool,
}

/// A hidden field of the form.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SentField {
    pub name: String,
    pub value: String,
}

/// One of two texts.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Side {
    pub name: String,
    pub at: i64,
    pub language: String,
    pub rows: Vec<Difference>,
}

/// One field of one of two texts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    pub field: String,
    pub value: String,
    pub differs: bool,
}

pub(super) async fn conflict(
    Staff(visit): Staff,
    Path((id, conflict)): Path<(String, String)>,
) -> Answer {
    let id = id_of(&id)?;
    let conflict = ConflictId::parse(&conflict).or_missing(&NOT_FOUND)?;
    show_conflict(&visit, &id, &conflict, StatusCode::OK).await
}

/// Shows both texts; with 409 right after the save that came second.
pub(super) async fn show_conflict(
    visit: &Visit,
    id: &PublicationId,
    conflict: &ConflictId,
    status: StatusCode,
) -> Answer {
    let context = visit
        .app
        .db
        .view(async |tx| {
            let desk = seeing::desk(tx, &visit.caller, id).await?;
            let kept = desk.conflicts.iter().find(|kept| kept.id == *conflict);
            let kept = kept.or_missing(&NOT_FOUND)?;
            let text: KeptText = serde_json::from_str(&kept.draft)
                .map_err(|error| Failure::fault("read a kept text", error))?;
            Ok(conflict_page(visit, &desk, conflict, (&kept.name, kept.at), &text))
        })
        .await?;
    let mut response = visit.page(&CONFLICT, &context)?;
    *response.status_mut() = status;
    Ok(response)
}

fn conflict_page(
    visit: &Visit,
    desk: &seeing::Desk,
    conflict: &ConflictId,
    (name, at): (&str, Timestamp),
    text: &KeptText,
) -> ConflictPage {
    let version = &desk.version;
    let id = &version.publication.id;
    let (there, kept, mut fields, action, edit_href) = match text {
        KeptText::Draft(draft) => {
            let there = form_fields(&DraftForm::from(&version.draft));
            let kept = form_fields(&DraftForm::from(&**draft));
            let mut fields = kept.clone();
            fields.push(Choice::new("revision", version.revision.to_string()));
            let href = format!("/bien-tap/{id}");
            (there, kept, fields, href.clone(), href)
        }
        KeptText::Translation(translation) => {
            let row = desk.texts.iter().find(|text| text.language == translation.language);
            let empty = ["title", "summary", "body"].map(|field| Choice::new(field, ""));
            let there = row.map_or(empty.to_vec(), |row| {
                vec![
                    Choice::new("title", &row.title),
                    Choice::new("summary", &row.summary),
                    Choice::new("body", &row.body),
                ]
            });
            let kept = vec![
                Choice::new("title", &translation.title),
                Choice::new("summary", &translation.summary),
                Choice::new("body", &translation.body),
            ];
            let mut fields = kept.clone();
            let base = row.map_or(0, |row| row.edited_at.millis());
            fields.push(Choice::new("base", base.to_string()));
            let href = format!("/bien-tap/{id}/ban-dich/{}", translation.language);
            (there, kept, fields, href.clone(), href)
        }
    };
    fields.push(Choice::new("uses", conflict.as_str()));
    ConflictPage {
        id: id.to_string(),
        conflict: conflict.to_string(),
        action,
        there: Side {
            name: version.edited_by_name.clone(),
            at: version.edited_at.millis(),
            language: String::new(),
            rows: differences(visit, &there, &kept),
        },
        kept: Side {
            name: name.to_owned(),
            at: at.millis(),
            language: String::new(),
            rows: differences(visit, &kept, &there),
        },
        fields: fields.into_iter().map(|one| SentField { name: one.value, value: one.label }).collect(),
        edit_href,
        may_send: version.phase == Phase::Draft
            && visit.caller.may(&EDIT, &version.publication.home),
    }
}

/// A form as name and value pairs, as it is sent.
fn form_fields(form: &DraftForm) -> Vec<Choice> {
    let mut fields = vec![
        Choice::new("kind", &form.kind),
        Choice::new("title", &form.title),
        Choice::new("summary", &form.summary),
        Choice::new("body", &form.body),
        Choice::new("source_name", &form.source_name),
        Choice::new("source_url", &form.source_url),
        Choice::new("source_date", &form.source_date),
        Choice::new("document_number", &form.document_number),
        Choice::new("document_authority", &form.document_authority),
        Choice::new("document_issued", &form.document_issued),
        Choice::new("document_effective", &form.document_effective),
        Choice::new("document_subject", &form.document_subject),
        Choice::new("expires", &form.expires),
    ];
    if form.is_urgent {
        fields.push(Choice::new("is_urgent", "1"));
    }
    let lists = [
        ("areas", &form.areas),
        ("themes", &form.themes),
        ("audiences", &form.audiences),
        ("languages", &form.languages),
    ];
    for (name, values) in lists {
        fields.extend(values.iter().map(|value| Choice::new(name, value)));
    }
    fields
}

/// The fields of one side with the mark whether the other side says something else.
fn differences(visit: &Visit, side: &[Choice], other: &[Choice]) -> Vec<Difference> {
    let mut names: Vec<&str> = Vec::new();
    for field in side.iter().chain(other) {
        if !names.contains(&field.value.as_str()) {
            names.push(&field.value);
        }
    }
    let value_of = |fields: &[Choice], name: &str| {
        let mut values: Vec<&str> =
            fields.iter().filter(|one| one.value == name).map(|one| one.label.as_str()).collect();
        values.sort_unstable();
        values.join("; ")
    };
    names
        .into_iter()
        .map(|name| (name, value_of(side, name), value_of(other, name)))
        .filter(|(_, value, other)| !value.is_empty() || !other.is_empty())
        .map(|(name, value, other)| Difference {
            field: visit.say(
                &format!("publishing-field-{}", name.trim_start_matches("is_").replace('_', "-")),
                &[],
            ),
            differs: value != other,
            value,
        })
        .collect()
}

pub(super) async fn drop_conflict(
    Editor(visit): Editor,
    Path((id, conflict)): Path<(String, String)>,
    _: Posted,
) -> Answer {
    let id = id_of(&id)?;
    let conflict = ConflictId::parse(&conflict).or_missing(&NOT_FOUND)?;
    editing::drop_kept(&visit.app.db, &visit.caller, &id, &conflict).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-dropped")
}
