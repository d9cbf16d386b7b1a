//! What people type into rows and columns otherwise than it is kept: elements by their code, or by a name that only
//! one element has; disaggregations by codes or names; largest numbers as amounts. What cannot be read is told where it was typed, and stays there.

use kernel::{problem::FormProblems, text::fold, web::Fields};

use crate::{
    actions::catalogue::Catalogue,
    model::{
        ElementId,
        amount::{read_amount, unit_said, units},
        dimension::{Coords, DIMENSIONS_MAX},
        form::INDENT_MOST,
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
    Coords,
    Indent,
    Without,
}

impl What {
    const ALL: [Self; 5] = [Self::Element, Self::Most, Self::Coords, Self::Indent, Self::Without];

    const fn field(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Most => "most",
            Self::Coords => "coords",
            Self::Indent => "indent",
            Self::Without => "without",
        }
    }

    const fn problem(self) -> &'static str {
        match self {
            Self::Element => "reporting-build-element-unknown",
            Self::Most => "reporting-build-column-most-wrong",
            Self::Coords => "reporting-build-at-unknown",
            Self::Indent => "reporting-build-indent-wrong",
            Self::Without => "reporting-build-without-wrong",
        }
    }
}

/// Reads the fields `{list}.{number}.element`, `.most`, `.coords`, `.indent` and `.without`.
pub(super) fn read(known: &Catalogue, fields: &Fields) -> Named {
    let mut unknown = Vec::new();
    let there = super::columns(fields).len();
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
                What::Coords => coords(known, text),
                What::Indent => text
                    .parse()
                    .ok()
                    .filter(|steps: &u8| *steps <= INDENT_MOST)
                    .map(|steps| steps.to_string()),
                What::Without => columns(text, there),
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
    let what = What::ALL.into_iter().find(|what| what.field() == field)?;
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

/// Disaggregations as people type them, in any order: `gt=nu`, *Giới tính: Nữ*, or *Nữ* where only one dimension has
/// it. Options that do not exist stay codes and are told before publishing; two of one dimension cannot both be.
fn coords(known: &Catalogue, said: &str) -> Option<String> {
    let it = split(known, said, &[';', ','])?;
    (it.iter().count() <= DIMENSIONS_MAX).then(|| it.text())
}

/// What a text means as a whole, else what its parts mean together: names hold commas, too.
fn split(known: &Catalogue, said: &str, separators: &[char]) -> Option<Coords> {
    let plain: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let codes = Coords::parse(&plain);
    let meant = codes.clone().filter(|at| is_known(known, at));
    if let Some(meant) = meant.or_else(|| option_named(known, said)) {
        return Some(meant);
    }
    let Some((at, finer)) = separators.split_first() else { return codes };
    let mut parts = said.split(*at).filter(|part| !part.trim().is_empty());
    parts.try_fold(Coords::total(), |all, part| all.and(&split(known, part, finer)?))
}

fn is_known(known: &Catalogue, at: &Coords) -> bool {
    let option = |(dimension, option)| known.dimensions.get(dimension)?.option(option);
    at.iter().all(|one| option(one).is_some())
}

/// The one option with this name, in the dimension that is named before it.
fn option_named(known: &Catalogue, said: &str) -> Option<Coords> {
    let (dimension, option) = match said.split_once([':', '=']) {
        Some((dimension, option)) => (fold(dimension), fold(option)),
        None => (String::new(), fold(said)),
    };
    let is = |one: &str, name: &str, name_en: &str, said: &str| {
        one == said || fold(name) == said || (!name_en.is_empty() && fold(name_en) == said)
    };
    let dimensions = known
        .dimensions
        .values()
        .filter(|one| dimension.is_empty() || is(&one.code, &one.name, &one.name_en, &dimension));
    let mut found = dimensions.flat_map(|one| {
        let named = one.options.iter().filter(|at| is(&at.code, &at.name, &at.name_en, &option));
        named.map(|at| Coords::total().with(&one.code, &at.code))
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Numbers of columns that are there, counted from 1.
fn columns(said: &str, there: usize) -> Option<String> {
    let numbers = said.split([',', ' ', ';']).filter(|part| !part.is_empty());
    let numbers: Option<Vec<String>> = numbers
        .map(|part| {
            part.parse::<usize>()
                .ok()
                .filter(|at| (1..=there).contains(at))
                .map(|at| at.to_string())
        })
        .collect();
    Some(numbers?.join(", "))
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
    use crate::model::dimension::{Dimension, DimensionOption};

    #[test]
    fn disaggregations_are_read_by_codes_and_names_and_nothing_of_them_is_dropped() {
        let options = |all: &[(&str, &str)]| -> Vec<DimensionOption> {
            let option = |(code, name): &(&str, &str)| DimensionOption {
                code: (*code).to_owned(),
                name: (*name).to_owned(),
                name_en: String::new(),
                ended: false,
            };
            all.iter().map(option).collect()
        };
        let dimension = |code: &str, name: &str, all: &[(&str, &str)]| Dimension {
            code: code.to_owned(),
            name: name.to_owned(),
            name_en: String::new(),
            sensitive: false,
            partition: true,
            options: options(all),
        };
        let all = [
            dimension("gt", "Giới tính", &[("nam", "Nam"), ("nu", "Nữ")]),
            dimension("dt", "Dân tộc", &[("tay", "Tày"), ("khac", "Khác")]),
            dimension("ho", "Loại hộ", &[("ngheo", "Hộ nghèo"), ("khac", "Khác")]),
            dimension("cap", "Cấp", &[("thon", "Thôn, bản"), ("xa", "Xã; phường")]),
        ];
        let mut known = Catalogue::default();
        known.dimensions.extend(all.into_iter().map(|one| (one.code.clone(), one)));
        for (said, kept) in [
            (" gt = nu ; dt=tay ", "dt=tay,gt=nu"),
            ("Nữ", "gt=nu"),
            ("tày, nữ", "dt=tay,gt=nu"),
            ("Dân tộc: Khác", "dt=khac"),
            ("loai ho = Khác;", "ho=khac"),
            ("gioi tinh=nu", "gt=nu"),
            ("gt=la", "gt=la"),
            ("thôn, bản", "cap=thon"),
            ("Cấp: Thôn, bản; Giới tính: Nữ", "cap=thon,gt=nu"),
            ("Thôn, bản; nữ, tày", "cap=thon,dt=tay,gt=nu"),
            ("xã; phường", "cap=xa"),
            ("dt=tay,gt=nu; cap=thon", "cap=thon,dt=tay,gt=nu"),
        ] {
            assert_eq!(coords(&known, said).as_deref(), Some(kept), "{said}");
        }
        for said in ["Khác", "nam nữ", "gt=nam, gt=nu", "Giới tính: Tày", "gt="] {
            assert_eq!(coords(&known, said), None, "{said}");
        }
    }

    #[test]
    fn columns_that_a_row_lacks_are_numbers_of_columns_that_are_there() {
        for (said, kept) in [("2, 9", "2, 9"), ("1;3 4", "1, 3, 4"), (" 2,", "2")] {
            assert_eq!(columns(said, 9).as_deref(), Some(kept), "{said}");
        }
        for said in ["Nữ", "0", "1-3", "-1", "2, 10"] {
            assert_eq!(columns(said, 9), None, "{said}");
        }
    }

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
