//! Checks: what must hold between the figures of a report. A form's own rules and those that need no writing
//! (parts and totals, negative counts, jumps, what is usual, required rows) all become formulas, so that the
//! page, an import and the hub judge alike.

use std::collections::{BTreeMap, BTreeSet};

use areas::view::Law;
use serde::Serialize;

use super::{
    cell::{CellKey, CellState},
    dimension::Dimension,
    element::DataElement,
    form::{Form, Severity},
    formula::{
        Binary, Formula, Input, Kind, Node, Outcome, ParseError, Program, Rational, Reading,
        UnitProblem, Units,
    },
    ids::ElementId,
    outlier::Typical,
};

#[cfg(test)]
mod tests;
mod told;

pub use told::{arisen, cell_words, explained, here};

/// What checks are made from.
pub struct Basis<'a, U> {
    /// The form.
    pub form: &'a Form,
    /// What is counted, by code.
    pub elements: &'a BTreeMap<ElementId, DataElement>,
    /// Dimensions, by code.
    pub dimensions: &'a BTreeMap<String, Dimension>,
    /// Who knows units.
    pub units: &'a U,
    /// What cells usually hold, in their elements' units with decimals.
    pub typical: &'a BTreeMap<CellKey, Typical>,
    /// When a change asks for an explanation.
    pub jump: Jump,
}

impl<U> Basis<'_, U> {
    fn named(&self, key: &CellKey) -> Arg {
        Arg::Text(cell_words(self.elements, self.dimensions, key))
    }
}

/// When a change since the previous period asks for an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// More than so many times, up or down.
    pub factor: u32,
    /// And by at least this much.
    pub least: u32,
}

impl Default for Jump {
    fn default() -> Self {
        Self { factor: 3, least: 10 }
    }
}

/// A word for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// As it is.
    Text(String),
    /// What a formula gives, with so many decimals.
    Number(Formula, u32),
}

/// Something that must hold, ready to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The form's code for it, or the name of a check that needs no writing: `parts`, `negative`, `jump`,
    /// `typical`, `required`.
    pub code: String,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// The key of its words.
    pub words: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, Arg)>,
    /// The cells it is about, the one to look at first in front.
    pub cells: Vec<CellKey>,
    /// What must be true; none for `required`, which asks whether anything stands there at all.
    pub formula: Option<Formula>,
}

impl Check {
    /// What the page runs.
    pub fn program(&self) -> Option<Program> {
        self.formula.as_ref().map(Formula::compile)
    }
}

/// Why a rule of a form cannot be judged: for the person who designs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is no formula.
    Text(ParseError),
    /// Its units do not fit.
    Units(UnitProblem),
    /// It gives a number.
    NoTruth,
}

/// Checks, and rules that could not become one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// In the order in which verdicts are told.
    pub all: Vec<Check>,
    /// By the rule's code.
    pub broken: Vec<(String, Broken)>,
}

/// The figures of a report and of the one before.
pub struct Figures<'a> {
    /// Decimals come from here.
    pub elements: &'a BTreeMap<ElementId, DataElement>,
    /// This period.
    pub now: &'a BTreeMap<CellKey, CellState>,
    /// The previous period.
    pub before: &'a BTreeMap<CellKey, CellState>,
}

