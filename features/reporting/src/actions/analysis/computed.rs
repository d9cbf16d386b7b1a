//! Figures that the platform counts itself: the elements `td.…`, marked as computed. Other houses know them
//! and answer through a port; what is owed and handed in is known here. Written once a day as values by the
//! author *Hệ thống*, so that they roll up, open to their source and are published like any other figure.

use std::collections::BTreeMap;

use areas::AreaId;
use kernel::{
    app::{App, AppRef, NodeRole},
    clock::Day,
    db::Tx,
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};

use crate::{
    actions::{
        agencies::{agency_at, tier_at},
        analysis::public,
        catalogue::{self, Catalogue},
        figures::{Ground, Pen, approve, replace},
        map, obligations,
    },
    model::{CellKey, CellState, Life, Period, period::Scheme},
    store::{analysis, numbers, values::Spot},
};

/// The scheme in which the platform counts.
pub const SCHEME: &str = "nd09q";
/// The owner of these figures, where a data set would stand.
pub const OWNER: &str = "td";
/// The author of these figures.
pub const AUTHOR: &str = "Hệ thống";
/// A period that ended so many days ago is counted again: points come back late.
const LATE_DAYS: i32 = 20;

/// Something that a house counted for an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What: an element `td.…` with coordinates it may have.
    pub cell: CellKey,
    /// Where: a commune, a province or the country.
    pub area: AreaId,
    /// Where it hangs.
    pub path: ScopePath,
    /// How many.
    pub amount: i64,
}

/// The question to the houses that know: what was counted in a period. Answered by the server's bridges.
pub struct Computed(pub for<'a> fn(&'a mut Tx, &'a Period) -> Doing<'a, Vec<Counted>>);

/// Counts anew once a day.
pub const KEEP_COMPUTED: JobKind =
    JobKind { name: "reporting.keep_computed", run: |app, _| every_day(app) };

fn every_day(app: &AppRef) -> Doing<'_, ()> {
    Box::pin(async move {
        keep(app).await?;
        let tomorrow = app.now().day().plus_days(1);
        app.db
            .change(async |tx| {
                if numbers::note_day(tx, "computed", tomorrow).await? {
                    tx.queue(&KEEP_COMPUTED, &tomorrow.iso(), tomorrow.start()).await?;
                }
                Ok(())
            })
            .await
    })
}

/// Asks for the daily count, on every start.
pub async fn begin(app: &App) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let now = tx.now();
            tx.queue(&KEEP_COMPUTED, "start", now).await?;
            Ok(())
        })
        .await
}

/// The periods that are counted on a day: the one that runs, and the one before while points may be late.
fn periods(today: Day) -> Vec<Period> {
    let Some(now) = Scheme::parse(SCHEME).and_then(|scheme| scheme.containing(today)) else {
        return Vec::new();
    };
    let late = today.days_since(now.from) <= LATE_DAYS;
    let before = now.previous().filter(|_| late);
    before.into_iter().chain([now]).collect()
}

/// Counts now; gives how many figures stand. Only the hub sees the whole.
pub async fn keep(app: &AppRef) -> Outcome<usize> {
    if app.role != NodeRole::Hub {
        return Ok(0);
    }
    let catalogue = catalogue::current(app).await?;
    let home = obligations::home(app).await?;
    let mut all = 0;
    for period in periods(app.now().day()) {
        let counted = app
            .db
            .view(async |tx| {
                let mut counted = own(tx, &period).await?;
                counted.extend(open_data(tx, &catalogue, &home).await?);
                if let Some(Computed(ask)) = app.port::<Computed>() {
                    counted.extend(ask(tx, &period).await?);
                }
                Ok(counted)
            })
            .await?;
        let mut by_place = sorted(&catalogue, counted);
        // What may no longer be told, or is no longer there, does not stay behind.
        for (area, path) in app.db.view(async |tx| before(tx, &period).await).await? {
            by_place.entry(area).or_insert((path, BTreeMap::new()));
        }
        all += by_place.values().map(|(_, figures)| figures.len()).sum::<usize>();
        for (area, (path, figures)) in by_place {
            app.db.change(async |tx| write(tx, &period, &area, &path, &figures).await).await?;
        }
    }
    Ok(all)
}

