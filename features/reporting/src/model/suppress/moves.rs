//! Moves: ways to change a table that nobody sees when what changes is hidden.

use super::{
    Policy,
    table::{Axis, Table},
};

/// Leaves below a node that are tried.
const LEAVES_TRIED: usize = 6;
/// Partners that are tried at each distance.
const PARTNERS_TRIED: usize = 10;
/// Moves that are tried for one cell.
const MOVES_TRIED: usize = 20_000;
/// How much dearer it is to hide a sum than one of its parts.
const SUM_PRICE: u64 = 20;

/// A way to change a table along all axes together.
#[derive(Clone, Debug)]
pub(super) struct Move {
    /// Everything that changes, by index.
    cells: Vec<usize>,
}

impl Move {
    /// Everything that changes, by index.
    pub(super) fn cells(&self) -> &[usize] {
        &self.cells
    }
}

/// A change along one axis: the nodes that go up by one, and those that go down; leaves first.
#[derive(Clone, Debug)]
struct Shift {
    up: Vec<usize>,
    down: Vec<usize>,
}

impl Shift {
    /// One leaf goes up alone, and with it every sum over it.
    fn alone(axis: &Axis, leaf: usize) -> Self {
        Self { up: axis.way_up(leaf).collect(), down: Vec::new() }
    }

    /// One leaf goes up, another down; sums over both stay.
    fn swap(axis: &Axis, up: usize, down: usize) -> Self {
        let mut one: Vec<usize> = axis.way_up(up).collect();
        let mut two: Vec<usize> = axis.way_up(down).collect();
        while one.last() == two.last() {
            one.pop();
            two.pop();
        }
        Self { up: one, down: two }
    }

    /// Nodes with true for those that go up.
    fn nodes(&self) -> impl Iterator<Item = (usize, bool)> {
        let up = self.up.iter().map(|node| (*node, true));
        up.chain(self.down.iter().map(|node| (*node, false)))
    }
}

/// The cheapest move that changes a cell and leaves it open as wide as the policy asks.
///
/// There always is one for a cell that counts somebody: one leaf below it that goes up alone along every axis.
pub(super) fn best(table: &Table, policy: Policy, hidden: &[bool], cell: usize) -> Option<Move> {
    let nodes = table.nodes(cell);
    let all: Vec<Vec<Shift>> =
        (0..nodes.len()).map(|at| shifts(table, hidden, &nodes, at)).collect();
    let search = Search { table, policy, hidden };
    let mut best = search.last_resort(&nodes);
    let mut picked = vec![0; all.len()];
    for _ in 0..MOVES_TRIED {
        let Some(shifts) =
            picked.iter().zip(&all).map(|(at, of)| of.get(*at)).collect::<Option<Vec<_>>>()
        else {
            break;
        };
        let cheapest = best.as_ref().map_or(u64::MAX, |(price, _)| *price);
        if let Some(found) = search.priced(&shifts, cheapest) {
            best = Some(found);
        }
        // Count on, like an odometer.
        let Some(turned) = (0..all.len()).rev().find(|at| picked[*at] + 1 < all[*at].len()) else {
            break;
        };
        picked[turned] += 1;
        picked[turned + 1..].fill(0);
    }
    best.map(|(_, found)| found)
}

struct Search<'a> {
    table: &'a Table,
    policy: Policy,
    hidden: &'a [bool],
}

