//! Forms that wait together are taken together: each step is one statement for all of them, where it would be one for
//! each. Only what is plain: figures for a report that may be written. Everything else goes the way of its own, in
//! `receive`, and so does everything when the transaction of all does not last; what comes out is the same.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use identity::{Done, audit_many};
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    gather::{Gathering, Working},
    problem::Outcome,
};

use super::{
    super::{
        ENTER,
        catalogue::Catalogue,
        entry::{self, Asked, Which},
        figures::{Edit, Ground, Typed, apply_all},
    },
    DIFFERENT, Left, Wrote,
    changes::figures_asked,
    receive::{Incoming, Read, instance, misread, note_cell, state},
};
use crate::{
    model::{CellKey, SubmissionId},
    store::{
        numbers,
        openrosa::{self, Instance},
        submissions::{self, Submission},
    },
};

/// Forms that are taken in one transaction at the most.
const TOGETHER_MOST: usize = 32;

/// The line in which phones' forms wait.
#[derive(Default)]
pub struct Phones(Gathering<Arc<Sent>, Option<Taken>>);

/// An instance as it is kept, and how many figures it wrote.
pub(super) type Taken = (Instance, usize);

/// A form that a phone sent.
pub(super) struct Sent {
    pub caller: Caller,
    pub catalogue: Arc<Catalogue>,
    pub read: Read,
    pub incoming: Incoming,
    plain: Option<Plain>,
}

/// What a form says of which nobody needs to be asked: its figures, checked, and what of it cannot be taken.
#[derive(Clone)]
struct Plain {
    edits: Vec<Edit>,
    left: Vec<Left>,
}

impl Sent {
    /// Checks what needs no database, before anybody waits for it.
    pub fn new(caller: Caller, catalogue: Arc<Catalogue>, read: Read, incoming: Incoming) -> Self {
        let plain = Plain::of(&catalogue, &read, &incoming);
        Self { caller, catalogue, read, incoming, plain }
    }
}

impl Plain {
    /// None where it says more than figures, or something is the matter with them.
    fn of(catalogue: &Catalogue, read: &Read, incoming: &Incoming) -> Option<Self> {
        let Read { form_version, filled, which } = read;
        let is_first = filled.deprecated.is_empty() && incoming.edits.is_none();
        if !is_first || !filled.words.is_empty() || !filled.rows.is_empty() {
            return None;
        }
        let form = catalogue.form_of(&which.dataset, *form_version).ok()?;
        let mut left: Vec<Left> = filled.misread.iter().map(misread).collect();
        let edits: Vec<Edit> = figures_asked(catalogue, form, filled, &mut left)
            .map(|(key, state)| Edit { key: key.clone(), base: 0, state: Some(state.clone()) })
            .collect();
        Some(Self { edits: entry::checked(catalogue, form, &edits).ok()?, left })
    }
}

/// A report into which a form is taken.
struct Report<'s> {
    at: usize,
    sent: &'s Sent,
    plain: Plain,
    known: Option<Submission>,
    asked: Asked<'s>,
}

/// Takes a form together with those that wait with it; none when it must go by itself.
pub(super) async fn take(app: &App, sent: &Arc<Sent>) -> Option<Taken> {
    let phones = app.port::<Phones>()?;
    sent.plain.as_ref()?;
    let work = |some: Vec<Arc<Sent>>| -> Working<'_, Option<Taken>> {
        Box::pin(async move {
            let lasting = app.db.change(async |tx| taken(tx, app, &some).await).await;
            // By itself each is told what is the matter.
            lasting.unwrap_or_default()
        })
    };
    phones.0.ask(sent.clone(), TOGETHER_MOST, work).await.flatten()
}

/// Takes them, as far as they can go together: in their order, none for those that cannot.
async fn taken(tx: &mut Tx, app: &App, some: &[Arc<Sent>]) -> Outcome<Vec<Option<Taken>>> {
    let reports = reports(tx, app, some).await?;
    let mut all: Vec<Option<Taken>> = some.iter().map(|_| None).collect();
    for (at, one) in written(tx, reports).await? {
        all[at] = Some(one);
    }
    Ok(all)
}

/// Those of them that can go together, with the report of each.
async fn reports<'s>(tx: &mut Tx, app: &App, some: &'s [Arc<Sent>]) -> Outcome<Vec<Report<'s>>> {
    let first = apart(some);
    let ids: Vec<SubmissionId> = first.iter().map(|(_, sent)| sent.read.which.id()).collect();
    let instances: Vec<&str> =
        first.iter().map(|(_, sent)| sent.read.filled.instance.as_str()).collect();
    let came = openrosa::known(tx, &instances).await?;
    let mut begun = submissions::find_many(tx, &ids).await?;
    let wanted: Vec<_> =
        first.iter().zip(&ids).map(|((_, sent), id)| (&sent.read.which, begun.get(id))).collect();
    let Some((_, one)) = first.first() else { return Ok(Vec::new()) };
    let asked = entry::asked_many(tx, &one.catalogue, &wanted).await?;
    let mut reports = Vec::with_capacity(first.len());
    for (((at, sent), id), asked) in first.into_iter().zip(&ids).zip(asked) {
        let Ok(asked) = asked else { continue };
        let may = sent.caller.may(&ENTER, &asked.area.path);
        let same_form = asked.form.version == sent.read.form_version;
        if !may || !same_form || came.contains(&sent.read.filled.instance) {
            continue;
        }
        let Some(plain) = sent.plain.clone() else { continue };
        reports.push(Report { at, sent, plain, known: begun.remove(id), asked });
    }
    let wanted: Vec<entry::Wanted<'_>> =
        reports.iter().map(|one| (&one.sent.caller, one.known.as_ref(), &one.asked)).collect();
    let may = entry::may_write_many(tx, app, &wanted).await?;
    Ok(reports.into_iter().zip(may).filter_map(|(one, may)| may.then_some(one)).collect())
}

