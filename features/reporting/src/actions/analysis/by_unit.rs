//! What units reported, by unit. An answer about all communes looks two hundred thousand figures up: its units have
//! numbers, so that none of these lookups compares names.

use std::collections::{BTreeMap, HashMap};

use areas::AreaId;

/// What one unit reported, or its province's count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fact {
    /// The sum; none when those who reported have no data.
    pub amount: Option<i64>,
    /// Units in it.
    pub reported: i64,
    /// Units without data.
    pub no_data: i64,
    /// Units owing it.
    pub expected: i64,
    /// Units approved.
    pub approved: i64,
}

impl Fact {
    /// Adds another, or takes it away (`sign` -1).
    pub fn add(&mut self, other: &Self, sign: i64) {
        self.reported += sign * other.reported;
        self.no_data += sign * other.no_data;
        self.approved += sign * other.approved;
        let sum = self.amount.unwrap_or(0) + sign * other.amount.unwrap_or(0);
        self.amount = (self.reported > 0).then_some(sum);
    }
}

/// Units that an answer needs, each with a number.
#[derive(Debug, Default)]
pub struct Units {
    ids: Vec<AreaId>,
    numbers: HashMap<AreaId, usize>,
}

impl Units {
    /// A unit's number, given when it is asked for first.
    pub fn number(&mut self, id: &AreaId) -> usize {
        if let Some(known) = self.known(id) {
            return known;
        }
        self.ids.push(id.clone());
        self.numbers.insert(id.clone(), self.ids.len() - 1);
        self.ids.len() - 1
    }

    /// A unit's number; none for units that the answer does not need.
    pub fn known(&self, id: &AreaId) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The unit of a number that was given.
    pub fn id(&self, number: usize) -> &AreaId {
        &self.ids[number]
    }

    /// All of them, in the order of their numbers.
    pub fn ids(&self) -> &[AreaId] {
        &self.ids
    }
}

/// What units reported in one cell for one period: those that the answer needs by their number, others by their id.
#[derive(Clone, Debug, Default)]
pub struct ByUnit {
    known: Vec<Option<Fact>>,
    others: BTreeMap<AreaId, Fact>,
    /// True when it is known who owes it: then `expected` is, of every unit.
    pub is_owed_known: bool,
}

impl ByUnit {
    /// Of the unit with a number.
    pub fn at(&self, number: usize) -> Option<&Fact> {
        self.known.get(number)?.as_ref()
    }

    /// Of a unit.
    pub fn of(&self, units: &Units, id: &AreaId) -> Option<&Fact> {
        match units.known(id) {
            Some(number) => self.at(number),
            None => self.others.get(id),
        }
    }

    /// Says what the unit with a number reported.
    pub fn put(&mut self, number: usize, fact: Fact) {
        *self.place(number) = Some(fact);
    }

    /// Of a unit, for changing: nothing so far when it is not there.
    pub fn entry(&mut self, units: &Units, id: &AreaId) -> &mut Fact {
        match units.known(id) {
            Some(number) => self.place(number).get_or_insert_default(),
            None => self.others.entry(id.clone()).or_default(),
        }
    }

    /// Counts everybody who reported among those who owe it.
    pub fn expect_who_reported(&mut self) {
        for fact in self.known.iter_mut().flatten().chain(self.others.values_mut()) {
            if fact.reported + fact.no_data > 0 {
                fact.expected = fact.expected.max(1);
            }
        }
    }

    /// Forgets what a unit reported.
    pub fn remove(&mut self, units: &Units, id: &AreaId) {
        match units.known(id) {
            Some(number) => *self.place(number) = None,
            None => {
                self.others.remove(id);
            }
        }
    }

    /// Everything.
    pub fn values(&self) -> impl Iterator<Item = &Fact> {
        self.known.iter().flatten().chain(self.others.values())
    }

    /// Everything, with whose it is.
    pub fn iter<'f>(&'f self, units: &'f Units) -> impl Iterator<Item = (&'f AreaId, &'f Fact)> {
        let known = self.known.iter().zip(units.ids());
        known.filter_map(|(fact, id)| Some((id, fact.as_ref()?))).chain(&self.others)
    }

    fn place(&mut self, number: usize) -> &mut Option<Fact> {
        if self.known.len() <= number {
            self.known.resize(number + 1, None);
        }
        &mut self.known[number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_answer_needs_and_what_it_does_not_is_found_the_same_way() {
        let id = |text: &str| AreaId::parse(text).expect("an id");
        let (lao_cai, ha_giang, bac_kan) = (id("15.2025"), id("02.2024"), id("06.2024"));
        let mut units = Units::default();
        assert_eq!(
            (units.number(&lao_cai), units.number(&ha_giang), units.number(&lao_cai)),
            (0, 1, 0)
        );
        let mut facts = ByUnit::default();
        facts.put(1, Fact { reported: 2, ..Fact::default() });
        for province in [&lao_cai, &ha_giang, &bac_kan] {
            facts.entry(&units, province).reported += 5;
        }
        let told = |facts: &ByUnit, units: &Units| -> Vec<(String, i64)> {
            facts.iter(units).map(|(id, fact)| (id.to_string(), fact.reported)).collect()
        };
        let all = [("15.2025", 5), ("02.2024", 7), ("06.2024", 5)]
            .map(|(id, count)| (id.to_owned(), count));
        assert_eq!(told(&facts, &units), all);
        assert_eq!(facts.values().count(), 3);
        facts.remove(&units, &ha_giang);
        facts.remove(&units, &bac_kan);
        assert_eq!(told(&facts, &units), all[..1]);
        assert!(facts.of(&units, &ha_giang).is_none() && facts.of(&units, &bac_kan).is_none());
        assert_eq!(facts.of(&units, &lao_cai).map(|fact| fact.reported), Some(5));
    }
}
