//! Small cells of public tables: what is hidden so that no single household or person can be read out of a
//! table, neither from a cell nor from totals minus the rest. Any number of dimensions, each flat or a tree
//! (province → commune), with every margin and the grand total.
//!
//! Proof instead of hope: a hidden cell is only done when there is another table of whole numbers, none below
//! one where something is hidden, that agrees with everything published and differs in that very cell. Such a
//! table is made by a *move*: along each dimension either one leaf goes up alone, or one goes up and another
//! down; what changes is hidden. So no reader, however clever, can tell the cell from what is published, not
//! even knowing that zeros are always shown. What several published tables give away together is not judged
//! here: tables that share cells belong into one.

mod moves;
mod table;

#[cfg(test)]
mod tests;

pub use table::{Axis, CELLS_MAX, Refused, Table};

use moves::{Move, best};

/// When a cell is small, and how far its true value must stay open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// From 1 up to but not including this is small.
    pub threshold: i64,
    /// The values between which a hidden cell may lie differ by at least this.
    pub spread: i64,
}

impl Default for Policy {
    /// Below 5 is small (DESIGN §4.6); a hidden cell could be anything from 1 to 4 or as wide elsewhere.
    fn default() -> Self {
        Self { threshold: 5, spread: 3 }
    }
}

/// Which cells of a table are not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    cells: Vec<bool>,
}

impl Hidden {
    /// True when the cell at these nodes, one per axis, is not published.
    pub fn is_hidden(&self, table: &Table, at: &[usize]) -> bool {
        table.index(at).is_none_or(|index| self.cells[index])
    }

    /// How many are not published.
    pub fn count(&self) -> usize {
        self.cells.iter().filter(|hidden| **hidden).count()
    }
}

/// Decides what of a table is not published.
///
/// Cells are taken from the largest totals down to the leaves, in the table's own order, never by their size:
/// which companion is hidden must not speak of what it holds.
pub fn suppress(table: &Table, policy: Policy) -> Hidden {
    let small = |index: &usize| (1..policy.threshold).contains(&table.values()[*index]);
    let mut primary: Vec<usize> = (0..table.values().len()).filter(small).collect();
    primary.sort_by_key(|index| std::cmp::Reverse(table.height(*index)));
    let mut hidden = vec![false; table.values().len()];
    for index in &primary {
        hidden[*index] = true;
    }
    let mut safe = vec![false; hidden.len()];
    for index in primary {
        if !safe[index] {
            for changed in best(table, policy, &hidden, index).iter().flat_map(Move::cells) {
                hidden[*changed] = true;
                safe[*changed] = true;
            }
        }
    }
    Hidden { cells: hidden }
}
