//! What must hold of a row of a growing table, wherever it came from: the page refuses it, a workbook that comes back
//! refuses the cell, and nobody signs it. Days outside the period may be right, and ask for an explanation.

use std::{cmp::Ordering, collections::BTreeMap};

use kernel::clock::Day;

use super::{
    amount::{compare, convert, print_amount, unit},
    form::{ColumnKind, RowColumn, RowTable, Severity},
    period::Period,
};

/// A day further from the period than this is a slip of the year.
const YEARS_FAR: i32 = 20;
/// So much of what is no number is told again.
const SHOWN_MOST: usize = 40;

/// What is amiss with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amiss {
    /// Nothing stands in a column that no row may leave empty.
    Empty,
    /// It is no number.
    Unread(String),
    /// Less than nothing.
    Negative,
    /// More than the column may hold: what stands, the most.
    TooMuch(String, String),
    /// More than the column of which it is a part: what stands, that column, what stands there.
    OverWhole(String, String, String),
    /// A day outside the period: the day, the period.
    OffPeriod(String, String),
    /// A day decades away from the period: the day, the period.
    Far(String, String),
}

impl Amiss {
    /// How bad it is.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::OffPeriod(..) | Self::Far(..) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The key of its words where the row is told of from afar; they take `$section`, `$row` and `$column`, too.
    pub const fn in_report(&self) -> &'static str {
        match self {
            Self::Empty => "reporting-check-row-empty",
            Self::Unread(_) => "reporting-check-row-unread",
            Self::Negative => "reporting-check-row-negative",
            Self::TooMuch(..) => "reporting-check-row-too-much",
            Self::OverWhole(..) => "reporting-check-row-over-whole",
            Self::OffPeriod(..) => "reporting-check-row-off-period",
            Self::Far(..) => "reporting-check-row-far",
        }
    }

    /// The key of its words beside the cell.
    pub const fn at_cell(&self) -> &'static str {
        match self {
            Self::Empty => "reporting-row-needs",
            Self::Unread(_) => "reporting-amount-not-number",
            Self::Negative => "reporting-row-negative",
            Self::TooMuch(..) => "reporting-row-too-much",
            Self::OverWhole(..) => "reporting-row-over-whole",
            Self::OffPeriod(..) => "reporting-row-off-period",
            Self::Far(..) => "reporting-row-far",
        }
    }

    /// What both take.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self.clone() {
            Self::Empty | Self::Negative => Vec::new(),
            Self::Unread(text) => vec![("text", text)],
            Self::TooMuch(amount, most) => vec![("amount", amount), ("most", most)],
            Self::OverWhole(amount, of, whole) => {
                vec![("amount", amount), ("of", of), ("whole", whole)]
            }
            Self::OffPeriod(day, period) | Self::Far(day, period) => {
                vec![("day", day), ("period", period), ("years", YEARS_FAR.to_string())]
            }
        }
    }
}

impl RowTable {
    /// What is amiss with a row of stored cells, column by column. Without a period its days are not looked at.
    pub fn amiss(
        &self,
        cells: &BTreeMap<String, String>,
        period: Option<&Period>,
    ) -> Vec<(&RowColumn, Amiss)> {
        let text = |column: &RowColumn| cells.get(&column.code).map_or("", String::as_str);
        let one = |column| Some((column, self.cell(column, text(column), &text, period)?));
        self.columns.iter().filter_map(one).collect()
    }

