//! A fixed table as it is shown: rows of labels, what stood there before, cells to type into, and below each row
//! what was added to it. The names of fields are a contract with the page's script.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::web::Visit;
use serde::Serialize;

use super::{
    cell_words, coords_words, field_id, shown, spelled,
    typed::{Choice, Typed},
    unit_name,
};
use crate::{
    actions::{
        catalogue::Catalogue,
        entry::{Sheet, Which},
        figures::Edit,
    },
    model::{
        CellKey, CellState, DataElement,
        amount::print_amount,
        form::{FixedTable, Form, TableRow},
    },
};

/// What was sent for cells and could not be saved.
pub(super) type Kept = HashMap<CellKey, LeftCell>;

/// A figure that is left over.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftCell {
    pub(super) typed: Typed,
    /// The version over which it was typed: whoever mends it has still not seen a later one.
    pub(super) base: i64,
    pub(super) problem: String,
}

/// A table.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Columns besides those of figures, and them.
    pub(super) width: usize,
    /// True when a row of it has to be filled in.
    pub(super) required: bool,
}

/// A row, or a heading between rows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Row {
    pub(super) heading: bool,
    pub(super) added: bool,
    pub(super) number: String,
    pub(super) label: String,
    pub(super) indent: u8,
    /// True when it has to be filled in.
    pub(super) required: bool,
    pub(super) unit: String,
    pub(super) previous: String,
    pub(super) usual: String,
    /// What the unit said about a doubtful figure of it, in short.
    pub(super) explained: String,
    /// One for each column; none where the row has no cell.
    pub(super) cells: Vec<Option<Cell>>,
    /// The choice of a number, nothing or no data, for the whole row.
    pub(super) choice: Option<RowChoice>,
    /// Where parts are added to it.
    pub(super) more: String,
}

/// The choice for a row; its name is that of the row's first cell.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RowChoice {
    pub(super) key: String,
    pub(super) chosen: &'static str,
    pub(super) reason: String,
    /// What is chosen, in words; empty for a number.
    pub(super) told: String,
    pub(super) problem: String,
}

/// A cell.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Cell {
    pub(super) key: String,
    pub(super) href: String,
    pub(super) label: String,
    pub(super) column: String,
    pub(super) text: String,
    pub(super) placeholder: &'static str,
    pub(super) version: i64,
    pub(super) decimals: u32,
    pub(super) unit: String,
    pub(super) previous: String,
    /// What the estimate of the same period says, beside a final figure.
    pub(super) estimate: String,
    pub(super) usual: String,
    /// The state that its look shows: saved, wrong, doubt, conflict, or nothing.
    pub(super) look: &'static str,
    pub(super) words: String,
    pub(super) problem: String,
    /// What another data set calls it, which owns the figure; it is not typed here then.
    pub(super) owner: String,
    /// Remarks that wait for an answer.
    pub(super) remarks: usize,
    pub(super) notes: usize,
}

/// Everything that a table is drawn from.
pub(super) struct Ground<'a> {
    pub(super) visit: &'a Visit,
    pub(super) catalogue: &'a Catalogue,
    pub(super) which: &'a Which,
    pub(super) sheet: &'a Sheet,
    pub(super) kept: &'a Kept,
    pub(super) wrong: &'a BTreeSet<CellKey>,
    pub(super) doubtful: &'a BTreeSet<CellKey>,
    /// Those that the unit explained when it signed, and what it said, in short.
    pub(super) explained: (&'a BTreeSet<CellKey>, &'a str),
    /// Titles of the data sets that own figures, by number.
    pub(super) owners: &'a BTreeMap<i64, String>,
}

