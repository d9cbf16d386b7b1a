//! Finding the parts of a report in a workbook by their hidden keys: sheets may have been renamed, rows and
//! columns inserted, moved or sorted.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use super::Plan;
use crate::model::workbook::{
    At, Note, address, manifest,
    read::{Book, Grid, Seen},
    write::{HEAD_MARK, LISTS, SECTION_MARK},
};

/// So many rows stand above a table: its title is among them.
const TITLE_ROWS: u32 = 12;

/// The sheets of a workbook by the part of the form they hold.
pub(super) struct Places<'b> {
    found: HashMap<String, Place<'b>>,
    /// Sheets without hidden keys: somebody added them, or deleted the keys.
    bare: Vec<&'b Grid>,
}

/// A sheet that holds a part of a form.
pub(super) struct Place<'b> {
    grid: &'b Grid,
    key_column: u32,
    /// Columns by their hidden keys.
    pub columns: BTreeMap<String, u32>,
    /// Rows by their hidden keys; a copied row carries the key of the one it was copied from.
    pub rows: BTreeMap<String, Vec<u32>>,
    /// The row of visible headings.
    pub head: Option<u32>,
}

impl<'b> Places<'b> {
    pub fn find(book: &'b Book, plan: &mut Plan) -> Self {
        let mut it = Self { found: HashMap::new(), bare: Vec::new() };
        for grid in &book.grids {
            let Some((code, place)) = Place::of(grid) else {
                let own = grid.name == LISTS || grid.text(0, 0) == manifest::MARK;
                if !own && !grid.cells.is_empty() {
                    it.bare.push(grid);
                }
                continue;
            };
            match it.found.entry(code) {
                Entry::Occupied(_) => {
                    plan.problem(Note::new(place.whole(), "reporting-import-sheet-twice"));
                }
                Entry::Vacant(free) => {
                    free.insert(place);
                }
            }
        }
        it
    }

    pub fn take(&mut self, code: &str) -> Option<Place<'b>> {
        self.found.remove(code)
    }

    /// Why no sheet holds this part of the form: it is gone, or stands there without its hidden keys.
    pub fn missing(&mut self, title: &str) -> Note {
        let named = |grid: &Grid| {
            let name = grid.name.to_lowercase();
            let printed = grid.cells.range(..(TITLE_ROWS, 0)).any(|(_, seen)| seen.text() == title);
            printed || (!name.is_empty() && title.to_lowercase().starts_with(&name))
        };
        match self.bare.iter().position(|grid| named(grid)) {
            Some(at) => {
                let sheet = self.bare.remove(at).name.clone();
                Note::new(At { sheet, ..At::default() }, "reporting-import-keys-gone")
            }
            None => Note::new(At::default(), "reporting-import-sheet-missing").with("sheet", title),
        }
    }

    /// Tells of sheets that no part of the form was looked for in.
    pub fn strange(self, plan: &mut Plan) {
        let mut gone: Vec<Place<'_>> = self.found.into_values().filter(Place::is_filled).collect();
        gone.sort_by(|a, b| a.grid.name.cmp(&b.grid.name));
        for place in gone {
            plan.problem(Note::new(place.whole(), "reporting-import-part-gone"));
        }
        for grid in self.bare {
            let at = At { sheet: grid.name.clone(), ..At::default() };
            plan.notes.push(Note::new(at, "reporting-import-sheet-strange"));
        }
    }
}

impl<'b> Place<'b> {
    fn of(grid: &'b Grid) -> Option<(String, Self)> {
        // The mark stands in the first row and column unless somebody inserted some before.
        let marked = grid.cells.iter().take(4_000).find_map(|(at, seen)| {
            let text = seen.text();
            text.strip_prefix(SECTION_MARK).map(|code| (*at, code.to_owned()))
        });
        let ((key_row, key_column), code) = marked?;
        let mut it =
            Self { grid, key_column, columns: BTreeMap::new(), rows: BTreeMap::new(), head: None };
        for (at, seen) in grid.cells.range((key_row, 0)..(key_row + 1, 0)) {
            if at.1 != key_column {
                it.columns.entry(seen.text()).or_insert(at.1);
            }
        }
        for (at, seen) in &grid.cells {
            if at.1 == key_column && at.0 != key_row {
                let key = seen.text();
                if key == HEAD_MARK {
                    it.head = it.head.or(Some(at.0));
                } else {
                    it.rows.entry(key).or_default().push(at.0);
                }
            }
        }
        Some((code, it))
    }

    /// A place on it.
    pub fn at(&self, row: u32, column: u32) -> At {
        At { sheet: self.grid.name.clone(), address: address(row, column) }
    }

    /// The sheet as a whole.
    pub fn whole(&self) -> At {
        At { sheet: self.grid.name.clone(), address: String::new() }
    }

    /// A place where something stood when the workbook was made.
    pub fn was(&self, address: &str) -> At {
        At { sheet: self.grid.name.clone(), address: address.to_owned() }
    }

    pub fn cell(&self, row: u32, column: u32) -> Option<&'b Seen> {
        self.grid.cells.get(&(row, column))
    }

    pub fn text(&self, row: u32, column: u32) -> String {
        self.grid.text(row, column)
    }

    /// The key of a row.
    pub fn key(&self, row: u32) -> String {
        self.grid.text(row, self.key_column)
    }

    /// The merged region a cell is part of: `D7:E7`.
    pub fn merged(&self, row: u32, column: u32) -> Option<String> {
        let found = self.grid.merged.iter().find(|(first, last)| {
            first != last
                && (first.0..=last.0).contains(&row)
                && (first.1..=last.1).contains(&column)
        });
        found.map(|(first, last)| {
            format!("{}:{}", address(first.0, first.1), address(last.0, last.1))
        })
    }

    /// True when something stands below the headings.
    fn is_filled(&self) -> bool {
        self.head.is_some_and(|head| !self.below(head).is_empty())
    }

    /// Rows below the headings that hold something, in order.
    pub fn below(&self, head: u32) -> Vec<u32> {
        let mut rows: Vec<u32> =
            self.grid.cells.range((head + 1, 0)..).map(|(at, _)| at.0).collect();
        rows.dedup();
        rows
    }
}
