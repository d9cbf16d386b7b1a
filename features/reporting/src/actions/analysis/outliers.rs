//! Figures that are unlike their own past, with what is usual and what that rests on.

use std::collections::HashMap;

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
        usual::Usual,
    },
    model::{CellKey, DatasetId, Life, Period, analysis::TOO_BROAD, outlier::Typical},
    store::analysis,
};

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
    let usual = Usual::of(tx, form, &asked.period, asked.life).await?;
    let Period { from, until, .. } = asked.period;
    let units = areas::units_between(tx, AreaLevel::Commune, &area.path, from, until).await?;
    let ids: Vec<AreaId> = units.iter().map(|unit| unit.id.clone()).collect();
    let places: HashMap<AreaId, i64> = analysis::places_of(tx, &ids)
        .await?
        .into_iter()
        .map(|place| (place.area, place.no))
        .collect();
    let (mut looked, mut read) = (0, 0);
    let mut found = Vec::new();
    for unit in &units {
        let Some(place) = places.get(&unit.id) else { continue };
        let past = usual.past_at(tx, *place).await?;
        read += past.figures();
        if read > LOOK_MOST {
            return Err(problem(&TOO_BROAD, "most", LOOK_MOST.to_string()));
        }
        for (cell, amount, typical) in past.reported() {
            looked += 1;
            let Some(typical) = typical.filter(|usual| !usual.holds(amount)) else { continue };
            found.push(Outlier {
                area: unit.id.clone(),
                title: areas::model::capitalised(&unit.full_name),
                cell: cell.clone(),
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

fn distance(amount: i64, typical: &Typical) -> i64 {
    let beyond = i128::from(if amount < typical.low {
        typical.low.saturating_sub(amount)
    } else {
        amount.saturating_sub(typical.high)
    });
    let width = (i128::from(typical.high) - i128::from(typical.low)).max(1);
    i64::try_from(beyond.saturating_mul(1_000) / width).unwrap_or(i64::MAX)
}
