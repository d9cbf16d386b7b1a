//! The map that a decree meets: every unit with its facts from the decree's day on, in memory, and the
//! careful ways to change it: a unit ends, changes from a day on, is given other paths by what is above it.

use std::collections::{BTreeSet, HashMap};

use kernel::{clock::Day, scope::ScopePath, text::fold};

use crate::model::{AreaEventId, AreaId, AreaLevel, AreaType};

/// One validity of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First day.
    pub from: Day,
    /// First day no longer.
    pub until: Day,
    /// Code of the time.
    pub code: Option<String>,
    /// Bare name of the time.
    pub name: String,
    /// Type of the time.
    pub area_type: AreaType,
    /// Unit above.
    pub parent: Option<AreaId>,
    /// Path of the time.
    pub path: ScopePath,
    /// Folded names of all that lies above.
    pub context: String,
    /// What brought it.
    pub event: Option<AreaEventId>,
    /// By which instrument.
    pub instrument: String,
}

impl Piece {
    /// The name with its type.
    pub fn full_name(&self) -> String {
        self.area_type.full_name(&self.name)
    }

    fn holds_on(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

/// When a unit began and ended, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day known.
    pub born_on: Day,
    /// First day it is no more.
    pub ended_on: Day,
    /// What made it.
    pub born_event: Option<AreaEventId>,
    /// What ended it.
    pub ended_event: Option<AreaEventId>,
}

/// A unit with its validities from the decree's day (or the day before) on.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its rung.
    pub level: AreaLevel,
    /// Its life.
    pub span: Span,
    /// By which instrument it ended, when that is known.
    pub ended_by: Option<String>,
    /// Oldest first, without gap or overlap.
    pub pieces: Vec<Piece>,
}

impl Unit {
    /// The validity of a day.
    pub fn at(&self, day: Day) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.holds_on(day))
    }

    /// The first validity known here.
    fn first(&self) -> Option<&Piece> {
        self.pieces.first()
    }

    fn cut(&mut self, day: Day) {
        if let Some(at) = self.pieces.iter().position(|piece| piece.from < day && day < piece.until)
        {
            let mut later = self.pieces[at].clone();
            self.pieces[at].until = day;
            later.from = day;
            self.pieces.insert(at + 1, later);
        }
    }
}

/// The units of the map from the day before a day on.
#[derive(Debug)]
pub struct World {
    /// The decree's day.
    pub day: Day,
    units: HashMap<AreaId, Unit>,
    by_code: HashMap<String, BTreeSet<AreaId>>,
    children: HashMap<AreaId, BTreeSet<AreaId>>,
    /// Codes that were in use only earlier, with the first day on which they no longer were.
    pub gone: HashMap<String, Day>,
    touched: BTreeSet<AreaId>,
    minted: BTreeSet<AreaId>,
    /// The lives that were changed, as they were.
    before: HashMap<AreaId, Span>,
}

/// A unit below another that is left without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The unit left.
    pub unit: AreaId,
    /// The unit that it hung on.
    pub parent: AreaId,
}

impl World {
    /// The map with these units.
    pub fn new(day: Day, units: HashMap<AreaId, Unit>, gone: HashMap<String, Day>) -> Self {
        let mut world = Self {
            day,
            units,
            by_code: HashMap::new(),
            children: HashMap::new(),
            gone,
            touched: BTreeSet::new(),
            minted: BTreeSet::new(),
            before: HashMap::new(),
        };
        let ids: Vec<AreaId> = world.units.keys().cloned().collect();
        for id in ids {
            world.index(&id);
        }
        world
    }

    fn index(&mut self, id: &AreaId) {
        let Some(unit) = self.units.get(id) else { return };
        for piece in &unit.pieces {
            if let Some(code) = &piece.code {
                put(&mut self.by_code, code, id);
            }
            if let Some(parent) = &piece.parent {
                put(&mut self.children, parent, id);
            }
        }
    }

