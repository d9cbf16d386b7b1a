//! Elements that rows and columns name: by their code, or by a name that only one element has. What names none is
//! told where it was typed, and stays there.

use kernel::{problem::FormProblems, text::fold, web::Fields};

use crate::{actions::catalogue::Catalogue, model::ElementId};

/// What was typed, with codes where names stood; and which fields name no element, with what stands in them.
pub(super) struct Named {
    pub(super) fields: Fields,
    /// The field's number in its list, and its text.
    pub(super) unknown: Vec<(usize, String)>,
}

/// Reads the fields `{list}.{number}.element`.
pub(super) fn read(known: &Catalogue, fields: &Fields) -> Named {
    let mut unknown = Vec::new();
    let pairs: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| {
            let number = number_of(name).filter(|_| !value.trim().is_empty());
            let value = match number {
                Some(number) => code(known, value.trim()).unwrap_or_else(|| {
                    unknown.push((number, value.trim().to_owned()));
                    String::new()
                }),
                None => value.to_owned(),
            };
            (name.to_owned(), value)
        })
        .collect();
    Named { fields: Fields::from_pairs(pairs), unknown }
}

/// `r.12.element` is of the twelfth row.
fn number_of(name: &str) -> Option<usize> {
    let (_, rest) = name.split_once('.')?;
    rest.strip_suffix(".element")?.parse().ok()
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
        for (number, text) in &self.unknown {
            let at = place(*number);
            let args = vec![
                ("number", (at + 1).to_string()),
                ("text", text.chars().take(60).collect::<String>()),
            ];
            let field = format!("{list}.{at}.element");
            problems.add_with(&field, "reporting-build-element-unknown", args);
        }
        problems
    }
}
