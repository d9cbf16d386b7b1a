//! Which forms somebody may fill in, each as an XForm, and for which reports.

use std::collections::BTreeSet;

use kernel::{
    app::App,
    caller::Caller,
    clock::Day,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    super::{
        ENTER,
        catalogue::{self, Catalogue},
    },
    FORM_UNKNOWN,
};
use crate::{
    model::{
        DatasetId, Life, Period,
        form::Form,
        table_text::Dialect,
        xform::{self, Asked, COMPONENTS_FILE, Layout, REPORTS_FILE},
    },
    store::openrosa,
};

/// How many days after its period a report can still be chosen on a phone.
const BACK_DAYS: i32 = 400;
/// Most reports to choose from in one form.
const REPORTS_MOST: usize = 5_000;

/// A form that somebody may fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The data set's code, which is the form's id.
    pub id: DatasetId,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: u32,
    /// The XForm.
    pub xml: String,
    /// True when it needs the list of components.
    pub components: bool,
}

/// A file beside a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFile {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub text: String,
}

/// The days whose periods can be reported: begun by, not ended before.
fn window(today: Day) -> (Day, Day) {
    (today, today.plus_days(-BACK_DAYS))
}

/// The places where somebody may enter figures, none within another.
fn places(caller: &Caller) -> Vec<ScopePath> {
    if caller.is_system() {
        return vec![ScopePath::root()];
    }
    let all: Vec<&ScopePath> = caller.scopes_for(&ENTER).collect();
    let mut own: Vec<ScopePath> = Vec::new();
    for one in &all {
        let inside = all.iter().any(|other| other != one && other.contains(one));
        if !inside && !own.contains(one) {
            own.push((*one).clone());
        }
    }
    own
}

/// The forms that the caller may fill in and for which something is owed.
pub async fn listed(app: &App, caller: &Caller) -> Outcome<Vec<Listed>> {
    caller.must_somewhere(&ENTER)?;
    let catalogue = catalogue::current(app).await?;
    let today = app.now().day();
    let codes = app
        .db
        .view(async |tx| {
            let mut codes = BTreeSet::new();
            for place in places(caller) {
                codes.extend(openrosa::datasets(tx, &place, window(today)).await?);
            }
            Ok(codes)
        })
        .await?;
    let known = codes.iter().filter_map(|code| DatasetId::parse(code));
    Ok(known.filter_map(|id| Some(as_listed(&catalogue, catalogue.form(&id).ok()?))).collect())
}

fn as_listed(catalogue: &Catalogue, form: &Form) -> Listed {
    let layout = Layout::of(form);
    Listed {
        id: form.dataset.clone(),
        title: form.title.clone(),
        version: form.version,
        xml: xform::write(&Asked { layout: &layout, elements: &catalogue.elements }),
        components: layout.asks_for_components(),
    }
}

/// The newest version of a form as an XForm, for somebody who may fill in reports.
pub async fn form_xml(app: &App, caller: &Caller, id: &str) -> Outcome<Listed> {
    caller.must_somewhere(&ENTER)?;
    let catalogue = catalogue::current(app).await?;
    let id = DatasetId::parse(id).or_missing(&FORM_UNKNOWN)?;
    let form = catalogue.form(&id).map_err(|_| kernel::problem::Failure::from(&FORM_UNKNOWN))?;
    Ok(as_listed(&catalogue, form))
}

/// The files of a form: reports to choose from, and components where it asks for one.
pub async fn form_files(app: &App, caller: &Caller, form: &Listed) -> Outcome<Vec<FormFile>> {
    let text = reports_csv(app, caller, &form.id).await?;
    let mut all = vec![FormFile { name: REPORTS_FILE, text }];
    if form.components {
        let catalogue = catalogue::current(app).await?;
        let nodes = catalogue.programme.values();
        let lines = nodes.map(|node| (node.code.to_string(), node.name.clone()));
        all.push(FormFile { name: COMPONENTS_FILE, text: csv(lines)? });
    }
    Ok(all)
}

/// The reports of a data set that the caller may fill in now, as a file of choices.
pub async fn reports_csv(app: &App, caller: &Caller, dataset: &DatasetId) -> Outcome<String> {
    caller.must_somewhere(&ENTER)?;
    let catalogue = catalogue::current(app).await?;
    let estimated = catalogue.dataset(dataset)?.estimated;
    let today = app.now().day();
    let lines = app
        .db
        .view(async |tx| {
            let mut open = Vec::new();
            for place in places(caller) {
                let days = window(today);
                let more = openrosa::open_reports(tx, &place, dataset.as_str(), days, REPORTS_MOST)
                    .await?;
                open.extend(more);
            }
            open.truncate(REPORTS_MOST);
            let names = areas::find_many(tx, open.iter().map(|one| &one.area)).await?;
            let lines = open.iter().filter_map(|one| {
                let (area, period) = (names.get(&one.area)?, Period::parse(&one.period)?);
                let life = Life::from_code(one.life);
                let word = match (estimated, life) {
                    (true, Life::Estimate) => " (ước thực hiện)",
                    (true, Life::Final) => " (chính thức)",
                    (false, _) => "",
                };
                let short = if life == Life::Estimate { "e" } else { "f" };
                let name = format!("{}.{}.{short}", one.period, one.area);
                Some((name, format!("{} – {}{word}", area.title(), period.label_vi())))
            });
            Ok(lines.collect::<Vec<_>>())
        })
        .await?;
    csv(lines.into_iter())
}

fn csv(lines: impl Iterator<Item = (String, String)>) -> Outcome<String> {
    let fault =
        |error: &dyn std::fmt::Display| kernel::problem::Failure::fault("write choices", error);
    let mut out = Dialect::Programs.writer();
    out.write_record(["name", "label"]).map_err(|error| fault(&error))?;
    for (name, label) in lines {
        out.write_record([name, label]).map_err(|error| fault(&error))?;
    }
    let bytes = out.into_inner().map_err(|error| fault(&error))?;
    String::from_utf8(bytes).map_err(|error| fault(&error))
}
