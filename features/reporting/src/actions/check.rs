//! Checking a report: its form's rules and what must hold of any figures, by the one evaluator.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{db::Tx, problem::Outcome};

use super::{catalogue::Catalogue, totals, usual::Usual};
use crate::{
    model::{
        CellKey, CellState, ElementId, IndicatorId, Life, Period,
        amount::unit,
        form::{Form, Places, SectionBody, Severity},
        formula::{Measure, Rational, Units},
        outlier::Typical,
        row_cells::Untold,
        rule::{Basis, Checks, Figures, Jump, Verdict, cell_words},
    },
    store::{
        conflicts::{self, Conflict},
        numbers,
        submissions::Submission,
        values::{self, Spot},
        words::{self, GrowingRow},
    },
};

/// What stands in cells.
type States = HashMap<CellKey, CellState>;

/// Everything wrong or doubtful with a report as it stands. Figures that another data set owns stand there too.
pub async fn of_submission(
    tx: &mut Tx,
    catalogue: &Catalogue,
    one: &Submission,
) -> Outcome<Vec<Verdict>> {
    let form = catalogue.form_of(&one.dataset, one.form_version)?;
    let stored = words::rows(tx, &one.id).await?;
    let mut verdicts = Vec::new();
    let period = Period::parse(&one.period);
    if let Some(period) = &period {
        let now = figures_at(tx, &one.area, period.id(), one.life).await?;
        let before = match period.previous() {
            Some(before) => figures_at(tx, &one.area, before.id(), one.life).await?,
            None => HashMap::new(),
        };
        let usual = match numbers::known_place(tx, &one.area).await? {
            Some(place) => {
                Usual::of(tx, form, period, one.life).await?.typical_at(tx, place.no).await?
            }
            None => BTreeMap::new(),
        };
        verdicts = of_figures(catalogue, form, &now, &before, &usual);
    }
    let waiting = own_conflicts(tx, catalogue, one).await?;
    verdicts.extend(two_figures(catalogue, waiting.iter().map(|one| &one.key)));
    let written = words::narratives(tx, &one.id).await?;
    let written =
        written.iter().filter(|one| !one.words.is_empty()).map(|one| one.section.as_str());
    verdicts.extend(missing_words(form, &written.collect()));
    if let Some(period) = &period {
        verdicts.extend(rows(form, &stored, period));
    }
    verdicts.extend(untold_totals(catalogue, form, &stored));
    Ok(verdicts)
}

/// What waits in a report's own cells for somebody to choose.
pub(crate) async fn own_conflicts(
    tx: &mut Tx,
    catalogue: &Catalogue,
    one: &Submission,
) -> Outcome<Vec<Conflict>> {
    let form = catalogue.form_of(&one.dataset, one.form_version)?;
    let place = numbers::known_place(tx, &one.area).await?;
    let period = numbers::known_period(tx, &one.period).await?;
    let (Some(place), Some(period)) = (place, period) else { return Ok(Vec::new()) };
    let spot = Spot { period, place: place.no, life: one.life };
    let waiting = conflicts::of_spot(tx, spot).await?;
    if waiting.is_empty() {
        return Ok(waiting);
    }
    let held = values::of_spot(tx, spot).await?;
    let owner = numbers::owner_no_known(tx, one.dataset.as_str()).await?.unwrap_or(0);
    Ok(of_form(waiting, form, &held, owner))
}

/// Those of what waits at a place and period that belong to a form: the reports of a unit share cells, and each waits
/// for the choices in its own alone.
pub(crate) fn of_form(
    mut waiting: Vec<Conflict>,
    form: &Form,
    held: &HashMap<CellKey, values::Held>,
    owner: i64,
) -> Vec<Conflict> {
    let is_own = |key: &CellKey| held.get(key).is_none_or(|held| held.owner == owner);
    waiting.retain(|one| form.section_of(&one.key).is_some() && is_own(&one.key));
    waiting
}

