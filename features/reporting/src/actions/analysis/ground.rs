//! Where a question is answered: the units wanted on the frame's day, and for each period the way from the
//! units that reported to them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use areas::{
    Area, AreaId, AreaLevel,
    view::{Bases, Basis, Conversion, Figure, Grade, Law, Quality, Seen, Span, Why},
};
use kernel::{
    clock::Day,
    db::Tx,
    problem::{Failure, Outcome},
};

use super::by_unit::{ByUnit, Fact, Units};
use crate::model::{
    Period,
    analysis::{Carried, Gap, Placed, Sum, adds},
};

/// How figures of a period come to the units wanted.
enum Way {
    /// The units wanted reported themselves.
    Direct,
    /// Other units reported, or both did within a period that was cut.
    Through {
        /// Index of the conversion.
        conversion: usize,
        /// How much of the period the units wanted existed, in their order.
        shares: Vec<Share>,
    },
}

/// How much of a period a unit existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// All of it.
    Throughout,
    /// It began within the period, and so reported the rest of it itself.
    Begun,
    /// It ended within the period, and so reported the first part of it itself.
    Ended,
    /// Nothing.
    None,
}

impl Share {
    /// True when the unit reported a part of the period itself.
    const fn is_cut(self) -> bool {
        matches!(self, Self::Begun | Self::Ended)
    }
}

/// The units of an answer and the ways to them.
pub struct Ground {
    /// The units wanted; their place here is their number.
    pub places: Vec<Placed>,
    units: Units,
    /// Their rung.
    pub level: AreaLevel,
    /// The day whose units they are.
    pub frame: Day,
    /// True when the whole country is asked for: then every province is among the units.
    whole: bool,
    ways: BTreeMap<String, Way>,
    conversions: Vec<Made>,
}

struct Made {
    conversion: Arc<Conversion>,
    /// The units that reach into each unit wanted, all by their numbers.
    into: Vec<Vec<usize>>,
}

impl Ground {
    /// Lays it out: one statement when no unit changed, more for each day whose units were others.
    pub async fn lay(
        tx: &mut Tx,
        area: &Area,
        level: AreaLevel,
        frame: Day,
        periods: &[Period],
    ) -> Outcome<Self> {
        let first = periods.iter().map(|period| period.from).min().unwrap_or(frame).min(frame);
        let end = frame.plus_days(1);
        let last = periods.iter().map(|period| period.until).max().unwrap_or(end).max(end);
        // Who is asked for is told by the frame's day; how long each of them existed, by its whole life: one that
        // only hung elsewhere in the period reported for all of it.
        let then = areas::find_at(tx, &area.id, frame).await?;
        let scope = then.map_or_else(|| area.path.clone(), |then| then.path);
        let mut units = Units::default();
        let mut untils: Vec<Day> = Vec::new();
        let mut places: Vec<Placed> = Vec::new();
        for unit in areas::units_between(tx, level, &scope, frame, end).await? {
            units.number(&unit.id);
            untils.push(unit.ends.min(last));
            let title = areas::model::capitalised(&unit.full_name);
            let from = unit.begins.max(first);
            places.push(Placed { id: unit.id, path: unit.path, title, from });
        }
        let mut it = Self {
            places,
            units,
            level,
            frame,
            whole: area.level == AreaLevel::Country,
            ways: BTreeMap::new(),
            conversions: Vec::new(),
        };
        for period in periods {
            let way = if level == AreaLevel::Country {
                Way::Direct
            } else {
                it.way(tx, period, &untils).await?
            };
            it.ways.insert(period.id().to_owned(), way);
        }
        Ok(it)
    }

    async fn way(&mut self, tx: &mut Tx, period: &Period, untils: &[Day]) -> Outcome<Way> {
        let share = |(place, until): (&Placed, &Day)| {
            if place.from <= period.from && *until >= period.until {
                Share::Throughout
            } else if place.from >= period.until || *until <= period.from {
                Share::None
            } else if place.from > period.from {
                Share::Begun
            } else {
                Share::Ended
            }
        };
        let shares: Vec<Share> = self.places.iter().zip(untils).map(share).collect();
        if shares.iter().all(|share| *share == Share::Throughout) {
            return Ok(Way::Direct);
        }
        let born = shares.contains(&Share::Begun);
        // Units that began after the period are made of those that reported at its end.
        let later = self.places.iter().any(|place| place.from >= period.until);
        let day = if born && !later { period.from } else { period.last_day() };
        let conversion = self.conversion(tx, day).await?;
        Ok(Way::Through { conversion, shares })
    }

