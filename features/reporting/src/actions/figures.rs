//! Writing figures: the one place where a figure changes, with its history and the live counts, in the same
//! transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    problem::{Failure, Outcome},
};

use crate::{
    model::{CellKey, CellState, Life},
    store::{
        conflicts, numbers,
        rollups::{self, Counted, Delta},
        seats,
        values::{self, Held, Put, Spot},
    },
};

/// A figure as somebody typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The cell.
    pub key: CellKey,
    /// The version that stood there when they typed; 0 for an empty cell.
    pub base: i64,
    /// What they typed; none to empty the cell.
    pub state: Option<CellState>,
}

/// What became of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It stands in the cell, with this version.
    Stands(i64),
    /// Somebody else had changed the cell; both wait for a person.
    Conflict,
    /// Another data set owns the figure.
    Owned(i64),
}

/// Who writes, for which data set, when they typed it.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    /// The number of the data set.
    pub owner: i64,
    /// The number of the author.
    pub author: i64,
    /// When it was typed.
    pub at: Timestamp,
}

/// A spot with what stands there, and its cells' last versions.
pub struct Ground {
    /// Where.
    pub spot: Spot,
    /// The place of the province in which its figures of this period count.
    pub province: i64,
    /// What stands there.
    pub held: HashMap<CellKey, Held>,
    versions: HashMap<i64, i64>,
}

impl Ground {
    /// Reads it for writing: until the transaction ends nobody else writes there, and the place stays in the
    /// province in which it lay on the period's last day.
    pub async fn read(tx: &mut Tx, spot: Spot, last_day: Day) -> Outcome<Self> {
        let mut all = Self::read_many(tx, &[(spot, last_day)]).await?;
        all.pop().ok_or_else(|| Failure::fault("read what stands at a place", spot.place))
    }

    /// The same for several spots, each of which is asked for once; in their order.
    pub async fn read_many(tx: &mut Tx, wanted: &[(Spot, Day)]) -> Outcome<Vec<Self>> {
        let places: BTreeSet<i64> = wanted.iter().map(|(spot, _)| spot.place).collect();
        let places: Vec<i64> = places.into_iter().collect();
        seats::hold(tx, &places).await?;
        let seats = seats::of_places(tx, &places).await?;
        let mut together: BTreeMap<(i64, Life), Vec<i64>> = BTreeMap::new();
        for (spot, _) in wanted {
            together.entry((spot.period, spot.life)).or_default().push(spot.place);
        }
        let mut stands = HashMap::new();
        for (at, places) in together {
            let held = values::of_places(tx, at, &places).await?;
            let versions = values::last_versions_at(tx, at, &places).await?;
            stands.insert(at, (held, versions));
        }
        let ground = |(spot, day): &(Spot, Day)| {
            let (held, versions) = stands.get_mut(&(spot.period, spot.life))?;
            Some(Self {
                spot: *spot,
                province: seats::on(&seats, spot.place, *day)?.province,
                held: held.remove(&spot.place).unwrap_or_default(),
                versions: versions.remove(&spot.place).unwrap_or_default(),
            })
        };
        let all: Option<Vec<Self>> = wanted.iter().map(ground).collect();
        all.ok_or_else(|| DbError::NoRow.into())
    }

    /// The version of a cell, whether a figure stands there or stood there.
    pub fn version(&self, cell: i64, key: &CellKey) -> i64 {
        let past = self.versions.get(&cell).copied().unwrap_or(0);
        self.held.get(key).map_or(past, |held| held.version)
    }
}

/// Applies edits. A stale base never overwrites: what was typed is kept beside what stands, unless both are
/// the same.
pub async fn apply(tx: &mut Tx, ground: &Ground, pen: Pen, edits: &[Edit]) -> Outcome<Vec<Became>> {
    let keys: BTreeSet<CellKey> = edits.iter().map(|edit| edit.key.clone()).collect();
    let nos = numbers::cell_nos(tx, &keys).await?;
    apply_numbered(tx, ground, pen, edits, &nos).await
}

/// The same with the numbers of the cells at hand.
pub(crate) async fn apply_numbered(
    tx: &mut Tx,
    ground: &Ground,
    pen: Pen,
    edits: &[Edit],
    nos: &HashMap<CellKey, i64>,
) -> Outcome<Vec<Became>> {
    let mut all = apply_all(tx, &[Typed { ground, pen, edits }], nos).await?;
    Ok(all.pop().unwrap_or_default())
}

/// What somebody typed at a spot.
pub(crate) struct Typed<'a> {
    pub ground: &'a Ground,
    pub pen: Pen,
    pub edits: &'a [Edit],
}

