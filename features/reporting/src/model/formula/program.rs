//! A formula as a program for a stack machine: what travels to the page. Only forward jumps, so it ends.

use serde::{Serialize, Serializer};

use super::{
    rational::Rational,
    tree::{Binary, Formula, Input, Kind, Node},
};

/// One step of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Puts a number: `{"number":"5/2"}`.
    Number(Rational),
    /// Puts a figure, by its index among the inputs.
    Input(usize),
    /// Takes one, puts one.
    Neg,
    /// Takes one, puts one.
    Not,
    /// Takes one, puts one.
    Abs,
    /// Takes one, puts one.
    OrZero,
    /// Takes one, puts one.
    Has,
    /// Takes one, puts it with so many decimals.
    Round(u32),
    /// Takes two, puts one.
    Do(Binary),
    /// Takes two, puts their quotient; the words name what is below the line.
    Div(String),
    /// Takes so many, puts one.
    Min(usize),
    /// Takes so many, puts one.
    Max(usize),
    /// Takes so many, puts one.
    Sum(usize),
    /// Takes a truth. True goes on; false skips the first number of steps and the [`Op::Skip`] after them;
    /// anything else is put back and stands for the result: both branches are skipped.
    If(usize, usize),
    /// Skips so many steps.
    Skip(usize),
}

/// A program. Only [`Formula::compile`] makes one, so every step finds on the stack what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<Input>,
    pub(super) ops: Vec<Op>,
}

impl Program {
    /// What it names, in the order in which the page hands the figures over.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// What it gives.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its steps.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }
}

impl Serialize for Program {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            kind: Kind,
            inputs: &'a [Input],
            ops: &'a [Op],
        }
        Wire { kind: self.kind, inputs: &self.inputs, ops: &self.ops }.serialize(out)
    }
}

impl Formula {
    /// The program that computes it.
    pub fn compile(&self) -> Program {
        Compiler::compile(self, false).0
    }

    /// With the text of the part that each step computes, for [`super::Trace`].
    pub(super) fn compile_with_texts(&self) -> (Program, Vec<String>) {
        Compiler::compile(self, true)
    }
}

struct Compiler<'a> {
    inputs: Vec<&'a Input>,
    ops: Vec<Op>,
    texts: Option<Vec<String>>,
}

impl<'a> Compiler<'a> {
    fn compile(formula: &'a Formula, with_texts: bool) -> (Program, Vec<String>) {
        let mut it = Self {
            inputs: formula.inputs().into_iter().collect(),
            ops: Vec::new(),
            texts: with_texts.then(Vec::new),
        };
        it.node(formula.root());
        let inputs = it.inputs.into_iter().cloned().collect();
        (Program { kind: formula.kind(), inputs, ops: it.ops }, it.texts.unwrap_or_default())
    }

    fn put(&mut self, op: Op, of: &Node) {
        self.ops.push(op);
        if let Some(texts) = &mut self.texts {
            texts.push(of.to_string());
        }
    }

    fn node(&mut self, node: &'a Node) {
        if let Node::If(condition, then, other) = node {
            return self.branch(node, [condition, then, other]);
        }
        for part in node.parts() {
            self.node(part);
        }
        let op = match node {
            Node::Number(number) => Op::Number(*number),
            Node::Input(input) => {
                // Every input was gathered from this very tree.
                Op::Input(self.inputs.binary_search(&input).unwrap_or_default())
            }
            Node::Neg(_) => Op::Neg,
            Node::Not(_) => Op::Not,
            Node::Abs(_) => Op::Abs,
            Node::OrZero(_) => Op::OrZero,
            Node::Has(_) => Op::Has,
            Node::Round(_, places) => Op::Round(*places),
            Node::Binary(Binary::Div, _, below) => Op::Div(below.to_string()),
            Node::Binary(operator, ..) => Op::Do(*operator),
            Node::Min(all) => Op::Min(all.len()),
            Node::Max(all) => Op::Max(all.len()),
            Node::Sum(all) => Op::Sum(all.len()),
            Node::If(..) => return,
        };
        self.put(op, node);
    }

    fn branch(&mut self, node: &'a Node, [condition, then, other]: [&'a Node; 3]) {
        self.node(condition);
        let fork = self.ops.len();
        self.put(Op::If(0, 0), node);
        self.node(then);
        let skip = self.ops.len();
        self.put(Op::Skip(0), node);
        self.node(other);
        let (taken, left) = (skip - fork - 1, self.ops.len() - skip - 1);
        self.ops[fork] = Op::If(taken, left);
        self.ops[skip] = Op::Skip(left);
    }
}
