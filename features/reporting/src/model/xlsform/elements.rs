//! Of which data element a question is, in which unit, where in the disaggregation.

use super::{
    build::{Builder, label},
    sheets::Line,
};
use crate::model::{
    Coords, DataElement, ElementId,
    amount::{unit, unit_said},
    element::{Mark, Sheet, law_of_unit},
};

/// Unit of numbers whose unit nobody said.
const PLAIN_UNIT: &str = "so";
/// Decimals of `decimal` whose number nobody said.
const DECIMALS: u32 = 2;

impl Builder<'_, '_> {
    /// Coordinates of our own column; dimensions and options must be known.
    pub(super) fn coords(&mut self, line: &Line) -> Option<Coords> {
        let text = line.get("nhipcau::coords");
        let known = Coords::parse(text).filter(|coords| {
            coords.iter().all(|(dimension, option)| {
                self.ground
                    .dimensions
                    .get(dimension)
                    .is_some_and(|one| one.option(option).is_some())
            })
        });
        if known.is_none() {
            let told = line.told("nhipcau::coords", "reporting-xlsform-coords");
            self.telling.trouble(told.with("text", text));
        }
        known
    }

    /// The data element that a question is of: one that is known, one of an earlier row, or a new one.
    pub(super) fn element(
        &mut self,
        line: &Line,
        whole: bool,
        coords: &Coords,
    ) -> Option<ElementId> {
        let asked = line.get("nhipcau::element");
        let code = if asked.is_empty() {
            let name: String = line
                .get("name")
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
                .collect();
            let code = format!("{}.{name}", self.dataset);
            code.chars().take(40).collect()
        } else {
            asked.to_owned()
        };
        let Some(id) = ElementId::parse(&code) else {
            let told = line.told("nhipcau::element", "reporting-xlsform-element-code");
            self.telling.trouble(told.with("text", asked));
            return None;
        };
        let (of, decimals) = self.unit(line, whole)?;
        let known = self.ground.elements.get(&id).or_else(|| self.elements.get(&id)).cloned();
        let Some(known) = known else {
            self.elements.insert(
                id.clone(),
                new_element(&id, line, of.unwrap_or(PLAIN_UNIT), decimals, coords),
            );
            return Some(id);
        };
        if asked.is_empty() && self.ground.elements.contains_key(&id) {
            // The same form brought again: its element is meant, and must still be measured so.
            self.telling.note(
                line.told("name", "reporting-xlsform-element-known").with("code", code.as_str()),
            );
        }
        if of.is_some_and(|of| of != known.unit) {
            let told = line.told("nhipcau::unit", "reporting-xlsform-unit-differs");
            let name = unit(&known.unit).map_or(known.unit.as_str(), |unit| unit.name.as_str());
            self.telling.trouble(told.with("code", code.as_str()).with("unit", name));
            return None;
        }
        let more: Vec<String> = coords
            .iter()
            .map(|(dimension, _)| dimension.to_owned())
            .filter(|dimension| !known.dimensions.contains(dimension))
            .collect();
        if more.is_empty() {
            return Some(id);
        }
        if self.ground.elements.contains_key(&id) {
            let told = line.told("nhipcau::coords", "reporting-xlsform-not-divided");
            self.telling.trouble(told.with("code", code.as_str()).with("text", more.join(", ")));
            return None;
        }
        if let Some(own) = self.elements.get_mut(&id) {
            own.dimensions.extend(more);
        }
        Some(id)
    }

    /// The unit that is asked for and the decimals.
    pub(super) fn unit(&mut self, line: &Line, whole: bool) -> Option<(Option<&'static str>, u32)> {
        let asked = line.get("nhipcau::unit");
        let said = unit_said(asked);
        if !asked.is_empty() && said.is_none() {
            let told = line.told("nhipcau::unit", "reporting-xlsform-unit-unknown");
            self.telling.trouble(told.with("text", asked));
            return None;
        }
        let decimals = match line.get("nhipcau::decimals") {
            "" if whole => 0,
            "" => DECIMALS,
            text => {
                if let Some(decimals) = text.parse::<u32>().ok().filter(|decimals| *decimals <= 6) {
                    decimals
                } else {
                    let told = line.told("nhipcau::decimals", "reporting-xlsform-decimals");
                    self.telling.trouble(told.with("text", text));
                    return None;
                }
            }
        };
        Some((said.map(|unit| unit.code.as_str()), decimals))
    }
}

fn new_element(
    id: &ElementId,
    line: &Line,
    of: &str,
    decimals: u32,
    coords: &Coords,
) -> DataElement {
    DataElement {
        code: id.clone(),
        name: label(line),
        unit: of.to_owned(),
        decimals,
        law: law_of_unit(of),
        dimensions: coords.iter().map(|(dimension, _)| dimension.to_owned()).collect(),
        component: None,
        sheet: Sheet { concept: line.get("hint").to_owned(), ..Sheet::default() },
        mark: Mark::Derived,
    }
}
