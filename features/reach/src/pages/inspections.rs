//! Independent inspections: list, form, record, withdrawal.

use areas::Area;
use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Finder, Found, Named, Search, commune_of, find_commune, told, word};
use crate::{
    actions::{
        self, INSPECTION_NOT_FOUND, VERIFY,
        inspections::{lies, must_be_independent, newest},
        succession::is_meant,
    },
    model::{
        COUNTED, Period, Place,
        inspection::{InspectionDraft, InspectionId, METHODS},
    },
    store::{inspections as store, publications},
};

/// How many records the list shows: inspections are few, and the newest are asked for.
const SHOWN: usize = 100;

/// One record in the list.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) place: String,
    pub(super) asked_on: String,
    pub(super) asked: i64,
    pub(super) knew: i64,
    pub(super) team: String,
    pub(super) voided: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ListContext {
    pub(super) lines: Vec<Line>,
}

pub(super) const LIST: Template<ListContext> = Template::new("reach/inspections.html");

pub(crate) async fn list(visit: Visit) -> Answer {
    visit.caller.must_somewhere(&VERIFY)?;
    // Whoever holds several places looks at the widest of them.
    let scope = visit.caller.scopes_for(&VERIFY).min_by_key(|scope| super::depth(scope)).cloned();
    let scope = scope.unwrap_or_else(ScopePath::root);
    let context = visit
        .app
        .db
        .view(async |tx| {
            let rows = newest(tx, &scope, SHOWN).await?;
            let names = super::names(tx, rows.iter().map(|row| row.unit.clone())).await?;
            let mut lines = Vec::new();
            for row in rows {
                let item = publications::publication(tx, &row.publication, row.version).await?;
                lines.push(Line {
                    href: format!("/kiem-chung/{}", row.id),
                    title: item.map_or(row.publication, |item| item.title),
                    place: names.get(&row.unit).cloned().unwrap_or_default(),
                    asked_on: row.asked_on.short(),
                    asked: row.asked,
                    knew: row.knew,
                    team: row.team,
                    voided: row.voided_at.is_some(),
                });
            }
            Ok(ListContext { lines })
        })
        .await?;
    visit.page(&LIST, &context)
}

/// What is asked for when the form is opened.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tin: String,
    #[serde(default)]
    doi_tuong: String,
}

#[derive(Debug, Serialize)]
pub(super) struct FormContext {
    pub(super) commune: Option<Named>,
    /// The form that asks for the commune, while there is none.
    pub(super) finder: Finder,
    pub(super) units: Vec<Choice>,
    pub(super) items: Vec<Choice>,
    pub(super) audiences: Vec<Choice>,
    pub(super) methods: Vec<Choice>,
    pub(super) form: Draft,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

/// What stands in the form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Draft {
    pub(super) item: String,
    pub(super) unit: String,
    pub(super) audience: String,
    pub(super) asked_on: String,
    pub(super) asked: String,
    pub(super) knew: String,
    pub(super) method: String,
    pub(super) team: String,
    pub(super) note: String,
}

pub(super) const FORM: Template<FormContext> = Template::new("reach/inspection_form.html");

async fn form_context(
    tx: &mut Tx,
    visit: &Visit,
    commune: Option<&Area>,
    form: Draft,
) -> Outcome<FormContext> {
    let audience = |code: &str| Choice::new(code, word(visit, "audience", code));
    let method = |code: &str| Choice::new(code, word(visit, "method", code));
    let empty = FormContext {
        commune: None,
        finder: Finder::default(),
        units: Vec::new(),
        items: Vec::new(),
        audiences: COUNTED.into_iter().map(audience).collect(),
        methods: METHODS.into_iter().map(method).collect(),
        form,
        errors: Vec::new(),
    };
    let Some(commune) = commune else { return Ok(empty) };
    let whole = visit.say("reach-inspected-whole", &[("commune", commune.full_name.clone())]);
    let mut units = vec![Choice::new(commune.id.as_str(), whole)];
    for village in areas::villages_of(tx, &commune.id).await? {
        units.push(Choice::new(village.id.as_str(), village.full_name));
    }
    let today = tx.now().day();
    let recent = publications::recent(tx, Period::Year.from(today), "", 40).await?;
    let steps = areas::steps(tx).await?;
    let meant = recent.into_iter().filter(|row| is_meant(&steps, &row.areas, &commune.path));
    let item = |row: publications::PublicationRow| {
        Choice::new(format!("{}:{}", row.id, row.version), row.title).hinting(row.at.day().short())
    };
    let items = meant.map(item).collect();
    Ok(FormContext { commune: Some(Named::of(commune)), units, items, ..empty })
}