/// The same for figures that are at hand.
pub(crate) fn of_figures(
    catalogue: &Catalogue,
    form: &Form,
    now: &States,
    before: &States,
    usual: &BTreeMap<CellKey, Typical>,
) -> Vec<Verdict> {
    let sorted = |all: &States| -> BTreeMap<CellKey, CellState> {
        all.iter().map(|(key, state)| (key.clone(), state.clone())).collect()
    };
    let (now, before) = (sorted(now), sorted(before));
    let figures = Figures { elements: &catalogue.elements, now: &now, before: &before };
    checks(catalogue, form, now.keys(), usual).judge(&figures)
}

/// The checks of a form over its own cells and those of `held` that were added to its rows.
pub fn checks<'a>(
    catalogue: &Catalogue,
    form: &Form,
    held: impl Iterator<Item = &'a CellKey>,
    usual: &BTreeMap<CellKey, Typical>,
) -> Checks {
    let basis = Basis {
        form,
        elements: &catalogue.elements,
        dimensions: &catalogue.dimensions,
        units: catalogue,
        typical: usual,
        jump: Jump::default(),
    };
    let own = form.elements();
    let places = Places::of(form);
    let asked: BTreeSet<CellKey> = held
        .filter(|key| own.contains(&key.element) && places.section_of(key).is_some())
        .cloned()
        .collect();
    Checks::of(&basis, &asked)
}

/// Cells for which two people typed two figures: nobody signs before one is chosen.
pub fn two_figures<'a>(
    catalogue: &Catalogue,
    waiting: impl Iterator<Item = &'a CellKey>,
) -> Vec<Verdict> {
    let cells: BTreeSet<&CellKey> = waiting.collect();
    let named = |key: &CellKey| cell_words(&catalogue.elements, &catalogue.dimensions, key);
    let verdict = |key: &CellKey| Verdict {
        rule: "conflict".to_owned(),
        severity: Severity::Error,
        cells: vec![key.clone()],
        words: "reporting-check-conflict",
        args: vec![("element", named(key))],
    };
    cells.into_iter().map(verdict).collect()
}

/// Narratives that may not be left empty and are.
pub fn missing_words(form: &Form, written: &BTreeSet<&str>) -> Vec<Verdict> {
    let missing = form.sections.iter().filter(|section| {
        matches!(section.body, SectionBody::Narrative { required: true, .. })
            && !written.contains(section.code.as_str())
    });
    let verdict = |section: &crate::model::form::Section| Verdict {
        rule: format!("words-{}", section.code),
        severity: Severity::Error,
        cells: Vec::new(),
        words: "reporting-check-words",
        args: vec![("section", section.title.clone())],
    };
    missing.map(verdict).collect()
}

/// What is amiss with rows of growing tables: a workbook, a phone or an older version of the form may have brought them.
pub fn rows(form: &Form, rows: &[GrowingRow], period: &Period) -> Vec<Verdict> {
    let mut all = Vec::new();
    for section in &form.sections {
        let SectionBody::Rows(table) = &section.body else { continue };
        let own = rows.iter().filter(|row| row.section == section.code);
        for (number, row) in (1_usize..).zip(own) {
            for (column, amiss) in table.amiss(&row.cells(), Some(period)) {
                let mut args = vec![
                    ("section", section.title.clone()),
                    ("row", number.to_string()),
                    ("column", column.title.clone()),
                ];
                args.extend(amiss.args());
                all.push(Verdict {
                    rule: format!("row-{}", section.code),
                    severity: amiss.severity(),
                    cells: Vec::new(),
                    words: amiss.in_report(),
                    args,
                });
            }
        }
    }
    all
}

