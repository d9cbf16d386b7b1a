//! Reports of the demonstration: last quarter's, so that there is something to compare with, and households of
//! the communes as they were from 2021 to 2024, so that old figures can be read in today's geography. All of
//! them are invented, by the law below, and carry the name *Số liệu minh họa*.

use std::collections::BTreeMap;

use areas::{
    AreaId, AreaLevel,
    actions::decree::{self, Proposal},
};
use kernel::{app::AppRef, caller::Caller, clock::Day, db::Tx, problem::Outcome, scope::ScopePath};
use reporting::{
    actions::{
        entry::{Changes, Which, save},
        figures::Edit,
        import::Importer,
        steps::{Said, take},
    },
    model::{CellKey, CellState, DatasetId, Life, Period, submission::Step},
};

use super::cast::{COMMUNE, PROVINCE};

/// The quarterly report that the demonstration is about.
const QUARTERLY: &str = "diem-ho-tro";
/// Households by poverty, once a year.
const HOUSEHOLDS: &str = "bm-12c";
/// Results of the programme, estimated in September and settled in January.
const RESULTS: &str = "bm-04";
/// Whose name invented figures carry.
const INVENTED: (&str, &str) = ("minh-hoa", "Số liệu minh họa");
/// So many neighbours have reported last quarter.
const NEIGHBOURS: usize = 14;

/// Last quarter's reports of some communes, approved; and the households of the old communes.
pub async fn settle_hub(app: &AppRef) -> Outcome<()> {
    let Some(last) = last_quarter(app) else { return Ok(()) };
    let province = ScopePath::parse(PROVINCE).unwrap_or_else(ScopePath::root);
    let units = app
        .db
        .view(async |tx| {
            Ok(areas::units_between(tx, AreaLevel::Commune, &province, last.from, last.until)
                .await?)
        })
        .await?;
    app.db
        .change(async |tx| {
            let all = reporting::actions::catalogue::read(tx).await?;
            let Some(code) = DatasetId::parse(QUARTERLY) else { return Ok(0) };
            let dataset = all.dataset(&code)?;
            reporting::actions::obligations::make(tx, &all, dataset, &last, &province).await
        })
        .await?;
    let neighbours = units.iter().filter(|unit| unit.path.as_str() != COMMUNE);
    for (at, unit) in neighbours.take(NEIGHBOURS).enumerate() {
        report(app, &unit.id, &last, at, true).await?;
    }
    join_lists(app).await?;
    households(app).await?;
    both_lives(app).await
}

/// The results of the programme in 2025, as estimated in September and as settled in January; those of 2026 as
/// estimated so far.
async fn both_lives(app: &AppRef) -> Outcome<()> {
    for (year, life) in [(2025, Life::Estimate), (2025, Life::Final), (2026, Life::Estimate)] {
        import(app, RESULTS, (year, life), PROVINCE, &|at, _| results(at, year, life)).await?;
    }
    Ok(())
}

/// The law of a year's results. September saw nine tenths of the year, a little more or less.
fn results(seed: usize, year: i16, life: Life) -> Figures {
    let n = i64::try_from(seed).unwrap_or(0);
    let year = i64::from(year - 2025);
    let share = if life == Life::Estimate { 86 + (n * 7) % 19 } else { 100 };
    let of = |amount: i64| amount * share / 100;
    figures([
        ("1.3", of(20 + (n * 13) % 45 + year * 4)),
        ("1.6", of(35 + (n * 29) % 90 + year * 6)),
        ("1.7", of(1 + n % 3)),
        ("2.2", of((n * 11) % 30)),
        ("3.6", of(60 + (n * 31) % 120)),
        ("4.1b", of(1 + n % 4 + year)),
    ])
}

/// Last quarter's report of the commune itself, written where the commune writes.
pub async fn settle_point(app: &AppRef) -> Outcome<()> {
    let Some(last) = last_quarter(app) else { return Ok(()) };
    let Some(area) = ScopePath::parse(COMMUNE).and_then(|path| AreaId::parse(path.last()?)) else {
        return Ok(());
    };
    report(app, &area, &last, 3, false).await
}

fn last_quarter(app: &AppRef) -> Option<Period> {
    let scheme = reporting::model::Scheme::parse("nd09q")?;
    scheme.containing(app.now().day())?.previous()
}

/// Types, signs and hands in one report; at the hub it is taken and approved too. One that is there stays.
async fn report(
    app: &AppRef,
    area: &AreaId,
    period: &Period,
    seed: usize,
    approved: bool,
) -> Outcome<()> {
    let Some(dataset) = DatasetId::parse(QUARTERLY) else { return Ok(()) };
    let which =
        Which { dataset, period: period.id().to_owned(), life: Life::Final, area: area.clone() };
    let system = Caller::system(app.now());
    let (_, sheet) = reporting::actions::entry::open(app, &system, &which).await?;
    if sheet.submission.is_some() {
        return Ok(());
    }
    let edits = quarter(seed)
        .into_iter()
        .filter_map(|(cell, amount)| {
            let state = Some(CellState::Value(amount));
            Some(Edit { key: CellKey::parse(cell)?, base: 0, state })
        })
        .collect();
    save(app, &system, &which, Changes { edits, ..Changes::default() }).await?;
    let words = "Số liệu minh họa".to_owned();
    let said = Said { revision: 1, note: words.clone(), late_reason: words, ..Said::default() };
    let steps: &[Step] = if approved {
        &[Step::Certify, Step::Submit, Step::Accept, Step::Approve]
    } else {
        &[Step::Certify, Step::Submit]
    };
    for step in steps {
        take(app, &system, &which.id(), *step, &said).await?;
    }
    Ok(())
}

