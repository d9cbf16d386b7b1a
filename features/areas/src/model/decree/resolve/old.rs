//! Finding the old unit of a row: by its code on the day before, by its full id, or by a name that only one bears.

use std::collections::HashMap;

use kernel::text::fold;

use super::Reading;
use crate::model::{
    AreaId,
    decree::{code_length, table::Field, world::Unit},
};

impl Reading<'_> {
    /// The old unit of a row: by id, by its code on the day before, or by a name that only one bears.
    pub(super) fn old(&mut self, row: usize) -> Option<AreaId> {
        let cell = self.row(row).cell(Field::Old).to_owned();
        if cell.is_empty() {
            return self.old_by_name(row);
        }
        let eve = self.world.eve();
        if cell.contains('.') {
            let id = AreaId::parse(&cell);
            let found =
                id.filter(|id| self.world.unit(id).is_some_and(|unit| unit.at(eve).is_some()));
            if found.is_none() {
                self.note(row, Field::Old, "areas-decree-old-unknown", &[("code", cell)]);
            }
            return found;
        }
        let bears = |unit: &Unit| {
            unit.at(eve).is_some_and(|piece| piece.code.as_deref() == Some(cell.as_str()))
        };
        let found: Vec<AreaId> = self
            .world
            .of_code(&cell)
            .filter(|(_, unit)| bears(unit))
            .map(|(id, _)| id.clone())
            .collect();
        match found.as_slice() {
            [one] => Some(one.clone()),
            [] => {
                self.note_unknown(row, cell);
                None
            }
            several => {
                let ids = several.iter().map(AreaId::to_string).collect::<Vec<_>>().join(", ");
                self.note(row, Field::Old, "areas-decree-old-ambiguous", &[("ids", ids)]);
                None
            }
        }
    }

    pub(super) fn note_unknown(&mut self, row: usize, code: String) {
        let later = self.world.of_code(&code).filter_map(|(_, unit)| {
            let mut pieces = unit.pieces.iter().filter(|piece| piece.from >= self.world.day);
            pieces
                .find(|piece| piece.code.as_deref() == Some(code.as_str()))
                .map(|piece| piece.from)
        });
        if let Some(from) = later.min() {
            let args = [("code", code), ("day", from.short())];
            self.note(row, Field::Old, "areas-decree-old-later", &args);
        } else if let Some(until) = self.world.gone.get(&code) {
            let args = [("code", code), ("day", until.plus_days(-1).short())];
            self.note(row, Field::Old, "areas-decree-old-gone", &args);
        } else {
            let padded = [2, 3, 5].map(|width| format!("{code:0>width$}"));
            let lost = padded
                .iter()
                .find(|padded| **padded != code && self.world.of_code(padded).next().is_some());
            match lost.filter(|_| code.bytes().all(|byte| byte.is_ascii_digit())).cloned() {
                Some(full) => {
                    let args = [("code", code), ("full", full)];
                    self.note(row, Field::Old, "areas-decree-old-zeros", &args);
                }
                None => self.note(row, Field::Old, "areas-decree-old-unknown", &[("code", code)]),
            }
        }
    }

    pub(super) fn old_by_name(&mut self, row: usize) -> Option<AreaId> {
        let stated = self.row(row).cell(Field::OldName).to_owned();
        if stated.is_empty() {
            self.note(row, Field::Old, "areas-decree-old-missing", &[]);
            return None;
        }
        let (world, eve) = (self.world, self.world.eve());
        let names = self.names.get_or_insert_with(|| {
            let mut names: HashMap<String, Vec<AreaId>> = HashMap::new();
            for (id, unit) in world.all() {
                if let Some(piece) = unit.at(eve).filter(|_| code_length(unit.level).is_some()) {
                    names.entry(fold(&piece.full_name())).or_default().push(id.clone());
                }
            }
            names
        });
        let mut found = names.get(&fold(&stated)).cloned().unwrap_or_default();
        match found.len() {
            1 => found.pop(),
            0 => {
                self.note(row, Field::OldName, "areas-decree-name-unknown", &[("name", stated)]);
                None
            }
            count => {
                let args = [("name", stated), ("count", count.to_string())];
                self.note(row, Field::OldName, "areas-decree-name-ambiguous", &args);
                None
            }
        }
    }
}
