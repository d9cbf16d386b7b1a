//! Unit algebra: households are not added to đồng, triệu đồng and tỷ đồng are added after conversion, a ratio
//! of one kind is a pure number and times 100 a percentage.
//!
//! Conversion happens once, in the tree, before it is compiled; programs know no units.

use std::{collections::BTreeMap, fmt};

use super::{
    super::{
        amount::units,
        ids::{ElementId, IndicatorId},
    },
    rational::Rational,
    tree::{Binary, Formula, Input, Node},
};

/// How pure numbers are written among kinds.
const PURE: &str = "1";

/// What a number measures: powers of kinds of quantity, and how many of the kind's own units one of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Power by kind: money per household is `{money: 1, household: -1}`. Empty for pure numbers.
    powers: BTreeMap<String, i8>,
    /// 1.000.000 for triệu đồng where the kind's own unit is đồng; 1/100 for percent.
    factor: Rational,
}

impl Measure {
    /// A unit of a kind.
    pub fn of(kind: &str, factor: Rational) -> Self {
        Self { powers: BTreeMap::from([(kind.to_owned(), 1)]), factor }
    }

    /// A pure number: 1 for a ratio, 1/100 for percent.
    pub const fn pure(factor: Rational) -> Self {
        Self { powers: BTreeMap::new(), factor }
    }

    /// True for pure numbers.
    pub fn is_pure(&self) -> bool {
        self.powers.is_empty()
    }

    /// How many of the kind's own units one of it is.
    pub const fn factor(&self) -> Rational {
        self.factor
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let mut powers = self.powers.clone();
        for (kind, power) in &other.powers {
            let here = powers.entry(kind.clone()).or_default();
            *here = here.checked_add(*power)?;
        }
        powers.retain(|_, power| *power != 0);
        Some(Self { powers, factor: self.factor.times(other.factor)? })
    }

    fn inverse(&self) -> Option<Self> {
        let powers =
            self.powers.iter().map(|(kind, power)| Some((kind.clone(), power.checked_neg()?)));
        Some(Self { powers: powers.collect::<Option<_>>()?, factor: self.factor.inverse()? })
    }
}

impl fmt::Display for Measure {
    /// Kinds and powers, for messages: `money`, `money/household`, `1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |positive: bool| {
            let kinds = self.powers.iter().filter(|(_, power)| (**power > 0) == positive);
            kinds
                .map(|(kind, power)| match power.unsigned_abs() {
                    1 => kind.clone(),
                    more => format!("{kind}^{more}"),
                })
                .collect::<Vec<_>>()
                .join("·")
        };
        let (above, below) = (side(true), side(false));
        f.write_str(if above.is_empty() { PURE } else { &above })?;
        if below.is_empty() { Ok(()) } else { write!(f, "/{below}") }
    }
}

/// Who knows what is measured in what.
pub trait Units {
    /// What a data element is measured in; none when there is no such element.
    fn element(&self, id: &ElementId) -> Option<Measure>;
    /// What an indicator, and its target, is measured in; none when there is no such indicator.
    fn indicator(&self, id: &IndicatorId) -> Option<Measure>;
}

/// Why the units of a formula do not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitProblem {
    /// Nobody knows what this is measured in.
    Unknown(String),
    /// Two parts that measure different things are added or compared.
    Mixed {
        /// One part, as text.
        left: String,
        /// What it measures.
        left_measure: String,
        /// The other part, as text.
        right: String,
        /// What it measures.
        right_measure: String,
    },
    /// Factors beyond what is carried.
    TooLarge,
}

impl UnitProblem {
    /// The key of its words.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "reporting-formula-unit-unknown",
            Self::Mixed { .. } => "reporting-formula-unit-mixed",
            Self::TooLarge => "reporting-formula-too-large",
        }
    }

    /// What its words take.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Unknown(part) => vec![("part", part.clone())],
            Self::Mixed { left, left_measure, right, right_measure } => vec![
                ("left", left.clone()),
                ("leftUnit", in_words(left_measure)),
                ("right", right.clone()),
                ("rightUnit", in_words(right_measure)),
            ],
            Self::TooLarge => Vec::new(),
        }
    }
}

impl Formula {
    /// The same formula with conversions put in, and what it measures; none for a truth or written-out numbers.
    pub fn with_units(&self, units: &impl Units) -> Result<(Self, Option<Measure>), UnitProblem> {
        let typed = Typing { units }.node(self.root())?;
        Ok((Self::of(typed.node), typed.measure))
    }

