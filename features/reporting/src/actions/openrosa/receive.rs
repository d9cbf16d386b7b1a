//! What came back from a phone. The same instance again changes nothing; figures go the way of every figure, so
//! that nothing is overwritten that nobody saw; what cannot be written is kept for a person.

use std::sync::Arc;

use areas::AreaId;
use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    db::Tx,
    problem::{Failure, OrMissing, Outcome},
};

use super::{
    super::{
        ENTER, LOCKED, WRITTEN_AT_POINT,
        catalogue::{self, Catalogue},
        entry::{self, Asked, Changes, Opened, RowBecame, Which, WordsBecame},
        exchange::UNREADABLE,
        figures::Became,
        problem,
    },
    DIFFERENT, FORM_UNKNOWN, INSTANCE_NOT_FOUND, Left, NOT_CURRENT, REPORT_MISSING, Wrote,
    changes::{edits, narratives, rows},
    files::attached,
    to_json,
    together::{self, Sent, Taken},
};
use crate::{
    model::{
        CellKey, DatasetId, Life,
        xform::{Filled, Layout, Tree, read},
    },
    store::{
        openrosa::{self, Instance},
        submissions::{self, Submission},
    },
};

/// Longest id of an instance.
const INSTANCE_MOST: usize = 200;
/// Longest name of a device or a file that is kept.
pub(super) const NAME_MOST: usize = 120;

/// What was sent.
pub struct Incoming {
    /// The instance.
    pub xml: String,
    /// The form it was sent to; none where the address names none.
    pub form: Option<String>,
    /// The instance that an address names to be edited; none where it names none.
    pub edits: Option<String>,
    /// Files by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// What the device calls itself.
    pub device: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The instance's id.
    pub instance: String,
    /// How many figures it wrote.
    pub figures: usize,
    /// What of it waits for a person.
    pub left: Vec<Left>,
    /// Why nothing of it was written: key of the words.
    pub waits: Option<&'static str>,
}

/// An instance that has been read.
pub(super) struct Read {
    pub form_version: u32,
    pub filled: Filled,
    pub which: Which,
}

/// Reads an instance: which form, which report, what.
pub(super) fn understood(catalogue: &Catalogue, xml: &str) -> Outcome<Read> {
    let root = Tree::parse(xml).map_err(|error| problem(&UNREADABLE, "what", error.0))?;
    let unknown = || Failure::from(&FORM_UNKNOWN);
    let dataset = DatasetId::parse(root.attribute("id")).ok_or_else(unknown)?;
    let version: u32 = root.attribute("version").parse().map_err(|_| unknown())?;
    // Exactly this version: what the phone asked is what is read.
    let form = catalogue.forms.get(&(dataset.clone(), version)).ok_or_else(unknown)?;
    let filled = read(&Layout::of(form), &catalogue.elements, &root);
    let which = report_of(&dataset, &filled.report).or_missing(&REPORT_MISSING)?;
    let id = &filled.instance;
    let fits = (1..=INSTANCE_MOST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        return Err((&REPORT_MISSING).into());
    }
    Ok(Read { form_version: version, filled, which })
}

/// `{period}.{area}.{life}`; areas have points in their ids, periods and lives have none.
fn report_of(dataset: &DatasetId, said: &str) -> Option<Which> {
    let (period, rest) = said.split_once('.')?;
    let (area, life) = rest.rsplit_once('.')?;
    let life = match life {
        "f" => Life::Final,
        "e" => Life::Estimate,
        _ => return None,
    };
    let area = AreaId::parse(area)?;
    Some(Which { dataset: dataset.clone(), period: period.to_owned(), life, area })
}

/// Takes what was sent.
pub async fn receive(app: &App, caller: &Caller, incoming: Incoming) -> Outcome<Receipt> {
    caller.must_somewhere(&ENTER)?;
    let catalogue = catalogue::current(app).await?;
    let read = understood(&catalogue, &incoming.xml)?;
    if incoming.form.as_deref().is_some_and(|form| form != read.which.dataset.as_str()) {
        return Err((&FORM_UNKNOWN).into());
    }
    let sent = Arc::new(Sent::new(caller.clone(), catalogue, read, incoming));
    let (instance, figures) = match together::take(app, &sent).await {
        Some(taken) => taken,
        None => app.db.change_together(async |tx| taken(tx, app, &sent).await).await?,
    };
    let instance = attached(app, caller, &sent.read, instance, &sent.incoming.files).await?;
    Ok(receipt(&instance, figures))
}

