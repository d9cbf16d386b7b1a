//! What becomes of rosters, meetings and figures when the map changes. The roster and the records of
//! meetings lie where their village lies. A person's number stays the one they were given: it is counted in
//! the *register* of the commune that gave it, which outlives the commune. Denominators, receipts and counts
//! are history: they stay where they were taken, and a board shows them where they belong today.

use areas::{AreaEventId, AreaId, AreaLevel, Question, QuestionAnswered, Step, Steps, Today};
use kernel::{
    clock::{Day, Timestamp},
    db::Tx,
    problem::Outcome,
    records::Incoming,
    scope::ScopePath,
};

use crate::{
    model::{Place, table::Count},
    store::{
        counts::{self, ThemeCount},
        people, publications,
        succession::{self as store, ENTRY, Lying, MEETING},
    },
};

/// The kind of question about somebody whose village nobody knows here.
pub const KIND_ENTRY: &str = "reach.entry";

/// Lets rosters and meetings follow.
pub async fn follow_steps(tx: &mut Tx, event: &AreaEventId, steps: &[Step]) -> Outcome<()> {
    for step in steps {
        for thing in [ENTRY, MEETING] {
            for lying in store::below(tx, thing, &step.from_path).await? {
                match step.moved(&lying.path) {
                    Some(to) if to != lying.path => {
                        store::relocate(tx, event, thing, &lying, &to).await?;
                    }
                    None if thing == ENTRY && step.heirs.len() > 1 => {
                        ask(tx, event, step, &lying).await?;
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Somebody of a divided commune follows their village, about which areas ask. Only where the village is
/// not known here must somebody say where the person belongs.
async fn ask(tx: &mut Tx, event: &AreaEventId, step: &Step, lying: &Lying) -> Outcome<()> {
    let village = lying.path.last().and_then(AreaId::parse);
    let known = match village {
        Some(id) => {
            areas::find(tx, &id).await?.is_some_and(|area| area.level == AreaLevel::Village)
        }
        None => false,
    };
    if known {
        return Ok(());
    }
    let (commune, serial) = split(&lying.id);
    let code = commune.split('.').next().unwrap_or(commune);
    let question = Question {
        event: event.clone(),
        kind: KIND_ENTRY,
        subject: lying.id.clone(),
        // The number printed on the card; no name leaves the commune.
        label: format!("{code}-{serial:04}"),
        detail: String::new(),
        from: step.from.clone(),
        from_path: step.from_path.clone(),
        heirs: step.heirs.clone(),
        is_note: false,
    };
    areas::ask(tx, &question).await?;
    Ok(())
}

fn split(id: &str) -> (&str, u32) {
    let (commune, serial) = id.rsplit_once(':').unwrap_or((id, ""));
    (commune, serial.parse().unwrap_or(0))
}

/// An officer has said where a person belongs whose village is not known here.
pub async fn hear_answer(tx: &mut Tx, fact: &QuestionAnswered) -> Outcome<()> {
    let (KIND_ENTRY, Some(heir)) = (fact.kind.as_str(), &fact.heir) else { return Ok(()) };
    let (commune, serial) = split(&fact.subject);
    let Some(entry) = people::entry(tx, commune, serial).await? else { return Ok(()) };
    let lying = Lying { id: fact.subject.clone(), path: entry.path };
    let to = heir.path.child(&entry.village);
    Ok(store::relocate(tx, &fact.event, ENTRY, &lying, &to).await?)
}

/// Takes back what followed from an event, and lets what was written down since go where its village lies.
pub async fn unfollow(tx: &mut Tx, event: &AreaEventId, steps: &[Step]) -> Outcome<()> {
    for row in store::moved(tx, event).await? {
        store::put(tx, &row.thing, &row.id, &row.path_after, &row.path_before).await?;
    }
    store::forget(tx, event).await?;
    for heir in steps.iter().flat_map(|step| &step.heirs) {
        for thing in [ENTRY, MEETING] {
            for lying in store::below(tx, thing, &heir.path).await? {
                let village = lying.path.last().and_then(AreaId::parse);
                let Some(village) = village else { continue };
                let area = areas::find(tx, &village).await?;
                if let Some(area) = area.filter(|area| area.level == AreaLevel::Village) {
                    store::put(tx, thing, &lying.id, &lying.path, &area.path).await?;
                }
            }
        }
    }
    Ok(())
}

/// Target areas as they lie today: a publication that was meant for a unit which has gone whole into
/// another is counted there. What was divided stays as it was said.
pub async fn todays(tx: &mut Tx, targets: Vec<ScopePath>) -> Outcome<Vec<ScopePath>> {
    let steps = areas::steps(tx).await?;
    let today = |path: ScopePath| steps.today(&path).place().unwrap_or(path);
    let mut placed: Vec<ScopePath> = targets.into_iter().map(today).collect();
    placed.sort();
    placed.dedup();
    Ok(placed)
}

/// True when something meant for these targets (one a line) is meant for a place, as it is or as it was.
pub(crate) fn is_meant(steps: &Steps, targets: &str, place: &ScopePath) -> bool {
    let before = steps.before(place);
    let mut targets = targets.lines().filter_map(ScopePath::parse);
    targets.any(|target| target.touches(place) || before.iter().any(|path| target.touches(path)))
}

/// Where a village of the sender's lies today, as this node knows it; below the sender's commune when
/// it does not know the village, or may not believe the sender about it.
pub(crate) async fn village_path(
    tx: &mut Tx,
    record: &Incoming,
    village: &str,
) -> Outcome<ScopePath> {
    let scope = Place::of(&record.scope);
    if let Some(id) = AreaId::parse(village)
        && let Some(area) = areas::find(tx, &id).await?
    {
        let now = areas::today(tx, &area.path).await?.place().unwrap_or(area.path.clone());
        // Of people whom it once took it may still speak after they went back.
        let took = record.inherited.iter().any(|scope| scope.contains(&now));
        if record.speaks_for(&area.path) || record.speaks_for(&now) || took {
            return Ok(now);
        }
    }
    // A village's own node speaks for itself; a commune's for the villages below it.
    Ok(if scope.unit == village { scope.path } else { scope.commune_path().child(village) })
}

/// The register in which this node numbers the people of a commune: the one that it keeps there already,
/// from before a merger, else the commune's own.
pub(crate) async fn register(tx: &mut Tx, commune: &ScopePath) -> Outcome<String> {
    let own = people::own_register(tx, commune).await?;
    Ok(own.unwrap_or_else(|| Place::of(commune).commune))
}

/// When points were last heard from, each where it stands today.
pub(crate) async fn contacts(tx: &mut Tx) -> Outcome<Vec<(ScopePath, Timestamp)>> {
    let heard = publications::contacts(tx).await?;
    let steps = areas::steps(tx).await?;
    let today = |path: ScopePath| steps.today(&path).place().unwrap_or(path);
    Ok(heard.into_iter().map(|(scope, at)| (today(scope), at)).collect())
}

/// What is counted.
#[derive(Clone, Copy)]
enum Of<'a> {
    Version(&'a str, u32),
    Themes(&'a str, (Day, Day)),
}

/// The counts of one version at a level under a path, what was counted before the map changed included.
pub(crate) async fn counts_of(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    level: u8,
    scope: &ScopePath,
) -> Outcome<Vec<Count>> {
    let rows = gather(tx, Of::Version(publication, version), level, scope).await?;
    Ok(rows.into_iter().map(|row| row.count).collect())
}

/// The counts by theme, what was counted before the map changed included.
pub(crate) async fn by_theme(
    tx: &mut Tx,
    audience: &str,
    since: Day,
    level: u8,
    scope: &ScopePath,
) -> Outcome<Vec<ThemeCount>> {
    gather(tx, Of::Themes(audience, (since, Day::FOREVER)), level, scope).await
}

/// The same over what was published before a day too.
pub(crate) async fn by_theme_between(
    tx: &mut Tx,
    audience: &str,
    days: (Day, Day),
    level: u8,
    scope: &ScopePath,
) -> Outcome<Vec<ThemeCount>> {
    gather(tx, Of::Themes(audience, days), level, scope).await
}

/// Where a path of then lies today.
pub(crate) fn lies_now(steps: &Steps, path: &ScopePath) -> ScopePath {
    lies(steps, path)
}

async fn fetch(tx: &mut Tx, of: Of<'_>, level: u8, scope: &ScopePath) -> Outcome<Vec<ThemeCount>> {
    Ok(match of {
        Of::Themes(audience, days) => counts::by_theme(tx, audience, days, level, scope).await?,
        Of::Version(publication, version) => {
            let rows = counts::of(tx, publication, version, level, scope).await?;
            rows.into_iter().map(|count| ThemeCount { theme: String::new(), count }).collect()
        }
    })
}

async fn gather(tx: &mut Tx, of: Of<'_>, level: u8, scope: &ScopePath) -> Outcome<Vec<ThemeCount>> {
    let steps = areas::steps(tx).await?;
    if steps.is_empty() {
        return fetch(tx, of, level, scope).await;
    }
    let mut found = Vec::new();
    let mut apart: Vec<ScopePath> = Vec::new();
    for range in ranges(&steps, scope) {
        for mut row in fetch(tx, of, level, &range).await? {
            let path = &row.count.place.path;
            if level == counts::COMMUNE && is_divided(&steps, path) {
                if !apart.contains(path) {
                    apart.push(path.clone());
                }
                continue;
            }
            row.count.place =
                Place { unit: row.count.place.unit, ..Place::of(&lies(&steps, path)) };
            found.push(row);
        }
    }
    // A divided commune is put together again from its villages, each where it has gone.
    for commune in apart {
        for mut row in fetch(tx, of, counts::VILLAGE, &commune).await? {
            let place = Place::of(&lies(&steps, &row.count.place.path));
            row.count.place = Place::of(&place.commune_path());
            found.push(row);
        }
    }
    found.retain(|row| scope.contains(&row.count.place.path));
    Ok(found)
}

/// Where to look: the place itself and everything it came from, none inside another.
pub(crate) fn ranges(steps: &Steps, scope: &ScopePath) -> Vec<ScopePath> {
    let mut all = steps.before(scope);
    all.push(scope.clone());
    all.sort();
    let mut ranges: Vec<ScopePath> = Vec::new();
    for path in all {
        if !ranges.iter().any(|wider| wider.contains(&path)) {
            ranges.push(path);
        }
    }
    ranges
}

/// True when what lay below a path has gone several ways.
fn is_divided(steps: &Steps, path: &ScopePath) -> bool {
    let own = |told: &areas::model::question::Told| path.contains(&told.from) && told.from != *path;
    matches!(steps.today(path), Today::Divided(_)) || steps.told().iter().any(own)
}

/// Where a figure of an earlier day is shown today. What nobody has assigned yet stands as the unit it was,
/// below the place that holds all its heirs.
fn lies(steps: &Steps, path: &ScopePath) -> ScopePath {
    match steps.today(path) {
        Today::At(path) => path,
        Today::Nowhere => path.clone(),
        Today::Divided(heirs) => {
            let paths: Vec<ScopePath> = heirs.into_iter().map(|heir| heir.path).collect();
            let above = areas::common(&paths);
            let old = Place::of(path);
            let is_province = Place::of(&above).unit == Place::of(&above).province;
            if is_province && !old.commune.is_empty() {
                above.child(&old.commune)
            } else {
                path.clone()
            }
        }
    }
}
