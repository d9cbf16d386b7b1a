//! How many people live in a place: earlier counts, the sum of its villages, people by ethnic group for those
//! who may see them, and the form that records a new count.

use std::collections::HashMap;

use kernel::{
    axum::extract::Path,
    clock::Day,
    db::Tx,
    problem::{INVALID_FORM, OrMissing, Outcome},
    text::thousands,
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Counted, Crumb, Errors, Sum, crumbs, href, told};
use crate::{
    NOT_FOUND,
    actions::{
        self, MANAGE_VILLAGES, NOT_A_COMMUNE, NewPopulation,
        villages::{EthnicViews, SEE_ETHNIC_GROUPS, record_population_by_group},
    },
    model::{
        Area, AreaId, AreaLevel,
        ethnic::{self, GroupCount, groups, shown},
        village_change::add_up,
    },
    store::{self, village_imports::below, villages},
};

/// The page of an area's head counts.
pub const POPULATION: Template<Counts> = Template::new("areas/population.html");

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// The area's full name.
    pub title: String,
    /// The form's address; none for who may only read.
    pub action: Option<String>,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Earlier counts, newest first.
    pub earlier: Vec<Counted>,
    /// Its villages added up; none for a village.
    pub sum: Option<Sum>,
    /// Its communes, each with its villages added up.
    pub communes: Vec<CommuneRow>,
    /// People by ethnic group of the latest count; none for who may not see them.
    pub groups: Option<GroupTable>,
    /// People by ethnic group of the villages added up.
    pub groups_below: Option<GroupTable>,
    /// What was typed.
    pub form: CountForm,
    /// What is wrong with it.
    pub errors: Errors,
}

/// A commune with its villages added up.
#[derive(Clone, Debug, Serialize)]
pub struct CommuneRow {
    /// Its page of head counts.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// The sum.
    pub sum: Sum,
}

/// People by ethnic group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GroupTable {
    /// The rows.
    pub rows: Vec<GroupLine>,
    /// The day of the count; none for a sum of several.
    pub on: Option<Day>,
    /// How many villages the sum covers: known, all.
    pub covers: Option<(i64, i64)>,
    /// True when cells were hidden.
    pub hidden: bool,
}

/// A row by ethnic group. A cell without a figure is hidden or unknown.
#[derive(Clone, Debug, Serialize)]
pub struct GroupLine {
    /// The group's name.
    pub name: String,
    /// People.
    pub people: Option<String>,
    /// Households.
    pub households: Option<String>,
    /// True when it is hidden for being small, or for giving a small one away.
    pub hidden: bool,
}

/// The form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CountForm {
    /// The day.
    pub on: String,
    /// People.
    pub people: String,
    /// Households.
    pub households: String,
    /// The source.
    pub source: String,
    /// By ethnic group, every group of the list.
    pub groups: Vec<GroupField>,
    /// True when something was typed for a group.
    pub has_groups: bool,
}

/// The fields of one group.
#[derive(Clone, Debug, Serialize)]
pub struct GroupField {
    /// The group's code.
    pub code: &'static str,
    /// The group's name.
    pub name: &'static str,
    /// People.
    pub people: String,
    /// Households.
    pub households: String,
}

/// `GET /dia-ban/{id}/dan-so`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = gather(&visit, &id).await?.0;
    visit.page(&POPULATION, &page)
}

