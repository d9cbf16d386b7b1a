//! The shipped tables as they are read: official units of four dates and what became of them.

use std::collections::HashSet;

use kernel::{clock::Day, text};

use crate::model::{AreaType, EventKind};

/// The tables that a plan is made from.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Units of 2021; no succession to 2024 is known.
    pub y2021: Vec<UnitRow>,
    /// Units of the last years before 2025-07-01.
    pub y2024: Vec<UnitRow>,
    /// Units of 2025-07-01.
    pub y2025: Vec<UnitRow>,
    /// Units of 2026-09-20.
    pub y2026: Vec<UnitRow>,
    /// What became of whom.
    pub successions: Vec<SuccessionRow>,
}

/// A unit of one date.
#[derive(Clone, Debug)]
pub struct UnitRow {
    /// Two digits province, three district, five commune.
    pub code: String,
    /// The bare name.
    pub name: String,
    /// What kind of unit.
    pub area_type: AreaType,
    /// The code of the unit above; empty for provinces.
    pub parent_code: String,
}

/// One step of succession.
#[derive(Clone, Debug)]
pub struct SuccessionRow {
    /// The code before.
    pub old_code: String,
    /// The code after; empty for what ended without a successor of its own.
    pub new_code: String,
    /// `unchanged`, `rename`, `reclass`, `merge`, `split`, `convert` or `abolish`.
    pub kind: String,
    /// The day it took effect.
    pub on: Day,
}

impl SuccessionRow {
    /// True when the territory stayed what it was.
    pub fn keeps_identity(&self) -> bool {
        matches!(self.kind.as_str(), "unchanged" | "rename" | "reclass")
    }

    /// The kind of event this row is a part of.
    pub fn event_kind(&self) -> EventKind {
        match self.kind.as_str() {
            "abolish" => EventKind::Abolish,
            "convert" => EventKind::Promote,
            "split" => EventKind::Split,
            "rename" => EventKind::Rename,
            "reclass" => EventKind::Reclassify,
            "unchanged" => EventKind::Reparent,
            _ => EventKind::Merge,
        }
    }
}

impl Tables {
    /// Reads the tables that ship with the program.
    ///
    /// # Errors
    /// The file and line that cannot be read; a fault of the program's own data.
    pub fn shipped() -> Result<Self, String> {
        Ok(Self {
            y2021: units("areas_2021.csv", include_str!("../../../data/areas_2021.csv"))?,
            y2024: units("areas_2024.csv", include_str!("../../../data/areas_2024.csv"))?,
            y2025: units("areas_2025.csv", include_str!("../../../data/areas_2025.csv"))?,
            y2026: units("areas_2026.csv", include_str!("../../../data/areas_2026.csv"))?,
            successions: successions(include_str!("../../../data/area_successions.csv"))?,
        })
    }

    /// The same tables for a few provinces of today (by code), with the provinces they were made of.
    pub fn only(mut self, provinces: &[&str]) -> Self {
        let today: HashSet<String> = provinces.iter().map(|code| (*code).to_owned()).collect();
        let old: HashSet<String> = self
            .successions
            .iter()
            .filter(|row| row.old_code.len() == 2 && today.contains(&row.new_code))
            .map(|row| row.old_code.clone())
            .collect();
        keep_below(&mut self.y2021, &old);
        keep_below(&mut self.y2024, &old);
        keep_below(&mut self.y2025, &today);
        keep_below(&mut self.y2026, &today);
        let before: HashSet<&str> = self.y2024.iter().map(|row| row.code.as_str()).collect();
        let after: HashSet<&str> = self.y2025.iter().map(|row| row.code.as_str()).collect();
        self.successions.retain(|row| {
            (before.contains(row.old_code.as_str()) || after.contains(row.old_code.as_str()))
                && (row.new_code.is_empty() || after.contains(row.new_code.as_str()))
        });
        self
    }
}

/// Keeps the named provinces and everything below them.
fn keep_below(rows: &mut Vec<UnitRow>, provinces: &HashSet<String>) {
    let mut kept = provinces.clone();
    for _ in 0..2 {
        kept.extend(
            rows.iter()
                .filter(|row| kept.contains(&row.parent_code))
                .map(|row| row.code.clone())
                .collect::<Vec<_>>(),
        );
    }
    rows.retain(|row| kept.contains(&row.code));
}

fn units(file: &str, content: &str) -> Result<Vec<UnitRow>, String> {
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let rows = reader.records().enumerate().map(|(index, record)| {
        let wrong = |why: &str| format!("{file}, line {}: {why}", index + 2);
        let record = record.map_err(|error| wrong(&error.to_string()))?;
        let cell = |at: usize| {
            record.get(at).map(str::to_owned).ok_or_else(|| wrong("a column is missing"))
        };
        let kind = AreaType::from_code(&cell(2)?).ok_or_else(|| wrong("not a type of unit"))?;
        Ok(UnitRow {
            code: cell(0)?,
            name: text::tidy(&cell(1)?),
            area_type: kind,
            parent_code: cell(3)?,
        })
    });
    rows.collect()
}

fn successions(content: &str) -> Result<Vec<SuccessionRow>, String> {
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let rows = reader.records().enumerate().map(|(index, record)| {
        let wrong = |why: &str| format!("area_successions.csv, line {}: {why}", index + 2);
        let record = record.map_err(|error| wrong(&error.to_string()))?;
        let cell = |at: usize| {
            record.get(at).map(str::to_owned).ok_or_else(|| wrong("a column is missing"))
        };
        let on = Day::parse(&cell(3)?).ok_or_else(|| wrong("not a day"))?;
        Ok(SuccessionRow { old_code: cell(0)?, new_code: cell(1)?, kind: cell(2)?, on })
    });
    rows.collect()
}
