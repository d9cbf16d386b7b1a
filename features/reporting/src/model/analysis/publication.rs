//! What is published of an element: one table and one only, provinces by one division, small cells and those
//! that would give them away left out. One, because tables that share cells give away together what each
//! hides. Which division is decided by the element's definition, never by a reader.

use std::collections::BTreeMap;

use crate::model::{
    DataElement, Dimension,
    amount::unit,
    suppress::{Axis, Hidden, Policy, Refused, Table, suppress},
};

/// Divisions that are published, the first one that an element has. Ethnic groups are sensitive personal data
/// (NĐ 356/2025) and are not among them.
const DIVISIONS: [&str; 5] = ["gt", "dtts", "ng", "kv", "ttnt"];

/// What remains of a total beside the options that were reported.
pub const REST: &str = "_";

/// Kinds of quantities that count persons or households.
const PERSONAL: [&str; 7] =
    ["person", "household", "attendance", "learner", "pupil", "official", "turn"];

/// The dimension by which an element is published.
pub fn division<'d>(
    element: &DataElement,
    dimensions: &'d BTreeMap<String, Dimension>,
) -> Option<&'d Dimension> {
    let has = |code: &&str| element.dimensions.iter().any(|one| one == *code);
    let code = DIVISIONS.iter().find(|code| has(code))?;
    dimensions.get(*code).filter(|one| one.partition && !one.sensitive)
}

/// True when an element counts persons or households, so that small numbers speak of somebody.
pub fn is_personal(element: &DataElement) -> bool {
    unit(&element.unit).is_none_or(|unit| PERSONAL.contains(&unit.kind.as_str()))
}

/// One cell of what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The number.
    Number(i64),
    /// It would speak of somebody, or give away a cell that does.
    Hidden,
    /// Nothing was approved.
    Missing,
}

/// What was approved in one province.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// The total; none when nothing was approved.
    pub total: Option<i64>,
    /// By option; none where nothing was reported.
    pub options: Vec<Option<i64>>,
}

/// A published table: row 0 is the country, column 0 the total; rows and columns as they were given follow,
/// and a last column for what no option holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Rows of cells.
    pub rows: Vec<Vec<Cell>>,
    /// How many cells are hidden.
    pub hidden: usize,
    /// False when it could not be divided: parts that exceed their total.
    pub divided: bool,
}

/// Decides what is published of approved counts, province by province.
///
/// # Errors
///
/// Counts below zero, or more cells than a table has.
pub fn publish(
    provinces: &[Approved],
    options: usize,
    personal: bool,
) -> Result<Published, Refused> {
    let rest = |one: &Approved| {
        let parts: i64 = one.options.iter().flatten().sum();
        one.total.unwrap_or(0) - parts
    };
    // Parts that exceed their total can only be shown when they are wrong; then the total stands alone.
    let divided = options > 0 && provinces.iter().all(|one| rest(one) >= 0);
    let width = if divided { options + 1 } else { 0 };
    let mut axes =
        vec![Axis::flat(&codes(provinces.len()).iter().map(String::as_str).collect::<Vec<_>>())?];
    if divided {
        axes.push(Axis::flat(&codes(width).iter().map(String::as_str).collect::<Vec<_>>())?);
    }
    let mut counts: Vec<(Vec<usize>, i64)> = Vec::new();
    for (row, one) in provinces.iter().enumerate() {
        if divided {
            for column in 0..options {
                let amount = one.options.get(column).copied().flatten().unwrap_or(0);
                counts.push((vec![row + 1, column + 1], amount));
            }
            counts.push((vec![row + 1, options + 1], rest(one)));
        } else {
            counts.push((vec![row + 1], one.total.unwrap_or(0)));
        }
    }
    let table = Table::new(axes, counts)?;
    let policy = Policy {
        threshold: if personal { Policy::default().threshold } else { 0 },
        ..Policy::default()
    };
    let hidden = suppress(&table, policy);
    let rows = (0..=provinces.len())
        .map(|row| {
            (0..=width)
                .map(|column| cell(&table, &hidden, provinces, divided, row, column))
                .collect()
        })
        .collect();
    Ok(Published { rows, hidden: hidden.count(), divided })
}