impl Ground<'_> {
    /// The table of a section, with what was added to its rows.
    pub(super) fn table(&self, section: &str, table: &FixedTable) -> Table {
        let mut rows = Vec::with_capacity(table.rows.len());
        let mut placed: Vec<Vec<Option<CellKey>>> =
            vec![vec![None; table.columns.len()]; table.rows.len()];
        let mut fixed = BTreeSet::new();
        for one in table.cells() {
            fixed.insert(one.key.clone());
            placed[one.row][one.column] = Some(one.key);
        }
        let open = self.sheet.closed.is_none();
        for (at, (row, keys)) in table.rows.iter().zip(&placed).enumerate() {
            let Some(element) = self.element(row) else {
                rows.push(Row {
                    heading: true,
                    number: row.number.clone(),
                    label: row.label.clone(),
                    indent: row.indent.min(4),
                    ..Row::default()
                });
                continue;
            };
            let mut line = self.row(row, element, keys, table);
            if open && can_be_added_to(table, row, element) {
                line.more = format!("{}/phan-to/{section}.{at}", super::href(self.which));
            }
            rows.push(line);
            rows.extend(self.added(table, row, element, &fixed));
        }
        let columns: Vec<String> = table.columns.iter().map(|one| one.title.clone()).collect();
        let required = rows.iter().any(|row| row.required);
        Table { width: columns.len() + 4, columns, rows, required }
    }

    fn element(&self, row: &TableRow) -> Option<&DataElement> {
        row.element.as_ref().and_then(|code| self.catalogue.elements.get(code))
    }

    fn row(
        &self,
        row: &TableRow,
        element: &DataElement,
        keys: &[Option<CellKey>],
        table: &FixedTable,
    ) -> Row {
        let cells: Vec<Option<Cell>> = keys
            .iter()
            .zip(&table.columns)
            .map(|(key, column)| Some(self.cell(key.as_ref()?, element, &column.title)))
            .collect();
        let head = keys.iter().flatten().next();
        Row {
            number: row.number.clone(),
            label: if row.label.is_empty() { element.name.clone() } else { row.label.clone() },
            indent: row.indent.min(4),
            required: row.required && head.is_some(),
            unit: unit_name(&element.unit),
            explained: self.explained(keys.iter().flatten()),
            previous: head.map_or_else(String::new, |key| self.previous(key, element)),
            usual: head.map_or_else(String::new, |key| self.usual(key, element)),
            choice: head.map(|key| self.choice(key)),
            cells,
            ..Row::default()
        }
    }

    /// Cells that were added below a row, each in a line of its own.
    fn added(
        &self,
        table: &FixedTable,
        row: &TableRow,
        element: &DataElement,
        fixed: &BTreeSet<CellKey>,
    ) -> Vec<Row> {
        let keys = self.sheet.held.keys().chain(self.kept.keys());
        let keys = table.added_below(row, fixed, keys);
        let line = |key: &CellKey| {
            let label = coords_words(self.catalogue, key, &row.coords);
            let mut cells = vec![None; table.columns.len()];
            if let Some(first) = cells.first_mut() {
                *first = Some(self.cell(key, element, &label));
            }
            Row {
                added: true,
                label,
                indent: row.indent.min(3) + 1,
                unit: unit_name(&element.unit),
                previous: self.previous(key, element),
                usual: self.usual(key, element),
                explained: self.explained(std::iter::once(key)),
                cells,
                ..Row::default()
            }
        };
        keys.into_iter().map(line).collect()
    }

    fn cell(&self, key: &CellKey, element: &DataElement, column: &str) -> Cell {
        let held = self.sheet.held.get(key);
        let state = held.map(|held| &held.state);
        let kept = self.kept.get(key);
        let conflict = self.sheet.conflicts.iter().any(|one| one.key == *key);
        let look = if conflict {
            "conflict"
        } else if kept.is_some_and(|left| !left.problem.is_empty()) || self.wrong.contains(key) {
            "wrong"
        } else if self.doubtful.contains(key) {
            "doubt"
        } else if held.is_some() {
            "saved"
        } else {
            ""
        };
        let owner = held.filter(|held| held.owner != self.sheet.owner);
        let text = key.text();
        Cell {
            href: format!("{}/o/{text}", super::href(self.which)),
            label: format!("{}, {}", cell_words(self.catalogue, key), unit_name(&element.unit)),
            column: column.to_owned(),
            text: kept.map_or_else(|| shown(state, element), |left| left.typed.text.clone()),
            placeholder: match Choice::of(state) {
                Choice::Value => "",
                Choice::Nil => "–",
                Choice::NoData => "…",
            },
            version: kept.map_or_else(|| self.sheet.version(key), |left| left.base),
            decimals: element.decimals,
            unit: element.unit.clone(),
            previous: self.previous(key, element),
            estimate: in_short(self.sheet.estimate.figures.get(key), element),
            usual: self.usual(key, element),
            look,
            words: state.map_or_else(String::new, |state| spelled(Some(state), element)),
            problem: kept.map_or_else(String::new, |left| left.problem.clone()),
            owner: owner.map_or_else(String::new, |held| {
                self.owners.get(&held.owner).cloned().unwrap_or_default()
            }),
            remarks: self.remarks(&text),
            notes: self.notes(&text),
            key: text,
        }
    }

    fn choice(&self, key: &CellKey) -> RowChoice {
        let state = self.sheet.held.get(key).map(|held| &held.state);
        let kept = self.kept.get(key);
        let typed = kept.map(|left| &left.typed);
        let chosen = typed.and_then(|typed| typed.choice).unwrap_or(Choice::of(state));
        let reason = match typed.filter(|typed| typed.choice.is_some()) {
            Some(typed) => typed.reason.clone(),
            None => state.map_or("", CellState::reason).to_owned(),
        };
        let told = match Choice::of(state) {
            Choice::Value => String::new(),
            _ => super::told(self.visit, state, None),
        };
        RowChoice { key: key.text(), chosen: chosen.code(), reason, told, problem: String::new() }
    }

    fn previous(&self, key: &CellKey, element: &DataElement) -> String {
        in_short(self.sheet.before.get(key), element)
    }

    fn usual(&self, key: &CellKey, element: &DataElement) -> String {
        self.sheet.usual.get(key).map_or_else(String::new, |usual| {
            let print = |amount| print_amount(amount, element.decimals);
            match usual.span() {
                "one" => print(usual.low),
                _ => format!("{}–{}", print(usual.low), print(usual.high)),
            }
        })
    }

    /// What the unit said, where it explained one of these figures.
    fn explained<'k>(&self, mut keys: impl Iterator<Item = &'k CellKey>) -> String {
        let (explained, words) = self.explained;
        if keys.any(|key| explained.contains(key)) { words.to_owned() } else { String::new() }
    }

    /// Remarks on a cell that nobody answered yet.
    fn remarks(&self, cell: &str) -> usize {
        self.sheet.unanswered().filter(|one| one.cell == cell).count()
    }

    fn notes(&self, cell: &str) -> usize {
        self.sheet.remarks.iter().filter(|one| !one.is_return && one.cell == cell).count()
    }
}

