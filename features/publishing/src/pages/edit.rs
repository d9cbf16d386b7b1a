//! Writing: the first few fields of a new publication, and the long form of a draft with its
//! preview. Nothing that was typed is lost by a refusal.

use areas::{AreaId, place_field};
use kernel::{
    axum::{
        extract::{Path, Query},
        http::StatusCode,
    },
    db::Tx,
    problem::{Failure, FormProblems, Outcome},
    web::{Answer, FieldError, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Choice, Editor, EditorForm, Staff, conflict, desk,
    dossier::{self, DeskView},
    form::DraftForm,
    id_of,
};
use crate::{
    actions::{
        EDIT,
        editing::{self, Begin, Save, Saved},
        seeing,
    },
    model::{
        ConflictId, PublicationId,
        draft::Draft,
        markdown,
        version::{Phase, TargetArea},
    },
    store::reference,
};

pub(super) const NEW: Template<NewPage> = Template::new("publishing/new.html");
pub(super) const EDIT_PAGE: Template<EditPage> = Template::new("publishing/edit.html");

#[derive(Debug, Default, Serialize)]
pub(super) struct NewPage {
    pub errors: Vec<FieldError>,
    pub title: String,
    pub kind: String,
    pub home: String,
    pub kinds: Vec<Choice>,
    pub homes: Vec<Choice>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct EditPage {
    pub desk: DeskView,
    pub errors: Vec<FieldError>,
    pub form: DraftForm,
    /// A kept text that the next save uses up.
    pub uses: String,
    pub kinds: Vec<Choice>,
    pub areas: Vec<Choice>,
    pub area_query: String,
    pub area_not_found: bool,
    /// A sentence for each chosen area that lies inside another chosen one.
    pub nested: Vec<String>,
    pub themes: Vec<Choice>,
    pub audiences: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub other_languages: Vec<Choice>,
    pub preview: Option<Preview>,
    /// The box is ticked: recordings of an older text go along.
    pub old_sound: bool,
    pub upload: UploadForm,
}

/// What was typed beside a file that was refused.
#[derive(Debug, Default, Serialize)]
pub(super) struct UploadForm {
    pub sound_language: String,
    pub voice: String,
    pub picture_words: String,
}

/// A text as readers would see it.
#[derive(Debug, Serialize)]
pub(super) struct Preview {
    pub title: String,
    pub summary: String,
    pub html: String,
}

pub(super) async fn new(Editor(visit): Editor) -> Answer {
    let context = new_page(&visit, Vec::new(), &Draft::default(), "").await?;
    visit.page(&NEW, &context)
}

async fn new_page(
    visit: &Visit,
    errors: Vec<FieldError>,
    draft: &Draft,
    home: &str,
) -> Outcome<NewPage> {
    visit
        .app
        .db
        .view(async |tx| {
            let homes = homes(tx, visit).await?;
            let first = homes.first().map(|home| home.value.clone()).unwrap_or_default();
            Ok(NewPage {
                errors,
                title: draft.title.clone(),
                kind: draft.kind.clone(),
                home: if home.is_empty() { first } else { home.to_owned() },
                kinds: kinds(tx).await?,
                homes,
            })
        })
        .await
}

/// The areas in whose name the caller may publish.
async fn homes(tx: &mut Tx, visit: &Visit) -> Outcome<Vec<Choice>> {
    let mut homes = Vec::new();
    for scope in seeing::scopes(&visit.caller, &EDIT) {
        let area = match scope.last() {
            Some(_) => areas::by_path(tx, &scope).await?,
            None => areas::find(tx, &AreaId::country()).await?,
        };
        homes.extend(area.map(|area| Choice::new(area.id.as_str(), area.full_name)));
    }
    Ok(homes)
}

async fn kinds(tx: &mut Tx) -> Outcome<Vec<Choice>> {
    let kinds = reference::kinds(tx).await?;
    Ok(kinds.into_iter().map(|kind| Choice::new(kind.code, kind.name)).collect())
}

pub(super) async fn begin(EditorForm(visit, fields): EditorForm) -> Answer {
    let home = fields.line("home");
    let mut draft =
        Draft { title: fields.line("title"), kind: fields.line("kind"), ..Draft::default() };
    let home_area = AreaId::parse(&home);
    // Who writes for the whole country says so: a box that is ticked already is easily left ticked.
    let narrow = home_area.as_ref().filter(|id| **id != AreaId::country());
    draft.areas.extend(narrow.map(ToString::to_string));
    let begun = if let Some(home) = home_area {
        let begin = Begin { home, draft: draft.clone() };
        editing::begin(&visit.app.db, &visit.caller, begin).await
    } else {
        let mut problems = FormProblems::new();
        problems.add("home", "publishing-wrong-home");
        problems.check().and(Err(Failure::from(&areas::NOT_FOUND)))
    };
    match begun {
        Ok(id) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-begun"),
        Err(Failure::Problem(problem)) if !problem.fields.is_empty() => {
            let context = new_page(&visit, visit.errors(&problem.fields), &draft, &home).await?;
            let mut response = visit.page(&NEW, &context)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Deserialize)]
pub(super) struct Wishes {
    muc: Option<String>,
}

/// The long form for those who may write, the desk for everybody else and every other state.
pub(super) async fn show(
    Staff(visit): Staff,
    Path(id): Path<String>,
    Query(wishes): Query<Wishes>,
) -> Answer {
    let id = id_of(&id)?;
    let is_draft = visit
        .app
        .db
        .view(async |tx| {
            let desk = seeing::desk(tx, &visit.caller, &id).await?;
            let version = desk.version;
            Ok(version.phase == Phase::Draft && visit.caller.may(&EDIT, &version.publication.home))
        })
        .await?;
    if !is_draft || wishes.muc.as_deref() == Some("ho-so") {
        let context = desk::page(&visit, &id, Vec::new(), desk::Typed::default()).await?;
        return visit.page(&desk::DESK, &context);
    }
    let context = page(&visit, &id, Shown::default()).await?;
    visit.page(&EDIT_PAGE, &context)
}

/// What the edit page shows besides the saved draft.
#[derive(Default)]
pub(super) struct Shown {
    /// What was typed and not saved.
    pub typed: Option<DraftForm>,
    pub errors: Vec<FieldError>,
    pub area_query: String,
    pub uses: String,
    pub revision: Option<u32>,
    pub with_preview: bool,
    pub old_sound: bool,
    pub upload: UploadForm,
}

/// Builds the edit page.
pub(super) async fn page(visit: &Visit, id: &PublicationId, shown: Shown) -> Outcome<EditPage> {
    visit
        .app
        .db
        .view(async |tx| {
            let on_desk = seeing::desk(tx, &visit.caller, id).await?;
            let version = &on_desk.version;
            let form = shown.typed.unwrap_or_else(|| DraftForm::from(&version.draft));
            // Days that are no days do not stop the preview of everything else.
            let draft = form.draft().unwrap_or_else(|_| Draft {
                title: form.title.clone(),
                audiences: form.audiences.clone(),
                languages: form.languages.clone(),
                ..Draft::default()
            });
            let mut ignored = FormProblems::new();
            let targets = editing::resolve(tx, &visit.caller, &form.areas, &mut ignored).await?;
            let paths: Vec<_> = targets.iter().map(|target| target.path.clone()).collect();
            let mut view = dossier::view(visit, tx, &on_desk, &paths, &draft).await?;
            // The revision the form began from, not the newest: a refused save stays a late one.
            view.revision = shown.revision.unwrap_or(view.revision);
            let (areas, not_found) =
                area_choices(tx, visit, &targets, version, &shown.area_query).await?;
            let (languages, other_languages) = language_choices(tx, &form.languages).await?;
            let preview = shown.with_preview.then(|| Preview {
                title: form.title.clone(),
                summary: form.summary.clone(),
                html: markdown::to_html(&form.body),
            });
            let themes = reference::themes(tx).await?.into_iter();
            let audiences = reference::audiences(tx).await?.into_iter();
            Ok(EditPage {
                desk: view,
                errors: shown.errors,
                uses: shown.uses,
                kinds: kinds(tx).await?,
                areas,
                area_query: shown.area_query,
                area_not_found: not_found,
                nested: nested(visit, &targets),
                themes: themes.map(|theme| Choice::new(theme.code, theme.name)).collect(),
                audiences: audiences.map(|one| Choice::new(one.code, one.name)).collect(),
                languages,
                other_languages,
                preview,
                old_sound: shown.old_sound,
                upload: shown.upload,
                form,
            })
        })
        .await
}

/// A sentence for each chosen area that lies inside another: ticking it adds nobody, and whoever meant only it has
/// chosen too much.
fn nested(visit: &Visit, chosen: &[TargetArea]) -> Vec<String> {
    let sentence = |inner: &TargetArea| {
        let around =
            |outer: &&TargetArea| outer.path != inner.path && outer.path.contains(&inner.path);
        let outer = chosen.iter().find(around)?;
        let names = [("inner", inner.name.clone()), ("outer", outer.name.clone())];
        Some(visit.say("publishing-area-inside", &names))
    };
    chosen.iter().filter_map(sentence).collect()
}

/// Areas to tick: those chosen, the home, and what was looked for.
async fn area_choices(
    tx: &mut Tx,
    visit: &Visit,
    chosen: &[TargetArea],
    version: &crate::model::version::Version,
    asked: &str,
) -> Outcome<(Vec<Choice>, bool)> {
    let mut choices: Vec<Choice> = chosen
        .iter()
        .map(|target| Choice::new(target.area.as_str(), target.name.as_str()))
        .collect();
    let home = areas::by_path(tx, &version.publication.home).await?;
    if let Some(home) = home
        && !choices.iter().any(|choice| choice.value == home.id.as_str())
    {
        choices.push(Choice::new(home.id.as_str(), home.full_name));
    }
    if asked.is_empty() {
        return Ok((choices, false));
    }
    let may = |area: &areas::Area| visit.caller.may(&EDIT, &area.path);
    let wanted = place_field::Wanted { level: None, fits: &may };
    let mut any = false;
    for offer in place_field::offers(tx, asked, &wanted).await? {
        any = true;
        let id = offer.area.id.clone();
        if !choices.iter().any(|choice| choice.value == id.as_str()) {
            let place_field::Choice { label, hint, .. } = place_field::choice(visit, offer);
            let mut choice = Choice::new(id.as_str(), label);
            choice.hint = hint;
            choices.push(choice);
        }
    }
    Ok((choices, !any))
}

/// Languages offered at once, and the others.
pub(super) async fn language_choices(
    tx: &mut Tx,
    chosen: &[String],
) -> Outcome<(Vec<Choice>, Vec<Choice>)> {
    let languages = reference::languages(tx).await?;
    let (first, rest): (Vec<_>, Vec<_>) = languages
        .into_iter()
        .partition(|language| language.is_common || chosen.contains(&language.tag));
    let choice = |language: crate::model::reference::Language| {
        let mut choice = Choice::new(language.tag.as_str(), language.name);
        choice.hint = String::new();
        choice
    };
    Ok((first.into_iter().map(choice).collect(), rest.into_iter().map(choice).collect()))
}

pub(super) async fn save(Path(id): Path<String>, EditorForm(visit, fields): EditorForm) -> Answer {
    let id = id_of(&id)?;
    let mut form = DraftForm::read(&fields);
    form.languages.extend(fields.many("other_languages"));
    let revision = fields.number("revision").and_then(|number| u32::try_from(number).ok());
    let uses = fields.line("uses");
    let shown = Shown {
        typed: Some(form.clone()),
        area_query: fields.line("area_query"),
        uses: uses.clone(),
        revision,
        old_sound: fields.has("old_sound"),
        ..Shown::default()
    };
    let then = fields.line("then");
    if then == "preview" || then == "find" {
        let shown = Shown { with_preview: then == "preview", ..shown };
        let context = page(&visit, &id, shown).await?;
        return visit.page(&EDIT_PAGE, &context);
    }
    let saved = match form.draft() {
        Ok(draft) => {
            let save = Save {
                publication: id.clone(),
                base_revision: revision.unwrap_or(0),
                draft,
                uses: ConflictId::parse(&uses),
            };
            editing::save(&visit.app.db, &visit.caller, save).await
        }
        Err(failure) => Err(failure),
    };
    match saved {
        Ok(Saved::Done { .. }) if then == "submit" => {
            super::decide::submit_saved(&visit, &id, &fields).await
        }
        Ok(Saved::Done { .. }) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-saved"),
        Ok(Saved::Kept(kept)) => {
            conflict::show_conflict(&visit, &id, &kept, StatusCode::CONFLICT).await
        }
        Err(failure) => again(&visit, &id, failure, shown).await,
    }
}

/// The edit page again, with what was wrong; any other failure passes through.
pub(super) async fn again(
    visit: &Visit,
    id: &PublicationId,
    failure: Failure,
    shown: Shown,
) -> Answer {
    match failure {
        Failure::Problem(problem) if !problem.fields.is_empty() => {
            let shown = Shown { errors: visit.errors(&problem.fields), ..shown };
            let context = page(visit, id, shown).await?;
            let mut response = visit.page(&EDIT_PAGE, &context)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        failure => Err(failure),
    }
}
