//! A draft as its reporter will see it, and on paper: the same tables, drawn by the same hand, without figures.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::Area;
use kernel::{
    axum::extract::Path,
    db::Tx,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, Visit},
};

use super::{At, href, open};
use crate::{
    actions::{
        PERIOD_NOT_FOUND,
        builder::{Draft, places},
        catalogue::Catalogue,
        entry::{Closed, Estimate, Sheet, Which},
    },
    model::{CellKey, Dataset, Period, Scheme, Tier},
    pages::entry::{self, Drawn},
};

/// A draft with the report that it would be.
struct Shown {
    known: Catalogue,
    draft: Draft,
    which: Which,
    sheet: Sheet,
    above: Option<Area>,
}

async fn shown(visit: &Visit, at: &At) -> Outcome<Shown> {
    let (known, draft) = open(visit, at).await?;
    let dataset = &draft.bundle.dataset;
    let period = period(dataset, visit).or_missing(&PERIOD_NOT_FOUND)?;
    let (area, above) = visit.app.db.view(async |tx| units(tx, dataset).await).await?;
    let which = Which {
        dataset: dataset.code.clone(),
        period: period.id().to_owned(),
        life: dataset.lives()[0],
        area: area.id.clone(),
    };
    let form_version = known.form(&dataset.code)?.version;
    let sheet = Sheet {
        submission: None,
        form_version,
        authority: area.path.clone(),
        area,
        period,
        held: HashMap::new(),
        before: HashMap::new(),
        past: HashMap::new(),
        usual: BTreeMap::new(),
        estimate: Estimate::default(),
        conflicts: Vec::new(),
        remarks: Vec::new(),
        narratives: Vec::new(),
        rows: Vec::new(),
        attachments: Vec::new(),
        lost_files: std::collections::BTreeSet::new(),
        closed: Some(Closed::NotYours),
        owner: 0,
    };
    Ok(Shown { known, draft, which, sheet, above })
}

/// The period that runs, or the campaign's own.
fn period(dataset: &Dataset, visit: &Visit) -> Option<Period> {
    let scheme = Scheme::parse(&dataset.scheme)?;
    if scheme.is_campaign() {
        // A draft may still end before it begins.
        return Period::campaign(dataset.from, dataset.until.plus_days(-1).max(dataset.from));
    }
    scheme.containing(visit.app.now().day())
}

/// One of the units that would report, with the unit above it.
async fn units(tx: &mut Tx, dataset: &Dataset) -> Outcome<(Area, Option<Area>)> {
    let level = match dataset.tier {
        Tier::Commune => areas::AreaLevel::Commune,
        Tier::Province => areas::AreaLevel::Province,
        Tier::Ministry => areas::AreaLevel::Country,
    };
    let place = places(dataset).into_iter().next().unwrap_or_else(|| ScopePath::root().child("vn"));
    let today = tx.now().day();
    let all = areas::units_between(tx, level, &place, today, today.plus_days(1)).await?;
    let path = all.into_iter().next().map_or(place, |unit| unit.path);
    let area = areas::by_path(tx, &path).await?.or_missing(&areas::NOT_FOUND)?;
    let above = match &area.parent {
        Some(parent) => areas::find(tx, parent).await?,
        None => None,
    };
    Ok((area, above))
}

impl Shown {
    /// As the pages of entry draw it; `none` are no cells.
    fn drawn<'a>(&'a self, none: &'a BTreeSet<CellKey>) -> Drawn<'a> {
        let back = href(&self.draft.id);
        Drawn {
            catalogue: &self.known,
            which: &self.which,
            sheet: &self.sheet,
            base: format!("{back}/xem"),
            back,
            none,
        }
    }
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let it = shown(&visit, &at).await?;
    entry::preview(&visit, &it.drawn(&BTreeSet::new()))
}

pub(crate) async fn paper(visit: Visit, Path(at): Path<At>) -> Answer {
    let it = shown(&visit, &at).await?;
    entry::preview_on_paper(&visit, &it.drawn(&BTreeSet::new()), it.above.as_ref())
}