    /// The same formula, giving its result in a unit.
    pub fn in_unit(&self, units: &impl Units, wanted: &Measure) -> Result<Self, UnitProblem> {
        let typed = Typing { units }.node(self.root())?;
        let fits = typed.measure.as_ref().is_none_or(|measure| measure.powers == wanted.powers);
        if !fits {
            let text = self.to_string();
            return Err(mixed(&text, typed.measure.as_ref(), "", Some(wanted)));
        }
        Ok(Self::of(typed.converted(wanted)?.node))
    }
}

/// A measure with the names of units, which are what people know of kinds: `money/household` is *đồng/hộ*. A pure number
/// is as good in per cent.
pub fn in_words(measure: &str) -> String {
    let word = |kind: &str| {
        let base = units().iter().find(|unit| unit.kind == kind && (unit.num, unit.den) == (1, 1));
        base.map_or_else(|| kind.to_owned(), |unit| unit.name.clone())
    };
    let part = |part: &str| match part.split_once('^') {
        Some((kind, power)) => format!("{}^{power}", word(kind)),
        None if part == PURE => word("percent"),
        None => word(part),
    };
    let side = |side: &str| side.split('·').map(part).collect::<Vec<_>>().join("·");
    match measure.split_once('/') {
        Some((PURE, below)) => format!("1/{}", side(below)),
        Some((above, below)) => format!("{}/{}", side(above), side(below)),
        None => side(measure),
    }
}

fn mixed(left: &str, one: Option<&Measure>, right: &str, two: Option<&Measure>) -> UnitProblem {
    let told = |measure: Option<&Measure>| measure.map(ToString::to_string).unwrap_or_default();
    UnitProblem::Mixed {
        left: left.to_owned(),
        left_measure: told(one),
        right: right.to_owned(),
        right_measure: told(two),
    }
}

/// A part with its conversions.
struct Typed {
    node: Node,
    /// None for truths, and for written-out numbers: they fit any unit.
    measure: Option<Measure>,
    /// True when 100 was multiplied in and is not yet spent on a percentage.
    hundredfold: bool,
}

impl Typed {
    fn plain(node: Node, measure: Option<Measure>) -> Self {
        Self { node, measure, hundredfold: false }
    }

    /// In another unit of the same kind.
    fn converted(self, to: &Measure) -> Result<Self, UnitProblem> {
        let Some(from) = &self.measure else { return Ok(Self::plain(self.node, None)) };
        if from.factor == to.factor {
            return Ok(Self::plain(self.node, Some(to.clone())));
        }
        let over = to.factor.inverse().and_then(|over| from.factor.times(over));
        let factor = Node::Number(over.ok_or(UnitProblem::TooLarge)?);
        let node = Node::binary(Binary::Mul, self.node, factor);
        Ok(Self::plain(node, Some(to.clone())))
    }
}

struct Typing<'a, U> {
    units: &'a U,
}