/// Places that have figures of ours in a period.
async fn before(tx: &mut Tx, period: &Period) -> Outcome<Vec<(AreaId, ScopePath)>> {
    let Some(no) = numbers::known_period(tx, period.id()).await? else { return Ok(Vec::new()) };
    let rows = analysis::places_of_owner(tx, no, OWNER).await?;
    Ok(rows.into_iter().map(|row| (row.area, row.path)).collect())
}

type ByPlace = BTreeMap<AreaId, (ScopePath, BTreeMap<CellKey, CellState>)>;

/// By place; what is no computed element is not ours to write.
fn sorted(catalogue: &Catalogue, counted: Vec<Counted>) -> ByPlace {
    let mut all: ByPlace = BTreeMap::new();
    for one in counted {
        let element = catalogue.elements.get(&one.cell.element);
        let fits = element.is_some_and(|element| {
            one.cell.element.as_str().starts_with("td.")
                && element.cell(one.cell.coords.clone()).is_some()
        });
        if fits {
            let (_, figures) = all.entry(one.area).or_insert((one.path, BTreeMap::new()));
            figures.insert(one.cell, CellState::Value(one.amount));
        }
    }
    all
}

async fn write(
    tx: &mut Tx,
    period: &Period,
    area: &AreaId,
    path: &ScopePath,
    figures: &BTreeMap<CellKey, CellState>,
) -> Outcome<()> {
    let place = map::place(tx, area, path).await?;
    let no = numbers::period_no(tx, period).await?;
    let spot = Spot { period: no, place: place.no, life: Life::Final };
    let owner = numbers::owner_no(tx, OWNER).await?;
    let author = numbers::author_no(tx, "system", AUTHOR).await?;
    let ground = Ground::read(tx, spot, period.last_day()).await?;
    replace(tx, &ground, Pen { owner, author, at: tx.now() }, figures).await?;
    // What a machine counted needs nobody's signature, but only once the period is over.
    if period.until <= tx.now().day() {
        let ground = Ground::read(tx, spot, period.last_day()).await?;
        approve(tx, &ground, owner, |_| true).await?;
    }
    Ok(())
}

/// What reporting counts itself: reports that were due, and those of them that were handed in here.
async fn own(tx: &mut Tx, period: &Period) -> Outcome<Vec<Counted>> {
    let mut all = Vec::new();
    for row in analysis::owed(tx, period.from, period.until).await? {
        let tier = tier_at(&row.path);
        for (element, amount) in [("td.baocao", row.due), ("td.baocao.so", row.met)] {
            let parts = [element.to_owned(), format!("{element}:cap={tier}")];
            let cells = parts.iter().filter_map(|text| CellKey::parse(text));
            all.extend(cells.map(|cell| Counted {
                cell,
                area: row.area.clone(),
                path: row.path.clone(),
                amount,
            }));
        }
    }
    Ok(all)
}

/// What everybody may fetch now: data sets with a published table, told at the area for which this node publishes.
async fn open_data(tx: &mut Tx, catalogue: &Catalogue, home: &ScopePath) -> Outcome<Vec<Counted>> {
    let path = agency_at(home);
    let Some(area) = path.last().and_then(AreaId::parse) else { return Ok(Vec::new()) };
    let count = i64::try_from(public::datasets(tx, catalogue).await?.len()).unwrap_or(i64::MAX);
    // Page, JSON and CSV are one table under one address: what is published at all is published for machines.
    let cells = ["td.dulieu", "td.dulieu.maydoc"].into_iter().filter_map(CellKey::parse);
    let counted = |cell| Counted { cell, area: area.clone(), path: path.clone(), amount: count };
    Ok(cells.map(counted).collect())
}
