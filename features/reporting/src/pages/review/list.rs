//! The list of reports under somebody: by unit, or by province when the country is looked at.

use areas::Area;
use kernel::{
    axum::extract::Query,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Choice, Share, Shown, Tab, cell_name, decimals, period_label, period_value, read_period,
    unit_name,
};
use crate::{
    actions::{
        REVIEW,
        catalogue::{self, Catalogue},
        review::{self as actions, Board, Line, Rates},
    },
    model::{CellKey, CellState, Dataset, Life, Tier, amount::print_amount, submission::State},
    store::{
        self,
        obligations::{self, Owed},
    },
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Data set.
    #[serde(default)]
    pub(crate) bo: String,
    /// Period.
    #[serde(default)]
    pub(crate) ky: String,
    /// Area.
    #[serde(default)]
    pub(crate) dia_ban: String,
    /// Which reports.
    #[serde(default)]
    pub(crate) loc: String,
    /// Which page of them.
    pub(crate) trang: Option<usize>,
}

pub(super) const FILTERS: [&str; 6] =
    ["tat-ca", "chua-gui", "da-gui", "bi-tra", "da-tiep-nhan", "da-duyet"];

fn fits(filter: &str, line: &Line) -> bool {
    match filter {
        "chua-gui" => matches!(line.state(), State::Draft | State::Certified) && !line.is_excused(),
        "da-gui" => line.state() == State::Submitted,
        "bi-tra" => line.state() == State::Returned,
        "da-tiep-nhan" => line.state() == State::Accepted,
        "da-duyet" => line.state() == State::Approved,
        _ => true,
    }
}

/// One unit's line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct UnitRow {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) revision: i64,
    pub(crate) state: &'static str,
    pub(crate) state_label: String,
    pub(crate) sent: Option<String>,
    pub(crate) late: bool,
    pub(crate) due: String,
    pub(crate) late_reason: String,
    pub(crate) nil: bool,
    pub(crate) remarks: i64,
    pub(crate) doubts: Option<usize>,
    pub(crate) figures: Vec<Shown>,
    pub(crate) may_pick: bool,
}

/// One province's line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProvinceRow {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) reported: Share,
    pub(crate) on_time: Share,
    pub(crate) approved: Share,
    pub(crate) figures: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct ListContext {
    pub(crate) area: String,
    pub(crate) area_id: String,
    pub(crate) datasets: Vec<Choice>,
    pub(crate) dataset: String,
    pub(crate) periods: Vec<Choice>,
    pub(crate) period: String,
    pub(crate) title: String,
    /// That the campaign was ended early; empty when it was not.
    pub(crate) ended: String,
    pub(crate) tabs: Vec<Tab>,
    /// Which of the tabs is open.
    pub(crate) filter: &'static str,
    pub(crate) keys: Vec<String>,
    pub(crate) shares: Vec<Share>,
    /// The units of this page.
    pub(crate) rows: Vec<UnitRow>,
    /// The other pages; none when everything is here.
    pub(crate) paging: Option<Paging>,
    pub(crate) provinces: Vec<ProvinceRow>,
    pub(crate) totals: Vec<String>,
    /// What the totals are of: not only of the rows that are shown.
    pub(crate) total_label: String,
    pub(crate) as_of: i64,
    pub(crate) summary_href: String,
    pub(crate) may_approve: bool,
    pub(crate) nothing: bool,
}

pub(crate) const LIST: Template<ListContext> = Template::new("reporting/review.html");

pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let context = list_context(&visit, &asked).await?;
    visit.page(&LIST, &context)
}

/// The form and period asked for; whoever names no form wants to see what waits for them.
async fn wanted(
    tx: &mut Tx,
    scope: &ScopePath,
    asked: &Asked,
) -> Outcome<(String, (String, Life))> {
    let waiting = match asked.bo.as_str() {
        "" => store::review::newest_waiting(tx, scope).await?,
        _ => None,
    };
    Ok(match waiting {
        Some(one) => (one.dataset, (one.period, Life::from_code(one.life))),
        None => (asked.bo.clone(), read_period(&asked.ky)),
    })
}

async fn list_context(visit: &Visit, asked: &Asked) -> Outcome<ListContext> {
    visit.caller.must_somewhere(&REVIEW)?;
    let catalogue = catalogue::current(&visit.app).await?;
    visit.app.db.view(async |tx| context(tx, visit, &catalogue, asked).await).await
}

