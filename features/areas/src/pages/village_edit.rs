//! One village: another name or kind, its end, or taking back a mistake.

use kernel::{
    axum::extract::Path,
    clock::Day,
    problem::{INVALID_FORM, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{
    Crumb, Errors, crumbs, href, told,
    villages::{Choice, kinds},
};
use crate::{
    NOT_FOUND,
    actions::{
        MANAGE_VILLAGES,
        villages::{self, NOT_A_VILLAGE, NewVillageName, VillageEnd, VillageUse},
    },
    model::{AreaId, AreaLevel, AreaType},
    store,
};

/// The page on which a village is changed.
pub const VILLAGE: Template<Village> = Template::new("areas/village.html");

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Village {
    /// The village's full name.
    pub title: String,
    /// The village's address.
    pub href: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The kinds to choose from.
    pub kinds: Vec<Choice>,
    /// The other villages of the commune.
    pub others: Vec<OtherVillage>,
    /// False once it has ended: then there is nothing to change.
    pub lives: bool,
    /// True when it can be taken back.
    pub removable: bool,
    /// What was typed.
    pub form: ChangeForm,
    /// What is wrong with the first form.
    pub errors: Errors,
    /// What is wrong with the second form.
    pub end_errors: Errors,
}

/// A village that may take another one over.
#[derive(Clone, Debug, Serialize)]
pub struct OtherVillage {
    /// Its id.
    pub value: String,
    /// Its full name.
    pub label: String,
}

/// The fields of both forms.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeForm {
    /// The kind's code.
    pub kind: String,
    /// The name.
    pub name: String,
    /// First day of the new name.
    pub on: String,
    /// The instrument of the new name.
    pub instrument: String,
    /// First day after the end.
    pub end_on: String,
    /// The village that takes it over.
    pub into: String,
    /// The instrument of the end.
    pub end_instrument: String,
}

/// `GET /dia-ban/{id}/sua`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let (page, _) = gather(&visit, &id).await?;
    visit.page(&VILLAGE, &page)
}

/// `POST /dia-ban/{id}/sua`: another name or kind.
pub async fn rename(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let draft = NewVillageName {
        village: AreaId::parse(&id).or_missing(&NOT_FOUND)?,
        kind: AreaType::from_code(&fields.line("kind")),
        name: fields.line("name"),
        on: Day::parse(&fields.line("on")),
        instrument: fields.line("instrument"),
    };
    let app = &visit.app;
    match villages::rename_village(&app.db, app.role, &visit.caller, draft).await {
        Ok(()) => {
            let (_, back) = gather(&visit, &id).await?;
            visit.done(&back, "areas-village-renamed")
        }
        Err(failure) if failure.is(&INVALID_FORM) => {
            let (page, _) = gather(&visit, &id).await?;
            let form = ChangeForm {
                kind: fields.line("kind"),
                name: fields.line("name"),
                on: fields.line("on"),
                instrument: fields.line("instrument"),
                ..page.form.clone()
            };
            visit.form_again(failure, &VILLAGE, |errors| Village {
                form,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /dia-ban/{id}/ket-thuc`: the village is no more.
pub async fn end(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let into = fields.line("end_into");
    let draft = VillageEnd {
        village: AreaId::parse(&id).or_missing(&NOT_FOUND)?,
        into: if into.is_empty() {
            None
        } else {
            Some(AreaId::parse(&into).or_missing(&NOT_FOUND)?)
        },
        on: Day::parse(&fields.line("end_on")),
        instrument: fields.line("end_instrument"),
    };
    let (_, back) = gather(&visit, &id).await?;
    let app = &visit.app;
    match villages::end_village(&app.db, app.role, &visit.caller, draft).await {
        Ok(()) => visit.done(&back, "areas-village-ended"),
        Err(failure) if failure.is(&INVALID_FORM) => {
            let (page, _) = gather(&visit, &id).await?;
            let form = ended(&fields, page.form.clone());
            visit.form_again(failure, &VILLAGE, |errors| Village {
                form,
                end_errors: told(errors.into_iter().map(|error| error.in_form("end_")).collect()),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

fn ended(fields: &Fields, form: ChangeForm) -> ChangeForm {
    ChangeForm {
        end_on: fields.line("end_on"),
        into: fields.line("end_into"),
        end_instrument: fields.line("end_instrument"),
        ..form
    }
}

/// `POST /dia-ban/{id}/nhap-nham`: it was entered by mistake.
pub async fn remove(visit: Visit, Path(id): Path<String>, Posted { .. }: Posted) -> Answer {
    let (_, back) = gather(&visit, &id).await?;
    let village = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
    let app = &visit.app;
    let elsewhere = app.port::<VillageUse>().copied();
    villages::remove_village(&app.db, app.role, &visit.caller, elsewhere, &village).await?;
    visit.done(&back, "areas-village-removed")
}

/// The page, and the list of villages to go back to.
async fn gather(visit: &Visit, id: &str) -> Outcome<(Village, String)> {
    let elsewhere = visit.app.port::<VillageUse>().copied();
    visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let area = store::find(tx, &id).await?.or_missing(&NOT_FOUND)?;
            visit.caller.must(&MANAGE_VILLAGES, &area.path)?;
            let (AreaLevel::Village, Some(commune)) = (area.level, &area.parent) else {
                return Err((&NOT_A_VILLAGE).into());
            };
            let others = store::villages_of(tx, commune).await?;
            let others = others.into_iter().filter(|other| other.id != id);
            let mut way = crumbs(visit, tx, &area).await?;
            way.push(Crumb::here(visit.say("areas-village-change", &[])));
            let back = format!("/dia-ban/{commune}/thon");
            let form = ChangeForm {
                kind: area.area_type.code().to_owned(),
                name: area.name.clone(),
                ..ChangeForm::default()
            };
            let page = Village {
                title: area.title(),
                href: href(&area),
                crumbs: way,
                kinds: kinds(),
                others: others
                    .map(|other| OtherVillage { value: other.id.to_string(), label: other.title() })
                    .collect(),
                lives: area.until == Day::FOREVER,
                removable: villages::may_remove(tx, elsewhere, &id).await?,
                form,
                ..Village::default()
            };
            Ok((page, back))
        })
        .await
}
