//! What a question means: its dimensions, and the items, periods and units that it names.

use std::collections::BTreeSet;

use kernel::{
    clock::Day,
    problem::{FORBIDDEN, Outcome, Problem},
};

use super::{
    super::{
        super::program::Program,
        relative,
        values::{lacks, not_known},
    },
    Item, Question, Rate, What, schemes,
};
use crate::{
    actions::{
        SEE,
        exchange::{
            IdScheme, World,
            names::{Names, combo_name},
        },
    },
    model::{
        CellKey, Coords, Life, Period, Scheme,
        exchange::{combo_uid, period_name},
    },
};

/// One dimension of the question.
struct Asked {
    name: String,
    items: Vec<String>,
    is_filter: bool,
}

fn dimensions(program: &Program) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for (key, value) in &program.query {
        let is_filter = key == "filter";
        if !is_filter && key != "dimension" {
            continue;
        }
        let (name, items) = value.split_once(':').unwrap_or((value, ""));
        let items =
            items.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned);
        all.push(Asked { name: name.trim().to_owned(), items: items.collect(), is_filter });
    }
    all
}

impl<'w> Question<'w> {
    pub(super) fn read(program: &Program, world: &'w World) -> Outcome<Self> {
        let asked = dimensions(program);
        let of = |name: &str| asked.iter().find(|one| one.name == name);
        let dx = of("dx")
            .filter(|dx| !dx.is_filter && !dx.items.is_empty())
            .ok_or_else(|| lacks("dx"))?;
        let ou = of("ou").filter(|ou| !ou.items.is_empty()).ok_or_else(|| lacks("ou"))?;
        let combos = of("co").filter(|co| !co.is_filter);
        if let Some(other) =
            asked.iter().find(|one| !["dx", "pe", "ou", "co", "ao"].contains(&one.name.as_str()))
        {
            return Err(not_known("dimension", &other.name));
        }
        let mut items = Vec::new();
        for name in &dx.items {
            items.extend(read_items(world, name, combos)?);
        }
        let schemes: BTreeSet<Scheme> =
            items.iter().flat_map(|item| schemes(world, &item.what)).collect();
        let today = program.visit.app.now().day();
        let dates = [program.ask("startDate"), program.ask("endDate")]
            .map(|text| text.and_then(Day::parse));
        let periods = match (of("pe"), dates) {
            (Some(pe), _) if !pe.items.is_empty() => read_periods(&pe.items, &schemes, today)?,
            (_, [Some(from), Some(last)]) => {
                let all = schemes
                    .iter()
                    .flat_map(|scheme| scheme.between(from, last.plus_days(1)).take(500));
                let whole =
                    all.filter(|period| period.from >= from && period.until <= last.plus_days(1));
                whole.map(|period| period_name(&period)).collect()
            }
            _ => return Err(lacks("pe")),
        };
        let life = match of("ao").and_then(|ao| ao.items.first()) {
            Some(name) => Names::life(name).ok_or_else(|| not_known("ao", name))?,
            None => Life::Final,
        };
        let mut columns: Vec<String> = asked
            .iter()
            .filter(|one| !one.is_filter && one.name != "ao")
            .map(|one| one.name.clone())
            .collect();
        if of("pe").is_none() {
            columns.push("pe".to_owned());
        }
        columns.dedup();
        let filters =
            asked.iter().filter(|one| one.is_filter).map(|one| one.name.clone()).collect();
        let units = read_units(program, world, &ou.items)?;
        Ok(Self { world, items, periods, units, life, columns, filters })
    }
}

