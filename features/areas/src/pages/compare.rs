//! Two days side by side: how much of each province changed, what exactly in one of them, and all of it
//! as a table to take away.

use std::collections::HashMap;

use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    db::Tx,
    problem::{Failure, FormProblems, OrMissing, Outcome},
    text::sort_key,
    web::{Answer, Made, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Errors, href, told, tree::Jump};
use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, AreaLevel, capitalised,
        frame::{Change, Compared, Difference, Party, Summary, summaries},
    },
    store,
};

/// The comparison's page.
pub const COMPARE: Template<Compare> = Template::new("areas/compare.html");

/// What the comparison shows.
#[derive(Debug, Default, Serialize)]
pub struct Compare {
    /// The first day, as typed.
    pub from: String,
    /// The second day, as typed.
    pub to: String,
    /// The level's code.
    pub level: String,
    /// Levels to choose from.
    pub levels: Vec<&'static str>,
    /// The place that is looked into: its id.
    pub place: String,
    /// Its full name.
    pub place_title: String,
    /// How many units of each change.
    pub counts: Vec<Count>,
    /// The counts of every province, when no place is looked into.
    pub provinces: Vec<ProvinceRow>,
    /// Kinds of change to look at, when a place is.
    pub kinds: Vec<Jump>,
    /// The units of the chosen kind.
    pub rows: Vec<Row>,
    /// The instrument of all rows, when they have the same; told once instead of in every row.
    pub instrument: String,
    /// The chosen kind's code.
    pub kind: &'static str,
    /// True when something ended without anybody knowing what it became.
    pub gaps: bool,
    /// How many units were divided by shares that no decree here tells; empty when none was.
    pub unshared: String,
    /// The same as a table.
    pub csv_href: String,
    /// Back to all provinces.
    pub whole_href: String,
    /// What is wrong with the question.
    pub errors: Errors,
}

/// How many units of one change.
#[derive(Debug, Serialize)]
pub struct Count {
    /// The change's code.
    pub kind: &'static str,
    /// How many.
    pub count: usize,
}

/// One province's counts.
#[derive(Debug, Serialize)]
pub struct ProvinceRow {
    /// The comparison within it.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// In the order of [`Change::ALL`].
    pub counts: Vec<Count>,
}

/// One unit.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What happened to it.
    pub kinds: Vec<&'static str>,
    /// It on the first day.
    pub before: Option<End>,
    /// It on the second day.
    pub after: Option<End>,
    /// What it became or was made of.
    pub parties: Vec<End>,
    /// By which instruments.
    pub instrument: String,
    /// True when nothing is known of the way.
    pub unknown: bool,
}

/// A unit on one of the days.
#[derive(Debug, Serialize)]
pub struct End {
    /// Its page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its code.
    pub code: String,
    /// False when only a part went this way.
    pub whole: bool,
}

/// Parameters as they came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    tu: Option<String>,
    den: Option<String>,
    trong: Option<String>,
    cap: Option<String>,
    loai: Option<String>,
}

/// What is asked, read.
#[derive(Clone, Debug)]
struct Asked {
    from: Day,
    to: Day,
    level: AreaLevel,
    place: Option<AreaId>,
    kind: Option<Change>,
}

fn given(parameter: Option<&String>) -> Option<&str> {
    parameter.map(|value| value.trim()).filter(|value| !value.is_empty())
}

const LEVELS: [AreaLevel; 3] = [AreaLevel::Province, AreaLevel::District, AreaLevel::Commune];

impl Wanted {
    fn read(&self, first: Option<Day>, today: Day) -> Outcome<Asked> {
        let mut wrong = FormProblems::new();
        let before_2025 = crate::model::plan::restructured_on().plus_days(-1);
        let from = given(self.tu.as_ref()).map_or(Some(before_2025), Day::parse);
        let to = given(self.den.as_ref()).map_or(Some(today), Day::parse);
        wrong.require(from.is_some(), "tu", "areas-query-at");
        wrong.require(to.is_some(), "den", "areas-query-at");
        let early = |day: Option<Day>| day.zip(first).is_some_and(|(day, first)| day < first);
        wrong.require(!early(from), "tu", "areas-day-early");
        wrong.require(!early(to), "den", "areas-day-early");
        let ordered = from.zip(to).is_none_or(|(from, to)| from < to);
        wrong.require(ordered, "den", "areas-compare-order");
        let level = given(self.cap.as_ref()).map_or(Some(AreaLevel::Commune), AreaLevel::from_code);
        let level = level.filter(|level| LEVELS.contains(level));
        wrong.require(level.is_some(), "cap", "areas-compare-level");
        wrong.check()?;
        let place = given(self.trong.as_ref());
        let place = place.map(|place| AreaId::parse(place).or_missing(&NOT_FOUND)).transpose()?;
        let kind = given(self.loai.as_ref());
        Ok(Asked {
            from: from.unwrap_or(before_2025),
            to: to.unwrap_or(today),
            level: level.unwrap_or(AreaLevel::Commune),
            place,
            kind: kind.and_then(Change::from_code),
        })
    }
}

