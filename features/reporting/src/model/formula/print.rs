//! A formula as text: the fewest brackets, one spelling. What is printed parses to the same tree.

use std::fmt;

use super::{
    super::{cell::CellKey, ids::IndicatorId},
    parse::is_bare,
    tree::{Binary, Formula, Input, Node},
};

/// How tightly parts hold together; a part that holds less than its place asks for gets brackets.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const SIGN: u8 = 7;
const WHOLE: u8 = 8;

const fn grip_of(operator: Binary) -> u8 {
    match operator {
        Binary::Or => OR,
        Binary::And => AND,
        Binary::Add | Binary::Sub => SUM,
        Binary::Mul | Binary::Div => PRODUCT,
        _ => COMPARE,
    }
}

fn grip(node: &Node) -> u8 {
    match node {
        Node::Binary(operator, ..) => grip_of(*operator),
        Node::Not(_) => NOT,
        Node::Neg(_) => SIGN,
        // Numbers that rules put in (a factor of 1/1000, a bound below zero) are written as what they are.
        Node::Number(number) if number.numerator() < 0 => SIGN,
        Node::Number(number) if number.as_decimal().is_none() => PRODUCT,
        _ => WHOLE,
    }
}

fn write_part(f: &mut fmt::Formatter<'_>, node: &Node, least: u8) -> fmt::Result {
    if grip(node) < least { write!(f, "({node})") } else { write!(f, "{node}") }
}

fn write_call(f: &mut fmt::Formatter<'_>, name: &str, parts: &[&Node]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => match number.as_decimal() {
                Some(text) => f.write_str(&text),
                None => write!(f, "{number}"),
            },
            Self::Input(input) => write!(f, "{input}"),
            Self::Neg(a) => {
                f.write_str("-")?;
                write_part(f, a, SIGN)
            }
            Self::Not(a) => {
                f.write_str("not ")?;
                write_part(f, a, NOT)
            }
            Self::Binary(operator, a, b) => {
                let grip = grip_of(*operator);
                // Comparisons do not chain; everything else leans to the left.
                write_part(f, a, if grip == COMPARE { grip + 1 } else { grip })?;
                write!(f, " {} ", operator.sign())?;
                write_part(f, b, grip + 1)
            }
            Self::If(..) => write_call(f, "if", &self.parts()),
            Self::Min(_) => write_call(f, "min", &self.parts()),
            Self::Max(_) => write_call(f, "max", &self.parts()),
            Self::Sum(_) => write_call(f, "sum", &self.parts()),
            Self::Abs(_) => write_call(f, "abs", &self.parts()),
            Self::OrZero(_) => write_call(f, "orzero", &self.parts()),
            Self::Has(_) => write_call(f, "has", &self.parts()),
            Self::Round(a, 0) => write_call(f, "round", &[a]),
            Self::Round(a, places) => write!(f, "round({a}, {places})"),
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(key) => write_cell(f, key),
            Self::Previous(key) => {
                f.write_str("previous(")?;
                write_cell(f, key)?;
                f.write_str(")")
            }
            Self::Indicator(id) => write_indicator(f, id),
            Self::Target(id) => {
                f.write_str("target(")?;
                write_indicator(f, id)?;
                f.write_str(")")
            }
        }
    }
}

fn write_cell(f: &mut fmt::Formatter<'_>, key: &CellKey) -> fmt::Result {
    if key.coords.is_total() {
        write!(f, "[{}]", key.element)
    } else {
        write!(f, "[{}{{{}}}]", key.element, key.coords.text())
    }
}

fn write_indicator(f: &mut fmt::Formatter<'_>, id: &IndicatorId) -> fmt::Result {
    if id.as_str().bytes().all(is_bare) { write!(f, "#{id}") } else { write!(f, "#[{id}]") }
}
