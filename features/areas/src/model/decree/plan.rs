//! What a decree does to the map: the smallest groups of units that change together become events, with
//! their transfers, the lives and facts they leave, and what other houses are told. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    DecreeId, LineProblem,
    resolve::{self, Begun, Change, Flow, Meaning},
    table::Table,
    world::{Piece, World},
};
use crate::model::{
    AreaEventId, AreaId, AreaLevel, EventKind, Weight,
    succession::{Heir, Step},
};

/// A decree, worked out on the map it meets.
#[derive(Debug)]
pub struct Planned {
    /// What happens, in the smallest groups.
    pub events: Vec<DecreeEvent>,
    /// What goes where.
    pub transfers: Vec<DecreeTransfer>,
    /// The map as it is afterwards.
    pub world: World,
    /// The same in figures.
    pub summary: Summary,
}

/// One group of units that change together.
#[derive(Clone, Debug)]
pub struct DecreeEvent {
    /// The decree's id and a number.
    pub id: AreaEventId,
    /// What happens.
    pub kind: EventKind,
    /// What other houses are told.
    pub steps: Vec<Step>,
}

/// One old unit, or a part of it, goes to a new one.
#[derive(Clone, Debug)]
pub struct DecreeTransfer {
    /// In which event.
    pub event: AreaEventId,
    /// From where.
    pub from: AreaId,
    /// To where.
    pub to: AreaId,
    /// True when all of it goes there.
    pub whole: bool,
    /// The share; none while unknown.
    pub weight: Option<Weight>,
    /// What it is a share of.
    pub basis: Option<&'static str>,
}

/// What a decree does, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Units that end.
    pub ended: usize,
    /// Units that begin.
    pub begun: usize,
    /// Units of unknown origin whose origin is known now.
    pub mended: usize,
    /// Units that live on under another name.
    pub renamed: usize,
    /// Units that live on as another type.
    pub retyped: usize,
    /// Units that live on under another parent because a row says so.
    pub moved: usize,
    /// Full names of old units that are divided by unknown shares.
    pub unknown_shares: Vec<String>,
    /// Villages of divided or abolished units: somebody must say where they belong.
    pub waiting_villages: usize,
    /// Events by kind.
    pub kinds: BTreeMap<&'static str, usize>,
}

/// Works a decree out.
///
/// # Errors
/// Everything that is wrong with its table on this map.
pub fn plan(
    id: &DecreeId,
    instrument: &str,
    table: &Table,
    world: World,
) -> Result<Planned, Vec<LineProblem>> {
    let meaning = resolve::read(&world, table)?;
    let mut planning = Planning {
        decree: id,
        instrument,
        world,
        events: Vec::new(),
        transfers: Vec::new(),
        event_of: HashMap::new(),
        moves: Vec::new(),
        line_of: HashMap::new(),
    };
    planning.territories(&meaning);
    planning.abolitions(&meaning);
    planning.changes(&meaning.changed);
    planning.carry_children(&meaning);
    planning.finish(&meaning)
}

struct Planning<'d> {
    decree: &'d DecreeId,
    instrument: &'d str,
    world: World,
    events: Vec<DecreeEvent>,
    transfers: Vec<DecreeTransfer>,
    /// The event by which each old unit ends.
    event_of: HashMap<AreaId, AreaEventId>,
    /// What is told: the event's place, the old unit, its heirs.
    moves: Vec<(usize, AreaId, Vec<AreaId>)>,
    line_of: HashMap<AreaId, u32>,
}

