//! What all analysis pages are made of: fields of a question, charts, tables whose figures can be opened.

use areas::model::map::Drawing;
use kernel::{
    clock::Day,
    web::{FieldError, Template, Visit},
};
use serde::Serialize;
use std::{collections::HashMap, fmt::Write};

use super::{PAGES, address, wanted::Setting};
use crate::{
    actions::catalogue::Catalogue,
    model::{
        CellKey, Life, Period,
        amount::{Unit, unit},
        analysis::Dx,
        formula::Rational,
    },
};

pub use super::cells::{CellView, figure, gap, gap_said, note, number, numbers, words};

/// The one template of these pages.
pub const VIEW: Template<View> = Template::new("reporting/analysis.html");

/// A choice of a field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// As sent.
    pub value: String,
    /// As shown.
    pub label: String,
    /// True when it is chosen.
    pub selected: bool,
}

/// A field of the question.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// `select`, `check` or `list`: several of many, under headings, to be searched.
    pub kind: &'static str,
    /// Choices of a select; of a list those that are chosen, which stand in sight; of others the one with the value.
    pub choices: Vec<Choice>,
    /// The others of a list.
    pub groups: Vec<Group>,
    /// What became of what was asked for, where that needs saying.
    pub note: String,
}

/// Choices of a list under one heading.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The heading.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// A link.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: String,
    /// True for the page that is shown.
    pub current: bool,
}

/// A row of a table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RowView {
    /// What it is of.
    pub title: String,
    /// Where that leads.
    pub href: String,
    /// Its cells.
    pub cells: Vec<CellView>,
}

/// A table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableView {
    /// What it shows.
    pub caption: String,
    /// The heading of the first column.
    pub corner: String,
    /// The headings of the others.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<RowView>,
}

/// A map of provinces.
#[derive(Debug, Serialize)]
pub struct MapView {
    /// The drawing.
    pub drawing: Drawing,
    /// Where provinces lead, by code.
    pub links: HashMap<String, String>,
    /// What it shows.
    pub caption: String,
    /// What is said of provinces without a figure.
    pub without: String,
}

/// A large figure.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stat {
    /// The figure.
    pub value: String,
    /// What it is.
    pub label: String,
    /// Small words below.
    pub note: String,
}

/// A section of a page.
#[derive(Debug, Default, Serialize)]
pub struct Block {
    /// Its heading; none for the first.
    pub title: String,
    /// Words below it.
    pub text: Vec<String>,
    /// Large figures.
    pub stats: Vec<Stat>,
    /// Charts, as SVG made here.
    pub charts: Vec<String>,
    /// A map.
    pub map: Option<MapView>,
    /// Tables.
    pub tables: Vec<TableView>,
    /// Links.
    pub links: Vec<Link>,
    /// Which part of a dashboard begins here.
    pub part: Option<usize>,
}

/// What a page shows apart from its frame.
#[derive(Debug, Default)]
pub struct Part {
    /// Its title.
    pub title: String,
    /// What it is for.
    pub lede: String,
    /// The question.
    pub fields: Vec<Field>,
    /// Its sections.
    pub blocks: Vec<Block>,
    /// Under which conditions the figures hold.
    pub basis: String,
    /// What it is of.
    pub about: About,
}

/// What the figures of a page are of, as the head and the name of a file say it.
#[derive(Debug, Default)]
pub struct About {
    /// The area; empty where it is that of the question.
    pub area: String,
    /// The periods; none where it is that of the question.
    pub periods: Vec<Period>,
    /// How many units have reported, in a sentence; empty where nobody owes the figures.
    pub complete: String,
}

/// What stands in the form that saves a page in a dashboard.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Keeping {
    /// The name of the part.
    pub part: String,
    /// The name of a new dashboard.
    pub name: String,
    /// True when a new dashboard is to be shared.
    pub is_shared: bool,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

