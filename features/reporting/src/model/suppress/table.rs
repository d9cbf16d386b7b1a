//! A table with all its margins, dense.

use std::collections::BTreeMap;

/// Most cells of a table, margins counted.
pub const CELLS_MAX: usize = 1 << 20;

/// Why figures are no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A node hangs on one that was not told before it, or is told twice.
    Tree,
    /// A figure that does not stand at leaves, one per axis, or stands there twice.
    Place,
    /// A figure below zero, or sums beyond what is carried.
    Amount,
    /// More than [`CELLS_MAX`] cells.
    TooLarge,
}

/// One dimension of a table: a total and what is below it. Node 0 is the total; parents come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    codes: Vec<String>,
    parents: Vec<usize>,
    /// Leaves below each node, itself when it is one.
    leaves: Vec<Vec<usize>>,
    heights: Vec<usize>,
}

impl Axis {
    /// A total and its options.
    pub fn flat(codes: &[&str]) -> Result<Self, Refused> {
        let below_total: Vec<(&str, &str)> = codes.iter().map(|code| (*code, "")).collect();
        Self::tree(&below_total)
    }

    /// A tree by code and parent's code; the total's code is empty. Parents are told before their children.
    pub fn tree(nodes: &[(&str, &str)]) -> Result<Self, Refused> {
        let mut known = BTreeMap::from([("", 0)]);
        let mut parents = vec![0];
        let mut codes = vec![String::new()];
        for (code, parent) in nodes {
            parents.push(*known.get(parent).ok_or(Refused::Tree)?);
            if known.insert(code, codes.len()).is_some() {
                return Err(Refused::Tree);
            }
            codes.push((*code).to_owned());
        }
        let mut leaves = vec![Vec::new(); codes.len()];
        let mut heights = vec![0; codes.len()];
        for node in (1..codes.len()).rev() {
            heights[parents[node]] = heights[parents[node]].max(heights[node] + 1);
        }
        for leaf in (0..codes.len()).filter(|node| heights[*node] == 0) {
            let mut at = leaf;
            loop {
                leaves[at].push(leaf);
                if at == 0 {
                    break;
                }
                at = parents[at];
            }
        }
        Ok(Self { codes, parents, leaves, heights })
    }

    /// The node with a code; the total for the empty one.
    pub fn node(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|one| one == code)
    }

    /// How many nodes it has, the total counted.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Never: there is always the total.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Leaves below a node; itself when it is one.
    pub(super) fn leaves(&self, node: usize) -> &[usize] {
        &self.leaves[node]
    }

    /// How far above the leaves a node stands.
    pub(super) fn height(&self, node: usize) -> usize {
        self.heights[node]
    }

    /// From a node up to and with the total.
    pub(super) fn way_up(&self, node: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(node);
        std::iter::from_fn(move || {
            let here = next?;
            next = (here != 0).then(|| self.parents[here]);
            Some(here)
        })
    }
}

/// Counts by leaves of several axes, with every sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    axes: Vec<Axis>,
    values: Vec<i64>,
}

impl Table {
    /// A table of counts at leaves; where none is told there is nobody.
    pub fn new(
        axes: Vec<Axis>,
        counts: impl IntoIterator<Item = (Vec<usize>, i64)>,
    ) -> Result<Self, Refused> {
        let size = axes.iter().try_fold(1_usize, |size, axis| size.checked_mul(axis.len()));
        let size = size.filter(|size| *size <= CELLS_MAX).ok_or(Refused::TooLarge)?;
        let mut it = Self { axes, values: vec![0; size] };
        let mut told = vec![false; size];
        for (at, count) in counts {
            let index = it.index(&at).ok_or(Refused::Place)?;
            if it.height(index) > 0 || std::mem::replace(&mut told[index], true) {
                return Err(Refused::Place);
            }
            if count < 0 {
                return Err(Refused::Amount);
            }
            for above in it.above(&at) {
                it.values[above] = it.values[above].checked_add(count).ok_or(Refused::Amount)?;
            }
        }
        Ok(it)
    }

    /// The cells that count what stands at these leaves: all combinations of ways up.
    fn above(&self, at: &[usize]) -> Vec<usize> {
        let mut all = vec![0];
        for (axis, node) in self.axes.iter().zip(at) {
            let step = |before: &usize| -> Vec<usize> {
                axis.way_up(*node).map(|above| before * axis.len() + above).collect()
            };
            all = all.iter().flat_map(step).collect();
        }
        all
    }

    /// Its axes.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Every cell, the first axis slowest.
    pub(super) fn values(&self) -> &[i64] {
        &self.values
    }

    /// Where the cell at these nodes is kept; none when there is no such cell.
    pub(super) fn index(&self, at: &[usize]) -> Option<usize> {
        let fits = at.len() == self.axes.len()
            && at.iter().zip(&self.axes).all(|(node, axis)| *node < axis.len());
        let place = |before, (node, axis): (&usize, &Axis)| before * axis.len() + node;
        fits.then(|| at.iter().zip(&self.axes).fold(0, place))
    }

    /// The nodes of a cell, one per axis.
    pub(super) fn nodes(&self, index: usize) -> Vec<usize> {
        let mut left = index;
        let mut nodes: Vec<usize> = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            nodes.push(left % axis.len());
            left /= axis.len();
        }
        nodes.reverse();
        nodes
    }

    /// How far above the leaves a cell stands, over all axes; 0 for a leaf.
    pub(super) fn height(&self, index: usize) -> usize {
        self.nodes(index).iter().zip(&self.axes).map(|(node, axis)| axis.height(*node)).sum()
    }

    /// The count at nodes, one per axis; none when there is no such cell.
    pub fn value(&self, at: &[usize]) -> Option<i64> {
        self.index(at).map(|index| self.values[index])
    }
}