impl<U: Units> Typing<'_, U> {
    fn node(&self, node: &Node) -> Result<Typed, UnitProblem> {
        let boxed = |typed: Typed, wrap: fn(Box<Node>) -> Node| {
            Typed::plain(wrap(Box::new(typed.node)), typed.measure)
        };
        Ok(match node {
            Node::Number(_) => Typed::plain(node.clone(), None),
            Node::Input(input) => Typed::plain(node.clone(), Some(self.input(input)?)),
            Node::Neg(a) => boxed(self.node(a)?, Node::Neg),
            Node::Not(a) => boxed(self.node(a)?, Node::Not),
            Node::Abs(a) => boxed(self.node(a)?, Node::Abs),
            Node::OrZero(a) => boxed(self.node(a)?, Node::OrZero),
            Node::Has(a) => Typed::plain(Node::Has(Box::new(self.node(a)?.node)), None),
            Node::Round(a, places) => {
                let inner = self.node(a)?;
                Typed::plain(Node::Round(Box::new(inner.node), *places), inner.measure)
            }
            Node::Min(all) => self.list(all, Node::Min)?,
            Node::Max(all) => self.list(all, Node::Max)?,
            Node::Sum(all) => self.list(all, Node::Sum)?,
            Node::If(condition, then, other) => {
                let condition = self.node(condition)?.node;
                let (branches, measure) = self.alike(&[then, other])?;
                let mut branches = branches.into_iter().map(Box::new);
                match (branches.next(), branches.next()) {
                    (Some(then), Some(other)) => {
                        Typed::plain(Node::If(Box::new(condition), then, other), measure)
                    }
                    _ => return Err(UnitProblem::TooLarge),
                }
            }
            Node::Binary(Binary::Mul, a, b) => self.product(a, b)?,
            Node::Binary(Binary::Div, a, b) => self.quotient(a, b)?,
            Node::Binary(operator, a, b) => {
                let (parts, measure) = self.alike(&[a, b])?;
                let sum = matches!(operator, Binary::Add | Binary::Sub);
                let node = parts.into_iter().reduce(|a, b| Node::binary(*operator, a, b));
                Typed::plain(node.ok_or(UnitProblem::TooLarge)?, measure.filter(|_| sum))
            }
        })
    }

    fn input(&self, input: &Input) -> Result<Measure, UnitProblem> {
        let found = match input {
            Input::Cell(key) | Input::Previous(key) => self.units.element(&key.element),
            Input::Indicator(id) | Input::Target(id) => self.units.indicator(id),
        };
        found.ok_or_else(|| UnitProblem::Unknown(input.to_string()))
    }

    fn list(&self, all: &[Node], wrap: fn(Vec<Node>) -> Node) -> Result<Typed, UnitProblem> {
        let (parts, measure) = self.alike(&all.iter().collect::<Vec<_>>())?;
        Ok(Typed::plain(wrap(parts), measure))
    }

    /// Parts in one unit: that of the first which has one.
    fn alike(&self, parts: &[&Node]) -> Result<(Vec<Node>, Option<Measure>), UnitProblem> {
        let typed = parts.iter().map(|part| self.node(part)).collect::<Result<Vec<_>, _>>()?;
        let first = typed.iter().position(|one| one.measure.is_some());
        let Some((at, measure)) = first.and_then(|at| Some((at, typed[at].measure.clone()?)))
        else {
            return Ok((typed.into_iter().map(|one| one.node).collect(), None));
        };
        let mut alike = Vec::with_capacity(typed.len());
        for (one, part) in typed.into_iter().zip(parts) {
            if one.measure.as_ref().is_some_and(|other| other.powers != measure.powers) {
                let (left, right) = (parts[at].to_string(), part.to_string());
                return Err(mixed(&left, Some(&measure), &right, one.measure.as_ref()));
            }
            alike.push(one.converted(&measure)?.node);
        }
        Ok((alike, Some(measure)))
    }

    fn product(&self, a: &Node, b: &Node) -> Result<Typed, UnitProblem> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let hundred = Node::whole(100);
        let times_hundred = a.node == hundred || b.node == hundred;
        let hundredfold = a.hundredfold || b.hundredfold || times_hundred;
        let (one, two) = (a.measure, b.measure);
        let node = Node::binary(Binary::Mul, a.node, b.node);
        match (one, two) {
            (Some(one), Some(two)) => {
                let product = one.times(&two).ok_or(UnitProblem::TooLarge)?;
                settle(node, product, hundredfold, one.is_pure() && two.is_pure())
            }
            (None, None) => Ok(Typed { node, measure: None, hundredfold }),
            (Some(mut measure), None) | (None, Some(mut measure)) => {
                let ratio = measure.is_pure() && measure.factor == Rational::ONE;
                if ratio && times_hundred {
                    measure.factor = Rational::new(1, 100).ok_or(UnitProblem::TooLarge)?;
                    return Ok(Typed::plain(node, Some(measure)));
                }
                Ok(Typed { node, measure: Some(measure), hundredfold })
            }
        }
    }

    fn quotient(&self, a: &Node, b: &Node) -> Result<Typed, UnitProblem> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let hundredfold = a.hundredfold;
        let below = match &b.measure {
            Some(measure) => Some(measure.inverse().ok_or(UnitProblem::TooLarge)?),
            None => None,
        };
        let node = Node::binary(Binary::Div, a.node, b.node);
        match (a.measure, below) {
            (Some(one), Some(two)) => {
                let quotient = one.times(&two).ok_or(UnitProblem::TooLarge)?;
                settle(node, quotient, hundredfold, one.is_pure())
            }
            (measure, None) | (None, measure) => Ok(Typed { node, measure, hundredfold }),
        }
    }
}

/// A product or quotient: when the kinds cancel it is a pure number, in ones, or in percent when 100 was
/// multiplied in before.
fn settle(
    node: Node,
    measure: Measure,
    hundredfold: bool,
    was_pure: bool,
) -> Result<Typed, UnitProblem> {
    if !measure.is_pure() {
        return Ok(Typed { node, measure: Some(measure), hundredfold });
    }
    let percent = hundredfold && !was_pure;
    let target = Rational::new(1, if percent { 100 } else { 1 }).ok_or(UnitProblem::TooLarge)?;
    let in_ones = Typed::plain(node, Some(measure)).converted(&Measure::pure(Rational::ONE))?;
    Ok(Typed::plain(in_ones.node, Some(Measure::pure(target))))
}
