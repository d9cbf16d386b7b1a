//! Text to tree. Never panics, whatever the text; every refusal says where and what.

use super::{
    super::{
        cell::CellKey,
        dimension::Coords,
        ids::{ElementId, IndicatorId},
    },
    rational::Rational,
    tree::{Binary, Formula, Input, Kind, Node},
};

/// Most characters of a formula, spaces not counted.
pub const CHARS_MAX: usize = 1_024;
/// Most spaces of a formula.
const SPACES_MAX: usize = 4_096;
/// Most brackets, signs and calls within each other.
pub const NESTING_MAX: u32 = 32;
/// Most decimals of `round`.
const PLACES_MAX: i128 = 9;

/// Why a text is no formula, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The character at which it goes wrong, counted from 1; one past the end when something is missing there.
    pub at: usize,
    /// What is wrong.
    pub problem: ParseProblem,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseProblem {
    /// Nothing is written.
    Empty,
    /// More characters than are read.
    TooLong,
    /// Too many brackets within each other.
    TooDeep,
    /// Something else was expected here.
    Unexpected,
    /// It ends too early.
    Ends,
    /// A bracket is not closed.
    Unclosed,
    /// No such function.
    UnknownFunction,
    /// Too few or too many parts between the brackets of a function.
    Arguments,
    /// A number that is too long or not written plainly.
    Number,
    /// No code of a data element or an indicator.
    Code,
    /// No coordinates.
    Coords,
    /// A number where a condition must stand.
    NeedsTruth,
    /// A condition where a number must stand.
    NeedsNumber,
    /// `a < b < c`.
    Chained,
    /// `previous` of something other than one cell, or `target` of something other than one indicator.
    NeedsReference,
    /// `round` to something other than 0–9 decimals.
    Places,
}

impl ParseProblem {
    /// The key of its words; they take `$at`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Empty => "reporting-formula-empty",
            Self::TooLong => "reporting-formula-too-long",
            Self::TooDeep => "reporting-formula-too-deep",
            Self::Unexpected => "reporting-formula-unexpected",
            Self::Ends => "reporting-formula-ends",
            Self::Unclosed => "reporting-formula-unclosed",
            Self::UnknownFunction => "reporting-formula-unknown-function",
            Self::Arguments => "reporting-formula-arguments",
            Self::Number => "reporting-formula-number",
            Self::Code => "reporting-formula-code",
            Self::Coords => "reporting-formula-coords",
            Self::NeedsTruth => "reporting-formula-needs-truth",
            Self::NeedsNumber => "reporting-formula-needs-number",
            Self::Chained => "reporting-formula-chained",
            Self::NeedsReference => "reporting-formula-needs-reference",
            Self::Places => "reporting-formula-places",
        }
    }
}

/// Characters of an indicator's code that need no brackets: `#MT02`, but `#[MT-02]`.
pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}

impl Formula {
    /// Reads a formula.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let spaces = text.bytes().filter(u8::is_ascii_whitespace).count();
        if text.chars().count() - spaces > CHARS_MAX || spaces > SPACES_MAX {
            return Err(ParseError { at: CHARS_MAX + 1, problem: ParseProblem::TooLong });
        }
        let mut parser = Parser { text, at: 0, depth: 0 };
        parser.skip_spaces();
        if parser.peek().is_none() {
            return Err(parser.error(ParseProblem::Empty));
        }
        let root = parser.any()?;
        if parser.peek().is_some() {
            return Err(parser.error(ParseProblem::Unexpected));
        }
        Ok(Self::of(root))
    }
}

type Parsed<T> = Result<T, ParseError>;

