//! What people type into rows and columns otherwise than it is kept: elements by their code, or by a name that only
//! one element has; largest numbers as amounts. What cannot be read is told where it was typed, and stays there.

use kernel::{problem::FormProblems, text::fold, web::Fields};

use crate::{
    actions::catalogue::Catalogue,
    model::{
        ElementId,
        amount::{read_amount, unit_said, units},
    },
};

/// What was typed, with codes where names stood and plain numbers; and what of it cannot be read.
pub(super) struct Named {
    pub(super) fields: Fields,
    pub(super) unknown: Vec<Unknown>,
}

/// A text that cannot be read.
pub(super) struct Unknown {
    /// Its row's or column's number in the list.
    pub(super) number: usize,
    pub(super) what: What,
    pub(super) text: String,
}

/// What should stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Element,
    Most,
}

impl What {
    const fn field(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Most => "most",
        }
    }

    const fn problem(self) -> &'static str {
        match self {
            Self::Element => "reporting-build-element-unknown",
            Self::Most => "reporting-build-column-most-wrong",
        }
    }
}

/// Reads the fields `{list}.{number}.element` and `{list}.{number}.most`.
pub(super) fn read(known: &Catalogue, fields: &Fields) -> Named {
    let mut unknown = Vec::new();
    let pairs: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| {
            let text = value.trim();
            let Some((list, number, what)) = place_of(name).filter(|_| !text.is_empty()) else {
                return (name.to_owned(), value.to_owned());
            };
            let read = match what {
                What::Element => code(known, text),
                What::Most => most(text, &fields.line(&format!("{list}.{number}.unit"))),
            };
            if read.is_none() {
                unknown.push(Unknown { number, what, text: text.to_owned() });
            }
            (name.to_owned(), read.unwrap_or_default())
        })
        .collect();
    Named { fields: Fields::from_pairs(pairs), unknown }
}

/// `r.12.element` is the element of the twelfth row.
fn place_of(name: &str) -> Option<(&str, usize, What)> {
    let (list, rest) = name.split_once('.')?;
    let (number, field) = rest.split_once('.')?;
    let what = [What::Element, What::Most].into_iter().find(|what| what.field() == field)?;
    Some((list, number.parse().ok()?, what))
}

/// The largest number of a column in its unit, as it is kept. What is wrong with the unit is told elsewhere.
fn most(said: &str, unit: &str) -> Option<String> {
    let unit = unit_said(unit).or_else(|| units().first())?;
    let read = read_amount(said, unit, 0).ok()?;
    u32::try_from(read.amount).ok().map(|amount| amount.to_string())
}

/// The code of what was typed; a code that nothing has yet stays one, and is told before publishing.
fn code(known: &Catalogue, said: &str) -> Option<String> {
    let id = ElementId::parse(said);
    if id.as_ref().is_some_and(|id| known.elements.contains_key(id)) {
        return Some(said.to_owned());
    }
    let name = fold(said);
    let mut named = known.elements.values().filter(|one| fold(&one.name) == name);
    match (named.next(), named.next()) {
        (Some(one), None) => Some(one.code.to_string()),
        _ => id.map(|id| id.to_string()),
    }
}

impl Named {
    /// The problems of a form whose rows stand at these places now.
    pub(super) fn problems(&self, list: &str, place: impl Fn(usize) -> usize) -> FormProblems {
        let mut problems = FormProblems::new();
        for Unknown { number, what, text } in &self.unknown {
            let at = place(*number);
            let args = vec![
                ("number", (at + 1).to_string()),
                ("text", text.chars().take(60).collect::<String>()),
            ];
            let field = format!("{list}.{at}.{}", what.field());
            problems.add_with(&field, what.problem(), args);
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_is_read_as_amounts_are() {
        for (said, unit, kept) in [
            ("60", "hoc-vien", "60"),
            ("1.000", "hoc-vien", "1000"),
            ("1 000", "học viên", "1000"),
            ("100 %", "phan-tram", "100"),
            ("2 tỷ", "triệu đồng", "2000"),
            ("0", "triêu đông", "0"),
            ("4.294.967.295", "", "4294967295"),
        ] {
            assert_eq!(most(said, unit).as_deref(), Some(kept), "{said}");
        }
        for said in ["99,5", "1.5", "-5", "-", "nhiều", "4.294.967.296", "=1+1"] {
            assert_eq!(most(said, "hoc-vien"), None, "{said}");
        }
    }
}