/// The law of a quarter's figures.
fn quarter(seed: usize) -> Vec<(&'static str, i64)> {
    let n = i64::try_from(seed).unwrap_or(0);
    let users = 120 + (n * 37) % 130;
    vec![
        ("10.5a", 2 + n % 3),
        ("10.5b", 1 + n % 2),
        ("10.6", users),
        ("10.6:gt=nu", users * 4 / 10),
        ("10.6:dtts=dtts", users * 8 / 10),
        ("10.3a", 4 + n % 5),
        ("10.3b", 160 + (n * 53) % 200),
        ("10.3b:gt=nu", 70 + n % 40),
        ("10.3b:dtts=dtts", 110 + n % 40),
        ("10.2", 12 + n % 9),
        ("10.6kp", 60_500 + (n * 7_345) % 90_000),
    ]
}

/// Joins the list of 2021 with that of 2024 where both have the same units, as an administrator does with one press:
/// then the figures of those years are read in today's geography.
async fn join_lists(app: &AppRef) -> Outcome<()> {
    let system = Caller::system(app.now());
    let id = match decree::propose_unchanged(&app.db, app.role, &system).await {
        Ok(Proposal::Kept(id)) => id,
        Ok(Proposal::Wrong(_)) => return Ok(()),
        Err(failure) if failure.is(&decree::UNCHANGED_JOINED) => return Ok(()),
        Err(failure) => return Err(failure),
    };
    let kept = app.db.view(async |tx| Ok(areas::decree(tx, &id).await?)).await?;
    let hash = kept.map(|kept| kept.content_hash).unwrap_or_default();
    decree::apply(&app.db, app.role, &system, &id, &hash).await
}

/// Households and poor households of the communes of the two old provinces, four years long, and of today's
/// communes in 2025.
async fn households(app: &AppRef) -> Outcome<()> {
    let old = |year| {
        if year < 2024 {
            ["/vn/06.2021/", "/vn/19.2021/"]
        } else {
            ["/vn/06.2024/", "/vn/19.2024/"]
        }
    };
    for year in 2021..=2024 {
        for province in old(year) {
            let law = |_, area: &AreaId| of_year(&[seed(area)], year);
            import(app, HOUSEHOLDS, (year, Life::Final), province, &law).await?;
        }
    }
    // A commune of today has the households of those that came together in it.
    let made_of = app.db.view(async |tx| made_of(tx).await).await?;
    let law = |_, area: &AreaId| {
        let own = vec![seed(area)];
        of_year(made_of.get(area).unwrap_or(&own), 2025)
    };
    import(app, HOUSEHOLDS, (2025, Life::Final), PROVINCE, &law).await
}

/// The seeds of the communes that came together in each commune of the province.
async fn made_of(tx: &mut Tx) -> Outcome<BTreeMap<AreaId, Vec<usize>>> {
    let province = ScopePath::parse(PROVINCE).unwrap_or_else(ScopePath::root);
    let today = tx.now().day();
    let mut all: BTreeMap<AreaId, Vec<usize>> = BTreeMap::new();
    for commune in areas::below(tx, &province, AreaLevel::Commune, today).await? {
        for before in areas::predecessors(tx, &commune.id).await? {
            // Of what was divided nobody has said by which share: it is left out.
            if before.whole {
                all.entry(commune.id.clone()).or_default().push(seed(&before.area.id));
            }
        }
    }
    Ok(all)
}

/// A number of a unit that stays the same through the years: its code.
fn seed(area: &AreaId) -> usize {
    let code = area.as_str().split('.').next().unwrap_or_default();
    code.parse().unwrap_or_default()
}

/// Figures of one unit.
type Figures = BTreeMap<CellKey, CellState>;

/// Writes a year of every commune of a province as the law says.
async fn import(
    app: &AppRef,
    dataset: &str,
    (year, life): (i16, Life),
    province: &str,
    law: &dyn Fn(usize, &AreaId) -> Figures,
) -> Outcome<()> {
    let (Some(period), Some(scope)) =
        (Period::parse(&format!("y-{year}")), ScopePath::parse(province))
    else {
        return Ok(());
    };
    let Some(day) = Day::new(year, 12, 31) else { return Ok(()) };
    app.db
        .change(async |tx| {
            let next = day.plus_days(1);
            let units = areas::units_between(tx, AreaLevel::Commune, &scope, day, next).await?;
            let places: Vec<_> =
                units.iter().map(|unit| (unit.id.clone(), unit.path.clone())).collect();
            let mut importer = Importer::begin(tx, dataset, INVENTED, &places).await?;
            for (at, (area, _)) in places.iter().enumerate() {
                importer.write(tx, area, &period, life, &law(at, area)).await?;
            }
            Ok(())
        })
        .await
}

/// A year of a commune that so many came together in.
fn of_year(seeds: &[usize], year: i16) -> Figures {
    let since = i64::from(year - 2021);
    let one = |seed: &usize| {
        let n = i64::try_from(*seed).unwrap_or(0);
        let households = 600 + (n * 131) % 1_900 + since * 6;
        (households, households * (28 - since * 3 - n % 4) / 100)
    };
    let (all, poor) = seeds.iter().map(one).fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    figures([("ds.ho", all), ("ds.ho:ng=ngheo", poor)])
}

fn figures<const N: usize>(told: [(&str, i64); N]) -> Figures {
    told.into_iter()
        .filter_map(|(cell, amount)| Some((CellKey::parse(cell)?, CellState::Value(amount))))
        .collect()
}
