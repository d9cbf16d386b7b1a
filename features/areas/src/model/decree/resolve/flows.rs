//! Old units that end: where each of their parts goes, and by which exact share.

use std::collections::{HashMap, HashSet};

use super::{Flow, Known, Meaning, Reading};
use crate::model::{
    AreaId, EventKind, Weight,
    decree::{
        share,
        table::{self, Field},
    },
};

impl Reading<'_> {
    pub(super) fn flows(&mut self, old: &AreaId, rows: &[Known], meaning: &mut Meaning) {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let mut shares = Vec::new();
        let mut stated_bases = HashSet::new();
        let begin = meaning.flows.len();
        for one in rows {
            let cell = |field| self.table.rows[one.row].cell(field).to_owned();
            let (line, new) = (self.row(one.row).0, cell(Field::New));
            if new.is_empty() {
                self.note(one.row, Field::New, "areas-decree-new-missing", &[]);
                continue;
            }
            if let Some(first) = seen.insert(new.clone(), line) {
                let args = [("line", first.to_string())];
                self.note(one.row, Field::New, "areas-decree-pair-twice", &args);
                continue;
            }
            let whole = rows.len() == 1;
            let wrong_kind = match one.kind {
                Some(EventKind::Merge | EventKind::Promote | EventKind::Equivalent) => !whole,
                Some(EventKind::Split) => whole,
                _ => false,
            };
            if wrong_kind {
                let key =
                    if whole { "areas-decree-kind-one-row" } else { "areas-decree-kind-many-rows" };
                self.note(one.row, Field::Kind, key, &[]);
            }
            let (weight, basis) = self.weight(one.row, whole);
            shares.push(weight);
            stated_bases.extend(basis);
            let flow = Flow {
                line,
                old: old.clone(),
                new,
                kind: one.kind,
                weight,
                basis,
                whole,
                row: one.row,
            };
            meaning.flows.push(flow);
        }
        if rows.len() > 1 && meaning.flows.len() - begin == rows.len() {
            self.check_shares(rows, &shares, stated_bases.len());
        }
    }

    pub(super) fn weight(
        &mut self,
        row: usize,
        whole: bool,
    ) -> (Option<Weight>, Option<&'static str>) {
        let (share_cell, basis_cell) = (
            self.row(row).cell(Field::Share).to_owned(),
            self.row(row).cell(Field::Basis).to_owned(),
        );
        let weight = share::parse(&share_cell);
        if weight.is_none() && !share_cell.is_empty() {
            self.note(
                row,
                Field::Share,
                "areas-decree-share-unread",
                &[("share", share_cell.clone())],
            );
        }
        let basis = table::basis(&basis_cell);
        if basis.is_none() && !basis_cell.is_empty() {
            self.note(
                row,
                Field::Basis,
                "areas-decree-basis-unknown",
                &[("basis", basis_cell.clone())],
            );
        }
        let all = Weight { num: 1, den: 1 };
        if whole {
            if weight.is_some_and(|weight| weight != all) {
                self.note(row, Field::Share, "areas-decree-share-of-whole", &[]);
            }
            return (Some(all), None);
        }
        if weight.is_some() && basis_cell.is_empty() {
            self.note(row, Field::Basis, "areas-decree-basis-missing", &[]);
        }
        (weight, weight.and(basis))
    }

    pub(super) fn check_shares(&mut self, rows: &[Known], shares: &[Option<Weight>], bases: usize) {
        let given: Vec<Weight> = shares.iter().copied().flatten().collect();
        let stated = rows.iter().filter(|one| !self.row(one.row).cell(Field::Share).is_empty());
        if given.is_empty() || given.len() < stated.count() {
            return;
        }
        let first = rows[0].row;
        if given.len() < shares.len() {
            let without = rows.iter().zip(shares).find(|(_, share)| share.is_none());
            let row = without.map_or(first, |(one, _)| one.row);
            self.note(row, Field::Share, "areas-decree-share-partly", &[]);
        } else if bases > 1 {
            self.note(first, Field::Basis, "areas-decree-basis-mixed", &[]);
        } else if !share::sum_to_one(&given) {
            let sum =
                share::sum(&given).map_or_else(String::new, |(num, den)| format!("{num}/{den}"));
            let lines = rows.iter().map(|one| self.row(one.row).0.to_string()).collect::<Vec<_>>();
            let args = [("sum", sum), ("lines", lines.join(", "))];
            self.note(first, Field::Share, "areas-decree-share-sum", &args);
        }
    }

    /// Whole units handed on in a ring: each takes the place of the next, and none stays.
    pub(super) fn find_rings(&mut self, meaning: &Meaning) {
        let eve = self.world.eve();
        let code_of = |id: &AreaId| self.world.unit(id)?.at(eve)?.code.clone();
        let next: HashMap<String, (&str, usize)> = meaning
            .flows
            .iter()
            .filter(|flow| flow.whole)
            .filter_map(|flow| {
                let code = code_of(&flow.old)?;
                let new = flow.new.split('.').next()?;
                (code != new).then_some((code, (new, flow.row)))
            })
            .collect();
        let mut seen: HashSet<String> = HashSet::new();
        let mut rings = Vec::new();
        for start in next.keys() {
            let mut way: Vec<&str> = Vec::new();
            let mut at = start.as_str();
            while let Some((to, _)) = next.get(at) {
                if let Some(begin) = way.iter().position(|code| *code == at) {
                    rings.push(
                        way[begin..].iter().map(|code| (*code).to_owned()).collect::<Vec<_>>(),
                    );
                    break;
                }
                if !seen.insert(at.to_owned()) {
                    break;
                }
                way.push(at);
                at = to;
            }
        }
        for ring in rings {
            let rows: Vec<usize> = ring.iter().filter_map(|code| Some(next.get(code)?.1)).collect();
            if let Some(row) = rows.into_iter().min() {
                self.note(row, Field::New, "areas-decree-ring", &[("codes", ring.join(" → "))]);
            }
        }
    }
}
