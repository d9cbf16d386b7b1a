//! The formula language: what indicators, checks of forms and typical ranges are written in.
//!
//! Text is parsed to a [`Node`], checked against the units of what it names, and compiled to a [`Program`] for
//! a stack machine. There is one meaning: [`Program::run`] here and `assets/formula.js` in the page run the
//! same program to the same verdict, and golden vectors prove it. What a formula gives is a number or a truth,
//! or it is *missing* something, or there is a [`Problem`]; a missing figure is never a zero.

mod graph;
mod parse;
mod print;
mod program;
mod rational;
mod run;
mod tree;
mod units;

#[cfg(test)]
mod tests;

pub use graph::{Cycle, order};
pub use parse::{CHARS_MAX, NESTING_MAX, ParseError, ParseProblem};
pub use program::{Op, Program};
pub use rational::Rational;
pub use run::{Outcome, Problem, Reading, Step, Trace};
pub use tree::{Binary, Formula, Input, Kind, Node};
pub use units::{Measure, UnitProblem, Units, in_words};
