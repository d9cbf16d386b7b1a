//! Recording a whole table of villages: what it would do is planned twice, once to be looked at and once
//! more when the word is given; only a plan that is still the same is written, whole, in one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    app::{App, NodeRole},
    caller::{Caller, Permission},
    chance,
    clock::Day,
    db::Tx,
    events::Doing,
    files::FileHash,
    problem::{FormProblems, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
    sheet::SheetProblem,
    text::{self, fold},
};
use serde::{Deserialize, Serialize};

use super::{
    MANAGE_VILLAGES, NOT_A_COMMUNE, NOT_IN_FORCE, classes, classes::CLASSIFY, tell, tell_groups,
};
use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, AreaLevel, PopulationId, PopulationRecorded, VillageAdded,
        class::{Classing, INSTRUMENT_CHARS_MAX},
        ethnic::GroupCount,
        village::{Count, SOURCE_CHARS_MAX, Village},
        village_change::Note,
        village_plan::{self, Known, Plan, Step, Terms},
        village_table::{self, Table},
    },
    store::{
        self,
        classes::counting_below,
        village_imports::{self, FreshVillage},
        villages,
    },
};

/// What was checked is no longer what would be done; it must be looked at again.
pub static IMPORT_STALE: ProblemKind = ProblemKind { code: "areas-import-stale", status: 409 };
/// The table is no longer kept: recorded already, replaced by another, or a day old.
pub static IMPORT_GONE: ProblemKind = ProblemKind { code: "areas-import-gone", status: 404 };

/// Bringing villages for communes that have nobody of their own to do it: no point stands there.
pub static BRING_VILLAGES: Permission =
    Permission { code: "areas.bring_villages", roles: &["province_officer"] };
/// The commune has a point: its villages are written there and nowhere else.
pub static VILLAGES_AT_POINT: ProblemKind =
    ProblemKind { code: "areas-villages-at-point", status: 409 };

/// Asked at a hub before somebody from above brings villages: does a point stand in this commune? Offered by the
/// program.
#[derive(Clone, Copy)]
pub struct CommunePoint(pub for<'a> fn(&'a mut Tx, &'a ScopePath) -> Doing<'a, bool>);

async fn has_point(app: &App, tx: &mut Tx, commune: &ScopePath) -> Outcome<bool> {
    match app.port::<CommunePoint>() {
        Some(CommunePoint(stands)) => stands(tx, commune).await,
        None => Ok(false),
    }
}

/// True for whoever may bring tables for a place (or parts of it); which of its communes is asked apart.
pub(crate) fn may_bring(role: NodeRole, caller: &Caller, place: &ScopePath) -> bool {
    caller.may(&MANAGE_VILLAGES, place)
        || (role == NodeRole::Hub && caller.may(&BRING_VILLAGES, place))
}

/// A table as it comes with its form.
#[derive(Debug)]
pub struct NewTable<'a> {
    /// The commune or province it is for.
    pub place: AreaId,
    /// The file's name, only ever shown.
    pub file_name: String,
    /// The file; none when none was chosen.
    pub bytes: Option<&'a [u8]>,
    /// The day of the counts.
    pub on: Option<Day>,
    /// Who counted.
    pub source: String,
    /// The instrument of the flags.
    pub instrument: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    on: Day,
    source: String,
    instrument: String,
    table: Table,
}

/// A table that was looked at.
#[derive(Debug)]
pub struct Checked {
    /// The place.
    pub place: Area,
    /// The communes of the place, for their names.
    pub communes: Vec<Area>,
    /// The file's name.
    pub file_name: String,
    /// What it would do.
    pub plan: Plan,
    /// What to send back with the word to record it.
    pub seal: String,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Villages added.
    pub added: usize,
    /// Head counts recorded.
    pub counted: usize,
    /// Flags stated.
    pub classed: usize,
}

/// The place of an import: a commune or province of today in which the caller keeps villages, or may bring them
/// because nobody there does.
pub(crate) async fn place_of(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: &AreaId,
) -> Outcome<Area> {
    let place = store::find(tx, id).await?.or_missing(&NOT_FOUND)?;
    if !may_bring(app.role, caller, &place.path) {
        caller.must(&MANAGE_VILLAGES, &place.path)?;
    }
    if !matches!(place.level, AreaLevel::Commune | AreaLevel::Province) {
        return Err((&NOT_A_COMMUNE).into());
    }
    if !place.holds_on(tx.now().day()) {
        return Err((&NOT_IN_FORCE).into());
    }
    let keeps = caller.may(&MANAGE_VILLAGES, &place.path);
    if !keeps && place.level == AreaLevel::Commune && has_point(app, tx, &place.path).await? {
        return Err((&VILLAGES_AT_POINT).into());
    }
    Ok(place)
}