impl Planning<'_> {
    fn event(&mut self, kind: EventKind) -> (usize, AreaEventId) {
        let number = self.events.len() + 1;
        let id: AreaEventId = kernel::ids::Id::from_text(format!("{}.{number}", self.decree));
        self.events.push(DecreeEvent { id: id.clone(), kind, steps: Vec::new() });
        (number - 1, id)
    }

    /// Units that end and begin, group by group: nothing of a group's land goes to another.
    fn territories(&mut self, meaning: &Meaning) {
        for group in groups(&meaning.flows) {
            let news: BTreeSet<&str> = group.iter().map(|flow| flow.new.as_str()).collect();
            let olds: BTreeSet<&AreaId> = group.iter().map(|flow| &flow.old).collect();
            let (at, event) = self.event(group_kind(&group, olds.len(), news.len()));
            for begun in news.iter().filter_map(|new| meaning.begun.get(*new)) {
                self.begin(begun, &event);
            }
            for old in olds {
                self.world.end(old, &event);
                self.event_of.insert(old.clone(), event.clone());
                let flows = group.iter().filter(|flow| flow.old == *old);
                let heirs: Vec<AreaId> = flows
                    .filter_map(|flow| Some(meaning.begun.get(&flow.new)?.id.clone()))
                    .collect();
                self.moves.push((at, old.clone(), heirs));
            }
            for flow in &group {
                self.line_of.insert(flow.old.clone(), flow.line);
                let Some(to) = meaning.begun.get(&flow.new) else { continue };
                self.transfers.push(DecreeTransfer {
                    event: event.clone(),
                    from: flow.old.clone(),
                    to: to.id.clone(),
                    whole: flow.whole,
                    weight: flow.weight,
                    basis: flow.basis,
                });
            }
        }
    }

    fn begin(&mut self, begun: &Begun, event: &AreaEventId) {
        self.line_of.insert(begun.id.clone(), begun.line);
        let piece = Piece {
            from: self.world.day,
            until: begun.until,
            code: Some(begun.code.clone()),
            name: begun.name.clone(),
            area_type: begun.area_type,
            parent: Some(begun.parent.clone()),
            path: kernel::scope::ScopePath::root(),
            context: String::new(),
            event: Some(event.clone()),
            instrument: self.instrument.to_owned(),
        };
        if begun.known {
            self.world.extend_back(&begun.id, event, piece);
        } else {
            self.world.mint(&begun.id, event, piece);
        }
    }

    /// All that is abolished by one decree is one event: it was one rung of the tree that went.
    fn abolitions(&mut self, meaning: &Meaning) {
        if meaning.abolished.is_empty() {
            return;
        }
        let (at, event) = self.event(EventKind::Abolish);
        for (line, old) in &meaning.abolished {
            self.world.end(old, &event);
            self.event_of.insert(old.clone(), event.clone());
            self.line_of.insert(old.clone(), *line);
            self.moves.push((at, old.clone(), Vec::new()));
        }
    }

    /// Units that live on: an event each, but one for all of a rung that only get another parent.
    fn changes(&mut self, changes: &[Change]) {
        let mut reparents: HashMap<AreaLevel, (usize, AreaEventId)> = HashMap::new();
        for change in changes {
            let Some(level) = self.world.unit(&change.unit).map(|unit| unit.level) else {
                continue;
            };
            let (at, event) = if change.kind == EventKind::Reparent {
                if let Some(known) = reparents.get(&level) {
                    known.clone()
                } else {
                    let made = self.event(EventKind::Reparent);
                    reparents.insert(level, made.clone());
                    made
                }
            } else {
                self.event(change.kind)
            };
            self.line_of.insert(change.unit.clone(), change.line);
            self.moves.push((at, change.unit.clone(), vec![change.unit.clone()]));
            self.change(change, &event);
        }
    }

    fn change(&mut self, change: &Change, event: &AreaEventId) {
        let day = self.world.day;
        let Some(was) = self.world.unit(&change.unit).and_then(|unit| unit.at(day)).cloned() else {
            return;
        };
        let instrument = self.instrument.to_owned();
        self.world.change(&change.unit, day, |piece| {
            let mut touched = false;
            if piece.name == was.name
                && let Some(name) = &change.name
            {
                piece.name.clone_from(name);
                touched = true;
            }
            if piece.area_type == was.area_type
                && let Some(kind) = change.area_type
            {
                piece.area_type = kind;
                touched = true;
            }
            if piece.parent == was.parent
                && let Some(parent) = &change.parent
            {
                piece.parent = Some(parent.clone());
                touched = true;
            }
            if piece.code == was.code
                && let Some(code) = &change.code
            {
                piece.code = Some(code.clone());
                touched = true;
            }
            if touched && piece.from == day {
                piece.event = Some(event.clone());
                piece.instrument.clone_from(&instrument);
            }
            touched
        });
    }

    /// What hung on a unit that went whole hangs on its heir, unless a row says otherwise.
    fn carry_children(&mut self, meaning: &Meaning) {
        let day = self.world.day;
        let whole = meaning.flows.iter().filter(|flow| flow.whole);
        let heirs: Vec<(&AreaId, AreaId)> = whole
            .filter_map(|flow| Some((&flow.old, meaning.begun.get(&flow.new)?.id.clone())))
            .collect();
        for (old, heir) in heirs {
            let event = self.event_of.get(old).cloned();
            for child in self.world.hanging_on(old) {
                let instrument = self.instrument.to_owned();
                self.world.change(&child, day, |piece| {
                    let follows = piece.parent.as_ref() == Some(old);
                    if follows {
                        piece.parent = Some(heir.clone());
                        if piece.from == day
                            && piece
                                .event
                                .as_ref()
                                .is_none_or(|known| Some(known) != event.as_ref())
                        {
                            piece.event.clone_from(&event);
                            piece.instrument.clone_from(&instrument);
                        }
                    }
                    follows
                });
            }
        }
    }

    fn finish(mut self, meaning: &Meaning) -> Result<Planned, Vec<LineProblem>> {
        self.world.settle().map_err(|orphans| {
            let eve = self.world.eve();
            let told = orphans.iter().take(resolve::PROBLEMS_MAX).map(|orphan| {
                let name = |id: &AreaId| {
                    let unit = self.world.unit(id)?;
                    unit.at(eve).or_else(|| unit.pieces.first()).map(Piece::full_name)
                };
                LineProblem {
                    line: self.line_of.get(&orphan.parent).copied().unwrap_or(0),
                    cell: None,
                    key: "areas-decree-orphan",
                    args: Vec::new(),
                }
                .with("name", name(&orphan.unit).unwrap_or_default())
                .with("parent", name(&orphan.parent).unwrap_or_default())
            });
            told.collect::<Vec<_>>()
        })?;
        self.tell();
        let summary = self.summary(meaning);
        let Self { events, transfers, world, .. } = self;
        Ok(Planned { events, transfers, world, summary })
    }

    /// The steps of each event, with those of the decree that lie deeper: told so, it does not matter
    /// which event of one decree is heard first.
    fn tell(&mut self) {
        let (day, eve) = (self.world.day, self.world.eve());
        let mut steps: Vec<Vec<Step>> = vec![Vec::new(); self.events.len()];
        for (at, old, heirs) in &self.moves {
            let Some(before) = self.world.unit(old).and_then(|unit| unit.at(eve)) else { continue };
            let heir = |id: &AreaId| {
                let path = self.world.unit(id)?.at(day)?.path.clone();
                Some(Heir { unit: id.clone(), path })
            };
            let heirs: Vec<Heir> = heirs.iter().filter_map(heir).collect();
            let stays = heirs.iter().any(|heir| heir.unit == *old && heir.path == before.path);
            if !stays {
                let from_path = before.path.clone();
                steps[*at].push(Step { from: old.clone(), from_path, heirs });
            }
        }
        let mut all: BTreeMap<String, Step> = BTreeMap::new();
        for step in steps.iter().flatten() {
            all.insert(step.from_path.as_str().to_owned(), step.clone());
        }
        for (event, own) in self.events.iter_mut().zip(steps) {
            let mut told: BTreeMap<String, Step> = BTreeMap::new();
            for step in own {
                let (low, high) = step.from_path.range();
                for (path, step) in all.range(low..high) {
                    told.insert(path.clone(), step.clone());
                }
            }
            let mut told: Vec<Step> = told.into_values().collect();
            told.sort_by_key(|step| std::cmp::Reverse(step.from_path.as_str().len()));
            event.steps = told;
        }
    }

    fn summary(&self, meaning: &Meaning) -> Summary {
        let eve = self.world.eve();
        let mut summary = Summary {
            ended: self.event_of.len(),
            begun: meaning.begun.values().filter(|begun| !begun.known).count(),
            mended: meaning.begun.values().filter(|begun| begun.known).count(),
            renamed: meaning.changed.iter().filter(|change| change.name.is_some()).count(),
            retyped: meaning.changed.iter().filter(|change| change.area_type.is_some()).count(),
            moved: meaning.changed.iter().filter(|change| change.parent.is_some()).count(),
            ..Summary::default()
        };
        for event in &self.events {
            *summary.kinds.entry(event.kind.code()).or_default() += 1;
        }
        let unknown: BTreeSet<&AreaId> = meaning
            .flows
            .iter()
            .filter(|flow| flow.weight.is_none())
            .map(|flow| &flow.old)
            .collect();
        let name = |id: &&AreaId| Some(self.world.unit(id)?.at(eve)?.full_name());
        summary.unknown_shares = unknown.iter().filter_map(name).collect();
        let whole: HashSet<&AreaId> =
            meaning.flows.iter().filter(|flow| flow.whole).map(|flow| &flow.old).collect();
        let undecided = self.event_of.keys().filter(|old| !whole.contains(old));
        summary.waiting_villages = undecided.map(|old| self.world.hanging_on(old).len()).sum();
        summary
    }
}

