//! The roster: its list and one person's page. For who may know names; every look is written down.

use areas::Area;
use kernel::{
    axum::extract::{Path, Query},
    clock::Day,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    text,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Finder, Found, Named, Search, commune_of, find_commune, language_name, word};
use crate::{
    actions::{self, KEEP_ROSTER, SEE_SENSITIVE},
    model::{Place, person::PersonId},
    store::{
        cards,
        people::{self, Known},
    },
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(super) xa: String,
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
    pub(super) finder: Finder,
    pub(super) communes: Vec<CommuneLine>,
    pub(super) q: String,
    pub(super) lines: Vec<Line>,
    pub(super) active: usize,
    pub(super) no_villages: bool,
    /// True where a roster can be handed over or taken over.
    pub(super) hands_over: bool,
    pub(super) paging: Paging,
}

pub(super) const LIST: Template<ListContext> = Template::new("reach/roster.html");

pub(crate) async fn list(
    visit: Visit,
    Query(asked): Query<Asked>,
    Query(search): Query<Search>,
) -> Answer {
    visit.caller.must_somewhere(&KEEP_ROSTER)?;
    let at = asked.trang.unwrap_or(1);
    let context = visit
        .app
        .db
        .change(async |tx| {
            let commune = match find_commune(tx, &visit, &KEEP_ROSTER, &search).await? {
                Found::One(commune) => commune,
                Found::Ask(finder) => return choose(tx, &visit, finder).await,
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
                finder: Finder::default(),
                communes: Vec::new(),
                q: asked.q.clone(),
                active: known.iter().filter(|one| one.until_day > today).count(),
                no_villages: villages.is_empty(),
                hands_over: visit.app.role == kernel::app::NodeRole::Point,
                lines: lines.into_iter().skip(Paging::offset(at)).take(PAGE_SIZE).collect(),
                paging: Paging::new(&base, at, total),
            })
        })
        .await?;
    visit.page(&LIST, &context)
}

/// Somebody responsible for many communes chooses one.
async fn choose(tx: &mut Tx, visit: &Visit, finder: Finder) -> Outcome<ListContext> {
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
        finder,
        communes: found.iter().map(line).collect(),
        q: String::new(),
        lines: Vec::new(),
        active: 0,
        no_villages: false,
        hands_over: false,
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
            let commune = Place::of(&known.path).commune;
            let names = super::names(tx, [known.village.clone(), commune.clone()]).await?;
            let consents = cards::consents(tx, &id).await?;
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
                    name: names.get(&commune).cloned().unwrap_or_default(),
                    id: commune,
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

fn consent(visit: &Visit, one: &cards::Consent) -> Fact {
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

/// The commune of a form, found by who may keep its roster.
pub(super) async fn open(visit: &Visit, asked: &str) -> Outcome<Area> {
    visit
        .app
        .db
        .view(async |tx| {
            commune_of(tx, visit, &KEEP_ROSTER, asked).await?.or_missing(&areas::NOT_FOUND)
        })
        .await
}
