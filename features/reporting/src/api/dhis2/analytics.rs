//! `analytics`: what, when, where, in rows. What is asked (`dx`) may be a data element, one of its
//! coordinates (`element.combination`), an indicator, or how many reports were handed in
//! (`dataSet.REPORTING_RATE`). Figures are there as soon as they are saved, and are those of our own pages: what
//! does not add is not added, ratios come from rolled-up operands, stocks are the last of several periods.

mod question;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{
    axum::response::Response,
    db::Tx,
    problem::{Outcome, Problem},
};
use serde_json::{Map, Value, json};

use super::super::program::{Program, told};
use crate::{
    actions::{
        SEE,
        analysis::computed,
        exchange::{ASKS_TOO_MUCH, World, cube, names::combo_name},
    },
    model::{
        CellKey, Coords, DatasetId, Indicator, Life, Period, Scheme,
        analysis::Dx,
        exchange::{combo_uid, period_of},
        formula::Rational,
        table_text::Dialect,
    },
};

/// Most pairs of what and when in one question.
const PAIRS_MOST: usize = 3_000;
/// Most rows in one answer.
const ROWS_MOST: usize = 100_000;

/// What is asked for.
#[derive(Clone)]
enum What<'w> {
    Cell(CellKey, u32),
    Rate(DatasetId, Rate),
    Indicator(&'w Indicator),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rate {
    Share,
    ShareOnTime,
    Actual,
    ActualOnTime,
    Expected,
}

impl Rate {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "REPORTING_RATE" => Self::Share,
            "REPORTING_RATE_ON_TIME" => Self::ShareOnTime,
            "ACTUAL_REPORTS" => Self::Actual,
            "ACTUAL_REPORTS_ON_TIME" => Self::ActualOnTime,
            "EXPECTED_REPORTS" => Self::Expected,
            _ => return None,
        })
    }

    fn of(self, owed: cube::Owed) -> Option<String> {
        let share = |part: i64| {
            let of = Rational::new(i128::from(part) * 100, i128::from(owed.expected))?;
            of.rounded(1)?.as_decimal()
        };
        match self {
            Self::Share => share(owed.reported),
            Self::ShareOnTime => share(owed.on_time),
            Self::Actual => Some(owed.reported.to_string()),
            Self::ActualOnTime => Some(owed.on_time.to_string()),
            Self::Expected => Some(owed.expected.to_string()),
        }
    }
}

struct Item<'w> {
    shown: String,
    /// The combination of options, when they are a dimension of their own.
    combo: Option<Coords>,
    name: String,
    what: What<'w>,
}

struct Question<'w> {
    world: &'w World,
    items: Vec<Item<'w>>,
    periods: Vec<String>,
    units: Vec<usize>,
    life: Life,
    /// The dimensions that become columns, in order: `dx`, `co`, `pe`, `ou`.
    columns: Vec<String>,
    filters: BTreeSet<String>,
}

fn schemes(world: &World, what: &What<'_>) -> BTreeSet<Scheme> {
    let catalogue = &world.catalogue;
    match what {
        What::Cell(key, _) => schemes_of(world, key),
        What::Rate(code, _) => {
            let dataset = catalogue.datasets.get(code);
            dataset.and_then(|one| Scheme::parse(&one.scheme)).into_iter().collect()
        }
        What::Indicator(one) => {
            let (own, before) = cube::operands(world, one);
            let cells = own.into_iter().chain(before);
            cells
                .filter_map(|dx| match dx {
                    Dx::Cell(key) => Some(schemes_of(world, &key)),
                    _ => None,
                })
                .flatten()
                .collect()
        }
    }
}

/// The schemes a cell is reported in; what the platform counts itself has its own.
fn schemes_of(world: &World, key: &CellKey) -> BTreeSet<Scheme> {
    let known = world.names.schemes(&world.catalogue, &key.element);
    if known.is_empty() { Scheme::parse(computed::SCHEME).into_iter().collect() } else { known }
}

/// The figures that a question needs.
#[derive(Default)]
struct Loaded {
    figures: cube::Figures,
    owed: HashMap<(DatasetId, String), HashMap<usize, cube::Owed>>,
}

/// The period that a name means: one in which figures are reported, else whatever period has that name; shorter
/// ones may fill it.
fn period_in(schemes: &BTreeSet<Scheme>, name: &str) -> Option<Period> {
    let reported = schemes.iter().find_map(|scheme| period_of(name, *scheme));
    reported.or_else(|| Period::parse(name)).or_else(|| Period::from_dhis2(name))
}

/// What is asked of the same periods.
#[derive(Default)]
struct Wanted {
    dx: Vec<Dx>,
    periods: Vec<Period>,
}

