//! What the rows of a decree's table mean on the map they meet: which units end, begin and live on changed.
//! Everything wrong is collected with its line and cell; nothing is changed here.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    clock::Day,
    text::{fold, same_name},
};

use super::{
    LineProblem, code_length, share,
    table::{self, Field, Table, TableRow},
    world::{Unit, World},
};
use crate::model::{AreaId, AreaLevel, AreaType, EventKind, Weight};

/// More problems than anybody reads at once.
pub(super) const PROBLEMS_MAX: usize = 500;

/// The unit of unknown origin that bears a code later on; none when the code is free.
struct Following(Option<AreaId>);

/// Units that begin by the decree, by their codes.
type Levels = HashMap<String, (AreaId, AreaLevel)>;

/// What became of the rows.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    /// What goes where.
    pub flows: Vec<Flow>,
    /// Units that begin, by the text of their cell.
    pub begun: BTreeMap<String, Begun>,
    /// Units that live on changed.
    pub changed: Vec<Change>,
    /// Units that end without a successor of their own.
    pub abolished: Vec<(u32, AreaId)>,
}

/// One old unit, or a part of it, goes to a new one.
#[derive(Debug)]
pub(super) struct Flow {
    pub line: u32,
    pub old: AreaId,
    pub new: String,
    pub kind: Option<EventKind>,
    pub weight: Option<Weight>,
    pub basis: Option<&'static str>,
    pub whole: bool,
    row: usize,
}

/// A unit that begins by the decree.
#[derive(Debug)]
pub(super) struct Begun {
    pub line: u32,
    pub id: AreaId,
    pub code: String,
    pub name: String,
    pub area_type: AreaType,
    pub parent: AreaId,
    /// True when it is known already, but not where it came from.
    pub known: bool,
    /// The first day it is no more: that of the unit of unknown origin that follows it.
    pub until: Day,
}

/// A unit that lives on.
#[derive(Debug)]
pub(super) struct Change {
    pub line: u32,
    pub unit: AreaId,
    pub kind: EventKind,
    pub code: Option<String>,
    pub name: Option<String>,
    pub area_type: Option<AreaType>,
    pub parent: Option<AreaId>,
}

/// Reads the meaning of a table.
pub(super) fn read(world: &World, table: &Table) -> Result<Meaning, Vec<LineProblem>> {
    let mut sources: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        *sources.entry(row.cell(Field::New).to_owned()).or_default() += 1;
    }
    let ending = HashSet::new();
    let mut reading = Reading { world, table, wrong: Vec::new(), names: None, ending, sources };
    let meaning = reading.all();
    if reading.wrong.is_empty() {
        return Ok(meaning);
    }
    reading.wrong.sort_by_key(|problem| problem.line);
    reading.wrong.dedup();
    Err(reading.wrong)
}

struct Reading<'w> {
    world: &'w World,
    table: &'w Table,
    wrong: Vec<LineProblem>,
    /// Living units by their folded full names, made when a row has no code.
    names: Option<HashMap<String, Vec<AreaId>>>,
    ending: HashSet<AreaId>,
    /// How many rows lead to each new unit, those with mistakes among them.
    sources: HashMap<String, usize>,
}

/// A row with its old unit and what happens to it.
struct Known {
    row: usize,
    old: AreaId,
    kind: Option<EventKind>,
}

