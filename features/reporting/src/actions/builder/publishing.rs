//! Publishing: what would change, whether it may, and the one transaction in which new versions are written, said
//! to the points and owed.

use std::collections::BTreeSet;

use identity::audit;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};
use serde::Serialize;

use super::{DRAFT_CHANGED, DRAFT_NOT_FOUND, Draft, PUBLISH, must_be_hub, places, strange_areas};
use crate::{
    actions::{
        OWN_WORK,
        catalogue::{self, Catalogue, kind},
        obligations,
    },
    model::{
        CellKey, Dataset, DatasetId, DraftId,
        bundle::{Bundle, Change, Flaw, difference, is_template},
        form::Form,
    },
    store::{
        definitions::{self, Definition},
        drafts,
    },
};

/// More areas than this are told as the provinces they lie in: a record names its addressees and stays small.
const TARGETS_MOST: usize = 40;

/// What publishing a draft would do.
pub struct Look {
    /// What keeps it from being published.
    pub flaws: Vec<Flaw>,
    /// What changes about the version in force.
    pub changes: Vec<Change>,
    /// The version of the form in force; none for a new data set.
    pub before: Option<u32>,
    /// Other data sets of the same units and periods, with how many of the cells they ask for too: a figure has one
    /// owner, the data set through which it was entered first.
    pub shared: Vec<(DatasetId, usize)>,
}

/// Looks at a draft against what is in force.
pub async fn look(tx: &mut Tx, known: &Catalogue, bundle: &Bundle) -> Outcome<Look> {
    let mut flaws = bundle.problems(known);
    for area in strange_areas(tx, &bundle.dataset).await? {
        flaws.push(Flaw {
            at: "dataset".to_owned(),
            what: "reporting-flaw-area",
            args: vec![("area", area)],
        });
    }
    let code = &bundle.dataset.code;
    let before = known.datasets.get(code).zip(known.form(code).ok());
    let version = before.map(|(_, form)| form.version);
    let shared = shared(known, bundle);
    Ok(Look { flaws, changes: difference(before, bundle), before: version, shared })
}

fn shared(known: &Catalogue, bundle: &Bundle) -> Vec<(DatasetId, usize)> {
    let cells = |form: &Form| -> BTreeSet<CellKey> {
        form.tables().flat_map(|(_, table)| table.cells()).map(|placed| placed.key).collect()
    };
    let own = &bundle.dataset;
    // Campaigns have days of their own, so that their figures meet nobody else's.
    if own.scheme == "campaign" {
        return Vec::new();
    }
    let asked = cells(&bundle.form);
    let alike = known.datasets.values().filter(|one| {
        one.code != own.code
            && one.tier == own.tier
            && one.scheme == own.scheme
            && !is_template(one)
    });
    alike
        .filter_map(|one| {
            let count = cells(known.form(&one.code).ok()?).intersection(&asked).count();
            (count > 0).then(|| (one.code.clone(), count))
        })
        .collect()
}

/// Publishes a draft as it stands now.
pub async fn publish(app: &AppRef, caller: &Caller, id: &DraftId) -> Outcome<u64> {
    publish_seen(app, caller, id, None).await
}

/// Publishes a draft in the version that was looked at. Gives how many reports are owed by it at once.
pub async fn publish_seen(
    app: &AppRef,
    caller: &Caller,
    id: &DraftId,
    seen: Option<i64>,
) -> Outcome<u64> {
    must_be_hub(app)?;
    let home = obligations::home(app).await?;
    app.db
        .change(async |tx| {
            let row = drafts::find(tx, id).await?.or_missing(&DRAFT_NOT_FOUND)?;
            let opener = row.author.clone();
            let draft = Draft::of(row)?;
            for place in places(&draft.bundle.dataset) {
                caller.must(&PUBLISH, &place)?;
            }
            if draft.is_by(caller) {
                return Err((&OWN_WORK).into());
            }
            if seen.is_some_and(|seen| seen != draft.version) {
                return Err((&DRAFT_CHANGED).into());
            }
            let known = catalogue::read(tx).await?;
            must_be_sound(&look(tx, &known, &draft.bundle).await?)?;
            may_change_words(caller, &known, &draft.bundle)?;
            let dataset = write(tx, caller, &known, draft.bundle).await?;
            if dataset.scheme == "campaign" && !is_template(&dataset) {
                drafts::opened(tx, &dataset.code, &opener).await?;
            }
            if !drafts::remove(tx, id, draft.version).await? {
                return Err((&DRAFT_CHANGED).into());
            }
            audit(tx, caller, "reporting.published", dataset.code.as_str(), &dataset.title).await?;
            obligations::withdraw(tx, &dataset).await?;
            obligations::make_begun(tx, &dataset, &home).await
        })
        .await
}

