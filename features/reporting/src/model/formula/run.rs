//! The stack machine. `assets/formula.js` is its twin, line by line.
//!
//! What is missing wins over what is wrong (nobody knows yet whether it is wrong), and both go through
//! everything except `sum`, `orzero`, `has`, and `and`/`or` whose other part decides alone.

use std::{cmp::Ordering, collections::BTreeSet};

use serde::Serialize;

use super::{
    super::cell::CellState,
    program::{Op, Program},
    rational::Rational,
    tree::{Binary, Formula, Input},
};

/// What stands in for an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A number.
    Known(Rational),
    /// Not reported, or nobody knows.
    Missing,
    /// It could not be computed itself (another indicator).
    Wrong(Problem),
}

impl Reading {
    /// What a cell holds, in the element's unit: nil is zero, no data and no row are missing.
    pub fn of(state: Option<&CellState>, decimals: u32) -> Self {
        match state.and_then(CellState::amount) {
            None => Self::Missing,
            Some(amount) => Rational::scaled(amount, decimals)
                .map_or(Self::Wrong(Problem::TooLarge), Self::Known),
        }
    }

    /// What another formula gave.
    pub fn from_outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Number(number) => Self::Known(*number),
            Outcome::Truth(truth) => {
                Self::Known(if *truth { Rational::ONE } else { Rational::ZERO })
            }
            Outcome::Missing(_) => Self::Missing,
            Outcome::Problem(problem) => Self::Wrong(problem.clone()),
        }
    }
}

/// Why a formula gives nothing although everything it needs is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// What is below a line is zero; its text.
    ZeroBelow(String),
    /// The numbers leave what is carried exactly.
    TooLarge,
}

impl Problem {
    /// The key of its words; they take `$below`.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::ZeroBelow(_) => "reporting-formula-zero-below",
            Self::TooLarge => "reporting-formula-too-large",
        }
    }
}

/// What a formula gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A number.
    Number(Rational),
    /// Whether something holds.
    Truth(bool),
    /// Nothing, because these inputs are missing (by index among the program's inputs).
    Missing(BTreeSet<usize>),
    /// Nothing, and why.
    Problem(Problem),
}

impl Outcome {
    /// The number it is.
    pub const fn number(&self) -> Option<Rational> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn told(number: Option<Rational>) -> Self {
        number.map_or(Self::Problem(Problem::TooLarge), Self::Number)
    }
}

/// One part of a formula and what it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The part, as text.
    pub text: String,
    /// The figure it is, for parts that are one.
    pub input: Option<Input>,
    /// What it gave.
    pub outcome: Outcome,
    /// The steps it used, by index.
    pub parts: Vec<usize>,
}

/// How a result came about: every step in the order taken; the last one is the result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Program {
    /// Runs it on figures.
    pub fn run(&self, read: impl Fn(&Input) -> Reading) -> Outcome {
        self.run_telling(read, |_, _, _, _| 0)
    }

    /// Runs it; `tell` hears of every step what it took and gave, and answers by which number it goes on.
    fn run_telling(
        &self,
        read: impl Fn(&Input) -> Reading,
        mut tell: impl FnMut(usize, &Op, &Outcome, Vec<usize>) -> usize,
    ) -> Outcome {
        let mut stack: Vec<(Outcome, usize)> = Vec::new();
        let mut at = 0;
        while let Some(op) = self.ops.get(at) {
            let takes = op.takes().min(stack.len());
            let (mut given, parts): (Vec<_>, Vec<_>) =
                stack.split_off(stack.len() - takes).into_iter().unzip();
            at += 1;
            match op {
                Op::Skip(steps) => at += steps,
                Op::If(then, other) => match given.pop() {
                    None | Some(Outcome::Truth(true)) => {}
                    Some(Outcome::Truth(false)) => at += then + 1,
                    Some(open) => {
                        at += then + 1 + other;
                        let step = tell(at - 1, op, &open, parts);
                        stack.push((open, step));
                    }
                },
                _ => {
                    let outcome = self.step(op, given, &read);
                    let step = tell(at - 1, op, &outcome, parts);
                    stack.push((outcome, step));
                }
            }
        }
        // A program leaves exactly one.
        stack.pop().map_or(Outcome::Missing(BTreeSet::new()), |(outcome, _)| outcome)
    }

    fn step(&self, op: &Op, mut given: Vec<Outcome>, read: impl Fn(&Input) -> Reading) -> Outcome {
        match op {
            Op::Number(number) => Outcome::Number(*number),
            Op::Input(index) => match read(&self.inputs[*index]) {
                Reading::Known(number) => Outcome::Number(number),
                Reading::Missing => Outcome::Missing(BTreeSet::from([*index])),
                Reading::Wrong(problem) => Outcome::Problem(problem),
            },
            Op::OrZero => match given.pop() {
                Some(Outcome::Missing(_)) | None => Outcome::Number(Rational::ZERO),
                Some(other) => other,
            },
            Op::Has => match given.pop() {
                Some(Outcome::Problem(problem)) => Outcome::Problem(problem),
                other => Outcome::Truth(!matches!(other, Some(Outcome::Missing(_)))),
            },
            Op::Do(Binary::And) => decided(&given, false),
            Op::Do(Binary::Or) => decided(&given, true),
            Op::Sum(_) => {
                let known = |one: &Outcome| !matches!(one, Outcome::Missing(_));
                if given.iter().any(known) {
                    given.retain(known);
                }
                strict(op, &given)
            }
            _ => strict(op, &given),
        }
    }
}

