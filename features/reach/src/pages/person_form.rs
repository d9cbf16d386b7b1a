//! The forms about one person: adding, changing, taking off the roster.

use areas::{Area, AreaId};
use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Choice, Named, language_choices,
    roster::{Asked, open},
    told, word,
};
use crate::{
    actions::{self, KEEP_ROSTER, SEE_SENSITIVE},
    model::{
        Place,
        person::{END_REASONS, PURPOSES, PersonDraft, PersonId, STANDINGS},
    },
    store::{cards, people::Known},
};

#[derive(Debug, Serialize)]
pub(super) struct FormContext {
    pub(super) commune: Named,
    pub(super) person: Option<String>,
    pub(super) form: Draft,
    pub(super) villages: Vec<Choice>,
    pub(super) genders: Vec<Choice>,
    pub(super) standings: Vec<Choice>,
    pub(super) languages: Vec<Choice>,
    pub(super) purposes: Vec<Choice>,
    pub(super) sensitive: bool,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

/// What stands in the form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) village: String,
    pub(super) gender: String,
    pub(super) birth_year: String,
    pub(super) ethnic_group: String,
    pub(super) standing: String,
    pub(super) languages: Vec<String>,
    pub(super) reads_vietnamese: bool,
    pub(super) phone: String,
    pub(super) from: String,
    pub(super) consents: Vec<String>,
}

impl From<&PersonDraft> for Draft {
    fn from(draft: &PersonDraft) -> Self {
        Self {
            name: draft.name.clone(),
            village: draft.village.clone(),
            gender: draft.gender.clone(),
            birth_year: draft.birth_year.clone(),
            ethnic_group: draft.ethnic_group.clone(),
            standing: draft.standing.clone(),
            languages: draft.languages.clone(),
            reads_vietnamese: draft.reads_vietnamese,
            phone: draft.phone.clone(),
            from: draft.from.clone(),
            consents: draft.consents.clone(),
        }
    }
}

pub(super) const FORM: Template<FormContext> = Template::new("reach/person_form.html");

fn choices(visit: &Visit, family: &str, codes: &[&str]) -> Vec<Choice> {
    codes.iter().map(|code| Choice::new(*code, word(visit, family, code))).collect()
}

async fn form_context(
    tx: &mut Tx,
    visit: &Visit,
    commune: &Area,
    person: Option<&PersonId>,
    draft: &PersonDraft,
) -> Outcome<FormContext> {
    let villages = areas::villages_of(tx, &commune.id).await?;
    let sensitive = visit.caller.may(&SEE_SENSITIVE, &commune.path);
    let purposes =
        PURPOSES.iter().filter(|code| sensitive || **code != crate::model::person::CONSENT_ETHNIC);
    let hint = |code: &&str| word(visit, "consent-hint", code);
    Ok(FormContext {
        commune: Named::of(commune),
        person: person.map(|id| id.as_str().to_owned()),
        form: draft.into(),
        villages: villages
            .iter()
            .map(|area| Choice::new(area.id.as_str(), &area.full_name))
            .collect(),
        genders: choices(visit, "gender", &["nam", "nu"]),
        standings: choices(visit, "standing", &STANDINGS),
        languages: language_choices(visit),
        purposes: purposes
            .map(|code| Choice::new(*code, word(visit, "consent", code)).hinting(hint(code)))
            .collect(),
        sensitive,
        errors: Vec::new(),
    })
}

fn read(fields: &Fields) -> PersonDraft {
    PersonDraft {
        name: fields.line("name"),
        village: fields.line("village"),
        gender: fields.line("gender"),
        birth_year: fields.line("birth_year"),
        ethnic_group: fields.line("ethnic_group"),
        standing: fields.line("standing"),
        languages: fields.many("languages"),
        reads_vietnamese: fields.has("reads_vietnamese"),
        phone: fields.line("phone"),
        from: fields.line("from"),
        consents: fields.many("consents"),
    }
}

pub(crate) async fn new(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &asked.xa).await?;
    let draft = PersonDraft { from: visit.app.now().day().short(), ..PersonDraft::default() };
    let context = visit
        .app
        .db
        .view(async |tx| form_context(tx, &visit, &commune, None, &draft).await)
        .await?;
    visit.page(&FORM, &context)
}