    /// The conversion from a day, made once; days that are alike share one.
    async fn conversion(&mut self, tx: &mut Tx, day: Day) -> Outcome<usize> {
        let span = Span { from: day, to: self.frame, of: self.level, by: self.level };
        let conversion = areas::flow(tx, span).await?;
        if let Some(at) =
            self.conversions.iter().position(|made| made.conversion.span == conversion.span)
        {
            return Ok(at);
        }
        let mut into = vec![Vec::new(); self.places.len()];
        for (source, target, _) in conversion.flows() {
            let wanted = target.and_then(|target| self.units.known(&target.id));
            if let Some(from) = wanted.and_then(|no| into.get_mut(no)) {
                from.push(self.units.number(&source.id));
            }
        }
        self.conversions.push(Made { conversion, into });
        Ok(self.conversions.len() - 1)
    }

    /// Every unit whose reports are needed: those wanted, in their order, then those that reach into them.
    pub const fn units(&self) -> &Units {
        &self.units
    }

    /// True when the units wanted reported every period themselves.
    pub fn is_direct(&self) -> bool {
        self.ways.values().all(|way| matches!(way, Way::Direct))
    }

    /// The conversion a period goes through, when it does.
    pub fn conversion_of(&self, period: &str) -> Option<&Conversion> {
        match self.ways.get(period)? {
            Way::Direct => None,
            Way::Through { conversion, .. } => {
                self.conversions.get(*conversion).map(|made| made.conversion.as_ref())
            }
        }
    }

    /// Brings what was reported to the units wanted: each is given its sum, in their order.
    pub fn carry(
        &self,
        period: &str,
        law: Law,
        facts: &ByUnit,
        mut each: impl FnMut(usize, Sum),
    ) -> Outcome<()> {
        let places = 0..self.places.len();
        if self.level == AreaLevel::Country {
            places.for_each(|no| each(no, whole(law, facts)));
            return Ok(());
        }
        let way = self.ways.get(period);
        let strays = self.strays(law, way, facts);
        let mut told = |no: usize, sum: Sum| {
            let is_not_owed = facts.is_owed_known && sum.expected == 0;
            each(no, Sum { is_not_owed, ..flagged(sum, strays) });
        };
        match way {
            None | Some(Way::Direct) => {
                places.for_each(|no| told(no, self.own(law, facts.at(no))));
            }
            Some(Way::Through { conversion, shares }) => {
                let all = self.through(&self.conversions[*conversion], shares, law, facts)?;
                all.into_iter().enumerate().for_each(|(no, sum)| told(no, sum));
            }
        }
        Ok(())
    }

    /// What was reported in provinces that neither are asked for nor lead to one of those that are.
    fn strays(&self, law: Law, way: Option<&Way>, facts: &ByUnit) -> i128 {
        if self.level != AreaLevel::Province || !self.whole || !adds(law) {
            return 0;
        }
        let wanted = |id: &AreaId| self.units.known(id).is_some_and(|no| no < self.places.len());
        let country = AreaId::country();
        let carried = |id: &AreaId| match way {
            Some(Way::Through { conversion, .. }) => {
                self.conversions[*conversion].conversion.source(id).is_some()
            }
            _ => false,
        };
        facts
            .iter(&self.units)
            .filter(|(id, _)| !wanted(id) && **id != country && !carried(id))
            .filter_map(|(_, fact)| fact.amount.map(i128::from))
            .sum()
    }

    /// A unit's own figure. A province's is a sum of communes already.
    fn own(&self, law: Law, fact: Option<&Fact>) -> Sum {
        let Some(fact) = fact else { return Sum::default() };
        let several = self.level != AreaLevel::Commune && fact.reported > 1;
        let carried = fact.amount.map(|amount| {
            if several && !adds(law) {
                Carried::gap(Gap::NotAdditive)
            } else {
                Carried::exact(amount.into())
            }
        });
        Sum { carried, ..counts([fact]) }
    }

