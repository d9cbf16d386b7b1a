//! A report that goes over to another version of its form: what has a place there and what has none. A figure's
//! place is its element and its disaggregation, never its row on the paper; nothing is in both halves and nothing
//! in neither. Writing it is not here.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    cell::{CellKey, CellState, Figure},
    form::{ColumnKind, Form, Places, RowTable, SectionBody},
};

/// What a report holds, whoever wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Figures.
    pub figures: Vec<Figure>,
    /// What waits beside a figure for somebody to choose; none where the cell was emptied.
    pub waiting: Vec<(CellKey, Option<CellState>)>,
    /// Narratives: section, words.
    pub narratives: Vec<(String, String)>,
    /// Rows of growing tables.
    pub rows: Vec<HeldRow>,
    /// Files.
    pub files: Vec<HeldFile>,
}

/// A row of a growing table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// Its section.
    pub section: String,
    /// Its id.
    pub id: String,
    /// What stands in its cells, by column; empty cells are left out.
    pub cells: BTreeMap<String, String>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HeldFile {
    /// Its section.
    pub section: String,
    /// The hash by which it is kept.
    pub file: String,
    /// What it shows.
    pub caption: String,
}

impl Held {
    /// True when there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.figures.is_empty()
            && self.waiting.is_empty()
            && self.narratives.is_empty()
            && self.rows.is_empty()
            && self.files.is_empty()
    }
}

/// What has a place in the other version, and what has none. A row of which only some cells have one stands in both
/// halves, each cell once.
pub fn parted(held: &Held, from: &Form, to: &Form) -> (Held, Held) {
    let mut kept = Held::default();
    let mut left = Held::default();
    let totals = to.totals();
    let asks = Places::of(to);
    let placed = |key: &CellKey| asks.section_of(key).is_some() || totals.contains_key(key);
    for one in &held.figures {
        half(placed(&one.key), &mut kept, &mut left).figures.push(one.clone());
    }
    for one in &held.waiting {
        half(placed(&one.0), &mut kept, &mut left).waiting.push(one.clone());
    }
    for one in &held.narratives {
        let words = |body: &SectionBody| matches!(body, SectionBody::Narrative { .. });
        let there = body(to, &one.0).is_some_and(words);
        half(there, &mut kept, &mut left).narratives.push(one.clone());
    }
    for one in &held.files {
        let files = |body: &SectionBody| matches!(body, SectionBody::Attachments { .. });
        let there = body(to, &one.section).is_some_and(files);
        half(there, &mut kept, &mut left).files.push(one.clone());
    }
    for one in &held.rows {
        let (old, new) = (table(from, &one.section), table(to, &one.section));
        let (stays, goes) = parted_cells(&one.cells, old, new);
        for (side, cells) in [(&mut kept, stays), (&mut left, goes)] {
            if !cells.is_empty() {
                side.rows.push(HeldRow { cells, ..one.clone() });
            }
        }
    }
    (kept, left)
}

/// The cells of a row.
pub type Cells = BTreeMap<String, String>;

/// The cells of a row that mean the same in the other table, and those that do not.
pub fn parted_cells(
    cells: &Cells,
    old: Option<&RowTable>,
    new: Option<&RowTable>,
) -> (Cells, Cells) {
    cells.clone().into_iter().partition(|(column, text)| cell_fits(old, new, column, text))
}

fn half<'a>(there: bool, kept: &'a mut Held, left: &'a mut Held) -> &'a mut Held {
    if there { kept } else { left }
}

fn body<'f>(form: &'f Form, section: &str) -> Option<&'f SectionBody> {
    form.sections.iter().find(|one| one.code == section).map(|one| &one.body)
}

/// The growing table of a section.
pub fn table<'f>(form: &'f Form, section: &str) -> Option<&'f RowTable> {
    match body(form, section)? {
        SectionBody::Rows(table) => Some(table),
        _ => None,
    }
}