/// What a name means; a data element means each of its combinations when they are a dimension.
fn read_items<'w>(world: &'w World, name: &str, combos: Option<&Asked>) -> Outcome<Vec<Item<'w>>> {
    let catalogue = &world.catalogue;
    let names = &world.names;
    let (first, rest) =
        name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    if let Some(rate) = rest.and_then(Rate::parse) {
        let code =
            names.dataset(catalogue, first, IdScheme::Uid).ok_or_else(|| not_known("dx", name))?;
        let title = catalogue.datasets.get(&code).map_or(String::new(), |one| one.title.clone());
        let item = Item {
            shown: name.to_owned(),
            combo: None,
            name: format!("{title} – {}", rest.unwrap_or_default()),
            what: What::Rate(code, rate),
        };
        return Ok(vec![item]);
    }
    // Our own codes have dots in them, so the whole name is tried first.
    let whole = names.element(catalogue, name, IdScheme::Uid).map(|code| (code, Coords::total()));
    let found = whole.or_else(|| {
        let code = names.element(catalogue, first, IdScheme::Uid)?;
        Some((code, names.coords(rest?.split('.').next()?, IdScheme::Uid)?))
    });
    if let Some((code, coords)) = found {
        let Some(element) = catalogue.elements.get(&code) else {
            return Err(not_known("dx", name));
        };
        let item = |coords: Coords, combo: Option<Coords>| Item {
            shown: name.to_owned(),
            combo,
            name: if coords.is_total() {
                element.name.clone()
            } else {
                format!("{} – {}", element.name, combo_name(catalogue, &coords))
            },
            what: What::Cell(CellKey { element: code.clone(), coords }, element.decimals),
        };
        let Some(combos) = combos else { return Ok(vec![item(coords, None)]) };
        let own = names.coords_of.get(&code).into_iter().flatten();
        let wanted = own.filter(|own| {
            combos.items.is_empty()
                || combos.items.iter().any(|one| *one == combo_uid(own) || *one == own.text())
        });
        return Ok(wanted.map(|own| item(own.clone(), Some(own.clone()))).collect());
    }
    let id = names.indicator(catalogue, name).ok_or_else(|| not_known("dx", name))?;
    let indicator = catalogue.indicators.get(&id).ok_or_else(|| not_known("dx", name))?;
    Ok(vec![Item {
        shown: name.to_owned(),
        combo: None,
        name: indicator.name.clone(),
        what: What::Indicator(indicator),
    }])
}

fn read_periods(names: &[String], schemes: &BTreeSet<Scheme>, today: Day) -> Outcome<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !all.contains(&name) {
            all.push(name);
        }
    };
    for name in names {
        let is_own = Period::parse(name).is_some() || Period::from_dhis2(name).is_some();
        if is_own {
            add(name.clone());
            continue;
        }
        let mut is_known = false;
        for scheme in schemes {
            if let Some(periods) = relative::periods(name, *scheme, today) {
                is_known = true;
                for period in &periods {
                    add(period_name(period));
                }
            }
        }
        if !is_known && !schemes.is_empty() {
            return Err(not_known("pe", name));
        }
    }
    Ok(all)
}

fn read_units(program: &Program, world: &World, names: &[String]) -> Outcome<Vec<usize>> {
    let areas = &world.areas;
    let own = || {
        let scopes = program.caller.scopes_for(&SEE);
        let own = scopes.filter_map(|scope| areas.of_area(&::areas::AreaId::parse(scope.last()?)?));
        own.collect::<Vec<usize>>()
    };
    let (mut all, mut levels) = (Vec::new(), Vec::new());
    for name in names {
        match name.as_str() {
            "USER_ORGUNIT" => all.extend(own()),
            "USER_ORGUNIT_CHILDREN" => {
                all.extend(own().into_iter().flat_map(|no| areas.children(no)));
            }
            "USER_ORGUNIT_GRANDCHILDREN" => {
                let children = own().into_iter().flat_map(|no| areas.children(no));
                all.extend(children.flat_map(|no| areas.children(no)).collect::<Vec<_>>());
            }
            level if level.starts_with("LEVEL-") => {
                let rung: u8 = level[6..].parse().map_err(|_| not_known("ou", level))?;
                levels.push(rung);
            }
            _ => {
                let no = areas.find(name, IdScheme::Uid).ok_or_else(|| not_known("ou", name))?;
                if !program.caller.may(&SEE, &areas.units[no].path) {
                    return Err(Problem::of(&FORBIDDEN).with("permission", SEE.code).into());
                }
                all.push(no);
            }
        }
    }
    if !levels.is_empty() {
        // With a rung, the units beside it are the ones within which it is meant.
        let within: Vec<usize> = std::mem::take(&mut all);
        let at_rung = (0..areas.living).filter(|no| levels.contains(&areas.units[*no].level));
        let inside = at_rung.filter(|no| {
            within.is_empty()
                || within
                    .iter()
                    .any(|above| areas.units[*above].path.contains(&areas.units[*no].path))
        });
        all.extend(inside);
    }
    let mut seen = BTreeSet::new();
    all.retain(|no| program.caller.may(&SEE, &areas.units[*no].path) && seen.insert(*no));
    Ok(all)
}