/// `POST /dia-ban/{id}/dan-so`
pub async fn record(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let area = AreaId::parse(&id).or_missing(&NOT_FOUND)?;
    let draft = NewPopulation {
        area,
        on: Day::parse(&fields.line("on")),
        people: fields.number("people"),
        households: fields.number("households"),
        source: fields.line("source"),
    };
    let (app, by_group) = (&visit.app, typed_groups(&fields));
    let done = record_population_by_group(&app.db, app.role, &visit.caller, draft, by_group).await;
    match done {
        Ok(_) => {
            let (_, back) = gather(&visit, &id).await?;
            visit.done(&back, "areas-population-recorded")
        }
        Err(failure) if failure.is(&INVALID_FORM) => {
            let (page, _) = gather(&visit, &id).await?;
            let form = read(&fields);
            visit.form_again(failure, &POPULATION, |errors| Counts {
                form,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

/// What was typed by group; what cannot be read becomes −1, which the rules refuse.
fn typed_groups(fields: &Fields) -> Vec<GroupCount> {
    let number = |name: &str| {
        let typed = !fields.line(name).is_empty();
        typed.then(|| fields.number(name).unwrap_or(-1))
    };
    let typed = groups().iter().filter_map(|group| {
        let people = number(&format!("people_{}", group.code));
        let households = number(&format!("households_{}", group.code));
        if people.is_none() && households.is_none() {
            return None;
        }
        Some(GroupCount { ethnic: group.code.clone(), people: people.unwrap_or(-1), households })
    });
    typed.collect()
}

fn read(fields: &Fields) -> CountForm {
    let by_group: Vec<GroupField> = groups()
        .iter()
        .map(|group| GroupField {
            code: &group.code,
            name: &group.name,
            people: fields.line(&format!("people_{}", group.code)),
            households: fields.line(&format!("households_{}", group.code)),
        })
        .collect();
    let typed = |field: &GroupField| !field.people.is_empty() || !field.households.is_empty();
    CountForm {
        on: fields.line("on"),
        people: fields.line("people"),
        households: fields.line("households"),
        source: fields.line("source"),
        has_groups: by_group.iter().any(typed),
        groups: by_group,
    }
}

/// The page, and where to go on to after a count was recorded.
async fn gather(visit: &Visit, id: &str) -> Outcome<(Counts, String)> {
    visit
        .app
        .db
        // Sensitive figures are not shown without being noted, so this is no mere look.
        .change(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let area = store::find(tx, &id).await?.or_missing(&NOT_FOUND)?;
            let may_record = visit.caller.may(&MANAGE_VILLAGES, &area.path);
            if !visit.caller.may(&SEE_ETHNIC_GROUPS, &area.path) {
                visit.caller.must(&MANAGE_VILLAGES, &area.path)?;
            }
            if area.level != AreaLevel::Province {
                actions::check_countable(tx, &area)?;
            }
            let mut way = crumbs(visit, tx, &area).await?;
            way.push(Crumb::here(visit.say("areas-population", &[])));
            let back = match (&area.parent, area.level) {
                (Some(commune), AreaLevel::Village) => format!("/dia-ban/{commune}/thon"),
                _ => href(&area),
            };
            let counts = store::populations(tx, &id).await?;
            let records = may_record && area.level != AreaLevel::Province;
            let mut page = Counts {
                title: area.title(),
                action: records.then(|| format!("{}/dan-so", href(&area))),
                crumbs: way,
                earlier: counts.into_iter().map(Counted::from).collect(),
                form: read(&Fields::default()),
                ..Counts::default()
            };
            if area.level != AreaLevel::Village {
                let sum = store::rollup(tx, &area.path, tx.now().day()).await?;
                page.sum = Some(Sum::from(sum));
            }
            if area.level == AreaLevel::Province {
                page.communes = communes(tx, &area).await?;
            } else {
                show_groups(visit, tx, &area, &mut page).await?;
                let shown = page.groups.is_some() || page.groups_below.is_some();
                if let (true, Some(EthnicViews(note))) = (shown, visit.app.port::<EthnicViews>()) {
                    note(tx, &visit.caller, &area.id).await?;
                }
            }
            Ok((page, back))
        })
        .await
}

async fn communes(tx: &mut Tx, province: &Area) -> Outcome<Vec<CommuneRow>> {
    let today = tx.now().day();
    let mut sums: HashMap<AreaId, _> = villages::rollups(tx, &province.path, today).await?;
    let communes = below(tx, &province.path, AreaLevel::Commune, today).await?;
    let rows = communes.into_iter().map(|commune| CommuneRow {
        href: format!("{}/dan-so", href(&commune)),
        title: commune.title(),
        sum: Sum::from(sums.remove(&commune.id).unwrap_or_default()),
    });
    Ok(rows.collect())
}

/// Adds the tables by ethnic group that this visitor may see. Who works in the commune sees every cell.
/// Above it only the commune as a whole is shown, without small cells: with the villages beside it the
/// hidden ones could be worked out.
async fn show_groups(visit: &Visit, tx: &mut Tx, area: &Area, page: &mut Counts) -> Outcome<()> {
    if !visit.caller.may(&SEE_ETHNIC_GROUPS, &area.path) {
        return Ok(());
    }
    let commune = match (&area.parent, area.level) {
        (Some(parent), AreaLevel::Village) => {
            store::find(tx, parent).await?.or_missing(&NOT_A_COMMUNE)?.path
        }
        _ => area.path.clone(),
    };
    let inside = visit.caller.is_system()
        || visit.caller.scopes_for(&SEE_ETHNIC_GROUPS).any(|scope| commune.contains(scope));
    if area.level == AreaLevel::Village && !inside {
        return Ok(());
    }
    if let Some((on, counts)) = villages::groups_of(tx, &area.id).await? {
        let total = store::population(tx, &area.id, on).await?.map_or(0, |count| count.people);
        page.groups = Some(GroupTable { on: Some(on), ..table(total, &counts, inside) });
    }
    if area.level == AreaLevel::Commune {
        let today = tx.now().day();
        let known = villages::groups_below(tx, &area.id, today).await?;
        let all = store::rollup(tx, &area.path, today).await?.villages;
        if !known.is_empty() {
            let covers = (i64::try_from(known.len()).unwrap_or(i64::MAX), all);
            let sums = add_up(known.into_values().flatten());
            let total = sums.iter().map(|one| one.people).sum();
            page.groups_below =
                Some(GroupTable { covers: Some(covers), ..table(total, &sums, inside) });
        }
    }
    // Two tables of nearly the same people, each with other cells hidden, would tell on each other.
    if !inside && page.groups.is_some() {
        page.groups_below = None;
    }
    Ok(())
}

fn table(total: i64, counts: &[GroupCount], small_cells: bool) -> GroupTable {
    let cells = shown(total, counts, small_cells);
    let hidden = cells.iter().any(|cell| cell.hidden);
    let rows =
        cells.into_iter().map(|ethnic::GroupCell { name, people, households, hidden, .. }| {
            GroupLine {
                name,
                people: people.map(thousands),
                households: households.map(thousands),
                hidden,
            }
        });
    GroupTable { rows: rows.collect(), hidden, ..GroupTable::default() }
}
