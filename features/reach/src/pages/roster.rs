//! The roster: list, person, forms, pasted list. For who may know names; every look is written down.

use areas::{Area, AreaId};
use kernel::{
    axum::extract::{Path, Query},
    clock::{Day, Timestamp},
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    text,
    web::{Answer, Fields, PAGE_SIZE, Paging, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Named, commune_of, language_choices, language_name, word};
use crate::{
    actions::{self, KEEP_ROSTER, SEE_SENSITIVE},
    model::person::{END_REASONS, PURPOSES, PersonDraft, PersonId, STANDINGS},
    store::people::{self, Known},
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    xa: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// One line of the list.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) href: String,
    pub(super) serial: u32,
    pub(super) name: String,
    pub(super) village: String,
    pub(super) languages: String,
    pub(super) reads_vietnamese: bool,
    pub(super) card: Option<String>,
    pub(super) ended: Option<String>,
}

/// A commune that can be chosen.
#[derive(Debug, Serialize)]
pub(super) struct CommuneLine {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) entries: i64,
}

#[derive(Debug, Serialize)]
pub(super) struct ListContext {
    pub(super) commune: Option<Named>,
    pub(super) communes: Vec<CommuneLine>,
    pub(super) q: String,
    pub(super) lines: Vec<Line>,
    pub(super) active: usize,
    pub(super) no_villages: bool,
    pub(super) paging: Paging,
}

pub(super) const LIST: Template<ListContext> = Template::new("reach/roster.html");

pub(crate) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let at = asked.trang.unwrap_or(1);
    let context = visit
        .app
        .db
        .change(async |tx| {
            let Some(commune) = commune_of(tx, &visit, &KEEP_ROSTER, asked.xa.trim()).await? else {
                return choose(tx, &visit).await;
            };
            let folded = text::fold(&asked.q);
            let known = actions::roster::read_roster(tx, &visit.caller, &commune, &folded).await?;
            let villages = areas::villages_of(tx, &commune.id).await?;
            let names = super::names(tx, known.iter().map(|one| one.village.clone())).await?;
            let today = tx.now().day();
            let lines: Vec<Line> =
                known.iter().map(|one| line(&visit, one, &names, today)).collect();
            let base = format!("/nguoi-co-uy-tin?xa={}&q={}", commune.id, folded.replace(' ', "+"));
            let total = lines.len();
            Ok(ListContext {
                commune: Some(Named::of(&commune)),
                communes: Vec::new(),
                q: asked.q.clone(),
                active: known.iter().filter(|one| one.until_day > today).count(),
                no_villages: villages.is_empty(),
                lines: lines.into_iter().skip(Paging::offset(at)).take(PAGE_SIZE).collect(),
                paging: Paging::new(&base, at, total),
            })
        })
        .await?;
    visit.page(&LIST, &context)
}

/// Somebody responsible for many communes chooses one.
async fn choose(tx: &mut Tx, visit: &Visit) -> Outcome<ListContext> {
    let today = tx.now().day();
    let scopes: Vec<_> = visit.caller.scopes_for(&KEEP_ROSTER).cloned().collect();
    let mut found = Vec::new();
    for scope in scopes {
        found.extend(people::communes(tx, &scope, today).await?);
    }
    let names = super::names(tx, found.iter().map(|(id, _)| id.clone())).await?;
    let line = |(id, entries): &(String, i64)| CommuneLine {
        href: format!("/nguoi-co-uy-tin?xa={id}"),
        name: names.get(id).cloned().unwrap_or_else(|| id.clone()),
        entries: *entries,
    };
    Ok(ListContext {
        commune: None,
        communes: found.iter().map(line).collect(),
        q: String::new(),
        lines: Vec::new(),
        active: 0,
        no_villages: false,
        paging: Paging::default(),
    })
}

fn line(
    visit: &Visit,
    one: &Known,
    names: &std::collections::HashMap<String, String>,
    today: Day,
) -> Line {
    let languages: Vec<String> =
        one.languages.split_whitespace().map(|tag| language_name(visit, tag)).collect();
    Line {
        href: format!("/nguoi-co-uy-tin/{}", one.id),
        serial: one.serial,
        name: one.name.clone(),
        village: names.get(&one.village).cloned().unwrap_or_default(),
        languages: languages.join(", "),
        reads_vietnamese: one.reads_vietnamese,
        card: one.card_number.clone(),
        ended: (one.until_day <= today).then(|| one.until_day.short()),
    }
}

/// One fact about a person.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct PersonContext {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) serial: u32,
    pub(super) commune: Named,
    pub(super) facts: Vec<Fact>,
    pub(super) consents: Vec<Fact>,
    pub(super) card: Option<String>,
    pub(super) may_have_card: bool,
    pub(super) ended: Option<String>,
    pub(super) end_reason: Option<String>,
}

pub(super) const PERSON: Template<PersonContext> = Template::new("reach/person.html");

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = PersonId::parse(&id).or_missing(&NOT_FOUND)?;
    let context = visit
        .app
        .db
        .change(async |tx| {
            let known = actions::roster::read_person(tx, &visit.caller, &id).await?;
            let names = super::names(tx, [known.village.clone(), known.commune.clone()]).await?;
            let consents = people::consents(tx, &id).await?;
            let today = tx.now().day();
            let given = |purpose: &str| {
                consents.iter().any(|one| one.purpose == purpose && one.withdrawn_on.is_none())
            };
            let ended = (known.until_day <= today).then(|| known.until_day.short());
            Ok(PersonContext {
                id: id.as_str().to_owned(),
                name: known.name.clone(),
                serial: known.serial,
                commune: Named {
                    id: known.commune.clone(),
                    name: names.get(&known.commune).cloned().unwrap_or_default(),
                },
                facts: facts(&visit, &known, names.get(&known.village)),
                consents: consents.iter().map(|one| consent(&visit, one)).collect(),
                card: known.card_number.clone(),
                may_have_card: ended.is_none() && given(crate::model::person::CONSENT_RECEIPTS),
                end_reason: known.end_reason.as_deref().map(|reason| word(&visit, "end", reason)),
                ended,
            })
        })
        .await?;
    visit.page(&PERSON, &context)
}

