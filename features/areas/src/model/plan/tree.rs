//! One frame as a tree: rows by code, their identities, their paths and what lies above them.

use std::collections::{BTreeMap, HashMap};

use kernel::{clock::Day, scope::ScopePath, text};

use super::{PlannedFact, UnitRow};
use crate::model::{AreaId, AreaLevel};

/// One frame's rows by code, with what each code means as an identity in it.
pub(super) struct Tree<'t> {
    pub rows: BTreeMap<&'t str, &'t UnitRow>,
    pub ids: HashMap<&'t str, AreaId>,
    /// Folded full names of what has units below it.
    folded: HashMap<&'t str, String>,
}

impl<'t> Tree<'t> {
    pub fn new(rows: &'t [UnitRow]) -> Self {
        let above = rows.iter().filter(|row| row.area_type.level() != AreaLevel::Commune);
        let name = |row: &UnitRow| text::fold(&row.area_type.full_name(&row.name));
        Self {
            rows: rows.iter().map(|row| (row.code.as_str(), row)).collect(),
            ids: HashMap::new(),
            folded: above.map(|row| (row.code.as_str(), name(row))).collect(),
        }
    }

    /// Codes from the top down, so that every parent comes before its children.
    pub fn codes(&self) -> Vec<&'t str> {
        let mut codes: Vec<&str> = self.rows.keys().copied().collect();
        codes.sort_by_key(|code| (code.len(), *code));
        codes
    }

    fn parent(&self, row: &UnitRow) -> AreaId {
        if row.parent_code.is_empty() {
            return AreaId::country();
        }
        self.ids.get(row.parent_code.as_str()).cloned().unwrap_or_else(AreaId::country)
    }

    /// The path and the folded context of a unit in this tree.
    fn place(&self, row: &UnitRow) -> (ScopePath, String) {
        let mut above = Vec::new();
        let mut at = row;
        while let Some(parent) = self.rows.get(at.parent_code.as_str()) {
            above.push(*parent);
            at = parent;
        }
        let country = ScopePath::root().child(AreaId::country().as_str());
        let path = above.iter().rev().chain([&row]).fold(country, |path, row| {
            self.ids.get(row.code.as_str()).map_or(path.clone(), |id| path.child(id.as_str()))
        });
        let names = above.iter().filter_map(|row| self.folded.get(row.code.as_str()));
        (path, names.map(String::as_str).collect::<Vec<_>>().join(" "))
    }

    pub fn fact(&self, row: &UnitRow, from: Day, until: Day) -> PlannedFact {
        let (path, context) = self.place(row);
        PlannedFact {
            unit: self.ids[row.code.as_str()].clone(),
            level: row.area_type.level(),
            from,
            until,
            code: Some(row.code.clone()),
            name: row.name.clone(),
            area_type: row.area_type,
            parent: Some(self.parent(row)),
            path,
            context,
            event: None,
            instrument: "",
        }
    }

    pub fn communes(&self) -> usize {
        self.rows.values().filter(|row| row.area_type.level() == AreaLevel::Commune).count()
    }
}