/// The address of a comparison; `more` is what follows the days and the level.
fn address(asked: &Asked, end: &str, more: &str) -> String {
    let Asked { from, to, level, .. } = asked;
    format!("/dia-ban/so-sanh{end}?tu={from}&den={to}&cap={}{more}", level.code())
}

/// The comparison, and how many of its units were divided by shares that nobody has told.
async fn compare(tx: &mut Tx, asked: &Asked) -> Outcome<(Compared, usize)> {
    let before = store::tree(tx, asked.from).await?;
    let after = store::tree(tx, asked.to).await?;
    let steps = store::frames::steps_between(tx, asked.from, asked.to).await?;
    let mut compared = Compared::of(before, after, &steps, asked.to).only(asked.level);
    if let Some(place) = &asked.place {
        store::life(tx, place).await?.or_missing(&NOT_FOUND)?;
        compared.differences.retain(|one| one.concerns(place));
    }
    let is_unshared = |one: &&Difference| {
        let onward = one.before.as_ref().and_then(|area| steps.get(&area.id));
        onward.is_some_and(|ways| ways.iter().any(|way| !way.whole && way.weight.is_none()))
    };
    let unshared = compared.differences.iter().filter(is_unshared).count();
    Ok((compared, unshared))
}

async fn read(visit: &Visit, wanted: &Wanted) -> Outcome<Asked> {
    let frames = visit.app.db.view(async |tx| Ok(store::frames(tx).await?)).await?;
    wanted.read(frames.first().map(|frame| frame.as_of), visit.app.now().day())
}

/// `GET /dia-ban/so-sanh?tu=&den=&cap=&trong=&loai=`
pub async fn show(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let asked = match read(&visit, &wanted).await {
        Ok(asked) => asked,
        Err(failure) => {
            return visit.form_again(failure, &COMPARE, |errors| Compare {
                from: wanted.tu.clone().unwrap_or_default(),
                to: wanted.den.clone().unwrap_or_default(),
                level: wanted.cap.clone().unwrap_or_default(),
                levels: levels(),
                errors: told(errors),
                ..Compare::default()
            });
        }
    };
    let page = visit.app.db.view(async |tx| gather(&visit, tx, &asked).await).await?;
    visit.public_page(&COMPARE, &page)
}

fn levels() -> Vec<&'static str> {
    LEVELS.into_iter().map(AreaLevel::code).collect()
}

async fn gather(visit: &Visit, tx: &mut Tx, asked: &Asked) -> Outcome<Compare> {
    let (compared, unshared) = compare(tx, asked).await?;
    let counts = compared.counts();
    let count = |change: Change| counts.get(&change).copied().unwrap_or(0);
    let unknown = |one: &Difference| one.after.is_none() && one.parties.is_empty();
    let mut page = Compare {
        from: asked.from.short(),
        to: asked.to.short(),
        level: asked.level.code().to_owned(),
        levels: levels(),
        counts: Change::ALL.iter().map(|at| Count { kind: at.code(), count: count(*at) }).collect(),
        // The rung of districts ended as such; that is known and no gap.
        gaps: asked.level != AreaLevel::District && compared.differences.iter().any(unknown),
        unshared: if unshared == 0 { String::new() } else { unshared.to_string() },
        whole_href: address(asked, "", ""),
        ..Compare::default()
    };
    let Some(place) = &asked.place else {
        page.csv_href = address(asked, ".csv", "");
        page.provinces = provinces(tx, asked, summaries(&compared)).await?;
        return Ok(page);
    };
    page.csv_href = address(asked, ".csv", &format!("&trong={place}"));
    page.place = place.to_string();
    page.place_title = store::find(tx, place).await?.or_missing(&NOT_FOUND)?.title();
    let default =
        [Change::Began, Change::Ended, Change::Renamed, Change::Reclassified, Change::Reparented];
    let kind = asked.kind.or_else(|| default.into_iter().find(|kind| count(*kind) > 0));
    let kind = kind.unwrap_or(Change::Same);
    page.kind = kind.code();
    page.kinds = Change::ALL
        .into_iter()
        .filter(|at| count(*at) > 0)
        .map(|at| Jump {
            href: address(asked, "", &format!("&trong={place}&loai={}", at.code())),
            label: visit.say(&format!("areas-change-{}", at.code()), &[]),
            current: at == kind,
        })
        .collect();
    let chosen = compared.differences.into_iter().filter(|one| one.changes.contains(&kind));
    page.rows = chosen.map(|one| row(&one, asked)).collect();
    let first = page.rows.first().map_or("", |row| row.instrument.as_str());
    if page.rows.iter().all(|row| row.instrument == first) {
        page.instrument = first.to_owned();
    }
    Ok(page)
}

