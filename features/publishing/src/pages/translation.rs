//! Translating: the Vietnamese text beside the form, and whether it has moved on since.

use kernel::{
    axum::{
        extract::{Path, Query},
        http::StatusCode,
    },
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, FieldError, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{Editor, EditorForm, conflict, id_of};
use crate::{
    actions::{
        EDIT,
        editing::{self, SaveTranslation, Saved},
        seeing,
    },
    model::{
        ConflictId, PublicationId, SOURCE_LANGUAGE, draft::Translation, markdown,
        version::NOT_FOUND,
    },
    store::reference,
};

pub(super) const TRANSLATION: Template<TranslationPage> =
    Template::new("publishing/translation.html");

#[derive(Debug, Default, Serialize)]
pub(super) struct TranslationPage {
    pub id: String,
    pub tag: String,
    pub language: String,
    pub errors: Vec<FieldError>,
    pub source_title: String,
    pub source_summary: String,
    pub source_html: String,
    pub title: String,
    pub summary: String,
    pub body: String,
    pub html: String,
    pub base: i64,
    pub uses: String,
    pub exists: bool,
    pub is_stale: bool,
}

/// What was typed and not saved.
struct Typed {
    translation: Translation,
    base: i64,
    uses: String,
    with_preview: bool,
}

async fn page(
    visit: &Visit,
    id: &PublicationId,
    tag: &str,
    errors: Vec<FieldError>,
    typed: Option<Typed>,
) -> Outcome<TranslationPage> {
    visit
        .app
        .db
        .view(async |tx| {
            let desk = seeing::desk(tx, &visit.caller, id).await?;
            visit.caller.must(&EDIT, &desk.version.publication.home)?;
            desk.version.must_be_draft()?;
            let languages = reference::languages(tx).await?;
            let language = languages.into_iter().find(|language| language.tag == tag);
            let language =
                language.filter(|one| one.tag != SOURCE_LANGUAGE).or_missing(&NOT_FOUND)?;
            let there = desk.texts.iter().find(|text| text.language == tag);
            let draft = &desk.version.draft;
            let typed = typed.unwrap_or_else(|| Typed {
                translation: Translation {
                    language: tag.to_owned(),
                    title: there.map(|text| text.title.clone()).unwrap_or_default(),
                    summary: there.map(|text| text.summary.clone()).unwrap_or_default(),
                    body: there.map(|text| text.body.clone()).unwrap_or_default(),
                },
                base: there.map_or(0, |text| text.edited_at.millis()),
                uses: String::new(),
                with_preview: false,
            });
            let html = if typed.with_preview {
                markdown::to_html(&typed.translation.body)
            } else {
                String::new()
            };
            Ok(TranslationPage {
                id: id.to_string(),
                tag: language.tag,
                language: language.name,
                errors,
                source_title: draft.title.clone(),
                source_summary: draft.summary.clone(),
                source_html: markdown::to_html(&draft.body),
                html,
                title: typed.translation.title,
                summary: typed.translation.summary,
                body: typed.translation.body,
                base: typed.base,
                uses: typed.uses,
                exists: there.is_some(),
                is_stale: there.is_some_and(|text| text.source_digest != draft.text_digest()),
            })
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    tieng: Option<String>,
}

/// From the language chosen in a list to its page.
pub(super) async fn choose(
    Editor(_): Editor,
    Path(id): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    let id = id_of(&id)?;
    let tag = chosen.tieng.filter(|tag| kernel::ids::is_well_formed(tag)).or_missing(&NOT_FOUND)?;
    Ok(see_other(&format!("/bien-tap/{id}/ban-dich/{tag}")))
}

pub(super) async fn show(Editor(visit): Editor, Path((id, tag)): Path<(String, String)>) -> Answer {
    let context = page(&visit, &id_of(&id)?, &tag, Vec::new(), None).await?;
    visit.page(&TRANSLATION, &context)
}

pub(super) async fn save(
    Path((id, tag)): Path<(String, String)>,
    EditorForm(visit, fields): EditorForm,
) -> Answer {
    let id = id_of(&id)?;
    let translation = Translation {
        language: tag.clone(),
        title: fields.line("title"),
        summary: fields.line("summary"),
        body: fields.lines("body"),
    };
    let typed = Typed {
        translation: translation.clone(),
        base: fields.number("base").unwrap_or(0),
        uses: fields.line("uses"),
        with_preview: fields.line("then") == "preview",
    };
    if typed.with_preview {
        let context = page(&visit, &id, &tag, Vec::new(), Some(typed)).await?;
        return visit.page(&TRANSLATION, &context);
    }
    let save = SaveTranslation {
        publication: id.clone(),
        base: typed.base,
        translation,
        uses: ConflictId::parse(&typed.uses),
    };
    match editing::translate(&visit.app.db, &visit.caller, save).await {
        Ok(Saved::Done { .. }) => {
            visit.done(&format!("/bien-tap/{id}"), "publishing-done-translated")
        }
        Ok(Saved::Kept(kept)) => {
            conflict::show_conflict(&visit, &id, &kept, StatusCode::CONFLICT).await
        }
        Err(Failure::Problem(problem)) if !problem.fields.is_empty() => {
            let errors = visit.errors(&problem.fields);
            let context = page(&visit, &id, &tag, errors, Some(typed)).await?;
            let mut response = visit.page(&TRANSLATION, &context)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(failure) => Err(failure),
    }
}

pub(super) async fn remove(
    Path((id, tag)): Path<(String, String)>,
    EditorForm(visit, _): EditorForm,
) -> Answer {
    let id = id_of(&id)?;
    editing::remove_translation(&visit.app.db, &visit.caller, &id, &tag).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-removed")
}
