//! Cells of tables: figures with what is to be said of them, words, numbers.

use areas::view::Grade;
use kernel::web::Visit;
use serde::Serialize;

use super::view::Decimals;
use crate::model::analysis::{Gap, Shown};

/// A cell of a table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CellView {
    /// The figure, or words where there is none.
    pub text: String,
    /// Where it opens.
    pub href: String,
    /// Small words below: `92/97`, *ước tính theo dân số*.
    pub note: String,
    /// True for a number.
    pub number: bool,
    /// True where words say why there is no figure: in wide tables they stay on one line.
    pub is_gap: bool,
    /// A picture, as SVG made here.
    pub svg: String,
    /// A mark: `met`, `short`, empty.
    pub mark: &'static str,
    /// Where the text says several numbers (`92/97`): each with its heading, as a file has them, in columns of their own.
    #[serde(skip)]
    pub parts: Vec<(String, String)>,
}

/// A figure as a cell.
pub fn figure(visit: &Visit, shown: &Shown, decimals: Decimals, href: String) -> CellView {
    let said = shown.number.map(|number| decimals.said(number));
    CellView {
        text: said.unwrap_or_else(|| gap(visit, shown)),
        href,
        note: note(visit, shown, decimals),
        number: shown.number.is_some(),
        is_gap: shown.number.is_none(),
        ..CellView::default()
    }
}

/// Why there is no number, in words.
pub fn gap(visit: &Visit, shown: &Shown) -> String {
    gap_said(visit, shown.gap)
}

/// A gap in words.
pub fn gap_said(visit: &Visit, gap: Option<Gap>) -> String {
    let code = gap.unwrap_or(Gap::NotReported).code();
    visit.say(&format!("reporting-gap-{}", code.replace('_', "-")), &[])
}

/// How good and how complete a figure is, in a few words; empty when there is nothing to say.
pub fn note(visit: &Visit, shown: &Shown, decimals: Decimals) -> String {
    let mut all = Vec::new();
    if shown.gap == Some(Gap::NoSource) {
        all.push(visit.say("reporting-flag-no-source", &[]));
    }
    if shown.grade == Grade::Estimated {
        let bases: Vec<String> = shown
            .bases
            .iter()
            .map(|basis| {
                visit.say(&format!("reporting-basis-{}", basis.code().replace('_', "-")), &[])
            })
            .collect();
        all.push(visit.say("reporting-flag-estimated", &[("bases", bases.join(", "))]));
    }
    if let Some((low, high)) = shown.bounds {
        let args = [("low", decimals.said(low)), ("high", decimals.said(high))];
        all.push(visit.say("reporting-flag-bounds", &args));
    }
    if shown.expected > 1 && shown.is_partial() {
        let args =
            [("reported", shown.reported.to_string()), ("expected", shown.expected.to_string())];
        all.push(visit.say("reporting-flag-partial", &args));
    }
    all.join("; ")
}

/// Words cell.
pub fn words(text: impl Into<String>) -> CellView {
    CellView { text: text.into(), ..CellView::default() }
}

/// A number cell without a source of its own.
pub fn number(text: impl Into<String>) -> CellView {
    CellView { text: text.into(), number: true, ..CellView::default() }
}

/// A cell whose text says several numbers, each under its heading.
pub fn numbers(text: impl Into<String>, parts: impl Into<Vec<(String, String)>>) -> CellView {
    CellView { parts: parts.into(), ..number(text) }
}