pub(crate) async fn new(
    visit: Visit,
    Query(search): Query<Search>,
    Query(asked): Query<Asked>,
) -> Answer {
    visit.caller.must_somewhere(&VERIFY)?;
    let form = Draft {
        asked_on: visit.app.now().day().short(),
        item: asked.tin,
        audience: asked.doi_tuong,
        ..Draft::default()
    };
    let context = visit
        .app
        .db
        .view(async |tx| match find_commune(tx, &visit, &VERIFY, &search).await? {
            Found::One(commune) => {
                must_be_independent(&visit.caller, &commune.path)?;
                form_context(tx, &visit, Some(&commune), form).await
            }
            Found::Ask(finder) => {
                let empty = form_context(tx, &visit, None, form).await?;
                Ok(FormContext { finder, ..empty })
            }
        })
        .await?;
    visit.page(&FORM, &context)
}

fn read(fields: &Fields) -> (InspectionDraft, Draft) {
    let draft = InspectionDraft {
        item: fields.line("item"),
        unit: fields.line("unit"),
        audience: fields.line("audience"),
        asked_on: fields.line("asked_on"),
        asked: fields.number("asked"),
        knew: fields.number("knew"),
        method: fields.line("method"),
        team: fields.line("team"),
        note: fields.lines("note"),
    };
    let form = Draft {
        item: draft.item.clone(),
        unit: draft.unit.clone(),
        audience: draft.audience.clone(),
        asked_on: draft.asked_on.clone(),
        asked: fields.line("asked"),
        knew: fields.line("knew"),
        method: draft.method.clone(),
        team: draft.team.clone(),
        note: draft.note.clone(),
    };
    (draft, form)
}

pub(crate) async fn record(visit: Visit, posted: Posted) -> Answer {
    let (draft, form) = read(&posted.fields);
    match actions::record_inspection(&visit.app.db, visit.app.role, &visit.caller, &draft).await {
        Ok(id) => visit.done(&format!("/kiem-chung/{id}"), "reach-done-inspection-recorded"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let asked = posted.fields.line("xa");
            let context = visit
                .app
                .db
                .view(async |tx| {
                    let commune = commune_of(tx, &visit, &VERIFY, &asked).await?;
                    form_context(tx, &visit, commune.as_ref(), form).await
                })
                .await?;
            visit.form_again(failure, &FORM, |errors| FormContext {
                errors: told(&errors),
                ..context
            })
        }
        Err(other) => Err(other),
    }
}

#[derive(Debug, Serialize)]
pub(super) struct InspectionContext {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) ladder: String,
    pub(super) place: String,
    pub(super) audience: String,
    pub(super) asked_on: String,
    pub(super) asked: i64,
    pub(super) knew: i64,
    pub(super) method: String,
    pub(super) team: String,
    pub(super) inspector: Option<String>,
    pub(super) note: Option<String>,
    pub(super) recorded_at: i64,
    pub(super) elsewhere: bool,
    pub(super) may_void: bool,
    pub(super) voided: Option<String>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

pub(super) const INSPECTION: Template<InspectionContext> = Template::new("reach/inspection.html");

async fn inspection_context(visit: &Visit, id: &InspectionId) -> Outcome<InspectionContext> {
    visit
        .app
        .db
        .view(async |tx| {
            let row = store::find(tx, id).await?.or_missing(&INSPECTION_NOT_FOUND)?;
            let today = lies(tx, &row.path).await?;
            visit.caller.must(&VERIFY, &today)?;
            let names = super::names(tx, [row.unit.clone()]).await?;
            let item = publications::publication(tx, &row.publication, row.version).await?;
            Ok(InspectionContext {
                id: row.id.as_str().to_owned(),
                title: item.map_or_else(|| row.publication.clone(), |item| item.title),
                ladder: format!(
                    "/do-phu/{}?ban={}&doi_tuong={}&dia_ban={}",
                    row.publication,
                    row.version,
                    row.audience,
                    Place::of(&today).commune
                ),
                place: names.get(&row.unit).cloned().unwrap_or_default(),
                audience: word(visit, "audience", &row.audience),
                asked_on: row.asked_on.in_words(),
                asked: row.asked,
                knew: row.knew,
                method: word(visit, "method", &row.method),
                team: row.team,
                inspector: row.inspector,
                note: row.note,
                recorded_at: row.recorded_at.millis(),
                elsewhere: !row.origin.is_empty(),
                may_void: row.origin.is_empty() && row.voided_at.is_none(),
                voided: row.voided_at.map(|at| match &row.void_why {
                    Some(why) if !why.is_empty() => format!("{}: {why}", at.day().short()),
                    _ => at.day().short(),
                }),
                errors: Vec::new(),
            })
        })
        .await
}

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = InspectionId::parse(&id).or_missing(&NOT_FOUND)?;
    let context = inspection_context(&visit, &id).await?;
    visit.page(&INSPECTION, &context)
}

pub(crate) async fn void(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = InspectionId::parse(&id).or_missing(&NOT_FOUND)?;
    let why = posted.fields.line("why");
    match actions::void_inspection(&visit.app.db, visit.app.role, &visit.caller, &id, &why).await {
        Ok(()) => visit.done(&format!("/kiem-chung/{id}"), "reach-done-inspection-voided"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let context = inspection_context(&visit, &id).await?;
            visit.form_again(failure, &INSPECTION, |errors| InspectionContext {
                errors: told(&errors),
                ..context
            })
        }
        Err(other) => Err(other),
    }
}
