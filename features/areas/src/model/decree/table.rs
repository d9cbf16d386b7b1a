//! A decree's table: which columns it has, and its rows as they are kept, checked and sent. What the rows
//! mean for the map is in `plan`.

use std::collections::HashSet;

use kernel::{
    sheet::{Sheet, column_letters},
    text::{fold, tidy},
};
use serde::{Deserialize, Serialize};

use super::LineProblem;
use crate::model::{AreaType, EventKind};

/// Longest text of a cell, in characters.
const CELL_CHARS_MAX: usize = 160;

/// The columns of a decree's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The unit as it was: its code on the day before, or its full id.
    Old,
    /// Its name, for checking.
    OldName,
    /// What happens to it.
    Kind,
    /// The unit that takes it over.
    New,
    /// What that one is called.
    NewName,
    /// Its type.
    NewType,
    /// The unit above it.
    Parent,
    /// The share of the old unit that goes this way.
    Share,
    /// What the share is a share of.
    Basis,
}

impl Field {
    /// All of them, in the order of the template.
    pub const ALL: [Self; 9] = [
        Self::Old,
        Self::OldName,
        Self::Kind,
        Self::New,
        Self::NewName,
        Self::NewType,
        Self::Parent,
        Self::Share,
        Self::Basis,
    ];

    /// The headings under which the column is found; the first is the template's.
    pub const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Old => &["Mã cũ", "Mã đơn vị cũ", "old_code", "old"],
            Self::OldName => &["Tên cũ", "Tên đơn vị cũ", "old_name"],
            Self::Kind => &["Hình thức", "Loại thay đổi", "Cách sắp xếp", "kind"],
            Self::New => &["Mã mới", "Mã đơn vị mới", "new_code", "new"],
            Self::NewName => &["Tên mới", "Tên đơn vị mới", "new_name"],
            Self::NewType => &["Loại mới", "Loại đơn vị mới", "new_type"],
            Self::Parent => &["Mã cấp trên mới", "Mã cấp trên", "new_parent_code", "new_parent"],
            Self::Share => &["Tỷ lệ", "Tỉ lệ", "share", "weight"],
            Self::Basis => &["Căn cứ tỷ lệ", "Căn cứ", "basis"],
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// One row: its line in the spreadsheet and its cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow(pub u32, pub [String; 9]);

impl TableRow {
    /// A cell; empty when there is none.
    pub fn cell(&self, field: Field) -> &str {
        &self.1[field.index()]
    }
}

/// A decree's table, as it is kept and sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Where each field stood in the file, for telling addresses.
    columns: [Option<u16>; 9],
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// The units that a table names.
#[derive(Debug, Default)]
pub struct Named<'a> {
    /// By code or full id.
    pub codes: HashSet<&'a str>,
    /// By full name, folded.
    pub names: HashSet<String>,
}

impl Table {
    /// Takes the columns that are known; anything else in the file is left alone.
    ///
    /// # Errors
    /// What is wrong with the headings or single cells, whatever the rows mean.
    pub fn read(sheet: &Sheet) -> Result<Self, Vec<LineProblem>> {
        let columns = Field::ALL.map(|field| sheet.column(field.headings()));
        let mut wrong = Vec::new();
        if columns[Field::Old.index()].is_none() && columns[Field::OldName.index()].is_none() {
            wrong.push(LineProblem::of_table("areas-decree-no-old-column"));
        }
        if columns[Field::New.index()].is_none() && columns[Field::Kind.index()].is_none() {
            wrong.push(LineProblem::of_table("areas-decree-no-new-column"));
        }
        let mut table = Self {
            columns: columns.map(|column| column.and_then(|at| u16::try_from(at).ok())),
            rows: Vec::with_capacity(sheet.rows().len()),
        };
        for row in sheet.rows() {
            let cells = columns.map(|column| column.map_or("", |column| row.cell(column)));
            let row = TableRow(row.number, cells.map(plain));
            if row.1.iter().all(String::is_empty) {
                continue;
            }
            for field in Field::ALL {
                if let Some(key) = hostile(row.cell(field)) {
                    wrong.push(table.problem(&row, field, key));
                }
            }
            table.rows.push(row);
        }
        if wrong.is_empty() && table.rows.is_empty() {
            wrong.push(LineProblem::of_table("areas-decree-no-rows"));
        }
        if wrong.is_empty() { Ok(table) } else { Err(wrong) }
    }

    /// A table made by a program instead of a person: for tests and measurements.
    pub fn of_rows(rows: impl IntoIterator<Item = [String; 9]>) -> Self {
        let columns = std::array::from_fn(|at| u16::try_from(at).ok());
        let rows = rows.into_iter().zip(2..).map(|(cells, line)| TableRow(line, cells));
        Self { columns, rows: rows.collect() }
    }

