//! Cells of growing tables as people read them: one way for pages, paper and files. Numbers are stored plainly
//! (`1234.5`), days as `2026-12-16`, choices and components by code.

use std::collections::BTreeMap;

use kernel::clock::Day;

use super::{
    amount::{Unit, convert_rounded, plain_amount, print_amount, read_amount, read_plain, unit},
    element::DataElement,
    form::{ColumnKind, RowColumn, RowTable},
};

/// The amount that a stored number is, in its smallest step. Workbooks once left numbers in Vietnamese notation: `1.250`
/// is no plain number, since that is written `1.25`.
pub fn stored_amount(stored: &str, code: &str, decimals: u32) -> Option<i64> {
    let plain = read_plain(stored, decimals).ok();
    let is_plain = plain.is_some_and(|amount| plain_amount(amount, decimals) == stored);
    let typed = || Some(read_amount(stored, unit(code)?, decimals).ok()?.amount);
    plain.filter(|_| is_plain).or_else(typed).or(plain)
}

/// Why there is no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// A cell holds no number.
    Unread,
    /// The sum is larger than is carried, or measures something else than what it is added to.
    Beyond,
}

/// What columns add up to, in the unit of an element with its decimals, each with its rows; none when nothing stands in
/// them. The sum of each is rounded once, where its element keeps fewer decimals: forms made before that was refused.
pub fn total(
    columns: &[(&RowColumn, Vec<&BTreeMap<String, String>>)],
    element: &DataElement,
) -> Result<Option<i64>, Untold> {
    let mut total: Option<i64> = None;
    for (column, rows) in columns {
        let Some(sum) = column.sum(rows.iter().copied())? else { continue };
        let own = column.in_element(sum, element).ok_or(Untold::Beyond)?;
        total = Some(total.unwrap_or(0).checked_add(own).ok_or(Untold::Beyond)?);
    }
    Ok(total)
}

impl RowColumn {
    fn in_element(&self, sum: i64, element: &DataElement) -> Option<i64> {
        let ColumnKind::Number { unit: code, decimals, .. } = &self.kind else { return None };
        convert_rounded(sum, *decimals, unit(code)?, unit(&element.unit)?, element.decimals)
    }

    /// Its heading, with the unit of its numbers.
    pub fn heading(&self) -> String {
        match &self.kind {
            ColumnKind::Number { unit: code, .. } => format!("{} ({})", self.title, name(code)),
            _ => self.title.clone(),
        }
    }

    /// The amount that a stored cell is, in its smallest step; none for what is no number.
    pub fn amount(&self, stored: &str) -> Option<i64> {
        let ColumnKind::Number { unit: code, decimals, .. } = &self.kind else { return None };
        stored_amount(stored, code, *decimals)
    }

    /// What a column adds up to, in its smallest step; none when nothing stands in it. A sum that leaves out what cannot
    /// be read would pass for the whole: there is none then.
    pub fn sum<'r>(
        &self,
        rows: impl Iterator<Item = &'r BTreeMap<String, String>>,
    ) -> Result<Option<i64>, Untold> {
        let stored = rows.filter_map(|row| row.get(&self.code)).filter(|text| !text.is_empty());
        stored.into_iter().try_fold(None, |sum: Option<i64>, text| {
            let amount = self.amount(text).ok_or(Untold::Unread)?;
            sum.unwrap_or(0).checked_add(amount).map(Some).ok_or(Untold::Beyond)
        })
    }

    /// A stored cell as people read it; `component` names a component of the programme by its code.
    pub fn shown<'n>(
        &self,
        stored: &str,
        component: impl FnOnce(&str) -> Option<&'n str>,
    ) -> String {
        let told = match &self.kind {
            ColumnKind::Number { decimals, .. } => {
                self.amount(stored).map(|amount| print_amount(amount, *decimals))
            }
            ColumnKind::Day => Day::parse(stored).map(Day::short),
            ColumnKind::Choice(all) => {
                all.iter().find(|one| one.code == stored).map(|one| one.name.clone())
            }
            ColumnKind::Component => component(stored).map(ToOwned::to_owned),
            ColumnKind::Text | ColumnKind::Work => None,
        };
        told.unwrap_or_else(|| stored.to_owned())
    }

    /// What is shown of a cell, with its unit: for where no heading says it.
    pub fn with_unit(&self, shown: &str) -> String {
        match &self.kind {
            ColumnKind::Number { unit: code, .. }
                if shown.ends_with(|c: char| c.is_ascii_digit()) =>
            {
                let name = name(code);
                let apart = if name.starts_with(char::is_alphabetic) { " " } else { "" };
                format!("{shown}{apart}{name}")
            }
            _ => shown.to_owned(),
        }
    }
}