/// Refuses a bundle with flaws, each told where it is.
fn must_be_sound(look: &Look) -> Outcome<()> {
    let mut problems = FormProblems::new();
    for flaw in &look.flaws {
        problems.add_with(flaw.at.clone(), flaw.what, flaw.args.clone());
    }
    problems.check()
}

/// Words of elements and dimensions that others use too are changed for the whole country only.
fn may_change_words(caller: &Caller, known: &Catalogue, bundle: &Bundle) -> Outcome<()> {
    let other = |one: &crate::model::DataElement| {
        known.elements.get(&one.code).is_some_and(|before| before != one)
    };
    let wider = |one: &crate::model::Dimension| {
        known.dimensions.get(&one.code).is_some_and(|before| before != one)
    };
    if bundle.elements.iter().any(other) || bundle.dimensions.iter().any(wider) {
        caller.must(&PUBLISH, &ScopePath::root().child("vn"))?;
    }
    Ok(())
}

/// Writes the next versions and says them. What others may use goes to the whole country; the data set and its form
/// go where it is, or was, reported. The form comes before the data set: what is owed can be filled in.
async fn write(
    tx: &mut Tx,
    caller: &Caller,
    known: &Catalogue,
    bundle: Bundle,
) -> Outcome<Dataset> {
    let author = caller.who().map_or_else(String::new, |person| person.name.clone());
    let mut shared = Vec::new();
    for one in &bundle.dimensions {
        if known.dimensions.get(&one.code) != Some(one) {
            shared.push(next(tx, (kind::DIMENSION, &one.code), one, &author).await?);
        }
    }
    for one in &bundle.elements {
        if known.elements.get(&one.code) != Some(one) {
            shared.push(next(tx, (kind::ELEMENT, one.code.as_str()), one, &author).await?);
        }
    }
    let mut to: BTreeSet<ScopePath> = places(&bundle.dataset).into_iter().collect();
    to.extend(known.datasets.get(&bundle.dataset.code).iter().flat_map(|before| places(before)));
    let code = bundle.dataset.code.as_str();
    let version = definitions::newest(tx, kind::FORM, code).await?.map_or(1, |one| one.version + 1);
    let form = Form { version, ..bundle.form };
    let own = vec![
        next(tx, (kind::FORM, code), &form, &author).await?,
        next(tx, (kind::DATASET, code), &bundle.dataset, &author).await?,
    ];
    catalogue::define(tx, &shared, &[ScopePath::root().child("vn")]).await?;
    catalogue::define(tx, &own, &targets(to)).await?;
    Ok(bundle.dataset)
}

pub(super) async fn next(
    tx: &mut Tx,
    (kind, code): (&'static str, &str),
    body: &(impl Serialize + Sync),
    author: &str,
) -> Outcome<Definition> {
    let version = definitions::newest(tx, kind, code).await?.map_or(1, |one| one.version + 1);
    catalogue::definition(kind, code, version, body, "here", author)
}

/// Where a definition is said.
pub(super) fn targets(places: BTreeSet<ScopePath>) -> Vec<ScopePath> {
    if places.len() <= TARGETS_MOST {
        return places.into_iter().collect();
    }
    // Root, country, province.
    let province = |path: &ScopePath| path.ancestors().into_iter().nth(2);
    let provinces: BTreeSet<ScopePath> =
        places.iter().map(|path| province(path).unwrap_or_else(|| path.clone())).collect();
    if provinces.len() <= TARGETS_MOST {
        provinces.into_iter().collect()
    } else {
        vec![ScopePath::root().child("vn")]
    }
}
