//! The language as its users meet it: arithmetic, what is missing, units, and any text at all.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{
    cell::CellState,
    ids::{ElementId, IndicatorId},
};

fn parsed(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// `a` = 10, `b` = 4, `z` = 0, `h` = the largest number that is carried; everything else is missing.
fn read(input: &Input) -> Reading {
    let known = |number: i128| Reading::Known(Rational::new(number, 1).unwrap());
    match input.to_string().as_str() {
        "[a]" => known(10),
        "[b]" | "previous([a])" => known(4),
        "[z]" => known(0),
        "[h]" => known(i128::MAX),
        "#bad" => Reading::Wrong(Problem::ZeroBelow("[x]".to_owned())),
        _ => Reading::Missing,
    }
}

fn told(text: &str) -> String {
    let program = parsed(text).compile();
    match program.run(read) {
        Outcome::Number(number) => number.to_string(),
        Outcome::Truth(truth) => truth.to_string(),
        Outcome::Missing(which) => {
            let names: Vec<_> =
                which.into_iter().map(|at| program.inputs()[at].to_string()).collect();
            format!("missing {}", names.join(" "))
        }
        Outcome::Problem(Problem::ZeroBelow(below)) => format!("zero below: {below}"),
        Outcome::Problem(Problem::TooLarge) => "too large".to_owned(),
    }
}

#[test]
fn arithmetic_is_what_school_teaches() {
    for (text, result) in [
        ("10/4*100", "250"),
        ("10-4+3", "9"),
        ("10/4*100+1", "251"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 * -3", "6"),
        ("0.1 + 0.2", "3/10"),
        ("[a] / [b] * 100", "250"),
        ("1/3 + 1/3 + 1/3 = 1", "true"),
        ("min(3, [a], 5) + max(1, 2) + abs(0 - 4)", "9"),
        ("round([a] / 3, 2)", "333/100"),
        ("round(2.5) + round(-2.5)", "0"),
        ("[a] - previous([a])", "6"),
        ("not 1 < 2 or 2 <= 2 and 3 != 4", "true"),
        ("if([a] > [b], [a], [b] / 0)", "10"),
        ("[a] >= 10 and [a] <= 10", "true"),
    ] {
        assert_eq!(told(text), result, "{text}");
    }
}

#[test]
fn what_is_missing_is_never_a_zero() {
    for (text, result) in [
        ("[m] + [a] + [n]", "missing [m] [n]"),
        ("sum([m], [a], [b])", "14"),
        ("sum([m], [n])", "missing [m] [n]"),
        ("orzero([m]) + [a]", "10"),
        ("has([a]) and not has([m])", "true"),
        ("has([m]) and [m] > 5", "false"),
        ("[m] > 5 or [a] > 5", "true"),
        ("[m] > 5 and [a] > 5", "missing [m]"),
        ("if([m] > 5, [a], [b])", "missing [m]"),
        ("if(has([m]), [m], [b])", "4"),
        ("[m] / 0", "missing [m]"),
        ("previous([b]) + #X + target(#X)", "missing previous([b]) #X target(#X)"),
    ] {
        assert_eq!(told(text), result, "{text}");
    }
    assert_eq!(
        Reading::of(Some(&CellState::Nil("mùa khô".into())), 2),
        Reading::Known(Rational::ZERO)
    );
    assert_eq!(Reading::of(Some(&CellState::NoData("mất sổ".into())), 0), Reading::Missing);
    assert_eq!(Reading::of(None, 0), Reading::Missing);
    assert_eq!(
        Reading::of(Some(&CellState::Value(1250)), 2),
        Reading::Known(Rational::new(25, 2).unwrap())
    );
}

#[test]
fn problems_say_what_is_below_the_line() {
    for (text, result) in [
        ("[a] / ([b] - 4)", "zero below: [b] - 4"),
        ("sum(1, [a] / [z])", "zero below: [z]"),
        ("[z] != 0 and [a] / [z] > 1", "false"),
        ("has([a] / [z])", "zero below: [z]"),
        ("[h] + 1", "too large"),
        ("[h] * 2 / 2", "too large"),
        ("-[h] - 1 < 0", "too large"),
        ("#bad + 1", "zero below: [x]"),
    ] {
        assert_eq!(told(text), result, "{text}");
    }
}

#[test]
fn refusals_say_where() {
    use ParseProblem as P;
    for (text, at, problem) in [
        ("", 1, P::Empty),
        ("1 +", 4, P::Ends),
        ("1 + * 2", 5, P::Unexpected),
        ("(1", 3, P::Unclosed),
        ("1)", 2, P::Unexpected),
        ("tổng(1)", 1, P::UnknownFunction),
        ("sqrt(1)", 1, P::UnknownFunction),
        ("if(1 < 2, 3)", 1, P::Arguments),
        ("1,5", 2, P::Unexpected),
        ("1.2.3", 1, P::Number),
        ("[ô]", 2, P::Code),
        ("[a{gt}]", 4, P::Coords),
        ("[a{gt=nu,gt=nam}]", 4, P::Coords),
        ("1 + (2 < 3)", 5, P::NeedsNumber),
        ("1 and 2 < 3", 1, P::NeedsTruth),
        ("if(2 > 1, 1, 2 > 1)", 14, P::NeedsNumber),
        ("1 < 2 < 3", 7, P::Chained),
        ("previous(1)", 10, P::NeedsReference),
        ("target([a])", 8, P::NeedsReference),
        ("round(1, 10)", 1, P::Places),
        ("round(1, -1)", 1, P::Places),
    ] {
        assert_eq!(Formula::parse(text), Err(ParseError { at, problem }), "{text}");
    }
    let deep = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Formula::parse(&deep(32)).is_ok());
    assert_eq!(Formula::parse(&deep(33)).unwrap_err().problem, P::TooDeep);
    assert!(Formula::parse(&"1+".repeat(511)).is_err_and(|error| error.problem == P::Ends));
    assert_eq!(Formula::parse(&"1+".repeat(600)).unwrap_err().problem, P::TooLong);
}

#[test]
fn codes_and_coordinates_are_written_one_way() {
    for (text, printed) in [
        ("[3.4{gt=nu, dt=tay}]", "[3.4{dt=tay,gt=nu}]"),
        ("#[MT-02]+#[MT02]", "#[MT-02] + #MT02"),
        ("((1+2))*3-(4-5)", "(1 + 2) * 3 - (4 - 5)"),
        ("not(not(1<2)and 3<4)", "not (not 1 < 2 and 3 < 4)"),
        ("round(1.50,0)", "round(1.5)"),
    ] {
        assert_eq!(parsed(text).to_string(), printed);
    }
}

struct Known;

impl Units for Known {
    fn element(&self, id: &ElementId) -> Option<Measure> {
        let whole = |n| Rational::new(n, 1).unwrap();
        Some(match id.as_str() {
            "ho" => Measure::of("household", Rational::ONE),
            "trieu" => Measure::of("money", whole(1_000_000)),
            "ty" => Measure::of("money", whole(1_000_000_000)),
            "pt" => Measure::pure(Rational::new(1, 100).unwrap()),
            _ => return None,
        })
    }

    fn indicator(&self, id: &IndicatorId) -> Option<Measure> {
        self.element(&ElementId::parse(id.as_str())?)
    }
}

/// With every figure 2, in the units that [`Known`] knows.
fn in_units(text: &str) -> Result<(String, String, String), UnitProblem> {
    let (formula, measure) = parsed(text).with_units(&Known)?;
    let outcome = formula.compile().run(|_| Reading::Known(Rational::new(2, 1).unwrap()));
    let measure = measure.map(|m| format!("{m} x {}", m.factor())).unwrap_or_default();
    let outcome = match outcome {
        Outcome::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    Ok((formula.to_string(), measure, outcome))
}

#[test]
fn units_are_converted_and_cancelled() {
    for (text, measure, outcome) in [
        ("[trieu] + [ty]", "money x 1000000", "2002"),
        ("[ty] + [trieu] + 5", "money x 1000000000", "3501/500"),
        ("sum([trieu], [ty], #ty)", "money x 1000000", "4002"),
        ("[ho] / [ho]", "1 x 1", "1"),
        ("[trieu] / [ty]", "1 x 1", "1/1000"),
        ("[ho] / [ho] * 100", "1 x 1/100", "100"),
        ("100 * [trieu] / [ty]", "1 x 1/100", "1/10"),
        ("[ho] / [ho] * 100 + 1", "1 x 1/100", "101"),
        ("[ho] / [ho] * 100 + [pt]", "1 x 1/100", "102"),
        ("[ho] / [ho] + [pt]", "1 x 1", "51/50"),
        ("[pt] * [ho] + [ho]", "household x 1/100", "204"),
        ("[trieu] / [ho]", "money/household x 1000000", "1"),
        ("if([ty] > [trieu], [trieu], [ty])", "money x 1000000", "2"),
        ("2 + 3", "", "5"),
    ] {
        let (formula, told, result) = in_units(text).unwrap();
        assert_eq!((told.as_str(), result.as_str()), (measure, outcome), "{text} → {formula}");
    }
    assert_eq!(in_units("[ty] = 1000 * [trieu]").unwrap().0, "[ty] = 1000 * [trieu] * 0.001");
}

#[test]
fn households_are_not_added_to_money() {
    let wrong = in_units("1 + max(2, [ho]) - [trieu]").unwrap_err();
    let UnitProblem::Mixed { left, left_measure, right, right_measure } = wrong else {
        panic!("{wrong:?}")
    };
    assert_eq!((left.as_str(), left_measure.as_str()), ("1 + max(2, [ho])", "household"));
    assert_eq!((right.as_str(), right_measure.as_str()), ("[trieu]", "money"));
    for text in ["[ho] < [ty]", "[ho] / [ty] + [ho]", "if(1 < 2, [ho], [ty])", "[ho] * [ho] - [ho]"]
    {
        assert!(matches!(in_units(text), Err(UnitProblem::Mixed { .. })), "{text}");
    }
    assert_eq!(in_units("[nope]").unwrap_err(), UnitProblem::Unknown("[nope]".to_owned()));
    let percent = Measure::pure(Rational::new(1, 100).unwrap());
    assert_eq!(
        parsed("[ho]/[ho]").in_unit(&Known, &percent).unwrap().to_string(),
        "[ho] / [ho] * 100"
    );
    assert!(parsed("[ho]").in_unit(&Known, &percent).is_err());
}

#[test]
fn measures_are_told_by_the_names_of_units() {
    for (measure, words) in [
        ("household", "hộ"),
        ("money/household", "đồng/hộ"),
        ("area^2", "m²^2"),
        ("1", "%"),
        ("1/household", "1/hộ"),
    ] {
        assert_eq!(in_words(measure), words);
    }
    let wrong = in_units("[ho] + [pt]").unwrap_err();
    let args = vec![("left", "[ho]"), ("leftUnit", "hộ"), ("right", "[pt]"), ("rightUnit", "%")];
    assert_eq!(wrong.args(), args.into_iter().map(|(a, b)| (a, b.to_owned())).collect::<Vec<_>>());
}

#[test]
fn what_is_always_zero_below_a_line_is_found() {
    let zero = |text: &str| parsed(text).zero_below().map(ToString::to_string);
    assert_eq!(zero("[ho] / 0 > 1").as_deref(), Some("0"));
    assert_eq!(zero("[ho] > 1 and [ho] / (2 - 2) < 3").as_deref(), Some("2 - 2"));
    assert_eq!(zero("if([ho] / 0.0 > 1, 1, 2)").as_deref(), Some("0"));
    for fine in ["[ho] / 2", "0 / [ho]", "[ho] / [ho]", "1 / (2 - 1)"] {
        assert_eq!(zero(fine), None, "{fine}");
    }
}

#[test]
fn an_explanation_leads_from_the_result_to_the_figures() {
    let (outcome, trace) = parsed("([a] + [b]) / [b] * 100").explain(read);
    assert_eq!(outcome.number(), Rational::new(350, 1));
    let last = trace.steps.last().unwrap();
    assert_eq!((last.text.as_str(), &last.outcome), ("([a] + [b]) / [b] * 100", &outcome));
    let quotient = &trace.steps[last.parts[0]];
    assert_eq!(quotient.text, "([a] + [b]) / [b]");
    let sum = &trace.steps[quotient.parts[0]];
    let leaves: Vec<_> = sum.parts.iter().map(|at| trace.steps[*at].input.clone()).collect();
    assert!(leaves.iter().all(Option::is_some), "{leaves:?}");
}

#[test]
fn programs_are_small_json() {
    let json = serde_json::to_string(&parsed("if([a{gt=nu}] > 0, [b] / 2, #X)").compile()).unwrap();
    let expected = concat!(
        r#"{"kind":"number","inputs":[{"cell":"a:gt=nu"},{"cell":"b"},{"indicator":"X"}],"ops":["#,
        r#"{"input":0},{"number":"0"},{"do":"gt"},{"if":[3,1]},"#,
        r#"{"input":1},{"number":"2"},{"div":"2"},{"skip":1},{"input":2}]}"#
    );
    assert_eq!(json, expected);
}

fn number_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0_u32..200).prop_map(|n| n.to_string()),
        (0_u32..200, 1_u32..100).prop_map(|(n, d)| format!("{n}.{d:02}")),
        Just("[a]".to_owned()),
        Just("[b{gt=nu}]".to_owned()),
        Just("[m]".to_owned()),
        Just("previous([a])".to_owned()),
        Just("#X".to_owned()),
        Just("target(#[X-1])".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), prop::sample::select(vec!["+", "-", "*", "/"]))
                .prop_map(|((a, b), sign)| format!("({a}{sign}{b})")),
            (pair.clone(), prop::sample::select(vec![" + ", "-", " *", "/ "]))
                .prop_map(|((a, b), sign)| format!("{a}{sign}{b}")),
            inner.clone().prop_map(|a| format!("-{a}")),
            (pair.clone(), prop::sample::select(vec!["min", "max", "sum"]))
                .prop_map(|((a, b), name)| format!("{name}({a}, {b})")),
            (inner.clone(), 0..4).prop_map(|(a, n)| format!("round({a}, {n})")),
            (pair, inner, prop::sample::select(vec!["<", "<=", "=", "!=", ">=", ">"])).prop_map(
                |((a, b), c, sign)| {
                    format!(
                        "if({a} {sign} {b} and not(has({c}) or {b} < 1), orzero({a}), abs({c}))"
                    )
                }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = Formula::parse(&text);
    }

    #[test]
    fn no_text_of_its_own_signs_makes_it_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "[", "]", "{", "}", "#", "a", "=", ",", "+", "-", "*", "/", "<", ">", "!", "1", "0.5",
            "if(", "sum(", "min(", "round(", "previous(", "target(", "has(", "and", "or", "not", " ", "[a]", "ế",
        ]), 0..40),
    ) {
        let text = tokens.concat();
        if let Ok(formula) = Formula::parse(&text) {
            let _ = formula.explain(read);
            let _ = formula.with_units(&Known);
            prop_assert_eq!(Formula::parse(&formula.to_string()), Ok(formula));
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same(text in number_text()) {
        if let Ok(formula) = Formula::parse(&text) {
            prop_assert_eq!(Formula::parse(&formula.to_string()), Ok(formula.clone()));
            let (outcome, _) = formula.explain(read);
            prop_assert_eq!(outcome, formula.compile().run(read));
        }
    }

    #[test]
    fn evaluation_keeps_the_laws(a in number_text(), b in number_text()) {
        let run = |text: String| Formula::parse(&text).ok().map(|it| {
            let program = it.compile();
            match program.run(read) {
                Outcome::Missing(which) => Err(which.into_iter().map(|at| program.inputs()[at].clone()).collect::<Vec<_>>()),
                other => Ok(other),
            }
        });
        let known = |it: &Option<Result<Outcome, _>>| matches!(it, Some(Ok(Outcome::Number(_))));
        let (x, y) = (run(a.clone()), run(b.clone()));
        prop_assume!(x.is_some() && y.is_some());
        let one = run(format!("({a}) + ({b})"));
        // Each may be as long as a formula can be; both together are then no formula.
        prop_assume!(one.is_some());
        if known(&x) && known(&y) {
            prop_assert_eq!(&one, &run(format!("({b}) + ({a})")));
            let back = run(format!("({a}) / ({b}) * ({b})"));
            if known(&back) {
                prop_assert_eq!(&back, &x);
            }
        } else {
            prop_assert!(!known(&one), "nothing comes of what is missing or wrong");
        }
        if let (Some(Err(_)), Some(Ok(_))) = (&x, &y) {
            prop_assert_eq!(one, x, "and it says what is missing");
        }
    }
}

#[test]
fn readings_of_other_indicators_pass_on_what_they_gave() {
    let mut known: BTreeMap<&str, Outcome> = BTreeMap::new();
    known.insert("#A", parsed("[a] / [z]").compile().run(read));
    known.insert("#B", parsed("[m]").compile().run(read));
    known.insert("#C", parsed("[a] * 2").compile().run(read));
    let of = |input: &Input| Reading::from_outcome(&known[input.to_string().as_str()]);
    assert_eq!(parsed("#C + 1").compile().run(of).number(), Rational::new(21, 1));
    assert!(matches!(parsed("#A + #C").compile().run(of), Outcome::Problem(Problem::ZeroBelow(_))));
    assert!(matches!(parsed("#B + #C").compile().run(of), Outcome::Missing(_)));
}