impl Question<'_> {
    async fn load(&self, tx: &mut Tx) -> Outcome<Loaded> {
        let communes = self.units.iter().any(|no| self.world.areas.units[*no].level == 3);
        let mut loaded = Loaded::default();
        let mut wanted: BTreeMap<Vec<String>, Wanted> = BTreeMap::new();
        let mut want = |dx: Vec<Dx>, periods: Vec<Period>| {
            let ids = periods.iter().map(|period| period.id().to_owned()).collect();
            let of = wanted.entry(ids).or_default();
            of.periods = periods;
            of.dx.extend(dx);
        };
        for item in &self.items {
            let periods = self.periods_of(item, &self.periods);
            match &item.what {
                What::Cell(key, _) => want(vec![Dx::Cell(key.clone())], periods),
                What::Indicator(one) if self.filters.is_empty() => {
                    want(vec![Dx::Indicator(one.code.clone())], periods);
                }
                What::Indicator(one) => {
                    let (own, before) = cube::operands(self.world, one);
                    let earlier = periods.iter().filter_map(Period::previous).collect();
                    want(vec![Dx::Indicator(one.code.clone())], periods.clone());
                    want(own, periods);
                    want(before, earlier);
                }
                What::Rate(code, _) => {
                    for period in periods {
                        let owed = cube::owed(tx, self.world, code, period.id(), communes).await?;
                        loaded.owed.insert((code.clone(), period.id().to_owned()), owed);
                    }
                }
            }
        }
        let pairs = wanted.values().map(|one| one.dx.len() * one.periods.len()).sum::<usize>();
        if pairs + loaded.owed.len() > PAIRS_MOST {
            return Err(Problem::of(&ASKS_TOO_MUCH).with("most", PAIRS_MOST.to_string()).into());
        }
        for Wanted { mut dx, periods } in wanted.into_values() {
            dx.sort();
            dx.dedup();
            let what = (&dx[..], &periods[..], &self.units[..]);
            loaded.figures.read(tx, self.world, what, self.life).await?;
        }
        Ok(loaded)
    }

    /// The periods that names mean for an item, each once.
    fn periods_of(&self, item: &Item<'_>, names: &[String]) -> Vec<Period> {
        let own = schemes(self.world, &item.what);
        let mut all: Vec<Period> = Vec::new();
        for period in names.iter().filter_map(|name| period_in(&own, name)) {
            if !all.iter().any(|known| known.id() == period.id()) {
                all.push(period);
            }
        }
        all
    }

    fn value(
        &self,
        loaded: &Loaded,
        item: &Item<'_>,
        periods: &[String],
        units: &[usize],
    ) -> Option<String> {
        let periods = self.periods_of(item, periods);
        let figure = |dx: Dx, decimals: u32| {
            let whole = loaded.figures.together(self.world, &dx, &periods, units)?;
            whole.rounded(decimals)?.as_decimal()
        };
        match &item.what {
            What::Cell(key, decimals) => figure(Dx::Cell(key.clone()), *decimals),
            What::Indicator(one) => figure(Dx::Indicator(one.code.clone()), one.decimals),
            What::Rate(code, rate) => {
                let mut owed: Option<cube::Owed> = None;
                for period in &periods {
                    let Some(all) = loaded.owed.get(&(code.clone(), period.id().to_owned())) else {
                        continue;
                    };
                    for one in units.iter().filter_map(|no| all.get(no)) {
                        owed = Some(owed.unwrap_or_default().and(*one));
                    }
                }
                rate.of(owed?)
            }
        }
    }

    fn rows(&self, loaded: &Loaded) -> Outcome<Vec<Vec<String>>> {
        let one_by_one = |name: &str, count: usize| -> Vec<Option<usize>> {
            if self.filters.contains(name) { vec![None] } else { (0..count).map(Some).collect() }
        };
        let mut rows = Vec::new();
        for item in &self.items {
            for pe in one_by_one("pe", self.periods.len()) {
                let periods =
                    pe.map_or(&self.periods[..], |at| std::slice::from_ref(&self.periods[at]));
                for ou in one_by_one("ou", self.units.len()) {
                    let units =
                        ou.map_or(&self.units[..], |at| std::slice::from_ref(&self.units[at]));
                    let Some(value) = self.value(loaded, item, periods, units) else { continue };
                    let mut row: Vec<String> = Vec::with_capacity(self.columns.len() + 1);
                    for column in &self.columns {
                        row.push(match column.as_str() {
                            "dx" => item.shown.clone(),
                            "co" => combo_uid(item.combo.as_ref().unwrap_or(&Coords::total())),
                            "pe" => periods[0].clone(),
                            _ => self.world.areas.units[units[0]].uid.clone(),
                        });
                    }
                    row.push(value);
                    rows.push(row);
                    if rows.len() > ROWS_MOST {
                        return Err(Problem::of(&ASKS_TOO_MUCH)
                            .with("most", ROWS_MOST.to_string())
                            .into());
                    }
                }
            }
        }
        Ok(rows)
    }

    fn headers(&self) -> Vec<Value> {
        let header = |name: &str, column: &str, kind: &str, meta: bool| {
            json!({ "name": name, "column": column, "valueType": kind,
                    "type": if kind == "NUMBER" { "java.lang.Double" } else { "java.lang.String" },
                    "hidden": false, "meta": meta })
        };
        let named = self.columns.iter().map(|name| match name.as_str() {
            "dx" => header("dx", "Data", "TEXT", true),
            "co" => header("co", "Category option combo", "TEXT", true),
            "pe" => header("pe", "Period", "TEXT", true),
            _ => header("ou", "Organisation unit", "TEXT", true),
        });
        named.chain([header("value", "Value", "NUMBER", false)]).collect()
    }

    fn meta(&self) -> Value {
        let mut items = Map::new();
        for item in &self.items {
            items.insert(item.shown.clone(), json!({ "uid": item.shown, "name": item.name }));
            if let Some(coords) = &item.combo {
                let name = combo_name(&self.world.catalogue, coords);
                items.insert(combo_uid(coords), json!({ "uid": combo_uid(coords), "name": name }));
            }
        }
        for name in &self.periods {
            let period = Period::parse(name).or_else(|| Period::from_dhis2(name));
            let words = period.map_or_else(|| name.clone(), |period| period.label_vi());
            items.insert(name.clone(), json!({ "uid": name, "name": words }));
        }
        for no in &self.units {
            let unit = &self.world.areas.units[*no];
            items.insert(
                unit.uid.clone(),
                json!({ "uid": unit.uid, "code": unit.code, "name": unit.name }),
            );
        }
        let shown: BTreeSet<&String> = self.items.iter().map(|item| &item.shown).collect();
        let units: Vec<&String> =
            self.units.iter().map(|no| &self.world.areas.units[*no].uid).collect();
        let mut dimensions = BTreeMap::new();
        dimensions.insert("dx", json!(shown));
        dimensions.insert("pe", json!(self.periods));
        dimensions.insert("ou", json!(units));
        let combos: BTreeSet<String> =
            self.items.iter().filter_map(|item| item.combo.as_ref()).map(combo_uid).collect();
        dimensions.insert("co", json!(combos));
        json!({ "items": items, "dimensions": dimensions })
    }
}

