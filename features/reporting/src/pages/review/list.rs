//! The list of reports under somebody: by unit, or by province when the country is looked at.

use kernel::{
    axum::extract::Query,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, Template, Visit},
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
        review::{self as actions, Line},
    },
    model::{CellKey, CellState, Life, Tier, amount::print_amount, submission::State},
    store::{self, obligations},
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
}

const FILTERS: [&str; 6] = ["tat-ca", "chua-gui", "da-gui", "bi-tra", "da-tiep-nhan", "da-duyet"];

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

#[derive(Debug, Serialize)]
pub(crate) struct ListContext {
    pub(crate) area: String,
    pub(crate) area_id: String,
    pub(crate) datasets: Vec<Choice>,
    pub(crate) dataset: String,
    pub(crate) periods: Vec<Choice>,
    pub(crate) period: String,
    pub(crate) title: String,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) keys: Vec<String>,
    pub(crate) shares: Vec<Share>,
    pub(crate) rows: Vec<UnitRow>,
    pub(crate) provinces: Vec<ProvinceRow>,
    pub(crate) totals: Vec<String>,
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
    visit
        .app
        .db
        .view(async |tx| {
            let area = actions::place_of(tx, &visit.caller, &REVIEW, &asked.dia_ban).await?;
            let (form, wanted) = wanted(tx, &area.path, asked).await?;
            let country = area.level == areas::AreaLevel::Country;
            let below = |tier: Tier| tier == Tier::Commune || country;
            let mut datasets = Vec::new();
            let mut chosen = None;
            for dataset in catalogue.datasets.values().filter(|one| below(one.tier)) {
                let code = dataset.code.as_str();
                let periods = obligations::periods(tx, &area.path, code).await?;
                if periods.is_empty() {
                    continue;
                }
                if chosen.is_none() || code == form {
                    chosen = Some((dataset, periods));
                }
                datasets.push(Choice { value: code.to_owned(), label: dataset.title.clone() });
            }
            let mut context = ListContext {
                area: area.title(),
                area_id: area.id.to_string(),
                datasets,
                dataset: String::new(),
                periods: Vec::new(),
                period: String::new(),
                title: String::new(),
                tabs: Vec::new(),
                keys: Vec::new(),
                shares: Vec::new(),
                rows: Vec::new(),
                provinces: Vec::new(),
                totals: Vec::new(),
                as_of: tx.now().millis(),
                summary_href: String::new(),
                may_approve: visit.caller.may(&crate::actions::APPROVE, &area.path),
                nothing: true,
            };
            let Some((dataset, periods)) = chosen else { return Ok(context) };
            let found = periods
                .iter()
                .find(|one| {
                    (one.period.as_str(), Life::from_code(one.life))
                        == (wanted.0.as_str(), wanted.1)
                })
                .or_else(|| periods.first())
                .or_missing(&NOT_FOUND)?;
            let life = Life::from_code(found.life);
            let period = catalogue.period(dataset, &found.period)?;
            let which = (&dataset.code, &period, life);
            let board =
                actions::board(tx, &visit.caller, &catalogue, which, area.id.as_str()).await?;
            let filter = FILTERS.into_iter().find(|one| *one == asked.loc).unwrap_or(FILTERS[0]);
            let base = format!(
                "/bao-cao/duyet?bo={}&ky={}&dia_ban={}",
                dataset.code,
                period_value(period.id(), life),
                area.id
            );
            context.nothing = false;
            context.dataset = dataset.code.to_string();
            context.title = dataset.title.clone();
            context.period = period_value(period.id(), life);
            context.periods = periods
                .iter()
                .map(|one| Choice {
                    value: period_value(&one.period, Life::from_code(one.life)),
                    label: period_label(visit, &one.period, one.life, dataset.estimated),
                })
                .collect();
            context.keys = board
                .keys
                .iter()
                .map(|key| {
                    format!("{} ({})", cell_name(&catalogue, key), unit_name(&catalogue, key))
                })
                .collect();
            context.shares = vec![
                Share::of(visit, "reporting-rate-reported", board.rates, board.rates.reported),
                Share::of(visit, "reporting-rate-on-time", board.rates, board.rates.on_time),
                Share::of(visit, "reporting-rate-approved", board.rates, board.rates.approved),
            ];
            if board.provinces.is_empty() {
                context.tabs = tabs(visit, &board.lines, &base, filter);
            }
            context.totals = totals(&catalogue, &board);
            context.rows = board
                .lines
                .iter()
                .filter(|line| fits(filter, line))
                .map(|line| unit_row(visit, &catalogue, &board.keys, line))
                .collect();
            context.provinces = board
                .provinces
                .iter()
                .map(|one| province_row(visit, &catalogue, &board.keys, one, &context))
                .collect();
            context.summary_href = format!(
                "/bao-cao/tong-hop/{}/{}/{}?dia_ban={}",
                dataset.code,
                period.id(),
                life.slug(),
                area.id
            );
            Ok(context)
        })
        .await
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
fn totals(catalogue: &Catalogue, board: &actions::Board) -> Vec<String> {
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
    context: &ListContext,
) -> ProvinceRow {
    let figure =
        |(key, sum): (&CellKey, &(i64, i64))| print_amount(sum.0, decimals(catalogue, key));
    ProvinceRow {
        href: format!(
            "/bao-cao/duyet?bo={}&ky={}&dia_ban={}",
            context.dataset, context.period, one.area
        ),
        name: one.name.clone(),
        reported: Share::of(visit, "reporting-rate-reported", one.rates, one.rates.reported),
        on_time: Share::of(visit, "reporting-rate-on-time", one.rates, one.rates.on_time),
        approved: Share::of(visit, "reporting-rate-approved", one.rates, one.rates.approved),
        figures: keys.iter().zip(&one.figures).map(figure).collect(),
    }
}
