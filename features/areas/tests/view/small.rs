//! The same laws on maps of a few units, each told in a line: what an officer would check by hand.

use std::collections::HashMap;

use areas::{
    AreaId, AreaLevel, Weight,
    view::{
        Atlas, Basis, Conversion, Figure, Grade, Law, Place, Quality, Span, Transfer, ViewProblem,
        Why,
    },
};

use super::{day, event, id, is_conserved, pair};

/// A map told in a line: `a>x a>y*1/3`; `>` whole, `~` unknown share, `*n/d` known share.
fn tiny(before: &[&str], after: &[&str], steps: &[&str]) -> Conversion {
    let place = |name: &&str| Place {
        id: id(name),
        level: AreaLevel::Commune,
        code: Some((*name).to_owned()),
        full_name: format!("xã {}", name.to_uppercase()),
        parent: None,
    };
    let step = |text: &&str| {
        let at = text.find(['>', '~', '*']).expect("a mark");
        let (from, rest) = text.split_at(at);
        let (to, weight) = match rest[1..].split_once('=') {
            Some((to, share)) => {
                let (num, den) = share.split_once('/').expect("a share");
                let weight =
                    Weight { num: num.parse().expect("num"), den: den.parse().expect("den") };
                (to, Some(weight))
            }
            None => (&rest[1..], None),
        };
        Transfer {
            event: 0,
            from: id(from),
            to: id(to),
            whole: rest.starts_with('>'),
            weight,
            basis: weight.map(|_| Basis::Population),
        }
    };
    let (of, by) = (AreaLevel::Commune, AreaLevel::Commune);
    Conversion::between(
        Span { from: day(0), to: day(1), of, by },
        Atlas {
            before: before.iter().map(place).collect(),
            after: after.iter().map(place).collect(),
            events: vec![event(1)],
            transfers: steps.iter().map(step).collect(),
            people: HashMap::new(),
        },
    )
}

fn amounts(figures: &[(&str, i128)]) -> HashMap<AreaId, Figure> {
    figures.iter().map(|(name, amount)| (id(name), Figure::Amount(*amount))).collect()
}

#[test]
fn two_communes_that_reported_120_and_80_become_200() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 120), ("b", 80)])).expect("fits");
    let seen = view.seen(&id("x")).expect("x");
    assert_eq!((&seen.figure, &seen.quality), (&Some(Figure::Amount(200)), &Quality::Exact));
    let sources = view.sources(&id("x"));
    let told: Vec<_> = sources
        .iter()
        .map(|source| {
            (
                source.place.full_name.as_str(),
                source.part.clone(),
                source.events[0].instrument.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("xã A", Some(Figure::Amount(120)), "Nghị quyết số 1"),
            ("xã B", Some(Figure::Amount(80)), "Nghị quyết số 1"),
        ]
    );
}

#[test]
fn a_blank_is_not_a_zero() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 120)])).expect("fits");
    let seen = view.seen(&id("x")).expect("x");
    assert_eq!((seen.reported, seen.sources, &seen.figure), (1, 2, &None));
    let low = Some(Figure::Amount(120));
    assert_eq!(seen.quality, Quality::Undefined { why: Why::NotReported, low, high: None });
    is_conserved(&view);
}

#[test]
fn a_unit_divided_nobody_knows_how_leaves_a_sum_for_the_group() {
    let conversion = tiny(&["a", "b"], &["x", "y"], &["a~x", "a~y", "b>x"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 90), ("b", 10)])).expect("fits");
    let bounds = |low, high| Quality::Undefined {
        why: Why::ShareUnknown,
        low: Some(Figure::Amount(low)),
        high: Some(Figure::Amount(high)),
    };
    assert_eq!(view.seen(&id("x")).expect("x").quality, bounds(10, 100));
    assert_eq!(view.seen(&id("y")).expect("y").quality, bounds(0, 90));
    let [together] = &view.together[..] else { panic!("{:?}", view.together) };
    assert_eq!(
        (&together.units[..], &together.figure),
        (&[id("x"), id("y")][..], &Figure::Amount(100))
    );
    assert!(together.exact);
}