/// Reads a table and keeps it for a look; gives the id under which it waits.
pub async fn keep_table(app: &App, caller: &Caller, draft: NewTable<'_>) -> Outcome<String> {
    let today = caller.now().day();
    let (kept, place) = (read(&draft, today), draft.place.clone());
    app.db
        .change(async |tx| {
            let place = place_of(app, tx, caller, &place).await?;
            let body = kept?;
            let mut said = body.clone().into_bytes();
            said.extend(place.id.as_str().bytes().chain(caller.id().bytes()));
            said.extend(tx.chance().token().bytes());
            let id = chance::hex(&FileHash::of(&said).0[..16]);
            let file_name: String = text::tidy(&draft.file_name).chars().take(120).collect();
            village_imports::keep(tx, &id, &place.id, caller.id(), &file_name, &body).await?;
            Ok(id)
        })
        .await
}

fn read(draft: &NewTable<'_>, today: Day) -> Outcome<String> {
    let mut wrong = FormProblems::new();
    match draft.on {
        None => drop(wrong.add("on", "areas-population-day-missing")),
        Some(on) if on > today => drop(wrong.add("on", "areas-population-day-future")),
        Some(_) => {}
    }
    let (source, instrument) = (text::tidy(&draft.source), text::tidy(&draft.instrument));
    wrong.require(!source.is_empty(), "source", "areas-population-source-missing");
    if source.chars().count() > SOURCE_CHARS_MAX {
        let most = vec![("most", SOURCE_CHARS_MAX.to_string())];
        wrong.add_with("source", "areas-population-source-long", most);
    }
    if instrument.chars().count() > INSTRUMENT_CHARS_MAX {
        let most = vec![("most", INSTRUMENT_CHARS_MAX.to_string())];
        wrong.add_with("instrument", "areas-instrument-long", most);
    }
    let table = match draft.bytes.map(Table::read) {
        None => {
            wrong.add("file", "areas-import-file-missing");
            None
        }
        Some(Ok(table)) => Some(table),
        Some(Err(problem)) => {
            let key = match problem {
                SheetProblem::TooLarge => "areas-import-file-large",
                SheetProblem::NotATable => "areas-import-file-no-table",
                SheetProblem::NotUnicode => "areas-import-file-not-unicode",
                SheetProblem::Empty => "areas-import-file-empty",
            };
            wrong.add("file", key);
            None
        }
    };
    wrong.check()?;
    let table = table.or_missing(&IMPORT_GONE)?;
    let kept = Kept { on: draft.on.unwrap_or(today), source, instrument, table };
    serde_json::to_string(&kept)
        .map_err(|error| kernel::problem::Failure::fault("keep a table", error))
}

/// Looks at a kept table again: what it would do now.
pub async fn check_table(app: &App, caller: &Caller, place: &AreaId, id: &str) -> Outcome<Checked> {
    app.db.view(async |tx| Ok(check_in(app, tx, caller, place, id).await?.0)).await
}

async fn check_in(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    place: &AreaId,
    id: &str,
) -> Outcome<(Checked, Terms)> {
    let place = place_of(app, tx, caller, place).await?;
    let kept = village_imports::kept(tx, id, caller.id()).await?.or_missing(&IMPORT_GONE)?;
    let body = serde_json::from_str::<Kept>(&kept.body).ok().filter(|_| kept.place == place.id);
    let Kept { on, source, instrument, table } = body.or_missing(&IMPORT_GONE)?;
    let terms = Terms { on, source, instrument };
    let known = known(app, tx, caller, &place, terms.on).await?;
    let plan = village_plan::plan(village_table::read(&table, tx.now().day()), &known, &terms);
    let said = serde_json::to_vec(&plan.steps)
        .map_err(|error| kernel::problem::Failure::fault("name a plan", error))?;
    let seal = FileHash::of(&said).hex();
    let communes = known.communes;
    Ok((Checked { place, communes, file_name: kept.file_name, plan, seal }, terms))
}

async fn known(app: &App, tx: &mut Tx, caller: &Caller, place: &Area, on: Day) -> Outcome<Known> {
    let today = tx.now().day();
    let communes = village_imports::below(tx, &place.path, AreaLevel::Commune, today).await?;
    let mut by_commune: HashMap<AreaId, Vec<Area>> = HashMap::new();
    for village in village_imports::below(tx, &place.path, AreaLevel::Village, today).await? {
        if let Some(commune) = village.parent.clone() {
            by_commune.entry(commune).or_default().push(village);
        }
    }
    let allowed = |permission| {
        let may = communes.iter().filter(move |area| caller.may(permission, &area.path));
        may.map(|area| area.id.clone()).collect()
    };
    let said = counting_below(tx, &place.path, on).await?;
    let mut may_manage: HashSet<AreaId> = allowed(&MANAGE_VILLAGES);
    let may_classify =
        if app.role == NodeRole::Hub { allowed(&CLASSIFY) } else { HashSet::default() };
    let mut at_point = HashSet::new();
    for commune in &communes {
        if may_manage.contains(&commune.id) || !may_bring(app.role, caller, &commune.path) {
            continue;
        }
        if has_point(app, tx, &commune.path).await? {
            at_point.insert(commune.id.clone());
        } else {
            may_manage.insert(commune.id.clone());
        }
    }
    Ok(Known {
        may_manage,
        at_point,
        may_classify,
        former: village_imports::former_communes(tx, &place.path).await?,
        villages: by_commune,
        counts: village_imports::counts(tx, &place.path).await?,
        classes: said.into_iter().map(|(key, fact)| (key, fact.said.class)).collect(),
        communes,
    })
}