fn consent(visit: &Visit, one: &people::Consent) -> Fact {
    let key = word(visit, "consent", &one.purpose);
    let value = match one.withdrawn_on {
        None => visit.say("reach-consent-since", &[("day", one.given_on.short())]),
        Some(day) => visit.say("reach-consent-withdrawn", &[("day", day.short())]),
    };
    Fact { key, value }
}

fn facts(visit: &Visit, known: &Known, village: Option<&String>) -> Vec<Fact> {
    let languages: Vec<String> =
        known.languages.split_whitespace().map(|tag| language_name(visit, tag)).collect();
    let reads = if known.reads_vietnamese { "reach-reads-yes" } else { "reach-reads-no" };
    let sensitive = visit.caller.may(&SEE_SENSITIVE, &known.path);
    let all = [
        ("reach-field-village", village.cloned()),
        (
            "reach-field-standing",
            known.standing.as_deref().map(|code| word(visit, "standing", code)),
        ),
        ("reach-field-gender", known.gender.as_deref().map(|code| word(visit, "gender", code))),
        ("reach-field-birth-year", known.birth_year.map(|year| year.to_string())),
        ("reach-field-ethnic-group", known.ethnic_group.clone().filter(|_| sensitive)),
        ("reach-field-languages", Some(languages.join(", ")).filter(|text| !text.is_empty())),
        ("reach-field-reads", Some(visit.say(reads, &[]))),
        ("reach-field-phone", known.phone.clone()),
        ("reach-field-from", Some(known.from_day.short())),
    ];
    let told = all.into_iter().filter_map(|(key, value)| Some((key, value?)));
    told.map(|(key, value)| Fact { key: visit.say(key, &[]), value }).collect()
}

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

/// The errors as templates read them.
pub(super) fn told<E: Serialize>(errors: &[E]) -> Vec<kernel::minijinja::Value> {
    errors
        .iter()
        .map(|error| kernel::minijinja::Value::from(kernel::minijinja::value::Serde(error)))
        .collect()
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

/// The commune of a form, found by who may keep its roster.
async fn open(visit: &Visit, asked: &str) -> Outcome<Area> {
    visit
        .app
        .db
        .view(async |tx| {
            commune_of(tx, visit, &KEEP_ROSTER, asked).await?.or_missing(&areas::NOT_FOUND)
        })
        .await
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
) -> Outcome<(PersonId, Known, Area, Vec<people::Consent>)> {
    let id = PersonId::parse(id).or_missing(&NOT_FOUND)?;
    visit
        .app
        .db
        .change(async |tx| {
            let known = actions::roster::read_person(tx, &visit.caller, &id).await?;
            let commune = AreaId::parse(&known.commune).or_missing(&areas::NOT_FOUND)?;
            let commune = areas::find(tx, &commune).await?.or_missing(&areas::NOT_FOUND)?;
            let consents = people::consents(tx, &id).await?;
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

#[derive(Debug, Serialize)]
pub(super) struct ImportContext {
    pub(super) commune: Named,
    pub(super) list: String,
    pub(super) from: String,
    pub(super) villages: Vec<String>,
    pub(super) errors: Vec<kernel::minijinja::Value>,
}

pub(super) const IMPORT: Template<ImportContext> = Template::new("reach/import.html");

async fn import_context(
    visit: &Visit,
    commune: &Area,
    list: String,
    from: String,
) -> Outcome<ImportContext> {
    let villages =
        visit.app.db.view(async |tx| Ok(areas::villages_of(tx, &commune.id).await?)).await?;
    let villages = villages.into_iter().map(|area| area.full_name).collect();
    Ok(ImportContext { commune: Named::of(commune), list, from, villages, errors: Vec::new() })
}

pub(crate) async fn import_form(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &asked.xa).await?;
    let today: Timestamp = visit.app.now();
    let context = import_context(&visit, &commune, String::new(), today.day().short()).await?;
    visit.page(&IMPORT, &context)
}

pub(crate) async fn import(visit: Visit, posted: Posted) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let commune = open(&visit, &posted.fields.line("xa")).await?;
    // Tabs part the cells of a pasted table, so the text is taken as it came.
    let list: String =
        posted.fields.raw("list").chars().take(200_000).filter(|c| *c != '\0').collect();
    let from = posted.fields.line("from");
    match actions::import_list(
        &visit.app.db,
        visit.app.role,
        &visit.caller,
        &commune.id,
        &list,
        &from,
    )
    .await
    {
        Ok(_) => {
            visit.done(&format!("/nguoi-co-uy-tin?xa={}", commune.id), "reach-done-list-taken")
        }
        Err(failure) => {
            let context = import_context(&visit, &commune, list, from).await?;
            visit.form_again(failure, &IMPORT, |errors| ImportContext {
                errors: told(&errors),
                ..context
            })
        }
    }
}
