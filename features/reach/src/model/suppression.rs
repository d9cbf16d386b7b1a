//! Small cells: what somebody above the commune is not shown, so that no single person can be read
//! out of a table, neither from a cell nor from a total minus the rest.
//!
//! One column of numbers hangs on a tree: country → provinces → communes. Which of them are hidden is
//! decided for the whole tree at once, so that two pages never give away together what each hides.

use std::collections::BTreeMap;

/// Fewer persons than this are a small cell (DESIGN §4.6).
pub const SMALL: i64 = 5;

/// True for a number that is neither nobody nor many.
pub fn is_small(people: i64) -> bool {
    people > 0 && people < SMALL
}

/// One column of figures, by province and commune.
pub type Column = BTreeMap<String, BTreeMap<String, i64>>;

/// What must not be shown of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The sum of everything.
    pub country: bool,
    /// By province.
    pub provinces: BTreeMap<String, bool>,
    /// By province and commune.
    pub communes: BTreeMap<String, BTreeMap<String, bool>>,
}

impl Hidden {
    /// True when the province's figure is hidden.
    pub fn province(&self, id: &str) -> bool {
        self.provinces.get(id).copied().unwrap_or(false)
    }

    /// True when the commune's figure is hidden.
    pub fn commune(&self, province: &str, id: &str) -> bool {
        self.communes.get(province).and_then(|all| all.get(id)).copied().unwrap_or(false)
    }
}

/// Decides what to hide.
///
/// 1. A figure from 1 to 4 is hidden, and with it every 0 of the same table: a hidden cell could be either.
/// 2. One larger cell of the table is hidden too, always, so that total minus the rest leaves two unknowns.
/// 3. Where there is no larger cell, the total is hidden, and counts as small in the table above.
/// 4. Where a total is hidden, at least one of its parts is, or their sum would tell it.
pub fn hide(column: &Column) -> Hidden {
    let mut hidden = Hidden::default();
    let sums: Vec<i64> = column.values().map(|communes| communes.values().sum()).collect();
    let forced: Vec<bool> = column.values().map(|communes| all_small(communes.values())).collect();
    let country_small = is_small(sums.iter().sum()) || all_small_or_forced(&sums, &forced);
    let provinces = hide_table(&sums, &forced, country_small);
    hidden.country = country_small;
    for ((province, communes), is_hidden) in column.iter().zip(provinces) {
        let cells: Vec<i64> = communes.values().copied().collect();
        let below = hide_table(&cells, &vec![false; cells.len()], is_hidden);
        hidden.provinces.insert(province.clone(), is_hidden);
        hidden.communes.insert(province.clone(), communes.keys().cloned().zip(below).collect());
    }
    hidden
}

/// True when something is small and nothing large enough stands beside it to hide behind.
fn all_small<'a>(cells: impl Iterator<Item = &'a i64>) -> bool {
    let cells: Vec<i64> = cells.copied().collect();
    cells.iter().any(|cell| is_small(*cell)) && cells.iter().all(|cell| *cell < SMALL)
}

fn all_small_or_forced(cells: &[i64], forced: &[bool]) -> bool {
    let small = |at: usize| forced[at] || is_small(cells[at]);
    let large = |at: usize| !forced[at] && cells[at] >= SMALL;
    (0..cells.len()).any(small) && !(0..cells.len()).any(large)
}