impl Reading<'_> {
    fn all(&mut self) -> Meaning {
        let mut meaning = Meaning::default();
        let known: Vec<Known> =
            (0..self.table.rows.len()).filter_map(|row| self.known(row)).collect();
        let mut by_old: BTreeMap<AreaId, Vec<Known>> = BTreeMap::new();
        for one in known {
            by_old.entry(one.old.clone()).or_default().push(one);
        }
        let mut living = Vec::new();
        for (old, rows) in by_old {
            self.sort_out(&old, rows, &mut meaning, &mut living);
        }
        meaning.flows.sort_by_key(|flow| flow.row);
        self.begin_all(&mut meaning);
        self.find_rings(&meaning);
        let begun: Levels = meaning
            .begun
            .values()
            .map(|one| (one.code.clone(), (one.id.clone(), one.area_type.level())))
            .collect();
        for one in living {
            self.change(&one, &begun, &mut meaning);
        }
        meaning
    }

    fn row(&self, row: usize) -> &TableRow {
        &self.table.rows[row]
    }

    fn note(
        &mut self,
        row: usize,
        field: Field,
        key: &'static str,
        args: &[(&'static str, String)],
    ) {
        if self.wrong.len() < PROBLEMS_MAX {
            let mut problem = self.table.problem(&self.table.rows[row], field, key);
            problem.args.extend(args.iter().cloned());
            self.wrong.push(problem);
        }
    }

    /// The kind and the old unit of a row.
    fn known(&mut self, row: usize) -> Option<Known> {
        let word = self.row(row).cell(Field::Kind).to_owned();
        let kind = table::kind(&word);
        if kind.is_none() && !word.is_empty() {
            self.note(row, Field::Kind, "areas-decree-kind-unknown", &[("kind", word.clone())]);
        }
        let old = self.old(row)?;
        let unit = self.world.unit(&old)?;
        if matches!(unit.level, AreaLevel::Country | AreaLevel::Village) {
            self.note(row, Field::Old, "areas-decree-level-closed", &[]);
            return None;
        }
        let name = fold(self.row(row).cell(Field::OldName));
        let piece = unit.at(self.world.eve())?;
        let full = piece.full_name();
        if !name.is_empty() && name != fold(&piece.name) && name != fold(&full) {
            let stated = self.row(row).cell(Field::OldName).to_owned();
            let args = [("stated", stated), ("name", full)];
            self.note(row, Field::OldName, "areas-decree-name-differs", &args);
            return None;
        }
        (kind.is_some() || word.is_empty()).then_some(Known { row, old, kind })
    }

    /// The old unit of a row: by id, by its code on the day before, or by a name that only one bears.
    fn old(&mut self, row: usize) -> Option<AreaId> {
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

    fn note_unknown(&mut self, row: usize, code: String) {
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

    fn old_by_name(&mut self, row: usize) -> Option<AreaId> {
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

    /// All rows of one old unit: it ends in one way, or lives on.
    fn sort_out(
        &mut self,
        old: &AreaId,
        rows: Vec<Known>,
        meaning: &mut Meaning,
        living: &mut Vec<Known>,
    ) {
        let lives = |kind: Option<EventKind>| {
            matches!(kind, Some(EventKind::Rename | EventKind::Reclassify | EventKind::Reparent))
        };
        let abolishes = |kind: Option<EventKind>| kind == Some(EventKind::Abolish);
        if rows.len() > 1 && rows.iter().any(|one| lives(one.kind) || abolishes(one.kind)) {
            let first = self.row(rows[0].row).0.to_string();
            for one in &rows[1..] {
                self.note(one.row, Field::Old, "areas-decree-twice", &[("line", first.clone())]);
            }
            return;
        }
        let first = &rows[0];
        if !self.may_still_change(old, first.row, lives(first.kind)) {
            return;
        }
        if lives(first.kind) {
            living.extend(rows);
            return;
        }
        self.ending.insert(old.clone());
        if abolishes(first.kind) {
            if !self.row(first.row).cell(Field::New).is_empty() {
                self.note(first.row, Field::New, "areas-decree-abolish-has-new", &[]);
            }
            meaning.abolished.push((self.row(first.row).0, old.clone()));
            return;
        }
        self.flows(old, &rows, meaning);
    }

    /// No applied decree ends the unit, or says something of it later than this one would end it.
    fn may_still_change(&mut self, old: &AreaId, row: usize, lives_on: bool) -> bool {
        let Some(unit) = self.world.unit(old) else { return false };
        let day = self.world.day;
        if unit.span.ended_event.is_some() && (!lives_on || unit.span.ended_on <= day) {
            let by = unit.ended_by.clone().unwrap_or_default();
            let args = [("instrument", by), ("day", unit.span.ended_on.short())];
            self.note(row, Field::Old, "areas-decree-ended-by", &args);
            return false;
        }
        let later = unit.pieces.iter().find(|piece| piece.from > day);
        if let Some(later) = later.filter(|_| !lives_on) {
            let args = [("instrument", later.instrument.clone()), ("day", later.from.short())];
            self.note(row, Field::Old, "areas-decree-changed-later", &args);
            return false;
        }
        if lives_on && unit.at(day).is_none() {
            let args = [("day", unit.span.ended_on.plus_days(-1).short())];
            self.note(row, Field::Old, "areas-decree-not-there", &args);
            return false;
        }
        true
    }

    fn flows(&mut self, old: &AreaId, rows: &[Known], meaning: &mut Meaning) {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let mut shares = Vec::new();
        let mut stated_bases = HashSet::new();
        let begin = meaning.flows.len();
        for one in rows {
            let cell = |field| self.table.rows[one.row].cell(field).to_owned();
            let (line, new) = (self.row(one.row).0, cell(Field::New));
            if new.is_empty() {
                self.note(one.row, Field::New, "areas-decree-new-missing", &[]);
                continue;
            }
            if let Some(first) = seen.insert(new.clone(), line) {
                let args = [("line", first.to_string())];
                self.note(one.row, Field::New, "areas-decree-pair-twice", &args);
                continue;
            }
            let whole = rows.len() == 1;
            let wrong_kind = match one.kind {
                Some(EventKind::Merge | EventKind::Promote | EventKind::Equivalent) => !whole,
                Some(EventKind::Split) => whole,
                _ => false,
            };
            if wrong_kind {
                let key =
                    if whole { "areas-decree-kind-one-row" } else { "areas-decree-kind-many-rows" };
                self.note(one.row, Field::Kind, key, &[]);
            }
            let (weight, basis) = self.weight(one.row, whole);
            shares.push(weight);
            stated_bases.extend(basis);
            let flow = Flow {
                line,
                old: old.clone(),
                new,
                kind: one.kind,
                weight,
                basis,
                whole,
                row: one.row,
            };
            meaning.flows.push(flow);
        }
        if rows.len() > 1 && meaning.flows.len() - begin == rows.len() {
            self.check_shares(rows, &shares, stated_bases.len());
        }
    }

    fn weight(&mut self, row: usize, whole: bool) -> (Option<Weight>, Option<&'static str>) {
        let (share_cell, basis_cell) = (
            self.row(row).cell(Field::Share).to_owned(),
            self.row(row).cell(Field::Basis).to_owned(),
        );
        let weight = share::parse(&share_cell);
        if weight.is_none() && !share_cell.is_empty() {
            self.note(
                row,
                Field::Share,
                "areas-decree-share-unread",
                &[("share", share_cell.clone())],
            );
        }
        let basis = table::basis(&basis_cell);
        if basis.is_none() && !basis_cell.is_empty() {
            self.note(
                row,
                Field::Basis,
                "areas-decree-basis-unknown",
                &[("basis", basis_cell.clone())],
            );
        }
        let all = Weight { num: 1, den: 1 };
        if whole {
            if weight.is_some_and(|weight| weight != all) {
                self.note(row, Field::Share, "areas-decree-share-of-whole", &[]);
            }
            return (Some(all), None);
        }
        if weight.is_some() && basis_cell.is_empty() {
            self.note(row, Field::Basis, "areas-decree-basis-missing", &[]);
        }
        (weight, weight.and(basis))
    }

    fn check_shares(&mut self, rows: &[Known], shares: &[Option<Weight>], bases: usize) {
        let given: Vec<Weight> = shares.iter().copied().flatten().collect();
        let stated = rows.iter().filter(|one| !self.row(one.row).cell(Field::Share).is_empty());
        if given.is_empty() || given.len() < stated.count() {
            return;
        }
        let first = rows[0].row;
        if given.len() < shares.len() {
            let without = rows.iter().zip(shares).find(|(_, share)| share.is_none());
            let row = without.map_or(first, |(one, _)| one.row);
            self.note(row, Field::Share, "areas-decree-share-partly", &[]);
        } else if bases > 1 {
            self.note(first, Field::Basis, "areas-decree-basis-mixed", &[]);
        } else if !share::sum_to_one(&given) {
            let sum =
                share::sum(&given).map_or_else(String::new, |(num, den)| format!("{num}/{den}"));
            let lines = rows.iter().map(|one| self.row(one.row).0.to_string()).collect::<Vec<_>>();
            let args = [("sum", sum), ("lines", lines.join(", "))];
            self.note(first, Field::Share, "areas-decree-share-sum", &args);
        }
    }

    /// Everything that begins: first who, then what they are called and where they hang.
    fn begin_all(&mut self, meaning: &mut Meaning) {
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
    fn stated(&mut self, rows: &[usize], field: Field) -> Option<(usize, String)> {
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

    fn begin(
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
    fn following(&mut self, code: &str, row: usize) -> Option<Following> {
        let plain = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || !matches!(code.len(), 2 | 3 | 5) {
            self.note(row, Field::New, "areas-decree-new-code", &[("code", code.to_owned())]);
            return None;
        }
        let day = self.world.day;
        let mut following = None;
        let mut used = None;
        for (id, unit) in self.world.of_code(code) {
            let mut later = unit
                .pieces
                .iter()
                .filter(|piece| piece.until > day && piece.code.as_deref() == Some(code));
            let Some(piece) = later.next() else { continue };
            if self.ending.contains(id) {
                continue;
            }
            if self.world.begins_unexplained(id) {
                following = Some(id.clone());
            } else {
                used = Some((piece.full_name(), piece.from.max(day)));
            }
        }
        if let Some((name, from)) = used {
            let args = [("code", code.to_owned()), ("name", name), ("day", from.short())];
            self.note(row, Field::New, "areas-decree-code-in-use", &args);
            return None;
        }
        Some(Following(following))
    }

    /// Name and type of a new unit: as stated, or those of the unit whose code it takes over.
    fn words(
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

    /// The unit above that a row names.
    fn parent(
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
    fn parent_of_sources(
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

    /// Whole units handed on in a ring: each takes the place of the next, and none stays.
    fn find_rings(&mut self, meaning: &Meaning) {
        let eve = self.world.eve();
        let code_of = |id: &AreaId| self.world.unit(id)?.at(eve)?.code.clone();
        let next: HashMap<String, (&str, usize)> = meaning
            .flows
            .iter()
            .filter(|flow| flow.whole)
            .filter_map(|flow| {
                let code = code_of(&flow.old)?;
                let new = flow.new.split('.').next()?;
                (code != new).then_some((code, (new, flow.row)))
            })
            .collect();
        let mut seen: HashSet<String> = HashSet::new();
        let mut rings = Vec::new();
        for start in next.keys() {
            let mut way: Vec<&str> = Vec::new();
            let mut at = start.as_str();
            while let Some((to, _)) = next.get(at) {
                if let Some(begin) = way.iter().position(|code| *code == at) {
                    rings.push(
                        way[begin..].iter().map(|code| (*code).to_owned()).collect::<Vec<_>>(),
                    );
                    break;
                }
                if !seen.insert(at.to_owned()) {
                    break;
                }
                way.push(at);
                at = to;
            }
        }
        for ring in rings {
            let rows: Vec<usize> = ring.iter().filter_map(|code| Some(next.get(code)?.1)).collect();
            if let Some(row) = rows.into_iter().min() {
                self.note(row, Field::New, "areas-decree-ring", &[("codes", ring.join(" → "))]);
            }
        }
    }

    /// A unit that lives on: something about it must change.
    fn change(&mut self, one: &Known, begun: &Levels, meaning: &mut Meaning) {
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
fn bare(kind: AreaType, name: &str) -> String {
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
