//! The pages on which a unit reports: what it owes, one report with its tables, words, rows and files, signing
//! and handing in, the printed form. What they share stands here: addresses, and the words of states, days and
//! figures. Reviewing what others handed in is not here.

mod cell;
mod detail;
mod differences;
mod earlier;
mod explained;
mod files;
mod grid;
mod home;
mod preview;
mod print;
mod report;
mod rows;
pub(crate) mod samples;
mod save;
mod script;
mod standing;
mod steps;
mod typed;
mod unsaved;
mod version;

use areas::AreaId;
use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{get, post},
    },
    caller::Permission,
    clock::{Day, Timestamp},
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::Visit,
};
use serde::{Deserialize, Serialize};

use crate::{
    actions::{
        APPROVE, CERTIFY, DATASET_NOT_FOUND, ENTER, SUBMIT,
        catalogue::Catalogue,
        entry::{Sheet, Which},
        obligations::{self, Owed},
    },
    model::{
        CellKey, CellState, DataElement, Dataset, DatasetId, Life, Period, Tier,
        amount::{in_words, print_amount, unit},
        form::RowTable,
        rule::{self, Verdict},
        submission::State,
    },
};

pub(crate) use self::{
    differences::{Differences, differences},
    explained::Explained,
    files::File,
    preview::{Drawn, preview, preview_on_paper},
    rows::Growing,
    standing::signer,
};

/// Bytes of a whole form: some thousand cells.
const SAVE_BODY_MAX: usize = 4 << 20;
/// Bytes of a form with a file: the file's own limit is told in words before this one cuts it off.
const FILE_BODY_MAX: usize = 12 << 20;

/// Every page of entry.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao", get(home::show))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}", get(report::show))
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/luu",
            post(save::save).layer(DefaultBodyLimit::max(SAVE_BODY_MAX)),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/kiem",
            get(script::checks).post(script::check).layer(DefaultBodyLimit::max(SAVE_BODY_MAX)),
        )
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/gui", get(steps::review))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/buoc", post(steps::take))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/nhap-thay", post(report::on_behalf))
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/phien-ban",
            get(version::show).post(version::take_over),
        )
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/in", get(print::show))
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/o/{cell}",
            get(cell::show).post(cell::change),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/phan-to/{row}",
            get(detail::form).post(detail::add),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/dong/{section}",
            get(rows::form).post(rows::write),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/dong/{section}/{row}",
            get(rows::form).post(rows::write),
        )
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/tu-uoc/{section}", post(rows::take))
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/tep/{section}",
            get(files::list).post(files::add).layer(DefaultBodyLimit::max(FILE_BODY_MAX)),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/tep/{section}/{file}",
            get(files::download),
        )
        .route(
            "/bao-cao/{dataset}/{period}/{area}/{life}/tep/{section}/{file}/go",
            post(files::remove),
        )
}

/// Which report an address names, and what of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct At {
    dataset: String,
    period: String,
    area: String,
    life: String,
    #[serde(default)]
    cell: String,
    #[serde(default)]
    section: String,
    #[serde(default)]
    row: String,
    #[serde(default)]
    file: String,
}

impl At {
    /// The report, or 404 for an address that cannot be one.
    fn which(&self) -> Outcome<Which> {
        let life = Life::from_slug(&self.life);
        if life.slug() != self.life {
            return Err((&NOT_FOUND).into());
        }
        Ok(Which {
            dataset: DatasetId::parse(&self.dataset).or_missing(&DATASET_NOT_FOUND)?,
            period: self.period.clone(),
            life,
            area: AreaId::parse(&self.area).or_missing(&areas::NOT_FOUND)?,
        })
    }
}

/// The address of a report.
pub(crate) fn href(which: &Which) -> String {
    format!("/bao-cao/{}/{}/{}/{}", which.dataset, which.period, which.area, which.life.slug())
}

/// Who signs the reports of a tier, and who hands them in; of one that is typed in from a paper, who types it.
fn signs(tier: Tier, sheet: &Sheet) -> (&'static Permission, &'static Permission) {
    match tier {
        _ if sheet.submission.as_ref().is_some_and(|one| one.behalf.is_some()) => (&ENTER, &ENTER),
        Tier::Commune => (&CERTIFY, &SUBMIT),
        Tier::Province | Tier::Ministry => (&APPROVE, &APPROVE),
    }
}

