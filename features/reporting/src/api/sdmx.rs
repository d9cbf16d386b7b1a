//! SDMX 2.1 out: each data set is a dataflow with its structure (dimensions, codelists, concepts) and its
//! figures, in SDMX-ML (generic) and SDMX-CSV. Programs with a name and a password get every figure that they
//! may see; everybody else gets the approved totals of the country, none of them between 1 and 4.

pub(crate) mod description;
mod flow;
mod structure;

use std::{collections::BTreeMap, fmt::Write};

use areas::{AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    axum::{Router, extract::RawPathParams, response::Response, routing::get},
    clock::Day,
    db::Tx,
    problem::{NOT_FOUND, OrMissing, Outcome},
};

use super::{
    dhis2::not_known,
    program::{Program, text},
};
use crate::{
    actions::{
        SEE,
        analysis::ask,
        exchange::{World, export},
    },
    model::{
        CellKey, CellState, Life, Period, Scheme,
        amount::plain_amount,
        analysis::{CELLS_MOST, Dx, Question, Shown},
        formula::Rational,
        suppress::Policy,
        table_text::Dialect,
        xml::escape,
    },
    store::exchange as stored,
};
use flow::Flow;

/// The agency whose structures these are, unless a program calls it otherwise.
const AGENCY: &str = "NHIPCAU";
const GENERIC: &str = "application/vnd.sdmx.genericdata+xml;version=2.1";
const STRUCTURE: &str = "application/vnd.sdmx.structure+xml;version=2.1";
const CSV: &str = "application/vnd.sdmx.data+csv;version=1.0.0";

/// Every route.
pub(super) fn routes() -> Router<AppRef> {
    let mut router = Router::new();
    for kind in ["dataflow", "datastructure"] {
        for rest in ["{agency}/{id}", "{agency}/{id}/{version}"] {
            router = router.route(&format!("/sdmx/{kind}/{rest}"), get(structures));
        }
    }
    router.route("/sdmx/data/{flow}", get(data)).route("/sdmx/data/{flow}/{key}", get(data))
}

fn path(parameters: &RawPathParams, wanted: &str) -> String {
    let found = parameters.iter().find(|(name, _)| *name == wanted);
    found.map_or_else(String::new, |(_, value)| value.to_owned())
}

/// `GET /sdmx/dataflow/{agency}/{id}/latest?references=all`, and the same for `datastructure`; `all` for every
/// data set's flow.
async fn structures(parameters: RawPathParams, program: Program) -> Response {
    let (agency, id) = (path(&parameters, "agency"), path(&parameters, "id"));
    let done = async {
        let world = World::of(&program.visit.app).await?;
        let agency = if agency == "all" { AGENCY.to_owned() } else { agency };
        let flows = if id == "all" {
            let all = world.catalogue.datasets.keys();
            all.filter_map(|code| Flow::of(&world, code)).collect::<Vec<_>>()
        } else {
            vec![find(&world, &id)?]
        };
        let whole = id != "all" || program.ask("references") == Some("all");
        let prepared = program.visit.app.now().rfc3339();
        let body = structure::message(&world, &flows, &escape(&agency), &prepared, whole);
        Ok(text(STRUCTURE, body))
    };
    let done = done.await;
    program.answer(done)
}

fn find<'w>(world: &'w World, id: &str) -> Outcome<Flow<'w>> {
    let bare = id.strip_prefix("DSD_").unwrap_or(id);
    let code = crate::model::DatasetId::parse(bare).or_missing(&NOT_FOUND)?;
    Flow::of(world, &code).or_missing(&NOT_FOUND)
}

/// A figure with its place in the flow's dimensions.
struct Observation {
    area: String,
    key: CellKey,
    life: Life,
    period: Period,
    value: String,
    /// SDMX's status: A as approved, P before that, M nobody knows, N nothing occurred.
    status: &'static str,
}

/// `GET /sdmx/data/{flow}/{key}?startPeriod=&endPeriod=`
async fn data(parameters: RawPathParams, program: Program) -> Response {
    let done = answered(&program, &path(&parameters, "flow"), &path(&parameters, "key")).await;
    program.answer(done)
}