/// The same at several spots, each of which comes once: what each edit became, in their order.
pub(crate) async fn apply_all(
    tx: &mut Tx,
    all: &[Typed<'_>],
    nos: &HashMap<CellKey, i64>,
) -> Outcome<Vec<Vec<Became>>> {
    let mut change = Change::default();
    let mut became = Vec::with_capacity(all.len());
    for Typed { ground, pen, edits } in all {
        let mut here = Vec::with_capacity(edits.len());
        for edit in *edits {
            let cell = nos.get(&edit.key).copied().unwrap_or(0);
            let held = ground.held.get(&edit.key);
            let version = ground.version(cell, &edit.key);
            let same = held.map(|held| &held.state) == edit.state.as_ref();
            here.push(if same {
                Became::Stands(version)
            } else if held.is_some_and(|held| held.owner != pen.owner) {
                Became::Owned(held.map_or(0, |held| held.owner))
            } else if edit.base == version {
                change.note(ground, (cell, held), edit.state.as_ref(), version + 1, *pen);
                Became::Stands(version + 1)
            } else {
                keep_beside(tx, ground, *pen, cell, edit).await?;
                Became::Conflict
            });
        }
        became.push(here);
    }
    change.write(tx).await?;
    Ok(became)
}

/// Keeps what was typed beside what stands.
async fn keep_beside(
    tx: &mut Tx,
    ground: &Ground,
    pen: Pen,
    cell: i64,
    edit: &Edit,
) -> Outcome<()> {
    let state = edit.state.clone().unwrap_or(CellState::NoData(String::new()));
    let put = Put { cell, state, version: 0, owner: pen.owner, author: pen.author, at: pen.at };
    conflicts::keep(tx, ground.spot, &put, edit.base, edit.state.is_none()).await?;
    Ok(())
}

/// Replaces everything that a data set owns at a spot by what its node says stands there.
pub async fn replace(
    tx: &mut Tx,
    ground: &Ground,
    pen: Pen,
    figures: &BTreeMap<CellKey, CellState>,
) -> Outcome<()> {
    let keys: BTreeSet<CellKey> = figures.keys().cloned().collect();
    let nos = numbers::cell_nos(tx, &keys).await?;
    let mut change = Change::default();
    for (key, state) in figures {
        let held = ground.held.get(key);
        let foreign = held.is_some_and(|held| held.owner != pen.owner);
        if held.map(|held| &held.state) != Some(state) && !foreign {
            let cell = nos.get(key).copied().unwrap_or(0);
            change.note(ground, (cell, held), Some(state), ground.version(cell, key) + 1, pen);
        }
    }
    for (key, held) in &ground.held {
        if held.owner == pen.owner && !figures.contains_key(key) {
            change.note(ground, (held.cell, Some(held)), None, held.version + 1, pen);
        }
    }
    change.write(tx).await
}

/// Marks what a data set owns at a spot as approved as it stands, as far as it is meant.
pub async fn approve(
    tx: &mut Tx,
    ground: &Ground,
    owner: i64,
    is_meant: impl Fn(&CellKey) -> bool,
) -> Outcome<()> {
    let mut deltas = BTreeMap::new();
    let own = ground.held.values().filter(|held| held.owner == owner);
    for held in own.filter(|held| is_meant(&held.key)) {
        let now = held.state.amount();
        if held.approved != now {
            deltas.insert(held.cell, Delta::approving(held.approved, now));
        }
    }
    if !deltas.is_empty() {
        let cells: Vec<i64> = deltas.keys().copied().collect();
        values::approve(tx, ground.spot, &cells).await?;
        let at = (ground.spot.period, ground.spot.life);
        rollups::move_by(tx, at, ground.province, &deltas).await?;
    }
    Ok(())
}

/// What edits come to, at one spot or several.
#[derive(Default)]
struct Change {
    puts: Vec<(Spot, Put)>,
    past: BTreeMap<Spot, Vec<i64>>,
    emptied: Vec<(Spot, Put)>,
    deltas: BTreeMap<Counted, Delta>,
}

impl Change {
    fn note(
        &mut self,
        ground: &Ground,
        (cell, held): (i64, Option<&Held>),
        state: Option<&CellState>,
        version: i64,
        pen: Pen,
    ) {
        let spot = ground.spot;
        let mut delta = Delta::between(held.map(|held| &held.state), state);
        if held.is_some() {
            self.past.entry(spot).or_default().push(cell);
        }
        let put = Put {
            cell,
            state: state.cloned().unwrap_or(CellState::NoData(String::new())),
            version,
            owner: pen.owner,
            author: pen.author,
            at: pen.at,
        };
        if state.is_some() {
            self.puts.push((spot, put));
        } else {
            let approved = held.and_then(|held| held.approved);
            delta = delta.and(Delta::approving(approved, None));
            self.emptied.push((spot, put));
        }
        let at = Counted { cell, period: spot.period, life: spot.life, province: ground.province };
        let sum = self.deltas.entry(at).or_default();
        *sum = sum.and(delta);
    }

    async fn write(self, tx: &mut Tx) -> Outcome<()> {
        for (spot, cells) in &self.past {
            values::remember(tx, *spot, cells).await?;
        }
        values::put(tx, &self.puts).await?;
        for (spot, put) in &self.emptied {
            values::remove(tx, *spot, put).await?;
        }
        rollups::move_all(tx, &self.deltas).await?;
        Ok(())
    }
}
