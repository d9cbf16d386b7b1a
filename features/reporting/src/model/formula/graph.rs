//! Indicators that are computed from indicators: in which order, and when never.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ids::IndicatorId;

/// Indicators that need each other: each needs the next, and the last is the first again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<IndicatorId>);

/// Indicators in an order in which each comes after what it is computed from. `uses` says what each names;
/// what is named but unknown is left out (units and readings tell of it).
pub fn order(
    uses: &BTreeMap<IndicatorId, BTreeSet<IndicatorId>>,
) -> Result<Vec<IndicatorId>, Cycle> {
    let mut ordered: Vec<IndicatorId> = Vec::with_capacity(uses.len());
    let mut done: BTreeSet<&IndicatorId> = BTreeSet::new();
    for start in uses.keys() {
        // The way from `start` to here, and what is still to be looked at below each step of it.
        let mut way: Vec<(&IndicatorId, Vec<&IndicatorId>)> = Vec::new();
        let mut on_way = BTreeSet::from([start]);
        let below = |id: &IndicatorId| uses.get(id).map(|all| all.iter().rev().collect());
        if !done.contains(start) {
            way.push((start, below(start).unwrap_or_default()));
        }
        while let Some((here, left)) = way.last_mut() {
            let Some(next) = left.pop() else {
                done.insert(here);
                on_way.remove(here);
                ordered.push((*here).clone());
                way.pop();
                continue;
            };
            if on_way.contains(next) {
                let from = way.iter().position(|(id, _)| *id == next).unwrap_or_default();
                let mut cycle: Vec<_> = way[from..].iter().map(|(id, _)| (*id).clone()).collect();
                cycle.push(next.clone());
                return Err(Cycle(cycle));
            }
            if let (false, Some(below)) = (done.contains(next), below(next)) {
                on_way.insert(next);
                way.push((next, below));
            }
        }
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<IndicatorId, BTreeSet<IndicatorId>> {
        let id = |text: &str| IndicatorId::parse(text).unwrap();
        edges.iter().map(|(a, uses)| (id(a), uses.iter().map(|b| id(b)).collect())).collect()
    }

    #[test]
    fn each_comes_after_what_it_needs() {
        let ordered = order(&graph(&[("A", &["C", "B"]), ("B", &["C", "X"]), ("C", &[])])).unwrap();
        let names: Vec<&str> = ordered.iter().map(IndicatorId::as_str).collect();
        assert_eq!(names, ["C", "B", "A"], "X is unknown here and left out");
    }

    #[test]
    fn a_cycle_is_told_with_its_path() {
        let told = |edges| order(&graph(edges)).unwrap_err().0;
        let path = told(&[("A", &["B"]), ("B", &["C"]), ("C", &["D", "B"]), ("D", &[])]);
        assert_eq!(path.iter().map(IndicatorId::as_str).collect::<Vec<_>>(), ["B", "C", "B"]);
        assert_eq!(told(&[("A", &["A"])]).len(), 2);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let id = |n: usize| IndicatorId::parse(&format!("I{n:06}")).unwrap();
        let chain = (0..50_000).map(|n| (id(n), BTreeSet::from([id(n + 1)]))).collect();
        assert_eq!(order(&chain).unwrap().first(), Some(&id(49_999)));
    }
}