/// Records what was looked at: everything or nothing.
pub async fn record_table(
    app: &App,
    caller: &Caller,
    place: &AreaId,
    id: &str,
    seal: &str,
) -> Outcome<Recorded> {
    app.db
        .change(async |tx| {
            let (checked, terms) = check_in(app, tx, caller, place, id).await?;
            if checked.seal != seal || !checked.plan.problems.is_empty() {
                return Err((&IMPORT_STALE).into());
            }
            let recorded = Recorded {
                added: checked.plan.added(),
                counted: checked.plan.recorded(),
                classed: checked.plan.classed(),
            };
            write(tx, app.role, caller, &checked, &terms).await?;
            village_imports::forget(tx, id, caller.id()).await?;
            Ok(recorded)
        })
        .await
}

/// What one commune's lines become.
#[derive(Default)]
struct Told {
    notes: Vec<Note>,
    groups: Vec<(PopulationId, AreaId, Vec<GroupCount>)>,
}

async fn write(
    tx: &mut Tx,
    role: NodeRole,
    caller: &Caller,
    checked: &Checked,
    terms: &Terms,
) -> Outcome<()> {
    let communes: HashMap<&AreaId, &Area> =
        checked.communes.iter().map(|area| (&area.id, area)).collect();
    let listed: Vec<&Area> = checked.communes.iter().collect();
    let contexts: HashMap<&AreaId, String> = store::within(tx, &listed)
        .await?
        .into_iter()
        .zip(&listed)
        .map(|(above, area)| (&area.id, fold(&format!("{} {above}", area.full_name))))
        .collect();
    let steps: Vec<(&Step, AreaId)> = checked
        .plan
        .steps
        .iter()
        .filter(|step| !step.is_idle())
        .map(|step| (step, step.village.clone().unwrap_or_else(|| tx.new_id())))
        .collect();
    let fresh: Vec<FreshVillage<'_>> = steps
        .iter()
        .filter(|(step, _)| step.village.is_none())
        .filter_map(|(step, id)| {
            let commune = *communes.get(&step.commune)?;
            let village = Village { kind: step.area_type(), name: step.name.clone() };
            let context = contexts.get(&step.commune)?;
            Some(FreshVillage { id: id.clone(), commune, context, village })
        })
        .collect();
    village_imports::insert_villages(tx, &fresh, caller.id()).await?;
    let mut told: BTreeMap<AreaId, Told> = BTreeMap::new();
    for one in &fresh {
        let note =
            Note::Village(one.id.clone(), one.village.kind.code().into(), one.village.name.clone());
        told.entry(one.commune.id.clone()).or_default().notes.push(note);
        let (path, at) = (one.commune.path.child(one.id.as_str()), tx.now());
        tx.announce(&VillageAdded { village: one.id.clone(), path, at }).await?;
    }
    write_counts(tx, caller, &steps, terms, &mut told).await?;
    for (step, id) in &steps {
        for (mark, class) in &step.flags {
            let said = Classing {
                mark: *mark,
                class: *class,
                from: terms.on,
                until: Day::FOREVER,
                instrument: terms.instrument.clone(),
                confirmed: false,
            };
            let note = classes::state(tx, id, said, caller.id()).await?;
            told.entry(step.commune.clone()).or_default().notes.push(note);
        }
    }
    for (commune, Told { notes, groups }) in told {
        let Some(commune) = communes.get(&commune) else { continue };
        tell(tx, role, commune, notes).await?;
        tell_groups(tx, role, commune, groups).await?;
    }
    Ok(())
}

async fn write_counts(
    tx: &mut Tx,
    caller: &Caller,
    steps: &[(&Step, AreaId)],
    terms: &Terms,
    told: &mut BTreeMap<AreaId, Told>,
) -> Outcome<()> {
    let now = tx.now();
    let mut counts: Vec<(PopulationId, AreaId, Count)> = Vec::new();
    let mut groups: Vec<(PopulationId, Vec<GroupCount>)> = Vec::new();
    for (step, unit) in steps {
        let Some(count) = &step.count else { continue };
        let id: PopulationId = tx.new_id();
        let whole = Count {
            on: count.on,
            people: count.people,
            households: count.households,
            source: terms.source.clone(),
        };
        let told = told.entry(step.commune.clone()).or_default();
        told.notes.push(Note::counted(&id, unit, &whole, now));
        if !count.groups.is_empty() {
            told.groups.push((id.clone(), unit.clone(), count.groups.clone()));
            groups.push((id.clone(), count.groups.clone()));
        }
        counts.push((id, unit.clone(), whole));
    }
    village_imports::insert_counts(tx, &counts, now, caller.id()).await?;
    villages::insert_groups(tx, &groups).await?;
    for (_, unit, count) in counts {
        let Count { on, people, households, .. } = count;
        tx.announce(&PopulationRecorded { area: unit, on, people, households }).await?;
    }
    Ok(())
}