    fn through(
        &self,
        made: &Made,
        shares: &[Share],
        law: Law,
        facts: &ByUnit,
    ) -> Outcome<Vec<Sum>> {
        // One reported number has neither a denominator nor a count of observations with it.
        let law = if adds(law) { law } else { Law::NonAdditive };
        let told = |amount: i64| match law {
            Law::NonAdditive => Figure::Text(amount.to_string()),
            _ => Figure::Amount(amount.into()),
        };
        let figures: HashMap<AreaId, Figure> = facts
            .iter(&self.units)
            .filter(|(id, _)| made.conversion.source(id).is_some())
            .filter_map(|(id, fact)| Some((id.clone(), told(fact.amount?))))
            .collect();
        let fault = |error| Failure::fault("carry figures to another geography", error);
        let view = made.conversion.apply(law, &figures).map_err(fault)?;
        let one = |(no, place): (usize, &Placed)| {
            let own = facts.at(no);
            let is_cut = shares[no].is_cut();
            // Whoever existed on the conversion's day reported for itself: its figure does not come twice.
            let itself = is_cut && made.conversion.source(&place.id).is_some();
            if itself || shares[no] == Share::Throughout {
                return self.own(law, own);
            }
            let from: Vec<&Fact> = made.into[no].iter().filter_map(|no| facts.at(*no)).collect();
            let any = from.iter().any(|fact| fact.reported > 0);
            // Where nobody knows who was there before or came after, nobody can say that they have not reported either.
            // Who has been there since could have, and who reported the part in which it was there has.
            let has = own.is_some_and(|fact| fact.reported > 0 || fact.no_data > 0);
            let answers = shares[no] == Share::Begun || (is_cut && has);
            let told = |seen: &&Seen| any || (!answers && is_unjoined(seen));
            let carried = view.seen(&place.id).filter(told).map(|seen| match (&seen.figure, law) {
                (Some(Figure::Text(text)), _) => {
                    text.parse().map_or(Carried::gap(Gap::NotAdditive), Carried::exact)
                }
                _ => Carried::seen(seen),
            });
            let before = Sum { carried, ..counts(from) };
            // Units wanted owe what their sources owe, whether these reported or not; all of them where nobody knows.
            let owing = i64::try_from(made.into[no].len()).unwrap_or(i64::MAX);
            let before = if self.level == AreaLevel::Commune && !facts.is_owed_known {
                Sum { expected: owing, ..before }
            } else {
                before
            };
            if !is_cut {
                // Communes that outlived their province bring their figures along.
                return match own.filter(|_| self.level == AreaLevel::Province) {
                    Some(_) => before.plus(self.own(law, own)),
                    None => before,
                };
            }
            // A stock is what stood at the end: the later report. Counts of two parts of a period add up.
            let after = self.own(law, own);
            match (law, after.carried, before.carried) {
                (Law::Additive, Some(_), Some(_)) | (_, None, _) => after.plus(before),
                _ => after,
            }
        };
        Ok(self.places.iter().enumerate().map(one).collect())
    }

    /// True when a unit wanted was there in a period, or in a part of it, and so could report it itself.
    pub fn reports_itself(&self, period: &str, place: &AreaId) -> bool {
        let no = self.units.known(place).filter(|no| *no < self.places.len());
        match (self.ways.get(period), no) {
            (Some(Way::Through { shares, .. }), Some(no)) => shares[no] != Share::None,
            _ => true,
        }
    }

    /// What reached a unit wanted, and how: for explanations.
    pub fn flows_into(&self, period: &str, place: &AreaId) -> Vec<AreaId> {
        let no = self.units.known(place).filter(|no| *no < self.places.len());
        let (Some(Way::Through { conversion, shares }), Some(no)) = (self.ways.get(period), no)
        else {
            return Vec::new();
        };
        let itself =
            shares[no].is_cut() && self.conversions[*conversion].conversion.source(place).is_some();
        if shares[no] == Share::Throughout || itself {
            return Vec::new();
        }
        let into = &self.conversions[*conversion].into[no];
        into.iter().map(|source| self.units.id(*source).clone()).collect()
    }
}

/// True when the map does not join a unit, or not all of it, with the units that reported.
fn is_unjoined(seen: &Seen) -> bool {
    matches!(seen.quality, Quality::Undefined { why: Why::NoSource | Why::SourceUnknown, .. })
}

/// Nobody can say which unit has what was reported elsewhere, so each is told as at least so much.
fn flagged(mut sum: Sum, strays: i128) -> Sum {
    if strays != 0
        && let Some(carried) = &mut sum.carried
        && let Some(amount) = carried.amount
    {
        let (low, high) = carried.bounds.unwrap_or((amount, amount));
        carried.bounds = Some((low.min(low + strays), high.max(high + strays)));
        carried.grade = carried.grade.max(Grade::Estimated);
        carried.bases = carried.bases.and(Bases::of(Basis::Other));
    }
    sum
}

fn counts<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Sum {
    let mut sum = Sum::default();
    for fact in facts {
        sum.reported += fact.reported;
        sum.no_data += fact.no_data;
        sum.expected += fact.expected;
        sum.approved += fact.approved;
    }
    sum
}

/// The country: everything together, in whatever units it was reported.
fn whole(law: Law, facts: &ByUnit) -> Sum {
    let sum = counts(facts.values());
    let amounts: Vec<i128> =
        facts.values().filter_map(|fact| fact.amount.map(i128::from)).collect();
    let carried = if amounts.is_empty() {
        None
    } else if adds(law) || sum.reported == 1 {
        Some(Carried::exact(amounts.iter().sum()))
    } else {
        Some(Carried::gap(Gap::NotAdditive))
    };
    Sum { carried, ..sum }
}