    fn cell<'c>(
        &self,
        column: &RowColumn,
        stored: &str,
        text: &impl Fn(&RowColumn) -> &'c str,
        period: Option<&Period>,
    ) -> Option<Amiss> {
        if stored.is_empty() {
            return column.required.then_some(Amiss::Empty);
        }
        match column.kind {
            ColumnKind::Number { .. } => {
                let Some(amount) = column.amount(stored) else {
                    return Some(Amiss::Unread(stored.chars().take(SHOWN_MOST).collect()));
                };
                if amount < 0 {
                    return Some(Amiss::Negative);
                }
                column.too_much(amount).or_else(|| self.over_whole(column, amount, text))
            }
            ColumnKind::Day => column.off_period(Day::parse(stored)?, period?),
            _ => None,
        }
    }

    fn over_whole<'c>(
        &self,
        column: &RowColumn,
        amount: i64,
        text: &impl Fn(&RowColumn) -> &'c str,
    ) -> Option<Amiss> {
        let code = column.bounds.part_of.as_ref()?;
        let whole = self.columns.iter().find(|one| one.code == *code)?;
        let (of, decimals) = whole.measure()?;
        let stands = whole.amount(text(whole))?;
        let (own, own_decimals) = column.measure()?;
        let order = compare((amount, own_decimals, unit(own)?), (stands, decimals, unit(of)?));
        (order == Some(Ordering::Greater))
            .then(|| Amiss::OverWhole(column.told(amount), whole.title.clone(), whole.told(stands)))
    }
}

impl RowColumn {
    /// The code of its unit and the decimals that it keeps; none for what is no number.
    pub const fn measure(&self) -> Option<(&str, u32)> {
        match &self.kind {
            ColumnKind::Number { unit, decimals, .. } => Some((unit.as_str(), *decimals)),
            _ => None,
        }
    }

    /// The largest amount it may hold, in its last decimal; none where there is no largest.
    pub fn most(&self) -> Option<i64> {
        let (code, decimals) = self.measure()?;
        let own = unit(code)?;
        match self.bounds.most {
            Some(most) => convert(i64::from(most), 0, own, own, decimals),
            // Of other kinds, differences of shares among them, nobody knows the most.
            None => convert(100, 0, unit("phan-tram")?, own, decimals),
        }
    }

    fn too_much(&self, amount: i64) -> Option<Amiss> {
        let most = self.most()?;
        (amount > most).then(|| Amiss::TooMuch(self.told(amount), self.told(most)))
    }

    fn off_period(&self, day: Day, period: &Period) -> Option<Amiss> {
        let far = day.days_since(period.from).abs() > YEARS_FAR * 366;
        let told = || (day.short(), period.window());
        match (far, self.bounds.in_period && !period.contains(day)) {
            (true, _) => Some(told()).map(|(day, period)| Amiss::Far(day, period)),
            (false, true) => Some(told()).map(|(day, period)| Amiss::OffPeriod(day, period)),
            (false, false) => None,
        }
    }