/// What a part of the land did, seen as a whole.
fn group_kind(group: &[&Flow], olds: usize, news: usize) -> EventKind {
    match group[0].kind {
        Some(kind @ (EventKind::Promote | EventKind::Equivalent)) => kind,
        _ if olds == 1 && news == 1 => EventKind::Equivalent,
        _ if news == 1 => EventKind::Merge,
        _ if olds == 1 => EventKind::Split,
        _ => EventKind::Redistribute,
    }
}

/// The smallest groups of rows that had to change together.
fn groups(flows: &[Flow]) -> Vec<Vec<&Flow>> {
    let mut by_old: HashMap<&AreaId, Vec<usize>> = HashMap::new();
    let mut by_new: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, flow) in flows.iter().enumerate() {
        by_old.entry(&flow.old).or_default().push(index);
        by_new.entry(&flow.new).or_default().push(index);
    }
    let mut taken = vec![false; flows.len()];
    let mut groups = Vec::new();
    for start in 0..flows.len() {
        let (mut group, mut open) = (Vec::new(), vec![start]);
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut taken[index], true) {
                continue;
            }
            group.push(&flows[index]);
            // Each end is followed once: a large group would otherwise be walked over and over.
            open.extend(by_old.remove(&flows[index].old).into_iter().flatten());
            open.extend(by_new.remove(flows[index].new.as_str()).into_iter().flatten());
        }
        if !group.is_empty() {
            groups.push(group);
        }
    }
    groups
}
