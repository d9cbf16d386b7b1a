//! Decrees (văn bản sắp xếp): instruments that change the map, brought as a table. Pure: what a decree is is
//! here, its table in `table`, the map it meets in `world`, what it does to the map in `plan`.

pub mod plan;
mod resolve;
pub mod share;
pub mod shipped;
pub mod table;
pub mod wire;
pub mod world;

use kernel::{
    clock::{Day, Timestamp},
    db::{Column, DbError, Row},
    problem::{FormProblems, Outcome},
    row_struct, text, typed_ids,
};

use super::AreaLevel;

typed_ids! {
    /// An instrument that changes the map, with its table.
    DecreeId
}

/// Longest citation, in characters.
pub const INSTRUMENT_CHARS_MAX: usize = 300;

/// Where a decree stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecreeStatus {
    /// Checked and kept; the map does not know it yet.
    Draft,
    /// The map follows it.
    Applied,
    /// It was applied and taken back.
    Undone,
    /// It came from the hub and does not fit the map of this node.
    Aside,
}

impl DecreeStatus {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Applied => "applied",
            Self::Undone => "undone",
            Self::Aside => "aside",
        }
    }
}

impl Column for DecreeStatus {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let code: String = row.get(name)?;
        [Self::Draft, Self::Applied, Self::Undone, Self::Aside]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or_else(|| DbError::unreadable(name, "not a status of a decree"))
    }
}

row_struct! {
    /// A decree without its table.
    #[derive(Clone, Debug)]
    pub struct Decree {
        /// Which.
        pub id: DecreeId,
        /// As it is cited: `Nghị quyết số 1683/NQ-UBTVQH15`.
        pub instrument: String,
        /// The day it was signed, where known.
        pub decided_on: Option<Day>,
        /// The first day of the new order.
        pub effective_on: Day,
        /// When it was brought into the system.
        pub recorded_at: Timestamp,
        /// By whom (an account's id; on a point, the hub).
        pub recorded_by: String,
        /// Where it stands.
        pub status: DecreeStatus,
        /// True once somebody has checked it against the instrument itself.
        pub confirmed: bool,
        /// What the file was called.
        pub file_name: String,
        /// The hash of the table as it was checked.
        pub content_hash: String,
        /// Rows of the table.
        pub row_count: i64,
        /// How often it was applied.
        pub round: i64,
        /// The turn in which it was applied last; 0 before.
        pub turn: i64,
        /// When others were told that it has taken effect.
        pub told_at: Option<Timestamp>,
    }

    /// Something done with a decree.
    #[derive(Clone, Debug)]
    pub struct Act {
        /// `record`, `apply`, `undo`, `confirm` or `assign`.
        pub what: String,
        /// When.
        pub at: Timestamp,
        /// By whom (an account's id).
        pub by_whom: String,
    }
}

/// A decree as somebody enters it, beside its table.
#[derive(Clone, Debug, Default)]
pub struct NewDecree {
    /// The citation.
    pub instrument: String,
    /// The day it was signed, as typed; may stay empty.
    pub decided_on: String,
    /// The first day of the new order, as typed.
    pub effective_on: String,
    /// What the file was called.
    pub file_name: String,
}

/// A decree's own words, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The citation.
    pub instrument: String,
    /// The day it was signed, where known.
    pub decided_on: Option<Day>,
    /// The first day of the new order.
    pub effective_on: Day,
    /// What the file was called.
    pub file_name: String,
}

impl NewDecree {
    /// Checks the words; `wrong` goes on collecting what is wrong with the file.
    pub fn check(&self, mut wrong: FormProblems) -> Outcome<Heading> {
        let instrument = text::tidy(&self.instrument);
        wrong.require(!instrument.is_empty(), "instrument", "areas-decree-instrument-missing");
        if instrument.chars().count() > INSTRUMENT_CHARS_MAX {
            let most = vec![("most", INSTRUMENT_CHARS_MAX.to_string())];
            wrong.add_with("instrument", "areas-decree-instrument-long", most);
        }
        let earliest = Day::new(1976, 1, 1).unwrap_or(Day::FOREVER);
        let latest = Day::new(2100, 1, 1).unwrap_or(Day::FOREVER);
        let sensible = |day: &Day| earliest <= *day && *day < latest;
        let effective_on = Day::parse(&self.effective_on).filter(sensible);
        wrong.require(effective_on.is_some(), "effective_on", "areas-decree-effective-missing");
        let decided_on = Day::parse(&self.decided_on).filter(sensible);
        let unread = decided_on.is_none() && !self.decided_on.trim().is_empty();
        wrong.require(!unread, "decided_on", "areas-decree-decided-unread");
        if let (Some(decided), Some(effective)) = (decided_on, effective_on) {
            wrong.require(decided <= effective, "decided_on", "areas-decree-decided-late");
        }
        wrong.check()?;
        let mut file_name = text::tidy(&self.file_name);
        file_name = file_name.chars().take(120).collect();
        Ok(Heading {
            instrument,
            decided_on,
            effective_on: effective_on.unwrap_or(Day::FOREVER),
            file_name,
        })
    }
}

/// Something wrong with a table, on a line where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// As the spreadsheet numbers it; 0 when it concerns the table as a whole.
    pub line: u32,
    /// The cell's address, when one cell is to blame.
    pub cell: Option<String>,
    /// Fluent key of the words.
    pub key: &'static str,
    /// Arguments of the words.
    pub args: Vec<(&'static str, String)>,
}

impl LineProblem {
    /// A problem of the table as a whole.
    pub fn of_table(key: &'static str) -> Self {
        Self { line: 0, cell: None, key, args: Vec::new() }
    }

    /// Adds an argument for the words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// How long the codes of a rung are (Decision 19/2025/QĐ-TTg and its predecessors); none for rungs without.
pub(crate) const fn code_length(level: AreaLevel) -> Option<usize> {
    match level {
        AreaLevel::Province => Some(2),
        AreaLevel::District => Some(3),
        AreaLevel::Commune => Some(5),
        AreaLevel::Country | AreaLevel::Village => None,
    }
}
