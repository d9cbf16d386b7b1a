//! Names of what is defined, found by DHIS2's id, by our code, or by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::IdScheme;
use crate::{
    actions::catalogue::Catalogue,
    model::{
        CellKey, Coords, Dataset, DatasetId, ElementId, IndicatorId, Life, Scheme,
        exchange::{Kind, combo_uid, life_uid, uid},
        form::Form,
    },
};

/// Names of what is defined.
#[derive(Default)]
pub struct Names {
    elements: HashMap<String, ElementId>,
    elements_by_name: HashMap<String, ElementId>,
    datasets: HashMap<String, DatasetId>,
    indicators: HashMap<String, IndicatorId>,
    combos: HashMap<String, Coords>,
    combos_by_name: HashMap<String, Coords>,
    /// The coordinates at which forms ask for a data element, in their order.
    pub coords_of: BTreeMap<ElementId, BTreeSet<Coords>>,
    /// Every coordinates that a form asks for, or lets be added one dimension further.
    pub coords: BTreeSet<Coords>,
    /// The data sets whose newest form asks for a data element.
    pub datasets_of: BTreeMap<ElementId, Vec<DatasetId>>,
}

impl Names {
    /// From what is defined.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut it = Self::default();
        for element in catalogue.elements.values() {
            it.elements.insert(uid(Kind::Element, element.code.as_str()), element.code.clone());
            it.elements_by_name.insert(element.name.clone(), element.code.clone());
        }
        for code in catalogue.datasets.keys() {
            it.datasets.insert(uid(Kind::Dataset, code.as_str()), code.clone());
            if let Ok(form) = catalogue.form(code) {
                it.form(catalogue, code, form);
            }
        }
        for code in catalogue.indicators.keys() {
            it.indicators.insert(uid(Kind::Indicator, code.as_str()), code.clone());
        }
        it.coords.insert(Coords::total());
        for coords in &it.coords {
            it.combos.insert(combo_uid(coords), coords.clone());
            it.combos_by_name.insert(combo_name(catalogue, coords), coords.clone());
        }
        it
    }

    fn form(&mut self, catalogue: &Catalogue, code: &DatasetId, form: &Form) {
        for element in form.elements() {
            self.datasets_of.entry(element.clone()).or_default().push(code.clone());
        }
        for (_, table) in form.tables() {
            for placed in table.cells() {
                let CellKey { element, coords } = placed.key;
                for dimension in &table.details {
                    if coords.option(dimension).is_some() {
                        continue;
                    }
                    for option in
                        catalogue.dimensions.get(dimension).iter().flat_map(|d| &d.options)
                    {
                        self.coords.insert(coords.clone().with(dimension, &option.code));
                    }
                }
                self.coords.insert(coords.clone());
                self.coords_of.entry(element).or_default().insert(coords);
            }
        }
    }

    /// A data element by what a message calls it; our code is understood too.
    pub fn element(
        &self,
        catalogue: &Catalogue,
        name: &str,
        scheme: IdScheme,
    ) -> Option<ElementId> {
        let by_code = || ElementId::parse(name).filter(|id| catalogue.elements.contains_key(id));
        match scheme {
            IdScheme::Name => self.elements_by_name.get(name).cloned(),
            _ => self.elements.get(name).cloned(),
        }
        .or_else(by_code)
    }

    /// A data set.
    pub fn dataset(
        &self,
        catalogue: &Catalogue,
        name: &str,
        scheme: IdScheme,
    ) -> Option<DatasetId> {
        let by_code = || DatasetId::parse(name).filter(|id| catalogue.datasets.contains_key(id));
        match scheme {
            IdScheme::Name => catalogue
                .datasets
                .values()
                .find(|one| one.title == name)
                .map(|one| one.code.clone()),
            _ => self.datasets.get(name).cloned(),
        }
        .or_else(by_code)
    }

    /// An indicator.
    pub fn indicator(&self, catalogue: &Catalogue, name: &str) -> Option<IndicatorId> {
        let by_code =
            || IndicatorId::parse(name).filter(|id| catalogue.indicators.contains_key(id));
        self.indicators.get(name).cloned().or_else(by_code)
    }

    /// Coordinates: none named is the total; `default` is DHIS2's word for it.
    pub fn coords(&self, name: &str, scheme: IdScheme) -> Option<Coords> {
        if name.is_empty() || name == "default" {
            return Some(Coords::total());
        }
        let found = match scheme {
            IdScheme::Name => self.combos_by_name.get(name).cloned(),
            _ => self.combos.get(name).cloned(),
        };
        found.or_else(|| Coords::parse(name))
    }

    /// The lives that a data element's data sets are reported in are told by attribute option combinations.
    pub fn life(name: &str) -> Option<Life> {
        match name {
            "" | "default" | "f" | "final" => Some(Life::Final),
            "e" | "estimate" => Some(Life::Estimate),
            uid if uid == life_uid(Life::Final) => Some(Life::Final),
            uid if uid == life_uid(Life::Estimate) => Some(Life::Estimate),
            _ => None,
        }
    }

    /// The data sets that ask for a data element.
    pub fn datasets_of<'c>(
        &'c self,
        catalogue: &'c Catalogue,
        element: &ElementId,
    ) -> impl Iterator<Item = &'c Dataset> + 'c {
        let all = self.datasets_of.get(element).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|code| catalogue.datasets.get(code))
    }

    /// The schemes of periods that a data element is reported in.
    pub fn schemes(&self, catalogue: &Catalogue, element: &ElementId) -> BTreeSet<Scheme> {
        self.datasets_of(catalogue, element).filter_map(|one| Scheme::parse(&one.scheme)).collect()
    }
}

/// Coordinates in words: *Nữ, Tày*; DHIS2's `default` for the total.
pub fn combo_name(catalogue: &Catalogue, coords: &Coords) -> String {
    if coords.is_total() {
        return "default".to_owned();
    }
    let words = coords.iter().map(|(dimension, option)| {
        let found = catalogue.dimensions.get(dimension).and_then(|d| d.option(option));
        found.map_or_else(|| option.to_owned(), |option| option.name.clone())
    });
    words.collect::<Vec<_>>().join(", ")
}