/// True when what stands in a column means the same in the other version of its table: the same kind, a number in
/// the same unit of the same thing, a choice that is still one. Everything can stand as words.
fn cell_fits(old: Option<&RowTable>, new: Option<&RowTable>, column: &str, text: &str) -> bool {
    let kind = |table: Option<&'_ RowTable>| -> Option<ColumnKind> {
        table?.columns.iter().find(|one| one.code == column).map(|one| one.kind.clone())
    };
    let (Some(before), Some(after)) = (kind(old), kind(new)) else { return false };
    match (before, after) {
        (_, ColumnKind::Text) => true,
        (
            ColumnKind::Number { unit, decimals, element },
            ColumnKind::Number { unit: unit_after, decimals: decimals_after, element: of_after },
        ) => (unit, element) == (unit_after, of_after) && decimals <= decimals_after,
        (ColumnKind::Choice(_), ColumnKind::Choice(all)) => all.iter().any(|one| one.code == text),
        (before, after) => before == after,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::{
            Coords, DatasetId, ElementId,
            form::{Bounds, Choice, FixedTable, RowColumn, Section, TableColumn, TableRow},
        },
        reference::shipped,
    };

    const ELEMENTS: [&str; 4] = ["10.6", "10.5b", "3.4", "3.5"];
    const COORDS: [&str; 4] = ["", "gt=nu", "gt=nam", "dt=tay,gt=nu"];
    const COLUMNS: [&str; 4] = ["ten", "von", "ngay", "tinhtrang"];

    fn kind(number: u8) -> ColumnKind {
        let choice = |code: &str| Choice { code: code.into(), name: code.into() };
        match number % 6 {
            0 => ColumnKind::Text,
            1 => ColumnKind::Number { unit: "ho".into(), decimals: 0, element: None },
            2 => ColumnKind::Number { unit: "dong".into(), decimals: 0, element: None },
            3 => ColumnKind::Day,
            4 => ColumnKind::Choice(vec![choice("xong"), choice("dang")]),
            _ => ColumnKind::Choice(vec![choice("dang")]),
        }
    }

    fn form(sections: Vec<Section>) -> Form {
        Form {
            dataset: DatasetId::parse("bm-20").expect("a code"),
            version: 1,
            title: "Biểu".into(),
            basis: String::new(),
            sections,
            rules: Vec::new(),
        }
    }

    fn row(element: &str, coords: &str) -> TableRow {
        TableRow {
            number: String::new(),
            label: String::new(),
            element: ElementId::parse(element),
            coords: Coords::parse(coords).expect("coordinates"),
            indent: 0,
            without: Vec::new(),
            required: false,
        }
    }

    fn forms() -> impl Strategy<Value = Form> {
        let table = prop::collection::vec((0..4_usize, 0..4_usize), 0..6);
        let grown = prop::collection::vec((0..4_usize, any::<u8>()), 0..4);
        (table, grown, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(rows, columns, divided, words, files)| {
                let rows = rows.into_iter().map(|(e, c)| row(ELEMENTS[e], COORDS[c])).collect();
                let total = TableColumn { title: "Số".into(), coords: Coords::total() };
                let details = if divided { vec!["gt".to_owned()] } else { Vec::new() };
                let table = FixedTable { columns: vec![total], rows, details };
                let column = |(at, number): (usize, u8)| RowColumn {
                    code: COLUMNS[at].into(),
                    title: COLUMNS[at].into(),
                    kind: kind(number),
                    required: true,
                    bounds: Bounds::default(),
                };
                let grown =
                    RowTable { columns: columns.into_iter().map(column).collect(), max_rows: 10 };
                let section = |code: &str, body| Section {
                    code: code.into(),
                    title: code.into(),
                    hint: String::new(),
                    body,
                };
                let narrative = SectionBody::Narrative { max_chars: 9, required: false };
                let attachments = SectionBody::Attachments { max_files: 2 };
                let mut all = vec![
                    section("so", SectionBody::Table(table)),
                    section("ke", SectionBody::Rows(grown)),
                ];
                all.extend(words.then(|| section("loi", narrative)));
                all.extend(files.then(|| section("tep", attachments)));
                form(all)
            },
        )
    }

    fn reports() -> impl Strategy<Value = Held> {
        let figures = prop::collection::btree_map((0..4_usize, 0..4_usize), any::<i32>(), 0..9);
        let cells = prop::collection::btree_map(0..4_usize, "(xong|dang|12|.{1,6})", 0..4);
        (figures, prop::collection::vec(cells, 0..4)).prop_map(|(figures, rows)| {
            let key = |(e, c): (usize, usize)| CellKey {
                element: ElementId::parse(ELEMENTS[e]).expect("a code"),
                coords: Coords::parse(COORDS[c]).expect("coordinates"),
            };
            let figure = |(at, amount): ((usize, usize), i32)| Figure {
                key: key(at),
                state: CellState::Value(amount.into()),
            };
            let figures: Vec<Figure> = figures.into_iter().map(figure).collect();
            let row = |(at, cells): (usize, BTreeMap<usize, String>)| HeldRow {
                section: "ke".into(),
                id: at.to_string(),
                cells: cells.into_iter().map(|(at, text)| (COLUMNS[at].into(), text)).collect(),
            };
            Held {
                waiting: figures.iter().take(1).map(|one| (one.key.clone(), None)).collect(),
                figures,
                narratives: vec![("loi".into(), "Đường còn sạt lở".into())],
                rows: rows.into_iter().enumerate().map(row).collect(),
                files: vec![HeldFile { section: "tep".into(), ..HeldFile::default() }],
            }
        })
    }

    /// Everything that a report holds, one line each.
    fn lines(held: &Held) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        all.extend(held.figures.iter().map(|one| format!("{one:?}")));
        all.extend(held.waiting.iter().map(|one| format!("? {one:?}")));
        all.extend(held.narratives.iter().map(|one| format!("{one:?}")));
        all.extend(held.files.iter().map(|one| format!("{one:?}")));
        for row in &held.rows {
            all.extend(row.cells.iter().map(|cell| format!("{} {cell:?}", row.id)));
        }
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_there_twice(held in reports(), from in forms(), to in forms()) {
            let places = Places::of(&to);
            for one in &held.figures {
                prop_assert_eq!(places.section_of(&one.key), to.section_of(&one.key));
            }
            let (kept, left) = parted(&held, &from, &to);
            let mut both = lines(&kept);
            both.extend(lines(&left));
            both.sort();
            prop_assert_eq!(both, lines(&held));
            for one in &kept.figures {
                prop_assert!(to.section_of(&one.key).is_some());
            }
            for one in &left.figures {
                prop_assert!(to.section_of(&one.key).is_none());
            }
        }

        #[test]
        fn the_same_form_takes_everything_that_it_asked_for(held in reports(), form in forms()) {
            let (kept, _) = parted(&held, &form, &form);
            let (again, left) = parted(&kept, &form, &form);
            prop_assert_eq!(again, kept);
            prop_assert!(left.is_empty());
        }
    }

    #[test]
    fn rows_that_were_only_moved_and_renamed_take_every_figure_along() {
        let code = DatasetId::parse("diem-ho-tro").expect("a code");
        let from = shipped().form(&code).expect("it ships");
        let mut to = from.clone();
        for section in &mut to.sections {
            if let SectionBody::Table(table) = &mut section.body {
                table.rows.reverse();
                for row in &mut table.rows {
                    row.label = "Tên khác".into();
                }
            }
        }
        to.sections.reverse();
        let figures = from
            .tables()
            .flat_map(|(_, table)| table.cells())
            .map(|placed| Figure { key: placed.key, state: CellState::Value(7) });
        let held = Held { figures: figures.collect(), ..Held::default() };
        let (kept, left) = parted(&held, from, &to);
        assert_eq!((kept, left), (held, Held::default()));
    }

    #[test]
    fn a_number_whose_unit_changed_under_its_code_is_not_carried_over() {
        let grown = |kind| {
            let (code, title) = ("von".into(), "Vốn".into());
            let column = RowColumn { code, title, kind, required: true, bounds: Bounds::default() };
            let table = RowTable { columns: vec![column], max_rows: 5 };
            let body = SectionBody::Rows(table);
            form(vec![Section {
                code: "ke".into(), title: "Kê".into(), hint: String::new(), body
            }])
        };
        let row = HeldRow {
            section: "ke".into(),
            id: "1".into(),
            cells: [("von".to_owned(), "306.105".to_owned())].into(),
        };
        let held = Held { rows: vec![row], ..Held::default() };
        let (kept, left) = parted(&held, &grown(kind(2)), &grown(kind(1)));
        assert!(kept.is_empty() && left == held, "đồng is not hộ");
        let (kept, left) = parted(&held, &grown(kind(2)), &grown(ColumnKind::Text));
        assert!(left.is_empty() && kept == held, "a number can stand as words");
    }
}