/// Where the reader stands. Every method leaves it before the next token, spaces skipped.
struct Parser<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn error_at(&self, at: usize, problem: ParseProblem) -> ParseError {
        let at = self.text.char_indices().take_while(|(byte, _)| *byte < at).count() + 1;
        ParseError { at, problem }
    }

    fn error(&self, problem: ParseProblem) -> ParseError {
        let ended = self.peek().is_none() && problem == ParseProblem::Unexpected;
        self.error_at(self.at, if ended { ParseProblem::Ends } else { problem })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Takes a sign when it stands here.
    fn take(&mut self, sign: &str) -> bool {
        let here = self.text.as_bytes()[self.at..].starts_with(sign.as_bytes());
        if here {
            self.at += sign.len();
            self.skip_spaces();
        }
        here
    }

    fn need(&mut self, sign: &str, problem: ParseProblem) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { Err(self.error(problem)) }
    }

    /// The word that stands here; it is taken only by [`Parser::take_word`].
    fn word(&self) -> &'a str {
        self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    fn run(&self, fits: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii() && fits(**byte)).count();
        &self.text[self.at..self.at + length]
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.word() == word && self.take(word)
    }

    /// One level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == NESTING_MAX {
            return Err(self.error(ParseProblem::TooDeep));
        }
        self.depth += 1;
        let it = read(self);
        self.depth -= 1;
        it
    }

    /// A part of the kind that its place asks for.
    fn of_kind(
        &mut self,
        kind: Kind,
        read: impl FnOnce(&mut Self) -> Parsed<Node>,
    ) -> Parsed<Node> {
        let start = self.at;
        let node = read(self)?;
        self.check_kind(&node, kind, start)?;
        Ok(node)
    }

    fn check_kind(&self, node: &Node, kind: Kind, at: usize) -> Parsed<()> {
        match (kind, node.kind() == kind) {
            (_, true) => Ok(()),
            (Kind::Truth, false) => Err(self.error_at(at, ParseProblem::NeedsTruth)),
            (Kind::Number, false) => Err(self.error_at(at, ParseProblem::NeedsNumber)),
        }
    }

    /// Parts with the same binding, from left to right.
    fn chain(
        &mut self,
        operator: impl Fn(&mut Self) -> Option<Binary>,
        part: impl Fn(&mut Self) -> Parsed<Node>,
    ) -> Parsed<Node> {
        let start = self.at;
        let mut left = part(self)?;
        while let Some(operator) = operator(self) {
            self.check_kind(&left, operator.takes(), start)?;
            let right = self.of_kind(operator.takes(), &part)?;
            left = Node::binary(operator, left, right);
        }
        Ok(left)
    }

    fn any(&mut self) -> Parsed<Node> {
        self.chain(|it| it.take_word("or").then_some(Binary::Or), Self::conjunction)
    }

    fn conjunction(&mut self) -> Parsed<Node> {
        self.chain(|it| it.take_word("and").then_some(Binary::And), Self::negation)
    }

    fn negation(&mut self) -> Parsed<Node> {
        if self.take_word("not") {
            let inner = self.nested(|it| it.of_kind(Kind::Truth, Self::negation))?;
            return Ok(Node::Not(Box::new(inner)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Node> {
        let start = self.at;
        let left = self.sum()?;
        let Some(operator) = self.take_comparator() else { return Ok(left) };
        self.check_kind(&left, Kind::Number, start)?;
        let right = self.of_kind(Kind::Number, Self::sum)?;
        let end = self.at;
        if self.take_comparator().is_some() {
            return Err(self.error_at(end, ParseProblem::Chained));
        }
        Ok(Node::binary(operator, left, right))
    }

    fn take_comparator(&mut self) -> Option<Binary> {
        // The longer signs first.
        let all = [Binary::Le, Binary::Ge, Binary::Ne, Binary::Lt, Binary::Gt, Binary::Eq];
        all.into_iter().find(|operator| self.take(operator.sign()))
    }

    fn sum(&mut self) -> Parsed<Node> {
        let signs = [Binary::Add, Binary::Sub];
        self.chain(move |it| signs.into_iter().find(|one| it.take(one.sign())), Self::product)
    }

    fn product(&mut self) -> Parsed<Node> {
        let signs = [Binary::Mul, Binary::Div];
        self.chain(move |it| signs.into_iter().find(|one| it.take(one.sign())), Self::signed)
    }

    fn signed(&mut self) -> Parsed<Node> {
        if self.take("-") {
            let inner = self.nested(|it| it.of_kind(Kind::Number, Self::signed))?;
            return Ok(Node::Neg(Box::new(inner)));
        }
        self.part()
    }

    fn part(&mut self) -> Parsed<Node> {
        match self.peek() {
            Some(b'(') => {
                self.take("(");
                let inner = self.nested(Self::any)?;
                self.need(")", ParseProblem::Unclosed)?;
                Ok(inner)
            }
            Some(b'[') => self.cell().map(Node::cell),
            Some(b'#') => self.indicator().map(|id| Node::Input(Input::Indicator(id))),
            Some(byte) if byte.is_ascii_digit() => self.number().map(Node::Number),
            Some(byte) if byte.is_ascii_alphabetic() => self.call(),
            _ => Err(self.error(ParseProblem::Unexpected)),
        }
    }

    fn number(&mut self) -> Parsed<Rational> {
        let text = self.run(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = Rational::decimal(text).ok_or_else(|| self.error(ParseProblem::Number))?;
        self.take(text);
        Ok(number)
    }

    /// `[3.4]`, `[3.4{dt=tay, gt=nu}]`
    fn cell(&mut self) -> Parsed<CellKey> {
        self.take("[");
        let text = self.run(|byte| !matches!(byte, b']' | b'{') && !byte.is_ascii_whitespace());
        let element = ElementId::parse(text).ok_or_else(|| self.error(ParseProblem::Code))?;
        self.take(text);
        let mut coords = Coords::total();
        if self.take("{") {
            coords = self.coords()?;
        }
        self.need("]", ParseProblem::Unclosed)?;
        Ok(CellKey { element, coords })
    }

    /// Up to and with the closing brace; people may order and space them as they like.
    fn coords(&mut self) -> Parsed<Coords> {
        let start = self.at;
        let inside = self.run(|byte| byte != b'}');
        let wrong = |it: &Self| it.error_at(start, ParseProblem::Coords);
        let mut coords = Coords::total();
        for pair in inside.split(',') {
            let (dimension, option) = pair.split_once('=').ok_or_else(|| wrong(self))?;
            let (dimension, option) = (dimension.trim(), option.trim());
            if coords.option(dimension).is_some() {
                return Err(wrong(self));
            }
            coords = coords.with(dimension, option);
        }
        let coords = Coords::parse(&coords.text()).ok_or_else(|| wrong(self))?;
        self.take(inside);
        self.need("}", ParseProblem::Unclosed)?;
        Ok(coords)
    }

    /// `#MT02`, `#[MT-02]`
    fn indicator(&mut self) -> Parsed<IndicatorId> {
        if !self.take("#") {
            return Err(self.error(ParseProblem::NeedsReference));
        }
        let boxed = self.take("[");
        let text = if boxed { self.run(|byte| byte != b']') } else { self.run(is_bare) };
        let id = IndicatorId::parse(text).ok_or_else(|| self.error(ParseProblem::Code))?;
        self.take(text);
        if boxed {
            self.need("]", ParseProblem::Unclosed)?;
        }
        Ok(id)
    }

    fn call(&mut self) -> Parsed<Node> {
        let (start, name) = (self.at, self.word());
        let known =
            ["if", "min", "max", "abs", "round", "sum", "previous", "target", "orzero", "has"];
        if !known.contains(&name) {
            return Err(self.error(ParseProblem::UnknownFunction));
        }
        self.take(name);
        self.need("(", ParseProblem::Unexpected)?;
        let node = match name {
            "previous" if self.peek() == Some(b'[') => Node::Input(Input::Previous(self.cell()?)),
            "previous" => return Err(self.error(ParseProblem::NeedsReference)),
            "target" => Node::Input(Input::Target(self.indicator()?)),
            _ => {
                let parts = self.nested(|it| it.arguments(name))?;
                self.called(name, parts, start)?
            }
        };
        self.need(")", ParseProblem::Unclosed)?;
        Ok(node)
    }

    fn arguments(&mut self, name: &str) -> Parsed<Vec<Node>> {
        let mut all: Vec<Node> = Vec::new();
        loop {
            let kind = match (name, all.len(), all.last()) {
                ("if", 0, _) => Kind::Truth,
                ("if", 2, Some(then)) => then.kind(),
                // The branch of an `if` may be either.
                ("if", 1, _) => {
                    all.push(self.any()?);
                    if self.take(",") {
                        continue;
                    }
                    return Ok(all);
                }
                _ => Kind::Number,
            };
            all.push(self.of_kind(kind, Self::any)?);
            if !self.take(",") {
                return Ok(all);
            }
        }
    }

    fn called(&self, name: &str, parts: Vec<Node>, start: usize) -> Parsed<Node> {
        let wrong = || self.error_at(start, ParseProblem::Arguments);
        match name {
            "min" => return Ok(Node::Min(parts)),
            "max" => return Ok(Node::Max(parts)),
            "sum" => return Ok(Node::Sum(parts)),
            _ => {}
        }
        let mut parts = parts.into_iter().map(Box::new);
        let first = parts.next().ok_or_else(wrong)?;
        let node = match (name, parts.next(), parts.next()) {
            ("if", Some(then), Some(other)) => Node::If(first, then, other),
            ("abs", None, None) => Node::Abs(first),
            ("orzero", None, None) => Node::OrZero(first),
            ("has", None, None) => Node::Has(first),
            ("round", None, None) => Node::Round(first, 0),
            ("round", Some(places), None) => match *places {
                Node::Number(n) if n.denominator() == 1 && n.numerator() <= PLACES_MAX => {
                    Node::Round(first, u32::try_from(n.numerator()).unwrap_or(0))
                }
                _ => return Err(self.error_at(start, ParseProblem::Places)),
            },
            _ => return Err(wrong()),
        };
        if parts.next().is_some() { Err(wrong()) } else { Ok(node) }
    }
}