pub(super) fn receipt(instance: &Instance, figures: usize) -> Receipt {
    let left: Vec<Left> = serde_json::from_str(&instance.left_over).unwrap_or_default();
    let waits = match left.first() {
        Some(first) if instance.state == "waits" => {
            ["problem-reporting-locked", "problem-reporting-written-at-point"]
                .into_iter()
                .find(|key| *key == first.key)
        }
        _ => None,
    };
    Receipt { instance: instance.instance.clone(), figures, left, waits }
}

/// Takes one by itself.
async fn taken(tx: &mut Tx, app: &App, sent: &Sent) -> Outcome<Taken> {
    let Sent { caller, catalogue, read, incoming, .. } = sent;
    let report = submissions::find(tx, &read.which.id()).await?;
    let asked = entry::asked(tx, catalogue, &read.which, report.as_ref()).await?;
    caller.must(&ENTER, &asked.area.path)?;
    let hash = hash(incoming);
    if let Some(known) = openrosa::find(tx, &read.filled.instance).await? {
        if known.hash != hash || known.path != asked.area.path {
            return Err((&DIFFERENT).into());
        }
        return Ok((known, 0));
    }
    let earlier = earlier(tx, read, incoming).await?;
    let before: Option<Wrote> = earlier.as_ref().map(|one| {
        let mut wrote: Wrote = serde_json::from_str(&one.wrote).unwrap_or_default();
        if one.state == "waits" {
            // Its files were kept and never attached: they come again with the edit.
            wrote.files.clear();
        }
        wrote
    });
    let (state, wrote, left) = match filled_in(
        tx,
        app,
        catalogue,
        caller,
        (read, report, &asked),
        before.as_ref(),
    )
    .await
    {
        Ok((wrote, left)) => (state(&left), wrote, left),
        Err(failure) => match closed(&failure) {
            Some(key) => ("waits", before.unwrap_or_default(), vec![whole(key)]),
            None => return Err(failure),
        },
    };
    let figures = if state == "waits" { 0 } else { wrote.cells.len() };
    let became = (state, &wrote, &left[..]);
    let one = instance(caller, (read, incoming), &asked, tx.now(), earlier.as_ref(), became)?;
    if !openrosa::add(tx, &one).await? {
        // Somebody sent the same id at the same moment: the other one stands.
        return Err((&DIFFERENT).into());
    }
    if let Some(earlier) = &earlier
        && !openrosa::replace(tx, &earlier.instance, &one.instance).await?
    {
        return Err((&NOT_CURRENT).into());
    }
    audit(tx, caller, "reporting.openrosa.received", read.which.id().as_str(), &one.instance)
        .await?;
    Ok((one, figures))
}

/// Where an instance stands that was recorded.
pub(super) fn state(left: &[Left]) -> &'static str {
    if left.is_empty() { "applied" } else { "partly" }
}

fn hash(incoming: &Incoming) -> Vec<u8> {
    blake3::hash(incoming.xml.as_bytes()).as_bytes().to_vec()
}

/// An instance as it is kept, with what became of it: where it stands, what it wrote, what was left.
pub(super) fn instance(
    caller: &Caller,
    (read, incoming): (&Read, &Incoming),
    asked: &Asked<'_>,
    at: Timestamp,
    earlier: Option<&Instance>,
    (state, wrote, left): (&str, &Wrote, &[Left]),
) -> Outcome<Instance> {
    Ok(Instance {
        instance: read.filled.instance.clone(),
        root: earlier.map_or_else(|| read.filled.instance.clone(), |one| one.root.clone()),
        replaced_by: None,
        dataset: read.which.dataset.clone(),
        form_version: read.form_version,
        period: read.which.period.clone(),
        life: read.which.life.code(),
        area: read.which.area.clone(),
        path: asked.area.path.clone(),
        hash: hash(incoming),
        xml: incoming.xml.clone(),
        device: incoming.device.chars().filter(|c| !c.is_control()).take(NAME_MOST).collect(),
        by_account: caller.id().to_owned(),
        by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
        at,
        state: state.to_owned(),
        left_over: to_json(&left)?,
        wrote: to_json(wrote)?,
    })
}