async fn answered(program: &Program, named: &str, key: &str) -> Outcome<Response> {
    let world = World::of(&program.visit.app).await?;
    // A flow may be named with its agency and version: `NHIPCAU,diem-ho-tro,1.0`.
    let parts: Vec<&str> = named.split(',').collect();
    let (agency, id) = match parts[..] {
        [id] => (AGENCY, id),
        [agency, id, ..] => (agency, id),
        [] => (AGENCY, ""),
    };
    let flow = find(&world, id)?;
    let wanted = flow.wanted(key).or_missing(&NOT_FOUND)?;
    let bound = |name: &str| match program.ask(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => days(text).map(Some).ok_or_else(|| not_known(name, text)),
    };
    let (first, last) =
        (bound("startPeriod")?.map(|days| days.0), bound("endPeriod")?.map(|days| days.1));
    let mut all = if program.caller.may_somewhere(&SEE) {
        seen(program, &world, &flow).await?
    } else {
        published(program, &world, &flow).await?
    };
    all.retain(|one| {
        first.is_none_or(|first| one.period.from >= first)
            && last.is_none_or(|last| one.period.until <= last)
            && wanted
                .iter()
                .enumerate()
                .all(|(at, codes)| codes.is_empty() || codes.contains(&flow.place(one)[at]))
    });
    let accepted = program.visit.header("accept").unwrap_or_default();
    if program.format() == "csv" || accepted.contains("csv") {
        return Ok(text(CSV, as_csv(&flow, agency, &all)));
    }
    let prepared = program.visit.app.now().rfc3339();
    Ok(text(GENERIC, as_xml(&flow, &escape(agency), &all, &prepared)))
}

/// The days that a period of SDMX means: the first, and the one after the last.
fn days(text: &str) -> Option<(Day, Day)> {
    let schemes = ["y", "h", "q", "m", "week", "day"].into_iter().filter_map(Scheme::parse);
    let bare = text.replace("-S", "-").replace("-Q", "-").replace("-W", "-");
    let mut found = schemes.filter_map(|scheme| {
        let period = Period::parse(&format!("{}-{bare}", scheme.code()))?;
        (flow::time(&period) == text).then_some((period.from, period.until))
    });
    found.next().or_else(|| Period::from_interval(text).map(|period| (period.from, period.until)))
}

/// The figures that a person may see, as they stand.
async fn seen(program: &Program, world: &World, flow: &Flow<'_>) -> Outcome<Vec<Observation>> {
    let scopes = program.caller.scopes_for(&SEE);
    let units = scopes.filter_map(|scope| world.areas.of_area(&AreaId::parse(scope.last()?)?));
    let query = export::Query {
        datasets: vec![flow.dataset.code.clone()],
        between: Some((Day::new(1900, 1, 1).or_missing(&NOT_FOUND)?, Day::FOREVER.plus_days(-1))),
        units: units.collect(),
        children: true,
        ..export::Query::default()
    };
    let found = export::figures(&program.visit.app, &program.caller, world, &query).await?;
    let observed = found.into_iter().filter_map(|one| {
        let decimals = world.catalogue.elements.get(&one.key.element)?.decimals;
        let status = match &one.state {
            CellState::NoData(_) => "M",
            CellState::Nil(_) => "N",
            state if one.approved == state.amount() => "A",
            CellState::Value(_) => "P",
        };
        let value =
            one.state.amount().map_or_else(String::new, |amount| plain_amount(amount, decimals));
        let area = flow::code(one.area.as_str());
        Some(Observation { area, key: one.key, life: one.life, period: one.period, value, status })
    });
    Ok(observed.collect())
}

/// The approved totals of the country. There are no divisions and no smaller areas among them, so that no
/// small figure can be found as a difference; a small total is left out.
async fn published(program: &Program, world: &World, flow: &Flow<'_>) -> Outcome<Vec<Observation>> {
    let app = &program.visit.app;
    let elements: Vec<_> = flow.elements.clone();
    let threshold = Policy::default().threshold;
    app.db.view(async |tx| approved_totals(tx, world, flow, &elements, threshold).await).await
}

async fn approved_totals(
    tx: &mut Tx,
    world: &World,
    flow: &Flow<'_>,
    elements: &[crate::model::ElementId],
    threshold: i64,
) -> Outcome<Vec<Observation>> {
    let first = Day::new(1900, 1, 1).unwrap_or(Day::FOREVER);
    let mut periods = stored::periods_between(tx, first, Day::FOREVER).await?;
    periods.retain(|row| row.scheme == flow.dataset.scheme);
    let ids: Vec<String> = periods.into_iter().map(|row| row.id).collect();
    let periods: Vec<Period> = ids.iter().filter_map(|id| Period::parse(id)).collect();
    let known = elements.iter().filter(|code| world.catalogue.elements.contains_key(*code));
    let dx: Vec<Dx> = known.map(|code| Dx::Cell(CellKey::total(code.clone()))).collect();
    let country = areas::find(tx, &AreaId::country()).await?.or_missing(&areas::NOT_FOUND)?;
    let mut found = Vec::new();
    for life in flow.dataset.lives() {
        for periods in periods.chunks((CELLS_MOST / dx.len().max(1)).max(1)) {
            let question = Question {
                dx: dx.clone(),
                periods: periods.to_vec(),
                area: country.id.clone(),
                by: AreaLevel::Country,
                frame: None,
                life: *life,
                approved_only: true,
            };
            let answer = ask::answer(tx, &world.catalogue, &question, &country).await?;
            for (at, one) in dx.iter().enumerate() {
                for (when, period) in periods.iter().enumerate() {
                    let shown = answer.at(at, when, 0);
                    found.extend(total(world, (one, period, *life), shown, threshold));
                }
            }
        }
    }
    Ok(found)
}