    /// A unit.
    pub fn unit(&self, id: &AreaId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// The units that bear a code at some time from the day before on.
    pub fn of_code(&self, code: &str) -> impl Iterator<Item = (&AreaId, &Unit)> {
        let ids = self.by_code.get(code).into_iter().flatten();
        ids.filter_map(|id| Some((id, self.units.get(id)?)))
    }

    /// Every unit with its id.
    pub fn all(&self) -> impl Iterator<Item = (&AreaId, &Unit)> {
        self.units.iter()
    }

    /// The last day of the old order.
    pub fn eve(&self) -> Day {
        self.day.plus_days(-1)
    }

    /// True when nobody knows where the unit came from, and it is first known on the day or later.
    pub fn begins_unexplained(&self, id: &AreaId) -> bool {
        let Some(unit) = self.units.get(id) else { return false };
        unit.span.born_event.is_none()
            && unit.span.born_on >= self.day
            && unit.first().is_some_and(|first| first.from == unit.span.born_on)
    }

    /// A new unit, for as long as `piece` says.
    pub fn mint(&mut self, id: &AreaId, event: &AreaEventId, piece: Piece) {
        let span = Span {
            born_on: self.day,
            ended_on: piece.until,
            born_event: Some(event.clone()),
            ended_event: None,
        };
        let level = piece.area_type.level();
        self.units.insert(id.clone(), Unit { level, span, ended_by: None, pieces: vec![piece] });
        self.index(id);
        self.touched.insert(id.clone());
        self.minted.insert(id.clone());
    }

    /// A unit of unknown origin that is known only from later on: it begins on the day, as `piece` says,
    /// and goes on as it is known.
    pub fn extend_back(&mut self, id: &AreaId, event: &AreaEventId, mut piece: Piece) {
        let Some(unit) = self.units.get_mut(id) else { return };
        self.before.insert(id.clone(), unit.span.clone());
        unit.span.born_event = Some(event.clone());
        if unit.span.born_on > self.day {
            piece.until = unit.span.born_on;
            unit.span.born_on = self.day;
            unit.pieces.insert(0, piece);
        }
        self.index(id);
        self.touched.insert(id.clone());
    }

    /// A unit is no more from the day on.
    pub fn end(&mut self, id: &AreaId, event: &AreaEventId) {
        let day = self.day;
        let Some(unit) = self.units.get_mut(id) else { return };
        self.before.insert(id.clone(), unit.span.clone());
        unit.cut(day);
        unit.pieces.retain(|piece| piece.from < day);
        unit.span.ended_on = day;
        unit.span.ended_event = Some(event.clone());
        self.touched.insert(id.clone());
    }

    /// Changes what is said about a unit from a day on. `change` sees each validity from then on, and
    /// stops at the first one that it leaves alone.
    pub fn change(&mut self, id: &AreaId, from: Day, mut change: impl FnMut(&mut Piece) -> bool) {
        let Some(unit) = self.units.get_mut(id) else { return };
        unit.cut(from);
        for piece in unit.pieces.iter_mut().filter(|piece| piece.from >= from) {
            if !change(piece) {
                break;
            }
        }
        self.index(id);
        self.touched.insert(id.clone());
    }

    /// Everything that hangs on a unit from the day on.
    pub fn hanging_on(&self, id: &AreaId) -> Vec<AreaId> {
        let hangs = |child: &&AreaId| {
            self.units.get(child).is_some_and(|unit| {
                let mut later = unit.pieces.iter().filter(|piece| piece.until > self.day);
                later.any(|piece| piece.parent.as_ref() == Some(id))
            })
        };
        self.children.get(id).into_iter().flatten().filter(hangs).cloned().collect()
    }

    /// Gives everything below what was touched its path and context anew, from the top down.
    ///
    /// # Errors
    /// Units that hang on something which is no more. Villages may: they wait until somebody decides.
    pub fn settle(&mut self) -> Result<(), Vec<Orphan>> {
        let mut orphans = Vec::new();
        for level in
            [AreaLevel::Province, AreaLevel::District, AreaLevel::Commune, AreaLevel::Village]
        {
            for id in self.in_question(level) {
                match self.settled(&id) {
                    Ok(Some(pieces)) => {
                        if let Some(unit) = self.units.get_mut(&id) {
                            unit.pieces = pieces;
                        }
                        self.touched.insert(id);
                    }
                    Ok(None) => {}
                    Err(orphan) => orphans.push(orphan),
                }
            }
        }
        if orphans.is_empty() { Ok(()) } else { Err(orphans) }
    }

    fn in_question(&self, level: AreaLevel) -> BTreeSet<AreaId> {
        let below = self.touched.iter().filter_map(|id| self.children.get(id)).flatten();
        let ids = self.touched.iter().chain(below);
        let of_level = |id: &&AreaId| self.units.get(id).is_some_and(|unit| unit.level == level);
        ids.filter(of_level).cloned().collect()
    }

    /// The validities of a unit with the paths that its parents have; none when nothing changes.
    fn settled(&self, id: &AreaId) -> Result<Option<Vec<Piece>>, Orphan> {
        let Some(unit) = self.units.get(id) else { return Ok(None) };
        let mut pieces = Vec::with_capacity(unit.pieces.len() + 1);
        for piece in &unit.pieces {
            if piece.until <= self.day {
                pieces.push(piece.clone());
            } else {
                self.settle_piece(id, unit.level, piece, &mut pieces)?;
            }
        }
        Ok((pieces != unit.pieces).then_some(pieces))
    }

    fn settle_piece(
        &self,
        id: &AreaId,
        level: AreaLevel,
        piece: &Piece,
        out: &mut Vec<Piece>,
    ) -> Result<(), Orphan> {
        let Some(parent_id) = &piece.parent else {
            out.push(piece.clone());
            return Ok(());
        };
        let parent = self.units.get(parent_id);
        let mut at = piece.from;
        let begin = out.len();
        if at < self.day {
            out.push(Piece { until: self.day, ..piece.clone() });
            at = self.day;
        }
        let above = parent.map_or(&[][..], |unit| &unit.pieces);
        let since = at.max(self.day);
        for over in above.iter().filter(|over| over.until > since) {
            if over.from > at || at >= piece.until {
                break;
            }
            let until = over.until.min(piece.until);
            let path = over.path.child(id.as_str());
            let known = path == piece.path;
            let own = out.len() > begin;
            if let Some(last) = out.last_mut().filter(|last| own && last.path == path) {
                last.until = until;
                add_context(&mut last.context, over);
            } else {
                let mut next = Piece { from: at, until, path, ..piece.clone() };
                if !known {
                    next.context.clear();
                }
                if at != piece.from {
                    next.event.clone_from(&over.event);
                    next.instrument.clone_from(&over.instrument);
                }
                add_context(&mut next.context, over);
                out.push(next);
            }
            at = until;
        }
        if at < piece.until {
            if level != AreaLevel::Village {
                return Err(Orphan { unit: id.clone(), parent: parent_id.clone() });
            }
            match out[begin..].last_mut() {
                Some(last) if last.path == piece.path => last.until = piece.until,
                _ => out.push(Piece { from: at, ..piece.clone() }),
            }
        }
        Ok(())
    }

    /// What has changed.
    pub fn changes(&self) -> impl Iterator<Item = Changed<'_>> {
        self.touched.iter().filter_map(|id| {
            let unit = self.units.get(id)?;
            let minted = self.minted.contains(id);
            // A unit that was never there began and ended at once: that is what undoing leaves of it.
            let nothing = Span {
                ended_on: unit.span.born_on,
                born_event: None,
                ended_event: None,
                ..unit.span
            };
            let before = match self.before.get(id) {
                Some(span) => span.clone(),
                None if minted => nothing,
                None => unit.span.clone(),
            };
            Some(Changed { id, unit, minted, before })
        })
    }
}

/// A unit that a decree touched.
pub struct Changed<'w> {
    /// Which.
    pub id: &'w AreaId,
    /// As it is now.
    pub unit: &'w Unit,
    /// True when it is new.
    pub minted: bool,
    /// Its life as it was.
    pub before: Span,
}

/// Adds a unit to those under a key; the key is copied only when it is new.
fn put<K: Clone + Eq + std::hash::Hash>(
    index: &mut HashMap<K, BTreeSet<AreaId>>,
    key: &K,
    id: &AreaId,
) {
    if let Some(ids) = index.get_mut(key) {
        ids.insert(id.clone());
    } else {
        index.insert(key.clone(), BTreeSet::from([id.clone()]));
    }
}

/// Adds what lies above to a context, unless it already names it.
fn add_context(context: &mut String, above: &Piece) {
    if above.area_type.level() == AreaLevel::Country {
        return;
    }
    for words in [fold(&above.full_name()), above.context.clone()] {
        if !words.is_empty() && !context.contains(words.as_str()) {
            if !context.is_empty() {
                context.push(' ');
            }
            context.push_str(&words);
        }
    }
}
