//! Village meetings: list, form, printable record (biên bản), withdrawal.

use areas::Area;
use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, Fields, PAGE_SIZE, Paging, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Choice, Finder, Found, Named, Search, commune_of, find_commune, language_choices,
    language_name, told,
};
use crate::{
    actions::{
        self, MEETING_NOT_FOUND, RECORD_MEETING,
        meetings::attendants,
        succession::{is_meant, register},
    },
    model::{
        Numbered, Period, Place,
        meeting::{MeetingDraft, MeetingId},
        split_numbered,
    },
    store::{meetings as store, people, publications},
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tin: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// One record in the list.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) href: String,
    pub(super) village: String,
    pub(super) held_on: String,
    pub(super) head_count: i64,
    pub(super) items: usize,
    pub(super) language: String,
    pub(super) voided: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ListContext {
    pub(super) lines: Vec<Line>,
    pub(super) paging: Paging,
}

pub(super) const LIST: Template<ListContext> = Template::new("reach/meetings.html");

pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&RECORD_MEETING)?;
    let at = asked.trang.unwrap_or(1);
    // Whoever holds several places looks at the widest of them.
    let scope =
        visit.caller.scopes_for(&RECORD_MEETING).min_by_key(|scope| super::depth(scope)).cloned();
    let scope = scope.unwrap_or_else(ScopePath::root);
    let context = visit
        .app
        .db
        .view(async |tx| {
            let rows = store::list(tx, &scope, PAGE_SIZE, Paging::offset(at)).await?;
            let names = super::names(tx, rows.iter().map(|row| row.village.clone())).await?;
            let mut lines = Vec::new();
            for row in rows {
                lines.push(Line {
                    href: format!("/hop-thon/{}", row.id),
                    village: names.get(&row.village).cloned().unwrap_or_default(),
                    held_on: row.held_on.short(),
                    head_count: row.head_count,
                    items: store::items(tx, &row.id).await?.len(),
                    language: language_name(&visit, &row.language),
                    voided: row.voided_at.is_some(),
                });
            }
            let total = store::count(tx, &scope).await?;
            Ok(ListContext { lines, paging: Paging::new("/hop-thon", at, total) })
        })
        .await?;
    visit.page(&LIST, &context)
}

#[derive(Debug, Serialize)]
pub(super) struct FormContext {
    pub(super) commune: Option<Named>,
    pub(super) finder: Finder,
    pub(super) villages: Vec<Choice>,
    pub(super) items: Vec<Choice>,
    pub(super) people: Vec<Choice>,
    pub(super) languages: Vec<Choice>,
    pub(super) form: Draft,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

/// What stands in the form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Draft {
    pub(super) village: String,
    pub(super) held_on: String,
    pub(super) language: String,
    pub(super) head_count: String,
    pub(super) items: Vec<String>,
    pub(super) people: Vec<String>,
    pub(super) witness: String,
    pub(super) witness_standing: String,
    pub(super) note: String,
    pub(super) again: bool,
}

pub(super) const FORM: Template<FormContext> = Template::new("reach/meeting_form.html");

async fn form_context(
    tx: &mut Tx,
    visit: &Visit,
    commune: Option<&Area>,
    form: Draft,
) -> Outcome<FormContext> {
    let empty = FormContext {
        commune: None,
        finder: Finder::default(),
        villages: Vec::new(),
        items: Vec::new(),
        people: Vec::new(),
        languages: language_choices(visit),
        form,
        errors: Vec::new(),
    };
    let Some(commune) = commune else { return Ok(empty) };
    let today = tx.now().day();
    let villages = areas::villages_of(tx, &commune.id).await?;
    let mine = villages.iter().filter(|area| visit.caller.may(&RECORD_MEETING, &area.path));
    let mut options = Vec::new();
    for area in mine {
        let people = areas::population(tx, &area.id, today).await?.map(|count| count.people);
        let label = match people {
            Some(people) => visit.say(
                "reach-village-people",
                &[("village", area.full_name.clone()), ("people", people.to_string())],
            ),
            None => area.full_name.clone(),
        };
        options.push(Choice::new(area.id.as_str(), label));
    }
    let recent = publications::recent(tx, Period::Year.from(today), "", 40).await?;
    let steps = areas::steps(tx).await?;
    let meant = recent.into_iter().filter(|row| is_meant(&steps, &row.areas, &commune.path));
    let item = |row: publications::PublicationRow| {
        Choice::new(format!("{}:{}", row.id, row.version), row.title).hinting(row.at.day().short())
    };
    let items = meant.map(item).collect();
    let known = attendants(tx, &commune.path, today).await?;
    let own = register(tx, &commune.path).await?;
    let names = super::names(tx, known.iter().map(|one| one.village.clone())).await?;
    let person = |one: &people::Known| {
        let village = names.get(&one.village).cloned().unwrap_or_default();
        let numbered = Numbered { register: one.commune.clone(), serial: one.serial };
        Choice::new(numbered.within(&own), &one.name).hinting(village)
    };
    let people = known.iter().map(person).collect();
    Ok(FormContext { commune: Some(Named::of(commune)), villages: options, items, people, ..empty })
}

