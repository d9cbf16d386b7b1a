//! What the rows of a decree's table mean on the map they meet: which units end, begin and live on changed.
//! Everything wrong is collected with its line and cell; nothing is changed here.

mod above;
mod begun;
mod flows;
mod living;
mod old;

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{clock::Day, text::fold};

use super::{
    LineProblem,
    table::{self, Field, Table, TableRow},
    world::World,
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
}