pub(crate) async fn add(visit: Visit, posted: Posted) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &posted.fields.line("xa")).await?;
    let draft = read(&posted.fields);
    match actions::add_person(&visit.app.db, visit.app.role, &visit.caller, &commune.id, &draft)
        .await
    {
        Ok(id) => visit.done(&format!("/nguoi-co-uy-tin/{id}"), "reach-done-person-added"),
        Err(failure) => {
            let context = visit
                .app
                .db
                .view(async |tx| form_context(tx, &visit, &commune, None, &draft).await)
                .await?;
            visit.form_again(failure, &FORM, |errors| FormContext {
                errors: told(&errors),
                ..context
            })
        }
    }
}

/// A person opened for a form, with their commune.
async fn open_person(
    visit: &Visit,
    id: &str,
) -> Outcome<(PersonId, Known, Area, Vec<cards::Consent>)> {
    let id = PersonId::parse(id).or_missing(&NOT_FOUND)?;
    visit
        .app
        .db
        .change(async |tx| {
            let known = actions::roster::read_person(tx, &visit.caller, &id).await?;
            let commune =
                AreaId::parse(&Place::of(&known.path).commune).or_missing(&areas::NOT_FOUND)?;
            let commune = areas::find(tx, &commune).await?.or_missing(&areas::NOT_FOUND)?;
            let consents = cards::consents(tx, &id).await?;
            Ok((id.clone(), known, commune, consents))
        })
        .await
}

pub(crate) async fn edit(visit: Visit, Path(id): Path<String>) -> Answer {
    let (id, known, commune, consents) = open_person(&visit, &id).await?;
    let sensitive = visit.caller.may(&SEE_SENSITIVE, &known.path);
    let given = consents.into_iter().filter(|one| one.withdrawn_on.is_none());
    let draft = PersonDraft {
        name: known.name,
        village: known.village,
        gender: known.gender.unwrap_or_default(),
        birth_year: known.birth_year.map_or_else(String::new, |year| year.to_string()),
        ethnic_group: known.ethnic_group.filter(|_| sensitive).unwrap_or_default(),
        standing: known.standing.unwrap_or_default(),
        languages: known.languages.split_whitespace().map(str::to_owned).collect(),
        reads_vietnamese: known.reads_vietnamese,
        phone: known.phone.unwrap_or_default(),
        from: known.from_day.short(),
        consents: given.map(|one| one.purpose).collect(),
    };
    let context = visit
        .app
        .db
        .view(async |tx| form_context(tx, &visit, &commune, Some(&id), &draft).await)
        .await?;
    visit.page(&FORM, &context)
}

pub(crate) async fn change(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let (id, _, commune, _) = open_person(&visit, &id).await?;
    let draft = read(&posted.fields);
    match actions::change_person(&visit.app.db, visit.app.role, &visit.caller, &id, &draft).await {
        Ok(()) => visit.done(&format!("/nguoi-co-uy-tin/{id}"), "reach-done-person-changed"),
        Err(failure) => {
            let context = visit
                .app
                .db
                .view(async |tx| form_context(tx, &visit, &commune, Some(&id), &draft).await)
                .await?;
            visit.form_again(failure, &FORM, |errors| FormContext {
                errors: told(&errors),
                ..context
            })
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct EndContext {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) until: String,
    pub(super) reason: String,
    pub(super) reasons: Vec<Choice>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

pub(super) const END: Template<EndContext> = Template::new("reach/end.html");

fn end_context(
    visit: &Visit,
    id: &PersonId,
    known: &Known,
    until: String,
    reason: String,
) -> EndContext {
    EndContext {
        id: id.as_str().to_owned(),
        name: known.name.clone(),
        until,
        reason,
        reasons: choices(visit, "end", &END_REASONS),
        errors: Vec::new(),
    }
}

pub(crate) async fn end_form(visit: Visit, Path(id): Path<String>) -> Answer {
    let (id, known, ..) = open_person(&visit, &id).await?;
    let today = visit.app.now().day().short();
    visit.page(&END, &end_context(&visit, &id, &known, today, String::new()))
}

pub(crate) async fn end(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let (id, known, ..) = open_person(&visit, &id).await?;
    let (until, reason) = (posted.fields.line("until"), posted.fields.line("reason"));
    match actions::end_person(&visit.app.db, visit.app.role, &visit.caller, &id, &until, &reason)
        .await
    {
        Ok(()) => visit.done(&format!("/nguoi-co-uy-tin/{id}"), "reach-done-person-ended"),
        Err(failure) => {
            let context = end_context(&visit, &id, &known, until, reason);
            visit
                .form_again(failure, &END, |errors| EndContext { errors: told(&errors), ..context })
        }
    }
}
