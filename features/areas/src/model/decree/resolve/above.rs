//! The unit above: as a row names it, or where all that a new unit is made of hung.

use std::collections::{HashMap, HashSet};

use super::{Begun, Levels, Meaning, Reading};
use crate::model::{
    AreaId, AreaLevel,
    decree::{table::Field, world::Unit},
};

impl Reading<'_> {
    /// The unit above that a row names.
    pub(super) fn parent(
        &mut self,
        row: usize,
        text: &str,
        level: AreaLevel,
        begun: &Levels,
    ) -> Option<AreaId> {
        let args = [("code", text.to_owned())];
        if text.eq_ignore_ascii_case("vn") {
            if level == AreaLevel::Province {
                return Some(AreaId::country());
            }
            self.note(row, Field::Parent, "areas-decree-parent-above", &args);
            return None;
        }
        let day = self.world.day;
        let named = AreaId::parse(text).filter(|_| text.contains('.'));
        let code = text.split('.').next().unwrap_or_default();
        let new = begun
            .get(code)
            .filter(|(id, _)| named.as_ref().is_none_or(|named| named == id))
            .cloned();
        let living: Vec<(&AreaId, &Unit)> = match &named {
            Some(id) => self.world.unit(id).map(|unit| (id, unit)).into_iter().collect(),
            None => self.world.of_code(text).collect(),
        };
        let bears = |unit: &Unit| {
            unit.at(day)
                .is_some_and(|piece| text.contains('.') || piece.code.as_deref() == Some(text))
        };
        let there = living
            .iter()
            .find(|(id, unit)| bears(unit) && !self.ending.contains(*id))
            .map(|(id, unit)| ((*id).clone(), unit.level));
        if let Some((id, above)) = new.or(there) {
            if above < level && above != AreaLevel::Village {
                return Some(id);
            }
            self.note(row, Field::Parent, "areas-decree-parent-above", &args);
            return None;
        }
        let ends =
            living.iter().any(|(id, unit)| self.ending.contains(*id) || unit.span.ended_on <= day);
        let later =
            living.iter().map(|(_, unit)| unit.span.born_on).filter(|born| *born > day).min();
        match later {
            _ if ends => self.note(row, Field::Parent, "areas-decree-parent-ended", &args),
            Some(from) => {
                let args = [("code", text.to_owned()), ("day", from.short())];
                self.note(row, Field::Parent, "areas-decree-parent-later", &args);
            }
            None if self.world.gone.contains_key(text) => {
                self.note(row, Field::Parent, "areas-decree-parent-ended", &args);
            }
            None => self.note(row, Field::Parent, "areas-decree-parent-unknown", &args),
        }
        None
    }

    /// Where a new unit hangs when nobody says so: where all that it is made of hung.
    pub(super) fn parent_of_sources(
        &mut self,
        flows: &[usize],
        begun: &Begun,
        meaning: &Meaning,
        heirs: &HashMap<AreaId, Option<AreaId>>,
    ) -> Option<AreaId> {
        let eve = self.world.eve();
        let day = self.world.day;
        if begun.area_type.level() == AreaLevel::Province {
            return Some(AreaId::country());
        }
        let parents: HashSet<Option<AreaId>> = flows
            .iter()
            .map(|index| {
                let flow = &meaning.flows[*index];
                let unit = self.world.unit(&flow.old)?;
                // A decree of the same day may have moved it already.
                let parent = unit.at(day).or_else(|| unit.at(eve))?.parent.clone()?;
                match heirs.get(&parent) {
                    Some(heir) => heir.clone(),
                    None if self.ending.contains(&parent) => None,
                    None => self.world.unit(&parent)?.at(day).map(|_| parent),
                }
            })
            .collect();
        let one = if parents.len() == 1 { parents.into_iter().next().flatten() } else { None };
        if one.is_none() {
            let args = [("code", begun.code.clone())];
            self.note(
                meaning.flows[flows[0]].row,
                Field::Parent,
                "areas-decree-parent-missing",
                &args,
            );
        }
        one
    }
}