async fn asked<'w>(
    program: &Program,
    world: &'w World,
) -> Outcome<(Question<'w>, Vec<Vec<String>>)> {
    program.caller.must_somewhere(&SEE)?;
    let question = Question::read(program, world)?;
    let pairs = question.items.len().saturating_mul(question.periods.len());
    if pairs > PAIRS_MOST {
        return Err(Problem::of(&ASKS_TOO_MUCH).with("most", PAIRS_MOST.to_string()).into());
    }
    if program.is("skipData") == Some(true) {
        return Ok((question, Vec::new()));
    }
    let loaded = program.visit.app.db.view(async |tx| question.load(tx).await).await?;
    let rows = question.rows(&loaded)?;
    Ok((question, rows))
}

/// `GET /api/analytics`
pub async fn answer(program: Program) -> Response {
    let done = async {
        let world = World::of(&program.visit.app).await?;
        let (question, rows) = asked(&program, &world).await?;
        if program.format() == "csv" {
            let mut all = Dialect::Programs.writer();
            let columns = question.columns.iter().map(String::as_str).chain(["value"]);
            // Writing to memory does not fail, and every row has the header's width.
            let _ = all.write_record(columns);
            for row in &rows {
                let _ = all.write_record(row);
            }
            let bytes = all.into_inner().unwrap_or_default();
            let words = String::from_utf8(bytes).unwrap_or_default();
            return Ok(super::super::program::text("application/csv; charset=utf-8", words));
        }
        let headers = question.headers();
        let mut body = json!({
            "headerWidth": headers.len(), "width": if rows.is_empty() { 0 } else { headers.len() },
            "height": rows.len(), "rows": rows, "headers": headers,
        });
        if program.is("skipMeta") != Some(true) {
            body["metaData"] = question.meta();
        }
        Ok(told(200, &body))
    };
    let done = done.await;
    program.answer(done)
}

/// `GET /api/analytics/dataValueSet`: the same as a set of figures.
pub async fn as_values(program: Program) -> Response {
    let done = async {
        let world = World::of(&program.visit.app).await?;
        let (question, rows) = asked(&program, &world).await?;
        let words = [
            ("dx", "dataElement"),
            ("co", "categoryOptionCombo"),
            ("pe", "period"),
            ("ou", "orgUnit"),
        ];
        let values = rows.into_iter().map(|row| {
            let mut one = Map::new();
            for (column, value) in question.columns.iter().zip(&row) {
                if let Some((_, name)) = words.iter().find(|(known, _)| known == column) {
                    one.insert((*name).to_owned(), json!(value));
                }
            }
            one.insert("value".to_owned(), json!(row.last()));
            Value::Object(one)
        });
        Ok(told(200, &json!({ "dataValues": values.collect::<Vec<_>>() })))
    };
    let done = done.await;
    program.answer(done)
}
