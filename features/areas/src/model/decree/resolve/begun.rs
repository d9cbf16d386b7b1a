//! Units that begin: whether their code is free, what they are called, whether they are known from later on.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    clock::Day,
    text::{fold, same_name},
};

use super::{Begun, Following, Levels, Meaning, Reading};
use crate::model::{
    AreaId, AreaType, EventKind,
    decree::{
        code_length,
        table::{self, Field},
    },
};

impl Reading<'_> {
    /// Everything that begins: first who, then what they are called and where they hang.
    pub(super) fn begin_all(&mut self, meaning: &mut Meaning) {
        let mut by_new: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, flow) in meaning.flows.iter().enumerate() {
            by_new.entry(flow.new.clone()).or_default().push(index);
        }
        let mut drafts = Vec::new();
        for (cell, flows) in &by_new {
            let rows: Vec<usize> = flows.iter().map(|index| meaning.flows[*index].row).collect();
            let olds: Vec<&AreaId> = flows.iter().map(|index| &meaning.flows[*index].old).collect();
            let kinds: HashSet<Option<EventKind>> =
                flows.iter().map(|index| meaning.flows[*index].kind).collect();
            let whole = flows.iter().all(|index| meaning.flows[*index].whole);
            if let Some(draft) = self.begin(cell, &rows, &olds, &kinds, whole) {
                drafts.push((cell.clone(), flows.clone(), draft));
            }
        }
        let levels: Levels = drafts
            .iter()
            .map(|(_, _, one)| (one.code.clone(), (one.id.clone(), one.area_type.level())))
            .collect();
        let heirs = heirs(meaning, &drafts);
        for (cell, flows, mut begun) in drafts {
            let rows: Vec<usize> = flows.iter().map(|index| meaning.flows[*index].row).collect();
            let level = begun.area_type.level();
            let stated = self.stated(&rows, Field::Parent);
            let parent = match stated {
                Some((row, text)) => self.parent(row, &text, level, &levels),
                None => self.parent_of_sources(&flows, &begun, meaning, &heirs),
            };
            if let Some(parent) = parent {
                begun.parent = parent;
                meaning.begun.insert(cell, begun);
            }
        }
    }

    /// The one value that rows state for a new unit; a problem when they differ.
    pub(super) fn stated(&mut self, rows: &[usize], field: Field) -> Option<(usize, String)> {
        let mut found: Option<(usize, String)> = None;
        for row in rows {
            let cell = self.row(*row).cell(field).to_owned();
            if cell.is_empty() {
                continue;
            }
            match &found {
                Some((first, text)) if fold(text) != fold(&cell) => {
                    let args = [("line", self.row(*first).0.to_string()), ("stated", text.clone())];
                    self.note(*row, field, "areas-decree-differs", &args);
                }
                Some(_) => {}
                None => found = Some((*row, cell)),
            }
        }
        found
    }

    pub(super) fn begin(
        &mut self,
        cell: &str,
        rows: &[usize],
        olds: &[&AreaId],
        kinds: &HashSet<Option<EventKind>>,
        whole: bool,
    ) -> Option<Begun> {
        let first = rows[0];
        let (code, explicit) =
            cell.split_once('.').map_or((cell, None), |(code, rest)| (code, Some(rest)));
        let minted = format!("{code}.{}", self.world.day.iso().replace('-', ""));
        let Following(following) = self.following(code, first)?;
        let taken =
            following.clone().filter(|_| explicit.is_none() || Some(cell) != Some(minted.as_str()));
        let equivalent = kinds.contains(&Some(EventKind::Equivalent));
        let known = match (&taken, explicit) {
            (Some(id), None) => Some(id.clone()),
            (Some(id), Some(_)) if id.as_str() == cell => Some(id.clone()),
            (_, Some(_)) if cell != minted => {
                self.note(first, Field::New, "areas-decree-new-id", &[("id", cell.to_owned())]);
                return None;
            }
            _ => None,
        };
        if equivalent && (known.is_none() || rows.len() > 1) {
            let key = if rows.len() > 1 {
                "areas-decree-equivalent-many"
            } else {
                "areas-decree-equivalent-none"
            };
            self.note(first, Field::New, key, &[("code", code.to_owned())]);
            return None;
        }
        let alone = self.sources.get(cell) == Some(&1);
        if alone && whole && known.is_none() && !kinds.contains(&Some(EventKind::Promote)) {
            self.note(first, Field::Kind, "areas-decree-one-to-one", &[]);
            return None;
        }
        let capped = following.filter(|_| known.is_none());
        let until =
            capped.and_then(|id| Some(self.world.unit(&id)?.span.born_on)).unwrap_or(Day::FOREVER);
        let id = known.clone().or_else(|| AreaId::parse(&minted))?;
        let (name, area_type) = self.words(cell, code, rows, olds, kinds, known.as_ref())?;
        let line = self.row(first).0;
        let parent = AreaId::country();
        let begun = Begun {
            line,
            id,
            code: code.to_owned(),
            name,
            area_type,
            parent,
            known: known.is_some(),
            until,
        };
        Some(begun)
    }

    /// The unit of unknown origin that bears the code from the day or later on; none when the code is
    /// free. A code in use is a problem.
    pub(super) fn following(&mut self, code: &str, row: usize) -> Option<Following> {
        let plain = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || !matches!(code.len(), 2 | 3 | 5) {
            self.note(row, Field::New, "areas-decree-new-code", &[("code", code.to_owned())]);
            return None;
        }
        let day = self.world.day;
        let bears = self.world.of_code(code).filter(|(id, _)| !self.ending.contains(*id));
        let pieces = bears.filter_map(|(id, unit)| {
            let mut later = unit
                .pieces
                .iter()
                .filter(|piece| piece.until > day && piece.code.as_deref() == Some(code));
            Some((id, later.next()?))
        });
        // Who bears it first decides: who bears it after them is no matter of this day.
        let first = pieces.min_by_key(|(_, piece)| piece.from);
        match first {
            Some((id, _)) if self.world.begins_unexplained(id) => Some(Following(Some(id.clone()))),
            Some((_, piece)) => {
                let (name, from) = (piece.full_name(), piece.from.max(day));
                let args = [("code", code.to_owned()), ("name", name), ("day", from.short())];
                self.note(row, Field::New, "areas-decree-code-in-use", &args);
                None
            }
            None => Some(Following(None)),
        }
    }

    /// Name and type of a new unit: as stated, or those of the unit whose code it takes over.
    pub(super) fn words(
        &mut self,
        cell: &str,
        code: &str,
        rows: &[usize],
        olds: &[&AreaId],
        kinds: &HashSet<Option<EventKind>>,
        known: Option<&AreaId>,
    ) -> Option<(String, AreaType)> {
        let (world, eve, first) = (self.world, self.world.eve(), rows[0]);
        let of = |id: &AreaId| {
            let unit = world.unit(id)?;
            unit.at(eve).or_else(|| unit.pieces.first())
        };
        let same_code =
            |id: &&&AreaId| of(id).is_some_and(|piece| piece.code.as_deref() == Some(code));
        let model = known
            .and_then(of)
            .or_else(|| olds.iter().find(same_code).and_then(|id| of(id)))
            .or_else(|| olds.first().filter(|_| olds.len() == 1).and_then(|id| of(id)));
        let stated_type = self.stated(rows, Field::NewType);
        let area_type = if let Some((row, kind)) = &stated_type {
            let found = table::area_type(kind, code);
            if found.is_none() {
                let args = [("type", kind.clone())];
                self.note(*row, Field::NewType, "areas-decree-type-unknown", &args);
            }
            found?
        } else if let Some(model) = model {
            model.area_type
        } else {
            let args = [("code", cell.to_owned())];
            self.note(first, Field::NewType, "areas-decree-type-missing", &args);
            return None;
        };
        let promotes = kinds.contains(&Some(EventKind::Promote));
        let level = area_type.level();
        let of_sources =
            olds.iter().all(|id| world.unit(id).is_some_and(|unit| unit.level == level));
        if code_length(level) != Some(code.len()) || promotes == of_sources {
            let row = stated_type.map_or(first, |(row, _)| row);
            let args = [("type", area_type.label().to_owned()), ("code", code.to_owned())];
            self.note(row, Field::NewType, "areas-decree-type-level", &args);
            return None;
        }
        let name = if let Some((_, name)) = self.stated(rows, Field::NewName) {
            bare(area_type, &name)
        } else if let Some(model) = model {
            model.name.clone()
        } else {
            let args = [("code", cell.to_owned())];
            self.note(first, Field::NewName, "areas-decree-name-missing", &args);
            return None;
        };
        Some((name, area_type))
    }
}

/// The heir of each unit that goes whole; `None` for those that are divided or abolished.
fn heirs(
    meaning: &Meaning,
    drafts: &[(String, Vec<usize>, Begun)],
) -> HashMap<AreaId, Option<AreaId>> {
    let ids: HashMap<&str, &AreaId> =
        drafts.iter().map(|(cell, _, begun)| (cell.as_str(), &begun.id)).collect();
    let whole = meaning.flows.iter().map(|flow| {
        let heir = ids.get(flow.new.as_str()).filter(|_| flow.whole).map(|id| (*id).clone());
        (flow.old.clone(), heir)
    });
    whole.collect()
}

/// The name without the type that people write before it. Marks count: phường Phương Liệt keeps its
/// first word.
pub(super) fn bare(kind: AreaType, name: &str) -> String {
    let words = kind.label().split(' ').count();
    let mut parts = name.splitn(words + 1, ' ');
    let head: Vec<&str> = parts.by_ref().take(words).collect();
    match parts.next() {
        Some(rest) if !kind.label().is_empty() && same_name(&head.join(" "), kind.label()) => {
            rest.to_owned()
        }
        _ => name.to_owned(),
    }
}
