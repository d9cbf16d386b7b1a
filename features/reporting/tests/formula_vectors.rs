//! Golden vectors of the formula language: programs, readings and outcomes in `vectors/formulas.json`. The
//! page's interpreter (`assets/formula.js`) is held against the same file.

#![expect(clippy::unwrap_used, reason = "what makes vectors is part of the test")]

use std::fmt::Write as _;

use reporting::model::formula::{Formula, Input, Program, Rational, Reading};
use serde_json::{Value, json};

const KEPT: &str = include_str!("vectors/formulas.json");

/// Written by hand: every corner that the grammar has.
const CORNERS: &[&str] = &[
    "10/4*100",
    "10-4+3",
    "10/4*100+1",
    "-(1 - 2) - -3",
    "0.1 + 0.2 = 0.3",
    "1/3 + 1/3 + 1/3 = 1",
    "[a] / [b]",
    "[a] / ([b] - [b])",
    "[a] / [b] * [b] = [a]",
    "sum([a], [b], [c])",
    "sum([a] + [b], [c] / 0)",
    "sum(previous([a]), #X, target(#X))",
    "orzero([a]) + orzero(previous([a]))",
    "has([a] / [b])",
    "has([b]) and [a] / [b] > 1",
    "[b] = 0 or [a] / [b] > 1",
    "not ([a] < [b] and [b] < [c])",
    "if([a] > [b], [a] - [b], [b] - [a])",
    "if(has([a]), if([a] = 0, 0, [c] / [a]), [c])",
    "if([a] < [b], [c] > 1, [c] < 1)",
    "min([a], [b], [c]) <= max([a], [b], [c])",
    "round([a] / 3, 2)",
    "round(-[a] / 2)",
    "round([a] / 7, 9) != [a] / 7",
    "abs([a] - [b]) >= 0",
    "[a{dt=tay,gt=nu}] <= [a{gt=nu}]",
    "999999999999999999 * 999999999999999999 * 999999999999999999",
    "999999999999999999.999999999999999999 * 1000000 / 1000000",
    "1 / 999999999999999999 + 1 / 999999999999999989 + 1 / 999999999999999967",
    "1 / 999999999999999999 / 999999999999999989 < 1 / 999999999999999967 / 999999999999999877",
    "#X * 100 >= target(#X)",
];

/// Chance that is the same on every machine (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let sides = u64::try_from(all.len()).unwrap();
        all[usize::try_from(self.roll(sides)).unwrap()]
    }

    fn number(&mut self, depth: u32) -> String {
        if depth == 0 || self.roll(5) == 0 {
            return match self.roll(4) {
                0 => self.roll(30).to_string(),
                1 => format!("{}.{}", self.roll(9), self.roll(99)),
                _ => self
                    .pick(&["[a]", "[b]", "[c]", "[a{gt=nu}]", "previous([a])", "#X", "target(#X)"])
                    .to_owned(),
            };
        }
        let a = self.number(depth - 1);
        match self.roll(12) {
            0..=5 => {
                let (sign, b) = (self.pick(&["+", "-", "*", "/", "/"]), self.number(depth - 1));
                if self.roll(2) == 0 {
                    format!("({a} {sign} {b})")
                } else {
                    format!("{a}{sign}{b}")
                }
            }
            6 => format!("-{a}"),
            7 => format!("round({a}, {})", self.roll(5)),
            8 => format!(
                "{}({a}, {})",
                self.pick(&["min", "max", "sum", "sum"]),
                self.number(depth - 1)
            ),
            9 => format!("{}({a})", self.pick(&["abs", "orzero"])),
            10 => format!("if({}, {a}, {})", self.truth(depth - 1), self.number(depth - 1)),
            _ => format!("sum({a}, {}, {})", self.number(0), self.number(0)),
        }
    }

    fn truth(&mut self, depth: u32) -> String {
        let a = self.number(depth);
        match self.roll(if depth == 0 { 4 } else { 7 }) {
            0..=2 => {
                let sign = self.pick(&["<", "<=", "=", "!=", ">=", ">"]);
                format!("{a} {sign} {}", self.number(depth))
            }
            3 => format!("has({a})"),
            4 => format!("not ({})", self.truth(depth - 1)),
            _ => {
                let word = self.pick(&["and", "or"]);
                format!("({}) {word} {}", self.truth(depth - 1), self.truth(depth - 1))
            }
        }
    }

    /// A reading as it travels: `"5/2"`, null, or what was wrong with another indicator.
    fn reading(&mut self, input: &Input) -> Value {
        match self.roll(12) {
            0 | 1 => Value::Null,
            2 | 3 => json!("0"),
            4 => json!(format!("{}/{}", self.roll(900) + 1, 7 * self.roll(40) + 1)),
            5 => json!(format!("-{}", self.roll(500) + 1)),
            6 if matches!(input, Input::Indicator(_)) => json!({"problem": {"zero_below": "[d]"}}),
            7 => json!((1_u64 << self.roll(60)).to_string()),
            _ => json!(self.roll(400).to_string()),
        }
    }
}

