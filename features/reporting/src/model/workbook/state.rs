//! The four states of a cell in a spreadsheet: a number, `KPS: lý do` for *không phát sinh*, `KSL: lý do` for
//! *không có số liệu*, and an empty cell for *not reported*.

use kernel::text::{fold, tidy};

use super::read::{Seen, What};
use crate::model::{
    amount::{AmountProblem, Unit, print_amount, read_amount, read_plain},
    cell::CellState,
};

/// What was read, and what is to be said of how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadState {
    /// What the cell says.
    pub state: CellState,
    /// Fluent key of what its owner should know: a formula, text that holds a number, another unit.
    pub remark: Option<&'static str>,
}

/// As a spreadsheet's text: numbers in Vietnamese notation.
pub fn print_state(state: &CellState, decimals: u32) -> String {
    let with = |mark: &str, why: &str| {
        if why.is_empty() { mark.to_owned() } else { format!("{mark}: {why}") }
    };
    match state {
        CellState::Value(amount) => print_amount(*amount, decimals),
        CellState::Nil(why) => with("KPS", why),
        CellState::NoData(why) => with("KSL", why),
    }
}

/// Reads a cell for figures.
pub fn read_state(seen: &Seen, unit: &Unit, decimals: u32) -> Result<ReadState, AmountProblem> {
    match &seen.what {
        What::Failed(_) | What::Unsolved | What::Day(_) | What::Truth(_) => Err(no_number(seen)),
        What::Number(number) => {
            let state = CellState::Value(read_plain(&number.to_string(), decimals)?);
            // 98 % typed into a cell for numbers is stored as 0,98.
            let share = unit.is_share() && *number > 0.0 && *number < 1.0;
            let remark = match (seen.formula, share) {
                (_, true) => Some("reporting-import-share"),
                (true, _) => Some("reporting-import-formula"),
                _ => None,
            };
            Ok(ReadState { state, remark })
        }
        What::Text(text) => {
            let formula = seen.formula.then_some("reporting-import-formula");
            if let Some(state) = said(text) {
                return Ok(ReadState { state, remark: formula });
            }
            let read = read_amount(text, unit, decimals)?;
            let remark =
                if read.restated { "reporting-import-restated" } else { "reporting-import-text" };
            Ok(ReadState { state: CellState::Value(read.amount), remark: Some(remark) })
        }
    }
}

/// Why what a spreadsheet holds is no number, where one is asked for.
pub(super) fn no_number(seen: &Seen) -> AmountProblem {
    let key = match seen.what {
        What::Failed(_) => "reporting-import-failed",
        What::Unsolved => "reporting-import-unsolved",
        What::Day(_) => "reporting-import-date",
        What::Truth(true) => "reporting-import-true",
        What::Truth(false) => "reporting-import-false",
        _ => "reporting-amount-not-number",
    };
    told(key, &seen.said())
}

/// *Không phát sinh* or *không có số liệu*, with the reason after a colon.
fn said(text: &str) -> Option<CellState> {
    let (mark, why) = text.split_once([':', '\u{ff1a}']).unwrap_or((text, ""));
    let (mark, why) = (mark.trim(), tidy(why));
    let folded = fold(mark);
    if ["-", "–", "—", "\u{2212}"].contains(&mark)
        || ["kps", "khong phat sinh", "khong ps"].contains(&folded.as_str())
    {
        Some(CellState::Nil(why))
    } else if ["...", "..", "…"].contains(&mark)
        || ["ksl", "khong co so lieu"].contains(&folded.as_str())
    {
        Some(CellState::NoData(why))
    } else {
        None
    }
}

pub(super) fn told(key: &'static str, text: &str) -> AmountProblem {
    let text: String = text.chars().take(40).collect();
    AmountProblem { key, args: vec![("text", text)] }
}

/// As the hidden sheet keeps it: `v:1250`, `n:lý do`, `d:lý do`, empty for no figure.
pub(super) fn code_state(state: Option<&CellState>) -> String {
    match state {
        None => String::new(),
        Some(CellState::Value(amount)) => format!("v:{amount}"),
        Some(CellState::Nil(why)) => format!("n:{why}"),
        Some(CellState::NoData(why)) => format!("d:{why}"),
    }
}