fn codes(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("c{at}")).collect()
}

fn cell(
    table: &Table,
    hidden: &Hidden,
    provinces: &[Approved],
    divided: bool,
    row: usize,
    column: usize,
) -> Cell {
    let known = match row.checked_sub(1) {
        None => provinces.iter().any(|one| one.total.is_some()),
        Some(at) => provinces.get(at).is_some_and(|one| one.total.is_some()),
    };
    if !known {
        return Cell::Missing;
    }
    let at = if divided { vec![row, column] } else { vec![row] };
    if hidden.is_hidden(table, &at) {
        return Cell::Hidden;
    }
    table.value(&at).map_or(Cell::Missing, Cell::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn province(total: i64, options: &[i64]) -> Approved {
        Approved { total: Some(total), options: options.iter().map(|one| Some(*one)).collect() }
    }

    /// What can be computed of hidden cells from what is published, by adding and subtracting along rows and
    /// columns until nothing more comes out.
    pub fn attacked(rows: &[Vec<Cell>]) -> Vec<(usize, usize, i64)> {
        let mut known: Vec<Vec<Option<i64>>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| match cell {
                        Cell::Number(number) => Some(*number),
                        Cell::Missing => Some(0),
                        Cell::Hidden => None,
                    })
                    .collect()
            })
            .collect();
        let (height, width) = (rows.len(), rows[0].len());
        let mut found = Vec::new();
        loop {
            let before = found.len();
            let lines = (0..height)
                .map(|row| (0..width).map(|column| (row, column)).collect::<Vec<_>>())
                .chain((0..width).map(|column| (0..height).map(|row| (row, column)).collect()));
            for line in lines.filter(|line| line.len() > 1) {
                let open: Vec<_> =
                    line.iter().filter(|(row, column)| known[*row][*column].is_none()).collect();
                let [(row, column)] = open[..] else { continue };
                let parts: i64 =
                    line[1..].iter().filter_map(|(row, column)| known[*row][*column]).sum();
                let (total_row, total_column) = line[0];
                let number = if (*row, *column) == line[0] {
                    parts
                } else {
                    known[total_row][total_column].unwrap_or(0) - parts
                };
                known[*row][*column] = Some(number);
                found.push((*row, *column, number));
            }
            if found.len() == before {
                return found;
            }
        }
    }

    #[test]
    fn a_small_cell_is_hidden_with_a_companion_in_its_row_and_column() {
        let told = publish(
            &[province(100, &[97, 3]), province(50, &[30, 20]), province(60, &[20, 40])],
            2,
            true,
        )
        .expect("a table");
        assert_eq!(told.rows[1][2], Cell::Hidden);
        assert!(told.hidden >= 4, "{told:?}");
        assert_eq!(attacked(&told.rows), []);
    }

    #[test]
    fn works_and_money_speak_of_nobody() {
        let told = publish(&[province(3, &[]), province(1, &[])], 0, false).expect("a table");
        assert_eq!(told.rows, [[Cell::Number(4)], [Cell::Number(3)], [Cell::Number(1)]]);
    }

    #[test]
    fn what_nobody_approved_is_missing_and_no_zero() {
        let told = publish(&[Approved::default(), province(9, &[])], 0, true).expect("a table");
        assert_eq!(told.rows[1], [Cell::Missing]);
        let wrong = publish(&[province(5, &[9])], 1, true).expect("a table");
        assert!(!wrong.divided, "a part above its total is not published");
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_out_by_adding_and_subtracting(
            table in prop::collection::vec(prop::collection::vec(0_i64..12, 3), 2..8),
        ) {
            let provinces: Vec<Approved> = table.iter()
                .map(|row| province(row.iter().sum(), &row[..2])).collect();
            let told = publish(&provinces, 2, true).unwrap();
            prop_assert_eq!(attacked(&told.rows), vec![]);
            for row in &told.rows {
                prop_assert!(row.iter().all(|cell| !matches!(cell, Cell::Number(1..=4))));
            }
        }
    }
}
