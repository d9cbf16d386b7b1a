//! Attacks: what somebody who sees everything that is published can conclude.

use proptest::prelude::*;

use super::*;
use crate::model::formula::Rational;

fn place(table: &Table, codes: &[&str]) -> Vec<usize> {
    codes.iter().zip(table.axes()).map(|(code, axis)| axis.node(code).unwrap()).collect()
}

/// Rows and columns, flat.
fn sheet(rows: &[&[i64]]) -> Table {
    let names = |count: usize, letter: char| -> Vec<String> {
        (0..count).map(|at| format!("{letter}{at}")).collect()
    };
    let axis = |names: &[String]| {
        Axis::flat(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
    };
    let (across, down) = (names(rows[0].len(), 'c'), names(rows.len(), 'r'));
    let counts = rows.iter().enumerate().flat_map(|(r, row)| {
        row.iter().enumerate().map(move |(c, value)| (vec![r + 1, c + 1], *value))
    });
    Table::new(vec![axis(&down), axis(&across)], counts).unwrap()
}

fn hidden_at(table: &Table, codes: &[&str]) -> bool {
    suppress(table, Policy::default()).is_hidden(table, &place(table, codes))
}

/// Every sum of the table: a whole and its parts, by index.
fn sums(table: &Table) -> Vec<(usize, Vec<usize>)> {
    let mut all = Vec::new();
    for index in 0..table.values().len() {
        let nodes = table.nodes(index);
        for (place, axis) in table.axes().iter().enumerate() {
            let children =
                (1..axis.len()).filter(|node| axis.way_up(*node).nth(1) == Some(nodes[place]));
            let parts: Vec<usize> = children
                .map(|child| {
                    let mut at = nodes.clone();
                    at[place] = child;
                    table.index(&at).unwrap()
                })
                .collect();
            if !parts.is_empty() {
                all.push((index, parts));
            }
        }
    }
    all
}

/// Cells that follow from the sums alone: elimination over fractions.
fn determined(table: &Table, hidden: &Hidden) -> Vec<usize> {
    let unknown: Vec<usize> = (0..hidden.cells.len()).filter(|at| hidden.cells[*at]).collect();
    let mut rows: Vec<Vec<Rational>> = Vec::new();
    for (whole, parts) in sums(table) {
        let mut row = vec![Rational::ZERO; unknown.len()];
        for (at, sign) in parts.iter().map(|part| (*part, 1)).chain([(whole, -1)]) {
            if let Ok(column) = unknown.binary_search(&at) {
                row[column] = row[column].plus(Rational::new(sign, 1).unwrap()).unwrap();
            }
        }
        rows.push(row);
    }
    let mut done = 0;
    for column in 0..unknown.len() {
        let Some(pivot) = (done..rows.len()).find(|at| !rows[*at][column].is_zero()) else {
            continue;
        };
        rows.swap(done, pivot);
        let over = rows[done][column].inverse().unwrap();
        let lead: Vec<Rational> = rows[done].iter().map(|one| one.times(over).unwrap()).collect();
        for (at, row) in rows.iter_mut().enumerate() {
            let by = row[column];
            if at != done && !by.is_zero() {
                for (one, other) in row.iter_mut().zip(&lead) {
                    *one = one.minus(other.times(by).unwrap()).unwrap();
                }
            }
        }
        rows[done] = lead;
        done += 1;
    }
    let alone = |row: &&Vec<Rational>| row.iter().filter(|one| !one.is_zero()).count() == 1;
    rows.iter()
        .filter(alone)
        .map(|row| unknown[row.iter().position(|one| !one.is_zero()).unwrap()])
        .collect()
}

/// Between which numbers each cell lies, for somebody who knows that nothing hidden is below `least`: sums make
/// ranges narrower until nothing moves.
fn ranges(table: &Table, hidden: &Hidden, least: i64) -> Vec<(i64, i64)> {
    const ANY: i64 = 1_000_000;
    let shown = |(value, is_hidden): (&i64, &bool)| {
        if *is_hidden { (least, ANY) } else { (*value, *value) }
    };
    let mut range: Vec<(i64, i64)> = table.values().iter().zip(&hidden.cells).map(shown).collect();
    let sums = sums(table);
    loop {
        let before = range.clone();
        for (whole, parts) in &sums {
            let low: i64 = parts.iter().map(|at| range[*at].0).sum();
            let high: i64 = parts.iter().map(|at| range[*at].1).sum();
            range[*whole] = (range[*whole].0.max(low), range[*whole].1.min(high));
            for part in parts {
                let (rest_low, rest_high) = (low - range[*part].0, high - range[*part].1);
                let narrowed = (range[*whole].0 - rest_high, range[*whole].1 - rest_low);
                range[*part] = (range[*part].0.max(narrowed.0), range[*part].1.min(narrowed.1));
            }
        }
        if range == before {
            return range;
        }
    }
}

fn assert_safe(table: &Table, policy: Policy) -> Result<(), TestCaseError> {
    let hidden = suppress(table, policy);
    for (value, is_hidden) in table.values().iter().zip(&hidden.cells) {
        let small = (1..policy.threshold).contains(value);
        prop_assert!(!small || *is_hidden, "every small cell is hidden");
        prop_assert!(*value != 0 || !is_hidden, "zero is published");
    }
    prop_assert_eq!(determined(table, &hidden), Vec::<usize>::new(), "no sum tells a hidden cell");
    for least in [0, 1] {
        for (at, (low, high)) in ranges(table, &hidden, least).into_iter().enumerate() {
            let value = table.values()[at];
            prop_assert!(low <= value && value <= high, "the attack itself is sound");
            if hidden.cells[at] {
                prop_assert!(high - low >= policy.spread, "{at} = {value} lies in {low}..={high}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_small_cell_takes_a_square_with_it_and_margins_stay() {
    let table = sheet(&[&[36, 3, 12], &[40, 50, 60], &[9, 8, 70]]);
    let hidden = suppress(&table, Policy::default());
    assert_eq!(
        hidden.count(),
        4,
        "the cell, one in its row, one in its column, and where they cross"
    );
    assert!(hidden_at(&table, &["r0", "c1"]));
    for margin in [["r0", ""], ["", "c1"], ["", ""]] {
        assert!(!hidden_at(&table, &margin), "{margin:?}");
    }
    assert_eq!(suppress(&sheet(&[&[36, 0], &[5, 50]]), Policy::default()).count(), 0);
}

#[test]
fn two_small_cells_that_would_tell_each_other_take_a_third() {
    let table = sheet(&[&[1, 1, 80]]);
    assert!(hidden_at(&table, &["r0", "c2"]), "1 + 1 = 2 leaves nothing open");
    let table = sheet(&[&[2, 3, 80]]);
    assert!(!hidden_at(&table, &["r0", "c2"]), "2 + 3 = 5 leaves 1 to 4 open");
}

#[test]
fn a_table_with_nothing_large_hides_its_total() {
    let table = sheet(&[&[2, 1], &[0, 1]]);
    assert!(hidden_at(&table, &["", ""]));
    assert!(!hidden_at(&table, &["r1", "c0"]), "but not its zero");
}

/// Two provinces with communes, by sex.
fn country(counts: &[[i64; 2]]) -> Table {
    let communes = ["a1", "a2", "a3", "b1", "b2", "b3"];
    let mut nodes = vec![("a", ""), ("b", "")];
    nodes.extend(communes.iter().map(|commune| (*commune, &commune[..1])));
    let places = Axis::tree(&nodes).unwrap();
    let sexes = Axis::flat(&["nam", "nu"]).unwrap();
    let counts: Vec<_> = communes
        .iter()
        .zip(counts)
        .flat_map(|(commune, row)| {
            let at = places.node(commune).unwrap();
            [(vec![at, 1], row[0]), (vec![at, 2], row[1])]
        })
        .collect();
    Table::new(vec![places, sexes], counts).unwrap()
}

#[test]
fn a_commune_hides_behind_a_commune_of_its_own_province() {
    let table = country(&[[20, 2], [30, 31], [9, 8], [50, 60], [70, 80], [9, 9]]);
    assert_eq!(suppress(&table, Policy::default()).count(), 4);
    assert!(!hidden_at(&table, &["a", "nu"]) && !hidden_at(&table, &["b1", "nu"]));
}

#[test]
fn a_small_province_hides_behind_another_with_some_of_its_communes() {
    let table = country(&[[20, 2], [30, 1], [9, 0], [50, 60], [70, 80], [9, 9]]);
    assert!(hidden_at(&table, &["a", "nu"]) && hidden_at(&table, &["b", "nu"]));
    assert!(!hidden_at(&table, &["", "nu"]) && !hidden_at(&table, &["", ""]));
    assert!(!hidden_at(&table, &["a3", "nu"]), "zero is published");
}

#[test]
fn figures_that_are_no_table_are_refused() {
    let axis = || Axis::flat(&["x", "y"]).unwrap();
    let table = |counts: Vec<(Vec<usize>, i64)>| Table::new(vec![axis()], counts).map(|_| ());
    assert_eq!(table(vec![(vec![0], 1)]), Err(Refused::Place), "a total is computed, not told");
    assert_eq!(table(vec![(vec![3], 1)]), Err(Refused::Place));
    assert_eq!(table(vec![(vec![1], 1), (vec![1], 2)]), Err(Refused::Place));
    assert_eq!(table(vec![(vec![1], -1)]), Err(Refused::Amount));
    assert_eq!(table(vec![(vec![1], i64::MAX), (vec![2], 1)]), Err(Refused::Amount));
    assert_eq!(Axis::tree(&[("x", "p"), ("p", "")]), Err(Refused::Tree));
    let wide: Vec<String> = (0..1100).map(|at| format!("o{at}")).collect();
    let wide = Axis::flat(&wide.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    assert_eq!(Table::new(vec![wide.clone(), wide], []).map(|_| ()), Err(Refused::TooLarge));
}

#[test]
fn a_country_of_communes_is_done_in_a_moment() {
    let names: Vec<(String, String)> = (0..34)
        .flat_map(|p| {
            let communes = (0..98).map(move |c| (format!("p{p}c{c}"), format!("p{p}")));
            std::iter::once((format!("p{p}"), String::new())).chain(communes)
        })
        .collect();
    let nodes: Vec<(&str, &str)> = names.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let places = Axis::tree(&nodes).unwrap();
    let communes: Vec<usize> = places.leaves(0).to_vec();
    let counts = communes.iter().flat_map(|at| {
        (1..=3).map(move |option| {
            let mixed = (at * 7919 + option * 104_729) % 1009;
            (
                vec![*at, option],
                i64::try_from(if mixed % 3 == 0 { mixed % 7 } else { mixed }).unwrap(),
            )
        })
    });
    let table = Table::new(vec![places, Axis::flat(&["x", "y", "z"]).unwrap()], counts).unwrap();
    let hidden = suppress(&table, Policy::default());
    let small = table.values().iter().filter(|value| (1..5).contains(*value)).count();
    assert!(small > 1000 && hidden.count() < small * 3, "{small} small, {} hidden", hidden.count());
    assert!(!hidden.is_hidden(&table, &[0, 0]));
}

/// All tables of small numbers that agree with what is published; what of `at` they say.
fn possible(rows: [[i64; 2]; 2], hidden: &Hidden) -> Vec<std::collections::BTreeSet<i64>> {
    let mut seen = vec![std::collections::BTreeSet::new(); 9];
    let truth = sheet(&[&rows[0], &rows[1]]);
    for code in 0..12_i64.pow(4) {
        let of = |at: u32| code / 12_i64.pow(at) % 12;
        let other = sheet(&[&[of(0), of(1)], &[of(2), of(3)]]);
        let agrees = (0..9).all(|at| hidden.cells[at] || truth.values()[at] == other.values()[at]);
        if agrees {
            for (set, value) in seen.iter_mut().zip(other.values()) {
                set.insert(*value);
            }
        }
    }
    seen
}

#[test]
fn trying_every_table_tells_no_hidden_cell() {
    for rows in [[[3, 6], [7, 9]], [[1, 1], [1, 1]], [[0, 2], [9, 0]], [[4, 0], [8, 3]]] {
        let hidden = suppress(&sheet(&[&rows[0], &rows[1]]), Policy::default());
        for (at, values) in possible(rows, &hidden).iter().enumerate() {
            assert!(!hidden.cells[at] || values.len() > 1, "{rows:?}: {at} is {values:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_attack_on_rows_and_columns_succeeds(
        (width, cells) in (1_usize..5).prop_flat_map(|width| {
            (Just(width), prop::collection::vec(prop_oneof![0_i64..7, 0_i64..40], width..=width * 4))
        }),
    ) {
        let rows: Vec<&[i64]> = cells.chunks_exact(width).collect();
        assert_safe(&sheet(&rows), Policy::default())?;
        assert_safe(&sheet(&rows), Policy { threshold: 10, spread: 1 })?;
    }

    #[test]
    fn no_attack_on_provinces_and_communes_succeeds(
        cells in prop::collection::vec(prop::array::uniform2(prop_oneof![0_i64..6, 0_i64..40]), 6),
    ) {
        assert_safe(&country(&cells), Policy::default())?;
    }

    #[test]
    fn no_attack_on_three_dimensions_succeeds(cells in prop::collection::vec(prop_oneof![0_i64..6, 0_i64..40], 12)) {
        let axes = vec![
            Axis::tree(&[("p", ""), ("p1", "p"), ("p2", "p"), ("q", "")]).unwrap(),
            Axis::flat(&["nam", "nu"]).unwrap(),
            Axis::flat(&["ngheo", "khac"]).unwrap(),
        ];
        let leaves = [2, 3, 4].into_iter().flat_map(|place| {
            [1, 2].into_iter().flat_map(move |sex| [1, 2].map(|poor| vec![place, sex, poor]))
        });
        assert_safe(&Table::new(axes, leaves.zip(cells)).unwrap(), Policy::default())?;
    }
}