fn reading_of(told: &Value) -> Reading {
    match told {
        Value::Null => Reading::Missing,
        Value::String(text) => {
            let (n, d) = text.split_once('/').unwrap_or((text, "1"));
            Reading::Known(Rational::new(n.parse().unwrap(), d.parse().unwrap()).unwrap())
        }
        problem => {
            let below = problem["problem"]["zero_below"].as_str().unwrap();
            Reading::Wrong(reporting::model::formula::Problem::ZeroBelow(below.to_owned()))
        }
    }
}

fn outcome(program: &Program, readings: &[Value]) -> Value {
    let told = program.run(|input| {
        let at = program.inputs().iter().position(|one| one == input).unwrap();
        reading_of(&readings[at])
    });
    serde_json::to_value(told).unwrap()
}

fn line(dice: &mut Dice, text: &str) -> Option<Value> {
    let formula = Formula::parse(text).ok()?;
    let program = formula.compile();
    let readings: Vec<Value> = program.inputs().iter().map(|input| dice.reading(input)).collect();
    let outcome = outcome(&program, &readings);
    let program = serde_json::to_value(&program).unwrap();
    Some(
        json!({"formula": formula.to_string(), "outcome": outcome, "program": program, "readings": readings}),
    )
}

fn vectors() -> Vec<Value> {
    let mut dice = Dice(20_260_101);
    let mut all: Vec<Value> = Vec::new();
    for text in CORNERS {
        all.extend((0..3).map(|_| line(&mut dice, text).unwrap()));
    }
    while all.len() < 400 {
        let depth = u32::try_from(1 + dice.roll(4)).unwrap();
        let text = if dice.roll(3) == 0 { dice.truth(depth) } else { dice.number(depth) };
        all.extend(line(&mut dice, &text));
    }
    all
}

#[test]
fn the_kept_vectors_are_what_formulas_give() {
    let mut told = String::from("[\n");
    let all = vectors();
    for (at, one) in all.iter().enumerate() {
        let comma = if at + 1 < all.len() { "," } else { "" };
        writeln!(told, "{one}{comma}").unwrap();
    }
    told.push_str("]\n");
    let fresh = concat!(env!("CARGO_TARGET_TMPDIR"), "/formulas.json");
    if told != KEPT {
        std::fs::write(fresh, &told).unwrap();
    }
    assert!(
        told == KEPT,
        "read {fresh}; if the change is meant, it replaces tests/vectors/formulas.json"
    );
}

#[test]
fn the_vectors_show_every_outcome_many_times() {
    let all: Vec<Value> = serde_json::from_str(KEPT).unwrap();
    assert!(all.len() >= 300);
    for (outcome, least) in [("number", 100), ("truth", 50), ("missing", 50), ("problem", 30)] {
        let count = all.iter().filter(|one| one["outcome"].get(outcome).is_some()).count();
        assert!(count >= least, "{outcome}: {count}");
    }
    let too_large = all.iter().filter(|one| one["outcome"]["problem"] == "too_large").count();
    assert!(too_large >= 5, "{too_large}");
}