async fn context(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    asked: &Asked,
) -> Outcome<ListContext> {
    let area = actions::place_of(tx, &visit.caller, &REVIEW, &asked.dia_ban).await?;
    let (form, wanted) = wanted(tx, &area.path, asked).await?;
    let (datasets, chosen) = owed_sets(tx, catalogue, &area, &form).await?;
    let frame = ListContext {
        area: area.title(),
        area_id: area.id.to_string(),
        datasets,
        as_of: tx.now().millis(),
        may_approve: visit.caller.may(&crate::actions::APPROVE, &area.path),
        nothing: true,
        ..ListContext::default()
    };
    let Some((dataset, periods)) = chosen else { return Ok(frame) };
    let is_wanted = |one: &&Owed| {
        (one.period.as_str(), Life::from_code(one.life)) == (wanted.0.as_str(), wanted.1)
    };
    let found = periods.iter().find(is_wanted).or_else(|| periods.first());
    let found = found.or_missing(&NOT_FOUND)?;
    let life = Life::from_code(found.life);
    let period = catalogue.period(dataset, &found.period)?;
    let which = (&dataset.code, &period, life);
    let board = actions::board(tx, &visit.caller, catalogue, which, area.id.as_str()).await?;
    let choice = |one: &Owed| Choice {
        value: period_value(&one.period, Life::from_code(one.life)),
        label: period_label(visit, &one.period, one.life, dataset.estimated),
    };
    let frame = ListContext {
        nothing: false,
        dataset: dataset.code.to_string(),
        title: dataset.title.clone(),
        ended: crate::pages::builder::ended(visit, dataset),
        period: period_value(period.id(), life),
        periods: periods.iter().map(choice).collect(),
        summary_href: format!(
            "/bao-cao/tong-hop/{}/{}/{}?dia_ban={}",
            dataset.code,
            period.id(),
            life.slug(),
            area.id
        ),
        ..frame
    };
    Ok(shown(visit, catalogue, &board, asked, frame))
}

/// The data sets for which something is owed here, and the chosen one of them with its periods: the one asked for,
/// or the first.
async fn owed_sets<'c>(
    tx: &mut Tx,
    catalogue: &'c Catalogue,
    area: &Area,
    form: &str,
) -> Outcome<(Vec<Choice>, Option<(&'c Dataset, Vec<Owed>)>)> {
    let country = area.level == areas::AreaLevel::Country;
    let below = |one: &&Dataset| one.tier == Tier::Commune || country;
    let mut choices = Vec::new();
    let mut chosen = None;
    for dataset in catalogue.datasets.values().filter(below) {
        let code = dataset.code.as_str();
        let periods = obligations::periods(tx, &area.path, code).await?;
        if periods.is_empty() {
            continue;
        }
        if chosen.is_none() || code == form {
            chosen = Some((dataset, periods));
        }
        choices.push(Choice { value: code.to_owned(), label: dataset.title.clone() });
    }
    Ok((choices, chosen))
}

/// The page with the board on it: shares, the units of one tab and page, or provinces.
fn shown(
    visit: &Visit,
    catalogue: &Catalogue,
    board: &Board,
    asked: &Asked,
    frame: ListContext,
) -> ListContext {
    let filter = FILTERS.into_iter().find(|one| *one == asked.loc).unwrap_or(FILTERS[0]);
    let set = format!("/bao-cao/duyet?bo={}&ky={}", frame.dataset, frame.period);
    let base = format!("{set}&dia_ban={}", frame.area_id);
    let (lines, paging) = one_page(&board.lines, (&base, filter), asked.trang);
    let total_label = total_label(visit, lines.len(), board.lines.len());
    let key = |key| format!("{} ({})", cell_name(catalogue, key), unit_name(catalogue, key));
    let row = |line| unit_row(visit, catalogue, &board.keys, line);
    let province = |one| province_row(visit, catalogue, &board.keys, one, &set);
    ListContext {
        keys: board.keys.iter().map(key).collect(),
        shares: shares(visit, board.rates).into(),
        tabs: if board.provinces.is_empty() {
            tabs(visit, &board.lines, &base, filter)
        } else {
            Vec::new()
        },
        filter,
        totals: totals(catalogue, board),
        total_label,
        rows: lines.into_iter().map(row).collect(),
        paging,
        provinces: board.provinces.iter().map(province).collect(),
        ..frame
    }
}

/// Handed in, in time, approved.
fn shares(visit: &Visit, rates: Rates) -> [Share; 3] {
    [
        Share::of(visit, "reporting-rate-reported", rates, rates.reported),
        Share::of(visit, "reporting-rate-on-time", rates, rates.on_time),
        Share::of(visit, "reporting-rate-approved", rates, rates.approved),
    ]
}

/// The lines of one page of a tab, and the way to its other pages. A page beyond the last is the last.
fn one_page<'l>(
    lines: &'l [Line],
    (base, filter): (&str, &str),
    asked: Option<usize>,
) -> (Vec<&'l Line>, Option<Paging>) {
    let mut fitting: Vec<&Line> = lines.iter().filter(|line| fits(filter, line)).collect();
    fitting.sort_by_key(|line| wait(line.state()));
    let total = fitting.len();
    if total <= PAGE_SIZE {
        return (fitting, None);
    }
    let at = asked.unwrap_or(1).clamp(1, total.div_ceil(PAGE_SIZE));
    let shown = fitting.into_iter().skip(Paging::offset(at)).take(PAGE_SIZE).collect();
    (shown, Some(Paging::new(&format!("{base}&loc={filter}"), at, total)))
}