pub(crate) async fn new(
    visit: Visit,
    Query(asked): Query<Asked>,
    Query(search): Query<Search>,
) -> Answer {
    visit.caller.must_somewhere(&RECORD_MEETING)?;
    let form = Draft {
        held_on: visit.app.now().day().short(),
        language: "vi".to_owned(),
        items: vec![asked.tin.clone()],
        ..Draft::default()
    };
    let context = visit
        .app
        .db
        .change(async |tx| {
            let (commune, finder) = match find_commune(tx, &visit, &RECORD_MEETING, &search).await?
            {
                Found::One(commune) => (Some(commune), Finder::default()),
                Found::Ask(finder) => (None, finder),
            };
            if let Some(commune) = &commune {
                // The form names the persons who may be ticked.
                identity::audit(
                    tx,
                    &visit.caller,
                    "reach.roster.read",
                    commune.id.as_str(),
                    "hop-thon",
                )
                .await?;
            }
            let context = form_context(tx, &visit, commune.as_deref(), form).await?;
            Ok(FormContext { finder, ..context })
        })
        .await?;
    visit.page(&FORM, &context)
}

fn read(fields: &Fields) -> (MeetingDraft, Draft) {
    let people = fields.many("people");
    let (others, own): (Vec<String>, Vec<String>) =
        people.iter().cloned().partition(|one| one.contains(':'));
    let draft = MeetingDraft {
        village: fields.line("village"),
        held_on: fields.line("held_on"),
        language: fields.line("language"),
        head_count: fields.number("head_count"),
        items: fields.many("items"),
        // What is not a number was not ticked on our page; 0 is nobody's and is refused with the rest.
        serials: own.iter().map(|serial| serial.parse().unwrap_or(0)).collect(),
        others: others.iter().flat_map(|one| split_numbered(one, "")).collect(),
        witness: fields.line("witness"),
        witness_standing: fields.line("witness_standing"),
        note: fields.lines("note"),
        again: fields.has("again"),
    };
    let form = Draft {
        village: draft.village.clone(),
        held_on: draft.held_on.clone(),
        language: draft.language.clone(),
        head_count: fields.line("head_count"),
        items: draft.items.clone(),
        people,
        witness: draft.witness.clone(),
        witness_standing: draft.witness_standing.clone(),
        note: draft.note.clone(),
        again: draft.again,
    };
    (draft, form)
}

pub(crate) async fn record(visit: Visit, posted: Posted) -> Answer {
    let (draft, form) = read(&posted.fields);
    match actions::record_meeting(&visit.app.db, visit.app.role, &visit.caller, &draft).await {
        Ok(id) => visit.done(&format!("/hop-thon/{id}"), "reach-done-meeting-recorded"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let asked = posted.fields.line("xa");
            let context = visit
                .app
                .db
                .view(async |tx| {
                    let commune = commune_of(tx, &visit, &RECORD_MEETING, &asked).await?;
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
pub(super) struct MeetingContext {
    pub(super) id: String,
    pub(super) village: String,
    pub(super) commune: String,
    pub(super) held_on: String,
    pub(super) held_on_words: String,
    pub(super) language: String,
    pub(super) head_count: i64,
    pub(super) items: Vec<String>,
    pub(super) people: Vec<String>,
    pub(super) people_count: usize,
    pub(super) witness: Option<String>,
    pub(super) witness_standing: Option<String>,
    pub(super) officer: Option<String>,
    pub(super) note: Option<String>,
    pub(super) recorded_at: i64,
    pub(super) elsewhere: bool,
    pub(super) may_void: bool,
    pub(super) voided: Option<String>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

pub(super) const MEETING: Template<MeetingContext> = Template::new("reach/meeting.html");

async fn meeting_context(visit: &Visit, id: &MeetingId) -> Outcome<MeetingContext> {
    visit
        .app
        .db
        .change(async |tx| {
            let row = store::find(tx, id).await?.or_missing(&MEETING_NOT_FOUND)?;
            visit.caller.must(&RECORD_MEETING, &row.path)?;
            let commune = Place::of(&row.path).commune;
            let names = super::names(tx, [row.village.clone(), commune.clone()]).await?;
            let there = split_numbered(&row.serials, &row.commune);
            let inside = Place::of(&row.path).commune_path();
            let known = people::list(tx, &inside, "", row.held_on).await?;
            let was_there = |one: &people::Known| {
                there.iter().any(|p| p.register == one.commune && p.serial == one.serial)
            };
            let ticked = known.into_iter().filter(was_there);
            let people: Vec<String> = ticked.map(|one| one.name).collect();
            if !people.is_empty() {
                identity::audit(
                    tx,
                    &visit.caller,
                    "reach.roster.read",
                    &row.commune,
                    row.id.as_str(),
                )
                .await?;
            }
            let items = store::items(tx, id).await?;
            let title = |item: store::Item| item.title.unwrap_or(item.publication);
            Ok(MeetingContext {
                id: row.id.as_str().to_owned(),
                village: names.get(&row.village).cloned().unwrap_or_default(),
                commune: names.get(&commune).cloned().unwrap_or_default(),
                held_on: row.held_on.short(),
                held_on_words: row.held_on.in_words(),
                language: language_name(visit, &row.language),
                head_count: row.head_count,
                items: items.into_iter().map(title).collect(),
                people,
                people_count: there.len(),
                witness: row.witness,
                witness_standing: row.witness_standing,
                officer: row.officer,
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
    let id = MeetingId::parse(&id).or_missing(&NOT_FOUND)?;
    let context = meeting_context(&visit, &id).await?;
    visit.page(&MEETING, &context)
}

pub(crate) async fn void(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = MeetingId::parse(&id).or_missing(&NOT_FOUND)?;
    let why = posted.fields.line("why");
    match actions::void_meeting(&visit.app.db, visit.app.role, &visit.caller, &id, &why).await {
        Ok(()) => visit.done(&format!("/hop-thon/{id}"), "reach-done-meeting-voided"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let context = meeting_context(&visit, &id).await?;
            visit.form_again(failure, &MEETING, |errors| MeetingContext {
                errors: told(&errors),
                ..context
            })
        }
        Err(other) => Err(other),
    }
}