    /// Everything that its rows name, whether there is such a unit or not.
    pub fn named(&self) -> Named<'_> {
        let fields = [Field::Old, Field::New, Field::Parent];
        let cells = self.rows.iter().flat_map(|row| fields.map(|field| row.cell(field)));
        // A name is looked at only where no code stands.
        let bare = self.rows.iter().filter(|row| row.cell(Field::Old).is_empty());
        Named {
            codes: cells.filter(|cell| !cell.is_empty()).collect(),
            names: bare.map(|row| fold(row.cell(Field::OldName))).collect(),
        }
    }

    /// A problem with one cell.
    pub fn problem(&self, row: &TableRow, field: Field, key: &'static str) -> LineProblem {
        let column = self.columns[field.index()].map(usize::from);
        LineProblem {
            line: row.0,
            cell: column.map(|column| format!("{}{}", column_letters(column), row.0)),
            key,
            args: Vec::new(),
        }
    }
}

/// A cell in its normal form. `="01969"` is how people keep zeros in CSV; dashes mean nothing.
fn plain(cell: &str) -> String {
    let cell = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell);
    let cell = tidy(cell.strip_prefix('\'').unwrap_or(cell));
    if matches!(cell.as_str(), "-" | "–" | "—") { String::new() } else { cell }
}

fn hostile(cell: &str) -> Option<&'static str> {
    if cell.starts_with(['=', '+', '@']) {
        Some("areas-decree-formula")
    } else if cell.len() > CELL_CHARS_MAX && cell.chars().count() > CELL_CHARS_MAX {
        Some("areas-decree-cell-long")
    } else {
        None
    }
}

/// The kind a word stands for; none for words that are not known.
pub fn kind(word: &str) -> Option<EventKind> {
    let folded = fold(&word.replace('_', " "));
    Some(match folded.as_str() {
        "nhap" | "sap nhap" | "hop nhat" | "nhap vao" | "nhap toan bo" | "merge" => {
            EventKind::Merge
        }
        "chia" | "tach" | "chia tach" | "chia nhap" | "nhap mot phan" | "split" => EventKind::Split,
        "sap xep" | "sap xep lai" | "dieu chinh" | "dieu chinh dia gioi" | "redistribute" => {
            EventKind::Redistribute
        }
        "doi ten" | "rename" => EventKind::Rename,
        "doi loai" | "chuyen loai" | "doi loai hinh" | "reclassify" | "reclass" => {
            EventKind::Reclassify
        }
        "doi cap tren" | "chuyen cap tren" | "chuyen don vi cap tren" | "chuyen" | "reparent" => {
            EventKind::Reparent
        }
        "chuyen cap" | "nang cap" | "chuyen thanh dac khu" | "promote" | "convert" => {
            EventKind::Promote
        }
        "giai the" | "ket thuc" | "ket thuc hoat dong" | "bai bo" | "abolish" => EventKind::Abolish,
        "giu nguyen" | "tuong duong" | "khong doi" | "equivalent" | "unchanged" => {
            EventKind::Equivalent
        }
        _ => return None,
    })
}

/// The type a word stands for, on the rung that a code of this length belongs to.
pub fn area_type(word: &str, code: &str) -> Option<AreaType> {
    let folded = fold(&word.replace('_', " "));
    let fits = |kind: &&AreaType| {
        fold(&kind.code().replace('_', " ")) == folded
            || (!kind.label().is_empty() && fold(kind.label()) == folded)
    };
    let mut found: Vec<AreaType> = AreaType::ALL.iter().filter(fits).copied().collect();
    // "thành phố" is a province's or a district's word: the code tells which.
    found.sort_by_key(|kind| super::code_length(kind.level()) != Some(code.len()));
    found.first().copied()
}

/// The stated basis of a share, as it is stored.
pub fn basis(word: &str) -> Option<&'static str> {
    Some(match fold(&word.replace('_', " ")).as_str() {
        "population" | "dan so" | "so dan" | "nguoi" | "so nguoi" => "population",
        "households" | "ho" | "so ho" | "ho dan" => "households",
        "area" | "dien tich" => "area",
        "village list" | "villages" | "thon" | "thon ban" | "danh sach thon"
        | "danh sach thon ban" => "village_list",
        _ => return None,
    })
}

/// Entry for fuzzing: whatever file comes in, a table or problems come out.
pub fn fuzz(bytes: &[u8]) {
    if let Ok(sheet) = Sheet::read(bytes, kernel::sheet::Limits::TABLE)
        && let Ok(table) = Table::read(&sheet)
    {
        for row in &table.rows {
            let _ = (kind(row.cell(Field::Kind)), basis(row.cell(Field::Basis)));
            let _ = area_type(row.cell(Field::NewType), row.cell(Field::New));
            let _ = super::share::parse(row.cell(Field::Share));
        }
    }
}