/// Which cells of one table are hidden; `forced` ones are, whatever they hold.
fn hide_table(cells: &[i64], forced: &[bool], total_hidden: bool) -> Vec<bool> {
    let any = (0..cells.len()).any(|at| forced[at] || is_small(cells[at]));
    let mut hidden: Vec<bool> =
        (0..cells.len()).map(|at| any && (forced[at] || cells[at] < SMALL)).collect();
    if any || total_hidden {
        // The first in the table's own order, not the smallest: the choice must not speak of its size.
        if let Some(at) = hidden.iter().position(|is_hidden| !is_hidden) {
            hidden[at] = true;
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(provinces: &[&[i64]]) -> Column {
        let communes = |cells: &[i64]| {
            cells.iter().enumerate().map(|(at, n)| (format!("c{at}"), *n)).collect()
        };
        provinces
            .iter()
            .enumerate()
            .map(|(at, cells)| (format!("p{at}"), communes(cells)))
            .collect()
    }

    #[test]
    fn one_small_cell_takes_a_larger_one_with_it() {
        let hidden = hide(&column(&[&[36, 3, 12], &[40, 50]]));
        assert!(hidden.commune("p0", "c1"), "the small one");
        assert!(hidden.commune("p0", "c0") && !hidden.commune("p0", "c2"), "and one beside it");
        assert!(!hidden.province("p0") && !hidden.country);
        assert!(!hidden.commune("p1", "c0"));
    }

    #[test]
    fn a_province_of_small_communes_is_hidden_behind_another() {
        let hidden = hide(&column(&[&[2, 3, 0], &[40, 50]]));
        assert!(hidden.province("p0") && hidden.province("p1") && !hidden.country);
        assert!(hidden.commune("p1", "c0"), "its parts must not tell its sum");
    }

    #[test]
    fn nothing_small_hides_nothing() {
        let hidden = hide(&column(&[&[36, 0, 12], &[40, 50]]));
        assert_eq!(
            hidden.communes.values().flat_map(BTreeMap::values).filter(|is| **is).count(),
            0
        );
        assert!(!hidden.country);
    }

    /// What an attacker who sees every page can conclude: each hidden number lies in a range, and sums
    /// that are shown (and what must be true of parts of sums) make ranges narrower, until nothing moves.
    fn attack(column: &Column, hidden: &Hidden) -> Vec<(String, i64, i64, i64)> {
        const ANY: i64 = 1_000_000;
        let mut names: Vec<String> = vec!["vn".to_owned()];
        let mut truth = vec![0];
        let mut range: Vec<(i64, i64)> = Vec::new();
        let mut sums: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
        let show = |value: i64, is_hidden: bool| if is_hidden { (0, ANY) } else { (value, value) };
        for (province, communes) in column {
            let at = names.len();
            let sum: i64 = communes.values().sum();
            names.push(province.clone());
            truth.push(sum);
            sums[0].1.push(at);
            let first = at + 1;
            sums.push((at, (first..first + communes.len()).collect()));
            for (commune, value) in communes {
                names.push(format!("{province}/{commune}"));
                truth.push(*value);
            }
        }
        truth[0] = column.values().flat_map(BTreeMap::values).sum();
        for (at, name) in names.iter().enumerate() {
            let is_hidden = match name.split_once('/') {
                Some((province, commune)) => hidden.commune(province, commune),
                None if name == "vn" => hidden.country,
                None => hidden.province(name),
            };
            range.push(show(truth[at], is_hidden));
        }
        loop {
            let before = range.clone();
            for (whole, parts) in &sums {
                let low: i64 = parts.iter().map(|at| range[*at].0).sum();
                let high: i64 = parts.iter().map(|at| range[*at].1).sum();
                range[*whole] = (range[*whole].0.max(low), range[*whole].1.min(high));
                for part in parts {
                    let (others_low, others_high) = (low - range[*part].0, high - range[*part].1);
                    let at_least = range[*whole].0 - others_high;
                    let at_most = range[*whole].1 - others_low;
                    range[*part] = (range[*part].0.max(at_least), range[*part].1.min(at_most));
                }
            }
            if range == before {
                break;
            }
        }
        let told = names.into_iter().zip(truth).zip(range);
        told.map(|((name, value), (low, high))| (name, value, low, high)).collect()
    }

    proptest! {
        #[test]
        fn no_small_cell_can_be_recovered_from_totals(
            provinces in prop::collection::vec(prop::collection::vec(0i64..12, 1..6), 1..5),
        ) {
            let slices: Vec<&[i64]> = provinces.iter().map(Vec::as_slice).collect();
            let column = column(&slices);
            let hidden = hide(&column);
            for (name, value, low, high) in attack(&column, &hidden) {
                prop_assert!(low <= value && value <= high, "the attack itself is sound: {name}");
                if is_small(value) {
                    prop_assert!(high > low, "{name} = {value} is read from the totals");
                }
            }
        }

        #[test]
        fn the_choice_of_a_companion_does_not_tell_sizes(small in 1i64..5, one in 5i64..50, two in 5i64..50) {
            let hidden = hide(&column(&[&[one, small, two]]));
            prop_assert!(hidden.commune("p0", "c0") && !hidden.commune("p0", "c2"));
        }
    }
}
