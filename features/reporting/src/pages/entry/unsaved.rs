//! What was sent and could not be saved as it is: it comes back in its field, with the reason beside it.

use std::collections::BTreeMap;

use kernel::web::Visit;

use super::{
    grid::{self, Kept, LeftCell},
    report::Told,
    save::SentCells,
};
use crate::{actions::catalogue::Catalogue, model::CellKey};

/// What is left over.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsaved {
    pub(super) cells: Kept,
    /// Narratives by section.
    pub(super) words: BTreeMap<String, LeftWords>,
    /// Cells that the form does not have.
    pub(super) strange: usize,
}

/// A narrative that is left over.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftWords {
    pub(super) text: String,
    pub(super) problem: String,
    /// True when somebody else changed it meanwhile.
    pub(super) stale: bool,
}

impl Unsaved {
    /// What was sent for a cell stays in its field, and why.
    pub(super) fn leave(&mut self, sent: &SentCells, key: CellKey, why: &str) {
        if let Some((typed, base)) = sent.cells.get(&key) {
            let left = LeftCell { typed: typed.clone(), base: *base, problem: why.to_owned() };
            self.cells.insert(key, left);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.words.is_empty() && self.strange == 0
    }

    /// Why, in words that lead to the fields.
    pub(super) fn lines(&self, visit: &Visit, catalogue: &Catalogue) -> Vec<Told> {
        let mut cells: Vec<_> = self.cells.iter().collect();
        cells.sort_by_key(|(key, _)| (*key).clone());
        let mut all: Vec<Told> = cells
            .into_iter()
            .map(|(key, left)| Told {
                field: grid::anchor(key),
                text: format!("{}: {}", super::cell_words(catalogue, key), left.problem),
            })
            .collect();
        all.extend(self.words.iter().map(|(section, left)| Told {
            field: format!("t.{section}"),
            text: left.problem.clone(),
        }));
        if self.strange > 0 {
            let count = [("count", self.strange.to_string())];
            all.push(Told {
                field: String::new(),
                text: visit.say("reporting-entry-strange-cells", &count),
            });
        }
        all
    }
}
