//! Figures of a data set, a period and an area as rows for other programs: what a row holds and what its columns
//! are called. How a kind of file writes them is below (`ods`, `parquet`); reading them from the database is
//! `actions/download`. Pure.

pub mod ods;
pub mod parquet;
#[cfg(test)]
mod tests;

use areas::AreaId;
use kernel::clock::Timestamp;

use super::{
    CellState, DatasetId, Dimension, Life, Period,
    amount::{plain_amount, print_amount},
};

/// The columns of a table, by the name that programs read.
pub const COLUMNS: [&str; 12] = [
    "ma_dia_ban",
    "dia_ban",
    "ky",
    "loai",
    "ma_chi_tieu",
    "chi_tieu",
    "phan_to",
    "don_vi_tinh",
    "trang_thai",
    "gia_tri",
    "ly_do",
    "da_duyet",
];

/// Where the figure and what was approved of it stand among the columns: numbers; everything else is text.
pub const NUMBERS: [usize; 2] = [9, 11];

/// What the figures of a file have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The data set.
    pub dataset: DatasetId,
    /// Its title.
    pub title: String,
    /// The period.
    pub period: Period,
    /// The life of the figures.
    pub life: Life,
    /// The area with everything below it.
    pub area: AreaId,
    /// Its full name.
    pub area_name: String,
    /// When the reading began.
    pub as_of: Timestamp,
    /// By what figures are divided, for the meaning of coordinates.
    pub dimensions: Vec<Dimension>,
}

/// A figure as it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The area's id and full name.
    pub area: (String, String),
    /// The element's code, and its name.
    pub element: (String, String),
    /// Its coordinates.
    pub coords: String,
    /// The unit's name.
    pub unit: String,
    /// Decimals of the element.
    pub decimals: u32,
    /// What was reported.
    pub state: CellState,
    /// What was approved last.
    pub approved: Option<i64>,
    /// Its version, counted from 1: higher when somebody changed it since.
    pub version: i64,
}

impl Exported {
    /// The state's word for programs, and the amount where there is one.
    pub fn said(&self) -> (&'static str, Option<i64>) {
        match &self.state {
            CellState::Value(amount) => ("so", Some(*amount)),
            CellState::Nil(_) => ("kps", None),
            CellState::NoData(_) => ("ksl", None),
        }
    }

    /// Its columns, numbers as programs write them or as a Vietnamese spreadsheet reads them: a comma before
    /// decimals and nothing between thousands.
    pub fn columns(&self, about: &About, vietnamese: bool) -> [String; 12] {
        let number = |amount: i64| {
            if vietnamese {
                print_amount(amount, self.decimals).replace('.', "")
            } else {
                plain_amount(amount, self.decimals)
            }
        };
        let (state, amount) = self.said();
        [
            self.area.0.clone(),
            self.area.1.clone(),
            about.period.id().to_owned(),
            about.life.slug().to_owned(),
            self.element.0.clone(),
            self.element.1.clone(),
            self.coords.clone(),
            self.unit.clone(),
            state.to_owned(),
            amount.map(number).unwrap_or_default(),
            self.state.reason().to_owned(),
            self.approved.map(number).unwrap_or_default(),
        ]
    }
}