impl Op {
    /// How many it takes from the stack.
    const fn takes(&self) -> usize {
        match self {
            Self::Number(_) | Self::Input(_) | Self::Skip(_) => 0,
            Self::Do(_) | Self::Div(_) => 2,
            Self::Min(count) | Self::Max(count) | Self::Sum(count) => *count,
            _ => 1,
        }
    }
}

/// What is missing among parts, or else the first problem; none when everything is known.
fn open(parts: &[Outcome]) -> Option<Outcome> {
    let mut missing = BTreeSet::new();
    let mut any = false;
    for part in parts {
        if let Outcome::Missing(inputs) = part {
            any = true;
            missing.extend(inputs);
        }
    }
    if any {
        return Some(Outcome::Missing(missing));
    }
    parts.iter().find(|part| matches!(part, Outcome::Problem(_))).cloned()
}

/// `and` and `or`: one part that equals `deciding` settles it, whatever the other is.
fn decided(parts: &[Outcome], deciding: bool) -> Outcome {
    if parts.contains(&Outcome::Truth(deciding)) {
        return Outcome::Truth(deciding);
    }
    open(parts).unwrap_or(Outcome::Truth(!deciding))
}

/// Steps that need all their parts.
fn strict(op: &Op, parts: &[Outcome]) -> Outcome {
    if let Some(outcome) = open(parts) {
        return outcome;
    }
    if let (Op::Not, [Outcome::Truth(truth)]) = (op, parts) {
        return Outcome::Truth(!truth);
    }
    let numbers: Vec<Rational> = parts.iter().filter_map(Outcome::number).collect();
    match (op, numbers.as_slice()) {
        (Op::Neg, [a]) => Outcome::Number(a.negated()),
        (Op::Abs, [a]) => Outcome::Number(a.magnitude()),
        (Op::Round(places), [a]) => Outcome::told(a.rounded(*places)),
        (Op::Div(below), [a, b]) => match b.inverse() {
            Some(over) => Outcome::told(a.times(over)),
            None => Outcome::Problem(Problem::ZeroBelow(below.clone())),
        },
        (Op::Do(operator), [a, b]) => binary(*operator, *a, *b),
        (Op::Min(_), [first, rest @ ..]) => extreme(*first, rest, Ordering::Less),
        (Op::Max(_), [first, rest @ ..]) => extreme(*first, rest, Ordering::Greater),
        (Op::Sum(_), all) => {
            Outcome::told(all.iter().try_fold(Rational::ZERO, |sum, one| sum.plus(*one)))
        }
        // The parser and the compiler leave nothing else.
        _ => Outcome::Problem(Problem::TooLarge),
    }
}

fn binary(operator: Binary, a: Rational, b: Rational) -> Outcome {
    match operator {
        Binary::Add => return Outcome::told(a.plus(b)),
        Binary::Sub => return Outcome::told(a.minus(b)),
        Binary::Mul => return Outcome::told(a.times(b)),
        _ => {}
    }
    let Some(order) = a.compare(b) else { return Outcome::Problem(Problem::TooLarge) };
    Outcome::Truth(match operator {
        Binary::Lt => order.is_lt(),
        Binary::Le => order.is_le(),
        Binary::Eq => order.is_eq(),
        Binary::Ne => order.is_ne(),
        Binary::Ge => order.is_ge(),
        _ => order.is_gt(),
    })
}

fn extreme(first: Rational, rest: &[Rational], wanted: Ordering) -> Outcome {
    let mut best = first;
    for one in rest {
        match one.compare(best) {
            None => return Outcome::Problem(Problem::TooLarge),
            Some(order) if order == wanted => best = *one,
            Some(_) => {}
        }
    }
    Outcome::Number(best)
}

impl Formula {
    /// Computes it and tells how: which figure had which value, what each part gave.
    pub fn explain(&self, read: impl Fn(&Input) -> Reading) -> (Outcome, Trace) {
        let (program, texts) = self.compile_with_texts();
        let mut trace = Trace::default();
        let outcome = program.run_telling(read, |at, op, outcome, parts| {
            let input = match op {
                Op::Input(index) => program.inputs.get(*index).cloned(),
                _ => None,
            };
            let text = texts.get(at).cloned().unwrap_or_default();
            trace.steps.push(Step { text, input, outcome: outcome.clone(), parts });
            trace.steps.len() - 1
        });
        (outcome, trace)
    }
}