/// Reads [`code_state`]; an unreadable one is no figure.
pub(super) fn decode_state(text: &str) -> Option<CellState> {
    let (kind, rest) = text.split_once(':')?;
    match kind {
        "v" => rest.parse().ok().map(CellState::Value),
        "n" => Some(CellState::Nil(rest.to_owned())),
        "d" => Some(CellState::NoData(rest.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::amount::unit;

    fn text(text: &str) -> Seen {
        Seen { what: What::Text(text.to_owned()), formula: false }
    }

    fn read(seen: &Seen, code: &str, decimals: u32) -> Result<ReadState, &'static str> {
        read_state(seen, unit(code).expect("a unit"), decimals).map_err(|problem| problem.key)
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_state() {
        let states = [
            CellState::Value(0),
            CellState::Value(-12_345_678),
            CellState::Nil("Chưa đến kỳ: sang quý I".to_owned()),
            CellState::NoData(String::new()),
        ];
        for state in states {
            let read = read(&text(&print_state(&state, 2)), "trieu-dong", 2).expect("a state");
            assert_eq!(read.state, state);
            assert_eq!(decode_state(&code_state(Some(&state))), Some(state));
        }
    }

    #[test]
    fn every_way_of_writing_a_figure_is_understood_or_refused_with_the_reason() {
        let value = |amount| CellState::Value(amount);
        let good = [
            (text("306.105 triệu"), "trieu-dong", 0, value(306_105), "reporting-import-text"),
            (text("2,5 tỷ"), "trieu-dong", 0, value(2_500), "reporting-import-restated"),
            (text("１２３"), "nguoi", 0, value(123), "reporting-import-text"),
            (text("1.234"), "nguoi", 0, value(1_234), "reporting-import-text"),
            (
                Seen { what: What::Number(198.0), formula: true },
                "nguoi",
                0,
                value(198),
                "reporting-import-formula",
            ),
            (
                Seen { what: What::Number(0.98), formula: false },
                "phan-tram",
                2,
                value(98),
                "reporting-import-share",
            ),
        ];
        for (seen, unit, decimals, state, remark) in good {
            let read = read(&seen, unit, decimals);
            assert_eq!(read, Ok(ReadState { state, remark: Some(remark) }), "{seen:?}");
        }
        let noise = Seen { what: What::Number(0.1 + 0.2), formula: false };
        assert_eq!(read(&noise, "ha", 1).map(|read| read.state), Ok(value(3)));
        let bad = [
            (text("nhiều"), "reporting-amount-not-number"),
            (text("12/5/2026"), "reporting-amount-date"),
            (text("3-5"), "reporting-amount-range"),
            (
                Seen { what: What::Day("2026-05-12".to_owned()), formula: false },
                "reporting-import-date",
            ),
            (
                Seen { what: What::Failed("#REF!".to_owned()), formula: true },
                "reporting-import-failed",
            ),
            (Seen { what: What::Truth(true), formula: false }, "reporting-import-true"),
            (Seen { what: What::Truth(false), formula: false }, "reporting-import-false"),
            (Seen { what: What::Unsolved, formula: true }, "reporting-import-unsolved"),
            (Seen { what: What::Number(12.5), formula: false }, "reporting-amount-whole"),
            (Seen { what: What::Number(1e300), formula: false }, "reporting-amount-not-number"),
            (Seen { what: What::Number(f64::NAN), formula: false }, "reporting-amount-not-number"),
        ];
        for (seen, key) in bad {
            assert_eq!(read(&seen, "nguoi", 0).map(|_| ()), Err(key), "{seen:?}");
        }
    }

    #[test]
    fn words_behind_a_number_mean_what_they_mean_on_the_page() {
        let state = |typed: &str, code| read(&text(typed), code, 0).map(|read| read.state);
        for (typed, code) in [("306.105 triệu", "cuoc"), ("1 tỷ", "luot-nguoi"), ("1 tỉ m", "m")]
        {
            assert_eq!(state(typed, code), Err("reporting-amount-magnitude"), "{typed}");
        }
        let thousands = read(&text("2 nghìn người"), "nguoi", 0).expect("people speak so");
        let remark = Some("reporting-import-restated");
        assert_eq!(thousands, ReadState { state: CellState::Value(2_000), remark });
        assert_eq!(state("2 tỷ", "trieu-dong"), Ok(CellState::Value(2_000)));
        assert_eq!(state("500 nghìn", "dong"), Ok(CellState::Value(500_000)));
        assert_eq!(state("2 km", "m"), Ok(CellState::Value(2_000)));
        assert_eq!(state("12 cuộc", "cuoc"), Ok(CellState::Value(12)));
        assert_eq!(state("20 ‰", "phan-tram"), Ok(CellState::Value(2)));
    }

    #[test]
    fn what_stands_in_a_cell_is_told_as_people_write_it() {
        let day = Seen { what: What::Day("2026-10-05".to_owned()), formula: false };
        let unit = unit("nguoi").expect("a unit");
        let problem = read_state(&day, unit, 0).expect_err("no figure");
        assert_eq!(problem.arg("text"), Some("05/10/2026"));
    }
}