    /// An amount of its own, with its unit.
    pub(super) fn told(&self, amount: i64) -> String {
        let decimals = self.measure().map_or(0, |(_, decimals)| decimals);
        self.with_unit(&print_amount(amount, decimals))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{amount::plain_amount, form::Bounds};

    fn column(code: &str, kind: ColumnKind, bounds: Bounds) -> RowColumn {
        RowColumn { code: code.into(), title: code.to_uppercase(), kind, required: false, bounds }
    }

    fn number(unit: &str, decimals: u32) -> ColumnKind {
        ColumnKind::Number { unit: unit.to_owned(), decimals, element: None }
    }

    fn part_of(code: &str) -> Bounds {
        Bounds { part_of: Some(code.to_owned()), ..Bounds::default() }
    }

    fn row(cells: &[(&str, &str)]) -> BTreeMap<String, String> {
        cells.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect()
    }

    fn amiss(columns: Vec<RowColumn>, cells: &[(&str, &str)]) -> Vec<Amiss> {
        let table = RowTable { columns, max_rows: 9 };
        let period = Period::parse("nd09q-2026-4").expect("a quarter");
        table.amiss(&row(cells), Some(&period)).into_iter().map(|(_, amiss)| amiss).collect()
    }

    #[test]
    fn a_part_is_no_more_than_its_whole() {
        let columns = || {
            let whole = column("tong", number("nguoi", 0), Bounds::default());
            vec![whole, column("nu", number("nguoi", 0), part_of("tong"))]
        };
        let over = Amiss::OverWhole("20 người".into(), "TONG".into(), "10 người".into());
        assert_eq!(amiss(columns(), &[("tong", "10"), ("nu", "20")]), [over]);
        assert_eq!(amiss(columns(), &[("tong", "10"), ("nu", "10")]), []);
        assert_eq!(amiss(columns(), &[("nu", "20")]), [], "the whole is not known yet");
        let area = vec![
            column("tong", number("ha", 1), Bounds::default()),
            column("lua", number("m2", 0), part_of("tong")),
        ];
        assert_eq!(amiss(area.clone(), &[("tong", "1.5"), ("lua", "15000")]), []);
        assert_eq!(amiss(area, &[("tong", "1.5"), ("lua", "15001")]).len(), 1);
    }

    #[test]
    fn percentages_end_at_a_hundred_unless_the_column_says_otherwise() {
        let share = |unit: &str, most| {
            vec![column("pt", number(unit, 1), Bounds { most, ..Bounds::default() })]
        };
        let over = Amiss::TooMuch("130%".into(), "100%".into());
        assert_eq!(amiss(share("phan-tram", None), &[("pt", "130")]), [over]);
        assert_eq!(amiss(share("phan-tram", None), &[("pt", "100")]), []);
        assert_eq!(amiss(share("phan-tram", Some(150)), &[("pt", "130")]), []);
        assert_eq!(amiss(share("phan-tram", Some(150)), &[("pt", "150.1")]).len(), 1);
        assert_eq!(amiss(share("phan-nghin", None), &[("pt", "1000")]), []);
        assert_eq!(amiss(share("phan-nghin", None), &[("pt", "1000.1")]).len(), 1);
        assert_eq!(amiss(share("diem-phan-tram", None), &[("pt", "130")]), []);
        assert_eq!(amiss(share("nguoi", Some(50)), &[("pt", "51")]).len(), 1);
    }

    #[test]
    fn a_day_outside_the_period_asks_and_does_not_refuse() {
        let day = |in_period| {
            let bounds = Bounds { in_period, ..Bounds::default() };
            vec![column("ngay", ColumnKind::Day, bounds)]
        };
        let window = "15/9 – 14/12/2026";
        let off = Amiss::OffPeriod("14/09/2026".into(), window.into());
        assert_eq!(off.severity(), Severity::Warning);
        assert_eq!(amiss(day(true), &[("ngay", "2026-09-14")]), [off]);
        for within in ["2026-09-15", "2026-12-14"] {
            assert_eq!(amiss(day(true), &[("ngay", within)]), [], "{within}");
        }
        assert_eq!(
            amiss(day(false), &[("ngay", "2030-01-01")]),
            [],
            "a plan may be of years ahead"
        );
        for slip in ["2062-10-05", "1926-10-05"] {
            for in_period in [true, false] {
                let told = amiss(day(in_period), &[("ngay", slip)]);
                assert!(matches!(told[..], [Amiss::Far(..)]), "{slip}: {told:?}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_told() {
        let columns = vec![column("so", number("nguoi", 0), Bounds::default())];
        assert_eq!(
            amiss(columns.clone(), &[("so", "không rõ")]),
            [Amiss::Unread("không rõ".into())]
        );
        assert_eq!(amiss(columns, &[("so", "-5")]), [Amiss::Negative]);
    }

    #[test]
    fn everything_has_words_in_both_languages() {
        let source = include_str!("row_checks.rs").split("mod tests").next().expect("the code");
        let keys = source.split('"').filter(|text| text.starts_with("reporting-"));
        for key in keys {
            for locale in crate::module().locales {
                assert!(locale.text.contains(&format!("\n{key} = ")), "{}: {key}", locale.name);
            }
        }
    }

    proptest! {
        #[test]
        fn a_part_is_over_exactly_when_it_is_larger(
            part in 0_i64..=9_999_999, whole in 0_i64..=9_999_999, decimals in 0_u32..=3,
        ) {
            let columns = vec![
                column("tong", number("ha", decimals), Bounds::default()),
                column("lua", number("ha", decimals), part_of("tong")),
            ];
            let (tong, lua) = (plain_amount(whole, decimals), plain_amount(part, decimals));
            let told = amiss(columns, &[("tong", &tong), ("lua", &lua)]);
            prop_assert_eq!(!told.is_empty(), part > whole);
        }
    }
}
