//! What was typed into a cell, read against what the person saw there: nothing, an edit, or a problem to be told
//! beside the cell. Pure.

use crate::model::{
    CellState, DataElement,
    amount::{AmountProblem, print_amount, read_amount, unit},
};

/// What a cell says instead of a number, or that it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// A number, or nothing yet.
    Value,
    /// *Không phát sinh*.
    Nil,
    /// *Không có số liệu*.
    NoData,
}

impl Choice {
    /// In forms.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Nil => "nil",
            Self::NoData => "no-data",
        }
    }

    /// From a form.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Value, Self::Nil, Self::NoData].into_iter().find(|one| one.code() == code)
    }

    /// Of what stands in a cell.
    pub(crate) const fn of(state: Option<&CellState>) -> Self {
        match state {
            Some(CellState::Nil(_)) => Self::Nil,
            Some(CellState::NoData(_)) => Self::NoData,
            _ => Self::Value,
        }
    }

    fn state(self, why: String) -> Option<CellState> {
        match self {
            Self::Value => None,
            Self::Nil => Some(CellState::Nil(why)),
            Self::NoData => Some(CellState::NoData(why)),
        }
    }
}

/// What was sent for a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The number's text.
    pub(crate) text: String,
    /// What was chosen instead; none where there is no such choice.
    pub(crate) choice: Option<Choice>,
    /// Why.
    pub(crate) reason: String,
}

/// What that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Nothing was changed.
    Same,
    /// This shall stand there; none to empty the cell.
    Edit(Option<CellState>),
    /// It cannot be understood.
    Wrong(AmountProblem),
}

/// Fewer letters give no reason.
const REASON_LEAST: usize = 3;

/// Reads it. `seen` is what the page showed.
pub(crate) fn read(typed: &Typed, seen: Option<&CellState>, element: &DataElement) -> Meant {
    let text = typed.text.trim();
    let retyped = text != super::shown(seen, element);
    let before = Choice::of(seen);
    let choice = typed.choice.unwrap_or(before);
    let said = match seen {
        Some(state) if choice != Choice::Value => state.reason(),
        _ => "",
    };
    let rechosen = choice != before || (typed.choice.is_some() && typed.reason.trim() != said);
    if choice == Choice::Value || (!text.is_empty() && retyped && !rechosen) {
        return number(text, retyped || choice != before, seen, element);
    }
    if !text.is_empty() && retyped {
        return wrong("reporting-entry-both", text);
    }
    if !rechosen {
        return Meant::Same;
    }
    let reason = kernel::text::tidy(&typed.reason);
    if reason.chars().count() < REASON_LEAST {
        return wrong("reporting-entry-needs-reason", text);
    }
    Meant::Edit(choice.state(reason))
}

fn number(text: &str, changed: bool, seen: Option<&CellState>, element: &DataElement) -> Meant {
    if !changed {
        return Meant::Same;
    }
    if text.is_empty() {
        return if seen.is_some() { Meant::Edit(None) } else { Meant::Same };
    }
    let Some(unit) = unit(&element.unit) else {
        return wrong("reporting-amount-not-number", text);
    };
    match read_amount(text, unit, element.decimals) {
        Err(problem) => Meant::Wrong(problem),
        Ok(read) => {
            let state = CellState::Value(read.amount);
            if seen == Some(&state) { Meant::Same } else { Meant::Edit(Some(state)) }
        }
    }
}

fn wrong(key: &'static str, text: &str) -> Meant {
    let shown = text.chars().take(40).collect();
    Meant::Wrong(AmountProblem { key, args: vec![("text", shown)] })
}

/// A number as it is shown back.
pub(crate) fn back(amount: i64, element: &DataElement) -> String {
    print_amount(amount, element.decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element() -> DataElement {
        let body = r#"{"code":"10.6","name":"Lượt","unit":"luot-nguoi","law":"additive","mark":"derived"}"#;
        let law = areas::view::Law::Additive.code();
        serde_json::from_str(&body.replace("\"additive\"", &format!("\"{law}\"")))
            .expect("an element")
    }

    fn typed(text: &str, choice: Option<Choice>, reason: &str) -> Typed {
        Typed { text: text.to_owned(), choice, reason: reason.to_owned() }
    }

    fn nil(why: &str) -> CellState {
        CellState::Nil(why.to_owned())
    }

    #[test]
    fn what_was_not_touched_is_no_edit() {
        let value = CellState::Value(1_980);
        let of = |typed: Typed, seen: Option<&CellState>| read(&typed, seen, &element());
        assert_eq!(of(typed("1.980", None, ""), Some(&value)), Meant::Same);
        assert_eq!(of(typed("1.980", Some(Choice::Value), ""), Some(&value)), Meant::Same);
        assert_eq!(of(typed("1980", None, ""), Some(&value)), Meant::Same, "written otherwise");
        assert_eq!(of(typed("", None, ""), Some(&nil("mưa lũ"))), Meant::Same);
        assert_eq!(of(typed("", Some(Choice::Nil), "mưa lũ"), Some(&nil("mưa lũ"))), Meant::Same);
        assert_eq!(of(typed("", Some(Choice::Value), ""), None), Meant::Same);
    }

    #[test]
    fn numbers_reasons_and_emptied_cells_are_edits() {
        let value = CellState::Value(198);
        let of = |typed: Typed, seen: Option<&CellState>| read(&typed, seen, &element());
        assert_eq!(
            of(typed("２１０", None, ""), Some(&value)),
            Meant::Edit(Some(CellState::Value(210)))
        );
        assert_eq!(of(typed("", None, ""), Some(&value)), Meant::Edit(None));
        assert_eq!(
            of(typed("198", Some(Choice::Nil), "mưa lũ"), Some(&value)),
            Meant::Edit(Some(nil("mưa lũ")))
        );
        assert_eq!(
            of(typed("", Some(Choice::Nil), "bão"), Some(&nil("mưa lũ"))),
            Meant::Edit(Some(nil("bão")))
        );
        assert_eq!(
            of(typed("", Some(Choice::Value), "mưa lũ"), Some(&nil("mưa lũ"))),
            Meant::Edit(None)
        );
        assert_eq!(
            of(typed("7", Some(Choice::Nil), "mưa lũ"), Some(&nil("mưa lũ"))),
            Meant::Edit(Some(CellState::Value(7)))
        );
    }

    #[test]
    fn what_can_be_meant_in_two_ways_is_asked_about() {
        let of = |typed: Typed, seen: Option<&CellState>| match read(&typed, seen, &element()) {
            Meant::Wrong(problem) => problem.key,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(typed("5", Some(Choice::Nil), "mưa lũ"), None), "reporting-entry-both");
        assert_eq!(of(typed("", Some(Choice::NoData), " "), None), "reporting-entry-needs-reason");
        assert_eq!(of(typed("chín", None, ""), None), "reporting-amount-not-number");
        assert!(of(typed("<b>5</b>", None, ""), None).starts_with("reporting-amount-"));
    }
}