/// What the instance takes the place of: the current version of the same report's, or 409.
async fn earlier(tx: &mut Tx, read: &Read, incoming: &Incoming) -> Outcome<Option<Instance>> {
    let named = &read.filled.deprecated;
    if named.is_empty() {
        // An address that names an instance to be edited, and an edit that names none, do not fit.
        return if incoming.edits.is_some() { Err((&NOT_CURRENT).into()) } else { Ok(None) };
    }
    let known = openrosa::find(tx, named).await?.or_missing(&INSTANCE_NOT_FOUND)?;
    let same = (&known.dataset, &known.period, known.life, &known.area)
        == (&read.which.dataset, &read.which.period, read.which.life.code(), &read.which.area);
    let meant = incoming.edits.as_ref().is_none_or(|root| *root == known.root);
    if known.replaced_by.is_some() || !same || !meant {
        return Err((&NOT_CURRENT).into());
    }
    Ok(Some(known))
}

/// Why the report takes nothing now although the caller may write: key of the words.
fn closed(failure: &Failure) -> Option<&'static str> {
    if failure.is(&LOCKED) {
        Some("problem-reporting-locked")
    } else if failure.is(&WRITTEN_AT_POINT) {
        Some("problem-reporting-written-at-point")
    } else {
        None
    }
}

fn whole(key: &str) -> Left {
    Left { what: String::new(), key: key.to_owned(), args: Vec::new() }
}

/// Fills the report in. `before` is what the earlier version of the instance wrote.
pub(super) async fn filled_in(
    tx: &mut Tx,
    app: &App,
    catalogue: &Catalogue,
    caller: &Caller,
    (read, report, asked): (&Read, Option<Submission>, &Asked<'_>),
    before: Option<&Wrote>,
) -> Outcome<(Wrote, Vec<Left>)> {
    let Read { filled, which, .. } = read;
    let submission = entry::opened(tx, app, caller, which, (report, asked)).await?;
    let ground = entry::ground(tx, which, asked).await?;
    let mut left: Vec<Left> = filled.misread.iter().map(misread).collect();
    let none = Wrote::default();
    let before = before.unwrap_or(&none);
    let edits = edits(tx, catalogue, (asked.form, &ground), filled, before, &mut left).await?;
    let narratives = narratives(tx, &submission.id, asked.form, filled, before, &mut left).await?;
    let rows = rows(tx, &submission.id, asked.form, filled, before, &mut left).await?;
    let changes = Changes { edits, narratives, rows, unattended: true };
    let opened = Opened { which, submission, asked, ground: Some(ground) };
    let saved = entry::save_into(tx, catalogue, caller, opened, &changes).await?;
    let mut wrote = Wrote { files: before.files.clone(), ..Wrote::default() };
    for (key, became) in saved.cells {
        note_cell(&mut wrote, &mut left, &key, &became);
    }
    for (section, became) in saved.words {
        match became {
            WordsBecame::Stands(version) => {
                wrote.words.insert(section, version);
            }
            WordsBecame::Stale(_) => left.push(told(section, "reporting-openrosa-stale")),
        }
    }
    for (edit, became) in changes.rows.into_iter().zip(saved.rows) {
        let section = edit.section;
        match became {
            RowBecame::Stands(id, at) => wrote.rows.push((section, id.to_string(), at)),
            RowBecame::Beside(id, at) => {
                left.push(told(section.clone(), "reporting-openrosa-row-beside"));
                wrote.rows.push((section, id.to_string(), at));
            }
            RowBecame::Stale(_) => left.push(told(section, "reporting-openrosa-stale")),
            RowBecame::Gone | RowBecame::Out => {}
        }
    }
    Ok((wrote, left))
}

/// Notes what became of a figure.
pub(super) fn note_cell(wrote: &mut Wrote, left: &mut Vec<Left>, key: &CellKey, became: &Became) {
    let label = key.text();
    match became {
        Became::Stands(version) => {
            wrote.cells.insert(label, *version);
        }
        Became::Conflict => left.push(told(label, "reporting-openrosa-conflict")),
        Became::Owned(_) => left.push(told(label, "reporting-openrosa-owned")),
    }
}

pub(super) fn told(what: String, key: &str) -> Left {
    Left { what, key: key.to_owned(), args: Vec::new() }
}

pub(super) fn misread(one: &crate::model::xform::Misread) -> Left {
    let args = one.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Left { what: one.question.clone(), key: one.key.to_owned(), args: args.collect() }
}