/// An approved total of the country as an observation; none when there is none, or a small one.
fn total(
    world: &World,
    (dx, period, life): (&Dx, &Period, Life),
    shown: Option<&Shown>,
    threshold: i64,
) -> Option<Observation> {
    let Dx::Cell(key) = dx else { return None };
    let number = shown?.number?;
    let floor = Rational::scaled(threshold, 0)?;
    let small = !number.is_zero() && number.magnitude().compare(floor)?.is_lt();
    let decimals = world.catalogue.elements.get(&key.element)?.decimals;
    (!small).then_some(Observation {
        area: "vn".to_owned(),
        key: key.clone(),
        life,
        period: period.clone(),
        value: number.rounded(decimals)?.as_decimal()?,
        status: "A",
    })
}

fn as_csv(flow: &Flow<'_>, agency: &str, all: &[Observation]) -> String {
    let mut rows = Dialect::Programs.writer();
    let own = flow.dimensions.iter().map(String::as_str);
    let header: Vec<&str> = std::iter::once("DATAFLOW")
        .chain(own)
        .chain(["TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"])
        .collect();
    // Writing to memory does not fail, and every row has the header's width.
    let _ = rows.write_record(&header);
    let named = format!("{agency}:{}(1.0)", flow.dataset.code);
    for one in all {
        let mut row = vec![named.clone()];
        row.extend(flow.place(one));
        row.extend([flow::time(&one.period), one.value.clone(), one.status.to_owned()]);
        let _ = rows.write_record(&row);
    }
    rows.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn as_xml(flow: &Flow<'_>, agency: &str, all: &[Observation], prepared: &str) -> String {
    let id = format!("DSD_{}", flow.dataset.code);
    let base = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1";
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:GenericData xmlns:mes=\"{base}/message\" \
         xmlns:gen=\"{base}/data/generic\" xmlns:com=\"{base}/common\">\n<mes:Header><mes:ID>{code}</mes:ID>\
         <mes:Test>false</mes:Test><mes:Prepared>{prepared}</mes:Prepared><mes:Sender id=\"{AGENCY}\"/>\
         <mes:Structure structureID=\"{id}\" dimensionAtObservation=\"TIME_PERIOD\"><com:Structure>\
         <Ref agencyID=\"{agency}\" id=\"{id}\" version=\"1.0\" class=\"DataStructure\" package=\"datastructure\"/>\
         </com:Structure></mes:Structure></mes:Header>\n<mes:DataSet structureRef=\"{id}\">\n",
        code = flow.dataset.code,
    );
    let mut series: BTreeMap<Vec<String>, Vec<&Observation>> = BTreeMap::new();
    for one in all {
        series.entry(flow.place(one)).or_default().push(one);
    }
    for (place, mut observed) in series {
        observed.sort_by_key(|one| one.period.from);
        text.push_str("<gen:Series><gen:SeriesKey>");
        for (name, value) in flow.dimensions.iter().zip(&place) {
            let _ = write!(text, "<gen:Value id=\"{name}\" value=\"{}\"/>", escape(value));
        }
        text.push_str("</gen:SeriesKey>");
        for one in observed {
            let time = flow::time(&one.period);
            let _ = write!(text, "<gen:Obs><gen:ObsDimension value=\"{time}\"/>");
            if !one.value.is_empty() {
                let _ = write!(text, "<gen:ObsValue value=\"{}\"/>", one.value);
            }
            let status = one.status;
            let _ = write!(
                text,
                "<gen:Attributes><gen:Value id=\"OBS_STATUS\" value=\"{status}\"/></gen:Attributes></gen:Obs>"
            );
        }
        text.push_str("</gen:Series>\n");
    }
    text.push_str("</mes:DataSet></mes:GenericData>\n");
    text
}