impl Search<'_> {
    /// What a move would newly hide, priced; none when it is no cheaper, touches a zero, or leaves too little open.
    fn priced(&self, shifts: &[&Shift], cheapest: u64) -> Option<(u64, Move)> {
        let mut cells = vec![(0_usize, true, 1_u64, true)];
        for (shift, axis) in shifts.iter().zip(self.table.axes()) {
            let mut wider = Vec::with_capacity(cells.len() * (shift.up.len() + shift.down.len()));
            for (before, rises, price, leaf) in cells {
                for (node, up) in shift.nodes() {
                    let low = axis.height(node) == 0;
                    let sum = if low { 1 } else { SUM_PRICE };
                    let dearer = if node == 0 { sum * SUM_PRICE } else { sum };
                    let index = before * axis.len() + node;
                    wider.push((index, rises == up, price * dearer, leaf && low));
                }
            }
            cells = wider;
        }
        let new = cells.iter().filter(|(index, ..)| !self.hidden[*index]);
        let price: u64 = new.map(|(_, _, price, _)| price).sum();
        if price >= cheapest {
            return None;
        }
        let leaves: Vec<(i64, bool)> = cells
            .iter()
            .filter(|(.., leaf)| *leaf)
            .map(|(index, rises, ..)| (self.table.values()[*index], *rises))
            .collect();
        if leaves.iter().any(|(value, _)| *value < 1) {
            return None;
        }
        // How far it goes one way and the other before something would be zero.
        let room = |rising| {
            leaves.iter().filter(|(_, rises)| *rises == rising).map(|(value, _)| value - 1).min()
        };
        let wide = match (room(true), room(false)) {
            (Some(back), Some(forth)) => back.saturating_add(forth) >= self.policy.spread.max(1),
            _ => true,
        };
        wide.then(|| (price, Move { cells: cells.into_iter().map(|(index, ..)| index).collect() }))
    }

    /// One leaf with somebody in it goes up alone along every axis: hides every sum over it.
    fn last_resort(&self, nodes: &[usize]) -> Option<(u64, Move)> {
        let mut at = nodes.to_vec();
        for (place, axis) in self.table.axes().iter().enumerate() {
            let peopled = |leaf: &&usize| {
                let mut there = at.clone();
                there[place] = **leaf;
                self.table.value(&there).is_some_and(|value| value > 0)
            };
            at[place] = *axis.leaves(at[place]).iter().find(peopled)?;
        }
        let shifts: Vec<Shift> = at
            .iter()
            .zip(self.table.axes())
            .map(|(leaf, axis)| Shift::alone(axis, *leaf))
            .collect();
        self.priced(&shifts.iter().collect::<Vec<_>>(), u64::MAX)
    }
}

/// Shifts along one axis that change a cell, those that look best first.
fn shifts(table: &Table, hidden: &[bool], nodes: &[usize], place: usize) -> Vec<Shift> {
    let axis = &table.axes()[place];
    let here = nodes[place];
    // Cells that differ along this axis only stand one stride apart.
    let stride: usize = table.axes()[place + 1..].iter().map(Axis::len).product();
    let mut first = nodes.to_vec();
    first[place] = 0;
    let Some(first) = table.index(&first) else { return Vec::new() };
    let peopled = |leaf: usize| table.values()[first + leaf * stride] > 0;
    let shown = |leaf: usize| !hidden[first + leaf * stride];
    let mut own: Vec<usize> =
        axis.leaves(here).iter().copied().filter(|leaf| peopled(*leaf)).collect();
    own.sort_by_key(|leaf| shown(*leaf));
    own.truncate(LEAVES_TRIED);
    // Partners by distance: below the parent, below its parent, and so on.
    let mut partners: Vec<usize> = Vec::new();
    let mut inside = here;
    for above in axis.way_up(here).skip(1) {
        let within = |leaf: &usize| axis.leaves(inside).binary_search(leaf).is_ok();
        let new = axis.leaves(above).iter().copied().filter(|leaf| !within(leaf));
        let mut near: Vec<usize> = new.filter(|leaf| peopled(*leaf)).collect();
        near.sort_by_key(|leaf| shown(*leaf));
        partners.extend(near.into_iter().take(PARTNERS_TRIED));
        inside = above;
    }
    let mut all = Vec::new();
    for leaf in own {
        all.extend(partners.iter().map(|partner| Shift::swap(axis, leaf, *partner)));
        all.push(Shift::alone(axis, leaf));
    }
    all
}
