//! Units that live on: what about them changes.

use super::{Change, Known, Levels, Meaning, Reading, begun::bare};
use crate::model::{
    EventKind,
    decree::table::{self, Field},
};

impl Reading<'_> {
    /// A unit that lives on: something about it must change.
    pub(super) fn change(&mut self, one: &Known, begun: &Levels, meaning: &mut Meaning) {
        let cell = |field| self.table.rows[one.row].cell(field).to_owned();
        let Some(kind) = one.kind else { return };
        let Some(unit) = self.world.unit(&one.old) else { return };
        let Some(piece) = unit.at(self.world.day) else { return };
        let level = unit.level;
        let (word, code) = (cell(Field::NewType), cell(Field::New));
        let old_code = piece.code.clone().unwrap_or_default();
        let area_type = if word.is_empty() { None } else { table::area_type(&word, &old_code) };
        if area_type.is_none() && !word.is_empty() {
            self.note(one.row, Field::NewType, "areas-decree-type-unknown", &[("type", word)]);
            return;
        }
        if let Some(kind) = area_type.filter(|kind| kind.level() != level) {
            let args = [("type", kind.label().to_owned()), ("code", old_code)];
            self.note(one.row, Field::NewType, "areas-decree-type-level", &args);
            return;
        }
        let stated = cell(Field::NewName);
        let name =
            (!stated.is_empty()).then(|| bare(area_type.unwrap_or(piece.area_type), &stated));
        let parent_text = cell(Field::Parent);
        let parent = if parent_text.is_empty() {
            None
        } else {
            let Some(parent) = self.parent(one.row, &parent_text, level, begun) else { return };
            Some(parent)
        };
        let code = Some(code).filter(|code| !code.is_empty() && Some(code) != piece.code.as_ref());
        if let Some(code) = &code
            && self.following(code, one.row).is_none()
        {
            return;
        }
        let name = name.filter(|name| *name != piece.name);
        let area_type = area_type.filter(|kind| *kind != piece.area_type);
        let parent = parent.filter(|parent| Some(parent) != piece.parent.as_ref());
        let (missing, field) = match kind {
            EventKind::Rename => (name.is_none(), Field::NewName),
            EventKind::Reclassify => (area_type.is_none(), Field::NewType),
            _ => (parent.is_none(), Field::Parent),
        };
        if missing {
            self.note(one.row, field, "areas-decree-nothing-changes", &[]);
            return;
        }
        let line = self.row(one.row).0;
        let unit = one.old.clone();
        meaning.changed.push(Change { line, unit, kind, code, name, area_type, parent });
    }
}