impl Figures<'_> {
    /// What a formula reads. Indicators and targets are not known while typing.
    pub fn read(&self, input: &Input) -> Reading {
        let (period, key) = match input {
            Input::Cell(key) => (self.now, key),
            Input::Previous(key) => (self.before, key),
            Input::Indicator(_) | Input::Target(_) => return Reading::Missing,
        };
        let decimals = self.elements.get(&key.element).map_or(0, |element| element.decimals);
        Reading::of(period.get(key), decimals)
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The check.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where; the cell to look at first in front.
    pub cells: Vec<CellKey>,
    /// The key of its words.
    pub words: &'static str,
    /// What the words take.
    pub args: Vec<(&'static str, String)>,
}

impl Checks {
    /// The checks of a form over its own cells and those that were added to its rows.
    pub fn of(basis: &Basis<'_, impl Units>, added: &BTreeSet<CellKey>) -> Self {
        let mut it = Self::default();
        it.require(basis);
        it.form_rules(basis);
        let cells = cells(basis.form, added);
        let known: BTreeSet<&CellKey> = cells.iter().collect();
        for key in &cells {
            if let Some(element) = basis.elements.get(&key.element) {
                it.all.extend(negative(basis, key, element));
                it.all.extend(parts(basis, key, element, &known));
                it.all.push(jump(basis, key, element));
                it.all.extend(typical(basis, key, element));
            }
        }
        it
    }

    fn require(&mut self, basis: &Basis<'_, impl Units>) {
        for (section, table) in basis.form.tables() {
            let mut last = None;
            for placed in table.cells() {
                let row = &table.rows[placed.row];
                // A row is filled in when its first cell is; how it divides may be unknown.
                if row.required && last != Some(placed.row) {
                    last = Some(placed.row);
                    let args = [
                        ("element", basis.named(&placed.key)),
                        ("section", Arg::Text(section.title.clone())),
                    ];
                    self.all.push(Check {
                        code: "required".to_owned(),
                        severity: Severity::Error,
                        words: "reporting-check-required",
                        args: args.into(),
                        cells: vec![placed.key],
                        formula: None,
                    });
                }
            }
        }
    }

    fn form_rules(&mut self, basis: &Basis<'_, impl Units>) {
        for rule in &basis.form.rules {
            let read = Formula::parse(&rule.check).map_err(Broken::Text).and_then(|formula| {
                if formula.kind() != Kind::Truth {
                    return Err(Broken::NoTruth);
                }
                formula.with_units(basis.units).map_err(Broken::Units)
            });
            match read {
                Err(why) => self.broken.push((rule.code.clone(), why)),
                Ok((formula, _)) => self.all.push(Check {
                    code: rule.code.clone(),
                    severity: rule.severity,
                    words: "reporting-check-rule",
                    args: vec![("message", Arg::Text(rule.message.clone()))],
                    cells: formula.inputs().into_iter().filter_map(now).cloned().collect(),
                    formula: Some(formula),
                }),
            }
        }
    }

    /// What does not hold, in the order of the checks. What cannot be judged because something is missing is not
    /// told; what cannot be judged for another reason is, as a warning. Errors of the same cells are told once: a
    /// form's own rule comes first and says in better words what the checks of parts and totals would say again.
    pub fn judge(&self, figures: &Figures<'_>) -> Vec<Verdict> {
        let mut said = BTreeSet::new();
        let verdicts = self.all.iter().filter_map(|check| check.judge(figures));
        let is_new = |one: &Verdict| {
            let cells: BTreeSet<CellKey> = one.cells.iter().cloned().collect();
            one.severity == Severity::Warning || said.insert(cells)
        };
        verdicts.filter(is_new).collect()
    }
}

impl Check {
    fn judge(&self, figures: &Figures<'_>) -> Option<Verdict> {
        let Some(formula) = &self.formula else {
            let empty = self.cells.iter().any(|key| !figures.now.contains_key(key));
            return empty.then(|| self.verdict(figures));
        };
        match formula.compile().run(|input| figures.read(input)) {
            Outcome::Truth(false) => Some(self.verdict(figures)),
            Outcome::Problem(problem) => {
                let below = match &problem {
                    super::formula::Problem::ZeroBelow(below) => below.clone(),
                    super::formula::Problem::TooLarge => String::new(),
                };
                let (severity, words) = (Severity::Warning, problem.words());
                Some(Verdict {
                    severity,
                    words,
                    args: vec![("below", below)],
                    ..self.verdict(figures)
                })
            }
            Outcome::Truth(true) | Outcome::Number(_) | Outcome::Missing(_) => None,
        }
    }

    fn verdict(&self, figures: &Figures<'_>) -> Verdict {
        let told = |(name, arg): &(&'static str, Arg)| {
            let text = match arg {
                Arg::Text(text) => text.clone(),
                Arg::Number(formula, decimals) => formula
                    .compile()
                    .run(|input| figures.read(input))
                    .number()
                    .map_or_else(|| "–".to_owned(), |number| number.words(*decimals)),
            };
            (*name, text)
        };
        Verdict {
            rule: self.code.clone(),
            severity: self.severity,
            cells: self.cells.clone(),
            words: self.words,
            args: self.args.iter().map(told).collect(),
        }
    }
}

fn now(input: &Input) -> Option<&CellKey> {
    match input {
        Input::Cell(key) => Some(key),
        _ => None,
    }
}

/// The form's cells in its order, then those that were added.
fn cells(form: &Form, added: &BTreeSet<CellKey>) -> Vec<CellKey> {
    let fixed = form.tables().flat_map(|(_, table)| table.cells()).map(|placed| placed.key);
    let mut seen = BTreeSet::new();
    fixed.chain(added.iter().cloned()).filter(|key| seen.insert(key.clone())).collect()
}

/// True when parts of it add up.
const fn adds_up(element: &DataElement) -> bool {
    matches!(element.law, Law::Additive | Law::Stock)
}

fn negative(basis: &Basis<'_, impl Units>, key: &CellKey, element: &DataElement) -> Option<Check> {
    let at_least_zero = Node::binary(Binary::Ge, Node::cell(key.clone()), Node::whole(0));
    adds_up(element).then(|| Check {
        code: "negative".to_owned(),
        severity: Severity::Error,
        words: "reporting-check-negative",
        args: vec![("element", basis.named(key))],
        cells: vec![key.clone()],
        formula: Some(Formula::of(at_least_zero)),
    })
}

/// Along each dimension, what stands below a cell is at most the cell; when everybody is in exactly one option
/// and every option is filled in, it is the cell.
fn parts(
    basis: &Basis<'_, impl Units>,
    key: &CellKey,
    element: &DataElement,
    known: &BTreeSet<&CellKey>,
) -> Vec<Check> {
    let mut all = Vec::new();
    let free = element.dimensions.iter().filter(|code| key.coords.option(code).is_none());
    for dimension in free.filter_map(|code| basis.dimensions.get(code)).filter(|_| adds_up(element))
    {
        let at = |option: &str| CellKey {
            element: key.element.clone(),
            coords: key.coords.clone().with(&dimension.code, option),
        };
        let below: Vec<CellKey> = dimension.options.iter().map(|option| at(&option.code)).collect();
        let told: Vec<CellKey> =
            below.iter().filter(|part| known.contains(part)).cloned().collect();
        if told.is_empty() {
            continue;
        }
        if dimension.partition {
            all.push(partition(basis, key, element, dimension, &told));
        } else {
            all.extend(told.iter().map(|part| part_of(basis, key, element, dimension, part)));
        }
    }
    all
}

fn partition(
    basis: &Basis<'_, impl Units>,
    key: &CellKey,
    element: &DataElement,
    dimension: &Dimension,
    told: &[CellKey],
) -> Check {
    let complete = told.len() == dimension.options.len();
    let total = Node::cell(key.clone());
    let sum = Node::Sum(told.iter().cloned().map(Node::cell).collect());
    let at_most = Node::binary(Binary::Le, sum.clone(), total.clone());
    let filled = Node::all(told.iter().map(|part| Node::Has(Box::new(Node::cell(part.clone())))));
    let formula = match filled.filter(|_| complete) {
        Some(filled) => {
            let equal = Node::binary(Binary::Eq, sum.clone(), total.clone());
            Node::If(Box::new(filled), Box::new(equal), Box::new(at_most))
        }
        None => at_most,
    };
    let number = |node: Node| Arg::Number(Formula::of(node), element.decimals);
    Check {
        code: "parts".to_owned(),
        severity: Severity::Error,
        words: "reporting-check-parts",
        args: vec![
            ("element", basis.named(key)),
            ("dimension", Arg::Text(dimension.name.clone())),
            ("sum", number(sum)),
            ("total", number(total)),
        ],
        cells: std::iter::once(key.clone()).chain(told.iter().cloned()).collect(),
        formula: Some(Formula::of(formula)),
    }
}

fn part_of(
    basis: &Basis<'_, impl Units>,
    key: &CellKey,
    element: &DataElement,
    dimension: &Dimension,
    part: &CellKey,
) -> Check {
    let (total, of_it) = (Node::cell(key.clone()), Node::cell(part.clone()));
    let option = part.coords.option(&dimension.code).and_then(|code| dimension.option(code));
    let number = |node: &Node| Arg::Number(Formula::of(node.clone()), element.decimals);
    Check {
        code: "parts".to_owned(),
        severity: Severity::Error,
        words: "reporting-check-part",
        args: vec![
            ("element", basis.named(key)),
            ("option", Arg::Text(option.map(|it| it.name.clone()).unwrap_or_default())),
            ("part", number(&of_it)),
            ("total", number(&total)),
        ],
        cells: vec![part.clone(), key.clone()],
        formula: Some(Formula::of(Node::binary(Binary::Le, of_it, total))),
    }
}

fn jump(basis: &Basis<'_, impl Units>, key: &CellKey, element: &DataElement) -> Check {
    let jump = basis.jump;
    let now = || Node::cell(key.clone());
    let before = || Node::Input(Input::Previous(key.clone()));
    let number = |text: u32| Node::whole(text.into());
    let within = |a: Node, b: Node| {
        let far = Node::binary(Binary::Mul, Node::Abs(Box::new(b)), number(jump.factor));
        Node::binary(Binary::Le, Node::Abs(Box::new(a)), far)
    };
    let change = Node::Abs(Box::new(Node::binary(Binary::Sub, now(), before())));
    let little = Node::binary(Binary::Lt, change, number(jump.least));
    let steady = Node::binary(Binary::And, within(now(), before()), within(before(), now()));
    Check {
        code: "jump".to_owned(),
        severity: Severity::Warning,
        words: "reporting-check-jump",
        args: vec![
            ("element", basis.named(key)),
            ("now", Arg::Number(Formula::of(now()), element.decimals)),
            ("before", Arg::Number(Formula::of(before()), element.decimals)),
        ],
        cells: vec![key.clone()],
        formula: Some(Formula::of(Node::binary(Binary::Or, little, steady))),
    }
}

fn typical(basis: &Basis<'_, impl Units>, key: &CellKey, element: &DataElement) -> Option<Check> {
    let usual = basis.typical.get(key)?;
    let low = Rational::scaled(usual.low, element.decimals)?;
    let high = Rational::scaled(usual.high, element.decimals)?;
    let here = || Node::cell(key.clone());
    let above = Node::binary(Binary::Ge, here(), Node::Number(low));
    let below = Node::binary(Binary::Le, here(), Node::Number(high));
    Some(Check {
        code: "typical".to_owned(),
        severity: Severity::Warning,
        words: usual.words(),
        args: vec![
            ("element", basis.named(key)),
            ("now", Arg::Number(Formula::of(here()), element.decimals)),
            ("low", Arg::Text(low.words(element.decimals))),
            ("high", Arg::Text(high.words(element.decimals))),
            ("span", Arg::Text(usual.span().to_owned())),
            ("count", Arg::Text(usual.count().to_string())),
        ],
        cells: vec![key.clone()],
        formula: Some(Formula::of(Node::binary(Binary::And, above, below))),
    })
}