/// A step of the way to a page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Crumb {
    href: String,
    label: String,
}

/// What stands above every page of one report.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Head {
    /// The report's address.
    base: String,
    /// The form's title.
    title: String,
    /// The unit's full name, at the start of a line.
    area: String,
    /// The period.
    period: String,
    /// The life of its figures, when there are two.
    life: String,
    /// By when it is due.
    due: String,
    /// True when that has passed.
    late: bool,
    /// Where it stands.
    state: String,
    /// The colour of that.
    kind: &'static str,
    /// That it is no issued form, when it is none.
    basis: String,
    /// The way here.
    crumbs: Vec<Crumb>,
}

impl Head {
    /// With the deadline that this unit has, which may be another than the data set's.
    async fn read(
        visit: &Visit,
        catalogue: &Catalogue,
        which: &Which,
        sheet: &Sheet,
    ) -> Outcome<Self> {
        let db = &visit.app.db;
        let owed = db.view(async |tx| obligations::of(tx, which).await).await?;
        let head = Self::of(visit, catalogue, which, sheet)?;
        let dataset = catalogue.dataset(&which.dataset)?;
        let open = !sheet.state().is_reported();
        if open && dataset.ended.is_some() {
            return Ok(head);
        }
        let of = (dataset, which.life, &sheet.period);
        let (due, late) = due_of_unit(visit, of, owed.as_ref(), open);
        Ok(Self { due, late, ..head })
    }

    /// With the data set's deadline, on pages that do not ask what the unit owes.
    fn of(visit: &Visit, catalogue: &Catalogue, which: &Which, sheet: &Sheet) -> Outcome<Self> {
        let dataset = catalogue.dataset(&which.dataset)?;
        let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
        let today = visit.app.now().day();
        let day = obligations::due_day(dataset, which.life, &sheet.period, None);
        let open = !sheet.state().is_reported();
        let base = href(which);
        let over = dataset.ended.as_ref().filter(|_| open);
        Ok(Self {
            title: form.title.clone(),
            area: sheet.area.title(),
            period: sheet.period.label(visit.lang()),
            life: life_words(visit, dataset.estimated, which.life),
            due: match over {
                Some(ended) => visit.say("reporting-due-over", &[("day", ended.at.day().short())]),
                None => due_words(visit, day, today, open),
            },
            late: open && over.is_none() && day.is_some_and(|day| today > day),
            state: state_words(visit, sheet.state()),
            kind: state_kind(sheet.state()),
            basis: form.basis.clone(),
            crumbs: vec![
                Crumb { href: "/bao-cao".to_owned(), label: visit.say("reporting-nav", &[]) },
                Crumb { href: base.clone(), label: form.title.clone() },
            ],
            base,
        })
    }
}

/// *Ước thực hiện* or *chính thức*, where there are both.
fn life_words(visit: &Visit, estimated: bool, life: Life) -> String {
    match (estimated, life) {
        (false, _) => String::new(),
        (true, Life::Estimate) => visit.say("reporting-life-estimate", &[]),
        (true, Life::Final) => visit.say("reporting-life-final", &[]),
    }
}

/// Where a report stands, in words.
pub(crate) fn state_words(visit: &Visit, state: State) -> String {
    visit.say(&format!("reporting-state-{}", state.code()), &[])
}

/// The colour of a state.
pub(crate) const fn state_kind(state: State) -> &'static str {
    match state {
        State::Draft => "",
        State::Certified | State::Submitted => "warn",
        State::Returned => "danger",
        State::Accepted | State::Approved => "done",
    }
}

/// By when a unit's report is due, in words, and whether it is late. Of what nobody here owes (its day had passed
/// before this node knew of it) only the day is told: it is waited for no more than what was handed in.
fn due_of_unit(
    visit: &Visit,
    (dataset, life, period): (&Dataset, Life, &Period),
    owed: Option<&Owed>,
    open: bool,
) -> (String, bool) {
    if open && owed.is_some_and(|one| !one.is_owed()) {
        return (visit.say("reporting-home-excused", &[]), false);
    }
    let today = visit.app.now().day();
    let day = obligations::due_day(dataset, life, period, owed);
    let has_passed = day.is_some_and(|day| today > day);
    let waits = open && (owed.is_some() || !has_passed);
    (due_words(visit, day, today, waits), waits && has_passed)
}

