//! A report goes out as a workbook and comes back: unchanged, filled in, and damaged in every way we met.

mod files;
mod round;
mod tables;

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::{
    model::{CellKey, CellState},
    reference::shipped,
};

pub const DATASET: &str = "diem-ho-tro";

/// A report with everything that a workbook needs.
pub struct Kept {
    pub form: Form,
    pub elements: BTreeMap<ElementId, DataElement>,
    pub dimensions: BTreeMap<String, Dimension>,
    pub components: Vec<(String, String)>,
    pub stamp: Stamp,
    pub head: Head,
    pub standing: Standing,
}

impl Kept {
    pub fn of(dataset: &str) -> Self {
        let all = shipped();
        let form = all.forms.iter().find(|form| form.dataset.as_str() == dataset).expect("a form");
        Self {
            form: form.clone(),
            elements: all.elements.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            dimensions: all.dimensions.iter().map(|one| (one.code.clone(), one.clone())).collect(),
            components: all
                .programmes
                .iter()
                .map(|node| (node.code.to_string(), node.name.clone()))
                .collect(),
            stamp: Stamp {
                dataset: dataset.to_owned(),
                form_version: form.version,
                period: "nd09q-2026-4".to_owned(),
                area: "01969.2025".to_owned(),
                life: Life::Final,
            },
            head: Head {
                title: form.title.clone(),
                basis: form.basis.clone(),
                area: "Xã Phủ Thông, tỉnh Thái Nguyên".to_owned(),
                period: "Quý IV/2026 (15/9 – 14/12/2026)".to_owned(),
                due: "20/12/2026".to_owned(),
                made_on: "2026-11-22".to_owned(),
            },
            standing: Standing::default(),
        }
    }

    /// The quarterly report with a figure in every state, words, and a cell that explains another.
    pub fn filled() -> Self {
        let mut it = Self::of(DATASET);
        let states = [
            ("10.6", CellState::Value(198), 3),
            ("10.6:gt=nu", CellState::Value(0), 1),
            ("10.6:dtts=dtts", CellState::NoData("chưa thống kê được: sổ cũ".to_owned()), 2),
            ("10.2", CellState::Nil("quý này không tổ chức".to_owned()), 4),
            ("10.5b", CellState::Nil(String::new()), 1),
            ("10.6kp", CellState::Value(306_105_123), 7),
            ("10.6:dt=tay", CellState::Value(77), 1),
        ];
        for (text, state, version) in states {
            let stands = Stands { state, version, foreign: false };
            it.standing.cells.insert(key(text), stands);
        }
        it.standing.emptied.insert(key("10.3a"), 5);
        it.standing.before = HashMap::from([(key("10.6"), CellState::Value(176))]);
        let words = "Đường vào thôn Nà Pài xa.\n\n=2+3 không phải công thức; “ngoặc”, <thẻ> & dấu.";
        it.standing.words.insert("khokhan".to_owned(), (words.to_owned(), 2));
        it
    }

    pub fn report(&self) -> Report<'_> {
        Report {
            form: &self.form,
            elements: &self.elements,
            dimensions: &self.dimensions,
            components: &self.components,
            stamp: &self.stamp,
            head: &self.head,
            standing: &self.standing,
        }
    }

    pub fn written(&self) -> Vec<u8> {
        write(&self.report()).expect("it is written")
    }

    pub fn book(&self) -> Book {
        read(&self.written(), Limits::REPORT).expect("it is read")
    }

    pub fn compared(&self, book: &Book) -> Plan {
        let elements = &self.elements;
        let is_cell = |key: &CellKey| elements.contains_key(&key.element);
        compare(
            book,
            &self.report(),
            Ask { knows_form: &|version| version <= 2, is_cell: &is_cell, title: &title_of },
        )
    }
}

pub fn key(text: &str) -> CellKey {
    CellKey::parse(text).expect("a cell")
}

/// What a data set is called.
pub fn title_of(code: &str) -> Option<String> {
    let found = shipped().datasets.iter().find(|one| one.code.as_str() == code);
    found.map(|one| one.title.clone())
}

/// The place of a figure in a workbook: its sheet, row and column.
pub fn place(book: &Book, cell: &str) -> (usize, u32, u32) {
    let manifest = super::manifest::Manifest::find(&book.grids).expect("the hidden sheet");
    let entry = manifest.entries.iter().find(|entry| entry.cell == cell).expect("an entry");
    for (index, grid) in book.grids.iter().enumerate() {
        if grid.text(0, 0) != format!("nhipcau:{}", entry.section) {
            continue;
        }
        let row = grid.cells.iter().find(|(at, seen)| at.1 == 0 && seen.text() == entry.row);
        let column = grid.cells.iter().find(|(at, seen)| at.0 == 0 && seen.text() == entry.column);
        return (index, row.expect("a row").0.0, column.expect("a column").0.1);
    }
    panic!("no sheet holds {cell}");
}

pub fn put(book: &mut Book, cell: &str, what: What) {
    let (grid, row, column) = place(book, cell);
    book.grids[grid].cells.insert((row, column), Seen { what, formula: false });
}

pub fn put_text(book: &mut Book, cell: &str, text: &str) {
    put(book, cell, What::Text(text.to_owned()));
}

/// The keys of notes, with their places.
pub fn told(notes: &[Note]) -> Vec<String> {
    notes
        .iter()
        .map(|note| format!("{} {}", note.at.address, note.key.trim_start_matches("reporting-")))
        .collect()
}

#[test]
fn everything_that_is_told_of_a_file_has_words_in_both_languages() {
    let sources = [
        include_str!("archive.rs"),
        include_str!("compare.rs"),
        include_str!("compare/figures.rs"),
        include_str!("compare/places.rs"),
        include_str!("compare/rows.rs"),
        include_str!("compare/since.rs"),
        include_str!("compare/words.rs"),
        include_str!("grown.rs"),
        include_str!("pairs.rs"),
        include_str!("state.rs"),
        include_str!("../../actions/exchange_xlsx.rs"),
        include_str!("../../pages/workbook.rs"),
        include_str!("../../../templates/reporting/import_check.html"),
    ];
    let keys: std::collections::BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('"'))
        .filter(|text| {
            text.starts_with("reporting-import") && text.is_ascii() && !text.ends_with('-')
        })
        .collect();
    assert!(keys.len() > 35, "{}", keys.len());
    for locale in crate::module().locales {
        for key in &keys {
            assert!(locale.text.contains(&format!("\n{key} = ")), "{}: {key}", locale.name);
        }
    }
}