impl RowTable {
    /// The sums of its columns with numbers below several rows; empty where there is none to tell. Shares do not add up.
    pub fn sums(&self, rows: &[BTreeMap<String, String>]) -> Vec<String> {
        let sum = |column: &RowColumn| {
            let ColumnKind::Number { unit: code, decimals, .. } = &column.kind else {
                return String::new();
            };
            let sum = column.sum(rows.iter()).ok().flatten();
            let adds = !unit(code).is_some_and(Unit::is_share);
            sum.filter(|_| adds).map_or_else(String::new, |sum| print_amount(sum, *decimals))
        };
        let sums: Vec<String> = self.columns.iter().map(sum).collect();
        let any = rows.len() > 1 && sums.iter().any(|one| !one.is_empty());
        if any { sums } else { Vec::new() }
    }
}

/// The name of a unit; its code when it is none of ours.
fn name(code: &str) -> &str {
    unit(code).map_or(code, |unit| unit.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::form::Bounds, reference::shipped};

    fn number(unit: &str, decimals: u32) -> RowColumn {
        RowColumn {
            code: "so".to_owned(),
            title: "Mức".to_owned(),
            kind: ColumnKind::Number { unit: unit.to_owned(), decimals, element: None },
            required: false,
            bounds: Bounds::default(),
        }
    }

    #[test]
    fn a_number_reads_the_same_however_it_came_into_its_row() {
        let money = number("trieu-dong", 3);
        for stored in ["2750.5", "2.750,5"] {
            assert_eq!(money.shown(stored, |_| None), "2.750,5", "{stored}");
        }
        let people = number("nguoi", 0);
        for stored in ["1250", "1.250"] {
            assert_eq!(people.with_unit(&people.shown(stored, |_| None)), "1.250 người");
        }
        assert_eq!(people.shown("nhiều lắm", |_| None), "nhiều lắm", "what is no number stays");
        let share = number("phan-tram", 1);
        assert_eq!(share.with_unit(&share.shown("98.5", |_| None)), "98,5%");
        assert_eq!(money.heading(), "Mức (triệu đồng)");
    }

    #[test]
    fn numbers_add_up_below_several_rows_and_shares_never_do() {
        let table = |column| RowTable { columns: vec![column], max_rows: 9 };
        let rows = |all: &[&str]| -> Vec<BTreeMap<String, String>> {
            all.iter().map(|text| [("so".to_owned(), (*text).to_owned())].into()).collect()
        };
        let money = table(number("trieu-dong", 1));
        assert_eq!(money.sums(&rows(&["2750.5", "1.249,5"])), ["4.000"]);
        assert_eq!(money.sums(&rows(&["2750.5"])), Vec::<String>::new(), "one row is its own sum");
        assert_eq!(money.sums(&rows(&["", "không rõ"])), Vec::<String>::new(), "nothing to add");
        assert_eq!(money.sums(&rows(&["5", "không rõ"])), Vec::<String>::new(), "half a sum");
        assert_eq!(table(number("phan-tram", 0)).sums(&rows(&["40", "50"])), Vec::<String>::new());
    }

    #[test]
    fn a_total_is_of_every_row_or_there_is_none() {
        let money = shipped().elements.iter().find(|one| one.code.as_str() == "bm08.kp");
        let money = money.expect("shipped");
        let of = |column: &RowColumn, texts: &[&str]| {
            let rows: Vec<BTreeMap<String, String>> =
                texts.iter().map(|text| [("so".to_owned(), (*text).to_owned())].into()).collect();
            total(&[(column, rows.iter().collect())], money)
        };
        assert_eq!((money.unit.as_str(), money.decimals), ("trieu-dong", 3));
        assert_eq!(of(&number("trieu-dong", 3), &["1.5", "", "2"]), Ok(Some(3_500)));
        assert_eq!(of(&number("trieu-dong", 3), &[""]), Ok(None));
        assert_eq!(of(&number("trieu-dong", 3), &["1.5", "không rõ"]), Err(Untold::Unread));
        assert_eq!(of(&number("nguoi", 0), &["7"]), Err(Untold::Beyond));
        // 600 and 600 đồng are 1.2 thousand, rounded once.
        assert_eq!(of(&number("dong", 0), &["600", "600"]), Ok(Some(1)));
        let most = "999999999999999";
        assert_eq!(of(&number("ty-dong", 0), &[most, most]), Err(Untold::Beyond));
    }

    #[test]
    fn a_component_is_called_by_its_name() {
        let column = RowColumn { kind: ColumnKind::Component, ..number("", 0) };
        let name = |code: &str| (code == "1087.gd2").then_some("Giai đoạn 2");
        assert_eq!(column.shown("1087.gd2", name), "Giai đoạn 2");
        assert_eq!(column.shown("9", name), "9");
    }
}
