//! The villages of a commune, and the form that adds one.

use kernel::{
    axum::extract::Path,
    problem::{OrMissing, Outcome},
    text::thousands,
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Crumb, Errors, Sum, classes::ClassRow, crumbs, href, told};
use crate::{
    NOT_FOUND,
    actions::{self, MANAGE_VILLAGES, NewVillage},
    model::{AreaId, AreaType, capitalised, class::Mark},
    store,
};

/// The page of a commune's villages.
pub const VILLAGES: Template<Villages> = Template::new("areas/villages.html");

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Villages {
    /// The commune's full name.
    pub title: String,
    /// The form's address.
    pub action: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The villages.
    pub rows: Vec<VillageRow>,
    /// Their head counts added up.
    pub sum: Sum,
    /// Where a table is brought.
    pub import_href: String,
    /// Where classes are recorded.
    pub classes_href: String,
    /// The kinds to choose from.
    pub kinds: Vec<Choice>,
    /// What was typed.
    pub form: VillageForm,
    /// What is wrong with it.
    pub errors: Errors,
}

/// A village.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VillageRow {
    /// Its page.
    pub href: String,
    /// Where its head count is recorded.
    pub count_href: String,
    /// Its full name.
    pub title: String,
    /// People.
    pub people: Option<String>,
    /// Households.
    pub households: Option<String>,
    /// The day of the count.
    pub on: Option<kernel::clock::Day>,
    /// Where it is renamed or ended.
    pub change_href: String,
    /// Its classes and flags of today.
    pub classes: Vec<ClassRow>,
}

/// A choice of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What is read.
    pub label: String,
}

/// The form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VillageForm {
    /// The kind's code.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// `GET /dia-ban/{id}/thon`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = gather(&visit, &id).await?;
    visit.page(&VILLAGES, &page)
}

/// `POST /dia-ban/{id}/thon`
pub async fn add(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let commune = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
    let form = read(&fields);
    let kind = AreaType::from_code(&form.kind);
    let draft = NewVillage { commune, kind, name: form.name.clone() };
    match actions::add_village(&visit.app.db, visit.app.role, &visit.caller, draft).await {
        Ok(_) => visit.done(&format!("/dia-ban/{id}/thon"), "areas-village-added"),
        Err(failure) if failure.is(&kernel::problem::INVALID_FORM) => {
            let page = gather(&visit, &id).await?;
            visit.form_again(failure, &VILLAGES, |errors| Villages {
                form,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

fn read(fields: &Fields) -> VillageForm {
    VillageForm { kind: fields.line("kind"), name: fields.line("name") }
}

async fn gather(visit: &Visit, id: &str) -> Outcome<Villages> {
    visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let commune = store::find(tx, &id).await?.or_missing(&NOT_FOUND)?;
            visit.caller.must(&MANAGE_VILLAGES, &commune.path)?;
            actions::check_commune(tx, &commune)?;
            let counts = store::populations_below(tx, &id).await?;
            let today = tx.now().day();
            let said = store::classes::counting_below(tx, &commune.path, today).await?;
            let sum = Sum::from(store::rollup(tx, &commune.path, today).await?);
            let villages = store::villages_of(tx, &id).await?.into_iter().map(|village| {
                let count = counts.get(&village.id);
                VillageRow {
                    href: href(&village),
                    count_href: format!("{}/dan-so", href(&village)),
                    title: village.title(),
                    people: count.map(|count| thousands(count.people)),
                    households: count.map(|count| thousands(count.households)),
                    on: count.map(|count| count.on),
                    change_href: format!("{}/sua", href(&village)),
                    classes: Mark::ALL
                        .into_iter()
                        .filter_map(|mark| said.get(&(village.id.clone(), mark)))
                        .filter(|fact| fact.said.class.is_some())
                        .map(|fact| ClassRow::from(fact.clone()))
                        .collect(),
                }
            });
            let mut way = crumbs(visit, tx, &commune).await?;
            way.push(Crumb::here(visit.say("areas-villages", &[])));
            Ok(Villages {
                title: commune.title(),
                action: format!("{}/thon", href(&commune)),
                crumbs: way,
                rows: villages.collect(),
                sum,
                import_href: format!("{}/thon/nhap", href(&commune)),
                classes_href: format!("{}/phan-loai", href(&commune)),
                kinds: kinds(),
                ..Villages::default()
            })
        })
        .await
}

/// The kinds of village a commune can choose from.
pub(super) fn kinds() -> Vec<Choice> {
    let choice = |kind: AreaType| Choice { value: kind.code(), label: capitalised(kind.label()) };
    AreaType::of_villages().map(choice).collect()
}
