//! Figures that are unlike their own past, with what is usual and what that rests on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{OrMissing, Outcome},
};

use crate::{
    actions::{
        SEE,
        catalogue::{self, Catalogue},
        map, problem,
    },
    model::{
        CellKey, CellState, DatasetId, Life, Period,
        analysis::TOO_BROAD,
        outlier::{Past, Typical},
    },
    store::{
        analysis::{self, Packed, Window},
        numbers,
    },
};

/// So many periods back are looked at.
const PERIODS_BACK: u16 = 24;
/// Most figures that are looked at for one answer: a province with a large form.
const LOOK_MOST: usize = 3_000_000;

/// A figure that needs an explanation.
#[derive(Clone, Debug)]
pub struct Outlier {
    /// Where.
    pub area: AreaId,
    /// Its full name.
    pub title: String,
    /// What.
    pub cell: CellKey,
    /// What was reported.
    pub amount: i64,
    /// What is usual there.
    pub typical: Typical,
    /// How far beyond what is usual it lies, in times the width of the usual range; thousandths.
    pub distance: i64,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where to look.
    pub area: AreaId,
    /// In which data set.
    pub dataset: DatasetId,
    /// At which period.
    pub period: Period,
    /// Estimated or final.
    pub life: Life,
}

/// Looks for them, the strangest first. Gives how many figures were looked at, too.
pub async fn find(app: &App, caller: &Caller, asked: &Asked) -> Outcome<(usize, Vec<Outlier>)> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .view(async |tx| {
            let area = areas::find(tx, &asked.area).await?.or_missing(&areas::NOT_FOUND)?;
            map::must(tx, caller, &SEE, &area).await?;
            look(tx, &catalogue, asked, &area).await
        })
        .await
}

async fn look(
    tx: &mut Tx,
    catalogue: &Catalogue,
    asked: &Asked,
    area: &Area,
) -> Outcome<(usize, Vec<Outlier>)> {
    let form = catalogue.form(&asked.dataset)?;
    let keys: BTreeSet<CellKey> =
        form.tables().flat_map(|(_, table)| table.cells()).map(|placed| placed.key).collect();
    let cells = numbers::known_cells(tx, &keys).await?;
    let units = areas::units_between(
        tx,
        AreaLevel::Commune,
        &area.path,
        asked.period.from,
        asked.period.until,
    )
    .await?;
    let periods = asked.period.last_n(PERIODS_BACK);
    let ids: Vec<String> = periods.iter().map(|period| period.id().to_owned()).collect();
    let known = numbers::periods(tx, &ids).await?;
    if cells.len() * units.len() * known.len() > LOOK_MOST {
        return Err(problem(&TOO_BROAD, "most", LOOK_MOST.to_string()));
    }
    let ids: Vec<AreaId> = units.iter().map(|unit| unit.id.clone()).collect();
    let places = analysis::places_of(tx, &ids).await?;
    let titles: HashMap<&AreaId, &str> =
        units.iter().map(|unit| (&unit.id, unit.full_name.as_str())).collect();
    let nos: Vec<i64> = places.iter().map(|row| row.no).collect();
    let from = periods.first().map_or(asked.period.from, |first| first.from);
    let window = Window { from, until: asked.period.until, life: asked.life };
    let at: HashMap<&str, (i16, u16)> =
        periods.iter().map(|period| (period.id(), number(period))).collect();
    let (year, place_in_year) = number(&asked.period);
    let by_no: HashMap<i64, &AreaId> = places.iter().map(|row| (row.no, &row.area)).collect();
    let mut looked = 0;
    let mut found = Vec::new();
    let mut ordered: Vec<(&CellKey, &i64)> = cells.iter().collect();
    ordered.sort();
    for (key, no) in ordered {
        let packed = analysis::reported(tx, window, *no, &nos).await?;
        let pasts = by_place(&packed, &at, asked.period.id());
        for (place, (before, now)) in pasts {
            let (Some(amount), Some(area)) = (now, by_no.get(&place)) else { continue };
            looked += 1;
            let Some(typical) = Typical::of(&before, year, place_in_year) else { continue };
            if typical.holds(amount) {
                continue;
            }
            let title = titles.get(area).copied().unwrap_or_default();
            found.push(Outlier {
                area: (*area).clone(),
                title: areas::model::capitalised(title),
                cell: key.clone(),
                amount,
                typical,
                distance: distance(amount, &typical),
            });
        }
    }
    found.sort_by(|one, two| {
        (-one.distance, &one.area, &one.cell).cmp(&(-two.distance, &two.area, &two.cell))
    });
    Ok((looked, found))
}

/// What each place reported before, and in this period when it did.
fn by_place(
    packed: &[Packed],
    at: &HashMap<&str, (i16, u16)>,
    this: &str,
) -> BTreeMap<i64, (Vec<Past>, Option<i64>)> {
    let mut all: BTreeMap<i64, (Vec<Past>, Option<i64>)> = BTreeMap::new();
    for one in packed {
        let Some((year, number)) = at.get(one.period.as_str()) else { continue };
        for figure in &one.figures.0 {
            // What did not occur is none of it; of whom there are no data, nothing is known.
            let state = CellState::stored(figure.state, figure.amount, None);
            let Some(amount) = state.amount() else { continue };
            let (before, now) = all.entry(figure.place).or_default();
            before.push(Past { year: *year, number: *number, amount });
            if one.period == this {
                *now = Some(amount);
            }
        }
    }
    all
}

/// The year of a period and its number within it, from 1.
pub fn number(period: &Period) -> (i16, u16) {
    let year = i16::try_from(period.year()).unwrap_or(i16::MAX);
    (year, u16::try_from(period.year_to_date().len()).unwrap_or(u16::MAX))
}

fn distance(amount: i64, typical: &Typical) -> i64 {
    let beyond = i128::from(if amount < typical.low {
        typical.low.saturating_sub(amount)
    } else {
        amount.saturating_sub(typical.high)
    });
    let width = (i128::from(typical.high) - i128::from(typical.low)).max(1);
    i64::try_from(beyond.saturating_mul(1_000) / width).unwrap_or(i64::MAX)
}
