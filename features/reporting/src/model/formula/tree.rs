//! A formula as a tree, and what it names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use super::{
    super::{
        cell::CellKey,
        ids::{ElementId, IndicatorId},
    },
    rational::Rational,
    run::Reading,
};

/// A figure from outside that a formula names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A cell of this period: `[3.4{dt=tay}]`.
    #[serde(serialize_with = "as_field")]
    Cell(CellKey),
    /// The same cell one period earlier: `previous([3.4])`.
    #[serde(serialize_with = "as_field")]
    Previous(CellKey),
    /// Another indicator: `#MT02`.
    Indicator(IndicatorId),
    /// What an indicator shall reach: `target(#MT02)`.
    Target(IndicatorId),
}

/// Cells travel to the page under the names of its fields.
fn as_field<S: Serializer>(key: &CellKey, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&key.text())
}

impl Input {
    /// The cell it is, now or one period earlier.
    pub fn cell(&self) -> Option<&CellKey> {
        match self {
            Self::Cell(key) | Self::Previous(key) => Some(key),
            Self::Indicator(_) | Self::Target(_) => None,
        }
    }
}

/// What a formula gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number.
    Number,
    /// Whether something holds.
    Truth,
}

/// What stands between two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `>=`
    Ge,
    /// `>`
    Gt,
    /// `and`
    And,
    /// `or`
    Or,
}

impl Binary {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Ge => ">=",
            Self::Gt => ">",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    /// What both its parts must be.
    pub const fn takes(self) -> Kind {
        match self {
            Self::And | Self::Or => Kind::Truth,
            _ => Kind::Number,
        }
    }

    /// What it gives.
    pub const fn gives(self) -> Kind {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Div => Kind::Number,
            _ => Kind::Truth,
        }
    }
}

/// A part of a formula. Built by the parser, or directly by rules that nobody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A number that is written out.
    Number(Rational),
    /// A figure.
    Input(Input),
    /// `-a`
    Neg(Box<Node>),
    /// `not a`
    Not(Box<Node>),
    /// `a + b`
    Binary(Binary, Box<Node>, Box<Node>),
    /// `if(c, a, b)`; only the branch taken counts.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// `min(a, b, …)`
    Min(Vec<Node>),
    /// `max(a, b, …)`
    Max(Vec<Node>),
    /// `sum(a, b, …)`: of those that are known; missing when none is.
    Sum(Vec<Node>),
    /// `abs(a)`
    Abs(Box<Node>),
    /// `round(a, n)`, halves away from zero; n from 0 to 9.
    Round(Box<Node>, u32),
    /// `orzero(a)`: zero when it is missing.
    OrZero(Box<Node>),
    /// `has(a)`: whether nothing it needs is missing.
    Has(Box<Node>),
}

impl Node {
    /// The figure of a cell.
    pub fn cell(key: CellKey) -> Self {
        Self::Input(Input::Cell(key))
    }

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self::Number(Rational::scaled(number, 0).unwrap_or(Rational::ZERO))
    }

    /// Two parts and what stands between them.
    pub fn binary(operator: Binary, left: Self, right: Self) -> Self {
        Self::Binary(operator, Box::new(left), Box::new(right))
    }

    /// Whether all of them hold; none when there is none.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|a, b| Self::binary(Binary::And, a, b))
    }

    /// What it gives.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Not(_) | Self::Has(_) => Kind::Truth,
            Self::Binary(operator, ..) => operator.gives(),
            Self::If(_, then, _) => then.kind(),
            _ => Kind::Number,
        }
    }

    /// Its parts, from left to right.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Input(_) => Vec::new(),
            Self::Neg(a)
            | Self::Not(a)
            | Self::Abs(a)
            | Self::Round(a, _)
            | Self::OrZero(a)
            | Self::Has(a) => vec![a],
            Self::Binary(_, a, b) => vec![a, b],
            Self::If(a, b, c) => vec![a, b, c],
            Self::Min(all) | Self::Max(all) | Self::Sum(all) => all.iter().collect(),
        }
    }

    /// Every figure it names.
    pub fn inputs(&self) -> BTreeSet<&Input> {
        let mut found = BTreeSet::new();
        let mut left = vec![self];
        while let Some(node) = left.pop() {
            if let Self::Input(input) = node {
                found.insert(input);
            }
            left.extend(node.parts());
        }
        found
    }
}

/// A formula that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    root: Node,
}

impl Formula {
    /// A formula of parts that nobody typed.
    pub const fn of(root: Node) -> Self {
        Self { root }
    }

    /// Its tree.
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// What it gives.
    pub fn kind(&self) -> Kind {
        self.root.kind()
    }

    /// Every figure it names.
    pub fn inputs(&self) -> BTreeSet<&Input> {
        self.root.inputs()
    }

    /// What stands below a line anywhere in it.
    pub fn below_lines(&self) -> Vec<&Node> {
        let (mut found, mut left) = (Vec::new(), vec![&self.root]);
        while let Some(node) = left.pop() {
            if let Node::Binary(Binary::Div, _, under) = node {
                found.push(under.as_ref());
            }
            left.extend(node.parts());
        }
        found
    }

    /// What stands below a line and is zero whatever the figures are: there is never a result.
    pub fn zero_below(&self) -> Option<&Node> {
        let is_zero = |node: &&Node| {
            let value = || Self::of((*node).clone()).compile().run(|_| Reading::Missing).number();
            node.inputs().is_empty() && value().is_some_and(Rational::is_zero)
        };
        self.below_lines().into_iter().find(is_zero)
    }

    /// Every data element it names.
    pub fn elements(&self) -> BTreeSet<&ElementId> {
        let cells = self.inputs().into_iter().filter_map(Input::cell);
        cells.map(|key| &key.element).collect()
    }

    /// Every indicator it is computed from; targets are not computed.
    pub fn indicators(&self) -> BTreeSet<&IndicatorId> {
        let named = self.inputs().into_iter().filter_map(|input| match input {
            Input::Indicator(id) => Some(id),
            _ => None,
        });
        named.collect()
    }
}