/// A whole page.
#[derive(Debug, Default, Serialize)]
pub struct View {
    /// The page's name in its address.
    pub slug: &'static str,
    /// The other pages.
    pub tabs: Vec<Link>,
    /// The way to it.
    pub crumbs: Vec<Link>,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub lede: String,
    /// Where the question is sent.
    pub action: String,
    /// The question.
    pub fields: Vec<Field>,
    /// Its sections.
    pub blocks: Vec<Block>,
    /// Under which conditions the figures hold.
    pub basis: String,
    /// Where the tables are had as files, by kind.
    pub files: Vec<Link>,
    /// The question, to be saved; empty where it cannot be.
    pub save_query: String,
    /// Dashboards it can be saved in.
    pub boards: Vec<Choice>,
    /// What stands in the form that saves it.
    pub keeping: Keeping,
    /// The area that is shown.
    pub area: String,
    /// A form to take parts of a dashboard away: its address.
    pub remove: String,
    /// Where it is said that a dashboard is sent again and again.
    pub send: String,
}

impl View {
    /// A page of one part.
    pub fn of(part: Part) -> Self {
        Self {
            title: part.title,
            lede: part.lede,
            fields: part.fields,
            blocks: part.blocks,
            basis: part.basis,
            ..Self::default()
        }
    }
}

/// Links to the other pages with the same area.
pub fn tabs(visit: &Visit, page: &str, setting: &Setting) -> Vec<Link> {
    let query = form(&[("o", setting.area.id.as_str())]);
    let link = |one: &&str| Link {
        href: address(one, &query),
        label: visit.say(&format!("reporting-analysis-{one}"), &[]),
        current: *one == page,
    };
    let mut all: Vec<Link> = PAGES.iter().map(link).collect();
    for (href, key) in [
        ("/so-lieu/bang-theo-doi", "reporting-boards"),
        ("/so-lieu/cong-khai", "reporting-public"),
        ("/so-lieu/danh-muc", "reporting-definitions"),
    ] {
        let label = visit.say(key, &[]);
        all.push(Link { href: href.to_owned(), label, current: href.ends_with(page) });
    }
    all
}

/// Pairs as an address holds them.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' => {
                    out.push(char::from(byte));
                }
                other => {
                    // Writing into text cannot fail.
                    let _ = write!(out, "%{other:02X}");
                }
            }
        }
    }
    out
}

/// The name of what is asked for.
pub fn dx_name(visit: &Visit, catalogue: &Catalogue, dx: &Dx) -> String {
    match dx {
        Dx::Cell(key) => cell_name(catalogue, key),
        Dx::Indicator(id) => {
            catalogue.indicators.get(id).map_or_else(|| id.to_string(), |one| one.name.clone())
        }
        Dx::Rate(dataset, kind) => {
            let title = catalogue.datasets.get(dataset).map_or(dataset.as_str(), |one| &one.title);
            visit.say(&format!("reporting-rate-{}", kind.code()), &[("dataset", title.to_owned())])
        }
    }
}

/// The name of a cell: the element and the options it is of.
pub fn cell_name(catalogue: &Catalogue, key: &CellKey) -> String {
    let mut name = catalogue
        .elements
        .get(&key.element)
        .map_or_else(|| key.element.to_string(), |one| one.name.clone());
    for (dimension, option) in key.coords.iter() {
        let known = catalogue.dimensions.get(dimension).and_then(|one| one.option(option));
        name.push_str(" – ");
        name.push_str(known.map_or(option, |one| one.name.as_str()));
    }
    name
}

/// The unit of what is asked for, as it is written behind a number. Points of percent are said: their sign is that of a
/// share.
pub fn dx_unit(catalogue: &Catalogue, dx: &Dx) -> String {
    let written = |unit: &Unit| {
        if unit.is_share() && unit.kind != "percent" {
            unit.said.clone()
        } else {
            unit.name.clone()
        }
    };
    let code = match dx {
        Dx::Cell(key) => catalogue.elements.get(&key.element).map(|one| one.unit.as_str()),
        Dx::Indicator(id) => catalogue.indicators.get(id).map(|one| one.unit.as_str()),
        Dx::Rate(..) => Some("phan-tram"),
    };
    code.and_then(unit).map_or_else(String::new, written)
}