/// What waits to be looked at comes first, then what waits to be approved: in a province of a hundred communes they
/// would stand on any page.
const fn wait(state: State) -> u8 {
    match state {
        State::Submitted => 0,
        State::Accepted => 1,
        _ => 2,
    }
}

/// Sums are of every unit, whichever of them are shown.
fn total_label(visit: &Visit, shown: usize, all: usize) -> String {
    if shown == all {
        return visit.say("reporting-review-total", &[]);
    }
    visit.say("reporting-review-total-of", &[("count", all.to_string())])
}

fn tabs(visit: &Visit, lines: &[Line], base: &str, filter: &str) -> Vec<Tab> {
    let tab = |one: &&str| {
        let count = lines.iter().filter(|line| fits(one, line)).count();
        Tab {
            href: format!("{base}&loc={one}"),
            label: visit.say(&format!("reporting-filter-{one}"), &[]),
            count: i64::try_from(count).ok(),
            current: *one == filter,
        }
    };
    FILTERS.iter().map(tab).collect()
}

/// Sums of the key figures over what is shown: whoever reported, approved or not.
fn totals(catalogue: &Catalogue, board: &Board) -> Vec<String> {
    let sum = |at: usize| -> Option<i64> {
        let units = board.lines.iter().filter_map(|line| line.figures.get(at)?.as_ref()?.amount());
        let provinces =
            board.provinces.iter().filter_map(|one| one.figures.get(at)).map(|one| one.0);
        units.chain(provinces).reduce(i64::saturating_add)
    };
    let keys = board.keys.iter().enumerate();
    // A sum of nothing is no zero.
    let told = |(at, key)| match sum(at) {
        Some(sum) => print_amount(sum, decimals(catalogue, key)),
        None => "–".to_owned(),
    };
    keys.map(told).collect()
}

fn unit_row(visit: &Visit, catalogue: &Catalogue, keys: &[CellKey], line: &Line) -> UnitRow {
    let state = line.state();
    let sent = line.known.as_ref().and_then(|known| known.submitted.as_ref());
    let excused = line.is_excused();
    let owed = line.owed.as_ref().filter(|_| !excused);
    let today = visit.app.now().day();
    let late = owed.is_some_and(|owed| match owed.met_at {
        Some(_) => !owed.on_time,
        None => owed.due_on.is_some_and(|due| due < today),
    });
    let figure = |(key, state): (&CellKey, &Option<CellState>)| {
        Shown::of(state.as_ref(), decimals(catalogue, key))
    };
    let label = match state {
        State::Draft | State::Certified if excused => "reporting-due-excused".to_owned(),
        _ => format!("reporting-review-state-{}", state.code()),
    };
    UnitRow {
        href: format!("/bao-cao/duyet/{}", line.id),
        name: line.name.clone(),
        id: line.id.to_string(),
        revision: line.known.as_ref().map_or(1, |known| known.revision),
        state: state.code(),
        state_label: visit.say(&label, &[]),
        sent: sent.map(|signed| signed.at.short()),
        late,
        due: owed.and_then(|owed| owed.due_on).map(kernel::clock::Day::short).unwrap_or_default(),
        late_reason: owed.and_then(|owed| owed.late_reason.clone()).unwrap_or_default(),
        nil: line.known.as_ref().is_some_and(|known| known.nil),
        remarks: line.remarks,
        doubts: line.doubts,
        figures: keys.iter().zip(&line.figures).map(figure).collect(),
        may_pick: matches!(state, State::Submitted | State::Accepted) && line.doubts == Some(0),
    }
}

fn province_row(
    visit: &Visit,
    catalogue: &Catalogue,
    keys: &[CellKey],
    one: &actions::ProvinceLine,
    set: &str,
) -> ProvinceRow {
    let figure =
        |(key, sum): (&CellKey, &(i64, i64))| print_amount(sum.0, decimals(catalogue, key));
    let [reported, on_time, approved] = shares(visit, one.rates);
    ProvinceRow {
        href: format!("{set}&dia_ban={}", one.area),
        name: one.name.clone(),
        reported,
        on_time,
        approved,
        figures: keys.iter().zip(&one.figures).map(figure).collect(),
    }
}