/// A deadline as people say it: *hạn 16/12, còn 24 ngày*. Of what was handed in only the day is told.
fn due_words(visit: &Visit, due: Option<Day>, today: Day, open: bool) -> String {
    let Some(due) = due else { return visit.say("reporting-due-none", &[]) };
    let days = due.days_since(today);
    let day = ("day", short_day(due, today));
    let count = ("days", days.abs().to_string());
    match days {
        _ if !open => visit.say("reporting-due-was", &[day]),
        0 => visit.say("reporting-due-today", &[day]),
        1.. => visit.say("reporting-due-in", &[day, count]),
        _ => visit.say("reporting-due-past", &[day, count]),
    }
}

/// A day without the year when that is this one: `16/12`.
fn short_day(day: Day, today: Day) -> String {
    let (text, now) = (day.short(), today.short());
    match (text.get(..5), text.get(5..) == now.get(5..)) {
        (Some(start), true) => start.to_owned(),
        _ => text,
    }
}

/// The time of a day: `14:05:12`.
fn clock(at: Timestamp) -> String {
    let time = at.civil().time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// What stands in a cell's field.
fn shown(state: Option<&CellState>, element: &DataElement) -> String {
    match state {
        Some(CellState::Value(amount)) => print_amount(*amount, element.decimals),
        _ => String::new(),
    }
}

/// A state in words: the number, or what there is instead with its reason.
fn told(visit: &Visit, state: Option<&CellState>, element: Option<&DataElement>) -> String {
    match state {
        None => visit.say("reporting-cell-empty", &[]),
        Some(CellState::Value(amount)) => {
            print_amount(*amount, element.map_or(0, |element| element.decimals))
        }
        Some(CellState::Nil(why)) => visit.say("reporting-cell-nil", &[("why", why.clone())]),
        Some(CellState::NoData(why)) => {
            visit.say("reporting-cell-no-data", &[("why", why.clone())])
        }
    }
}

/// Amounts of so much are told in words too: a slip of a digit is seen there first.
const LARGE: u64 = 100_000;

/// A large amount in words; empty for a small one.
fn spelled(state: Option<&CellState>, element: &DataElement) -> String {
    let (Some(CellState::Value(amount)), Some(unit)) = (state, unit(&element.unit)) else {
        return String::new();
    };
    let whole = amount.unsigned_abs() / 10_u64.pow(element.decimals);
    let large = if unit.is_money() { whole > 0 } else { whole >= LARGE };
    if large { in_words(*amount, element.decimals, unit) } else { String::new() }
}

/// The name of a unit of measurement.
pub(crate) fn unit_name(code: &str) -> String {
    unit(code).map_or_else(|| code.to_owned(), |unit| unit.name.clone())
}

/// A growing table of a report, as its own page shows it.
pub(crate) fn growing_of(
    visit: &Visit,
    (catalogue, which, sheet): (&Catalogue, &Which, &Sheet),
    section: &str,
    table: &RowTable,
) -> Growing {
    let (kept, none) = (grid::Kept::new(), std::collections::BTreeSet::new());
    let owners = std::collections::BTreeMap::new();
    let ground = grid::Ground {
        visit,
        catalogue,
        which,
        sheet,
        kept: &kept,
        wrong: &none,
        doubtful: &none,
        explained: (&none, ""),
        owners: &owners,
    };
    rows::growing(&ground, section, table)
}

/// The files of a section, each with the address at which it opens.
pub(crate) fn files_of(visit: &Visit, which: &Which, sheet: &Sheet, section: &str) -> Vec<File> {
    let base = format!("{}/tep/{section}", href(which));
    files::list_of(visit, which, sheet, (section, &base))
}

/// A disaggregation in words: *Tày · Nữ*; what `known` fixes already is left out.
fn coords_words(catalogue: &Catalogue, key: &CellKey, known: &crate::model::Coords) -> String {
    key.coords.words_beyond(known, &catalogue.dimensions)
}

/// A cell in words: what is counted, and of whom.
pub(crate) fn cell_words(catalogue: &Catalogue, key: &CellKey) -> String {
    rule::cell_words(&catalogue.elements, &catalogue.dimensions, key)
}

/// A verdict in words.
fn verdict_words(visit: &Visit, verdict: &Verdict) -> String {
    visit.say(verdict.words, &verdict.args)
}

/// The id of a cell's field.
fn field_id(key: &CellKey) -> String {
    format!("c.{}", key.text())
}