#[test]
fn people_shared_out_by_weights_stay_whole() {
    let conversion = tiny(&["a"], &["x", "y", "z"], &["a*x=1/3", "a*y=1/3", "a*z=1/3"]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 100)])).expect("fits");
    let figures: Vec<_> =
        view.results.iter().map(|seen| pair(seen.figure.as_ref().expect("estimate"))[0]).collect();
    assert_eq!(figures, [34, 33, 33]);
    let Quality::Estimated { bases, low, high } = &view.results[0].quality else {
        panic!("estimated")
    };
    assert_eq!(bases.iter().collect::<Vec<_>>(), [Basis::Population]);
    assert_eq!((low, high), (&Some(Figure::Amount(0)), &Some(Figure::Amount(100))));
}

#[test]
fn weights_that_do_not_sum_to_one_count_for_nothing() {
    for steps in [
        ["a*x=1/3", "a*y=1/3"],
        ["a*x=2/3", "a*y=2/3"],
        ["a>x", "a*y=1/3"],
        ["a*x=-1/3", "a*y=4/3"],
    ] {
        let conversion = tiny(&["a"], &["x", "y"], &steps);
        assert_eq!(conversion.grades(), [0, 0, 2], "{steps:?}");
        let view = conversion.apply(Law::Additive, &amounts(&[("a", 100)])).expect("fits");
        is_conserved(&view);
    }
}

#[test]
fn a_ring_of_events_makes_nothing_exact_and_ends() {
    let conversion = tiny(&["a", "d"], &["x"], &["a>b", "b>c", "c~b", "c~x", "d>x"]);
    assert_eq!(conversion.grades(), [0, 0, 1]);
    let view = conversion.apply(Law::Additive, &amounts(&[("a", 5), ("d", 7)])).expect("fits");
    is_conserved(&view);
    assert_eq!(view.seen(&id("x")).expect("x").quality.grade(), Grade::Undefined);
}

#[test]
fn what_cannot_be_added_stays_only_where_the_territory_stayed() {
    let conversion = tiny(&["a", "b", "c", "d"], &["x", "c", "z"], &["a>x", "b>x", "d>z"]);
    let texts: HashMap<AreaId, Figure> =
        [("a", "Đạt"), ("b", "Chưa đạt"), ("c", "Đạt"), ("d", "Đạt")]
            .map(|(name, text)| (id(name), Figure::Text(text.to_owned())))
            .into();
    let view = conversion.apply(Law::NonAdditive, &texts).expect("fits");
    for kept in ["c", "z"] {
        assert_eq!(
            view.seen(&id(kept)).expect("kept").figure,
            Some(Figure::Text("Đạt".to_owned()))
        );
    }
    let merged = view.seen(&id("x")).expect("x");
    assert_eq!(merged.quality, Quality::Undefined { why: Why::NotAdditive, low: None, high: None });
    let list: Vec<_> =
        view.sources(&id("x")).into_iter().filter_map(|source| source.figure).collect();
    assert_eq!(list, [Figure::Text("Đạt".to_owned()), Figure::Text("Chưa đạt".to_owned())]);
}

#[test]
fn a_mean_is_carried_by_its_sum_and_count() {
    let conversion = tiny(&["a", "b"], &["x"], &["a>x", "b>x"]);
    let figures = HashMap::from([
        (id("a"), Figure::Mean { sum: 30, n: 10 }),
        (id("b"), Figure::Mean { sum: 50, n: 10 }),
    ]);
    let view = conversion.apply(Law::Mean, &figures).expect("fits");
    assert_eq!(view.results[0].figure, Some(Figure::Mean { sum: 80, n: 20 }));
}

#[test]
fn figures_that_do_not_fit_are_refused_with_their_unit() {
    let conversion = tiny(&["a"], &["a"], &[]);
    let refused = |law, name, figure| {
        conversion.apply(law, &HashMap::from([(id(name), figure)])).expect_err("refused")
    };
    assert_eq!(refused(Law::Additive, "q", Figure::Amount(1)), ViewProblem::Stranger(id("q")));
    let misfits = [
        (Law::Ratio, Figure::Amount(1)),
        (Law::Ratio, Figure::Ratio { numerator: 1, denominator: -1 }),
        (Law::Mean, Figure::Mean { sum: 1, n: -1 }),
        (Law::Additive, Figure::Amount(i128::MAX)),
        (Law::Additive, Figure::Amount(-i128::MAX)),
        (Law::Additive, Figure::Text("x".to_owned())),
    ];
    for (law, figure) in misfits {
        assert_eq!(refused(law, "a", figure), ViewProblem::Misfit(id("a")));
    }
}
