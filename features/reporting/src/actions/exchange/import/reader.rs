//! How a line of a message is read: its names are looked up, and what is wrong with it becomes a conflict.

use kernel::{clock::Day, scope::ScopePath};

use super::{
    super::{World, names::Names},
    Conflict, Line, Options, Strategy, Why,
};
use crate::{
    actions::{
        entry::{self, AMOUNT_MOST, REASON_MOST, Which},
        remark::WORDS_MOST,
    },
    model::{
        CellKey, CellState, Dataset, Period, Scheme,
        exchange::{beside_a_number, from_number_and_remark, period_of},
        table_text::Dialect,
    },
};

pub(super) struct Reader<'w> {
    pub(super) world: &'w World,
    pub(super) options: &'w Options,
    pub(super) today: Day,
}

/// A figure whose names were found.
pub(super) struct Found {
    pub which: Which,
    pub path: ScopePath,
    pub key: CellKey,
    /// None: to be taken away.
    pub state: Option<CellState>,
    /// What the sender says beside a number, in one line.
    pub comment: String,
}

fn conflict(
    code: &'static str,
    property: &'static str,
    value: &str,
    key: &'static str,
) -> Conflict {
    Conflict {
        code,
        property,
        value: value.chars().take(200).collect(),
        why: Why::Key(key),
        indexes: Vec::new(),
    }
}

impl Reader<'_> {
    pub(super) fn read(&self, line: &Line, unit: Option<usize>) -> Result<Found, Conflict> {
        let World { catalogue, areas, names } = self.world;
        let schemes = self.options.schemes;
        let element = names
            .element(catalogue, &line.element, schemes.elements)
            .and_then(|id| catalogue.elements.get(&id))
            .ok_or_else(|| {
                conflict("E7610", "dataElement", &line.element, "reporting-conflict-element")
            })?;
        let unit = unit
            .map(|no| &areas.units[no])
            .ok_or_else(|| conflict("E7612", "orgUnit", &line.unit, "reporting-conflict-unit"))?;
        let coords = names.coords(&line.combo, schemes.combos).ok_or_else(|| {
            conflict("E7613", "categoryOptionCombo", &line.combo, "reporting-conflict-combo")
        })?;
        let of_two = Names::life(&line.attribute).ok_or_else(|| {
            conflict("E7615", "attributeOptionCombo", &line.attribute, "reporting-conflict-life")
        })?;
        let key = CellKey { element: element.code.clone(), coords };
        if !entry::is_cell(catalogue, &key) {
            return Err(conflict(
                "E7613",
                "categoryOptionCombo",
                &key.text(),
                "reporting-conflict-not-asked",
            ));
        }
        let (dataset, period) = self.dataset(line, &key)?;
        if period.from > self.today {
            return Err(conflict("E7641", "period", &line.period, "reporting-conflict-future"));
        }
        if !dataset.lives().contains(&of_two) {
            return Err(conflict(
                "E7615",
                "attributeOptionCombo",
                &line.attribute,
                "reporting-conflict-life",
            ));
        }
        let gone = line.deleted || self.options.strategy == Strategy::Delete;
        let state =
            if gone { None } else { Some(state(line, self.options.dialect, element.decimals)?) };
        let which = Which {
            dataset: dataset.code.clone(),
            period: period.id().to_owned(),
            life: of_two,
            area: unit.id.clone(),
        };
        let comment = match &state {
            Some(CellState::Value(_)) => kernel::text::tidy(beside_a_number(&line.comment)),
            _ => String::new(),
        };
        if comment.chars().count() > WORDS_MOST {
            return Err(conflict("E7620", "comment", &line.comment, "reporting-conflict-comment"));
        }
        Ok(Found { which, path: unit.path.clone(), key, state, comment })
    }

    /// The data set through which a figure is entered: the one that the message names, or the one whose
    /// periods are of the kind that it names.
    fn dataset(&self, line: &Line, key: &CellKey) -> Result<(&Dataset, Period), Conflict> {
        let World { catalogue, names, .. } = self.world;
        let asks = |dataset: &&Dataset| {
            catalogue.form(&dataset.code).is_ok_and(|form| form.section_of(key).is_some())
        };
        let of = |dataset: &Dataset| period_of(&line.period, Scheme::parse(&dataset.scheme)?);
        let wrong_period =
            || conflict("E7611", "period", &line.period, "reporting-conflict-period");
        if !line.dataset.is_empty() {
            let dataset = names
                .dataset(catalogue, &line.dataset, self.options.schemes.datasets)
                .and_then(|code| catalogue.datasets.get(&code))
                .ok_or_else(|| {
                    conflict("E7600", "dataSet", &line.dataset, "reporting-conflict-dataset")
                })?;
            if !asks(&dataset) {
                return Err(conflict(
                    "E7613",
                    "categoryOptionCombo",
                    &key.text(),
                    "reporting-conflict-not-asked",
                ));
            }
            return Ok((dataset, of(dataset).ok_or_else(wrong_period)?));
        }
        let mut asked = false;
        for dataset in names.datasets_of(catalogue, &key.element).filter(asks) {
            asked = true;
            if let Some(period) = of(dataset) {
                return Ok((dataset, period));
            }
        }
        if asked {
            return Err(wrong_period());
        }
        Err(conflict("E7613", "categoryOptionCombo", &key.text(), "reporting-conflict-not-asked"))
    }
}

fn state(line: &Line, dialect: Dialect, decimals: u32) -> Result<CellState, Conflict> {
    if line.value.is_empty() && line.comment.is_empty() {
        return Err(conflict("E7618", "value", "", "reporting-conflict-empty"));
    }
    let unreadable = || conflict("E7619", "value", &line.value, "reporting-conflict-value");
    let state = dialect
        .plain(&line.value)
        .and_then(|value| from_number_and_remark(&value, &line.comment, decimals))
        .ok_or_else(unreadable)?;
    match &state {
        CellState::Value(amount) if amount.unsigned_abs() > AMOUNT_MOST.unsigned_abs() => {
            Err(unreadable())
        }
        state if state.reason().chars().count() > REASON_MOST => {
            Err(conflict("E7620", "comment", &line.comment, "reporting-conflict-comment"))
        }
        _ => Ok(state),
    }
}