/// Totals of growing tables that cannot be told although every row can be read: the form, made before that was refused,
/// adds up different things, or the sum is too large. Whoever signs cannot mend it, and must know it.
pub fn untold_totals(catalogue: &Catalogue, form: &Form, rows: &[GrowingRow]) -> Vec<Verdict> {
    let mut all = Vec::new();
    for (key, columns) in form.totals() {
        let Some(element) = catalogue.elements.get(&key.element) else { continue };
        if totals::of(&columns, rows, element) != Err(Untold::Beyond) {
            continue;
        }
        let Some((section, _)) = columns.first() else { continue };
        let names: Vec<&str> = columns.iter().map(|(_, column)| column.title.as_str()).collect();
        all.push(Verdict {
            rule: format!("row-{}", section.code),
            severity: Severity::Warning,
            cells: Vec::new(),
            words: "reporting-check-total-untold",
            args: vec![("column", names.join(", ")), ("element", element.name.clone())],
        });
    }
    all
}

/// The figures of an area in a period.
pub async fn figures_at(
    tx: &mut Tx,
    area: &areas::AreaId,
    period: &str,
    life: Life,
) -> Outcome<HashMap<CellKey, CellState>> {
    let place = numbers::known_place(tx, area).await?;
    let period = numbers::known_period(tx, period).await?;
    let (Some(place), Some(period)) = (place, period) else { return Ok(HashMap::new()) };
    let held = values::of_spot(tx, Spot { period, place: place.no, life }).await?;
    Ok(held.into_iter().map(|(key, held)| (key, held.state)).collect())
}

impl Units for Catalogue {
    fn element(&self, id: &ElementId) -> Option<Measure> {
        measure(&self.elements.get(id)?.unit)
    }

    fn indicator(&self, id: &IndicatorId) -> Option<Measure> {
        measure(&self.indicators.get(id)?.unit)
    }
}

/// What a unit measures; shares are pure numbers.
fn measure(code: &str) -> Option<Measure> {
    let unit = unit(code)?;
    if unit.is_share() {
        return Some(Measure::pure(Rational::new(unit.num, unit.den.checked_mul(100)?)?));
    }
    Some(Measure::of(&unit.kind, Rational::new(unit.num, unit.den)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_shipped_forms_can_be_judged() {
        let all = crate::reference::shipped();
        let catalogue = Catalogue {
            elements: all.elements.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            indicators: all.indicators.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            dimensions: all.dimensions.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            ..Catalogue::default()
        };
        for form in &all.forms {
            let checks = checks(&catalogue, form, std::iter::empty(), &BTreeMap::new());
            assert_eq!(checks.broken, [], "{}", form.dataset);
        }
    }

    #[test]
    fn a_total_of_a_form_that_adds_up_different_things_is_told_and_not_lost() {
        let all = crate::reference::shipped();
        let catalogue = Catalogue {
            elements: all.elements.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            ..Catalogue::default()
        };
        let found = all.forms.iter().find(|form| form.dataset.as_str() == "bm-08");
        let mut form = found.expect("shipped").clone();
        let row = GrowingRow {
            section: "cuoc".to_owned(),
            id: kernel::ids::Id::from_text("r1".to_owned()),
            position: 1,
            body: r#"{"nguoi":"70","kinhphi":"12.5"}"#.to_owned(),
            version: 1,
            by_name: String::new(),
            at: kernel::clock::Timestamp::from_millis(0),
        };
        let told = |form: &Form| untold_totals(&catalogue, form, std::slice::from_ref(&row));
        assert_eq!(told(&form), []);
        for section in &mut form.sections {
            let SectionBody::Rows(table) = &mut section.body else { continue };
            for column in &mut table.columns {
                if let crate::model::form::ColumnKind::Number { unit, element, .. } =
                    &mut column.kind
                    && element.as_ref().is_some_and(|one| one.as_str() == "bm08.kp")
                {
                    "ho".clone_into(unit);
                }
            }
        }
        let [one] = &told(&form)[..] else { panic!("one total") };
        assert_eq!((one.words, one.severity), ("reporting-check-total-untold", Severity::Warning));
    }
}