/// A figure beside another; a sign for what is no number, nothing for what nobody reported.
fn in_short(state: Option<&CellState>, element: &DataElement) -> String {
    match state {
        Some(CellState::Value(amount)) => print_amount(*amount, element.decimals),
        Some(CellState::Nil(_)) => "–".to_owned(),
        Some(CellState::NoData(_)) => "…".to_owned(),
        None => String::new(),
    }
}

/// True when the table lets a row be divided further, by a dimension the element has.
pub(super) fn can_be_added_to(table: &FixedTable, row: &TableRow, element: &DataElement) -> bool {
    table.details.iter().any(|code| {
        element.dimensions.iter().any(|one| one == code) && row.coords.option(code).is_none()
    })
}

/// Says of a whole row what was said of its first cell: where nothing occurred, nothing occurred among women
/// either. A cell that holds a figure, or is edited itself, stays as it is.
pub(super) fn spread(form: &Form, sheet: &Sheet, edits: &mut Vec<Edit>) {
    let named: BTreeSet<CellKey> = edits.iter().map(|edit| edit.key.clone()).collect();
    let mut more: BTreeMap<CellKey, Edit> = BTreeMap::new();
    for (_, table) in form.tables() {
        let mut rows: BTreeMap<usize, Vec<CellKey>> = BTreeMap::new();
        for one in table.cells() {
            rows.entry(one.row).or_default().push(one.key);
        }
        for keys in rows.values() {
            let Some((head, others)) = keys.split_first() else { continue };
            let Some(edit) = edits.iter().find(|edit| edit.key == *head) else { continue };
            let before = sheet.held.get(head).map(|held| &held.state);
            for key in others.iter().filter(|key| !named.contains(*key)) {
                if let Some(state) = follows(
                    edit.state.as_ref(),
                    before,
                    sheet.held.get(key).map(|held| &held.state),
                ) {
                    let base = sheet.version(key);
                    more.insert(key.clone(), Edit { key: key.clone(), base, state });
                }
            }
        }
    }
    edits.extend(more.into_values());
}

#[expect(clippy::option_option, reason = "an edit may empty a cell; no edit leaves it")]
/// What becomes of a cell when its row's first cell goes from `before` to `after`; none when it stays.
fn follows(
    after: Option<&CellState>,
    before: Option<&CellState>,
    held: Option<&CellState>,
) -> Option<Option<CellState>> {
    let said = |state: Option<&CellState>| Choice::of(state) != Choice::Value;
    match (said(after), held) {
        (true, None) => Some(after.cloned()),
        (true, Some(_)) if said(before) && held == before => Some(after.cloned()),
        (false, Some(_)) if said(before) && held == before => Some(None),
        _ => None,
    }
}

/// The id of the field to which a problem with a cell leads.
pub(super) fn anchor(key: &CellKey) -> String {
    field_id(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_follows_its_first_cell_and_figures_are_never_lost_by_it() {
        let nil = |why: &str| CellState::Nil(why.to_owned());
        let (rain, storm, value) = (nil("mưa lũ"), nil("bão"), CellState::Value(5));
        assert_eq!(follows(Some(&rain), None, None), Some(Some(rain.clone())));
        assert_eq!(follows(Some(&rain), None, Some(&value)), None, "a figure stays");
        assert_eq!(follows(Some(&storm), Some(&rain), Some(&rain)), Some(Some(storm.clone())));
        assert_eq!(follows(Some(&value), Some(&rain), Some(&rain)), Some(None));
        assert_eq!(follows(None, Some(&rain), Some(&rain)), Some(None));
        assert_eq!(follows(Some(&value), Some(&rain), Some(&storm)), None, "said for itself");
        assert_eq!(follows(Some(&value), None, None), None);
    }
}
