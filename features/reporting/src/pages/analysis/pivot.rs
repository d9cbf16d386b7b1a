//! A table of one's own: what, when and where on the axes that the form chooses.

use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{
        Block, Choice, Field, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure,
        source_href, unjoined, words,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::{
        Period,
        analysis::{Answer, Dx, Gap},
    },
};

/// Most figures on one page: two figures of twelve months in the largest province. Programs and downloads get more.
const FIGURES_MOST: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    What,
    When,
    Where,
}

impl Axis {
    const ALL: [Self; 3] = [Self::Where, Self::When, Self::What];

    const fn code(self) -> &'static str {
        match self {
            Self::What => "gi",
            Self::When => "ky",
            Self::Where => "noi",
        }
    }

    fn of(text: &str, otherwise: Self) -> Self {
        Self::ALL.into_iter().find(|axis| axis.code() == text).unwrap_or(otherwise)
    }
}

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let rows = Axis::of(setting.fields.raw("hang"), Axis::Where);
    let columns = Axis::of(setting.fields.raw("cot"), Axis::What);
    let columns = if columns == rows {
        Axis::ALL.into_iter().find(|axis| *axis != rows).unwrap_or(Axis::When)
    } else {
        columns
    };
    // The axis that is left makes one table for each of its values.
    let left =
        Axis::ALL.into_iter().find(|axis| *axis != rows && *axis != columns).unwrap_or(Axis::When);
    let dx = setting.dx_or_main(4);
    // One table where nobody asked for more; the form says the same.
    let one = left == Axis::When && setting.fields.raw("so").is_empty();
    let setting = &Setting { count: if one { 1 } else { setting.count }, ..setting.clone() };
    let periods = setting.periods();
    let answer =
        ask(&visit.app, &visit.caller, &setting.question(dx, periods, setting.below())).await?;
    if answer.figures.len() > FIGURES_MOST {
        let most = FIGURES_MOST.to_string();
        return Err(crate::actions::problem(&crate::model::analysis::TOO_BROAD, "most", most));
    }
    let page = Pivot { visit, setting, answer: &answer };
    let tables = (0..page.len(left)).map(|at| page.table(rows, columns, (left, at))).collect();
    let with = ["o", "cap", "dx", "ky", "so", "doi", "duyet", "khung"];
    let mut fields = setting.fields(visit, &with, &answer.dx);
    for (name, axis) in [("hang", rows), ("cot", columns)] {
        let choice = |one: Axis| Choice {
            value: one.code().to_owned(),
            label: visit.say(&format!("reporting-axis-{}", one.code()), &[]),
            selected: one == axis,
        };
        fields.push(Field {
            name,
            label: visit.say(&format!("reporting-field-{name}"), &[]),
            kind: "select",
            choices: Axis::ALL.map(choice).to_vec(),
            ..Field::default()
        });
    }
    Ok(Part {
        title: visit.say("reporting-analysis-bang", &[]),
        lede: visit.say("reporting-analysis-bang-lede", &[]),
        fields,
        blocks: vec![Block { tables, ..unjoined(visit, &setting.area.title(), &page.unjoined()) }],
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

struct Pivot<'a> {
    visit: &'a Visit,
    setting: &'a Setting,
    answer: &'a Answer,
}

impl Pivot<'_> {
    fn len(&self, axis: Axis) -> usize {
        match axis {
            Axis::What => self.answer.dx.len(),
            Axis::When => self.answer.periods.len(),
            Axis::Where => self.answer.places.len(),
        }
    }

    fn name(&self, axis: Axis, at: usize) -> String {
        match axis {
            Axis::What => self.answer.dx.get(at).map_or_else(String::new, |dx| {
                let catalogue = &self.setting.catalogue;
                format!("{} ({})", dx_name(self.visit, catalogue, dx), dx_unit(catalogue, dx))
            }),
            Axis::When => self
                .answer
                .periods
                .get(at)
                .map_or_else(String::new, |period| period.label(self.visit.lang())),
            Axis::Where => {
                self.answer.places.get(at).map_or_else(String::new, |place| place.title.clone())
            }
        }
    }

    /// The periods in which the map does not join units of the table with those that reported.
    fn unjoined(&self) -> Vec<String> {
        let (dx, places) = (self.len(Axis::What), self.len(Axis::Where));
        let is_gap = |what: usize, when: usize, place: usize| {
            self.answer.at(what, when, place).is_some_and(|one| one.gap == Some(Gap::NoSource))
        };
        let any =
            |when: &usize| (0..dx).any(|what| (0..places).any(|place| is_gap(what, *when, place)));
        (0..self.len(Axis::When)).filter(any).map(|at| self.name(Axis::When, at)).collect()
    }

    fn table(&self, rows: Axis, columns: Axis, (left, fixed): (Axis, usize)) -> TableView {
        let at = |row: usize, column: usize, axis: Axis| match axis {
            axis if axis == rows => row,
            axis if axis == columns => column,
            _ => fixed,
        };
        let cell = |row: usize, column: usize| {
            let (dx, period, place) = (
                at(row, column, Axis::What),
                at(row, column, Axis::When),
                at(row, column, Axis::Where),
            );
            let found: Option<(&Dx, &Period)> =
                self.answer.dx.get(dx).zip(self.answer.periods.get(period));
            match (found, self.answer.at(dx, period, place), self.answer.places.get(place)) {
                (Some((one, when)), Some(shown), Some(place)) => {
                    let decimals = dx_decimals(&self.setting.catalogue, one);
                    let href = source_href(one, when, place.id.as_str(), self.setting);
                    figure(self.visit, shown, decimals, href)
                }
                _ => words("–"),
            }
        };
        let lines = (0..self.len(rows)).map(|row| RowView {
            title: self.name(rows, row),
            href: String::new(),
            cells: (0..self.len(columns)).map(|column| cell(row, column)).collect(),
        });
        TableView {
            caption: self.name(left, fixed),
            corner: self.visit.say(&format!("reporting-axis-{}", rows.code()), &[]),
            head: (0..self.len(columns)).map(|column| self.name(columns, column)).collect(),
            rows: lines.collect(),
        }
    }
}