async fn provinces(tx: &mut Tx, asked: &Asked, rows: Vec<Summary>) -> Outcome<Vec<ProvinceRow>> {
    let areas = store::find_many(tx, rows.iter().map(|row| &row.province)).await?;
    let mut named: Vec<(String, ProvinceRow)> = Vec::new();
    for Summary { province, counts } in rows {
        let Some(area) = areas.get(&province) else { continue };
        let counts =
            Change::ALL.iter().zip(counts).map(|(at, count)| Count { kind: at.code(), count });
        let href = address(asked, "", &format!("&trong={province}"));
        let row = ProvinceRow { href, title: area.title(), counts: counts.collect() };
        named.push((sort_key(&area.name), row));
    }
    named.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(named.into_iter().map(|(_, row)| row).collect())
}

fn end(area: &Area, day: Day, whole: bool) -> End {
    End {
        href: format!("{}?at={day}", href(area)),
        title: capitalised(&area.full_name),
        code: area.code.clone().unwrap_or_default(),
        whole,
    }
}

fn row(one: &Difference, asked: &Asked) -> Row {
    let other_day = if one.after.is_none() { asked.to } else { asked.from };
    let mut instruments: Vec<&str> =
        one.parties.iter().map(|party| party.event.instrument.as_str()).collect();
    instruments.sort_unstable();
    instruments.dedup();
    let party = |party: &Party| end(&party.area, other_day, party.whole);
    Row {
        kinds: one.changes.iter().map(|change| change.code()).collect(),
        before: one.before.as_ref().map(|area| end(area, asked.from, true)),
        after: one.after.as_ref().map(|area| end(area, asked.to, true)),
        instrument: instruments.join("; "),
        unknown: one.parties.is_empty() && (one.before.is_none() || one.after.is_none()),
        parties: one.parties.iter().map(party).collect(),
    }
}

/// One line of the table to take away.
#[derive(Default, Serialize)]
struct Line<'a> {
    change: String,
    level: &'static str,
    old_unit: &'a str,
    old_code: &'a str,
    old_full_name: &'a str,
    old_province: &'a str,
    new_unit: &'a str,
    new_code: &'a str,
    new_full_name: &'a str,
    new_province: &'a str,
    whole: Option<bool>,
    weight: String,
    kind: &'static str,
    effective_on: Option<Day>,
    instrument: &'a str,
}

/// `GET /dia-ban/so-sanh.csv?tu=&den=&cap=&trong=`
pub async fn download(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let asked = read(&visit, &wanted).await?;
    let (compared, names) = visit
        .app
        .db
        .view(async |tx| {
            let (compared, _) = compare(tx, &asked).await?;
            let mut names: HashMap<AreaId, String> = HashMap::new();
            for day in [asked.from, asked.to] {
                for area in store::children(tx, &AreaId::country(), day).await? {
                    names.insert(area.id, area.full_name);
                }
            }
            Ok((compared, names))
        })
        .await?;
    visit.made(Made {
        kind: "text/csv; charset=utf-8; header=present",
        name: Some(format!("so-sanh-{}-{}.csv", asked.from, asked.to)),
        bytes: table(&compared, &names).map_err(|error| Failure::fault("write a table", error))?,
    })
}

/// The whole comparison; a divided or merged unit has a line for every way.
fn table(compared: &Compared, names: &HashMap<AreaId, String>) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    for one in &compared.differences {
        let changes: Vec<&str> = one.changes.iter().map(|change| change.code()).collect();
        let change = changes.join(" ");
        if one.parties.is_empty() {
            out.serialize(line(&change, one.before.as_ref(), one.after.as_ref(), None, names))?;
        }
        for party in &one.parties {
            let (old, new) = match &one.before {
                Some(before) => (Some(before), Some(&party.area)),
                None => (Some(&party.area), one.after.as_ref()),
            };
            out.serialize(line(&change, old, new, Some(party), names))?;
        }
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

fn line<'a>(
    change: &str,
    old: Option<&'a Area>,
    new: Option<&'a Area>,
    party: Option<&'a Party>,
    names: &'a HashMap<AreaId, String>,
) -> Line<'a> {
    let id = |area: Option<&'a Area>| area.map_or("", |area| area.id.as_str());
    let code = |area: Option<&'a Area>| area.and_then(|area| area.code.as_deref()).unwrap_or("");
    let name = |area: Option<&'a Area>| area.map_or("", |area| area.full_name.as_str());
    let province = |area: Option<&'a Area>| {
        let steps = area.map(|area| area.path.as_str().trim_matches('/').split('/'));
        let province = steps.and_then(|mut steps| steps.nth(1)).and_then(AreaId::parse);
        province.and_then(|id| names.get(&id)).map_or("", String::as_str)
    };
    Line {
        change: change.to_owned(),
        level: new.or(old).map_or("", |area| area.level.code()),
        old_unit: id(old),
        old_code: code(old),
        old_full_name: name(old),
        old_province: province(old),
        new_unit: id(new),
        new_code: code(new),
        new_full_name: name(new),
        new_province: province(new),
        whole: party.map(|party| party.whole),
        weight: party
            .and_then(|party| party.weight)
            .map_or_else(String::new, |weight| format!("{}/{}", weight.num, weight.den)),
        kind: party.map_or("", |party| party.event.kind.code()),
        effective_on: party.map(|party| party.event.effective_on),
        instrument: party.map_or("", |party| party.event.instrument.as_str()),
    }
}