/// Decimals that are shown.
#[derive(Clone, Copy, Debug)]
pub struct Decimals {
    /// So many at most.
    pub most: u32,
    /// True for what is computed: shares under each other have as many decimals each, zeros too. What somebody typed
    /// stands as it was typed.
    pub all: bool,
}

impl Decimals {
    /// Of shares and other computed numbers.
    pub const fn all(most: u32) -> Self {
        Self { most, all: true }
    }

    /// The number in words.
    pub fn said(self, number: Rational) -> String {
        let text = number.words(self.most);
        if !self.all || self.most == 0 {
            return text;
        }
        let told = text.split_once(',').map_or(0, |(_, part)| part.len());
        let zeros = "0".repeat((self.most as usize).saturating_sub(told));
        match (zeros.is_empty(), told) {
            (true, _) => text,
            (false, 0) => format!("{text},{zeros}"),
            (false, _) => format!("{text}{zeros}"),
        }
    }
}

/// Decimals of what is asked for.
pub fn dx_decimals(catalogue: &Catalogue, dx: &Dx) -> Decimals {
    match dx {
        Dx::Cell(key) => Decimals {
            most: catalogue.elements.get(&key.element).map_or(0, |one| one.decimals),
            all: false,
        },
        Dx::Indicator(id) => {
            Decimals::all(catalogue.indicators.get(id).map_or(2, |one| one.decimals))
        }
        Dx::Rate(..) => Decimals::all(1),
    }
}

/// The address at which a figure opens.
pub fn source_href(dx: &Dx, period: &Period, area: &str, setting: &Setting) -> String {
    let frame = setting.frame.map_or_else(String::new, Day::iso);
    let life = if setting.life == Life::Estimate { setting.life.slug() } else { "" };
    let approved = if setting.approved_only { "1" } else { "" };
    let query = form(&[
        ("dx", &dx.text()),
        ("ky", period.id()),
        ("o", area),
        ("doi", life),
        ("duyet", approved),
        ("khung", &frame),
    ]);
    format!("/so-lieu/nguon?{query}")
}

/// Where the sheet of a data element or an indicator is read.
pub fn sheet_href(dx: &Dx) -> Option<String> {
    use crate::pages::definitions::Kind;
    match dx {
        Dx::Cell(key) => Some(Kind::Element.href(key.element.as_str())),
        Dx::Indicator(id) => Some(Kind::Indicator.href(id.as_str())),
        Dx::Rate(..) => None,
    }
}

/// Why figures of these periods cannot be told of an area, and what mends it: the map does not join the units that
/// reported then with it, so that nobody can say whether they did. Nothing to say of no period.
pub fn unjoined(visit: &Visit, area: &str, periods: &[String]) -> Block {
    if periods.is_empty() {
        return Block::default();
    }
    let args = [("area", area.to_owned()), ("periods", periods.join("; "))];
    let may = visit.caller.may_somewhere(&areas::actions::decree::SEE_DECREES);
    let link = may.then(|| Link {
        href: "/dia-ban/van-ban".to_owned(),
        label: visit.say("reporting-unjoined-decrees", &[]),
        current: false,
    });
    Block {
        text: vec![visit.say("reporting-unjoined", &args)],
        links: link.into_iter().collect(),
        ..Block::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_as_many_decimals_each_and_typed_numbers_those_that_were_typed() {
        let said = |numerator, denominator, decimals: Decimals| {
            decimals.said(Rational::new(numerator, denominator).expect("a number"))
        };
        let told = [(100, 1), (50, 1), (200, 3), (-5, 2), (123_450, 1)]
            .map(|(up, down)| said(up, down, Decimals::all(2)));
        assert_eq!(told, ["100,00", "50,00", "66,67", "-2,50", "123.450,00"]);
        assert_eq!(said(7, 1, Decimals::all(0)), "7");
        let typed = Decimals { most: 3, all: false };
        assert_eq!([said(1_200, 1, typed), said(5, 2, typed)], ["1.200", "2,5"]);
    }
}