/// The first of each id and of each unit's figures of a period, which several reports may share; of those that go by the
/// same definitions.
fn apart(some: &[Arc<Sent>]) -> Vec<(usize, &Sent)> {
    let (mut spots, mut instances) = (HashSet::new(), HashSet::new());
    let first = some.first().map(|sent| &sent.catalogue);
    let spot = |which: &Which| (which.period.clone(), which.area.clone(), which.life);
    let alone = |(_, sent): &(usize, &Sent)| {
        first.is_some_and(|first| Arc::ptr_eq(first, &sent.catalogue))
            && spots.insert(spot(&sent.read.which))
            && instances.insert(sent.read.filled.instance.clone())
    };
    some.iter().map(AsRef::as_ref).enumerate().filter(alone).collect()
}

/// Writes them into their reports.
async fn written(tx: &mut Tx, mut reports: Vec<Report<'_>>) -> Outcome<Vec<(usize, Taken)>> {
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<_> = reports.iter().map(|one| (&one.sent.read.which, &one.asked)).collect();
    let grounds = entry::grounds(tx, &wanted).await?;
    let mut pens = Vec::with_capacity(reports.len());
    for one in &reports {
        pens.push(entry::pen(tx, &one.sent.caller, &one.sent.read.which).await?);
    }
    let nos = cell_nos(tx, &reports).await?;
    for (one, ground) in reports.iter_mut().zip(&grounds) {
        over_what_was_emptied(&mut one.plain.edits, ground, &nos);
    }
    let sheets: Vec<Typed<'_>> = reports
        .iter()
        .zip(&grounds)
        .zip(&pens)
        .map(|((one, ground), pen)| Typed { ground, pen: *pen, edits: &one.plain.edits })
        .collect();
    let became = apply_all(tx, &sheets, &nos).await?;
    let now = tx.now();
    let (mut saved, mut all) = (Vec::new(), Vec::new());
    for (one, became) in reports.into_iter().zip(became) {
        let Report { at, sent, plain: Plain { edits, mut left }, known, asked } = one;
        let which = &sent.read.which;
        saved.push(entry::saved(now, known.unwrap_or_else(|| entry::fresh(now, which, &asked))));
        let mut wrote = Wrote::default();
        for (edit, became) in edits.iter().zip(became) {
            note_cell(&mut wrote, &mut left, &edit.key, &became);
        }
        let became = (state(&left), &wrote, &left[..]);
        let kept = instance(&sent.caller, (&sent.read, &sent.incoming), &asked, now, None, became)?;
        all.push((at, sent, (kept, wrote.cells.len())));
    }
    submissions::put_many(tx, &saved).await?;
    let kept: Vec<&Instance> = all.iter().map(|(_, _, (kept, _))| kept).collect();
    if !openrosa::add_many(tx, &kept).await? {
        return Err((&DIFFERENT).into());
    }
    let done: Vec<(SubmissionId, &Sent)> =
        all.iter().map(|(_, sent, _)| (sent.read.which.id(), *sent)).collect();
    let lines: Vec<Done<'_>> = done
        .iter()
        .map(|(report, sent)| Done {
            caller: &sent.caller,
            action: "reporting.openrosa.received",
            subject: report.as_str(),
            detail: &sent.read.filled.instance,
        })
        .collect();
    audit_many(tx, &lines).await?;
    Ok(all.into_iter().map(|(at, _, taken)| (at, taken)).collect())
}

/// The numbers of every cell that is typed into.
async fn cell_nos(tx: &mut Tx, reports: &[Report<'_>]) -> Outcome<HashMap<CellKey, i64>> {
    let mut keys: BTreeSet<CellKey> = BTreeSet::new();
    for key in reports.iter().flat_map(|one| &one.plain.edits).map(|edit| &edit.key) {
        if !keys.contains(key) {
            keys.insert(key.clone());
        }
    }
    Ok(numbers::cell_nos(tx, &keys).await?)
}

/// Where nothing stands, a phone types over whatever stood there before.
fn over_what_was_emptied(edits: &mut [Edit], ground: &Ground, nos: &HashMap<CellKey, i64>) {
    for edit in edits.iter_mut().filter(|edit| !ground.held.contains_key(&edit.key)) {
        edit.base = nos.get(&edit.key).map_or(0, |no| ground.version(*no, &edit.key));
    }
}
